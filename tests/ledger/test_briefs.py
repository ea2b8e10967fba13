"""Lists say what a bulk act said without reading whom it was about; the audit holds brief and content together."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from tests.ledger import world
from tests.ledger.plugin import lifted
from tests.ledger.world import ACTOR, AT, ThingDone

from luoshi.ledger import models, queries, services

pytestmark = pytest.mark.django_db

MANY = 400


def bulk(words: str = "已全部下达") -> models.Entry:
    """One act on many rows, whose content is long."""
    after: dict[str, dict[str, Any]] = {
        f"probe.thing:M{n}": {"state": "issued", "title": "逐级落实"} for n in range(MANY)
    }
    with transaction.atomic():
        world.rows.update(after)
        return services.append(
            ThingDone("M0", words), actor=ACTOR, at=AT, after=after, subjects=[f"M{n}" for n in range(MANY)]
        )


def test_a_long_act_has_a_brief_and_a_short_one_none() -> None:
    short, long = world.act("A1", state="issued"), bulk()
    assert models.EntryBrief.objects.get().entry_id == long.pk
    assert len(long.payload.text) > models.LONG > len(short.payload.text)
    world.number_all()
    assert queries.audit(at=AT).clean


def test_both_are_listed_alike_and_the_content_of_the_long_one_is_not_read() -> None:
    world.act("M0", state="issued")
    bulk()
    world.number_all()
    with CaptureQueriesContext(
        connection,
    ) as asked:
        listed = queries.entries_for("M0")
        told = [queries.said(entry) for entry in listed]
    assert told == [
        {"ref": "M0", "units": [], "words": "已全部下达"},
        {"ref": "M0", "units": [], "words": "已完成"},
    ]
    assert len(asked) == 2
    assert max(len(entry.told) for entry in listed) < models.LONG  # type: ignore[attr-defined]
    assert [queries.number_of(entry) for entry in listed] == [2, 1]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE ledger_entrybrief SET data = replace(data, '下达', '办结')",
        "DELETE FROM ledger_entrybrief",
        "INSERT INTO ledger_entrybrief (entry_id, data) SELECT MIN(id), '{}' FROM ledger_entry",
    ],
)
def test_a_brief_that_says_something_else_is_found(change: str) -> None:
    world.act("A1", state="issued")
    bulk()
    world.number_all()
    with lifted(connection), connection.cursor() as cursor:
        cursor.execute(change)
    assert "its brief does not say what its content says" in str(queries.audit(at=AT).difference)


def test_entries_from_before_get_their_briefs() -> None:
    long = bulk()
    world.number_all()
    kept = long.brief.data
    with lifted(connection), connection.cursor() as cursor:
        cursor.execute("DELETE FROM ledger_entrybrief")
    import_module("luoshi.ledger.migrations.0002_briefs").fill(apps, None)
    assert models.EntryBrief.objects.get(pk=long.pk).data == kept
    assert queries.audit(at=AT).clean
