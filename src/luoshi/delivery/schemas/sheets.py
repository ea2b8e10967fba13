"""Acts from a file（文件导入）: an Excel sheet, CSV or lines of JSON become rows to be performed, or sentences why not.

A sheet needs a column with the commitment's number; every other column is known by its field's name, by its label in
either language, or by what offices call it. Columns that no act asks for are left alone, so that a downloaded register
can be sent back whole.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import types
import typing
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from django.utils import translation
from django.utils.translation import gettext
from pydantic.fields import FieldInfo

from luoshi.delivery import queries
from luoshi.delivery.schemas.batches import OUTCOME_NAMES, ActRow, Outcome, RowOutcome, act_named
from luoshi.delivery.schemas.headings import Understood, understand
from luoshi.delivery.schemas.inputs import INPUTS, AskExtension, Assign, Edit, Reasoned, ReportInput
from luoshi.office.adapters import contents
from luoshi.office.adapters.exports import KEY
from luoshi.office.adapters.tables import ROWS, UNCOMPUTED, Mark, Table, read_tables, write_marks
from luoshi.rules import columns as rules
from luoshi.rules.lifecycle import ACT_NAMES, Act
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused, declare, gettext_noop
from luoshi.ui.sentences import sentence
from luoshi.units.models import Unit
from luoshi.units.queries import find_post, find_unit

_ = gettext_noop
declare(
    422,
    sheet_no_number=_("No line of the table names a column “%(column)s”: every row must say which commitment it is."),
    sheet_column_twice=_("Two columns are headed “%(column)s”; keep one."),
    sheet_nothing=_("No row says anything to be done: fill in the columns of an act and hand the file in again."),
    act_missing=_(
        "The row fills in “%(columns)s” but does not say what is asked for: choose it in the column “%(act)s”."
    ),
    formula_uncomputed=_(
        "The cell holds a formula without its value: open the file, save it and hand it in again, or type the value."
    ),
    line_not_json=_("Line %(line)s is not one JSON object."),
)

ROW_WORDS: Mapping[str, tuple[str, ...]] = {
    "ref": (_("Number"), _("Ref")),
    "version": (_("Version"),),
    "act": (_("Act"),),
}
RESULT, WHY = _("Result"), _("Why, and what to do")
LANGUAGES = ("en", "zh-hans")
HEADING_WITHIN = 20
"""Lines among which the headings are looked for; above them stand titles and remarks."""
FILLABLE = (
    Act.REPORT,
    Act.ACCEPT,
    Act.DECLINE,
    Act.ASSIGN,
    Act.RETURN,
    Act.APPLY,
    Act.CLOSE,
    Act.ASK_EXTENSION,
    Act.DECIDE_EXTENSION,
    Act.ISSUE,
)
"""What whole files are mostly about; any other act is named in the file's own column."""
YES = frozenset({"yes", "y", "true", "1", "agreed", "是", "对", "通过", "同意", "✓", "√"})
NO = frozenset({"no", "n", "false", "0", "notagreed", "否", "不", "不通过", "不同意", "×", "✗"})


@dataclass(frozen=True, slots=True)
class ActSheet:
    """What a file says is to be done: rows, and for a table where its columns stand (field → column, from 1)."""

    rows: tuple[ActRow, ...]
    sheet: str = ""
    heading_line: int = 0
    columns: Mapping[str, int] | None = None
    skipped: int = 0
    """Rows that name a commitment and say nothing to be done."""


def _plain(text: object) -> str:
    return re.sub(r"[\s_（）()：:*]+", "", str(text)).casefold()


def _in_both(words: Sequence[str]) -> set[str]:
    found = set()
    for language in LANGUAGES:
        with translation.override(language):
            found |= {_plain(gettext(word)) for word in words}
    return found


@cache
def _headings() -> dict[str, frozenset[str]]:
    """Plain heading → the fields it may mean; a label may stand for different fields of different acts."""
    found: dict[str, set[str]] = {}
    for name, words in ROW_WORDS.items():
        for word in _in_both(words) | {_plain(name)}:
            found.setdefault(word, set()).add(name)
    for model in INPUTS.values():
        for name, info in model.model_fields.items():
            for word in _in_both([info.title or name]) | {_plain(name)}:
                found.setdefault(word, set()).add(name)
    return {word: frozenset(names) for word, names in found.items()}


