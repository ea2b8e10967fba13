"""An office's own ledger becomes drafts（导入既有台账）: rows read through the columns a person matched once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from luoshi.accounts.models import User
from luoshi.delivery import queries
from luoshi.delivery.models import Commitment, Matter, Programme
from luoshi.delivery.schemas.batches import OUTCOME_NAMES, ActRow, Outcome, RowOutcome, perform_rows
from luoshi.delivery.schemas.inputs import Draft
from luoshi.delivery.schemas.performing import fit
from luoshi.delivery.schemas.sheets import RESULT, WHY
from luoshi.delivery.services import importing
from luoshi.office.adapters.tables import Mark, Table, read_tables, write_marks
from luoshi.rules import calendar
from luoshi.rules import columns as rules
from luoshi.rules.documents import ledgers
from luoshi.rules.documents.ledgers import Layout, RowKind
from luoshi.rules.lifecycle import Act
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused, declare, gettext_noop
from luoshi.ui.sentences import sentence
from luoshi.units.models import Unit
from luoshi.units.queries import find_unit

_ = gettext_noop
declare(
    422,
    ledger_no_headings=_(
        "No headings of a ledger were found in “%(name)s”: one line must name at least the task and its lead unit."
    ),
    cell_bad=_("%(field)s: %(problem)s."),
)
REF, VERSION = _("Ref"), _("Version")
FREQUENCIES = {"每周": "weekly", "每月": "monthly", "每季": "quarterly", "每半年": "half_yearly", "每年": "yearly"}


@dataclass(frozen=True, slots=True)
class Ledger:
    """One sheet of a ledger and where its headings stand."""

    table: Table
    layout: Layout

    @property
    def signature(self) -> str:
        """What makes two ledgers one layout: their headings, without the columns this system wrote itself."""
        own = [heading for heading in self.layout.headings if ledgers.plain(heading) not in ledgers.RESULT_HEADINGS]
        return hashlib.sha256("\x1f".join(filter(None, own)).encode()).hexdigest()

    def samples(self, column: int, count: int = 3) -> list[str]:
        """The first values below a heading; ``column`` from 1."""
        cells = (row[column - 1] for row in self.table.rows[self.layout.last_line :] if column <= len(row))
        return [str(cell)[:60] for cell in cells if cell not in (None, "")][:count]


def open_ledger(content: bytes, name: str) -> Ledger:
    """The sheet of a file that looks most like a ledger（打开台账）.

    Raises:
        Refused: ``ledger_no_headings``, ``columns_hold_people`` and those of ``read_tables``.
    """
    found: list[Ledger] = []
    for table in read_tables(content, name):
        layout = ledgers.find_layout(table.rows, table.merged)
        if layout is not None:
            found.append(Ledger(table, layout))
    if not found:
        raise Refused("ledger_no_headings", name=name)
    best = max(found, key=lambda one: len(one.layout.guess))
    rules.refuse_people(heading for heading in best.layout.headings if heading)
    return best


def signature_of(digest: str, name: str) -> str:
    """The signature of a stored ledger.

    Raises:
        Refused: ``not_found`` when nothing is stored under that digest, and those of :func:`open_ledger`.
    """
    return open_ledger(queries.handed_in(digest), name).signature


@dataclass(slots=True)
class _Reader:
    """What reading one row needs to know."""

    programme: Programme
    matters: list[Matter]
    matter: int | None
    near: Unit | None
    units: dict[str, int]

    def unit(self, name: str, field: str) -> int:
        if ledgers.means_everybody(name):
            raise _bad(
                field, _("“%(value)s” is many units: name one, and break the commitment down to the others"), name
            )
        if name not in self.units:
            try:
                self.units[name] = find_unit(name, self.near).pk
            except Refused as refused:
                raise Refused(refused.code, **{**refused.params, "name": field}) from refused
        return self.units[name]

    def matter_of(self, value: Any) -> int:
        word = ledgers.plain(value)
        fitting = [
            one
            for one in self.matters
            if word in {str(one.number), ledgers.plain(one.name_zh), ledgers.plain(one.short)}
        ]
        fitting = fitting or [one for one in self.matters if len(word) > 1 and word in ledgers.plain(one.name_zh)]
        if len(fitting) != 1:
            raise _bad("matter", _("“%(value)s” is no matter of this programme, or may be several"), value)
        return fitting[0].pk


def _bad(field: str, problem: str, value: Any = "") -> Refused:
    label = ledgers.FIELDS[field][0]
    return Refused("cell_bad", field=label, problem=gettext(problem) % {"value": str(value)[:60]}, name=field)


def read_rows(
    ledger: Ledger, columns: Mapping[str, int], programme: Programme, matter: int | None, near: Unit | None
) -> list[ActRow]:
    """The rows of a ledger as drafts to be made, or edits of drafts it names（读取台账行）.

    Blank lines, totals, notes, repeated headings and section lines are passed over. A cell that cannot be read makes
    its row a problem that names the column; the others go on.
    """
    reader = _Reader(programme, list(programme.matters.all()), matter, near, {})
    cells = ledgers.filled(ledger.table.rows, ledger.table.merged)
    own = {field: at for field, at in ledger.layout.guess.items() if field in {"ref", "version"}}
    rows = []
    for line, row in enumerate(cells[ledger.layout.last_line :], start=ledger.layout.last_line + 1):
        if ledgers.kind_of_row(row, ledger.layout, columns) is not RowKind.TASK:
            continue
        told = {field: row[at - 1] for field, at in {**columns, **own}.items() if at <= len(row)}
        rows.append(_row(line, told, reader))
    return rows


def _row(line: int, told: Mapping[str, Any], reader: _Reader) -> ActRow:
    ref = str(told.get("ref") or "").strip()[:64]
    act = Act.EDIT.value if ref else "draft"
    version = told.get("version")
    try:
        data = _data(told, reader)
        number = int(str(version)) if ref and version is not None else None
    except Refused as problem:
        return ActRow(line, act, ref, None, {}, problem)
    except ValueError:
        return ActRow(line, act, ref, None, {}, _bad("version", _("a whole number is needed")))
    return ActRow(line, act, ref, number, data)


def _text(value: Any) -> str:
    text = "" if value is None else str(value).strip()
    return "" if text in {"/", "-", "—", "无", "同上"} else text


def _data(told: Mapping[str, Any], reader: _Reader) -> dict[str, Any]:
    for field, value in told.items():
        if isinstance(value, str) and value.startswith("#") and value.rstrip("!?/0AN").isupper():
            raise _bad(field, _("the formula shows an error (%(value)s): type the value"), value)
    title, requirement = _text(told.get("title")), _text(told.get("requirement"))
    if not title and not requirement:
        raise _bad("title", _("the row does not say what is to be done"))
    for field, text, most in (("title", title, 200), ("requirement", requirement, 4000)):
        if len(text) > most:
            raise _bad(field, _("this is longer than allowed: %(value)s"), f"{len(text)} > {most}")
    names = ledgers.unit_names(told.get("lead"))
    if not names:
        raise _bad("lead", _("the row names no lead unit"))
    if len(names) > 1:
        raise _bad("lead", _("several units (%(value)s): one leads, the others support"), "、".join(names))
    data: dict[str, Any] = {
        "title": title or ledgers.title_from(requirement),
        "requirement": requirement or title,
        "lead": reader.unit(names[0], "lead"),
        "supporting": [reader.unit(name, "supporting") for name in ledgers.unit_names(_text(told.get("supporting")))],
        "criteria": [one.strip() for one in _text(told.get("criteria")).splitlines() if one.strip()],
    }
    chosen = _text(told.get("matter"))
    data["matter"] = reader.matter_of(chosen) if chosen else reader.matter
    if data["matter"] is None:
        raise _bad("matter", _("the row names no matter"))
    return {**data, **_when(told)}


def _when(told: Mapping[str, Any]) -> dict[str, Any]:
    value = told.get("due_on")
    due = ledgers.read_due(value)
    if due.problem:
        raise _bad("due_on", due.problem, value)
    often = _text(told.get("frequency")) or (str(value) if due.standing else "")
    if not due.standing and not _text(told.get("frequency")):
        return {"due_on": due.day.isoformat() if due.day else None}
    found = next((code for word, code in FREQUENCIES.items() if word in often), "")
    if not found:
        try:
            found = calendar.frequency(often).value
        except (ValueError, Refused):
            problem = _("say how often it is looked at: weekly, monthly, quarterly, half-yearly, yearly")
            field = "frequency" if _text(told.get("frequency")) else "due_on"
            raise _bad(field, problem, often) from None
    return {"kind": "duty", "frequency": found}


def perform_ledger(
    rows: Iterable[ActRow],
    *,
    actor: Actor,
    user: User,
    programme: Programme,
    at: datetime,
    dry_run: bool = False,
    report: Callable[[int], None] | None = None,
) -> Iterator[RowOutcome]:
    """Draft the rows, or edit the drafts they name（导入台账）, each in its own transaction.

    Outcomes: done, was done before (the same row, or nothing changed), can be done (``dry_run``), refused.
    """
    for through, row in enumerate(rows, start=1):
        if row.act == "draft":
            yield _drafted(row, actor, programme, at, dry_run)
        else:
            yield from _edited(row, actor, user, at, dry_run)
        if report is not None:
            report(through)


def _drafted(row: ActRow, actor: Actor, programme: Programme, at: datetime, dry_run: bool) -> RowOutcome:
    try:
        if row.problem is not None:
            raise row.problem
        with transaction.atomic():
            told = fit(Draft, row.data)
            values = {name: getattr(told, name) for name in type(told).model_fields}
            digest = hashlib.sha256(json.dumps(row.data, sort_keys=True).encode()).hexdigest()
            made, entry = importing.draft_row(actor=actor, programme=programme, digest=digest, at=at, **values)
            if dry_run:
                transaction.set_rollback(True)
    except Refused as refused:
        return RowOutcome(row, Outcome.REFUSED, refused=refused)
    if entry is None:
        return RowOutcome(row, Outcome.AGAIN, made.version, ref=made.ref)
    if dry_run:
        return RowOutcome(row, Outcome.WOULD)
    return RowOutcome(row, Outcome.DONE, made.version, entry.pk, ref=made.ref)


def _edited(row: ActRow, actor: Actor, user: User, at: datetime, dry_run: bool) -> Iterator[RowOutcome]:
    found = queries.visible(actor).filter(ref=row.ref).first()
    data = {name: row.data[name] for name in ("title", "requirement", "criteria", "lead", "due_on") if name in row.data}
    if found is not None and row.problem is None and data and data == _now(found, data):
        yield RowOutcome(row, Outcome.AGAIN, found.version, ref=found.ref)
        return
    edit = ActRow(row.line, row.act, row.ref, row.version, data, row.problem)
    for one in perform_rows([edit], actor=actor, user=user, at=at, dry_run=dry_run):
        yield RowOutcome(row, one.outcome, one.version, one.entry, one.refused, row.ref)


def _now(commitment: Commitment, data: Mapping[str, Any]) -> dict[str, Any]:
    now = {
        "title": commitment.title,
        "requirement": commitment.requirement,
        "criteria": list(commitment.criteria),
        "lead": commitment.lead_id,
        "due_on": commitment.due_on.isoformat() if commitment.due_on else None,
    }
    return {name: now[name] for name in data}


def marked(
    content: bytes, name: str, ledger: Ledger, columns: Mapping[str, int], outcomes: Sequence[RowOutcome]
) -> tuple[bytes, str]:
    """The ledger with the outcome, the number and the version beside each row（标注结果）.

    Handed in again it changes what was changed and makes nothing twice.
    """
    marks = [
        Mark(
            line=one.row.line,
            word=gettext(OUTCOME_NAMES[one.outcome]),
            why=sentence(one.refused) if one.refused else "",
            column=columns.get(one.field, 0),
            more=(one.ref or one.row.ref, one.version or one.row.version or ""),
        )
        for one in outcomes
    ]
    headings = tuple(gettext(word) for word in (RESULT, WHY, REF, VERSION))
    return write_marks(
        content, name, sheet=ledger.table.name, heading_line=ledger.layout.last_line, headings=headings, marks=marks
    )
