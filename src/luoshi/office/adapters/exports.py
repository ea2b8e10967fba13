"""Lists leave the house（导出）: one description, written row by row as Excel or CSV, never whole in memory.

Excel is written by XlsxWriter with ``constant_memory``: against openpyxl's ``write_only`` it took half the time for the
same rows, both without growing with them, and it writes choices, protection and hidden columns in that mode, too.
What is text stays text: a cell that begins like a formula is typed and marked as text in Excel, and quoted in CSV.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import IO, Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

CELL = 32_000
"""Characters of one cell; Excel takes 32,767."""
EVERY = 500
"""Rows between two tellings of how far it is."""
KEY = "luoshi."
"""What the names in the line of keys of a sheet to be filled in begin with."""
SPARE = 2_000
"""Lines below the last row to which choices reach, for rows that are moved or pasted."""
_FORMULA = re.compile(r"^[\s\x00-\x1f]*[=+\-@＝＋－＠]|^[\t\r\n]")  # full-width signs begin formulas, too


class Kind(StrEnum):
    """What the values of a column are."""

    TEXT = "text"
    NUMBER = "number"
    PERCENT = "percent"
    """Whole hundredths, 0 to 100."""
    DAY = "day"
    MOMENT = "moment"


WIDTHS = {Kind.TEXT: 18, Kind.NUMBER: 10, Kind.PERCENT: 9, Kind.DAY: 12, Kind.MOMENT: 17}
FORMATS = {Kind.PERCENT: "0%", Kind.DAY: "yyyy-mm-dd", Kind.MOMENT: "yyyy-mm-dd hh:mm", Kind.NUMBER: "0"}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its key, its heading in the reader's language, what it holds.

    ``entry`` columns are empty and wait to be filled in; ``choices`` are what may be chosen there; ``hidden`` and
    ``keyed`` ones say which row it is. ``hint`` is shown beside a cell of an entry column.
    """

    key: str
    title: str
    kind: Kind = Kind.TEXT
    width: int = 0
    entry: bool = False
    hidden: bool = False
    keyed: bool = False
    choices: tuple[str, ...] = ()
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Export:
    """What is to be written: columns, rows as they come, and what a reader must know of them.

    ``rows`` yields one tuple a row in the order of ``columns``: text, numbers, days, moments or None. ``count`` is how
    many come. ``facts`` say in words what was asked for; ``guide`` fills a sheet of its own.
    """

    name: str
    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Any]]
    count: int
    at: dt.datetime
    facts: Sequence[tuple[str, str]] = ()
    demo: bool = False
    guide: Sequence[str] = field(default=())

    @property
    def to_fill_in(self) -> bool:
        """Whether it comes back filled in."""
        return any(column.entry for column in self.columns)

    def file_name(self, ending: str) -> str:
        """A name that says what it is, from when, and whether it is a demonstration."""
        mark = _("Demonstration") + " " if self.demo else ""
        return f"{mark}{self.title} {local(self.at):%Y-%m-%d %H%M}.{ending}"


Told = Callable[[int], None]


def local(moment: dt.datetime) -> dt.datetime:
    """A moment as people here read it."""
    return moment.astimezone(ZoneInfo(settings.TIME_ZONE))


def is_formula(text: str) -> bool:
    """Whether a spreadsheet may take the text for a formula."""
    return bool(_FORMULA.match(text))


def neutral(text: str) -> str:
    """Text that a spreadsheet cannot take for a formula（防公式注入）, for files without types."""
    return "'" + text if is_formula(text) else text


def _shown(value: Any, kind: Kind) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return pgettext("value", "yes") if value else pgettext("value", "no")
    if isinstance(value, dt.datetime):
        return f"{local(value):%Y-%m-%d %H:%M}"
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, int | float):
        return f"{value}%" if kind is Kind.PERCENT else str(value)
    return neutral(str(value)[:CELL].replace("\x00", ""))


