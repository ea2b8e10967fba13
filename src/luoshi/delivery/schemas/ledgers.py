"""An office's own ledger becomes drafts（导入既有台账）: rows read through the columns a person matched once."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby, islice
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
from luoshi.delivery.services import drafting, importing
from luoshi.office.adapters.tables import UNCOMPUTED, Mark, Table, read_tables, write_marks
from luoshi.rules import calendar
from luoshi.rules import columns as rules
from luoshi.rules.documents import ledgers
from luoshi.rules.documents.ledgers import Layout, RowKind
from luoshi.rules.lifecycle import Act
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused, declare, gettext_noop
from luoshi.ui.sentences import sentence
from luoshi.units.models import Unit
from luoshi.units.queries import find_post, find_unit

_ = gettext_noop
declare(
    422,
    ledger_no_headings=_(
        "No headings of a ledger were found in “%(name)s”: one line must name at least the task and its lead unit."
    ),
    cell_bad=_("%(field)s: %(problem)s."),
    row_hidden=_("This line is hidden in the file: show it if it is meant, or delete it."),
)
declare(
    409,
    row_changed=_(
        "This looks like %(ref)s, which came from your ledger before and has been changed here since. To change that"
        " one, put its number and version beside the row, as in the marked file; if it is another task, give it another"
        " title."
    ),
)
REF, VERSION = _("Ref"), _("Version")
_GOVERNMENT = re.compile(r"(人民政府|政府|党委政府|党委|委员会)$")
FREQUENCIES = {"每周": "weekly", "每月": "monthly", "每季": "quarterly", "每半年": "half_yearly", "每年": "yearly"}


@dataclass(frozen=True, slots=True)
class Page:
    """One sheet of a ledger and where its headings stand."""

    table: Table
    layout: Layout

    @property
    def keys(self) -> list[str]:
        """What each column is known by, wherever it stands."""
        return ledgers.heading_keys(self.layout.headings)

    @property
    def signature(self) -> str:
        """What makes two sheets one layout: their headings in any order, without those this system wrote itself."""
        own = {key for key in self.keys if key and key.partition("#")[0] not in ledgers.RESULT_HEADINGS}
        return hashlib.sha256("\x1f".join(sorted(own)).encode()).hexdigest()

    def columns(self, kept: Mapping[str, str]) -> dict[str, int]:
        """Field → column of this sheet, from what was said of the headings: field → heading."""
        places = {key: column for column, key in enumerate(self.keys, start=1) if key}
        return {field: places[key] for field, key in kept.items() if key in places}

    @property
    def guess(self) -> dict[str, int]:
        """Field → column as the headings suggest; a hidden column only where no visible one fits."""
        shown: dict[str, int] = {}
        for column, heading in enumerate(self.layout.headings, start=1):
            field = ledgers.meaning(heading)
            if field and (field not in shown or shown[field] in self.table.hidden_columns):
                if field in shown and column in self.table.hidden_columns:
                    continue
                shown[field] = column
        return shown


@dataclass(frozen=True, slots=True)
class Ledger:
    """The sheets of a file that are read together: those headed alike, whatever the order of their columns."""

    pages: tuple[Page, ...]
    others: tuple[str, ...] = ()
    """Names of sheets that look like ledgers and are headed otherwise."""

    @property
    def first(self) -> Page:
        """The sheet whose columns are shown."""
        return self.pages[0]

    @property
    def signature(self) -> str:
        """That of its sheets."""
        return self.first.signature

    @property
    def layout(self) -> Layout:
        """The layout of the sheet shown."""
        return self.first.layout

    def samples(self, column: int, count: int = 3) -> list[str]:
        """The first values below a heading of the sheet shown; ``column`` from 1."""
        page = self.first
        cells = (row[column - 1] for row in page.table.rows[page.layout.last_line :] if column <= len(row))
        return [str(cell)[:60] for cell in cells if cell not in (None, "")][:count]

    def headings_of(self, columns: Mapping[str, int]) -> dict[str, str]:
        """Field → heading, as it is kept, from field → column of the sheet shown."""
        keys = self.first.keys
        return {field: keys[at - 1] for field, at in columns.items() if 0 < at <= len(keys) and keys[at - 1]}


def open_ledger(content: bytes, name: str, sheet: str = "") -> Ledger:
    """The sheets of a file that look like a ledger（打开台账）: the best, or the one named, and all headed like it.

    Raises:
        Refused: ``ledger_no_headings``, ``columns_hold_people`` and those of ``read_tables``.
    """
    found: list[Page] = []
    for table in read_tables(content, name):
        layout = ledgers.find_layout(table.rows, table.merged)
        if layout is not None:
            found.append(Page(table, layout))
    named = [page for page in found if page.table.name == sheet] if sheet else found
    if not named:
        raise Refused("ledger_no_headings", name=name)
    best = max(named, key=lambda one: len(one.layout.guess))
    rules.refuse_people(heading for heading in best.layout.headings if heading)
    alike = [page for page in found if page.signature == best.signature]
    alike.sort(key=lambda page: page is not best)
    others = tuple(page.table.name for page in found if page.signature != best.signature)
    return Ledger(tuple(alike), others)


@dataclass(slots=True)
class _Reader:
    """What reading one row needs to know."""

    programme: Programme
    matters: list[Matter]
    matter: int | None
    near: Unit | None
    units: dict[str, int | Refused] = field(default_factory=dict)
    posts: dict[tuple[int, str], str | Refused] = field(default_factory=dict)

    def unit(self, name: str, column: str) -> int:
        if ledgers.means_everybody(name):
            raise _bad(
                column, _("“%(value)s” is many units: name one, and break the commitment down to the others"), name
            )
        if name not in self.units:
            self.units[name] = self._find(name)
        found = self.units[name]
        if isinstance(found, Refused):
            raise Refused(found.code, **{**found.params, "name": column})
        return found

    def _find(self, name: str) -> int | Refused:
        """The unit, asked for once however many rows name it; the government of an area is the area."""
        try:
            return find_unit(name, self.near).pk
        except Refused as refused:
            shorter = _GOVERNMENT.sub("", name)
            if refused.code == "unit_unknown" and shorter and shorter != name:
                with suppress(Refused):
                    return find_unit(shorter, self.near, areas_only=True).pk
            return refused

    def post(self, text: str, lead: int) -> str:
        """The number of the post meant in the lead unit; a person's name is never kept."""
        if (lead, text) not in self.posts:
            try:
                self.posts[lead, text] = find_post(text, Unit.objects.get(pk=lead)).ref
            except Refused as refused:
                self.posts[lead, text] = refused
        found = self.posts[lead, text]
        if isinstance(found, Refused):
            raise Refused(found.code, **{**found.params, "name": "post"})
        return found

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
    ledger: Ledger, kept: Mapping[str, str], programme: Programme, matter: int | None, near: Unit | None
) -> list[ActRow]:
    """The rows of a ledger as drafts to be made, or edits of drafts it names（读取台账行）.

    Blank lines, totals, notes, repeated headings and section lines are passed over; a line that only goes on with the
    task above adds its helpers and criteria to it. A cell that cannot be read, or a line that is hidden, makes its row
    a problem that names the column; the others go on.

    Args:
        ledger: the file.
        kept: field → heading, as a person said.
        programme: to which the tasks belong.
        matter: the matter of rows that name none.
        near: the unit near which names are looked for.
    """
    reader = _Reader(programme, list(programme.matters.all()), matter, near)
    return [row for page in ledger.pages for row in _page_rows(page, page.columns(kept), reader)]


