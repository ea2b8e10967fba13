"""The Reader（读文）: from a document's text to accountable items, without a machine around it.

Nothing is invented: every unit, day and figure is a span of the text as found, with a confidence; what the text does
not say stays empty. The conventions it reads by, and where they come from, are set out in ``docs/en/reader.md``.

The way of a text: :mod:`cleaning` and :mod:`markup` → :mod:`layout` (:mod:`columns`) → :mod:`outline`
(:mod:`numbering`) → :mod:`passages` (:mod:`roles`, :mod:`dates`, :mod:`targets`, :mod:`english`) and :mod:`prose`
(:mod:`wording`) → :mod:`assembling` → :mod:`form`.
"""

from luoshi.rules.documents.reader.assembling import read
from luoshi.rules.documents.reader.findings import (
    Comparator,
    Concern,
    Doubt,
    Due,
    Field,
    Frequency,
    Heading,
    Item,
    Kind,
    Reading,
    Recurring,
    Role,
    Script,
    Span,
    Target,
    UnitRole,
)
from luoshi.rules.documents.reader.form import as_form

__all__ = [
    "Comparator",
    "Concern",
    "Doubt",
    "Due",
    "Field",
    "Frequency",
    "Heading",
    "Item",
    "Kind",
    "Reading",
    "Recurring",
    "Role",
    "Script",
    "Span",
    "Target",
    "UnitRole",
    "as_form",
    "read",
]
