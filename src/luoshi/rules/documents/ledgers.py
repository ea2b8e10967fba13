"""Ledgers as offices keep them（既有台账）: where the headings stand, which rows are tasks, what a date cell says.

Pure reading, nothing guessed that the table does not say (principle 10): a date without its year, “各州市” in the place
of one unit, two units in the place of one lead are told to the person, who fills them in.
"""

from __future__ import annotations

import calendar as months
import datetime as dt
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from luoshi.rules.refusals import gettext_noop

_ = gettext_noop

Rows = Sequence[Sequence[Any]]
Merged = Sequence[tuple[int, int, int, int]]
HEADING_WITHIN = 20
HEADING_LINES = 3

FIELDS: Mapping[str, tuple[str, str]] = {
    "ref": (_("Number"), r"^(文号|任务编号|ref)$"),
    "version": (_("Version"), r"^(版本|version)$"),
    "matter": (_("Matter"), r"^(所属)?(事项|类别|板块|领域|专项|大项)(名称)?$|十件事|matter"),
    "post": (_("Post in charge"), r"(责任|牵头|分管|包保|挂钩)(领导|人|同志|岗位)|^(负责人|岗位|责任岗)$|owner|^post"),
    "lead": (_("Lead unit"), r"牵头|责任(单位|部门)|承办|主办|主责|lead"),
    "supporting": (_("Supporting units"), r"配合|协办|参与|协同|support"),
    "due_on": (_("Due on"), r"时限|期限|截止|办结|完成(时间|日期)|due|deadline"),
    "frequency": (_("Period of a standing duty"), r"频次|周期|frequency"),
    "criteria": (_("Criteria, one a line"), r"标准|验收|考核|criteria"),
    "requirement": (_("What is asked"), r"要求|措施|内容|目标任务|举措|requirement"),
    "title": (_("Title"), r"任务|项目|工作|事项|名称|title"),
}
"""Field → its label (message id) and the headings that usually mean it; the first fitting field wins."""

RESULT_HEADINGS = frozenset(
    {"办理结果", "理由及处理办法", "文号", "版本", "result", "whyandwhattodo", "ref", "version"}
)
"""Headings this system writes itself; they do not make another layout."""

TOTAL = re.compile(r"^(小计|合计|总计|共计|本页小计|subtotal|total)[:：]?$", re.IGNORECASE)
NOTE = re.compile(
    r"^(注|备注|说明|填表说明|填报人|填报单位|审核人|联系人|制表|单位负责人|note)\s*[:：、\d]", re.IGNORECASE
)
NUMBERED = re.compile(r"^[（(]?[\d一二三四五六七八九十]+[)）]?[、.．]?$")


class RowKind(StrEnum):
    """What a line of a ledger is."""

    TASK = "task"
    BLANK = "blank"
    TOTAL = "total"
    NOTE = "note"
    HEADING = "heading"
    SECTION = "section"


def plain(text: object) -> str:
    """A heading or name without spaces, line breaks, brackets and marks; full-width forms folded."""
    folded = unicodedata.normalize("NFKC", str(text)).casefold()
    return re.sub(r"[\s_\-()/、,.:*·]+", "", folded)


def heading_keys(headings: Sequence[str]) -> list[str]:
    """What each column is known by wherever it stands: its plain heading, numbered when several are headed alike."""
    seen: dict[str, int] = {}
    keys = []
    for heading in headings:
        word = plain(heading)
        seen[word] = seen.get(word, 0) + 1
        keys.append(word if not word or seen[word] == 1 else f"{word}#{seen[word]}")
    return keys


def carried(merged: Merged) -> frozenset[tuple[int, int]]:
    """The cells (line, column) that say what a cell above them says, because they are merged downwards."""
    return frozenset(
        (line, column)
        for first_line, first_column, last_line, last_column in merged
        for line in range(first_line + 1, last_line + 1)
        for column in range(first_column, last_column + 1)
    )


