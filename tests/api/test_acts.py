"""Acts over the API: versions, keys, problems, and answers that name the ledger entry."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.api.conftest import Program
from tests.delivery.world import World

from luoshi.delivery.models import Commitment, Report
from luoshi.ledger.models import Entry

Programs = Callable[[str], Program]


def test_an_act_names_its_entry_and_the_new_version(world: World, program: Programs) -> None:
    c = world.issued()
    done = program("a_handler").post(f"/commitments/{c.ref}/accept", {}, version=c.version)
    assert done.status_code == 200
    assert done["ETag"] == f'"{c.version + 1}"'
    told = done.json()
    assert (told["state"], told["version"]) == ("accepted", c.version + 1)
    assert Entry.objects.get(pk=told["entry"]["id"]).type == "delivery.CommitmentAccepted"


def test_without_a_version_428_with_an_old_one_412(world: World, program: Programs) -> None:
    c = world.issued()
    a = program("a_handler")
    missing = a.post(f"/commitments/{c.ref}/accept", {})
    stale = a.post(f"/commitments/{c.ref}/accept", {}, version=c.version - 1)
    assert (missing.status_code, missing.json()["code"]) == (428, "version_missing")
    assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")
    assert stale["Content-Type"] == "application/problem+json"
    assert Commitment.objects.get(pk=c.pk).version == c.version


def test_a_report_may_come_without_a_version(world: World, program: Programs) -> None:
    c = world.accepted()
    done = program("a_handler").post(f"/commitments/{c.ref}/report", {"percent": 40, "words": "接通四百米"})
    assert (done.status_code, done.json()["said"]) == (200, 40)
    assert Report.objects.get().via == "api"


def test_the_same_key_answers_again_and_does_nothing_twice(world: World, program: Programs) -> None:
    c = world.accepted()
    a = program("a_handler")
    body = {"percent": 40, "words": "接通四百米"}
    first = a.post(f"/commitments/{c.ref}/report", body, key="key-0001-abc")
    again = a.post(f"/commitments/{c.ref}/report", body, key="key-0001-abc")
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.json() == first.json()
    assert (again["Idempotent-Replayed"], again["ETag"]) == ("true", first["ETag"])
    assert Report.objects.count() == 1
    other = a.post(f"/commitments/{c.ref}/report", {**body, "percent": 50}, key="key-0001-abc")
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")
    assert Report.objects.count() == 1


def test_a_refused_act_leaves_its_key_free(world: World, program: Programs) -> None:
    c = world.issued()
    a = program("a_handler")
    assert a.post(f"/commitments/{c.ref}/accept", {}, version=1, key="key-0002-abc").status_code == 412
    assert a.post(f"/commitments/{c.ref}/accept", {}, version=c.version, key="key-0002-abc").status_code == 200


def test_the_secret_of_a_link_is_told_once(world: World, program: Programs) -> None:
    c = world.accepted()
    a = program("a_handler")
    said = {"post": "P-a_handler", "days": 3}
    first = a.post(f"/commitments/{c.ref}/issue-link", said, version=c.version, key="key-0003-abc").json()
    again = a.post(f"/commitments/{c.ref}/issue-link", said, version=c.version, key="key-0003-abc").json()
    assert first["link"]["secret"]
    assert again["link"] == {**first["link"], "secret": None}


def test_wrong_input_names_every_field(world: World, program: Programs) -> None:
    c = world.accepted()
    refused = program("a_handler").post(f"/commitments/{c.ref}/report", {"percent": 101, "colour": "red"})
    told = refused.json()
    assert (refused.status_code, told["code"], told["status"]) == (422, "bad_input", 422)
    assert {one["field"] for one in told["errors"]} == {"percent", "words", "colour"}


@pytest.mark.parametrize("body", ['{"percent": NaN}', '{"words": "\\u0000"}', '{"words": "\\ud800"}', "{", "[" * 5000])
def test_what_cannot_be_read_is_400(world: World, program: Programs, body: str) -> None:
    c = world.accepted()
    answer = program("a_handler").client.post(
        f"/api/v1/commitments/{c.ref}/report", data=body, content_type="application/json"
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "unreadable")


def test_outside_the_operations_there_are_problems_too(world: World, program: Programs) -> None:
    from django.test import Client

    a = program("office")
    cases = [
        (Client().get("/api/v1/me"), 401, "not_signed_in"),
        (Client().post("/api/v1/commitments", data="{}", content_type="application/json"), 401, "not_signed_in"),
        (a.get("/nothing"), 404, "no_such_address"),
        (a.client.put("/api/v1/me"), 405, "wrong_method"),
        (a.client.post("/api/v1/commitments", {"title": "x"}), 415, "wrong_type"),
        (a.get("/commitments", limit=201), 422, "bad_input"),
        (a.get("/commitments/YN-2026-03-9999"), 404, "not_found"),
    ]
    for answer, status, code in cases:
        assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
        assert answer.json()["code"] == code


def test_a_session_needs_its_csrf_token(world: World) -> None:
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(world.users["a_handler"], backend="luoshi.accounts.adapters.sign_in.Passwords")
    c = world.accepted()
    assert client.get(f"/api/v1/commitments/{c.ref}").status_code == 200
    answer = client.post(f"/api/v1/commitments/{c.ref}/report", data="{}", content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (403, "page_too_old")
