"""What waits for a seat（等我办的）: what others owe it, and what it owes others, in one list.

Only acts that the table of :mod:`luoshi.rules.lifecycle` would open to the seat are listed; the number of statements
is the same whether one thing waits or fifty.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db.models import Case, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When

from luoshi.delivery.models import (
    Application,
    Brief,
    Commitment,
    Extension,
    Finding,
    LookBack,
    Objection,
    Reminder,
    Report,
    Request,
    Verification,
)
from luoshi.delivery.queries import visible
from luoshi.delivery.queries.asking import lying_with
from luoshi.ledger import queries as ledger
from luoshi.rules import calendar, lifecycle, lights, paths
from luoshi.rules.lifecycle import Act, State
from luoshi.rules.permissions import Actor, Role, Seat

SHOWN = 50
"""How many are listed at most; the rest is counted."""
DISPUTE_DAYS = 14
"""Days for which a report made by the unit above is offered for objection."""
GROUND = {"red": 0, "yellow": 1, "green": 2, "grey": 3, "blue": 4}


class Wait(StrEnum):
    """What somebody waits for（待办种类）."""

    CLOSE = "close"
    UPHOLD = "uphold"
    DECIDE_EXTENSION = "decide-extension"
    REPLY = "reply"
    DECIDE_OBJECTION = "decide-objection"
    READ_BRIEF = "read-brief"
    CONCLUDE = "conclude"
    DECLINED = "declined"
    VERIFY = "verify"
    ACCEPT = "accept"
    RETURNED = "returned"
    REPORT = "report"
    ANSWER = "answer"
    APPLY = "apply"
    FINISH = "finish"
    ISSUE = "issue"
    DISPUTE = "dispute"
    BREAK_DOWN = "break-down"
    ASSIGN = "assign"


ACTS: Mapping[Wait, Act] = {
    Wait.CLOSE: Act.CLOSE,
    Wait.UPHOLD: Act.UPHOLD,
    Wait.DECIDE_EXTENSION: Act.DECIDE_EXTENSION,
    Wait.REPLY: Act.REPLY,
    Wait.DECIDE_OBJECTION: Act.DECIDE_OBJECTION,
    Wait.READ_BRIEF: Act.READ_BRIEF,
    Wait.CONCLUDE: Act.CONCLUDE,
    Wait.DECLINED: Act.REISSUE,
    Wait.VERIFY: Act.VERIFY,
    Wait.ACCEPT: Act.ACCEPT,
    Wait.RETURNED: Act.REPORT,
    Wait.REPORT: Act.REPORT,
    Wait.ANSWER: Act.ANSWER,
    Wait.APPLY: Act.APPLY,
    Wait.FINISH: Act.FINISH_PERIOD,
    Wait.ISSUE: Act.ISSUE,
    Wait.DISPUTE: Act.DISPUTE,
    Wait.BREAK_DOWN: Act.BREAK_DOWN,
    Wait.ASSIGN: Act.ASSIGN,
}
DECISIONS = (Wait.CLOSE, Wait.DECIDE_EXTENSION, Wait.REPLY, Wait.DECIDE_OBJECTION, Wait.DECLINED)
"""What is decided on the issuing side and stops others until it is."""


READABLE = [state for state, act in lifecycle.TABLE if act is Act.READ_BRIEF]
"""States in which a brief is still read."""


@dataclass(slots=True)
class Item:
    """One thing that waits: the commitment, what for, and what is known about it."""

    commitment: Commitment
    wait: Wait
    light: lights.Light
    on_behalf: bool = False
    due_on: date | None = None
    about: Any = None
    last: Report | None = None
    reason: str = ""
    failed: str = ""
    """``verification`` or ``look-back`` when that sent the claim back, and no return did."""
    reminded_at: datetime | None = None
    """When the unit was last reminded of just this（提醒）."""

    @property
    def act(self) -> Act:
        """The act that finishes it."""
        return ACTS[self.wait]

    @property
    def ours(self) -> bool:
        """Whether the date is one by which we owe an answer, not the lead's own."""
        return self.about is not None and (
            self.wait is Wait.DECIDE_OBJECTION or (self.wait is Wait.REPLY and self.about.reply_by_on is not None)
        )

    def colour(self, today: date) -> str:
        """The light of the item（亮灯）: of what we owe, where a day is set for it; else of the commitment."""
        if self.wait is Wait.READ_BRIEF:
            return "grey"
        if not self.ours or self.due_on is None:
            return self.light.colour
        return "red" if self.due_on < today else "yellow" if self.due_on == today else self.light.colour

    def late_reply(self, today: date) -> bool:
        """Whether it is a reply of ours that is late: others stand still for it, so it comes before everything."""
        return self.wait is Wait.REPLY and self.ours and self.due_on is not None and self.due_on < today

    @property
    def decision(self) -> bool:
        """Whether others stand still until it is decided."""
        return self.wait in DECISIONS


