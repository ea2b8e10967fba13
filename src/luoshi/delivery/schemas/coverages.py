"""What the API tells about coverage and reminders（覆盖、提醒）."""

from __future__ import annotations

import datetime as dt

from pydantic import BaseModel

from luoshi.delivery.queries import coverage as reads
from luoshi.delivery.schemas.answers import Mark, UnitName
from luoshi.delivery.services import Reminding
from luoshi.ledger.models import Entry
from luoshi.rules import coverage
from luoshi.rules.lifecycle import Act, State

NAMED = 200
"""Units named in one answer; the count is of all."""


class StepOut(BaseModel):
    """How far one step has come: ``done`` of ``owed``."""

    owed: int
    done: int
    missing: int

    @staticmethod
    def of(count: coverage.Count) -> StepOut:
        """One step."""
        return StepOut(owed=count.owed, done=count.done, missing=count.missing)


class StepsOut(BaseModel):
    """The four steps over some commitments that were handed down."""

    total: int
    accepted: StepOut
    broken_down: StepOut
    named: StepOut
    reported: StepOut

    @staticmethod
    def of(counts: coverage.Coverage) -> StepsOut:
        """All of them."""
        return StepsOut(
            total=counts.total,
            accepted=StepOut.of(counts.accepted),
            broken_down=StepOut.of(counts.broken_down),
            named=StepOut.of(counts.named),
            reported=StepOut.of(counts.reported),
        )


class LevelOut(StepsOut):
    """One level of government; departments apart from areas."""

    level: str
    area: bool


class UnitOut(StepsOut):
    """One unit one level below with everything under it; ``further`` says whether it can be asked for in turn."""

    unit: UnitName
    further: bool


class CoverageOut(BaseModel):
    """Who accepted, broke down, named a post and reported, within ``unit``."""

    unit: UnitName
    total: StepsOut
    levels: list[LevelOut]
    units: list[UnitOut]
    hidden: int

    @staticmethod
    def of(handed: reads.Handed) -> CoverageOut:
        """The picture of what was handed down."""
        covered = reads.covered(handed)
        return CoverageOut(
            unit=UnitName.of(handed.top),
            total=StepsOut.of(covered.total),
            levels=[
                LevelOut(level=one.level, area=one.area, **dict(StepsOut.of(one.counts))) for one in covered.levels
            ],
            units=[
                UnitOut(unit=UnitName.of(one.unit), further=one.further, **dict(StepsOut.of(one.counts)))
                for one in covered.units
            ],
            hidden=covered.hidden,
        )


class HoleOut(BaseModel):
    """A unit that has not taken a step: since when, by when it was asked, when it was reminded last.

    ``open`` says whether the unit can take the step now; only then it is reminded.
    """

    unit: UnitName
    ref: str
    title: str
    state: State
    since: dt.datetime | None
    due_on: dt.date | None
    open: bool
    reminded_at: dt.datetime | None


class HolePage(BaseModel):
    """Holes in the order of the tree of units; ``next`` is the cursor of the page that follows, or null."""

    items: list[HoleOut]
    next: int | None

    @staticmethod
    def of(handed: reads.Handed, step: str, at: dt.datetime, *, level: str, after: int | None, limit: int) -> HolePage:
        """One page of holes."""
        found, following = reads.holes(handed, Act(step), at, level=level, after=after, limit=limit)
        return HolePage(
            items=[
                HoleOut(
                    unit=UnitName.of(one.commitment.lead),
                    ref=one.commitment.ref,
                    title=one.commitment.title,
                    state=State(one.commitment.state),
                    since=one.since,
                    due_on=one.due_on,
                    open=one.open,
                    reminded_at=one.reminded_at,
                )
                for one in found
            ],
            next=following,
        )


class RemindingOut(BaseModel):
    """Whom a reminder reaches and what it costs; ``names`` are at most the first 200 of ``units``.

    ``today``: units left out, reminded of this today already. ``others``: holes left out, because the step is not open
    to them yet or another side reminds them. ``unheard``: units left out, because no post can receive it.
    """

    step: str
    units: int
    commitments: int
    messages: int
    names: list[str]
    today: int
    last_at: dt.datetime | None
    others: int
    unheard: list[str]

    @staticmethod
    def of(reminding: Reminding) -> RemindingOut:
        """The price of a reminder, or what it came to."""
        units = reminding.units
        return RemindingOut(
            step=reminding.step.value,
            units=len(units),
            commitments=len(reminding.to),
            messages=reminding.messages,
            names=units[:NAMED],
            today=len(reminding.today),
            last_at=reminding.last_at,
            others=reminding.others,
            unheard=list(reminding.unheard[:NAMED]),
        )


class RemindedOut(RemindingOut):
    """What a reminder across a programme came to, with its ledger entry."""

    entry: Mark

    @staticmethod
    def made(reminding: Reminding, entry: Entry) -> RemindedOut:
        """The answer to the act."""
        return RemindedOut(**dict(RemindingOut.of(reminding)), entry=Mark.of(entry))
