"""Prose（行文）: what unnumbered sentences ask for, where an announced run of them does.

Outside numbering a full stop or a semicolon parts matters only in a run: sentences with 要 after 会议强调，; clauses after
要求：; what a speaker lists first, second. A date or year at the head of a run governs all of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from luoshi.rules.documents.reader import dates, wording
from luoshi.rules.documents.reader.dates import Frame, When
from luoshi.rules.documents.reader.passages import Place

_STOP: Final = re.compile(r"(?:[。!\n]|\?(?=[”\n]|$))+”?")
_GOVERNS: Final = re.compile(r"(?P<this>今年|本年度|年内|年底前?)|(?:到)?(?P<year>20\d\d)年(?:度)?(?!工作回顾)")
_DECIDED: Final = re.compile(r"(?:决定|议定|明确)[^。]{0,6}$")
_BINDS: Final = re.compile(
    r"牵头|负责|前[^,。;]{0,12}(?:完成|制定|报|出台|建成|落实)|设立|成立|建立|实施|启动|开展|推进"
)
_LIST: Final = re.compile(
    r"(?:目标|任务|重点|措施|要求|事项|工作|内容|安排)(?:是|为|包括|如下|有)? ?:|(?:强调|指出|要求|提出|议定|决定|明确|部署|安排|希望)(?:要|如下)?[:,]"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A sentence or clause that asks; ``governed`` is the date its run began with."""

    start: int
    end: int
    governed: When | None = None
    announced: bool = False


def sentences(text: str, start: int, end: int) -> Iterator[Place]:
    """The sentences of a passage with their stops."""
    place = start
    for found in _STOP.finditer(text, start, end):
        a = _skip(text, place, found.end())
        if found.end() > a:
            yield a, found.end()
        place = found.end()
    a = _skip(text, place, end)
    if a < end:
        yield a, end


def _skip(text: str, start: int, end: int) -> int:
    while start < end and (text[start].isspace() or text[start] in "。!?,;、”"):
        start += 1
    return start


def asked(text: str, start: int, end: int, frame: Frame) -> list[Asked]:
    """What the sentences of a paragraph ask for."""
    out: list[Asked] = []
    speaking = False
    for a, b in sentences(text, start, end):
        words = text[a : min(b, a + 400)]
        prefix = wording.speech_prefix(words)
        speaking = speaking or prefix > 0
        if text.find(";", a, b) >= 0:
            run = _run(text, a, b, frame)
            if run:
                out += run
                continue
        if not speaking and not wording.demands(words):
            continue
        if wording.demands(words[prefix:]):
            out.append(Asked(a + prefix, b, announced=speaking))
        elif (when := _asked_by_date(text, a + prefix, b, frame)) is not None:
            out.append(Asked(a + prefix, b, when, announced=speaking))
        elif prefix and _DECIDED.search(words, 0, prefix) and _BINDS.search(words, prefix):
            out.append(Asked(a + prefix, b, announced=True))
    return out


def _asked_by_date(text: str, start: int, end: int, frame: Frame) -> When | None:
    """A sentence with 请 or a report and its date asks, without 要."""
    words = text[start : min(end, start + 400)]
    if not words.startswith("请") and not wording.REPORTS.search(words):
        return None
    found = dates.deadlines(text, start, end, frame)
    return found[0] if found and not re.search(r"已|了", words[:40]) else None


def _run(text: str, start: int, end: int, frame: Frame) -> list[Asked]:
    """The clauses of a sentence that announces a run of them."""
    semicolon = text.find(";", start, end)
    announced = list(_LIST.finditer(text, start, min(semicolon, start + 160)))
    coloned = [one for one in announced if one[0].endswith(":")]
    found = coloned[-1] if coloned else announced[0] if announced else None
    first = found.end() if found is not None else start
    clauses = list(_clauses(text, first, end))
    demanding = [wording.demands(text[a : a + 120]) for a, b in clauses]
    colon = found is not None and text[found.end() - 1] == ":"
    if len(clauses) < 2:
        return []
    if found is None and sum(demanding) * 2 < len(clauses):
        return []
    if found is not None and not colon and not any(demanding):
        return []
    governed = None
    if found is not None:
        governed = _governing(text, start, found.end(), frame)
    kept = []
    for (a, b), demand in zip(clauses, demanding, strict=True):
        words = text[a:b]
        if (
            demand
            or (colon and wording.asks(words) and not words.endswith(("回顾", "总结", "情况")))
            or (found is not None and not colon and wording.verb_first(words))
        ):
            kept.append(Asked(a, b, governed, announced=True))
    if (
        colon
        and found is not None
        and not governed
        and not any(demanding)
        and "分" in text[start : found.start()]
        and "部分" in text[start : found.end()]
    ):
        return []
    return kept if len(kept) >= 2 else []


