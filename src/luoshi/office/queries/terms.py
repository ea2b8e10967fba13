"""Words and terms（分词）: what a text is entered under, and what somebody who typed something asks for. Pure.

Chinese is entered as pairs of neighbouring characters, which find what no dictionary knows (洱海), so the index needs
no dictionary. Only what is *asked* is cut into words: 洱海保护 finds 洱海生态保护, too, after what holds it as it is.

Marks before a term: ``^`` in the title, ``@`` initials of pinyin, ``=`` a name exactly. Before them two letters of the
kind: a word of reports is another term than the same word of units, so a database knows how often each is.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

CHINESE = "\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003134f"
_RUN = re.compile(f"[{CHINESE}]+|[0-9a-z][0-9a-z._/-]*", re.IGNORECASE)
_PART = re.compile(r"[0-9a-z]+")
_HAN = re.compile(f"[{CHINESE}]+")
_SAFE = re.compile(f"[^0-9a-z{CHINESE}]+")

LONGEST = 64
BODY = 20_000
"""Characters of a text that are entered."""
ASKED = 200
"""Characters of a question that count."""
MOST_WORDS = 8
INITIALS = 8
IDLE = frozenset("的了在和与及或对把被将为等之其于是")
"""Characters that stand between words and are not asked for on their own."""

IN_TITLE, INITIAL, NAMED = "^", "@", "="

Clause = tuple[tuple[str, bool], ...]
"""One of these terms must be there; ``True`` for the beginning of a term."""


def plain(text: str) -> str:
    """``text`` as it is indexed: compatibility forms folded (full-width digits), lower case."""
    return unicodedata.normalize("NFKC", text).casefold()


def name(text: str) -> str:
    """A name as it is compared exactly: only letters, digits and Chinese characters."""
    return _SAFE.sub("", plain(text))[: LONGEST - 1]


@lru_cache(maxsize=1)
def _cutter() -> Any:
    import rjieba  # 0.2 s: only when something is indexed or searched

    return rjieba


def cut(text: str) -> list[str]:
    """The words of a text as a dictionary cuts them（分词）, spaces and punctuation among them."""
    return list(_cutter().cut(plain(text)))


def pairs(run: str) -> Iterator[str]:
    """The pairs of neighbouring characters of a run."""
    return (run[i : i + 2] for i in range(len(run) - 1))


@lru_cache(maxsize=4096)
def initials(title: str) -> frozenset[str]:
    """For each word of a Chinese title the initials of the pinyin from there on (洱海保护 → ``ehbh``, ``bh``)."""
    from pypinyin import Style, lazy_pinyin  # heavy tables: only when something is indexed

    found: set[str] = set()
    for run in _HAN.findall(plain(title)[:120]):
        letters = "".join(part[:1] for part in lazy_pinyin(run, style=Style.FIRST_LETTER, errors=lambda _: "?"))
        at = 0
        for word in _cutter().cut(run):
            start = letters[at : at + INITIALS]
            if len(start) > 1 and start.isascii() and start.isalpha():
                found.add(start)
            at += len(word)
    return frozenset(found)


def _terms(text: str) -> Iterator[str]:
    for run in _RUN.findall(plain(text)):
        if run[0].isascii():
            yield run.rstrip("._/-")[:LONGEST]
            if not run.isalnum():
                yield from (part[:LONGEST] for part in _PART.findall(run))
        else:
            yield from pairs(run)
            yield run[-1]


def terms(kind: str, title: str, body: str, names: Iterable[str] = ()) -> set[str]:
    """Every term a text is entered under."""
    heading = set(_terms(title))
    found = heading | {IN_TITLE + term for term in heading} | set(_terms(body[:BODY]))
    found |= {INITIAL + start for start in initials(title)}
    found |= {NAMED + exact for one in names if (exact := name(one))}
    return {kind[:2] + term for term in found}


def of_kind(kind: str, clauses: Iterable[Clause]) -> tuple[Clause, ...]:
    """What a text of this kind must be entered under."""
    return tuple(tuple((kind[:2] + term, begins) for term, begins in clause) for clause in clauses)


@dataclass(frozen=True, slots=True)
class Word:
    """One word somebody asks for."""

    text: str

    @property
    def chinese(self) -> bool:
        """Whether it is Chinese rather than letters and digits."""
        return not self.text[0].isascii()

    @property
    def may_be_initials(self) -> bool:
        """Whether it may stand for the pinyin of something."""
        return 2 <= len(self.text) <= INITIALS and self.text.isascii() and self.text.isalpha()

    def clauses(self, mark: str = "") -> list[Clause]:
        """What a text that holds the word must be entered under; with ``mark``, in its title."""
        if self.chinese and len(self.text) > 1:
            return [((mark + pair, False),) for pair in dict.fromkeys(pairs(self.text))]
        either: list[tuple[str, bool]] = [(mark + self.text, len(self.text) > 1 or self.chinese)]
        if self.may_be_initials:
            either.append((INITIAL + self.text, True))
        return [tuple(either)]


@dataclass(frozen=True, slots=True)
class Asked:
    """What was typed, understood（检索式）."""

    words: tuple[Word, ...]
    runs: tuple[Word, ...]
    number: str
    """The beginning of a number, if it may be one."""
    whole: str
    """Everything typed as one name."""

    def __bool__(self) -> bool:
        return bool(self.words)

    def any(self, but: Sequence[int] = ()) -> list[Clause]:
        """All words somewhere, except those at ``but``."""
        return [clause for at, word in enumerate(self.words) if at not in but for clause in word.clauses()]

    def title(self) -> list[Clause]:
        """All words in the title."""
        return [clause for word in self.words for clause in word.clauses(IN_TITLE)]

    def phrase(self) -> list[Clause]:
        """Everything as it was typed in the title; empty when that asks no more than the words."""
        if self.runs == self.words:
            return []
        return [clause for word in self.runs for clause in word.clauses(IN_TITLE)]


def _cut(run: str) -> list[str]:
    """The words of a Chinese run that are asked for; single characters together where they stand together."""
    if len(run) <= 2:
        return [run]
    found: list[str] = []
    loose = ""
    for word in [*_cutter().cut(run), ""]:
        if len(word) == 1 and word not in IDLE:
            loose += word
            continue
        if len(loose) > 1:
            found.append(loose)
        loose = ""
        if len(word) > 1:
            found.append(word)
    return found or [run]


@lru_cache(maxsize=4096)
def words(text: str) -> tuple[str, ...]:
    """The words of a text（分词） of two characters and more, as often and in the order they stand; no numbers."""
    found: list[str] = []
    for run in _RUN.findall(plain(text)):
        if run[0].isascii():
            found += [part for part in _PART.findall(run) if len(part) > 2 and not part.isdigit()]
        else:
            found += [word for word in _cut(run) if len(word) > 1]
    return tuple(found)


@lru_cache(maxsize=256)
def asked(text: str) -> Asked:
    """Understand what was typed; nothing to look for gives an empty question."""
    folded = plain(text[:ASKED])[:ASKED]
    runs = _RUN.findall(folded)[:MOST_WORDS]
    words: list[Word] = []
    whole: list[Word] = []
    for run in runs:
        if run[0].isascii():
            piece = run.rstrip("._/-")[: LONGEST - 1]
            words.append(Word(piece))
            whole.append(Word(piece))
            continue
        words += [Word(word) for word in _cut(run[:32])]
        whole.append(Word(run[:32]))
    number = runs[0][:LONGEST] if len(runs) == 1 and runs[0][0].isascii() and folded.strip() == runs[0] else ""
    unique = tuple(dict.fromkeys(words))[:MOST_WORDS]
    return Asked(unique, tuple(dict.fromkeys(whole)), number, name(folded))


def marked(text: str, question: Asked, width: int = 0) -> list[tuple[str, bool]]:
    """Pieces of ``text`` with whether they are what was asked for（摘要高亮）.

    ``width`` limits the text to so many characters around the first place; 0 shows all of it.
    """
    text = " ".join(text.split())
    needles = sorted({word.text for word in (*question.runs, *question.words)}, key=len, reverse=True)
    found = [(hit.start(), hit.end()) for hit in _places(text, needles)]
    start, end = 0, len(text)
    if width and len(text) > width:
        start = max(0, min((found[0][0] if found else 0) - width // 4, len(text) - width))
        end = start + width
    pieces: list[tuple[str, bool]] = [("…", False)] if start else []
    at = start
    for low, high in found:
        if low < at or high > end:
            continue
        if low > at:
            pieces.append((text[at:low], False))
        pieces.append((text[low:high], True))
        at = high
    if at < end:
        pieces.append((text[at:end], False))
    return [*pieces, *([("…", False)] if end < len(text) else [])]


def _places(text: str, needles: Sequence[str]) -> Iterator[re.Match[str]]:
    if not needles:
        return iter(())
    return re.finditer("|".join(re.escape(needle) for needle in needles), text, re.IGNORECASE)
