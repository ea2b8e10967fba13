"""册转 Word: the lines of the PDF without its pictures, for an office to edit; the same book gives the same bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from luoshi.office.adapters.papers.word import packed

FACES = {"zh": ("Times New Roman", "仿宋_GB2312", "黑体"), "en": ("Times New Roman", "Times New Roman", "Arial")}
"""Letters, Chinese body, headings: the names of the standard; the machine that opens it puts its own in their place."""


def write(book: Mapping[str, Any]) -> bytes:
    """The printed book as a Word file."""
    return packed(_Writing(book).document)


class _Writing:
    """One book on its way into one document."""

    def __init__(self, book: Mapping[str, Any]) -> None:
        import docx  # 0.3 s: only where a book is written

        self.book, self.words, self.head = book, book["words"], book["head"]
        self.document: Any = docx.Document()
        self._styles()
        self._foot()
        self._front()
        for part in book["matters"]:
            self._part(part)
        for part in book["units"]:
            self._part(part)
            self.document.add_heading(self.words["near"], 2)
            self._table(part["near"]["head"], part["near"]["rows"])
            self.document.add_paragraph(self.words["near_note"])
        self._annex()

    def _styles(self) -> None:
        from docx.oxml.ns import qn
        from docx.shared import Mm, Pt

        latin, body, heading = FACES[self.head["lang"]]
        for name, face, size in (
            ("Normal", body, 10.5),
            ("Title", heading, 18),
            ("Heading 1", heading, 15),
            ("Heading 2", heading, 12),
        ):
            style = self.document.styles[name]
            style.font.name, style.font.size = latin, Pt(size)
            fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
            for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
                fonts.attrib.pop(qn(f"w:{theme}"), None)
            fonts.set(qn("w:eastAsia"), face)
        page = self.document.sections[0]
        page.page_width, page.page_height = Mm(210), Mm(297)
        page.left_margin = page.right_margin = Mm(20)
        page.top_margin, page.bottom_margin = Mm(20), Mm(25)

    def _foot(self) -> None:
        from docx.shared import Pt

        foot = self.document.sections[0].footer.paragraphs[0]
        demo = f"{self.words['demo']} · " if self.head["demo"] else ""
        root = self.head["root"] or self.words["no_checkpoint"]
        run = foot.add_run(f"{demo}{self.words['checkpoint']}: {root} · {self.words['digest']}: {self.head['digest']}")
        run.font.size = Pt(7)

    def _front(self) -> None:
        book, words = self.book, self.words
        self.document.add_heading(self.head["title"], 0)
        self.document.add_paragraph(f"{book['whole']['title']} · {self.head['days']}")
        self.document.add_heading(words["resolved"], 2)
        if book["resolutions"]["rows"]:
            self._table(None, book["resolutions"]["rows"])
        else:
            self.document.add_paragraph(book["resolutions"]["empty"])
        self._told(book["whole"])

    def _part(self, part: Mapping[str, Any]) -> None:
        heading = self.document.add_heading(part["title"], 1)
        heading.paragraph_format.page_break_before = True
        if part.get("source"):
            self.document.add_paragraph(part["source"])
        self._told(part)

    def _told(self, part: Mapping[str, Any]) -> None:
        self.document.add_paragraph().add_run(part["headline"]).bold = True
        if part["moved"]:
            self.document.add_paragraph(part["moved"])
        self.document.add_heading(self.words["questions"], 2)
        if not part["questions"]:
            self.document.add_paragraph(self.words["no_questions"])
        for n, one in enumerate(part["questions"], start=1):
            about = f"{one['about']} · " if one["about"] else ""
            rows = f"; {'、'.join(one['rows'])}" if one["rows"] else ""
            self.document.add_paragraph(f"{n}. {about}{one['sentence']} ({self.words['rule']}: {one['rule']}{rows})")
        self.document.add_heading(self.words["counted"], 2)
        self._table(None, [[group, words, str(n)] for group, lines in part["groups"] for words, n in lines])
        for table in part["tables"]:
            self.document.add_heading(table["title"], 2)
            self._table(table["head"], table["rows"])
        for listed in part["lists"]:
            self.document.add_heading(listed["title"], 2)
            self._table(None, listed["rows"])

    def _annex(self) -> None:
        annex = self.book["annex"]
        heading = self.document.add_heading(self.words["annex"], 1)
        heading.paragraph_format.page_break_before = True
        self.document.add_paragraph(annex["full"])
        for table in annex["tables"]:
            self.document.add_heading(f"{table['title']} ({table['count']})", 2)
            if table["rows"]:
                self._table(annex["head"], table["rows"])
            else:
                self.document.add_paragraph(table["none"])

    def _table(self, head: Sequence[str] | None, rows: Sequence[Sequence[str]]) -> None:
        from docx.oxml import OxmlElement
        from docx.oxml.ns import qn
        from docx.table import _Cell  # rows and cells by themselves: the table's own counting grows with its square

        lines = [*([head] if head else []), *rows]
        if not lines:
            return
        made = self.document.add_table(rows=len(lines), cols=len(lines[0]))
        made.style = "Table Grid"
        for row, texts in zip(made._tbl.tr_lst, lines, strict=True):
            for cell, text in zip(row.tc_lst, texts, strict=True):
                _Cell(cell, made).paragraphs[0].add_run(str(text))
        if head:
            repeat = OxmlElement("w:tblHeader")
            repeat.set(qn("w:val"), "true")
            made._tbl.tr_lst[0].get_or_add_trPr().append(repeat)
