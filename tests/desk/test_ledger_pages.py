"""The ledger's pages: who sees what of an entry, and a proof one can check oneself."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from django.db import connection
from django.test.utils import CaptureQueriesContext

from luoshi.desk.queries import records
from luoshi.desk.views.records import CHECK
from luoshi.ledger.models import Entry
from luoshi.ledger.services import sequence_pending

if TYPE_CHECKING:
    from tests.delivery.world import World

    from .conftest import Enter


def last() -> Entry:
    return Entry.objects.latest("pk")


def test_the_auditor_sees_every_entry_and_others_what_lies_within_sight(world: World, enter: Enter) -> None:
    world.reported(60)
    sequence_pending(world.at)
    report = last()
    assert report.type == "delivery.CommitmentReported"
    for name, status in [("auditor", 200), ("admin", 200), ("a_head", 200), ("office", 200), ("b_head", 404)]:
        assert enter(name).get(f"/ledger/{report.pk}/").status_code == status, name
    first = Entry.objects.earliest("pk")
    assert enter("auditor").get(f"/ledger/{first.pk}/").status_code == 200
    assert enter("a_head").get(f"/ledger/{first.pk}/").status_code == 404
    listed, _further = records.page(world.who("auditor"))
    assert listed[0] == report
    assert next(e.type for e in records.page(world.who("a_head"))[0]) == "delivery.CommitmentReported"
    assert records.page(world.who("b_head"))[0] == []


def test_a_bulk_act_shows_each_unit_its_own_part(world: World) -> None:
    whole = world.accepted()
    world.do("break_down_commitment", "a_head", whole, units=[world.units[c].pk for c in ("530402", "530423")])
    sequence_pending(world.at)
    entry = last()
    assert entry.type == "delivery.CommitmentBrokenDown"
    seen = records.record(world.who("th_head"), entry.pk)
    assert not seen.whole
    assert {c.lead.code for c in seen.commitments} == {"530423"}
    assert "530402" not in json.dumps(seen.facts["after"], ensure_ascii=False)
    assert len([k for k in seen.facts["after"] if k.startswith(records.COMMITMENT)]) == 1
    assert records.record(world.who("a_head"), entry.pk).whole


def test_the_proof_of_a_viewer_stays_the_same(world: World, enter: Enter) -> None:
    world.reported(60)
    sequence_pending(world.at)
    entry = last()
    before = records.record(world.who("a_head"), entry.pk).facts["proof"]
    world.issued("532900")
    sequence_pending(world.at)
    assert records.record(world.who("a_head"), entry.pk).facts["proof"] == before
    assert records.record(world.who("auditor"), entry.pk).facts["proof"]["size"] > before["size"]


def test_the_printed_check_holds_for_every_entry_and_fails_for_a_forged_one(world: World, tmp_path: Path) -> None:
    world.closed()
    sequence_pending(world.at)
    auditor = world.who("auditor")
    for entry in Entry.objects.order_by("pk")[::7]:
        proof = records.record(auditor, entry.pk).facts["proof"]
        assert proof["holds"]
        for forged in (False, True):
            told = {**proof, "leaf": proof["leaf"].replace('"v":1', '"v":2') + (" " if forged else "")}
            if not forged:
                told = proof
            (tmp_path / "proof.json").write_text(json.dumps(told))
            done = subprocess.run(
                [sys.executable, "-I", "-c", CHECK % proof], cwd=tmp_path, capture_output=True, text=True, check=True
            )
            assert done.stdout.strip() == str(not forged)


def test_the_pages_in_both_languages_and_before_the_number_is_given(world: World, enter: Enter) -> None:
    world.reported(60)
    entry = last()
    for language in ("en", "zh-hans"):
        client = enter("auditor", language)
        assert client.get("/ledger/").status_code == 200
        assert client.get(f"/ledger/{entry.pk}/").status_code == 200
    sequence_pending(world.at)
    page = enter("auditor").get(f"/ledger/{entry.pk}/").content.decode()
    assert "管网接通四百米" in page
    assert entry.payload_sha256 in page
    assert "Check it yourself" in page
    assert enter("auditor").get("/ledger/999999/").status_code == 404
    assert enter("auditor").get("/ledger/?before=x").status_code == 200


def test_statements_do_not_grow_with_entries(world: World, enter: Enter) -> None:
    client = enter("a_head")
    world.reported(60)
    client.get("/ledger/")
    with CaptureQueriesContext(connection) as few:
        client.get("/ledger/")
    for _n in range(4):
        world.reported(60)
    with CaptureQueriesContext(connection) as many:
        client.get("/ledger/")
    assert len(many) == len(few)
