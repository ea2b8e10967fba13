"""The marks of the product's face（构件）, written once and used by both template engines.

Every function returns escaped :class:`markupsafe.Markup`; nothing here uses ``style`` attributes or inline handlers,
because the content security policy forbids them: lengths are the classes ``w-0`` to ``w-100``. Percentages are whole
numbers for the eye, rounded down, so that 99.6 never looks like done.
"""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Iterable, Sequence
from decimal import ROUND_FLOOR, Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import segno
from django.utils import dateformat
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from markupsafe import Markup, escape

Number = int | float | Decimal | None
"""A percentage from 0 to 100; ``None`` when there is none yet."""

SHANGHAI = ZoneInfo("Asia/Shanghai")
"""The zone in which every moment is shown."""

SHAPES: dict[str, Markup] = {
    "grey": Markup('<circle cx="6" cy="6" r="4.4" fill="none" stroke="currentColor" stroke-width="1.6"/>'),
    "green": Markup('<circle cx="6" cy="6" r="5" fill="currentColor"/>'),
    "yellow": Markup('<path d="M6 1l5.4 10H.6z" fill="currentColor"/>'),
    "red": Markup('<path d="M6 .3L11.7 6 6 11.7.3 6z" fill="currentColor"/>'),
    "blue": Markup('<path d="M1.5 6.5l3 3 6-7" fill="none" stroke="currentColor" stroke-width="2.2"/>'),
}
"""Light → shape: ring, disc, triangle, diamond, tick. The shape tells as much as the colour."""