def _labels() -> dict[str, str]:
    """Field → a label of the forms, as a heading would be written; a message id."""
    labels = {name: words[0] for name, words in ROW_WORDS.items()}
    for model in (ReportInput, Reasoned, Assign, Edit, AskExtension):
        labels |= {name: info.title or name for name, info in model.model_fields.items()}
    return labels


@cache
def _acts() -> dict[str, str]:
    found: dict[str, str] = {}
    for act in INPUTS:
        for word in _in_both([ACT_NAMES[act]]) | {_plain(act.value)}:
            found.setdefault(word, act.value)
    return found


def read_acts(
    content: bytes, name: str, *, act: str = "", near: Unit | None = None, actor: Actor | None = None
) -> ActSheet:
    """The acts a file asks for（读取办理文件）.

    Args:
        content: the file as it came, at most as large as the caller allowed.
        name: its name, for refusals and to tell CSV from lines of JSON.
        act: what rows ask for that name no act.
        near: the reader's unit; among units of one name the nearest is meant.
        actor: who hands it in; titles of posts are looked for in the lead units of what he may see.

    Raises:
        Refused: ``sheet_no_number``, ``sheet_column_twice``, ``sheet_nothing``, ``act_unknown``,
            ``columns_hold_people``, ``line_not_json`` and those of ``read_tables``.
    """
    if act:
        act_named(act)
    if name.lower().endswith((".jsonl", ".ndjson")):
        sheet = _lines(content, name, act)
    else:
        sheet = _table(read_tables(content, name), act, near, actor)
    if not sheet.rows:
        raise Refused("sheet_nothing")
    return sheet


def _lines(content: bytes, name: str, act: str) -> ActSheet:
    text = contents.decode(content)
    if text is None:
        raise Refused("table_damaged", name=name)
    rows: list[ActRow] = []
    for line, told in enumerate(text.splitlines(), start=1):
        if not told.strip():
            continue
        if len(rows) == ROWS:
            raise Refused("table_too_long", name=name, limit=ROWS)
        try:
            one = json.loads(told)
        except (ValueError, RecursionError) as error:
            raise Refused("line_not_json", line=line) from error
        if not isinstance(one, dict) or not isinstance(one.get("data", {}), dict):
            raise Refused("line_not_json", line=line)
        version = one.get("version")
        problem = None if version is None or type(version) is int else _not_a("version", _("a whole number is needed"))
        rows.append(
            ActRow(
                line=line,
                act=str(one.get("act") or act),
                ref=str(one.get("ref", ""))[:64],
                version=None if problem else version,
                data=one.get("data", {}),
                problem=problem,
            )
        )
    return ActSheet(tuple(rows))


def _table(tables: Sequence[Table], act: str, near: Unit | None, actor: Actor | None) -> ActSheet:
    best: tuple[int, Table, int, Understood] | None = None
    keyed = False
    for table in tables:
        for line, cells in enumerate(table.rows[:HEADING_WITHIN], start=1):
            if own := _keys(cells):
                best, keyed = (0, table, line + 1, Understood(own)), True
                break
            found = understand(cells, _columns(cells), table.rows[line:], _labels())
            count = len(found.columns)
            if "ref" in found.columns and (best is None or count > best[0]):
                best = (count, table, line, found)
        if keyed:
            break
    if best is None:
        raise Refused("sheet_no_number", column="ref")
    _count, table, heading_line, understood = best
    columns = understood.columns
    if "ref" in understood.doubts:
        raise understood.doubts["ref"]
    headings = table.rows[heading_line - 1] if heading_line <= len(table.rows) else ()
    rules.refuse_people(str(cell) for cell in headings if cell is not None)
    lines: dict[int, dict[str, Any]] = {}
    for line, cells in enumerate(table.rows[heading_line:], start=heading_line + 1):
        told = {field: cells[at - 1] for field, at in columns.items() if at <= len(cells)}
        if told.get("ref") is not None:
            lines[line] = told
    leads = _leads(lines.values(), actor)
    rows, skipped = [], 0
    for line, told in lines.items():
        row = _row(line, told, act, _Around(near, leads.get(str(told["ref"]).strip()), keyed, headings, columns))
        if row is None:
            skipped += 1
        else:
            rows.append(replace(row, sheet=table.name))
    _settled(understood, rows, lines)
    return ActSheet(tuple(rows), table.name, heading_line, columns, skipped)


