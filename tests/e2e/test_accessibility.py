"""axe on the pages people live in, in both languages: nothing serious, nothing critical."""

from __future__ import annotations

from functools import cache

import pytest
from playwright.sync_api import Page
from tests.e2e.conftest import Visit
from tests.e2e.site import ROOT
from tests.e2e.words import left_in_chinese

AXE = ROOT / "node_modules/axe-core/axe.min.js"
PAGES = {
    "county-handler": ("/", "/office/messages/", "/office/messages/sent/", "/office/settings/"),
    "prov-head": (
        "/",
        "/board/",
        "/board/list/",
        "/p/ten_matters/",
        "/units/",
        "/search/?q=星云湖",
        "/coverage/",
        "/coverage/accept/",
        "/c/nothing-here/",
        "/intake/news/",
        "/intake/news/all/",
        "/intake/news/sources/",
        "/intake/news/sources/add/",
        "/intake/news/paste/",
    ),
    "yuxi-env": (
        "/c/STORY/",
        "/c/STORY/report/",
        "/c/STORY/apply/",
        "/c/STORY/evidence/",
        "/c/STORY/coverage/",
        "/c/STORY/coverage/accept/",
    ),
    "administrator": ("/", "/system/", "/office/channels/", "/office/settings/"),
    "auditor": ("/", "/ledger/", "/system/", "/how/", "/complaint/", "/c/nothing-here/"),
}


@cache
def axe() -> str:
    return AXE.read_text()


def violations(page: Page) -> list[str]:
    """What axe holds against the page, if it is serious."""
    page.evaluate(axe())
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{page.url} {one['id']} ({one['impact']}): {one['nodes'][0]['target']} {one['nodes'][0]['failureSummary']}"
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
    ]


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not here: make assets")
@pytest.mark.parametrize("language", ["zh", "en"])
def test_pages_have_no_serious_fault(visit: Visit, language: str) -> None:
    one = visit(language)
    faults: list[str] = []
    chinese: dict[str, list[str]] = {}

    def look(path: str) -> None:
        answer = one.go(path.replace("STORY", one.site.made["story"]))
        assert answer.status < 500, path
        faults.extend(violations(one.page))
        if language == "en" and (left := left_in_chinese(one.page)):
            chinese[path] = left

    look("/account/login/")
    one.go("/account/login/")
    for person, paths in PAGES.items():
        one.become(person)
        for path in paths:
            look(path)
    one.go("/ledger/")
    look(one.page.locator("main td a, main li a").first.get_attribute("href") or "")
    assert not faults, "\n".join(faults)
    assert not chinese, chinese
