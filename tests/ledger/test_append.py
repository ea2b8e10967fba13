from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from tests.ledger import world
from tests.ledger.plugin import lifted
from tests.ledger.world import AT, DEPUTY, ThingDone, act, number_all

from luoshi.ledger import models, queries, registry, services
from luoshi.rules import chain
from luoshi.rules.refusals import Refused

pytestmark = pytest.mark.django_db


def append(**more: Any) -> models.Entry:
    return services.append(**{"event": ThingDone("x"), "actor": world.ACTOR, "at": AT, **more})


@pytest.mark.django_db(transaction=True)
def test_an_entry_outside_a_transaction_is_refused() -> None:
    with pytest.raises(RuntimeError, match="transaction"):
        append()
    assert not models.Entry.objects.exists()


def test_an_entry_holds_what_the_blueprint_says() -> None:
    entry = act("A1", actor=DEPUTY, state="closed", version=2)
    leaf = json.loads(entry.leaf)
    assert set(leaf) == {
        *("v", "alg", "ts", "occurred_at", "actor_post", "on_behalf_of", "type", "subjects_digest"),
        *("payload_sha256", "salt"),
    }
    assert (leaf["actor_post"], leaf["on_behalf_of"]) == ("532930-office", "532930-head")
    text = entry.payload.text
    assert set(json.loads(text)) == {"type", "v", "data", "after", "actor", "subjects"}
    for secret in ("li.ming", "李明"):
        assert secret not in text + entry.leaf
    assert queries.person_is(entry, "li.ming")
    assert not queries.person_is(entry, "wang.fang")


def test_several_acts_in_as_many_statements_as_one() -> None:
    """Each act has an entry of its own, found under its own refs, in the order given; what was prepared is the same."""
    acts = [services.Act(ThingDone(f"n{n}"), {f"probe.thing:A{n}": {"state": "open"}}, (f"A{n}",)) for n in range(30)]
    with transaction.atomic(), CaptureQueriesContext(connection) as one:
        services.append_each(acts[:1], actor=world.ACTOR, at=AT)
    with transaction.atomic(), CaptureQueriesContext(connection) as many:
        entries = services.append_each(acts[1:], actor=world.ACTOR, at=AT)
    assert len(many) <= len(one) + 6
    with transaction.atomic():
        written = services.prepare(ThingDone("last"), actor=world.ACTOR, at=AT, subjects=("A99",))
        entries.append(services.append_prepared(written))
    number_all()
    assert [entry.pk for entry in queries.entries_for("A7", limit=5)] == [entries[6].pk]
    assert [entry.pk for entry in queries.entries_for("A99", limit=5)] == [entries[-1].pk]
    numbers = [entry.sequence.number for entry in models.Entry.objects.order_by("pk").select_related("sequence")]
    assert numbers == list(range(1, 32))


def test_what_is_found_by_its_number_does_not_stand_in_the_index_by_its_key_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(registry, "_governed", {"probe.thing": world.iterate, "probe.part": world.iterate})
    monkeypatch.setattr(registry, "_parts", {"probe.part"})
    after: dict[str, Any] = {"probe.thing:A1": {"said": 1}, "probe.thing:B1": {"said": 2}, "probe.part:7": {"said": 3}}
    with transaction.atomic():
        entry = append(subjects=("A1",), after=after)
    assert set(entry.subjects.values_list("ref", flat=True)) == {"A1", "probe.thing:B1"}
    for ref in ("A1", "probe.thing:A1", "probe.thing:B1"):
        assert [one.pk for one in queries.entries_for(ref)] == [entry.pk], ref
    for ref in ("B1", "probe.part:7", "A2", "probe.thing:A2"):
        assert queries.entries_for(ref) == [], ref


