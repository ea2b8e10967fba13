"""Circulars as one may see them（通报查询）: the side that issues them, and the units they are addressed to."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from luoshi.delivery.models import Slip
from luoshi.delivery.queries.slips import slips_seen
from luoshi.meetings.models import Circular, Meeting, Receipt
from luoshi.rules import circulars as rules
from luoshi.rules import paths
from luoshi.rules.circulars import JUDGING, CircularAct, CircularState
from luoshi.rules.permissions import Actor, Role
from luoshi.rules.refusals import Refused, require_version
from luoshi.units.models import Post, Unit

RELATED = ("issuer__area", "programme", "meeting", "drafted_by_post", "issued_by_post", "withdrawn_by_post")
READING = (Role.HEAD, Role.OFFICE, Role.AUDITOR)
WAITING = 50


def circulars_seen(actor: Actor) -> QuerySet[Circular]:
    """Circulars an actor may see: those of its own side, drafts too, and those issued to units within its area."""
    rows = Circular.objects.select_related(*RELATED)
    if actor.role is Role.SYSTEM:
        return rows
    seat = actor.effective
    to = Receipt.objects.filter(circular=OuterRef("pk"), off=False, **paths.subtree("unit__path", seat.area_path))
    issued = ~Q(state=CircularState.DRAFT) & Q(issued_at__isnull=False) & Exists(to)
    own = Q(issuer=seat.unit_id)
    if actor.role is not Role.HEAD or seat.unit_path == seat.area_path:  # no department reads what is drafted about it
        own |= Q(issuer__area=paths.own_id(seat.area_path))
    return rows.filter(issued | own if actor.role in READING else issued)


def circular_for(actor: Actor, ref: str) -> Circular:
    """One circular within sight.

    Raises:
        Refused: ``not_found``.
    """
    found = circulars_seen(actor).filter(ref=ref).first()
    if found is None:
        raise Refused("not_found")
    return found


def lock_circular(actor: Actor, ref: str, version: int | None) -> Circular:
    """The same, locked until the transaction ends, in the version looked at; ``None`` where none is asked.

    Raises:
        Refused: ``not_found``, ``stale_version``.
    """
    circular_for(actor, ref)
    found = Circular.objects.select_for_update(of=("self",)).select_related(*RELATED).get(ref=ref)
    if version is not None:
        require_version(version, found.version, ref=found.ref)
    return found


def receipts(circular: Circular) -> QuerySet[Receipt]:
    """The units it goes to, in the order of the tree: never by who signed first."""
    rows = circular.receipts.filter(off=False).select_related("unit__area", "signed_by_post__unit")
    return rows.order_by("unit__path", "pk")


@dataclass(frozen=True, slots=True)
class Shown:
    """A circular as one reader sees it; who has signed is told to the issuing side, to others only of themselves."""

    circular: Circular
    acts: tuple[CircularAct, ...]
    to: tuple[Receipt, ...]
    rows: tuple[Receipt, ...]
    mine: tuple[Receipt, ...] = field(default=())
    """Receipts the reader may sign now."""
    whole: bool = False


def show(circular: Circular, actor: Actor) -> Shown:
    """Everything about one circular that the actor sees; one statement."""
    every = tuple(receipts(circular))
    facts = circular.facts()
    whole = rules.issues(facts, actor) or actor.role is Role.AUDITOR
    area = actor.effective.area_path
    rows = every if whole else tuple(row for row in every if paths.within(row.unit.path, area))
    mine: tuple[Receipt, ...] = ()
    if facts.state is CircularState.ISSUED:
        mine = tuple(row for row in every if row.signed_at is None and rules.signs(row.addressee(), actor))
    return Shown(circular, rules.possible(facts, actor=actor), every, rows, mine, whole)


def _speaks(actor: Actor, field_name: str) -> Q:
    seat = actor.effective
    found = Q(**{field_name: seat.unit_id})
    if actor.role is Role.OFFICE:
        found |= Q(**{field_name: paths.own_id(seat.area_path)})
    return found


def to_sign(actor: Actor) -> Q:
    """Issued circulars that the seat has not signed for."""
    if actor.role not in rules.SIGNING_ROLES:
        return Q(pk__in=())
    own = Receipt.objects.filter(_speaks(actor, "unit"), circular=OuterRef("pk"), off=False, signed_at__isnull=True)
    return Q(Exists(own), state=CircularState.ISSUED)


def to_approve(actor: Actor) -> Q:
    """Drafts that praise or criticise and wait for the head of the issuing area, who did not write them."""
    if actor.role is not Role.HEAD:
        return Q(pk__in=())
    seat = actor.effective
    side = Q(issuer=seat.unit_id) | Q(issuer__area=seat.unit_id)
    return Q(state=CircularState.DRAFT, kind__in=JUDGING) & side & ~Q(drafted_by_user=actor.user_id)


def waiting_circulars(actor: Actor, limit: int = WAITING) -> list[Circular]:
    """Circulars that wait for the seat（今日通报）, what has waited longest first; one statement."""
    rows = Circular.objects.select_related(*RELATED).filter(to_sign(actor) | to_approve(actor))
    return list(rows.order_by(F("issued_at").asc(nulls_first=True), "pk")[:limit])


def count_waiting_circulars(actor: Actor) -> int:
    """How many circulars wait for a seat; one statement."""
    return Circular.objects.filter(to_sign(actor) | to_approve(actor)).count()


def units_near(actor: Actor) -> list[Unit]:
    """Units a page offers: areas one level below, departments beside and their bodies; the tree's own order."""
    area = paths.own_id(actor.effective.area_path)
    rows = Unit.objects.filter(Q(parent=area) | Q(area=area), receives=True, valid_until__isnull=True)
    return list(rows.exclude(pk__in=[area, actor.effective.unit_id]).select_related("area").order_by("path")[:200])


def signing_posts(units: Iterable[Unit]) -> Mapping[int, list[Post]]:
    """Unit → posts that may sign for it; one statement, whatever their number."""
    found: dict[int, list[Post]] = {unit.pk: [] for unit in units}
    own = Q(unit__in=found, role__in=[Role.HEAD, Role.HANDLER, Role.OFFICE])
    rows = Post.objects.filter(own | Q(unit__area__in=found, role=Role.OFFICE), active=True)
    for post in rows.filter(unit__valid_until__isnull=True).select_related("unit").order_by("unit__path", "pk"):
        for pk in {post.unit_id, post.unit.area_id if post.role == Role.OFFICE else post.unit_id} & set(found):
            found[pk].append(post)
    return found


def meeting_slips(meeting: Meeting, actor: Actor, commitments: Collection[int]) -> list[Slip]:
    """Slips that belong to a meeting（会议督办单）, as far as the actor sees them; one statement.

    They stand on its agenda, are about a commitment it resolved (``commitments``), or were issued out of it: proposed
    by a person while it sat, about something on its agenda.
    """
    rows = slips_seen(actor)
    on = Q(pk__in=meeting.items.filter(slip__isnull=False, left_out=False).values("slip"))
    of = Q(items__commitment__in=list(commitments))
    wanted = on | of
    if meeting.opened_at is not None:
        about = meeting.items.filter(commitment__isnull=False, left_out=False).values("commitment")
        sat = Q(items__commitment__in=about, proposed_by_post__isnull=False, proposed_at__gte=meeting.opened_at)
        wanted |= sat & Q(proposed_at__lte=meeting.ended_at) if meeting.ended_at else sat
    return list(rows.filter(wanted).distinct().order_by("id")[:100])
