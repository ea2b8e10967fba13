"""What the register says（台账用语）: its filters in words, its cells as marks."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _
from markupsafe import Markup

from luoshi.delivery.models import Commitment
from luoshi.desk.queries.columns import COLUMNS, Column
from luoshi.desk.queries.columns import kind_name as kind_name
from luoshi.desk.queries.columns import state_name as state_name
from luoshi.desk.queries.filters import NOT_VERIFIED, ORDERS, Filters
from luoshi.desk.queries.rows import Lit, Row
from luoshi.desk.views import words
from luoshi.rules import lights
from luoshi.rules.calendar import local_day
from luoshi.ui import components
from luoshi.ui.jinja import safe_url


def how_name(how: str) -> str:
    """A way of verifying, or that there was none."""
    return _("not verified") if how == NOT_VERIFIED else str(Commitment.How(how).label)


def open_name(kind: str) -> str:
    """What may be undecided."""
    names = {
        "findings": _("open findings"),
        "requests": _("open requests"),
        "extension": _("an extension asked for"),
        "objections": _("open objections"),
    }
    return names[kind]


def cadence_name(cadence: str) -> str:
    """How often a report is asked."""
    return str(Commitment.Cadence(cadence).label)


def order_name(order: str) -> str:
    """An order in words."""
    return _order_names(get_language() or "")[order]


@lru_cache(maxsize=16)
def _order_names(_language: str) -> Mapping[str, str]:
    return {
        "urgency": _("most urgent first"),
        "due": _("by due date"),
        "ref": _("by number"),
        "unit": _("by unit"),
        "said": _("by what was said"),
        "verified": _("by what was verified"),
        "gap": _("by the gap"),
        "heard": _("longest without a report first"),
    }


def orders() -> list[tuple[str, str]]:
    """Every order with its words, each way."""
    found = []
    for order in ORDERS:
        found += [(order, order_name(order)), (f"-{order}", _("%(order)s, reversed") % {"order": order_name(order)})]
    return found


def order_words(sort: str) -> str:
    """The present order with its direction, in words."""
    name = order_name(sort.removeprefix("-"))
    return _("%(order)s, reversed") % {"order": name} if sort.startswith("-") else name


def filter_words(name: str, value: Any, names: Mapping[tuple[str, Any], str]) -> str:
    """One active filter in words; ``names`` tells what units, matters and posts are called."""
    known = names.get((name, value), str(value))
    sentences: Mapping[str, Callable[[], str]] = {
        "programme": lambda: _("Programme: %(name)s") % {"name": known},
        "matter": lambda: _("Matter: %(name)s") % {"name": known},
        "sub": lambda: _("Part: %(name)s") % {"name": known},
        "unit": lambda: _("%(name)s and below") % {"name": known},
        "own": lambda: _("its own level only"),
        "lead": lambda: _("Lead: %(name)s") % {"name": known},
        "post": lambda: _("In charge: %(name)s") % {"name": known},
        "issuer": lambda: _("Issued by: %(name)s") % {"name": known},
        "state": lambda: _("State: %(name)s") % {"name": state_name(value)},
        "light": lambda: _("Light: %(name)s") % {"name": components.light_word(value)},
        "kind": lambda: _("Kind: %(name)s") % {"name": kind_name(value)},
        "from": lambda: _("due from %(day)s") % {"day": words.plain_day(value)},
        "until": lambda: _("due until %(day)s") % {"day": words.plain_day(value)},
        "overdue": lambda: _("past its date and not done"),
        "silent": lambda: ngettext("no report for %(n)s day", "no report for %(n)s days", value) % {"n": value},
        "gap": lambda: _("gap of %(n)s points or more") % {"n": value},
        "open": lambda: open_name(value),
        "how": lambda: _("Verified: %(name)s") % {"name": how_name(value)},
        "cadence": lambda: _("Reports asked: %(name)s") % {"name": cadence_name(value)},
        "q": lambda: _("Words: %(words)s") % {"words": value},
    }
    return sentences[name]()


def count_words(total: int, exact: bool) -> str:
    """How many there are."""
    shown = f"{total:,}"
    if not exact:
        return _("more than %(n)s commitments") % {"n": shown}
    return ngettext("%(n)s commitment", "%(n)s commitments", total) % {"n": shown}


# --- Cells ------------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _page() -> str:
    address = safe_url("delivery:commitment", "-")
    return address.removesuffix("-/")


Drawn = Callable[[Row, lights.Light, str, str], str]
"""Draws a cell of a row that shines so, from the row, its light, and number and title as they are escaped."""
_SIMPLE = re.compile(r"[-0-9A-Za-z]+")
"""Numbers that stand in an address and on a page as they are."""
NOTHING = '<span class="muted">–</span>'


def _title(language: str) -> Drawn:
    page = _page()

    def drawn(row: Row, _light: lights.Light, ref: str, name: str) -> str:
        place = ref if _SIMPLE.fullmatch(ref) else quote(row.ref, safe="")
        mark = _tag(language, row.kind) if row.kind != "task" else ""
        return f'<a href="{page}{place}/">{name}</a> <span class="ref num">{ref}</span>{mark}'

    return drawn


@lru_cache(maxsize=16)
def _tag(_language: str, kind: str) -> str:
    return f' <span class="tag">{html.escape(kind_name(kind))}</span>'


def _lit(language: str) -> Drawn:
    return lambda _row, light, _ref, _name: _shining(language, light.colour, light.code, tuple(light.params.items()))


@lru_cache(maxsize=4096)
def _shining(_language: str, colour: lights.Colour, code: str, params: tuple[tuple[str, date], ...]) -> str:
    return components.light(colour, words.light_reason(lights.Light(colour, code, dict(params))))


def _both(language: str) -> Drawn:
    return lambda row, _light, _ref, _name: _figures(language, row.said, row.verified if row.verified_how else None)


@lru_cache(maxsize=4096)
def _figures(_language: str, said: int, verified: int | None) -> str:
    return components.sv_number(said, verified) + components.said_verified(said, verified)


def _state(language: str) -> Drawn:
    return lambda row, _light, _ref, _name: _state_mark(language, row.state)


@lru_cache(maxsize=64)
def _state_mark(_language: str, state: str) -> str:
    return html.escape(state_name(state))


def _lead(_language: str) -> Drawn:
    return lambda row, _light, _ref, _name: html.escape(row.lead.name)


def _matter(language: str) -> Drawn:
    known: dict[int, str] = {}

    def drawn(row: Row, _light: lights.Light, _ref: str, _name: str) -> str:
        matter = row.matter
        text = known.get(id(matter))
        if text is None:
            text = known[id(matter)] = html.escape(f"{matter.number} {matter.short}")
        return text

    return drawn


def _due(language: str) -> Drawn:
    return lambda row, _light, _ref, _name: _day(language, row.due_on) if row.due_on is not None else NOTHING


def _heard(language: str) -> Drawn:
    def drawn(row: Row, _light: lights.Light, _ref: str, _name: str) -> str:
        heard = row.last_reported_at
        return _day(language, local_day(heard)) if heard is not None else NOTHING

    return drawn


@lru_cache(maxsize=4096)
def _day(_language: str, value: date) -> str:
    return components.day(value)


DRAWN: Mapping[str, Callable[[str], Drawn]] = {
    "light": _lit,
    "title": _title,
    "lead": _lead,
    "matter": _matter,
    "state": _state,
    "said": _both,
    "due": _due,
    "heard": _heard,
}
"""The columns shown when nobody chose, each drawn in the quickest way in one language."""


def _plain(column: Column) -> Drawn:
    """Any other column: its value, written as its kind asks."""

    def drawn(row: Row, _light: lights.Light, _ref: str, _name: str) -> str:
        value = column.value(row)
        if value is None or value == "":
            return NOTHING
        if column.kind in ("day", "moment"):
            return components.day(value)
        if column.kind == "percent":
            return components.percent(value)
        return html.escape(str(value))

    return drawn


_PICK = (
    '<td class="c-pick noprint"><label><input type="checkbox" name="ref" value="%s"{}>'
    '<span class="vh">%s</span></label></td>'
)


def lines(rows: Sequence[Row], columns: Sequence[Column], at: datetime, *, picking: bool, picked: bool) -> Markup:
    """The rows of the table（台账行）, written straight out: a page may have 200 of them with a dozen cells each."""
    language = get_language() or ""
    drawers = [DRAWN[column.key](language) if column.key in DRAWN else _plain(column) for column in columns]
    line = _line(language, tuple(column.key for column in columns))
    pick = _PICK.replace("{}", " checked" if picked else "") if picking else ""
    made: list[str] = []
    known: Lit = {}
    for row in rows:
        light = row.shines(at, known)
        ref = row.ref if _SIMPLE.fullmatch(row.ref) else html.escape(row.ref)
        name = html.escape(row.title) or ref
        made.append(
            line % (light.colour, pick % (ref, name) if pick else "", *[d(row, light, ref, name) for d in drawers])
        )
    return Markup("".join(made))  # noqa: S704 - every part is escaped where it enters


@lru_cache(maxsize=512)
def _line(_language: str, keys: tuple[str, ...]) -> str:
    cells = "".join(
        f'<td class="{_class(column)}" data-head="{html.escape(str(column.title)).replace("%", "%%")}">%s</td>'
        for column in map(COLUMNS.__getitem__, keys)
    )
    return f'<tr class="%s">%s{cells}</tr>\n'


def _class(column: Column) -> str:
    numeric = " n" if column.kind in ("number", "percent", "day", "moment") and column.key != "said" else ""
    return f"c-{column.key}{numeric}"


def headings(filters: Filters, columns: Sequence[Column]) -> tuple[Mapping[str, str], ...]:
    """Heads with the address that sorts by them: the usual way first, then the other."""
    return _headings(get_language() or "", filters, tuple(column.key for column in columns))


@lru_cache(maxsize=512)
def _headings(_language: str, filters: Filters, keys: tuple[str, ...]) -> tuple[Mapping[str, str], ...]:
    found = []
    for column in map(COLUMNS.__getitem__, keys):
        order = column.sortable
        now = filters.sort.removeprefix("-") == order
        turned = f"-{order}" if order and now and not filters.backwards else order
        if order in ("said", "verified", "gap") and not now:
            turned = f"-{order}"
        elif order in ("said", "verified", "gap"):
            turned = order if filters.backwards else f"-{order}"
        found.append(
            {
                "title": str(column.title) if column.key != "said" else pgettext("column", "said / verified"),
                "style": _class(column),
                "url": "?" + filters.with_(sort=turned).encode() if order else "",
                "sort": ("descending" if filters.backwards else "ascending") if order and now else "",
            }
        )
    return tuple(found)
