"""The words of a kept file（文件文字）, read cheaply: plain text, CSV, Word, Excel, PowerPoint, PDF that holds text.

Pictures and scans have none. This is where a later kind of document is added: one reader more.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from luoshi.office.adapters import contents, files

log = logging.getLogger(__name__)

BYTES = 8 * 1024 * 1024
"""Larger files are found by their names only."""
PAGES = 40
CHARACTERS = 20_000


def words_of(digest: str, media_type: str) -> str:
    """The beginning of the words of a stored file; empty when it has none, is too large, lost or cannot be read."""
    reader = READERS.get(media_type)
    if reader is None:
        return ""
    try:
        with files.get(digest) as file:
            content = file.read(BYTES + 1)
        return "" if len(content) > BYTES else reader(content)[:CHARACTERS]
    except Exception:  # a file that cannot be read is found by its name; a damaged one must not stop the clock
        log.warning("the words of the file %s cannot be read", digest[:12])
        return ""


def _plain(content: bytes) -> str:
    return contents.decode(content) or ""


def _pdf(content: bytes) -> str:
    import pypdfium2  # only now, for whoever reads a PDF

    pages: list[str] = []
    document = pypdfium2.PdfDocument(content)
    try:
        for number in range(min(len(document), PAGES)):
            page = document[number]
            text = page.get_textpage()
            pages.append(text.get_text_bounded())
            text.close()
            page.close()
            if sum(map(len, pages)) > CHARACTERS:
                break
    finally:
        document.close()
    return "\n".join(pages)


READERS: dict[str, Callable[[bytes], str]] = {
    contents.TEXT: _plain,
    contents.CSV: _plain,
    contents.DOCX: contents.office_words,
    contents.XLSX: contents.office_words,
    contents.PPTX: contents.office_words,
    contents.PDF: _pdf,
}
