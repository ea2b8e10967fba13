"""Reads of units and posts worth a name（组织查询）: who acts, what lies in scope, which unit is meant."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.db.models import Count, Exists, Model, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from luoshi.accounts.adapters import planned
from luoshi.accounts.models import ApiToken, User
from luoshi.rules import paths
from luoshi.rules.paths import subtree, within
from luoshi.rules.permissions import Actor, Role, Seat
from luoshi.rules.refusals import Refused, declare, gettext_noop
from luoshi.units.models import AreaMap, Deputyship, HandOver, Holding, Kind, MapShape, Post, Unit, UnitChange
from luoshi.units.queries.calendars import calendar_at as calendar_at
from luoshi.units.queries.calendars import calendar_for as calendar_for
from luoshi.units.queries.calendars import calendars as calendars
from luoshi.units.queries.calendars import edition_at as edition_at

_ = gettext_noop

declare(
    403,
    not_deputy=_("You do not stand in for %(principal)s today; an administrator or the holder can appoint you."),
    not_your_post=_("You do not hold the post %(post)s today."),
)
declare(
    409,
    unit_ambiguous=_("“%(text)s” can mean %(candidates)s. Write the full name or the code."),
    post_ambiguous=_("“%(text)s” can mean the posts %(candidates)s. Write the number of one."),
)
declare(
    404,
    person_unknown=_("There is no person with the sign-in name “%(name)s”; an administrator can add one."),
    post_unknown=_(
        "“%(text)s” is no post of %(unit)s. Write the title of a post, not a person: %(candidates)s. An administrator"
        " can add one."
    ),
    unit_unknown=_("No unit is called “%(text)s”; try the official name or the code."),
)

AnyModel = TypeVar("AnyModel", bound=Model)


@dataclass(frozen=True, slots=True)
class SeatChoice:
    """A seat a person may act from: his own, or a principal's he stands in for."""

    seat: Seat
    unit_name: str
    principal: Seat | None = None
    principal_unit_name: str = ""

    @property
    def key(self) -> str:
        """What the page sends to choose it: ``post`` or ``post|principal``."""
        return self.seat.post_ref + (f"|{self.principal.post_ref}" if self.principal else "")

    def held_by(self, actor: Actor) -> bool:
        """Whether it is the seat the actor acts from now."""
        return self.seat.post_ref == actor.seat.post_ref and self.principal == actor.principal


def _day(at: dt.datetime) -> dt.date:
    return timezone.localtime(at).date()


# --- Who acts ---------------------------------------------------------------------------------------------------------


_H, _X, _P, _U, _D = (model._meta.db_table for model in (Holding, User, Post, Unit, Deputyship))
_SEATED = f"""
SELECT p.id, p.ref, p.title, p.role, p.unit_id, u.path, a.path, u.name,
       q.id, q.ref, q.title, q.role, q.unit_id, v.path, b.path, v.name
FROM {_H} h
JOIN {_X} x ON x.id = h.user_id AND x.is_active
JOIN {_P} p ON p.id = h.post_id AND p.active
JOIN {_U} u ON u.id = p.unit_id JOIN {_U} a ON a.id = u.area_id
LEFT JOIN {_D} d ON d.deputy_id = p.id AND d.from_on <= %s AND (d.until_on IS NULL OR d.until_on > %s)
LEFT JOIN {_P} q ON q.id = d.principal_id AND q.active
LEFT JOIN {_U} v ON v.id = q.unit_id LEFT JOIN {_U} b ON b.id = v.area_id
WHERE h.user_id = %s AND h.from_on <= %s AND (h.until_on IS NULL OR h.until_on > %s)
ORDER BY h.from_on, h.id, d.id
"""  # noqa: S608 - names of our own tables only; every value is a parameter
"""The seats of a person on a day, each with the posts it stands in for. Asked by every request of everybody, and so
written once: composing it cost more than running it."""


def _seat(row: Sequence[Any]) -> Seat:
    pk, ref, title, role, unit_id, unit_path, area_path, _name = row
    return Seat(pk, ref, title, Role(role), unit_id, unit_path, area_path)


