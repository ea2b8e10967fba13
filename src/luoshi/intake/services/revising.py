"""Corrected documents（重读）: what changed is taken into the draft one by one, never by itself."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from luoshi.intake import events, queries
from luoshi.intake.models import DraftItem
from luoshi.intake.services.editing import locked, record
from luoshi.intake.services.receiving import fill, item_of
from luoshi.ledger.models import Entry
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused, declare, gettext_noop

_ = gettext_noop
declare(
    409,
    change_unknown=_("This change was taken already, or the corrected document says no such thing."),
)


@transaction.atomic
def take_change(
    *, actor: Actor, draft: int, version: int, revision: int, change: str, at: datetime
) -> tuple[DraftItem, Entry]:
    """Take one change of a corrected document into the draft（采纳改动）.

    Args:
        actor: who takes it.
        draft: the draft's id.
        version: the version looked at.
        revision: the corrected document's id.
        change: ``added-N`` (the N-th part of the corrected document), ``gone-ID`` or ``words-ID`` (an item's id).
        at: now.

    Raises:
        Refused: those of ``locked``; ``not_found`` for a document that does not correct this one, ``change_unknown``.
    """
    found = locked(actor, draft, version)
    corrected = queries.document_for(actor, revision)
    if corrected.revision_of_id != found.document_id:
        raise Refused("not_found")
    items = list(found.items.all())
    by_key = {item.pk: item for item in items}
    told = queries.difference(found, items, corrected)
    kind, _dash, number = change.partition("-")
    key = int(number) if number.isascii() and number.isdigit() and len(number) < 10 else -1
    meaning = queries.Meaning(actor, found.document.owner)
    if kind == "gone" and key in told.gone:
        row = by_key[key]
        row.dropped = True
    elif kind == "words" and key in dict(told.changed):
        row = by_key[key]
        fill(row, corrected.tree[dict(told.changed)[key]], corrected, meaning)
    elif kind == "added" and key in told.added:
        branch = corrected.tree[key]
        above = corrected.tree[branch["parent"]] if branch["parent"] is not None else None
        live = [item for item in items if not item.dropped]
        parent = next((item for item in live if above is not None and item.path == above["path"]), None)
        same = [item.place for item in live if parent is not None and item.parent_id == parent.pk]
        place = max(same, default=parent.place if parent else max((item.place for item in items), default=0)) + 1
        row = item_of(found, branch, corrected, place, parent, meaning)
    else:
        raise Refused("change_unknown")
    row.save()
    event = events.ChangeTaken(draft=found.pk, revision=corrected.pk, kind=kind, item=row.pk)
    return row, record(found, event, actor, at, [row])
