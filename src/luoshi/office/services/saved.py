"""Keeping views of pages（常用视图）."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from luoshi.office.models import SavedView
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused, declare
from luoshi.rules.refusals import gettext_noop as _

declare(
    409,
    too_many_views=_("You already keep %(most)s views of this page: delete one before keeping another."),
)
declare(
    422,
    view_name_missing=_("Give the view a name of at most 64 characters."),
    view_query_too_long=_("This view has too many filters to be kept: remove some and try again."),
)
MOST = 50


def save_view(*, actor: Actor, page: str, name: str, query: str, shared: bool = False, at: datetime) -> SavedView:
    """Keep ``query`` (the page's query string) under ``name``; the same name on the same page is replaced.

    Raises:
        Refused: ``view_name_missing``, ``view_query_too_long``, ``too_many_views``.
    """
    name, query = name.strip(), query.lstrip("?")
    if not name or len(name) > 64:
        raise Refused("view_name_missing")
    if len(query) > 2000:
        raise Refused("view_query_too_long")
    values = {
        "post_ref": actor.effective.post_ref,
        "unit_path": actor.effective.unit_path,
        "query": query,
        "shared": shared,
    }
    with transaction.atomic():
        kept = SavedView.objects.filter(user_id=actor.user_id, page=page)
        if kept.exclude(name=name).count() >= MOST:
            raise Refused("too_many_views", most=MOST)
        view, _created = SavedView.objects.update_or_create(
            user_id=actor.user_id, page=page, name=name, defaults=values, create_defaults={**values, "created_at": at}
        )
    return view


def delete_view(view_id: int, *, actor: Actor) -> None:
    """Delete one of the actor's own views; ``Refused("not_found")`` for any other."""
    deleted, _rows = SavedView.objects.filter(pk=view_id, user_id=actor.user_id).delete()
    if not deleted:
        raise Refused("not_found")
