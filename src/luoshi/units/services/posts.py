"""Acts on posts（岗位）: set up, seat, unseat, hand over, stand in; each one entry."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q

from luoshi.accounts.models import User
from luoshi.ledger import services as ledger
from luoshi.rules.permissions import Actor, Role
from luoshi.rules.refusals import Refused, declare, gettext_noop
from luoshi.units import events
from luoshi.units.models import Deputyship, HandOver, Holding, Post, RoleChoice, Unit
from luoshi.units.queries import handover_list
from luoshi.units.services._acts import after_of, day_of, lock_post, require_administrator, require_standing

_ = gettext_noop

declare(
    409,
    post_ref_in_use=_("The number %(ref)s already belongs to another post."),
    post_not_in_use=_("The post %(ref)s is no longer in use."),
    post_is_held=_("%(ref)s is held by somebody else in that time; end that holding or hand the post over."),
    post_is_vacant=_("Nobody holds %(ref)s on %(on)s."),
    same_holder=_("The post %(ref)s is already held by this person."),
    deputy_twice=_("%(deputy)s already stands in for %(principal)s in that time."),
    deputy_in_circle=_("%(deputy)s and %(principal)s cannot stand in for each other in the same time."),
)


@dataclass(frozen=True, slots=True)
class PostSpec:
    """A post to be set up; an empty ``ref`` is filled from the unit's code and the role."""

    unit_id: int
    title: str
    role: str
    ref: str = ""
    contact: str = ""


@dataclass(frozen=True, slots=True)
class Seating:
    """A person who takes a post from a day."""

    post_ref: str
    user_id: int
    from_on: dt.date
    until_on: dt.date | None = None


def create_posts(*, actor: Actor, at: dt.datetime, specs: Sequence[PostSpec]) -> list[Post]:
    """Set up posts（设立岗位）in one act; the number of statements does not grow with their count.

    Raises:
        Refused: ``administrators_only``, ``not_found``, ``unit_closed``, ``post_ref_in_use``, ``bad_input``.
    """
    with transaction.atomic():
        units = Unit.objects.select_related("area").in_bulk({spec.unit_id for spec in specs})
        wanted: list[PostSpec] = []
        for spec in specs:
            unit = units.get(spec.unit_id)
            if unit is None:
                raise Refused("not_found")
            require_administrator(actor, unit)
            require_standing(unit, day_of(at))
            if spec.role not in RoleChoice.values:
                raise Refused("bad_input", field="role", problem=", ".join(RoleChoice.values))
            if not spec.title.strip() or len(spec.title) > 80:
                raise Refused("bad_input", field="title", problem="1–80")
            if len(spec.contact) > 120 or len(spec.ref) > 64:
                raise Refused("bad_input", field="contact", problem="≤ 120")
            wanted.append(spec)
        stems = {_stem(units[spec.unit_id], spec.role) for spec in wanted if not spec.ref}
        taken = set(Post.objects.filter(unit_id__in=units).values_list("ref", flat=True))
        taken |= set(Post.objects.filter(ref__in=stems | {spec.ref for spec in wanted}).values_list("ref", flat=True))
        posts = []
        for spec in wanted:
            ref = spec.ref or _free_ref(_stem(units[spec.unit_id], spec.role), taken)
            if ref in taken:
                raise Refused("post_ref_in_use", ref=ref)
            taken.add(ref)
            posts.append(
                Post(
                    ref=ref,
                    unit=units[spec.unit_id],
                    title=spec.title.strip(),
                    role=spec.role,
                    contact=spec.contact.strip(),
                )
            )
        Post.objects.bulk_create(posts, batch_size=1000)
        ledger.append(
            events.PostsCreated(refs=tuple(post.ref for post in posts)),
            actor=actor,
            at=at,
            after=after_of(posts),
            subjects=tuple(post.ledger_key for post in posts),
        )
    return posts


def _stem(unit: Unit, role: str) -> str:
    where = unit.code or unit.area.code or f"U{unit.pk}"
    desk = f"-{unit.standard_key}" if unit.standard_key else ("" if unit.is_area else f"-U{unit.pk}")
    return f"{where}{desk}-{role}"


