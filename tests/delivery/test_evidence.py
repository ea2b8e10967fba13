"""The evidence desk（佐证台）: gallery, list, previews, versions, reuse, the same file elsewhere; nothing leaks."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests.delivery.world import World
from tests.office.test_previews import bomb, pdf, picture

from luoshi.accounts.services import create_token
from luoshi.delivery.models import Commitment, Evidence, Report
from luoshi.delivery.queries import evidence as reads
from luoshi.office.models import StoredFile
from luoshi.office.services import store_file
from luoshi.rules.lifecycle import Act
from luoshi.rules.permissions import SYSTEM


@pytest.fixture(autouse=True)
def now_is_then(monkeypatch: pytest.MonkeyPatch, world: World) -> None:
    """The doors read the clock of the small world."""
    monkeypatch.setattr(timezone, "now", lambda: world.at)
    cache.clear()
    cache.set("luoshi.demo", False, None)  # otherwise asked again every few seconds, and statements are counted here


def stored(world: World, content: bytes, name: str, by: str = "a_handler") -> tuple[str, str]:
    kept = store_file(SimpleUploadedFile(name, content), actor=world.who(by), at=world.at)
    return kept.digest, kept.name


def report(world: World, c: Commitment, *files: tuple[str, str], by: str = "a_handler", **told: Any) -> Report:
    world.do("report_on_commitment", by, c, percent=told.pop("percent", 30), words="有进展", files=files, **told)
    return Report.objects.latest("pk")


def browser(world: World, name: str, language: str = "en") -> Client:
    client = Client(HTTP_ACCEPT_LANGUAGE=language)
    client.force_login(world.users[name], backend="luoshi.accounts.adapters.sign_in.Passwords")
    return client


def text(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, (address, answer.status_code)
    return answer.content.decode()


# --- Reuse and versions -----------------------------------------------------------------------------------------------


@pytest.mark.principle(7)
def test_a_file_handed_in_once_is_used_again_without_being_sent(world: World) -> None:
    c, other = world.accepted(), world.accepted()
    first = report(world, c, stored(world, picture(), "现场.png")).evidence.get()
    again = report(world, other, reuse=[first.pk]).evidence.get()
    assert (again.digest, again.name, again.file_id) == (first.digest, "现场.png", first.file_id)
    assert again.pk != first.pk
    assert StoredFile.objects.count() == 1
    assert [one.pk for one in reads.reusable(world.who("a_handler"), c)] == [again.pk], "each content once, the newest"
    world.audit()


def test_evidence_of_another_unit_or_none_is_not_there(world: World) -> None:
    mine, foreign = world.accepted(), world.accepted("532900", by="b_handler")
    theirs = report(world, foreign, stored(world, picture(), "b.png", "b_handler"), by="b_handler").evidence.get()
    for reuse in ([theirs.pk], [10**9]):
        world.refuses("unknown_evidence", "report_on_commitment", "a_handler", mine, percent=1, words="x", reuse=reuse)
        world.refuses(
            "unknown_evidence", "report_on_commitment", "a_handler", mine, percent=1, words="x", corrects=reuse[0]
        )
    world.bad_input(Act.REPORT, "a_handler", mine, "reuse", percent=1, words="x", reuse=["x"])
    world.bad_input(Act.REPORT, "a_handler", mine, "reuse", percent=1, words="x", reuse=list(range(1, 12)))
    world.bad_input(Act.REPORT, "a_handler", mine, "corrects", percent=1, words="x", corrects=-1)


@pytest.mark.principle(6)
def test_a_corrected_file_takes_the_place_and_both_stay(world: World) -> None:
    c = world.accepted()
    first = report(world, c, stored(world, b"a,b\n1,2\n", "t.csv")).evidence.get()
    second = report(world, c, stored(world, b"a,b\n1,3\n", "t.csv"), corrects=first.pk).evidence.get()
    third = report(world, c, stored(world, b"a,b\n1,4\n", "t.csv"), corrects=second.pk).evidence.get()
    assert [one.pk for one in reads.versions(second)] == [first.pk, second.pk, third.pk]
    assert second.ledger_state()["supersedes"] == first.pk
    assert "supersedes" not in first.ledger_state()
    world.audit()
    told: dict[str, Any] = {"percent": 30, "words": "x"}
    new = stored(world, b"a,b\n1,5\n", "t.csv")
    world.refuses("already_corrected", "report_on_commitment", "a_handler", c, files=[new], corrects=first.pk, **told)
    world.refuses("corrects_one", "report_on_commitment", "a_handler", c, corrects=third.pk, **told)
    two = [new, stored(world, b"y", "y.txt")]
    world.refuses("corrects_one", "report_on_commitment", "a_handler", c, files=two, corrects=third.pk, **told)
    same = (third.digest, third.name)
    world.refuses("corrects_same", "report_on_commitment", "a_handler", c, files=[same], corrects=third.pk, **told)
    Evidence.objects.filter(pk=third.pk).update(supersedes=None)
    with pytest.raises(AssertionError):
        world.audit()


def test_the_same_file_twice_is_kept_once_and_said_kindly(world: World) -> None:
    c = world.accepted()
    client = browser(world, "a_handler")

    def sent(**told: Any) -> str:
        version = Commitment.objects.get(pk=c.pk).version
        told |= {"version": version, "idempotency_key": str(uuid.uuid4()), "percent": "10", "words": "有进展"}
        answer = client.post(f"/c/{c.ref}/report/", told, follow=True)
        assert answer.status_code == 200
        return answer.content.decode()

    two = [SimpleUploadedFile("甲.png", picture()), SimpleUploadedFile("乙.png", picture())]
    assert "The same file was chosen twice and is kept once: 乙.png" in sent(files=two)
    assert Evidence.objects.count() == 1
    page = sent(files=[SimpleUploadedFile("丙.png", picture())])
    assert "Handed in before and kept once" in page
    assert (Evidence.objects.count(), StoredFile.objects.count()) == (2, 1)
    newest = Evidence.objects.latest("pk")
    form = text(client, f"/c/{c.ref}/report/")
    assert f'name="reuse" value="{newest.pk}"' in form
    sent(reuse=[newest.pk])
    assert Report.objects.latest("pk").evidence.get().digest == newest.digest
    sent(files=[SimpleUploadedFile("改.png", picture((30, 30)))], corrects=newest.pk)
    assert Evidence.objects.latest("pk").supersedes == newest
    world.audit()


# --- What is shown to whom --------------------------------------------------------------------------------------------


@pytest.mark.principle(8)
def test_the_same_file_elsewhere_is_told_within_scope_only(world: World) -> None:
    same = picture()
    mine = world.accepted()
    foreign = world.accepted("532900", by="b_handler")
    item = report(world, mine, stored(world, same, "甲.png")).evidence.get()
    report(world, foreign, stored(world, same, "乙.png", "b_handler"), by="b_handler")

    def uses(name: str) -> list[str]:
        _c, piece = reads.evidence_piece(world.who(name), mine.ref, item.pk)
        return [one.name for one in piece.uses]

    assert uses("office") == uses("head") == uses("verifier") == ["乙.png"]
    assert uses("a_handler") == uses("a_head") == []
    page = text(browser(world, "a_handler"), f"/c/{mine.ref}/evidence/{item.pk}/look/")
    assert "乙.png" not in page
    assert foreign.ref not in page
    page = text(browser(world, "office"), f"/c/{mine.ref}/evidence/{item.pk}/look/")
    assert foreign.ref in page
    assert "no verdict" in page
    second = report(world, mine, stored(world, same, "丙.png"))
    assert uses("a_handler") == ["丙.png"], "its own other use"
    assert second.known == (), "rows read back carry nothing"


def test_foreign_ids_and_strangers_find_nothing(world: World) -> None:
    mine, other = world.accepted(), world.accepted()
    item = report(world, mine, stored(world, picture(), "甲.png")).evidence.get()
    for door in ("", "look/", "picture/"):
        text(browser(world, "b_head"), f"/c/{mine.ref}/evidence/{item.pk}/{door}", 404)
        text(browser(world, "office"), f"/c/{other.ref}/evidence/{item.pk}/{door}", 404)
        text(browser(world, "office"), f"/c/{mine.ref}/evidence/{item.pk + 1000}/{door}", 404)
    text(browser(world, "b_head"), f"/c/{mine.ref}/evidence/", 404)
    link = report(world, mine, links=["https://example.org/a"]).evidence.get()
    text(browser(world, "office"), f"/c/{mine.ref}/evidence/{link.pk}/picture/", 404)
    assert "A link leads away" in text(browser(world, "office"), f"/c/{mine.ref}/evidence/{link.pk}/look/")


def test_gallery_list_and_parts_by_address(world: World) -> None:
    whole = world.do("break_down_commitment", "a_head", world.accepted())
    part = world.do("accept_commitment", "th_handler", Commitment.objects.get(lead=world.units["530423"]))
    report(world, whole, stored(world, picture(), "市级.png"))
    report(world, part, stored(world, pdf(2), "县级.pdf", "th_handler"), by="th_handler")
    client = browser(world, "office")
    gallery = text(client, f"/c/{whole.ref}/evidence/")
    assert "市级.png" in gallery
    assert "县级.pdf" not in gallery
    assert "size=thumb" in gallery
    assert 'style="' not in gallery
    both = text(client, f"/c/{whole.ref}/evidence/?view=list&parts=1")
    assert "县级.pdf" in both
    assert f"/c/{part.ref}/evidence/" in both
    assert "size=thumb" not in both
    assert "没有佐证" in text(
        browser(world, "th_handler", "zh-hans"), f"/c/{world.accepted('530423', 'th_handler').ref}/evidence/"
    )


def test_pages_follow_one_another_and_statements_stay(world: World) -> None:
    whole = world.accepted()
    for n in range(3):
        report(world, whole, stored(world, picture((20 + n, 20)), f"{n}.png"))
    client = browser(world, "office")

    def statements(address: str) -> int:
        client.get(address)
        with CaptureQueriesContext(connection) as seen:
            assert client.get(address).status_code == 200
        return len(seen)

    first = Evidence.objects.earliest("pk")
    addresses = [f"/c/{whole.ref}/evidence/", f"/c/{whole.ref}/evidence/?view=list&parts=1", f"/c/{whole.ref}/report/"]
    addresses.append(f"/c/{whole.ref}/evidence/{first.pk}/look/")
    few = [statements(address) for address in addresses[:2]]
    look = statements(addresses[3])
    handler = browser(world, "a_handler")
    handler.get(addresses[2])
    with CaptureQueriesContext(connection) as seen:
        handler.get(addresses[2])
    form = len(seen)
    for n in range(27):
        last = report(world, whole, stored(world, picture((20 + n % 5, 20)), f"{n}.png"))
    Evidence.objects.filter(report=last).update(supersedes=first)
    assert [statements(address) for address in addresses[:2]] == few
    assert statements(addresses[3]) == look
    with CaptureQueriesContext(connection) as seen:
        handler.get(addresses[2])
    assert len(seen) == form
    page = text(client, f"/c/{whole.ref}/evidence/")
    assert page.count('class="pic"') == reads.PAGE
    before = Evidence.objects.order_by("-pk")[reads.PAGE - 1].pk
    assert f"before={before}" in page
    assert text(client, f"/c/{whole.ref}/evidence/?before={before}").count('class="pic"') == 6


# --- Previews ---------------------------------------------------------------------------------------------------------


def test_previews_are_pictures_made_here(world: World) -> None:
    c = world.accepted()
    client = browser(world, "office")
    item = report(world, c, stored(world, pdf(23), "长卷.pdf")).evidence.get()
    page = text(client, f"/c/{c.ref}/evidence/{item.pk}/look/?page=2")
    assert "Page 2 of 23." in page
    assert "The first 20 are shown here" in page
    assert "<object" not in page
    assert "<iframe" not in page
    answer = client.get(f"/c/{c.ref}/evidence/{item.pk}/picture/?page=2")
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
    assert answer["Content-Security-Policy"].startswith("default-src 'none'")
    again = client.get(f"/c/{c.ref}/evidence/{item.pk}/picture/?page=2", headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == 304
    for bad in ("21", "0", "-1", "x", "99999999999"):
        text(client, f"/c/{c.ref}/evidence/{item.pk}/look/?page={bad}", 404)
        text(client, f"/c/{c.ref}/evidence/{item.pk}/picture/?page={bad}", 404)


def test_tables_and_texts_are_shown_escaped(world: World) -> None:
    c = world.accepted()
    client = browser(world, "office")
    item = report(world, c, stored(world, "名称,数\n<b>甲,3\n".encode(), "表.csv")).evidence.get()
    page = text(client, f"/c/{c.ref}/evidence/{item.pk}/look/")
    assert '<th scope="col">名称</th>' in page
    assert "&lt;b&gt;甲" in page
    item = report(world, c, stored(world, "说明\n第二行".encode(), "说明.txt")).evidence.get()
    assert "第二行</pre>" in text(client, f"/c/{c.ref}/evidence/{item.pk}/look/")


def test_what_cannot_be_shown_says_so(world: World) -> None:
    c = world.accepted()
    client = browser(world, "office")
    item = report(world, c, stored(world, b"%PDF-1.7\nno\n%%EOF", "坏.pdf")).evidence.get()
    assert "cannot be shown here" in text(client, f"/c/{c.ref}/evidence/{item.pk}/look/")
    answer = client.get(f"/c/{c.ref}/evidence/{item.pk}/picture/?size=thumb")
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/svg+xml")
    handler = browser(world, "a_handler")
    told = {"percent": "1", "words": "x", "version": Commitment.objects.get(pk=c.pk).version}
    refused = handler.post(f"/c/{c.ref}/report/", {**told, "files": SimpleUploadedFile("b.png", bomb())})
    assert refused.status_code == 422
    assert "file_bomb" in refused.content.decode()


# --- The API ----------------------------------------------------------------------------------------------------------


def test_the_api_lists_shows_and_reuses(world: World) -> None:
    c = world.accepted()
    first = report(world, c, stored(world, picture(), "甲.png")).evidence.get()
    _token, plain = create_token(user=world.users["a_handler"], name="t", actor=SYSTEM, at=world.at)
    client = Client(headers={"Authorization": f"Bearer {plain}"})
    base = f"/api/v1/commitments/{c.ref}"
    assert [one["id"] for one in client.get(f"{base}/reusable-evidence").json()["items"]] == [first.pk]
    body = {"percent": 40, "words": "又一段", "reuse": [first.pk]}
    done = client.post(f"{base}/report", body, content_type="application/json").json()
    assert done["known"] == ["甲.png"]
    page = client.get(f"{base}/evidence", {"limit": 1}).json()
    assert (len(page["items"]), bool(page["next"])) == (1, True)
    newest = page["items"][0]
    assert [one["id"] for one in newest["uses"]] == [first.pk]
    page = client.get(f"{base}/evidence", {"limit": 1, "before": page["next"]}).json()
    assert ([one["id"] for one in page["items"]], page["next"]) == ([first.pk], None)
    csv = stored(world, b"a,b\n", "t.csv")
    body = {"percent": 41, "words": "改", "files": [{"digest": csv[0], "name": csv[1]}], "corrects": first.pk}
    client.post(f"{base}/report", body, content_type="application/json")
    detail = client.get(f"{base}/evidence/{first.pk}").json()
    assert [one["name"] for one in detail["versions"]] == ["甲.png", "t.csv"]
    assert detail["superseded_by"] == Evidence.objects.latest("pk").pk
    answer = client.get(f"{base}/evidence/{first.pk}/preview", {"size": "thumb"})
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
    assert client.get(f"{base}/evidence/{first.pk}/preview", {"page": 2}).status_code == 404
    assert client.get(f"{base}/evidence/{detail['superseded_by']}/preview").status_code == 404
    broken = report(world, c, stored(world, b"%PDF-1.7\nno\n%%EOF", "坏.pdf")).evidence.get()
    assert client.get(f"{base}/evidence/{broken.pk}/preview").json()["code"] == "no_preview"
    assert client.get(f"{base}/evidence/{10**9}").status_code == 404
    world.audit()
