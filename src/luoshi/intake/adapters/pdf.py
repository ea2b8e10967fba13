"""PDF（版式文件）: the text in it, page by page. A scan holds pictures, not words, and is refused with the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from luoshi.rules.refusals import Refused, declare
from luoshi.rules.refusals import gettext_noop as _

if TYPE_CHECKING:
    import pypdfium2 as pdfium

declare(
    422,
    paper_scanned=_(
        "“%(name)s” is a scan: its pages are pictures without text. Luoshi does not guess at pictures; hand in the "
        "document it was printed from, or type in what is asked."
    ),
    paper_pages=_("“%(name)s” has more than %(limit)s pages: divide it and read the parts."),
)

PAGES: Final = 400
_FEWEST: Final = 12
"""Fewer characters a page than this, on average, is no text but the stamp of a scanner."""


def words(content: bytes, name: str) -> str:
    """The text of a PDF; pages are parted by form feeds.

    Raises:
        Refused: ``paper_scanned``, ``paper_pages``, ``file_damaged``.
    """
    import pypdfium2 as pdfium  # only now, for whoever reads a PDF

    try:
        document = pdfium.PdfDocument(content)
    except pdfium.PdfiumError as error:
        raise Refused("file_damaged", name=name) from error
    try:
        if len(document) > PAGES:
            raise Refused("paper_pages", name=name, limit=PAGES)
        pages = [_page(document, number) for number in range(len(document))]
    except pdfium.PdfiumError as error:
        raise Refused("file_damaged", name=name) from error
    finally:
        document.close()
    if sum(len(page.strip()) for page in pages) < _FEWEST * max(1, len(pages)):
        raise Refused("paper_scanned", name=name)
    return "\f".join(pages)


def _page(document: pdfium.PdfDocument, number: int) -> str:
    page = document[number]
    text = page.get_textpage()
    try:
        return str(text.get_text_range()).replace("\r\n", "\n")
    finally:
        text.close()
        page.close()
