"""Acts on the tree（组织变更）: set up, rename, move, merge, split, close; each dated, each one entry."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Concat, Substr

from luoshi.ledger import services as ledger
from luoshi.rules import places
from luoshi.rules.paths import segment, subtree, within
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused, declare, gettext_noop
from luoshi.units import events
from luoshi.units.models import LEVELS, Governed, Holding, Kind, Level, Post, Unit, UnitChange
from luoshi.units.services._acts import (
    after_of,
    allocate_ids,
    day_of,
    lock_unit,
    require_administrator,
    require_standing,
)

_ = gettext_noop

declare(
    409,
    code_in_use=_("The code %(value)s already belongs to %(unit)s."),
    move_below_itself=_("%(unit)s cannot be moved below itself or below a unit of its own."),
    level_does_not_fit=_("A unit of the level “%(level)s” cannot stand below %(parent)s (“%(parent_level)s”)."),
    unit_not_empty=_(
        "%(unit)s still has %(children)s units below it and %(posts)s posts with a holder: "
        "move, merge or hand these over first."
    ),
    split_leaves_rest=_("%(unit)s would end, but %(count)s of its units or posts were given to no part: assign them."),
    merge_levels_differ=_("Only units of one level and kind can be merged: %(first)s and %(second)s differ."),
)

CLOSING_GUARDS: list[Callable[[Unit], None]] = []
"""Called before a unit ends; an app above registers one that refuses while the unit still owes something."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a divided unit: its name, its code, and which children and posts go to it."""

    name: str
    code: str = ""
    children: tuple[int, ...] = ()
    posts: tuple[str, ...] = field(default_factory=tuple)


def _words(name: str, what: str) -> str:
    text = " ".join(name.split())
    if not text or len(text) > 120:
        raise Refused("bad_input", field=what, problem="1–120")
    return text


def _reason(reason: str) -> str:
    if not reason.strip():
        raise Refused("reason_missing")
    return reason.strip()


def _require_code_free(code: str, *, but: int | None = None) -> None:
    holder = Unit.objects.filter(code=code, valid_until__isnull=True).first() if code else None
    if holder is not None and holder.pk != but:
        raise Refused("code_in_use", value=code, unit=holder.name)


def _require_level(level: str, kind: str, parent: Unit) -> None:
    inside = kind in {Kind.DEPARTMENT, Kind.BODY}
    if level not in LEVELS:
        raise Refused("bad_input", field="level", problem=", ".join(LEVELS))
    gap = LEVELS.index(level) - LEVELS.index(parent.level)
    fits = gap == 0 if inside else (gap > 0 and parent.is_area)
    if not fits:
        raise Refused("level_does_not_fit", level=level, parent=parent.name, parent_level=parent.level)


def new_unit(
    *,
    unit_id: int,
    kind: str,
    level: str,
    name: str,
    code: str,
    parent: Unit | None,
    on: dt.date,
    aliases: Sequence[str] = (),
    standard_key: str = "",
    receives: bool | None = None,
    superior_id: int | None = None,
) -> Unit:
    """A unit not yet stored, with its path, area and short forms worked out from its parent and name."""
    is_area = kind in {Kind.AREA, Kind.STATISTICAL}
    short, others = places.short_forms(name, level) if is_area else ("", ())
    area_id = unit_id if is_area or parent is None else parent.area_id
    return Unit(
        id=unit_id,
        kind=kind,
        level=level,
        name=name,
        short_name=short,
        aliases=list(dict.fromkeys([*aliases, *others])),
        standard_key=standard_key,
        code=code,
        code_from=on if code else None,
        parent_id=parent.pk if parent else None,
        path=(parent.path if parent else "") + segment(unit_id),
        area_id=area_id,
        superior_id=superior_id,
        receives=kind != Kind.STATISTICAL if receives is None else receives and kind != Kind.STATISTICAL,
        valid_from=on,
    )


