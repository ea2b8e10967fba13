"""An office brings its own ledger: upload, matching, trial, marked sheet, correction, import; a register and back."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook
from playwright.sync_api import expect
from tests.e2e.conftest import Visit
from tests.e2e.site import Visitor

HEAD = (
    ["2026年重点工作台账（演示）", None, None, None, None, None, None],
    ["序号", "工作任务", None, "责任分工", None, "完成时限", "验收标准"],
    [None, "任务名称", "具体要求", "牵头单位", "配合单位", None, None],
)
ROWS: tuple[list[Any], ...] = (
    [1, "环湖生态步道补植", "沿湖补植乡土树种，成活率达标。", "玉溪市", None, "2027年6月底前", "成活率不低于九成"],
    [2, "入湖河口清淤", "逐口清淤，监测断面达标。", "大理州", None, "二〇二七年九月三十日", "断面达标"],
    [3, "集镇雨污分流", "老旧管网改造。", "玉溪市某某办", None, "2027-06-30", None],
    [4, "村庄污水收集", "应收尽收。", "玉溪市", None, "6月底", None],
    ["小计", None, None, None, None, 4, None],
    ["注：本表按月更新。", None, None, None, None, None, None],
)


def ledger(folder: Path) -> Path:
    book = Workbook()
    page = book.worksheets[0]
    page.title = "任务台账"
    for row in (*HEAD, *ROWS):
        page.append(row)
    for place in ("A1:G1", "A2:A3", "B2:C2", "D2:E2", "F2:F3", "G2:G3"):
        page.merge_cells(place)
    file = folder / "重点工作台账.xlsx"
    book.save(file)
    return file


def finished(one: Visitor) -> None:
    """The job of the page has ended; its page is looked at anew."""
    expect(one.page.locator("#job")).to_have_attribute("aria-busy", "false", timeout=60_000)
    one.page.reload()


def downloaded(one: Visitor, link: str, to: Path) -> Path:
    with one.page.expect_download() as waiting:
        one.page.get_by_role("link", name=link).first.click()
    waiting.value.save_as(to)
    return to


def test_an_office_brings_its_own_ledger(visit: Visit, tmp_path: Path) -> None:
    one = visit("zh", as_person="prov-office")
    one.go("/p/ten_matters/")
    one.page.get_by_role("link", name="导入既有台账").first.click()
    one.page.locator('[name="file"]').set_input_files(ledger(tmp_path))
    one.button.click()
    expect(one.page.locator("h1")).to_have_text("每一列是什么")
    expect(one.page.locator('select[name="column-4"]')).to_have_value("lead")
    expect(one.page.locator('select[name="column-6"]')).to_have_value("due_on")
    one.button.click()
    expect(one.page.locator(".refusal")).to_be_visible()
    one.page.locator("#matter").select_option(index=3)
    one.button.click()
    one.page.wait_for_url("**/imports/*/")
    finished(one)
    one.see("试办")
    expect(one.page.locator("dl.facts")).to_contain_text(re.compile(r"可以办理\s*2\s*不予办理\s*2"))

    sheet = downloaded(one, "标注", tmp_path / "标注.xlsx")
    book = load_workbook(sheet)
    page = book["任务台账"]
    told = {page.cell(line, 2).value: page.cell(line, 9).value for line in range(4, 8)}
    assert told["环湖生态步道补植"] is None
    assert "玉溪市某某办" in told["集镇雨污分流"]
    assert "年份" in told["村庄污水收集"]
    assert page["D6"].fill.fgColor.rgb == "FFF2C7C7"
    assert page["F7"].fill.fgColor.rgb == "FFF2C7C7"
    assert page["A8"].value == "小计"
    assert page["I8"].value is None

    page["D6"] = "玉溪市"
    page["F7"] = "2027年6月底"
    mended = tmp_path / "改好.xlsx"
    book.save(mended)
    one.page.get_by_role("link", name="换一个文件").click()
    one.page.locator('[name="file"]').set_input_files(mended)
    one.button.click()
    one.see("以前")  # the headings are known, what was said then is filled in
    one.button.click()
    one.page.wait_for_url("**/imports/*/")
    finished(one)
    with one.page.expect_navigation():
        one.page.locator('form[action$="/do/"] button').click()
    finished(one)
    expect(one.page.locator("dl.facts")).to_contain_text(re.compile(r"已办理\s*4"))
    one.page.get_by_role("link", name="草案").click()
    for title in ("环湖生态步道补植", "入湖河口清淤", "集镇雨污分流", "村庄污水收集"):
        one.see(title)


def test_a_register_goes_out_and_comes_back(visit: Visit, tmp_path: Path) -> None:
    one = visit("zh", as_person="county-handler")
    one.go("/imports/")
    file = downloaded(one, "可填写的表", tmp_path / "填报.xlsx")
    book = load_workbook(file)
    page = book.worksheets[0]
    keys = {
        str(cell.value).removeprefix("luoshi."): cell.column
        for row in page.iter_rows()
        for cell in row
        if str(cell.value).startswith("luoshi.")
    }
    ref = one.site.made["link"]
    line = next(cell.row for row in page.iter_rows() for cell in row if cell.value == ref)
    page.cell(line, keys["percent"]).value = 0.35
    page.cell(line, keys["words"]).value = "移交清单过半。"
    book.save(file)
    before = one.site.reports(ref)
    for turn in range(2):
        one.go("/imports/")
        one.page.locator('[name="file"]').set_input_files(file)
        with one.page.expect_navigation():
            one.button.click()
        finished(one)
        do = one.page.locator('form[action$="/do/"] button')
        if turn:
            expect(one.page.locator("dl.facts")).to_contain_text("此前已办")
            expect(do).to_have_count(0)
        else:
            with one.page.expect_navigation():
                do.click()
            finished(one)
            expect(one.page.locator("dl.facts")).to_contain_text("已办理")
    assert one.site.reports(ref) == before + 1

    one.go("/register/")
    one.page.locator("summary", has_text="导出").click()
    told = downloaded(one, "CSV", tmp_path / "台账.csv").read_bytes()
    assert told.startswith(b"\xef\xbb\xbf")
    assert ref in io.BytesIO(told).read().decode("utf-8-sig")