def _page_rows(page: Page, columns: Mapping[str, int], reader: _Reader) -> Iterator[ActRow]:
    cells = ledgers.filled(page.table.rows, page.table.merged)
    below = ledgers.carried(page.table.merged)
    own = {field: at for field, at in page.layout.guess.items() if field in {"ref", "version"}}
    held: tuple[int, dict[str, Any]] | None = None
    for line, row in enumerate(cells[page.layout.last_line :], start=page.layout.last_line + 1):
        if ledgers.kind_of_row(row, page.layout, columns) is not RowKind.TASK:
            continue
        if held is not None and ledgers.goes_on(line, row, columns, below):
            for field in ("supporting", "criteria"):
                at = columns.get(field, 0)
                if at and (line, at) not in below and row[at - 1] is not None:
                    held[1][field] = "\n".join(filter(None, [str(held[1].get(field) or ""), str(row[at - 1])]))
            continue
        if held is not None:
            yield _row(page, *held, reader)
        held = line, {field: row[at - 1] for field, at in {**columns, **own}.items() if at <= len(row)}
    if held is not None:
        yield _row(page, *held, reader)


def _row(page: Page, line: int, told: Mapping[str, Any], reader: _Reader) -> ActRow:
    sheet = page.table.name
    ref = str(told.get("ref") or "").strip()[:64]
    act = Act.EDIT.value if ref else "draft"
    version = told.get("version")
    try:
        if line in page.table.hidden_rows:
            raise Refused("row_hidden")
        data = _data(told, reader)
        number = int(str(version)) if ref and version is not None else None
    except Refused as problem:
        return ActRow(line, act, ref, None, {}, problem, sheet)
    except ValueError:
        return ActRow(line, act, ref, None, {}, _bad("version", _("a whole number is needed")), sheet)
    return ActRow(line, act, ref, number, data, None, sheet)


