"""Reads over the API: within scope, by cursor, with a number of statements that does not grow with the rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.api.conftest import Program
from tests.delivery.world import World

Programs = Callable[[str], Program]


def test_the_list_is_paged_by_cursor_and_filtered(world: World, program: Programs) -> None:
    refs = [world.draft().ref for _ in range(3)] + [world.issued().ref]
    office = program("office")
    first = office.get("/commitments", limit=3).json()
    assert [row["ref"] for row in first["items"]] == refs[:3]
    rest = office.get("/commitments", limit=3, after=first["next"]).json()
    assert ([row["ref"] for row in rest["items"]], rest["next"]) == (refs[3:], None)
    assert [row["ref"] for row in office.get("/commitments", state="issued").json()["items"]] == refs[3:]
    assert office.get("/commitments", unit=world.units["532900"].pk).json()["items"] == []
    assert program("b_head").get("/commitments").json()["items"] == []


def test_one_commitment_says_who_may_do_what_and_why_not(world: World, program: Programs) -> None:
    c = world.applied()
    answer = program("a_verifier").get(f"/commitments/{c.ref}")
    assert answer["ETag"] == f'"{c.version}"'
    verify = next(one for one in answer.json()["possibilities"] if one["act"] == "verify")
    assert (verify["allowed"], verify["code"]) == (False, "verifier_on_line")
    assert verify["reason"]


def test_reports_timeline_children_price(world: World, program: Programs) -> None:
    c = world.reported(percent=40)
    a = program("a_head")
    price = a.post(f"/commitments/{c.ref}/break-down/price", {}).json()
    assert (price["count"], price["levels"]) == (2, [2])
    assert a.post(f"/commitments/{c.ref}/break-down", {}, version=c.version).json()["parts"] == 2
    assert len(a.get(f"/commitments/{c.ref}/children").json()["items"]) == 2
    assert a.get(f"/commitments/{c.ref}/reports").json()["items"][0]["percent"] == 40
    page = a.get(f"/commitments/{c.ref}/timeline", limit=2).json()
    assert [row["type"].split(".")[1] for row in page["items"]] == ["CommitmentBrokenDown", "CommitmentReported"]
    assert a.get(f"/commitments/{c.ref}/timeline", before=page["next"]).json()["items"]


def test_the_ledger_is_for_the_auditor_and_for_those_concerned(world: World, program: Programs) -> None:
    c = world.accepted()
    auditor, handler = program("auditor"), program("a_handler")
    everything = auditor.get("/ledger/entries", limit=200).json()["items"]
    assert any(row["type"] == "units.PostCreated" or row["type"].startswith("units.") for row in everything)
    assert handler.get("/ledger/entries").json()["code"] == "whole_ledger"
    mine = handler.get("/ledger/entries", ref=c.ref).json()["items"]
    assert mine
    entry = handler.get(f"/ledger/entries/{mine[0]['id']}").json()
    assert (entry["type"], c.ref in entry["subjects"]) == ("delivery.CommitmentAccepted", True)
    assert "a_handler" not in str(entry["leaf"]).replace("P-a_handler", "")
    strange = next(row["id"] for row in everything if row["type"].startswith("units."))
    assert handler.get(f"/ledger/entries/{strange}").status_code == 404


def test_siblings_see_totals_only_as_the_programme_allows(world: World, program: Programs) -> None:
    world.accepted()
    top = world.units["530000"].pk
    b = program("b_head")
    assert b.get("/board", programme="ten").json()["cells"] == []
    assert b.get("/board", programme="ten", unit=top).status_code == 200
    office = program("office")
    settings = {"visibility": "own", "warning_days": 5, "extension_limit": 2}
    assert office.post("/programmes/ten/settings", settings, version=3).status_code == 200
    assert b.get("/board", programme="ten", unit=top).status_code == 404
    assert b.get("/board", programme="ten", unit=world.units["530400"].pk).status_code == 404


def test_statements_do_not_grow_with_the_rows(
    world: World, program: Programs, django_assert_max_num_queries: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    office = program("office")
    c = world.reported(percent=10)
    addresses = ["/commitments", f"/commitments/{c.ref}/reports", f"/commitments/{c.ref}/timeline", "/programmes/ten"]

    def statements() -> list[int]:
        counts = []
        for address in addresses:
            with CaptureQueriesContext(
                connection,
            ) as told:
                assert office.get(address).status_code == 200
            counts.append(len(told))
        return counts

    statements()
    few = statements()
    for _ in range(4):
        world.draft()
        world.do("report_on_commitment", "a_handler", c, percent=20, words="又接通一段")
    assert statements() == few
