"""Upward: asked, the clock stops, the reply is late, the board says so, the reply moves the date. Then the price."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect
from tests.e2e.conftest import Visit
from tests.e2e.test_accessibility import violations
from tests.e2e.words import left_in_chinese

SAID: dict[str, dict[str, str]] = {
    "zh": {
        "stopped": "停表",
        "late": "批复逾期",
        "ours": "我方",
        "question": "请示",
        "refused": "已有相同任务",
        "minutes": "合计分钟",
        "burden": "要求和代价",
    },
    "en": {
        "stopped": "stands still",
        "late": "late",
        "ours": "ours",
        "question": "Request",
        "refused": "asked this already",
        "minutes": "Minutes in all",
        "burden": "What is asked, and what it costs",
    },
}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_asked_late_and_replied(visit: Visit, language: str) -> None:
    said = SAID[language]
    one = visit(language, as_person="county-handler")
    ref = one.site.made["late_reply" if language == "zh" else "late_reply_en"]
    one.go(f"/c/{ref}/")
    one.see(said["stopped"])
    one.see(said["question"], within="#asked")
    one.become("yuxi-office")
    one.go("/")
    first = one.page.locator("main li.it:not([id^=slip-])").first
    expect(first).to_have_attribute("id", re.compile("^reply-"))  # replies we owe stand before all tasks
    expect(one.page.locator(f"#reply-{ref}")).to_be_visible()
    one.go("/board/")
    late = one.page.locator(".late-replies")
    expect(late).to_contain_text(said["late"])
    expect(late.locator("li.ours").first).to_contain_text(said["ours"])
    one.open_act(ref, "reply")
    until = timezone.localdate() + timedelta(days=120)
    one.fill(reply="按 2025 年标准执行。", then="extend", new_due_on=until.isoformat())
    one.button.click()
    one.page.wait_for_url(f"**/c/{ref}/")
    one.done()
    expect(one.page.locator("#asked")).to_contain_text("按 2025 年标准执行。")
    moved = one.site.one("select due_on from delivery_commitment where ref = ?", ref)
    assert moved == until.isoformat()
    if language == "en":
        assert not left_in_chinese(one.page)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_price_before_and_a_duplicate_refused(visit: Visit, language: str) -> None:
    said = SAID[language]
    one = visit(language, as_person="county-handler")
    ref = one.site.made["twice"]
    one.open_act(ref, "break-down")
    one.fill(title="环湖段隐患排查")
    one.button.click()
    one.see(said["minutes"], within="#price")
    expect(one.page.locator("#already")).to_be_visible()
    one.button.click()
    refusal = one.page.locator(".refusal")
    expect(refusal).to_contain_text(said["refused"])
    expect(refusal.get_by_role("link", name=re.compile("环湖段隐患排查"))).to_be_visible()
    assert violations(one.page) == []
    one.go("/burden/")
    one.see(said["burden"])
    assert violations(one.page) == []
    if language == "en":
        assert not left_in_chinese(one.page)


def test_at_360_pixels(visit: Visit) -> None:
    phone = visit("zh", phone=True)
    phone.sign_in("yuxi-office")
    made: dict[str, Any] = phone.site.made
    key = phone.site.one("select key from delivery_programme limit 1")
    for path in ("/burden/", f"/p/{key}/note/", "/board/", f"/c/{made['late_reply']}/"):
        phone.go(path)
        phone.fits()
