"""Search: what a person types is found, the best first, and nothing outside his scope is looked at or counted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from luoshi.office.models import SearchEntry, SearchLater, SearchText
from luoshi.office.queries.messages import unread_count
from luoshi.office.queries.saved import views_and_unread, views_of
from luoshi.office.queries.search import pages
from luoshi.office.queries.search.levels import Sight
from luoshi.office.queries.search.pages import search
from luoshi.office.queries.terms import asked, marked
from luoshi.office.services import (
    Item,
    delete_view,
    forget_texts,
    index,
    index_due,
    index_later,
    rebuild_search,
    remove,
    save_view,
    take_along,
)
from luoshi.office.services import search as keeping
from luoshi.rules.paths import span
from luoshi.rules.refusals import Refused

from .world import AT, World

pytestmark = pytest.mark.django_db
ALL = ("", "~")
PROVINCE, ERYUAN, DALI, TOWN = "00001.", "00001.00002.", "00001.00003.", "00001.00002.00004."


def item(ref: str, title: str, body: str = "", path: str = PROVINCE, **more: Any) -> Item:
    return Item(kind="commitment", ref=ref, title=title, body=body, unit_path=path, url=f"/c/{ref}/", **more)


def unit(code: str, path: str, *names: str) -> Item:
    return Item(kind="unit", ref=code, title=names[0], body="", unit_path=path, url="/u/", names=(*names, code))


UNITS = [
    unit("530000", PROVINCE, "云南省", "云南"),
    unit("532930", ERYUAN, "洱源县", "洱源"),
    unit("532901", DALI, "大理市", "大理"),
    unit("532930100", TOWN, "茈碧湖镇", "茈碧湖"),
]
THINGS = [
    item("YN-2024-03-0231", "洱海流域面源污染治理", "三年内完成", ERYUAN),
    item("YN-2024-03-0232", "滇池草海整治", "借鉴洱海经验，洱源先行", DALI),
    item("YN-2024-04-0001", "高标准农田建设 2024 年度", "", TOWN),
    item("YN-2024-05-0001", "Dam safety ＡＢＣ１２", "", "00001.00005."),
    item("YN-2024-06-0001", "洱源经验推广", "", DALI),
]


@pytest.fixture
def indexed() -> None:
    index([*UNITS, *THINGS])


def sights(*ranges: tuple[str, str], subjects: Any = ()) -> dict[str, Sight]:
    return {"unit": Sight(ranges), "commitment": Sight(ranges, subjects)}


def refs(text: str, *ranges: tuple[str, str], kind: str = "commitment", **more: Any) -> list[str]:
    page = search(text, sights=sights(*(ranges or (ALL,))), kind=kind, **more)
    return [entry.ref.removeprefix("YN-") for entry in page.entries]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("洱海", ["2024-03-0231", "2024-03-0232"]),
        ("洱", ["2024-06-0001", "2024-03-0231", "2024-03-0232"]),
        ("面源 治理", ["2024-03-0231"]),
        ("面源污染治理", ["2024-03-0231"]),
        ("洱海治理", ["2024-03-0231"]),
        ("源污", ["2024-03-0231"]),
        ("YN-2024-03", ["2024-03-0231", "2024-03-0232"]),
        ("yn-2024-04-0001", ["2024-04-0001"]),
        ("dcch", ["2024-03-0232"]),
        ("zl", ["2024-03-0231"]),
        ("eh", ["2024-03-0231"]),
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


def test_a_place_that_is_named_comes_first_with_all_below_it(indexed: None) -> None:
    assert refs("洱源") == ["2024-03-0231", "2024-04-0001", "2024-06-0001", "2024-03-0232"]
    assert refs("洱源", kind="")[0] == "532930"
    assert refs("532930") == ["2024-03-0231", "2024-04-0001"]
    assert refs("洱源 农田") == ["2024-04-0001"]
    assert refs("洱源 洱海") == ["2024-03-0231", "2024-03-0232"]
    assert refs("洱源农田") == ["2024-04-0001"]
    assert refs("碧湖", kind="unit") == ["532930100"]
    assert refs("碧湖") == ["2024-04-0001"]
    assert refs("大理 洱源") == ["2024-06-0001", "2024-03-0232"]


def test_rights_are_part_of_the_question(indexed: None) -> None:
    assert refs("洱海", span(ERYUAN)) == ["2024-03-0231"]
    assert refs("洱海", span(DALI)) == ["2024-03-0232"]
    assert len(refs("洱海", span(ERYUAN), span(DALI))) == 2
    page = search("洱海", sights=sights(span(DALI)))
    assert (page.counts["commitment"].found, page.counts["unit"].found) == (1, 0)
    assert search("洱海", sights={"commitment": Sight()}).entries == []
    assert search("洱海", sights={}).entries == []


def test_what_is_seen_from_outside_its_place_is_found(indexed: None) -> None:
    index([item("V-1", "洱海断面水质", path=TOWN, subject=77), item("V-2", "洱海断面水质", path=TOWN, subject=78)])
    found = search("洱海", sights=sights(span(DALI), subjects=[77]))
    assert {entry.ref for entry in found.entries} == {"YN-2024-03-0232", "V-1"}
    rows = SearchEntry.objects.filter(ref="V-2").values_list("subject", flat=True)
    assert [e.ref for e in search("断面", sights=sights(subjects=rows)).entries] == ["V-2"]


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """So little fits that everything goes the way of much."""
    monkeypatch.setattr("luoshi.office.queries.search.texts.BROAD", 3)
    monkeypatch.setattr(pages, "COUNTED", 5)


def test_pages_by_cursor_lose_and_repeat_nothing() -> None:
    through(45)


def test_pages_of_very_much_lose_and_repeat_nothing(narrow: None) -> None:
    through(45)


def through(count: int) -> None:
    index(UNITS)
    index(
        item(f"R-{n:03}", ("洱海保护", "洱源县")[n % 2], f"洱海 {n % 7}", (ERYUAN, TOWN, DALI)[n % 3])
        for n in range(count)
    )
    for text, size in (
        ("洱海", count),
        ("r-0", count),
        ("洱源", None),
        ("洱源 洱海", None),
        ("湖", None),
        ("保护", 23),
    ):
        for kind in ("", "commitment"):
            seen: list[tuple[str, str]] = []
            cursor = None
            while True:
                page = search(text, sights=sights(ALL), limit=7, cursor=cursor, kind=kind)
                seen += [(entry.kind, entry.ref) for entry in page.entries]
                cursor = page.cursor
                if cursor is None:
                    break
            assert len(seen) == len(set(seen))
            if size is not None:
                assert len([one for one in seen if one[0] == "commitment"]) == size, text
            assert seen == [(e.kind, e.ref) for e in search(text, sights=sights(ALL), limit=100, kind=kind).entries]
    assert search("洱海", sights=sights(ALL), cursor="'; drop").entries


def test_much_is_found_like_little(indexed: None, monkeypatch: pytest.MonkeyPatch) -> None:
    index(item(f"M-{n}", f"第{n}号 洱海", "洱源" if n % 2 else "", (DALI, TOWN)[n % 2]) for n in range(12))
    texts = ("洱海", "洱源", "洱源 洱海", "大理 洱海", "湖 洱海", "m-1", "号", "eh", "洱海 没有")
    little = {text: refs(text, span(PROVINCE)) for text in texts}
    monkeypatch.setattr("luoshi.office.queries.search.texts.BROAD", 2)
    monkeypatch.setattr(pages, "COUNTED", 2)
    for text in texts:
        assert refs(text, span(PROVINCE)) == little[text], text
    assert search("洱海", sights=sights(ALL)).counts["commitment"].more


def test_parts_share_the_words_of_their_whole(indexed: None, django_assert_max_num_queries: Any) -> None:
    texts = SearchText.objects.count()
    parts = [item(f"P-{n}", "两污治理", "补齐短板", TOWN) for n in range(500)]
    with django_assert_max_num_queries(12):
        assert index(parts) == 500
    assert SearchText.objects.count() == texts + 1
    with django_assert_max_num_queries(8):
        page = search("两污", sights=sights(ALL))
    assert page.counts["commitment"] == pages.Count(200, True)


def test_renewing_removing_and_forgetting(indexed: None) -> None:
    same = THINGS[1]
    assert index([same]) == 0
    assert index([item(same.ref, "抚仙湖", "", DALI)]) == 1
    assert refs("滇池") == []
    assert refs("抚仙湖") == ["2024-03-0232"]
    assert forget_texts() == 1
    assert forget_texts() == 0
    assert not SearchText.objects.filter(title="滇池草海整治").exists()
    assert remove("commitment", [same.ref]) == 1
    assert refs("抚仙湖") == []
    take_along([(0, TOWN)], ["commitment"])


def test_what_moves_is_found_where_it_is(indexed: None) -> None:
    assert keeping.move(TOWN, DALI + "00004.") == 2
    assert refs("农田", span(ERYUAN)) == []
    assert refs("农田", span(DALI)) == ["2024-04-0001"]
    assert keeping.move(TOWN, DALI + "00004.") == 0


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch) -> list[Item]:
    """Where the items of a test's own kind come from, by their place in a list."""
    items: list[Item] = []

    def give(keys: Any = None) -> Iterator[Item]:
        return iter(items if keys is None else [items[key] for key in keys])

    monkeypatch.setattr(keeping, "SOURCES", {"commitment": give})
    return items


