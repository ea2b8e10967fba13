"""Units and posts in the search index（单位、岗位入检索）: how they are called, and following what happens to them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from luoshi.office.services.search import Item, index, move, remove
from luoshi.units.models import Post, Unit, UnitChange

UNIT, POST = "unit", "post"


def unit_number(pk: int, code: str) -> str:
    """What tells a unit apart in the index: its code, or its id where it has none."""
    return code or f"u.{pk}"


def unit_items(keys: Sequence[int] | None = None) -> Iterator[Item]:
    """Standing units as they are found: by name, short name, other names and code."""
    rows = Unit.objects.filter(valid_until__isnull=True)
    if keys is not None:
        rows = rows.filter(pk__in=keys)
    fields = ("pk", "name", "short_name", "aliases", "code", "path")
    for pk, name, short, aliases, code, path in rows.values_list(*fields).iterator(chunk_size=2000):
        names = tuple(filter(None, dict.fromkeys((name, short, *aliases, code))))
        yield Item(
            kind=UNIT,
            ref=unit_number(pk, code),
            title=name,
            body="\n".join(names[1:]),
            unit_path=path,
            url=f"/units/{pk}/",
            names=names,
        )


def post_items(keys: Sequence[int] | None = None) -> Iterator[Item]:
    """Posts in use as they are found: by title and number, in the place of their unit. Never by who holds them."""
    rows = Post.objects.filter(active=True)
    if keys is not None:
        rows = rows.filter(pk__in=keys)
    for ref, title, path in rows.values_list("ref", "title", "unit__path").iterator(chunk_size=2000):
        yield Item(kind=POST, ref=ref, title=title, body="", unit_path=path, url=f"/units/posts/{ref}/")


def enter_units(ids: Iterable[int]) -> None:
    """Enter or renew units."""
    index(unit_items(sorted(set(ids))))


def on_units(event: Any, at: datetime) -> None:
    """Units were set up in bulk（导入、批量设立）: all are compared, and what is new is entered."""
    index(unit_items())


def on_unit(event: Any, at: datetime) -> None:
    """One unit was set up or renamed."""
    enter_units([event.unit])


def on_tree(event: Any, at: datetime) -> None:
    """Units were moved, merged, split or ended（变更）: what lies in them goes with them. May be repeated."""
    moved = UnitChange.objects.filter(what=UnitChange.What.MOVED, recorded_at=at).order_by("old_path")
    done: list[str] = []
    for old, new in moved.values_list("old_path", "new_path"):
        if not any(old.startswith(above) for above in done):
            done.append(old)
            move(old, new)
    told = _of(event)
    ended = Unit.objects.filter(pk__in=told, valid_until__isnull=False).values_list("pk", "code")
    remove(UNIT, [unit_number(pk, code) for pk, code in ended])
    enter_units(told)
    posts = Post.objects.filter(unit__in=told)
    index(post_items(list(posts.values_list("pk", flat=True))))
    remove(POST, list(posts.filter(active=False).values_list("ref", flat=True)))


def _of(event: Any) -> list[int]:
    several = [*getattr(event, "units", ())]
    into = getattr(event, "into", ())
    several += [into] if isinstance(into, int) else [*into]
    return [*several, *([event.unit] if hasattr(event, "unit") else [])]


def on_posts(event: Any, at: datetime) -> None:
    """Posts were set up."""
    index(post_items(list(Post.objects.filter(ref__in=event.refs).values_list("pk", flat=True))))


def on_post_closed(event: Any, at: datetime) -> None:
    """A post has ended."""
    remove(POST, [event.post])
