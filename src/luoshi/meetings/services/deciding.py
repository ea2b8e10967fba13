"""议定事项: decisions are typed while the meeting sits, and issued as commitments when it ends, all or none."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.db.models import Max

from luoshi.delivery.models import Commitment, Matter
from luoshi.delivery.queries import possible_leads
from luoshi.delivery.services import drafting, issue_commitment
from luoshi.ledger import services as ledger
from luoshi.meetings import events
from luoshi.meetings.models import AgendaItem, Meeting, Resolution
from luoshi.meetings.services.agenda import carry_forward
from luoshi.meetings.services.recording import MeetingDone, begin, record, said
from luoshi.rules.calendar import local_day
from luoshi.rules.documents.drafts import title_of
from luoshi.rules.meetings import MeetingAct
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused
from luoshi.units.models import Unit


class RowsRefused(Refused):
    """Nothing was issued: ``by_number`` says of which decision why（逐项不予办理）."""

    def __init__(self, by_number: dict[int, Refused]) -> None:
        self.by_number = by_number
        super().__init__("resolutions_refused", rows=tuple(f"{number} [{no.code}]" for number, no in by_number.items()))


@transaction.atomic
def type_resolution(
    *,
    actor: Actor,
    meeting: str,
    version: int,
    text: str,
    lead: int,
    due_on: date,
    item: int | None = None,
    matter: int | None = None,
    at: datetime,
) -> MeetingDone:
    """Type a decision（记录议定事项）: what, who leads, by when, from which item of the agenda.

    Args:
        actor: of the side that calls the meeting.
        meeting: its number.
        version: the version looked at.
        text: what was decided.
        lead: id of the one unit that leads.
        due_on: by when.
        item: id of the item it comes from.
        matter: number of the matter it belongs to; that of the item where it has one.
        at: now.

    Raises:
        Refused: ``resolution_wordless``, ``resolution_lead``, ``resolution_past``, ``resolution_matter``,
            ``not_found`` and those of ``begin``.
    """
    found = begin(MeetingAct.RESOLVE, actor=actor, meeting=meeting, version=version)
    words = said(text, "resolution_wordless")
    unit = possible_leads(actor).filter(pk=lead).first()
    if unit is None:
        raise Refused("resolution_lead", unit=Unit.objects.filter(pk=lead).values_list("name", flat=True).first() or "")
    if due_on <= local_day(at):
        raise Refused("resolution_past")
    row, chosen = _from(found, item, matter)
    resolution = Resolution.objects.create(
        meeting=found,
        number=(found.resolutions.aggregate(last=Max("number"))["last"] or 0) + 1,
        item=row,
        matter=chosen,
        text=words,
        lead=unit,
        due_on=due_on,
        by_post_id=actor.effective.post_id,
        at=at,
    )
    event = events.ResolutionTyped(
        ref=found.ref, number=resolution.number, text=words, lead=unit.pk, due_on=due_on.isoformat()
    )
    return record(found, event, actor=actor, at=at, rows=[resolution], extra=resolution)


def _from(meeting: Meeting, item: int | None, matter: int | None) -> tuple[AgendaItem | None, Matter]:
    """The item a decision comes from and the matter it belongs to."""
    row = None
    if item is not None:
        row = meeting.items.filter(pk=item, left_out=False).select_related("matter").first()
        if row is None:
            raise Refused("not_found")
    chosen = row.matter if row is not None and matter is None else None
    if matter is not None:
        chosen = Matter.objects.filter(programme=meeting.programme_id, number=matter).first()
    if chosen is None:
        raise Refused("resolution_matter")
    return row, chosen


@transaction.atomic
def take_back_resolution(*, actor: Actor, meeting: str, version: int, number: int, at: datetime) -> MeetingDone:
    """Take a typed decision back before the meeting ends（撤回议定事项）; its number is not given again.

    Raises:
        Refused: ``not_found``, ``resolution_over`` and those of ``begin``.
    """
    found = begin(MeetingAct.TAKE_BACK, actor=actor, meeting=meeting, version=version)
    row = found.resolutions.filter(number=number).first()
    if row is None:
        raise Refused("not_found")
    if row.state != "typed":
        raise Refused("resolution_over")
    row.state = "withdrawn"
    row.version += 1
    row.save(update_fields=["state", "version"])
    event = events.ResolutionTakenBack(ref=found.ref, number=number)
    return record(found, event, actor=actor, at=at, rows=[row])


@transaction.atomic
def end_meeting(*, actor: Actor, meeting: str, version: int, at: datetime) -> MeetingDone:
    """End a meeting and issue everything it decided, in one act（散会交办）: all of it or nothing.

    Each decision becomes a commitment that keeps its words, with the meeting and its number as its source. Points that
    are not settled go on to the next meeting of the line at once, where one is planned already.

    Raises:
        RowsRefused: for each decision that cannot be issued, why; nothing has been issued then.
        Refused: those of ``begin``.
    """
    found = begin(MeetingAct.END, actor=actor, meeting=meeting, version=version)
    typed = list(found.resolutions.filter(state="typed").select_related("matter", "lead"))
    with ledger.numbering_later(at):
        made = _issue(found, typed, actor, at)
        for row, commitment in zip(typed, made, strict=True):
            row.state, row.commitment = "issued", commitment
            row.version += 1
        Resolution.objects.bulk_update(typed, ["state", "commitment", "version"])
        found.stage, found.ended_at = "ended", at
        found.save(update_fields=["stage", "ended_at"])
        following = _following(found)
        carried = carry_forward(following, at) if following is not None else []
        event = events.MeetingEnded(
            ref=found.ref,
            resolutions=len(typed),
            open_points=found.items.filter(settled=False, left_out=False).count(),
            next_meeting=following.ref if following is not None else "",
        )
        refs = [one.ref for one in made]
        return record(found, event, actor=actor, at=at, rows=[*typed, *carried], subjects=refs, extra=made)


def _following(meeting: Meeting) -> Meeting | None:
    """The next meeting of the same line that is planned already."""
    rows = Meeting.objects.filter(
        programme=meeting.programme_id, kind=meeting.kind, convened_by=meeting.convened_by_id, stage="planned"
    )
    return rows.select_for_update(of=("self",)).order_by("held_at", "pk").first()


def source_of(meeting: Meeting, number: int) -> str:
    """Where the words of a decision stand: the meeting, its number, and the number of the decision."""
    tail = f"（{meeting.ref}）议定事项{number}"
    room = 200 - len(tail) - 2
    title = meeting.title if len(meeting.title) <= room else f"{meeting.title[: room - 1]}…"
    return f"《{title}》{tail}"


def _issue(meeting: Meeting, typed: list[Resolution], actor: Actor, at: datetime) -> list[Commitment]:
    """Draft all in the statements of one, hand each over; collects every refusal before it raises.

    Raises:
        RowsRefused: and the caller's transaction takes everything back.
    """
    wanted = [
        drafting.Wanted(
            matter=row.matter_id,
            lead=row.lead_id,
            title=title_of("", row.text),
            requirement=row.text,
            due_on=row.due_on,
            source_quote=row.text,
            source_place=source_of(meeting, row.number),
        )
        for row in typed
    ]
    refused: dict[int, Refused] = {}
    made: list[Commitment] = []
    for row, drafted in zip(typed, drafting.draft_commitments(actor=actor, wanted=wanted, at=at), strict=True):
        if isinstance(drafted, Refused):
            refused[row.number] = drafted
            continue
        one = drafted.commitment
        try:
            made.append(issue_commitment(actor=actor, ref=one.ref, version=one.version, at=at).commitment)
        except Refused as no:
            refused[row.number] = no
    if refused:
        raise RowsRefused(refused)
    return made