def test_what_waits_is_entered_at_the_next_turn(source: list[Item]) -> None:
    source += [item("L-1", "异龙湖"), item("L-2", "程海")]
    index_later("commitment", [0])
    index_later("commitment", [0, 1])
    assert refs("异龙湖") == []
    assert index_due() == 3
    assert refs("异龙湖") == ["L-1"]
    assert refs("程海") == ["L-2"]
    assert not SearchLater.objects.exists()
    assert index_due() == 0


def test_rebuilding_leaves_only_what_sources_speak_of(indexed: None, source: list[Item]) -> None:
    source += [item("YN-1", "异龙湖"), item("YN-2", "程海")]
    index_later("commitment", [0])
    assert rebuild_search() == 2
    assert SearchEntry.objects.count() == SearchText.objects.count() == 2
    assert refs("洱海") == []
    assert refs("程海") == ["2"]
    assert not SearchLater.objects.exists()
    keeping.rewrite_words()
    assert refs("程海") == ["2"]


def test_statements_do_not_grow_with_what_is_found(indexed: None, django_assert_max_num_queries: Any) -> None:
    index(item(f"S-{n}", f"洱海 {n}", path=(ERYUAN, DALI, TOWN)[n % 3]) for n in range(300))
    for text in ("洱海", "洱源 洱海", "s-1", "没有这个"):
        with django_assert_max_num_queries(13):
            search(text, sights=sights(ALL))


