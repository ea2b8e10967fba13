"""Approved maps: read in whole with source, licence and approval number, or refused with what is wrong."""

from __future__ import annotations

import json
from io import StringIO
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from luoshi.ledger.models import Entry
from luoshi.rules import outlines
from luoshi.rules.permissions import SYSTEM
from luoshi.rules.refusals import Refused
from luoshi.units import queries, services
from luoshi.units.models import AreaMap, MapShape, Unit

from .world import AT

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.django_db

CODES = ("530000", "530400", "532900")
TOLD = {"source": "云南省测绘院", "licence": "内部使用许可 2024-7", "approval_no": "GS（2024）0650号"}


@pytest.fixture
def areas() -> dict[str, Unit]:
    rows = ("code,name,level,parent_code", "530000,云南省,province,", "530400,玉溪市,prefecture,530000")
    table = "\n".join((*rows, "532900,大理州,prefecture,530000", ""))
    assert not services.import_units(actor=SYSTEM, at=AT, text=table).errors
    return {unit.code: unit for unit in Unit.objects.all()}


def square(x: float, y: float, side: float = 1.0) -> list[list[list[float]]]:
    return [[[x, y], [x + side, y], [x + side, y + side], [x, y + side], [x, y]]]


def feature(code: object, coordinates: Any = None, kind: str = "Polygon", **more: Any) -> dict[str, Any]:
    geometry = {"type": kind, "coordinates": coordinates if coordinates is not None else square(102, 24)}
    return {"type": "Feature", "properties": {"code": code}, "geometry": geometry, **more}


def collection(*features: Any, **more: Any) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": list(features), **more}).encode()


GOOD = collection(feature("530400", square(102, 24)), feature(532900, square(101, 24)))


def take(content: bytes, **changes: Any) -> services.MapReport:
    return services.import_map(actor=SYSTEM, at=AT, content=content, name="map.geojson", **{**TOLD, **changes})


def test_a_map_is_read_drawn_and_shown(areas: dict[str, Unit]) -> None:
    report = take(GOOD)
    assert (report.areas, report.errors, report.missing) == (2, (), ())
    found, shapes = queries.shapes_for([areas["530400"].pk, areas["532900"].pk])
    assert found == report.map
    east, west = shapes[areas["530400"].pk], shapes[areas["532900"].pk]
    assert east.path.startswith("M")
    assert west.box[2] == east.box[0]  # they keep one border
    assert west.box[0] == 0
    assert east.box[2] - west.box[0] == outlines.SIDE
    assert west.box[0] < west.label_at[0] < west.box[2]
    assert east.geometry["type"] == "Polygon"
    assert [round(n, 3) for n in east.geometry["coordinates"][0][0]] in [[102, 24], [103, 24], [103, 25], [102, 25]]
    assert Entry.objects.filter(type="units.MapImported").count() == 1


def test_the_same_map_twice_changes_nothing_and_a_dry_run_neither(areas: dict[str, Unit]) -> None:
    assert take(GOOD, dry_run=True).map is None
    assert (AreaMap.objects.count(), Entry.objects.filter(type="units.MapImported").count()) == (0, 0)
    first, second = take(GOOD), take(GOOD)
    assert first.map == second.map
    assert (AreaMap.objects.count(), MapShape.objects.count()) == (1, 2)