def goes_on(line: int, cells: Sequence[Any], columns: Mapping[str, int], below: frozenset[tuple[int, int]]) -> bool:
    """Whether a line only goes on with the task above: what is to be done, by whom and until when come from there."""
    told = [at for field, at in columns.items() if field in _WHOLE and at <= len(cells) and cells[at - 1] is not None]
    return bool(told) and all((line, at) in below for at in told)


_WHOLE = frozenset({"title", "requirement", "lead", "due_on"})


@dataclass(frozen=True, slots=True)
class Layout:
    """Where a ledger's headings stand and what they say.

    ``headings[i]`` is column i + 1, merged levels joined by “/”; ``guess`` is field → column (from 1).
    """

    first_line: int
    last_line: int
    headings: tuple[str, ...]
    guess: Mapping[str, int]


def filled(rows: Rows, merged: Merged) -> list[list[Any]]:
    """The rows with every cell of a merged range saying what the range says."""
    width = max((len(row) for row in rows), default=0)
    cells = [[*row, *[None] * (width - len(row))] for row in rows]
    for first_line, first_column, last_line, last_column in merged:
        if first_line > len(cells) or first_column > width:
            continue
        value = cells[first_line - 1][first_column - 1]
        for line in range(first_line, min(last_line, len(cells)) + 1):
            for column in range(first_column, min(last_column, width) + 1):
                cells[line - 1][column - 1] = value
    return cells


def _fits(text: object) -> str:
    word = plain(text)
    if not word or len(word) > 30:
        return ""
    return next((field for field, (_label, pattern) in FIELDS.items() if re.search(pattern, word)), "")


def meaning(heading: str) -> str:
    """The field a heading usually means, its lowest level first; empty when it means none."""
    return _fits(heading.rpartition("/")[2]) or _fits(heading)


def _is_title(cells: Sequence[Any]) -> bool:
    """One text over the whole width: the name of the table, not a line of headings."""
    told = {str(cell) for cell in cells if cell is not None}
    return len(told) <= 1


def find_layout(rows: Rows, merged: Merged) -> Layout | None:
    """The heading lines of a ledger（表头）; None when no line names at least two fields."""
    cells = filled(rows[: HEADING_WITHIN + HEADING_LINES], merged)
    spans = {(a, c): b for a, c, b, _d in merged}
    best: tuple[int, int] | None = None
    for index, row in enumerate(cells[:HEADING_WITHIN]):
        if _is_title(row):
            continue
        score = len({_fits(cell) for cell in row if isinstance(cell, str)} - {""})
        if score >= 2 and (best is None or score > best[0]):
            best = (score, index)
    if best is None:
        return None
    first = last = best[1]
    for (line, _column), until in spans.items():
        if line - 1 <= best[1] <= until - 1 and until - line < HEADING_LINES and not _is_title(cells[line - 1]):
            first, last = min(first, line - 1), max(last, until - 1)
    across = {a for a, b, c, d in merged if d > b and a == c}
    while last + 1 - first < HEADING_LINES and last + 1 in across and last + 1 < len(cells):
        if not all(_fits(cell) or cell is None or len(str(cell)) <= 12 for cell in cells[last + 1]):
            break
        last += 1
    headings = []
    for column in range(len(cells[first])):
        parts: list[str] = []
        for line in range(first, last + 1):
            text = re.sub(r"\s+", "", str(cells[line][column] or ""))
            if text and text not in parts:
                parts.append(text)
        headings.append("/".join(parts))
    guess: dict[str, int] = {}
    for column, heading in enumerate(headings, start=1):
        field = meaning(heading)
        if field and field not in guess:
            guess[field] = column
    return Layout(first + 1, last + 1, tuple(headings), guess)