def _free_ref(stem: str, taken: set[str]) -> str:
    number, ref = 1, stem
    while ref in taken:
        number += 1
        ref = f"{stem}-{number}"
    return ref


def create_post(
    *, actor: Actor, at: dt.datetime, unit_id: int, title: str, role: str, ref: str = "", contact: str = ""
) -> Post:
    """Set up one post（设立岗位）; see :func:`create_posts` for what is refused."""
    return create_posts(actor=actor, at=at, specs=[PostSpec(unit_id, title, role, ref, contact)])[0]


def close_post(*, actor: Actor, at: dt.datetime, post_ref: str, reason: str, version: int | None = None) -> Post:
    """Take a vacant post out of use（撤销岗位）.

    Raises:
        Refused: ``administrators_only``, ``not_found``, ``stale_version``, ``post_is_held``, ``reason_missing``.
    """
    with transaction.atomic():
        post = lock_post(post_ref, version=version)
        require_administrator(actor, post.unit)
        if not reason.strip():
            raise Refused("reason_missing")
        if Holding.objects.on(day_of(at)).filter(post=post).exists():
            raise Refused("post_is_held", ref=post.ref)
        post.active = False
        post.version += 1
        post.save()
        ledger.append(
            events.PostClosed(post=post.ref, reason=reason.strip()),
            actor=actor,
            at=at,
            after=after_of([post]),
            subjects=(post.ledger_key,),
        )
    return post


def edit_contact(*, actor: Actor, at: dt.datetime, post_ref: str, contact: str, version: int | None = None) -> Post:
    """Change the official contact of a post（更新联系方式）; its holder may do it too.

    Raises:
        Refused: ``administrators_only``, ``not_found``, ``stale_version``, ``bad_input``.
    """
    with transaction.atomic():
        post = lock_post(post_ref, version=version)
        if actor.effective.post_ref != post.ref:
            require_administrator(actor, post.unit)
        if len(contact.strip()) > 120:
            raise Refused("bad_input", field="contact", problem="≤ 120")
        post.contact = contact.strip()
        post.version += 1
        post.save()
        ledger.append(
            events.ContactEdited(post=post.ref), actor=actor, at=at, after=after_of([post]), subjects=(post.ledger_key,)
        )
    return post


def _require_in_use(post: Post) -> None:
    if not post.active:
        raise Refused("post_not_in_use", ref=post.ref)


def _in_order(from_on: dt.date, until_on: dt.date | None) -> None:
    if until_on is not None and until_on < from_on:
        raise Refused("dates_out_of_order", later=until_on.isoformat(), earlier=from_on.isoformat())


def _overlap(from_on: dt.date, until_on: dt.date | None) -> Q:
    open_or_later = Q(until_on__isnull=True) | Q(until_on__gt=from_on)
    return open_or_later & Q(from_on__lt=until_on) if until_on is not None else open_or_later


def seat_holders(*, actor: Actor, at: dt.datetime, seatings: Sequence[Seating]) -> list[Holding]:
    """Seat persons in posts（任职）in one act; one post has one holder at a time.

    Raises:
        Refused: ``administrators_only``, ``not_found``, ``post_not_in_use``, ``post_is_held``, ``dates_out_of_order``.
    """
    if not seatings:
        raise Refused("bad_input", field="holders", problem="0")
    with transaction.atomic():
        refs = {seating.post_ref for seating in seatings}
        posts = {
            post.ref: post
            for post in Post.objects.select_for_update(of=("self",))
            .select_related("unit__area")
            .filter(ref__in=refs)
            .order_by("pk")
        }
        users = set(
            User.objects.filter(pk__in={s.user_id for s in seatings}, is_active=True).values_list("pk", flat=True)
        )
        held: dict[int, list[tuple[dt.date, dt.date | None]]] = {}
        for post_id, start, end in Holding.objects.filter(post__ref__in=refs).values_list(
            "post_id", "from_on", "until_on"
        ):
            held.setdefault(post_id, []).append((start, end))
        rows = []
        for seating in seatings:
            post = posts.get(seating.post_ref)
            if post is None or seating.user_id not in users:
                raise Refused("not_found")
            require_administrator(actor, post.unit)
            _require_in_use(post)
            _in_order(seating.from_on, seating.until_on)
            for start, end in held.get(post.pk, []):
                if (end is None or end > seating.from_on) and (seating.until_on is None or start < seating.until_on):
                    raise Refused("post_is_held", ref=post.ref)
            held.setdefault(post.pk, []).append((seating.from_on, seating.until_on))
            rows.append(Holding(post=post, user_id=seating.user_id, from_on=seating.from_on, until_on=seating.until_on))
        Holding.objects.bulk_create(rows, batch_size=1000)
        ledger.append(
            events.HoldersSeated(
                holders=tuple((seating.post_ref, seating.user_id) for seating in seatings),
                on=min(seating.from_on for seating in seatings).isoformat(),
            ),
            actor=actor,
            at=at,
            after=after_of(rows),
            subjects=tuple(post.ledger_key for post in posts.values()),
        )
    return rows


