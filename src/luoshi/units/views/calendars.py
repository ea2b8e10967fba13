"""The calendar page（工作日历）: a year as twelve months, where each day comes from, and the acts that change it."""

from __future__ import annotations

import calendar as plain
import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateformat import format as date_format
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from luoshi.rules import paths
from luoshi.rules.calendar import DayName, Deadline, WeekCalendar, account
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused
from luoshi.ui import deadlines
from luoshi.units import forms, queries, services
from luoshi.units.models import CalendarVersion, Unit
from luoshi.units.queries.calendars import calendar_for, versions_above
from luoshi.units.views import _act, _refused

FIRST, LAST = 2000, 2100


@dataclass(frozen=True, slots=True)
class Cell:
    """One day of a month: its number, what it is, and what it is called."""

    day: dt.date
    kind: str
    name: str = ""
    local: bool = False

    @property
    def word(self) -> str:
        """One character that says it without colour."""
        return {"off": pgettext("mark", "off"), "work": pgettext("mark", "work")}.get(self.kind, "")


@dataclass(frozen=True, slots=True)
class Month:
    """One month, week by week; days of other months are ``None``."""

    name: str
    weeks: list[list[Cell | None]]
    worked: int


def _shown_name(name: DayName | None) -> str:
    return deadlines.name_of(name) if name else ""


def months_of(year: int, days: WeekCalendar, local: frozenset[dt.date]) -> list[Month]:
    """The twelve months of a year as that calendar has them."""
    found = []
    for month in range(1, 13):
        weeks: list[list[Cell | None]] = []
        for week in plain.Calendar().monthdatescalendar(year, month):
            weeks.append([_cell(day, days, local) if day.month == month else None for day in week])
        worked = sum(cell is not None and cell.kind in {"", "work"} for week in weeks for cell in week)
        first = dt.date(year, month, 1)
        name = date_format(first, "F") if (get_language() or "").startswith("en") else f"{month}月"
        found.append(Month(name, weeks, worked))
    return found


def _cell(day: dt.date, days: WeekCalendar, local: frozenset[dt.date]) -> Cell:
    name, weekend = days.names.get(day), day.weekday() > 4
    if days.is_working(day):
        return Cell(day, "work" if weekend else "", _shown_name(name) if weekend else "", day in local)
    kind = "off" if day in days.holidays else "weekend"
    return Cell(day, kind, _shown_name(name) if kind == "off" else "", day in local)


def _asked_year(request: HttpRequest) -> int:
    told = request.GET.get("year", "")
    year = int(told) if told.isascii() and told.isdigit() and len(told) == 4 else timezone.localdate().year
    return min(max(year, FIRST), LAST)


def _asked_unit(request: HttpRequest, actor: Actor) -> Unit:
    told = request.GET.get("unit", "")
    if told.isascii() and told.isdigit() and len(told) < 10:
        return queries.unit_in_scope(actor, int(told))
    return queries.unit_in_scope(actor, queries.home_id(actor))


@login_required
@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    """A year of one area: holidays and make-up days by shape and word, with the notices they come from."""
    at = timezone.now()
    try:
        actor = queries.actor_for_request(request, at)
        unit = _asked_unit(request, actor)
    except Refused as refusal:
        return _refused(request, refusal)
    year, days = _asked_year(request), calendar_for(unit.path)
    versions = versions_above(unit.path, year)
    special = {day: name for day, name in days.names.items() if day.year == year}
    local = frozenset(row.day for version in versions if version.unit_id for row in version.days.all())
    top = paths.depth(actor.effective.area_path) == 1
    keeper = queries.may_administer(actor, unit)
    context = {
        "actor": actor,
        "unit": unit,
        "year": year,
        "crumb_list": [(_("Units"), reverse("units:tree")), (unit.name, _unit_url(unit)), (_("Working calendar"), "")],
        "months": months_of(year, days, local),
        "headings": [_("Mo"), _("Tu"), _("We"), _("Th"), _("Fr"), _("Sa"), _("Su")],
        "versions": versions,
        "announced": year in days.years,
        "spans": _spans(special, days),
        "worked": sum(month.worked for month in months_of(year, days, local)),
        "may": keeper,
        "may_country": keeper and top,
        "kept_missing": not versions and not days.years,
        "history": _history(unit, year),
        "example": _example(request, days),
    }
    return render(request, "units/calendar.html", context)


