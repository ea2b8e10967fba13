"""Statements planned once a connection: the same answers, and where they must not be prepared they are not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection, reset_queries, transaction
from django.db.models import F
from django.db.models.functions import Length
from django.forms import model_to_dict
from django.test.utils import CaptureQueriesContext

from luoshi.accounts.adapters import Kept, composed_once, planned
from luoshi.units.models import Post, Unit

if TYPE_CHECKING:
    from tests.units.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None) -> World:
    """A small tree with posts and people."""
    from tests.units import world as module

    return module.build()


ASKED = "SELECT id, name FROM units_unit WHERE parent_id = %s AND name <> %s ORDER BY id"


def ask(parent: int) -> list[tuple[Any, ...]]:
    with planned() as cursor:
        cursor.execute(ASKED, [parent, "100%"])
        return list(map(tuple, cursor.fetchall()))


def prepared() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT COUNT(*) FROM pg_prepared_statements WHERE statement LIKE 'SELECT id, name FROM units_un%%'"
        )
        return int(cursor.fetchone()[0])


def family(world: World) -> tuple[Unit, list[Unit]]:
    """A unit and those below it, in the order of their ids."""
    top = world.units["532900"]
    return top, list(Unit.objects.filter(parent=top).order_by("pk"))


@pytest.mark.skipif(connection.vendor != "postgresql", reason="only PostgreSQL keeps plans")
def test_the_plan_is_kept_and_the_answers_are_fresh(world: World) -> None:
    top, made = family(world)
    for _time in range(8):
        assert ask(top.pk) == [(unit.pk, unit.name) for unit in made]
    assert prepared() == 1
    Unit.objects.filter(pk=made[0].pk).update(parent=None)
    assert ask(top.pk) == [(unit.pk, unit.name) for unit in made[1:]]
    assert ask(-1) == []


@pytest.mark.skipif(connection.vendor != "postgresql", reason="only PostgreSQL keeps plans")
def test_behind_a_pooler_nothing_is_prepared(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    top, made = family(world)
    before = prepared()
    monkeypatch.setitem(connection.settings_dict, "DISABLE_SERVER_SIDE_CURSORS", True)
    with planned() as cursor:
        cursor.execute("SELECT id, name FROM units_unit WHERE parent_id = %s", [top.pk])
        assert len(cursor.fetchall()) == len(made)
    assert prepared() == before


def test_statements_that_are_logged_can_be_told(world: World, settings: Any) -> None:
    top, made = family(world)
    settings.DEBUG = True
    reset_queries()
    assert len(ask(top.pk)) == len(made)
    assert "units_unit" in connection.queries[-1]["sql"]


def test_a_query_is_composed_once_and_asked_every_time(world: World) -> None:
    top, made = family(world)
    composed: list[int] = []

    def below() -> Any:
        composed.append(1)
        return Unit.objects.filter(parent=top).select_related("area").order_by("pk")

    for _time in range(3):
        assert composed_once(Unit, ("below", top.pk), below) == made
    assert composed == [1]
    Unit.objects.filter(pk=made[-1].pk).update(parent=None)
    assert composed_once(Unit, ("below", top.pk), below) == made[:-1]
    assert composed_once(Unit, ("none", top.pk), lambda: Unit.objects.filter(parent=made[0])) == []


def test_a_query_composed_once_makes_what_the_query_makes(world: World) -> None:
    """Converted values and annotations included, the second time, too."""
    top, _made = family(world)

    def below() -> Any:
        return Unit.objects.filter(parent=top).annotate(size=Length("name"), up=F("parent__name")).order_by("pk")

    asked = list(below())
    for _time in range(2):
        found = composed_once(Unit, ("measured", top.pk), below)
        assert [model_to_dict(one) for one in found] == [model_to_dict(one) for one in asked]
        assert [type(one.valid_from) for one in found] == [type(one.valid_from) for one in asked]
        assert [(one.size, one.up) for one in found] == [(one.size, one.up) for one in asked]  # type: ignore[attr-defined]
        assert not any(one._state.adding for one in found)


def test_a_kept_query_makes_what_the_query_makes(world: World) -> None:
    """Other texts, the same composed statement; relations, deferred columns and converted values included."""
    post = Post.objects.select_related("unit__area").order_by("pk")
    kept = Kept(1, lambda ref: post.filter(ref=ref).only("ref", "role", "unit__name", "unit__area__valid_from"))
    for one in post:
        (made,) = kept.ask(one.ref)
        assert made == one
        assert "title" in made.get_deferred_fields()
        with CaptureQueriesContext(connection) as asked:
            assert (made.role, made.unit.name) == (one.role, one.unit.name)
            assert made.unit.area.valid_from == one.unit.area.valid_from
        assert not asked
        assert made.title == one.title, "what was left out is fetched when it is looked at"
    assert kept.ask("nobody' OR 1 = 1 --") == []


def test_a_kept_query_of_numbers(world: World) -> None:
    kept = Kept(1, lambda role, pk: Post.objects.filter(pk=pk, role=role), numbers=1)
    for one in Post.objects.all():
        assert kept.ask(one.role, one.pk) == [one]
        assert kept.ask("nobody", one.pk) == []
    assert kept.ask("head", -1) == []


@pytest.mark.django_db(transaction=True)
def test_a_kept_query_that_locks_needs_a_transaction() -> None:
    kept = Kept(1, lambda ref: Post.objects.filter(ref=ref).select_for_update())
    with transaction.atomic():
        assert kept.ask("x") == []
    with pytest.raises(RuntimeError, match="atomic"):
        kept.ask("x")


def test_a_text_that_is_not_in_the_query_as_it_is_is_refused(db: None) -> None:
    with pytest.raises(ValueError, match="as it is"):
        Kept(2, lambda ref, _other: Post.objects.filter(ref=ref)).ask("a", "b")
    with pytest.raises(ValueError, match="as it is"):
        Kept(1, lambda ref: Post.objects.filter(ref__startswith=ref)).ask("a")
