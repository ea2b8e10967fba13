"""The board, its line, its map and what needs one, over the API: the same rights as on the page, and 304."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone

from luoshi.delivery import jobs
from luoshi.delivery.services.snapshots import take_snapshot

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.api.conftest import Program
    from tests.delivery.world import World

    Programs = Callable[[str], Program]

PATHS = ("/board", "/board/trend", "/board/map", "/board/needs")


def test_the_board_tells_how_it_was_verified(world: World, program: Programs) -> None:
    c = world.reported(100)
    world.do("verify_commitment", "verifier", c, method="desk", passed=False, percent=50, words="一半")
    world.issued("epb")
    told = program("head").get("/board", programme="ten").json()
    assert [unit["name"] for unit in told["units"]] == ["玉溪市", "大理白族自治州"]
    cells = {cell["unit"]: cell for cell in told["cells"]}
    own = cells[world.units["530400"].pk]
    assert (own["said"], own["verified"], own["desk"], own["visited"], own["sampled"]) == (100, 50, 50, 0, 0)
    assert cells[told["unit"]["id"]]["items"] == 2


def test_the_own_row_alone(world: World, program: Programs) -> None:
    world.reported(40)
    whole = program("head").get("/board", programme="ten").json()
    top = world.units["530000"].pk
    told = program("head").get("/board", programme="ten", view="own").json()
    assert told["units"] == []
    assert told["cells"] == [cell for cell in whole["cells"] if cell["unit"] == top]
    assert told["cells"]
    assert program("b_head").get("/board", programme="ten", unit=top, view="own").status_code == 404


def test_counties_at_once(world: World, program: Programs) -> None:
    world.issued("530402")
    told = program("head").get("/board", programme="ten", view="counties").json()
    assert [unit["name"] for unit in told["units"]] == ["红塔区", "通海县", "大理市", "洱源县"]
    assert program("a_head").get("/board", programme="ten", view="counties").status_code == 404
    assert program("head").get("/board", programme="ten", view="x").status_code == 422


def test_totals_beside_hide_what_is_led_above_them(world: World, program: Programs) -> None:
    world.reported(40)
    world.issued("epb")
    top = world.units["530000"].pk
    told = program("b_head").get("/board", programme="ten", unit=top).json()
    assert {cell["unit"] for cell in told["cells"]} == {world.units["530400"].pk}


def test_the_line_the_map_and_the_needs(world: World, program: Programs) -> None:
    c = world.reported(40, due_on=None, due_days=10)
    take_snapshot(at=world.at)
    jobs.tick(timezone.now())
    head = program("head")
    line = head.get("/board/trend", programme="ten").json()
    assert (line["since"], line["since_meeting"], line["kept"]) == ("2026-01-01", False, True)
    assert (line["days"][0]["on"], line["days"][0]["said"]) == ("2026-03-02", 40)
    assert line["days"][-1]["on"] == timezone.localdate().isoformat()
    drawn = head.get("/board/map", programme="ten").json()
    assert (drawn["type"], drawn["schematic"], drawn["approval_no"]) == ("FeatureCollection", True, None)
    yuxi = next(one for one in drawn["features"] if one["id"] == "530400")
    assert yuxi["geometry"] is None
    assert (yuxi["properties"]["said"], yuxi["properties"]["column"], yuxi["properties"]["row"]) == (40, 3, 3)
    needs = head.get("/board/needs", programme="ten").json()
    assert [(one["ref"], one["rule"], one["light"], one["act"]) for one in needs] == [(c.ref, "overdue", "red", None)]
    assert needs[0]["reason"]


def test_what_lies_outside_is_not_found(world: World, program: Programs) -> None:
    world.reported(40)
    b = program("b_head")
    for path in PATHS:
        assert b.get(path, programme="ten", unit=world.units["530400"].pk).status_code == 404, path
        assert b.get(path, programme="nothing").status_code == 404, path
        assert b.get(path, programme="ten", unit=99999999).status_code == 404, path
    assert b.get("/board/needs", programme="ten", unit=world.units["530000"].pk).status_code == 404
    assert b.get("/board/trend", programme="ten", matter=99999).status_code == 404
    for path in PATHS[:3]:
        assert b.get(path, programme="ten", unit=world.units["530000"].pk).status_code == 200, path


def test_unchanged_is_304_and_an_act_is_told(world: World, program: Programs) -> None:
    c = world.reported(40)
    head, office = program("head"), program("office")

    def ask(path: str, tag: str = "") -> Any:
        headers = {"If-None-Match": tag} if tag else {}
        return head.client.get("/api/v1" + path, {"programme": "ten"}, headers=headers)

    tags = {path: ask(path)["ETag"] for path in PATHS}
    for path, tag in tags.items():
        assert ask(path, tag).status_code == 304, path
        others = office.client.get("/api/v1" + path, {"programme": "ten"}, headers={"If-None-Match": tag})
        assert others.status_code == 200, path
    world.do("raise_request", "a_handler", c, question="问", reply_by_on=None)
    for path, tag in tags.items():
        assert ask(path, tag).status_code == 200, path


def test_statements_do_not_grow(world: World, program: Programs, django_assert_max_num_queries: Any) -> None:
    head = program("head")
    for _n in range(3):
        world.reported(40)
    for path, most in zip(PATHS, (12, 13, 14, 22), strict=True):
        head.get(path, programme="ten")
        with django_assert_max_num_queries(most):
            assert head.get(path, programme="ten").status_code == 200
