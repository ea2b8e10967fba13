"""Said, sent back, said again, more time, a question and its answer: in English, with the language kept."""

from __future__ import annotations

from playwright.sync_api import expect
from tests.e2e.conftest import Visit
from tests.e2e.site import day
from tests.e2e.words import left_in_chinese


def test_return_extension_and_request(visit: Visit) -> None:
    one = visit("en", as_person="county-handler")
    page, ref = one.page, one.site.made["english"]
    expect(page.locator("html")).to_have_attribute("lang", "en")
    one.do(ref, "accept")
    one.do(ref, "report", percent="60", words="Most wells are joined.")
    one.entry(ref, "Reported")
    assert not left_in_chinese(page)

    one.become("yuxi-office")
    one.do(ref, "return", reason="Say which wells are missing.")
    one.see("Say which wells are missing.", within="#reports")
    one.entry(ref, "Returned")

    one.become("county-handler")
    one.do(ref, "report", percent="55", words="Three wells at the east end are missing.")
    one.do(ref, "ask-extension", new_due_on=day(80), reason="The wells stand under water.")
    one.see("not decided", within="#asked")
    one.do(ref, "request", question="May the wells be moved by two metres?")
    one.see("Not replied to", within="#asked")
    assert not left_in_chinese(page)

    one.become("yuxi-office")
    one.go("/")
    card = page.locator(f"#decide-extension-{ref}")
    card.locator("textarea").fill("True; granted once.")
    card.get_by_role("button", name="Agree", exact=True).click()
    one.done()
    card = page.locator(f"#reply-{ref}")
    card.locator("textarea").fill("Yes, if the survey is kept.")
    card.locator("button.p").click()
    one.done()
    assert not left_in_chinese(page)
    one.go(f"/c/{ref}/")
    one.see("granted", within="#asked")
    one.see("extended once")
    one.see("Yes, if the survey is kept.", within="#asked")
    assert not left_in_chinese(page)


def test_language_switch_keeps_the_page(visit: Visit) -> None:
    one = visit("zh", as_person="duty-officer")
    page = one.page
    one.go("/board/list/?light=red")
    here = page.url
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    page.get_by_role("button", name="EN").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert page.url == here
    assert not left_in_chinese(page)
    one.become("administrator")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    one.go("/")
    page.get_by_role("button", name="中", exact=True).click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
