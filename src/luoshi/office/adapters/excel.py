"""Excel files through openpyxl（Excel 读写）; loaded with its first file, because it takes as much memory as the rest.

What may be read and how tables look to the rest is said in :mod:`luoshi.office.adapters.tables`.
"""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
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

from luoshi.office.adapters.exports import is_formula
from luoshi.office.adapters.tables import COLUMNS, UNCOMPUTED, Mark, Table, as_text, bounded
from luoshi.rules.refusals import Refused

_WRONG = PatternFill("solid", fgColor="FFF2C7C7")
_HEAD = Font(bold=True)


def read(content: bytes, name: str, *, formulas: bool) -> list[Table]:
    """The visible sheets of an Excel file; ``formulas``: some cells are computed, perhaps by nobody yet.

    Raises:
        Refused: ``table_damaged``, ``table_too_long``, ``table_too_wide``.
    """
    try:
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
    bounded(name, last_row, last_column)
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
            return as_text(value)
        case dt.date():
            return value
        case _:
            return as_text(str(value))


def marked(
    content: bytes, plain: Table | None, *, pages: Mapping[str, int], headings: Sequence[str], marks: Sequence[Mark]
) -> bytes:
    """The bytes of the marked file; see :func:`luoshi.office.adapters.tables.write_marks`.

    ``plain`` is the table of a CSV, which becomes an Excel file; None for an Excel file, which stays as it was.
    """
    if plain is None:
        book = load_workbook(io.BytesIO(content), keep_links=False)
    else:
        book = Workbook()
        for row, cells in enumerate(plain.rows, start=1):
            for column, value in enumerate(cells, start=1):
                _write(book.worksheets[0], row, column, value)
    for sheet, heading_line in pages.items():
        page = book[sheet] if plain is None else book.worksheets[0]
        _mark_page(page, heading_line, headings, [mark for mark in marks if mark.sheet == sheet])
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


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
