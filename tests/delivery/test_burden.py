"""The burden（减负）: duplicates are refused or merged, prices are told before, nothing asks daily."""

from __future__ import annotations

import pytest
from django.test import Client
from tests.delivery.world import World

from luoshi.delivery import services
from luoshi.delivery.models import Commitment, Merging
from luoshi.delivery.queries.asked import burden_of, load_by_level
from luoshi.delivery.schemas import perform
from luoshi.ledger.models import Entry
from luoshi.rules.lifecycle import Act
from luoshi.rules.refusals import Refused


def test_the_same_words_are_not_issued_twice_to_one_unit(world: World) -> None:
    live = world.issued()
    again = world.draft(title="星云湖 治污管网。")
    refused = world.refuses("asked_already", "issue_commitment", "office", again, different="")
    assert refused.params["ref"] == live.ref
    other = world.do("issue_commitment", "office", world.draft("532900"), different="")
    assert other.state == "issued"
    done = world.do("issue_commitment", "office", again, different="二期工程，另有资金")
    assert done.state == "issued"
    assert "二期工程" in Entry.objects.filter(type="delivery.CommitmentIssued").latest("pk").payload.text
    world.audit()


def test_what_is_over_asks_nothing(world: World) -> None:
    world.do("withdraw_commitment", "office", world.issued(), reason="不办了")
    assert world.do("issue_commitment", "office", world.draft(), different="").state == "issued"


def wholes(world: World) -> tuple[Commitment, Commitment]:
    """Two wholes of 玉溪市 in the same words; the first is broken down to 通海县 and 红塔区."""
    first, second = world.accepted(), world.accepted()
    return world.do("break_down_commitment", "a_head", first, units=[world.units["530423"].pk]), second


def test_a_breakdown_refuses_merges_or_says_why_it_is_different(world: World) -> None:
    first, second = wholes(world)
    live = first.children.get()
    refused = world.refuses("asked_already", "break_down_commitment", "a_head", second, duplicates="", different="")
    assert (refused.params["ref"], refused.params["unit"]) == (live.ref, "通海县")
    world.refuses("reason_missing", "break_down_commitment", "a_head", second, different="")
    merged = world.do("break_down_commitment", "a_head", second, duplicates="merge")
    assert [part.lead.name for part in merged.children.all()] == ["红塔区"]
    assert Merging.objects.get(whole=second).live == live
    assert merged.open_children == 1
    third = world.accepted()
    done = world.do("break_down_commitment", "a_head", third, duplicates="different", different="另一标段")
    assert done.children.count() == 2
    world.audit()


def test_when_everything_is_merged_there_is_no_part(world: World) -> None:
    _first, second = wholes(world)
    only = [world.units["530423"].pk]
    merged = world.do("break_down_commitment", "a_head", second, units=only, duplicates="merge")
    assert (merged.children_count, merged.open_children, merged.carries_parts) == (0, 0, False)
    world.audit()


def test_the_price_is_told_by_level_with_what_is_asked_already(world: World, client: Client) -> None:
    first, second = wholes(world)
    proposal = services.propose_breakdown(actor=world.who("a_head"), ref=second.ref, levels=2, at=world.at)
    assert [(one.level, one.units) for one in proposal.by_level] == [("county", 2), ("township", 1)]
    assert [one.ref for one in proposal.already.values()] == [first.children.get().ref]
    load = load_by_level(proposal.units, world.units["530400"].path, today=world.at.date())
    assert (load["county"].units, load["county"].asks, load["township"].asks) == (2, 0.5, 0)
    client.force_login(world.users["a_head"])
    answer = client.post(
        f"/api/v1/commitments/{second.ref}/break-down/price", {"levels": 1}, content_type="application/json"
    ).json()
    assert answer["already"][0]["ref"] == first.children.get().ref
    assert (answer["minutes"], answer["by_level"][0]["minutes"]) == (54, 54)


@pytest.mark.parametrize("word", ["daily", "每日"])
def test_nothing_asks_daily_at_any_door(world: World, client: Client, word: str) -> None:
    c = world.accepted()
    with pytest.raises(Refused) as refused:
        perform(
            Act.BREAK_DOWN, actor=world.who("a_head"), ref=c.ref, version=c.version, data={"cadence": word}, at=world.at
        )
    assert refused.value.code == "asks_daily"
    client.force_login(world.users["a_head"])
    answer = client.post(
        f"/api/v1/commitments/{c.ref}/break-down/price", {"cadence": word}, content_type="application/json"
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "asks_daily")


def test_the_page_of_the_burden_is_sorted_by_ask_and_within_scope(
    world: World, client: Client, django_assert_num_queries: object
) -> None:
    world.do("break_down_commitment", "a_head", world.accepted(), cadence="weekly", title="周报管网进度")
    world.issued("532900", title="洱海截污")
    found = burden_of(world.who("head"), world.units["530000"], today=world.at.date())
    assert (found.asks[0].title, found.asks[0].units) == ("周报管网进度", 2)
    assert {place.unit.name: place.asks for place in found.below} == {"玉溪市": 3, "大理白族自治州": 1}
    near = burden_of(world.who("a_head"), world.units["530400"], today=world.at.date())
    assert "洱海截污" not in {ask.title for ask in near.asks}
    assert [place.unit.path for place in near.below] == sorted(place.unit.path for place in near.below)
    client.force_login(world.users["a_head"])
    page = client.get("/burden/")
    assert page.status_code == 200
    assert "周报管网进度" in page.content.decode()
    assert client.get(f"/burden/?unit={world.units['532900'].pk}").status_code == 404
    told = client.get("/api/v1/burden").json()
    assert told["asks"][0]["title"] == "周报管网进度"
    assert told["below"][0]["unit"]["name"] in {"红塔区", "通海县"}