class Kin(Set[int]):
    """The users tied to an actor, looked up when a rule first asks; most acts never do."""

    def __init__(self, look: Callable[[], frozenset[int]]) -> None:
        """Remember how to look."""
        self._look = cache(look)

    def __contains__(self, user: object) -> bool:
        return user in self._look()

    def __iter__(self) -> Iterator[int]:
        return iter(self._look())

    def __len__(self) -> int:
        return len(self._look())

    def __hash__(self) -> int:
        return hash(self._look())

    @classmethod
    def _from_iterable(cls, it: Iterable[Any]) -> frozenset[Any]:
        """What unions and the like make of it: a plain set."""
        return frozenset(it)


def kin(user_id: int, at: dt.datetime) -> frozenset[int]:
    """Users tied to a person by standing in, on the day of ``at``（代理关系人）; they are not one another's third hand.

    Deputies of the posts he holds, principals whose posts he deputises, and whoever holds those posts; he himself not.
    """
    day = _day(at)
    return _kin(user_id, list(Holding.objects.on(day).filter(user_id=user_id).values_list("post_id", flat=True)), day)


def _kin(user_id: int, posts: Sequence[int], day: dt.date) -> frozenset[int]:
    """The same from posts already read: one statement."""
    if not posts:
        return frozenset()
    ties = Deputyship.objects.on(day)
    tied = (
        Q(post__in=posts)
        | Q(post__in=ties.filter(principal__in=posts).values("deputy"))
        | Q(post__in=ties.filter(deputy__in=posts).values("principal"))
    )
    return frozenset(Holding.objects.on(day).filter(tied).exclude(user_id=user_id).values_list("user_id", flat=True))


def actor_for(
    user: User,
    *,
    post_ref: str | None = None,
    principal_ref: str | None = None,
    at: dt.datetime,
    choices: Sequence[SeatChoice] | None = None,
) -> Actor:
    """The person as an actor at a moment（以岗位身份办理）; one statement, and one more for kin if asked.

    Args:
        user: who is signed in.
        post_ref: the post he acts from; without it, the one he has held longest.
        principal_ref: the post he acts *for*; the deputyship must hold on the day of ``at``.
        at: the moment of the act.
        choices: what :func:`seats_of` told of the same moment, if it was asked already.

    Raises:
        Refused: ``no_post``, ``not_your_post``, ``not_deputy``.
    """
    choices = seats_of(user, at) if choices is None else choices
    own = [choice for choice in choices if choice.principal is None]
    if not own:
        raise Refused("no_post")
    mine = next((choice for choice in own if choice.seat.post_ref == post_ref), None) if post_ref else own[0]
    if mine is None:
        raise Refused("not_your_post", post=post_ref)
    principal: Seat | None = None
    if principal_ref:
        tied = (choice.principal for choice in choices if choice.seat.post_id == mine.seat.post_id)
        principal = next((one for one in tied if one is not None and one.post_ref == principal_ref), None)
        if principal is None:
            raise Refused("not_deputy", principal=principal_ref)
    posts, day = [choice.seat.post_id for choice in own], _day(at)
    return Actor(
        user_id=user.pk,
        username=user.username,
        name=user.shown_name,
        seat=mine.seat,
        principal=principal,
        kin=Kin(lambda: _kin(user.pk, posts, day)),
    )


def seats_of(user: User, at: dt.datetime) -> list[SeatChoice]:
    """Every seat a person may act from at a moment: his posts, and for each those he stands in for; one statement."""
    day = connection.ops.adapt_datefield_value(_day(at))
    with planned() as cursor:
        cursor.execute(_SEATED, [day, day, user.pk, day, day])
        rows = cursor.fetchall()
    choices: list[SeatChoice] = []
    for row in rows:
        seat, name = _seat(row[:8]), row[7]
        if not choices or choices[-1].seat != seat:
            choices.append(SeatChoice(seat, name))
        if row[8] is not None:
            choices.append(SeatChoice(seat, name, _seat(row[8:]), row[15]))
    return choices


