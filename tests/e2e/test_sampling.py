"""From a claim to a certificate and what it strikes off; in Chinese at the desk, in English on a phone, with axe."""

from __future__ import annotations

from playwright.sync_api import expect
from tests.e2e.conftest import Visit
from tests.e2e.test_accessibility import violations

SEED = "31415 92653 58979 32384"


def test_a_claim_is_visited_certified_and_struck_off(visit: Visit) -> None:
    one = visit("zh", as_person="yuxi-office")
    ref = one.site.made["sampled"]
    one.go(f"/assurance/{ref}/")
    one.see("不实的少于")
    expect(one.page.locator(".verdict b")).to_have_text("通过认证")
    one.see("情况不明")
    assert violations(one.page) == []
    one.page.get_by_role("link", name="作出结论").click()
    one.fill(opinion="走访完毕，结论成立。")
    one.button.click()
    one.page.wait_for_url(f"**/assurance/{ref}/")
    one.done()

    one.go("/")
    one.become("yuxi-head")
    one.go(f"/assurance/{ref}/")
    one.page.get_by_role("link", name="颁发证书").click()
    one.fill(opinion="同意颁发。")
    one.button.click()
    one.page.wait_for_url("**/assurance/certificates/*/")
    one.done()
    one.fits()
    assert violations(one.page) == []
    certificate = one.page.url
    one.go(f"/assurance/{ref}/close/")
    one.fill(opinion="同意凭证书销号。")
    one.button.click()
    one.page.wait_for_url(f"**/assurance/{ref}/")
    one.done()
    closed = one.site.one("select ref from delivery_commitment where verified_how = 'visited' and state = 'closed'"
                          " and id in (select commitment_id from assurance_place)")  # fmt: skip
    assert closed
    one.go(f"/c/{closed}/")
    one.see("凭证书", within="#verifications")

    phone = visit("en", phone=True)
    phone.sign_in("yuxi-office")
    for address in (
        "/assurance/",
        f"/assurance/{ref}/",
        certificate,
        f"/assurance/{ref}/places/",
        f"/assurance/{ref}/plans/",
    ):
        phone.go(address)
        phone.fits()
        assert violations(phone.page) == []
    phone.go(f"/assurance/{ref}/")
    phone.see("certified")
    phone.go(f"/assurance/{ref}/freeze/")
    phone.see("concluded")


def test_a_claim_is_proposed_frozen_and_drawn(visit: Visit) -> None:
    one = visit("en", as_person="yuxi-head")
    one.go("/assurance/propose/")
    one.fits()
    assert violations(one.page) == []
    told = one.site.one("select key from delivery_programme order by id limit 1")  # other journeys add programmes
    one.fill(scope=told, title="Pumping stations inspected", level="county", claim_bp="1000")
    one.button.click()
    one.page.wait_for_url("**/assurance/*-C*/")
    one.done()
    one.see("on the list now")
    for name, told in (("Freeze the list", {}), ("Enter the seed", {"seed": SEED})):
        one.page.get_by_role("link", name=name).click()
        one.fill(**told)
        one.button.click()
        one.page.wait_for_url("**/assurance/*-C*/")
        one.done()
    one.see(SEED.replace(" ", ""))
    expect(one.page.locator(".verdict b")).to_have_text("undecided")
    with one.page.expect_download() as order:
        one.page.get_by_role("link", name="The order (CSV)").click()
    assert order.value.suggested_filename.endswith("-order.csv")