ICONS: dict[str, str] = {
    "add": "M8 3v10M3 8h10",
    "alert": "M8 2L14.5 13.5h-13zM8 6.5v3.2M8 11.4v.4",
    "back": "M9.5 3.5L5 8l4.5 4.5",
    "bell": "M4 11.5V7a4 4 0 018 0v4.5l1 1H3zM6.5 14h3",
    "board": "M2.5 3h11v10h-11zM2.5 6.3h11M2.5 9.7h11M6.2 3v10",
    "book": "M3 3.2c2-.6 3.7-.4 5 .8v9c-1.3-1.2-3-1.4-5-.8zM13 3.2c-2-.6-3.7-.4-5 .8v9c1.3-1.2 3-1.4 5-.8z",
    "branch": "M8 2.5v4M3.5 13.5V10h9v3.5M8 6.5V10",
    "calendar": "M2.5 4h11v9.5h-11zM2.5 7h11M5.5 2.2V5M10.5 2.2V5",
    "check": "M3 8.5l3.2 3.2L13 4.5",
    "clock": "M8 2.2a5.8 5.8 0 110 11.6A5.8 5.8 0 018 2.2zM8 5v3.2l2.2 1.6",
    "copy": "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
    "cross": "M4 4l8 8M12 4l-8 8",
    "down": "M3.5 6L8 10.5 12.5 6",
    "download": "M8 2.5v7.5M4.8 7L8 10.2 11.2 7M2.8 13.3h10.4",
    "file": "M4 1.8h5.5L12.5 5v9.2H4zM9.3 1.8V5.2h3.2",
    "filter": "M2.5 3.5h11L9.5 8.3v4.4l-3 1V8.3z",
    "globe": "M8 2.2a5.8 5.8 0 110 11.6A5.8 5.8 0 018 2.2zM2.4 8h11.2"
    "M8 2.2c-3.4 3.4-3.4 8.2 0 11.6 3.4-3.4 3.4-8.2 0-11.6z",
    "info": "M8 2.2a5.8 5.8 0 110 11.6A5.8 5.8 0 018 2.2zM8 7.3v3.6M8 4.9v.4",
    "link": "M6.8 9.2l2.4-2.4M7.2 4.8l1.6-1.6a2.8 2.8 0 014 4l-1.6 1.6M8.8 11.2l-1.6 1.6a2.8 2.8 0 01-4-4l1.6-1.6",
    "lock": "M3.8 7.2h8.4v6.3H3.8zM5.5 7.2V5a2.5 2.5 0 015 0v2.2",
    "meeting": "M5.3 3a1.9 1.9 0 110 3.8 1.9 1.9 0 010-3.8zM10.7 3a1.9 1.9 0 110 3.8 1.9 1.9 0 010-3.8z"
    "M2.5 12.5c0-2 1-3.2 2.8-3.2s2.7 1.2 2.7 3.2c0-2 1-3.2 2.7-3.2s2.8 1.2 2.8 3.2",
    "message": "M2.5 3.2h11v8h-6l-3 2.6v-2.6h-2z",
    "news": "M2.5 3h9v10.5h-8a1 1 0 01-1-1zM11.5 6h2v6.5a1 1 0 01-2 0M4.8 5.8h4.4M4.8 8.2h4.4M4.8 10.6h2.6",
    "next": "M6.5 3.5L11 8l-4.5 4.5",
    "person": "M8 2.5a2.6 2.6 0 110 5.2 2.6 2.6 0 010-5.2zM2.8 13.8c.4-2.8 2.4-4.3 5.2-4.3s4.8 1.5 5.2 4.3",
    "print": "M4.5 6V2.2h7V6M4.5 11.5h-2V6h11v5.5h-2M4.5 9.3h7v4.5h-7z",
    "programme": "M3 2.5h10v11H3zM5.3 5.5h5.4M5.3 8h5.4M5.3 10.5h3.4",
    "search": "M7 2.5a4.5 4.5 0 110 9 4.5 4.5 0 010-9zM10.3 10.3l3.4 3.4",
    "today": "M2.5 8.5l3 3 8-8M3 13.5h10",
    "sample": "M2.5 2.5h11v11h-11zM5.5 5.5h.1M10.5 5.5h.1M8 8h.1M5.5 10.5h.1M10.5 10.5h.1",
    "unit": "M2.5 13.5h11M4 13.5v-8l4-3 4 3v8M6.6 13.5v-3.3h2.8v3.3",
    "intake": "M2.5 9.5h3l1 2h3l1-2h3M2.5 9.5v4h11v-4M8 2v6M5.5 5.5L8 8l2.5-2.5",
    "visit": "M8 14S3.5 9.7 3.5 6.3a4.5 4.5 0 019 0C12.5 9.7 8 14 8 14zM8 4.7a1.6 1.6 0 110 3.2 1.6 1.6 0 010-3.2z",
    "work": "M8 2.2v2.3M8 11.5v2.3M2.2 8h2.3M11.5 8h2.3M3.9 3.9l1.6 1.6M10.5 10.5l1.6 1.6M3.9 12.1l1.6-1.6"
    "M10.5 5.5l1.6-1.6",
}
"""Our own small set: strokes of 1.4 on a 16 × 16 grid."""


def light_word(colour: str) -> str:
    """The word that goes with a light; raises ``KeyError`` for a colour that is none of the five."""
    return _light_words(get_language() or "")[colour]


@lru_cache(maxsize=16)
def _light_words(_language: str) -> dict[str, str]:
    return {
        "grey": pgettext("light", "Not yet due"),
        "green": pgettext("light", "On track"),
        "yellow": pgettext("light", "At risk"),
        "red": pgettext("light", "Overdue"),
        "blue": pgettext("light", "Closed"),
    }


def light(colour: str, reason: object = "", *, word: object = "", bare: bool = False, full: bool = False) -> Markup:
    """灯: a shape and a word, never colour alone.

    Args:
        colour: ``grey`` ring, ``green`` disc, ``yellow`` triangle, ``red`` diamond or ``blue`` tick.
        reason: why it shines so; kept as the title and, with ``full``, written out after the word.
        word: instead of the standard word, e.g. "overdue by 3 working days".
        bare: show the shape only and keep word and reason for screen readers (dense tables with a legend).
        full: show word and reason.
    """
    return _light(get_language() or "", colour, str(reason), str(word), bare, full)