def create_unit(
    *,
    actor: Actor,
    at: dt.datetime,
    kind: str,
    level: str,
    name: str,
    parent_id: int | None,
    code: str = "",
    aliases: Sequence[str] = (),
    on: dt.date | None = None,
    superior_id: int | None = None,
) -> Unit:
    """Set up a unit（设立单位）below ``parent_id`` (None: a new root, only by the clock or the first import).

    A body at the root stands outside every area: an independent one that may verify what the highest area claims.

    Raises:
        Refused: ``administrators_only``, ``not_found``, ``unit_closed``, ``code_in_use``, ``level_does_not_fit``,
            ``bad_input``.
    """
    day = on or day_of(at)
    with transaction.atomic():
        parent = lock_unit(parent_id) if parent_id is not None else None
        require_administrator(actor, parent)
        name = _words(name, "name")
        if kind not in Kind.values:
            raise Refused("bad_input", field="kind", problem=", ".join(Kind.values))
        if parent is not None:
            require_standing(parent, day)
            _require_level(level, kind, parent)
        elif kind not in {Kind.AREA, Kind.BODY} or level not in Level.values:
            raise Refused("bad_input", field="level", problem=", ".join(LEVELS))
        _require_code_free(code)
        unit = new_unit(
            unit_id=allocate_ids(1)[0],
            kind=kind,
            level=level,
            name=name,
            code=code,
            parent=parent,
            on=day,
            aliases=aliases,
            superior_id=superior_id,
        )
        unit.save(force_insert=True)
        ledger.append(
            events.UnitCreated(unit=unit.pk, name=name, parent=parent_id, on=day.isoformat()),
            actor=actor,
            at=at,
            after=after_of([unit]),
            subjects=(unit.ledger_key,),
        )
    return unit


def _change(
    unit: Unit,
    what: str,
    *,
    on: dt.date,
    at: dt.datetime,
    reason: str,
    name: str | None = None,
    path: str | None = None,
    other: int | None = None,
) -> UnitChange:
    return UnitChange(
        unit_id=unit.pk,
        what=what,
        on=on,
        old_name=unit.name,
        new_name=name or unit.name,
        old_path=unit.path,
        new_path=path or unit.path,
        other_id=other,
        reason=reason,
        recorded_at=at,
    )


def rename_unit(
    *, actor: Actor, at: dt.datetime, unit_id: int, name: str, reason: str, on: dt.date, version: int | None = None
) -> Unit:
    """Give a unit another name（更名）from a day; the old name stays findable.

    Raises:
        Refused: ``administrators_only``, ``not_found``, ``stale_version``, ``unit_closed``, ``reason_missing``,
            ``bad_input``.
    """
    with transaction.atomic():
        unit = lock_unit(unit_id, version=version)
        require_administrator(actor, unit)
        require_standing(unit, on)
        reason, name = _reason(reason), _words(name, "name")
        old = unit.name
        change = _change(unit, UnitChange.What.RENAMED, on=on, at=at, reason=reason, name=name)
        apply_name(unit, name)
        unit.version += 1
        unit.save()
        change.save()
        ledger.append(
            events.UnitRenamed(unit=unit.pk, old=old, new=name, on=on.isoformat(), reason=reason),
            actor=actor,
            at=at,
            after=after_of([unit, change]),
            subjects=(unit.ledger_key,),
        )
    return unit


def apply_name(unit: Unit, name: str) -> None:
    """Set the name of ``unit`` (not stored), keep the old one as an alias and work out the short forms anew."""
    aliases = [*unit.aliases, unit.name]
    unit.name = name
    if unit.is_area:
        unit.short_name, others = places.short_forms(name, unit.level)
        aliases += others
    unit.aliases = [alias for alias in dict.fromkeys(aliases) if alias != name]


