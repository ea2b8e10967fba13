"""Outlines of areas（区划轮廓）: an approved GeoJSON is read, checked row by row, projected and simplified.

Only the code and the outline of a feature are taken; whatever else it carries is left where it is. Borders shared by
two areas stay shared: the whole coverage is simplified at once, so that no slivers open between neighbours.
Format: RFC 7946 (GeoJSON); positions are longitude and latitude in degrees (CGCS2000 or WGS 84, which a drawing of
this size cannot tell apart).
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from luoshi.rules.refusals import Refused, declare, gettext_noop

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

_ = gettext_noop

MAX_BYTES: Final = 32 * 1024 * 1024
MAX_FEATURES: Final = 5_000
MAX_POSITIONS: Final = 1_000_000
MAX_ERRORS: Final = 100
SIDE: Final = 10_000
"""The longer side of the drawing, in whole steps."""
TOLERANCE: Final = 16.0
"""Steps by which a simplified border may leave the given one: a sixth of a per cent of the drawing's side."""
CODE_NAMES: Final = ("code", "adcode", "gb", "行政区划代码", "区划代码", "代码")
"""Properties that may hold the code, in the order they are tried; then the feature's own ``id``."""
DEGREES: Final = re.compile(r"CRS84|EPSG:{1,2}4326|EPSG:{1,2}4490|EPSG:{1,2}4258", re.IGNORECASE)
APPROVAL: Final = re.compile(r"^\S{1,10}\s*[（(\[〔]\s*(?:19|20)\d{2}\s*[）)\]〕]\s*第?\s*\d{1,6}\s*号$")
"""How a map approval number is written: GS（2024）0650号, 滇S（2023）12号."""

declare(
    413,
    map_too_big=_("The map is larger than %(limit)s: simplify it or leave out what is not an area, and try again."),
)
declare(
    422,
    map_not_json=_("The file is no GeoJSON that can be read (%(problem)s); export it again as GeoJSON in UTF-8."),
    map_no_collection=_("The file is no list of areas: its type is “%(kind)s”, and “FeatureCollection” is needed."),
    map_empty=_("The file holds no area."),
    map_projected=_(
        "The coordinates are no longitudes and latitudes (%(crs)s); export the map in CGCS2000 or WGS 84, in degrees."
    ),
    map_rows_bad=_("%(count)s areas are wrong, so nothing was changed. First: feature %(row)s, %(problem)s."),
    map_source_missing=_("Say where the map comes from, under which licence it may be used, and its approval number."),
    map_approval_bad=_(
        "“%(text)s” is no map approval number（审图号）; write it as it stands on the map, such as GS（2024）0650号."
    ),
)

PROBLEMS: Final[Mapping[str, str]] = {
    "not_feature": _("it is no feature with a geometry and properties"),
    "code_missing": _("it has no code; looked for in %(names)s"),
    "code_unknown": _("there is no unit with the code %(code)s"),
    "code_twice": _("the code %(code)s already stands at feature %(other)s"),
    "geometry_missing": _("it has no geometry"),
    "geometry_kind": _("its geometry is “%(kind)s”; an area is a Polygon or a MultiPolygon"),
    "geometry_broken": _("its coordinates are damaged: %(where)s"),
    "position_outside": _("%(position)s is no longitude and latitude in degrees"),
    "ring_short": _("a ring has %(count)s positions; it needs at least 4"),
    "ring_open": _("a ring does not end where it began"),
    "geometry_invalid": _("its outline is not valid: %(where)s"),
}
"""What can be wrong with an area, and what was met."""


@dataclass(frozen=True, slots=True)
class RowError:
    """One wrong feature: its place in the file from 1, and what is wrong."""

    row: int
    problem: str
    params: Mapping[str, object] = field(default_factory=dict)

    @property
    def template(self) -> str:
        """The untranslated sentence with its places."""
        return PROBLEMS[self.problem]


@dataclass(frozen=True, slots=True)
class Feature:
    """One area as it was given: its place in the file, its code, its outline in degrees."""

    row: int
    code: str
    outline: BaseGeometry


