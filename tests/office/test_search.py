"""Search: what a person types is found, and nothing outside his scope is looked at."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from luoshi.office.models import SearchEntry, SearchTerm
from luoshi.office.queries.saved import views_of
from luoshi.office.queries.search import search
from luoshi.office.services import Item, delete_view, index, rebuild_search, remove, save_view
from luoshi.rules.refusals import Refused

from .world import AT, World

pytestmark = pytest.mark.django_db
ALL = ("", "~")


def item(ref: str, title: str, body: str = "", path: str = "00001.") -> Item:
    return Item(kind="commitment", ref=ref, title=title, body=body, unit_path=path, url=f"/c/{ref}/")


@pytest.fixture
def indexed() -> None:
    index(
        [
            item("YN-2024-03-0231", "洱海流域面源污染治理", "洱源县三年内完成", "00001.00002."),
            item("YN-2024-03-0232", "滇池草海整治", "借鉴洱海经验", "00001.00003."),
            item("YN-2024-04-0001", "高标准农田建设 2024 年度", "", "00001.00002.00004."),
            item("YN-2024-05-0001", "Dam safety ＡＢＣ１２", "", "00001.00005."),
        ]
    )


def refs(text: str, scope: Any = ALL, **more: Any) -> list[str]:
    return [entry.ref[3:] for entry in search(text, scope=scope, **more).entries]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("洱海", ["2024-03-0231", "2024-03-0232"]),
        ("洱", ["2024-03-0231"]),
        ("面源 治理", ["2024-03-0231"]),
        ("源污", ["2024-03-0231"]),
        ("YN-2024-03", ["2024-03-0232", "2024-03-0231"]),
        ("yn-2024-04-0001", ["2024-04-0001"]),
        ("dcch", ["2024-03-0232"]),
        ("zl", ["2024-03-0231"]),
        ("2024年度", ["2024-04-0001"]),
        ("dam saf", ["2024-05-0001"]),
        ("abc12", ["2024-05-0001"]),
        ("洱海 滇池", ["2024-03-0232"]),
        ("没有这个", []),
        ("%_'\"", []),
        ("", []),
    ],
)
def test_what_is_typed_is_found(indexed: None, text: str, found: list[str]) -> None:
    assert refs(text) == found


def test_rights_are_a_range_inside_the_question(indexed: None) -> None:
    assert refs("洱海", ("00001.00002.", "00001.00002.~")) == ["2024-03-0231"]
    assert refs("洱海", ("00001.00003.", "00001.00003.~")) == ["2024-03-0232"]
    both = [("00001.00002.", "00001.00002.~"), ("00001.00003.", "00001.00003.~")]
    assert len(refs("洱海", both)) == 2
    assert refs("洱海", []) == []


def test_pages_by_cursor_lose_and_repeat_nothing() -> None:
    index(item(f"R-{number:03}", "洱海" if number % 2 else "洱海保护 洱海") for number in range(45))
    seen: list[str] = []
    cursor = None
    while True:
        page = search("洱海", scope=ALL, limit=10, cursor=cursor)
        seen += [entry.ref for entry in page.entries]
        cursor = page.cursor
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 45
    assert search("洱海", scope=ALL, cursor="'; drop").entries


def test_renewing_removing_and_rebuilding(indexed: None, django_assert_max_num_queries: Any) -> None:
    assert index([item("YN-2024-03-0232", "滇池草海整治", "借鉴洱海经验", "00001.00003.")]) == 0
    assert index([item("YN-2024-03-0232", "抚仙湖", "", "00001.00003.")]) == 1
    assert refs("滇池") == []
    assert refs("抚仙湖") == ["2024-03-0232"]
    assert remove("commitment", ["YN-2024-03-0232"]) == 1
    assert refs("抚仙湖") == []
    assert rebuild_search([[item("YN-1", "异龙湖")], iter([item("YN-2", "程海")])]) == 2
    assert SearchEntry.objects.count() == 2
    assert not SearchTerm.objects.exclude(entry__ref__in=["YN-1", "YN-2"]).exists()
    with django_assert_max_num_queries(2):
        assert [entry.ref for entry in search("程海", scope=ALL).entries] == ["YN-2"]


def test_the_range_uses_the_index(indexed: None) -> None:
    explained = (
        SearchTerm.objects.filter(term="洱海", unit_path__gte="00001.", unit_path__lt="00001.~").explain()
        if connection.vendor == "sqlite"
        else "search_term_path"
    )
    assert "search_term_path" in explained


def test_views_are_kept_replaced_shared_and_deleted(world: World) -> None:
    mine = save_view(actor=world.actor("handler"), page="board", name="late", query="?light=red", at=AT)
    save_view(actor=world.actor("handler"), page="board", name="late", query="light=yellow", shared=True, at=AT)
    assert [view.query for view in views_of(world.actor("head"), "board")] == ["light=yellow"]
    assert views_of(world.actor("stranger"), "board") == []
    for wrong in ({"name": " ", "query": ""}, {"name": "x", "query": "q" * 2001}):
        with pytest.raises(Refused):
            save_view(actor=world.actor("handler"), page="board", at=AT, **wrong)
    with pytest.raises(Refused):
        delete_view(mine.pk, actor=world.actor("head"))
    delete_view(mine.pk, actor=world.actor("handler"))
    assert views_of(world.actor("handler"), "board") == []