def test_a_map_taken_away_gives_way_to_the_one_before(areas: dict[str, Unit]) -> None:
    ids = [areas["530400"].pk, areas["532900"].pk]
    old = take(GOOD).map
    new = take(GOOD, source="另一家").map
    assert queries.shapes_for(ids)[0] == new
    assert new is not None
    services.remove_map(actor=SYSTEM, at=AT, map_id=new.pk)
    assert queries.shapes_for(ids)[0] == old
    with pytest.raises(Refused) as refused:
        services.remove_map(actor=SYSTEM, at=AT, map_id=new.pk)
    assert refused.value.code == "not_found"
    assert old is not None
    services.remove_map(actor=SYSTEM, at=AT, map_id=old.pk)
    assert queries.shapes_for(ids) == (None, {})


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"source": " "}, "map_source_missing"),
        ({"licence": ""}, "map_source_missing"),
        ({"approval_no": ""}, "map_source_missing"),
        ({"approval_no": "没有"}, "map_approval_bad"),
        ({"approval_no": "GS 2024"}, "map_approval_bad"),
    ],
)
def test_without_source_licence_and_approval_nothing_is_read(
    areas: dict[str, Unit], changes: dict[str, str], code: str
) -> None:
    with pytest.raises(Refused) as refused:
        take(GOOD, **changes)
    assert refused.value.code == code
    assert not AreaMap.objects.exists()


@pytest.mark.parametrize("text", ["GS（2024）0650号", "GS(2019)1822号", "滇S（2023）12号", "审S〔2021〕第5号"])
def test_approval_numbers_as_they_are_written(text: str) -> None:
    assert outlines.approval(f" {text} ") == text


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "map_not_json"),
        (b"{", "map_not_json"),
        (b"\xff\xfe", "map_not_json"),
        (b'{"type": "FeatureCollection", "features": [NaN]}', "map_not_json"),
        (b"[" * 100_000, "map_not_json"),
        (b"[]", "map_no_collection"),
        (json.dumps(feature("530400")).encode(), "map_no_collection"),
        (b'{"type": "Topology", "objects": {}}', "map_no_collection"),
        (collection(), "map_empty"),
        (b'{"type": "FeatureCollection", "features": {}}', "map_empty"),
        (collection(feature("530400"), crs={"properties": {"name": "EPSG:3857"}}), "map_projected"),
        (collection(*[{}] * (outlines.MAX_FEATURES + 1)), "map_too_big"),
    ],
)
def test_a_file_that_is_no_map_is_refused(areas: dict[str, Unit], content: bytes, code: str) -> None:
    with pytest.raises(Refused) as refused:
        take(content)
    assert refused.value.code == code


def test_sizes_are_limited(areas: dict[str, Unit], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outlines, "MAX_BYTES", 10)
    with pytest.raises(Refused) as refused:
        take(GOOD)
    assert refused.value.code == "map_too_big"
    monkeypatch.setattr(outlines, "MAX_BYTES", 10_000)
    monkeypatch.setattr(outlines, "MAX_POSITIONS", 6)
    with pytest.raises(Refused) as refused:
        take(GOOD)
    assert refused.value.code == "map_too_big"


BOW = [[[102, 24], [103, 25], [103, 24], [102, 25], [102, 24]]]


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        (1, "not_feature"),
        ({"type": "Point"}, "not_feature"),
        (feature(None), "code_missing"),
        (feature(True), "code_missing"),
        (feature(""), "code_missing"),
        ({**feature("x"), "properties": None}, "code_missing"),
        (feature("999999"), "code_unknown"),
        (feature("532900"), "code_twice"),
        ({**feature("530400"), "geometry": None}, "geometry_missing"),
        (feature("530400", [102, 24], "Point"), "geometry_kind"),
        (feature("530400", [[102, 24], [103, 24]], "LineString"), "geometry_kind"),
        (feature("530400", [], "GeometryCollection"), "geometry_kind"),
        (feature("530400", []), "geometry_broken"),
        (feature("530400", [[]], "MultiPolygon"), "geometry_broken"),
        (feature("530400", {"a": 1}), "geometry_broken"),
        (feature("530400", [[[102, 24], [103, 24], [102, 24]]]), "ring_short"),
        (feature("530400", [[[102, 24], [103, 24], [103, 25], [102, 25]]]), "ring_open"),
        (feature("530400", [[[102, 24], ["103", 24], [103, 25], [102, 24]]]), "geometry_broken"),
        (feature("530400", [[[102], [103, 24], [103, 25], [102]]]), "geometry_broken"),
        (feature("530400", [[[102, 24], None, [103, 25], [102, 24]]]), "geometry_broken"),
        (feature("530400", square(11356500, 2763000)), "position_outside"),
        (feature("530400", BOW), "geometry_invalid"),
        (feature("530400", [[[102, 24], [103, 24], [104, 24], [102, 24]]]), "geometry_invalid"),
    ],
)
def test_a_wrong_area_is_named_and_nothing_is_read(areas: dict[str, Unit], wrong: Any, problem: str) -> None:
    report = take(collection(feature("532900", square(101, 24)), wrong))
    assert [(error.row, error.problem) for error in report.errors] == [(2, problem)]
    assert report.errors[0].template % dict(report.errors[0].params)
    assert not AreaMap.objects.exists()
    with pytest.raises(Refused) as refused:
        services.require_clean_map(report)
    assert refused.value.code == "map_rows_bad"


