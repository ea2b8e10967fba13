"""From overdue to a slip, its approval, its answer and its end; in Chinese at the desk, in English on a phone."""

from __future__ import annotations

from playwright.sync_api import expect
from tests.e2e.conftest import Visit

UNIT = "江川区"


def test_an_overdue_commitment_becomes_a_slip_that_is_answered_and_settled(visit: Visit) -> None:
    one = visit("zh", as_person="yuxi-office")
    ref = one.site.made["late"]
    one.go(f"/c/{ref}/")
    one.see("逾期")
    one.open_act(ref, "propose-slip")
    one.page.get_by_label("督办单", exact=True).check()
    one.page.get_by_label("督办单正文").fill("请说明未完成的原因，并报完成时限。")
    one.button.click()
    one.page.wait_for_url(f"**/c/{ref}/")
    one.done()
    one.see("待审批", within="#slips")

    one.go("/")
    one.become("yuxi-head")
    item = one.page.locator("section[aria-labelledby=slips] li.it", has_text="环湖段逾期管护")
    item.get_by_role("link", name="审批签发").click()
    one.page.get_by_label("意见").fill("同意督办。")
    one.page.get_by_role("button", name="审批签发").click()
    one.done()
    one.see("待答复")
    expect(one.page.locator("main")).to_contain_text("督〔")

    one.go("/")
    one.become("county-handler")
    item = one.page.locator("section[aria-labelledby=slips] li.it", has_text="环湖段逾期管护")
    item.get_by_role("link", name="答复").click()
    one.page.get_by_label("答复").fill("已增派班组，十日内完成。")
    one.page.get_by_role("button", name="答复").click()
    one.done()
    one.see("已答复")

    one.go("/")
    one.become("yuxi-office")
    item = one.page.locator("section[aria-labelledby=slips] li.it", has_text="环湖段逾期管护")
    item.get_by_role("link", name="办结").click()
    one.page.get_by_label("理由").fill("措施落实。")
    one.page.get_by_role("button", name="办结").click()
    one.done()
    one.see("已办结")


def test_the_same_in_english_on_a_phone(visit: Visit) -> None:
    phone = visit("en", phone=True)
    phone.sign_in("yuxi-office")
    ref = phone.site.made["late_english"]
    phone.open_act(ref, "propose-slip")
    phone.fits()
    phone.page.get_by_label("Supervision slip", exact=True).check()
    phone.page.get_by_label("What the slip says").fill("Say why it is late, and by when it will be done.")
    phone.button.click()
    phone.done()
    phone.page.locator("#slips a").first.click()
    phone.page.get_by_role("link", name="Approve and issue").click()
    phone.fits()
    phone.page.get_by_label("Opinion").fill("Agreed.")
    phone.page.get_by_role("button", name="Approve and issue").click()
    phone.done()
    for path in ("/slips/", "/slips/plans/", "/p/ten_matters/ladder/", "/", "/p/ten_matters/"):
        phone.go(path)
        phone.fits()
    phone.go("/slips/")
    phone.page.locator("tbody a").first.click()
    phone.fits()
    phone.see("waits for the answer")