def _settled(understood: Understood, rows: Iterable[ActRow], lines: Mapping[int, Mapping[str, Any]]) -> None:
    """Refuse the file when a row needs a column that may mean two things."""
    for row in rows:
        needed = {"version", *(INPUTS[Act(row.act)].model_fields if row.act in _acts().values() else ())}
        for name, doubt in understood.doubts.items():
            if name in needed and lines[row.line].get(name) is not None:
                raise doubt


@dataclass(frozen=True, slots=True)
class _Around:
    """What reading the cells of one row needs beside them."""

    near: Unit | None
    lead: Unit | None
    keyed: bool
    headings: Sequence[Any]
    columns: Mapping[str, int]

    def heading(self, field: str) -> str:
        at = self.columns.get(field, 0)
        return str(self.headings[at - 1] or field) if 0 < at <= len(self.headings) else field


def _keys(cells: Sequence[Any]) -> dict[str, int]:
    """Field → column of the hidden line of keys that a sheet made here carries above its headings."""
    told = ((str(cell).removeprefix(KEY), at) for at, cell in enumerate(cells, 1) if str(cell).startswith(KEY))
    found = dict(told)
    return found if "ref" in found else {}


def _leads(rows: Iterable[Mapping[str, Any]], actor: Actor | None) -> dict[str, Unit]:
    """The lead units of the commitments whose rows name a post, as far as the actor sees them; one statement."""
    refs = {str(told["ref"]).strip()[:64] for told in rows if told.get("post") is not None}
    if not refs or actor is None:
        return {}
    return {one.ref: one.lead for one in queries.visible(actor).filter(ref__in=refs)}


def _columns(cells: Sequence[Any]) -> dict[str, int]:
    """Field → column of one line taken as headings.

    Raises:
        Refused: ``sheet_column_twice``.
    """
    found: dict[str, int] = {}
    known = _headings()
    for column, cell in enumerate(cells, start=1):
        for field in known.get(_plain(cell), ()) if isinstance(cell, str) else ():
            if field in found and field == "ref":
                raise Refused("sheet_column_twice", column=cell)
            found.setdefault(field, column)
    return found


def _row(line: int, told: Mapping[str, Any], act: str, around: _Around) -> ActRow | None:
    said = told.get("act")
    wanted = _acts().get(_plain(said), str(said)) if said is not None else act
    filled = [name for name in told if name not in ROW_WORDS and told[name] is not None]
    own = around.keyed and filled and set(filled) <= _REPORT
    if said is None and (own or (around.columns.keys() >= _SAID and not _REPORT.isdisjoint(filled))):
        wanted = wanted or Act.REPORT.value
    model = INPUTS.get(Act(wanted)) if wanted in {one.value for one in INPUTS} else None
    fields = {name: info for name, info in model.model_fields.items() if told.get(name) is not None} if model else {}
    ref = str(told["ref"]).strip()[:64]
    if said is None and not fields:
        if around.keyed and filled:
            columns = "、".join(around.heading(name) for name in filled)
            problem = Refused("act_missing", columns=columns, act=around.heading("act"), name="act")
            return ActRow(line, "", ref, None, {}, problem)
        return None
    data: dict[str, Any] = {}
    try:
        version = _whole("version", told.get("version"))
        for name, info in fields.items():
            data[name] = _value(name, info, told[name], around)
        if around.keyed and model is not None:
            for name in filled:
                if name not in fields:
                    raise _not_a(name, _("this is not asked here"), around.heading(name))
    except Refused as problem:
        return ActRow(line, wanted, ref, None, data, problem)
    return ActRow(line, wanted, ref, version, data)


_REPORT = frozenset({"percent", "words", "problems", "next_step"})
"""What makes a row a report though it does not say so."""
_SAID = frozenset({"percent", "words"})
"""The columns that make any other sheet one of reports, when neither it nor its sender names an act."""