def test_one_figure_is_not_owed_twice_by_one_unit(world: World) -> None:
    live = world.issued(title="城镇污水治理", criteria=["城镇生活污水处理率达到95%以上", "管网有人管护"])
    again = world.draft(title="补齐设施短板", criteria=["城镇生活污水处理率不低于98%"])
    refused = world.refuses("figure_asked_already", "issue_commitment", "office", again, different="")
    assert (refused.params["ref"], refused.params["measure"]) == (live.ref, "城镇生活污水处理率（%）")
    assert world.do("issue_commitment", "office", again, different="按新口径").state == "issued"
    for words in ("农村生活污水处理率达到95%以上", "城镇生活污水处理率达标"):
        other = world.draft(title="另一件事", criteria=[words])
        assert world.do("issue_commitment", "office", other, different="").state == "issued", words
        world.do("withdraw_commitment", "office", other, reason="试")
    for year in ("2026", "2027"):  # the same figure of another year is another figure
        other = world.draft("532900", title=f"{year}年的事", criteria=[f"{year}年城镇生活污水处理率达到95%"])
        assert world.do("issue_commitment", "office", other, different="").state == "issued", year
    world.audit()


def test_one_figure_in_another_measuring_unit_is_refused_with_the_way_to_turn_it(world: World, client: Client) -> None:
    live = world.issued(title="湿地修复", criteria=["恢复湿地面积达到3000亩以上"])
    again = world.draft(title="生态提升", criteria=["恢复湿地面积不低于200公顷"])
    refused = world.refuses("figure_in_other_unit", "issue_commitment", "office", again, different="")
    assert refused.params["ref"] == live.ref
    assert (refused.params["other"], refused.params["rate"]) == ("亩", "1 公顷 = 15 亩")
    client.force_login(world.users["office"])
    page = client.post(f"/c/{again.ref}/issue/", {"version": again.version, "confirmed": "1"})
    assert page.status_code == 409
    assert f'href="/c/{live.ref}/"' in page.content.decode()
    assert "1 公顷 = 15 亩" in page.content.decode()
    assert world.do("issue_commitment", "office", again, different="按新口径").state == "issued"


def test_asks_that_differ_in_a_phase_or_a_quarter_only_are_two(world: World) -> None:
    titles = ["星云湖流域治污管网工程一期建设", "星云湖流域治污管网工程二期建设", "星云湖流域治污管网工程Ⅲ期建设"]
    figure = ["新增污水日处理能力达到5万吨"]
    for title in titles:
        one = world.draft(title=title, criteria=figure)
        assert world.do("issue_commitment", "office", one, different="").state == "issued", title
    again = world.draft(title="星云湖流域治污管网工程第2期建设")
    world.refuses("asked_already", "issue_commitment", "office", again, different="")


def test_a_breakdown_knows_the_figure_a_unit_below_owes(world: World) -> None:
    figure = ["城镇生活污水处理率达到95%以上"]
    first, second = world.accepted(title="甲", criteria=figure), None
    first = world.do("break_down_commitment", "a_head", first, units=[world.units["530423"].pk])
    second = world.accepted(title="乙", criteria=figure)
    refused = world.refuses(
        "figure_asked_already", "break_down_commitment", "a_head", second, duplicates="", different=""
    )
    assert refused.params["unit"] == "通海县"
    merged = world.do("break_down_commitment", "a_head", second, duplicates="merge")
    assert Merging.objects.get(whole=merged).live == first.children.get()


def test_files_and_photos_have_a_price_and_a_limit(world: World, client: Client) -> None:
    plain = world.draft(title="甲")
    assert (plain.asks_files, plain.asks_photos, plain.cadence) == (0, 0, "on_change")
    dear = world.draft(title="乙", asks_files=1, asks_photos=2)
    with pytest.raises(Refused) as refused:
        world.draft(title="丙", asks_photos=3)
    assert refused.value.code == "too_much_evidence"
    dear = world.do("accept_commitment", "a_head", world.do("issue_commitment", "office", dear))
    proposal = services.propose_breakdown(actor=world.who("a_head"), ref=dear.ref, at=world.at)
    assert (proposal.price.files_each, proposal.price.photos_each) == (1, 2)
    assert proposal.price.minutes_each == 5 + 2 * (5 + 2 * 3 + 10 + 2 * 15)
    part = world.do("break_down_commitment", "a_head", dear).children.first()
    assert part is not None
    assert (part.asks_files, part.asks_photos) == (1, 2)
    ask = next(
        one
        for one in burden_of(world.who("head"), world.units["530000"], today=world.at.date()).asks
        if one.title == "乙"
    )
    assert (ask.files, ask.photos) == (1, 2)
    assert ask.weekly_each > burden_of(world.who("head"), world.units["532900"], today=world.at.date()).weekly
    done = world.do("accept_commitment", "th_handler", Commitment.objects.get(lead=world.units["530423"]))
    assert world.do("report_on_commitment", "th_handler", done, percent=30, words="无附件").said == 30  # never required
    client.force_login(world.users["a_head"])
    page = client.get("/burden/", headers={"Accept-Language": "en"}).content.decode()
    assert "each time: files 1, photos 2" in page
    assert "never required" in client.get(f"/c/{dear.ref}/", headers={"Accept-Language": "en"}).content.decode()
    world.audit()
