"""建造: one transaction that makes the whole demonstration, or nothing of it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from luoshi.delivery import services as delivery
from luoshi.delivery.models import Commitment, Programme
from luoshi.delivery.services.snapshots import take_snapshot
from luoshi.ledger import services as ledger
from luoshi.packs import loader
from luoshi.packs.demo import people
from luoshi.packs.demo.asked import tell_duplicate
from luoshi.packs.demo.days import keep_calendars
from luoshi.packs.demo.generated import Scale, Work
from luoshi.packs.demo.late import tell_late
from luoshi.packs.demo.met import tell_meetings
from luoshi.packs.demo.news import tell_news
from luoshi.packs.demo.script import SHANGHAI, Script
from luoshi.packs.demo.shared import tell_shared
from luoshi.packs.demo.stage import Stage
from luoshi.packs.demo.told import Rows, tell, tour
from luoshi.packs.demo.verified import tell_verified
from luoshi.packs.schema.pack import Pack
from luoshi.packs.schema.story import Person, Story
from luoshi.rules.calendar import local_day
from luoshi.rules.permissions import SYSTEM
from luoshi.rules.refusals import Refused, declare, gettext_noop
from luoshi.units import services as units
from luoshi.units.models import Unit

_ = gettext_noop
declare(
    409,
    demo_not_here=_(
        "This database holds the programme %(programme)s, which is no demonstration. Use another database for it."
    ),
    demo_no_story=_("The pack %(pack)s has no story, so there is nothing to show."),
    demo_units_differ=_("The units here are not those of the demonstration. Use an empty database for it."),
)

SCALES = {
    "story": Scale("story"),
    "county": Scale("county", below_county=False),
    "village": Scale("village", every_village=True),
    "tiny": Scale(
        "tiny", lines=11, accepted_counties=("530403101", "530403002", "530403102"),
        code_prefixes=("530000", "5304", "5329"),
    ),
}  # fmt: skip
"""How far the demonstration goes; ``tiny`` is for tests: two prefectures, one county of them with townships."""

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much there is; the last two count acts."""


@dataclass(frozen=True, slots=True)
class Built:
    """What stands afterwards, in numbers, and who acts in it."""

    programme: Programme
    units: int
    commitments: int
    acts: int
    refused: dict[str, str]
    persons: tuple[Person, ...]


def is_there() -> Programme | None:
    """The programme of the demonstration, if it stands already.

    Raises:
        Refused: ``demo_not_here`` when the database holds a programme that is none.
    """
    real = Programme.objects.filter(is_demo=False).first()
    if real is not None:
        raise Refused("demo_not_here", programme=real.name_zh)
    return Programme.objects.filter(is_demo=True).first()


def build(*, pack: Pack, folder: Path, scale: Scale, at: datetime, password: str = "", progress: Progress) -> Built:
    """Build the demonstration world（演示世界）; the same day and scale give the same world.

    Args:
        pack: the pack with its story.
        folder: where its ``units.csv`` lies.
        scale: how far the work goes.
        at: now; everything happened before it.
        password: of every person of the demonstration; empty: nobody can sign in with one.
        progress: told what is going on.

    Raises:
        Refused: ``demo_not_here``, ``demo_no_story``, ``demo_units_differ``.
    """
    if pack.story is None:
        raise Refused("demo_no_story", pack=pack.programme.key)
    if is_there() is not None:
        raise Refused("demo_not_here", programme=pack.programme.name.zh)
    with _unlogged(), ledger.numbering_later(at):
        return _build(pack, pack.story, folder, scale, at, password, progress)


@contextmanager
def _unlogged() -> Iterator[None]:
    """Without the log of statements that a debugging server keeps: it doubles the work and is read by nobody here."""
    debug, settings.DEBUG = settings.DEBUG, False
    try:
        yield
    finally:
        settings.DEBUG = debug


def _build(
    pack: Pack, story: Story, folder: Path, scale: Scale, at: datetime, password: str, progress: Progress
) -> Built:
    script = Script(Stage(), local_day(at))
    began = script.moment(-345)
    body = _units(pack, folder, scale, script, began, progress)
    keep_calendars(script, story, began + timedelta(minutes=30))
    progress("posts", 0, 0)
    people.settle(script.stage, story, body, from_on=local_day(began), at=began + timedelta(hours=2), password=password)
    programme = _programme(pack, script)
    rows = Rows.of(pack, programme.pk)
    told = tell(script, story, rows)
    body_post = script.stage.post(body, "verifier")
    work = Work(script, story, rows, scale, body_post)
    work.plan()
    _changes_of_people(script, story, work)
    tell_late(script, story, rows)
    tell_verified(script, story, rows)
    tell_duplicate(script, story)
    tell_meetings(script, story, programme.key)
    tell_shared(script, story, told)
    _keep_figures(script)
    total, done = len(script.deeds), 0

    def tell_progress() -> None:
        nonlocal done
        if done % 400 == 0:
            _take_stock()
        done += 1
        if done % 20 == 0 or done == total:
            progress("acts", done, total)

    acts = script.run(tell_progress) - len(KEPT_DAYS)
    programme.refresh_from_db()
    moment = min(at, datetime.combine(script.today, time(0), tzinfo=SHANGHAI) + timedelta(minutes=10))
    programme, _entry = delivery.change_programme_settings(
        actor=SYSTEM,
        key=programme.key,
        version=programme.version,
        visibility=programme.visibility,
        warning_days=programme.warning_days,
        extension_limit=programme.extension_limit,
        settings={"tour": tour(story, told), "scale": scale.name},
        at=moment,
    )
    tell_news(script, story.news, moment)
    return Built(
        programme=programme,
        units=Unit.objects.count(),
        commitments=Commitment.objects.count(),
        acts=acts,
        refused=told.refused,
        persons=story.persons,
    )