def _unit_url(unit: Unit) -> str:
    return reverse("units:unit", args=[unit.pk])


def _spans(special: dict[dt.date, DayName], days: WeekCalendar) -> list[dict[str, Any]]:
    """The festivals of the year in order: from, to, name, make-up days."""
    found: list[dict[str, Any]] = []
    for day in sorted(special):
        name = special[day]
        if days.is_working(day):
            found.append({"first": day, "last": day, "name": _shown_name(name), "work": True})
            continue
        last = found[-1] if found else None
        if last and not last["work"] and last["of"] == name and day - last["last"] == dt.timedelta(days=1):
            last["last"] = day
        else:
            found.append({"first": day, "last": day, "name": _shown_name(name), "of": name, "work": False})
    return found


def _history(unit: Unit, year: int) -> list[CalendarVersion]:
    """What was in force before, the newest first."""
    rows = CalendarVersion.objects.filter(year=year).select_related("unit")
    wanted = rows.filter(unit__isnull=True) | rows.filter(unit__in=paths.ids(unit.path))
    return list(wanted.order_by("-pk")[:20])


def _example(request: HttpRequest, days: WeekCalendar) -> dict[str, Any]:
    """A term counted as somebody asked on the page."""
    form = forms.CountForm(request.GET if "n" in request.GET else None, initial={"start": timezone.localdate(), "n": 5})
    said = ""
    if form.is_bound and form.is_valid():
        told = form.cleaned_data
        said = deadlines.sentence(account(Deadline(told["n"], "working", "counted"), told["start"], days))
    return {"form": form, "said": said}


def _home(unit: str, year: int) -> str:
    found = f"{reverse('units:calendar')}?year={year}"
    return f"{found}&unit={queries.find_unit(unit).pk}" if unit else found


@login_required
def load(request: HttpRequest) -> HttpResponse:
    """Put the notices kept with the program in force."""

    def do(actor: Actor, at: dt.datetime, data: dict[str, Any]) -> str:
        services.load_kept_calendars(actor=actor, at=at)
        return reverse("units:calendar")

    return _act(
        request,
        form_class=forms.EmptyForm,
        title=_("Load the kept notices"),
        text=_("Years that have a calendar already are left as they are."),
        submit=_("Load"),
        cancel=reverse("units:calendar"),
        do=do,
    )


@login_required
def read_in(request: HttpRequest) -> HttpResponse:
    """Read a notice in from a text in YAML or CSV; every wrong row is named."""

    def do(actor: Actor, at: dt.datetime, data: dict[str, Any]) -> str:
        content = data["text"].encode()
        name = "notice.csv" if data["text"].lstrip().lower().startswith("from,") else "notice.yaml"
        told = {key: str(data[key] or "") for key in ("year", "title", "number", "issued_on", "source", "unit")}
        report = services.import_calendar(actor=actor, at=at, content=content, name=name, defaults=told)
        services.require_clean_calendar(report)
        return _home(report.notice.unit, report.notice.year)

    return _act(
        request,
        form_class=forms.NoticeForm,
        title=_("Read a notice in"),
        text=_("The whole year as the notice has it; what was in force before stays in the history."),
        submit=_("Read in"),
        cancel=reverse("units:calendar"),
        initial={"year": timezone.localdate().year + 1},
        do=do,
    )


@login_required
def change_day(request: HttpRequest) -> HttpResponse:
    """Change one day with a reason（调整一天）."""

    def do(actor: Actor, at: dt.datetime, data: dict[str, Any]) -> str:
        services.change_day(actor=actor, at=at, **data)
        return _home(data["unit"], data["day"].year)

    told = request.GET
    return _act(
        request,
        form_class=forms.ChangeDayForm,
        title=_("Change one day"),
        text=_(
            "New deadlines are counted by it at once; those that run already move only when you have seen and confirmed"
            " the list."
        ),
        submit=_("Change the day"),
        cancel=reverse("units:calendar"),
        initial={"day": told.get("day", ""), "unit": told.get("unit", "")},
        do=do,
    )