@dataclass(frozen=True, slots=True)
class Drawn:
    """One area as it is drawn: an SVG path in whole steps, its box, a place for its name, and degrees."""

    code: str
    path: str
    box: tuple[int, int, int, int]
    label: tuple[int, int]
    geometry: dict[str, Any]


class _Wrong(Exception):  # noqa: N818 - carries a row error
    def __init__(self, problem: str, **params: object) -> None:
        self.problem, self.params = problem, params


def approval(text: str) -> str:
    """A map approval number（审图号） without stray blanks.

    Raises:
        Refused: ``map_approval_bad``.
    """
    told = text.strip()
    if not APPROVAL.fullmatch(told):
        raise Refused("map_approval_bad", text=told[:40])
    return told


def read(content: bytes, known: Sequence[str] | set[str]) -> tuple[list[Feature], list[RowError]]:
    """The areas of a GeoJSON and what is wrong with them; at most 100 errors are told.

    Args:
        content: the file.
        known: the codes of standing areas; another code is an error of its row.

    Raises:
        Refused: ``map_too_big``, ``map_not_json``, ``map_no_collection``, ``map_empty``, ``map_projected``.
    """
    features = _collection(content)
    codes, found, errors = set(known), [], []
    rows: dict[str, int] = {}
    budget = MAX_POSITIONS
    for row, one in enumerate(features, start=1):
        try:
            code = _code(one)
            if code in rows:
                raise _Wrong("code_twice", code=code, other=rows[code])
            rows[code] = row
            if code not in codes:
                raise _Wrong("code_unknown", code=code)
            outline, used = _outline(one.get("geometry"))
        except _Wrong as wrong:
            errors.append(RowError(row, wrong.problem, wrong.params))
            if len(errors) >= MAX_ERRORS:
                break
            continue
        budget -= used
        if budget < 0:
            raise Refused("map_too_big", limit=f"{MAX_POSITIONS:,}".replace(",", " ") + " positions")
        found.append(Feature(row, code, outline))
    return found, errors


def _collection(content: bytes) -> list[Any]:
    if len(content) > MAX_BYTES:
        raise Refused("map_too_big", limit=f"{MAX_BYTES // 1024 // 1024} MB")
    try:
        told = json.loads(content.decode("utf-8-sig"), parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        raise Refused("map_not_json", problem="UTF-8") from error
    except json.JSONDecodeError as error:
        raise Refused("map_not_json", problem=f"{error.lineno}:{error.colno}") from error
    except (ValueError, RecursionError) as error:
        raise Refused("map_not_json", problem=str(error)[:40]) from error
    if not isinstance(told, dict) or told.get("type") != "FeatureCollection":
        kind = told.get("type", "?") if isinstance(told, dict) else type(told).__name__
        raise Refused("map_no_collection", kind=str(kind)[:40])
    features = told.get("features")
    if not isinstance(features, list) or not features:
        raise Refused("map_empty")
    if len(features) > MAX_FEATURES:
        raise Refused("map_too_big", limit=f"{MAX_FEATURES} features")
    crs = told.get("crs")
    if crs is not None and not DEGREES.search(json.dumps(crs)):
        raise Refused("map_projected", crs=json.dumps(crs, ensure_ascii=False)[:80])
    return features


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def _code(one: Any) -> str:
    if not isinstance(one, dict) or one.get("type") != "Feature":
        raise _Wrong("not_feature")
    properties = one.get("properties")
    told = properties if isinstance(properties, dict) else {}
    for value in (*(told.get(name) for name in CODE_NAMES), one.get("id")):
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if isinstance(value, str) and (code := value.strip()):
            return code[3:] if re.fullmatch(r"156\d{6}", code) else code
    raise _Wrong("code_missing", names=", ".join((*CODE_NAMES, "id")))


def _outline(geometry: Any) -> tuple[BaseGeometry, int]:
    """The outline and how many positions it has."""
    import shapely  # only now: maps are rare, and every process would carry its library

    if not isinstance(geometry, dict):
        raise _Wrong("geometry_missing")
    kind, told = geometry.get("type"), geometry.get("coordinates")
    if kind not in ("Polygon", "MultiPolygon"):
        raise _Wrong("geometry_kind", kind=str(kind)[:40])
    parts = [told] if kind == "Polygon" else told
    if not isinstance(parts, list) or not parts:
        raise _Wrong("geometry_broken", where="coordinates")
    used, polygons = 0, []
    for part in parts:
        if not isinstance(part, list) or not part:
            raise _Wrong("geometry_broken", where="ring")
        rings = [_ring(ring) for ring in part]
        used += sum(map(len, rings))
        polygons.append(shapely.Polygon(rings[0], rings[1:]))
    outline: BaseGeometry = polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)
    if not outline.is_valid:
        raise _Wrong("geometry_invalid", where=shapely.is_valid_reason(outline))
    if outline.area <= 0:
        raise _Wrong("geometry_invalid", where="0")
    return outline, used


