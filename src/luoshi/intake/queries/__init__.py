"""Reads of the intake worth a name（收文查询）: fetched with permission; what the words of a document mean."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet

from luoshi.delivery.models import Commitment
from luoshi.delivery.queries import possible_leads, visible
from luoshi.intake.models import Document, Draft, DraftItem, Outcome
from luoshi.rules.documents import drafts
from luoshi.rules.paths import within
from luoshi.rules.permissions import Actor, receives_documents
from luoshi.rules.refusals import Refused, declare, gettext_noop
from luoshi.units.models import Kind, Level, Unit
from luoshi.units.queries import areas_below, find_unit

_ = gettext_noop
declare(
    403,
    not_intake=_("Documents are received and issued by the supervision office and the head of the area."),
)
READ_DOCUMENT: Final = "intake.read"
"""The kind of the job that reads a document."""


# --- Permission -------------------------------------------------------------------------------------------------------


def require_desk(actor: Actor) -> None:
    """Refuse whoever does not work at the desk of intake.

    Raises:
        Refused: ``not_intake``.
    """
    if not receives_documents(actor):
        raise Refused("not_intake")


def documents(actor: Actor) -> QuerySet[Document]:
    """The documents of the actor's area that it may see: its own, those with a shared or issued draft, and what
    corrects one of these.

    Raises:
        Refused: ``not_intake``.
    """
    require_desk(actor)
    seat = actor.effective
    open_to_unit = Draft.objects.filter(
        Q(document=OuterRef("pk")) | Q(document=OuterRef("revision_of")), Q(shared=True) | Q(issued_at__isnull=False)
    )
    mine = Q(post_ref__in={actor.seat.post_ref, seat.post_ref}) | Exists(open_to_unit)
    return Document.objects.filter(mine, owner_path=seat.area_path).select_related("owner", "draft__programme", "file")


def document_for(actor: Actor, document_id: int) -> Document:
    """One document the actor may see.

    Raises:
        Refused: ``not_intake``, ``not_found``.
    """
    found = documents(actor).filter(pk=document_id).first()
    if found is None:
        raise Refused("not_found")
    return found


def draft_for(actor: Actor, draft_id: int) -> Draft:
    """One draft the actor may see.

    Raises:
        Refused: ``not_intake``, ``not_found``.
    """
    rows = Draft.objects.filter(document__in=documents(actor)).select_related("document__owner", "programme")
    found = rows.filter(pk=draft_id).first()
    if found is None:
        raise Refused("not_found")
    return found


def listed(actor: Actor) -> QuerySet[Document]:
    """The documents of the list, the newest first, with the number of items that stand."""
    live = Count("draft__items", filter=Q(draft__items__dropped=False) & ~Q(draft__items__kind=drafts.HEADING))
    return documents(actor).defer("text", "tree").annotate(item_count=live).order_by("-id")


def items_of(draft: Draft) -> list[DraftItem]:
    """The items of a draft in the order of the text; one statement."""
    return list(draft.items.select_related("source").defer("source__text", "source__tree"))


# --- The tree ---------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Line:
    """One item as it stands in the tree: how deep, what is below, what a person should look at."""

    item: DraftItem
    depth: int
    children: list[Line]
    concerns: list[str]
    commitments: list[Commitment]

    @property
    def leaf(self) -> bool:
        """Whether it becomes a commitment."""
        return not self.children and self.item.kind != drafts.HEADING


def lines(items: Sequence[DraftItem], *, dropped: bool = False) -> list[Line]:
    """The items as a tree walked from the top; a dropped item's children hang on what is above it."""
    by_key = {item.pk: item for item in items}
    made: dict[int, Line] = {}
    roots: list[Line] = []
    out: list[Line] = []
    for item in items:
        if item.dropped and not dropped:
            continue
        above = by_key.get(item.parent_id or 0)
        while above is not None and (above.dropped or above.pk not in made):
            above = by_key.get(above.parent_id or 0)
        line = Line(item, made[above.pk].depth + 1 if above else 0, [], [], [])
        made[item.pk] = line
        (made[above.pk].children if above else roots).append(line)
    waiting = list(reversed(roots))
    while waiting:
        line = waiting.pop()
        out.append(line)
        waiting += reversed(line.children)
    for line in out:
        line.concerns = concerns(line)
    return out


