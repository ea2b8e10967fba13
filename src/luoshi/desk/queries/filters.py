"""What the register is asked for（台账筛选）: filters, order and columns, read from an address and written into one.

Nothing here asks the database. What an address says and nobody understands is left out and named, so that an odd
address is answered and never shows more than it seems to.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from luoshi.delivery.models import Commitment
from luoshi.delivery.models.commitments import URGENCY
from luoshi.rules.lifecycle import Kind, State

SIZES = (20, 50, 100, 200)
SIZE = 50
MOST = 200
"""Rows of a page at most, and rows one may act upon together."""
LONGEST = 200
OPEN = ("findings", "requests", "extension", "objections")
NOT_VERIFIED = "none"
HOWS = (NOT_VERIFIED, *(how for how in Commitment.How.values if how))
ORDERS: Mapping[str, tuple[str, ...]] = {
    "urgency": ("urgency", "due_key", "id"),
    "due": ("due_key", "id"),
    "ref": ("ref",),
    "unit": ("lead_path", "id"),
    "said": ("said", "id"),
    "verified": ("verified", "id"),
    "gap": ("gap", "id"),
    "heard": ("heard_at", "id"),
}
"""Order → columns of the one index that is walked for it; the last column makes every row's place its own."""
ORDER = "urgency"

_KEY = re.compile(r"[-0-9A-Za-z_]{1,60}")
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_COLUMN = re.compile(r"[a-z_]{1,30}")


def _whole(low: int, high: int) -> Callable[[str], int | None]:
    def read(text: str) -> int | None:
        if not (text.isascii() and text.isdigit() and len(text) < 17):
            return None
        return int(text) if low <= int(text) <= high else None

    return read


def _one_of(words: Iterable[str]) -> Callable[[str], str | None]:
    known = frozenset(words)
    return lambda text: text if text in known else None


def _fitting(pattern: re.Pattern[str]) -> Callable[[str], str | None]:
    return lambda text: text if pattern.fullmatch(text) else None


def _text(text: str) -> str | None:
    text = " ".join(text.split())
    return text if text and len(text) <= LONGEST and text.isprintable() else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None


def _yes(text: str) -> bool | None:
    return True if text == "1" else None


def _size(text: str) -> int | None:
    found = _whole(1, 10**6)(text)
    return None if found is None else min(found, MOST)


def _order(text: str) -> str | None:
    return text if text.removeprefix("-") in ORDERS else None