def csv_pieces(export: Export, told: Told | None = None) -> Iterator[bytes]:
    """The list as CSV in UTF-8 with its mark, so that Excel in Chinese opens it; one table and nothing else."""
    yield b"\xef\xbb\xbf"
    buffer = io.StringIO(newline="")
    write = csv.writer(buffer, lineterminator="\r\n")

    def piece() -> bytes:
        text = buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
        return text.encode("utf-8", "replace")

    write.writerow([neutral(column.title) for column in export.columns])
    kinds = [column.kind for column in export.columns]
    number = 0
    for number, row in enumerate(export.rows, start=1):
        write.writerow([_shown(value, kind) for value, kind in zip(row, kinds, strict=True)])
        if number % EVERY == 0:
            yield piece()
            if told:
                told(number)
    yield piece()
    if told:
        told(number)


def write_csv(export: Export, stream: IO[bytes], told: Told | None = None) -> None:
    """Write the list as CSV."""
    for piece in csv_pieces(export, told):
        stream.write(piece)


def write_xlsx(export: Export, stream: IO[bytes], told: Told | None = None) -> None:
    """Write the list as an Excel workbook: title and facts, a frozen line of headings, real numbers and dates."""
    import xlsxwriter  # only now: few requests write Excel, and every process would carry it

    options = {"constant_memory": True, "remove_timezone": True, "in_memory": False}
    with xlsxwriter.Workbook(stream, options) as book:
        made = export.at.astimezone(dt.UTC).replace(tzinfo=None)  # the same list of the same moment is the same file
        book.set_properties({"title": export.title, "author": "Luoshi", "created": made})
        _Sheet(book, export).write(told)
        if export.guide:
            _write_guide(book, export)


WRITERS: dict[str, Callable[[Export, IO[bytes], Told | None], None]] = {"xlsx": write_xlsx, "csv": write_csv}
MEDIA = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


