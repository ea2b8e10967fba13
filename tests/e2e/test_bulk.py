"""Bulk acts in a browser: a list is closed with one refusal; a cascade is watched, left and returned to."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import expect
from tests.e2e.conftest import Visit


def test_an_office_closes_by_list_with_one_refusal(visit: Visit, tmp_path: Path) -> None:
    office = visit("zh", as_person="yuxi-office")
    good, bad = office.site.made["close"], office.site.made["close_not"]
    office.go("/bulk/close/")
    for ref in good:
        office.page.locator(f'main input[name="chosen"][value="{ref}"]').check()
    office.fill(refs=bad, opinion="同意销号。")
    office.fits()
    office.button.click()
    office.page.wait_for_url(re.compile(r"/bulk/\d+/$"))
    address = office.page.url
    expect(office.page.locator("main")).to_contain_text("共 3 项，可办 2 项，不予办理 1 项", timeout=60_000)
    office.see("环湖段三号泵站验收", within="section[aria-labelledby=refused]")
    office.fits()
    with office.page.expect_download() as told:
        office.page.locator('a[href$="refused.csv"]').click()
    table = tmp_path / "refused.csv"
    told.value.save_as(table)
    assert bad in table.read_text("utf-8-sig")

    office.page.locator('form[action$="/confirm/"] button').click()
    expect(office.page.locator("main")).to_contain_text("共 3 项，已办理 2 项", timeout=60_000)
    for ref in good:
        assert office.site.one("select state from delivery_commitment where ref = ?", ref) == "closed"
    assert office.site.one("select state from delivery_commitment where ref = ?", bad) == "applied"
    assert office.site.one("select count(*) from ledger_entry where type = 'delivery.CommitmentsClosed'") == 1
    phone = visit("en", phone=True)
    phone.sign_in("yuxi-office")
    phone.go(address)
    phone.see("Done for 2 of 3")
    phone.fits()
    phone.go("/bulk/")
    phone.fits()


def test_a_cascade_is_watched_left_and_returned_to(visit: Visit) -> None:
    handler = visit("zh", as_person="county-handler")
    ref = handler.site.made["cascade"]
    handler.open_act(ref, "break-down")
    handler.page.locator('button[name="as_job"]').click()
    handler.page.wait_for_url(re.compile(r"/bulk/\d+/$"))
    address = handler.page.url
    expect(handler.page.locator('form[action$="/confirm/"] button')).to_be_visible(timeout=60_000)
    handler.see("要填")
    parts = (
        "select count(*) from delivery_commitment where parent_id = (select id from delivery_commitment where ref = ?)"
    )
    assert handler.site.one(parts, ref) == 0
    handler.page.locator('form[action$="/confirm/"] button').click()
    handler.go("/today/")
    handler.go(address)
    expect(handler.page.locator("main")).to_contain_text("已办理", timeout=60_000)
    assert handler.site.one(parts, ref) > 0
