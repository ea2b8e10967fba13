"""Search at the scale of the province: the whole page for the worst questions, by viewer, and what the index costs.

``measure(url, small_url)`` asks the same on a full and on a small world, each in a process of its own (one process
knows one database), in turn; the page of the full world must come within :data:`LIMIT` ms. ``python -m bench.search
URL`` asks one world and prints the milliseconds; with ``--rebuild`` it makes the index anew and says what that took.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from typing import Any

from bench.harness import Outcome, bound, outcome, plain_static

LIMIT = 150.0
"""Milliseconds for the whole page, whatever is asked."""
INDEX = 40.0
"""Seconds to make the whole index anew."""
ROUNDS = 7


def measure(url: str, small_url: str) -> list[Outcome]:
    """Every question on both worlds, A B A B; one outcome a question and viewer, and one for making the index."""
    full: dict[str, list[float]] = {}
    small: dict[str, list[float]] = {}
    for _round in range(2):
        for address, kept in ((url, full), (small_url, small)):
            for name, times in _asked(address).items():
                kept.setdefault(name, []).extend(times)
    vendor = url.partition(":")[0]
    outcomes = [_outcome(f"search_{vendor}_{name}", full[name], small.get(name) or full[name]) for name in full]
    return [*outcomes, _index(vendor, url)]


def _outcome(name: str, ours: list[float], small: list[float]) -> Outcome:
    return outcome(
        name,
        "the whole page on the full world, against what it may take",
        ours,
        [LIMIT] * len(ours),
        limit=1.0,
        notes={
            "upper_quartile_ms": round(statistics.quantiles(ours, n=4)[2], 1),
            "on_the_small_world_ms": round(statistics.median(small), 1),
        },
    )


def _index(vendor: str, url: str) -> Outcome:
    made = _run(url, "--rebuild")
    return bound(f"search_{vendor}_index", "making the whole index anew", made["seconds"], INDEX, unit="s", notes=made)


def _asked(url: str) -> dict[str, list[float]]:
    return {name: list(map(float, times)) for name, times in _run(url).items()}


def _run(url: str, *more: str) -> Any:
    done = subprocess.run(
        [sys.executable, "-m", "bench.search", url, *more], check=True, capture_output=True, text=True
    )
    return json.loads(done.stdout.splitlines()[-1])


# --- One world --------------------------------------------------------------------------------------------------------


def _viewers() -> dict[str, Any]:
    """One person of each sort that the world holds."""
    from luoshi.accounts.models import User

    held = User.objects.filter(holdings__until_on__isnull=True, holdings__post__active=True)
    unit = "holdings__post__unit__"
    wanted = {
        "province": held.filter(**{f"{unit}area__level": "province", f"{unit}area__kind": "area"}),
        "county": held.filter(**{f"{unit}level": "county"}).order_by(f"-{unit}code"),
        "village": held.filter(**{f"{unit}level__in": ["village", "township"]}).order_by(f"-{unit}level"),
        "body": held.filter(**{f"{unit}kind": "body"}),
    }
    found = {name: people.first() for name, people in wanted.items()}
    eryuan = held.filter(**{f"{unit}code": "532930"}).first()
    found["county"] = eryuan or found["county"]
    return {name: person for name, person in found.items() if person is not None}


def _questions() -> dict[str, str]:
    """The worst cases, in the words of the world."""
    from luoshi.delivery.models import Commitment, Matter
    from luoshi.office.queries.terms import initials

    matter = Matter.objects.order_by("number")[2]
    word = matter.name_zh[:4]
    ref = Commitment.objects.filter(matter=matter).order_by("pk").values_list("ref", flat=True)[0]
    return {
        "word_in_all": "落实",
        "word_of_a_matter": word,
        "title_as_typed": Commitment.objects.filter(ref=ref).values_list("title", flat=True)[0],
        "unit": "洱源",
        "large_unit": "大理",
        "unit_and_word": f"洱源 {word}",
        "units_and_word": f"社区 {word}",
        "every_village": "村委会",
        "initials": max(initials(matter.name_zh), key=len)[:6],
        "prefix": ref[:-3],
        "number": ref,
        "reports": "推进",
        "one_character": "水",
        "nothing": "没有这个词语",
    }


def ask(url: str) -> dict[str, list[float]]:
    """Milliseconds of the whole page, by question and viewer; the first of each warms up and is not counted."""
    from django.conf import settings
    from django.test import Client

    settings.ALLOWED_HOSTS = ["*"]
    plain_static()
    times: dict[str, list[float]] = {}
    questions = _questions()
    for viewer, person in _viewers().items():
        client = Client()
        client.force_login(person)
        for name, text in questions.items():
            for round_ in range(ROUNDS + 1):
                start = time.perf_counter()
                answer = client.get("/search/", {"q": text})
                took = (time.perf_counter() - start) * 1000
                if answer.status_code != 200:
                    raise RuntimeError(f"{viewer} asked for {text}: {answer.status_code}")
                if round_:
                    times.setdefault(f"{viewer}_{name}", []).append(round(took, 2))
    return times


def rebuild() -> dict[str, Any]:
    """Make the index anew; seconds, entries, texts and MiB on the disk (0 where it cannot be told)."""
    from django.db import connection

    from luoshi.office.models import SearchText
    from luoshi.office.services import rebuild_search

    start, cpu = time.perf_counter(), time.process_time()
    entries = rebuild_search()
    seconds, own = time.perf_counter() - start, time.process_time() - cpu
    size = 0
    if connection.vendor == "postgresql":
        tables = ("office_searchtext", "office_searchentry", "office_searchwords")
        with connection.cursor() as cursor:
            for table in tables:
                cursor.execute(f"VACUUM FULL ANALYZE {table}")
                cursor.execute("SELECT pg_total_relation_size(%s)", [table])
                size += int(cursor.fetchone()[0])
    return {
        "seconds": round(seconds, 1),
        "own_processor_seconds": round(own, 1),
        "entries": entries,
        "texts": SearchText.objects.count(),
        "mib": round(size / 2**20, 1),
    }


def main() -> int:
    """Ask one world, or make its index anew; JSON on the last line."""
    parser = argparse.ArgumentParser(description="Measure search on one world.")
    parser.add_argument("url")
    parser.add_argument("--rebuild", action="store_true")
    told = parser.parse_args()
    from bench.province import connect

    connect(told.url)
    print(json.dumps(rebuild() if told.rebuild else ask(told.url)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
