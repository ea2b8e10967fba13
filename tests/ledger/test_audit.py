from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import Model
from django.utils import timezone
from tests.ledger import world
from tests.ledger.plugin import lifted
from tests.ledger.world import AT, ThingDone, act, number_all

from luoshi.ledger import models, queries, services

pytestmark = pytest.mark.django_db


@pytest.fixture
def ledger() -> None:
    for count in range(1, 10):
        act(f"A{count % 3}", state="open", version=count)
    number_all()
    services.checkpoint(AT)
    for count in range(10, 12):
        act(f"A{count % 3}", version=count)
    number_all()
    assert queries.audit(at=AT).clean


def tamper(statement: str, *params: Any) -> str:
    """Change rows as the owner of the database could, and hear what the audit says."""
    with lifted(connection), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL session_replication_role = replica")
        else:
            cursor.execute("PRAGMA defer_foreign_keys = ON")
        cursor.execute(statement, params)
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL session_replication_role = origin")
    return str(queries.audit(at=AT).difference)


def id_of(number: int) -> int:
    return queries.get_entry(number).pk


@pytest.mark.usefixtures("ledger")
@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            "UPDATE ledger_entrypayload SET text = replace(text, '已完成', '未完成') WHERE entry_id = {4}",
            "Entry 4: its content",
        ),
        ("UPDATE ledger_entry SET actor_post = 'other' WHERE id = {4}", "Entry 4: actor_post is 'other'"),
        ("UPDATE ledger_entry SET type = 'probe.Other' WHERE id = {4}", "Entry 4: type is 'probe.Other'"),
        ("UPDATE ledger_entry SET ts = '2024-02-01 00:00:00+00:00' WHERE id = {4}", "Entry 4: ts is"),
        ("UPDATE ledger_entry SET salt = 'ff' WHERE id = {4}", "Entry 4: salt is 'ff'"),
        ("UPDATE ledger_entry SET leaf = replace(leaf, 'sha256', 'sha257') WHERE id = {4}", "Entry 4: alg is 'sha256'"),
        ("UPDATE ledger_entry SET leaf_digest = payload_sha256 WHERE id = {4}", "Entry 4: its leaf digest is"),
        (
            "UPDATE ledger_entrysubject SET ref = 'B1' WHERE entry_id = {4} AND ref = 'A1'",
            "Entry 4: the index of subjects",
        ),
        ("DELETE FROM ledger_entrysubject WHERE entry_id = {4}", "Entry 4: the index of subjects differs"),
        ("DELETE FROM ledger_entrypayload WHERE entry_id = {4}", "Entry 4: its content is missing"),
        ("UPDATE ledger_sequence SET leaf = chain WHERE number = 4", "Entry 4: its numbered leaf digest"),
        ("UPDATE ledger_sequence SET chain = leaf WHERE number = 4", "Entry 4: the stored chain is"),
        ("UPDATE ledger_sequence SET chain = upper(chain) WHERE number = 4", "Entry 4: the stored chain is"),
        ("UPDATE ledger_sequence SET chain = 'none' WHERE number = 4", "Entry 4: the stored chain is none"),
        ("UPDATE ledger_sequence SET chain = leaf WHERE number = 11", "Entry 11: the stored chain is"),
        ("DELETE FROM ledger_sequence WHERE number = 4", "Entry 4 is missing: no entry holds that number"),
        ("UPDATE ledger_node SET hash = 'ff' WHERE level = 1 AND \"index\" = 1", "Entry 4: tree node 1/1 is ff"),
        ('DELETE FROM ledger_node WHERE level = 2 AND "index" = 0', "Entry 4: tree node 2/0 is None"),
        (
            "INSERT INTO ledger_node (level, \"index\", hash) VALUES (5, 3, 'ff')",
            "The tree holds 9 nodes; 11 entries make 8",
        ),
        ("UPDATE ledger_checkpoint SET root = chain", "Checkpoint at 9 entries: its root is"),
        ("UPDATE ledger_checkpoint SET chain = root", "Checkpoint at 9 entries: its chain is"),
        ("UPDATE ledger_checkpoint SET size = 12", "A checkpoint was set at 12 entries, but the ledger holds 11"),
        ("DELETE FROM ledger_sequence WHERE number = 11", "has waited|has no number and does not wait"),
    ],
)
def test_every_altered_row_is_named(change: str, words: str) -> None:
    said = tamper(change.replace("{4}", str(id_of(4))))
    assert any(word in said for word in words.split("|")), said


