"""Markup（标记）: HTML and Markdown, known by content, blanked so that lengths hold.

Tags become :data:`~luoshi.rules.documents.reader.cleaning.GONE` characters, block tags begin with a sign that the
layout reads. One pass, every pattern bounded by the next ``<``: the time is linear whatever stands there.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from typing import Final

from luoshi.rules.documents.reader.cleaning import GONE

TABLE: Final = "\x01"
TABLE_END: Final = "\x02"
ROW: Final = "\x03"
CELL: Final = "\x04"
HEADING: Final = "\x05"
BULLET: Final = "\x06"

_TAG: Final = re.compile(r"<(?P<close>/?)(?P<name>[a-zA-Z][a-zA-Z0-9]{0,15})(?P<rest>[^<>]*)>|<!--|<[!?][^<>]*>")
_KNOWN: Final = re.compile(
    r"<(?:!doctype html|html|body|div|p|table|tr|td|th|ul|ol|li|br|h[1-6]|span|section|article)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_HIDDEN: Final = frozenset({"script", "style", "head", "noscript", "template"})
_BLOCK: Final = frozenset(
    "p div br hr section article header footer main nav aside ul ol dl dt dd h1 h2 h3 h4 h5 h6 li caption thead tbody "
    "tfoot blockquote pre form title center body html".split()
)
_SPAN: Final = re.compile(r"\b(rowspan|colspan)\s{0,4}=\s{0,4}[\"']?(\d{1,4})", re.IGNORECASE)
_ENTITY: Final = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]{2,8});")
_MOST_SPANNED: Final = 200


@dataclass(slots=True)
class Blanked:
    """A text of the same length without its markup, and what markup said about places in it."""

    text: str
    markup: str
    spans: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Place of a cell in the text as found → (rows, columns) it covers."""


def blank(flat: str) -> Blanked:
    """``flat`` without markup; the length stays the same."""
    if _KNOWN.search(flat) is None:
        return _markdown(flat)
    if _STRONG.search(flat) is None:
        return _html(flat)
    # Markdown with tags in it: line breaks still part blocks.
    inner = _html(flat, breaks=True)
    return Blanked(_markdown(inner.text).text, "markdown", inner.spans)


def _html(flat: str, *, breaks: bool = False) -> Blanked:
    """Blank tags; line breaks of the source are spaces in HTML, unless ``breaks`` keeps them."""
    out: list[str] = []
    spans: dict[int, tuple[int, int]] = {}
    done = 0
    absent: set[str] = set()
    lower = flat.lower() if len(flat.lower()) == len(flat) else flat

    def keep(until: int) -> None:
        if until > done:
            words = flat[done:until] if breaks else flat[done:until].replace("\n", " ")
            out.append(_ENTITY.sub(_sign, words))

    for found in _TAG.finditer(flat):
        start, end = found.span()
        if start < done:
            continue
        keep(start)
        name = (found["name"] or "").lower()
        if found[0] == "<!--":
            end = _after(flat, "-->", end, absent)
        elif name in _HIDDEN and not found["close"] and not found["rest"].endswith("/"):
            end = _after(lower, f"</{name}>", end, absent)
        sign = GONE
        if name == "table":
            sign = TABLE_END if found["close"] else TABLE
        elif name in {"td", "th"} and not found["close"]:
            sign = CELL
            said = dict(_SPAN.findall(found["rest"][:400].lower()))
            if said:
                rows, columns = int(said.get("rowspan", 1)), int(said.get("colspan", 1))
                spans[start] = (min(max(rows, 1), _MOST_SPANNED), min(max(columns, 1), _MOST_SPANNED))
        elif name == "tr" and not found["close"]:
            sign = ROW
        elif name in _BLOCK:
            sign = "\n"
        fill = end - start - 1
        if sign == "\n" and not found["close"] and fill and (name == "li" or (name[0] == "h" and name[1:].isdigit())):
            sign, fill = ("\n" + (BULLET if name == "li" else HEADING)), fill - 1
        out.append(sign + GONE * fill)
        done = end
    keep(len(flat))
    return Blanked("".join(out), "html", spans)


def _after(text: str, word: str, start: int, absent: set[str]) -> int:
    """The place behind ``word``, looked for once only when it is missing: a million openings stay linear."""
    at = -1 if word in absent else text.find(word, start)
    if at < 0:
        absent.add(word)
        return start
    return at + len(word)


def _sign(found: re.Match[str]) -> str:
    sign = html.unescape(found[0])
    if len(sign) != 1 or ord(sign) < 32:
        return found[0]
    return (" " if sign == "\xa0" else sign) + GONE * (len(found[0]) - 1)


_MARKS: Final = re.compile(
    r"(?=[*~`\[\]!\\<&(])(?:(?P<gone>\*\*|~~|`+|\[\^[^\[\]\n]{1,16}\]|(?<=\])\([^()\s]{1,300}\)|!?\[(?=[^\[\]\n]{1,200}\]\()|\](?=\([^()\s]{1,300}\))"
    r"|(?<![*\w])\*(?=[^\s*])|(?<=[^\s*])\*(?![*\w])|<br ?/?>)|(?P<slash>\\)(?=[|*_#\[\]()-])|(?P<nbsp>&nbsp;))"
)
_MARKDOWN: Final = re.compile(r"^#{1,6} |^\s{0,3}\|?\s{0,4}:?-{3,40}:?\s{0,4}\||\*\*[^\s*]|\]\(https?:", re.MULTILINE)
_STRONG: Final = re.compile(r"^#{1,6} [^\n]|^\s{0,3}\|\s{0,4}:?-{3,40}", re.MULTILINE)
_HEAD_LINE: Final = re.compile(r"^#{1,6}(?= )", re.MULTILINE)


def _markdown(flat: str) -> Blanked:
    if _MARKDOWN.search(flat) is None:
        return Blanked(flat, "plain")
    text = _MARKS.sub(lambda found: (" " if found["nbsp"] else GONE) + GONE * (len(found[0]) - 1), flat)
    text = _HEAD_LINE.sub(lambda found: HEADING + GONE * (len(found[0]) - 1), text)
    if text.startswith("---\n"):
        until = text.find("\n---", 3)
        if 0 < until < 4000:
            text = GONE * until + text[until:]
    return Blanked(text, "markdown")
