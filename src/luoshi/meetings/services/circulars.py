"""通报与函件的办理: written, approved and issued, signed for, reminded of, taken back.

Each is one act, one transaction, one entry; messages are written with the act and leave through the outbox after it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from luoshi.delivery.models import Programme
from luoshi.delivery.queries import possible_leads, programme_for
from luoshi.delivery.queries.slips import plan_of
from luoshi.delivery.services.slips import agency_of, reserve_numbers
from luoshi.ledger.events import Event
from luoshi.ledger.models import Entry
from luoshi.meetings import events
from luoshi.meetings.models import Circular, Meeting, Receipt
from luoshi.meetings.queries import circulars as reads
from luoshi.meetings.queries.meetings import meeting_for
from luoshi.meetings.services.recording import enter, said
from luoshi.office import services as office
from luoshi.rules import circulars as rules
from luoshi.rules.calendar import local_day
from luoshi.rules.circulars import CircularAct, CircularKind, CircularState
from luoshi.rules.papers import check
from luoshi.rules.papers.writing.circulars import Sent, sent_paper
from luoshi.rules.papers.writing.ground import Style
from luoshi.rules.permissions import Actor, Role
from luoshi.rules.refusals import Refused, gettext_noop
from luoshi.units.models import Post, Unit

_ = gettext_noop
SUBJECTS = {
    "approve": _("To approve: %(title)s"),
    "issued": _("Please sign for %(number)s: %(title)s"),
    "reminded": _("Not signed for yet: %(number)s, %(title)s"),
    "withdrawn": _("Taken back: %(number)s, %(title)s. Reason: %(reason)s"),
    "not_issued": _("Not issued: %(title)s. Reason: %(reason)s"),
}


@dataclass(frozen=True, slots=True)
class CircularDone:
    """The circular as it is now and the entry that proves it."""

    circular: Circular
    entry: Entry


def _record(
    circular: Circular, event: Event, *, actor: Actor, at: datetime, rows: Sequence[Receipt] = ()
) -> CircularDone:
    """Save the circular with the one entry of the act."""
    circular.save()
    about = (circular.ref, circular.programme.key)
    return CircularDone(circular, enter(event, (circular, *rows), about, actor=actor, at=at))


def _begin(act: CircularAct, *, actor: Actor, circular: str, version: int | None) -> Circular:
    found = reads.lock_circular(actor, circular, version)
    rules.decide_circular(found.facts(), act, actor=actor)
    return found


@transaction.atomic
def draft_circular(
    *,
    actor: Actor,
    programme: str,
    kind: str,
    title: str,
    words: str,
    units: Collection[int],
    meeting: str = "",
    at: datetime,
) -> CircularDone:
    """Write a circular or a letter（拟稿）; nothing is sent before it is approved and issued.

    Args:
        actor: of a supervision office, or the head of an area.
        programme: key of the programme it belongs to.
        kind: ``inform``, ``praise``, ``criticism`` or ``letter``.
        title: what it is about.
        words: the text, a paragraph a line.
        units: ids of the units it goes to.
        meeting: the number of the meeting it comes out of, if any.
        at: now.

    Raises:
        Refused: ``circular_not_yours``, ``not_found``, ``circular_title_missing``, ``circular_wordless``,
            ``circular_to_nobody``, ``circular_unit``, ``circular_own_unit``, ``circular_nobody_there``, and what
            no paper may say: ``paper_title_line``, ``paper_date``.
    """
    rules.require_writing(actor)
    told = _kind(kind)
    heading, text = _written(title, words)
    found = Programme.objects.select_for_update().get(pk=programme_for(actor, programme).pk)  # orders the references
    came_of = _meeting(actor, meeting, found)
    issuer = Unit.objects.select_related("area").get(pk=actor.effective.unit_id)
    to = _addressed(actor, issuer, units)
    circular = Circular.objects.create(
        ref=rules.circular_ref(found.prefix, Circular.objects.filter(programme=found).count() + 1),
        kind=told,
        title=heading,
        words=text,
        state=CircularState.DRAFT,
        programme=found,
        meeting=came_of,
        issuer=issuer,
        drafted_at=at,
        drafted_by_post_id=actor.effective.post_id,
        drafted_by_user=actor.user_id,
    )
    rows = Receipt.objects.bulk_create([Receipt(circular=circular, unit=unit) for unit in to])
    event = events.CircularDrafted(
        ref=circular.ref, kind=told, title=heading, words=text, units=tuple(unit.pk for unit in to)
    )
    done = _record(circular, event, actor=actor, at=at, rows=rows)
    if circular.facts().judges:
        _tell(circular, "approve", _approving(circular, actor), actor, at)
    return done


@transaction.atomic
def change_circular(
    *,
    actor: Actor,
    circular: str,
    version: int,
    kind: str,
    title: str,
    words: str,
    units: Collection[int],
    at: datetime,
) -> CircularDone:
    """Write a draft anew（改稿）; whoever changes it has written it, and does not approve it where it judges.

    Raises:
        Refused: ``circular_state``, ``circular_not_yours``, ``stale_version`` and those of :func:`draft_circular`.
    """
    found = _begin(CircularAct.CHANGE, actor=actor, circular=circular, version=version)
    found.kind = _kind(kind)
    found.title, found.words = _written(title, words)
    to = _addressed(actor, found.issuer, units)
    there = {row.unit_id: row for row in found.receipts.all()}
    wanted = {unit.pk for unit in to}
    new = Receipt.objects.bulk_create([Receipt(circular=found, unit=unit) for unit in to if unit.pk not in there])
    moved = [row for pk, row in there.items() if row.off is (pk in wanted)]
    for row in moved:
        row.off = not row.off
    Receipt.objects.bulk_update(moved, ["off"])
    found.drafted_by_post_id, found.drafted_by_user = actor.effective.post_id, actor.user_id
    found.version += 1
    event = events.CircularChanged(
        ref=found.ref, kind=found.kind, title=found.title, words=found.words, units=tuple(unit.pk for unit in to)
    )
    done = _record(found, event, actor=actor, at=at, rows=[*new, *moved])
    if found.facts().judges:
        _tell(found, "approve", _approving(found, actor), actor, at)
    return done


@transaction.atomic
def issue_circular(*, actor: Actor, circular: str, version: int, at: datetime) -> CircularDone:
    """Approve and issue it under its number（签发）; each unit is told and signs for it.

    Raises:
        Refused: ``circular_state``, ``circular_not_yours``, ``circular_own_words``, ``stale_version``, and
            ``circular_to_nobody``, ``circular_unit``, ``circular_nobody_there`` for units that changed since.
    """
    found = _begin(CircularAct.ISSUE, actor=actor, circular=circular, version=version)
    to = [row.unit for row in reads.receipts(found)]
    _require_there(to)
    agency = agency_of(found.issuer, plan_of(found.issuer, local_day(at)))
    [found.number] = reserve_numbers(agency, local_day(at).year, 1)
    found.state, found.issued_at, found.issued_by_post_id = CircularState.ISSUED, at, actor.effective.post_id
    found.version += 1
    event = events.CircularIssued(
        ref=found.ref, number=found.number, kind=found.kind, units=tuple(unit.pk for unit in to)
    )
    done = _record(found, event, actor=actor, at=at)
    _tell(found, "issued", _signing(to), actor, at)
    return done


@transaction.atomic
def sign_circular(*, actor: Actor, circular: str, unit: int | None = None, at: datetime) -> CircularDone:
    """Sign for a circular（签收）, once for each unit: by its head or handler, or the supervision office of an area.

    Units sign beside each other, so no version is asked: an issued circular does not change, and one that is taken
    back is refused.

    Args:
        actor: who speaks for the unit.
        circular: its reference.
        unit: id of the unit, where the actor speaks for several it goes to; else the one.
        at: now.

    Raises:
        Refused: ``not_found``, ``circular_state``, ``circular_not_to_you``, ``circular_signed_already``.
    """
    found = _begin(CircularAct.SIGN, actor=actor, circular=circular, version=None)
    spoken = [row for row in reads.receipts(found) if rules.signs(row.addressee(), actor)]
    spoken = [row for row in spoken if unit is None or row.unit_id == unit]
    if not spoken:
        raise Refused("circular_not_to_you")
    row = next((one for one in spoken if one.signed_at is None), None)
    if row is None:
        on = spoken[0].signed_at
        raise Refused("circular_signed_already", unit=spoken[0].unit.name, on=local_day(on).isoformat() if on else "")
    row.signed_at, row.signed_by_post_id = at, actor.effective.post_id
    row.save(update_fields=["signed_at", "signed_by_post"])
    event = events.CircularSigned(ref=found.ref, number=found.number, unit=row.unit_id)
    return _record(found, event, actor=actor, at=at, rows=[row])


@transaction.atomic
def remind_circular(*, actor: Actor, circular: str, version: int, at: datetime) -> CircularDone:
    """Remind just those units that have not signed（催签）, at most once a day.

    Raises:
        Refused: ``circular_state``, ``circular_not_yours``, ``circular_all_signed``, ``circular_reminded_today``,
            ``stale_version``.
    """
    found = _begin(CircularAct.REMIND, actor=actor, circular=circular, version=version)
    unsigned = [row.unit for row in reads.receipts(found) if row.signed_at is None]
    if not unsigned:
        raise Refused("circular_all_signed")
    today = local_day(at)
    if found.reminded_on == today:
        raise Refused("circular_reminded_today")
    found.reminded_on = today
    found.version += 1
    event = events.CircularReminded(ref=found.ref, units=tuple(unit.pk for unit in unsigned))
    done = _record(found, event, actor=actor, at=at)
    _tell(found, "reminded", _signing(unsigned), actor, at, tail=f":{today.isoformat()}")
    return done


@transaction.atomic
def withdraw_circular(*, actor: Actor, circular: str, version: int, reason: str, at: datetime) -> CircularDone:
    """Take a circular back with a reason（撤回）; the units it went to are told and still see it, marked so.

    A draft is taken back the same way: nobody it was addressed to hears of it, whoever wrote it does.

    Raises:
        Refused: ``circular_state``, ``circular_not_yours``, ``reason_missing``, ``stale_version``.
    """
    found = _begin(CircularAct.WITHDRAW, actor=actor, circular=circular, version=version)
    found.withdraw_reason = said(reason, "reason_missing")
    issued = found.state == CircularState.ISSUED
    found.state, found.withdrawn_at = CircularState.WITHDRAWN, at
    found.withdrawn_by_post_id = actor.effective.post_id
    found.version += 1
    done = _record(found, events.CircularWithdrawn(ref=found.ref, reason=found.withdraw_reason), actor=actor, at=at)
    if issued:
        _tell(found, "withdrawn", _signing(row.unit for row in reads.receipts(found)), actor, at)
    else:
        _tell(found, "not_issued", [found.drafted_by_post], actor, at)
    return done


def _kind(kind: str) -> CircularKind:
    try:
        return CircularKind(kind)
    except ValueError as error:
        raise Refused("not_found") from error


def _written(title: str, words: str) -> tuple[str, str]:
    """Title and text, screened, and such that a paper can be set of them."""
    heading, text = said(title, "circular_title_missing")[:200], said(words, "circular_wordless")
    as_paper = Sent(title=heading, words=text, issuer="发文机关", to=("单位",), on=date(2026, 1, 1))
    check(sent_paper(as_paper, Style("zh-hans", str)))
    return heading, text


def _meeting(actor: Actor, ref: str, programme: Programme) -> Meeting | None:
    if not ref:
        return None
    found = meeting_for(actor, ref)
    if found.programme_id != programme.pk:
        raise Refused("not_found")
    return found


def _addressed(actor: Actor, issuer: Unit, units: Collection[int]) -> list[Unit]:
    """The units it goes to, each of which has a post that can sign."""
    wanted = set(units)
    if not wanted or len(wanted) > rules.MOST_UNITS:
        raise Refused("circular_to_nobody")
    found = list(possible_leads(actor).filter(pk__in=wanted).order_by("path"))
    outside = wanted - {unit.pk for unit in found}
    if outside:
        raise Refused("circular_unit", units=_names(Unit.objects.filter(pk__in=outside)) or str(min(outside)))
    own = [unit for unit in found if unit.pk in {issuer.pk, issuer.area_id}]
    if own:
        raise Refused("circular_own_unit", units=_names(own))
    _require_there(found)
    return found


def _require_there(units: Sequence[Unit]) -> None:
    posts = reads.signing_posts(units)
    empty = [unit for unit in units if not posts[unit.pk]]
    if empty:
        raise Refused("circular_nobody_there", units=_names(empty))


def _names(units: Iterable[Unit]) -> str:
    return "、".join(unit.name for unit in list(units)[:8])


def _signing(units: Iterable[Unit]) -> list[Post]:
    """Posts that may sign for these units, each once."""
    return list({post.pk: post for posts in reads.signing_posts(units).values() for post in posts}.values())


def _approving(circular: Circular, actor: Actor) -> list[Post]:
    """The head of the issuing area, and of the issuing unit, but for whoever wrote it."""
    issuer = circular.issuer
    rows = Post.objects.filter(unit__in=[issuer.pk, issuer.area_id], role=Role.HEAD, active=True)
    return [post for post in rows if post.pk != actor.effective.post_id]


def _tell(circular: Circular, what: str, posts: Sequence[Post], actor: Actor, at: datetime, tail: str = "") -> None:
    if what == "approve":
        tail = f":{circular.version}"
    office.notify(
        posts,
        kind=f"meetings.circular-{what}",
        key=f"circular:{circular.ref}:{what}{tail}",
        subject=SUBJECTS[what],
        link=f"/meetings/circulars/{circular.ref}/",
        params={"title": circular.title, "number": circular.number, "reason": circular.withdraw_reason[:200]},
        at=at,
        prompt=what == "issued",
        sender=actor.effective.post_id,
    )