@lru_cache(maxsize=4096)
def _light(language: str, colour: str, why: str, word: str, bare: bool, full: bool) -> Markup:
    """A light as remembered per language and words: long lists repeat a few."""
    text = word or light_word(colour)
    both = _("%(word)s: %(reason)s") % {"word": text, "reason": why} if why else text
    shown = both if full or bare else text
    hidden = Markup(' class="vh"') if bare else ""
    title = Markup(' title="{}"').format(both) if (why and not full) or bare else ""
    return Markup(
        '<span class="l {}"{}><svg viewBox="0 0 12 12" aria-hidden="true">{}</svg><span{}>{}</span></span>'
    ).format(colour, title, SHAPES[colour], hidden, shown)


def whole(value: Number) -> int:
    """A percentage as a whole number from 0 to 100, rounded down; ``None`` counts as 0."""
    if value is None:
        return 0
    if type(value) is int:
        return 0 if value < 0 else min(100, value)
    return min(100, max(0, int(Decimal(str(value)).to_integral_value(ROUND_FLOOR))))


def percent(value: Number) -> Markup:
    """百分比: "62%", rounded down; an en dash when there is none yet."""
    if value is None:
        return Markup('<span class="num">–</span>')
    return Markup('<span class="num">{}</span>').format(_("%(value)s%%") % {"value": whole(value)})


def said_verified_words(said: Number, verified: Number) -> str:
    """报与核: both figures in words, for labels."""
    if verified is None:
        return _("Said %(said)s%%, nothing verified yet") % {"said": whole(said)}
    return _("Said %(said)s%%, verified %(verified)s%%") % {"said": whole(said), "verified": whole(verified)}


def said_verified(said: Number, verified: Number, label: object = "") -> Markup:
    """报与核: one track, the hatched length is said and the solid length verified.

    ``label`` replaces the spoken label, e.g. to name the unit.
    """
    return _said_verified(get_language() or "", said, verified, str(label))


@lru_cache(maxsize=4096)
def _said_verified(language: str, said: Number, verified: Number, label: str) -> Markup:
    """The bar as remembered per language and figures."""
    spoken = label or said_verified_words(said, verified)
    return Markup(
        '<span class="sv" role="img" aria-label="{}"><i class="said w-{}"></i><i class="ver w-{}"></i></span>'
    ).format(spoken, whole(said), whole(verified))


def sv_number(said: Number, verified: Number) -> Markup:
    """报与核: the figures "100 / **62**"; an en dash for what does not exist yet."""
    return _sv_number(get_language() or "", said, verified)


@lru_cache(maxsize=4096)
def _sv_number(language: str, said: Number, verified: Number) -> Markup:
    """The figures as remembered per language."""
    return Markup('<span class="num svn" title="{}">{}<em>/</em><b>{}</b></span>').format(
        said_verified_words(said, verified),
        "–" if said is None else whole(said),
        "–" if verified is None else whole(verified),
    )


Hows = tuple[int, int, int]
"""Points of the verified per cent that came from the desk, from visits, from samples."""


@lru_cache(maxsize=16)
def _cell_words(language: str) -> tuple[dict[str, str], str, str, str, str]:
    """What a board cell says in a language: the five words, with reason, both figures, said only, ways; all escaped."""
    lights = {colour: str(escape(light_word(colour))) for colour in SHAPES}
    reasoned = str(escape(_("%(word)s: %(reason)s")))
    both = str(escape(_("Said %(said)s%%, verified %(verified)s%%")))
    ways = _("Said %(said)s%%, verified %(verified)s%%: desk %(desk)s, visited %(visited)s, sampled %(sampled)s")
    return lights, reasoned, both, str(escape(_("Said %(said)s%%, nothing verified yet"))), str(escape(ways))


def verified_bars(verified: int, hows: Hows | None) -> str:
    """The solid lengths of a bar: one, or stacked by the ways（书面、走访、抽样）, the longest lowest."""
    if hows is None or not any(hows):
        return f'<i class="ver w-{verified}"></i>'
    desk, visited, sampled = hows
    bars = [f'<i class="ver{" desk" if desk else " visited" if visited else " sampled"} w-{verified}"></i>']
    if desk and visited:
        bars.append(f'<i class="ver visited w-{min(verified, visited + sampled)}"></i>')
    if sampled and (desk or visited):
        bars.append(f'<i class="ver sampled w-{min(verified, sampled)}"></i>')
    return "".join(bars)


