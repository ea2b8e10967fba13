"""把关: what a text must not carry into the house (principle 10: never leak).

Three rules, in the order in which a door asks them:

* a **secrecy mark** as GB/T 9704-2012 (7.2.2) places it: the text is refused unread; nothing of it is returned here
  but the level, the form of the mark and where it stands;
* **identity-card and bank-card numbers**: refused, with spans so that the writer can find them;
* **mobile numbers**: masked in place before storing, same length, so that spans hold in both texts.

Every pattern is bounded or deterministic: the time is linear in the length of the text, whatever the text is.
Scans cannot be checked by anybody here, and free text can name a person without a number; the pages say so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from luoshi.rules.refusals import Refused, declare
from luoshi.rules.refusals import gettext_noop as _

declare(
    422,
    secrecy_mark=_(
        "This text carries the secrecy mark “%(level)s” (page %(page)s, line %(line)s). Luoshi holds only "
        "non-classified matters: it was not read and nothing of it was kept. Record the item as off-system instead."
    ),
    identity_number=_(
        "There is an identity-card number in line %(line)s. Luoshi keeps no data about persons: take it out and send "
        "again. Nothing was kept."
    ),
    bank_number=_(
        "There is a bank-card number in line %(line)s. Luoshi keeps no such numbers: take it out and send again. "
        "Nothing was kept."
    ),
)

HEAD_LINES: Final = 6
"""How many non-empty lines at the top of a page count as its head."""

_WIDE: Final = str.maketrans(
    {
        **{chr(0xFF10 + n): str(n) for n in range(10)},
        **dict.fromkeys("　\xa0\u2002\u2003\u2007\u2009\u202f\t", " "),
        **dict.fromkeys("－‐‑‒–—―−", "-"),
        "＋": "+",
        "Ｘ": "X",
        "ｘ": "x",
        "．": ".",
    }
)
"""One character for one character, so that spans in the translated text hold in the original."""

_INVISIBLE: Final = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\xad"))

Level = Literal["绝密", "机密", "秘密"]
Form = Literal["star", "term", "label", "head"]


@dataclass(frozen=True, slots=True)
class SecrecyMark:
    """密级标志: its level, the form in which it was found, and its page and line (from 1). Never the text."""

    level: Level
    form: Form
    page: int
    line: int


_LEVEL: Final = r"(?P<level>[绝絕机機秘祕] {0,4}密)"
_TERM: Final = r"(?:\d{1,3} {0,2}(?:年|个月|個月|月|天|日)|长期|長期|启用前|啟用前|解密前|公布前)"
_URGENCY: Final = r"(?:特急|加急|平急|特提|急件)"
_COPY: Final = r"(?:(?:No\.?|№|份号[:：]?) {0,2})?\d{1,8}"
_STAR: Final = re.compile(rf"{_LEVEL} {{0,4}}(?:[★☆⭐✭✩]| ?[*＊] {{0,2}}{_TERM})")
_LABEL: Final = re.compile(rf"(?:密级|密級|秘密等级|秘密等級|保密等级|保密等級) {{0,4}}[:：] {{0,4}}[【\[(（]?{_LEVEL}")
_TERMED: Final = re.compile(
    rf"(?:{_COPY} {{1,8}})?{_LEVEL} {{0,4}}[(（]? {{0,2}}{_TERM} {{0,2}}[)）]?(?: {{1,8}}{_URGENCY})?"
)
_ALONE: Final = re.compile(
    rf"(?:{_COPY} {{1,8}})?(?:{_URGENCY} {{1,8}})?[【\[(（〔]?{_LEVEL}[】\])）〕]?(?: {{1,8}}(?:{_URGENCY}|{_COPY}))?"
)
_LONGEST_MARK_LINE: Final = 60


def secrecy_mark(text: str) -> SecrecyMark | None:
    """The first secrecy mark in ``text``, or ``None``（密级标志）.

    Counted as a mark: 绝密, 机密 or 秘密 with ★; with a term as a line of its own; after 密级：; or alone (perhaps with
    a copy number or a degree of urgency) among the first lines of a page. The same words in running prose are no mark.
    Pages are parted by form feeds.
    """
    for page, sheet in enumerate(text.translate(_INVISIBLE).translate(_WIDE).split("\f"), start=1):
        head = 0
        for number, raw in enumerate(sheet.splitlines(), start=1):
            line = raw.strip()
            if not line:
                continue
            head += 1
            found, form = _marked(line, head <= HEAD_LINES)
            if found is not None:
                return SecrecyMark(_level(found["level"]), form, page, number)
    return None


def _marked(line: str, in_head: bool) -> tuple[re.Match[str] | None, Form]:
    if "密" not in line:
        return None, "star"
    if found := _STAR.search(line):
        return found, "star"
    if found := _LABEL.search(line):
        return found, "label"
    if len(line) <= _LONGEST_MARK_LINE:
        if found := _TERMED.fullmatch(line):
            return found, "term"
        if in_head and (found := _ALONE.fullmatch(line)):
            return found, "head"
    return None, "star"


def _level(word: str) -> Level:
    return {"绝": "绝密", "絕": "绝密", "机": "机密", "機": "机密"}.get(word[0], "秘密")  # type: ignore[return-value]


@dataclass(frozen=True, slots=True)
class Finding:
    """A number that must not be stored: what it is, and where it stands as a half-open span of the text."""

    kind: Literal["identity_card", "bank_card"]
    start: int
    end: int


_RUN: Final = re.compile(r"(?<![0-9A-Za-z])(?<!\d\.)\d++(?:[ -]\d++)*+[Xx]?(?![0-9A-Za-z])", re.ASCII)
_CHUNK: Final = re.compile(r"[0-9]+[Xx]?")
_PROVINCES: Final = frozenset(
    str(code)
    for first, last in ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71), (81, 83))
    for code in range(first, last + 1)
)
_ID_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS: Final = "10X98765432"
_ID_WORD: Final = re.compile(r"身份证|身份證|身份号码|证件号|公民身份|ID card|identity", re.IGNORECASE)
_USCC: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def personal_numbers(text: str) -> list[Finding]:
    """Identity-card and bank-card numbers in ``text``, in order, as spans of ``text``.

    Identity cards: 18 characters with a real region, a real date and the check character of GB 11643-1999 (mod 11-2);
    the old 15-digit form only after a word that says so. Bank cards: 16 to 19 digits with the Luhn check (GB/T 15694),
    in one piece or in groups of four. Digits grouped by single spaces or hyphens and full-width digits are understood.
    """
    plain = text.translate(_WIDE)
    findings: list[Finding] = []
    for run in _RUN.finditer(plain):
        findings.extend(_in_run(plain, run.start(), run.end()))
    return findings


def _in_run(plain: str, start: int, end: int) -> Iterator[Finding]:
    chunks = [(found.start(), found.end()) for found in _CHUNK.finditer(plain, start, end)]
    first = 0
    while first < len(chunks):
        digits, last, hit = "", first, None
        while last < len(chunks) and len(digits) < 20:
            begin, stop = chunks[last]
            digits += plain[begin : min(stop, begin + 20)].upper()
            kind = _kind(digits, [b - a for a, b in chunks[first : last + 1]], plain, chunks[first][0])
            if kind is not None:
                hit = (kind, last)
            last += 1
        if hit is None:
            first += 1
            continue
        yield Finding(hit[0], chunks[first][0], chunks[hit[1]][1])
        first = hit[1] + 1


def _kind(digits: str, groups: list[int], plain: str, start: int) -> Literal["identity_card", "bank_card"] | None:
    if len(digits) == 18 and is_identity_number(digits):
        return "identity_card"
    if len(digits) == 15 and _is_old_identity_number(digits) and _ID_WORD.search(plain, max(0, start - 24), start):
        return "identity_card"
    grouped = len(groups) == 1 or (set(groups[:-1]) == {4} and groups[-1] <= 4)
    if grouped and is_bank_card(digits):
        return "bank_card"
    return None


def is_identity_number(digits: str) -> bool:
    """Whether 18 characters are a citizen identity number by GB 11643-1999: region, date and check character."""
    if len(digits) != 18 or not digits[:17].isdigit() or digits[:2] not in _PROVINCES:
        return False
    if not _is_date(digits[6:10], digits[10:12], digits[12:14]):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(digits, _ID_WEIGHTS, strict=False))
    return _ID_CHECKS[total % 11] == digits[17].upper()


def _is_old_identity_number(digits: str) -> bool:
    return digits.isdigit() and digits[:2] in _PROVINCES and _is_date("19" + digits[6:8], digits[8:10], digits[10:12])


def is_bank_card(digits: str) -> bool:
    """Whether 16 to 19 digits are a bank-card number: an issuer's first digit, the Luhn check, no credit code."""
    if not (16 <= len(digits) <= 19 and digits.isdigit() and digits[0] in "34569") or len(set(digits)) == 1:
        return False
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 * (value > 9)
    return total % 10 == 0 and not _is_credit_code(digits)


