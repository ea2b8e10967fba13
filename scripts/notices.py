"""Write THIRD_PARTY.md from what is installed; refuse licences that would bind the product itself.

python scripts/notices.py [--check]
"""

from __future__ import annotations

import json
import re
import sys
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FORBIDDEN = re.compile(r"(?<!L)(?<!Lesser )(?:\bA?GPL|\bAffero|\bGNU General Public)", re.IGNORECASE)


def licence(found: Distribution) -> str:
    """The licence a package declares: its SPDX expression, else its classifiers, else its first licence line."""
    if expression := found.metadata.get("License-Expression"):
        return str(expression)
    classes = [c.split(" :: ")[-1] for c in found.metadata.get_all("Classifier") or [] if c.startswith("License ::")]
    classes = [c for c in classes if c != "OSI Approved"]
    if classes:
        return ", ".join(classes)
    return (found.metadata.get("License") or "").strip().splitlines()[0] if found.metadata.get("License") else ""


def python() -> list[tuple[str, str, str]]:
    """Name, version and licence of every package of the runtime lock file."""
    rows = []
    for line in (ROOT / "requirements" / "run.txt").read_text().splitlines():
        if match := re.match(r"([A-Za-z0-9._-]+)==(\S+)", line):
            try:
                rows.append((match[1], match[2], licence(distribution(match[1]))))
            except PackageNotFoundError:
                sys.exit(f"{match[1]} is locked but not installed: make setup")
    return rows


def node() -> list[tuple[str, str, str]]:
    """Name, version and licence of every front-end package that reaches a browser."""
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    return [
        (name.removeprefix("node_modules/"), entry["version"], entry.get("license", ""))
        for name, entry in packages.items()
        if name and not entry.get("dev")
    ]


def page() -> str:
    """The page itself; leaves with a sentence when a licence is missing or forbidden."""
    lines = ["# Third-party notices", "", "What an installation uses. Written by `make notices`; do not edit.", ""]
    for title, rows in (("Python packages", python()), ("Front-end packages", node())):
        for name, _version, terms in rows:
            if not terms or FORBIDDEN.search(terms):
                sys.exit(f"{name}: licence {terms or 'unknown'!r} cannot be shipped with this product")
        lines += [f"## {title}", "", "| package | version | licence |", "|---|---|---|"]
        lines += [f"| {name} | {version} | {terms} |" for name, version, terms in sorted(rows)] + [""]
    return "\n".join(lines)


if __name__ == "__main__":
    target, text = ROOT / "THIRD_PARTY.md", page()
    if "--check" in sys.argv[1:]:
        if not target.exists() or target.read_text() != text:
            sys.exit("THIRD_PARTY.md is not up to date: make notices")
    else:
        target.write_text(text)
