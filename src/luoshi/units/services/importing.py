"""Read a list of units in（导入单位）: all rows or none, one entry, the same file twice changes nothing."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.db import transaction

from luoshi.ledger import services as ledger
from luoshi.rules import columns, places
from luoshi.rules.paths import within
from luoshi.rules.permissions import Actor, Role
from luoshi.rules.refusals import Refused, declare, gettext_noop
from luoshi.units import events
from luoshi.units.models import LEVELS, Governed, Kind, Unit, UnitChange
from luoshi.units.services._acts import after_of, allocate_ids, day_of, require_administrator
from luoshi.units.services.tree import apply_name, new_unit

_ = gettext_noop

MAX_BYTES = 64 * 1024 * 1024
MAX_ERRORS = 200
REQUIRED = ("code", "name", "level", "parent_code")
KNOWN = (*REQUIRED, "kind", "aliases")

declare(
    413,
    import_too_big=_("The file is larger than %(limit)s MB; split it by prefecture."),
)
declare(
    422,
    import_not_text=_("The file is not a text table in UTF-8 or GB18030; save it as CSV and try again."),
    import_columns_missing=_("The first line must name the columns %(columns)s; missing: %(missing)s."),
    import_columns_twice=_("The column “%(column)s” stands twice in the first line; keep one."),
    import_columns_unknown=_("The column “%(column)s” is not known; the list may hold %(columns)s."),
    import_empty=_("The file holds no rows below its first line."),
    import_rows_bad=_("%(count)s rows are wrong, so nothing was changed. First: row %(row)s, %(field)s."),
)

PROBLEMS: Mapping[str, str] = {
    "cells": _("the row has %(count)s cells, the first line has %(expected)s: look for a stray comma or quote"),
    "code_empty": _("the code is empty: give every unit its code"),
    "code_bad": _("the code “%(value)s” may hold only letters, digits and hyphens, 32 at most"),
    "code_twice": _("the code %(value)s already stands in row %(other)s: keep one of the two"),
    "name_empty": _("the name is empty: give the official name"),
    "name_long": _("the name is longer than 120 characters"),
    "name_bad": _("the name holds a control character or a line break: type it again"),
    "level_bad": _("“%(value)s” is no level; use %(levels)s"),
    "level_changed": _("%(value)s is recorded as “%(known)s”: a level cannot be changed by an import"),
    "parent_missing": _("there is no unit with the code %(value)s, neither in the file nor in the system"),
    "parent_empty": _("the unit above is empty: only one unit at the very top may have none"),
    "parent_self": _("the unit names itself as the unit above"),
    "parent_level": _("the unit above, %(value)s, is not of a higher level"),
    "parent_changed": _("%(value)s stands below %(known)s: use “move” so that the change is dated and explained"),
    "kind_bad": _("“%(value)s” is no kind; use %(kinds)s"),
    "outside": _("%(value)s lies outside the area you administer"),
}
"""What can be wrong with a cell, and what to do about it."""


@dataclass(frozen=True, slots=True)
class RowError:
    """One wrong cell: the line of the file (the first line is 1), the column, and what to do."""

    row: int
    field: str
    problem: str
    params: Mapping[str, object]

    @property
    def template(self) -> str:
        """The untranslated sentence with its places."""
        return PROBLEMS[self.problem]

    def __str__(self) -> str:
        return PROBLEMS[self.problem] % self.params


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, or would do (``dry_run``), or why it did nothing (``errors``)."""

    created: int
    renamed: int
    unchanged: int
    missing: int
    statistical: int
    errors: tuple[RowError, ...]
    dry_run: bool

    @property
    def applied(self) -> bool:
        """Whether something was written."""
        return not self.dry_run and not self.errors and bool(self.created or self.renamed)


@dataclass(slots=True)
class _Row:
    line: int
    code: str
    name: str
    level: str
    parent: str
    kind: str
    aliases: tuple[str, ...]


