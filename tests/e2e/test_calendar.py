"""A calendar changes: a notice is read in, one day is changed, what moves is seen first, and moved in one act."""

from __future__ import annotations

import os
from datetime import date, timedelta

import chinese_calendar
import pytest
from django.utils import timezone
from playwright.sync_api import expect
from tests.e2e.conftest import Visit
from tests.e2e.site import Visitor
from tests.e2e.test_accessibility import violations
from tests.e2e.words import left_in_chinese

SAID = {
    "zh": {"notice": "演示放假通知", "moves": "批复期限", "nothing": "没有期限需要变动", "name": "演示调休"},
    "en": {"notice": "演示放假通知", "moves": "Reply owed by", "nothing": "No deadline moves", "name": "Demo day off"},
}
SHOTS = os.environ.get("LUOSHI_PICTURES", "")


def workday(after: date, number: int) -> date:
    """The so many-th weekday after a day that no kept notice takes off."""
    day = after
    while number:
        day += timedelta(days=1)
        number -= day.weekday() < 5 and chinese_calendar.is_workday(day)
    return day


def looked(one: Visitor, language: str, name: str) -> None:
    """Nothing serious for axe, nothing left in Chinese, nothing wider than the screen."""
    assert not violations(one.page)
    if language == "en":
        assert not left_in_chinese(one.page)
    if SHOTS:
        one.page.screenshot(path=f"{SHOTS}/{name}-{language}.png", full_page=True)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_calendar_changes_and_what_moves_is_seen_first(visit: Visit, language: str) -> None:
    said, today = SAID[language], timezone.localdate()
    one = visit(language, as_person="county-handler")
    ref = one.site.made["link"]
    one.open_act(ref, "request")
    one.fill(question="交界段由谁实施？")
    one.button.click()
    one.page.wait_for_url(f"**/c/{ref}/")

    one.become("administrator")
    year = today.year + (1 if language == "zh" else 2)
    one.go("/units/calendar/import/")
    one.fill(year=str(year), title=said["notice"], number="演示〔1〕号", text="from,to\nnext year")
    one.button.click()
    expect(one.page.locator("main .note.err, main [role=alert]").first).to_be_visible()  # a wrong row is named
    row = f"{year}-01-01,{year}-01-01,off,元旦,New Year's Day"
    one.fill(text=f"from,to,what,name_zh,name_en\n{row}")
    one.button.click()
    one.page.wait_for_url("**/units/calendar/?**")
    one.see(said["notice"])
    looked(one, "", f"calendar-{language}")

    one.go("/calendar/moving/")
    one.see(said["nothing"])
    one.go("/units/calendar/day/")
    day = workday(today, 3 if language == "zh" else 4)
    one.fill(day=day.isoformat(), what="off", name_zh="演示调休", name_en="Demo day off", unit="530400")
    one.fill(reason="演示：地方放假。")
    looked(one, language, "day")
    one.button.click()
    one.page.wait_for_url("**/units/calendar/?**")
    one.see(said["name"])

    one.go("/calendar/moving/")
    one.see(said["moves"])
    one.see(ref)
    looked(one, "", f"moving-{language}")
    one.fill(reason="日历调整。")
    one.button.click()
    one.page.wait_for_url("**/calendar/moving/")
    one.see(said["nothing"])


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_pages_fit_a_telephone(visit: Visit, language: str) -> None:
    one = visit(language, phone=True, as_person="yuxi-office")
    pages = {"burden": "/burden/", "slips": "/slips/", "settings": "/office/settings/", "today": "/"}
    for name, path in {**pages, "board": "/board/"}.items():
        assert one.go(path).ok, path
        one.fits()
        looked(one, "", f"phone-{name}-{language}")
    one.become("administrator")
    for name, path in {
        "calendar": "/units/calendar/",
        "moving": "/calendar/moving/",
        "channels": "/office/channels/",
    }.items():
        assert one.go(path).ok, path
        one.fits()
        looked(one, "", f"phone-{name}-{language}")