def actor_for_request(request: HttpRequest, at: dt.datetime) -> Actor:
    """The actor of a request: by token (its post only, never for a principal) or by session (the chosen seat).

    A seat chosen in the session that no longer holds falls back to the person's own first post.

    Raises:
        Refused: ``no_post``, ``not_your_post``, ``not_deputy``.
    """
    token: ApiToken | None = getattr(request, "auth_token", None)
    if token is not None:
        return actor_for(token.user, post_ref=token.post_ref or None, at=at)
    user = request.user
    if isinstance(user, AnonymousUser):
        raise Refused("no_post")
    choices: Sequence[SeatChoice] = getattr(request, "seat_choices", None) or seats_of(user, at)
    post_ref, principal_ref = request.session.get("post_ref"), request.session.get("principal_ref")
    try:
        return actor_for(user, post_ref=post_ref, principal_ref=principal_ref, at=at, choices=choices)
    except Refused:
        if not (post_ref or principal_ref):
            raise
        request.session.pop("principal_ref", None)
        if request.method not in {"GET", "HEAD"}:
            raise
        request.session.pop("post_ref", None)
        return actor_for(user, at=at, choices=choices)


# --- Scope ------------------------------------------------------------------------------------------------------------


def scope(actor: Actor) -> tuple[str, str]:
    """The half-open range of paths an actor may see: the area his effective seat works in, and all below it.

    A department sees its area, as it keeps the matter for it; the clock sees everything.
    """
    if actor.role is Role.SYSTEM:
        return paths.span("")
    return paths.span(actor.effective.area_path)


def in_scope(queryset: QuerySet[AnyModel], path_field: str, actor: Actor) -> QuerySet[AnyModel]:
    """``queryset`` limited to the actor's scope by a range on ``path_field`` (never LIKE)."""
    low, high = scope(actor)
    return queryset.filter(**{f"{path_field}__gte": low, f"{path_field}__lt": high})


def unit_in_scope(actor: Actor, unit_id: int) -> Unit:
    """A unit the actor may see, with its area, parent and superior.

    Raises:
        Refused: ``not_found``.
    """
    unit = (
        in_scope(Unit.objects.select_related("area", "parent", "superior__area"), "path", actor)
        .filter(pk=unit_id)
        .first()
    )
    if unit is None:
        raise Refused("not_found")
    return unit


def post_in_scope(actor: Actor, ref: str) -> Post:
    """A post the actor may see, with its unit and area.

    Raises:
        Refused: ``not_found``.
    """
    posts = Post.objects.select_related("unit__area", "unit__parent")
    post = in_scope(posts, "unit__path", actor).filter(ref=ref).first()
    if post is None:
        raise Refused("not_found")
    return post


# --- The tree ---------------------------------------------------------------------------------------------------------


def standing() -> QuerySet[Unit]:
    """Units that have not ended."""
    return Unit.objects.filter(valid_until__isnull=True)


def areas_below(unit: Unit) -> QuerySet[Unit]:
    """The areas one level below the area of ``unit`` that receive tasks, in the order of their codes."""
    return standing().filter(parent_id=unit.area_id, kind=Kind.AREA, receives=True).order_by("code", "id")


def children_of(unit: Unit | None, kinds: Iterable[str] = (Kind.AREA, Kind.STATISTICAL)) -> QuerySet[Unit]:
    """The standing units directly below ``unit`` (None: the roots), with ``has_children``."""
    below = standing().filter(parent=OuterRef("pk"), kind__in=[Kind.AREA, Kind.STATISTICAL])
    return (
        standing()
        .filter(parent=unit, kind__in=list(kinds))
        .annotate(has_children=Exists(below))
        .order_by("kind", "code", "id")
    )


def line_above(unit: Unit) -> list[Unit]:
    """The areas above ``unit``（上级地区）, the root first, itself not; one statement."""
    ids = paths.ids_above(unit.path)
    found = Unit.objects.in_bulk(ids)
    return [found[pk] for pk in ids if pk in found and found[pk].is_area]


