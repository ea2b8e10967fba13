"""A hand-over as a paper（交接单）: the decision log of the post first, then what is open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from luoshi.rules.papers.shapes import Align, Block, Column, Heading, Kind, Paper, Paragraph, Table
from luoshi.rules.papers.writing.ground import Owed, Style, paragraphs
from luoshi.rules.refusals import gettext_noop as _


@dataclass(frozen=True, slots=True)
class Acted:
    """One act of a decision log: its day, what was done, and what it was about."""

    on: date
    act: str
    about: str


@dataclass(frozen=True, slots=True)
class LogOf:
    """A decision log by one matter: the acts under each of its words, and what the holder wrote beside it."""

    matter: str
    words: tuple[tuple[str, tuple[Acted, ...]], ...]
    comments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A seat that changes hands（工作移交）: the post, the day, its decision log, and what lies with it.

    ``log`` is None for a post that keeps none; ``log_more`` says that earlier acts stand in the system only.
    """

    unit: str
    post: str
    on: date
    open_items: tuple[Owed, ...]
    waiting: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    words: str = ""
    log: tuple[LogOf, ...] | None = None
    log_comments: tuple[str, ...] = ()
    log_more: bool = False


def handover_paper(sheet: HandedOver, style: Style) -> Paper:
    """移交清单: the decision log first, then what lies with a post on a day, with room for three signatures.

    It names no person.
    """
    say = style.say
    told = {"unit": sheet.unit, "post": sheet.post, "on": style.day(sheet.on)}
    blocks: list[Block] = [
        Paragraph(say(_("On %(on)s the post “%(post)s” of %(unit)s is handed over with what lies with it.")) % told),
        *_log_blocks(sheet, style),
        Heading(1, say(_("Commitments that are open"))),
    ]
    if sheet.open_items:
        blocks.append(_handed_table(sheet.open_items, style))
    else:
        blocks.append(Paragraph(say(_("There are none."))))
    blocks.append(Heading(1, say(_("What waits for the post"))))
    if sheet.waiting:
        blocks += [Paragraph(f"{at}. {text}") for at, text in enumerate(sheet.waiting, start=1)]
    else:
        blocks.append(Paragraph(say(_("Nothing waits."))))
    if sheet.also:
        blocks.append(Heading(1, say(_("Also handed over"))))
        blocks += [Paragraph(f"{at}. {text}") for at, text in enumerate(sheet.also, start=1)]
    if sheet.words.strip():
        blocks += [Heading(1, say(_("Words of the one who leaves"))), *paragraphs(sheet.words)]
    blocks.append(Heading(1, say(_("Signatures"))))
    blocks.append(
        Table(
            (Column(say(_("Hands over"))), Column(say(_("Takes over"))), Column(say(_("Witness")))),
            (("\n\n", "", ""),),
        )
    )
    return Paper(
        kind=Kind.HANDOVER,
        language=style.language,
        title=say(_("Hand-over sheet of the post “%(post)s” of %(unit)s")) % told,
        blocks=tuple(blocks),
        stamp=style.stamp,
    )


def _handed_table(items: tuple[Owed, ...], style: Style) -> Table:
    """What is open, as the list of the hand-over kept it."""
    say = style.say
    columns = (
        Column(say(_("Number")), 2.4, Align.CENTRE),
        Column(say(_("Commitment")), 5),
        Column(say(_("Due on")), 2.2, Align.CENTRE),
    )
    return Table(columns, tuple((one.ref, one.title, style.day(one.due_on)) for one in items))


def _log_blocks(sheet: HandedOver, style: Style) -> list[Block]:
    """决策记录 as page one of a hand-over: by matter, under three words; a word without an act is left out."""
    say = style.say
    if sheet.log is None:
        return []
    blocks: list[Block] = [
        Heading(1, say(_("Decision log of the post"))),
        Paragraph(
            say(
                _(
                    "What the ledger knows of the holder's own acts from this post, by matter. Nobody filled in a form"
                    " for it; nothing is counted or compared."
                )
            )
        ),
        *(Paragraph(say(_("The holder adds: %(words)s")) % {"words": words}) for words in sheet.log_comments),
    ]
    columns = (
        Column(say(_("Under which word")), 1.9, Align.CENTRE),
        Column(say(_("Day")), 2.7, Align.CENTRE),
        Column(say(_("What was done")), 2),
        Column(say(_("What it was about")), 4.6),
    )
    for part in sheet.log:
        blocks.append(Heading(2, part.matter))
        rows = tuple((name, style.day(one.on), one.act, one.about) for name, acts in part.words for one in acts)
        if rows:
            blocks.append(Table(columns, rows))
        blocks += [Paragraph(say(_("The holder adds: %(words)s")) % {"words": words}) for words in part.comments]
    if not sheet.log:
        blocks.append(Paragraph(say(_("The ledger holds no such act."))))
    if sheet.log_more:
        blocks.append(Paragraph(say(_("Earlier acts stand in the log in the system."))))
    return blocks
