"""议程: proposals are put on or left out, items added by hand, open points of the last meeting carried forward."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Max, Q

from luoshi.delivery.models import Commitment
from luoshi.delivery.queries import commitment_for
from luoshi.delivery.services import acting
from luoshi.meetings import events
from luoshi.meetings.models import AgendaItem, Meeting
from luoshi.meetings.queries import proposals
from luoshi.meetings.queries.meetings import last_ended
from luoshi.meetings.queries.proposals import Proposal
from luoshi.meetings.services.recording import MeetingDone, begin, record
from luoshi.rules.calendar import local_day
from luoshi.rules.meetings import MeetingAct
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused


def carry_forward(meeting: Meeting, at: datetime) -> list[AgendaItem]:
    """Put the open points of the last meeting of the line on this one's agenda（结转未决事项）, in the caller's act.

    What is struck off or withdrawn by now is not open any more; what is on the agenda already is not put there twice.
    """
    last = last_ended(meeting)
    if last is None:
        return []
    here = meeting.items.values("commitment_id").exclude(commitment=None)
    rows = last.items.filter(settled=False, left_out=False, carried_to__isnull=True)
    rows = rows.exclude(commitment__in=here).exclude(commitment__state__in=proposals.OVER)
    points = list(rows.select_related("commitment"))
    today = local_day(at)
    why = {
        one.commitment.pk: one
        for one in proposals.look_at(meeting, [p.commitment_id for p in points if p.commitment_id], today)
    }
    first = _next_position(meeting)
    new = []
    for place, point in enumerate(points, start=first):
        item = AgendaItem(
            meeting=meeting,
            position=place,
            kind=point.kind,
            matter_id=point.matter_id,
            commitment_id=point.commitment_id,
            finding_id=point.finding_id,
            request_id=point.request_id,
            slip_id=point.slip_id,
            title=point.title,
            carried_from=point,
            minutes_planned=point.minutes_planned,
        )
        _set_reasons(item, why.get(point.commitment_id or 0))
        new.append(item)
    return AgendaItem.objects.bulk_create(new)


def _next_position(meeting: Meeting) -> int:
    return (meeting.items.aggregate(last=Max("position"))["last"] or 0) + 1


def _set_reasons(item: AgendaItem, proposal: Proposal | None) -> None:
    if proposal is None:
        return
    first, *others = proposal.why
    item.reason_code, item.reason_params = first.reason.value, dict(first.params)
    item.further = [[one.reason.value, dict(one.params)] for one in others]
    item.request, item.finding = proposal.request, proposal.finding


def _named(meeting: Meeting, refs: Sequence[str]) -> list[Commitment]:
    wanted = list(dict.fromkeys(refs))
    ours = Q(pk__in=proposals.asked_by(meeting).values("pk")) | _asking(meeting)
    rows = {one.ref: one for one in Commitment.objects.filter(ours, ref__in=wanted)}
    if set(wanted) - set(rows):
        raise Refused("not_found")
    return [rows[ref] for ref in wanted]


def _asking(meeting: Meeting) -> Q:
    """Commitments with a question that waits for the side that calls the meeting."""
    return Q(pk__in=proposals.owed_replies(meeting).values("commitment_id"))


@transaction.atomic
def put_on_agenda(
    *, actor: Actor, meeting: str, version: int, refs: Sequence[str], minutes: int = 5, at: datetime
) -> MeetingDone:
    """Put proposals on the agenda, each with the rules that name it today（列入议程）.

    Args:
        actor: of the side that calls the meeting.
        meeting: its number.
        version: the version looked at.
        refs: numbers of commitments.
        minutes: minutes planned for each, 1–240.
        at: now.

    Raises:
        Refused: ``item_not_said``, ``not_found``, ``item_there_already``, ``item_on_its_way`` for what no rule names,
            and those of ``begin``.
    """
    found = begin(MeetingAct.PUT_ON, actor=actor, meeting=meeting, version=version)
    rows = _named(found, refs)
    if not rows:
        raise Refused("item_not_said")
    why = {one.commitment.pk: one for one in proposals.look_at(found, [row.pk for row in rows], local_day(at))}
    there = {item.commitment_id: item for item in found.items.filter(commitment__in=rows)}
    place, new, again = _next_position(found), [], []
    for row in rows:
        proposal, item = why.get(row.pk), there.get(row.pk)
        if item is not None and not item.left_out:
            raise Refused("item_there_already", ref=row.ref)
        if proposal is None:
            raise Refused("item_on_its_way", ref=row.ref)
        if item is None:
            item = AgendaItem(meeting=found, commitment=row, matter_id=row.matter_id)
            new.append(item)
        else:
            again.append(item)
        item.kind, item.title, item.minutes_planned = proposal.kind, _title(row), minutes
        item.position, item.left_out = place, False
        _set_reasons(item, proposal)
        place += 1
    AgendaItem.objects.bulk_create(new)
    AgendaItem.objects.bulk_update(again, CHANGED)
    event = events.ItemsPutOn(ref=found.ref, commitments=tuple(row.ref for row in rows))
    return record(found, event, actor=actor, at=at, rows=[*new, *again], subjects=[row.ref for row in rows])


CHANGED = (
    "kind",
    "title",
    "minutes_planned",
    "position",
    "left_out",
    "reason_code",
    "reason_params",
    "further",
    "request",
    "finding",
)


def _title(row: Commitment) -> str:
    return row.title or row.ref


@transaction.atomic
def leave_out(
    *,
    actor: Actor,
    meeting: str,
    version: int,
    refs: Sequence[str] = (),
    items: Sequence[int] = (),
    at: datetime,
) -> MeetingDone:
    """Leave proposals or items out of the agenda（不列入议程）; they are not proposed to this meeting again.

    Args:
        actor: of the side that calls the meeting.
        meeting: its number.
        version: the version looked at.
        refs: numbers of proposed commitments.
        items: ids of items that are on the agenda.
        at: now.

    Raises:
        Refused: ``item_not_said``, ``not_found`` and those of ``begin``.
    """
    found = begin(MeetingAct.LEAVE_OUT, actor=actor, meeting=meeting, version=version)
    if not refs and not items:
        raise Refused("item_not_said")
    rows = list(found.items.filter(pk__in=items, left_out=False))
    if len(rows) != len(set(items)):
        raise Refused("not_found")
    for row in rows:
        row.left_out = True
    AgendaItem.objects.bulk_update(rows, ["left_out"])
    there = set(found.items.exclude(commitment=None).values_list("commitment_id", flat=True))
    place = _next_position(found)
    new = AgendaItem.objects.bulk_create(
        AgendaItem(
            meeting=found,
            position=place + n,
            kind="commitment",
            commitment=one,
            matter_id=one.matter_id,
            title=_title(one),
            left_out=True,
        )
        for n, one in enumerate(_named(found, refs))
        if one.pk not in there
    )
    event = events.ItemsLeftOut(ref=found.ref, titles=tuple(row.title for row in [*rows, *new]))
    return record(found, event, actor=actor, at=at, rows=[*rows, *new])


@transaction.atomic
def add_agenda_item(
    *,
    actor: Actor,
    meeting: str,
    version: int,
    title: str = "",
    commitment: str = "",
    matter: int | None = None,
    reason: str = "",
    minutes: int = 5,
    at: datetime,
) -> MeetingDone:
    """Add an item by hand（增列议题）: words of one's own, a matter, or a commitment for a reason that is said.

    Args:
        actor: of the side that calls the meeting.
        meeting: its number.
        version: the version looked at.
        title: what it is about; a matter or commitment has a name of its own.
        commitment: its number.
        matter: the number of a matter of the programme.
        reason: why it deserves minutes, where no rule says so.
        minutes: minutes planned, 1–240.
        at: now.

    Raises:
        Refused: ``item_not_said``, ``not_found``, ``item_there_already``, ``item_on_its_way`` and those of ``begin``.
    """
    found = begin(MeetingAct.ADD_ITEM, actor=actor, meeting=meeting, version=version)
    why, words = acting.said(reason), acting.said(title)
    item = AgendaItem(meeting=found, position=_next_position(found), kind="free", minutes_planned=minutes)
    if matter is not None:
        chosen = found.programme.matters.filter(number=matter).first()
        if chosen is None:
            raise Refused("not_found")
        item.kind, item.matter, words = "matter", chosen, words or chosen.name_zh
    if commitment.strip():
        row = commitment_for(actor, commitment)
        if row.programme_id != found.programme_id:
            raise Refused("not_found")
        if found.items.filter(commitment=row).exists():
            raise Refused("item_there_already", ref=row.ref)
        [*proposed] = proposals.look_at(found, [row.pk], local_day(at))
        if not proposed and not why:
            raise Refused("item_on_its_way", ref=row.ref)
        item.kind, item.commitment, item.matter_id = "commitment", row, row.matter_id
        words = words or _title(row)
        if proposed:
            item.kind = proposed[0].kind
            _set_reasons(item, proposed[0])
    if not words:
        raise Refused("item_not_said")
    item.title = words[:200]
    if why and not item.reason_code:
        item.reason_params = {"said": why}
    item.save()
    event = events.ItemAdded(ref=found.ref, kind=item.kind, title=item.title, reason=why)
    return record(found, event, actor=actor, at=at, rows=[item])
