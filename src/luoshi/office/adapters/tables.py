"""Tables as offices keep them（表格）: Excel and CSV read into cells, and marks written back beside the cells at fault.

The file's kind has been decided by its content before (:mod:`luoshi.office.adapters.contents`); XML is read through
defusedxml. Formulas are read as the values they showed when the file was saved; nothing is computed.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from openpyxl import Workbook, load_workbook
from openpyxl.cell import Cell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.worksheet import Worksheet

from luoshi.office.adapters import contents
from luoshi.office.adapters.exports import is_formula
from luoshi.rules.refusals import Refused, declare
from luoshi.rules.refusals import gettext_noop as _

declare(
    422,
    table_kind=_("“%(name)s” is no table: hand in an Excel file (.xlsx) or CSV."),
    table_damaged=_("“%(name)s” cannot be read as a table: open it, save it again as .xlsx or CSV and hand that in."),
    table_too_long=_("“%(name)s” has more than %(limit)s rows: divide it and hand in the parts."),
    table_too_wide=_("“%(name)s” has more than %(limit)s columns: delete those that are not needed."),
    table_empty=_("“%(name)s” holds no rows."),
)

ROWS = 10_200
COLUMNS = 120
CELLS = 600_000
"""Cells of one sheet, empty ones with a colour included, that are unfolded in memory."""
SHEETS = 60
UNCOMPUTED = "#UNCOMPUTED!"
"""Stands for a formula whose value was never stored: a program wrote the file and no spreadsheet has opened it."""
TEXT = 8_000
_WRONG = PatternFill("solid", fgColor="FFF2C7C7")
_HEAD = Font(bold=True)


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet: its name, its rows of values (text, numbers, booleans, days; None where empty), what was merged.

    ``rows[0]`` is line 1 of the sheet. ``merged`` holds (first line, first column, last line, last column), from 1;
    ``hidden_rows`` and ``hidden_columns`` what its reader does not see on the screen.
    """

    name: str
    rows: tuple[tuple[Any, ...], ...]
    merged: tuple[tuple[int, int, int, int], ...] = ()
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()

    @property
    def width(self) -> int:
        """The number of columns."""
        return max((len(row) for row in self.rows), default=0)


def read_tables(content: bytes, name: str) -> list[Table]:
    """The sheets of an Excel file that hold anything, or the one table of a CSV（读表格）.

    Raises:
        Refused: ``table_kind``, ``table_damaged``, ``table_too_long``, ``table_too_wide``, ``table_empty`` and those of
            :func:`contents.identify`.
    """
    kind = contents.identify(content, name)
    if kind == contents.XLSX:
        found = _excel(content, name)
    elif kind in {contents.CSV, contents.TEXT}:
        found = [_csv(content, name)]
    else:
        raise Refused("table_kind", name=name)
    found = [table for table in found if any(any(cell is not None for cell in row) for row in table.rows)]
    if not found:
        raise Refused("table_empty", name=name)
    return found


def _bounded(name: str, rows: int, columns: int) -> None:
    if rows > ROWS:
        raise Refused("table_too_long", name=name, limit=ROWS)
    if columns > COLUMNS:
        raise Refused("table_too_wide", name=name, limit=COLUMNS)


def _csv(content: bytes, name: str) -> Table:
    text = contents.decode(content) or ""
    try:
        sample = text[:4096]
        delimiter = max(",\t;", key=sample.split("\n", 1)[0].count)
        rows = []
        for cells in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
            rows.append(tuple(_text(cell) for cell in cells))
            _bounded(name, len(rows), len(cells))
    except csv.Error as error:
        raise Refused("table_damaged", name=name) from error
    return Table("", tuple(rows))


def _text(cell: str) -> str | None:
    text = cell.strip()[:TEXT]
    if text[:1] == "'" and is_formula(text[1:]):
        text = text[1:]  # the mark this system puts before what looks like a formula
    return text or None


