"""Sets a book as PDF, in a process of its own（独立进程排版）.

``python -m luoshi.meetings.adapters.books.setting`` reads one line of JSON (``book``, ``faces``, ``folders``) from its
standard input and writes the file. Charts, fonts and typesetter take some 250 MB, which no other process carries.
"""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

SOURCE = Path(__file__).with_name("book.typ")
BORN = 0
"""Seconds since 1970 that every file says it was made at: the day of a book stands in the book."""


def setting(told: dict[str, Any]) -> bytes:
    """The file for what was told; fonts come from the folders named and from the system, nothing from a network."""
    import typst

    from luoshi.meetings.adapters.books import charts

    book = told["book"]
    book["head"]["qr"] = _qr(book["head"])
    words = book["words"]["said"], book["words"]["verified"]
    book["whole"] = charts.drawn(book["whole"], *words)
    for kind in ("matters", "units"):
        book[kind] = [charts.drawn(part, *words) for part in book[kind]]
    made = typst.compile(
        SOURCE,
        root=SOURCE.parent,
        font_paths=told["folders"],
        sys_inputs={"book": json.dumps(book, ensure_ascii=False), "faces": json.dumps(told["faces"])},
        format="pdf",
        timestamp=BORN,
    )
    return bytes(made)


def _qr(head: dict[str, Any]) -> str:
    """The checkpoint of the ledger as a picture; empty before the first one."""
    if not head["root"]:
        return ""
    import segno

    out = io.BytesIO()
    segno.make(f"LUOSHI:{head['size']}:{head['root'].upper()}", error="m").save(
        out, kind="svg", border=1, xmldecl=False
    )
    return out.getvalue().decode()


if __name__ == "__main__":
    sys.stdout.buffer.write(setting(json.loads(sys.stdin.buffer.read())))