@dataclass(slots=True)
class Waiting:
    """The list of a seat and how many there are in all."""

    items: list[Item] = field(default_factory=list)
    total: int = 0


def _own(seat: Seat) -> list[int]:
    """Units the seat speaks for: its own, and for an office the area it serves."""
    return [seat.unit_id, paths.own_id(seat.area_path)] if seat.role is Role.OFFICE else [seat.unit_id]


def _leading(seat: Seat) -> tuple[Q, Q]:
    """(led by units the seat speaks for, led by villages it answers for)."""
    own, none = Q(lead_id__in=_own(seat)), Q(pk__in=())
    if seat.role not in (Role.HEAD, Role.OFFICE, Role.HANDLER):
        return none, none
    if seat.role is Role.HEAD:
        return own, none
    return own, Q(lead__area__level="village", lead__area__parent_id=paths.own_id(seat.area_path))


def _issuing(seat: Seat) -> Q:
    if seat.role is Role.OFFICE:
        return Q(issuer_id__in=_own(seat))
    if seat.role is Role.HEAD:
        return Q(issuer_id=seat.unit_id) | Q(issuer__area_id=seat.unit_id)
    return Q(pk__in=())


def _conditions(actor: Actor, at: datetime) -> dict[Wait, Q]:
    """Kind → the commitments of which it waits for the actor's seat."""
    seat = actor.effective
    today = calendar.local_day(at)
    own, villages = _leading(seat)
    lead, issuer = own | villages, _issuing(seat)
    kin = {actor.user_id, *actor.kin}
    open_finding = Finding.objects.filter(commitment=OuterRef("pk"), conclusion="")
    found: dict[Wait, Q] = {}
    if seat.role in (Role.HEAD, Role.OFFICE):
        found[Wait.CLOSE] = issuer & Q(state=State.VERIFIED) & ~Q(applied_by__in=kin) & ~Q(verified_by__in=kin)
        weigh = Q(state=State.CLOSED, reopened_parts__gt=0, open_children__gt=0)
        found[Wait.UPHOLD] = issuer & weigh & ~Q(applied_by__in=kin) & ~Q(verified_by__in=kin)
        found[Wait.DECIDE_EXTENSION] = issuer & Q(pending_extension=True, state__in=[State.ACCEPTED, State.SUSPENDED])
        lies = Request.objects.filter(lying_with(seat), commitment=OuterRef("pk"), replied_at__isnull=True)
        asked = Q(open_requests__gt=0, state__in=[State.ISSUED, State.ACCEPTED, State.SUSPENDED])
        found[Wait.REPLY] = asked & Q(Exists(lies))
        found[Wait.DECIDE_OBJECTION] = _to_decide(issuer, kin)
        found[Wait.READ_BRIEF] = issuer & Q(unread_briefs__gt=0, state__in=READABLE)
        found[Wait.DECLINED] = issuer & Q(state=State.DECLINED)
        found[Wait.ISSUE] = issuer & Q(state=State.DRAFT)
    if seat.role in (Role.HEAD, Role.OFFICE, Role.VERIFIER):
        answered = open_finding.filter(answered_at__isnull=False, by_post_id=seat.post_id)
        found[Wait.CONCLUDE] = Q(open_findings__gt=0) & Q(Exists(answered))
    if seat.role is Role.VERIFIER:
        free = Q(verifying_unit__isnull=True, **paths.subtree("lead_path", seat.area_path))
        found[Wait.VERIFY] = (
            Q(state=State.APPLIED) & (Q(verifying_unit_id=seat.unit_id) | free) & ~Q(applied_by__in=kin)
        )
    if seat.role in (Role.HEAD, Role.OFFICE, Role.HANDLER):
        work = Q(state=State.ACCEPTED, said__lt=100) & lead
        due = Q(light__in=["red", "yellow"]) | Q(kind="period")
        for cadence in ("weekly", "monthly", "quarterly", "half_yearly", "yearly"):
            start = calendar.due_moment(calendar.period_of(cadence, today).start - timedelta(days=1))
            late = Q(last_report_at__lt=start) | Q(last_report_at__isnull=True, accepted_at__lt=start)
            due |= Q(cadence=cadence) & late
        due |= Q(reports_count=0) & _reminded(Act.REPORT)
        found[Wait.BREAK_DOWN] = own & Q(state=State.ACCEPTED, children_count=0) & _reminded(Act.BREAK_DOWN)
        found[Wait.ASSIGN] = own & Q(state=State.ACCEPTED, lead_post__isnull=True) & _reminded(Act.ASSIGN)
        found[Wait.ACCEPT] = lead & Q(state=State.ISSUED) & ~Q(kind="period")
        found[Wait.RETURNED] = lead & Q(state=State.ACCEPTED, last_report_returned=True)
        found[Wait.REPORT] = work & due & Q(last_report_returned=False, pending_extension=False)
        found[Wait.FINISH] = lead & Q(state=State.ACCEPTED, kind="period", said=100, last_report_returned=False)
        found[Wait.APPLY] = lead & Q(
            state=State.ACCEPTED,
            kind="task",
            said=100,
            last_report_returned=False,
            open_children=0,
            pending_extension=False,
            open_requests=0,
            open_objections=0,
            counted_with_parent=False,
        )
        unanswered = open_finding.filter(answered_at__isnull=True)
        found[Wait.ANSWER] = lead & Q(open_findings__gt=0) & Q(Exists(unanswered))
        if seat.role in (Role.HEAD, Role.HANDLER):
            found[Wait.DISPUTE] = own & Q(
                state=State.ACCEPTED,
                last_report_on_behalf=True,
                last_report_disputed__isnull=True,
                last_report_returned=False,
                last_report_at__gte=at - timedelta(days=DISPUTE_DAYS),
            )
    return found