NO_LEAD, SEVERAL, NO_UNIT, UNCLEAR, NO_DATE, DOUBTFUL, UNSURE, RHYTHM = (
    "no_lead",
    "several_leads",
    "unit_unknown",
    "unit_unclear",
    "no_date",
    "doubtful",
    "unsure",
    "rhythm",
)
RHYTHMS: Final = frozenset({"weekly", "monthly", "quarterly", "half_yearly", "yearly"})


def leads(item: DraftItem) -> list[dict[str, Any]]:
    """Who answers for an item as written: the leads, else the one unit that is responsible."""
    led = [one for one in item.units if one["role"] == "lead"]
    if led:
        return led
    return [one for one in item.units if one["role"] == "responsible"]


def concerns(line: Line) -> list[str]:
    """What a person should look at before an item is issued, the graver first."""
    item, out = line.item, []
    if line.leaf and not item.dropped:
        named = leads(item)
        if not named:
            out.append(NO_LEAD)
        elif len(named) > 1:
            out.append(SEVERAL)
        if item.due_on is None and item.frequency not in RHYTHMS:
            out.append(RHYTHM if item.frequency else NO_DATE)
    states = {one.get("state") for one in item.units}
    out += [UNCLEAR] if "unclear" in states else []
    out += [NO_UNIT] if "unknown" in states else []
    if not item.checked:
        out += [DOUBTFUL] if item.doubts else []
        out += [UNSURE] if item.sure < 70 else []
    return out


# --- What words mean --------------------------------------------------------------------------------------------------

_BELOW: Final = {
    Level.PROVINCE.value: re.compile(r"(?:全省)?(?:各|16个|十六个)(?:州|市)"),
    Level.PREFECTURE.value: re.compile(r"(?:全[市州])?各(?:县|区|市)"),
    Level.COUNTY.value: re.compile(r"(?:全[县区市])?各(?:乡|镇|街道)"),
    Level.TOWNSHIP.value: re.compile(r"(?:全[乡镇])?各(?:村|社区)"),
}
_PREFIX: Final = {
    Level.PROVINCE.value: "省",
    Level.PREFECTURE.value: "市州",
    Level.COUNTY.value: "县区市",
    Level.TOWNSHIP.value: "乡镇",
}
_NOISE: Final = re.compile(r"[\s和与及、（）()]|人民政府|办公室$")


def _short(words: str) -> str:
    return _NOISE.sub("", words)


def _inside(short: str, full: str) -> bool:
    """Whether ``short`` abbreviates ``full``: the same signs in the same order, beginning alike."""
    if len(short) < 2 or not full or short[0] != full[0]:
        return False
    signs = iter(full)
    return all(sign in signs for sign in short)


