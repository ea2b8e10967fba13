"""Every act of the desk over the API: the version looked at, one act for one key, the draft after it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from tests.delivery.world import World
from tests.intake.conftest import Receive
from tests.intake.ten import LIST

from luoshi.intake.models import Document, DraftItem
from luoshi.ledger.models import Entry
from luoshi.office.jobs import run_ready


class Caller:
    """Calls acts on the draft of one document, each with the version of the answer before."""

    def __init__(self, client: Client, document: int) -> None:
        self.client = client
        self.home = f"/api/v1/intake/documents/{document}"
        answer = client.get(f"{self.home}/draft")
        self.version, self.draft = answer["ETag"], answer.json()

    def post(self, path: str, body: object, **headers: str) -> Any:
        return self.client.post(
            f"{self.home}/{path}",
            json.dumps(body),
            content_type="application/json",
            headers={"If-Match": self.version, **headers},
        )

    def do(self, path: str, body: object) -> dict[str, Any]:
        answer = self.post(path, body)
        assert answer.status_code == 200, answer.content.decode()
        self.version, self.draft = answer["ETag"], answer.json()
        assert self.version == f'"{self.draft["version"]}"'
        return dict(self.draft)

    def refuses(self, path: str, body: object, status: int, code: str, **headers: str) -> None:
        entries = Entry.objects.count()
        answer = self.post(path, body, **headers)
        assert (answer.status_code, answer.json()["code"]) == (status, code), answer.content.decode()
        assert Entry.objects.count() == entries

    def item(self, words: str) -> dict[str, Any]:
        return next(
            one for one in self.draft["items"] if words in (one["title"] or one["requirement"]) and not one["dropped"]
        )


@pytest.fixture
def caller(desk: World, client: Client, receive: Receive) -> Caller:
    client.force_login(desk.users["office"])
    return Caller(client, receive(LIST).pk)


def test_acts_on_a_draft(caller: Caller, desk: World) -> None:
    first, second = caller.item("抬高防止返贫"), caller.item("发展特色产业")
    acts: list[tuple[str, object]] = [
        ("items", {"words": "现将十件具体的事拆解如下", "parent": caller.item("促进农民增收")["id"]}),
        ("items/merge", {"items": [first["id"], second["id"]]}),
        ("items/fill", {"items": [first["id"]], "lead": "省农业农村厅", "due_on": "2026-12-31"}),
        ("names", {"names": [{"words": "省委办公厅", "unit": "中共云南省委办公厅"}]}),
        ("share", {"shared": True}),
        (f"items/{caller.item('以上任务')['id']}", {"dropped": True}),
    ]
    for path, body in acts:
        without = caller.client.post(f"{caller.home}/{path}", json.dumps(body), content_type="application/json")
        assert (without.status_code, without.json()["code"]) == (428, "version_missing"), path
        caller.refuses(path, body, 412, "stale_version", **{"If-Match": '"99"'})
        caller.do(path, body)
    assert caller.draft["shared"]
    merged = caller.item("抬高防止返贫")
    assert (merged["units"][0]["role"], merged["units"][0]["words"]) == ("lead", "省农业农村厅")
    into = {one["id"]: one["merged_into"] for one in caller.draft["items"] if one["merged_into"]}
    assert into == {second["id"]: first["id"]}
    added = next(one for one in caller.draft["items"] if one["kind"] == "added")
    assert (added["parent"], added["concerns"]) == (caller.item("促进农民增收")["id"], ["no_lead", "no_date"])
    before = len(caller.draft["items"])
    caller.do(f"items/{first['id']}/split", {"after": merged["requirement"].index("\n")})
    assert len(caller.draft["items"]) == before + 1
    caller.refuses(f"items/{first['id']}/split", {"after": 20_000}, 422, "item_split")
    caller.refuses("items/merge", {"items": [first["id"]]}, 422, "items_few")
    caller.refuses("items", {"words": "文中没有的话"}, 422, "item_words")
    caller.refuses("items", {"start": 5, "end": 5}, 422, "item_span")
    caller.refuses("names", {"names": [{"words": "无此名称", "unit": None}]}, 422, "name_unknown")
    caller.refuses("names", {"names": []}, 422, "bad_input")
    caller.refuses("items/fill", {"items": [first["id"]]}, 422, "edit_nothing")
    desk.audit()


def test_one_key_acts_once(caller: Caller) -> None:
    body = {"words": "现将十件具体的事拆解如下"}
    key = {"Idempotency-Key": "intake-add-0001"}
    first, again = caller.post("items", body, **key), caller.post("items", body, **key)
    assert first.json() == again.json()
    assert again["Idempotent-Replayed"] == "true"
    assert DraftItem.objects.filter(kind="added").count() == 1
    other = caller.post("items", {"words": "请逐项抓好落实"}, **key)
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")


def test_changes_of_a_corrected_document(caller: Caller, receive: Receive, desk: World) -> None:
    base = Document.objects.get()
    corrected = receive(LIST.replace("2026年11月30日前提交方案", "2026年10月31日前提交实施方案"), revision_of=base.pk)
    home = f"/api/v1/intake/documents/{corrected.pk}"
    told = caller.client.get(f"{home}/changes")
    [change] = told.json()["changes"]
    assert (change["kind"], change["path"]) == ("words", "一（二）")
    assert "11月30日" in change["before"]
    assert "10月31日" in change["after"]
    done = caller.client.post(
        f"{home}/changes",
        json.dumps({"change": change["change"]}),
        content_type="application/json",
        headers={"If-Match": told["ETag"]},
    )
    assert done.status_code == 200, done.content.decode()
    assert caller.client.get(f"{home}/changes").json()["changes"] == []
    assert caller.client.get(f"{caller.home}/changes").status_code == 404, "it corrects none"
    bad = caller.client.post(
        f"{home}/changes", '{"change": "words"}', content_type="application/json", headers={"If-Match": told["ETag"]}
    )
    assert bad.status_code == 422
    desk.audit()


def test_the_same_markup_read_again_is_no_change(caller: Caller, receive: Receive) -> None:
    """A web page is compared by its words as found, tags included, so that the same page changes nothing."""
    page = "<html><body>" + "".join(f"<p>{line}</p>\n" for line in LIST.splitlines()[:9]) + "</body></html>"
    first = receive(page, name="a.html", title="网页")
    again = receive(page, name="a.html", title="网页", revision_of=first.pk)
    assert caller.client.get(f"/api/v1/intake/documents/{again.pk}/changes").json()["changes"] == []


def test_add_to_a_programme_and_back_to_the_words(caller: Caller) -> None:
    caller.do("names", {"names": [{"words": "省委办公厅", "unit": "中共云南省委办公厅"}]})
    caller.do(f"items/{caller.item('以上任务')['id']}", {"dropped": True})
    placed = {"item": caller.item("安全生产")["id"], "matter": 3}
    caller.refuses("issue", {"programme": "ten", "matters": [{**placed, "matter": 77}]}, 422, "matter_unknown")
    done = caller.post("issue", {"programme": "ten", "matters": [placed]})
    assert done.status_code == 200, done.content.decode()
    trace = caller.client.get(f"{caller.home}/trace").json()
    refs = [one["ref"] for clause in trace["clauses"] for one in clause["commitments"]]
    assert sum("-03-" in ref for ref in refs) == 2 + 1 + 2
    heading = next(one for one in trace["clauses"] if one["words"] == "三、生态环境保护")
    assert (heading["commitments"], heading["below"]) == ([], 3)
    [words] = caller.client.get(f"/api/v1/intake/commitments/{refs[0]}/words").json()
    assert "".join(one["words"] for one in words["pieces"]).startswith("（一）抬高防止返贫")
    text = Document.objects.get().text
    assert text[words["start"] : words["end"]] in "".join(one["words"] for one in words["pieces"])
    assert caller.client.get("/api/v1/intake/commitments/NONE-1/words").status_code == 404
    caller.refuses("share", {"shared": False}, 409, "draft_issued")


def test_upload_state_and_key(desk: World, client: Client) -> None:
    client.force_login(desk.users["office"])
    told = {"title": "十件事清单", "doc_on": "2026-03-01"}
    key = {"Idempotency-Key": "intake-upload-1"}

    def send() -> Any:
        return client.post(
            "/api/v1/intake/documents", {**told, "file": SimpleUploadedFile("a.txt", LIST.encode())}, headers=key
        )

    first, again = send(), send()
    assert first.json() == again.json()
    assert Document.objects.count() == 1
    assert (first.json()["state"], first.json()["why"], first.json()["removed"]) == ("reading", "", False)
    run_ready(timezone.now())
    home = f"/api/v1/intake/documents/{first.json()['id']}"
    answer = client.get(home)
    assert (answer.json()["state"], answer["ETag"]) == ("read", f'"{answer.json()["version"]}"')
    refused = client.post(f"{home}/read", content_type="application/json", headers={"If-Match": answer["ETag"]})
    assert (refused.status_code, refused.json()["code"]) == (409, "document_stands")
    bare = client.post(f"{home}/remove", '{"removed": true}', content_type="application/json")
    assert bare.status_code == 428
