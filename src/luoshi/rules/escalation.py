"""阶梯: what happens as time runs out, rung by rung, up the line of those who answer for it.

Principle 5: silence climbs, with grace at each level, and never stops because it is too late. The rule is about
anything that is owed by a day: a commitment to be accepted or delivered, a reply that a superior owes; it knows only
what is owed, until when, and up to which step somebody was told.

Two rules make it fair. A step is due on a working day counted from the date *and* not before its own grace after the
step before it: a clock that stood still for a week tells one rung, waits, and tells the next, it never shames twice at
once. And a step of praise or blame is only ever proposed: a person approves it (政府督查工作条例 2021).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from luoshi.rules import paths
from luoshi.rules.calendar import WorkCalendar, add_working, due_moment, local_day
from luoshi.rules.refusals import Refused, declare
from luoshi.rules.refusals import gettext_noop as _

declare(
    422,
    ladder_empty=_("A ladder has at least one step and at most %(most)s."),
    ladder_order=_("Step %(number)s comes before the one above it: the days must grow from step to step."),
    ladder_skips=_("Step %(number)s skips a rung: they follow one another from reminding to circulating."),
    ladder_level=_("Step %(number)s goes down the line again; on one rung the level may only rise."),
    ladder_days=_("Step %(number)s: days lie between %(least)s and %(most)s."),
    ladder_repeat=_("Urging is repeated after 1 to 90 working days."),
    ladder_approval=_(
        "Whoever approves is reminded after 1 to %(most)s working days; the unit above is told later than that,"
        " after %(most)s at most."
    ),
    ladder_word=_("“%(word)s” is no rung or level of a ladder."),
)

MOST_STEPS: Final = 12
APPROVE_DAYS: Final = 2
"""Working days after which whoever has to approve a proposed slip is reminded, where a ladder says nothing else."""
ABOVE_DAYS: Final = 5
"""Working days after which the unit above is told that a proposal lies undecided."""
MOST_APPROVE_DAYS: Final = 60
LEAST_DAYS: Final = -30
MOST_DAYS: Final = 365
SHARE: Final = 5
"""Steps before the date come in the last fifth of the term at the earliest, as the warning of a light does."""


class Rung(StrEnum):
    """What is done（档）, the mildest first."""

    REMIND = "remind"
    URGE = "urge"
    SUPERVISE = "supervise"
    INTERVIEW = "interview"
    CIRCULATE = "circulate"

    @property
    def height(self) -> int:
        """Its place from 0."""
        return RUNGS.index(self)


RUNGS: Final = tuple(Rung)
RUNG_NAMES: Mapping[Rung, str] = MappingProxyType(
    {
        Rung.REMIND: _("Reminder"),
        Rung.URGE: _("Urging"),
        Rung.SUPERVISE: _("Supervision"),
        Rung.INTERVIEW: _("Interview"),
        Rung.CIRCULATE: _("Circular"),
    }
)
SLIP_RUNGS: Final = frozenset({Rung.SUPERVISE, Rung.INTERVIEW, Rung.CIRCULATE})
"""Rungs on which a slip（督办单）is issued; the two below are messages."""
PERSON_RUNGS: Final = frozenset({Rung.INTERVIEW, Rung.CIRCULATE})
"""Rungs that only a person takes, whatever the ladder says."""


class Level(StrEnum):
    """Whom a step reaches, going up the line（逐级）."""

    HANDLER = "handler"
    HEAD = "head"
    ABOVE = "above"
    ABOVE_HEAD = "above_head"


LEVELS: Final = tuple(Level)
LEVEL_NAMES: Mapping[Level, str] = MappingProxyType(
    {
        Level.HANDLER: _("the handler"),
        Level.HEAD: _("the head of the unit"),
        Level.ABOVE: _("the unit above"),
        Level.ABOVE_HEAD: _("the head of the unit above"),
    }
)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a ladder: so many working days after the date (before it when negative), whom, and by whom."""

    rung: Rung
    to: Level
    days: int
    by_person: bool = False

    @property
    def needs_person(self) -> bool:
        """Whether the clock only proposes it."""
        return self.by_person or self.rung in PERSON_RUNGS

    def told(self) -> dict[str, Any]:
        """The step as JSON."""
        return {"rung": self.rung.value, "to": self.to.value, "days": self.days, "by_person": self.needs_person}


