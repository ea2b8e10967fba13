"""What comes after a claim: a visit for a reason, a finding and its objection, a strike-off that no longer holds."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect
from tests.e2e.conftest import Visit
from tests.e2e.site import Site, Visitor, day
from tests.e2e.test_accessibility import violations
from tests.e2e.test_visits import fill, record, sent, stands
from tests.e2e.words import left_in_chinese

DIRECTED = "群众反映挂牌以后一直没有开门，去看一看。"
LOCKED = "门上挂锁，院内没有管护的痕迹。"
FOUND = {"zh": "台账与现场照片的日期对不上。", "en": "The ledger and the photos give different days."}
GONE = "服务点已经改作仓库。"


def looks(one: Visitor) -> None:
    """The page fits, is accessible, and an English one says nothing in Chinese."""
    one.fits()
    assert violations(one.page) == []
    if one.page.locator("html").get_attribute("lang") == "en":
        assert left_in_chinese(one.page) == []


def rows(site: Site, statement: str, *values: Any) -> Any:
    """The first row of a statement, as a list."""
    return json.loads(site.one(f"select json_array({statement}", *values) or "[]")


@dataclass(frozen=True)
class Told:
    """A visit as the database has it: its key, who makes it, and about what."""

    key: str
    by: str
    ref: str


def visit_of(site: Site, where: str, *values: Any) -> Told:
    """The newest visit of which something holds, with the name its verifier signs in by."""
    raw, by, ref = rows(
        site,
        "v.key, x.username, c.ref) from assurance_visit v join delivery_commitment c on c.id = v.commitment_id"
        " join accounts_user x on x.id = v.verifier_user where " + where + " order by v.id desc limit 1",
        *values,
    )
    return Told(f"{raw[:8]}-{raw[8:12]}-{raw[12:16]}-{raw[16:20]}-{raw[20:]}", by, ref)


def make(one: Visitor, told: Told, words: str) -> None:
    """Whoever is drawn finds it on his list, opens the form, and records that it does not hold."""
    one.sign_in(told.by)
    one.go("/visits/")
    one.page.locator(f'a.stop[data-key="{told.key}"]').click()
    expect(one.page.locator("#visit-form")).to_be_visible()
    looks(one)
    fill(one.page, words, holds=False)
    record(one.page)
    sent(one.page)


def counts(one: Visitor, campaign: str) -> list[str]:
    """The figures of a campaign's reading, as its page shows them."""
    one.go(f"/assurance/{campaign}/")
    return one.page.locator("#verdict dl.counts dd").all_inner_texts()


def test_a_visit_for_a_reason_catches_and_never_certifies(visit: Visit) -> None:
    one = visit("zh", as_person="yuxi-office")
    campaign, ref, title = rows(
        one.site,
        "k.ref, c.ref, c.title) from assurance_place p join assurance_campaign k on k.id = p.campaign_id"
        " join delivery_commitment c on c.id = p.commitment_id where k.title like '村级儿童活动场所%'"
        " and not exists (select 1 from assurance_visit v where v.commitment_id = c.id) order by c.ref limit 1",
    )
    before = counts(one, campaign)
    one.see("这里只计抽签派出的走访", within="#verdict")

    # asked for with a reason in words; without one, where the record holds no sign, it is refused
    one.go(f"/c/{ref}/")
    one.page.get_by_role("link", name="派人去看").click()
    one.page.wait_for_url(f"**/directed/{ref}/")
    looks(one)
    one.fill(day=day(0), reason="")
    one.button.click()
    expect(one.page.locator(".refusal")).to_contain_text("请写明")
    one.fill(reason=DIRECTED)
    one.button.click()
    one.page.wait_for_url("**/directed/?*")
    one.done()
    made = one.page.locator("#made li", has_text=title).filter(has_text=DIRECTED)
    expect(made).to_contain_text("已派")
    looks(one)
    told = visit_of(one.site, "v.kind = 'directed' and c.ref = ?", ref)

    phone = visit("zh", phone=True)
    make(phone, told, LOCKED)
    assert stands(one.site, told.key) == ("done", 1)

    # it is shown in its own queue and on the task, and nowhere in the reading
    one.page.reload()
    expect(made).to_contain_text("与所报不符")
    expect(made).to_contain_text(LOCKED)
    one.see("任何抽查都不计它")
    assert counts(one, campaign) == before
    one.go(f"/assurance/{campaign}/places/")
    expect(one.page.locator("main")).not_to_contain_text(ref)
    one.go(f"/c/{ref}/")
    one.see(LOCKED, within="#verifications")

    english = visit("en", phone=True)
    english.sign_in("yuxi-office")
    english.go("/directed/")
    english.see("no sampling counts it")
    looks(english)
    assert counts(english, campaign) == before
    english.see("Only visits drawn by lot are counted", within="#verdict")
    looks(english)
    english.go(f"/directed/{ref}/")
    looks(english)


