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