def _is_credit_code(digits: str) -> bool:
    """Whether 18 digits are a unified social credit code of an organisation (GB 32100-2015, mod 31)."""
    if len(digits) != 18 or digits[2:4] not in _PROVINCES | {"10"}:
        return False
    total = sum(_USCC.index(sign) * pow(3, place, 31) for place, sign in enumerate(digits[:17]))
    return _USCC[-total % 31] == digits[17]


def _is_date(year: str, month: str, day: str) -> bool:
    try:
        return 1900 <= date(int(year), int(month), int(day)).year <= 2099
    except ValueError:
        return False


_MOBILE: Final = re.compile(
    r"(?<![0-9])(?<!\d\.)(?:(?:\+|00)?86[ -]?)?(?P<head>1[3-9][0-9])[ -]?(?P<middle>[0-9]{4})[ -]?[0-9]{4}(?![0-9])",
    re.ASCII,
)
_WORD: Final = frozenset("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_DIGEST: Final = 10
"""So many letters and digits on both sides together make a digest or a key, not a telephone number."""


def mask_mobiles(text: str) -> tuple[str, list[tuple[int, int]]]:
    """``text`` with the middle of every mobile number starred（138****1234）, and the spans of those numbers.

    Understands +86, 0086 and 86 before, single spaces or hyphens inside, and full-width digits; leaves longer runs of
    digits, decimals and digests alone. The length stays the same, so the spans hold before and after; masking twice
    changes nothing more.
    """
    plain = text.translate(_WIDE)
    pieces: list[str] = []
    spans: list[tuple[int, int]] = []
    done = 0
    for found in _MOBILE.finditer(plain):
        start, end = found.span()
        if _neighbours(plain, start, end) >= _DIGEST:
            continue
        middle, after = found.span("middle")
        pieces += [text[done:middle], "****"]
        done = after
        spans.append((start, end))
    return "".join([*pieces, text[done:]]), spans


def _neighbours(plain: str, start: int, end: int) -> int:
    """Letters and digits that touch the span, looking at most :data:`_DIGEST` signs each way."""
    count = 0
    for place in range(start - 1, max(-1, start - 1 - _DIGEST), -1):
        if plain[place] not in _WORD:
            break
        count += 1
    for place in range(end, min(len(plain), end + _DIGEST)):
        if plain[place] not in _WORD:
            break
        count += 1
    return count


@dataclass(frozen=True, slots=True)
class Screened:
    """A text that may be stored, and the spans in which mobile numbers were masked (for the preview)."""

    text: str
    masked: tuple[tuple[int, int], ...]


def screen(text: str) -> Screened:
    """The text as it may be stored（把关）: every rule of this module in order.

    Raises:
        Refused: ``secrecy_mark``, ``identity_number`` or ``bank_number``; the refusal holds no part of the text.
    """
    mark = secrecy_mark(text)
    if mark is not None:
        raise Refused("secrecy_mark", level=mark.level, page=mark.page, line=mark.line)
    for finding in personal_numbers(text):
        code = "identity_number" if finding.kind == "identity_card" else "bank_number"
        raise Refused(code, line=text.count("\n", 0, finding.start) + 1)
    masked, spans = mask_mobiles(text)
    return Screened(masked, tuple(spans))