def kind_of_row(cells: Sequence[Any], layout: Layout, columns: Mapping[str, int]) -> RowKind:
    """What one line below the headings is; ``columns`` are those the person mapped."""
    told = [str(cell).strip() for cell in cells if cell is not None and str(cell).strip()]
    if not told:
        return RowKind.BLANK
    if any(TOTAL.match(plain(one)) for one in told[:3]):
        return RowKind.TOTAL
    if NOTE.match(told[0]) and len(set(told)) <= 2:
        return RowKind.NOTE
    heads = {plain(part) for heading in layout.headings for part in heading.split("/") if part}
    if len(told) > 1 and all(plain(one) in heads for one in told):
        return RowKind.HEADING
    mapped = {name: cells[at - 1] for name, at in columns.items() if at <= len(cells)}
    words = [name for name in ("title", "requirement", "lead", "due_on") if mapped.get(name) not in (None, "")]
    if not words or (len(set(told)) == 1 and len(cells) > 2):
        return RowKind.SECTION
    return RowKind.TASK


@dataclass(frozen=True, slots=True)
class Due:
    """What a date cell says: a day, or that it is kept up for good, or why it is no date (message id)."""

    day: dt.date | None = None
    standing: bool = False
    problem: str = ""


_STANDING = re.compile(r"长期|持续|常态|每(年|半年|季|月|周)|long-term|ongoing", re.IGNORECASE)
_AROUND = re.compile(r"^(?:于|在|至|到|截至|截止|计划)+|(?:完成|办结|建成|落实|到位)+$")
_CLOCK = re.compile(r"[T ]\d{1,2}:\d{2}(:\d{2})?(\.\d+)?$")
_CHINESE = {**{sign: str(value) for value, sign in enumerate("〇一二三四五六七八九")}, "零": "0", "○": "0"}
_CHINESE_DATE = re.compile(
    r"^([〇零○一二三四五六七八九]{4})年(?:([一二三四五六七八九十]{1,3})月)?(?:([一二三四五六七八九十]{1,3})日)?"
)
_COMPACT = re.compile(r"^(\d{4})(\d{2})(\d{2})$")
_DAY = re.compile(r"^(\d{4})[年\-./](\d{1,2})[月\-./](\d{1,2})日?(?:前|之前|以前|止)?$")
_HALF = re.compile(r"^(\d{4})年?(上|下)半年(底|末|前|底前)?$")
_MONTH = re.compile(r"^(\d{4})[年\-./](\d{1,2})月?(?:份)?(底|末|底前|末前|前|中旬|上旬|下旬)?$")
_YEAR = re.compile(r"^(\d{4})年?(底|末|年底|年末)(前|之前|以前)?$")
_QUARTER = re.compile(r"^(\d{4})年第?([一二三四1-4])季度(底|末|前|底前)?$")
_EPOCH = dt.date(1899, 12, 30)


def _small(text: str) -> int:
    """A Chinese number up to 99."""
    tens, ten, ones = text.partition("十")
    digit = {sign: int(value) for sign, value in _CHINESE.items()}
    return (digit.get(tens, 1) * 10 + digit.get(ones, 0)) if ten else digit.get(tens, 0)


def _in_digits(text: str) -> str:
    """二〇二六年六月三十日 → 2026年6月30日; other texts as they are."""
    found = _CHINESE_DATE.match(text)
    if not found:
        return text
    told = "".join(_CHINESE[sign] for sign in found[1]) + "年"
    told += f"{_small(found[2])}月" if found[2] else ""
    told += f"{_small(found[3])}日" if found[3] else ""
    return told + text[found.end() :]


