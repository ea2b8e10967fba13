"""Principle 6 and the law of paths: whatever moves, prefixes stay subtrees and the ledger holds every row."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.units.world import AT, DAY, World

from luoshi.ledger import registry
from luoshi.ledger.models import EntryPayload
from luoshi.rules.paths import segment, within
from luoshi.rules.permissions import SYSTEM
from luoshi.rules.refusals import Refused
from luoshi.units import queries, services
from luoshi.units.models import Unit, UnitChange


def laws() -> None:
    for unit in Unit.objects.select_related("parent", "area"):
        above = unit.parent.path if unit.parent else ""
        assert unit.path == above + segment(unit.pk)
        assert unit.area.path == unit.path if unit.is_area else unit.path.startswith(unit.area.path)


def test_paths_are_subtrees_and_codes_are_not(world: World) -> None:
    eryuan, jianchuan = world.units["532930"], world.units["532931"]
    laws()
    assert not within(jianchuan.path, eryuan.path)
    seen = queries.in_scope(Unit.objects.all(), "path", world.handler)
    assert {unit.code for unit in seen} == {"532930", "532930100", "532930401", "532930100201"}
    with pytest.raises(Refused) as refusal:
        queries.unit_in_scope(world.handler, jianchuan.pk)
    assert refusal.value.code == "not_found"


def test_move_takes_the_subtree_and_keeps_history(world: World) -> None:
    town, target = world.units["532930100"], world.units["532931"]
    old = town.path
    on = dt.date(2026, 3, 10)
    moved = services.move_unit(
        actor=world.admin, at=AT, unit_id=town.pk, parent_id=target.pk, reason="区划调整", on=on, version=1
    )
    laws()
    assert moved.path.startswith(target.path)
    assert world.fresh("532930100201").path.startswith(moved.path)
    assert queries.unit_at(moved, DAY).path == old
    assert queries.unit_at(moved, on).path == moved.path
    assert UnitChange.objects.filter(what="moved", on=on).count() == 2
    with pytest.raises(Refused, match="changed meanwhile"):
        services.move_unit(actor=world.admin, at=AT, unit_id=town.pk, parent_id=target.pk, reason="x", on=on, version=1)


def test_move_refusals_change_nothing(world: World) -> None:
    before = list(Unit.objects.values_list("pk", "path", "version"))
    town = world.units["532930100"]
    cases = [
        (world.county_admin, town.pk, world.units["532931"].pk, "administrators_only"),
        (world.handler, town.pk, world.units["532930"].pk, "administrators_only"),
        (world.admin, world.units["532930"].pk, world.units["532930100"].pk, "move_below_itself"),
        (world.admin, world.units["532930"].pk, world.units["530423"].pk, "level_does_not_fit"),
        (world.admin, 999_999, world.units["530423"].pk, "not_found"),
    ]
    for actor, unit_id, parent_id, code in cases:
        with pytest.raises(Refused) as refusal:
            services.move_unit(actor=actor, at=AT, unit_id=unit_id, parent_id=parent_id, reason="x", on=DAY)
        assert refusal.value.code == code
    with pytest.raises(Refused) as refusal:
        services.move_unit(
            actor=world.admin, at=AT, unit_id=town.pk, parent_id=world.units["532931"].pk, reason=" ", on=DAY
        )
    assert refusal.value.code == "reason_missing"
    assert list(Unit.objects.values_list("pk", "path", "version")) == before


@pytest.mark.django_db(transaction=False)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=st.lists(st.tuples(st.integers(0, 10), st.integers(0, 10)), max_size=6))
def test_any_row_of_moves_keeps_the_laws(world: World, moves: list[tuple[int, int]]) -> None:
    ids = sorted(unit.pk for unit in world.units.values())
    for what, where in moves:
        sizes = {
            unit.pk: Unit.objects.filter(path__gte=unit.path, path__lt=unit.path + "~").count()
            for unit in Unit.objects.all()
        }
        try:
            services.move_unit(actor=SYSTEM, at=AT, unit_id=ids[what], parent_id=ids[where], reason="x", on=DAY)
        except Refused:
            continue
        moved = Unit.objects.get(pk=ids[what])
        assert Unit.objects.filter(path__gte=moved.path, path__lt=moved.path + "~").count() == sizes[moved.pk]
    laws()


def test_rename_keeps_the_old_name_findable(world: World) -> None:
    unit = world.units["530423"]
    services.rename_unit(
        actor=world.admin, at=AT, unit_id=unit.pk, name="通海市", reason="撤县设市", on=dt.date(2026, 4, 1)
    )
    assert queries.find_unit("通海县").pk == unit.pk
    assert queries.find_unit("通海市").pk == unit.pk
    fresh = world.fresh("530423")
    assert queries.unit_at(fresh, DAY).name == "通海县"
    assert queries.unit_at(fresh, dt.date(2026, 4, 1)).name == "通海市"


def test_merge_moves_children_and_posts(world: World) -> None:
    source, into = world.units["532930"], world.units["532931"]
    services.merge_units(actor=world.admin, at=AT, unit_ids=[source.pk], into_id=into.pk, reason="合并", on=DAY)
    laws()
    gone = Unit.objects.get(pk=source.pk)
    assert gone.valid_until == DAY
    assert not gone.receives
    assert {unit.code for unit in queries.children_of(into)} == {"532930100", "532930401"}
    assert queries.actor_for(world.users["handler"], at=AT).seat.unit_id == into.pk
    assert queries.find_unit("洱源县").pk == into.pk
    with pytest.raises(Refused) as refusal:
        services.merge_units(
            actor=world.admin, at=AT, unit_ids=[world.units["530400"].pk], into_id=into.pk, reason="x", on=DAY
        )
    assert refusal.value.code == "merge_levels_differ"


def test_split_gives_everything_to_a_part(world: World) -> None:
    unit = world.units["532930"]
    child = world.units["532930100"]
    with pytest.raises(Refused) as refusal:
        services.split_unit(
            actor=world.admin, at=AT, unit_id=unit.pk, parts=[services.Part("甲县")], keep=False, reason="x", on=DAY
        )
    assert refusal.value.code == "split_leaves_rest"
    made = services.split_unit(
        actor=world.admin,
        at=AT,
        unit_id=unit.pk,
        parts=[
            services.Part("甲县", "532930", (child.pk,), ("E-H", "E-ADM")),
            services.Part("乙县", "532939", (world.units["532930401"].pk,)),
        ],
        keep=False,
        reason="分设",
        on=DAY,
    )
    laws()
    assert [part.name for part in made] == ["甲县", "乙县"]
    assert Unit.objects.get(pk=unit.pk).valid_until == DAY
    assert queries.actor_for(world.users["handler"], at=AT).seat.unit_id == made[0].pk
    assert Unit.objects.get(pk=child.pk).path.startswith(made[0].path)


def test_close_needs_an_empty_unit(world: World) -> None:
    with pytest.raises(Refused) as refusal:
        services.close_unit(actor=world.admin, at=AT, unit_id=world.units["532930"].pk, reason="x", on=DAY)
    assert refusal.value.code == "unit_not_empty"
    services.close_unit(actor=world.admin, at=AT, unit_id=world.units["532930100201"].pk, reason="x", on=DAY)
    with pytest.raises(Refused) as refusal:
        services.close_unit(actor=world.admin, at=AT, unit_id=world.units["532930100201"].pk, reason="x", on=DAY)
    assert refusal.value.code == "unit_closed"


STANDARDS = [
    {
        "key": "water",
        "names": {"province": "水利厅", "prefecture": "水务局", "county": "水务局"},
        "aliases": ["水利局"],
    },
    {"key": "office", "names": {"county": "督查室"}, "superior_key": False},
]


def test_standard_departments_have_their_superiors(world: World) -> None:
    areas = list(Unit.objects.filter(kind="area"))
    made = services.create_standard_departments(actor=SYSTEM, at=AT, areas=areas, standards=STANDARDS)
    assert len(made) == 1 + 2 + 2 * 5
    laws()
    county = next(unit for unit in made if unit.area_id == world.units["532930"].pk and unit.standard_key == "water")
    assert county.superior is not None
    assert county.superior.area_id == world.units["532900"].pk
    assert services.create_standard_departments(actor=SYSTEM, at=AT, areas=areas, standards=STANDARDS) == []
    services.move_unit(
        actor=SYSTEM, at=AT, unit_id=world.units["532930"].pk, parent_id=world.units["530400"].pk, reason="x", on=DAY
    )
    assert Unit.objects.get(pk=county.pk).superior.area_id == world.units["530400"].pk  # type: ignore[union-attr]
    assert queries.find_unit("水利局", world.units["532931"]).area_id == world.units["532931"].pk
    moved = Unit.objects.get(pk=county.pk)
    assert [area.code for area in queries.line_above(moved)] == ["530000", "530400", "532930"]


def test_find_unit(world: World) -> None:
    assert queries.find_unit("玉溪").code == "530400"
    assert queries.find_unit("大理州").code == "532900"
    assert queries.find_unit("532930").name == "洱源县"
    assert queries.find_unit(" 洱 源 ").code == "532930"
    with pytest.raises(Refused) as refusal:
        queries.find_unit("大理")
    assert refusal.value.code == "unit_ambiguous"
    assert "大理市" in str(refusal.value)
    assert queries.find_unit("大理", world.units["532900"]).code == "532901"
    for text in ("", "不存在", "x" * 500, "%", "'"):
        with pytest.raises(Refused) as refusal:
            queries.find_unit(text)
        assert refusal.value.code == "unit_unknown"


def test_areas_below_leaves_out_the_statistical(world: World) -> None:
    assert [unit.code for unit in queries.areas_below(world.units["532930"])] == ["532930100"]


def folded_is_stored() -> None:
    folded: dict[str, object] = {}
    for payload in EntryPayload.objects.order_by("entry_id"):
        folded.update(json.loads(payload.text)["after"])
    rows = {
        key: json.loads(json.dumps(state))
        for label, stream in registry.governed().items()
        if label.startswith("units.")
        for key, state in stream()
    }
    assert folded == rows


@pytest.mark.principle(6)
def test_the_ledger_folds_to_the_rows_after_a_split(world: World) -> None:
    test_split_gives_everything_to_a_part(world)
    folded_is_stored()


@pytest.mark.principle(6)
def test_the_ledger_folds_to_the_rows_after_a_merger(world: World) -> None:
    areas = list(Unit.objects.filter(kind="area"))
    services.create_standard_departments(actor=SYSTEM, at=AT, areas=areas, standards=STANDARDS)
    test_merge_moves_departments_too(world)
    test_move_takes_the_subtree_and_keeps_history(world)
    folded_is_stored()


def test_merge_moves_departments_too(world: World) -> None:
    """A department that the receiving area has already goes over without its standard key."""
    source, into = world.units["530402"], world.units["530423"]
    areas = [source, into]
    services.create_standard_departments(actor=SYSTEM, at=AT, areas=areas, standards=STANDARDS)
    services.merge_units(actor=SYSTEM, at=AT, unit_ids=[source.pk], into_id=into.pk, reason="合并", on=DAY)
    laws()
    departments = queries.children_of(into, ("department",))
    assert sorted(unit.standard_key for unit in departments) == ["", "", "office", "water"]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite compares bytes already")
def test_paths_are_compared_byte_by_byte(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT collation_name FROM information_schema.columns WHERE table_name = %s AND column_name = %s",
            ["units_unit", "path"],
        )
        assert cursor.fetchone() == ("C",)


def test_a_department_gets_its_professional_superior(world: World) -> None:
    made = {}
    for code in ("530000", "530400"):
        made[code] = services.create_unit(
            actor=SYSTEM,
            at=AT,
            kind="department",
            level=world.units[code].level,
            name=f"水利{code}",
            parent_id=world.units[code].pk,
            on=AT.date(),
        )
    unit = services.set_professional_superior(
        actor=world.admin, at=AT, unit_id=made["530400"].pk, superior_id=made["530000"].pk
    )
    assert unit.superior_id == made["530000"].pk
    with pytest.raises(Refused):
        services.set_professional_superior(actor=world.handler, at=AT, unit_id=made["530400"].pk, superior_id=None)


def test_many_posts_are_seated_in_one_act(world: World) -> None:
    unit = world.units["532931"]
    specs = [services.PostSpec(unit_id=unit.pk, title=f"岗位{n}", role="handler", ref=f"M-{n}") for n in range(2)]
    services.create_posts(actor=SYSTEM, at=AT, specs=specs)
    seatings = [
        services.Seating(post_ref=f"M-{n}", user_id=world.users[name].pk, from_on=DAY)
        for n, name in enumerate(("next", "spare"))
    ]
    held = services.seat_holders(actor=SYSTEM, at=AT, seatings=seatings)
    assert [holding.post.ref for holding in held] == ["M-0", "M-1"]
    with pytest.raises(Refused) as refused:
        services.seat_holders(actor=SYSTEM, at=AT, seatings=seatings)
    assert refused.value.code == "post_is_held"
