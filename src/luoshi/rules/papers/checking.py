"""公文的检查: what is refused before anything is drawn."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from luoshi.rules.papers import lettering, measures
from luoshi.rules.papers.shapes import Annex, Block, Form, Heading, Kind, Paper, Table
from luoshi.rules.refusals import Refused, declare
from luoshi.rules.refusals import gettext_noop as _

declare(
    422,
    paper_number=_(
        "“%(number)s” is not the number of a paper: write the agency's code, the year in full in "
        "〔〕, the running number "
        "without zeros before it, and 号, like 云督〔2026〕3号."
    ),
    paper_title=_("A paper needs a title."),
    paper_title_line=_(
        "The line “%(line)s” of the title is %(problem)s. Break the title where a word ends, in at most %(most)s lines "
        "of %(room)s characters."
    ),
    paper_date=_("“%(text)s” has zeros before its month or day: write days as 2026年3月1日."),
    paper_to=_("Say to whom the paper goes; the colon is set by itself."),
    paper_mark=_("Say which body issues the paper; it stands in red at its head."),
    paper_level=_("The heading “%(text)s” skips a level; levels are 一、 （一） 1. （1）."),
    paper_table=_("Row %(row)s of the table has %(cells)s cells and not %(columns)s."),
    paper_no_text=_("A paper needs a text below its title."),
)

LONG: Final = _("too long")
TORN: Final = _("torn from a sign that belongs to it")
MOST_LINES: Final = 5
_NUMBER: Final = re.compile(r"[^\s〔〕\[\]【】]{1,40}〔(?:19|20)[0-9]{2}〕[1-9][0-9]{0,5}号")
_ISSUE: Final = re.compile(r"第[1-9][0-9]{0,3}期")
_PADDED: Final = re.compile(r"[0-9]{4}年(?:0[0-9]月|[0-9]{1,2}月0[0-9]日)")
_ENDS: Final = "：:，,。.；;、"


def check(paper: Paper) -> Paper:
    """The paper itself if it may be drawn.

    Raises:
        Refused: ``paper_title``, ``paper_title_line``, ``paper_date``, ``paper_number``, ``paper_mark``, ``paper_to``,
            ``paper_level``, ``paper_table``, ``paper_no_text``.
    """
    check_title(paper.title, chinese=paper.chinese)
    if paper.number:
        check_number(paper.number, minutes=paper.kind is Kind.MINUTES)
    if paper.form is not Form.PLAIN and not paper.mark.strip():
        raise Refused("paper_mark")
    for name in paper.to:
        if not name.strip() or name.strip()[-1] in _ENDS:
            raise Refused("paper_to")
    if paper.form is Form.LETTER and not paper.to:
        raise Refused("paper_to")
    if not paper.blocks:
        raise Refused("paper_no_text")
    parts: list[Paper | Annex] = [paper, *paper.annexes]
    for part in parts:
        _blocks(part)
    return paper


def check_number(number: str, *, minutes: bool = False) -> str:
    """A 发文字号 as 7.2.5 has it; minutes may count issues instead（第3期）.

    Raises:
        Refused: ``paper_number``.
    """
    if not _NUMBER.fullmatch(number) and not (minutes and _ISSUE.fullmatch(number)):
        raise Refused("paper_number", number=number[:40])
    return number


def check_title(title: str, *, chinese: bool = True) -> str:
    """A title that can be set; one that its writer broke is looked at line by line.

    Raises:
        Refused: ``paper_title``, ``paper_title_line``, ``paper_date``.
    """
    if not title.strip():
        raise Refused("paper_title")
    if not chinese:
        return title
    if found := _PADDED.search(title):
        raise Refused("paper_date", text=found[0])
    lines = lettering.title_lines(title)
    for at, line in enumerate(lines):
        problem = ""
        if lettering.width(line) > measures.TITLE_CHARACTERS or at >= MOST_LINES:
            problem = LONG
        elif (at and (line[0] in lettering.CLOSING or line[0] == "的")) or (
            at < len(lines) - 1 and line[-1] in lettering.OPENING
        ):
            problem = TORN
        if problem:
            room = measures.TITLE_CHARACTERS
            raise Refused("paper_title_line", line=line[:40], problem=problem, most=MOST_LINES, room=room)
    return title


def _blocks(part: Paper | Annex) -> None:
    blocks: Iterable[Block] = part.blocks
    level = 0
    for block in blocks:
        if isinstance(block, Heading):
            if not 1 <= block.level <= min(4, level + 1):
                raise Refused("paper_level", text=block.text[:40])
            level = block.level
        elif isinstance(block, Table):
            for number, row in enumerate(block.rows, start=1):
                if len(row) != len(block.columns):
                    raise Refused("paper_table", row=number, cells=len(row), columns=len(block.columns))
