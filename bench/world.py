"""The whole province, built through the real services: ``python -m bench.world DATABASE_URL [--scale COMMITMENTS]``.

On PostgreSQL two processes cascade and report side by side, as people of two areas would; on SQLite, which has one
writer, the same is done by one.

Every one of the 16,495 areas of the pack's tree leads a part of each of the ten matters: 164,950 commitments, and three
reports on a tenth of them. In an office's own tree farms, prisons and virtual areas are statistical and receive
nothing; for measuring, the table is read in with every row an ordinary area. With a smaller scale the tree is cut: all
prefectures and counties that fit, then townships with three of their villages.

People (password :data:`PASSWORD`): ``office``, ``head``, ``handler``, ``verifier``, ``administrator``, ``auditor`` of
the province; ``CODE-head`` and ``CODE-handler`` of each prefecture and county, ``CODE-handler`` of each township.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import os
import re
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from bench import harness

FULL = 164_950
SMALL = 1_650
PASSWORD = "luoshi-bench"
REPORTS = 3
VILLAGES = 3
"""Villages kept of a township when the tree is cut."""
SIDE_BY_SIDE = 2
"""Processes that load at once where the database has more than one writer."""


@dataclass(frozen=True, slots=True)
class Built:
    """What stands, and what it cost."""

    vendor: str
    units: int
    commitments: int
    reported: int
    reports: int
    entries: int
    seconds: float
    seconds_by_step: dict[str, float]
    cpu_seconds: float
    peak_mib: float


def outcomes(told: dict[str, Any]) -> list[harness.Outcome]:
    """What the full world cost against what it may cost."""
    return [
        harness.bound(
            "world_load",
            "the whole province through the services, search index included, against 180 seconds",
            told["seconds"],
            180.0,
            unit="s",
            notes=told,
        ),
        harness.bound(
            "world_memory", "peak memory of the loading process, against 1 GiB", told["peak_mib"], 1024.0, unit="MiB"
        ),
    ]


def connect(url: str) -> None:
    """Set Django up on a database; once in a process."""
    os.environ.update(LUOSHI_DATABASE_URL=url, LUOSHI_DEBUG="0", LUOSHI_PLAIN_HTTP="1", LUOSHI_HOSTS="*")
    os.environ.setdefault("LUOSHI_SECRET_KEY", "bench")
    os.environ["DJANGO_SETTINGS_MODULE"] = "luoshi.config.settings"
    import django

    django.setup()


def token(username: str) -> str:
    """A bearer token of a person of the world, for the API; made now, through the service."""
    from django.utils import timezone

    from luoshi.accounts import services as accounts
    from luoshi.accounts.models import User
    from luoshi.rules.permissions import SYSTEM

    user = User.objects.get(username=username)
    return accounts.create_token(user=user, name="bench", actor=SYSTEM, at=timezone.now())[1]


def person(username: str, at: datetime | None = None) -> Any:
    """A person of the world as an actor, in the only post held."""
    from django.utils import timezone

    from luoshi.accounts.models import User
    from luoshi.units.queries import actor_for

    return actor_for(User.objects.get(username=username), at=at or timezone.now())


def table(scale: int) -> str:
    """The table of units for so many commitments (ten for each unit), every row an ordinary area."""
    from luoshi.packs import loader

    with (loader.find_pack(loader.DEFAULT) / "units.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    if scale < FULL:
        rows = list(islice(_cut(rows), scale // 10))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["code", "name", "level", "parent_code", "kind"])
    writer.writerows([row["code"], row["name"], row["level"], row["parent_code"], "area"] for row in rows)
    return out.getvalue()


def _cut(rows: list[dict[str, str]]) -> Iterator[dict[str, str]]:
    for level in ("province", "prefecture", "county"):
        yield from (row for row in rows if row["level"] == level)
    villages: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        if row["level"] == "village":
            villages.setdefault(row["parent_code"], []).append(row)
    for row in rows:
        if row["level"] == "township":
            yield row
            yield from villages.get(row["code"], [])[:VILLAGES]


class _Steps:
    """How long each step took."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.last = self.began = time.perf_counter()

    def done(self, name: str) -> None:
        now = time.perf_counter()
        self.seconds[name] = round(now - self.last, 2)
        self.last = now


