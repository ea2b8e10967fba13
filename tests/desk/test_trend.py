"""The line since the last meeting: days that were kept, nothing made up, and only what the viewer may see."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from luoshi.delivery import jobs, projections, services
from luoshi.delivery.models import Programme, Snapshot, SnapshotCell
from luoshi.delivery.models.timings import FIELDS, timing_of
from luoshi.delivery.services.snapshots import take_snapshot
from luoshi.desk.queries import board, trend
from luoshi.desk.views import pictures
from luoshi.rules import rollup

if TYPE_CHECKING:
    from tests.delivery.world import World

    from .conftest import Enter


def line(world: World, name: str, code: str, days: int = 0) -> trend.Trend:
    actor = world.who(name)
    programme = Programme.objects.get()
    made = board.board(actor, programme, board.area_for(actor, programme, world.units[code].pk))
    return trend.trend(made, world.at.date() + dt.timedelta(days=days))


def shown(found: trend.Trend) -> list[tuple[int, int | None]]:
    """Days since the first day of the world, and per cent said."""
    return [(on.day - 2, one.said_percent) for on, one in found.points]


def test_a_day_is_kept_once_with_what_is_not_folded_yet(world: World) -> None:
    c = world.reported(40)
    assert take_snapshot(at=world.at) == 1
    world.do("report_on_commitment", "a_handler", c, percent=60, words="管网接通四百米")
    assert take_snapshot(at=world.at + dt.timedelta(hours=5)) == 0
    assert Snapshot.objects.count() == 1
    kept = {row.unit_id: row for row in SnapshotCell.objects.all()}
    assert set(kept) == {world.units["530000"].pk, world.units["530400"].pk}  # no department, no village
    assert (kept[world.units["530400"].pk].said, kept[world.units["530400"].pk].items) == (40, 1)


def test_the_tick_keeps_the_day_and_invents_none(world: World) -> None:
    world.reported(40)
    assert jobs.tick(world.at)["days_kept"] == 1
    assert jobs.tick(world.at)["days_kept"] == 0
    assert jobs.tick(world.at + dt.timedelta(days=4))["days_kept"] == 1
    assert [one.on.day for one in Snapshot.objects.order_by("on")] == [2, 6]
    found = line(world, "head", "530000", days=5)
    assert shown(found) == [(0, 40), (4, 40), (5, 40)]


def test_nothing_is_kept_while_there_is_nothing(world: World) -> None:
    assert take_snapshot(at=world.at) == 0
    assert not Snapshot.objects.exists()


def test_a_rebuild_leaves_the_past_alone(world: World) -> None:
    world.reported(40)
    take_snapshot(at=world.at)
    before = list(SnapshotCell.objects.values())
    projections.recount(world.at)
    assert list(SnapshotCell.objects.values()) == before


def test_it_begins_with_the_programme_or_with_the_last_meeting(world: World, enter: Enter) -> None:
    c = world.reported(40)
    take_snapshot(at=world.at)
    assert line(world, "head", "530000", 1).since == dt.date(2026, 1, 1)
    world.do("report_on_commitment", "a_handler", c, percent=60, words="管网接通四百米")
    take_snapshot(at=world.at + dt.timedelta(days=1))
    programme = Programme.objects.get()
    services.change_programme_settings(
        actor=world.who("office"),
        key="ten",
        version=programme.version,
        visibility="siblings",
        warning_days=5,
        extension_limit=2,
        last_meeting_on=dt.date(2026, 3, 3),
        at=world.at,
    )
    found = line(world, "head", "530000", 2)
    assert (found.since, found.meeting) == (dt.date(2026, 3, 3), True)
    assert shown(found) == [(1, 60), (2, 60)]
    world.at += dt.timedelta(days=2)
    page = enter("head").get("/board/").content.decode()
    assert "Since the last meeting" in page
    assert 'id="trend-option"' in page
    assert page.count("<polyline") == 1  # nothing verified yet: no line of it
    assert '<td class="n"><span class="num">60%</span></td>' in page


def test_the_settings_page_holds_the_meeting(world: World, enter: Enter) -> None:
    client, version = enter("office"), Programme.objects.get().version
    timing = {name: getattr(timing_of(None, 5), name) for name in FIELDS}
    told = {**timing, "visibility": "own", "extension_limit": 2, "version": version}
    answer = client.post("/p/ten/settings/", {**told, "last_meeting_on": "2026-02-28"})
    assert answer.status_code == 302, answer.content.decode()
    assert Programme.objects.get().last_meeting_on == dt.date(2026, 2, 28)
    answer = client.post("/p/ten/settings/", {**told, "version": version + 1, "last_meeting_on": ""})
    assert Programme.objects.get().last_meeting_on == dt.date(2026, 2, 28)  # left empty it stays
    assert "28 Feb 2026" in client.get("/p/ten/").content.decode()


def test_what_siblings_see_of_the_past_is_their_totals(world: World) -> None:
    world.reported(40)
    world.accepted("a_epb", by="a_epb_handler")
    world.issued("epb")  # led above the prefectures: not for siblings
    world.issued("532900")
    take_snapshot(at=world.at)
    inside = line(world, "head", "530000", 1)
    beside = line(world, "b_head", "530000", 1)
    assert inside.points[0][1].items == 4
    assert beside.points[0][1].items == 3
    own = line(world, "b_head", "532900", 1)
    assert own.points[0][1].items == 1


def test_below_the_county_there_is_no_line(world: World, enter: Enter) -> None:
    world.issued("530423100")
    take_snapshot(at=world.at)
    found = line(world, "head", "530423100")
    assert (found.kept, found.points) == (False, ())
    page = enter("head").get("/board/", {"unit": world.units["530423100"].pk}).content.decode()
    assert "Days are kept down to the county" in page
    assert "The line begins tomorrow" in enter("head").get("/board/").content.decode()


def test_many_days_are_thinned_and_say_so(world: World, enter: Enter) -> None:
    world.reported(40)
    take_snapshot(at=world.at)
    kept = list(SnapshotCell.objects.all())
    for n in range(1, 200):
        day = Snapshot.objects.create(on=world.at.date() + dt.timedelta(days=n), taken_at=world.at)
        for cell in kept:
            cell.pk, cell.snapshot = None, day
        SnapshotCell.objects.bulk_create(kept)
    found = line(world, "head", "530000", 200)
    assert len(found.points) <= trend.POINTS + 2
    assert (found.points[0][0], found.points[-2][0]) == (world.at.date(), world.at.date() + dt.timedelta(days=199))
    world.at += dt.timedelta(days=200)
    enter("head").get("/board/")
    pictures.forget()
    with CaptureQueriesContext(connection) as many:
        assert "Every 4th kept day is drawn" in enter("head").get("/board/").content.decode()
    Snapshot.objects.filter(on__gt=dt.date(2026, 3, 4)).delete()
    pictures.forget()
    with CaptureQueriesContext(connection) as few:
        enter("head").get("/board/")
    assert len(few) == len(many)


@pytest.mark.parametrize("code", ["530400", "530402"])
def test_the_zero_is_a_summary_too(world: World, code: str) -> None:
    assert line(world, "a_head", code).points == ()
    assert not rollup.ZERO
