"""走访结果导入: rows of the exported form, each recorded like any other visit or refused with its reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.core.files.base import File
from django.db import transaction

from luoshi.assurance.services.visiting import Said, record_visit
from luoshi.office.adapters.tables import Table, read_tables
from luoshi.office.services.files import clean_name, screen_file
from luoshi.rules.columns import refuse_people
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused, declare, gettext_noop
from luoshi.rules.visiting import Outcome, Verdict

_ = gettext_noop
declare(
    413,
    results_too_large=_("“%(name)s” is larger than %(limit)s MB: hand the results in in parts."),
)
declare(
    422,
    results_columns=_(
        "These are no results of the visit form: the column “%(column)s” is missing. Export with the names of the"
        " answers, not with their labels."
    ),
    results_too_many=_("A file may hold %(limit)s results; hand the rest in as another file."),
    results_value=_("“%(value)s” is no answer to “%(column)s”."),
)

MAX_BYTES = 4 * 1024 * 1024
MAX_ROWS = 500
YES = {"yes": True, "是": True, "no": False, "否": False}
OUTCOMES = {
    "done": Outcome.DONE,
    "到了现场": Outcome.DONE,
    "i was there": Outcome.DONE,
    "unreachable": Outcome.UNREACHABLE,
    "未能到访": Outcome.UNREACHABLE,
    "could not be reached": Outcome.UNREACHABLE,
}


@dataclass(frozen=True, slots=True)
class ResultRow:
    """What became of one row: its line in the file from 1, the visit it names, and why it was refused."""

    line: int
    visit: str
    outcome: Literal["recorded", "repeated", "refused"]
    refused: Refused | None = None


@dataclass(frozen=True, slots=True)
class Results:
    """What became of a file of results."""

    rows: tuple[ResultRow, ...]
    dry_run: bool

    def _count(self, outcome: str) -> int:
        return sum(row.outcome == outcome for row in self.rows)

    @property
    def recorded(self) -> int:
        """Visits recorded, or that would be."""
        return self._count("recorded")

    @property
    def repeated(self) -> int:
        """Visits that had been recorded just so before."""
        return self._count("repeated")

    @property
    def refused(self) -> int:
        """Rows that changed nothing."""
        return self._count("refused")


def import_results(*, actor: Actor, upload: File[bytes], dry_run: bool, at: datetime) -> Results:
    """Take the results of the exported form in（导入走访结果）: a row is one visit, recorded by :func:`record_visit`.

    A row that is refused stops none of the others. The actor must be the verifier of each visit: results of others are
    refused as unknown, because nobody records with another's hand. The same file twice records nothing anew.

    Args:
        actor: whose visits these are.
        upload: CSV or Excel as ODK and KoboToolbox write it, at most 4 MiB and 500 rows; it is not kept.
        dry_run: try every row and change nothing.
        at: now.

    Raises:
        Refused: ``results_too_large``, ``results_columns``, ``results_too_many``, ``columns_hold_people``, those of
            screening and of reading tables.
    """
    name = clean_name(upload.name or "results.csv")
    content = upload.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise Refused("results_too_large", name=name, limit=MAX_BYTES // (1024 * 1024))
    table = _table(read_tables(screen_file(content, name), name))
    heads = [_plain(cell) for cell in table.rows[0]]
    for needed in ("visit", "outcome", "words"):
        if needed not in heads:
            raise Refused("results_columns", column=needed)
    if len(table.rows) - 1 > MAX_ROWS:
        raise Refused("results_too_many", limit=MAX_ROWS)
    rows = [(line, dict(zip(heads, row, strict=False))) for line, row in enumerate(table.rows[1:], start=2)]
    rows = [(line, row) for line, row in rows if any(cell not in (None, "") for cell in row.values())]
    if not dry_run:
        return Results(tuple(_one(actor, line, row, at) for line, row in rows), dry_run)
    with transaction.atomic():
        tried = tuple(_one(actor, line, row, at) for line, row in rows)
        transaction.set_rollback(True)
    return Results(tried, dry_run)


def _table(tables: Sequence[Table]) -> Table:
    """The sheet that holds the results: the first with a column ``visit``, else the first."""
    found = next((one for one in tables if "visit" in map(_plain, one.rows[0])), tables[0])
    refuse_people(str(cell) for cell in found.rows[0] if cell is not None)
    return found


def _plain(heading: Any) -> str:
    """The name of a question: what stands before it names groups."""
    return str(heading or "").strip().rsplit("/", 1)[-1]


def _one(actor: Actor, line: int, row: Mapping[str, Any], at: datetime) -> ResultRow:
    shown = _text(row, "visit")
    try:
        with transaction.atomic():
            done = record_visit(actor=actor, key=_key(shown), version=_version(row), said=_said(row), at=at)
    except Refused as refused:
        return ResultRow(line, shown[:40], "refused", refused)
    return ResultRow(line, shown, "repeated" if done.repeated else "recorded")


def _key(shown: str) -> UUID:
    try:
        return UUID(shown)
    except ValueError as error:
        raise Refused("not_found") from error


def _text(row: Mapping[str, Any], column: str) -> str:
    value = row.get(column)
    return "" if value is None else str(value).strip()


def _version(row: Mapping[str, Any]) -> int | None:
    told = _text(row, "version")
    return int(told) if told.isascii() and told.isdigit() and len(told) < 10 else None


def _yes(row: Mapping[str, Any], column: str) -> bool | None:
    told = _text(row, column).lower()
    if not told:
        return None
    if told not in YES:
        raise Refused("results_value", value=told[:60], column=column)
    return YES[told]


def _said(row: Mapping[str, Any]) -> Said:
    outcome = _text(row, "outcome").lower()
    if outcome not in OUTCOMES:
        raise Refused("results_value", value=outcome[:60], column="outcome")
    verdicts = []
    if OUTCOMES[outcome] is Outcome.DONE:
        for at in range(1, 101):
            holds = _yes(row, f"holds_{at}")
            if holds is None:
                break
            verdicts.append(Verdict(_text(row, f"text_{at}"), holds, _text(row, f"words_{at}")))
    return Said(
        outcome=OUTCOMES[outcome],
        holds=_yes(row, "holds"),
        criteria=verdicts,
        words=_text(row, "words"),
        occurred_at=_moment(row.get("end")),
    )


def _moment(told: Any) -> datetime | None:
    """The moment a telephone wrote down, when it says in which zone."""
    try:
        found = told if isinstance(told, datetime) else datetime.fromisoformat(str(told or ""))
    except ValueError:
        return None
    return found if found.tzinfo else None
