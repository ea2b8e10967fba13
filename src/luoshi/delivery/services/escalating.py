"""逐级催办: the sweep that takes every step of the ladders that has come due, each once, however late it is.

One batch is one transaction and one ledger entry; messages are outbox rows and slips are proposed in it. Rows are taken
so that two clocks never hold the same one; a step is a row the database accepts once. A clock that is killed leaves
nothing of its batch, and the next one takes the whole of it.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from luoshi.delivery.models import Commitment, LadderStep, Sweep
from luoshi.delivery.queries import climbing
from luoshi.delivery.queries.climbing import Due, Line, PostRow
from luoshi.delivery.services import batches, slips
from luoshi.ledger import services as ledger
from luoshi.office import services as office
from luoshi.office.models.many import add_values, set_values
from luoshi.rules import escalation
from luoshi.rules.calendar import local_day
from luoshi.rules.collecting import held_back
from luoshi.rules.escalation import RUNGS, SLIP_RUNGS, Facts, Level, Next, Rung, Step
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import gettext_noop
from luoshi.units.queries import calendar_for, calendars

_ = gettext_noop
BATCH = 2_000
"""Rows of one transaction: many enough that statements do not count, few enough that nobody waits for a row long."""
STEP = ("commitment", "climb", "due_on", "number", "rung", "to", "unit", "at", "proposed")
KEPT = timedelta(days=30)
"""How long it is kept which batches ran."""

SOON, LATE, TO_ACCEPT, UNACCEPTED, BELOW = "soon", "late", "to_accept", "unaccepted", "below"
ONE: Mapping[str, str] = {
    SOON: _("Reminder: due on %(due)s: %(title)s"),
    LATE: _("Urged: it was due on %(due)s and is not done: %(title)s"),
    TO_ACCEPT: _("Reminder: to be accepted by %(due)s: %(title)s"),
    UNACCEPTED: _("Urged: it was to be accepted by %(due)s: %(title)s"),
    BELOW: _("%(lead)s is silent about what was due on %(due)s: %(title)s"),
}
"""What a message says of one thing that is owed."""
MANY: Mapping[str, str] = {
    SOON: _("Reminder: %(count)s tasks are due, the first on %(due)s: %(title)s"),
    LATE: _("Urged: %(count)s tasks are overdue, the first since %(due)s: %(title)s"),
    TO_ACCEPT: _("Reminder: %(count)s tasks are to be accepted, the first by %(due)s: %(title)s"),
    UNACCEPTED: _("Urged: %(count)s tasks are not accepted, the first was to be by %(due)s: %(title)s"),
    BELOW: _("%(count)s tasks of units below are overdue in silence, the first of %(lead)s since %(due)s: %(title)s"),
}


@dataclass(slots=True)
class _Batch:
    """What one batch comes to."""

    actor: Actor
    at: datetime
    steps: list[tuple[Any, ...]] = field(default_factory=list)
    """Rows of :class:`LadderStep` to be written, in the order of :data:`STEP`."""
    after: list[tuple[Any, ...]] = field(default_factory=list)
    """Key and new values of the rows that change."""
    states: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What the ledger keeps of the steps, as :meth:`LadderStep.ledger_state`."""
    taken: list[tuple[Due, _Taken]] = field(default_factory=list)
    proposed: dict[tuple[int, int, Rung], list[tuple[Due, Step]]] = field(default_factory=dict)
    """(who supervises, who owes, rung) → what it is about."""


