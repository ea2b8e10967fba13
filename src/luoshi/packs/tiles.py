"""Places on the schematic map（示意图）: a square for every area, from ``tiles.csv`` of the packs; drawn by us.

Not a map of administrative borders and never called one: it says roughly who lies beside whom.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

FILE = "tiles.csv"


@cache
def places(folder: Path = Path(__file__).parent) -> dict[str, tuple[int, int]]:
    """Code of an area → (column, row) on the grid of its level, from 0; read once."""
    found: dict[str, tuple[int, int]] = {}
    for file in sorted(folder.glob(f"*/{FILE}")):
        with file.open(encoding="utf-8-sig", newline="") as rows:
            for row in csv.DictReader(rows):
                found[row["code"]] = (int(row["col"]), int(row["row"]))
    return found
