"""A verified result is written up, a unit late with the same finds it and asks, and the author reads the question."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from tests.e2e.conftest import Visit
from tests.e2e.test_accessibility import violations
from tests.e2e.words import left_in_chinese

SAID: dict[str, dict[str, str]] = {
    "zh": {
        "title": "先通主管再接支管",
        "write": "写成做法",
        "ask": "请教作者",
        "question": "支管接户的钱由谁出？",
        "near": "相近单位按期核实",
    },
    "en": {
        "title": "Main pipes first, branches after",
        "write": "Write the result up",
        "ask": "Ask the author",
        "question": "Who paid for the branches?",
        "near": "Verified on time nearby",
    },
}
WRITTEN = (
    "select p.ref from meetings_practice p join delivery_commitment c on c.id = p.commitment_id "
    "where p.state = 'shown' and c.ref = ?"
)
DONE, LATE = "红塔区星云湖治污管网连通段", "江川区星云湖治污管网环湖段"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_from_a_verified_result_to_the_question_its_author_reads(visit: Visit, language: str) -> None:
    said = SAID[language]
    author = visit(language)
    author.sign_in("hongta-handler")
    done = author.site.one("select ref from delivery_commitment where title = ?", DONE)
    late = author.site.one("select ref from delivery_commitment where title = ?", LATE)

    # what stands in the library already leaves it with a reason
    old = author.site.one(WRITTEN, done)
    author.go(f"/meetings/practices/{old}/")
    author.fits()
    assert violations(author.page) == []
    author.page.locator('a[href$="/withdraw/"]').click()
    author.fill(reason=said["question"])
    author.button.click()
    author.done()

    # written up from the page of the commitment; what is left out is said beside the field
    author.go(f"/c/{done}/")
    author.page.get_by_role("link", name=said["write"]).click()
    author.fits()
    assert violations(author.page) == []
    author.fill(title=said["title"], context="各建各的。", done="先通主管。\n再接支管。", cost="没有增加投资。")
    author.button.click()
    expect(author.page.locator("main form .err, main form .errorlist").first).to_be_visible()
    author.fill(failed="整线开挖没走通。")
    author.button.click()
    author.done()
    author.fits()
    assert violations(author.page) == []
    if language == "en":
        assert left_in_chinese(author.page) == []

    # a county that is late with the same sees it, with the figures by which the two are alike, on a phone
    asker = visit(language, phone=True)
    asker.sign_in("county-handler")
    asker.go(f"/c/{late}/")
    asker.see(said["near"], within="#nearby")
    asker.fits()
    assert violations(asker.page) == []
    asker.page.locator("#nearby").get_by_role("link", name=said["title"]).click()
    asker.page.get_by_role("link", name=said["ask"]).click()
    asker.fits()
    assert violations(asker.page) == []
    asker.fill(question=said["question"])
    asker.button.click()
    asker.done()

    # the author reads one message with the name of the unit
    author.go("/office/messages/")
    author.page.locator("main article a").first.click()
    author.see(said["question"])
    author.see("江川区")

    asker.go(f"/meetings/practices/?q={said['title'][:4]}")
    asker.see(said["title"])
    asker.fits()
    assert violations(asker.page) == []
