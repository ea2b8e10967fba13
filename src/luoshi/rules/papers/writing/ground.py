"""What the papers of every kind share（拟文公用）: the language and its words, and the list of what is owed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from luoshi.rules.papers.lettering import date_text
from luoshi.rules.papers.shapes import Align, Annex, Block, Column, Paragraph, Table
from luoshi.rules.refusals import gettext_noop as _

Say = Callable[[str], str]
"""Translates a message id into the language of the paper."""

ROWS_IN_TEXT = 8
"""A longer list becomes an attachment."""


@dataclass(frozen=True, slots=True)
class Style:
    """What the papers of one door have in common: language, translator, and what every page says of itself."""

    language: str
    say: Say
    stamp: str = ""

    def day(self, day: date | None) -> str:
        """A day in full; a dash where there is none."""
        return date_text(day, self.language) if day else "—"

    def named(self, text: str) -> str:
        """A title in the marks of its language."""
        return f"“{text}”"


@dataclass(frozen=True, slots=True)
class Owed:
    """A commitment a paper is about: its words, when it was due, what is said of it and what was verified, in %."""

    ref: str
    title: str
    due_on: date | None
    days_late: int = 0
    said: int | None = None
    verified: int | None = None


def paragraphs(text: str) -> tuple[Paragraph, ...]:
    """Words somebody typed, a paragraph a line."""
    return tuple(Paragraph(line.strip()) for line in text.splitlines() if line.strip())


def _percent(value: int | None) -> str:
    return "—" if value is None else f"{value}%"


def owed_table(items: tuple[Owed, ...], style: Style) -> Table:
    """What is owed, a row each; said beside verified."""
    say = style.say
    return Table(
        (
            Column(say(_("Row no.")), 0.8, Align.CENTRE),
            Column(say(_("Commitment")), 4.6),
            Column(say(_("Due on")), 2.2, Align.CENTRE),
            Column(say(_("Days late")), 1.3, Align.RIGHT),
            Column(say(_("said / verified")), 1.5, Align.CENTRE),
        ),
        tuple(
            (
                str(at),
                one.title if not one.ref else say(_("%(title)s (%(ref)s)")) % {"title": one.title, "ref": one.ref},
                style.day(one.due_on),
                str(one.days_late),
                f"{_percent(one.said)} / {_percent(one.verified)}",
            )
            for at, one in enumerate(items, start=1)
        ),
    )


def listed(items: tuple[Owed, ...], style: Style) -> tuple[tuple[Block, ...], tuple[Annex, ...]]:
    """The list in the text, or as an attachment when it is long."""
    table = owed_table(items, style)
    if len(items) <= ROWS_IN_TEXT:
        return (table,), ()
    return (), (Annex(style.say(_("List of commitments")), (table,)),)


def full_stop(style: Style) -> str:
    """The mark that ends a sentence in the language of the paper."""
    return "。" if style.language.startswith("zh") else "."