def _rehang(unit: Unit, parent: Unit, *, on: dt.date, at: dt.datetime, reason: str) -> list[Governed]:
    """Hang ``unit`` with everything below it under ``parent``: three statements, whatever the size of the subtree."""
    old, new = unit.path, parent.path + segment(unit.pk)
    if len(new) + 120 > 240 + len(old):
        raise Refused("bad_input", field="parent", problem="path")
    low, high = unit.range
    below = list(Unit.objects.select_for_update().filter(path__gte=low, path__lt=high))
    changes = [
        _change(
            row, UnitChange.What.MOVED, on=on, at=at, reason=reason, path=new + row.path[len(old) :], other=parent.pk
        )
        for row in below
    ]
    Unit.objects.filter(path__gte=low, path__lt=high).update(
        path=Concat(Value(new), Substr("path", len(old) + 1)), version=F("version") + 1
    )
    Unit.objects.filter(pk=unit.pk).update(parent=parent)
    if not unit.is_area:
        Unit.objects.filter(**subtree("path", new), area_id=unit.area_id).update(area_id=parent.area_id)
    if unit.is_area:
        superiors = dict(
            Unit.objects.filter(area_id=parent.area_id, valid_until__isnull=True)
            .exclude(standard_key="")
            .values_list("standard_key", "pk")
        )
        departments = list(Unit.objects.filter(area_id=unit.pk, standard_key__in=superiors))
        for department in departments:
            department.superior_id = superiors[department.standard_key]
        Unit.objects.bulk_update(departments, ["superior"], batch_size=500)
    UnitChange.objects.bulk_create(changes, batch_size=1000)
    return [*Unit.objects.filter(**subtree("path", new)), *changes]


def move_unit(
    *,
    actor: Actor,
    at: dt.datetime,
    unit_id: int,
    parent_id: int,
    reason: str,
    on: dt.date,
    version: int | None = None,
) -> Unit:
    """Move a unit with everything below it to another parent（划转）; paths are remade at once, history is dated.

    The administrator must stand above both the old and the new place.

    Raises:
        Refused: ``administrators_only``, ``not_found``, ``stale_version``, ``unit_closed``, ``move_below_itself``,
            ``level_does_not_fit``, ``reason_missing``.
    """
    with transaction.atomic():
        unit, parent = lock_unit(unit_id, version=version), lock_unit(parent_id)
        require_administrator(actor, unit)
        require_administrator(actor, parent)
        require_standing(unit, on)
        require_standing(parent, on)
        reason = _reason(reason)
        if within(parent.path, unit.path):
            raise Refused("move_below_itself", unit=unit.name)
        _require_level(unit.level, unit.kind, parent)
        old_parent = unit.parent_id
        rows = _rehang(unit, parent, on=on, at=at, reason=reason)
        ledger.append(
            events.UnitMoved(
                unit=unit.pk,
                old_parent=old_parent,
                new_parent=parent.pk,
                moved=sum(isinstance(row, Unit) for row in rows),
                on=on.isoformat(),
                reason=reason,
            ),
            actor=actor,
            at=at,
            after=after_of(rows),
            subjects=tuple(row.ledger_key for row in rows if isinstance(row, Unit)),
        )
    return Unit.objects.select_related("area").get(pk=unit.pk)


def _end(unit: Unit, on: dt.date) -> None:
    if on < unit.valid_from:
        raise Refused("dates_out_of_order", later=on.isoformat(), earlier=unit.valid_from.isoformat())
    unit.refresh_from_db()
    unit.valid_until = on
    unit.code_until = on if unit.code else None
    unit.receives = False
    unit.version += 1
    unit.save()


def _add(rows: dict[str, Governed], *more: Governed) -> None:
    rows.update({row.ledger_key: row for row in more})


