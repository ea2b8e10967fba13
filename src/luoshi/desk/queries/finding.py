"""What was found, as it is now（检索结果）: the index says where, the rows say what; nothing out of sight is shown."""

from __future__ import annotations

from dataclasses import dataclass

from luoshi.delivery.models import Commitment, Report
from luoshi.delivery.queries import findable, visible
from luoshi.delivery.queries.findable import COMMITMENT, EVIDENCE, PROGRAMME, REPORT
from luoshi.meetings.models import Practice
from luoshi.meetings.queries.findable import PRACTICE, practice_sight
from luoshi.meetings.queries.practices import practices_seen
from luoshi.office.models import SearchEntry
from luoshi.office.queries.search import pages as index
from luoshi.office.queries.search.levels import Sight, Sights
from luoshi.office.queries.terms import Asked, asked, marked
from luoshi.rules import paths
from luoshi.rules.permissions import Actor
from luoshi.units.models import Unit

Pieces = list[tuple[str, bool]]
"""Text in pieces, each with whether it is what was asked for."""

SNIPPET = 90
"""Characters of the text shown around what was asked for."""
_OF_COMMITMENT = frozenset({COMMITMENT, REPORT, EVIDENCE})
_SHOWN = ("lead", "programme")
"""What a line about a commitment says besides: where, and what its light depends on."""
_AT_PLACE = frozenset({"unit", "post"})


@dataclass(frozen=True, slots=True)
class Line:
    """One thing found, with the row it belongs to."""

    entry: SearchEntry
    title: Pieces
    text: Pieces
    commitment: Commitment | None = None
    report: Report | None = None
    unit: Unit | None = None
    practice: Practice | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A page of lines, the cursor of the next, and how many there are of each kind."""

    lines: list[Line]
    cursor: str | None
    counts: dict[str, index.Count]


def sights(actor: Actor) -> dict[str, Sight]:
    """What the actor may find of each kind, in the order in which kinds stand among equals."""
    return {**findable.sights(actor), PRACTICE: practice_sight(actor)}


def find(
    actor: Actor,
    text: str,
    *,
    kind: str = "",
    limit: int = 30,
    cursor: str | None = None,
    counts: bool = True,
    sight: Sights | None = None,
) -> Found:
    """Find within the actor's sight（检索）; the statements do not grow with what is found.

    Args:
        actor: who asks; nothing outside what he may see is found or counted.
        text: what was typed.
        kind: only this kind on the page; an unknown one counts as none.
        limit: lines a page.
        cursor: of the page before.
        counts: whether to count by kind.
        sight: what :func:`sights` said of this actor, where it was asked already.
    """
    sight = sights(actor) if sight is None else sight
    page = index.search(
        text, sights=sight, kind=kind if kind in sight else "", limit=limit, cursor=cursor, counts=counts
    )
    return Found(_lines(actor, page.entries, asked(text)), page.cursor, page.counts)


def narrower(text: str, sight: Sights) -> list[str]:
    """Which of the words find something on their own, where all together found nothing; at most four are tried."""
    words = [word.text for word in asked(text).words]
    if len(words) < 2:
        return []
    return [word for word in words[:4] if index.search(word, sights=sight, limit=1, counts=False).entries]


def _lines(actor: Actor, entries: list[SearchEntry], question: Asked) -> list[Line]:
    about = {entry.subject for entry in entries if entry.kind in _OF_COMMITMENT}
    commitments = visible(actor).select_related(None).select_related(*_SHOWN).in_bulk(about) if about else {}
    said = {entry.pk: int(entry.ref.rpartition("/r")[2]) for entry in entries if entry.kind == REPORT}
    reports = Report.objects.in_bulk(said.values()) if said else {}
    places = {paths.own_id(entry.path) for entry in entries if entry.kind in _AT_PLACE}
    units = Unit.objects.select_related("parent").in_bulk(places) if places else {}
    told = {entry.subject for entry in entries if entry.kind == PRACTICE}
    practices = practices_seen(actor).in_bulk(told) if told else {}
    lines = []
    for entry in entries:
        commitment = commitments.get(entry.subject) if entry.kind in _OF_COMMITMENT else None
        unit = units.get(paths.own_id(entry.path)) if entry.kind in _AT_PLACE else None
        practice = practices.get(entry.subject) if entry.kind == PRACTICE else None
        if entry.kind != PROGRAMME and not (commitment or unit or practice):
            continue
        title = commitment.title if commitment and entry.kind != EVIDENCE else entry.text.title
        lines.append(
            Line(
                entry,
                marked(title, question),
                [] if entry.kind == "unit" else marked(entry.text.body, question, SNIPPET),
                commitment,
                reports.get(said.get(entry.pk, 0)),
                unit,
                practice,
            )
        )
    return lines
