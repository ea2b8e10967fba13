"""Passages（段）: what one part of a document says, parted into words, duties and time.

A part is a numbered element, a row of a table or a sentence. Its requirement is what is left when brackets and labelled
lines about units and time are set aside.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from luoshi.rules.documents.reader import dates, english, roles, targets
from luoshi.rules.documents.reader.cleaning import Clean
from luoshi.rules.documents.reader.dates import Frame, Often, When
from luoshi.rules.documents.reader.findings import (
    LIKELY,
    PERHAPS,
    SURE,
    Concern,
    Doubt,
    Due,
    Field,
    Item,
    Kind,
    Recurring,
    Role,
    Target,
)
from luoshi.rules.documents.reader.roles import Found, Named

Place = tuple[int, int]


@dataclass(slots=True)
class Context:
    """What holds for the whole document."""

    cleaned: Clean
    frame: Frame
    in_english: bool
    first_leads: bool
    doubts: list[Doubt] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The cleaned text."""
        return self.cleaned.text


@dataclass(slots=True)
class Passage:
    """What was found in one part; places count in the cleaned text."""

    body: list[Place] = field(default_factory=list)
    title: Place | None = None
    units: list[tuple[Role, Named, str]] = field(default_factory=list)
    whens: list[When] = field(default_factory=list)
    oftens: list[Often] = field(default_factory=list)
    measures: list[targets.Measured] = field(default_factory=list)
    after: list[Place] = field(default_factory=list)
    labelled: bool = False

    @property
    def requirement(self) -> Place | None:
        """The longest unbroken run of words."""
        return max(self.body, key=lambda place: place[1] - place[0]) if self.body else None


_TAIL_LABEL: Final = re.compile(
    r"(?<=[。;\s)])[【\[]?(?:牵头(?:责任)?(?:单位|部门)|主办(?:单位|部门)|承办(?:单位|部门)|(?:整改)?责任(?:单位|部门|主体)|落实单位|实施单位|配合(?:单位|部门)|协办(?:单位|部门)|(?:完成|整改|办理|办结|工作)(?:时限|期限|时间)|责任(?:领导|人)|牵头领导|时限要求|完成日期|指导(?:单位|部门)|督导单位) ?(?:[】\]] ?:?|:)"
)
_LABELS_HERE: Final = re.compile(r"[:】\]]")
_FIELD_NAME: Final = re.compile(
    r"[【\[]?(?:工作任务|任务内容|工作内容|具体内容|主要内容|任务要求|工作要求|具体要求|整改措施|主要措施|工作措施|具体措施|工作举措|主要举措|措施|内容|目标任务|任务|工作目标|整改目标|目标要求|主要任务) ?[】\]]? ?: ?"
)
_ASIDE: Final = re.compile(
    r"[【\[]?(?:存在问题|问题描述|具体问题|反馈问题|问题|整改情况|进展情况|整改进展|完成情况|备注|销号情况|整改状态|当前进展|序号) ?[】\]]? ?:"
)
_GOAL: Final = re.compile(r"[【\[]?(?:整改目标|工作目标|目标要求|目标|任务目标) ?[】\]]? ?:")


def read_paragraphs(
    context: Context, paragraphs: Iterable[Place], *, split_after: bool = False, parent: bool = False
) -> Passage:
    """What the paragraphs of one part say.

    ``split_after`` sets words behind the last duty bracket apart; a ``parent``'s goal alone is no task: its measures are.
    """
    passage = Passage()
    text = context.text
    goals: list[Place] = []
    for start, end in paragraphs:
        if _ASIDE.match(text, start, end):
            continue
        if context.in_english:
            _english_line(context, passage, start, end)
            continue
        if roles.LABELLED.match(text, start, end):
            _take(context, passage, start, end)
            continue
        if _GOAL.match(text, start, end):
            named = _FIELD_NAME.match(text, start, end)
            goals.append((named.end() if named is not None else start, end))
            continue
        brackets = roles.role_brackets(text, start, end)
        tail = _outside(text, start, end, brackets) if _LABELS_HERE.search(text, start, end) else -1
        if tail >= 0:
            _take(context, passage, tail, end)
            end = tail
            brackets = [one for one in brackets if one[1] <= end]
        duty = roles.duty_tail(text, start, end)
        if duty < end:
            _take(context, passage, duty + 1, end)
            end = duty
            brackets = [one for one in brackets if one[1] <= end]
        place = start
        for at, (first, last) in enumerate(brackets):
            _take(context, passage, first + 1, last - 1, Role.RESPONSIBLE)
            _keep(context, passage, place, first)
            place = last
            while place < end and text[place] in "。;,. ":
                place += 1
            if at == len(brackets) - 1 and split_after and place < end:
                passage.after.append((place, end))
                place = end
        _keep(context, passage, place, end)
    for start, end in goals:
        if not passage.body and not parent:
            _keep(context, passage, start, end)
        else:
            passage.measures += targets.measured(text, start, end)
    return passage