@held_back()
@transaction.atomic
def take_steps(*, actor: Actor, at: datetime, limit: int = BATCH, line: Line | None = None) -> int:
    """Take the steps of at most ``limit`` commitments whose stored moment is due on or before ``at``（逐级催办）.

    Every row is looked at by the rule: a step that is due is taken, one step and no more; a moment that was stored
    early is stored anew; what stands still is left alone until an act moves it.

    Args:
        actor: the clock.
        at: now.
        limit: rows of this batch.
        line: what an earlier batch of the same tick learned of units and posts.

    Returns:
        how many rows were looked at; zero means nothing is due.
    """
    began = time.monotonic()
    rows = climbing.due_for_a_step(at, limit)
    if not rows:
        return 0
    line = (line or Line()).know({row.lead_id for row in rows} | {row.issuer_id for row in rows})
    batch = _looked(rows, line, actor, at)
    batch.after.sort()  # in the order of their keys, so that no database looks far for the next one
    batch.steps.sort()
    set_values(Commitment, ("told", "told_on", "next_step_at"), batch.after)
    add_values(LadderStep, STEP, batch.steps)
    made = slips.propose_for_clock(batch.proposed, line=line, at=at)
    office.notify_all([*_told(batch, line), *made.told], at=at, prompt=slips.PROMPT_KINDS)
    entry = None
    if batch.steps:
        rungs = (taken.step.rung for _row, taken in batch.taken)
        entry = ledger.append(
            batches.steps_taken(batch.taken[0][0].ref, rungs, slips=len(made.slips)),
            actor=actor,
            at=at,
            after={
                **batch.states,
                **made.states(),
            },
            subjects=[*(row.ref for row, _taken in batch.taken), *(slip.ref for slip in made.slips)],
        )
    oldest, taken = rows[0].next_step_at, len(batch.steps)
    batches.ran(Sweep.What.STEPS, at=at, rows=len(rows), taken=taken, oldest_at=oldest, began=began, entry=entry)
    return len(rows)


def forget_sweeps(at: datetime) -> int:
    """Forget which batches ran long ago; the ledger keeps what they did."""
    return Sweep.objects.filter(at__lt=at - KEPT).delete()[0]


def _looked(rows: Sequence[Due], line: Line, actor: Actor, at: datetime) -> _Batch:
    """Ask the rule about every row; rows that stand alike are asked about once."""
    batch, today = _Batch(actor, at), local_day(at)
    ladders = climbing.ladders({row.ladder_id for row in rows if row.ladder_id is not None})
    undecided = climbing.waiting_for_a_person([row.pk for row in rows])
    calendar_of = calendars()
    known: dict[tuple[Any, ...], _Alike] = {}
    for row in rows:
        ladder = ladders.get(row.ladder_id or 0)
        due_on, owes = row.owed()
        if ladder is None or due_on is None or due_on != row.climbs_for or not owes or row.pk in undecided:
            batch.after.append((row.pk, row.told, row.told_on, None))
            continue
        calendar = calendar_of(line.units[row.lead_id].path)
        key = (due_on, row.told, row.told_on, row.state, row.began_at, row.ladder_id, id(calendar))
        alike = known.get(key)
        if alike is None:
            facts = Facts(due_on, row.told, row.told_on, row.since)
            found, following = escalation.next_two(facts, ladder, calendar, at)
            alike = known[key] = _Alike.of(row, due_on, found, following, today)
        batch.after.append((row.pk, *alike.after))
        if alike.taken is not None:
            _take(batch, row, alike.taken)
    return batch


@dataclass(frozen=True, slots=True)
class _Taken:
    """A step that is taken now, as it is written of each row that takes it."""

    step: Step
    number: int
    due_on: date
    due: str
    rung: str
    to: str
    by_slip: bool
    words: str
    """What a message says of it: of :data:`ONE` or :data:`MANY`."""


@dataclass(frozen=True, slots=True)
class _Alike:
    """What the rule says of all rows that stand alike."""

    after: tuple[int, date | None, datetime | None]
    """How many steps are told then, on which day the last, and the next moment to be stored."""
    taken: _Taken | None = None

    @classmethod
    def of(cls, row: Due, due_on: date, found: Next | None, following: Next | None, today: date) -> _Alike:
        if found is None or not found.due:
            return cls((row.told, row.told_on, found.at if found else None))
        step = found.step
        by_slip = step.rung in SLIP_RUNGS
        words = _sentence(step, past=due_on < today, accepting=row.accepting)
        return cls(
            (row.told + 1, today, following.at if following and not by_slip else None),
            _Taken(step, found.number, due_on, due_on.isoformat(), step.rung.value, step.to.value, by_slip, words),
        )


def _take(batch: _Batch, row: Due, taken: _Taken) -> None:
    number, rung, to, by_slip = taken.number, taken.rung, taken.to, taken.by_slip
    batch.steps.append((row.pk, row.climb, taken.due_on, number, rung, to, row.lead_id, batch.at, by_slip))
    batch.states[f"delivery.ladderstep:c{row.pk}.{row.climb}.{number}"] = {
        "due_on": taken.due,
        "rung": rung,
        "to": to,
        "unit": row.lead_id,
        "proposed": by_slip,
    }
    batch.taken.append((row, taken))
    if by_slip:
        key = row.issuer_id, row.lead_id, taken.step.rung
        batch.proposed.setdefault(key, []).append((row, taken.step))