def posts_with(role: Role, within_path: str, *, day: dt.date | None = None) -> QuerySet[Post]:
    """Active posts of a role within a subtree; with ``day``, only those somebody holds on it."""
    posts = Post.objects.filter(
        role=role.value, active=True, **paths.subtree("unit__path", within_path)
    ).select_related("unit__area")
    if day is not None:
        posts = posts.filter(Exists(Holding.objects.on(day).filter(post=OuterRef("pk"), user__is_active=True)))
    return posts.order_by("unit__path", "ref")


def holders_on(posts: Sequence[Post], day: dt.date) -> dict[int, User]:
    """Who holds each of ``posts`` on a day, by the post's id; one statement."""
    rows = Holding.objects.on(day).filter(post__in=posts).select_related("user")
    return {row.post_id: row.user for row in rows}


def user_named(username: str) -> User:
    """An active person by sign-in name.

    Raises:
        Refused: ``person_unknown``.
    """
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise Refused("person_unknown", name=username[:60])
    return user


def posts_of(user: User, at: dt.datetime) -> list[Post]:
    """The posts a person holds at a moment, the one held longest first."""
    held = Holding.objects.on(_day(at)).filter(user=user, user__is_active=True, post__active=True)
    return [holding.post for holding in held.select_related("post__unit__area").order_by("from_on", "id")]


# --- Finding ----------------------------------------------------------------------------------------------------------


def _plain(text: str) -> str:
    return re.sub(r"\s+", "", text)


def _candidates(text: str, areas_only: bool) -> list[Unit]:
    """Units matched by code or name, else by short name, else by another name: the first kind that finds any."""
    units = standing().select_related("area", "parent")
    if areas_only:
        units = units.filter(kind__in=[Kind.AREA, Kind.STATISTICAL])
    exact = list(units.filter(Q(name=text) | Q(code=text))[:50])
    if exact:
        return exact
    short = list(units.filter(short_name=text)[:200])
    # In a JSON list as text non-ASCII may be escaped: both spellings are asked for, and the names compared in Python.
    needle = text.encode("ascii", "backslashreplace").decode()
    other = [
        unit
        for unit in units.filter(Q(aliases__icontains=text) | Q(aliases__icontains=needle))[:500]
        if text in unit.aliases
    ]
    return list({unit.pk: unit for unit in [*short, *other]}.values())


def find_unit(text: str, near: Unit | None = None, *, areas_only: bool = False) -> Unit:
    """The one unit meant by a name, a short form, another name or a code（按名称、简称、别名、代码查找）.

    An exact name or code wins over short forms（玉溪, 大理州）and other names. Among several, those nearest to ``near``
    win: its own children, then its subtree.

    Raises:
        Refused: ``unit_unknown``, ``unit_ambiguous`` (naming up to six candidates).
    """
    text = _plain(text)
    found = _candidates(text, areas_only) if text and len(text) <= 120 else []
    if near is not None and len(found) > 1:
        children = [unit for unit in found if unit.parent_id in {near.pk, near.area_id}]
        inside = [unit for unit in found if within(unit.path, near.area.path)]
        found = (children if len(children) == 1 else inside) or found
    if not found:
        raise Refused("unit_unknown", text=text[:60])
    if len(found) > 1:
        names = [f"{unit.name}（{unit.code or (unit.parent.name if unit.parent else '')}）" for unit in found[:6]]
        raise Refused("unit_ambiguous", text=text[:60], candidates="、".join(names))
    return found[0]


