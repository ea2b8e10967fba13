"""公文转 Word: a template that an office can edit, and a paper put into it.

A template is an ordinary Word file: its page, its styles and whatever else stands in it are the office's. Paragraphs
that hold one of :data:`PLACES` alone are replaced by what belongs there. Nothing in a template is run.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

from django.conf import settings

from luoshi.office.adapters.papers import template, titles
from luoshi.office.adapters.papers.template import PLACES, Paragraphs
from luoshi.rules import papers
from luoshi.rules.papers import laying, lettering, measures
from luoshi.rules.refusals import Refused, declare
from luoshi.rules.refusals import gettext_noop as _

declare(
    422,
    paper_template=_(
        "The template “%(name)s” cannot be used: %(problem)s. Take the house's own with “luoshi papers templates "
        "FOLDER” and change it in Word."
    ),
)
NO_WORD: Final = _("it is no Word file (.docx)")
NO_PLACE: Final = _("it lacks the line that marks where the text begins")
MADE: Final = (1980, 1, 1, 0, 0, 0)
"""The time of every part of the file, so that the same paper gives the same bytes."""


def write(paper: papers.Paper) -> bytes:
    """The paper as a Word file.

    Raises:
        Refused: ``paper_template`` and those of :func:`luoshi.rules.papers.check`.
    """
    papers.check(paper)
    document = _template(paper)
    _Filling(document, paper).fill()
    return packed(document, paper)


def _template(paper: papers.Paper) -> Any:
    """The office's own template for the form, else the house's."""
    import docx  # 0.3 s: only where a paper is written

    name = f"{paper.form.value}{'' if paper.chinese else '-en'}.docx"
    own = Path(settings.PAPER_TEMPLATES) / name if settings.PAPER_TEMPLATES else None
    if own is None or not own.exists():
        return template.build(paper.form, chinese=paper.chinese)
    try:
        found = docx.Document(str(own))
    except Exception as error:
        raise Refused("paper_template", name=name, problem=NO_WORD) from error
    if not any(one.text.strip() == PLACES["blocks"] for one in found.paragraphs):
        raise Refused("paper_template", name=name, problem=NO_PLACE)
    template.add_missing_styles(found, chinese=paper.chinese)
    return found


class _Filling:
    """One paper on its way into one document."""

    def __init__(self, document: Any, paper: papers.Paper) -> None:
        self.document, self.paper = document, paper
        self.words = laying.words_of(paper)
        self.at = Paragraphs(document, chinese=paper.chinese)

    def fill(self) -> None:
        """Replace every marked line by what belongs there."""
        writers: dict[str, Callable[[Any], None]] = {
            "mark": self._mark,
            "number": self._number,
            "title": self._title,
            "to": self._to,
            "blocks": lambda place: self._blocks(place, self.paper.blocks),
            "attached": self._attached,
            "signature": self._signature,
            "note": self._note,
            "annexes": self._annexes,
            "imprint": self._imprint,
            "stamp": self._stamp,
        }
        for part in (self.document, *self._heads()):
            for place in list(part.paragraphs):
                text = place.text.strip()
                for key, writer in writers.items():
                    if text == PLACES[key]:
                        writer(place)
        self.document.core_properties.title = self.paper.title.replace("\n", "")
        self.document.core_properties.keywords = papers.digest(self.paper)

    def _heads(self) -> list[Any]:
        found = []
        for section in self.document.sections:
            found += [section.header, section.first_page_header, section.even_page_header]
        return [one for one in found if not one.is_linked_to_previous]

    # --- one place each ---

    def _number(self, place: Any) -> None:
        """The number; where the red rule hangs below it, its line stays without one, too."""
        if self.paper.form in (papers.Form.DOCUMENT, papers.Form.MINUTES):
            self.at.rewrite(place, self.paper.number)
        else:
            self._line(place, self.paper.number)

    def _line(self, place: Any, text: str) -> None:
        """A line, or nothing of the place at all when there is no text."""
        if not text:
            _drop(place)
            return
        self.at.rewrite(place, text)

    def _mark(self, place: Any) -> None:
        mark = self.paper.mark
        if not mark:
            _drop(place)
            return
        self.at.rewrite(place, mark)
        largest, smallest = measures.MARK_SIZES
        room = measures.TEXT_WIDTH * measures.POINTS_IN_MM
        size = min(largest, max(smallest, int(room / max(1.0, lettering.width(mark)) * 2) / 2))
        for run in place.runs:
            template.set_size(run, size)

    def _title(self, place: Any) -> None:
        lines = laying.lines_of(self.paper, titles.word_ends)
        self.at.rewrite(place, "\n".join(lines))

    def _to(self, place: Any) -> None:
        names = self.words.between.join(self.paper.to)
        self._line(place, f"{names}{self.words.colon.strip()}" if names else "")

    def _blocks(self, place: Any, blocks: tuple[papers.Block, ...]) -> None:
        for block, number in laying.numbered(blocks, self.paper.language):
            match block:
                case papers.Heading():
                    made = self.at.before(place, f"{number}{block.text}", f"level{block.level}")
                    if block.body:
                        self.at.append(made, block.body, "body")
                        made.paragraph_format.keep_with_next = False
                case papers.Paragraph():
                    self.at.before(place, block.text, "body")
                case papers.Table():
                    self._table(place, block)
        _drop(place)

    def _table(self, place: Any, block: papers.Table) -> None:
        if block.caption:
            self.at.before(place, block.caption, "caption")
        columns = block.columns
        rows = block.rows or ((self.words.no_rows, *[""] * (len(columns) - 1)),)
        made = self.document.add_table(rows=1 + len(rows), cols=len(columns))
        place._p.addprevious(made._tbl)
        wide = measures.TEXT_WIDTH / sum(column.share for column in columns)
        template.set_table(made, [column.share * wide for column in columns])
        from docx.table import _Cell  # rows and cells by themselves: the table's own counting grows with its square

        for at, (row, cells) in enumerate(zip(made._tbl.tr_lst, [[one.title for one in columns], *rows], strict=True)):
            for cell, text, column in zip(row.tc_lst, cells, columns, strict=True):
                align = papers.Align.CENTRE if at == 0 else column.align
                self.at.cell(_Cell(cell, made), text, "head" if at == 0 else "cell", align.value)
        template.repeat_head(made)

    def _attached(self, place: Any) -> None:
        told = laying.attached(self.paper)
        lines = told["lines"]
        many = len(lines) > 1
        if lines:
            self.at.before(place, "", "body")
        for at, text in enumerate(lines):
            made = self.at.before(place, f"{told['name']}{text}" if at == 0 else text, "attached")
            template.hang(made, first=at == 0, numbered=many, chinese=self.paper.chinese)
        if self.paper.names:
            self.at.before(place, "", "body")
        for one in self.paper.names:
            made = self.at.before(place, f"{one.name}{self.words.colon}", "named")
            self.at.append(made, one.text, "body")
        _drop(place)

    def _signature(self, place: Any) -> None:
        if self.paper.signature is None:
            _drop(place)
            return
        told = laying.signed(self.paper.signature, self.paper.language)
        template.keep_with_next(place)
        for _number in range(told.above):
            self.at.before(place, "", "body").paragraph_format.keep_with_next = True
        for text, right in ((told.body, told.body_right), (told.date, told.date_right)):
            made = self.at.before(place, text, "signature")
            template.indent_right(made, right if self.paper.chinese else 0)
        _drop(place)

    def _note(self, place: Any) -> None:
        note = self.paper.note
        self._line(place, (f"（{note}）" if self.paper.chinese else f"({note})") if note else "")

    def _stamp(self, place: Any) -> None:
        self.at.rewrite(place, self.paper.stamp)

    def _annexes(self, place: Any) -> None:
        for at, annex in enumerate(self.paper.annexes):
            made = self.at.before(place, laying.annex_name(self.paper, at), "annex")
            made.paragraph_format.page_break_before = True
            self.at.before(place, "", "body")
            lines = (
                papers.title_lines(annex.title, titles.word_ends(annex.title)) if self.paper.chinese else (annex.title,)
            )
            self.at.before(place, "\n".join(lines), "title")
            self.at.before(place, "", "body")
            self._blocks(self.at.before(place, "", "body"), annex.blocks)
        _drop(place)

    def _imprint(self, place: Any) -> None:
        told = laying.imprint_lines(self.paper)
        if told:
            made = self.document.add_table(rows=len(told), cols=2)
            place._p.addprevious(made._tbl)
            template.set_imprint(made, ruled=self.paper.form is not papers.Form.LETTER)
            for row, (left, right) in zip(made.rows, told, strict=True):
                first, second = row.cells
                if right is None:
                    self.at.cell(first.merge(second), left, "copies", "left")
                else:
                    self.at.cell(first, left, "imprint", "left")
                    self.at.cell(second, right, "imprint", "right")
        template.shrink(place)


def _drop(place: Any) -> None:
    place._p.getparent().remove(place._p)


def packed(document: Any, paper: papers.Paper | None = None) -> bytes:
    """The document as a file whose bytes depend on its content alone."""
    day = paper.signature.on if paper and paper.signature else date(2000, 1, 1)
    moment = datetime(day.year, day.month, day.day, tzinfo=UTC).replace(tzinfo=None)
    about = document.core_properties
    about.created = about.modified = moment
    about.author = about.last_modified_by = paper.signature.body if paper and paper.signature else "Luoshi"
    about.comments, about.revision = "", 1
    draft = io.BytesIO()
    document.save(draft)
    made = io.BytesIO()
    with zipfile.ZipFile(draft) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in sorted(old.namelist(), key=lambda one: (one != "[Content_Types].xml", one)):
            part = zipfile.ZipInfo(name, date_time=MADE)
            part.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(part, old.read(name))
    return made.getvalue()


def templates() -> dict[str, bytes]:
    """The house's templates by their file names, for an office that wants its own."""
    found = {f"{form.value}.docx": packed(template.build(form)) for form in papers.Form}
    return {**found, "plain-en.docx": packed(template.build(papers.Form.PLAIN, chinese=False))}
