"""Cleaning（清洗）: one text to read in, from which every place leads back to the text as found.

Width and script are folded one character for one character; what copying added (pinyin notes, doubled punctuation,
tags, invisible characters) is taken out, and what copying lost is told, not guessed.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cache
from typing import Final

from opencc import OpenCC

from luoshi.rules.documents.reader.findings import Concern, Doubt, Field, Script, Span

GONE: Final = "\x00"
"""Stands for a character that markup or copying added; taken out before reading, so that lengths hold until then."""

HAN: Final = "一-鿿㐀-䶿"
_INVISIBLE: Final = "\u200b\u200c\u200d\u2060\ufeff\xad\u200e\u200f"
_TONED: Final = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńňǹḿ"


@cache
def _fold() -> dict[int, str]:
    """One character for one: full width to half, Traditional to Simplified by OpenCC, marks to the forms rules use."""
    signs = [chr(code) for code in (*range(0x3400, 0x4DC0), *range(0x4E00, 0xA000), *range(0xF900, 0xFB00))]
    simple = OpenCC("t2s").convert("\n".join(signs)).split("\n")
    table = {ord(a): b for a, b in zip(signs, simple, strict=True) if a != b and len(b) == 1}
    table |= {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F) if code not in (0xFF1C, 0xFF1E)}
    table |= dict.fromkeys(map(ord, "\xa0\u2002\u2003\u2007\u2009\u202f\u3000"), " ")
    table |= dict.fromkeys(map(ord, "\r\x0b\x0c\x1c\x1d\x1e\x1f\x85\u2028\u2029"), "\n")
    table |= dict.fromkeys(map(ord, "‐‑‒–−－﹣"), "-")
    table |= {ord(a): b for a, b in zip("﹐﹑﹔﹕﹖﹗﹙﹚〔〕﹪｡・•∙●■◆▪⦁", ",、;:?!()()%。··········", strict=False)}
    table |= dict.fromkeys(map(ord, "●■◆▪⦁•‣○◇□►➢"), "·")
    table |= dict.fromkeys(range(0x09), " ")
    table |= dict.fromkeys(range(0x0E, 0x1C), " ")
    return table


class Clean:
    """A text to read, and the way back. ``text`` is folded and cleaned, ``raw`` is the text as found."""

    __slots__ = ("_gone", "_starts", "raw", "text")

    def __init__(self, raw: str, text: str, starts: list[int], gone: list[int]) -> None:
        """``starts`` are places in ``text`` from which ``gone`` characters of ``raw`` are missing before them."""
        self.raw, self.text, self._starts, self._gone = raw, text, starts, gone

    def _back(self, place: int) -> int:
        at = bisect_right(self._starts, place) - 1
        return place + (self._gone[at] if at >= 0 else 0)

    def span(self, start: int, end: int) -> Span:
        """Where ``text[start:end]`` stands in the text as found (``start < end``)."""
        return Span(self._back(start), self._back(end - 1) + 1)

    def field(self, start: int, end: int, confidence: float = 1.0) -> Field:
        """The words between, without space around them."""
        found = self.text[start:end]
        words = found.strip()
        if not words:
            return Field("", Span(0, 0), confidence)
        if len(words) != len(found):
            start = end - len(found.lstrip())
            end = start + len(words)
        starts = self._starts
        if not starts or end <= starts[0]:
            return Field(words, Span(start, end), confidence)
        gone = self._gone
        at = bisect_right(starts, start)
        first = start + gone[at - 1] if at else start
        at = bisect_right(starts, end - 1, at)
        return Field(words, Span(first, end + gone[at - 1] if at else end), confidence)


_BROKEN: Final = re.compile(rf"\?[;!](?=\?|[{HAN}])")


def fold(text: str) -> str:
    """``text`` with width, script and marks folded; the length stays the same.

    A stop between question marks is half a lost character, not the end of a sentence: it becomes a question mark too.
    """
    return _BROKEN.sub("??", text.translate(_fold()))


_STRENGTH: Final = {sign: place for place, sign in enumerate(",、:;!。")}
_ADDED: Final = re.compile(
    rf"{GONE}+|[{_INVISIBLE}]+|(?P<note>(?<=[{HAN}])\([a-z]{{0,5}}[{_TONED}][a-z]{{0,5}}\))"
    r"|(?P<doubled>[,、;:!。]{2,})"
)


def clean(raw: str, flat: str) -> Clean:
    """The text to read out of ``flat``, which has the length of ``raw``（folded, markup blanked with :data:`GONE`）."""
    parts: list[str] = []
    starts: list[int] = []
    gone: list[int] = []
    done = length = missing = 0
    for found in _ADDED.finditer(flat):
        start, end = found.span()
        cuts = [(start, end)]
        if found.lastgroup == "doubled":
            keep = start
            for at in range(start + 1, end):
                if _STRENGTH[flat[at]] > _STRENGTH[flat[keep]]:
                    keep = at
            cuts = [(start, keep), (keep + 1, end)]
        for cut, until in cuts:
            if cut == until:
                continue
            parts.append(flat[done:cut])
            length += cut - done
            missing += until - cut
            done = until
            if starts and starts[-1] == length:
                gone[-1] = missing
            else:
                starts.append(length)
                gone.append(missing)
    parts.append(flat[done:])
    return Clean(raw, "".join(parts), starts, gone)


_ASKING: Final = re.compile(r"[怎么如何什哪吗呢谁几否吧咋啥]|为何|多少")
_STRANGE: Final = re.compile(r"[?\ufffd\ue000-\uf8ff\u0370-\u052f\u3040-\u30ff\u3105-\u312f□锟斤拷烫屯]+")
_BEFORE: Final = 24


def lost_characters(cleaned: Clean) -> list[Doubt]:
    """Places where copying lost or changed characters; a question mark after a question is none."""
    text = cleaned.text
    return [
        Doubt(Concern.LOST, cleaned.field(*found.span(), 0.8))
        for found in _STRANGE.finditer(text)
        if _is_lost(text, *found.span())
    ]


def _is_lost(text: str, start: int, end: int) -> bool:
    words = text[start:end]
    if any(sign == "\ufffd" or "\ue000" <= sign <= "\uf8ff" for sign in words):
        return True
    before, after = text[start - 1 : start], text[end : end + 1]
    if "?" in words:
        between = _is_han(before) or (before in "、,“" and before != "")
        if len(words) == 1 and (not between or not (_is_han(after) or (after in "、,。”" and after != ""))):
            return False
        return len(words) > 1 or _ASKING.search(text, max(0, start - _BEFORE), start) is None
    if set(words) <= set("锟斤拷烫屯"):
        return len(words) >= 3
    if "□" in words:
        return _is_han(before)
    return len(words) <= 2 and _is_han(before) and (_is_han(after) or after == "?")


def _is_han(sign: str) -> bool:
    return "\u3400" <= sign <= "\u9fff" and sign != ""


_HAN_SIGN: Final = re.compile(f"[{HAN}]")


def script_of(raw: str, flat: str) -> Script:
    """The language and script most of the text is in (the first 20,000 characters tell)."""
    head = raw[:20_000]
    signs = len(_HAN_SIGN.findall(head))
    if signs * 4 < sum(sign.isascii() and sign.isalpha() for sign in head):
        return Script.ENGLISH
    changed = sum(a != b and "\u3400" <= a <= "\u9fff" for a, b in zip(head, flat, strict=False))
    return Script.TRADITIONAL if changed * 20 > signs else Script.SIMPLIFIED