def _not_a(name: str, problem: str, label: str = "") -> Refused:
    return Refused("bad_input", field=label or name, problem=problem, name=name)


def _whole(name: str, value: Any, label: str = "") -> int | None:
    if value is None:
        return None
    text = str(value).strip().removesuffix("%").removesuffix("％").strip()
    if isinstance(value, bool) or not re.fullmatch(r"-?\d{1,15}", text, re.ASCII):
        raise _not_a(name, _("a whole number is needed"), label)
    return int(text)


def _kinds(info: FieldInfo) -> set[Any]:
    kind = info.annotation
    if typing.get_origin(kind) in {typing.Union, types.UnionType}:
        return {_bare(one) for one in typing.get_args(kind)}
    return {_bare(kind)}


def _bare(kind: Any) -> Any:
    while typing.get_origin(kind) is typing.Annotated:
        kind = typing.get_args(kind)[0]
    return typing.get_origin(kind) or kind


def _value(name: str, info: FieldInfo, value: Any, around: _Around) -> Any:
    """A cell as the act's input takes it.

    Raises:
        Refused: ``bad_input``, ``formula_uncomputed``, and those of ``find_unit`` and ``find_post``.
    """
    if value == UNCOMPUTED:
        raise Refused("formula_uncomputed", name=name)
    label = info.title or name
    extra = info.json_schema_extra
    widget = extra.get("widget") if isinstance(extra, dict) else ""
    kinds = _kinds(info)
    if widget == "unit":
        return _unit(name, value, around.near)
    if widget in {"units", "below"}:
        return [_unit(name, part, around.near) for part in _parts(value)]
    if widget == "post" and around.lead is not None:
        return _post(name, value, around.lead)
    if bool in kinds:
        word = _plain(value)
        if word not in YES | NO:
            raise _not_a(name, _("choose yes or no"), label)
        return word in YES
    if int in kinds:
        return _whole(name, value, label)
    if dt.date in kinds:
        return _day(name, value, label)
    if list in kinds:
        return _parts(value)
    return str(value)


def _unit(name: str, value: Any, near: Unit | None) -> int:
    try:
        return find_unit(str(value), near).pk
    except Refused as refused:
        raise Refused(refused.code, **{**refused.params, "name": name}) from refused


def _post(name: str, value: Any, lead: Unit) -> str:
    try:
        return find_post(str(value), lead).ref
    except Refused as refused:
        raise Refused(refused.code, **{**refused.params, "name": name}) from refused


def _parts(value: Any) -> list[str]:
    return [part.strip() for part in re.split(r"[\n;；、]", str(value)) if part.strip()]


def _day(name: str, value: Any, label: str) -> str:
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    match = re.fullmatch(r"(\d{4})\s*[-./年]\s*(\d{1,2})\s*[-./月]\s*(\d{1,2})\s*日?", str(value).strip(), re.ASCII)
    try:
        if match:
            return dt.date(*map(int, match.groups())).isoformat()
    except ValueError:
        pass
    raise _not_a(name, _("a date is needed, such as 2026-03-31"), label)


def unit_of(actor: Actor) -> Unit | None:
    """The unit of the actor's seat, near which names of units in a file are looked for."""
    return Unit.objects.select_related("area").filter(pk=actor.effective.unit_id).first()


def marked(content: bytes, name: str, sheet: ActSheet, outcomes: Sequence[RowOutcome]) -> tuple[bytes, str]:
    """The file with the outcome beside each row and the cell at fault coloured（标注结果）; tables only.

    Returns:
        content and name of an Excel file, in the language of the reader.
    """
    columns = sheet.columns or {}
    marks = [
        Mark(
            line=one.row.line,
            word=gettext(OUTCOME_NAMES[one.outcome]),
            why=sentence(one.refused) if one.refused else "",
            column=columns.get(one.field, 0),
            sheet=sheet.sheet,
        )
        for one in outcomes
    ]
    headings = (gettext(RESULT), gettext(WHY))
    return write_marks(content, name, pages={sheet.sheet: sheet.heading_line}, headings=headings, marks=marks)


def counted(outcomes: Sequence[RowOutcome]) -> dict[str, int]:
    """How many rows came to what."""
    return {outcome.value: sum(one.outcome is outcome for one in outcomes) for outcome in Outcome}
