"""公文: what an official paper is, how it is measured and what it may not be; drawn elsewhere, decided here.

Source of every measure and order: GB/T 9704-2012《党政机关公文格式》; the articles stand beside them.
"""

from luoshi.rules.papers.checking import check, check_number, check_title
from luoshi.rules.papers.laying import laid
from luoshi.rules.papers.lettering import Run, date_text, runs, title_lines
from luoshi.rules.papers.shapes import (
    KIND_NAMES,
    Align,
    Annex,
    Block,
    Column,
    Form,
    Heading,
    Imprint,
    Kind,
    Named,
    Paper,
    Paragraph,
    Signature,
    Table,
    digest,
)

__all__ = [
    "KIND_NAMES",
    "Align",
    "Annex",
    "Block",
    "Column",
    "Form",
    "Heading",
    "Imprint",
    "Kind",
    "Named",
    "Paper",
    "Paragraph",
    "Run",
    "Signature",
    "Table",
    "check",
    "check_number",
    "check_title",
    "date_text",
    "digest",
    "laid",
    "runs",
    "title_lines",
]
