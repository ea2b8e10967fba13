"""公文的要素: a paper as plain, frozen data, in the order in which it is read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from luoshi.rules.refusals import gettext_noop as _


class Kind(StrEnum):
    """What a paper is for（文种）."""

    NOTICE = "meeting-notice"
    MINUTES = "minutes"
    LETTER = "supervision-letter"
    URGE = "urge-slip"
    CIRCULAR = "circular"
    LOOK_BACK = "look-back-report"
    HANDOVER = "handover-sheet"


class Form(StrEnum):
    """How its head is drawn（格式）: GB/T 9704-2012 chapters 7, 10.1 and 10.3, and without a red head."""

    DOCUMENT = "document"
    LETTER = "letter"
    MINUTES = "minutes"
    PLAIN = "plain"


KIND_NAMES: Final[Mapping[Kind, str]] = MappingProxyType(
    {
        Kind.NOTICE: _("Meeting notice"),
        Kind.MINUTES: _("Minutes of a meeting"),
        Kind.LETTER: _("Supervision letter"),
        Kind.URGE: _("Urge slip"),
        Kind.CIRCULAR: _("Circular"),
        Kind.LOOK_BACK: _("Look-back report"),
        Kind.HANDOVER: _("Hand-over sheet"),
    }
)
FORMS: Final[Mapping[Kind, Form]] = MappingProxyType(
    {
        Kind.NOTICE: Form.DOCUMENT,
        Kind.MINUTES: Form.MINUTES,
        Kind.LETTER: Form.LETTER,
        Kind.URGE: Form.LETTER,
        Kind.CIRCULAR: Form.DOCUMENT,
        Kind.LOOK_BACK: Form.PLAIN,
        Kind.HANDOVER: Form.PLAIN,
    }
)
"""Which head each kind has."""


class Align(StrEnum):
    """Where a column's text stands."""

    LEFT = "left"
    CENTRE = "center"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of level 1 to 4（一、（一）1.（1））; its number is counted, never written.

    With ``body`` it runs into its paragraph: it ends with a full stop and the text goes on in the same line.
    """

    level: int
    text: str
    body: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of running text（自然段）."""

    text: str


@dataclass(frozen=True, slots=True)
class Named:
    """Who was there（出席：…）, below the list of attachments, turned over under its first character (10.3)."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its heading, its share of the width, where its text stands."""

    title: str
    share: float = 1
    align: Align = Align.LEFT


@dataclass(frozen=True, slots=True)
class Table:
    """A table（表格）; its headings are repeated on every page and no row is torn."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""


Block = Heading | Paragraph | Table


@dataclass(frozen=True, slots=True)
class Annex:
    """What is attached（附件）: listed below the text, printed on a page of its own."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signs and when（发文机关署名、成文日期）; ``sealed`` leaves the room that a seal needs."""

    body: str
    on: date
    sealed: bool = True


@dataclass(frozen=True, slots=True)
class Imprint:
    """版记: who has copies, who printed it, when."""

    copies: tuple[str, ...] = ()
    office: str = ""
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Paper:
    """An official paper（公文）.

    ``mark`` is the issuing body as it stands in red at the head, ``to`` the bodies addressed, ``note`` what stands in
    brackets below the date（附注）. ``stamp`` says what every page must say of itself, such as 演示.
    """

    kind: Kind
    language: str
    title: str
    blocks: tuple[Block, ...]
    mark: str = ""
    number: str = ""
    to: tuple[str, ...] = ()
    annexes: tuple[Annex, ...] = ()
    names: tuple[Named, ...] = ()
    signature: Signature | None = None
    imprint: Imprint | None = None
    note: str = ""
    stamp: str = ""

    @property
    def form(self) -> Form:
        """How its head is drawn; a paper in English is plain."""
        return FORMS[self.kind] if self.chinese else Form.PLAIN

    @property
    def chinese(self) -> bool:
        """Whether it is written in Chinese, so that the standard holds."""
        return self.language.startswith("zh")


def digest(paper: Paper) -> str:
    """SHA-256 of what a paper says, in hexadecimal; the same words have the same digest whoever draws them."""
    told = json.dumps([asdict(paper), _kinds(paper)], ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(told.encode()).hexdigest()


def _kinds(paper: Paper) -> list[str]:
    """What each block is: a heading and a paragraph may hold the same words."""
    blocks = [*paper.blocks, *(block for annex in paper.annexes for block in annex.blocks)]
    return [type(block).__name__ for block in blocks]