def _excel(content: bytes, name: str) -> list[Table]:
    try:
        formulas = _look_first(content, name)
        book = load_workbook(io.BytesIO(content), data_only=True, keep_links=False)
        pages = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        if formulas:
            written = load_workbook(io.BytesIO(content), keep_links=False)
            for page in pages:
                _tell_uncomputed(page, written[page.title])
        return [_sheet(sheet, name) for sheet in pages]
    except (
        zipfile.BadZipFile,
        InvalidFileException,
        DefusedXmlException,
        ParseError,
        KeyError,
        ValueError,
        TypeError,
        IndexError,
        AttributeError,
        OSError,
    ) as error:
        raise Refused("table_damaged", name=name) from error


def _look_first(content: bytes, name: str) -> bool:
    """Count what would be unfolded, in pieces and before anything is; returns whether there are formulas.

    Raises:
        Refused: ``table_too_long``.
    """
    formulas = False
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        pages = [part for part in package.namelist() if re.fullmatch(r"xl/worksheets/[^/]+\.xml", part)]
        if len(pages) > SHEETS:
            raise Refused("table_too_long", name=name, limit=ROWS)
        for part in pages:
            cells = rows = 0
            rest = b""
            with package.open(part) as stream:
                while piece := stream.read(1 << 20):
                    whole = rest + piece
                    cut = whole.rfind(b"<")
                    whole, rest = (whole[:cut], whole[cut:]) if cut > 0 else (whole, b"")
                    cells += len(_CELL.findall(whole))
                    rows += len(_ROW.findall(whole))
                    formulas = formulas or bool(_COMPUTED.search(whole))
                    if cells > CELLS or rows > 1_048_576:
                        raise Refused("table_too_long", name=name, limit=ROWS)
    return formulas


_CELL = re.compile(rb"<(?:\w+:)?c[ >/]")
_ROW = re.compile(rb"<(?:\w+:)?row[ >/]")
_COMPUTED = re.compile(rb"<(?:\w+:)?f[ >/]")


def _tell_uncomputed(page: Worksheet, written: Worksheet) -> None:
    """Where a formula stands whose value was never stored, say so instead of nothing."""
    for (line, column), cell in list(written._cells.items()):
        if cell.data_type == "f" and page.cell(line, column).value is None:
            page.cell(line, column).value = UNCOMPUTED


def _sheet(sheet: Worksheet, name: str) -> Table:
    # A sheet may claim a million rows because somebody coloured a column: what counts is where something stands.
    last_row = last_column = 0
    for row, column in _places(sheet):
        last_row, last_column = max(last_row, row), max(last_column, column)
    _bounded(name, last_row, last_column)
    rows = []
    for cells in sheet.iter_rows(min_row=1, max_row=last_row, max_col=last_column) if last_row else ():
        rows.append(tuple(_value(cell) for cell in cells))
    merged = tuple(
        (one.min_row, one.min_col, min(one.max_row, last_row), min(one.max_col, last_column))
        for one in sheet.merged_cells.ranges
        if one.min_row <= last_row and one.min_col <= last_column
    )
    lines = (line for line, told in sheet.row_dimensions.items() if told.hidden or told.height == 0)
    columns: set[int] = set()
    for letter, told in sheet.column_dimensions.items():
        if told.hidden:
            first = told.min or column_index_from_string(letter)
            columns.update(range(first, min(told.max or first, COLUMNS) + 1))
    return Table(sheet.title, tuple(rows), merged, frozenset(lines), frozenset(columns))


def _places(sheet: Worksheet) -> Iterable[tuple[int, int]]:
    cells: dict[tuple[int, int], Any] = sheet._cells
    return (place for place, cell in cells.items() if getattr(cell, "value", None) not in (None, ""))


