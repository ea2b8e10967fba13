"""督办单: proposed, approved by a person, numbered, answered, ended; and the plan that says how often a unit is met."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from operator import attrgetter
from typing import Any, Protocol

from django.db import connection, transaction
from django.db.models import F

from luoshi.delivery import events
from luoshi.delivery.models import Slip, SlipItem, SlipSeries, SupervisionPlan
from luoshi.delivery.models.commitments import iso
from luoshi.delivery.queries import slips as reads
from luoshi.delivery.queries.climbing import Line, Node
from luoshi.delivery.services import acting, notices
from luoshi.delivery.services.acting import Done
from luoshi.ledger import services as ledger
from luoshi.ledger.models import Entry
from luoshi.office import services as office
from luoshi.office.models.many import add_missing, add_numbered, among, set_values
from luoshi.rules import escalation, numbering, paths, slips
from luoshi.rules.calendar import add_working, due_moment, local_day
from luoshi.rules.escalation import Rung, Step
from luoshi.rules.lifecycle import Act, Intent
from luoshi.rules.permissions import Actor, Role
from luoshi.rules.refusals import Refused, declare, gettext_noop
from luoshi.rules.slips import Earlier, SlipAct, SlipState, Tone
from luoshi.units.models import Unit
from luoshi.units.queries import calendar_for

_ = gettext_noop
declare(
    403,
    not_planning=_("A supervision plan is recorded by the head or the supervision office of its area."),
)
declare(
    422,
    plan_words=_("A plan names what it is, who approved it in which document, and what is supervised."),
    plan_dates=_("The plan must end after it starts."),
    plan_period=_("A unit is met once in 1 to 366 days."),
    answer_days_range=_("An answer is asked within 1 to 60 working days."),
)

PROMPT = frozenset({"issued", "sent_back"})
"""What has a number and a day for its answer waits for no digest; the quiet hours hold for it all the same."""

SUBJECTS: Mapping[str, str] = {
    "proposed": _("A slip for %(unit)s waits for your approval: %(title)s"),
    "issued": _("%(number)s is addressed to you; answer by %(answer_by)s: %(title)s"),
    "answered": _("%(unit)s answered %(number)s: %(title)s"),
    "sent_back": _("%(number)s asks you again: %(title)s"),
    "settled": _("%(number)s is settled: %(title)s"),
    "withdrawn": _("%(number)s was taken back: %(title)s"),
}
"""What the posts concerned are told."""
Key = tuple[int, int, Rung]
"""Who supervises, who owes, rung."""
ITEM = ("slip", "due_on", "commitment", "request")
"""Columns of a :class:`SlipItem`."""
MANY_PROPOSED = _("%(count)s slips wait for your approval, the first for %(unit)s: %(title)s")


class Owed(Protocol):
    """Anything that is owed and climbs a ladder: a commitment, or the reply of a superior."""

    @property
    def title(self) -> str:
        """What it is about."""

    @property
    def climbs_for(self) -> date | None:
        """Until when it was owed."""

    @property
    def about(self) -> dict[str, int]:
        """The column of a slip that names it."""


@dataclass(slots=True)
class SlipRow:
    """A slip the clock has just proposed: what a batch of hundreds needs of it, without the cost of whole rows."""

    issuer_id: int
    unit_id: int
    post_id: int | None
    rung: str
    tone: str
    skips_level: bool
    proposed_at: datetime
    next_step_at: datetime | None
    commitment_id: int | None = None
    request_id: int | None = None
    state: str = SlipState.PROPOSED.value
    version: int = 1
    number: str = ""
    words: str = ""
    plan_id: int | None = None
    earlier_id: int | None = None
    repeat_reason: str = ""
    climb: int = 1
    told: int = 0
    told_on: date | None = None
    opinion: str = ""
    issued_at: datetime | None = None
    answer_by_on: date | None = None
    answer: str = ""
    end_reason: str = ""
    pk: int = 0
    """0 until it is written."""

    @property
    def ref(self) -> str:
        """As :attr:`Slip.ref`."""
        return f"slip-{self.pk}"

    @property
    def ledger_key(self) -> str:
        """As :attr:`Slip.ledger_key`."""
        return f"delivery.slip:{self.pk}"

    def ledger_state(self) -> dict[str, Any]:
        """As :meth:`Slip.ledger_state`."""
        return Slip.ledger_state(self)  # type: ignore[arg-type]

    def await_answer(self, by: date) -> None:
        """As :meth:`Slip.await_answer`."""
        Slip.await_answer(self, by)  # type: ignore[arg-type]


AnySlip = Slip | SlipRow
WRITTEN = tuple(one.name for one in fields(SlipRow) if one.name != "pk")
"""Columns that are written of a :class:`SlipRow`; every other one may be null, and is."""
values_of = attrgetter(*WRITTEN)


@dataclass(frozen=True, slots=True)
class Made:
    """What the clock proposed in one batch."""

    slips: Sequence[SlipRow] = ()
    items: Sequence[tuple[Any, ...]] = ()
    """Its key and then the columns of :data:`ITEM`."""
    told: Sequence[tuple[str, str, Sequence[office.Note]]] = ()
    """What has still to be told of it, as for ``office.notify_all``."""

    def states(self) -> dict[str, dict[str, Any]]:
        """What the ledger keeps of them, by key."""
        found = {slip.ledger_key: slip.ledger_state() for slip in self.slips}
        for pk, slip, due_on, commitment, request in self.items:
            told = {"slip": slip, "commitment": commitment, "request": request, "due_on": iso(due_on)}
            found[f"delivery.slipitem:{pk}"] = told
        return found


@dataclass(frozen=True, slots=True)
class SlipDone:
    """The outcome of an act on a slip."""

    slip: Slip
    entry: Entry


# --- The clock proposes ----------------------------------------------------------------------------------------------


def propose_for_clock(wanted: Mapping[Key, Sequence[tuple[Owed, Step]]], *, line: Line, at: datetime) -> Made:
    """One proposal for each unit and rung, about everything of it that came to that rung（拟发督办单）.

    What already waits for approval takes the further items. A slip that the ladder lets the clock issue itself is
    issued at once, unless the unit was met within the period or a level is jumped over: then a person decides.
    """
    if not wanted:
        return Made()
    keys = sorted(wanted, key=lambda key: (key[0], key[1], key[2].height))
    found = _proposed(keys, wanted, line, at)
    older = [found[key] for key in keys if found[key].proposed_at != at]
    for slip in older:
        slip.version += 1
    set_values(Slip, ("version",), [(slip.pk, slip.version) for slip in older])
    items = [
        (found[key].pk, due.climbs_for, due.about.get("commitment_id"), due.about.get("request_id"))
        for key in keys
        for due, _step in wanted[key]
    ]
    ids = add_numbered(SlipItem, ITEM, items)
    alone = [
        found[key]
        for key in keys
        if not any(step.needs_person for _due, step in wanted[key])
        and found[key].proposed_at == at
        and not found[key].skips_level
    ]
    _issue_alone(alone, line, at)
    told = _told_each([(found[key], wanted[key][0][0].title) for key in keys], line)
    return Made([found[key] for key in keys], [(pk, *item) for pk, item in zip(ids, items, strict=True)], told)


def _proposed(
    keys: Sequence[Key], wanted: Mapping[Key, Sequence[tuple[Owed, Step]]], line: Line, at: datetime
) -> dict[Key, SlipRow]:
    """The proposal of each key: what lies there already, and new ones, written."""
    names = [name.removesuffix("_id") for name in WRITTEN]
    alone = not connection.features.has_select_for_update  # the only writer
    found = _lying(keys) if alone else {}
    look_at = _look_at(at)
    fresh = {key: _proposal(key, wanted[key], line, at, look_at) for key in keys if key not in found}
    rows = [*map(values_of, fresh.values())]
    if not alone:  # another clock may have proposed the same this moment
        add_missing(Slip, names, rows)
        return _lying(keys)
    for slip, pk in zip(fresh.values(), add_numbered(Slip, names, rows), strict=True):
        slip.pk = pk
    return found | fresh


def _lying(keys: Sequence[Key]) -> dict[Key, SlipRow]:
    """What the clock has proposed to these units already and nobody has decided, locked."""
    there = Slip.objects.filter(
        state=SlipState.PROPOSED,
        proposed_by_post__isnull=True,
        issuer__in=among({key[0] for key in keys}),
        unit__in=among({key[1] for key in keys}),
    ).select_for_update()
    rows = [SlipRow(*row) for row in there.order_by("pk").values_list(*WRITTEN, "pk")]
    return {(row.issuer_id, row.unit_id, Rung(row.rung)): row for row in rows}


PROMPT_KINDS = frozenset({"delivery.slip-issued"})
"""Of what the clock tells: see :data:`PROMPT`."""


def _told_each(told: Sequence[tuple[SlipRow, str]], line: Line) -> Sequence[tuple[str, str, Sequence[office.Note]]]:
    """One message about all that waits for the same posts（减负）; what is issued has a number and is told alone."""
    waiting: dict[tuple[int, tuple[Role, ...]], list[tuple[SlipRow, str]]] = {}
    issued: list[office.Note] = []
    for slip, title in told:
        if slip.state == SlipState.PROPOSED:
            waiting.setdefault((slip.issuer_id, approving(slip)), []).append((slip, title))
            continue
        posts = line.reached(slip.unit_id, escalation.Level.HEAD)
        issued.append(_note(slip, "issued", title, line.units[slip.unit_id].name, posts))
    one: list[office.Note] = []
    many: list[office.Note] = []
    for (issuer, roles), some in waiting.items():
        sides = dict.fromkeys((issuer, line.units[issuer].area_id))
        approvers = tuple(post for pk in sides for post in line.posts.get(pk, ()) if post.role in roles)
        slip, title = some[0]
        note = _note(slip, "proposed", title, line.units[slip.unit_id].name, approvers)
        if len(some) == 1:
            one.append(note)
            continue
        of_these = "|".join(f"{other.ref}:{other.version}" for other, _title in some)
        key = f"{hashlib.sha256(of_these.encode()).hexdigest()[:40]}:proposed"
        many.append(office.Note(approvers, key, "/slips/", {**note.params, "count": len(some)}))
    return (
        ("delivery.slip-proposed", SUBJECTS["proposed"], one),
        ("delivery.slip-proposed", MANY_PROPOSED, many),
        ("delivery.slip-issued", SUBJECTS["issued"], issued),
    )


def _proposal(key: Key, about: Sequence[tuple[Owed, Step]], line: Line, at: datetime, look_at: datetime) -> SlipRow:
    issuer, unit = line.units[key[0]], line.units[key[1]]
    heads, first = line.reached(unit.pk, escalation.Level.HEAD), about[0][0].about
    return SlipRow(
        issuer_id=issuer.pk,
        unit_id=unit.pk,
        post_id=heads[0].pk if heads else None,
        rung=key[2].value,
        tone=(Tone.BLAME if key[2] is Rung.CIRCULATE else Tone.NEITHER).value,
        skips_level=escalation.skips_level(line.units[issuer.area_id].path, line.units[unit.area_id].path),
        proposed_at=at,
        next_step_at=look_at,
        commitment_id=first.get("commitment_id"),
        request_id=first.get("request_id"),
    )


def _look_at(at: datetime) -> datetime:
    """When the clock first looks whether a proposal is decided: the next day, before which no step comes."""
    return due_moment(local_day(at))


def _issue_alone(alone: Sequence[SlipRow], line: Line, at: datetime) -> None:
    """Issue what the ladder lets the clock issue, where nothing met the unit within the period."""
    if not alone:
        return
    plans = reads.plans_of([line.units[slip.issuer_id] for slip in alone], local_day(at))
    longest = max([slips.PERIOD_DAYS, *(plan.period_days for plan in plans.values())])
    met = set(reads.earlier_slips({slip.unit_id for slip in alone}, since=slips.period_begins(at, longest)))
    issued: dict[str, list[SlipRow]] = {}
    for slip in alone:
        if slip.unit_id not in met:
            met.add(slip.unit_id)
            agency = agency_of(line.units[slip.issuer_id], plans.get(slip.issuer_id))
            issued.setdefault(agency, []).append(slip)
    for agency, some in sorted(issued.items()):
        for slip, number in zip(some, reserve_numbers(agency, local_day(at).year, len(some)), strict=True):
            path = line.units[slip.unit_id].path
            _issue(slip, plans.get(slip.issuer_id), number, slips.ANSWER_DAYS, path, at)
    changed = attrgetter("pk", *ISSUED)
    names = [name.removesuffix("_id") for name in ISSUED]
    set_values(Slip, names, [changed(slip) for some in issued.values() for slip in some])


ISSUED = ("number", "plan_id", "state", "issued_at", "answer_by_on", "climb", "told", "told_on", "next_step_at")
"""What changes of a slip when it is issued."""


def _issue(slip: AnySlip, plan: SupervisionPlan | None, number: str, days: int, path: str, at: datetime) -> None:
    """Put it out under its number, with the day of its answer; nothing is saved here."""
    today = local_day(at)
    slip.number = number
    slip.plan_id = plan.pk if plan else None
    slip.state = SlipState.ISSUED
    slip.issued_at = at
    slip.await_answer(add_working(today, days, calendar_for(path)))


def agency_of(issuer: Unit | Node, plan: SupervisionPlan | None) -> str:
    """The code before a number（机关代字）: the plan's, else the unit's short name and 督."""
    return (plan.agency if plan else "") or f"{(issuer.short_name or issuer.name)[:18]}督"


def reserve_numbers(agency: str, year: int, count: int) -> list[str]:
    """The next numbers of an agency in a year（发文字号）, like ``云督〔2026〕3号``; the series row stays locked."""
    SlipSeries.objects.get_or_create(agency=agency, year=year)
    SlipSeries.objects.filter(agency=agency, year=year).update(last=F("last") + count)
    last = SlipSeries.objects.values_list("last", flat=True).get(agency=agency, year=year)
    return [numbering.format_paper_number(agency, year, last - count + 1 + n) for n in range(count)]


# --- A person proposes -----------------------------------------------------------------------------------------------


@transaction.atomic
def propose_slip(*, actor: Actor, ref: str, version: int, rung: str, words: str, tone: str = "", at: datetime) -> Done:
    """Propose a call to order, or a circular of praise, on a commitment（拟发督办单）; a person approves it.

    Raises:
        Refused: ``slip_tone``, ``reason_missing``, ``slip_proposed_already`` and those of ``begin``.
    """
    words = acting.said(words)
    kind, told = Rung(rung), Tone(tone)
    if (kind is Rung.CIRCULATE) is (told is Tone.NEITHER):
        raise Refused("slip_tone")
    doing = acting.begin(Act.PROPOSE_SLIP, actor=actor, ref=ref, version=version, at=at, intent=Intent(reason=words))
    commitment, seat = doing.commitment, actor.effective
    waits = Slip.objects.filter(
        items__commitment=commitment, issuer=seat.unit_id, rung=kind, state=SlipState.PROPOSED
    ).exists()
    if waits:
        raise Refused("slip_proposed_already", unit=commitment.lead.name)
    heads = notices.posts_of([commitment.lead_id], (Role.HEAD,)).get(commitment.lead_id, [])
    slip = Slip.objects.create(
        rung=kind,
        tone=told,
        state=SlipState.PROPOSED,
        issuer_id=seat.unit_id,
        unit=commitment.lead,
        post=heads[0] if heads else None,
        commitment=commitment,
        words=words,
        skips_level=escalation.skips_level(seat.area_path, commitment.lead.area.path),
        proposed_at=at,
        next_step_at=_look_at(at),
        proposed_by_post_id=seat.post_id,
        proposed_by_user=actor.user_id,
    )
    item = SlipItem.objects.create(slip=slip, commitment=commitment, due_on=commitment.due_on)
    done = doing.finish(
        events.SlipProposed(ref=ref, slip=slip.ref, rung=kind.value, tone=told.value, words=words),
        rows=[slip, item],
        subjects=[slip.ref],
        extra=slip,
    )
    _tell(slip, "proposed", commitment.title, at)
    return done


# --- A person decides ------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Doing:
    """An act on a slip between permission and record."""

    slip: Slip
    act: SlipAct
    after: SlipState
    actor: Actor
    at: datetime
    items: list[SlipItem] = field(default_factory=list)

    @classmethod
    def begin(cls, act: SlipAct, *, actor: Actor, slip: int, version: int, at: datetime) -> _Doing:
        found = reads.lock_slip(actor, slip, version)
        after = slips.decide_slip(found.facts(), act, actor=actor)
        items = list(found.items.select_related("commitment__lead", "request__commitment"))
        return cls(found, act, after, actor, at, items)

    def finish(self, event: events.DeliveryEvent, told: str = "") -> SlipDone:
        slip = self.slip
        slip.state = self.after
        if self.after is not SlipState.ISSUED:
            slip.next_step_at = None
        slip.version += 1
        slip.save()
        entry = ledger.append(
            event,
            actor=self.actor,
            at=self.at,
            after={slip.ledger_key: slip.ledger_state()},
            subjects=[slip.ref, *refs_of(self.items)],
        )
        if told:
            _tell(slip, told, title_of(self.items), self.at)
        return SlipDone(slip, entry)

    def commitments(self) -> list[int]:
        """The commitments it is about."""
        return [item.commitment_id for item in self.items if item.commitment_id is not None]


def refs_of(items: Iterable[SlipItem]) -> list[str]:
    """The numbers of what a slip is about; a request is named by its commitment."""
    found = (item.commitment or (item.request.commitment if item.request else None) for item in items)
    return list(dict.fromkeys(one.ref for one in found if one is not None))


def title_of(items: Sequence[SlipItem]) -> str:
    """The title of the first thing it is about."""
    for item in items:
        about = item.commitment or (item.request.commitment if item.request else None)
        if about is not None:
            return about.title
    return ""


@transaction.atomic
def approve_slip(
    *,
    actor: Actor,
    slip: int,
    version: int,
    opinion: str,
    words: str | None = None,
    answer_days: int = slips.ANSWER_DAYS,
    repeat_reason: str = "",
    at: datetime,
) -> SlipDone:
    """Approve a proposal and issue it with its number（签发）; bound to the version that was looked at.

    Args:
        actor: the supervising side; for praise and blame the head of its area who did not propose it.
        slip: its id.
        version: the version looked at.
        opinion: why; must not be empty.
        words: what the office adds; as proposed when missing.
        answer_days: working days for the answer.
        repeat_reason: why the unit is met again within the period; recorded, and only the head gives it.
        at: now.

    Raises:
        Refused: ``opinion_missing``, ``answer_days_range``, ``nothing_owed_now``, ``already_supervised``,
            ``many_headed``, ``repeat_by_head``, ``not_found``, ``stale_version`` and those of ``decide_slip``.
    """
    opinion, reason = acting.said(opinion), acting.said(repeat_reason)
    if not opinion:
        raise Refused("opinion_missing")
    if not 1 <= answer_days <= 60:
        raise Refused("answer_days_range")
    doing = _Doing.begin(SlipAct.APPROVE, actor=actor, slip=slip, version=version, at=at)
    found = doing.slip
    if found.tone != Tone.PRAISE and found.proposed_by_post_id is None and not _still_owed(doing.items, at):
        raise Refused("nothing_owed_now")
    plan = reads.plan_of(found.issuer, local_day(at))
    days = plan.period_days if plan else slips.PERIOD_DAYS
    earlier = None
    if found.tone != Tone.PRAISE:
        Unit.objects.select_for_update().get(pk=found.unit_id)  # two who approve at once meet here
        earlier = reads.earlier_slip(found.unit_id, since=slips.period_begins(at, days), but=found.pk)
        slips.may_meet(
            told_of(earlier, found),
            unit=found.unit.name,
            days=days,
            reason=reason,
            by_head=slips.heads(found.facts(), actor),
        )
    if words is not None:
        found.words = acting.said(words)
    found.opinion, found.decided_at, found.decided_by_post_id = opinion, at, actor.effective.post_id
    found.earlier, found.repeat_reason = earlier, reason if earlier else ""
    [number] = reserve_numbers(agency_of(found.issuer, plan), local_day(at).year, 1)
    _issue(found, plan, number, answer_days, found.unit.path, at)
    done = doing.finish(
        events.SlipApproved(
            ref=found.ref,
            number=found.number,
            opinion=opinion,
            answer_by_on=iso(found.answer_by_on),
            earlier=earlier.number if earlier else "",
            repeat_reason=found.repeat_reason,
        ),
        "issued",
    )
    _go_on(doing)
    return done


def told_of(earlier: Slip | None, slip: Slip) -> Earlier | None:
    """What the rules and the page say of the slip that met the unit before."""
    if earlier is None or earlier.issued_at is None:
        return None
    return Earlier(
        earlier.number, local_day(earlier.issued_at), earlier.issuer.name, earlier.issuer_id == slip.issuer_id
    )


def _still_owed(items: Iterable[SlipItem], at: datetime) -> bool:
    today = local_day(at)
    for item in items:
        if item.request is not None and item.request.replied_at is None:
            return True
        if item.commitment is not None:
            due_on, owes = item.commitment.owed()
            if owes and due_on is not None and due_on < today:
                return True
    return False


def _go_on(doing: _Doing, *, let_go: bool = False) -> None:
    from luoshi.delivery.services import climbing_replies, escalating  # they propose through this module

    escalating.go_on(doing.commitments(), at=doing.at, let_go=let_go)
    if asked := [item.request_id for item in doing.items if item.request_id is not None]:
        climbing_replies.go_on(asked, at=doing.at, let_go=let_go)


@transaction.atomic
def drop_slip(*, actor: Actor, slip: int, version: int, reason: str, at: datetime) -> SlipDone:
    """Let a proposal go, with a reason（不予签发）; what it names is urged on, but climbs no higher for this date.

    Raises:
        Refused: ``reason_missing``, ``not_found``, ``stale_version`` and those of ``decide_slip``.
    """
    reason = _reason(reason)
    doing = _Doing.begin(SlipAct.DROP, actor=actor, slip=slip, version=version, at=at)
    doing.slip.opinion, doing.slip.decided_at = reason, at
    doing.slip.decided_by_post_id = actor.effective.post_id
    done = doing.finish(events.SlipDropped(ref=doing.slip.ref, reason=reason))
    _go_on(doing, let_go=True)
    return done


@transaction.atomic
def answer_slip(*, actor: Actor, slip: int, version: int, answer: str, at: datetime) -> SlipDone:
    """Answer a slip（答复）: what was done, and by when the rest will be.

    Raises:
        Refused: ``slip_answer_missing``, ``not_found``, ``stale_version`` and those of ``decide_slip``.
    """
    answer = acting.said(answer)
    if not answer:
        raise Refused("slip_answer_missing")
    doing = _Doing.begin(SlipAct.ANSWER, actor=actor, slip=slip, version=version, at=at)
    doing.slip.answer, doing.slip.answered_at = answer, at
    doing.slip.answered_by_post_id = actor.effective.post_id
    return doing.finish(events.SlipAnswered(ref=doing.slip.ref, answer=answer), "answered")


@transaction.atomic
def send_back_slip(
    *, actor: Actor, slip: int, version: int, reason: str, answer_days: int = slips.ANSWER_DAYS, at: datetime
) -> SlipDone:
    """Ask for a better answer, with a reason and a new day（退回重答）; the answer that was given stays in the ledger.

    Raises:
        Refused: ``reason_missing``, ``answer_days_range``, ``not_found``, ``stale_version`` and those of
            ``decide_slip``.
    """
    reason = _reason(reason)
    if not 1 <= answer_days <= 60:
        raise Refused("answer_days_range")
    doing = _Doing.begin(SlipAct.SEND_BACK, actor=actor, slip=slip, version=version, at=at)
    doing.slip.await_answer(add_working(local_day(at), answer_days, calendar_for(doing.slip.unit.path)))
    doing.slip.end_reason = reason
    event = events.SlipSentBack(ref=doing.slip.ref, reason=reason, answer_by_on=iso(doing.slip.answer_by_on))
    return doing.finish(event, "sent_back")


@transaction.atomic
def settle_slip(*, actor: Actor, slip: int, version: int, reason: str, at: datetime) -> SlipDone:
    """Say that what the slip asked is done（办结）, with a sentence.

    Raises:
        Refused: ``reason_missing``, ``not_found``, ``stale_version`` and those of ``decide_slip``.
    """
    return _ended(SlipAct.SETTLE, events.SlipSettled, "settled", actor, slip, version, reason, at)


@transaction.atomic
def withdraw_slip(*, actor: Actor, slip: int, version: int, reason: str, at: datetime) -> SlipDone:
    """Take a slip back, with a reason（撤回）; it counts no more for how often the unit was met.

    Raises:
        Refused: ``reason_missing``, ``not_found``, ``stale_version`` and those of ``decide_slip``.
    """
    return _ended(SlipAct.WITHDRAW, events.SlipWithdrawn, "withdrawn", actor, slip, version, reason, at)


def _ended(
    act: SlipAct,
    event: type[events.SlipSettled] | type[events.SlipWithdrawn],
    told: str,
    actor: Actor,
    slip: int,
    version: int,
    reason: str,
    at: datetime,
) -> SlipDone:
    reason = _reason(reason)
    doing = _Doing.begin(act, actor=actor, slip=slip, version=version, at=at)
    doing.slip.end_reason, doing.slip.ended_at = reason, at
    doing.slip.ended_by_post_id = actor.effective.post_id
    return doing.finish(event(ref=doing.slip.ref, reason=reason), told)


def _reason(reason: str) -> str:
    reason = acting.said(reason)
    if not reason:
        raise Refused("reason_missing")
    return reason


# --- Messages --------------------------------------------------------------------------------------------------------


def _tell(slip: Slip, told: str, title: str, at: datetime) -> None:
    """Tell the side that has to act next; the number of statements is the same for any slip."""
    if told in ("proposed", "answered"):
        found = notices.posts_of({slip.issuer_id, slip.issuer.area_id}, approving(slip))
        posts = [post for posts in found.values() for post in posts]
    else:
        posts = notices.posts_of([slip.unit_id], notices.TO_LEAD).get(slip.unit_id, [])
        if not posts and slip.unit.parent_id is not None:
            posts = notices.posts_of([slip.unit.parent_id], notices.FOR_LEAD).get(slip.unit.parent_id, [])
    kind = f"delivery.slip-{told.replace('_', '-')}"
    office.notify_each(
        [_note(slip, told, title, slip.unit.name, posts)],
        kind=kind,
        subject=SUBJECTS[told],
        at=at,
        prompt=told in PROMPT,
    )


def _note(slip: AnySlip, told: str, title: str, unit: str, posts: Iterable[office.Addressee]) -> office.Note:
    params = {
        "unit": unit,
        "number": slip.number,
        "title": title,
        "answer_by": iso(slip.answer_by_on) or "",
    }
    return office.Note(tuple(posts), f"{slip.ref}:{told}:{slip.version}", f"/slips/{slip.pk}/", params)


def approving(slip: AnySlip) -> tuple[Role, ...]:
    """Who of the supervising side decides: for what praises or blames the head alone."""
    judges = slip.tone or Rung(slip.rung) in escalation.PERSON_RUNGS
    return (Role.HEAD,) if judges else (Role.HEAD, Role.OFFICE)


# --- The plan --------------------------------------------------------------------------------------------------------


@transaction.atomic
def record_plan(
    *,
    actor: Actor,
    title: str,
    document: str,
    scope: str,
    from_on: date,
    until_on: date,
    period_days: int = slips.PERIOD_DAYS,
    agency: str = "",
    at: datetime,
) -> tuple[SupervisionPlan, Entry]:
    """Record the supervision plan of one's area（督查计划）: what, on whose approval, when, how often a unit is met.

    Source: 政府督查工作条例 (2021): supervision follows a plan, and its frequency is controlled.

    Raises:
        Refused: ``not_planning``, ``plan_words``, ``plan_dates``, ``plan_period``.
    """
    if actor.role not in (Role.HEAD, Role.OFFICE):
        raise Refused("not_planning")
    if not (title.strip() and document.strip() and scope.strip()):
        raise Refused("plan_words")
    if until_on < from_on:
        raise Refused("plan_dates")
    if not 1 <= period_days <= 366:
        raise Refused("plan_period")
    seat = actor.effective
    plan = SupervisionPlan.objects.create(
        unit_id=paths.own_id(seat.area_path) if actor.role is Role.OFFICE else seat.unit_id,
        title=acting.said(title),
        document=acting.said(document),
        scope=acting.said(scope),
        from_on=from_on,
        until_on=until_on,
        period_days=period_days,
        agency=acting.said(agency)[:20],
        by_post_id=seat.post_id,
        at=at,
    )
    ref = f"plan-{plan.pk}"
    event = events.SupervisionPlanned(
        ref=ref,
        title=plan.title,
        document=plan.document,
        from_on=from_on.isoformat(),
        until_on=until_on.isoformat(),
        period_days=period_days,
    )
    entry = ledger.append(event, actor=actor, at=at, after={plan.ledger_key: plan.ledger_state()}, subjects=(ref,))
    return plan, entry
