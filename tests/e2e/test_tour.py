"""The guided tour: five steps over one told story, each ending at the thing it speaks of."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from tests.e2e.conftest import Visit
from tests.e2e.words import left_in_chinese

STEPS = {
    "zh": (
        ("报了百分之百，核了百分之六十二", "#said_verified", ("100", "62")),
        ("一次延期，原来的日子还在", "#timeline", ("延期",)),
        ("不能销号，并且说清为什么", "#who_may", ("未销号或撤销",)),
        ("销了号，回头看，又重启", "#timeline", ("回头看",)),
        ("每一步都在留痕册里", "#timeline", ("留痕",)),
    ),
    "en": (
        ("Said 100 %, verified 62 %", "#said_verified", ("100", "62")),
        ("One extension, and the first date stays", "#timeline", ("Extension decided",)),
        ("Closing is refused, and it says why", "#who_may", ("neither closed nor withdrawn",)),
        ("Closed, looked back at, reopened", "#timeline", ("Looked back",)),
        ("Every step is in the ledger", "#timeline", ("ledger",)),
    ),
}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_guided_tour(visit: Visit, language: str) -> None:
    one = visit(language, as_person="prov-head")
    page = one.page
    page.locator(".demo a").click()
    for number, (title, anchor, words) in enumerate(STEPS[language], 1):
        expect(page.locator("h1")).to_have_text(title)
        if language == "en":
            assert not left_in_chinese(page)
        person = page.locator('main form button[name="username"]')
        if person.count():
            with page.expect_navigation():
                person.click()
            expect(page.locator("h1")).to_have_text(title)
        page.locator("main .acts a.p").click()
        assert page.url.endswith(anchor)
        part = page.locator(anchor)
        expect(part).to_be_in_viewport()
        for word in words:
            expect(part).to_contain_text(word)
        if language == "en":
            assert not left_in_chinese(page)
        page.go_back()
        if number < len(STEPS[language]):
            page.locator('nav.pager a[rel="next"]').click()
    expect(page.locator('nav.pager a[rel="next"]')).to_have_count(0)
