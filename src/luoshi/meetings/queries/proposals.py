"""What the agenda proposes（议程建议）: promises a rule gives a reason for; the statements do not grow with them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q, QuerySet

from luoshi.delivery.models import Commitment, Finding, Request
from luoshi.meetings.models import Meeting, Resolution
from luoshi.meetings.queries.meetings import last_ended
from luoshi.rules import agenda
from luoshi.rules.agenda import Why
from luoshi.rules.calendar import due_moment, local_day
from luoshi.rules.lifecycle import State

PER_RULE = 40
"""So many are looked at for each rule, those that wait longest first."""
SHOWN = 40
"""So many are proposed at once; whoever wants more has the register."""
OVER = (State.DRAFT, State.CLOSED, State.WITHDRAWN)
AT_WORK = (State.ISSUED, State.ACCEPTED)


@dataclass(frozen=True, slots=True)
class Proposal:
    """One promise that deserves minutes, the rules that say so, and what it is about in particular."""

    commitment: Commitment
    why: tuple[Why, ...]
    request: Request | None = None
    finding: Finding | None = None

    @property
    def kind(self) -> str:
        """As what it goes on the agenda."""
        return agenda.kind_of(self.why)


def asked_by(meeting: Meeting) -> QuerySet[Commitment]:
    """What the side that calls the meeting has asked under its programme and is not over."""
    rows = Commitment.objects.filter(programme=meeting.programme_id, issuer__area=meeting.convened_by_id)
    return rows.exclude(kind="period").exclude(state__in=OVER)


def owed_replies(meeting: Meeting) -> QuerySet[Request]:
    """Questions of the programme that wait for a reply of the side that calls the meeting."""
    ours = Q(lies_with__area=meeting.convened_by_id) | Q(
        lies_with__isnull=True, commitment__issuer__area=meeting.convened_by_id
    )
    return Request.objects.filter(
        ours, commitment__programme=meeting.programme_id, replied_at__isnull=True, withdrawn_at__isnull=True
    ).exclude(commitment__state__in=OVER)


def decided_last(meeting: Meeting, last: Meeting | None) -> dict[int, Resolution]:
    """What the last meeting of the line decided, by the id of the commitment it became."""
    if last is None:
        return {}
    rows = Resolution.objects.filter(meeting=last, state="issued").select_related("meeting")
    return {row.commitment_id: row for row in rows if row.commitment_id is not None}


def proposals(
    meeting: Meeting, at: datetime, *, beside: Collection[int] | None = None, limit: int = SHOWN
) -> list[Proposal]:
    """What deserves minutes of a meeting and is not dealt with on its agenda yet; what is on its way is not named.

    Args:
        meeting: for which.
        at: now.
        beside: ids of commitments that are on the agenda or were left out; read from the agenda if not given.
        limit: how many at most.
    """
    if beside is None:
        beside = {pk for pk in meeting.items.values_list("commitment_id", flat=True) if pk is not None}
    today = local_day(at)
    silent = due_moment(today - timedelta(days=agenda.SILENT_DAYS + 1))
    last = last_ended(meeting)
    decided = decided_last(meeting, last)
    base = asked_by(meeting)
    running = base.filter(state__in=AT_WORK, open_requests=0, said__lt=100)
    rules: tuple[QuerySet[Commitment], ...] = (
        base.filter(pk__in=list(decided)).order_by("due_key", "pk"),
        base.filter(reopened__gt=0).order_by("due_key", "pk"),
        running.filter(due_on__lt=today).order_by("due_key", "pk"),
        base.filter(open_findings__gt=0).order_by("due_key", "pk"),
        base.exclude(verified_how="").filter(gap__gte=agenda.GAP_POINTS).order_by("-gap", "pk"),
        running.filter(state=State.ACCEPTED, children_count=0, heard_at__lt=silent).order_by("heard_at", "pk"),
    )
    wanted: dict[int, None] = {}
    owed = list(owed_replies(meeting).order_by("at", "pk").values_list("commitment_id", flat=True)[:PER_RULE])
    for found in (owed, *(rows.exclude(pk__in=list(beside)).values_list("pk", flat=True)[:PER_RULE] for rows in rules)):
        wanted |= dict.fromkeys(found)
    return look_at(meeting, [pk for pk in wanted if pk not in set(beside)], today, decided)[:limit]


def look_at(
    meeting: Meeting, ids: Sequence[int], today: date, decided: dict[int, Resolution] | None = None
) -> list[Proposal]:
    """These commitments with the rules that fire for them today, in the order of the agenda."""
    rows = facts(meeting, ids, decided)
    told = agenda.in_order((pk, agenda.reasons(found, today)) for pk, (_row, found, _request, _finding) in rows.items())
    return [Proposal(rows[pk][0], why, rows[pk][2], rows[pk][3]) for pk, why in told]


Row = tuple[Commitment, agenda.Facts, Request | None, Finding | None]


def facts(meeting: Meeting, ids: Iterable[int], decided: dict[int, Resolution] | None = None) -> dict[int, Row]:
    """What the rules are told of these commitments, by id in the order given; three statements."""
    wanted = list(ids)
    if not wanted:
        return {}
    if decided is None:
        decided = decided_last(meeting, last_ended(meeting))
    found = Commitment.objects.select_related("lead", "matter", "programme").in_bulk(wanted)
    requests: dict[int, Request] = {}
    for request in owed_replies(meeting).filter(commitment__in=wanted).order_by("-at", "-pk"):
        requests[request.commitment_id] = request  # the oldest stays
    findings: dict[int, Finding] = {}
    for finding in Finding.objects.filter(commitment__in=wanted, conclusion="").order_by("-at", "-pk"):
        findings[finding.commitment_id] = finding
    return {
        pk: (found[pk], _facts(found[pk], requests.get(pk), decided.get(pk)), requests.get(pk), findings.get(pk))
        for pk in wanted
        if pk in found
    }


def _facts(one: Commitment, request: Request | None, decided: Resolution | None) -> agenda.Facts:
    silent_counts = one.state == State.ACCEPTED and one.children_count == 0
    return agenda.Facts(
        open=one.state not in OVER,
        running=one.state in AT_WORK and one.open_requests == 0 and one.said < 100,
        due_on=one.due_on,
        said=one.said,
        verified=one.verified,
        verified_how=one.verified_how,
        heard_on=local_day(one.heard_at) if silent_counts and one.heard_at else None,
        open_findings=one.open_findings,
        reopened=one.reopened,
        asked_on=local_day(request.at) if request else None,
        decided_at=decided.meeting.ref if decided else "",
        decided_number=decided.number if decided else 0,
    )
