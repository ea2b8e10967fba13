"""A review meeting: called, its agenda proposed, opened, decisions typed and issued in one act, its book compiled."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from tests.e2e.conftest import Visit
from tests.e2e.site import Visitor, day
from tests.e2e.test_accessibility import violations
from tests.e2e.words import left_in_chinese

SAID: dict[str, dict[str, str]] = {
    "zh": {
        "title": "年底复盘",
        "call": "筹备会议",
        "text": "环湖段管网三十天内试水",
        "who": "江川区",
    },
    "en": {
        "title": "Review at the end of the year",
        "call": "Call a meeting",
        "text": "The eastern shore is tested within thirty days",
        "who": "江川区",
    },
}
END = 'form[action$="/end/"] button'
WAIT = 90_000
"""Milliseconds a job may take on a busy machine."""


def kept(one: Visitor, form: str, **told: str) -> None:
    """One act of the meeting by its own form on the page."""
    box = one.page.locator(f'form[action$="/{form}/"]').first
    for name, value in told.items():
        field = box.locator(f'[name="{name}"]')
        if field.evaluate("node => node.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    box.locator("button").first.click()
    one.done()


def open_all(page: Page) -> None:
    page.evaluate("document.querySelectorAll('main details').forEach(node => { node.open = true; })")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_from_the_call_to_issued_decisions(visit: Visit, language: str) -> None:
    said = SAID[language]
    one = visit(language, phone=language == "en")
    one.sign_in("yuxi-office")
    one.go("/meetings/")
    one.fits()
    assert violations(one.page) == []
    one.page.get_by_role("link", name=said["call"]).click()
    programme = one.site.one("select key from delivery_programme order by id limit 1")
    one.fill(programme=programme, kind="review", title=said["title"], day=day(20), place="一号会议室")
    one.button.click()
    one.page.wait_for_url("**/meetings/*M*/")
    one.done()
    ref = one.page.url.rstrip("/").rpartition("/")[2]

    # the agenda proposes what deserves minutes, with its reason; the rest is not presented
    first = one.page.locator("#proposals li").first
    expect(first.locator(".reasons li").first).to_be_visible()
    first.locator("input[type=checkbox]").check()
    one.page.locator("#proposals button.btn.p").first.click()
    one.done()
    expect(one.page.locator("#agenda ol.points > li").first).to_be_visible()
    open_all(one.page)
    one.page.locator('#posts input[name="post"]').first.check()
    one.page.locator('form[action$="/invite/"] button').click()
    one.done()
    one.fits()
    assert violations(one.page) == []

    # in the room
    one.page.locator('form[action$="/open/"] button').click()
    one.done()
    item = one.page.locator("#r-item option").nth(1).get_attribute("value") or ""
    kept(one, "resolve", text=said["text"], who=said["who"], due_on=day(60), item=item)
    expect(one.page.locator("#decisions")).to_contain_text(said["text"])
    one.page.locator(".settle").first.locator('[name="outcome"]').fill(said["text"])
    one.page.locator(".settle").first.locator('[name="settled"]').check()
    one.page.locator(".settle").first.locator("button").click()
    one.done()
    one.fits()
    assert violations(one.page) == []
    expect(one.page.locator(END)).to_contain_text("1")
    one.page.locator(END).click()
    one.done()

    with one.page.expect_download() as paper:
        one.page.locator('a[href$="/minutes.pdf"]').click()
    assert paper.value.suggested_filename.endswith(".pdf")

    # one act: the decision is a commitment with the meeting as its source
    link = one.page.locator('#decisions a[href^="/c/"]').first
    issued = (link.text_content() or "").strip()
    link.click()
    one.page.wait_for_url(f"**/c/{issued}/")
    one.see(ref)
    assert one.site.one("select state from delivery_commitment where ref = ?", issued) == "issued"
    if language == "en":
        one.go(f"/meetings/{ref}/")
        assert left_in_chinese(one.page) == []


def test_a_book_is_compiled_left_and_read(visit: Visit) -> None:
    one = visit("zh", as_person="prov-office")
    one.go("/meetings/books/")
    one.fits()
    one.page.locator("#compile ~ form button").click()
    one.page.wait_for_load_state()
    one.go("/meetings/books/")  # it goes on being compiled without anybody looking
    made = one.page.locator('table a[href^="/meetings/books/"]').first
    for _time in range(WAIT // 1000):
        if made.count():
            break
        one.page.wait_for_timeout(1000)
        one.page.reload()
    made.click()
    one.fits()
    assert violations(one.page) == []
    with one.page.expect_download() as print_out:
        one.page.locator('a[href$="/files/pdf/"]').first.click()
    assert print_out.value.suggested_filename.endswith(".pdf")
    phone = visit("en", phone=True)
    phone.sign_in("prov-head")
    phone.go(one.page.url.replace(one.site.base, ""))
    phone.fits()
    assert violations(phone.page) == []


def test_a_circular_of_praise_waits_for_the_head_and_is_signed_for(visit: Visit) -> None:
    one = visit("zh", as_person="yuxi-office")
    one.go("/meetings/circulars/write/")
    one.fits()
    assert violations(one.page) == []
    programme = one.site.one("select key from delivery_programme order by id limit 1")
    one.fill(programme=programme, kind="praise", title="关于管网改造进展的通报", words="江川区按期完成，予以通报。")
    one.page.locator("main label", has_text="江川区").locator("input").check()
    one.button.click()
    one.page.wait_for_url("**/meetings/circulars/*/")
    one.done()
    address = one.page.url.replace(one.site.base, "")
    expect(one.page.locator('form[action$="/issue/"]')).to_have_count(0)  # whoever wrote it does not approve it

    one.go("/")
    one.become("yuxi-head")
    one.go(address)
    one.page.locator('form[action$="/issue/"] button').click()
    one.done()
    one.fits()
    assert violations(one.page) == []
    with one.page.expect_download() as paper:
        one.page.locator('a[href$="/paper.pdf"]').click()
    assert paper.value.suggested_filename.endswith(".pdf")

    phone = visit("en", phone=True)
    phone.sign_in("county-handler")
    phone.go("/")
    phone.page.locator(f'main a.btn[href="{address}"]').click()
    phone.fits()
    assert violations(phone.page) == []
    assert left_in_chinese(phone.page) == []
    phone.page.locator('form[action$="/sign/"] button').click()
    phone.done()
    phone.go("/")
    expect(phone.page.locator(f'main a.btn[href="{address}"]')).to_have_count(0)
    one.go(address)
    expect(one.page.locator("#receipts tbody tr")).to_have_count(1)
    expect(one.page.locator("#receipts .tag")).to_have_count(0)