def _text(value: Any) -> str:
    text = "" if value is None else str(value).strip()
    return "" if text in {"/", "-", "—", "无", "同上"} else text


def _data(told: Mapping[str, Any], reader: _Reader) -> dict[str, Any]:
    for name, value in told.items():
        if value == UNCOMPUTED:
            raise _bad(
                name, _("a formula without its value: open the file, save it, hand it in again, or type the value")
            )
        if isinstance(value, str) and value.startswith("#") and value.rstrip("!?/0AN").isupper():
            raise _bad(name, _("the formula shows an error (%(value)s): type the value"), value)
    title, requirement = _text(told.get("title")), _text(told.get("requirement"))
    if not title and not requirement:
        raise _bad("title", _("the row does not say what is to be done"))
    for name, text, most in (("title", title, 200), ("requirement", requirement, 4000)):
        if len(text) > most:
            raise _bad(name, _("this is longer than allowed: %(value)s"), f"{len(text)} > {most}")
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
    if post := _text(told.get("post")):
        data["post"] = reader.post(post, data["lead"])
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
    rows = list(rows)
    drafts = {id(row): _Draft.of(row) for row in rows if row.act == "draft"}
    digests = {draft.digest for draft in drafts.values() if not isinstance(draft, Refused)}
    before = importing.Before.of(actor=actor, programme=programme, digests=digests)
    through = 0
    for alike, group in groupby(rows, key=lambda row: row.act == "draft"):
        some = iter(group)
        while chunk := list(islice(some, TOGETHER)):
            if alike:
                yield from _drafted(chunk, drafts, before, actor, programme, at, dry_run)
            else:
                for row in chunk:
                    yield from _edited(row, actor, user, at, dry_run)
            through += len(chunk)
            if report is not None:
                report(through)


TOGETHER = 200
"""Rows whose drafts are written together: each an act with its own entry, all of them in one transaction."""


@dataclass(frozen=True, slots=True)
class _Draft:
    """What a row asks for, and what makes it the same row and the same task when the file comes again."""

    wanted: drafting.Wanted
    digest: str
    key: str

    @classmethod
    def of(cls, row: ActRow) -> _Draft | Refused:
        try:
            if row.problem is not None:
                raise row.problem
            told = fit(Draft, row.data)
        except Refused as refused:
            return refused
        return cls(drafting.Wanted(**told.values()), _digest(row), _key(row))


