"""Working calendars: kept with the program, read in, changed by a day; versions, local days, years nobody announced."""

from __future__ import annotations

import datetime as dt
from io import StringIO
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import translation

from luoshi.ledger.models import Entry
from luoshi.rules.calendar import Deadline, account, add_working
from luoshi.rules.permissions import SYSTEM
from luoshi.rules.refusals import Refused
from luoshi.ui import deadlines
from luoshi.units import services
from luoshi.units.models import CalendarVersion
from luoshi.units.queries.calendars import calendar_at, calendar_for, edition, in_force
from luoshi.units.services.calendars import NOTICES, area_named, days_in_force, kept_notice, require_keeper

from .world import AT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.units.world import World

pytestmark = pytest.mark.django_db

MAKE_UP = {
    2024: {
        "春节": ["02-04", "02-18"],
        "清明": ["04-07"],
        "劳动节": ["04-28", "05-11"],
        "中秋": ["09-14"],
        "国庆节": ["09-29", "10-12"],
    },
    2025: {"春节": ["01-26", "02-08"], "劳动节": ["04-27"], "国庆节": ["09-28", "10-11"]},
    2026: {
        "元旦": ["01-04"],
        "春节": ["02-14", "02-28"],
        "劳动节": ["05-09"],
        "国庆节": ["09-20", "10-10"],
    },
}
"""The make-up days of the three notices, as the notices of the State Council office list them."""

NOTICE = """
year: 2027
title: 云南省2027年放假安排（测试用）
number: 测试1号
issued_on: 2026-11-10
source: https://example.org/notice
holidays:
  - {from: 2027-01-01, to: 2027-01-03, zh: 元旦, en: New Year's Day}
  - {from: 2027-02-05, to: 2027-02-12, zh: 春节, en: Spring Festival}
make_up:
  - {day: 2027-02-13, zh: 春节, en: Spring Festival}
"""
FIRE = "from,to,what,name_zh,name_en\n2026-08-06,2026-08-07,off,火把节,Torch Festival\n"


def load() -> list[CalendarVersion]:
    return services.load_kept_calendars(actor=SYSTEM, at=AT)


def take(text: str, name: str = "notice.yaml", **more: Any) -> services.CalendarReport:
    return services.import_calendar(actor=SYSTEM, at=AT, content=text.encode(), name=name, **more)


@pytest.mark.parametrize("year", sorted(NOTICES))
def test_the_make_up_days_of_the_notices_by_name(year: int) -> None:
    notice = kept_notice(year)
    found: dict[str, list[str]] = {}
    for one in notice.days:
        if one.working:
            found.setdefault(one.zh, []).append(one.day.strftime("%m-%d"))
    assert found == MAKE_UP[year]
    assert notice.number.startswith("国办发明电")
    assert notice.source.startswith("https://www.gov.cn/")


def test_without_a_notice_the_week_counts_and_says_so(world: World) -> None:
    days = calendar_for(world.units["530400"].path)
    assert days.is_working(dt.date(2026, 1, 1))
    assert days.is_provisional(dt.date(2026, 1, 1))
    told = account(Deadline(2, "working", "counted"), dt.date(2025, 12, 31), days)
    with translation.override("en"):
        assert "not announced yet, so this day is provisional" in deadlines.sentence(told)
        assert "2025, 2026" in deadlines.sentence(told)


def test_kept_notices_are_loaded_once(world: World) -> None:
    assert [version.year for version in load()] == sorted(NOTICES)
    entries = Entry.objects.count()
    assert load() == []
    assert Entry.objects.count() == entries
    days = calendar_for(world.units["530400"].path)
    assert not days.is_working(dt.date(2026, 2, 23))
    assert days.is_working(dt.date(2026, 2, 28)), "a Saturday that is worked"
    assert not days.is_provisional(dt.date(2026, 1, 1))
    assert days.is_provisional(dt.date(2027, 1, 1))


def test_a_deadline_over_the_spring_festival_explains_itself(world: World) -> None:
    load()
    told = account(Deadline(5, "working", "issued"), dt.date(2024, 2, 9), calendar_for(world.units["530400"].path))
    with translation.override("en"):
        assert deadlines.sentence(told) == (
            "5 working days after it was issued on 9 Feb 2024: by the end of 22 Feb 2024; 10–17 Feb are Spring"
            " Festival; 18 Feb is a make-up day."
        )
    with translation.override("zh-hans"):
        said = deadlines.sentence(told)
    assert "春节" in said
    assert "调休上班" in said
    assert said.endswith("。")


def test_a_notice_is_read_whole_or_not_at_all(world: World) -> None:
    dry = take(NOTICE, dry_run=True)
    assert (len(dry.added), len(dry.removed), dry.version) == (12, 0, None)
    assert not CalendarVersion.objects.exists()
    done = take(NOTICE)
    assert done.version is not None
    assert not calendar_for("").is_provisional(dt.date(2027, 3, 1))
    assert calendar_for("").is_working(dt.date(2027, 2, 13))
    with pytest.raises(Refused) as refused:
        take(NOTICE)
    assert refused.value.code == "calendar_known"