class _Hands:
    """Who does the loading: this process alone, or others side by side; adds up what they cost."""

    def __init__(self, url: str, search: bool) -> None:
        self.url, self.search = url, search
        self.cpu_seconds = self.mib = 0.0

    def share(self, work: Callable[..., int], pieces: Sequence[Any], *args: Any) -> int:
        """Do ``work(pieces, *args)``, the pieces dealt out in turn; the sum of what the hands return."""
        from django.db import connection

        if connection.vendor != "postgresql":
            with _search(self.search):
                return work(pieces, *args)
        with ProcessPoolExecutor(SIDE_BY_SIDE, get_context("spawn"), initializer=connect, initargs=(self.url,)) as pool:
            dealt = [pieces[start::SIDE_BY_SIDE] for start in range(SIDE_BY_SIDE)]
            told = [pool.submit(_alone, work, piece, args, self.search) for piece in dealt]
            done = [one.result() for one in told]
        self.cpu_seconds += sum(seconds for _count, seconds, _mib in done)
        self.mib = max(self.mib, sum(mib for _count, _seconds, mib in done))
        return sum(count for count, _seconds, _mib in done)


def _alone(
    work: Callable[..., int], pieces: Sequence[Any], args: Sequence[Any], search: bool
) -> tuple[int, float, float]:
    """One hand's part of the work: what it returned, its CPU seconds, and the peak of its memory in MiB."""
    began = time.process_time()
    with _search(search):
        count = work(pieces, *args)
    return count, time.process_time() - began, _peak()