ODD = [
    "\x00洱海\x00",
    "😀 洱海 🏞",
    "洱海" * 5000,
    "%",
    "_",
    "*",
    '"',
    "\\",
    "' OR 1=1 --",
    '"洱海" NEAR "x"',
    "NOT 洱海",
    "洱海 AND",
    "洱海*",
    "col:洱海",
    "a:* & !b | (c",
    "^洱海 =x @y #z",
    "ß ﬁ Ａ １ ㈠ 𠀀𠀁",
    "\ud800",
    "- . / _",
    "a.b/c-d_e",
    "0",
]


@pytest.mark.parametrize("text", ODD)
def test_odd_input_is_only_not_found(indexed: None, text: str) -> None:
    page = search(text, sights=sights(ALL))
    assert isinstance(page.entries, list)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=60) | st.text(alphabet="洱海源污治a1-._/*\"'() ^=@#:&|!", max_size=20))
def test_nothing_typed_breaks_it(indexed: None, text: str) -> None:
    search(text, sights=sights(span(ERYUAN)))
    assert "".join(piece for piece, _hit in marked(text, asked(text))) == " ".join(text.split())


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.sampled_from(["洱海", "洱源", "污水", "滇池"]), st.sampled_from(["洱海", "大理", "碧湖", ""])),
        min_size=1,
        max_size=6,
    ),
    st.sampled_from(["洱海", "洱源", "洱源 洱海", "大理", "碧湖", "x-", "污水 大理", "dc"]),
)
def test_what_lies_outside_changes_nothing(indexed: None, words: list[tuple[str, str]], text: str) -> None:
    before = search(text, sights=sights(span(ERYUAN)))
    numbers = range(len(words))
    index(item(f"X-{n}", words[n][0], words[n][1], (DALI, PROVINCE, "00009.")[n % 3]) for n in numbers)
    after = search(text, sights=sights(span(ERYUAN)))
    assert [(e.kind, e.ref) for e in after.entries] == [(e.kind, e.ref) for e in before.entries]
    assert after.counts == before.counts
    remove("commitment", [f"X-{n}" for n in numbers])


def test_what_was_asked_for_is_marked() -> None:
    assert marked("洱海流域治理", asked("洱海 治理")) == [("洱海", True), ("流域", False), ("治理", True)]
    long = "前" * 300 + "洱海" + "后" * 300
    pieces = marked(long, asked("洱海"), 60)
    assert ("洱海", True) in pieces
    assert pieces[0] == pieces[-1] == ("…", False)
    assert marked("Dam Safety", asked("safety"))[1] == ("Safety", True)


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
    for name in ("handler", "head", "stranger"):  # a page asks for both in one statement
        actor = world.actor(name)
        with CaptureQueriesContext(connection) as asked_for:
            views, unread = views_and_unread(actor, "board")
        assert len(asked_for) == 1
        assert [vars(one).keys() for one in views] == [vars(one).keys() for one in views_of(actor, "board")]
        assert (views, unread) == (views_of(actor, "board"), unread_count(actor))
    delete_view(mine.pk, actor=world.actor("handler"))
    assert views_of(world.actor("handler"), "board") == []
    assert views_and_unread(world.actor("handler"), "board") == ([], unread_count(world.actor("handler")))