@lru_cache(maxsize=8192)
def _cell_inside(
    language: str, colour: str, reason: str, said: int | None, verified: int | None, hows: Hows | None = None
) -> tuple[str, str]:
    """What a board cell says in words and its inside, remembered per language and values.

    The words stand once, as the title of the whole cell, which is its name for screen readers, too; a table of all
    counties has more than a thousand of them. The five shapes are drawn once by :func:`light_symbols`.
    """
    lights, reasoned, both, only, ways = _cell_words(language)
    word = reasoned % {"word": lights[colour], "reason": escape(reason)} if reason else lights[colour]
    length, proven = whole(said), whole(verified)
    figures = {"said": length, "verified": proven}
    if verified is None:
        spoken = only % figures
    elif hows is None:
        spoken = both % figures
    else:
        spoken = ways % {**figures, "desk": hows[0], "visited": hows[1], "sampled": hows[2]}
    return (
        f"{word} · {spoken}",
        f'<span class="t" aria-hidden="true"><svg class="l {colour}"><use href="#l-{colour}"/></svg>'
        f'<span class="num svn">{"–" if said is None else said}<em>/</em>'
        f"<b>{'–' if verified is None else verified}</b></span></span>"
        f'<span class="sv" aria-hidden="true"><i class="said w-{length}"></i>{verified_bars(proven, hows)}</span>',
    )


def light_symbols() -> Markup:
    """灯形: the five shapes once for a page, for cells to point at; takes no room."""
    made = Markup("").join(
        Markup('<symbol id="l-{}" viewBox="0 0 12 12">{}</symbol>').format(colour, shape)
        for colour, shape in SHAPES.items()
    )
    return Markup('<svg class="vh" aria-hidden="true" width="0" height="0">{}</svg>').format(made)


def board_cell(colour: str, reason: object, said: Number, verified: Number, url: object = "") -> Markup:
    """总览格: a whole ``<td>`` of the wide board with light, figures and bar; links to what it is made of."""
    return board_cells([(colour, reason, said, verified, url)])


def board_cells(cells: Iterable[tuple[Any, ...] | None]) -> Markup:
    """总览行: the cells of one row, each (light, reason, said, verified, url) or ``None`` where there is nothing.

    A sixth part, if there is one, tells the points verified at the desk, by visit and by sample. The page has
    :func:`light_symbols` once.
    """
    language = get_language() or ""
    made: list[str] = []
    for cell in cells:
        if cell is None:
            made.append('<td class="c none"><span class="a">–</span></td>')
            continue
        colour, reason, said, verified, url, *more = cell
        told, inside = _cell_inside(
            language,
            colour,
            reason if type(reason) is str else str(reason),
            said if said is None or (type(said) is int and 0 <= said <= 100) else whole(said),
            verified if verified is None or (type(verified) is int and 0 <= verified <= 100) else whole(verified),
            more[0] if more else None,
        )
        if url:
            made.append(f'<td class="c {colour}"><a href="{html.escape(str(url))}" title="{told}">{inside}</a></td>')
        else:
            made.append(f'<td class="c {colour}"><span class="a" role="img" title="{told}">{inside}</span></td>')
    return Markup("".join(made))  # noqa: S704 - every part is escaped where it enters


def legend() -> Markup:
    """图例: what the bar and the five lights mean."""
    return _legend(get_language() or "")