class Meaning:
    """Reads names of units within one area（认单位）; every wording is looked up once."""

    def __init__(self, actor: Actor, area: Unit) -> None:
        """Fetch the area's departments that may lead: one statement."""
        self.actor = actor
        self.area = area
        self.departments = list(
            possible_leads(self.actor).filter(area=self.area).exclude(kind__in=[Kind.AREA, Kind.STATISTICAL])
        )
        self.kept: dict[str, dict[str, Any]] = {}

    def of(self, words: str) -> dict[str, Any]:
        """``state`` found, below, unclear or unknown, with ``unit``, ``below`` or ``candidates``; never a guess."""
        plain = re.sub(r"\s+", "", words)
        if plain not in self.kept:
            self.kept[plain] = self._look(plain)
        return dict(self.kept[plain])

    def _look(self, words: str) -> dict[str, Any]:
        below = _BELOW.get(self.area.level)
        if below is not None and below.match(words):
            return {"state": "below", "unit": None, "below": True, "candidates": []}
        try:
            unit = find_unit(words, self.area)
        except Refused as refused:
            if refused.code == "unit_ambiguous":
                return self._several(Q(name=words) | Q(short_name=words) | Q(aliases__icontains=words), words)
        else:
            if within(unit.path, self.area.path) and unit.receives:
                return {"state": "found", "unit": unit.pk, "below": False, "candidates": []}
        return self._abbreviated(words)

    def _several(self, match: Q, words: str) -> dict[str, Any]:
        inside = list(possible_leads(self.actor).filter(match).order_by("path").values_list("pk", flat=True)[:12])
        return {"state": "unclear", "unit": None, "below": False, "candidates": inside}

    def _abbreviated(self, words: str) -> dict[str, Any]:
        tries = [words]
        if words[:1] in _PREFIX.get(self.area.level, ""):
            tries.append(words[1:])
        if words.startswith(self.area.name):
            tries.append(words.removeprefix(self.area.name))
        fits = {
            unit.pk
            for unit in self.departments
            for told in tries
            for name in (unit.name.removeprefix(self.area.name), unit.short_name, *map(str, unit.aliases))
            for full in (_short(name), _short(name)[1:] if name[:1] in _PREFIX.get(self.area.level, "") else "")
            if _inside(_short(told), full)
        }
        if len(fits) == 1:
            return {"state": "found", "unit": fits.pop(), "below": False, "candidates": []}
        return {
            "state": "unclear" if fits else "unknown",
            "unit": None,
            "below": False,
            "candidates": sorted(fits)[:12],
        }

    def fill(self, units: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
        """The units of an item with what their words mean."""
        return [{**one, **self.of(str(one["words"]))} for one in units]


def units_named(items: Iterable[DraftItem]) -> dict[int, Unit]:
    """Every unit that items name or might mean; one statement."""
    wanted = {pk for item in items for one in item.units for pk in [one.get("unit"), *one.get("candidates", [])] if pk}
    return Unit.objects.in_bulk(wanted)


def receivers_below(area: Unit) -> list[Unit]:
    """The areas one level below, all of which lead an item for 各州（市）."""
    return list(areas_below(area))


# --- The trace --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause of a document and what came of it（政策链）."""

    start: int
    end: int
    words: str
    items: tuple[DraftItem, ...]
    commitments: tuple[Commitment, ...]

    @property
    def taken_up(self) -> bool:
        """Whether anything came of it."""
        return bool(self.items)


def with_outcomes(actor: Actor, draft: Draft) -> list[DraftItem]:
    """The items of a draft with the commitments the actor may see; two statements more for any number of items."""
    seen = Outcome.objects.select_related("commitment__lead").filter(commitment__in=visible(actor))
    return list(draft.items.select_related("source").prefetch_related(Prefetch("outcomes", queryset=seen)))


def clauses(document: Document, items: Sequence[DraftItem]) -> list[Clause]:
    """The lines of a document, each with what came of it; the lines nobody took up are those without an item."""
    out: list[Clause] = []
    live = [item for item in items if not item.dropped and item.source_id == document.pk]
    for match in re.finditer(r"[^\r\n]+", document.text):
        words = match[0].strip()
        if len(re.sub(r"\W+", "", words)) < 4:
            continue
        own = tuple(item for item in live if item.source_start < match.end() and item.source_end > match.start())
        made = tuple(one.commitment for item in own for one in item.outcomes.all())
        out.append(Clause(match.start(), match.end(), words, own, made))
    return out


def difference(draft: Draft, items: Sequence[DraftItem], revision: Document) -> drafts.Difference:
    """What a corrected document says otherwise than the draft."""
    known = [
        drafts.Known(item.pk, tuple(item.path), item.source_text if item.requirement else item.title)
        for item in items
        if not item.dropped and item.kind != DraftItem.Kind.ADDED
    ]
    return drafts.compare(known, revision.tree)