def find_post(text: str, unit: Unit) -> Post:
    """The one active post of a unit, or within it, meant by a number or title, perhaps beside a name（按岗位名称查找）.

    A name of a person is looked up among those who hold a post there now; what comes back is the post, and the name is
    kept nowhere.

    Raises:
        Refused: ``post_unknown``, ``post_ambiguous`` (naming up to six candidates).
    """
    plain = _plain(unicodedata.normalize("NFKC", text))
    within_unit = Post.objects.filter(active=True, **subtree("unit__path", unit.path)).select_related(
        "unit", "unit__area"
    )
    posts = list(within_unit.order_by("unit__path", "ref")[:500])
    found = [post for post in posts if plain in {post.ref, _plain(post.title)}]
    if not found and plain:
        held = [post for post in posts if re.search(rf"(?<![副原前代]){re.escape(_plain(post.title))}", plain)]
        longest = max((len(_plain(post.title)) for post in held), default=0)
        found = [post for post in held if len(_plain(post.title)) == longest]
    if not found and plain:
        named = Holding.objects.filter(post__in=posts, until_on__isnull=True).select_related("user")
        holders = {holding.post_id for holding in named if _plain(holding.user.display_name) == plain}
        found = [post for post in posts if post.pk in holders]
    own = [post for post in found if post.unit_id == unit.pk]
    found = own or found
    names = "、".join(dict.fromkeys(post.title for post in (found or posts)[:6]))
    if not found:
        raise Refused("post_unknown", text=text[:60], unit=unit.name, candidates=names or "–")
    if len(found) > 1:
        raise Refused(
            "post_ambiguous", text=text[:60], candidates="、".join(f"{post.title}（{post.ref}）" for post in found[:6])
        )
    return found[0]


def search_units(actor: Actor, text: str, limit: int = 50) -> list[Unit]:
    """Units in scope whose name, code or other name holds ``text``, the highest first; at most ``limit``."""
    text = _plain(text)[:60]
    if not text:
        return []
    units = in_scope(standing().select_related("parent", "area"), "path", actor)
    match = Q(name__contains=text) | Q(code=text) | Q(short_name=text)
    return list(units.filter(match).order_by("path")[: max(1, min(limit, 200))])


# --- Then and now -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class UnitThen:
    """A unit as it was on a day: its name and path, and whether it existed."""

    unit_id: int
    name: str
    path: str
    stood: bool


def units_at(units: Sequence[Unit], day: dt.date) -> dict[int, UnitThen]:
    """Names and paths of units as they were on a day（历史名称与隶属）, by id; one statement.

    The earliest change after the day tells what was before it; without one, what is now was then.
    """
    names: dict[int, str] = {}
    paths: dict[int, str] = {}
    for change in UnitChange.objects.filter(unit__in=units, on__gt=day).order_by("on", "id"):
        names.setdefault(change.unit_id, change.old_name)
        paths.setdefault(change.unit_id, change.old_path)
    return {
        unit.pk: UnitThen(unit.pk, names.get(unit.pk, unit.name), paths.get(unit.pk, unit.path), unit.stands_on(day))
        for unit in units
    }


def unit_at(unit: Unit, day: dt.date) -> UnitThen:
    """One unit as it was on a day; see :func:`units_at`."""
    return units_at([unit], day)[unit.pk]


# --- What pages show --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PostLine:
    """A post with its present holder and those who stand in for it now."""

    post: Post
    holder: User | None
    deputies: tuple[Deputyship, ...]


def post_lines(units: Sequence[Unit] | QuerySet[Unit], day: dt.date) -> list[PostLine]:
    """The active posts of units with holders and deputies on a day; three statements, whatever their number."""
    posts = list(
        Post.objects.filter(unit__in=units, active=True).select_related("unit__area").order_by("unit__path", "ref")
    )
    holders = holders_on(posts, day)
    deputies: dict[int, list[Deputyship]] = {}
    for tie in Deputyship.objects.on(day).filter(principal__in=posts).select_related("deputy__unit"):
        deputies.setdefault(tie.principal_id, []).append(tie)
    return [PostLine(post, holders.get(post.pk), tuple(deputies.get(post.pk, ()))) for post in posts]


def home_id(actor: Actor) -> int:
    """The id of the area the actor's effective seat works in; 0 for the clock."""
    return paths.own_id(actor.effective.area_path)


def line_of(actor: Actor) -> list[Unit]:
    """The areas that may ask the actor for something: his own and those above it, the nearest first."""
    own = unit_in_scope(actor, home_id(actor))
    return [own, *reversed(line_above(own))]


