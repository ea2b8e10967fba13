"""What offices call the columns of an act sheet（表头别名）, beside the labels of our own forms.

An office keeps its headings; a heading that may mean two things is told by what stands below it, or asked about. The
labels of the forms and the names of fields always win, so what was downloaded here is read as it was written.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from luoshi.rules.refusals import Refused, declare, gettext_noop

_ = gettext_noop
declare(
    422,
    heading_twice=_(
        "The columns “%(column)s” and “%(other)s” may both mean “%(field)s”: keep one, or head the one that is meant"
        " with exactly these words."
    ),
    heading_unclear=_(
        "The column “%(column)s” may mean “%(field)s” or “%(other)s”, and holds both percentages and words: put them"
        " in two columns headed so."
    ),
)

SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "ref": (
        *("任务编号", "任务文号", "任务号", "督办编号", "督查编号", "事项编号", "工作编号"),
        *("task number", "task no", "task no.", "task id", "reference", "reference number"),
    ),
    "version": ("版本号", "版次", "version number", "version no", "version no."),
    "percent": (
        *("进度", "工作进度", "项目进度", "任务进度", "进度百分比"),
        *("完成进度", "当前进度", "目前进度", "完成率", "完成比例", "完成百分比", "完成度"),
        *("progress", "% complete", "percent complete", "percentage", "completion", "completion rate"),
    ),
    "words": (
        *("完成情况", "进展", "进展情况", "工作进展", "工作进展情况", "目前进展", "当前进展", "最新进展", "本期进展"),
        *("落实情况", "办理情况", "推进情况", "推进落实情况", "工作开展情况", "开展情况", "工作完成情况"),
        *("任务完成情况", "进展及成效", "完成情况说明", "进度", "工作进度", "项目进度", "任务进度"),
        *("progress", "progress made", "what was done", "work done", "status update", "state of play"),
    ),
    "problems": (
        *("问题", "存在问题", "主要问题", "存在主要问题", "困难", "存在困难", "主要困难", "困难问题", "问题困难"),
        *("存在困难问题", "存在问题困难", "存在困难主要问题", "problems faced", "difficulties", "issues", "obstacles"),
    ),
    "next_step": (
        *("下一步打算", "下步打算", "下一步工作", "下步工作", "下一步工作打算", "下步工作打算", "下一步计划"),
        *("下步计划", "下一步工作计划", "下步工作计划", "下一步措施", "下步措施", "下一步工作措施", "下一步安排"),
        *("下步安排", "下一步工作安排", "next steps", "next actions", "planned next"),
    ),
    "reason": (
        *("原因", "事由", "理由原因", "申请理由", "申请原因", "延期理由", "延期原因", "退回理由", "退回原因"),
        *("不签收理由", "不签收原因", "reasons", "grounds", "cause"),
    ),
    "post": (
        *("岗位", "责任岗", "经办岗位", "承办岗位", "责任人", "经办人", "承办人", "具体责任人"),
        *("responsible post", "post responsible", "owner", "responsible"),
    ),
    "due_on": ("完成时限", "办结时限", "完成时间", "完成日期", "截止日期", "截止时间", "due date", "deadline"),
    "new_due_on": (
        *("新时限", "新的时限", "新完成时限", "延期至", "延期到", "申请延期至", "拟延期至", "调整后时限"),
        *("new due date", "new deadline", "extended to", "extend to"),
    ),
}
"""Field → what offices head it with. A heading that stands under two fields is settled by what the column holds."""

_PERCENT = re.compile(r"(\d{1,3})\s*[%％]?", re.ASCII)


def plain(text: object) -> str:
    """A heading without spaces, brackets, marks and the particles that join words."""
    folded = unicodedata.normalize("NFKC", str(text)).casefold()
    return re.sub(r"[\s_\-()\[\]:*、,，;；/.。·“”\"']+|[的和与及]", "", folded)


@cache
def _fields() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for name, words in SYNONYMS.items():
        for word in {plain(one) for one in words}:
            found.setdefault(word, []).append(name)
    return {word: tuple(names) for word, names in found.items()}


def meant(heading: object) -> tuple[str, ...]:
    """The fields that a heading may mean（表头含义）; none for most headings."""
    word = plain(heading) if isinstance(heading, str) else ""
    found = _fields().get(word.removesuffix("%"), ())
    return ("percent",) if word.endswith("%") and "percent" in found else found


@dataclass(slots=True)
class Understood:
    """Field → column (from 1), and for fields that stay in doubt the question to be asked when an act needs them."""

    columns: dict[str, int]
    doubts: dict[str, Refused] = field(default_factory=dict)


def understand(
    headings: Sequence[Any], known: Mapping[str, int], rows: Sequence[Sequence[Any]], labels: Mapping[str, str]
) -> Understood:
    """Add to the columns known by our own labels those that offices head otherwise（识别表头）.

    Args:
        headings: the line of headings.
        known: field → column, as our own labels say; they are never overruled.
        rows: what stands below. A column with nothing in it is no candidate.
        labels: field → the form's label, for the question.
    """
    found = Understood(dict(known))
    taken = set(known.values())
    claims: dict[str, list[int]] = {}
    either: list[int] = []
    for column, heading in enumerate(headings, start=1):
        wanted = meant(heading) if column not in taken else ()
        if not wanted or (wanted != ("ref",) and not _cells(rows, column)):
            continue
        if len(wanted) > 1:
            either.append(column)
        else:
            claims.setdefault(wanted[0], []).append(column)
    for column in either:
        told = [_is_percent(cell) for cell in _cells(rows, column)]
        name = "percent" if all(told) else "words"
        if any(told) and not all(told) and not {"percent", "words"} & {*claims, *known}:
            question = {"column": headings[column - 1], "field": labels["percent"], "other": labels["words"]}
            found.doubts[name] = Refused("heading_unclear", **question)
        elif any(told) and "words" in {*claims, *known}:
            name = "percent"
        claims.setdefault(name, []).append(column)
    for name in [name for name in claims if name in known]:
        del claims[name]
    for name, places in claims.items():
        found.columns[name] = places[0]
        if len(places) > 1:
            first, second = (str(headings[at - 1]) for at in places[:2])
            found.doubts[name] = Refused(
                "heading_twice", column=first, other=second, field=labels.get(name, name), name=name
            )
    return found


def _cells(rows: Sequence[Sequence[Any]], column: int) -> list[Any]:
    return [row[column - 1] for row in rows if column <= len(row) and row[column - 1] is not None]


def _is_percent(cell: Any) -> bool:
    match = _PERCENT.fullmatch(str(cell).strip())
    return not isinstance(cell, bool) and match is not None and int(match[1]) <= 100
