"""The decision log of a head: read and written beside, page one of the hand-over, the sheet; nobody else reads it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from tests.e2e.conftest import Visit
from tests.e2e.site import day
from tests.e2e.test_accessibility import violations
from tests.e2e.words import left_in_chinese

SAID: dict[str, dict[str, str]] = {
    "zh": {
        "deployed": "亲自部署",
        "mine": "我的决策记录",
        "words": "界桩先补东岸，图纸在二楼柜里。",
        "alone": "只有您本人",
        "page_one": "首页与移交清单",
        "handed": "移交事项",
    },
    "en": {
        "deployed": "Deployed in person",
        "mine": "My decision log",
        "words": "The east bank comes first; the drawings are upstairs.",
        "alone": "You alone",
        "page_one": "Page one and the sheet",
        "handed": "What was handed over",
    },
}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_from_the_log_to_the_sheet(visit: Visit, language: str) -> None:
    said, post = SAID[language], f"leaves-{language}"
    head = visit(language, phone=language == "en")
    head.sign_in(post)
    ref = head.site.made["assigned"]
    head.go(f"/units/posts/{post}/")
    head.page.get_by_role("link", name=said["mine"]).first.click()
    head.page.wait_for_url("**/meetings/log/")
    head.see(said["alone"])
    head.see(said["deployed"])
    expect(head.page.locator(f'.log a[href="/c/{ref}/"]')).to_be_visible()
    head.fits()
    assert violations(head.page) == []
    head.fill(words=said["words"])
    head.button.click()
    head.done()
    head.see(said["words"])

    # another head finds nothing of it
    mine = head.page.url.rstrip("/").rpartition("/")[2]
    other = visit(language)
    other.sign_in("looks-on")
    refused = other.go(f"/meetings/log/{mine}/")
    assert refused.status == 404

    # page one lies before him when he hands over
    head.go(f"/units/posts/{post}/hand-over/")
    expect(head.page.locator('main a[href="/meetings/log/"]')).to_be_visible()
    head.fits()
    head.fill(username=f"follows-{language}", on=day(0), items="钥匙两把")
    head.button.click()
    head.page.wait_for_load_state()

    after = visit(language, phone=language == "en")
    after.sign_in(f"follows-{language}")
    after.go(f"/units/posts/{post}/")
    after.page.get_by_role("link", name=said["page_one"]).click()
    after.page.wait_for_url("**/meetings/handovers/*/")
    after.see(said["words"])
    after.see("钥匙两把")
    text = after.page.locator("main").inner_text()
    assert text.index(said["deployed"]) < text.index(said["handed"])
    expect(after.page.locator(f'.log a[href="/c/{ref}/"]')).to_be_visible()
    after.fits()
    assert violations(after.page) == []
    if language == "en":
        assert left_in_chinese(after.page) == []
    for ending in ("docx", "pdf"):
        with after.page.expect_download() as paper:
            after.page.locator(f'a[href$="/sheet.{ending}"]').click()
        assert paper.value.suggested_filename.endswith(f".{ending}")

    refused = other.go(after.page.url)
    assert refused.status == 404
