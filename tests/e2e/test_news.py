"""The news of the day: a head opens the digest, sees why an article is there, and makes a draft of it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from tests.e2e.conftest import Visit
from tests.e2e.test_accessibility import AXE, violations
from tests.e2e.words import left_in_chinese

WORDS = {
    "zh": {
        "news": "要闻",
        "why": "为什么列给你",
        "yours": "你的任务",
        "draft": "起草",
        "drafted": "已由要闻起草",
        "aside": "与我无关",
        "back": "取消无关",
    },
    "en": {
        "news": "News",
        "why": "Why you see it",
        "yours": "yours:",
        "draft": "Make a draft",
        "drafted": "A draft was made of the article",
        "aside": "Not relevant",
        "back": "Take back",
    },
}
LAKE = {"zh": "星云湖治污管网连通工程", "en": "全国高原湖泊"}
"""Each language drafts of its own article: an area drafts one story once."""


@pytest.mark.parametrize("language", ["zh", "en"])
def test_from_the_digest_to_a_draft(visit: Visit, language: str) -> None:
    said, title = WORDS[language], LAKE[language]
    one = visit(language, as_person="prov-head")
    page = one.page
    page.locator("nav.main a", has_text=said["news"]).click()
    expect(page).to_have_url(one.site.base + "/intake/news/")
    items = page.locator("main ol.list > li")
    assert 1 <= items.count() <= 10
    item = items.filter(has_text=title).first
    expect(item.locator(".brought mark").first).to_be_visible()
    expect(item.locator(".brought").first).to_contain_text("→")
    expect(page.locator("main ol.list")).not_to_contain_text("马拉松")
    if AXE.exists():
        assert not violations(page)
    if language == "en":
        assert not left_in_chinese(page)

    item.locator("h3 a").click()
    expect(page.locator("h1")).to_contain_text(title)
    article = page.url.removeprefix(one.site.base)
    expect(page.locator("h2", has_text=said["why"])).to_be_visible()
    expect(page.locator("h1 mark, blockquote mark").first).to_be_visible()
    if AXE.exists():
        assert not violations(page)
    if language == "en":
        assert not left_in_chinese(page)

    page.locator("#draft button.p", has_text=said["draft"]).click()
    expect(page.locator(".notes")).to_contain_text(said["drafted"])
    expect(page.locator("#paper")).to_contain_text(title)
    expect(page.locator(".branches > li")).not_to_have_count(0)

    one.go(article)
    expect(page.locator("#draft")).to_contain_text(title)
    expect(page.locator("#draft form")).to_have_count(0)


def test_put_aside_on_a_phone(visit: Visit) -> None:
    said = WORDS["zh"]
    one = visit("zh", as_person="prov-head", phone=True)
    page = one.page
    one.go("/intake/news/")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    items = page.locator("main ol.list > li")
    title = "矿山安全生产检查组"
    before = items.count()
    items.filter(has_text=title).locator("button", has_text=said["aside"]).click()
    expect(items.filter(has_text=title)).to_have_count(0)
    expect(items).to_have_count(before - 1)
    page.locator("details summary", has_text="标为无关").click()
    page.locator("details li", has_text=title).get_by_role("button").click()
    expect(items.filter(has_text=title)).to_have_count(1)
