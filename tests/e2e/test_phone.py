"""On a phone of 360 px: reporting for a village, and sending where the network comes and goes."""

from __future__ import annotations

import time

from playwright.sync_api import Route, expect
from tests.e2e.conftest import Visit

WORDS = "垃圾清运两趟，沟口无淤堵。"


def test_reports_for_a_village(visit: Visit) -> None:
    one = visit("zh", phone=True, as_person="town-handler")
    page, ref = one.page, one.site.made["village"]
    one.fits()
    began = time.monotonic()
    card = page.locator(f"#accept-{ref}")
    expect(card).to_contain_text("代")
    card.locator("button.p").click()
    one.done()
    page.locator(f"#report-{ref} a.p").click()
    panel = page.locator("#panel")
    expect(panel).to_contain_text(ref)
    one.fits()
    panel.locator('[name="percent"]').fill("70")
    panel.locator('[name="words"]').fill(WORDS)
    panel.locator("button.p").click()
    one.done()
    assert time.monotonic() - began < 60
    assert one.site.reports(ref) == 1
    one.go(f"/c/{ref}/")
    one.fits()
    first = page.locator("#reports li").first
    expect(first).to_contain_text(WORDS)
    expect(first).to_contain_text("江城镇")
    expect(first).to_contain_text("代")


def test_pages_fit(visit: Visit) -> None:
    one = visit("zh", phone=True, as_person="county-handler")
    ref = one.site.made["link"]
    for path in ("/", "/board/", f"/c/{ref}/", f"/c/{ref}/report/", f"/c/{ref}/issue-link/"):
        assert one.go(path).ok
        one.fits()
    one.become("prov-head")
    for path in ("/", "/board/", "/p/ten_matters/", f"/c/{one.site.made['story']}/", "/units/", "/tour/"):
        assert one.go(path).ok, path
        one.fits()


def test_menus_open_inside_the_page(visit: Visit) -> None:
    one = visit("zh", phone=True, as_person="prov-office")
    one.go("/register/")
    for menu in one.page.locator("details.pick").all():
        menu.locator("summary").click()
        box = menu.locator(".sheet").bounding_box()
        assert box is not None
        assert box["x"] >= 0, menu.inner_text()
        assert box["x"] + box["width"] <= 360, menu.inner_text()
        one.page.keyboard.press("Escape")


def test_offline_is_sent_when_back(visit: Visit) -> None:
    one = visit("zh", phone=True, as_person="county-handler")
    page, ref = one.page, one.site.made["offline"]
    one.open_act(ref, "report")
    one.fill(percent="35", words="泵站逐台巡查。")
    page.context.set_offline(True)
    one.button.click()
    expect(page.locator("#unsent")).to_be_visible()
    expect(page.locator("#unsent")).to_contain_text("尚未提交。")
    assert one.site.reports(ref) == 0
    expect(page.locator('[name="words"]')).to_have_value("泵站逐台巡查。")
    page.context.set_offline(False)
    one.done()
    expect(page.locator("#unsent")).to_be_hidden()
    assert one.site.reports(ref) == 1


def test_answer_lost_on_the_way_is_not_done_twice(visit: Visit) -> None:
    one = visit("zh", phone=True, as_person="county-handler")
    page, ref = one.page, one.site.made["lost"]
    one.open_act(ref, "report")
    one.fill(percent="45", words="雨污分流过半。")
    arrived: list[int] = []

    def lose(route: Route) -> None:
        if route.request.method == "POST" and not arrived:
            arrived.append(route.fetch(max_redirects=0).status)
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route(f"**/c/{ref}/report/", lose)
    one.button.click()
    expect(page.locator("#unsent")).to_be_visible()
    assert arrived == [302]
    assert one.site.reports(ref) == 1
    page.locator("#unsent [data-retry]").click()
    one.see("此前已经收到，没有重复办理。")
    one.done()
    assert one.site.reports(ref) == 1