@pytest.mark.parametrize(
    ("text", "row", "said"),
    [
        ("from,to,what,name_zh\n2026-13-01,,off,元旦\n", 2, "is no day"),
        ("from,to,what,name_zh\n2026-01-01,,off,元旦\n2026-03-02,,work,补班\n", 3, "only a weekend"),
        ("from,to,what,name_zh\n2026-01-05,2026-01-01,off,元旦\n", 2, "the first one first"),
        ("from,to,what,name_zh\n2029-01-01,,off,元旦\n", 2, "does not belong"),
        ("from,to,what,name_zh\n2026-01-01,,maybe,元旦\n", 2, "neither off nor work"),
        ("from,to,what,name_zh\n2026-01-01,,off,\n", 2, "its name"),
        ("from,to,what,name_zh\n2026-01-03,,off,元旦\n2026-01-03,,work,元旦\n", 3, "off and worked"),
    ],
)
def test_a_wrong_row_is_named_and_changes_nothing(world: World, text: str, row: int, said: str) -> None:
    report = take(text, "notice.csv", defaults={"year": "2026", "title": "t"})
    [wrong] = report.errors
    assert wrong.row == row
    assert said in wrong.template % wrong.params
    assert not CalendarVersion.objects.exists()
    with pytest.raises(Refused) as refused:
        services.require_clean_calendar(report)
    assert refused.value.code == "notice_rows_bad"


@pytest.mark.parametrize(
    ("text", "name", "code"),
    [
        ("[", "n.yaml", "notice_unreadable"),
        ("- 1", "n.yaml", "notice_unreadable"),
        ("a,b\n1,2\n", "n.csv", "notice_unreadable"),
        ("title: t", "n.yaml", "notice_year"),
        ("year: 2026", "n.yaml", "notice_title"),
        ("year: 2026\ntitle: t", "n.yaml", "notice_empty"),
        ("x" * 200_001, "n.yaml", "notice_too_long"),
    ],
)
def test_what_is_no_notice_is_refused(world: World, text: str, name: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        take(text, name)
    assert refused.value.code == code


def test_local_days_hold_below_their_area_and_nowhere_else(world: World) -> None:
    load()
    take(FIRE, "fire.csv", defaults={"year": "2026", "title": "放假办法第四条", "unit": world.units["532900"].name})
    day = dt.date(2026, 8, 6)
    assert not calendar_for(world.units["532900"].path).is_working(day)
    assert calendar_for(world.units["530400"].path).is_working(day)
    assert add_working(dt.date(2026, 8, 5), 1, calendar_for(world.units["532900"].path)) == dt.date(2026, 8, 10)
    assert not calendar_for(world.units["532900"].path).is_working(dt.date(2026, 2, 23)), (
        "the country's days hold there too"
    )


def test_one_day_is_changed_with_a_reason_and_the_past_stays(world: World) -> None:
    load()
    before, day = edition(), dt.date(2026, 9, 20)
    told: dict[str, Any] = {"actor": SYSTEM, "at": AT, "day": day, "reason": "国办更正"}
    services.change_day(what="plain", **told)
    assert not calendar_for("").is_working(day)
    assert calendar_at("", before).is_working(day), "what was in force stays readable"
    assert in_force().get(year=2026, unit=None).origin == "override"
    with pytest.raises(Refused) as refused:
        services.change_day(what="plain", **told)
    assert refused.value.code == "day_unchanged"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"reason": " "}, "reason_missing"),
        ({"name_zh": ""}, "day_nameless"),
        ({"day": dt.date(2026, 3, 4), "what": "work"}, "day_worked_anyway"),
        ({"version": 999}, "stale_version"),
        ({"unit": "没有这个地方"}, "unit_unknown"),
    ],
)
def test_a_change_without_its_due_is_refused(world: World, changes: dict[str, Any], code: str) -> None:
    load()
    told: dict[str, Any] = {"day": dt.date(2026, 3, 6), "what": "off", "reason": "为", "name_zh": "节"}
    count = CalendarVersion.objects.count()
    with pytest.raises(Refused) as refused:
        services.change_day(actor=SYSTEM, at=AT, **(told | changes))
    assert refused.value.code == code
    assert CalendarVersion.objects.count() == count


def test_changing_a_day_announces_no_year(world: World) -> None:
    services.change_day(actor=SYSTEM, at=AT, day=dt.date(2027, 3, 5), what="off", reason="为", name_zh="节")
    days = calendar_for("")
    assert not days.is_working(dt.date(2027, 3, 5))
    assert days.is_provisional(dt.date(2027, 3, 5))