def read_due(value: Any) -> Due:
    """What a cell of the deadline column says（完成时限）.

    ``2026年6月底`` is the last day of that month; what may mean two days, or lacks its year, is
    told instead of guessed.
    Serial numbers of spreadsheets (40,000–60,000) are the days they stand for.
    """
    if value is None or str(value).strip() == "":
        return Due()
    if isinstance(value, dt.datetime):
        return Due(value.date())
    if isinstance(value, dt.date):
        return Due(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        if 40_000 <= value <= 60_000:
            return Due(_EPOCH + dt.timedelta(days=int(value)))
        if isinstance(value, int) and 20_000_101 <= value <= 21_001_231:
            return read_due(str(value))
        return Due(problem=_("“%(value)s” is no date: write it such as 2026-06-30"))
    text = _CLOCK.sub("", unicodedata.normalize("NFKC", str(value)).strip())
    text = re.sub(r"\s+", "", text)
    if _STANDING.search(text):
        if re.search(r"\d{4}年?\d{0,2}", text):
            return Due(problem=_("“%(value)s” names a date and goes on for good: keep one of the two"))
        return Due(standing=True)
    text = _AROUND.sub("", _in_digits(text))
    if text.isascii() and text.isdigit() and 40_000 <= int(text[:9]) <= 60_000:
        return read_due(int(text))
    try:
        return _written(text)
    except ValueError:
        return Due(problem=_("“%(value)s” is a day the calendar does not have"))


def _written(text: str) -> Due:
    if found := _COMPACT.match(text):
        return Due(dt.date(int(found[1]), int(found[2]), int(found[3])))
    if found := _HALF.match(text):
        return Due(dt.date(int(found[1]), *((6, 30) if found[2] == "上" else (12, 31))))
    if found := _DAY.match(text):
        return Due(dt.date(int(found[1]), int(found[2]), int(found[3])))
    if found := _MONTH.match(text):
        year, month, part = int(found[1]), int(found[2]), found[3] or ""
        if part in {"中旬", "上旬"}:
            return Due(dt.date(year, month, 20 if part == "中旬" else 10))
        if part == "前":
            return Due(problem=_("“%(value)s” may mean the end of that month or of the one before: write the day"))
        return Due(dt.date(year, month, months.monthrange(year, month)[1] if 1 <= month <= 12 else 99))
    if found := _YEAR.match(text):
        return Due(dt.date(int(found[1]), 12, 31))
    if found := _QUARTER.match(text):
        month = "一二三四".find(found[2]) * 3 + 3 if found[2] in "一二三四" else int(found[2]) * 3
        return Due(dt.date(int(found[1]), month, months.monthrange(int(found[1]), month)[1]))
    if re.match(r"^\d{1,2}[/\-.]\d{1,2}[/\-.]\d{4}$", text):
        return Due(problem=_("“%(value)s” can be read with the day or the month first: write it such as 2026-06-30"))
    if len(re.findall(r"\d{4}年|\d{1,2}月", text)) > 2 or re.search(r"\d日?[—–~～至到]\d", text):
        return Due(problem=_("“%(value)s” names more than one date: write the last day, such as 2026-06-30"))
    if re.search(r"\d{1,2}月|年底|年末|季度|月底|上半年|下半年", text):
        return Due(problem=_("“%(value)s” does not say which year: write it such as 2026-06-30"))
    return Due(problem=_("“%(value)s” is no date: write it such as 2026-06-30"))


EVERYBODY = re.compile(r"^各(级|州|市|县|区|乡|镇|街道|地|部门|有关|相关|责任|成员|单位|村|社区|直)")


def unit_names(value: Any) -> list[str]:
    """The names of units in one cell, in order, each once."""
    text = unicodedata.normalize("NFKC", str(value or ""))
    parts = [re.sub(r"\s+", "", part) for part in re.split(r"[\n;、,/]|\s{2,}|和(?=[^平])", text)]
    return list(dict.fromkeys(part for part in parts if part and not NUMBERED.match(part)))


def means_everybody(name: str) -> bool:
    """Whether a name stands for many units at once（各州市）, so that the task is broken down instead."""
    return bool(EVERYBODY.match(name))


def title_from(words: str) -> str:
    """A title from the beginning of what is asked, at its first full stop; at most 60 characters."""
    first = re.split(r"[。；;\n]", words.strip(), maxsplit=1)[0]
    return first[:60]
