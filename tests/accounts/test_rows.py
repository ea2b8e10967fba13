"""Rows written by statements composed once are the rows that ``save`` would have written."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection, models
from django.test.utils import CaptureQueriesContext
from tests.units import world as units

from luoshi.accounts.adapters import changes_of, columns_of, write_new
from luoshi.ledger.adapters import run
from luoshi.units.models import Post, Unit

pytestmark = pytest.mark.django_db


@pytest.fixture
def unit(db: None) -> Unit:
    """A unit of a small tree."""
    return units.build().units["532930"]


def write_changes(row: models.Model, before: dict[str, Any]) -> None:
    if changes := changes_of(row, before):
        run(changes)


def stored(unit: Unit) -> dict[str, Any]:
    return Unit.objects.filter(pk=unit.pk).values()[0]


def test_only_what_changed_is_written(unit: Unit) -> None:
    before, row = columns_of(unit), stored(unit)
    Unit.objects.filter(pk=unit.pk).update(name="别处改的")
    unit.short_name, unit.version, unit.valid_until = "洱源", unit.version + 1, dt.date(2030, 1, 1)
    with CaptureQueriesContext(connection) as asked:
        write_changes(unit, before)
    assert len(asked) == 1
    changed = {"name": "别处改的", "short_name": "洱源", "version": unit.version, "valid_until": dt.date(2030, 1, 1)}
    assert stored(unit) == {**row, **changed}


def test_a_list_changed_in_place_is_noticed(unit: Unit) -> None:
    before = columns_of(unit)
    unit.aliases.append("洱源县人民政府")
    write_changes(unit, before)
    assert "洱源县人民政府" in stored(unit)["aliases"]
    write_changes(unit, {**before, "aliases": list(unit.aliases)})


def test_what_did_not_change_asks_nothing(unit: Unit) -> None:
    with CaptureQueriesContext(connection) as asked:
        write_changes(unit, columns_of(unit))
    assert len(asked) == 0


def test_a_column_that_was_set_without_being_read_is_written_and_the_rest_left(unit: Unit) -> None:
    row = stored(unit)
    partly = Unit.objects.only("pk", "version").get(pk=unit.pk)
    before = columns_of(partly)
    assert set(before) == {"version"}
    partly.name = "新名"
    with CaptureQueriesContext(connection) as asked:
        write_changes(partly, before)
    assert len(asked) == 1
    assert stored(unit) == {**row, "name": "新名"}


def test_a_value_may_be_taken_away(unit: Unit) -> None:
    for value in (dt.date(2031, 2, 3), None):
        before = columns_of(unit)
        unit.valid_until = value
        write_changes(unit, before)
        assert stored(unit)["valid_until"] == value


def test_a_new_row_is_the_one_that_save_would_make(unit: Unit) -> None:
    told = {"unit": unit, "title": "主要负责人", "role": "head", "contact": "0872-5120000"}
    one, other = Post(ref="X-1", **told), Post(ref="X-2", **told)
    write_new(one)
    other.save()
    made, saved = (Post.objects.filter(pk=post.pk).values()[0] for post in (one, other))
    assert {**made, "id": other.pk, "ref": "X-2"} == saved
    one.title = "办公室主任"
    one.save()  # an update of that row, not a second one
    assert Post.objects.filter(ref="X-1").values_list("title", flat=True).get() == "办公室主任"