def merge_units(
    *, actor: Actor, at: dt.datetime, unit_ids: Sequence[int], into_id: int, reason: str, on: dt.date
) -> Unit:
    """Merge units into another of the same level（合并）: what is below them and their posts go over, they end.

    Raises:
        Refused: ``administrators_only``, ``not_found``, ``unit_closed``, ``merge_levels_differ``,
            ``move_below_itself``, ``reason_missing``, ``bad_input``.
    """
    ids = list(dict.fromkeys(unit_ids))
    if not ids or into_id in ids:
        raise Refused("bad_input", field="units", problem=str(into_id))
    with transaction.atomic():
        into = lock_unit(into_id)
        require_administrator(actor, into)
        require_standing(into, on)
        reason = _reason(reason)
        rows: dict[str, Governed] = {}
        for unit_id in ids:
            unit = lock_unit(unit_id)
            require_administrator(actor, unit)
            require_standing(unit, on)
            if (unit.level, unit.kind in {Kind.DEPARTMENT, Kind.BODY}) != (into.level, not into.is_area):
                raise Refused("merge_levels_differ", first=unit.name, second=into.name)
            if within(into.path, unit.path):
                raise Refused("move_below_itself", unit=unit.name)
            standing = Q(valid_until__isnull=True)
            taken = set(
                Unit.objects.filter(standing, area=into.area_id)
                .exclude(standard_key="")
                .values_list("standard_key", flat=True)
            )
            Unit.objects.filter(standing, parent=unit, standard_key__in=taken).update(standard_key="")
            for child in Unit.objects.filter(standing, parent=unit).select_related("area"):
                rows |= {row.ledger_key: row for row in _rehang(child, into, on=on, at=at, reason=reason)}
            posts = list(Post.objects.select_for_update().filter(unit=unit))
            for post in posts:
                post.unit = into
                post.version += 1
            Post.objects.bulk_update(posts, ["unit", "version"], batch_size=500)
            gone = _change(unit, UnitChange.What.MERGED, on=on, at=at, reason=reason, other=into.pk)
            came = _change(into, UnitChange.What.RECEIVED, on=on, at=at, reason=reason, other=unit.pk)
            UnitChange.objects.bulk_create([gone, came])
            _end(unit, on)
            _add(rows, unit, gone, came, *posts)
        into.aliases = list(
            dict.fromkeys([*into.aliases, *Unit.objects.filter(pk__in=ids).values_list("name", flat=True)])
        )
        into.version += 1
        into.save()
        rows[into.ledger_key] = into
        ledger.append(
            events.UnitsMerged(units=tuple(ids), into=into.pk, on=on.isoformat(), reason=reason),
            actor=actor,
            at=at,
            after=after_of(rows.values()),
            subjects=tuple(key for key, row in rows.items() if isinstance(row, Unit)),
        )
    return into


def split_unit(
    *,
    actor: Actor,
    at: dt.datetime,
    unit_id: int,
    parts: Sequence[Part],
    keep: bool,
    reason: str,
    on: dt.date,
    version: int | None = None,
) -> list[Unit]:
    """Divide a unit（拆分）: new units beside it take over the children and posts named for them.

    Args:
        actor: an administrator above the unit.
        at: when it is recorded.
        unit_id: the unit that is divided.
        parts: the new units; each stands under the same parent, with the same kind and level.
        keep: whether the divided unit stays with the rest; if not, every child and post must be given to a part.
        reason: why, never empty.
        on: from which day.
        version: the version the actor saw, if any.

    Raises:
        Refused: ``administrators_only``, ``not_found``, ``stale_version``, ``unit_closed``, ``code_in_use``,
            ``split_leaves_rest``, ``reason_missing``, ``bad_input``.
    """
    if not parts:
        raise Refused("bad_input", field="parts", problem="0")
    with transaction.atomic():
        unit = lock_unit(unit_id, version=version)
        require_administrator(actor, unit)
        require_standing(unit, on)
        reason = _reason(reason)
        if unit.parent_id is None:
            raise Refused("bad_input", field="unit", problem=unit.name)
        parent = lock_unit(unit.parent_id)
        given_children = [child for part in parts for child in part.children]
        given_posts = [ref for part in parts for ref in part.posts]
        children = {
            row.pk: row for row in Unit.objects.filter(parent=unit, valid_until__isnull=True).select_related("area")
        }
        posts = {row.ref: row for row in Post.objects.select_for_update().filter(unit=unit, active=True)}
        if len(set(given_children)) != len(given_children) or not set(given_children) <= set(children):
            raise Refused("bad_input", field="children", problem=unit.name)
        if len(set(given_posts)) != len(given_posts) or not set(given_posts) <= set(posts):
            raise Refused("bad_input", field="posts", problem=unit.name)
        rest = len(children) - len(given_children) + len(posts) - len(given_posts)
        if rest and not keep:
            raise Refused("split_leaves_rest", unit=unit.name, count=rest)
        rows: dict[str, Governed] = {}
        made: list[Unit] = []
        for new_id, part in zip(allocate_ids(len(parts)), parts, strict=True):
            _require_code_free(part.code, but=unit.pk if not keep else None)
            if not keep and part.code and part.code == unit.code and unit.valid_until is None:
                _end(unit, on)
            new = new_unit(
                unit_id=new_id,
                kind=unit.kind,
                level=unit.level,
                name=_words(part.name, "name"),
                code=part.code,
                parent=parent,
                on=on,
                superior_id=unit.superior_id,
            )
            new.save(force_insert=True)
            made.append(new)
            rows[new.ledger_key] = new
            for child in part.children:
                rows |= {row.ledger_key: row for row in _rehang(children[child], new, on=on, at=at, reason=reason)}
            for ref in part.posts:
                post = posts[ref]
                post.unit = new
                post.version += 1
                post.save()
                rows[post.ledger_key] = post
        changes = [_change(unit, UnitChange.What.SPLIT, on=on, at=at, reason=reason, other=new.pk) for new in made]
        UnitChange.objects.bulk_create(changes)
        if keep:
            unit.version += 1
            unit.save()
        elif unit.valid_until is None:
            _end(unit, on)
        _add(rows, unit, *changes)
        ledger.append(
            events.UnitSplit(unit=unit.pk, into=tuple(new.pk for new in made), on=on.isoformat(), reason=reason),
            actor=actor,
            at=at,
            after=after_of(rows.values()),
            subjects=tuple(key for key, row in rows.items() if isinstance(row, Unit)),
        )
    return made


