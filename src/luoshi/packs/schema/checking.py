"""What no single field can tell of a pack（方案包检查）.

Principle 10 (never invent): a quote is an exact part of its paragraph, a default commitment carries no date and no
figure its source lacks, an illegible word stays illegible. Principle 1 (promises, not people): names of columns that
hold persons are refused wherever a pack may name something.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from luoshi.packs.schema.pack import Pack, Problem
from luoshi.packs.schema.programme import Matter, Source
from luoshi.rules.numbering import check_prefix
from luoshi.rules.refusals import Refused
from luoshi.rules.refusals import gettext_noop as _

_TWICE: Final = _("“%(key)s” stands here more than once")
NO_SUCH: Final = _("“%(key)s” is not defined in this pack")
_NO_QUOTE: Final = _("the quote “%(quote)s” does not stand word for word in paragraph %(paragraph)s of its source")
_FIGURE: Final = _("“%(figure)s” is a figure or a date that the quoted sentence does not hold")
_GARBLED: Final = _("a garbled name needs a note, and its name must be what the source shows")
_GUESS: Final = _("a probable reading belongs only to a garbled name")
_PEOPLE: Final = _("“%(word)s” points to data about persons, which a pack may not ask for")
_PREFIX: Final = _("“%(prefix)s” cannot be the prefix of numbers")
_FREQUENCY: Final = _("a standing duty needs a frequency, and only a standing duty has one")
_NUMBERS: Final = _("numbers must run from 1 without a gap")
_LEVELS: Final = _("names and English names must be given for the same levels")
PEOPLE_WORDS: Final = (
    "身份证", "姓名", "名单", "花名册", "民族", "宗教", "信仰", "户主", "户口", "出入境", "手机号", "住址", "排名",
    "积分", "打卡", "轨迹", "在线时长", "name_list", "ethnic", "religio", "belief", "household", "id_card",
    "idcard", "person_name",
)  # fmt: skip
"""Words that show an indicator or a column to hold persons（principle 1）."""

_ASCII_FIGURE: Final = re.compile(r"[0-9０-９]+")


def twice(file: str, place: str, keys: Iterable[object]) -> Iterator[Problem]:
    """Keys that stand more than once in one place of a file."""
    for key, count in Counter(keys).items():
        if count > 1:
            yield Problem(file, place, _TWICE, {"key": key})


def check_pack(pack: Pack) -> Iterator[Problem]:
    """Everything that no single field can tell of a pack, but for its story."""
    programme = pack.programme
    try:
        check_prefix(programme.prefix)
    except Refused:
        yield Problem("programme.yaml", "programme › prefix", _PREFIX, {"prefix": programme.prefix})
    sources = {source.key: source for source in pack.sources}
    if programme.authority.source not in sources:
        place = "programme › authority › source"
        yield Problem("programme.yaml", place, NO_SUCH, {"key": programme.authority.source})
    if programme.ladder not in {ladder.key for ladder in pack.ladders}:
        yield Problem("programme.yaml", "programme › ladder", NO_SUCH, {"key": programme.ladder})
    yield from twice("programme.yaml", "indicators", (indicator.key for indicator in programme.indicators))
    for indicator in programme.indicators:
        for word in _people(f"{indicator.key} {indicator.name.zh} {indicator.name.en} {indicator.uom}"):
            yield Problem("programme.yaml", f"indicators › {indicator.key}", _PEOPLE, {"word": word})
    yield from twice("sources.yaml", "sources", (source.key for source in pack.sources))
    for source in pack.sources:
        yield from twice("sources.yaml", source.key, (paragraph.number for paragraph in source.paragraphs))
    yield from twice("ladders.yaml", "ladders", (ladder.key for ladder in pack.ladders))
    for ladder in pack.ladders:
        try:
            ladder.rule()
        except Refused as refused:
            yield Problem("ladders.yaml", ladder.key, refused.template, dict(refused.params))
    yield from twice("departments.yaml", "departments", (department.key for department in pack.departments))
    for level in ("province", "prefecture", "county"):
        named = (department.names.get(level) for department in pack.departments)
        yield from twice("departments.yaml", level, (name for name in named if name))
    for department in pack.departments:
        if set(department.names) != set(department.en):
            yield Problem("departments.yaml", department.key, _LEVELS, {})
    yield from _check_matters(pack, sources)


def _check_matters(pack: Pack, sources: Mapping[str, Source]) -> Iterator[Problem]:
    file = "matters.yaml"
    yield from twice(file, "matters", (matter.key for matter in pack.matters))
    if [matter.number for matter in pack.matters] != list(range(1, len(pack.matters) + 1)):
        yield Problem(file, "matters", _NUMBERS, {})
    yield from twice(file, "commitments", (item.key for matter in pack.matters for item in matter.commitments))
    for matter in pack.matters:
        yield from _check_quote(sources, matter)
        yield from twice(file, matter.key, (sub.key for sub in matter.sub_matters))
        if [sub.number for sub in matter.sub_matters] != list(range(1, len(matter.sub_matters) + 1)):
            yield Problem(file, f"{matter.key} › sub_matters", _NUMBERS, {})
        for sub in matter.sub_matters:
            place = f"{matter.key} › {sub.key}"
            if sub.quote not in matter.quote.text:
                yield Problem(file, place, _NO_QUOTE, {"quote": sub.quote, "paragraph": matter.quote.paragraph})
            if sub.garbled and (sub.note is None or sub.name.zh != sub.quote):
                yield Problem(file, place, _GARBLED, {})
            if sub.probable_reading is not None and not sub.garbled:
                yield Problem(file, place, _GUESS, {})
        subs = {sub.key for sub in matter.sub_matters}
        for item in matter.commitments:
            place = f"{matter.key} › {item.key}"
            if item.sub_matter is not None and item.sub_matter not in subs:
                yield Problem(file, place, NO_SUCH, {"key": item.sub_matter})
            if (item.kind == "duty") != (item.frequency is not None):
                yield Problem(file, place, _FREQUENCY, {})
            for text in (item.title.zh, item.title.en, item.requirement):
                for figure in _ASCII_FIGURE.findall(text):
                    if figure not in matter.quote.text:
                        yield Problem(file, place, _FIGURE, {"figure": figure})


def _check_quote(sources: Mapping[str, Source], matter: Matter) -> Iterator[Problem]:
    quote, place = matter.quote, f"{matter.key} › quote"
    if quote.source not in sources:
        yield Problem("matters.yaml", place, NO_SUCH, {"key": quote.source})
        return
    paragraphs = {paragraph.number: paragraph.text for paragraph in sources[quote.source].paragraphs}
    if quote.text not in paragraphs.get(quote.paragraph, ""):
        yield Problem("matters.yaml", place, _NO_QUOTE, {"quote": quote.text, "paragraph": quote.paragraph})


def _people(text: str) -> Iterator[str]:
    low = text.lower()
    return (word for word in PEOPLE_WORDS if word in low)