def seat_holder(
    *,
    actor: Actor,
    at: dt.datetime,
    post_ref: str,
    user_id: int,
    from_on: dt.date,
    until_on: dt.date | None = None,
) -> Holding:
    """Seat one person in a post（任职）; see :func:`seat_holders` for what is refused."""
    return seat_holders(actor=actor, at=at, seatings=[Seating(post_ref, user_id, from_on, until_on)])[0]


def _holding_on(post: Post, day: dt.date) -> Holding | None:
    holding: Holding | None = Holding.objects.on(day).select_for_update().filter(post=post).first()
    return holding


def unseat_holder(*, actor: Actor, at: dt.datetime, post_ref: str, on: dt.date, reason: str) -> Holding:
    """End the holding of a post（离任）; ``on`` is the first day the person no longer holds it.

    Raises:
        Refused: ``administrators_only``, ``not_found``, ``post_is_vacant``, ``reason_missing``.
    """
    with transaction.atomic():
        post = lock_post(post_ref)
        require_administrator(actor, post.unit)
        if not reason.strip():
            raise Refused("reason_missing")
        holding = _holding_on(post, on)
        if holding is None:
            raise Refused("post_is_vacant", ref=post.ref, on=on.isoformat())
        holding.until_on = on
        holding.save()
        ledger.append(
            events.HolderUnseated(post=post.ref, user=holding.user_id, on=on.isoformat(), reason=reason.strip()),
            actor=actor,
            at=at,
            after=after_of([holding]),
            subjects=(post.ledger_key,),
        )
    return holding


def hand_over_post(
    *,
    actor: Actor,
    at: dt.datetime,
    post_ref: str,
    to_user_id: int,
    on: dt.date,
    items: Iterable[str],
    note: str = "",
) -> HandOver:
    """Hand a post to its next holder（岗位交接）with the list of what goes over.

    Everything open at the post stands in the list by itself; ``items`` adds what the system does not know. From ``on``
    the new person holds the post; nothing the post owes changes. An administrator does it, or the present holder.

    Raises:
        Refused: ``administrators_only``, ``not_found``, ``post_not_in_use``, ``same_holder``, ``post_is_held``.
    """
    with transaction.atomic():
        post = lock_post(post_ref)
        _require_in_use(post)
        holding = _holding_on(post, on)
        own = holding is not None and holding.user_id == actor.user_id and actor.seat.post_ref == post.ref
        if not own:
            require_administrator(actor, post.unit)
        if not User.objects.filter(pk=to_user_id, is_active=True).exists():
            raise Refused("not_found")
        if holding is not None and holding.user_id == to_user_id:
            raise Refused("same_holder", ref=post.ref)
        if Holding.objects.filter(post=post, from_on__gte=on).exclude(pk=holding.pk if holding else None).exists():
            raise Refused("post_is_held", ref=post.ref)
        rows: list[Holding] = []
        if holding is not None:
            holding.until_on = on
            holding.save()
            rows.append(holding)
        new = Holding(post=post, user_id=to_user_id, from_on=on)
        new.save()
        done = HandOver(
            post=post,
            from_user_id=holding.user_id if holding else None,
            to_user_id=to_user_id,
            on=on,
            items=list(dict.fromkeys([*handover_list(post), *(str(item) for item in items)])),
            note=note.strip(),
        )
        done.save()
        ledger.append(
            events.PostHandedOver(
                post=post.ref,
                from_user=done.from_user_id,
                to_user=to_user_id,
                on=on.isoformat(),
                items=len(done.items),
            ),
            actor=actor,
            at=at,
            after=after_of([*rows, new, done]),
            subjects=(post.ledger_key,),
        )
    return done


