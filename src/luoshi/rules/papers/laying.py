"""公文的排布: a paper taken apart into what stands on the page, numbered and broken, as data any renderer can draw."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from luoshi.rules.papers import measures
from luoshi.rules.papers.lettering import LATIN, date_text, heading_number, title_lines, width
from luoshi.rules.papers.shapes import Block, Form, Heading, Paper, Paragraph, Signature, Table, digest


@dataclass(frozen=True, slots=True)
class Words:
    """The fixed words of a paper in one language; in Chinese those of the standard."""

    colon: str
    between: str
    attached: str
    copies: str
    copies_end: str
    printed: str
    no_rows: str


WORDS: Final[Mapping[str, Words]] = MappingProxyType(
    {
        "zh": Words("：", "、", "附件", "抄送", "。", "印发", "无"),
        "en": Words(": ", ", ", "Attached", "Copies to", ".", "issued", "none"),
    }
)
Ends = Callable[[str], Collection[int]]


def words_of(paper: Paper) -> Words:
    """The fixed words in the paper's language."""
    return WORDS["zh" if paper.chinese else "en"]


def laid(paper: Paper, ends: Ends | None = None) -> dict[str, Any]:
    """A paper as plain data: texts, numbers and lines, nothing left to decide but where a page ends.

    ``ends`` says after which characters of a title its words end.
    """
    words = words_of(paper)
    return {
        "form": paper.form.value,
        "chinese": paper.chinese,
        "language": "zh" if paper.chinese else "en",
        "latin": LATIN,
        "title": list(lines_of(paper, ends)),
        "mark": paper.mark,
        "number": paper.number,
        "to": f"{words.between.join(paper.to)}{words.colon.strip()}" if paper.to else "",
        "blocks": _blocks(paper.blocks, paper.language, words),
        "attached": attached(paper),
        "names": [{"name": f"{one.name}{words.colon}", "text": one.text} for one in paper.names],
        "annexes": [
            {
                "name": annex_name(paper, at),
                "title": list(title_lines(annex.title, ends(annex.title) if ends else ())),
                "blocks": _blocks(annex.blocks, paper.language, words),
            }
            for at, annex in enumerate(paper.annexes)
        ],
        "signature": _signature(paper.signature, paper.language),
        "imprint": [list(line) for line in imprint_lines(paper)],
        "copies_width": width(f"{words.copies}{words.colon}"),
        "note": paper.note,
        "stamp": paper.stamp,
        "digest": digest(paper),
        "measures": {name: getattr(measures, name) for name in dir(measures) if name.isupper()},
    }


def lines_of(paper: Paper, ends: Ends | None = None) -> tuple[str, ...]:
    """The lines of its title; a title in English turns over by itself."""
    if not paper.chinese:
        return (paper.title,)
    return title_lines(paper.title, ends(paper.title) if ends else ())


def attached(paper: Paper) -> dict[str, Any]:
    """The list of attachments（附件说明, 7.3.4）: its name and one line each; numbered when there are several."""
    words = words_of(paper)
    many = len(paper.annexes) > 1
    return {
        "name": f"{words.attached}{words.colon}",
        "lines": [f"{at}. {one.title}" if many else one.title for at, one in enumerate(paper.annexes, start=1)],
    }


def annex_name(paper: Paper, at: int) -> str:
    """What stands at the head of an attachment (7.3.7); ``at`` counts from 0."""
    name = words_of(paper).attached
    if len(paper.annexes) < 2:
        return name
    return f"{name}{at + 1}" if paper.chinese else f"{name} {at + 1}"


def numbered(blocks: Iterable[Block], language: str) -> list[tuple[Block, str]]:
    """Every block with the number before it; only headings have one."""
    counts = [0, 0, 0, 0]
    found: list[tuple[Block, str]] = []
    for block in blocks:
        number = ""
        if isinstance(block, Heading):
            counts[block.level - 1] += 1
            counts[block.level :] = [0] * (4 - block.level)
            number = heading_number(block.level, counts[block.level - 1], language)
        found.append((block, number))
    return found


def _blocks(blocks: Iterable[Block], language: str, words: Words) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for block, number in numbered(blocks, language):
        match block:
            case Heading():
                told = {"level": block.level, "text": f"{number}{block.text}", "body": block.body}
                found.append({"is": "heading", **told})
            case Paragraph():
                found.append({"is": "paragraph", "text": block.text})
            case Table():
                found.append(
                    {
                        "is": "table",
                        "caption": block.caption,
                        "columns": [
                            {"title": one.title, "share": one.share, "align": one.align.value} for one in block.columns
                        ],
                        "rows": [list(row) for row in block.rows],
                        "none": words.no_rows,
                    }
                )
    return found


@dataclass(frozen=True, slots=True)
class Signed:
    """How far from the right edge body and date end, in characters of 3号, and where the body is centred."""

    body: str
    date: str
    body_right: float
    date_right: float
    above: int


def signed(signature: Signature, language: str) -> Signed:
    """Where body and date stand (7.3.5.1 with a seal, 7.3.5.2 without)."""
    text = date_text(signature.on, language)
    body, day = width(signature.body), width(text)
    if signature.sealed:
        right = float(measures.DATE_INDENT_SEALED)
        centred = right + (day - body) / 2
        if centred < 0:  # too long to stand above the middle of the date: the date follows the body instead
            return Signed(signature.body, text, 0, (body - day) / 2, measures.SEAL_BELOW_TEXT)
        return Signed(signature.body, text, centred, right, measures.SEAL_BELOW_TEXT)
    indent = float(measures.DATE_INDENT)
    if day > body:
        return Signed(signature.body, text, indent + day - body + 2, indent, measures.SIGNATURE_BELOW_TEXT)
    # The date begins two characters right of the body's first.
    return Signed(signature.body, text, indent, max(0.0, indent + body - 2 - day), measures.SIGNATURE_BELOW_TEXT)


def _signature(signature: Signature | None, language: str) -> dict[str, Any] | None:
    if signature is None:
        return None
    made = signed(signature, language)
    return {
        "body": made.body,
        "date": made.date,
        "body_right": made.body_right,
        "date_right": made.date_right,
        "above": made.above,
    }


def imprint_lines(paper: Paper) -> list[tuple[str, str | None]]:
    """The lines of the imprint（版记）, left and right; a line without a right side takes the whole width.

    Letters name who has copies and no more (10.1).
    """
    imprint, words = paper.imprint, words_of(paper)
    if imprint is None:
        return []
    found: list[tuple[str, str | None]] = []
    if imprint.copies:
        found.append((f"{words.copies}{words.colon}{words.between.join(imprint.copies)}{words.copies_end}", None))
    if paper.form is not Form.LETTER and (imprint.office or imprint.on):
        printed = date_text(imprint.on, paper.language) if imprint.on else ""
        if printed:
            printed = f"{printed}{words.printed}" if paper.chinese else f"{words.printed} {printed}"
        found.append((imprint.office, printed))
    return found
