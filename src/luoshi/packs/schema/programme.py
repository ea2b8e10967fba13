"""What a pack says of its programme（方案）: sources, matters, indicators, ladders, departments."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal

from pydantic import Field

from luoshi.packs.schema.parts import Key, Line, Part, Text
from luoshi.rules import escalation
from luoshi.rules.calendar import Frequency


class Paragraph(Part):
    """A paragraph of a source: its number, heading and its words, only as far as they are quoted."""

    number: int = Field(ge=1, le=999)
    heading: Line
    text: str = Field(min_length=1, max_length=600)


class Source(Part):
    """依据的原文: a document by name and date, with the paragraphs that are quoted."""

    key: Key
    document: Text
    issuer: Text
    on: date
    place: Text
    note: Text | None = None
    paragraphs: tuple[Paragraph, ...] = Field(min_length=1)


class Quote(Part):
    """An exact part of a source's paragraph."""

    source: Key
    paragraph: int
    text: Line


class SubMatter(Part):
    """子项: named exactly as the source names it.

    ``garbled``: the name is illegible in the source and kept as found; ``probable_reading`` is then ours, not the
    source's, and is shown as such.
    """

    number: int = Field(ge=1, le=99)
    key: Key
    name: Text
    quote: Line
    garbled: bool = False
    note: Text | None = None
    probable_reading: Text | None = None


class DefaultCommitment(Part):
    """默认任务: a draft that a programme starts with; no date, no figure, no department that the source lacks."""

    key: Key
    title: Text
    requirement: Line
    sub_matter: Key | None = None
    kind: Literal["task", "duty"] = "task"
    frequency: Frequency | None = None


class Matter(Part):
    """事项: one item of the programme, with the sentence it stands on."""

    number: int = Field(ge=1, le=99)
    key: Key
    name: Text
    short: Text
    quote: Quote
    institutions_only: bool = False
    off_system_default: bool = False
    sub_matters: tuple[SubMatter, ...] = ()
    commitments: tuple[DefaultCommitment, ...] = ()


class AuthorityTemplate(Part):
    """依据: who ordered it and in which document; the period is for the office to fill in."""

    who: Text
    source: Key
    document_no: str = ""
    scope: Text


class Acceptance(Part):
    """The time within which an issued commitment is accepted or declined."""

    days: int = Field(ge=1, le=60)
    kind: Literal["calendar", "working"]


class Indicator(Part):
    """指标: what it is about and how it may be split come from closed lists (principle 1)."""

    key: Key
    name: Text
    about: Literal["institution", "facility", "project", "service", "area", "environment", "money"]
    uom: Line
    split_by: tuple[Literal["period", "urban_rural", "facility_kind", "grade", "age_band_of_places"], ...] = ()


Counted = Literal["calendar", "working"]


class Timing(Part):
    """计时规则: when lights turn and how terms are counted; frozen for a commitment when it is issued."""

    warning_kind: Counted = "calendar"
    warning_percent: int = Field(default=20, ge=1, le=100)
    grace_days: int = Field(default=3, ge=0, le=60)
    grace_kind: Counted = "calendar"
    due_kind: Counted = "calendar"
    reply_days: int = Field(default=10, ge=1, le=90)
    reply_kind: Counted = "working"
    decide_days: int = Field(default=5, ge=1, le=90)
    decide_kind: Counted = "working"
    palette: Literal["standard", "clear", "plain"] = "standard"


class Signs(Part):
    """信号阈值: from where on something in a record is a sign to go and look; it certifies nothing."""

    jump_percent: int = Field(default=50, ge=1, le=100)
    late_bp: int = Field(default=500, ge=100, le=5000)
    late_least_days: int = Field(default=3, ge=1, le=30)
    near_days: int = Field(default=30, ge=1, le=90)
    silent_days: int = Field(default=60, ge=7, le=365)


class Programme(Part):
    """方案: a bounded set of priorities, with the settings that hold for all of it."""

    key: Key
    prefix: str
    name: Text
    authority: AuthorityTemplate
    visibility: Literal["own", "siblings", "all"] = "siblings"
    warning_days: int = Field(default=5, ge=0, le=90)
    extension_limit: int = Field(default=2, ge=0, le=9)
    acceptance: Acceptance
    timing: Timing = Timing()
    signs: Signs = Signs()
    ladder: Key
    indicators: tuple[Indicator, ...] = ()


class Rung(Part):
    """档: an act, so many working days before (negative) or after the due date, and whom it reaches."""

    act: Literal["remind", "urge", "supervise", "interview", "circulate"]
    days: int = Field(ge=-30, le=365)
    to: Literal["handler", "head", "above", "above_head"]
    by_person: bool = False


class Ladder(Part):
    """阶梯: rungs in the order of time; silence climbs and never stops because it is too late."""

    key: Key
    name: Text
    rungs: tuple[Rung, ...] = Field(min_length=1, max_length=escalation.MOST_STEPS)
    repeat_days: int = Field(ge=1, le=90)
    approve_days: int = Field(default=escalation.APPROVE_DAYS, ge=1, le=escalation.MOST_APPROVE_DAYS)
    above_days: int = Field(default=escalation.ABOVE_DAYS, ge=1, le=escalation.MOST_APPROVE_DAYS)

    def rule(self) -> escalation.Ladder:
        """The ladder as the rules climb it.

        Raises:
            Refused: it skips a rung, goes down the line, or is not in the order of time.
        """
        steps = tuple(
            escalation.Step(escalation.Rung(one.act), escalation.Level(one.to), one.days, one.by_person)
            for one in self.rungs
        )
        return escalation.Ladder(steps, self.repeat_days, self.approve_days, self.above_days)


class Department(Part):
    """A standard department（标准部门）; a level without a name has none."""

    key: Key
    names: Mapping[Literal["province", "prefecture", "county"], Line]
    en: Mapping[Literal["province", "prefecture", "county"], Line]
    aliases: tuple[Line, ...] = ()
    superior_key: bool = True
    with_area_name: bool = True