def _outside(text: str, start: int, end: int, brackets: list[Place]) -> int:
    """Where the labelled tail of a paragraph begins, labels within brackets left to the brackets; -1 for none."""
    for found in _TAIL_LABEL.finditer(text, start, end):
        if not any(a <= found.start() < b for a, b in brackets):
            return found.start()
    return -1


def _english_line(context: Context, passage: Passage, start: int, end: int) -> None:
    text = context.text
    cut = english.first_label(text, start, end)
    if cut < end:
        _take(context, passage, cut, end)
        while cut > start and text[cut - 1] in " ([—–-;,":
            cut -= 1
    _keep(context, passage, start, cut)


_WORDS: Final = re.compile(r"[^\W_]")


def _keep(context: Context, passage: Passage, start: int, end: int) -> None:
    text = context.text
    named = _FIELD_NAME.match(text, start, end)
    if named is not None:
        start = named.end()
    while start < end and (text[start].isspace() or text[start] in ",;、"):
        start += 1
    while start < end and (text[end - 1].isspace() or text[end - 1] in "、("):
        end -= 1
    if start >= end or _WORDS.search(text, start, end) is None:
        return
    if passage.body and not text[passage.body[-1][1] : start].strip("。;,\n ·-") and not passage.units:
        passage.body[-1] = (passage.body[-1][0], end)
    else:
        passage.body.append((start, end))


def _take(context: Context, passage: Passage, start: int, end: int, default: Role | None = None) -> None:
    """Read a passage that says who and by when; names that a bracket gives without a verb have the ``default`` role."""
    reader = english.read_roles if context.in_english else roles.read_roles
    take(context, passage, reader(context.text, start, end, default))


def take(context: Context, passage: Passage, found: Found) -> None:
    """Add what labels said of units and time."""
    passage.units += found.units
    passage.labelled = passage.labelled or bool(found.units or found.dues)
    for start, end in found.dues:
        read_time(context, passage, start, end)


_DIGIT: Final = re.compile(r"\d")


def read_time(context: Context, passage: Passage, start: int, end: int) -> None:
    """Read a passage that is about time: a column of deadlines, the words after 完成时限：."""
    if start >= end:
        return
    reader = english if context.in_english else dates
    whens = reader.deadlines(context.text, start, end, context.frame, bare=True)
    oftens = list(reader.frequencies(context.text, start, end, bare=True))
    if not whens and not oftens and _DIGIT.search(context.text, start, end) is None:
        return
    if context.text[start:end].strip() and not whens and not oftens and context.in_english:
        whens = [When(start, end, None)]
    passage.whens += whens
    passage.oftens += oftens


def read_words(
    context: Context, passage: Passage, place: Place, frame: Frame | None = None, *, column: bool = False
) -> None:
    """Read deadlines, frequencies and targets out of running words."""
    reader = english if context.in_english else dates
    start, end = place
    passage.whens += reader.deadlines(context.text, start, end, frame or context.frame)
    passage.oftens += reader.frequencies(context.text, start, end)
    measures = english.measured if context.in_english else targets.measured
    passage.measures += measures(context.text, start, end, column=column)


_SENTENCE: Final = re.compile(r"[。!]")
_NAMED: Final = re.compile(r"【[^【】\n]{2,30}】")
LONGEST_TITLE: Final = 45