def _value(cell: Any) -> Any:
    value = getattr(cell, "value", None)
    match value:
        case None | bool():
            return value
        case dt.datetime():
            return value.date() if (value.hour, value.minute, value.second) == (0, 0, 0) else value
        case int() | float():
            if "%" in str(cell.number_format):
                return f"{round(value * 100, 2):g}%"
            return int(value) if isinstance(value, float) and value.is_integer() else value
        case str():
            return _text(value)
        case dt.date():
            return value
        case _:
            return _text(str(value))


@dataclass(frozen=True, slots=True)
class Mark:
    """What is written back beside a row: its outcome in a word, why, the column at fault (1 is the first, 0: none)."""

    line: int
    word: str
    why: str = ""
    column: int = 0
    more: tuple[str | int, ...] = ()
    sheet: str = ""


def write_marks(
    content: bytes, name: str, *, pages: Mapping[str, int], headings: Sequence[str], marks: Sequence[Mark]
) -> tuple[bytes, str]:
    """The same table with columns more: what became of each row, why, and more; the cell at fault is coloured.

    An Excel file stays as it was otherwise; a CSV becomes an Excel file. Columns of the same headings, from an earlier
    round, are written over; one value of ``more`` belongs to each heading after the first two.

    Args:
        content: the file as it came.
        name: its name.
        pages: the sheets that were read, each with the line of its headings.
        headings: what the columns are headed.
        marks: one for each row, on its sheet.

    Returns:
        the content and the name of the new file.
    """
    excel = contents.identify(content, name) == contents.XLSX
    if excel:
        book = load_workbook(io.BytesIO(content), keep_links=False)
    else:
        book = Workbook()
        first = book.worksheets[0]
        for row, cells in enumerate(_csv(content, name).rows, start=1):
            for column, value in enumerate(cells, start=1):
                _write(first, row, column, value)
    for sheet, heading_line in pages.items():
        page = book[sheet] if excel else book.worksheets[0]
        _mark_page(page, heading_line, headings, [mark for mark in marks if mark.sheet == sheet])
    made = io.BytesIO()
    book.save(made)
    stem = name.rpartition(".")[0] or name
    return made.getvalue(), f"{stem[:120]}.xlsx"


def _mark_page(page: Worksheet, heading_line: int, headings: Sequence[str], marks: Sequence[Mark]) -> None:
    width = max((column for _row, column in _places(page)), default=0)
    known = {str(page.cell(heading_line, column).value or ""): column for column in range(1, width + 1)}
    places = []
    for heading in headings:
        column = known.get(heading) or (width := width + 1)
        places.append(column)
        _write(page, heading_line, column, heading)
        page.cell(heading_line, column).font = _HEAD
        page.column_dimensions[get_column_letter(column)].width = 60 if len(places) == 2 else 16
    for mark in marks:
        for column, value in zip(places, (mark.word, mark.why, *mark.more), strict=False):
            _write(page, mark.line, column, value)
        page.cell(mark.line, places[1]).alignment = Alignment(wrap_text=True, vertical="top")
        _colour(page, mark, places[1])


def _colour(page: Worksheet, mark: Mark, why: int) -> None:
    """Colour what is at fault, and take the colour of an earlier round from what is mended."""
    for column in range(1, why + 1):
        cell = page.cell(mark.line, column)
        if cell.fill.fgColor.rgb == _WRONG.fgColor.rgb:
            cell.fill = PatternFill()
            if isinstance(cell, Cell):
                cell.comment = None
    if mark.why:
        cell = page.cell(mark.line, mark.column or why)
        cell.fill = _WRONG
        if mark.column and isinstance(cell, Cell):
            cell.comment = Comment(mark.why[:500], "Luoshi")


def _write(page: Worksheet, row: int, column: int, value: Any) -> None:
    cell = page.cell(row, column)
    if isinstance(cell, Cell):  # the inside of a merged range takes no value
        cell.value = ILLEGAL_CHARACTERS_RE.sub("", value) if isinstance(value, str) else value
        if isinstance(value, str):
            cell.data_type = "s"
            cell.quotePrefix = is_formula(value)
