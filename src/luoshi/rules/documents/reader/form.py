"""The form of a draft（草案格式）: one JSON object a document, as the annotation guidelines set it out."""

from __future__ import annotations

from datetime import date
from typing import Any

from luoshi.rules.documents.reader.findings import Due, Field, Item, Reading, Role

_MARKUP = ("<", "&", "](", "[^", "**", "`")


def as_form(reading: Reading, doc_id: str, *, text: str, date: date, kind: str = "") -> dict[str, Any]:
    """The reading as a draft: words as they stand in ``text``, without markup; days in ISO form.

    ``start`` and ``end`` are character offsets into ``text``; ``confidence`` is that of each field, 0 to 1.
    """
    return {
        "doc_id": doc_id,
        "language": reading.script.value,
        "doc_date": date.isoformat(),
        "kind": kind,
        "items": [_item(item, number, text) for number, item in enumerate(reading.items, start=1)],
        "doubts": [
            {"concern": doubt.concern.value, "text": said(doubt.words, text), **_place(doubt.words)}
            for doubt in reading.doubts
        ],
    }


def said(words: Field, text: str) -> str:
    """The words as they stand in the text, without markup."""
    raw = text[words.span.start : words.span.end]
    return words.value if any(sign in raw for sign in _MARKUP) else raw


def _place(words: Field) -> dict[str, int]:
    return {"start": words.span.start, "end": words.span.end}


def _item(item: Item, number: int, text: str) -> dict[str, Any]:
    due = item.due
    others = [one for one in item.dues if due is not None and one.day is not None and one.day != due.day]
    named = {role: [said(name, text) for name in item.named(role)] for role in Role}
    return {
        "id": str(number),
        "number_path": list(item.path),
        "title": said(item.title, text) if item.title else "",
        "requirement": said(item.requirement, text),
        **_place(item.requirement),
        "lead_units": named[Role.LEAD],
        "responsible_units": named[Role.RESPONSIBLE],
        "co_units": named[Role.SUPPORT],
        "due": due.day.isoformat() if due is not None and due.day is not None else None,
        "due_text": said(due.words, text) if due is not None else None,
        "other_dues": [_due(one, text) for one in others],
        "recurring": item.recurring[0].frequency.value if item.recurring else None,
        "recurring_alt": [one.frequency.value for one in item.recurring[1:]],
        "targets": [
            {
                "text": said(target.words, text),
                "value": int(target.value) if target.value.is_integer() else target.value,
                "unit": target.uom,
                "comparator": target.comparator.value,
                "indicator": said(target.indicator, text) if target.indicator else None,
                "by": target.by.day.isoformat() if target.by and target.by.day else None,
            }
            for target in item.targets
        ],
        "confidence": {
            "requirement": item.requirement.confidence,
            "units": [unit.name.confidence for unit in item.units],
            "due": due.words.confidence if due is not None else None,
        },
    }


def _due(due: Due, text: str) -> dict[str, str | None]:
    return {"due": due.day.isoformat() if due.day else None, "due_text": said(due.words, text)}
