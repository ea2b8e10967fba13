"""What the register says（台账用语）: its filters in words, its cells as marks."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _
from markupsafe import Markup

from luoshi.delivery.models import Commitment
from luoshi.desk.queries.columns import Column
from luoshi.desk.queries.columns import kind_name as kind_name
from luoshi.desk.queries.columns import state_name as state_name
from luoshi.desk.queries.filters import NOT_VERIFIED, ORDERS, Filters
from luoshi.desk.views import words
from luoshi.rules import lights
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
    names = {
        "urgency": _("most urgent first"),
        "due": _("by due date"),
        "ref": _("by number"),
        "unit": _("by unit"),
        "said": _("by what was said"),
        "verified": _("by what was verified"),
        "gap": _("by the gap"),
        "heard": _("longest without a report first"),
    }
    return names[order]


def orders() -> list[tuple[str, str]]:
    """Every order with its words, each way."""
    found = []
    for order in ORDERS:
        found += [(order, order_name(order)), (f"-{order}", _("%(order)s, reversed") % {"order": order_name(order)})]
    return found


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


def _title(row: Commitment, _light: lights.Light) -> str:
    ref, name = html.escape(row.ref), html.escape(row.title or row.ref)
    mark = "" if row.kind == "task" else f' <span class="tag">{html.escape(kind_name(row.kind))}</span>'
    return f'<a href="{_page()}{quote(row.ref, safe="")}/">{name}</a> <span class="ref num">{ref}</span>{mark}'


def _lit(_row: Commitment, light: lights.Light) -> str:
    return components.light(light.colour, words.light_reason(light))


def _both(row: Commitment, _light: lights.Light) -> str:
    return _figures(get_language() or "", row.said, row.verified if row.verified_how else None)


@lru_cache(maxsize=4096)
def _figures(language: str, said: int, verified: int | None) -> str:
    return components.sv_number(said, verified) + components.said_verified(said, verified)


DRAWN: Mapping[str, Callable[[Commitment, lights.Light], str]] = {"light": _lit, "title": _title, "said": _both}
"""Columns that are drawn rather than written; what they return is escaped."""
NOTHING = '<span class="muted">–</span>'


def cell(column: Column, row: Commitment, light: lights.Light) -> str:
    """What a column shows of a row, escaped."""
    drawn = DRAWN.get(column.key)
    if drawn is not None:
        return drawn(row, light)
    value = column.value(row)
    if value is None or value == "":
        return NOTHING
    if column.kind in ("day", "moment"):
        return components.day(value)
    if column.kind == "percent":
        return components.percent(value)
    return html.escape(str(value))


def lines(
    rows: Sequence[Commitment], columns: Sequence[Column], at: datetime, *, picking: bool, picked: bool
) -> Markup:
    """The rows of the table（台账行）, written straight out: a page may have 200 of them with a dozen cells each."""
    opening = [f'<td class="{_class(column)}" data-head="{html.escape(str(column.title))}">' for column in columns]
    ticked = " checked" if picked else ""
    made: list[str] = []
    for row in rows:
        light = lights.light(row.light_facts(), at)
        made.append(f'<tr class="{light.colour}">')
        if picking:
            ref, name = html.escape(row.ref), html.escape(row.title or row.ref)
            made.append(
                f'<td class="c-pick noprint"><label><input type="checkbox" name="ref" value="{ref}"{ticked}>'
                f'<span class="vh">{name}</span></label></td>'
            )
        for begin, column in zip(opening, columns, strict=True):
            made.append(f"{begin}{cell(column, row, light)}</td>")
        made.append("</tr>\n")
    return Markup("".join(made))  # noqa: S704 - every part is escaped where it enters


def _class(column: Column) -> str:
    numeric = " n" if column.kind in ("number", "percent", "day", "moment") and column.key != "said" else ""
    return f"c-{column.key}{numeric}"


def headings(filters: Filters, columns: list[Column]) -> list[dict[str, str]]:
    """Heads with the address that sorts by them: the usual way first, then the other."""
    found = []
    for column in columns:
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
    return found