class _Sheet:
    """The one sheet of rows."""

    def __init__(self, book: Any, export: Export) -> None:
        self.book, self.export = book, export
        self.sheet = book.add_worksheet(_sheet_name(export.title))
        self.line = 0
        base = {"valign": "top", "font_size": 10}
        self.formats = {
            (kind, entry): book.add_format(
                {
                    **base,
                    "text_wrap": kind is Kind.TEXT,
                    **({"num_format": FORMATS[kind]} if kind in FORMATS else {}),
                    **(
                        {"locked": False, "bg_color": "#FFFBE6", "border": 1, "border_color": "#E3D9B0"}
                        if entry
                        else {}
                    ),
                }
            )
            for kind in Kind
            for entry in (False, True)
        }
        self.quoted = book.add_format({**base, "text_wrap": True, "quote_prefix": True})
        heads = {"bold": True, "bottom": 1, "valign": "vcenter", "text_wrap": True}
        self.heads = {
            (kind, entry): book.add_format(
                {
                    **heads,
                    "align": "left" if kind is Kind.TEXT else "right",
                    **({"bg_color": "#FFF1B8"} if entry else {}),
                }
            )
            for kind in Kind
            for entry in (False, True)
        }
        self.small = book.add_format({"font_color": "#555555", "font_size": 9})

    def write(self, told: Told | None) -> None:
        """Everything, from top to bottom: what is written is gone from memory."""
        export = self.export
        for at, column in enumerate(export.columns):
            self.sheet.set_column(at, at, column.width or WIDTHS[column.kind], None, {"hidden": column.hidden})
        self._front()
        if export.to_fill_in:
            self.sheet.set_row(self.line, None, None, {"hidden": True})
            for at, column in enumerate(export.columns):
                if column.hidden or column.keyed or column.entry:
                    self.sheet.write_string(self.line, at, KEY + column.key)
            self.line += 1
        heading = self.line
        self.sheet.set_row(heading, 30)
        for at, column in enumerate(export.columns):
            self.sheet.write_string(heading, at, column.title, self.heads[column.kind, column.entry])
        self.line += 1
        self.sheet.freeze_panes(self.line, self._frozen())
        number = 0
        for number, row in enumerate(export.rows, start=1):
            for at, (value, column) in enumerate(zip(row, export.columns, strict=True)):
                self._cell(at, value, column)
            self.line += 1
            if told and number % EVERY == 0:
                told(number)
        if export.columns:
            self.sheet.autofilter(heading, 0, max(self.line - 1, heading), len(export.columns) - 1)
        self._ways_to_fill_in(heading + 1)
        self._paper(heading)
        if told:
            told(number)

    def _frozen(self) -> int:
        """How many columns stay in sight when one moves to the right."""
        return next((at + 1 for at, column in enumerate(self.export.columns) if not column.hidden), 0)

    def _front(self) -> None:
        export = self.export
        title = export.title + (f"（{_('Demonstration')}）" if export.demo else "")
        first = self._frozen() - 1 if self._frozen() else 0
        self.sheet.write_string(0, first, title, self.book.add_format({"bold": True, "font_size": 14}))
        self.line = 1
        facts = [*export.facts, (_("As of"), f"{local(export.at):%Y-%m-%d %H:%M}"), (_("Rows"), str(export.count))]
        if export.demo:
            facts.append((_("Demonstration"), _("every figure is invented")))
        for name, text in facts:
            shown = _("%(where)s: %(sentence)s") % {"where": name, "sentence": text}
            self.sheet.write_string(self.line, first, shown[:CELL], self.small)
            self.line += 1
        self.line += 1

    def _cell(self, at: int, value: Any, column: Column) -> None:
        form = self.formats[column.kind, column.entry]
        sheet, line = self.sheet, self.line
        if value is None or value == "":
            if column.entry:
                sheet.write_blank(line, at, None, form)
        elif isinstance(value, bool):
            sheet.write_string(line, at, _shown(value, column.kind), form)
        elif isinstance(value, int | float):
            sheet.write_number(line, at, value / 100 if column.kind is Kind.PERCENT else value, form)
        elif isinstance(value, dt.datetime):
            sheet.write_datetime(line, at, local(value).replace(tzinfo=None), form)
        elif isinstance(value, dt.date):
            sheet.write_datetime(line, at, value, form)
        else:
            text = str(value)[:CELL]
            sheet.write_string(line, at, text, self.quoted if is_formula(text) else form)

    def _ways_to_fill_in(self, first: int) -> None:
        """What may be chosen or typed in the columns that wait; everything else is locked against slips."""
        from xlsxwriter.utility import xl_col_to_name

        last = self.line + SPARE
        lists = [column for column in self.export.columns if column.choices]
        if lists:
            page = self.book.add_worksheet(_("Choices"))
            page.hide()
            for number in range(max(len(column.choices) for column in lists)):
                for at, column in enumerate(lists):
                    if number < len(column.choices):
                        page.write_string(number, at, column.choices[number])
        for at, column in enumerate(self.export.columns):
            if not column.entry:
                continue
            rule: dict[str, Any] = {"validate": "any"}
            if column.choices:
                place = xl_col_to_name(lists.index(column), True)
                source = f"='{_('Choices')}'!{place}$1:{place}${len(column.choices)}"
                rule = {"validate": "list", "source": source, "error_type": "stop"}
            elif column.kind is Kind.PERCENT:
                rule = {"validate": "decimal", "criteria": "between", "minimum": 0, "maximum": 1}
                rule |= {"error_message": _("A percentage from 0% to 100% is needed.")[:255]}
            elif column.kind is Kind.DAY:
                rule = {"validate": "date", "criteria": ">", "value": dt.date(2000, 1, 1)}
                rule |= {"error_message": _("A date is needed, such as 2026-03-31.")[:255]}
            if column.hint:
                rule |= {"input_title": column.title[:32], "input_message": column.hint[:255]}
            if rule != {"validate": "any"}:
                self.sheet.data_validation(first, at, last, at, rule)
        if self.export.to_fill_in:
            self.sheet.protect(
                "", {"autofilter": True, "format_columns": True, "format_rows": True, "select_locked_cells": True}
            )

    def _paper(self, heading: int) -> None:
        self.sheet.set_landscape()
        self.sheet.set_paper(9)
        self.sheet.fit_to_pages(1, 0)
        self.sheet.repeat_rows(heading)
        mark = _("Demonstration") if self.export.demo else ""
        self.sheet.set_footer(f"&L{mark}&R&P/&N")


def _sheet_name(title: str) -> str:
    return re.sub(r"[\[\]:*?/\\']", " ", title)[:31].strip() or "1"


def _write_guide(book: Any, export: Export) -> None:
    page = book.add_worksheet(_("How to fill it in"))
    page.hide_gridlines(2)
    page.set_column(0, 0, 100)
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    page.write_string(0, 0, export.title, book.add_format({"bold": True, "font_size": 14}))
    for line, text in enumerate(export.guide, start=2):
        page.write_string(line, 0, text[:CELL], wrapped)
    page.protect()