def test_codes_as_publishers_write_them_and_several_parts(areas: dict[str, Unit]) -> None:
    parts = [square(101, 24), square(99, 24, 0.5)]
    one = {**feature(None, parts, "MultiPolygon"), "properties": {"gb": "156532900", "姓名": "不读"}}
    two = {**feature(None, square(102, 24)), "properties": {}, "id": "530400"}
    holed = [square(101, 23)[0], [[101.4, 23.4], [101.4, 23.6], [101.6, 23.6], [101.6, 23.4], [101.4, 23.4]]]
    report = take(collection(one, two, feature("530000", holed)))
    assert not report.errors
    assert set(MapShape.objects.values_list("unit__code", flat=True)) == set(CODES)
    assert MapShape.objects.get(unit__code="532900").path.count("M") == 2
    assert "不读" not in str(list(MapShape.objects.values_list("geometry", flat=True)))


def test_what_the_map_leaves_out_is_told(areas: dict[str, Unit]) -> None:
    assert take(collection(feature("530400"))).missing == ("大理州",)


def test_only_an_administrator_of_everything_may(areas: dict[str, Unit]) -> None:
    from luoshi.rules.permissions import Actor, Role, Seat

    seat = Seat(
        post_id=1, post_ref="P", title="t", role=Role.HEAD, unit_id=areas["530400"].pk,
        unit_path=areas["530400"].path, area_path=areas["530400"].path,
    )  # fmt: skip
    actor = Actor(user_id=1, username="u", name="n", seat=seat)
    with pytest.raises(Refused) as refused:
        services.import_map(actor=actor, at=AT, content=GOOD, name="m", **TOLD)
    assert refused.value.code == "administrators_only"


@translation.override("en")
def test_command(areas: dict[str, Unit], tmp_path: Path) -> None:
    file = tmp_path / "云南.geojson"
    file.write_bytes(GOOD)
    told = ["--source", TOLD["source"], "--licence", TOLD["licence"], "--approval", TOLD["approval_no"]]
    out = StringIO()
    call_command("maps", "import", str(file), *told, "--dry-run", stdout=out)
    assert "nothing was changed" in out.getvalue()
    assert not AreaMap.objects.exists()
    with pytest.raises(CommandError) as refused:
        call_command("maps", "import", str(file), "--source", "x")
    assert refused.value.returncode == 1
    call_command("maps", "import", str(file), *told, stdout=out)
    call_command("maps", "list", stdout=out)
    number = AreaMap.objects.get().pk
    assert f"{number}\t{TOLD['approval_no']}\t{TOLD['source']}" in out.getvalue()
    file.write_bytes(collection(feature("999999")))
    wrong = StringIO()
    with pytest.raises(CommandError):
        call_command("maps", "import", str(file), *told, stderr=wrong)
    assert "Feature 1: there is no unit with the code 999999" in wrong.getvalue()
    call_command("maps", "remove", str(number), stdout=out)
    with pytest.raises(CommandError):
        call_command("maps", "remove", str(number))
    with pytest.raises(CommandError):
        call_command("maps", "import", str(tmp_path / "none.geojson"), *told)