def _to_decide(issuer: Q, kin: set[int]) -> Q:
    """Objections a seat may decide: whoever took part in what is objected to, or his deputy, is not asked（回避）."""
    verified = Verification.objects.filter(commitment=OuterRef("pk"), by_user__in=kin)
    looked = LookBack.objects.filter(commitment=OuterRef("pk"), by_user__in=kin)
    found = Finding.objects.filter(Q(by_user__in=kin) | Q(concluded_by_user__in=kin), commitment=OuterRef("pk"))
    return issuer & Q(open_objections__gt=0) & ~Q(Exists(verified)) & ~Q(Exists(looked)) & ~Q(Exists(found))


def _reminded(step: Act) -> Q:
    """Commitments whose lead was reminded of a step; what only a reminder asks for waits because of it."""
    told = Reminder.objects.filter(commitment=OuterRef("pk"), unit=OuterRef("lead"), step=step.value)
    return Q(Exists(told))


def _rows(actor: Actor) -> QuerySet[Any]:
    last = Report.objects.filter(commitment=OuterRef("pk")).order_by("-id")
    applied = Application.objects.filter(commitment=OuterRef("pk")).order_by("-id")
    verified = Verification.objects.filter(commitment=OuterRef("pk"), final=True).order_by("-id")
    return visible(actor).annotate(
        last_report_id=Subquery(last.values("pk")[:1]),
        last_report_at=Subquery(last.values("recorded_at")[:1]),
        last_report_disputed=Subquery(last.values("disputed_at")[:1]),
        applied_by=Subquery(applied.values("by_user")[:1]),
        verified_by=Subquery(verified.values("by_user")[:1]),
        ground=Case(
            *(When(light=colour, then=Value(rank)) for colour, rank in GROUND.items()),
            default=Value(9),
            output_field=IntegerField(),
        ),
    )


