"""Circulars and letters as papers（通报、督办函）: as somebody wrote them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from luoshi.rules.papers.shapes import Imprint, Kind, Paper, Signature
from luoshi.rules.papers.writing.ground import Style, paragraphs
from luoshi.rules.refusals import gettext_noop as _


@dataclass(frozen=True, slots=True)
class Sent:
    """A circular or letter as somebody wrote it（通报、督办函）: its words stand as they are, nothing is added.

    ``circular`` chooses the head of a document（文件式）, else that of a letter（信函式）.
    """

    title: str
    words: str
    issuer: str
    to: tuple[str, ...]
    on: date
    number: str = ""
    circular: bool = True


def sent_paper(sent: Sent, style: Style) -> Paper:
    """通报、督办函: what was written, to the units it goes to, under its number."""
    return Paper(
        kind=Kind.CIRCULAR if sent.circular else Kind.LETTER,
        language=style.language,
        title=sent.title,
        blocks=paragraphs(sent.words),
        mark=style.say(_("Papers of %(body)s")) % {"body": sent.issuer} if sent.circular else sent.issuer,
        number=sent.number,
        to=sent.to,
        signature=Signature(sent.issuer, sent.on),
        imprint=Imprint((), sent.issuer, sent.on) if sent.circular else Imprint(),
        stamp=style.stamp,
    )