@dataclass(frozen=True, slots=True)
class Ladder:
    """阶梯: steps in the order of time; after the last one urging is repeated every ``repeat_days`` working days.

    Where a step waits for a person, that person is chased too: reminded ``approve_days`` working days after the
    proposal, and after ``above_days`` the unit above is told.

    Raises:
        Refused: ``ladder_empty``, ``ladder_order``, ``ladder_skips``, ``ladder_level``, ``ladder_days``,
            ``ladder_repeat``, ``ladder_approval``.
    """

    steps: tuple[Step, ...]
    repeat_days: int = 7
    approve_days: int = APPROVE_DAYS
    above_days: int = ABOVE_DAYS

    def __post_init__(self) -> None:
        """Refuse a ladder that cannot be climbed one rung at a time."""
        if not 1 <= len(self.steps) <= MOST_STEPS:
            raise Refused("ladder_empty", most=MOST_STEPS)
        if not 1 <= self.repeat_days <= 90:
            raise Refused("ladder_repeat")
        if not 1 <= self.approve_days < self.above_days <= MOST_APPROVE_DAYS:
            raise Refused("ladder_approval", most=MOST_APPROVE_DAYS)
        before: Step | None = None
        for number, step in enumerate(self.steps, start=1):
            if not LEAST_DAYS <= step.days <= MOST_DAYS:
                raise Refused("ladder_days", number=number, least=LEAST_DAYS, most=MOST_DAYS)
            height = before.rung.height if before else -1
            if step.rung.height > height + 1 or step.rung.height < height:
                raise Refused("ladder_skips", number=number)
            if before and step.days <= before.days:
                raise Refused("ladder_order", number=number)
            if before and before.rung is step.rung and LEVELS.index(step.to) < LEVELS.index(before.to):
                raise Refused("ladder_level", number=number)
            before = step

    @property
    def repeated(self) -> Step:
        """What goes on after the last step: urging whom the last step reached."""
        last = self.steps[-1]
        return Step(Rung.URGE, last.to, last.days)

    def step(self, number: int) -> Step:
        """The step of that number from 0; beyond the last one the repeated one."""
        return self.steps[number] if number < len(self.steps) else self.repeated

    def grace(self, number: int) -> int:
        """Working days that must lie between the step before and this one, whatever the date; at least one."""
        if number >= len(self.steps):
            return self.repeat_days
        if number == 0:
            return 1
        return max(1, self.steps[number].days - max(self.steps[number - 1].days, 0))

    def told(self) -> dict[str, Any]:
        """The ladder as JSON."""
        return {
            "steps": [step.told() for step in self.steps],
            "repeat_days": self.repeat_days,
            "approve_days": self.approve_days,
            "above_days": self.above_days,
        }

    def of_approval(self) -> Ladder:
        """What chases whoever has to approve a proposed slip（催批）: itself a ladder, counted from the proposal."""
        steps = (Step(Rung.REMIND, Level.HEAD, self.approve_days), Step(Rung.URGE, Level.ABOVE, self.above_days))
        return Ladder(steps, self.repeat_days)

    def of_answer(self) -> Ladder:
        """What chases an answer that is owed to a slip（催复）: the days and levels after the date, in messages only.

        There is no slip about a slip; in the end the unit above is told, whatever the ladder reaches.
        """
        steps: list[Step] = []
        level = Level.HANDLER
        for step in self.steps[: MOST_STEPS - 1]:
            if step.days > 0:
                level = max(level, step.to, key=LEVELS.index)
                steps.append(Step(Rung.URGE if steps else Rung.REMIND, level, step.days))
        if not steps:
            steps = [Step(Rung.REMIND, Level.HEAD, 1)]
        if LEVELS.index(level) < LEVELS.index(Level.ABOVE):
            later = min(MOST_DAYS, steps[-1].days + self.above_days - self.approve_days)
            steps = [one for one in steps if one.days < later]
            steps.append(Step(Rung.URGE if steps else Rung.REMIND, Level.ABOVE, later))
        return Ladder(tuple(steps), self.repeat_days)

    def of_decision(self) -> Ladder:
        """What chases whoever has not decided in time（催决定）: counted from the day by which it was to be decided."""
        later = 1 + self.above_days - self.approve_days
        return Ladder((Step(Rung.REMIND, Level.HEAD, 1), Step(Rung.URGE, Level.ABOVE, later)), self.repeat_days)


ORDINARY: Final = Ladder(
    (
        Step(Rung.REMIND, Level.HANDLER, -5),
        Step(Rung.REMIND, Level.HANDLER, 0),
        Step(Rung.URGE, Level.HANDLER, 1),
        Step(Rung.URGE, Level.HEAD, 3),
        Step(Rung.SUPERVISE, Level.HEAD, 7, by_person=True),
        Step(Rung.SUPERVISE, Level.ABOVE, 10, by_person=True),
        Step(Rung.INTERVIEW, Level.ABOVE_HEAD, 15, by_person=True),
        Step(Rung.CIRCULATE, Level.ABOVE_HEAD, 30, by_person=True),
    )
)
"""What holds where a programme says nothing else（一般任务）."""