def conclude(one: Visitor, ref: str, *, holds: str, reason: str) -> None:
    one.do(ref, "conclude", looks=True, upheld=holds, reason=reason)


def test_a_finding_is_answered_concluded_objected_to_and_decided_by_another(visit: Visit, tmp_path: Path) -> None:
    one = visit("zh", as_person="yuxi-office")
    ref = one.site.made["found"]
    paper = tmp_path / "台账第三页.txt"
    paper.write_text("3 月 2 日 清掏；3 月 2 日 照片拍于 2 月 11 日。", encoding="utf-8")
    one.open_act(ref, "find")
    looks(one)
    one.fill(words=FOUND["zh"], evidence="台账第三页与照片逐张对照。", links="https://example.org/ledger/3")
    one.page.locator('main [name="files"]').set_input_files(paper)
    one.send()
    shows = one.page.locator("#asked .shows")
    expect(shows).to_contain_text("台账第三页")
    expect(shows).to_contain_text("example.org")
    with one.page.expect_download() as kept:
        shows.get_by_role("link", name="台账第三页").click()
    assert Path(kept.value.path()).read_text(encoding="utf-8") == paper.read_text(encoding="utf-8")
    looks(one)

    # the unit sees what it rests on, and answers
    one.go("/")
    one.become("county-handler")
    one.open_act(ref, "answer")
    one.see(FOUND["zh"], within="aside")
    expect(one.page.locator("aside .shows")).to_contain_text("台账第三页")
    looks(one)
    one.fill(answer="照片日期为相机未校时，附校时记录。")
    one.send()
    one.see("照片日期为相机未校时", within="#asked")

    # the conclusion is fed back, with its reason and until when one may object
    one.go("/")
    one.become("yuxi-office")
    conclude(one, ref, holds="yes", reason="校时记录只到一月，日期不符属实。")
    one.go("/")
    one.become("county-handler")
    one.go("/office/messages/")
    expect(one.page.locator("main article", has_text="疑点已有结论，最晚可于").first).to_contain_text("环湖段排口溯源")
    one.open_act(ref, "object")
    one.see("日期不符属实", within="aside")
    one.see("最晚可申辩到", within="aside")
    looks(one)
    one.fill(words="二月的校时记录随附，请复核。")
    one.send()
    one.see("二月的校时记录", within="#asked")

    # nothing is struck off meanwhile
    one.go("/")
    one.become("yuxi-head")
    one.go(f"/c/{ref}/close/")
    expect(one.page.locator(".refusal")).to_contain_text("申辩")
    expect(one.page.locator("main form button.btn.p")).to_have_count(0)
    looks(one)

    # whoever found and concluded does not decide
    one.go("/")
    one.become("yuxi-office")
    one.go(f"/c/{ref}/decide-objection/")
    expect(one.page.locator(".refusal")).to_contain_text("回避")
    expect(one.page.locator('main [name="decision"]')).to_have_count(0)
    looks(one)
    one.go("/")
    one.become("prov-verifier")
    assert one.go(f"/c/{ref}/decide-objection/").status in (403, 404)

    one.go("/")
    one.become("yuxi-head")
    one.open_act(ref, "decide-objection")
    one.see("二月的校时记录", within="aside")
    looks(one)
    one.fill(upheld="yes", decision="二月校时记录齐全，原结论更正。")
    one.send(looks=True)
    one.see("原结论更正", within="#asked")
    one.entry(ref, "申辩决定")


