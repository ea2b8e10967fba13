"""Papers（来文）: what kind of file a document is, by its content, and the text in it.

Plain text, Markdown and web pages; Word, also the old format where LibreOffice stands ready; PDF with text in it; task
tables of Excel. What a file really is is decided by its bytes (:mod:`luoshi.office.adapters.contents`), which refuses
macros, passwords, bombs and damage. Every text passes the screening of principle 10 before anything reads it: a secrecy
mark refuses the file unread, identity-card and bank-card numbers refuse it, mobile numbers are masked.
"""

from __future__ import annotations

from typing import Final

from luoshi.intake.adapters import pdf, sheets, web, word
from luoshi.office.adapters import contents
from luoshi.rules.documents import screening
from luoshi.rules.refusals import Refused, declare
from luoshi.rules.refusals import gettext_noop as _

declare(
    422,
    paper_too_large=_("“%(name)s” is larger than %(limit)s MB: take out its pictures or divide it."),
    paper_too_long=_("“%(name)s” holds more than %(limit)s characters: divide it and read the parts."),
    paper_kind=_("“%(name)s” is no document to read: hand in text, Markdown, HTML, Word, Excel or PDF."),
    paper_empty=_("“%(name)s” holds no words."),
)

MEGABYTES: Final = 32
CHARACTERS: Final = 12_000_000
_OLD_PARTS: Final = {
    "EncryptedPackage": "file_encrypted",
    "_VBA_PROJECT": "file_macros",
    "Workbook": "file_old_office",
    "PowerPoint Document": "file_old_office",
}
_OLD_OFFICE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def read_paper(content: bytes, name: str) -> str:
    """The text of a document as it may be stored and read（读来文）; mobile numbers are masked in it.

    Raises:
        Refused: ``paper_too_large``, ``paper_too_long``, ``paper_kind``, ``paper_empty``, ``paper_scanned``,
            ``paper_pages``, ``paper_old_word``, ``paper_not_converted``, ``paper_word_slow``, those of
            :func:`contents.identify` and of :func:`screening.screen`.
    """
    if len(content) > MEGABYTES * 1024 * 1024:
        raise Refused("paper_too_large", name=name, limit=MEGABYTES)
    if is_old_word(content, name):
        content, name = word.modern(content, name), f"{name}x"
    text = _words(content, name)
    if len(text) > CHARACTERS:
        raise Refused("paper_too_long", name=name, limit=CHARACTERS)
    if not text.strip():
        raise Refused("paper_empty", name=name)
    return screening.screen(text).text


def is_old_word(content: bytes, name: str) -> bool:
    """Whether a file is an old Word file, which takes long to read: LibreOffice converts it first.

    Raises:
        Refused: ``file_encrypted``, ``file_macros``, ``file_old_office`` for what only looks like one;
            ``paper_old_word`` where LibreOffice is missing.
    """
    if not content.startswith(_OLD_OFFICE):
        return False
    _only_words(content, name)
    word.require_office(name)
    return True


def _only_words(content: bytes, name: str) -> None:
    """Refuse what only looks like an old Word file: a locked file, macros, an old table or set of slides.

    The old format is a small file system whose directory names its parts in UTF-16.
    """
    for part, code in _OLD_PARTS.items():
        if part.encode("utf-16-le") in content:
            raise Refused(code, name=name)


def _words(content: bytes, name: str) -> str:
    page = web.decoded(content)
    if page is not None:
        screening.screen(web.plain(page))
        return page
    kind = contents.identify(content, name)
    if kind in {contents.DOCX, contents.XLSX}:
        # Heads, feet and hidden sheets are screened too, though only the words of the body are read.
        screening.screen(contents.office_words(content))
    if kind == contents.DOCX:
        return word.words(content, name)
    if kind in {contents.XLSX, contents.CSV}:
        return sheets.words(content, name)
    if kind == contents.PDF:
        return pdf.words(content, name)
    if kind == contents.TEXT:
        return contents.decode(content) or ""
    raise Refused("paper_kind", name=name)
