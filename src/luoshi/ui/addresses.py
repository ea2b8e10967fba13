"""What stands in an address（地址参数）, read once for every page that takes a cursor or an id from one."""

from __future__ import annotations


def whole_number(text: str) -> int | None:
    """The whole number a text is, of at most 18 digits as the database's ids are; nothing for any other text."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
