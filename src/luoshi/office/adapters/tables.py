"""Tables as offices keep them（表格）: Excel and CSV read into cells, and marks written back beside the cells at fault.

The file's kind has been decided by its content before (:mod:`luoshi.office.adapters.contents`); XML is read through
defusedxml. Formulas are read as the values they showed when the file was saved; nothing is computed.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

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
        from luoshi.office.adapters import excel  # only now: half of a web process's memory, used by few requests

        found = excel.read(content, name, formulas=_look_first(content, name))
    elif kind in {contents.CSV, contents.TEXT}:
        found = [_csv(content, name)]
    else:
        raise Refused("table_kind", name=name)
    found = [table for table in found if any(any(cell is not None for cell in row) for row in table.rows)]
    if not found:
        raise Refused("table_empty", name=name)
    return found


def bounded(name: str, rows: int, columns: int) -> None:
    """Refuse more rows or columns than are read: ``table_too_long``, ``table_too_wide``."""
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
            rows.append(tuple(as_text(cell) for cell in cells))
            bounded(name, len(rows), len(cells))
    except csv.Error as error:
        raise Refused("table_damaged", name=name) from error
    return Table("", tuple(rows))


def as_text(cell: str) -> str | None:
    """The words of a cell, without the mark put before what looks like a formula; None when there are none."""
    text = cell.strip()[:TEXT]
    if text[:1] == "'" and is_formula(text[1:]):
        text = text[1:]  # the mark this system puts before what looks like a formula
    return text or None


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
    from luoshi.office.adapters import excel

    plain = None if contents.identify(content, name) == contents.XLSX else _csv(content, name)
    made = excel.marked(content, plain, pages=pages, headings=headings, marks=marks)
    stem = name.rpartition(".")[0] or name
    return made, f"{stem[:120]}.xlsx"
