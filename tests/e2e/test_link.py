"""A short link: made by the unit, opened by somebody without an account, cancelled, expired."""

from __future__ import annotations

from playwright.sync_api import expect
from tests.e2e.conftest import Visit


def test_short_link(visit: Visit) -> None:
    maker = visit("zh", as_person="county-handler")
    ref = maker.site.made["link"]
    before = maker.site.reports(ref)
    maker.open_act(ref, "issue-link")
    maker.button.click()
    shown = maker.page.locator("#link-address")
    expect(shown).to_be_visible()
    address = shown.input_value()
    assert address.startswith(f"{maker.site.base}/l/")
    expect(maker.page.locator("main svg").first).to_be_visible()

    guest = visit("zh", phone=True)
    answer = guest.go(address)
    assert answer.ok
    assert "noindex" in answer.headers["x-robots-tag"]
    guest.fits()
    expect(guest.page.locator("nav.main")).to_have_count(0)
    guest.fill(percent="50", words="管护牌已立，责任人到位。")
    guest.button.click()
    expect(guest.page.locator("h1")).to_have_text("谢谢，已收到")
    guest.fits()
    assert maker.site.reports(ref) == before + 1
    assert guest.go(f"/c/{ref}/").url.startswith(f"{maker.site.base}/account/login/")

    maker.go(f"/c/{ref}/")
    maker.see("管护牌已立，责任人到位。", within="#reports")
    maker.page.locator('aside a[href*="revoke-link"]').click()
    maker.send(looks=True)

    answer = guest.go(address)
    assert answer.status == 410
    guest.see("此链接已作废。")
    guest.fits()
    answer = guest.go(f"/l/{maker.site.made['expired_token']}/")
    assert answer.status == 410
    guest.see("此链接已过期。")
    assert guest.go("/l/never-made-at-all/").status == 404
