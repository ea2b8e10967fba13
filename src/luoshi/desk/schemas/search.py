"""What the API answers to a search（检索）."""

from __future__ import annotations

from ninja import Schema


class FoundOut(Schema):
    """One thing found（检索结果）; ``excerpt`` is plain text around what was asked for."""

    kind: str
    ref: str
    title: str
    excerpt: str
    unit: str
    commitment: str
    url: str


class FoundCount(Schema):
    """How many of a kind were found; with ``more``, that many and more."""

    found: int
    more: bool


class FoundPage(Schema):
    """At most ``limit`` things, best first; ``next`` is the cursor of the page that follows."""

    items: list[FoundOut]
    counts: dict[str, FoundCount]
    next: str | None
