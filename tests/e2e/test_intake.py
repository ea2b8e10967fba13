"""The desk of intake in a browser: from the paper of the ten matters to tasks that show their words."""

from __future__ import annotations

import re
from pathlib import Path

import docx
import pytest
from playwright.sync_api import Locator, Page, expect
from tests.e2e.conftest import Visit
from tests.e2e.site import Visitor
from tests.e2e.test_accessibility import AXE, violations
from tests.e2e.test_keyboard import tab_to
from tests.intake.ten import LIST

WORDS = "2026年12月底前形成总结报告。（牵头单位：{}）"
PAPER = LIST.replace(WORDS.format("省委办公厅"), WORDS.format("党委部"))
"""党委部 can mean several units of the province; 省委办公厅 is none of them."""
ADDED = "现将十件具体的事拆解如下"
SELECT = """words => {
  const paper = document.querySelector('[data-paper]');
  const walker = document.createTreeWalker(paper, NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode());) {
    const at = node.data.indexOf(words);
    if (at < 0) continue;
    const range = document.createRange();
    range.setStart(node, at);
    range.setEnd(node, at + words.length);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    return true;
  }
  return false;
}"""


def paper(folder: Path, text: str) -> Path:
    """The text as an office would hand it in: a Word document, a paragraph a line."""
    made = docx.Document()
    for line in text.splitlines():
        made.add_paragraph(line)
    file = folder / "十件事任务清单.docx"
    made.save(str(file))
    return file


def hand_in(one: Visitor, file: Path, title: str, *, at: str = "/intake/receive/") -> str:
    """Hand a document in, see it being read, and wait until it was; returns its address."""
    one.go(at)
    one.page.locator('main input[name="file"]').set_input_files(file)
    one.fill(title=title, doc_on="2026-03-01")
    one.button.click()
    one.page.wait_for_url(re.compile(r"/intake/\d+/"))
    return one.page.url


def branch(page: Page, words: str) -> Locator:
    """An item of the draft, by its words."""
    return page.locator("#draft li.branch").filter(has=page.locator("h3", has_text=words)).first


def tick(page: Page, *words: str) -> None:
    """Choose items and open what can be done with them."""
    for one in words:
        branch(page, one).locator('input[name="item"]').check()
    if not page.locator("#chosen").is_visible():
        page.locator("#together summary").click()


def faults(page: Page) -> list[str]:
    page.wait_for_load_state()
    return violations(page) if AXE.exists() else []


SAID = {
    "zh": ("修改", "多个牵头", "删除", "人工补充", "原文出处"),
    "en": ("Edit", "several leads", "Drop", "Added by hand", "Where its words come from"),
}