_IDENT = _whole(1, 2**53)
READERS: Mapping[str, Callable[[str], Any]] = {
    "programme": _fitting(_KEY),
    "matter": _IDENT,
    "sub": _IDENT,
    "unit": _IDENT,
    "own": _yes,
    "lead": _IDENT,
    "post": _text,
    "issuer": _IDENT,
    "state": _one_of(State),
    "light": _one_of(URGENCY),
    "kind": _one_of(Kind),
    "from": _day,
    "until": _day,
    "overdue": _yes,
    "silent": _whole(1, 3660),
    "gap": _whole(1, 100),
    "open": _one_of(OPEN),
    "how": _one_of(HOWS),
    "cadence": _one_of(Commitment.Cadence.values),
    "q": _text,
    "sort": _order,
    "cols": _fitting(_COLUMN),
    "size": _size,
}
"""Name in the address → how one value is read; ``None`` when it says nothing that could be meant."""
MANY = frozenset({"matter", "state", "light", "kind", "open", "how", "cadence", "cols"})
"""Names that may come several times: any of the values will do; columns keep their order."""
NOT_FILTERS = frozenset({"sort", "cols", "size"})
"""Names that change how rows are shown, not which."""
PLACES = frozenset({"after", "before"})
"""Names that say which page; they belong to one moment and are never kept."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What is asked for; every field but the last three narrows, and empty means any.

    ``until`` and ``from_`` bound the due date, both included; ``silent`` is days without a report, ``gap`` percentage
    points between said and verified. ``order`` is one of :data:`ORDERS`, with ``-`` in front for the other way.
    """

    programme: str = ""
    matter: tuple[int, ...] = ()
    sub: int | None = None
    unit: int | None = None
    own: bool = False
    lead: int | None = None
    post: str = ""
    issuer: int | None = None
    state: tuple[str, ...] = ()
    light: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    from_: date | None = None
    until: date | None = None
    overdue: bool = False
    silent: int | None = None
    gap: int | None = None
    open: tuple[str, ...] = ()
    how: tuple[str, ...] = ()
    cadence: tuple[str, ...] = ()
    q: str = ""
    sort: str = ORDER
    cols: tuple[str, ...] = ()
    size: int = SIZE

    @property
    def active(self) -> list[tuple[str, Any]]:
        """Every narrowing value by its name, one by one, in the order of the fields."""
        found: list[tuple[str, Any]] = []
        for name, value in self._told():
            if name not in NOT_FILTERS:
                found += [(name, one) for one in value] if name in MANY else [(name, value)]
        return found

    @property
    def order(self) -> tuple[str, ...]:
        """The columns of the order."""
        return ORDERS[self.sort.removeprefix("-")]

    @property
    def backwards(self) -> bool:
        """Whether the order is turned round."""
        return self.sort.startswith("-")

    def without(self, name: str, value: Any = None) -> Filters:
        """The same without one filter, or without one of its values."""
        field = _field(name)
        present = getattr(self, field)
        dropped: dict[str, Any] = {field: _DEFAULTS[field]}
        if name in MANY and value is not None:
            dropped[field] = tuple(one for one in present if one != value)
        if name == "unit":
            dropped["own"] = False
        return replace(self, **dropped)

    def with_(self, **changes: Any) -> Filters:
        """The same with some fields changed."""
        return replace(self, **changes)

    def encode(self, **places: str) -> str:
        """The query string that says this and nothing that goes without saying; ``places`` name a page."""
        pairs: list[tuple[str, str]] = []
        for name, value in self._told():
            if name == "cols":
                pairs.append((name, ",".join(value)))
            elif name in MANY:
                pairs += [(name, str(one)) for one in value]
            else:
                pairs.append((name, "1" if value is True else str(value)))
        pairs += [(name, value) for name, value in places.items() if value]
        return urlencode(pairs)

    def _told(self) -> list[tuple[str, Any]]:
        return [(name, value) for name, field, usual in _FIELDS if (value := getattr(self, field)) != usual]


def _field(name: str) -> str:
    return "from_" if name == "from" else name


def _name(field: str) -> str:
    return field.rstrip("_")


_DEFAULTS: Mapping[str, Any] = {field.name: field.default for field in fields(Filters)}
_FIELDS = tuple((_name(field.name), field.name, field.default) for field in fields(Filters))
"""Name in the address, name of the field, what goes without saying."""


def parse(data: Mapping[str, Sequence[str]]) -> tuple[Filters, list[str]]:
    """Read what an address or a call says（解析筛选）.

    Args:
        data: name → values, as in ``dict(request.GET.lists())``.

    Returns:
        the filters, and the names of what was not understood; an empty value means any and is no mistake.
    """
    told: dict[str, Any] = {}
    odd: list[str] = []
    for name, given in data.items():
        reader = READERS.get(name)
        if reader is None:
            odd += [] if name in PLACES else [name[:40]]
            continue
        texts = [part for text in given for part in (text.split(",") if name in MANY else [text]) if part.strip()]
        values = [reader(text.strip()) for text in texts[:MOST]]
        if None in values:
            odd.append(name)
        good = tuple(dict.fromkeys(value for value in values if value is not None))
        if good:
            told[_field(name)] = good if name in MANY else good[-1]
    return Filters(**told), odd


def from_query(query: str) -> Filters:
    """The filters of a kept query string; what is not understood any more is left out."""
    from django.http import QueryDict

    return parse(dict(QueryDict(query).lists()))[0]