def _peak() -> float:
    """The peak of this process's memory in MiB; what the parent had before it was started does not count."""
    found = re.search(r"^VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(), re.M)
    return int(found[1]) / 1024 if found else 0.0


@contextmanager
def _search(kept: bool) -> Iterator[None]:
    """Leave the search index out when asked: ``luoshi rebuild`` makes it afterwards."""
    from luoshi.delivery import projections

    enter = projections.on_words
    if not kept:
        projections.on_words = lambda commitments: None  # type: ignore[assignment]
    try:
        yield
    finally:
        projections.on_words = enter


def build(scale: int = FULL, *, search: bool = True) -> Built:
    """Migrate the connected, empty database and build the world in it."""
    from django.core.management import call_command
    from django.db import connection
    from django.utils import timezone

    from luoshi.delivery import projections
    from luoshi.delivery.models import Commitment, Report
    from luoshi.ledger import services as ledger
    from luoshi.ledger.models import Entry
    from luoshi.office.services import index_due
    from luoshi.units.models import Unit

    steps, hands = _Steps(), _Hands(os.environ["LUOSHI_DATABASE_URL"], search)
    call_command("migrate", verbosity=0)
    steps.done("migrate")
    at = timezone.now() - timedelta(days=2)
    _people(scale, at)
    steps.done("units and people")
    programme = _programme(at + timedelta(hours=1))
    roots = _roots(programme, at + timedelta(hours=2))
    steps.done("programme")
    hands.share(_cascade, roots, at + timedelta(hours=3))
    steps.done("cascade")
    reported = hands.share(_report, _reporting(Commitment.objects.count() // 10), at + timedelta(hours=4))
    steps.done("reports")
    while search and index_due():
        pass
    steps.done("search")
    while projections.fold():
        pass
    steps.done("fold")
    now = timezone.now()
    while ledger.sequence_pending(now):
        pass
    ledger.checkpoint(now)
    steps.done("number")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
    else:
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    steps.done("statistics")
    return Built(
        vendor=connection.vendor,
        units=Unit.objects.filter(kind="area").count(),
        commitments=Commitment.objects.count(),
        reported=reported,
        reports=Report.objects.count(),
        entries=Entry.objects.count(),
        seconds=round(time.perf_counter() - steps.began, 1),
        seconds_by_step=steps.seconds,
        cpu_seconds=round(time.process_time() + hands.cpu_seconds, 1),
        peak_mib=round(_peak() + hands.mib, 1),
    )


def _people(scale: int, at: datetime) -> None:
    from luoshi.accounts import services as accounts
    from luoshi.packs import loader
    from luoshi.rules.calendar import local_day
    from luoshi.rules.permissions import SYSTEM
    from luoshi.units import services as units
    from luoshi.units.models import Unit

    since = local_day(at) - timedelta(days=400)
    units.require_clean(units.import_units(actor=SYSTEM, at=at, text=table(scale), on=since))
    province = Unit.objects.get(level="province", kind="area")
    units.create_standard_departments(
        actor=SYSTEM,
        at=at,
        areas=[province],
        standards=[
            {
                "key": one.key,
                "names": dict(one.names),
                "aliases": list(one.aliases),
                "superior_key": one.superior_key,
                "with_area_name": one.with_area_name,
            }
            for one in loader.read().departments
        ],
        on=since,
    )
    departments = {unit.standard_key: unit for unit in Unit.objects.exclude(standard_key="")}
    wanted = [
        ("office", departments["supervision"], "office"),
        ("verifier", departments["audit"], "verifier"),
        *((role, province, role) for role in ("head", "handler", "administrator", "auditor")),
    ]
    for unit in Unit.objects.filter(kind="area", level__in=["prefecture", "county", "township"]).order_by("path"):
        roles = ("handler",) if unit.level == "township" else ("head", "handler")
        wanted += [(f"{unit.code}-{role}", unit, role) for role in roles]
    specs = [units.PostSpec(unit.pk, f"{unit.name}{role}"[:80], role, f"P-{name}") for name, unit, role in wanted]
    posts = units.create_posts(actor=SYSTEM, at=at, specs=specs)
    persons = accounts.create_demo_persons(
        persons=[(name, f"演示·{name}") for name, _unit, _role in wanted], actor=SYSTEM, at=at, password=PASSWORD
    )
    seatings = [
        units.Seating(post.ref, persons[name].pk, since)
        for post, (name, _unit, _role) in zip(posts, wanted, strict=True)
    ]
    units.seat_holders(actor=SYSTEM, at=at, seatings=seatings)


def _programme(at: datetime) -> Any:
    from luoshi.delivery import services as delivery
    from luoshi.packs import loader
    from luoshi.rules.calendar import local_day
    from luoshi.rules.permissions import SYSTEM

    programme = loader.load(loader.read(), actor=SYSTEM, at=at, is_demo=True).programme
    office, today = person("office", at), local_day(at)
    delivery.record_authority(
        actor=office,
        key=programme.key,
        version=programme.version,
        who="演示：省委、省政府",
        document="演示：座谈会纪要",
        scope="演示：十件事",
        from_on=today - timedelta(days=30),
        until_on=today + timedelta(days=1000),
        at=at,
    )
    return delivery.issue_programme(actor=office, key=programme.key, version=programme.version + 1, at=at)[0]


def _roots(programme: Any, at: datetime, *, different: str = "") -> list[str]:
    """One commitment a matter, led by the province: drafted, issued, taken on.

    ``different`` says why it is not what the province is asked already.
    """
    from luoshi.delivery import services as delivery
    from luoshi.rules.calendar import local_day
    from luoshi.units.models import Unit

    office, head = person("office", at), person("head", at)
    province = Unit.objects.get(level="province", kind="area")
    refs = []
    for matter in programme.matters.order_by("number"):
        drafted = delivery.draft_commitment(
            actor=office,
            matter=matter.pk,
            lead=province.pk,
            title=f"{matter.name_zh}：逐级落实到村",
            requirement=f"围绕{matter.name_zh}，逐级分解、逐项办理，按期报送进展，完成后由他人核查。",
            criteria=["责任到岗、时限明确", "结果经核查属实"],
            due_on=local_day(at) + timedelta(days=180 + 60 * matter.number),
            off_system=False,
            at=at,
        ).commitment
        told = {"ref": drafted.ref, "version": drafted.version, "different": different}
        issued = delivery.issue_commitment(actor=office, **told, at=at).commitment
        delivery.accept_commitment(actor=head, ref=issued.ref, version=issued.version, at=at)
        refs.append(issued.ref)
    return refs


def _cascade(refs: Sequence[str], at: datetime) -> int:
    """Each to all units below over four levels in one act, after the recorded approval."""
    from luoshi.delivery import services as delivery
    from luoshi.delivery.models import Commitment

    office, head = person("office", at), person("head", at)
    for ref in refs:
        version = Commitment.objects.get(ref=ref).version
        delivery.approve_breakdown(
            actor=office, ref=ref, version=version, levels=4, opinion="同意一次分解到村。", at=at
        )
        delivery.break_down_commitment(actor=head, ref=ref, version=version + 1, levels=4, accept_days=60, at=at)
    return len(refs)


def _reporting(wanted: int) -> list[tuple[str, list[str]]]:
    """Who reports on what: handlers of townships with numbers of their own and their villages', ``wanted`` in all."""
    from luoshi.delivery.models import Commitment
    from luoshi.rules import paths
    from luoshi.units.models import Unit

    townships = list(Unit.objects.filter(level="township", kind="area").order_by("path"))
    found = []
    for unit in (unit for start in range(10) for unit in townships[start::10]):
        inside = Commitment.objects.filter(**paths.subtree("lead__path", unit.path)).order_by("ref")
        refs = list(inside.values_list("ref", flat=True)[:wanted])
        found.append((f"{unit.code}-handler", refs))
        wanted -= len(refs)
        if not wanted:
            break
    return found


def _report(reporting: Sequence[tuple[str, Sequence[str]]], at: datetime) -> int:
    """Take on and report three times on each; returns on how many."""
    from luoshi.delivery import services as delivery

    for name, refs in reporting:
        actor = person(name, at)
        accepted = delivery.accept_commitments(actor=actor, wanted=[delivery.Wanted(ref, 1) for ref in refs], at=at)
        _all_done(accepted.refused)
        for turn in range(REPORTS):
            said = [
                delivery.Said(
                    ref,
                    percent=20 + 25 * turn + (number * 7) % 25,
                    words=f"第{turn + 1}次报送：按计划推进，已完成第{turn + 1}阶段。",
                    next_step="继续按计划推进。",
                )
                for number, ref in enumerate(refs)
            ]
            moment = at + timedelta(hours=1 + turn)
            _all_done(delivery.report_on_commitments(actor=actor, said=said, at=moment).refused)
    return sum(len(refs) for _name, refs in reporting)


def _all_done(refused: Any) -> None:
    if refused:
        raise RuntimeError(f"{len(refused)} rows refused, the first: {refused[0]}")


def main() -> int:
    """Build it and say what it cost, as JSON."""
    parser = argparse.ArgumentParser(description="Build the world of the measurements in an empty database.")
    parser.add_argument("url", help="postgres://… or sqlite:///…")
    parser.add_argument("--scale", type=int, default=FULL, help="how many commitments (ten a unit)")
    parser.add_argument("--without-search", action="store_true", help="leave the search index to luoshi rebuild")
    chosen = parser.parse_args()
    connect(chosen.url)
    print(json.dumps(asdict(build(chosen.scale, search=not chosen.without_search)), indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
