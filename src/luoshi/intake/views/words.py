"""The intake in the reader's words（收文的说法）: concerns as sentences, the source with its marks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from markupsafe import Markup, escape

from luoshi.intake import queries
from luoshi.intake.models import Document, DraftItem
from luoshi.office.models.words import say
from luoshi.ui.sentences import told as said
from luoshi.units.models import Unit

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


SHORT: Final = {
    queries.NO_LEAD: gettext_noop("no lead"),
    queries.SEVERAL: gettext_noop("several leads"),
    queries.UNCLEAR: gettext_noop("name with several meanings"),
    queries.NO_UNIT: gettext_noop("unknown name"),
    queries.NO_DATE: gettext_noop("no date"),
    queries.RHYTHM: gettext_noop("rhythm to be chosen"),
    queries.DOUBTFUL: gettext_noop("doubtful words"),
    queries.UNSURE: gettext_noop("read from grammar alone"),
}
LOOK_FIRST: Final = (
    queries.DOUBTFUL,
    queries.UNSURE,
    queries.UNCLEAR,
    queries.SEVERAL,
    queries.NO_UNIT,
    queries.RHYTHM,
    queries.NO_LEAD,
    queries.NO_DATE,
)
"""What may have been read wrongly comes before what is merely missing."""


def concern(code: str) -> str:
    """A concern as a sentence."""
    return _(CONCERNS[code])


def refusal(told: Mapping[str, Any]) -> str:
    """A kept refusal as a sentence in the reader's language; empty when there is none."""
    return say(str(told["text"]), {name: said(value) for name, value in told["params"].items()}) if told else ""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the draft as the page shows it."""

    line: queries.Line
    units: list[tuple[int, dict[str, Any], Unit | None]]
    sentences: list[str]
    chosen: bool


def asked(lines: Sequence[queries.Line], units: Mapping[int, Unit]) -> list[tuple[str, list[Unit], int]]:
    """Names that mean several units or none known: the words, the candidates, how many items say them."""
    found: dict[str, tuple[list[Unit], set[int]]] = {}
    for line in lines:
        for one in line.item.units:
            if one.get("state") in {"unclear", "unknown"}:
                candidates = [units[pk] for pk in one.get("candidates", []) if pk in units]
                found.setdefault(one["words"], (candidates, set()))[1].add(line.item.pk)
    return [(words, candidates, len(items)) for words, (candidates, items) in found.items()]


FIRST: Final = 5
"""So many doubtful items are shown at once; the rest opens."""


def doubtful(lines: Sequence[queries.Line]) -> tuple[list[tuple[DraftItem, list[str]]], list[Any]]:
    """Items a person should look at, what lies in the words before what is merely missing; the first, and the rest."""
    order = {code: at for at, code in enumerate(LOOK_FIRST)}
    rows = sorted(
        (line for line in lines if line.concerns), key=lambda line: min(order[code] for code in line.concerns)
    )
    told = [(line.item, [concern(code) for code in line.concerns]) for line in rows]
    return told[:FIRST], told[FIRST:]


def counts(lines: Sequence[queries.Line]) -> list[tuple[str, str, int]]:
    """How many items each concern has: code, its short name, number; those that none has are left out."""
    tally = Counter(code for line in lines for code in line.concerns)
    return [(code, _(SHORT[code]), tally[code]) for code in LOOK_FIRST if tally[code]]


def rhythms() -> list[tuple[str, str]]:
    """The rhythms a duty can have, with their names."""
    return [(value, str(label)) for value, label in DraftItem.Rhythm.choices if value in queries.RHYTHMS]


_CUT: Final = re.compile(r"[。；;！!\n]+[”」』]?")


def cuts(requirement: str) -> list[tuple[int, str, str]]:
    """Where what is asked can be divided: after so many characters, the words before and after, shortened."""
    out = []
    for match in _CUT.finditer(requirement):
        before, after = requirement[: match.end()].strip(), requirement[match.end() :].strip()
        if before and after:
            out.append((match.end(), before[-16:], after[:16]))
    return out


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
        spans += [
            (one["start"], one["end"], f"target-{item.pk}-{at}", item.pk)
            for at, one in enumerate(item.targets)
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
            + Markup('<mark class="w-{}" data-of="{}"><a href="#i-{}">{}</a></mark>').format(
                kind, " ".join(f"s-{one[2]}" for one in living), inner[3], words
            )
        )
    return Markup("").join(out)


def unit_words(item: DraftItem, role: str, names: dict[int, str]) -> str:
    """The units of one role for a form: official names where the unit is known, else the words as written."""
    return "；".join(names.get(one.get("unit") or 0, str(one["words"])) for one in item.units if one["role"] == role)