def test_the_commands(world: World, tmp_path: Path) -> None:
    out = StringIO()
    call_command("calendars", "load", stdout=out)
    assert "国办发明电〔2025〕7号" in out.getvalue()
    file = tmp_path / "fire.csv"
    file.write_text(FIRE, encoding="utf-8")
    told = ("--year", "2026", "--title", "放假办法第四条", "--unit", world.units["532900"].name)
    out = StringIO()
    call_command("calendars", "import", str(file), *told, "--dry-run", stdout=out)
    assert "火把节" in out.getvalue()
    assert in_force().count() == 3
    call_command("calendars", "import", str(file), *told, stdout=StringIO())
    out = StringIO()
    call_command("calendars", "list", stdout=out)
    assert world.units["532900"].name in out.getvalue()
    out = StringIO()
    with translation.override("en"):
        call_command("calendars", "count", "2026-08-05", "1", "--unit", world.units["532900"].name, stdout=out)
    assert "6–7 Aug are Torch Festival" in out.getvalue()
    call_command("calendars", "day", "2026-03-06", "off", "--name", "节", "--reason", "为", stdout=StringIO())
    with pytest.raises(CommandError):
        call_command("calendars", "day", "2026-03-06", "off", "--name", "节", "--reason", "为")
    file.write_text("from,to,what,name_zh\nx,,off,节\n", encoding="utf-8")
    err = StringIO()
    with pytest.raises(CommandError):
        call_command("calendars", "import", str(file), *told, stderr=err)
    assert "Row 2" in err.getvalue() or "第2行" in err.getvalue()
    with pytest.raises(CommandError):
        call_command("calendars", "import", str(tmp_path / "none.yaml"))


def signed_in(world: World, name: str) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(world.users[name], backend="luoshi.accounts.adapters.sign_in.Passwords")
    return client


def test_the_page_shows_a_year_and_counts_a_term(world: World) -> None:
    client = signed_in(world, "admin")
    empty = client.get("/units/calendar/?year=2026").content.decode()
    assert "not announced yet" in empty
    assert "Load the kept notices" in empty
    assert client.post("/units/calendar/load/").status_code == 302
    page = client.get("/units/calendar/?year=2026&start=2026-02-10&n=5").content.decode()
    assert "15–23 Feb are Spring Festival; 14 Feb is a make-up day." in page
    assert page.count("<caption>") == 12
    assert "国办发明电〔2025〕7号" in page
    told = {"day": "2026-08-06", "what": "off", "name_zh": "火把节", "unit": "大理白族自治州", "reason": "地方节日"}
    assert client.post("/units/calendar/day/", told).status_code == 302
    again = client.post("/units/calendar/day/", told)
    assert (again.status_code, "day_unchanged" in again.content.decode()) == (409, True)
    dali = world.units["532900"].pk
    assert "火把节" in client.get(f"/units/calendar/?year=2026&unit={dali}").content.decode()
    assert "火把节" not in client.get("/units/calendar/?year=2026").content.decode()


def test_who_keeps_a_calendar(world: World) -> None:
    load()
    told: dict[str, Any] = {"at": AT, "day": dt.date(2026, 8, 6), "what": "off", "reason": "为", "name_zh": "火把节"}
    services.change_day(actor=world.county_admin, unit="532930", **told)
    for actor, unit in ((world.county_admin, ""), (world.county_admin, "532931"), (world.handler, "532930")):
        with pytest.raises(Refused) as refused:
            services.change_day(actor=actor, unit=unit, **told)
        assert refused.value.code == "calendar_not_yours"
    services.change_day(actor=world.admin, unit="", **told)
    require_keeper(world.admin, None)
    assert area_named("") is None
    assert [one.zh for one in days_in_force(world.units["532930"], 2026)] == ["火把节"]
    assert signed_in(world, "handler").post("/units/calendar/load/").status_code == 403


def test_the_interface_reads_counts_and_changes(world: World) -> None:
    client = signed_in(world, "admin")
    assert len(client.post("/api/v1/calendar/load", {}, content_type="application/json").json()) == 3
    told = client.get("/api/v1/calendar?year=2026").json()
    assert (told["provisional"], told["versions"][0]["number"]) == (False, "国办发明电〔2025〕7号")
    term = client.get("/api/v1/calendar/term?start=2026-02-10&n=5").json()
    assert (term["due_on"], term["provisional"]) == ("2026-02-24", False)
    body = {"text": NOTICE, "dry_run": True}
    dry = client.post("/api/v1/calendar/import", body, content_type="application/json").json()
    assert (len(dry["added"]), dry["errors"], dry["version"]) == (12, [], None)
    day = {"day": "2026-03-06", "what": "off", "name_zh": "节", "reason": "为"}
    made = client.post("/api/v1/calendar/days", day, content_type="application/json")
    assert made.json()["origin"] == "override"
