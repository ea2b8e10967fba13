"""放假安排: what a notice says about the days of a year, read from YAML or CSV and checked row by row.

One notice, one year, one area or the whole country. A notice is data, not a guess: what it does not say is a plain
week, and a year without a notice stays provisional (全国年节及纪念日放假办法, State Council Order 795 of 2024; its
Art 4 lets the places where a nationality lives in compact communities fix the days of its own festivals).
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

import yaml

from luoshi.rules.refusals import Refused, declare
from luoshi.rules.refusals import gettext_noop as _

MOST_DAYS: Final = 120
"""Special days one notice may name."""
LONGEST: Final = 31
"""Days in a row one line may take off."""
MOST_BYTES: Final = 200_000
FIRST_YEAR, LAST_YEAR = 2000, 2100

declare(
    422,
    notice_unreadable=_("The file is neither a YAML notice nor a CSV table with the columns %(columns)s: %(problem)s"),
    notice_year=_("Say which year the notice is about, between 2000 and 2100."),
    notice_title=_("Say what the notice is called: a calendar is never without its source."),
    notice_rows_bad=_("Nothing was read in: %(count)s rows are wrong. Row %(row)s: %(problem)s"),
    notice_empty=_("The notice names no day."),
    notice_too_long=_("A notice names at most %(most)s days."),
)

COLUMNS: Final = ("from", "to", "what", "name_zh", "name_en")
OFF: Final = frozenset({"off", "holiday", "放假", "休", "节假日"})
WORK: Final = frozenset({"work", "make-up", "make_up", "上班", "班", "调休上班", "补班"})


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """One day that is not as in a plain week（特殊日）: off, or worked; with the name the notice gives it."""

    day: date
    working: bool
    zh: str
    en: str = ""


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong with one row: an untranslated sentence with its places."""

    row: int
    template: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Notice:
    """What one notice says（放假通知）: year, where it comes from, its days; ``unit`` is a code or name, or empty."""

    year: int
    title: str
    days: tuple[SpecialDay, ...]
    number: str = ""
    issued_on: date | None = None
    source: str = ""
    unit: str = ""

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of the days."""
        return digest(self.days)


def digest(days: Iterable[SpecialDay]) -> str:
    """SHA-256 (hex) of special days, in the order of time."""
    lines = (f"{one.day}|{int(one.working)}|{one.zh}|{one.en}" for one in sorted(days, key=lambda one: one.day))
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def read(content: bytes, name: str, defaults: Mapping[str, str] | None = None) -> tuple[Notice, list[RowError]]:
    """Read a notice from a file.

    Args:
        content: UTF-8, at most 200 kB. YAML with ``year``, ``title``, ``number``, ``issued_on``, ``source``, ``unit``
            and lists ``holidays`` and ``make_up``; or CSV with the columns from, to, what, name_zh, name_en.
        name: of the file; ``.csv`` is a table, anything else YAML.
        defaults: year, title, number, issued_on, source and unit where the file does not say them.

    Returns:
        the notice and what is wrong with its rows; a notice with errors must not be stored.

    Raises:
        Refused: ``notice_unreadable``, ``notice_year``, ``notice_title``, ``notice_empty``, ``notice_too_long``.
    """
    if len(content) > MOST_BYTES:
        raise Refused("notice_too_long", most=MOST_DAYS)
    try:
        text = content.decode("utf-8-sig")
        head, rows = _table(text) if name.lower().endswith(".csv") else _yaml(text)
    except (UnicodeDecodeError, yaml.YAMLError, csv.Error, _UnfitError) as error:
        raise Refused("notice_unreadable", columns=", ".join(COLUMNS), problem=str(error)[:200]) from None
    told = {key: value for key, value in (defaults or {}).items() if value} | {k: v for k, v in head.items() if v}
    year = _year(told.get("year"))
    title = str(told.get("title") or "").strip()[:200]
    if not title:
        raise Refused("notice_title")
    days, errors = _days(rows, year)
    if not days and not errors:
        raise Refused("notice_empty")
    if len(days) > MOST_DAYS:
        raise Refused("notice_too_long", most=MOST_DAYS)
    notice = Notice(
        year=year,
        title=title,
        days=tuple(sorted(days, key=lambda one: one.day)),
        number=str(told.get("number") or "").strip()[:80],
        issued_on=_day(told.get("issued_on")),
        source=str(told.get("source") or "").strip()[:300],
        unit=str(told.get("unit") or "").strip(),
    )
    return notice, errors


class _UnfitError(Exception):
    """The file is of another shape."""


def _year(value: object) -> int:
    text = str(value or "")
    if not (text.isascii() and text.isdigit() and FIRST_YEAR <= int(text) <= LAST_YEAR):
        raise Refused("notice_year")
    return int(text)


def _day(value: object) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value or "").strip())
    except ValueError:
        return None


Row = tuple[int, Mapping[str, Any]]


def _table(text: str) -> tuple[dict[str, Any], list[Row]]:
    reader = csv.DictReader(io.StringIO(text))
    if not {"from", "what", "name_zh"} <= set(reader.fieldnames or ()):
        raise _UnfitError("?")
    return {}, [(number, row) for number, row in enumerate(reader, start=2) if any((row or {}).values())]


def _yaml(text: str) -> tuple[dict[str, Any], list[Row]]:
    told = yaml.safe_load(text)
    if not isinstance(told, dict):
        raise _UnfitError("?")
    rows: list[Row] = []
    for what, key in (("off", "holidays"), ("work", "make_up")):
        listed = told.get(key) or []
        if not isinstance(listed, list):
            raise _UnfitError(key)
        for line in listed:
            fields = line if isinstance(line, dict) else {}
            rows.append(
                (
                    len(rows) + 1,
                    {
                        "from": fields.get("from") or fields.get("day"),
                        "to": fields.get("to"),
                        "what": what,
                        "name_zh": fields.get("zh"),
                        "name_en": fields.get("en"),
                    },
                )
            )
    return told, rows


def _days(rows: Iterable[Row], year: int) -> tuple[list[SpecialDay], list[RowError]]:
    found: dict[date, SpecialDay] = {}
    errors: list[RowError] = []
    for number, row in rows:
        try:
            for one in _special(row, year):
                if one.day in found and found[one.day].working != one.working:
                    raise _WrongError(_("%(day)s is said to be off and worked."), day=one.day.isoformat())
                found[one.day] = one
        except _WrongError as wrong:
            errors.append(RowError(number, wrong.template, wrong.params))
    return list(found.values()), errors


class _WrongError(Exception):
    """One row is wrong."""

    def __init__(self, template: str, **params: Any) -> None:
        super().__init__(template)
        self.template, self.params = template, params


def _special(row: Mapping[str, Any], year: int) -> Iterator[SpecialDay]:
    first = _day(row.get("from"))
    last = _day(row.get("to")) if row.get("to") else first
    if first is None or last is None:
        raise _WrongError(
            _("“%(value)s” is no day; write it as 2026-02-14."), value=str(row.get("from") or row.get("to") or "")
        )
    if not first <= last < first + timedelta(days=LONGEST):
        raise _WrongError(_("A line covers 1 to %(most)s days, the first one first."), most=LONGEST)
    if not date(year - 1, 12, 1) <= first <= last <= date(year, 12, 31):
        raise _WrongError(_("%(day)s does not belong to the year %(year)s."), day=first.isoformat(), year=year)
    what = str(row.get("what") or "").strip().lower()
    if what not in OFF | WORK:
        raise _WrongError(_("“%(value)s” is neither off nor work."), value=what)
    zh = str(row.get("name_zh") or "").strip()[:40]
    if not zh:
        raise _WrongError(_("Give the day its name, so that a deadline can explain itself."))
    for ordinal in range(first.toordinal(), last.toordinal() + 1):
        day = date.fromordinal(ordinal)
        if what in WORK and day.weekday() < 5:
            raise _WrongError(_("%(day)s is worked anyway; only a weekend can be a make-up day."), day=day.isoformat())
        yield SpecialDay(day, what in WORK, zh, str(row.get("name_en") or "").strip()[:60])
