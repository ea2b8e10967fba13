"""The page of search and its API: what is found within sight, as it is now, and nothing else is counted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.base import ContentFile
from django.db.models import Q
from django.utils import timezone

from luoshi.accounts import services as accounts
from luoshi.delivery.models import Commitment, Support
from luoshi.delivery.queries import visible
from luoshi.delivery.queries.register import beyond
from luoshi.desk.queries import finding
from luoshi.office import services as office
from luoshi.rules.paths import subtree
from luoshi.rules.permissions import SYSTEM
from luoshi.units import services as unit_services

if TYPE_CHECKING:
    from tests.delivery.world import World

    from .conftest import Enter

ODD = [
    "\x00",
    "洱\x00海",
    "😀🏞",
    "x" * 10_000,
    "%",
    "_",
    "*",
    '"',
    "' OR 1=1 --",
    "NOT a",
    "a:* & !b",
    "\\",
    "^洱 =x",
    "-",
]


def refs(world: World, who: str, text: str, kind: str = "commitment") -> list[str]:
    return [line.entry.ref for line in finding.find(world.who(who), text, kind=kind).lines]


def page(enter: Enter, who: str, text: str, language: str = "en", **more: str) -> str:
    answer = enter(who, language).get("/search/", {"q": text, **more})
    assert answer.status_code == 200
    return re.sub(r"</?mark>", "", answer.content.decode())


def test_by_number_word_and_unit_within_sight(world: World, enter: Enter) -> None:
    c = world.issued()
    office.rebuild_search()
    assert c.title in page(enter, "a_head", c.ref.lower())
    assert c.title in page(enter, "a_head", "星云湖")
    assert "红塔区" in page(enter, "a_head", "红塔")
    assert c.title in page(enter, "a_head", "xyh")
    assert c.title in page(enter, "a_head", "玉溪 管网")
    for text in (c.ref, "星云湖", "红塔", "玉溪 管网"):
        assert "Nothing was found within your sight" in page(enter, "b_head", text)
    assert enter("a_head").get("/search/").status_code == 200
    assert "<mark>星云湖</mark>" in enter("a_head").get("/search/", {"q": "星云湖"}).content.decode()


def test_tabs_count_what_may_be_seen(world: World, enter: Enter) -> None:
    world.reported(40)
    office.rebuild_search()
    found = finding.find(world.who("a_head"), "管网")
    assert {kind: count.found for kind, count in found.counts.items() if count.found} == {"commitment": 1, "report": 1}
    text = page(enter, "a_head", "管网", kind="report")
    assert "管网接通四百米" in text
    assert "40%" in text
    assert not any(count.found for count in finding.find(world.who("b_head"), "管网").counts.values())
    assert finding.find(world.who("a_head"), "十件事").counts["programme"].found == 1
    assert finding.find(world.who("a_head"), "handler a_handler", kind="post").lines[0].entry.ref == "P-a_handler"
    assert finding.find(world.who("b_head"), "handler a_handler", kind="post").lines == []


def test_a_report_is_found_after_the_next_turn_and_so_is_its_file(world: World) -> None:
    c = world.accepted()
    words = "检查井 13812345678 已封堵".encode()
    stored = office.store_file(ContentFile(words, "x.txt"), actor=world.who("a_handler"), at=timezone.now())
    files = [(stored.digest, "验收单.txt")]
    world.do("report_on_commitment", "a_handler", c, percent=20, words="泵站通水，联系 13912345678", files=files)
    assert refs(world, "a_head", "泵站", "report") == []
    assert office.index_due() == 2
    assert len(refs(world, "a_head", "泵站", "report")) == 1
    assert len(refs(world, "a_head", "验收单", "evidence")) == 1
    assert len(refs(world, "a_head", "检查井", "evidence")) == 1
    assert refs(world, "b_head", "检查井", "evidence") == []
    for number in ("13812345678", "13912345678", "138123", "139123"):
        for kind in ("report", "evidence"):
            assert refs(world, "a_head", number, kind) == [], number


def test_a_pdf_and_a_word_file_are_found_by_their_words(world: World) -> None:
    import io

    import pypdfium2
    from docx import Document

    from luoshi.office.adapters import contents, texts

    written = io.BytesIO()
    document = Document()
    document.add_paragraph("管线竣工图说明")
    document.save(written)
    stored = office.store_file(
        ContentFile(written.getvalue(), "a.docx"), actor=world.who("a_handler"), at=timezone.now()
    )
    assert "管线竣工图说明" in texts.words_of(stored.digest, contents.DOCX)
    empty = pypdfium2.PdfDocument.new()
    empty.new_page(100, 100)
    written = io.BytesIO()
    empty.save(written)
    stored = office.store_file(
        ContentFile(written.getvalue() + b"\n%%EOF\n", "a.pdf"), actor=world.who("a_handler"), at=timezone.now()
    )
    assert texts.words_of(stored.digest, contents.PDF).strip() == ""
    assert texts.words_of("0" * 64, contents.TEXT) == ""


def test_edited_words_and_a_new_lead_are_followed(world: World) -> None:
    c = world.draft()
    assert refs(world, "a_head", "星云湖") == [c.ref]
    world.do("edit_commitment", "office", c, title="杞麓湖治污管网", requirement="补齐短板")
    assert refs(world, "a_head", "星云湖") == []
    assert refs(world, "a_head", "杞麓湖") == [c.ref]
    c = world.reported(20)
    office.index_due()
    world.do("change_lead", "office", c, lead=world.units["532900"].pk, reason="职能调整")
    for kind in ("commitment", "report"):
        assert len(refs(world, "b_head", "管网", kind)) == 1, kind
    assert refs(world, "a_head", "管网", "report") == []


def test_a_period_of_a_duty_is_found_when_it_opens(world: World) -> None:
    duty = world.accepted(kind="duty", frequency="monthly", due_days=None)
    duty = world.do("open_period", "office", duty)
    assert set(refs(world, "a_head", "星云湖")) == {duty.ref, duty.children.get().ref}


def test_what_moves_with_its_unit_is_found_there(world: World, django_capture_on_commit_callbacks: Any) -> None:
    c = world.do("issue_commitment", "office", world.draft("530423"))
    office.rebuild_search()
    assert refs(world, "a_head", "通海") == [c.ref]
    with django_capture_on_commit_callbacks(execute=True):
        unit_services.move_unit(
            actor=SYSTEM,
            at=timezone.now(),
            unit_id=world.units["530423"].pk,
            parent_id=world.units["532900"].pk,
            reason="区划调整",
            on=world.at.date(),
        )
    assert refs(world, "a_head", "通海") == []
    assert refs(world, "b_head", "通海") == [c.ref]
    assert refs(world, "b_head", "秀山", "unit") == ["530423100"]
    with django_capture_on_commit_callbacks(execute=True):
        unit_services.rename_unit(
            actor=SYSTEM,
            at=timezone.now(),
            unit_id=world.units["530423"].pk,
            name="河西县",
            reason="更名",
            on=world.at.date(),
        )
    assert refs(world, "b_head", "河西", "unit") == ["530423"]
    assert refs(world, "b_head", "河西") == [c.ref]
    assert refs(world, "b_head", "通海", "unit") == ["530423"]


@pytest.mark.parametrize("who", ["head", "office", "a_head", "a_epb_head", "th_handler", "verifier", "b_head", "admin"])
def test_what_is_seen_from_outside_is_exactly_what_is_visible(world: World, who: str) -> None:
    here, there = world.verified(), world.issued("532900")
    Support.objects.create(commitment=there, unit=world.units["a_epb"])
    Commitment.objects.filter(pk=here.pk).update(issuer=world.units["532900"])
    actor = world.who(who)
    outside = visible(actor).exclude(Q(**subtree("lead__path", actor.effective.area_path)))
    assert set(beyond(actor).values_list("pk", flat=True)) == set(outside.values_list("pk", flat=True))
    office.rebuild_search()
    seen = set(visible(actor).values_list("ref", flat=True))
    assert set(refs(world, who, "管网")) == seen
    assert finding.find(actor, "管网").counts["commitment"].found == len(seen)


def test_off_system_items_are_found_by_number_only(world: World) -> None:
    c = world.draft(off_system=True, title="", requirement="", criteria=[])
    office.rebuild_search()
    assert refs(world, "office", c.ref) == [c.ref]


@pytest.mark.parametrize("text", ODD)
def test_odd_input_is_only_not_found(world: World, enter: Enter, text: str) -> None:
    client = enter("office")
    for query in ({"q": text}, {"q": "管网", "cursor": text}, {"q": "管网", "kind": text}):
        assert client.get("/search/", query).status_code == 200
        assert client.get("/search/quick/", query).status_code == 200


def test_an_empty_answer_says_what_to_try(world: World, enter: Enter) -> None:
    world.issued()
    text = page(enter, "a_head", "管网 没有这个词")
    assert "Found with one of the words alone:" in text
    assert "?q=%E7%AE%A1%E7%BD%91" in text
    assert "单独搜索其中一个词" in page(enter, "a_head", "管网 没有这个词", "zh-hans")


def test_quick_answers_are_a_piece_of_a_page(world: World, enter: Enter) -> None:
    c = world.issued()
    piece = enter("a_head").get("/search/quick/", {"q": "管网"}).content.decode()
    assert c.ref in piece
    assert "<html" not in piece
    assert enter("a_head").get("/search/quick/", {"q": ""}).content.decode().strip() == ""


def test_statements_do_not_grow_with_what_is_found(
    world: World, enter: Enter, django_assert_max_num_queries: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    world.issued()
    client = enter("a_head")
    client.get("/search/", {"q": "管网"})
    with CaptureQueriesContext(connection) as few:
        client.get("/search/", {"q": "管网"})
    for _number in range(12):
        world.issued()
    with django_assert_max_num_queries(len(few)):
        answer = client.get("/search/", {"q": "管网"})
    assert answer.content.decode().count("YN-2026-03-") >= 13


def test_the_api_gives_the_same_in_pages(world: World) -> None:
    from django.test import Client

    made = {world.issued().ref for _number in range(5)}
    _token, plain = accounts.create_token(
        user=world.users["a_handler"], name="t", actor=world.who("a_handler"), at=world.at, post_ref="P-a_handler"
    )
    client = Client(headers={"authorization": f"Bearer {plain}"})
    seen: list[str] = []
    cursor = ""
    while True:
        answer = client.get("/api/v1/search", {"q": "管网", "limit": 2, "cursor": cursor, "kind": "commitment"})
        assert answer.status_code == 200, answer.content
        body = answer.json()
        assert body["counts"]["commitment"] == {"found": 5, "more": False}
        seen += [one["ref"] for one in body["items"]]
        cursor = body["next"]
        if not cursor:
            break
    assert len(seen) == 5
    assert set(seen) == made
    assert body["items"][0]["unit"] == "玉溪市"
    assert client.get("/api/v1/search", {"q": ""}).status_code == 422
    assert client.get("/api/v1/search", {"q": "管网", "kind": "person"}).status_code == 422


def test_every_kind_that_is_seen_has_its_source(world: World) -> None:
    from luoshi.office.services.search import SOURCES

    assert set(finding.sights(world.who("office"))) == set(SOURCES)