def close_unit(
    *, actor: Actor, at: dt.datetime, unit_id: int, reason: str, on: dt.date, version: int | None = None
) -> Unit:
    """End a unit（撤销单位）that has nothing below it and no held posts.

    Raises:
        Refused: ``administrators_only``, ``not_found``, ``stale_version``, ``unit_closed``, ``unit_not_empty``,
            ``reason_missing``, ``dates_out_of_order``, or what a guard of an app above refuses.
    """
    with transaction.atomic():
        unit = lock_unit(unit_id, version=version)
        require_administrator(actor, unit)
        require_standing(unit, on)
        reason = _reason(reason)
        children = Unit.objects.filter(parent=unit, valid_until__isnull=True).count()
        held = Holding.objects.on(on).filter(post__unit=unit, post__active=True).count()
        if children or held:
            raise Refused("unit_not_empty", unit=unit.name, children=children, posts=held)
        for guard in CLOSING_GUARDS:
            guard(unit)
        change = _change(unit, UnitChange.What.CLOSED, on=on, at=at, reason=reason)
        change.save()
        _end(unit, on)
        posts = list(Post.objects.select_for_update().filter(unit=unit, active=True))
        for post in posts:
            post.active = False
            post.version += 1
            post.save()
        ledger.append(
            events.UnitClosed(unit=unit.pk, on=on.isoformat(), reason=reason),
            actor=actor,
            at=at,
            after=after_of([unit, change, *posts]),
            subjects=(unit.ledger_key,),
        )
    return unit


def set_professional_superior(
    *, actor: Actor, at: dt.datetime, unit_id: int, superior_id: int | None, version: int | None = None
) -> Unit:
    """Name the professional superior（业务上级）of a department: a department of an area above its own.

    Raises:
        Refused: ``administrators_only``, ``not_found``, ``stale_version``, ``level_does_not_fit``.
    """
    with transaction.atomic():
        unit = lock_unit(unit_id, version=version)
        require_administrator(actor, unit)
        superior = lock_unit(superior_id) if superior_id is not None else None
        if superior is not None and (
            superior.is_area
            or unit.is_area
            or superior.area_id == unit.area_id
            or not within(unit.area.path, superior.area.path)
        ):
            raise Refused("level_does_not_fit", level=unit.level, parent=superior.name, parent_level=superior.level)
        unit.superior = superior
        unit.version += 1
        unit.save()
        ledger.append(
            events.SuperiorSet(unit=unit.pk, superior=superior_id),
            actor=actor,
            at=at,
            after=after_of([unit]),
            subjects=(unit.ledger_key,),
        )
    return unit