@pytest.mark.slow
@pytest.mark.parametrize("language", ["zh", "en"])
def test_from_the_paper_to_tasks_with_their_words(visit: Visit, tmp_path: Path, language: str) -> None:
    edit, several_leads, drop, by_hand, origin = SAID[language]
    title, key = f"关于抓好十件事的任务清单（演练 {language}）", f"sjs-2026-{language}"
    prefix = f"SJS{language.upper()}-2026"
    office = visit(language, as_person="prov-office")
    page = office.page
    home = hand_in(office, paper(tmp_path, PAPER), title)
    page.locator("#draft").wait_for(timeout=90_000)
    bad = faults(page)
    office.fits()

    # A click on a field shows its words; a click on words shows their item.
    item = branch(page, "抬高防止返贫")
    item.locator('a[href^="#s-due-"]').click()
    lit = page.locator(".paper mark.on")
    expect(lit).to_have_text("2026年12月底前")
    expect(lit).to_be_in_viewport()
    lit.locator("a").click()
    expect(page).to_have_url(re.compile(r"#i-\d+$"))
    expect(item).to_be_in_viewport()

    # Names are asked, not guessed: one has candidates, one has none.
    rows = page.locator("#asked li")
    several = rows.filter(has_text="党委部")
    expect(several.locator('select[name="unit"] option')).to_have_count(5)
    several.locator('select[name="unit"]').select_option(label="云南省党委组织部")
    rows.filter(has_text="省委办公厅").locator('input[name="other"]').fill("云南省党委宣传部")
    page.locator("#asked button.p").click()
    office.done()
    expect(page.locator("#asked")).to_have_count(0)

    # Edit, merge, split, drop.
    branch(page, "公开办事流程").get_by_role("link", name=edit).click()
    office.fill(title="公开流程")
    office.send()
    tick(page, "抬高防止返贫", "发展特色产业")
    page.locator('#chosen button[formaction$="/merge/"]').click()
    office.done()
    branch(page, "抬高防止返贫").get_by_role("link", name=edit).click()
    page.locator('form[action$="/split/"] button').click()
    office.done()
    expect(branch(page, "发展特色产业")).to_be_visible()
    page.locator("#doubtful .counts a", has_text=several_leads).click()
    page.locator('#chosen input[name="lead"]').fill("云南省农业农村厅")
    page.locator("#chosen button.p").click()
    office.done()
    branch(page, "以上任务完成情况").get_by_role("button", name=drop).click()
    office.done()
    expect(branch(page, "以上任务完成情况")).to_have_count(0)

    # Words selected in the document become an item.
    assert page.evaluate(SELECT, ADDED)
    expect(page.locator("#add-words")).to_have_value(ADDED)
    page.locator("#add-parent").select_option(index=1)
    page.locator("form[data-add] button").click()
    office.done()
    expect(branch(page, ADDED)).to_contain_text(by_hand)
    tick(page, ADDED)
    page.locator('#chosen input[name="lead"]').fill("云南省民政厅")
    page.locator('#chosen input[name="due_on"]').fill("2026-06-30")
    page.locator("#chosen button.p").click()
    office.done()
    expect(page.locator("#doubtful")).to_have_count(0)

    # Left and found again; a colleague sees it once it is shared.
    head = visit(language, as_person="prov-head")
    assert head.go(home).status == 404
    office.go("/today/")
    office.go("/intake/")
    page.get_by_role("link", name=title).click()
    page.locator('form[action$="/act/share/"] button').click()
    office.done()
    assert head.go(home).status == 200
    head.see("公开流程")

    # Issued in one act: ten matters, each task with its words.
    with page.expect_navigation():
        page.locator('a[href$="/issue/"]').first.click()
    bad += faults(page)
    office.fill(who="省委", scope="十件事", from_on="2026-01-01", until_on="2026-12-31", number_prefix=prefix)
    office.fill(key=key, different="" if language == "zh" else "The same document, for the journey in English.")
    office.button.click()
    page.wait_for_url(re.compile(r"/trace/$"), timeout=90_000)
    bad += faults(page)
    programme = office.site.one("select id from delivery_programme where key = ?", key)
    count = "select count(*) from delivery_{} where programme_id = ?"
    assert office.site.one(count.format("matter"), programme) == 10
    below = office.site.one(
        "select count(*) from delivery_commitment where title like '补齐“两污”%' and programme_id = ?", programme
    )
    assert below > 1, "each area one level below has its own"
    assert office.site.one(count.format("commitment"), programme) == 20 + below
    outcomes = "select count(*) from intake_outcome o join delivery_commitment c on c.id = o.commitment_id"
    assert office.site.one(f"{outcomes} where c.programme_id = ?", programme) == 20 + below
    made = page.locator(".clause", has_text="抬高防止返贫").locator("a").first
    ref = made.inner_text()
    made.click()
    office.see("抬高防止返贫的收入底线")
    page.get_by_role("link", name=origin).click()
    expect(page.locator("main mark").first).to_contain_text("抬高防止返贫的收入底线")
    office.see(ref)
    bad += faults(page)
    office.fits()
    assert not bad, "\n".join(bad)


@pytest.mark.slow
def test_a_corrected_document_shows_what_changes(visit: Visit, tmp_path: Path) -> None:
    """In English and on a phone: refused, handed in, corrected, taken over."""
    office = visit("en", phone=True)
    page = office.page
    office.sign_in("prov-office")
    office.go("/intake/receive/")
    scan = tmp_path / "scan.pdf"
    from PIL import Image

    Image.new("RGB", (200, 280), "white").save(scan, "PDF")
    page.locator('main input[name="file"]').set_input_files(scan)
    office.fill(title="A scan", doc_on="2026-03-01")
    office.button.click()
    office.see("is a scan: its pages are pictures without text")
    office.fits()
    expect(page.locator('main input[name="title"]')).to_have_value("A scan")

    text = "\n".join(LIST.splitlines()[:11])
    home = hand_in(office, paper(tmp_path, text), "Ten matters, first part")
    page.locator("#draft").wait_for(timeout=90_000)
    office.fits()
    bad = faults(page)
    corrected = text.replace("2026年11月30日前提交方案", "2026年10月31日前提交实施方案")
    page.locator('a[href*="?corrects="]').click()
    page.locator('main input[name="file"]').set_input_files(paper(tmp_path, corrected))
    office.fill(doc_on="2026-03-02")
    office.button.click()
    page.wait_for_url(re.compile(r"/intake/\d+/"))
    page.locator("ol.list del").wait_for(timeout=90_000)
    expect(page.locator("ol.list li")).to_have_count(1)
    expect(page.locator("ol.list ins")).to_contain_text("2026年10月31日前提交实施方案")
    office.fits()
    bad += faults(page)
    page.locator('form[action$="/act/take/"] button').click()
    office.done()
    office.see("The draft says what the corrected document says.")
    office.go(home)
    expect(branch(page, "发展特色产业").locator(".fields")).to_contain_text("31 Oct 2026")
    office.go("/intake/")
    office.see("Ten matters, first part")
    office.fits()
    bad += faults(page)

    # Removed by the keyboard alone, and put back.
    wide = visit("en")
    wide.sign_in("prov-office")
    wide.go(home)
    tab_to(wide.page, 'form[action$="/handle/remove/"] button')
    with wide.page.expect_navigation():
        wide.page.keyboard.press("Enter")
    wide.done()
    wide.go(home)
    wide.see("This document was removed from the list")
    tab_to(wide.page, 'form[action$="/handle/put-back/"] button')
    with wide.page.expect_navigation():
        wide.page.keyboard.press("Enter")
    wide.done()
    assert not bad, "\n".join(bad)
