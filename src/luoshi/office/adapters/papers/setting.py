"""Sets a paper as PDF, in a process of its own（独立进程排版）.

``python -m luoshi.office.adapters.papers.setting`` reads JSON (``inputs``, ``folders``) from its standard input
and writes the file. Fonts and typesetter take some 150 MB: no process that answers pages carries them.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

SOURCE = Path(__file__).with_name("paper.typ")
BORN = 0
"""Seconds since 1970 that every file says it was made at: the day of a paper stands in the paper."""


def setting(told: dict[str, Any]) -> bytes:
    """The file for what was told; fonts come from the folders named and from the system, nothing from a network."""
    import typst

    made = typst.compile(
        SOURCE,
        root=SOURCE.parent,
        font_paths=told["folders"],
        sys_inputs=told["inputs"],
        format="pdf",
        timestamp=BORN,
    )
    return bytes(made)


if __name__ == "__main__":
    sys.stdout.buffer.write(setting(json.loads(sys.stdin.buffer.read())))
