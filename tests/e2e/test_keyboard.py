"""Signing in, accepting and reporting with the keyboard alone; where one is can always be seen."""

from __future__ import annotations

from playwright.sync_api import Page, expect
from tests.e2e.conftest import Visit

SEEN = """() => {
  const e = document.activeElement, style = getComputedStyle(e), box = e.getBoundingClientRect();
  const ring = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0 || style.boxShadow !== 'none';
  return ring && box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
}"""


def tab_to(page: Page, selector: str, limit: int = 120) -> None:
    """Go on by the tabulator until the element is reached; every stop on the way shows where it is."""
    for _step in range(limit):
        page.keyboard.press("Tab")
        here = page.evaluate("document.activeElement.outerHTML.slice(0, 160)")
        if page.evaluate("document.activeElement === document.body"):
            continue
        assert page.evaluate(SEEN), f"the focus cannot be seen on {here} of {page.url}"
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} was not reached on {page.url}")


def test_keyboard_only(visit: Visit) -> None:
    one = visit("zh")
    page, ref = one.page, one.site.made["keyboard"]
    one.go("/account/login/")
    tab_to(page, 'input[name="login"]')
    page.keyboard.type("hongta-handler")
    tab_to(page, 'input[name="password"]')
    page.keyboard.type(one.site.made["password"])
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page).to_have_url(f"{one.site.base}/")

    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.matches('a.skip')")
    assert page.evaluate(SEEN)
    expect(page.locator("a.skip")).to_have_text("跳到正文")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()

    tab_to(page, f"#accept-{ref} button.p")
    page.keyboard.press("Enter")
    one.done()

    # to the commitment by the search, to its report by the panel
    page.reload()
    tab_to(page, 'input[name="q"]')
    page.keyboard.type(ref)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    tab_to(page, f'main a[href="/c/{ref}/"]')
    with page.expect_navigation():
        page.keyboard.press("Enter")
    tab_to(page, '#who_may a[href$="/report/"]')
    with page.expect_navigation():
        page.keyboard.press("Enter")
    tab_to(page, 'input[type="range"]')
    page.keyboard.press("Home")
    for _step in range(30):
        page.keyboard.press("ArrowRight")
    expect(page.locator("main output").first).to_have_text("30")
    tab_to(page, 'textarea[name="words"]')
    page.keyboard.type("接口逐个复核，三成没有问题。")
    tab_to(page, "main form .acts button.p")
    page.keyboard.press("Enter")
    one.done()
    assert one.site.reports(ref) == 1
    one.see("30", within="#said_verified")
