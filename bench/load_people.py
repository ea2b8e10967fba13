"""The people of the load test: signed in and with tokens beforehand, and afterwards the count of what they did."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from bench.world import connect, token

HANDLERS, HEADS, REFS = 60, 30, 40


def main() -> int:
    """Write the people, or with ``--check`` compare what was acknowledged with what stands in the ledger."""
    connect(os.environ["LUOSHI_DATABASE_URL"])
    file = Path(os.environ["LUOSHI_LOAD"])
    if sys.argv[1:] == ["--check"]:
        print(json.dumps(_check(file)))
    else:
        file.write_text(json.dumps(_people(file)))
    return 0


def _session(user: Any) -> str:
    from django.test import Client

    browser = Client()
    browser.force_login(user, backend="luoshi.accounts.adapters.sign_in.Passwords")
    return str(browser.cookies["sessionid"].value)


def _people(file: Path) -> dict[str, list[dict[str, Any]]]:
    from luoshi.accounts.models import User
    from luoshi.delivery.models import Commitment
    from luoshi.ledger.models import Entry
    from luoshi.rules import paths
    from luoshi.units.models import Unit

    found: dict[str, list[dict[str, Any]]] = {"handler": [], "head": [], "office": [], "auditor": []}
    for unit in Unit.objects.filter(level="township", kind="area").order_by("path"):
        inside = Commitment.objects.filter(state="accepted", **paths.subtree("lead__path", unit.path))
        refs = list(inside.order_by("ref").values_list("ref", flat=True)[:REFS])
        if len(found["handler"]) == HANDLERS:
            break
        if refs:
            user = User.objects.get(username=f"{unit.code}-handler")
            found["handler"].append({"session": _session(user), "token": token(user.username), "refs": refs})
    above = Unit.objects.filter(level__in=["prefecture", "county"], kind="area").order_by("path")
    for unit in above[:HEADS]:
        below = list(Unit.objects.filter(parent=unit, kind="area").values_list("pk", flat=True)[:20])
        found["head"].append(
            {"session": _session(User.objects.get(username=f"{unit.code}-head")), "units": below or [unit.pk]}
        )
    for role in ("office", "auditor"):
        found[role].append({"session": _session(User.objects.get(username=role))})
    last = Entry.objects.order_by("-pk").values_list("pk", flat=True).first()
    Path(f"{file}.before").write_text(str(last or 0))
    return found


def _check(file: Path) -> dict[str, Any]:
    from luoshi.ledger.models import Entry

    acknowledged = [int(line) for line in Path(f"{file}.acknowledged").read_text().split()]
    before = int(Path(f"{file}.before").read_text())
    rows = Entry.objects.filter(pk__gt=before, type="delivery.CommitmentReported")
    there = set(rows.values_list("pk", flat=True))
    return {
        "acknowledged": len(acknowledged),
        "lost": sorted(set(acknowledged) - there)[:20],
        "twice": len(acknowledged) - len(set(acknowledged)),
        "unacknowledged": sorted(there - set(acknowledged))[:20],
    }


if __name__ == "__main__":
    sys.exit(main())