def test_a_deputy_of_whoever_concluded_decides_nothing_either(visit: Visit) -> None:
    phone = visit("en", phone=True)
    phone.sign_in("prov-office")
    ref = phone.site.made["found_english"]
    phone.do(ref, "find", words=FOUND["en"], evidence="Page three of the ledger.")
    phone.go("/")
    phone.become("yuxi-office")
    phone.open_act(ref, "answer")
    looks(phone)
    phone.fill(answer="The camera had the wrong day.")
    phone.send()
    phone.go("/")
    phone.become("prov-office")
    phone.open_act(ref, "conclude")
    looks(phone)
    phone.go(f"/c/{ref}/")
    conclude(phone, ref, holds="yes", reason="The camera was set right in January.")
    phone.go("/")
    phone.become("yuxi-office")
    phone.do(ref, "object", words="It was set right in February.")
    looks(phone)
    phone.go("/account/logout/")
    phone.page.locator("main form button").click()
    phone.sign_in("office-deputy")
    phone.go(f"/c/{ref}/decide-objection/")
    expect(phone.page.locator(".refusal")).to_contain_text("deputy")
    expect(phone.page.locator('main [name="decision"]')).to_have_count(0)
    looks(phone)
    phone.go("/")
    phone.become("prov-head")
    phone.do(ref, "decide-objection", looks=True, upheld="no", decision="January it was.")
    phone.see("not upheld", within="#asked")
    looks(phone)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_no_longer_holds_is_open_again_and_the_certificate_says_so(visit: Visit, language: str) -> None:
    one = visit("zh", as_person="yuxi-head")
    if language == "zh":
        told = visit_of(one.site, "v.kind = 'look_back' and v.state = 'assigned'")
        one.go(f"/c/{told.ref}/")
        one.see("已销号")
        make(visit("zh", phone=True), told, GONE)
        # the same number is open again, and says why
        one.go(f"/c/{told.ref}/")
        one.see(GONE, within="#verifications")
        one.see("不再保持", within="#verifications")
        assert one.site.one("select state from delivery_commitment where ref = ?", told.ref) == "accepted"
        looks(one)
    else:
        one = visit("en", phone=True)
        one.sign_in("yuxi-head")
        told = visit_of(one.site, "v.kind = 'look_back' and v.state = 'done' and v.holds = 0")
    certificate = one.site.one(
        "select k.ref from assurance_certificate k join assurance_place p on p.campaign_id = k.campaign_id"
        " join delivery_commitment c on c.id = p.commitment_id where c.ref = ?",
        told.ref,
    )
    for _time in range(60):  # whoever listens to a relapse is told by the clock
        one.go(f"/assurance/certificates/{certificate}/")
        if one.page.locator("#exceptions a", has_text=told.ref).count():
            break
        one.page.wait_for_timeout(1_000)
    line = one.page.locator("#exceptions li", has_text=told.ref)
    expect(line).to_contain_text(GONE)
    looks(one)
    line.get_by_role("link").first.click()
    one.page.wait_for_url(f"**/c/{told.ref}/")
    one.go("/look-backs/")
    one.see(certificate)
    looks(one)

    # the rate of relapse, by matter, with its caution for small numbers
    one.go("/board/")
    table = one.page.locator("section[aria-labelledby=relapses]")
    looked, relapsed = (int(text) for text in table.locator("tbody tr td.n").all_inner_texts()[:2])
    assert (relapsed, looked) == tuple(
        rows(
            one.site,
            "sum(v.holds = 0), count(*)) from assurance_lookbackdraw d join assurance_visit v on v.id = d.visit_id"
            " where d.months > 0 and v.state = 'done'",
        )
    )
    assert relapsed >= 2
    expect(table).to_contain_text({"zh": "次数太少", "en": "too few to say"}[language])
    looks(one)