def waiting(
    actor: Actor,
    at: datetime,
    limit: int = SHOWN,
    *,
    only: Collection[Wait] | None = None,
    where: Q | None = None,
) -> Waiting:
    """What waits for the actor's seat at a moment（今日待办）, the red first, then by date.

    ``only`` names the kinds that are wanted, ``where`` the commitments; without them everything. How many there are in
    all is counted where there may be more than the limit, and never with ``where``.

    Eight statements when something waits (one more to count, one for briefs, two for reasons of declining, two for
    those of a failed look), one when nothing does.
    """
    conditions = _conditions(actor, at)
    if only is not None:
        conditions = {wait: condition for wait, condition in conditions.items() if wait in only}
    if not conditions:
        return Waiting()
    rows = _rows(actor).filter(_any(conditions))
    if where is not None:
        rows = rows.filter(where)
    flags = {
        _name(wait): Case(When(condition, then=Value(1)), default=Value(0), output_field=IntegerField())
        for wait, condition in conditions.items()
    }
    first: Value | Case = Value(0)
    if Wait.REPLY in conditions:
        owed = Request.objects.filter(lying_with(actor.effective), commitment=OuterRef("pk"), replied_at__isnull=True)
        late = Exists(owed.filter(reply_by_on__lt=calendar.local_day(at)))
        first = Case(When(Q(open_requests__gt=0) & Q(late), then=Value(0)), default=Value(1))
    found = list(rows.annotate(**flags, first=first).order_by("first", "ground", "due_on", "pk")[:limit])
    if not found:
        return Waiting()
    total = rows.count() if len(found) == limit and where is None else len(found)
    items = [item for commitment in found for item in _items(actor, commitment, conditions, at)]
    _fill(items, actor.effective)
    today = calendar.local_day(at)
    items.sort(
        key=lambda item: (
            not item.late_reply(today),
            GROUND[item.colour(today)],
            not item.decision,
            item.due_on or date.max,
        )
    )
    return Waiting(items[:limit], total if total > limit else len(items))


def count_waiting(actor: Actor, at: datetime) -> int:
    """How many things wait for a seat, in one statement（other seats of the same person）."""
    conditions = _conditions(actor, at)
    if not conditions:
        return 0
    return _rows(actor).filter(_any(conditions)).count()


def _name(wait: Wait) -> str:
    return "w_" + wait.value.replace("-", "_")


def _any(conditions: Mapping[Wait, Q]) -> Q:
    found = Q(pk__in=())
    for condition in conditions.values():
        found |= condition
    return found


def _items(actor: Actor, commitment: Commitment, kinds: Iterable[Wait], at: datetime) -> Iterable[Item]:
    light = lights.light(commitment.light_facts(), at)
    seat = actor.effective
    own = commitment.lead_id in _own(seat)
    for wait in kinds:
        if not getattr(commitment, _name(wait)):
            continue
        if wait is Wait.VERIFY and not _independent(commitment, seat):
            continue
        due = commitment.accept_by if wait is Wait.ACCEPT else commitment.due_on
        behalf = not own and wait in (Wait.ACCEPT, Wait.REPORT, Wait.RETURNED, Wait.FINISH, Wait.APPLY, Wait.ANSWER)
        due = None if wait is Wait.READ_BRIEF else due or commitment.period_until_on
        yield Item(commitment, wait, light, on_behalf=behalf, due_on=due)


def _independent(commitment: Commitment, seat: Seat) -> bool:
    """Whether the rule book would let this seat verify; from the row alone."""
    facts = lifecycle.Facts(
        ref=commitment.ref,
        kind=lifecycle.Kind(commitment.kind),
        state=State(commitment.state),
        lead_id=commitment.lead_id,
        lead_path=commitment.lead.path,
        lead_area_path=commitment.lead.area.path,
        issuer_id=commitment.issuer_id,
        issuer_path=commitment.issuer.path,
        issuer_area_path=commitment.issuer.area.path,
        line_units=frozenset(commitment.line_units),
    )
    return lifecycle.independent(facts, seat)


