"""A deadline in one sentence（时限说明）: the term, what is off on the way, what is made up, what nobody knows yet."""

from __future__ import annotations

from datetime import date

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from luoshi.rules.calendar import Account, DayName, Span
from luoshi.ui.components import day

MOST = 4
"""Holidays a sentence names; a year's term would name every festival."""


def _english() -> bool:
    return (get_language() or "").startswith("en")


def plain(value: date, *, short: bool = False) -> str:
    """A day as text in the reader's manner; ``short`` leaves out the year."""
    return str(day(value, short).striptags())


def name_of(name: DayName) -> str:
    """What a special day is called, in the reader's language."""
    return name.en if _english() else name.zh


def span(first: date, last: date) -> str:
    """Days in a row, short: 10–17 Feb, 02-10 至 02-17."""
    if first == last:
        return plain(first, short=True)
    if _english() and first.month == last.month:
        return f"{first.day}–{plain(last, short=True)}"
    return _("%(first)s to %(last)s") % {"first": plain(first, short=True), "last": plain(last, short=True)}


def sentence(account: Account) -> str:
    """How a deadline comes to its day, in one sentence and what it rests on.

    "5 working days after it was issued on 9 Feb 2024: by the end of 22 Feb 2024; 10–17 Feb are Spring Festival; 18 Feb
    is a make-up day."
    """
    params = {name: plain(value) if isinstance(value, date) else value for name, value in account.params.items()}
    head = (_(account.template) % params).rstrip(".。")
    parts = [head, *_off(account.off), *_made_up(account), *_stood(account)]
    text = _("%(parts)s.") % {"parts": _("; ").join(parts)}
    if account.provisional:
        years = "、".join(map(str, account.provisional)) if not _english() else ", ".join(map(str, account.provisional))
        text += _(" The arrangement of %(years)s is not announced yet, so this day is provisional.") % {"years": years}
    return text


def _off(spans: tuple[Span, ...]) -> list[str]:
    shown = [
        (_("%(days)s is %(name)s") if one.first == one.last else _("%(days)s are %(name)s"))
        % {"days": span(one.first, one.last), "name": name_of(one.name)}
        for one in spans[:MOST]
    ]
    left = len(spans) - MOST
    return [*shown, _("and %(count)s more holidays") % {"count": left}] if left > 0 else shown


def _made_up(account: Account) -> list[str]:
    days = [plain(one, short=True) for one, _name in account.make_up]
    if not days:
        return []
    if len(days) == 1:
        return [_("%(day)s is a make-up day") % {"day": days[0]}]
    return [_("%(days)s are make-up days") % {"days": (", " if _english() else "、").join(days)}]


def _stood(account: Account) -> list[str]:
    if not account.waited:
        return []
    return [_("its clock stood still for %(count)s working days, which are added") % {"count": account.waited}]