POST_LINKS: list[Callable[[Post, Actor], tuple[str, str] | None]] = []
"""What applications above offer on the page of a post: a label and an address, or nothing for this actor."""
HANDOVER_FIRST: list[Callable[[Post, Actor], tuple[str, str] | None]] = []
"""What whoever hands a post over should look at before he does, told by the applications above."""
HANDOVER_LINKS: list[Callable[[HandOver, Actor], tuple[str, str] | None]] = []
"""What applications above offer beside a hand-over: a label and an address, or nothing for this actor; no statement."""
HANDOVER_SOURCES: list[Callable[[Post], Iterable[str]]] = []
"""What a post owes, told by the applications above: each adds a function that names the open things of a post."""


def handover_list(post: Post) -> list[str]:
    """The list that goes over with a post（交接清单）: everything open, one line each."""
    return [line for source in HANDOVER_SOURCES for line in source(post)]


def may_administer(actor: Actor, unit: Unit) -> bool:
    """Whether the acts of an administrator on ``unit`` are open to the actor."""
    return actor.role is Role.SYSTEM or (
        actor.role is Role.ADMINISTRATOR and within(unit.path, actor.effective.area_path)
    )


def page_of_units(
    actor: Actor, *, parent_id: int | None, text: str, after: str, limit: int
) -> tuple[list[Unit], str | None]:
    """A page of units in scope in the order of their paths, and the cursor of the next page.

    Args:
        actor: who asks.
        parent_id: only the units directly below this one.
        text: only units whose name or code holds this.
        after: the cursor: the path of the last unit of the page before.
        limit: how many, 1–200.
    """
    units: QuerySet[Unit] = in_scope(standing().select_related("area"), "path", actor)
    if parent_id is not None:
        units = units.filter(parent_id=parent_id)
    if text := _plain(text)[:60]:
        units = units.filter(Q(name__contains=text) | Q(code=text) | Q(short_name=text))
    if after:
        units = units.filter(path__gt=after)
    limit = max(1, min(limit, 200))
    rows = list(units.order_by("path")[: limit + 1])
    return rows[:limit], rows[limit - 1].path if len(rows) > limit else None


def page_of_posts(
    actor: Actor, *, unit_id: int | None, role: str, after: str, limit: int
) -> tuple[list[Post], str | None]:
    """A page of active posts in scope in the order of their numbers, and the cursor of the next page."""
    posts: QuerySet[Post] = in_scope(Post.objects.filter(active=True).select_related("unit__area"), "unit__path", actor)
    filters: dict[str, Any] = {}
    if unit_id is not None:
        filters["unit_id"] = unit_id
    if role:
        filters["role"] = role
    if after:
        filters["ref__gt"] = after
    limit = max(1, min(limit, 200))
    rows = list(posts.filter(**filters).order_by("ref")[: limit + 1])
    return rows[:limit], rows[limit - 1].ref if len(rows) > limit else None


# --- Maps -------------------------------------------------------------------------------------------------------------


def maps() -> QuerySet[AreaMap]:
    """Maps that are shown, the newest first."""
    return AreaMap.objects.filter(removed_at__isnull=True).order_by("-pk")


_MAPPED = f"SELECT EXISTS (SELECT 1 FROM {AreaMap._meta.db_table} WHERE removed_at IS NULL)"  # noqa: S608 - our table


def shapes_for(unit_ids: Sequence[int], *, geometry: bool = False) -> tuple[AreaMap | None, dict[int, MapShape]]:
    """The map that shows most of some units, the newest of equals, and its shapes by unit; three statements at most.

    Args:
        unit_ids: what is to be drawn; the caller has limited it to what may be seen.
        geometry: whether the outline in degrees is wanted, too.
    """
    with planned() as cursor:  # nearly every office has none
        cursor.execute(_MAPPED)
        if not cursor.fetchone()[0]:
            return None, {}
    rows = MapShape.objects.filter(unit__in=unit_ids, area_map__removed_at__isnull=True)
    best = rows.values("area_map").annotate(n=Count("pk")).order_by("-n", "-area_map").first()
    if best is None:
        return None, {}
    found = rows.filter(area_map=best["area_map"]).select_related("area_map")
    shapes = {shape.unit_id: shape for shape in (found if geometry else found.defer("geometry"))}
    return next(iter(shapes.values())).area_map, shapes