def part_title(context: Context, passage: Passage, head: Place | None) -> None:
    """Part the heading words from the requirement: a heading line of its own, or the first short sentence."""
    text = context.text
    if not passage.body:
        return
    first = passage.body[0]
    if head is not None and head[1] - head[0] <= LONGEST_TITLE + 15 and first[0] <= head[0] and first[1] > head[1]:
        between = text[head[1] : first[1]]
        if text[head[1] - 1] not in "。;,!" and between.strip():
            passage.title = head
            passage.body[0] = _trim(text, head[1], first[1])
            return
    named = _NAMED.match(text, first[0], first[1])
    if named is not None and named.end() < first[1]:
        passage.title = (named.start() + 1, named.end() - 1)
        passage.body[0] = _trim(text, named.end(), first[1])
        return
    if context.in_english:
        stop = text.find(". ", first[0], min(first[1], first[0] + 90))
        if stop > 0 and len(text[first[0] : stop].split()) <= 10:
            passage.title = (first[0], stop)
            passage.body[0] = _trim(text, stop + 1, first[1])
        return
    found = _SENTENCE.search(text, first[0], min(first[1], first[0] + LONGEST_TITLE))
    if found is not None and found.end() < first[1] and found.start() - first[0] >= 2:
        rest = _trim(text, found.end(), first[1])
        if rest[1] - rest[0] >= 4:
            passage.title = (first[0], found.start())
            passage.body[0] = rest
            return
    colon = text.find(":", first[0], min(first[1], first[0] + 26))
    if colon > 0 and not any(sign in text[first[0] : colon] for sign in ",。;、"):
        rest = _trim(text, colon + 1, first[1])
        if rest[1] - rest[0] >= 6:
            passage.title = (first[0], colon)
            passage.body[0] = rest


def _trim(text: str, start: int, end: int) -> Place:
    while start < end and (text[start].isspace() or text[start] in "。,;"):
        start += 1
    return start, end


def make_item(
    context: Context, passage: Passage, *, path: tuple[str, ...], kind: Kind, confidence: float = SURE
) -> Item | None:
    """The item a passage amounts to, or ``None`` when nothing is asked."""
    place = passage.requirement
    title = passage.title
    if place is None:
        place, title = title, None
    if place is None:
        return None
    cleaned = context.cleaned
    requirement = cleaned.field(place[0], place[1], confidence)
    if not requirement.value:
        return None
    due_list = _dues(context, passage.whens)
    return Item(
        path=path,
        title=cleaned.field(*title, LIKELY) if title is not None and title[1] > title[0] else None,
        requirement=requirement,
        kind=kind,
        units=roles.settle(cleaned, passage.units, first_leads=context.first_leads),
        dues=tuple(due_list),
        recurring=_recurring(context, passage.oftens),
        targets=_targets(context, passage, due_list),
    )


def _dues(context: Context, whens: list[When]) -> list[Due]:
    seen: set[tuple[int, date | None]] = set()
    out: list[Due] = []
    for when in whens:
        words = context.cleaned.field(when.start, when.end, SURE if when.day else PERHAPS)
        if when.wrong:
            context.doubts.append(Doubt(Concern.DAY, words))
        elif words.value and (when.start, when.day) not in seen:
            seen.add((when.start, when.day))
            out.append(Due(when.day, words))
    return out


def _recurring(context: Context, oftens: list[Often]) -> tuple[Recurring, ...]:
    if not oftens:
        return ()
    seen: dict[str, Recurring] = {}
    for often in oftens:
        words = context.cleaned.field(often.start, often.end, LIKELY)
        seen.setdefault(often.frequency, Recurring(often.frequency, words))
    return tuple(seen.values())


def _targets(context: Context, passage: Passage, dues: list[Due]) -> tuple[Target, ...]:
    text, cleaned = context.text, context.cleaned
    out: list[Target] = []
    seen: set[int] = set()
    if not passage.measures:
        return ()
    closing = max((due for due in dues if due.day), key=lambda due: due.day or date.min, default=None)
    for one in passage.measures:
        if one.start in seen:
            continue
        seen.add(one.start)
        near = [when for when in passage.whens if when.day and when.start < one.start]
        if near:
            floor = max(0, one.start - 200)
            sentence = max(text.rfind(sign, floor, one.start) for sign in "。;\n")
            near = [when for when in near if sentence < when.start]
        by = closing
        if near:
            words = cleaned.field(near[-1].start, near[-1].end, SURE)
            by = Due(near[-1].day, words)
        first, last = one.indicator
        indicator: Field | None = cleaned.field(first, last, PERHAPS) if last - first >= 2 else None
        if indicator is not None and not any(sign.isalpha() for sign in indicator.value):
            indicator = None
        words = cleaned.field(one.start, one.end, LIKELY)
        out.append(Target(words, one.value, one.uom, one.comparator, indicator, by))
    return tuple(out)
