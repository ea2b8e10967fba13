"""A migration that draws only what it changes says the same to the database as Django's own way."""

from __future__ import annotations

import pytest
from django.db import connection, migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ModelState, ProjectState

from luoshi.ledger.adapters import migrating

pytestmark = pytest.mark.django_db(transaction=True)


def _applied(
    migration: migrations.Migration, state: ProjectState, way: type[migrations.Migration]
) -> tuple[ProjectState, list[str]]:
    """The state after a migration, and its statements; nothing is run."""
    state = state.clone()
    _ = state.apps  # as the executor leaves it before each migration
    connection.disable_constraint_checking()
    try:
        with connection.schema_editor(collect_sql=True) as editor:
            made = way.apply(migration, state, editor)
    finally:
        connection.enable_constraint_checking()
    return made, [str(one) for one in editor.collected_sql or ()]


@pytest.mark.parametrize(
    "key",
    [
        ("assurance", "0001_campaigns_and_visits"),
        ("office", "0004_channels"),
        ("office", "0006_fewer_indexes"),
        ("meetings", "0002_books"),
        ("intake", "0003_news"),
    ],
)
def test_the_same_statements(key: tuple[str, str]) -> None:
    loader = MigrationLoader(connection)
    migration = loader.graph.nodes[key]
    assert isinstance(migration, migrating.Migration)
    state = loader.project_state(key, at_end=False)
    _made, theirs = _applied(migration, state, migrations.Migration)
    assert theirs, "a migration that says nothing would prove nothing"
    _made, ours = _applied(migration, state, migrating.Migration)
    assert [told for told in zip(ours, theirs, strict=True) if told[0] != told[1]] == []


def test_the_state_afterwards_is_the_same() -> None:
    loader = MigrationLoader(connection)
    key = ("meetings", "0002_books")
    migration = loader.graph.nodes[key]
    state = loader.project_state(key, at_end=False)
    made, _statements = _applied(migration, state, migrating.Migration)
    assert made == loader.project_state(key, at_end=True)
    assert "apps" not in made.__dict__, "what is drawn next is drawn of the state as it now stands"


def test_what_is_pointed_to_is_there_with_its_key_alone() -> None:
    thing = ModelState(
        "box",
        "Thing",
        [
            ("id", models.BigAutoField(primary_key=True)),
            ("name", models.TextField()),
            ("code", models.TextField(unique=True)),
        ],
        {"indexes": [models.Index(fields=["name"], name="thing_name")], "db_table": "things"},
    )
    other = ModelState("box", "Other", [("id", models.BigAutoField(primary_key=True))])
    state = ProjectState({("box", "thing"): thing, ("box", "other"): other})
    operation = migrations.CreateModel(
        "Lid", [("thing", models.OneToOneField("box.Thing", models.PROTECT, primary_key=True))]
    )
    near = migrating.nearby(state, "box", operation)
    assert set(near.models) == {("box", "thing")}
    assert set(near.models["box", "thing"].fields) == {"id", "code"}
    assert near.models["box", "thing"].options == {"db_table": "things", "indexes": [], "constraints": []}
    assert "name" in state.models["box", "thing"].fields, "the state itself is not cut"


def test_the_changed_model_is_whole_and_its_keys_are_followed() -> None:
    key = models.BigAutoField(primary_key=True)
    top = ModelState("box", "Top", [("id", key), ("words", models.TextField())])
    middle = ModelState(
        "box",
        "Middle",
        [("top", models.OneToOneField("box.Top", models.PROTECT, primary_key=True)), ("n", models.IntegerField())],
    )
    low = ModelState(
        "box",
        "Low",
        [("id", key), ("middle", models.ForeignKey("box.Middle", models.PROTECT)), ("n", models.IntegerField())],
    )
    state = ProjectState({("box", one.name_lower): one for one in (top, middle, low)})
    near = migrating.nearby(state, "box", migrations.AddIndex("Low", models.Index(fields=["n"], name="low_n")))
    assert {name: list(one.fields) for (_app, name), one in near.models.items()} == {
        "low": ["id", "middle", "n"],
        "middle": ["top"],
        "top": ["id"],
    }
    assert near.apps.get_model("box", "Low")._meta.get_field("middle").db_parameters(connection)["type"]
