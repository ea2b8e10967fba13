"""The evidence desk: handed in, looked at in place, corrected, used again, and the same file recognised."""

from __future__ import annotations

from playwright.sync_api import expect
from tests.e2e.conftest import Visit
from tests.e2e.test_chain import picture
from tests.office.test_previews import pdf

DRAWN = "image => image.decode().then(() => image.naturalWidth)"
"""The width of a picture, once the browser has it."""


def test_evidence_is_looked_at_corrected_and_used_again(visit: Visit) -> None:
    one = visit("zh", as_person="county-handler")
    ref = one.site.made["evidence"]
    one.go(f"/c/{ref}/evidence/")
    one.see("没有佐证")

    one.open_act(ref, "report")
    one.fill(percent="30", words="整理出第一批。")
    one.page.locator('[name="files"]').set_input_files(
        [
            {"name": "现场.png", "mimeType": "image/png", "buffer": picture()},
            {"name": "记录.pdf", "mimeType": "application/pdf", "buffer": pdf(3)},
        ]
    )
    one.send()

    one.go(f"/c/{ref}/evidence/")
    images = one.page.locator(".gallery img")
    expect(images).to_have_count(2)
    for number in range(2):
        images.nth(number).scroll_into_view_if_needed()
        assert images.nth(number).evaluate(DRAWN) > 0
    one.page.get_by_role("link", name="列表", exact=True).click()
    expect(one.page).to_have_url(f"{one.site.base}/c/{ref}/evidence/?view=list")
    one.page.get_by_role("link", name="记录.pdf", exact=True).click()
    one.see("第1页，共3页。")
    one.page.locator("nav.leaf a", has_text="3").click()
    one.see("第3页，共3页。")
    assert one.page.locator("#look img").evaluate(DRAWN) > 0

    # a correction takes its place; both stay
    one.open_act(ref, "report")
    one.page.get_by_text("复用或更正以前的佐证").click()
    choice = one.page.locator('[name="corrects"]')
    choice.select_option(value=choice.locator("option", has_text="记录.pdf").get_attribute("value"))
    one.fill(percent="40", words="记录有误，已更正。")
    one.page.locator('[name="files"]').set_input_files(
        {"name": "记录（更正）.pdf", "mimeType": "application/pdf", "buffer": pdf(4)}
    )
    one.send()
    one.go(f"/c/{ref}/evidence/")
    one.page.get_by_role("link", name="后有更正").click()
    expect(one.page.locator("#versions li")).to_have_count(2)

    # chosen again instead of sent again, and recognised when it is sent again
    one.open_act(ref, "report")
    one.page.get_by_text("复用或更正以前的佐证").click()
    one.page.locator("label", has_text="现场.png").locator('input[name="reuse"]').check()
    one.fill(percent="50", words="同一张照片也说明第二批。")
    one.send()
    one.open_act(ref, "report")
    one.fill(percent="60", words="第三批。")
    one.page.locator('[name="files"]').set_input_files(
        {"name": "又一张.png", "mimeType": "image/png", "buffer": picture()}
    )
    one.button.click()
    one.see("以前交过，只存一份", within=".notes")

    phone = visit("zh", phone=True)
    phone.sign_in("yuxi-office")
    for path in (f"/c/{ref}/evidence/", f"/c/{ref}/evidence/?view=list&parts=1"):
        phone.go(path)
        phone.fits()
    phone.page.get_by_role("link", name="又一张.png", exact=True).click()
    phone.see("同一文件的其他使用处")
    phone.see("这只是事实，不是结论")
    phone.fits()