def _clauses(text: str, start: int, end: int) -> Iterator[Place]:
    place = start
    while place < end:
        stop = text.find(";", place, end)
        until = stop if stop >= 0 else end
        a, b = _skip(text, place, until), until
        while b > a and (text[b - 1].isspace() or text[b - 1] in "。!、,"):
            b -= 1
        if b > a:
            yield a, b
        place = until + 1


def _governing(text: str, start: int, end: int, frame: Frame) -> When | None:
    found = _GOVERNS.search(text, start, end)
    if found is None:
        return None
    year = frame.day.year if found["this"] else int(found["year"])
    if year < frame.day.year:
        return None
    return When(found.start(), found.end(), date(year, 12, 31))


_MARKS: Final = re.compile(r"[,。;:!?、…“”]")


def headed_sections(text: str, lines: list[Place]) -> list[tuple[Place, list[Place]]]:
    """Parts under short headings that begin with a verb, without numbers, as news pages set them.

    A heading is followed by one paragraph, or by lines of a list that end without a stop.
    """
    out: list[tuple[Place, list[Place]]] = []
    at = 0
    while at + 1 < len(lines):
        a, b = lines[at]
        if not _is_heading(text, a, b):
            at += 1
            continue
        first, last = lines[at + 1]
        if text[last - 1] in "。!" and last - first > 16:
            out.append(((a, b), [(first, last)]))
            at += 2
            continue
        until = at + 1
        while until < len(lines) and text[lines[until][1] - 1] not in "。!?" and _is_point(text, *lines[until]):
            until += 1
        if until - at > 2:
            out.append(((a, b), lines[at + 1 : until]))
            at = until
        else:
            at += 1
    return out if len(out) >= 2 else []


LONGEST_HEADING: Final = 16


def _is_heading(text: str, start: int, end: int) -> bool:
    words = text[start:end]
    return (
        4 <= len(words) <= LONGEST_HEADING
        and _MARKS.search(words) is None
        and wording.verb_first(words)
        and not words.startswith(("在", "通过", "从", "对", "由", "以", "为", "将", "把"))
    )


def _is_point(text: str, start: int, end: int) -> bool:
    words = text[start:end]
    return end - start > 8 and (wording.verb_first(words) or "," in words) and not words.startswith(("在", "通过"))


_SOME: Final = re.compile(
    r"等(?P<count>\d{1,2}|[一二三四五六七八九十]{1,2})(?:件|个|项|方面)(?:大事|方面|重点|领域|任务|工作|行业|环节)?"
)
_FIELDS: Final = re.compile(r"等(?:重点)?(?:领域|行业|方面|环节)")
_SIDE: Final = re.compile(r"^[^,。;:]{1,14}方面[,:]?")
_LEADING_VERB: Final = re.compile(
    r"^(?:加强|强化|抓好|抓实|做好|推进|加快|突出|聚焦|围绕|深化|开展|统筹|切实|全面|持续|进一步|紧盯|盯紧|严格)+"
)


def enumerated(text: str, start: int, end: int) -> list[Place]:
    """The matters an announced matter lists: “A、B…等8件大事”, “X方面，…；Y方面，…”, “A、B、C等重点领域”."""
    from luoshi.rules.documents.reader.numbering import number_of

    clauses = list(_clauses(text, start, end))
    sides = [(a, b) for a, b in clauses if _SIDE.match(text[a:b])]
    if len(sides) >= 2 and len(sides) == len(clauses):
        return sides
    for found in [*_SOME.finditer(text, start, end), *_FIELDS.finditer(text, start, end)]:
        head = max(text.rfind(sign, start, found.start()) + 1 for sign in ",。;:")
        parts = _parts(text, max(head, start), found.start())
        counted = found.re is _SOME
        if counted and len(parts) == number_of(found["count"]):
            return parts
        if not counted and len(parts) >= 4:
            a, b = parts[0]
            lead = _LEADING_VERB.match(text[a:b])
            return [(a + (lead.end() if lead else 0), b), *parts[1:]]
    return []


def _parts(text: str, start: int, end: int) -> list[Place]:
    out: list[Place] = []
    place = start
    depth = 0
    for at in range(start, end):
        if text[at] in "“(《":
            depth += 1
        elif text[at] in "”)》":
            depth -= 1
        elif text[at] == "、" and depth <= 0:
            out.append((place, at))
            place = at + 1
    out.append((place, end))
    return [(a, b) for a, b in out if any(sign.isalnum() for sign in text[a:b])]
