"""Task tables of Excel and CSV（任务表）: one line a row, cells parted by tabs, merged cells said in every row."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any, Final

from luoshi.office.adapters import tables
from luoshi.rules.documents import ledgers

_GAP: Final = re.compile(r"\s+")


def words(content: bytes, name: str) -> str:
    """The words of the visible sheets, sheet after sheet.

    Raises:
        Refused: those of :func:`luoshi.office.adapters.tables.read_tables`.
    """
    sheets = []
    for table in tables.read_tables(content, name):
        rows = ledgers.filled(table.rows, table.merged)
        sheets.append("\n".join("\t".join(_said(cell) for cell in row) for row in rows))
    return "\n\n".join(sheets)


def _said(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, dt.datetime | dt.date):
        return f"{cell.year}年{cell.month}月{cell.day}日"
    return _GAP.sub(" ", str(cell)).strip()