def decode(content: bytes) -> str:
    """The text of a table: UTF-8 (with or without a mark) or GB18030, as spreadsheets in China save it.

    Raises:
        Refused: ``import_too_big``, ``import_not_text``.
    """
    if len(content) > MAX_BYTES:
        raise Refused("import_too_big", limit=MAX_BYTES // 1024 // 1024)
    if b"\x00" in content[:4096]:
        raise Refused("import_not_text")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refused("import_not_text")


def _parse(text: str, errors: list[RowError]) -> list[_Row]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        head = [cell.strip().lower() for cell in next(reader, [])]
        columns.refuse_people(head)
        for name in head:
            if head.count(name) > 1:
                raise Refused("import_columns_twice", column=name)
            if name not in KNOWN and head and set(REQUIRED) <= set(head):
                raise Refused("import_columns_unknown", column=name, columns=", ".join(KNOWN))
        missing = [name for name in REQUIRED if name not in head]
        if missing:
            raise Refused("import_columns_missing", columns=", ".join(REQUIRED), missing=", ".join(missing))
        rows = []
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(head):
                errors.append(RowError(reader.line_num, "row", "cells", {"count": len(cells), "expected": len(head)}))
                continue
            cell = dict(zip(head, (text.strip() for text in cells), strict=True))
            rows.append(
                _Row(
                    line=reader.line_num,
                    code=cell["code"],
                    name=cell["name"],
                    level=cell["level"].lower(),
                    parent=cell["parent_code"],
                    kind=cell.get("kind", "").lower(),
                    aliases=tuple(filter(None, re.split(r"[|;；、]", cell.get("aliases", "")))),
                )
            )
    except csv.Error as broken:
        raise Refused("import_not_text") from broken
    if not rows and not errors:
        raise Refused("import_empty")
    return rows


def _check_alone(row: _Row, seen: dict[str, int]) -> Iterator[RowError]:
    def wrong(field: str, problem: str, **params: object) -> RowError:
        return RowError(row.line, field, problem, params)

    if not row.code:
        yield wrong("code", "code_empty")
    elif not re.fullmatch(r"[0-9A-Za-z-]{1,32}", row.code):
        yield wrong("code", "code_bad", value=row.code[:40])
    elif row.code in seen:
        yield wrong("code", "code_twice", value=row.code, other=seen[row.code])
    else:
        seen[row.code] = row.line
    if not row.name:
        yield wrong("name", "name_empty")
    elif len(row.name) > 120:
        yield wrong("name", "name_long")
    elif not row.name.isprintable() and any(ord(sign) < 32 or sign in "\u2028\u2029\x7f" for sign in row.name):
        yield wrong("name", "name_bad")
    if row.level not in LEVELS:
        yield wrong("level", "level_bad", value=row.level[:40], levels=", ".join(LEVELS))
    if row.kind and row.kind not in {Kind.AREA, Kind.STATISTICAL}:
        yield wrong("kind", "kind_bad", value=row.kind[:40], kinds="area, statistical")
    if row.code and row.parent == row.code:
        yield wrong("parent_code", "parent_self")


def _check_placed(
    row: _Row,
    by_code: dict[str, _Row],
    known: dict[str, Unit],
    codes: dict[int, str],
    root: str | None,
    actor: Actor,
) -> Iterator[RowError]:
    def wrong(field: str, problem: str, **params: object) -> RowError:
        return RowError(row.line, field, problem, params)

    old = known.get(row.code)
    above_row, above = by_code.get(row.parent), known.get(row.parent)
    if not row.parent:
        if root not in {None, row.code}:
            yield wrong("parent_code", "parent_empty")
    elif above_row is None and above is None:
        yield wrong("parent_code", "parent_missing", value=row.parent[:40])
    else:
        level = above_row.level if above_row is not None else (above.level if above is not None else "")
        if level in LEVELS and row.level in LEVELS and LEVELS.index(level) >= LEVELS.index(row.level):
            yield wrong("parent_code", "parent_level", value=row.parent)
    if old is not None:
        if old.level != row.level and row.level in LEVELS:
            yield wrong("level", "level_changed", value=row.code, known=old.level)
        if old.parent_id != (above.pk if above is not None else None):
            yield wrong("parent_code", "parent_changed", value=row.code, known=codes.get(old.parent_id or 0, "—"))
    if actor.role is not Role.SYSTEM:
        top = row
        for _step in range(len(LEVELS)):
            if top.code in known or top.parent not in by_code:
                break
            top = by_code[top.parent]
        anchor = known.get(top.code) or known.get(top.parent)
        if anchor is None or not within(anchor.path, actor.effective.area_path):
            yield wrong("code", "outside", value=row.code)


def import_units(
    *, actor: Actor, at: dt.datetime, text: str, on: dt.date | None = None, dry_run: bool = False
) -> ImportReport:
    """Read a table of areas in（导入地区）: ``code,name,level,parent_code`` and optionally ``kind,aliases``.

    Rows are matched by code: a new code is set up, another name is a dated rename, a known row stays. Rows that the
    system has and the file lacks are counted (``missing``) and kept. When any row is wrong, nothing is changed and the
    report lists up to 200 errors.

    Args:
        actor: the clock or an administrator; an administrator only within the area of his post.
        at: when it is recorded.
        text: the table.
        on: from which day; the day of ``at`` by default.
        dry_run: only say what would be done.

    Raises:
        Refused: ``administrators_only``, ``columns_hold_people``, ``import_columns_missing``,
            ``import_columns_twice``, ``import_columns_unknown``, ``import_empty``, ``import_not_text``.
    """
    day = on or day_of(at)
    if actor.role not in {Role.SYSTEM, Role.ADMINISTRATOR}:
        require_administrator(actor, None)
    errors: list[RowError] = []
    rows = _parse(text, errors)
    seen: dict[str, int] = {}
    for row in rows:
        errors.extend(_check_alone(row, seen))
    by_code: dict[str, _Row] = {}
    for row in rows:
        by_code.setdefault(row.code, row)
    with transaction.atomic():
        known = {
            unit.code: unit
            for unit in Unit.objects.filter(kind__in=[Kind.AREA, Kind.STATISTICAL], valid_until__isnull=True)
            if unit.code
        }
        roots = [unit.code for unit in known.values() if unit.parent_id is None]
        root = roots[0] if roots else next((row.code for row in rows if not row.parent), None)
        codes = {unit.pk: unit.code for unit in known.values()}
        for row in rows:
            errors.extend(_check_placed(row, by_code, known, codes, root, actor))
        fresh = sorted(
            (row for row in by_code.values() if row.code not in known and row.level in LEVELS),
            key=lambda row: LEVELS.index(row.level),
        )
        renamed = [row for row in by_code.values() if row.code in known and known[row.code].name != row.name]
        report = ImportReport(
            created=len(fresh),
            renamed=len(renamed),
            unchanged=len(by_code) - len(fresh) - len(renamed),
            missing=sum(code not in by_code for code in known),
            statistical=sum(_kind(row) == Kind.STATISTICAL for row in fresh),
            errors=tuple(sorted(errors, key=lambda error: error.row)[:MAX_ERRORS]),
            dry_run=dry_run,
        )
        if errors or dry_run or not (fresh or renamed):
            return report
        written: list[Governed] = []
        made: list[Unit] = []
        for unit_id, row in zip(allocate_ids(len(fresh)), fresh, strict=True):
            unit = new_unit(
                unit_id=unit_id,
                kind=_kind(row),
                level=row.level,
                name=row.name,
                code=row.code,
                parent=known[row.parent] if row.parent else None,
                on=day,
                aliases=row.aliases,
            )
            known[row.code] = unit
            made.append(unit)
        Unit.objects.bulk_create(made, batch_size=2000)
        changes = []
        for row in renamed:
            unit = known[row.code]
            changes.append(
                UnitChange(
                    unit=unit,
                    what=UnitChange.What.RENAMED,
                    on=day,
                    old_name=unit.name,
                    new_name=row.name,
                    old_path=unit.path,
                    new_path=unit.path,
                    recorded_at=at,
                )
            )
            apply_name(unit, row.name)
            unit.version += 1
        Unit.objects.bulk_update(
            [change.unit for change in changes], ["name", "short_name", "aliases", "version"], batch_size=200
        )
        UnitChange.objects.bulk_create(changes, batch_size=1000)
        written += [*made, *(change.unit for change in changes), *changes]
        ledger.append(
            events.UnitsImported(
                digest=hashlib.sha256(text.encode()).hexdigest(),
                created=report.created,
                renamed=report.renamed,
                unchanged=report.unchanged,
                missing=report.missing,
            ),
            actor=actor,
            at=at,
            after=after_of(written),
            subjects=tuple(row.ledger_key for row in written if isinstance(row, Unit)),
        )
    return report


def _kind(row: _Row) -> str:
    if row.kind:
        return row.kind
    return Kind.STATISTICAL if places.is_statistical(row.code, row.name, row.level) else Kind.AREA


def require_clean(report: ImportReport) -> ImportReport:
    """The report, unless it lists errors.

    Raises:
        Refused: ``import_rows_bad``, naming the first wrong cell.
    """
    if report.errors:
        first = report.errors[0]
        raise Refused("import_rows_bad", count=len(report.errors), row=first.row, field=first.field)
    return report
