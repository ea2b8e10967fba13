"""A day in the register: an office filters, keeps a view, returns three rows of which one is refused, and prints."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from .conftest import Visit


def test_an_office_lives_in_its_register(visit: Visit) -> None:
    one = visit("zh", as_person="prov-office")
    one.go("/register/")
    page = one.page
    page.locator("#regpanel > a").click()
    page.locator('#regpanel input[name="state"][value="accepted"]').check()
    page.locator("#regpanel button.btn.p").click()
    expect(page).to_have_url(re.compile("state=accepted"))
    page.locator("summary", has_text="存为常用视图").click()
    page.locator("#view-name").fill("在办的")
    page.locator("form.inside button").click()
    one.see("已保存常用视图")
    expect(page.locator("h1")).to_have_text("在办的")
    rows = page.locator("tbody .c-pick input[type=checkbox]")
    for place in range(min(3, rows.count())):
        rows.nth(place).check()
    expect(page.locator("[data-picked]")).to_contain_text(re.compile(r"\d 行已选"))
    page.locator('.actbar > button[value="return"]').click()
    page.locator('[name="reason:all"]').fill("请补充佐证")
    page.locator("form[data-send] .actbar button.btn.p").click()
    one.see(re.compile("不予办理|已办理"))
    one.go("/register/?state=accepted")
    page.emulate_media(media="print")
    expect(page.locator(".printonly").first).to_be_visible()
    expect(page.locator(".actbar")).to_be_hidden()
