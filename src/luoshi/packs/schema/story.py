"""What the demonstration of a pack tells（演示）: persons, commitments with their acts, news, meetings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from luoshi.packs.schema.parts import Code, Key, Level, Line, Part, Text
from luoshi.rules.calendar import Frequency

Role = Literal["head", "office", "handler", "verifier", "duty", "auditor", "administrator"]


class Seat(Part):
    """A unit of the story: an area by code, or one of its standard departments."""

    area: Code
    department: Key | None = None


class Person(Part):
    """A person of the demonstration, invented and named like a role; ``acts_for`` makes a deputy."""

    username: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,29}$")]
    name: Text
    post: Text
    role: Role
    unit: Seat
    acts_for: str | None = None
    on_bar: bool = False
    what: Text | None = None


class TourStep(Part):
    """One of the steps of the guided tour."""

    number: int = Field(ge=1, le=9)
    key: Key
    title: Text
    caption: Text
    commitment: Key
    person: str
    anchor: Key


class StorySheet(Part):
    """A table handed in with a report, as the lines of a CSV file."""

    name: Line
    lines: tuple[Line, ...] = Field(min_length=2)


class StoryAct(Part):
    """One act of the story, ``day`` days from today (negative: before), as delivery's acts are called."""

    day: int = Field(ge=-1500, le=0)
    act: Literal[
        "accept", "report", "apply", "verify", "close", "return", "ask-extension", "decide-extension", "look-back",
        "request", "reply", "instruct", "refused-apply",
    ]  # fmt: skip
    by: str
    percent: int | None = Field(default=None, ge=0, le=100)
    how: Literal["desk", "visited", "sampled"] | None = None
    passed: bool | None = None
    granted: bool | None = None
    new_due: int | None = Field(default=None, ge=-1500, le=1500)
    text: Line
    problem: str = ""
    next_step: str = ""
    sheet: StorySheet | None = None


class StoryCommitment(Part):
    """A commitment that is told act by act."""

    key: Key
    matter: int
    sub_matter: Key | None = None
    title: Line
    requirement: Line
    criteria: tuple[Line, ...] = ()
    issuer: Seat
    lead: Seat
    supporting: tuple[Seat, ...] = ()
    parent: Key | None = None
    issued: int = Field(ge=-1500, le=0)
    due: int = Field(ge=-1500, le=1500)
    acts: tuple[StoryAct, ...] = ()


class StoryPeriod(Part):
    """One past period of a standing duty, counted back from the current one (−1 is the last)."""

    index: int = Field(ge=-12, le=0)
    state: Literal["finished", "missed", "open"]
    text: str = ""


class StoryDuty(Part):
    """长期任务: a standing duty of the story with some of its periods."""

    key: Key
    matter: int
    sub_matter: Key | None = None
    title: Line
    requirement: Line
    criteria: tuple[Line, ...] = ()
    issuer: Seat
    lead: Seat
    frequency: Frequency
    issued: int = Field(ge=-1500, le=0)
    periods: tuple[StoryPeriod, ...] = Field(min_length=1)


class StoryLate(Part):
    """逾期: a task of a county of the story's prefecture that fell silent, and how far the clock's ladder has come.

    ``overdue`` are working days since its date, negative before it. ``told``: urged and no more; a slip ``waits`` for
    its approval; a slip was ``answered``; the ladder has come to the ``interview``; or the county ``asks`` a question
    whose reply is overdue above.
    """

    key: Key
    matter: int
    sub_matter: Key | None = None
    title: Line
    requirement: Line
    criteria: tuple[Line, ...] = ()
    lead: Code
    overdue: int = Field(ge=-250, le=40)
    told: Literal["urged", "waits", "answered", "interview", "asks"]
    text: Line


class StoryLocalDay(Part):
    """地方节日: an invented local holiday: the first working day ``day`` days from today or later."""

    area: Code
    day: int = Field(ge=-300, le=300)
    name: Text
    reason: Line


class WorkLine(Part):
    """A line of generated work at several levels; ``{area}`` and ``{upper}`` are units' names."""

    key: Key
    matter: int
    sub_matter: Key | None = None
    department: Key
    titles: Mapping[Level, Line]
    requirement: Line
    criteria: tuple[Line, ...] = Field(min_length=1)
    works: tuple[Line, ...] = Field(min_length=3)
    weight: int = Field(default=1, ge=1, le=100)


class Phrases(Part):
    """Sentences from which reports are put together; slots ``{area}``, ``{work}`` and ``{other}``."""

    early: tuple[Line, ...] = Field(min_length=3)
    middle: tuple[Line, ...] = Field(min_length=3)
    late: tuple[Line, ...] = Field(min_length=3)
    complete: tuple[Line, ...] = Field(min_length=3)
    problems: tuple[Line, ...] = Field(min_length=3)
    next_steps: tuple[Line, ...] = Field(min_length=3)
    returns: tuple[Line, ...] = Field(min_length=2)
    declines: tuple[Line, ...] = Field(min_length=2)
    extensions: tuple[Line, ...] = Field(min_length=2)
    verified_passed: tuple[Line, ...] = Field(min_length=2)
    verified_failed: tuple[Line, ...] = Field(min_length=2)
    closings: tuple[Line, ...] = Field(min_length=2)


class StoryArticle(Part):
    """An invented article of the story, ``day`` days from today; nothing happened that it tells."""

    day: int = Field(ge=-25, le=0)
    title: Line
    text: str = Field(default="", max_length=200)


class StorySource(Part):
    """要闻来源: an invented source of the story and what it published; kept by the office of an area."""

    name: Line
    by: str
    articles: tuple[StoryArticle, ...] = Field(min_length=1)


class StoryTold(Part):
    """What was reported on a decision, ``day`` days from today."""

    day: int = Field(ge=-300, le=-1)
    percent: int = Field(ge=0, le=100)
    words: Line


class StoryDecision(Part):
    """A decision of a meeting of the story, and what its unit reported since."""

    text: Line
    matter: int
    lead: Code
    due: int = Field(ge=-300, le=300)
    reports: tuple[StoryTold, ...] = ()


class StoryCircular(Part):
    """What the office wrote to the units after a meeting."""

    title: Line
    words: Line


class StoryMeeting(Part):
    """会议: an invented meeting, ``day`` days from today; one that has passed was held and ended."""

    kind: Literal["review", "dispatch", "special"]
    title: Line
    place: Line
    called: int = Field(ge=-320, le=0)
    papers: int | None = Field(default=None, ge=-320, le=0)
    day: int = Field(ge=-300, le=60)
    outcomes: tuple[Line, ...] = ()
    decisions: tuple[StoryDecision, ...] = ()
    minutes: str = Field(default="", max_length=2000)
    circular: StoryCircular | None = None


class Story(Part):
    """演示: a deterministic story; every day is an offset from today."""

    name: Text
    prefecture: Code
    village_lines: tuple[Key, ...]
    persons: tuple[Person, ...]
    tour: tuple[TourStep, ...]
    commitments: tuple[StoryCommitment, ...]
    duties: tuple[StoryDuty, ...]
    lines: tuple[WorkLine, ...]
    phrases: Phrases
    news: tuple[StorySource, ...] = ()
    late: tuple[StoryLate, ...] = ()
    local_days: tuple[StoryLocalDay, ...] = ()
    meetings: tuple[StoryMeeting, ...] = ()
