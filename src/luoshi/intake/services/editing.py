"""Editing a draft（修改草案）: every act names the version looked at and is one entry; where it was read stays."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Any

from django.db import transaction

from luoshi.delivery.queries import possible_leads
from luoshi.intake import events, queries
from luoshi.intake.models import Draft, DraftItem
from luoshi.ledger import services as ledger
from luoshi.ledger.events import Event
from luoshi.ledger.models import Entry
from luoshi.rules.documents import drafts, screening
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused, declare, gettext_noop, require_version
from luoshi.units.models import Unit
from luoshi.units.queries import find_unit

_ = gettext_noop
declare(
    409,
    draft_issued=_("This draft has been issued: change the commitments themselves, each with its reason."),
)
declare(
    422,
    item_unknown=_("The item is not part of this draft, or it was dropped."),
    item_empty=_("An item needs words: a title or what is asked."),
    item_span=_("Choose words of the document: a beginning and an end within its %(length)s characters."),
    item_words=_("These words do not stand in the document: copy them from it as they are."),
    item_words_often=_("These words stand in the document %(count)s times: copy more of the text around them."),
    names_none=_("Say which unit is meant for at least one of the names."),
    name_unknown=_("No item of the draft names “%(words)s”."),
    item_split=_("An item is split between its words: give a place from 1 to %(length)s."),
    items_none=_("Choose the items first."),
    edit_nothing=_("Say what the chosen items are to have: a lead, a day or a rhythm."),
    items_few=_("Choose at least two items to make them one."),
    frequency_word=_("“%(frequency)s” is no rhythm: weekly, monthly, quarterly, half_yearly or yearly."),
    role_word=_("“%(role)s” is no role of a unit: lead, responsible or support."),
)


def locked(actor: Actor, draft_id: int, version: int) -> Draft:
    """The draft, locked, if the actor looked at its newest version and it is not issued yet.

    Raises:
        Refused: ``not_intake``, ``not_found``, ``stale_version``, ``draft_issued``, ``document_removed``.
    """
    seen = queries.draft_for(actor, draft_id)
    draft = Draft.objects.select_for_update(of=("self",)).select_related("document__owner").get(pk=seen.pk)
    if draft.issued_at is not None:
        raise Refused("draft_issued")
    if draft.document.removed:
        raise Refused("document_removed")
    require_version(version, draft.version, ref=str(draft))
    return draft


def record(draft: Draft, event: Event, actor: Actor, at: datetime, rows: Iterable[Any] = ()) -> Entry:
    """Count the version up and write the one entry of an act."""
    draft.version += 1
    draft.save()
    after = {row.ledger_key: row.ledger_state() for row in (draft, *rows)}
    return ledger.append(event, actor=actor, at=at, after=after)


def _item(draft: Draft, item_id: int, *, dropped: bool = False) -> DraftItem:
    found = draft.items.select_related("source").filter(pk=item_id).first()
    if found is None or (found.dropped and not dropped):
        raise Refused("item_unknown")
    return found


@transaction.atomic
def share_draft(*, actor: Actor, draft: int, version: int, shared: bool, at: datetime) -> tuple[Draft, Entry]:
    """Let the area's office and head see and edit a draft（共享草案）, or take it back.

    Raises:
        Refused: those of :func:`locked`.
    """
    found = locked(actor, draft, version)
    found.shared = shared
    return found, record(found, events.DraftShared(draft=found.pk, shared=shared), actor, at)


OFTEN = 1000
"""So many places of the same words are looked at."""
EDITABLE = frozenset({"title", "requirement", "due_on", "frequency", "units", "checked"})


@transaction.atomic
def edit_item(
    *, actor: Actor, draft: int, version: int, item: int, changes: Mapping[str, Any], at: datetime
) -> tuple[DraftItem, Entry]:
    """Edit an item（修改条目）; what is not named stays. Its place in the document is kept for ever.

    Args:
        actor: who edits.
        draft: the draft's id.
        version: the version looked at.
        item: the item's id.
        changes: any of ``title``, ``requirement``, ``due_on`` (a day or None), ``frequency`` ("" or a rhythm),
            ``checked``, and ``units``: a list of ``{"role", "unit"}``, ids of units that may lead, or
            ``{"role", "words"}``, a name or code.
        at: now.

    Raises:
        Refused: those of :func:`locked`; ``item_unknown``, ``item_empty``, ``frequency_word``, ``role_word``,
            ``lead_outside``, ``unit_unknown``, ``unit_ambiguous``, or a screening code.
    """
    found = locked(actor, draft, version)
    row = _item(found, item)
    told = {name: value for name, value in changes.items() if name in EDITABLE}
    if "title" in told:
        row.title = screening.screen(str(told["title"]).strip()).text[:200]
    if "requirement" in told:
        row.requirement = screening.screen(str(told["requirement"]).strip()).text
    if not (row.title or row.requirement):
        raise Refused("item_empty")
    if "due_on" in told:
        due: date | None = told["due_on"]
        row.due_on = due
    if "frequency" in told:
        if told["frequency"] and told["frequency"] not in queries.RHYTHMS:
            raise Refused("frequency_word", frequency=str(told["frequency"]))
        row.frequency = str(told["frequency"])
    if "units" in told:
        row.units = _units(actor, found, row, told["units"])
    row.checked = bool(told.get("checked", row.checked))
    row.save()
    event = events.ItemEdited(draft=found.pk, item=row.pk, fields=sorted(told))
    return row, record(found, event, actor, at, [row])


@transaction.atomic
def edit_items(
    *,
    actor: Actor,
    draft: int,
    version: int,
    items: Sequence[int],
    lead: str = "",
    due_on: date | None = None,
    frequency: str = "",
    at: datetime,
) -> tuple[list[DraftItem], Entry]:
    """Give several items the same lead, day or rhythm（批量填写）; what is not named stays.

    Args:
        actor: who edits.
        draft: the draft's id.
        version: the version looked at.
        items: ids of items.
        lead: the one unit that leads each of them from now on, by name, code or as 各州（市）; "" leaves all as it is.
        due_on: the day for each; None leaves all as it is.
        frequency: the rhythm for each; "" leaves all as it is.
        at: now.

    Raises:
        Refused: those of :func:`locked`; ``items_none``, ``edit_nothing``, ``item_unknown``, ``frequency_word``,
            ``lead_outside``, ``unit_unknown``, ``unit_ambiguous``.
    """
    found = locked(actor, draft, version)
    if not items:
        raise Refused("items_none")
    told = [name for name, value in (("lead", lead.strip()), ("due_on", due_on), ("frequency", frequency)) if value]
    if not told:
        raise Refused("edit_nothing")
    if frequency and frequency not in queries.RHYTHMS:
        raise Refused("frequency_word", frequency=frequency)
    rows = list(found.items.filter(pk__in=set(items), dropped=False))
    if len(rows) != len(set(items)):
        raise Refused("item_unknown")
    chosen = (
        _units(actor, found, DraftItem(units=[]), [{"role": "lead", "words": lead.strip()}]) if lead.strip() else []
    )
    for row in rows:
        row.units = [_led(row, one) for one in chosen] + _not_leading(row, chosen)
        row.due_on = due_on or row.due_on
        row.frequency = frequency or row.frequency
    DraftItem.objects.bulk_update(rows, ["units", "due_on", "frequency"])
    event = events.ItemsEdited(draft=found.pk, items=[row.pk for row in rows], fields=told)
    return rows, record(found, event, actor, at, rows)


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return one["words"] == other["words"] or (one.get("unit") is not None and one.get("unit") == other.get("unit"))


def _led(row: DraftItem, chosen: Mapping[str, Any]) -> dict[str, Any]:
    """The chosen lead; where the item names that unit already, with the words it has in the document."""
    named: dict[str, Any] = next((one for one in row.units if _same(one, chosen)), {})
    return {**named, **chosen, "words": named.get("words", chosen["words"])}


def _not_leading(row: DraftItem, chosen: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The other units of an item: who led before is responsible beside the chosen lead, nobody is lost."""
    if not chosen:
        return list(row.units)
    left = [one for one in row.units if not any(_same(one, lead) for lead in chosen)]
    return [{**one, "role": "responsible"} if one["role"] == "lead" else one for one in left]


