"""One commitment through the whole chain in the browser: every act by its page, with its entry in the ledger."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import expect
from tests.e2e.conftest import Visit
from tests.e2e.site import Visitor, day

TITLE = "环湖东路管网连通"


def picture() -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(made, "PNG")
    return made.getvalue()


def drafted(one: Visitor) -> str:
    """The provincial office drafts a commitment for 玉溪市; returns its number."""
    one.go("/p/ten_matters/")
    one.page.get_by_role("link", name="起草任务").first.click()
    expect(one.page.locator("h1")).to_have_text("起草任务")
    page = one.page
    page.locator('[name="matter"]').select_option(index=2)
    lead = page.locator('[name="lead"]')
    if lead.evaluate("node => node.tagName") == "SELECT":
        lead.select_option(label="玉溪市")
    else:
        lead.fill("玉溪市")
    one.fill(
        title=TITLE,
        requirement="沿湖主管支管连通并通水。",
        criteria="主管支管按图连通\n试水没有渗漏",
        due_on=day(90),
    )
    one.send()
    found = re.search(r"/c/([^/]+)/$", page.url)
    assert found
    return found[1]


def broken_down(one: Visitor, ref: str) -> str:
    """玉溪市 breaks it down to one county, having seen what it asks of it; returns the part's number."""
    one.open_act(ref, "break-down")
    page = one.page
    for box in page.locator('[name="units"]').all():
        box.uncheck()
    page.get_by_label("江川区").check()
    one.fill(due_on=day(60))
    one.button.click()
    expect(page.locator("#price h2")).to_have_text("下级单位要为此做多少")
    expect(page.locator("#price tbody td").first).to_have_text("1")
    expect(page.locator("#price")).to_contain_text("江川区")
    one.button.click()
    one.done()
    href = page.locator("#parts a:not([href*=coverage])").first.get_attribute("href") or ""
    return href.strip("/").split("/")[-1]


def checked(one: Visitor, folder: Path) -> None:
    """The proof of the entry on the page holds by the page's own program, with Python and nothing else."""
    (folder / "proof.json").write_text(one.page.locator("#proof").text_content() or "")
    (folder / "check.py").write_text(one.page.locator("#check").text_content() or "")
    ran = subprocess.run([sys.executable, "check.py"], cwd=folder, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_whole_chain(visit: Visit, tmp_path: Path) -> None:
    one = visit("zh", as_person="prov-office")
    ref = drafted(one)
    one.entry(ref, "起草")
    one.do(ref, "issue", looks=True)
    one.entry(ref, "已交办")

    one.become("yuxi-office")
    one.do(ref, "accept")
    one.entry(ref, "签收")
    part = broken_down(one, ref)
    one.entry(ref, "分解")

    one.become("county-handler")
    one.do(part, "accept")
    one.open_act(part, "report")
    one.fill(percent="40", words="主管进场，低洼段先抽排。", problems="低洼段积水", next_step="先做高处路段")
    one.page.locator('[name="files"]').set_input_files(
        {"name": "现场.png", "mimeType": "image/png", "buffer": picture()}
    )
    one.send()
    one.see("现场.png", within="#reports")
    one.entry(part, "反馈")
    checked(one, tmp_path)

    # the whole cannot be struck off while a part is open, and the page says why
    one.become("yuxi-office")
    one.do(ref, "report", percent="100", words="市级部分完成。")
    one.see("暂不能申请销号。", within="#who_may")
    one.see("还有 1 项分解任务未销号或撤销。", within="#who_may")
    answer = one.go(f"/c/{ref}/apply/")
    assert answer.status == 409
    one.see("还有 1 项分解任务未销号或撤销。", within=".refusal")

    one.become("county-handler")
    one.do(part, "report", percent="100", words="全段连通，试水正常。")
    one.do(part, "apply", looks=True, statement="逐条自查完成，申请销号。")
    one.entry(part, "申请销号")

    one.become("prov-verifier")
    one.do(
        part,
        "verify",
        looks=True,
        method="visited",
        passed="yes",
        percent="100",
        words="沿线走访，抽到的接口都通水。",
        verdict_0_met="yes",
        verdict_1_met="yes",
    )
    one.entry(part, "核查")

    one.become("yuxi-office")
    one.do(part, "close", looks=True, opinion="核查通过，同意销号。")
    one.entry(part, "已销号")

    one.become("prov-verifier")
    one.do(part, "look-back", looks=True, passed="no", percent="62", words="两处接口又渗漏。")
    one.see("62", within="#said_verified")
    one.see("推进中")
    lines = one.page.locator("#timeline li b").all_text_contents()
    assert lines[:2] == ["重启", "回头看"] or "回头看" in lines[0]
    one.page.locator("#timeline li a").first.click()
    expect(one.page.locator("h1")).to_contain_text(lines[0])
