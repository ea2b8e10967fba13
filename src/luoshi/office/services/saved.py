"""Keeping views of pages（常用视图）."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from luoshi.office.models import SavedView
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused, declare
from luoshi.rules.refusals import gettext_noop as _

declare(
    409,
    too_many_views=_("You already keep %(most)s views of this page: delete one before keeping another."),
    view_name_taken=_("You already keep a view named “%(name)s” of this page: choose another name."),
)
declare(
    422,
    view_name_missing=_("Give the view a name of at most 64 characters."),
    view_query_too_long=_("This view has too many filters to be kept: remove some and try again."),
)
MOST = 50


def save_view(
    *, actor: Actor, page: str, name: str, query: str, shared: bool = False, opens: bool = False, at: datetime
) -> SavedView:
    """Keep ``query`` (the page's query string) under ``name``; the same name on the same page is replaced.

    With ``opens`` the page opens with it from now on, instead of another that did.

    Raises:
        Refused: ``view_name_missing``, ``view_query_too_long``, ``too_many_views``.
    """
    name, query = _name(name), query.lstrip("?")
    if len(query) > 2000:
        raise Refused("view_query_too_long")
    values: dict[str, Any] = {
        "post_ref": actor.effective.post_ref,
        "unit_path": actor.effective.unit_path,
        "query": query,
        "shared": shared,
    }
    with transaction.atomic():
        kept = SavedView.objects.filter(user_id=actor.user_id, page=page)
        if kept.exclude(name=name).count() >= MOST:
            raise Refused("too_many_views", most=MOST)
        if opens:
            kept.filter(opens=True).update(opens=False)
            values["opens"] = True
        view, _created = SavedView.objects.update_or_create(
            user_id=actor.user_id, page=page, name=name, defaults=values, create_defaults={**values, "created_at": at}
        )
    return view


def change_view(
    view_id: int, *, actor: Actor, name: str | None = None, shared: bool | None = None, opens: bool | None = None
) -> SavedView:
    """Rename one of the actor's own views, share it with the unit or not, open the page with it or not.

    What is ``None`` stays. A view is shared with the unit the actor sits in now.

    Raises:
        Refused: ``not_found`` for any other's view, ``view_name_missing``, ``view_name_taken``.
    """
    with transaction.atomic():
        view = SavedView.objects.select_for_update().filter(pk=view_id, user_id=actor.user_id).first()
        if view is None:
            raise Refused("not_found")
        others = SavedView.objects.filter(user_id=actor.user_id, page=view.page).exclude(pk=view.pk)
        if name is not None:
            view.name = _name(name)
            if others.filter(name=view.name).exists():
                raise Refused("view_name_taken", name=view.name)
        if shared is not None:
            view.shared = shared
            view.post_ref, view.unit_path = actor.effective.post_ref, actor.effective.unit_path
        if opens is not None:
            if opens:
                others.filter(opens=True).update(opens=False)
            view.opens = opens
        view.save()
    return view


def _name(name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > 64 or not name.isprintable():
        raise Refused("view_name_missing")
    return name


def delete_view(view_id: int, *, actor: Actor) -> None:
    """Delete one of the actor's own views; ``Refused("not_found")`` for any other."""
    deleted, _rows = SavedView.objects.filter(pk=view_id, user_id=actor.user_id).delete()
    if not deleted:
        raise Refused("not_found")
