"""What no single field can tell of a demonstration story（演示检查）: who is named is there, no figure is made up."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from string import Formatter
from typing import Final

from luoshi.packs.schema.checking import NO_SUCH, twice
from luoshi.packs.schema.pack import Pack, Problem
from luoshi.packs.schema.parts import Part
from luoshi.packs.schema.story import Story, StoryCommitment, StoryDuty
from luoshi.rules.refusals import gettext_noop as _

_SLOT: Final = _("“{%(slot)s}” is no slot that can be filled here")
_DIGITS: Final = _("the demonstration may hold no figure but percents of progress: “%(figure)s”")
_SENSITIVE: Final = _("“%(word)s”: unity, border and integrity matters name no group, belief or place of worship")
_AFTER: Final = _("the acts must follow each other in time, none before the day of issue")
_HANDS: Final = _("who applies, who verifies and who closes must be three different persons")
_COUNT: Final = _("the guided tour has five steps, numbered from 1 to 5")
SENSITIVE_WORDS: Final = (
    "彝", "白族", "哈尼", "傣", "壮族", "苗", "回族", "傈僳", "拉祜", "佤", "纳西", "瑶", "景颇", "藏", "布朗", "普米",
    "阿昌", "怒族", "基诺", "德昂", "蒙古", "独龙", "佛", "道教", "伊斯兰", "基督", "天主", "清真",
    "寺", "庙", "教堂", "僧", "信徒", "信众", "教徒", "偷渡", "难民", "信教",
)  # fmt: skip
"""Words of groups, beliefs and places of worship that the demonstration's matters 7 to 9 may not hold."""

_DIGIT: Final = re.compile(
    r"[0-9０-９]+|[二两三四五六七八九十百千万]+(?=[个处项次条座家户亩吨年月日天所人名件万亿千米])"
)


def check_story(pack: Pack, story: Story) -> Iterator[Problem]:
    """Everything that no single field can tell of the story of a pack."""
    file = "story.yaml"
    departments = {department.key: department for department in pack.departments}
    persons = {person.username: person for person in story.persons}
    commitments = {item.key: item for item in story.commitments}
    subs = {(matter.number, sub.key) for matter in pack.matters for sub in matter.sub_matters}
    numbers = {matter.number for matter in pack.matters}
    strict = {matter.number for matter in pack.matters if matter.institutions_only}
    yield from twice(file, "persons", (person.username for person in story.persons))
    yield from twice(file, "commitments", [*commitments, *(duty.key for duty in story.duties)])
    yield from twice(file, "late", (one.key for one in story.late))
    yield from twice(file, "commitments", (item.key for item in story.commitments))
    yield from twice(file, "lines", (line.key for line in story.lines))
    if [step.number for step in story.tour] != [1, 2, 3, 4, 5]:
        yield Problem(file, "tour", _COUNT, {})
    needed: list[tuple[str, object, Iterable[object]]] = [
        *((f"persons › {p.username}", p.acts_for, persons) for p in story.persons if p.acts_for),
        *((f"persons › {p.username}", p.unit.department, departments) for p in story.persons if p.unit.department),
        *((f"tour › {step.number}", step.commitment, commitments) for step in story.tour),
        *((f"tour › {step.number}", step.person, persons) for step in story.tour),
        *(("village_lines", key, {line.key for line in story.lines}) for key in story.village_lines),
        *((f"lines › {line.key}", line.department, departments) for line in story.lines),
    ]
    told: list[StoryCommitment | StoryDuty] = [*story.commitments, *story.duties]
    for one in (*told, *story.lines, *story.late):
        needed.append((one.key, one.matter, numbers))
        if one.sub_matter is not None:
            needed.append((one.key, (one.matter, one.sub_matter), subs))
    for item in told:
        needed += [(item.key, seat.department, departments) for seat in (item.issuer, item.lead) if seat.department]
    for item in story.commitments:
        needed += [(item.key, item.parent, commitments)] if item.parent else []
        needed += [(item.key, act.by, persons) for act in item.acts]
    for place, key, known in needed:
        if key not in known:
            yield Problem(file, place, NO_SUCH, {"key": key})
    for item in story.commitments:
        yield from _check_acts(item)
    for line in story.lines:
        yield from _check_texts(line.key, _texts(line), line.matter in strict, {"area", "upper"})
    for item in told:
        yield from _check_texts(item.key, _texts(item), item.matter in strict, set())
    for late in story.late:
        yield from _check_texts(late.key, _texts(late), late.matter in strict, set())
    yield from _check_texts("phrases", _texts(story.phrases), True, {"area", "work", "other"})


def _check_acts(item: StoryCommitment) -> Iterator[Problem]:
    days = [item.issued, *(act.day for act in item.acts)]
    if days != sorted(days):
        yield Problem("story.yaml", item.key, _AFTER, {})
    hands: dict[str, str] = {}
    for act in item.acts:
        if act.act in {"apply", "verify", "close"}:
            hands[act.act] = act.by
        if act.act == "close" and len(set(hands.values())) != 3:
            yield Problem("story.yaml", item.key, _HANDS, {})


_NO_SENTENCE = frozenset(
    ["key", "by", "act", "area", "department", "sub_matter", "parent", "frequency", "how", "username", "lead", "told"]
)  # fmt: skip
"""Fields of a story's parts that are no sentences."""


def _texts(part: Part) -> Iterator[str]:
    """Every Chinese sentence of a part of the story, however deep; no keys, codes, days or percents."""
    for name, value in part:
        if name in _NO_SENTENCE:
            continue
        for text in value if isinstance(value, tuple) else value.values() if isinstance(value, Mapping) else (value,):
            if isinstance(text, Part):
                yield from _texts(text)
            elif isinstance(text, str):
                yield text


def _check_texts(place: str, texts: Iterable[str], strict: bool, slots: set[str]) -> Iterator[Problem]:
    for text in texts:
        try:
            used = {field for _literal, field, _spec, _conversion in Formatter().parse(text) if field is not None}
        except ValueError:
            used = {text[:40]}
        for slot in sorted(used - slots):
            yield Problem("story.yaml", place, _SLOT, {"slot": slot})
        for figure in _DIGIT.findall(re.sub(r"[0-9]{1,3}%", "", text)):
            yield Problem("story.yaml", place, _DIGITS, {"figure": figure})
        if strict:
            for word in SENSITIVE_WORDS:
                if word in text:
                    yield Problem("story.yaml", place, _SENSITIVE, {"word": word})
