"""Saved web pages（网页）: nothing in them is run or fetched; the reader takes the words between the tags."""

from __future__ import annotations

import html
import re
from typing import Final

from luoshi.office.adapters import contents

_PAGE: Final = re.compile(r"<(?:!doctype html|html|body|table|div|p|h[1-6]|ul|ol)(?:\s[^<>]{0,400})?>", re.IGNORECASE)
_TAG: Final = re.compile(r"<[^<>]*>")
_BREAK: Final = re.compile(r"<(?:/?(?:p|div|tr|li|table|h[1-6]|ul|ol)|br)\b[^<>]*>", re.IGNORECASE)
_ARCHIVE: Final = (b"PK", b"%PDF-", b"\x89PNG", b"\xff\xd8\xff", b"RIFF")


def decoded(content: bytes) -> str | None:
    """The source of a web page, or ``None`` when the content is none."""
    if content.startswith(_ARCHIVE) or b"\0" in content[:4096]:
        return None
    text = contents.decode(content)
    return text if text is not None and _PAGE.search(text) is not None else None


def plain(page: str) -> str:
    """The words of a page in lines, for screening: a mark must not hide between tags."""
    return html.unescape(_TAG.sub("", _BREAK.sub("\n", page)))
