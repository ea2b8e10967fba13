"""催办未决: what waits for one decision or one answer is chased, whatever it is: a step at a time, and never too late.

A proposed slip waits for its approval, an issued one for its answer, an asked extension for its decision. Whoever owes
it is told, and then the level above, in working days of the side that owes it, as the ladder says under which the thing
was issued. Nothing of this ever proposes a slip.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from luoshi.delivery.models import Extension, LadderStep, Slip, Sweep
from luoshi.delivery.queries import climbing
from luoshi.delivery.queries.climbing import Line, PostRow
from luoshi.delivery.services import batches
from luoshi.ledger import services as ledger
from luoshi.ledger.models import Entry
from luoshi.office import services as office
from luoshi.office.models.many import add_rows, set_values
from luoshi.rules import escalation
from luoshi.rules.calendar import local_day
from luoshi.rules.escalation import Facts, Ladder, Level, Next, Step
from luoshi.rules.permissions import Actor, Role
from luoshi.units.queries import calendar_for

BATCH = 500
OWES, ABOVE = "owes", "above"
"""Which sentence: to whoever owes it, or to the level above."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing that waits（待决事项）, as the clock needs it."""

    row: Slip | Extension
    facts: Facts
    ladder: Ladder
    owes: int
    """The unit that owes the decision or the answer."""
    ref: str
    """Under which the ledger finds it."""
    key: str
    """What its messages are known by."""
    link: str
    about: Mapping[str, int]
    """The columns of a step that name it: what it is, and which climb."""
    says: Mapping[str, Any]
    """What its sentence says."""
    roles: tuple[Role, ...] = ()
    """Who of the unit and of its area decides; empty: whom the ladder reaches."""
    again_at: datetime | None = None
    """When to look again, where nothing is owed just now."""


@dataclass(frozen=True, slots=True)
class Sort:
    """One sort of thing that waits（待决种类）: its sentences and where many of them are listed."""

    kind: str
    one: Mapping[str, str]
    many: Mapping[str, str]
    list_link: str


@dataclass(slots=True)
class _Batch:
    """What one batch comes to."""

    after: list[tuple[Any, ...]] = field(default_factory=list)
    steps: list[LadderStep] = field(default_factory=list)
    taken: list[tuple[Waiting, Next]] = field(default_factory=list)


def due(rows: QuerySet[Any], at: datetime, limit: int) -> list[Any]:
    """The rows whose stored moment is due, the oldest first, locked; those another clock holds are passed over."""
    skip = connection.features.has_select_for_update_skip_locked
    found = rows.filter(next_step_at__lte=at).order_by("next_step_at", "pk")
    return list(found.select_for_update(of=("self",), skip_locked=skip)[:limit])


def ladders_of(ids: Sequence[int | None]) -> Callable[[int | None], Ladder]:
    """The ladder of an id; the ordinary one where something was issued under none."""
    known = climbing.ladders({pk for pk in ids if pk is not None})
    return lambda pk: known.get(pk or 0, escalation.ORDINARY)


def learn(line: Line | None, units: set[int]) -> Line:
    """A line that knows these units and the areas they speak for."""
    known = (line or Line()).know(units)
    return known.know({known.units[pk].area_id for pk in units})


def take(some: Sequence[Waiting], sort: Sort, *, line: Line, actor: Actor, at: datetime, began: float) -> int:
    """Take the steps of what waits（催办未决）; one batch, one entry. How many rows were looked at.

    Args:
        some: what :func:`due` found, of one model.
        sort: which sort of thing it is.
        line: knows the units that owe it and their areas.
        actor: the clock.
        at: now.
        began: when the batch began, by ``time.monotonic()``.
    """
    if not some:
        return 0
    batch, today = _Batch(), local_day(at)
    for one in some:
        row, unit = one.row, line.units[one.owes]
        found, following = escalation.next_two(one.facts, one.ladder, calendar_for(unit.path), at)
        if found is None or not found.due:
            batch.after.append((row.pk, row.told, row.told_on, found.at if found else one.again_at))
            continue
        batch.after.append((row.pk, row.told + 1, today, following.at if following else None))
        batch.taken.append((one, found))
        step = found.step
        batch.steps.append(
            LadderStep(
                **one.about,
                due_on=one.facts.due_on or today,
                number=found.number,
                rung=step.rung.value,
                to=step.to.value,
                unit_id=unit.pk,
                at=at,
            )
        )
    set_values(type(some[0].row), ("told", "told_on", "next_step_at"), batch.after)
    add_rows(batch.steps)
    office.notify_all(_told(batch.taken, sort, line), at=at)
    entry = _entry(batch, actor, at) if batch.steps else None
    oldest, number = some[0].row.next_step_at, len(batch.steps)
    batches.ran(Sweep.What.STEPS, at=at, rows=len(some), taken=number, oldest_at=oldest, began=began, entry=entry)
    return len(some)


def _entry(batch: _Batch, actor: Actor, at: datetime) -> Entry:
    refs = list(dict.fromkeys(one.ref for one, _found in batch.taken))
    return ledger.append(
        batches.steps_taken(refs[0], (found.step.rung for _one, found in batch.taken), slips=0),
        actor=actor,
        at=at,
        after={step.ledger_key: step.ledger_state() for step in batch.steps},
        subjects=refs,
    )


# --- Messages --------------------------------------------------------------------------------------------------------


def _told(taken: Sequence[tuple[Waiting, Next]], sort: Sort, line: Line) -> list[tuple[str, str, list[office.Note]]]:
    """One message to the same posts about one unit's things, however many there are（减负）."""
    groups: dict[tuple[str, str, int, tuple[PostRow, ...]], list[tuple[Waiting, Next]]] = {}
    for one, found in taken:
        words, heard = _heard(one, found.step, line)
        unit = one.owes if words == ABOVE else 0
        groups.setdefault((found.step.rung.value, words, unit, heard), []).append((one, found))
    notes: dict[tuple[str, str], list[office.Note]] = {}
    for (rung, words, _unit, heard), some in groups.items():
        sentence = (sort.one if len(some) == 1 else sort.many)[words]
        notes.setdefault((rung, sentence), []).append(_note(some, heard, sort))
    return [(f"delivery.{sort.kind}-{rung}", sentence, told) for (rung, sentence), told in notes.items()]


def _heard(one: Waiting, step: Step, line: Line) -> tuple[str, tuple[PostRow, ...]]:
    """Whom a step reaches: those who owe it, or the level above; they themselves where nothing stands above."""
    area = line.units[line.units[one.owes].area_id]
    if step.to in (Level.ABOVE, Level.ABOVE_HEAD) and area.parent_id in line.units:
        return ABOVE, line.reached(area.pk, step.to)
    if not one.roles:
        return OWES, line.reached(one.owes, Level.HANDLER if step.to is Level.HANDLER else Level.HEAD)
    sides = dict.fromkeys((one.owes, area.pk))
    return OWES, tuple(post for pk in sides for post in line.posts.get(pk, ()) if post.role in one.roles)


def _note(some: Sequence[tuple[Waiting, Next]], heard: tuple[PostRow, ...], sort: Sort) -> office.Note:
    first, found = min(some, key=lambda pair: (pair[0].facts.due_on, pair[0].row.pk))
    told = dict(first.says)
    if len(some) == 1:
        return office.Note(heard, f"{first.key}:{found.number}", first.link, told)
    of_these = hashlib.sha256("|".join(f"{one.key}:{step.number}" for one, step in some).encode()).hexdigest()[:40]
    return office.Note(heard, f"{of_these}:chased", sort.list_link, {**told, "count": len(some)})