def appoint_deputy(
    *,
    actor: Actor,
    at: dt.datetime,
    principal_ref: str,
    deputy_ref: str,
    from_on: dt.date,
    until_on: dt.date | None,
    reason: str,
) -> Deputyship:
    """Let one post stand in for another（代理）for a time; an administrator does it, or the principal himself.

    Raises:
        Refused: ``administrators_only``, ``not_found``, ``post_not_in_use``, ``deputy_twice``, ``deputy_in_circle``,
            ``dates_out_of_order``, ``reason_missing``, ``bad_input``.
    """
    if principal_ref == deputy_ref:
        raise Refused("bad_input", field="deputy", problem=deputy_ref)
    with transaction.atomic():
        first, second = sorted((principal_ref, deputy_ref))
        locked = {first: lock_post(first), second: lock_post(second)}
        principal, deputy = locked[principal_ref], locked[deputy_ref]
        if not (actor.seat.post_ref == principal.ref and actor.role is not Role.SYSTEM):
            require_administrator(actor, principal.unit)
        for post in (principal, deputy):
            _require_in_use(post)
        _in_order(from_on, until_on)
        if not reason.strip():
            raise Refused("reason_missing")
        meanwhile = Deputyship.objects.filter(_overlap(from_on, until_on))
        names = {"deputy": deputy.ref, "principal": principal.ref}
        if meanwhile.filter(principal=principal, deputy=deputy).exists():
            raise Refused("deputy_twice", **names)
        if meanwhile.filter(principal=deputy, deputy=principal).exists():
            raise Refused("deputy_in_circle", **names)
        row = Deputyship(principal=principal, deputy=deputy, from_on=from_on, until_on=until_on, reason=reason.strip())
        row.save()
        ledger.append(
            events.DeputyAppointed(
                principal=principal.ref,
                deputy=deputy.ref,
                from_on=from_on.isoformat(),
                until_on=until_on.isoformat() if until_on else None,
                reason=row.reason,
            ),
            actor=actor,
            at=at,
            after=after_of([row]),
            subjects=(principal.ledger_key, deputy.ledger_key),
        )
    return row


def end_deputyship(*, actor: Actor, at: dt.datetime, deputyship_id: int, on: dt.date) -> Deputyship:
    """End a stand-in（结束代理）; ``on`` is the first day it no longer holds.

    Raises:
        Refused: ``administrators_only``, ``not_found``, ``dates_out_of_order``.
    """
    with transaction.atomic():
        row: Deputyship | None = (
            Deputyship.objects.select_for_update(of=("self",))
            .select_related("principal__unit", "deputy")
            .filter(pk=deputyship_id)
            .first()
        )
        if row is None:
            raise Refused("not_found")
        if actor.seat.post_ref not in {row.principal.ref, row.deputy.ref}:
            require_administrator(actor, row.principal.unit)
        _in_order(row.from_on, on)
        if row.until_on is not None and row.until_on < on:
            raise Refused("dates_out_of_order", later=row.until_on.isoformat(), earlier=on.isoformat())
        row.until_on = on
        row.save()
        ledger.append(
            events.DeputyshipEnded(principal=row.principal.ref, deputy=row.deputy.ref, on=on.isoformat()),
            actor=actor,
            at=at,
            after=after_of([row]),
            subjects=(row.principal.ledger_key, row.deputy.ledger_key),
        )
    return row