def _ring(told: Any) -> list[tuple[float, float]]:
    if not isinstance(told, list):
        raise _Wrong("geometry_broken", where="ring")
    if len(told) < 4:
        raise _Wrong("ring_short", count=len(told))
    ring = []
    for position in told:
        if not isinstance(position, list) or not 2 <= len(position) <= 4:
            raise _Wrong("geometry_broken", where=json.dumps(position, ensure_ascii=False)[:40])
        x, y = position[:2]
        for number in (x, y):
            if isinstance(number, bool) or not isinstance(number, int | float):
                raise _Wrong("geometry_broken", where=json.dumps(position, ensure_ascii=False)[:40])
        if not (-180 <= x <= 180 and -90 <= y <= 90):
            raise _Wrong("position_outside", position=f"{x}, {y}")
        ring.append((float(x), float(y)))
    if ring[0] != ring[-1]:
        raise _Wrong("ring_open")
    return ring


def draw(features: Sequence[Feature]) -> list[Drawn]:
    """The areas as they are drawn, all in one plane: a cylinder true along the map's middle parallel, north above.

    The longer side measures 10 000 steps. Neighbours keep one border.
    """
    import numpy as np
    import shapely

    outlines = np.array([one.outline for one in features], dtype=object)
    west, south, east, north = shapely.total_bounds(outlines)
    narrow = math.cos(math.radians((south + north) / 2))
    scale = SIDE / max((east - west) * narrow, north - south)

    def flat(xy: Any) -> Any:
        return np.column_stack(((xy[:, 0] - west) * narrow * scale, (north - xy[:, 1]) * scale))

    planar = shapely.transform(outlines, flat)
    simple = shapely.coverage_simplify(planar, TOLERANCE)
    drawn = []
    for one, whole, plain in zip(features, planar, simple, strict=True):
        used = plain if not plain.is_empty and plain.is_valid else whole
        drawn.append(_drawn(one.code, used, west, north, narrow * scale, scale))
    return drawn


def _drawn(code: str, outline: BaseGeometry, west: float, north: float, across: float, down: float) -> Drawn:
    import numpy as np
    import shapely

    polygons = list(getattr(outline, "geoms", [outline]))
    path = "".join(_path(ring) for one in polygons for ring in (one.exterior, *one.interiors))
    x0, y0, x1, y1 = outline.bounds
    largest = max(polygons, key=lambda one: one.area)
    inside = largest.representative_point()

    def degrees(xy: Any) -> Any:
        return np.column_stack((xy[:, 0] / across + west, north - xy[:, 1] / down)).round(5)

    geometry = json.loads(json.dumps(shapely.geometry.mapping(shapely.transform(outline, degrees))))
    box = (math.floor(x0), math.floor(y0), math.ceil(x1), math.ceil(y1))
    return Drawn(code, path, box, (round(inside.x), round(inside.y)), geometry)


def _path(ring: Any) -> str:
    """A ring in whole steps, told relatively to stay short."""
    points = [(round(x), round(y)) for x, y in ring.coords]
    (x, y), parts = points[0], [f"M{points[0][0]} {points[0][1]}"]
    for nx, ny in points[1:-1]:
        if (nx, ny) != (x, y):
            parts.append(f"l{nx - x} {ny - y}")
            x, y = nx, ny
    return "".join(parts) + "z"
