"""The intake in the reader's words（收文的说法）: concerns as sentences, the source with its marks."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from markupsafe import Markup, escape

from luoshi.intake import queries
from luoshi.intake.models import Document, DraftItem

CONCERNS: Final = {
    queries.NO_LEAD: gettext_noop("Nobody leads: the document names no unit here."),
    queries.SEVERAL: gettext_noop("Several units are named: say which one leads."),
    queries.UNCLEAR: gettext_noop("A name can mean several units: say which."),
    queries.NO_UNIT: gettext_noop("A name is not known in your area: say which unit is meant."),
    queries.NO_DATE: gettext_noop("No date is said: fill in the day or the rhythm."),
    queries.RHYTHM: gettext_noop("The rhythm as written is not one a duty can have: choose one, or a day."),
    queries.DOUBTFUL: gettext_noop("The words are doubtful here: characters may be lost, or a date cannot be."),
    queries.UNSURE: gettext_noop("Read from grammar alone: compare it with the document."),
}


def concern(code: str) -> str:
    """A concern as a sentence."""
    return _(CONCERNS[code])


def marked(document: Document, items: Sequence[DraftItem]) -> Markup:
    """The text of a document with a mark and an anchor for every field read from it（原文标注）.

    Marks never cross: text is cut at every edge, and each piece says what it belongs to.
    """
    spans: list[tuple[int, int, str, int]] = []
    for item in items:
        if item.dropped or item.source_id != document.pk:
            continue
        spans += [
            (start, end, f"{name}-{item.pk}", item.pk) for name, (start, end) in item.spans.items() if end > start
        ]
        spans += [
            (one["start"], one["end"], f"unit-{item.pk}-{at}", item.pk)
            for at, one in enumerate(item.units)
            if one.get("end", 0) > one.get("start", 0)
        ]
    length = len(document.text)
    spans = [one for one in spans if one[1] <= length]
    edges = sorted({0, length, *(one[0] for one in spans), *(one[1] for one in spans)})
    begin: dict[int, list[tuple[int, int, str, int]]] = {}
    for one in spans:
        begin.setdefault(one[0], []).append(one)
    out: list[Markup] = []
    living: list[tuple[int, int, str, int]] = []
    for start, end in pairwise(edges):
        living = [one for one in living if one[1] > start] + begin.get(start, [])
        anchors = Markup("").join(
            Markup('<a id="s-{}" class="anchor"></a>').format(one[2]) for one in begin.get(start, [])
        )
        words = escape(document.text[start:end])
        if not living:
            out.append(anchors + words)
            continue
        inner = min(living, key=lambda one: one[1] - one[0])
        kind = inner[2].partition("-")[0]
        out.append(
            anchors
            + Markup('<mark class="w-{}" data-item="{}"><a href="{}#i-{}">{}</a></mark>').format(
                kind, inner[3], reverse("intake:document", args=[document.pk]), inner[3], words
            )
        )
    return Markup("").join(out)


def unit_words(item: DraftItem, role: str, names: dict[int, str]) -> str:
    """The units of one role for a form: official names where the unit is known, else the words as written."""
    return "；".join(names.get(one.get("unit") or 0, str(one["words"])) for one in item.units if one["role"] == role)
