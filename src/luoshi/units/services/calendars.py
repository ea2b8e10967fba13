"""Working calendars（工作日历）: notices kept with the program or read in, and single days an administrator changes.

Every act adds a version and rewrites none, so that what a deadline was counted by can always be shown.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import chinese_calendar.constants as kept
from django.db import transaction

from luoshi.ledger import services as ledger
from luoshi.rules import notices, paths
from luoshi.rules.notices import Notice, SpecialDay
from luoshi.rules.paths import within
from luoshi.rules.permissions import Actor, Role
from luoshi.rules.refusals import Refused, declare, gettext_noop
from luoshi.units import events
from luoshi.units.models import CalendarDay, CalendarVersion, Kind, Unit
from luoshi.units.queries import find_unit
from luoshi.units.queries.calendars import forget, in_force
from luoshi.units.services._acts import after_of

_ = gettext_noop
declare(
    403,
    calendar_not_yours=_(
        "The calendar of %(unit)s is kept by an administrator of that area or above it; that of the whole country by an"
        " administrator of the top of the tree."
    ),
)
declare(
    409,
    day_unchanged=_("%(day)s is like that already."),
    calendar_known=_("This notice is in force already; nothing was changed."),
)
declare(
    422,
    calendar_area_only=_("Local holidays belong to an area, not to a department or body: choose the area."),
    day_worked_anyway=_("%(day)s is no weekend and no holiday: it is worked anyway."),
    day_nameless=_("Give the day its name, so that a deadline can explain itself."),
)

COUNTRY: Final = "全国"

NOTICES: Final[Mapping[int, tuple[str, dt.date, str]]] = {
    2024: (
        "国办发明电〔2023〕7号",
        dt.date(2023, 10, 25),
        "https://www.gov.cn/zhengce/zhengceku/202310/content_6911528.htm",
    ),
    2025: (
        "国办发明电〔2024〕12号",
        dt.date(2024, 11, 12),
        "https://www.gov.cn/zhengce/content/202411/content_6986382.htm",
    ),
    2026: (
        "国办发明电〔2025〕7号",
        dt.date(2025, 11, 4),
        "https://www.gov.cn/zhengce/content/202511/content_7047090.htm",
    ),
}
"""Year → number, date and address of the State Council office's notice. The days come from the package
``chinesecalendar`` (MIT), which carries each notice; a year that is not named here is not announced."""


def kept_notice(year: int) -> Notice:
    """The notice of a year as it is kept with the program（随程序附带的放假通知）.

    Raises:
        KeyError: no notice of that year is kept.
    """
    number, issued_on, source = NOTICES[year]
    days = [
        SpecialDay(day, working, kept.Holiday(name).chinese, name)
        for table, working in ((kept.holidays, False), (kept.workdays, True))
        for day, name in table.items()
        if day.year == year
    ]
    return Notice(
        year=year,
        title=f"国务院办公厅关于{year}年部分节假日安排的通知",
        days=tuple(sorted(days, key=lambda one: one.day)),
        number=number,
        issued_on=issued_on,
        source=source,
    )


@dataclass(frozen=True, slots=True)
class CalendarReport:
    """What reading a notice did, or would do (``dry_run``), or why it did nothing (``errors``)."""

    notice: Notice
    errors: tuple[notices.RowError, ...]
    dry_run: bool
    added: tuple[SpecialDay, ...] = ()
    """Days that are special now and were not, or are special in another way."""
    removed: tuple[SpecialDay, ...] = ()
    """Days that are as in a plain week again."""
    version: CalendarVersion | None = None


def require_keeper(actor: Actor, unit: Unit | None) -> None:
    """Refuse all but who keeps this calendar: the machine's owner, or an administrator of the area or above it.

    Raises:
        Refused: ``calendar_not_yours``.
    """
    if actor.role is Role.SYSTEM:
        return
    seat = actor.effective
    top = paths.depth(seat.area_path) == 1
    if actor.role is Role.ADMINISTRATOR and (top if unit is None else within(unit.path, seat.area_path)):
        return
    raise Refused("calendar_not_yours", unit=unit.name if unit is not None else COUNTRY)


def missing_notices() -> list[Notice]:
    """The notices kept with the program whose year has no calendar here yet（尚未装入的日历）."""
    known = set(CalendarVersion.objects.filter(unit__isnull=True).order_by().values_list("year", flat=True))
    return [kept_notice(year) for year in NOTICES if year not in known]


def load_kept_calendars(*, actor: Actor, at: dt.datetime) -> list[CalendarVersion]:
    """Put the notices kept with the program in force（装入随附日历）where a year has none; the rest stays as it is.

    Raises:
        Refused: ``calendar_not_yours``.
    """
    require_keeper(actor, None)
    found = missing_notices()
    return [_record(notice, None, CalendarVersion.Origin.PACKAGE, actor=actor, at=at) for notice in found]


def import_calendar(
    *,
    actor: Actor,
    at: dt.datetime,
    content: bytes,
    name: str,
    defaults: Mapping[str, str] | None = None,
    dry_run: bool = False,
) -> CalendarReport:
    """Read a notice in（导入放假通知）: the whole year of an area, or of the country; all of it or nothing.

    Args:
        actor: who keeps that calendar.
        at: when it is recorded.
        content: of a YAML or CSV file, see :func:`luoshi.rules.notices.read`.
        name: of the file.
        defaults: year, title, number, issued_on, source, unit where the file does not say them.
        dry_run: only say what would be done.

    Raises:
        Refused: ``calendar_not_yours``, ``calendar_area_only``, ``unit_unknown`` and those of the reader. Wrong rows
            are not refused but listed; see :func:`require_clean_calendar`.
    """
    notice, errors = notices.read(content, name, defaults)
    unit = area_named(notice.unit)
    require_keeper(actor, unit)
    before = {one.day: one for one in days_in_force(unit, notice.year)}
    after = {one.day: one for one in notice.days}
    report = CalendarReport(
        notice,
        tuple(errors),
        dry_run,
        tuple(one for day, one in after.items() if before.get(day) != one),
        tuple(one for day, one in before.items() if day not in after),
    )
    if errors or dry_run:
        return report
    made = _record(notice, unit, CalendarVersion.Origin.IMPORT, actor=actor, at=at)
    return CalendarReport(notice, (), False, report.added, report.removed, made)


def require_clean_calendar(report: CalendarReport) -> None:
    """Refuse when a row was wrong.

    Raises:
        Refused: ``notice_rows_bad``, naming the first.
    """
    if report.errors:
        first = report.errors[0]
        raise Refused(
            "notice_rows_bad", count=len(report.errors), row=first.row, problem=first.template % dict(first.params)
        )


def area_named(text: str) -> Unit | None:
    """The area of that name or code; nobody in particular, the whole country, for an empty text.

    Raises:
        Refused: ``unit_unknown``, ``unit_ambiguous``, ``calendar_area_only``.
    """
    if not text.strip():
        return None
    unit = find_unit(text, areas_only=True)
    if unit.kind != Kind.AREA:
        raise Refused("calendar_area_only")
    return unit


def days_in_force(unit: Unit | None, year: int) -> list[SpecialDay]:
    """The special days of the newest version of an area and year."""
    version = in_force().filter(unit=unit, year=year).first()
    rows = version.days.all() if version else ()
    return [SpecialDay(row.day, row.working, row.name_zh, row.name_en) for row in rows]


class Change:
    """What a day becomes（一天的改动）."""

    OFF = "off"
    WORK = "work"
    PLAIN = "plain"


@transaction.atomic
def change_day(
    *,
    actor: Actor,
    at: dt.datetime,
    day: dt.date,
    what: str,
    reason: str,
    unit: str = "",
    name_zh: str = "",
    name_en: str = "",
    version: int | None = None,
) -> CalendarVersion:
    """Change one day of a calendar（调整一天）with a reason: off, worked, or as in a plain week again.

    A year is not announced by that: what no notice covers stays provisional.

    Args:
        actor: who keeps that calendar.
        at: now.
        day: the day.
        what: ``off``, ``work`` or ``plain``.
        reason: why; kept in the ledger.
        unit: name or code of the area whose local day it is; the whole country when empty.
        name_zh: what the day is called; needed unless it becomes plain.
        name_en: the same in English.
        version: number of the calendar version one looked at; 0 when there was none; ``None`` does not compare.

    Raises:
        Refused: ``calendar_not_yours``, ``calendar_area_only``, ``reason_missing``, ``day_nameless``,
            ``day_worked_anyway``, ``day_unchanged``, ``stale_version``.
    """
    area = area_named(unit)
    require_keeper(actor, area)
    if not reason.strip():
        raise Refused("reason_missing")
    if what != Change.PLAIN and not name_zh.strip():
        raise Refused("day_nameless")
    now = CalendarVersion.objects.select_for_update(of=("self",)).filter(unit=area, year=day.year).first()
    if version is not None and version != (now.pk if now else 0):
        raise Refused("stale_version", ref=f"{area.name if area else COUNTRY} {day.year}", what=str(now or "–"))
    days = {one.day: one for one in days_in_force(area, day.year)}
    before = days.pop(day, None)
    if what != Change.PLAIN:
        made = SpecialDay(day, what == Change.WORK, name_zh.strip()[:40], name_en.strip()[:60])
        if made.working and day.weekday() < 5 and area is None:
            raise Refused("day_worked_anyway", day=day.isoformat())
        days[day] = made
    if days.get(day) == before:
        raise Refused("day_unchanged", day=day.isoformat())
    notice = Notice(
        year=day.year,
        title=now.title if now else f"{area.name if area else COUNTRY}{day.year}年",
        days=tuple(days.values()),
        number=now.number if now else "",
        issued_on=now.notice_on if now else None,
        source=now.source if now else "",
    )
    return _record(notice, area, CalendarVersion.Origin.OVERRIDE, actor=actor, at=at, reason=reason.strip(), day=day)


@transaction.atomic
def _record(
    notice: Notice,
    unit: Unit | None,
    origin: str,
    *,
    actor: Actor,
    at: dt.datetime,
    reason: str = "",
    day: dt.date | None = None,
) -> CalendarVersion:
    """Add a version with its days and its entry."""
    newest = in_force().filter(unit=unit, year=notice.year).first()
    same = newest is not None and (newest.digest, newest.number, newest.title, newest.notice_on, newest.source) == (
        notice.digest, notice.number, notice.title, notice.issued_on, notice.source
    )  # fmt: skip
    if same:
        raise Refused("calendar_known")
    made = CalendarVersion.objects.create(
        unit=unit,
        year=notice.year,
        origin=origin,
        title=notice.title,
        number=notice.number,
        notice_on=notice.issued_on,
        source=notice.source,
        reason=reason,
        digest=notice.digest,
        recorded_at=at,
    )
    CalendarDay.objects.bulk_create(_rows(made, notice.days))
    ledger.append(
        events.CalendarRecorded(
            calendar=made.pk,
            unit=unit.pk if unit else None,
            year=notice.year,
            origin=str(origin),
            title=notice.title,
            number=notice.number,
            days=len(notice.days),
            digest=notice.digest,
            day=day.isoformat() if day else None,
            reason=reason,
        ),
        actor=actor,
        at=at,
        after=after_of([made]),
        subjects=(made.ledger_key,),
    )
    forget()
    transaction.on_commit(forget)
    return made


def _rows(version: CalendarVersion, days: Sequence[SpecialDay]) -> list[CalendarDay]:
    return [
        CalendarDay(calendar=version, day=one.day, working=one.working, name_zh=one.zh, name_en=one.en) for one in days
    ]
