"""地图: areas as tiles or as shapes, each with light, name and both figures; drawn on the server without styles.

Colours come from classes, places from attributes, so the content security policy stays strict; a shape is a link and
is reached by the tabulator; the same figures stand in the table beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from markupsafe import Markup

from luoshi.ui.components import SHAPES, light_word, said_verified_words, whole

TILE, GAP = 100, 6
"""Sides of a tile and of the gap between two, in the drawing's own steps."""


@dataclass(frozen=True, slots=True)
class Place:
    """One area on a map: how it stands, and where a click leads（nowhere: empty）."""

    name: str
    colour: str
    """``grey`` … as lights have it; empty where nothing has been issued."""
    reason: str
    said: int | None
    verified: int | None
    url: str = ""


@dataclass(frozen=True, slots=True)
class Tile:
    """A place on the grid, column and row from 0."""

    place: Place
    column: int
    row: int


@dataclass(frozen=True, slots=True)
class Shape:
    """A place with its outline: an SVG path, the box (x0, y0, x1, y1), and where the name stands."""

    place: Place
    path: str
    box: tuple[int, int, int, int]
    label: tuple[int, int]


@lru_cache(maxsize=4096)
def words(_language: str, place: Place) -> str:
    """What a place says in one sentence of the language in use: name, light, reason, both figures."""
    if not place.colour:
        return _("%(name)s: nothing has been issued") % {"name": place.name}
    figures = said_verified_words(place.said, place.verified)
    told = {"name": place.name, "light": light_word(place.colour), "reason": place.reason, "figures": figures}
    return _("%(name)s: %(light)s, %(reason)s. %(figures)s.") % told


def step(place: Place) -> int:
    """The shade of a place from 0 to 5, by what is verified: the darker, the more."""
    return 0 if not place.colour or place.verified is None else min(5, 1 + whole(place.verified) // 20)


def tiles(found: Sequence[Tile], label: str) -> Markup:
    """示意图: one square an area, the darker the more is verified, with light, name, said and verified."""
    west, north = min(one.column for one in found), min(one.row for one in found)
    side = TILE + GAP
    wide = (max(one.column for one in found) - west + 1) * side - GAP
    high = (max(one.row for one in found) - north + 1) * side - GAP
    language = get_language() or ""
    made = []
    for one in found:
        x, y = (one.column - west) * side, (one.row - north) * side
        made.append(_linked(language, one.place, f'transform="translate({x} {y})"', _tile(one.place)))
    return _drawing(f"0 0 {wide} {high}", "tiles", label, made)


def _tile(place: Place) -> str:
    shade = step(place)
    name = escape(place.name)
    long = " long" if len(place.name) > 3 else ""
    if not place.colour:
        return (
            f'<rect class="s0" width="{TILE}" height="{TILE}" rx="4"/>'
            f'<text class="nm{long}" x="50" y="48">{name}</text>'
            '<text class="sv2" x="50" y="78">–</text>'
        )
    return (
        f'<rect class="s{shade}" width="{TILE}" height="{TILE}" rx="4"/>'
        f'<g class="l {place.colour}" transform="translate(40 7) scale(1.7)"><rect class="bg" x="-2" y="-2" '
        f'width="16" height="16" rx="3"/>{SHAPES[place.colour]}</g>'
        f'<text class="nm{long} t{shade}" x="50" y="58">{name}</text>'
        f'<text class="sv2 t{shade}" x="50" y="86">{_figures(place)}</text>'
    )


def _figures(place: Place) -> str:
    said = "–" if place.said is None else whole(place.said)
    return f"{said}/<tspan>{'–' if place.verified is None else whole(place.verified)}</tspan>"


def shapes(found: Sequence[Shape], label: str) -> Markup:
    """审定图: the outlines of an approved map; names and lights where there is room for them."""
    x0, y0 = min(one.box[0] for one in found), min(one.box[1] for one in found)
    x1, y1 = max(one.box[2] for one in found), max(one.box[3] for one in found)
    across = max(x1 - x0, y1 - y0, 1)
    edge = across // 100 + 1
    size = across / (22 if len(found) <= 40 else 48)
    language = get_language() or ""
    made = [
        _linked(
            language,
            one.place,
            "",
            f'<path class="s{step(one.place)}" d="{one.path}" vector-effect="non-scaling-stroke"/>',
        )
        for one in found
    ]
    marks = []
    for one in found:
        x, y = one.label
        if one.place.colour:
            by = size / 14
            marks.append(
                f'<g class="l {one.place.colour}" transform="translate({x - 6 * by:.0f} {y - size:.0f}) '
                f'scale({by:.2f})"><rect class="bg" x="-2" y="-2" width="16" height="16" rx="3"/>'
                f"{SHAPES[one.place.colour]}</g>"
            )
        if (one.box[2] - one.box[0]) > size * len(one.place.name) * 0.7:
            marks.append(
                f'<text class="nm t{step(one.place)}" x="{x}" y="{y + size * 0.95:.0f}" '
                f'font-size="{size * 0.8:.0f}">{escape(one.place.name)}</text>'
            )
    marks = ['<g class="marks" aria-hidden="true">', *marks, "</g>"]
    box = f"{x0 - edge} {y0 - edge} {x1 - x0 + 2 * edge} {y1 - y0 + 2 * edge}"
    return _drawing(box, "shapes", label, [*made, *marks])


def _linked(language: str, place: Place, where: str, inside: str) -> str:
    told = escape(words(language, place))
    title = f"<title>{told}</title>"  # names the link: a label beside it would have to repeat what is drawn
    if place.url:
        return f'<a href="{escape(place.url)}" {where}>{title}{inside}</a>'
    return f'<g {where} role="img" aria-label="{told}">{title}{inside}</g>'


def _drawing(box: str, kind: str, label: str, parts: Sequence[str]) -> Markup:
    return Markup(  # noqa: S704 - every part is escaped where it enters
        f'<svg class="map {kind}" viewBox="{box}" role="group" aria-label="{escape(label)}">{"".join(parts)}</svg>'
    )


def map_legend(figures: bool = True) -> Markup:
    """图例: what shades and, where they stand on the map, figures mean."""
    return _map_legend(get_language() or "", figures)


@lru_cache(maxsize=16)
def _map_legend(_language: str, figures: bool) -> Markup:
    steps = Markup("").join(
        Markup('<rect class="s{}" x="{}" width="22" height="12"/>').format(n, (n - 1) * 23) for n in range(1, 6)
    )
    return Markup(
        '<p class="maplegend"><span>{}</span><svg class="map" viewBox="0 0 114 12" aria-hidden="true">{}</svg>{}</p>'
    ).format(
        _("Shade: verified, 0–100%"),
        steps,
        Markup("<span>{}</span>").format(_("Figures: said / verified")) if figures else "",
    )