def read_ladder(data: Mapping[str, Any]) -> Ladder:
    """A ladder from its JSON: ``steps`` with ``rung``, ``to``, ``days``, ``by_person``; ``repeat_days`` and the days
    of an approval.

    Raises:
        Refused: ``ladder_word`` and those of :class:`Ladder`.
    """
    return Ladder(
        tuple(_step(one) for one in data["steps"]),
        int(data.get("repeat_days", 7)),
        int(data.get("approve_days", APPROVE_DAYS)),
        int(data.get("above_days", ABOVE_DAYS)),
    )


def _step(data: Mapping[str, Any]) -> Step:
    try:
        rung, to = Rung(data["rung"]), Level(data["to"])
    except ValueError:
        raise Refused("ladder_word", word=f"{data['rung']} {data['to']}"[:60]) from None
    return Step(rung, to, int(data["days"]), bool(data.get("by_person", False)))


# --- When ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Facts:
    """What the ladder needs to know of anything that is owed（欠办事项）.

    ``due_on``: until when it is owed; ``told``: how many steps were taken for this date; ``told_on``: the day of the
    last of them; ``since``: the day from which it is owed at all (issued, accepted, resumed); ``owes``: whether
    anything is still owed; ``stopped``: its clock stands still (suspended, or a superior owes a reply); ``waits``: a
    step was proposed and no person has decided on it.
    """

    due_on: date | None
    told: int = 0
    told_on: date | None = None
    since: date | None = None
    owes: bool = True
    stopped: bool = False
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Next:
    """The next step: which, its number from 0, from which moment; ``due``: that moment has come."""

    step: Step
    number: int
    day: date
    at: datetime
    due: bool = field(default=False)


def next_step(facts: Facts, ladder: Ladder, calendar: WorkCalendar, at: datetime) -> Next | None:
    """The next step of something owed and the moment of it（下一档）; ``None``: none will ever come by itself.

    A step is due from the beginning of a day in Shanghai: its working days counted from the date, and not before the
    grace since the step before. What was missed during an outage is so taken one step at a time.
    """
    if facts.due_on is None or not facts.owes or facts.stopped or facts.waits:
        return None
    number, step = facts.told, ladder.step(facts.told)
    grace = ladder.grace(number)
    before = facts.told_on if number else facts.since
    day = on_working_day(facts.due_on, _days(step, facts), calendar) if number < len(ladder.steps) else None
    if before is not None:
        after = on_working_day(before, grace, calendar)
        day = after if day is None or after > day else day
    if day is None:  # repeated without a day on record: from today
        day = local_day(at)
    moment = due_moment(day - timedelta(days=1))
    return Next(step, number, day, moment, due=moment <= at)


def next_two(facts: Facts, ladder: Ladder, calendar: WorkCalendar, at: datetime) -> tuple[Next | None, Next | None]:
    """The next step and, when it is due, the one after it（本档与下一档）: the row is written once."""
    found = next_step(facts, ladder, calendar, at)
    if found is None or not found.due:
        return found, None
    return found, next_step(replace(facts, told=facts.told + 1, told_on=local_day(at)), ladder, calendar, at)


def _days(step: Step, facts: Facts) -> int:
    """Working days from the date; of a short term only the last fifth is for reminding."""
    if step.days >= 0 or facts.since is None or facts.due_on is None:
        return step.days
    return -min(-step.days, max(1, (facts.due_on - facts.since).days // SHARE))


def on_working_day(day: date, days: int, calendar: WorkCalendar) -> date:
    """The working day so many working days after ``day``, before it when negative; for 0 the last one up to it."""
    return add_working(day, days or -1, calendar) if days or not calendar.is_working(day) else day


EARLIEST: Final = timedelta(days=-LEAST_DAYS * 7 // 5 + 2 + 12)
"""No step comes earlier than this before its date: the most working days, weekends, and two long holidays."""


def look_at(due_on: date | None) -> datetime | None:
    """A moment that is certainly not after the first step of any ladder, found without a calendar or the ladder.

    It is stored when a date is set; the sweep then asks :func:`next_step` and stores the moment itself. A stored
    moment may be early, it is never late. ``None`` without a date.
    """
    return None if due_on is None else due_moment(due_on - EARLIEST - timedelta(days=1))


# --- Up the line -----------------------------------------------------------------------------------------------------


def levels_between(supervising_area: str, owing_area: str) -> int:
    """How many levels of areas lie between who supervises and who is supervised: 0 the same, 1 directly below.

    Not on one line: 0, because nobody is jumped over.
    """
    if not paths.within(owing_area, supervising_area):
        return 0
    return paths.depth(owing_area) - paths.depth(supervising_area)


def skips_level(supervising_area: str, owing_area: str) -> bool:
    """Whether somebody on the line between is jumped over（越级）; normally supervision goes one level down.

    Source: 政府督查工作条例 (2021): a government supervises its own departments and the level directly below.
    """
    return levels_between(supervising_area, owing_area) > 1
