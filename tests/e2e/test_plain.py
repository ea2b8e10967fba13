"""Without script: changing the person, accepting, reporting, and what is wrong said beside its field."""

from __future__ import annotations

from playwright.sync_api import expect
from tests.e2e.conftest import Visit


def test_main_acts_without_script(visit: Visit) -> None:
    one = visit("zh", as_person="county-handler", java_script_enabled=False)
    page, ref = one.page, one.site.made["plain"]
    page.locator(f"#accept-{ref} button.p").click()
    one.done()
    one.open_act(ref, "report")
    one.button.click()
    expect(page.locator(".errsum")).to_be_visible()
    assert one.site.reports(ref) == 0
    page.locator('main form details:has([name="percent_exact"]) summary').click()
    page.locator('[name="percent_exact"]').fill("45")
    one.fill(words="井盖更换一半。")
    one.send()
    assert one.site.reports(ref) == 1
    one.see("45", within="#said_verified")
    one.see("井盖更换一半。", within="#reports")