@pytest.mark.usefixtures("ledger")
@pytest.mark.parametrize(
    ("model", "more"),
    [(models.EntryPayload, {"text": "{}"}), (models.EntryBrief, {"data": "{}"}), (models.EntrySubject, {"ref": "A1"})],
)
def test_a_row_of_an_entry_that_is_not_there_is_named(model: type[Model], more: dict[str, str]) -> None:
    model._default_manager.bulk_create([model(entry_id=id_of(11) + 1, **more)])
    try:
        assert f"{model._meta.db_table} holds a row of an entry" in str(queries.audit(at=AT).difference)
    finally:  # SQLite looks at its references at the end of the test
        with lifted(connection):
            model._default_manager.filter(entry_id=id_of(11) + 1).delete()
    assert queries.audit(at=AT).clean


@pytest.mark.usefixtures("ledger")
def test_a_forged_entry_with_fitting_digests_breaks_the_chain() -> None:
    entry = queries.get_entry(4)
    text = entry.payload.text.replace("已完成", "未完成")
    digest = hashlib.sha256(text.encode()).hexdigest()
    leaf = entry.leaf.replace(entry.payload_sha256, digest)
    with lifted(connection):
        models.EntryPayload.objects.filter(pk=entry.pk).update(text=text)
        models.Entry.objects.filter(pk=entry.pk).update(
            payload_sha256=digest, leaf=leaf, leaf_digest=hashlib.sha256(b"\0" + leaf.encode()).hexdigest()
        )
    assert "Entry 4: its numbered leaf digest" in str(queries.audit(at=AT).difference)


@pytest.mark.usefixtures("ledger")
def test_rows_are_compared_both_ways() -> None:
    world.rows["probe.thing:A1"]["version"] = 99
    assert str(queries.audit(at=AT).difference) == (
        "probe.thing:A1, version: the ledger says 10 (entry 10), the row says 99."
    )
    world.rows["probe.thing:A1"]["version"] = 10
    world.rows["probe.thing:Z"] = {"state": "open"}
    assert str(queries.audit(at=AT).difference).startswith("probe.thing:Z: there is such a row")
    del world.rows["probe.thing:Z"], world.rows["probe.thing:A2"]
    assert str(queries.audit(at=AT).difference) == (
        "probe.thing:A2: the ledger tells of this row (entry 11), but it is gone."
    )
    with transaction.atomic():
        services.append(ThingDone("A2"), actor=world.ACTOR, at=AT, after={"probe.thing:A2": None})
    number_all()
    report = queries.audit(at=AT)
    assert report.clean
    assert (report.entries, report.rows, report.checkpoints, report.pending) == (12, 2, 1, 0)


@pytest.mark.usefixtures("ledger")
def test_an_entry_may_wait_two_seconds_for_its_number() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("numbered at once on this database")
    entry = act("A1", version=12)
    written = models.Entry.objects.get(pk=entry.pk).recorded_at
    report = queries.audit(at=written + timedelta(seconds=1))
    assert (report.clean, report.pending) == (True, 1)
    late = queries.audit(at=written + timedelta(seconds=5))
    assert str(late.difference).endswith("for 5 seconds; 2 are allowed.")


@pytest.mark.usefixtures("ledger")
def test_missing_triggers_are_named() -> None:
    with lifted(connection):
        assert "ledger_entry are missing" in str(queries.audit(at=AT).difference)


@pytest.mark.usefixtures("ledger")
def test_the_command_says_so_and_exits_one(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("audit")
    assert capsys.readouterr().out
    world.rows["probe.thing:A1"]["version"] = 99
    with pytest.raises(CommandError) as problem:
        call_command("audit")
    assert problem.value.returncode == 1


def test_a_label_nobody_answers_for_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    act("A1", state="open")
    number_all()
    monkeypatch.setattr("luoshi.ledger.registry._governed", {})
    report = queries.audit(at=timezone.now())
    assert (report.clean, report.unchecked) == (True, ["probe.thing"])
    assert json.dumps(report.unchecked)