@lru_cache(maxsize=16)
def _legend(_language: str) -> Markup:
    lights = Markup("").join(light(colour) for colour in ("green", "yellow", "red", "blue", "grey"))
    bar = Markup('<span class="sv" role="img" aria-label="{}"><i class="said w-90"></i>{}</span>').format(
        _("Hatched: said. Solid: verified, by desk, visit and sample."),
        Markup(verified_bars(70, (25, 25, 20))),  # noqa: S704 - lengths of our own
    )
    ways = Markup("").join(
        Markup('<span class="way"><i class="{}"></i>{}</span>').format(name, word)
        for name, word in (
            ("said", pgettext("way", "Said")),
            ("desk", pgettext("way", "Desk")),
            ("visited", pgettext("way", "Visited")),
            ("sampled", pgettext("way", "Sampled")),
        )
    )
    return Markup('<div class="legend"><span>{}</span><span class="legend-bar">{}</span>{}{}</div>').format(
        _("Each cell: said / verified"), bar, ways, lights
    )


def icon(name: str, label: object = "") -> Markup:
    """图标: an inline drawing; with ``label`` it is announced, without one it is decoration."""
    return _icon(name, str(label) if label else "")


@lru_cache(maxsize=512)
def _icon(name: str, label: str) -> Markup:
    spoken = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
    return Markup('<svg class="icon" viewBox="0 0 16 16" {}><path d="{}"/></svg>').format(spoken, ICONS[name])


def _english() -> bool:
    return (get_language() or "").startswith("en")


def _local(moment_: dt.datetime) -> dt.datetime:
    if moment_.tzinfo is None:
        raise ValueError("a moment without a time zone cannot be shown")
    return moment_.astimezone(SHANGHAI)


def moment(value: dt.datetime | None, short: bool = False) -> Markup:
    """时刻: date and time in Asia/Shanghai; ``short`` leaves out the year. ``None`` gives an en dash."""
    if value is None:
        return Markup("–")
    local = _local(value)
    if _english():
        text = dateformat.format(local, "j M, H:i" if short else "j M Y, H:i")
    else:
        text = local.strftime("%m-%d %H:%M" if short else "%Y-%m-%d %H:%M")
    return Markup('<time class="num" datetime="{}" title="{}">{}</time>').format(
        local.isoformat(timespec="seconds"), local.strftime("%Y-%m-%d %H:%M:%S UTC+8"), text
    )


def day(value: dt.date | dt.datetime | None, short: bool = False) -> Markup:
    """日期: a day in Asia/Shanghai; ``short`` leaves out the year. ``None`` gives an en dash."""
    if value is None:
        return Markup("–")
    return _day(get_language() or "", _local(value).date() if isinstance(value, dt.datetime) else value, short)


@lru_cache(maxsize=4096)
def _day(language: str, when: dt.date, short: bool) -> Markup:
    """A day as remembered per language."""
    if _english():
        text = dateformat.format(when, "j M" if short else "j M Y")
    else:
        text = when.strftime("%m-%d" if short else "%Y-%m-%d")
    return Markup('<time class="num" datetime="{}">{}</time>').format(when.isoformat(), text)


def crumbs(items: Iterable[tuple[object, object]]) -> Markup:
    """路径: where this page lies; pairs of label and address, the last one (or one without address) as plain text."""
    parts = [
        Markup('<a href="{}">{}</a>').format(str(url), str(label))
        if url
        else Markup("<span>{}</span>").format(str(label))
        for label, url in items
    ]
    arrow = Markup(' <span class="sep" aria-hidden="true">›</span> ')
    return Markup('<nav class="crumbs" aria-label="{}">{}</nav>').format(_("Where you are"), arrow.join(parts))


def qr(text: str, label: object = "") -> Markup:
    """二维码: ``text`` as an inline drawing of modules on white, with a spoken label."""
    code = segno.make(text, error="m", micro=False)
    matrix = [bytes(row) for row in code.matrix]
    size = len(matrix) + 8
    path = "".join(
        f"M{run.start() + 4} {y + 4}h{run.end() - run.start()}v1h-{run.end() - run.start()}z"
        for y, row in enumerate(matrix)
        for run in re.finditer(b"\x01+", row)
    )
    return Markup(
        '<svg class="qr" viewBox="0 0 {0} {0}" role="img" aria-label="{1}" shape-rendering="crispEdges">'
        '<rect width="{0}" height="{0}" fill="#fff"/><path d="{2}" fill="#000"/></svg>'
    ).format(size, str(label) or _("QR code for this link"), path)


