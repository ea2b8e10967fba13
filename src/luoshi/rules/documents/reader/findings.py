"""What a reading consists of（读出的内容）: frozen values, each with the words it came from.

A :class:`Span` counts characters of the text *as found*; ``text[span.start:span.end]`` reads back what the field says,
noise included. Nothing is here without a span: what the document does not say stays empty (principle 10).

What a long table has by the hundred thousand is a named tuple, made in a third of a frozen dataclass's time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, NamedTuple


class Span(NamedTuple):
    """From ``start`` up to, not including, ``end``; characters of the text as found."""

    start: int
    end: int


class Field(NamedTuple):
    """Words of the document: as the house writes them, where they stand, how sure the reader is (0 to 1)."""

    value: str
    span: Span
    confidence: float = 1.0


class Role(StrEnum):
    """What a unit does in an item: lead（牵头）, is responsible（责任）, supports（配合）."""

    LEAD = "lead"
    RESPONSIBLE = "responsible"
    SUPPORT = "support"


class UnitRole(NamedTuple):
    """A unit as written, its role, and the rule the role came from."""

    name: Field
    role: Role
    rule: str


class Due(NamedTuple):
    """A deadline（时限）: the day, or ``None`` where the words hang on an event the text does not date."""

    day: date | None
    words: Field


class Frequency(StrEnum):
    """How often a standing duty comes round（频次）."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    HALF_YEARLY = "half_yearly"
    YEARLY = "yearly"
    CONTINUOUS = "continuous"


class Recurring(NamedTuple):
    """A frequency and the words that say it."""

    frequency: Frequency
    words: Field


class Comparator(StrEnum):
    """How a measured result is compared with its value."""

    AT_LEAST = ">="
    AT_MOST = "<="
    EXACTLY = "="
    INCREASE = "increase_by"
    DECREASE = "decrease_by"


class Target(NamedTuple):
    """A measured result the item commits to（量化目标）.

    ``value`` is a plain number; ``uom`` is the measuring unit as written, 万 and 亿 included. ``indicator`` is what is
    measured when the clause names it, ``by`` the deadline that governs it.
    """

    words: Field
    value: float
    uom: str
    comparator: Comparator
    indicator: Field | None = None
    by: Due | None = None


class Kind(StrEnum):
    """Where an item was found."""

    NUMBERED = "numbered"
    TABLE = "table"
    PROSE = "prose"
    CLOSING = "closing"


class Item(NamedTuple):
    """One commitment the document asks for（任务）."""

    path: tuple[str, ...]
    title: Field | None
    requirement: Field
    kind: Kind
    units: tuple[UnitRole, ...] = ()
    dues: tuple[Due, ...] = ()
    recurring: tuple[Recurring, ...] = ()
    targets: tuple[Target, ...] = ()

    @property
    def due(self) -> Due | None:
        """The deadline that closes the item: the last day named, else words that name none."""
        dated = [due for due in self.dues if due.day is not None]
        return max(dated, key=lambda due: due.day or date.min) if dated else next(iter(self.dues), None)

    def named(self, role: Role) -> tuple[Field, ...]:
        """The units with that role, in the order of the text."""
        return tuple(unit.name for unit in self.units if unit.role is role)


class Concern(StrEnum):
    """Why a place of the text is doubtful."""

    LOST = "lost"
    """A character was lost when the text was copied（缺字、乱码）."""
    GLUED = "glued"
    """A list number stands against a figure, such as ``3．2020年``; read as number and figure."""
    DAY = "day"
    """A date the calendar does not have."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A place a person should look at; its words are not mended."""

    concern: Concern
    words: Field


class Script(StrEnum):
    """Language and script as a draft names them."""

    SIMPLIFIED = "zh-Hans"
    TRADITIONAL = "zh-Hant"
    ENGLISH = "en"


@dataclass(frozen=True, slots=True)
class Heading:
    """A part's heading（标题）: its path and its first words."""

    path: tuple[str, ...]
    words: Field


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything the reader found in one document（一次阅读）; ``headings`` only of parts that have items below."""

    items: tuple[Item, ...]
    doubts: tuple[Doubt, ...]
    script: Script
    markup: str
    first_named_leads: bool = False
    headings: tuple[Heading, ...] = ()


SURE: Final = 0.97
LIKELY: Final = 0.85
PERHAPS: Final = 0.6
"""The three degrees of confidence: said by a label, read from a usual phrase, read from grammar alone."""