def _digest(row: ActRow) -> str:
    """What makes it the same row wherever it stands, and in whatever order the columns are."""
    return hashlib.sha256(json.dumps(row.data, sort_keys=True).encode()).hexdigest()


def _key(row: ActRow) -> str:
    """What makes it the same task though other cells have changed: its title and its lead."""
    told = [ledgers.plain(row.data["title"]), row.data["lead"]]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def _drafted(
    chunk: Sequence[ActRow],
    drafts: Mapping[int, _Draft | Refused],
    before: importing.Before,
    actor: Actor,
    programme: Programme,
    at: datetime,
    dry_run: bool,
) -> Iterator[RowOutcome]:
    found: dict[int, Any] = {}
    twins: set[int] = set()
    rows: list[tuple[int, importing.LedgerRow]] = []
    for row in chunk:
        draft = drafts[id(row)]
        if isinstance(draft, Refused):
            found[id(row)] = draft
        elif draft.digest not in before.made and (other := before.changed(draft.key)):
            found[id(row)] = Refused("row_changed", ref=other, name="title")
        else:
            if dry_run and draft.digest not in before.made:
                twins.add(id(row))
            rows.append((id(row), importing.LedgerRow(draft.digest, draft.key, draft.wanted)))
    with transaction.atomic():
        told = importing.draft_rows(actor=actor, programme=programme, rows=[row for _id, row in rows], at=at)
        if dry_run:
            transaction.set_rollback(True)
    found |= {known: outcome for (known, _row), outcome in zip(rows, told, strict=True)}
    for row in chunk:
        outcome = found[id(row)]
        if isinstance(outcome, Refused):
            yield RowOutcome(row, Outcome.REFUSED, refused=outcome)
        elif isinstance(outcome, Commitment):
            taken_back = id(row) in twins  # it says what another row of this file says, which was only tried
            yield RowOutcome(row, Outcome.AGAIN, outcome.version, ref="" if taken_back else outcome.ref)
        elif dry_run:
            yield RowOutcome(row, Outcome.WOULD)
        else:
            yield RowOutcome(
                row, Outcome.DONE, outcome.commitment.version, outcome.entry.pk, ref=outcome.commitment.ref
            )


def _edited(row: ActRow, actor: Actor, user: User, at: datetime, dry_run: bool) -> Iterator[RowOutcome]:
    found = queries.visible(actor).filter(ref=row.ref).first()
    data = {name: row.data[name] for name in ("title", "requirement", "criteria", "lead", "due_on") if name in row.data}
    if found is not None and row.problem is None and data and data == _now(found, data):
        yield RowOutcome(row, Outcome.AGAIN, found.version, ref=found.ref)
        return
    edit = ActRow(row.line, row.act, row.ref, row.version, data, row.problem, row.sheet)
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
    content: bytes, name: str, ledger: Ledger, kept: Mapping[str, str], outcomes: Sequence[RowOutcome]
) -> tuple[bytes, str]:
    """The ledger with the outcome, the number and the version beside each row（标注结果）.

    Handed in again it changes what was changed and makes nothing twice.
    """
    columns = {page.table.name: page.columns(kept) for page in ledger.pages}
    marks = [
        Mark(
            line=one.row.line,
            word=gettext(OUTCOME_NAMES[one.outcome]),
            why=sentence(one.refused) if one.refused else "",
            column=columns[one.row.sheet].get(one.field, 0),
            more=(one.ref or one.row.ref, one.version or one.row.version or ""),
            sheet=one.row.sheet,
        )
        for one in outcomes
    ]
    headings = tuple(gettext(word) for word in (RESULT, WHY, REF, VERSION))
    pages = {page.table.name: page.layout.last_line for page in ledger.pages}
    return write_marks(content, name, pages=pages, headings=headings, marks=marks)
