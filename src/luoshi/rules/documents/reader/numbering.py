"""Numbering（层次序数）: the labels official writing puts before its parts, and their order.

GB/T 9704-2012, 7.3.3 names four levels: 一、 then （一） then 1. then （1）; writing adds ①, 第N章, 第N节, 第N条,
第N件事, 一是, 第一，, dashes and decimal numbers. Labels are read in folded text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Style(StrEnum):
    """The form of a label."""

    MARKUP = "heading"
    CHAPTER = "chapter"
    SECTION = "section"
    ARTICLE = "article"
    MATTER = "matter"
    HAN = "han"
    HAN_PAREN = "han_paren"
    NUMBER = "number"
    NUMBER_PAREN = "number_paren"
    NUMBER_CLOSE = "number_close"
    DECIMAL = "decimal"
    CIRCLE = "circle"
    LETTER = "letter"
    ORDINAL = "ordinal"
    POINT = "point"
    DASH = "dash"
    NAMED = "named"


@dataclass(frozen=True, slots=True)
class Label:
    """A label at ``start`` up to ``end``; ``number`` counts from 1, 0 where the form does not count."""

    style: Style
    number: int
    start: int
    end: int
    glued: bool = False


_HAN: Final = "一二三四五六七八九十百零〇"
_DIGITS: Final = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"〇": 0}


def number_of(words: str) -> int:
    """A number below a thousand in Chinese or Arabic digits; 0 when it is none."""
    if words.isascii():
        return int(words) if words.isdigit() else 0
    total, digit = 0, 0
    for sign in words:
        if sign == "百":
            total, digit = total + (digit or 1) * 100, 0
        elif sign == "十":
            total, digit = total + (digit or 1) * 10, 0
        else:
            digit = _DIGITS.get(sign, 0)
    return total + digit


_GLUED: Final = (
    r"(?=(?:19|20)\d\d ?年|\d{1,2} ?月(?!\d)|\d{1,6}(?:\.\d{1,2})? ?(?:[万亿%个家座公处条台套户名项人亩吨所]|G\b))"
)
_LABEL: Final = re.compile(
    rf"(?P<chapter>第[{_HAN}\d]{{1,5}}(?:章|编|篇|部分|板块) ?[:、]? ?)"
    rf"|(?P<section>第[{_HAN}\d]{{1,5}}节 ?[:、]? ?)"
    rf"|(?P<article>第[{_HAN}\d]{{1,5}}条 ?[:、]? ?)"
    rf"|(?P<matter>第[{_HAN}\d]{{1,4}}[件项个](?:大事|实事|事|任务|工作|重点)? ?[:、,]? ?)"
    rf"|(?P<ordinal>第[{_HAN}]{{1,3}}(?:是|要|,|、|:) ?)"
    rf"|(?P<point>[{_HAN}]{{1,3}}(?:是|要)(?!求|点|素|务|件|闻) ?[:,]? ?)"
    rf"|(?P<han_paren>\( ?[{_HAN}]{{1,4}} ?\) ?[、.]? ?|[㈠-㈩])"
    rf"|(?P<han>[{_HAN}]{{1,4}} ?[、.] ?)"
    r"|(?P<number_paren>\( ?\d{1,3} ?\) ?[、.]? ?)"
    r"|(?P<number_close>\d{1,2} ?\) ?[、.]? ?)"
    rf"|(?P<glued>\d{{1,3}} ?[.、]{_GLUED})"
    r"|(?P<decimal>\d{1,2}(?:\.\d{1,2}){1,3}(?:(?![\d%])[.、:]?|$) *(?=[^\d\s%.]))"
    r"|(?P<number>\d{1,3} ?(?:[.、](?!\d)|:(?=\D)) ?)"
    r"|(?P<circle>[①-⑳❶-❿➀-➉] ?[、.]? ?)"
    r"|(?P<named>(?:Action|Goal|Objective|Milestone|Task|Strategy|Priority|Recommendation|Step|Phase|Part|Section|"
    r"Chapter|Pillar|Initiative|Commitment|Practice)s? \d{1,3}(?:\.\d{1,3}){0,2} ?[.:)-]? ?)"
    r"|(?P<letter>(?:[a-hA-H][.)]|\([a-hA-H]\)) (?=\S))"
    r"|(?P<dash>(?:—{1,2}|-{1,2}|·|\*|\+) ?(?=\S))"
)
_NUMBER: Final = re.compile(rf"\d{{1,4}}|[{_HAN}]+")
_ENUM: Final = {"glued": Style.NUMBER}


def label_at(text: str, start: int, end: int) -> Label | None:
    """The label a line begins with, or ``None``."""
    found = _LABEL.match(text, start, end)
    return _made(found) if found is not None else None


def _made(found: re.Match[str]) -> Label:
    kind = found.lastgroup or ""
    style = _ENUM.get(kind) or Style(kind)
    words = found[0]
    if style is Style.CIRCLE:
        number = next(ord(words[0]) - ord(first) + 1 for first in "➀❶①" if words[0] >= first)
    elif words[0] in "㈠㈡㈢㈣㈤㈥㈦㈧㈨㈩":
        number = ord(words[0]) - ord("㈠") + 1
    elif style is Style.LETTER:
        number = ord(words.strip(" (.)").lower()) - ord("a") + 1
    elif style is Style.DECIMAL:
        number = int(re.findall(r"\d+", words)[-1])
    else:
        digits = _NUMBER.search(words)
        number = number_of(digits[0]) if digits and style is not Style.DASH else 0
    return Label(style, number, found.start(), found.end(), kind == "glued")


_INSIDE: Final = re.compile(
    rf"(?=[{_HAN}(\d①-⑳第 ])(?:(?<=[。;:!)”》])\s{{0,4}}(?P<han>[{_HAN}]{{1,3}}、)"
    rf"|(?<![第至和及、(])(?P<han_paren>\([{_HAN}]{{1,3}}\))"
    rf"|(?<=[。;:!)”])\s{{0,4}}(?P<glued>\d{{1,2}}[.、]{_GLUED})"
    r"|(?<=[。;:!)”])\s{0,4}(?P<number>\d{1,2}[.、](?!\d))"
    r"|(?<=[。;:!)”,])\s{0,4}(?P<number_paren>\(\d{1,2}\))"
    r"|(?P<circle>[①-⑳])"
    rf"|(?<=[。;:!,])\s{{0,4}}(?P<point>[{_HAN}]{{1,2}}(?:是|要)(?!求|点|素|务|件|闻))"
    rf"|(?<=[。;:!])\s{{0,4}}(?P<ordinal>第[{_HAN}]{{1,2}}(?:,|是|、)))"
)
_PUNCTUATED: Final = re.compile(r"[。;:!)”》,①-⑳]|\([一\d]")
PROSE_STYLES: Final = frozenset({Style.POINT, Style.ORDINAL})


def labels_inside(text: str, start: int, end: int, last: dict[Style, int], *, prose: bool) -> list[Label]:
    """Labels within a line whose breaks were lost, or of a run in prose（一是…；二是…）; each counts on from the last.

    ``last`` is the number last seen of each style; ``prose`` lets runs of 一是 and 第一， count as labels.
    """
    if _PUNCTUATED.search(text, start, end) is None and text.find("(一)", start, end) < 0:
        return []
    found = [_inner(one) for one in _INSIDE.finditer(text, start, end)]
    if not prose:
        found = [label for label in found if label.style not in PROSE_STYLES]
    return _counted(found, last)


def _inner(found: re.Match[str]) -> Label:
    kind = found.lastgroup or ""
    made = _made(found)
    return Label(made.style, _value(found[kind], made), found.start(kind), found.end(kind), kind == "glued")


def _value(words: str, made: Label) -> int:
    if made.style is Style.CIRCLE:
        return ord(words[0]) - ord("①") + 1
    digits = _NUMBER.search(words)
    return number_of(digits[0]) if digits else 0


def _counted(found: Sequence[Label], last: dict[Style, int]) -> list[Label]:
    """The labels that count on: the next number of their style, or a first one that a second follows."""
    kept: list[Label] = []
    seen = dict(last)
    following = _followed(found)
    for at, label in enumerate(found):
        if label.number == seen.get(label.style, 0) + 1 > 1 or (label.number == 1 and at in following):
            kept.append(label)
            seen[label.style] = label.number
    return kept


def _followed(found: Sequence[Label]) -> set[int]:
    """Places of first labels that a second of the same style follows."""
    waiting: dict[Style, int] = {}
    out: set[int] = set()
    for at, label in enumerate(found):
        if label.number == 1:
            waiting[label.style] = at
        elif label.number == 2 and label.style in waiting:
            out.add(waiting.pop(label.style))
    return out
