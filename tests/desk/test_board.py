"""The board: figures that add up, what siblings see, lists behind cells, a fixed number of statements."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from luoshi.delivery import services
from luoshi.delivery.models import Matter, Programme, Series
from luoshi.desk.queries import board
from luoshi.rules import rollup
from luoshi.rules.refusals import Refused

if TYPE_CHECKING:
    from tests.delivery.world import World

    from .conftest import Enter


def seen(world: World, name: str, unit: str) -> board.Board:
    actor = world.who(name)
    return board.board(actor, world.programme, board.area_for(actor, world.programme, world.units[unit].pk))


def show(world: World, visibility: str) -> None:
    Programme.objects.update(visibility=visibility)
    world.programme.refresh_from_db()


def test_rows_add_up_to_the_headline(world: World) -> None:
    world.reported(60)
    world.accepted("a_epb", by="a_epb_handler")
    world.issued("530402")
    world.issued("epb")
    province = seen(world, "head", "530000")
    assert [row.unit.name if row.unit else None for row in province.rows] == ["玉溪市", "大理白族自治州", None]
    assert province.total.items == 4
    assert province.rows[-1].total.items == 1
    prefecture = seen(world, "head", "530400")
    assert prefecture.total.items == 3
    assert prefecture.total == province.rows[0].total
    assert sum((row.total for row in prefecture.rows), rollup.ZERO) == prefecture.total


@pytest.mark.parametrize(
    ("visibility", "sees"),
    [("own", set()), ("siblings", {"530400"}), ("all", {"530400", "530000"})],
)
def test_what_a_county_sees_above_itself(world: World, visibility: str, sees: set[str]) -> None:
    show(world, visibility)
    for code in ("530400", "530000", "532900", "530402", "532930"):
        if code in sees:
            made = seen(world, "th_head", code)
            assert not made.inside
            assert all(row.open == (row.unit == world.units["530423"]) for row in made.rows)
            assert all(row.unit is not None for row in made.rows)  # nothing of the own level above
        else:
            with pytest.raises(Refused) as refused:
                seen(world, "th_head", code)
            assert refused.value.code == "not_found"


def test_totals_of_siblings_lead_nowhere(world: World, enter: Enter) -> None:
    world.reported(60, title="别处的一件")
    client = enter("b_head")
    page = client.get("/board/", {"unit": world.units["530000"].pk}).content.decode()
    assert "玉溪市" in page
    assert "别处的一件" not in page
    assert f"unit={world.units['530400'].pk}" not in page
    assert client.get("/board/list/", {"unit": world.units["530400"].pk}).status_code == 404
    assert client.get("/board/list/", {"unit": world.units["530000"].pk}).status_code == 404
    assert client.get("/board/", {"unit": world.units["530400"].pk}).status_code == 404


def test_nothing_elsewhere_changes_a_viewers_pages(world: World, enter: Enter) -> None:
    world.issued("532900", title="大理自己的一件")
    client = enter("b_head")
    addresses = ["/", "/board/", f"/register/?unit={world.units['532900'].pk}", "/search/?q=一件", "/ledger/"]

    def pages() -> list[str]:
        return [stripped(client.get(address).content.decode()) for address in addresses]

    before = pages()
    assert "大理自己的一件" in before[2]
    c = world.reported(60, title="玉溪的一件")
    world.do("raise_request", "a_handler", c, question="问", reply_by_on=None)
    assert pages() == before


def stripped(page: str) -> str:
    """A page without what changes by itself: nonces and keys of forms."""
    import re

    return re.sub(
        r'name="(csrfmiddlewaretoken|idempotency_key)" value="[^"]*"|X-CSRFToken[^}]*|nonce="[^"]*"', "", page
    )


def test_drilling_to_the_village_and_the_list(world: World, enter: Enter) -> None:
    world.issued("530423100201", title="村里的一件")
    client = enter("head")
    for code in ("530000", "530400", "530423", "530423100"):
        page = client.get("/board/", {"unit": world.units[code].pk}).content.decode()
        assert 'class="heat"' in page
    village = world.units["530423100201"].pk
    assert f"unit={village}" in page
    last = client.get("/board/", {"unit": village}).content.decode()
    assert "There is no level below this one" in last or "Departments of this level" in last
    listed = client.get("/register/", {"unit": village, "matter": world.matter.pk}).content.decode()
    assert "村里的一件" in listed


def test_an_old_address_of_a_list_leads_to_the_register(world: World, enter: Enter) -> None:
    county, matter = world.units["530402"].pk, world.matter.pk
    told = {"unit": county, "matter": matter, "level": "own", "light": "red"}
    answer = enter("head").get("/board/list/", told)
    assert answer.url == f"/register/?programme=ten&matter={matter}&unit={county}&own=1&light=red"  # type: ignore[attr-defined]


def test_needs_name_their_rule(world: World) -> None:
    c = world.reported(100)
    world.do("verify_commitment", "verifier", c, method="desk", passed=False, percent=50, words="一半")
    d = world.accepted(title="等批复")
    world.do("raise_request", "a_handler", d, question="问", reply_by_on=None)
    actor = world.who("head")
    found = board.needs(actor, world.programme, world.units["530000"], world.at)
    assert {need.rule for need in found} == {"gap", "reply"}


def test_no_programme_and_an_unknown_one(world: World, enter: Enter) -> None:
    assert enter("head").get("/board/", {"programme": "nothing"}).status_code == 404
    assert enter("head").get("/board/", {"unit": "99999999"}).status_code == 404
    world.do("issue_commitment", "office", world.draft())
    for language in ("en", "zh-hans"):
        for sort in ("order", "gap", "late", "?"):
            assert enter("head", language).get("/board/", {"sort": sort}).status_code == 200


def test_statements_do_not_grow_with_units_matters_and_rows(world: World, enter: Enter) -> None:
    client = enter("head")
    addresses = ["/board/", f"/register/?unit={world.units['530000'].pk}"]

    def counts() -> list[int]:
        found = []
        for address in addresses:
            with CaptureQueriesContext(connection) as queries:
                client.get(address)
            found.append(len(queries))
        return found

    world.reported(60)
    client.get("/board/")
    before = counts()
    for number in range(4, 9):
        matter = Matter.objects.create(programme=world.programme, number=number, name_zh=f"事项{number}")
        Series.objects.create(matter=matter)
        services.issue_commitment(
            actor=world.who("office"),
            ref=(draft := world.draft("530402", matter=matter.pk)).ref,
            version=draft.version,
            at=world.at,
        )
    assert counts() == before
