"""Saved views of a page（常用视图）."""

from __future__ import annotations

from django.db.models import Q

from luoshi.office.models import SavedView
from luoshi.rules.permissions import Actor


def views_of(actor: Actor, page: str) -> list[SavedView]:
    """The actor's own views of ``page`` and those his unit shares, by name; at most 100."""
    mine = Q(user_id=actor.user_id) | Q(shared=True, unit_path=actor.effective.unit_path)
    return list(SavedView.objects.filter(mine, page=page)[:100])