KEPT_DAYS = (*range(-315, -7, 14), *range(-7, 0))
"""Days from today at whose end figures are kept: a line of a year, without a row for every cell of every day."""


def _keep_figures(script: Script) -> None:
    """Plan what the clock does every day（每日留数）, on as many days as a line needs."""

    def keep(moment: datetime) -> None:
        take_snapshot(at=moment)

    for day in KEPT_DAYS:
        script.add(script.moment(day, 14 * 60), keep)


def _take_stock() -> None:
    """Let PostgreSQL count what there is meanwhile: it plans by the tables as they were, empty, and one transaction of
    thousands of acts would search them row by row in the end.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def _units(pack: Pack, folder: Path, scale: Scale, script: Script, at: datetime, progress: Progress) -> Unit:
    """The tree, its standard departments and the independent body; what is there already stays."""
    progress("units", 0, 0)
    since = local_day(at) - timedelta(days=365)
    text = _reduced((folder / "units.csv").read_text(encoding="utf-8"), scale)
    known = {row["code"] for row in csv.DictReader(io.StringIO(text))}
    if not known.issuperset(Unit.objects.filter(kind__in=["area", "statistical"]).values_list("code", flat=True)):
        raise Refused("demo_units_differ")
    units.require_clean(units.import_units(actor=SYSTEM, at=at, text=text, on=since))
    progress("departments", 0, 0)
    areas = list(Unit.objects.filter(level__in=["province", "prefecture", "county"], kind="area"))
    standards: list[dict[str, Any]] = [
        {
            "key": one.key,
            "names": dict(one.names),
            "aliases": list(one.aliases),
            "superior_key": one.superior_key,
            "with_area_name": one.with_area_name,
        }
        for one in pack.departments
    ]
    units.create_standard_departments(
        actor=SYSTEM, at=at + timedelta(minutes=10), areas=areas, standards=standards, on=since
    )
    body = units.create_unit(
        actor=SYSTEM,
        at=at + timedelta(minutes=20),
        kind="body",
        level="province",
        name=people.BODY,
        parent_id=None,
        on=since,
    )
    script.stage.set_units(list(Unit.objects.filter(valid_until__isnull=True)))
    return body


def _reduced(text: str, scale: Scale) -> str:
    """The table of units; for a reduced scale only its prefectures, and townships in one county only."""
    if not scale.code_prefixes:
        return text
    rows = list(csv.reader(io.StringIO(text)))
    kept = [rows[0]]
    for row in rows[1:]:
        code, level = row[0], row[2]
        deep = level in {"township", "village"}
        if code.startswith(scale.code_prefixes) and (not deep or code.startswith(scale.accepted_counties)):
            kept.append(row)
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(kept)
    return out.getvalue()


def _programme(pack: Pack, script: Script) -> Programme:
    """The programme with its authority, recorded by a person and marked 演示, then put in force."""
    at = script.moment(-341)
    source = pack.source(pack.programme.authority.source)
    root = loader.owner_of(script.stage.province.code)
    programme = loader.load(pack, actor=SYSTEM, at=at, owner=root, is_demo=True).programme
    office = script.stage.actor(script.stage.persons["prov-office"], at)
    delivery.record_authority(
        actor=office,
        key=programme.key,
        version=programme.version,
        who=f"演示：{pack.programme.authority.who.zh}",
        document=f"演示：{source.document.zh}",
        document_on=source.on,
        scope=f"演示：{pack.programme.authority.scope.zh}",
        from_on=script.day(-341),
        until_on=script.day(424),
        at=at + timedelta(hours=1),
    )
    programme, _entry = delivery.issue_programme(
        actor=office, key=programme.key, version=programme.version + 1, at=at + timedelta(hours=2)
    )
    return programme


def _changes_of_people(script: Script, story: Story, work: Work) -> None:
    """One deputy for a time, and one post that goes to its next holder with a list of what is open."""
    away = script.moment(-200)
    script.add(away, lambda moment: people.stand_in(script.stage, story, from_on=local_day(moment), at=moment))
    unit = next(unit for unit in script.stage.below[_elsewhere(script, story).pk])
    post = script.stage.post(unit, "handler")

    def hand_over(moment: datetime) -> None:
        rows = Commitment.objects.filter(lead=unit, state__in=["accepted", "issued"]).order_by("ref")
        lines = [
            " ".join(str(one) for one in told if one)  # as the list of what is open by itself
            for told in rows.values_list("ref", "title", "due_on")
        ]
        people.hand_over(script.stage, post, lines, at=moment, on=local_day(moment))

    script.add(script.moment(-30, 300), hand_over)


def _elsewhere(script: Script, story: Story) -> Unit:
    """Another prefecture than the story's."""
    province = script.stage.province
    return next(unit for unit in script.stage.below[province.pk] if unit.code != story.prefecture)