# --- Messages --------------------------------------------------------------------------------------------------------


def _told(batch: _Batch, line: Line) -> list[tuple[str, str, list[office.Note]]]:
    """One message to the same posts in the same words, however many things it is about（减负）.

    The highest rung among them names it.
    """
    groups: dict[tuple[str, tuple[PostRow, ...]], list[tuple[Due, _Taken]]] = {}
    named = climbing.posts_in_use({row.lead_post_id for row, _taken in batch.taken if row.lead_post_id})
    for one in batch.taken:
        row, taken = one
        if taken.by_slip:
            continue
        heard = line.reached(row.lead_id, taken.step.to)
        if row.lead_post_id in named and taken.step.to is Level.HANDLER:
            heard = (named[row.lead_post_id],)
        groups.setdefault((taken.words, heard), []).append(one)
    by_words: dict[tuple[str, str], list[office.Note]] = {}
    for (words, heard), about in groups.items():
        rung = max({taken.step.rung for _row, taken in about}, key=RUNGS.index).value
        rows = [row for row, _taken in about]
        by_words.setdefault((rung, (ONE if len(rows) == 1 else MANY)[words]), []).append(_note(heard, rows, rung, line))
    return [(f"delivery.{rung}", subject, notes) for (rung, subject), notes in by_words.items()]


def _sentence(step: Step, *, past: bool, accepting: bool) -> str:
    if step.to in (Level.ABOVE, Level.ABOVE_HEAD):
        return BELOW
    if accepting:
        return UNACCEPTED if past else TO_ACCEPT
    return LATE if past else SOON


def _note(posts: tuple[PostRow, ...], rows: Sequence[Due], rung: str, line: Line) -> office.Note:
    first = min(rows, key=lambda row: (row.climbs_for or date.max, row.pk))
    told: dict[str, Any] = {
        "title": first.title or first.ref,
        "due": first.climbs_for.isoformat() if first.climbs_for else "",
        "lead": line.units[first.lead_id].name,
    }
    if len(rows) == 1:
        return office.Note(posts, f"{first.ref}:{rung}:{first.climb}.{first.told}", f"/c/{first.ref}/", told)
    of_these = hashlib.sha256("|".join(f"{row.ref}:{row.climb}.{row.told}" for row in rows).encode()).hexdigest()[:40]
    return office.Note(posts, f"{of_these}:{rung}", "/", {**told, "count": len(rows)})


# --- What other acts need --------------------------------------------------------------------------------------------


class Moments:
    """The first moment of freshly issued parts, each by the calendar of its own unit; worked out once a calendar."""

    def __init__(self, model: Commitment, at: datetime) -> None:
        """``model`` has the dates and the ladder of every part."""
        rule = model.ladder.rule() if model.ladder is not None else None
        self._rule, self._at, self._model = rule, at, model
        self._known: dict[int, datetime | None] = {}

    def of(self, path: str) -> datetime | None:
        """When the clock looks first at a part of the unit at ``path``."""
        if self._rule is None:
            return None
        calendar = calendar_for(path)
        if id(calendar) not in self._known:
            due_on, _owes = self._model.owed()
            facts = Facts(due_on, since=local_day(self._at))
            found = escalation.next_step(facts, self._rule, calendar, self._at)
            self._known[id(calendar)] = found.at if found else None
        return self._known[id(calendar)]


def go_on(commitments: Iterable[int], *, at: datetime, let_go: bool = False) -> None:
    """After a person decided on a proposed slip, what stood in it climbs on, or is only urged from now on（续催）.

    The grace of the next step counts from the decision.
    """
    rows = Commitment.objects.filter(pk__in=commitments).order_by("pk").select_for_update(of=("self",))
    ends = {
        pk: len(ladder.steps)
        for pk, ladder in climbing.ladders({row.ladder_id for row in rows if row.ladder_id}).items()
    }
    today = local_day(at)
    set_values(
        Commitment,
        ("told", "told_on", "next_step_at"),
        [
            (row.pk, max(row.told, ends.get(row.ladder_id or 0, 0)) if let_go else row.told, today, at)
            for row in rows
            if row.told and row.owed()[1]
        ],
    )