Point = tuple[dt.date, Number, Number]
"""One day of the line: the day, said, verified; ``None`` where that day brought no such figure."""

_LEFT, _RIGHT, _TOP, _BOTTOM = 40.0, 570.0, 20.0, 150.0


def said_verified_chart(points: Sequence[Point], marks: Sequence[tuple[dt.date, object]] = ()) -> Markup:
    """报与核的过程: said dashed and verified solid over time, with the same figures as a table beside it.

    Args:
        points: by day, oldest first.
        marks: days to mark, such as the original due date, each with a short label.
    """
    if not points:
        return Markup('<p class="hint">{}</p>').format(_("Nothing has been said or verified yet."))
    days = [point[0] for point in points] + [mark[0] for mark in marks]
    first, last = min(days), max(days)
    span = max(1, (last - first).days)

    def x(when: dt.date) -> float:
        return round(_LEFT + (when - first).days / span * (_RIGHT - _LEFT), 1)

    def y(value: Number) -> float:
        return round(_BOTTOM - whole(value) / 100 * (_BOTTOM - _TOP), 1)

    drawing: list[Markup] = []
    for level in (0, 50, 100):
        drawing.append(
            Markup(
                '<line class="grid" x1="40" x2="570" y1="{0}" y2="{0}"/><text class="tick" x="32" y="{1}">{2}</text>'
            ).format(y(level), y(level) + 4, level)
        )
    for when, label in marks:
        at = x(when)
        side = "end" if at > 200 else "start"
        drawing.append(
            Markup(
                '<line class="mark" x1="{0}" x2="{0}" y1="10" y2="150"/>'
                '<text class="marked {1}" x="{2}" y="12">{3}</text>'
            ).format(at, side, at - 6 if side == "end" else at + 6, str(label))
        )
    ends: list[tuple[float, str, str]] = []
    saids = [(point[0], point[1]) for point in points]
    verifieds = [(point[0], point[2]) for point in points]
    for figures, kind, words in ((saids, "said", _("said %(value)s")), (verifieds, "ver", _("verified %(value)s"))):
        known = [(x(when), y(value), value) for when, value in figures if value is not None]
        if not known:
            continue
        drawing.append(
            Markup('<polyline class="{}" points="{}"/>').format(
                kind, " ".join(f"{px},{py}" for px, py, _value in known)
            )
        )
        drawing.extend(
            Markup('<circle class="{}" cx="{}" cy="{}" r="3"/>').format(kind, px, py) for px, py, _value in known
        )
        ends.append((known[-1][1], kind, words % {"value": whole(known[-1][2])}))
    if len(ends) == 2 and abs(ends[0][0] - ends[1][0]) < 15:
        middle = (ends[0][0] + ends[1][0]) / 2
        ends = [(middle - 8, *ends[0][1:]), (middle + 8, *ends[1][1:])]
    drawing.extend(
        Markup('<text class="end {}" x="578" y="{}">{}</text>').format(kind, ey + 4, words) for ey, kind, words in ends
    )
    shown = sorted({first, first + (last - first) / 2, last})
    for when in shown:
        drawing.append(Markup('<text class="tick mid" x="{}" y="170">{}</text>').format(x(when), day(when).striptags()))
    rows = Markup("").join(
        Markup('<tr><td>{}</td><td class="n">{}</td><td class="n">{}</td></tr>').format(
            day(when), percent(said), percent(verified)
        )
        for when, said, verified in points
    )
    return Markup(
        '<figure class="chart"><svg viewBox="0 0 660 180" role="img" aria-label="{}">{}</svg>'
        '<details><summary>{}</summary><table><thead><tr><th scope="col">{}</th><th scope="col" class="n">{}</th>'
        '<th scope="col" class="n">{}</th></tr></thead><tbody>{}</tbody></table></details></figure>'
    ).format(
        _("Said and verified over time; the same figures are in the table below."),
        Markup("").join(drawing),
        _("As a table"),
        _("Day"),
        _("Said"),
        _("Verified"),
        rows,
    )