def _units(actor: Actor, draft: Draft, row: DraftItem, told: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The units of an item as a person says them; words that stood there keep their span."""
    out: list[dict[str, Any]] = []
    for one in told:
        role = str(one.get("role", "lead"))
        if role not in {"lead", "responsible", "support"}:
            raise Refused("role_word", role=role)
        words = str(one.get("words", "")).strip()
        kept = next((known for known in row.units if words and known["words"] == words), None)
        if kept is not None and not one.get("unit"):
            out.append({**kept, "role": role})
            continue
        if not one.get("unit") and queries.Meaning(actor, draft.document.owner).of(words)["state"] == "below":
            out.append({"role": role, "words": words, "state": "below", "unit": None, "below": True, "candidates": []})
            continue
        unit = _unit(actor, draft, one.get("unit"), words)
        standing = next((known for known in row.units if known.get("unit") == unit.pk), None)
        base = kept or standing or {"words": words or unit.name}
        out.append({**base, "role": role, "state": "found", "unit": unit.pk, "below": False, "candidates": []})
    return out


def _unit(actor: Actor, draft: Draft, pk: Any, words: str) -> Unit:
    unit_id = int(pk) if pk else 0
    if not unit_id:
        meant = queries.Meaning(actor, draft.document.owner).of(words)
        unit_id = meant["unit"] or find_unit(words, draft.document.owner).pk
    unit = possible_leads(actor).filter(pk=unit_id).first()
    if unit is None:
        raise Refused("lead_outside")
    return unit


@transaction.atomic
def name_units(
    *, actor: Actor, draft: int, version: int, names: Mapping[str, str | None], at: datetime
) -> tuple[int, Entry]:
    """Say once which units the words of a document mean（认定单位）; every item that says them follows.

    Args:
        actor: who says so.
        draft: the draft's id.
        version: the version looked at.
        names: words as written in the document → the id, name or code of a unit that may lead; None when they mean no
            unit of the area, so that they stay words and are not asked again.
        at: now.

    Returns:
        how many items follow, and the entry.

    Raises:
        Refused: those of :func:`locked`; ``names_none``, ``name_unknown`` when no item says these words,
            ``lead_outside``, ``unit_unknown``, ``unit_ambiguous``.
    """
    found = locked(actor, draft, version)
    if not names:
        raise Refused("names_none")
    rows = list(found.items.all())
    said = {one["words"] for row in rows for one in row.units}
    meant: dict[str, dict[str, Any]] = {}
    for words, unit in names.items():
        if words not in said:
            raise Refused("name_unknown", words=words[:60])
        meant[words] = _meant(actor, found, unit)
    changed = [row for row in rows if any(one["words"] in meant for one in row.units)]
    for row in changed:
        row.units = [{**one, **meant.get(one["words"], {})} for one in row.units]
    DraftItem.objects.bulk_update(changed, ["units"])
    event = events.UnitsNamed(
        draft=found.pk, names=[[words, one["unit"]] for words, one in meant.items()], items=len(changed)
    )
    return len(changed), record(found, event, actor, at, changed)


def _meant(actor: Actor, draft: Draft, unit: str | None) -> dict[str, Any]:
    if unit is None:
        return {"state": "words", "unit": None, "below": False, "candidates": []}
    told = unit.strip()
    known = possible_leads(actor).filter(pk=int(told)).first() if re.fullmatch(r"[0-9]{1,15}", told) else None
    if known is None and queries.Meaning(actor, draft.document.owner).of(told)["state"] == "below":
        return {"state": "below", "unit": None, "below": True, "candidates": []}
    return {
        "state": "found",
        "unit": (known or _unit(actor, draft, None, told)).pk,
        "below": False,
        "candidates": [],
    }


@transaction.atomic
def merge_items(
    *, actor: Actor, draft: int, version: int, items: Sequence[int], at: datetime
) -> tuple[DraftItem, Entry]:
    """Make several items one（合并条目）: the first takes the others' words, units and earliest date; they are dropped.

    Raises:
        Refused: those of :func:`locked`; ``items_few``, ``item_unknown``.
    """
    found = locked(actor, draft, version)
    if len(set(items)) < 2:
        raise Refused("items_few")
    rows = sorted((_item(found, pk) for pk in set(items)), key=lambda row: row.place)
    first, others = rows[0], rows[1:]
    first.requirement = "\n".join(row.requirement or row.title for row in rows if row.requirement or row.title)
    for row in others:
        known = {(one["role"], one["words"]) for one in first.units}
        first.units = [*first.units, *(one for one in row.units if (one["role"], one["words"]) not in known)]
        first.targets = [*first.targets, *row.targets]
        first.frequency = first.frequency or row.frequency
        row.dropped, row.merged_into = True, first
    days = [row.due_on for row in rows if row.due_on]
    first.due_on = min(days) if days else None
    first.sure = min(row.sure for row in rows)
    gone = {row.pk for row in others}
    if first.kind == DraftItem.Kind.HEADING:
        first.kind = DraftItem.Kind.NUMBERED
    below = [row for row in found.items.filter(parent__in=gone).exclude(pk__in=gone) if row.pk != first.pk]
    for row in below:
        row.parent = first
    first.parent_id = None if first.parent_id in gone else first.parent_id
    DraftItem.objects.bulk_update([first, *others, *below], [
        "requirement", "units", "targets", "frequency", "due_on", "sure", "dropped", "merged_into", "kind",
        "parent",
    ])  # fmt: skip
    event = events.ItemsMerged(draft=found.pk, into=first.pk, items=sorted(gone))
    return first, record(found, event, actor, at, [first, *others, *below])


@transaction.atomic
def split_item(
    *, actor: Actor, draft: int, version: int, item: int, after: int, at: datetime
) -> tuple[DraftItem, Entry]:
    """Make two of one（拆分条目）: what is asked is divided after so many characters; units and date go with both.

    Raises:
        Refused: those of :func:`locked`; ``item_unknown``, ``item_split``.
    """
    found = locked(actor, draft, version)
    row = _item(found, item)
    words = row.requirement
    if not (0 < after < len(words)) or not words[:after].strip() or not words[after:].strip():
        raise Refused("item_split", length=max(1, len(words) - 1))
    new = DraftItem.objects.get(pk=row.pk)
    new.pk, new.place, new.title, new._state.adding = None, _after(found, row), "", True
    row.requirement, new.requirement = words[:after].strip(), words[after:].strip()
    if row.source_text == words:
        middle = row.source_start + after
        new.source_start, new.source_text = middle, words[after:]
        new.spans = {**row.spans, "requirement": [middle, row.source_end]}
    row.save(update_fields=["requirement"])
    new.save()
    event = events.ItemSplit(draft=found.pk, item=row.pk, new=new.pk)
    return new, record(found, event, actor, at, [row, new])


def _after(draft: Draft, row: DraftItem) -> int:
    """A place between an item and the one that follows it; the rest is moved on when there is none."""
    following = draft.items.filter(place__gt=row.place).values_list("place", flat=True).first()
    if following is None:
        return row.place + 1000
    return (row.place + following) // 2 if following - row.place > 1 else row.place


@transaction.atomic
def drop_item(
    *, actor: Actor, draft: int, version: int, item: int, dropped: bool = True, at: datetime
) -> tuple[DraftItem, Entry]:
    """Drop an item（删除条目）, which stays on record, or take it back.

    Raises:
        Refused: those of :func:`locked`; ``item_unknown``.
    """
    found = locked(actor, draft, version)
    row = _item(found, item, dropped=True)
    row.dropped, row.merged_into = dropped, None
    row.save(update_fields=["dropped", "merged_into"])
    event = events.ItemDropped(draft=found.pk, item=row.pk, dropped=dropped)
    return row, record(found, event, actor, at, [row])


@transaction.atomic
def add_item(
    *,
    actor: Actor,
    draft: int,
    version: int,
    start: int | None = None,
    end: int | None = None,
    words: str = "",
    near: int | None = None,
    parent: int | None = None,
    at: datetime,
) -> tuple[DraftItem, Entry]:
    """Make words of the document an item（补充条目）; who and when stays empty until somebody says so.

    Args:
        actor: who adds.
        draft: the draft's id.
        version: the version looked at.
        start: the first character of the document's text, counted from 0.
        end: the character after the last.
        words: instead of the places, the words themselves; they must stand in the document once, or
        near: about which character the ones meant begin.
        parent: the item above, or None.
        at: now.

    Raises:
        Refused: those of :func:`locked`; ``item_span``, ``item_words``, ``item_words_often``, ``item_unknown``.
    """
    found = locked(actor, draft, version)
    text = found.document.text
    if start is None or end is None:
        start, end = _place_of(words, text, near)
    if not (0 <= start < end <= len(text)) or not text[start:end].strip():
        raise Refused("item_span", length=len(text))
    above = _item(found, parent) if parent is not None else None
    start += len(text[start:end]) - len(text[start:end].lstrip())
    end = start + len(text[start:end].rstrip())
    said = text[start:end]
    before = found.items.filter(source=found.document, source_start__lte=start).order_by("-place").first()
    row = DraftItem.objects.create(
        draft=found,
        parent=above,
        place=_after(found, before) if before else 0,
        kind=DraftItem.Kind.ADDED,
        title=drafts.title_of("", said),
        requirement=said,
        spans={"requirement": [start, end]},
        source=found.document,
        source_start=start,
        source_end=end,
        source_text=said,
    )
    return row, record(found, events.ItemAdded(draft=found.pk, item=row.pk), actor, at, [row])


def _place_of(words: str, text: str, near: int | None) -> tuple[int, int]:
    """Where words stand in a text, whatever its spaces and line ends: there is one such place, or one is nearest."""
    signs = [re.escape(sign) for sign in words if not sign.isspace()]
    if not signs or len(signs) > 20_000:
        raise Refused("item_words")
    found = list(islice(re.finditer(r"\s*".join(signs), text), OFTEN))
    if not found:
        raise Refused("item_words")
    if near is not None:
        return min(found, key=lambda match: abs(match.start() - near)).span()
    if len(found) > 1:
        raise Refused("item_words_often", count=len(found))
    return found[0].span()