def _fill(items: list[Item], seat: Seat) -> None:
    """Give each item what the person needs to decide: the question, the reason, what was last said."""
    ids = {item.commitment.pk for item in items}
    reports = Report.objects.in_bulk(
        [item.commitment.last_report_id for item in items if item.commitment.last_report_id]  # type: ignore[attr-defined]
    )
    extensions = {row.commitment_id: row for row in Extension.objects.filter(commitment__in=ids, granted__isnull=True)}
    requests = {
        row.commitment_id: row
        for row in Request.objects.filter(lying_with(seat), commitment__in=ids, replied_at__isnull=True).order_by("-id")
    }
    findings = {
        row.commitment_id: row for row in Finding.objects.filter(commitment__in=ids, conclusion="").order_by("-id")
    }
    objections = {row.commitment_id: row for row in Objection.objects.filter(commitment__in=ids, upheld__isnull=True)}
    briefs: dict[int, Brief] = {}
    if any(item.wait is Wait.READ_BRIEF for item in items):
        unread = Brief.objects.filter(commitment__in=ids, read_at__isnull=True)
        briefs = {row.commitment_id: row for row in unread.order_by("-id")}
    reminded = {
        (row.commitment_id, row.step): row.at
        for row in Reminder.objects.filter(commitment__in=ids, unit=F("commitment__lead")).order_by("on")
    }
    declined = _declined([item.commitment.ref for item in items if item.wait is Wait.DECLINED])
    failed = _failed(
        [
            item.commitment.pk
            for item in items
            if item.wait is Wait.RETURNED and not _return_reason(reports.get(item.commitment.last_report_id))  # type: ignore[attr-defined]
        ]
    )
    about: dict[Wait, dict[int, Any]] = {
        Wait.DECIDE_EXTENSION: extensions,
        Wait.REPLY: requests,
        Wait.READ_BRIEF: briefs,
        Wait.ANSWER: findings,
        Wait.CONCLUDE: findings,
        Wait.DECIDE_OBJECTION: objections,
    }
    for item in items:
        item.about = about.get(item.wait, {}).get(item.commitment.pk)
        item.last = reports.get(item.commitment.last_report_id)  # type: ignore[attr-defined]
        item.reminded_at = reminded.get((item.commitment.pk, item.act.value))
        item.reason = declined.get(item.commitment.ref, "")
        if item.wait is Wait.RETURNED:
            item.reason = _return_reason(item.last)
            if not item.reason:
                item.failed, item.reason = failed.get(item.commitment.pk, ("", ""))
        if item.wait is Wait.DECIDE_EXTENSION and item.about is not None and item.about.told_on is not None:
            item.reminded_at = calendar.due_moment(item.about.told_on - timedelta(days=1))
        if item.wait is Wait.REPLY and item.about is not None:
            item.due_on = item.about.reply_by_on or item.due_on
        if item.wait is Wait.DECIDE_OBJECTION and item.about is not None:
            item.due_on = item.about.decide_by_on
        if item.wait is Wait.RETURNED and item.last is not None:
            item.due_on = item.last.return_by_on or item.due_on


def _return_reason(report: Report | None) -> str:
    return report.return_reason if report else ""


def _failed(ids: list[int]) -> dict[int, tuple[str, str]]:
    """Which look at a claim sent it back last, and what was seen; two statements."""
    if not ids:
        return {}
    found: list[tuple[datetime, int, str, str]] = []
    for kind, rows in (("verification", Verification.objects), ("look-back", LookBack.objects)):
        seen = rows.filter(commitment__in=ids, passed=False).values_list("at", "commitment_id", "words")
        found += [(at, pk, kind, words) for at, pk, words in seen]
    return {pk: (kind, words) for _at, pk, kind, words in sorted(found)}


def _declined(refs: list[str]) -> dict[str, str]:
    """The reasons with which commitments were declined, newest first, from the ledger."""
    if not refs:
        return {}
    found: dict[str, str] = {}
    for entry in ledger.entries_for(*refs, limit=200):
        if entry.type == "delivery.CommitmentDeclined":
            data = ledger.said(entry)
            found.setdefault(str(data["ref"]), str(data["reason"]))
    return found