@pytest.mark.parametrize("count", [0, 1, 4, 5, 300])
def test_an_entry_is_found_by_each_of_its_refs(count: int) -> None:
    refs = [f'甲"{number}\\' for number in range(count)]
    with transaction.atomic():
        entry = append(subjects=refs)
    assert sorted(entry.subjects.values_list("ref", flat=True)) == sorted(refs)
    assert models.Entry.objects.get(pk=entry.pk).recorded_at == entry.recorded_at


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"after": {"thing": {}}}, "no key"),
        ({"after": {"probe.other:1": {}}}, "nobody governs"),
        ({"after": {"probe.thing:1": {"share": 0.5}}}, "floats are refused"),
        ({"subjects": ("",)}, "no subject"),
        ({"subjects": ("x" * 201,)}, "no subject"),
        ({"subjects": ("a\x00b",)}, "no subject"),
        ({"event": object}, "no event|not an event"),
    ],
)
def test_what_the_ledger_cannot_hold_is_refused(more: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        append(**more)
    assert not models.Entry.objects.exists()


def test_an_event_needs_a_well_formed_type() -> None:
    @dataclass(frozen=True)
    class Odd:
        TYPE: ClassVar[str] = "odd"
        V: ClassVar[int] = 1

    with pytest.raises(ValueError, match="no event type"):
        append(event=Odd())


def test_a_bulk_act_is_one_entry_and_few_statements() -> None:
    refs = tuple(f"5329{number:08d}" for number in range(16_495))
    with CaptureQueriesContext(connection) as few:
        entry = append(event=ThingDone("bulk"), subjects=refs)
    assert len(few) <= 8
    assert models.EntrySubject.objects.filter(entry=entry).count() == 16_495
    assert [found.pk for found in queries.entries_for(refs[-1])] == [entry.pk]
    number_all()
    assert queries.audit(at=AT).clean


def test_an_act_rolled_back_leaves_nothing() -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        raise ZeroDivisionError(append().pk)
    assert not models.Entry.objects.exists()


def test_numbers_follow_and_the_stored_tree_is_the_tree() -> None:
    leaves = [bytes.fromhex(act(f"A{count}", state="x").leaf_digest) for count in range(37)]
    number_all()
    frontier = chain.Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    head = queries.head()
    assert (head.size, head.root) == (37, frontier.root().hex())
    for number in (1, 16, 17, 33, 37):
        facts = queries.entry_facts(queries.get_entry(number))
        assert facts["number"] == number
        assert facts["proof"]["holds"]
        assert facts["proof"]["root"] == head.root
    assert chain.verify_consistency(
        20,
        37,
        [bytes.fromhex(step) for step in queries.consistency(20, 37)],
        bytes.fromhex(queries.inclusion(queries.get_entry(1), 20)["root"]),  # type: ignore[index]
        bytes.fromhex(head.root),
    )


def test_a_timeline_is_paged_newest_first() -> None:
    for count in range(7):
        act("A1", version=count)
        act("A2", version=count)
    first = queries.entries_for("A1", limit=4)
    rest = queries.entries_for("probe.thing:A1", limit=4, before=first[-1].pk)
    versions = [json.loads(entry.payload.text)["after"]["probe.thing:A1"]["version"] for entry in first + rest]
    assert versions == [6, 5, 4, 3, 2, 1, 0]
    assert queries.entries_for("A") == []


def test_the_numbers_of_statements_do_not_grow_with_the_entries() -> None:
    for count in range(40):
        act("A1", version=count)
    number_all()
    with CaptureQueriesContext(connection) as few:
        for entry in queries.entries_for("A1"):
            assert queries.said(entry)["ref"] == "A1"
            assert queries.number_of(entry)
    assert len(few) == 2
    with CaptureQueriesContext(connection) as few:
        queries.entry_facts(queries.get_entry(23))
    assert len(few) <= 6


def test_an_unknown_number_is_refused() -> None:
    with pytest.raises(Refused, match="nothing here"):
        queries.get_entry(1)


def test_checkpoints_stand_where_they_were_set() -> None:
    assert services.checkpoint(AT) is None
    act("A1", version=1)
    number_all()
    mark = services.checkpoint(AT)
    assert mark is not None
    assert (mark.size, mark.root) == (1, queries.head().root)
    assert services.checkpoint(AT) == mark
    assert queries.entry_facts(queries.get_entry(1))["checkpoint"]["root"] == mark.root


@pytest.mark.parametrize("table", models.GUARDED)
def test_the_database_refuses_to_change_or_delete(table: str) -> None:
    act("A1", version=1)
    with transaction.atomic():
        many = {f"probe.thing:M{number}": {"words": "逐级落实" * 10} for number in range(200)}
        world.rows.update(many)
        services.append(world.ThingDone("M1"), actor=world.ACTOR, at=AT, after=many, subjects=("M1",))
    number_all()
    services.checkpoint(AT)
    column = {"ledger_checkpoint": "size", "ledger_node": "hash", "ledger_sequence": "chain"}.get(table)
    column = column or {"ledger_entrypayload": "text", "ledger_entrysubject": "ref", "ledger_entrybrief": "data"}.get(
        table, "type"
    )
    statements = [f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}"]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        statements += [f"TRUNCATE {table} CASCADE"]
        statements += [f"SET LOCAL session_replication_role = replica; DELETE FROM {table}"]
    else:
        statements += [f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}"]
    for statement in statements:
        with (
            pytest.raises(IntegrityError, match="only grows"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
    assert queries.audit(at=AT).clean


def test_triggers_come_back_after_they_were_lifted() -> None:
    act("A1", version=1)
    with lifted(connection):
        models.Entry.objects.update(type="x")
        models.Entry.objects.update(type="probe.ThingDone")
    number_all()
    assert queries.audit(at=AT).clean


def test_a_label_is_governed_once() -> None:
    registry.govern("probe.thing", world.iterate)
    with pytest.raises(ValueError, match="already"):
        registry.govern("probe.thing", lambda: iter(()))
    with pytest.raises(ValueError, match="no label"):
        registry.govern("Thing", lambda: iter(()))


def test_times_told_later_are_kept_apart() -> None:
    with transaction.atomic():
        entry = append(occurred_at=AT - timedelta(hours=5), actor=replace(world.ACTOR, user_id=12))
    assert json.loads(entry.leaf)["occurred_at"] == "2024-03-01T03:30:00.000000Z"
    assert json.loads(entry.leaf)["ts"] == "2024-03-01T08:30:00.000000Z"
