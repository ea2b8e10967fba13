"""文号: the human numbers of commitments, ledger entries and papers.

A ref is the programme's prefix, the matter in two digits and a running number of at least four: ``YN-2024-03-0231``.
A breakdown takes the next number of the same series, so that a ref never says where in the tree it stands and
survives every move.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from luoshi.rules.refusals import Refused, declare
from luoshi.rules.refusals import gettext_noop as _

declare(
    422,
    prefix_invalid=_(
        "“%(prefix)s” cannot begin a number: use 2 to 8 capital letters or digits, a letter first, and perhaps a year, "
        "like YN-2024."
    ),
    ref_invalid=_("“%(ref)s” is not a number of a commitment; they look like YN-2024-03-0231."),
    entry_ref_invalid=_("“%(ref)s” is not the number of a ledger entry; they look like #10482."),
)

MAX_NUMBER: Final = 999_999_999
_PREFIX: Final = re.compile(r"[A-Z][A-Z0-9]{1,7}(?:-(?:19|20)\d\d)?", re.ASCII)
_REF: Final = re.compile(r"([A-Z][A-Z0-9]{1,7}(?:-(?:19|20)\d\d)?)-(\d\d)-(\d{4}|[1-9]\d{4,8})", re.ASCII)
_ENTRY: Final = re.compile(r"#?([1-9]\d{0,17})", re.ASCII)
_TYPED: Final = str.maketrans(
    {
        **{chr(0xFF10 + n): str(n) for n in range(10)},
        **{chr(0xFF21 + n): chr(0x41 + n) for n in range(26)},
        **{chr(0xFF41 + n): chr(0x41 + n) for n in range(26)},
        **dict.fromkeys("－‐‑‒–—―−", "-"),
        "＃": "#",
    }
)


@dataclass(frozen=True, slots=True, order=True)
class Ref:
    """A commitment's number taken apart（文号）; orders by prefix, matter and running number."""

    prefix: str
    matter: int
    number: int

    def __str__(self) -> str:
        return f"{self.prefix}-{self.matter:02d}-{self.number:04d}"


def check_prefix(prefix: str) -> str:
    """The prefix itself if a programme may use it.

    Raises:
        Refused: ``prefix_invalid``.
    """
    if not _PREFIX.fullmatch(prefix):
        raise Refused("prefix_invalid", prefix=prefix[:40])
    return prefix


def format_ref(prefix: str, matter: int, number: int) -> str:
    """The ref of the ``number``-th commitment under a matter, like ``YN-2024-03-0231``.

    Raises:
        Refused: ``prefix_invalid``.
        ValueError: when the matter is not 1–99 or the number not 1–999,999,999 (a programming error).
    """
    if not 1 <= matter <= 99 or not 1 <= number <= MAX_NUMBER:
        raise ValueError(f"no ref for matter {matter}, number {number}")
    return str(Ref(check_prefix(prefix), matter, number))


def parse_ref(text: str) -> Ref:
    """The ref in what somebody typed: small letters, full-width signs, other dashes and spaces around are understood.

    Raises:
        Refused: ``ref_invalid``.
    """
    found = _REF.fullmatch(text[:200].translate(_TYPED).strip().upper())
    if found is None:
        raise Refused("ref_invalid", ref=text.strip()[:40])
    ref = Ref(found[1], int(found[2]), int(found[3]))
    if ref.matter == 0 or ref.number == 0:
        raise Refused("ref_invalid", ref=text.strip()[:40])
    return ref


def is_ref(text: str) -> bool:
    """Whether ``text`` is a ref exactly as the product writes it."""
    found = _REF.fullmatch(text)
    return found is not None and int(found[2]) > 0 and int(found[3]) > 0


def format_entry(number: int) -> str:
    """The ref of a sequenced ledger entry（留痕号）, like ``#10482``."""
    if number < 1:
        raise ValueError(f"no entry has the number {number}")
    return f"#{number}"


def parse_entry(text: str) -> int:
    """The number of a ledger entry in what somebody typed, with or without ``#`` and thin spaces between thousands.

    Raises:
        Refused: ``entry_ref_invalid``.
    """
    found = _ENTRY.fullmatch(re.sub(r"[\s,，]", "", text[:60].translate(_TYPED)))
    if found is None:
        raise Refused("entry_ref_invalid", ref=text.strip()[:40])
    return int(found[1])


def format_paper_number(agency: str, year: int, number: int) -> str:
    """发文字号: agency code, year in hexagonal brackets, running number without padding, like ``云督〔2026〕3号``.

    Source: GB/T 9704-2012, 7.2.5 (year in full in 〔〕, no 第 and no leading zeros).
    """
    if not agency.strip() or not 1900 <= year <= 2999 or number < 1:
        raise ValueError("a paper's number needs an agency code, a full year and a number from 1")
    return f"{agency.strip()}〔{year}〕{number}号"
