"""The register（台账）: commitments within sight, filtered, ordered, page by page, and how many there are.

A page is found by walking the index of its order from where the page before ended, so the thousandth costs what the
first does. How many there are is read from the stored cells where the filters ask what a cell knows, and counted up to
:data:`COUNTED` otherwise.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any, Generic, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import BooleanField, DateField, DateTimeField, F, Func, Q, QuerySet, Value

from luoshi.delivery import queries as delivery
from luoshi.delivery.models import Commitment, Matter
from luoshi.delivery.models.commitments import URGENCY
from luoshi.delivery.queries.findable import COMMITMENT, sights
from luoshi.desk.queries.columns import Column, chosen
from luoshi.desk.queries.filters import NOT_VERIFIED, ORDER, SIZE, Filters
from luoshi.desk.queries.rows import Composed, Row, composed
from luoshi.office.queries.search import pages as index
from luoshi.rules import paths, rollup
from luoshi.rules.calendar import local_day
from luoshi.rules.lifecycle import Kind, State
from luoshi.rules.permissions import Actor, Role, Seat
from luoshi.rules.refusals import Refused
from luoshi.units import queries as units
from luoshi.units.models import Unit

LIGHTS = tuple(URGENCY)
R = TypeVar("R", Row, Commitment)
CHUNK = 2_000
"""Rows in memory while all of them are read."""
COUNTED = 10_000
"""How far is counted when no cell knows; beyond it the page says “more than”."""
FOUND = index.MOST
"""Of how many that hold the words the other filters choose; the best come first."""
OWED = (State.ISSUED, State.DECLINED, State.ACCEPTED)
"""States in which a date can pass undone."""
KINDS = (Kind.TASK, Kind.DUTY)
"""Kinds shown when none is chosen: the periods of a duty stand on the duty's page."""
ALWAYS = ("ref", "title", "kind", "said", "verified", "verified_how")
"""What a row shows whatever was chosen, beside its light; said and verified are one bar."""


class _Beyond(Func):
    """Whether a row stands after (or before) a place in an order: one comparison of rows, which an index answers."""

    output_field = BooleanField()

    def as_sql(self, compiler: Any, connection: Any, **extra: Any) -> Any:  # type: ignore[override]
        """``(a, b) > (x, y)``."""
        half = len(self.source_expressions) // 2
        sides, params = [], []
        for side in (self.source_expressions[:half], self.source_expressions[half:]):
            texts = []
            for one in side:
                text, told = compiler.compile(one)
                texts.append(text)
                params += told
            sides.append(f"({', '.join(texts)})")
        return f" {self.extra['sign']} ".join(sides), params


@dataclass(slots=True)
class Page(Generic[R]):
    """One page of rows with the cursors of its neighbours; empty where there is none."""

    rows: list[R]
    previous: str = ""
    following: str = ""


@dataclass(slots=True)
class Counts:
    """How many rows there are, by light and by state.

    ``by_light`` counts what would be there with no light chosen, ``by_state`` with no state chosen, so that one may
    change over. ``exact`` is false when there are more than were counted; what is not known is then absent.
    ``timings`` are those of the programmes within reach, where they came along.
    """

    total: int
    exact: bool = True
    by_light: Mapping[str, int] = field(default_factory=dict)
    by_state: Mapping[str, int] = field(default_factory=dict)
    timings: delivery.Timings | None = None


def rows(actor: Actor, filters: Filters, at: datetime) -> QuerySet[Commitment]:
    """Every commitment asked for that the actor may see（台账）, in the order asked for, with their relations.

    Raises:
        Refused: ``not_found`` for a unit that does not exist.
    """
    found = _narrowed(actor, filters, at).select_related(
        "programme", "matter", "sub_matter", "lead", "lead_post", "issuer", "verifying_unit"
    )
    sign = "-" if filters.backwards else ""
    return found.order_by(*(sign + name for name in filters.order))


def page(
    actor: Actor,
    filters: Filters,
    at: datetime,
    *,
    after: str = "",
    before: str = "",
    columns: Sequence[Column] = (),
) -> Page[Row]:
    """One page of the register by keyset; one statement, and one more when a unit is chosen.

    Args:
        actor: who looks.
        filters: what is asked for.
        at: now.
        after: the cursor of the page before; anything else counts as none.
        before: the cursor of the page after; ``after`` wins.
        columns: what will be shown, so that nothing else is read; the filters' own by default.

    Raises:
        Refused: ``not_found`` for a unit that does not exist.
    """
    needs = {need: None for one in columns or chosen(filters.cols) for need in one.needs}
    statement = _statement(actor, filters, at, tuple(dict.fromkeys([*ALWAYS, *filters.order, *needs])))
    place = _Place.of(filters, after, before)
    found = statement.read(filters.order, after=place.start, backwards=place.backwards, limit=filters.size + 1)
    return _cut(filters, found, place)


def every(actor: Actor, filters: Filters, at: datetime, *, columns: Sequence[Column]) -> Iterator[Row]:
    """Every row asked for, in the order asked for, with what ``columns`` and a key need; a few thousand in memory.

    Raises:
        Refused: ``not_found`` for a unit that does not exist.
    """
    needs = {need: None for one in columns for need in one.needs}
    names = tuple(dict.fromkeys(["ref", "version", *filters.order, *needs]))
    statement = composed(_narrowed(actor, filters, at), names, lit=False)
    return statement.stream(filters.order, backwards=filters.backwards, chunk=CHUNK)


def number(actor: Actor, filters: Filters, at: datetime) -> int:
    """How many rows there are, counted to the last; :func:`counts` is quicker where about is enough.

    Raises:
        Refused: ``not_found`` for a unit that does not exist.
    """
    return _narrowed(actor, filters, at).order_by().count()


def whole_page(actor: Actor, filters: Filters, at: datetime, *, after: str = "", before: str = "") -> Page[Commitment]:
    """The same as :func:`page` with whole rows and their relations, for an answer that tells all of them."""
    place = _Place.of(filters, after, before)
    found = _narrowed(actor, filters, at).select_related(*delivery.RELATED)
    if place.start:
        sign = "<" if place.backwards else ">"
        found = found.filter(_Beyond(*map(F, filters.order), *map(_valued, place.start), sign=sign))
    order = [("-" if place.backwards else "") + name for name in filters.order]
    return _cut(filters, list(found.order_by(*order)[: filters.size + 1]), place)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a page begins and which way it is read; ``turned`` when it is read from its end."""

    start: list[Any]
    turned: bool
    backwards: bool

    @classmethod
    def of(cls, filters: Filters, after: str, before: str) -> _Place:
        start = read_cursor(filters, after)
        end = read_cursor(filters, before) if start is None else None
        turned = end is not None
        return cls(start or end or [], turned, filters.backwards != turned)


def _cut(filters: Filters, lines: list[R], place: _Place) -> Page[R]:
    more = len(lines) > filters.size
    lines = lines[: filters.size]
    if place.turned:
        lines.reverse()
    if not lines:
        return Page([])
    first, last = cursor(filters, lines[0]), cursor(filters, lines[-1])
    earlier, later = (more, True) if place.turned else (bool(place.start), more)
    return Page(lines, first if earlier else "", last if later else "")


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a statement is composed from; equal when the statement is the same."""

    seat: Seat
    filters: Filters
    unit_path: str
    names: tuple[str, ...]
    actor: Actor = field(compare=False)
    unit: Unit | None = field(compare=False)
    at: datetime = field(compare=False)


def _statement(actor: Actor, filters: Filters, at: datetime, names: tuple[str, ...]) -> Composed:
    """The statement of a page, kept for the next one with the same filters from the same seat.

    What depends on the moment or on what the index of words finds is composed each time.
    """
    unit = _unit(filters.unit) if filters.unit is not None else None
    narrowing = filters.with_(sort=ORDER, cols=(), size=SIZE)
    asked = _Asked(actor.effective, narrowing, unit.path if unit else "", names, actor, unit, at)
    fleeting = filters.q or filters.overdue or filters.silent
    return _compose(asked, kept=False) if fleeting else _kept(asked)


@lru_cache(maxsize=512)
def _kept(asked: _Asked) -> Composed:
    return _compose(asked, kept=True)


def _compose(asked: _Asked, *, kept: bool) -> Composed:
    seen = _asked(_scope(asked.actor, asked.filters, asked.unit), asked.actor, asked.filters, asked.at)
    return composed(seen, asked.names, kept=kept)


def cursor(filters: Filters, row: Row | Commitment) -> str:
    """The place of a row in the order, as text for an address."""
    return "~".join(_told(getattr(row, name)) for name in filters.order)


def _told(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    return value.isoformat() if isinstance(value, date) else str(value)


def read_cursor(filters: Filters, text: str) -> list[Any] | None:
    """The place a cursor names in the present order, or ``None``."""
    parts = text.split("~")
    if not text or len(parts) != len(filters.order) or len(text) > 300:
        return None
    try:
        return [_value(name, part) for name, part in zip(filters.order, parts, strict=True)]
    except ValueError:
        return None


def _value(name: str, text: str) -> Any:
    if name in ("ref", "lead_path"):
        if not text.isascii() or not text.isprintable():
            raise ValueError(name)
        return text
    if name == "due_key":
        return date.fromisoformat(text)
    if name == "heard_at":
        return datetime.strptime(text, "%Y%m%dT%H%M%S.%fZ").replace(tzinfo=UTC)
    if not text.lstrip("-").isascii() or len(text) > 18:
        raise ValueError(name)
    return int(text)


def _valued(value: Any) -> Value:
    if isinstance(value, datetime):
        return Value(value, output_field=DateTimeField())
    return Value(value, output_field=DateField()) if isinstance(value, date) else Value(value)


def _narrowed(actor: Actor, filters: Filters, at: datetime) -> QuerySet[Commitment]:
    """The rows asked for, in no order and without relations."""
    unit = _unit(filters.unit) if filters.unit is not None else None
    return _asked(_scope(actor, filters, unit), actor, filters, at)


def _scope(actor: Actor, filters: Filters, unit: Unit | None) -> QuerySet[Commitment]:
    """What lies within sight, and within the unit asked for."""
    if unit is None:
        return delivery.visible(actor).select_related(None)
    inside = actor.role is Role.SYSTEM or paths.within(unit.path, actor.effective.area_path)
    seen = Commitment.objects.all() if inside else delivery.visible(actor).select_related(None)
    seen = seen.filter(**paths.subtree("lead_path", unit.path))
    return seen.filter(lead__area=unit) if filters.own else seen


def _unit(pk: int) -> Unit:
    found = Unit.objects.filter(pk=pk).first()
    if found is None:
        raise Refused("not_found")
    return found


def _asked(seen: QuerySet[Commitment], actor: Actor, filters: Filters, at: datetime) -> QuerySet[Commitment]:
    seen = seen.filter(kind__in=filters.kind or KINDS)
    seen = seen.filter(state__in=filters.state) if filters.state else seen.exclude(state__in=rollup.NOT_LIVE)
    return seen.filter(_conditions(actor, filters, at))


def _conditions(actor: Actor, filters: Filters, at: datetime) -> Q:
    """Everything but scope, kind and state."""
    wanted = Q()
    if filters.programme:
        wanted &= Q(programme__key=filters.programme)
    if filters.matter:
        wanted &= Q(matter_id__in=filters.matter)
    if filters.sub:
        wanted &= Q(sub_matter_id=filters.sub)
    if filters.lead:
        wanted &= Q(lead_id=filters.lead)
    if filters.post:
        wanted &= Q(lead_post__ref=filters.post)
    if filters.issuer:
        wanted &= Q(issuer_id=filters.issuer)
    if filters.light:
        wanted &= Q(light__in=filters.light)
    if filters.from_:
        wanted &= Q(due_on__gte=filters.from_)
    if filters.until:
        wanted &= Q(due_on__lte=filters.until)
    if filters.overdue:
        wanted &= Q(due_on__lt=local_day(at), state__in=OWED, completed_at__isnull=True)
    if filters.silent:
        wanted &= Q(heard_at__lt=at - timedelta(days=filters.silent), state__in=OWED)
    if filters.gap:
        wanted &= Q(gap__gte=filters.gap)
    if filters.open:
        wanted &= _undecided(filters.open)
    if filters.how:
        wanted &= Q(verified_how__in=["" if how == NOT_VERIFIED else how for how in filters.how])
    if filters.cadence:
        wanted &= Q(cadence__in=filters.cadence)
    if filters.q:
        wanted &= Q(pk__in=_found(actor, filters.q))
    return wanted


def _found(actor: Actor, text: str) -> list[int]:
    """The commitments that hold those words, the best :data:`FOUND` at most; the statements do not grow."""
    sight = sights(actor)[COMMITMENT]
    page_ = index.search(text, sights={COMMITMENT: sight}, kind=COMMITMENT, limit=FOUND, counts=False)
    return [entry.subject for entry in page_.entries]


def _undecided(kinds: Sequence[str]) -> Q:
    conditions = {
        "findings": Q(open_findings__gt=0),
        "requests": Q(open_requests__gt=0),
        "extension": Q(pending_extension=True),
        "objections": Q(open_objections__gt=0),
    }
    found = Q(pk__in=())
    for kind in kinds:
        found |= conditions[kind]
    return found


# --- How many ---------------------------------------------------------------------------------------------------------


CELLS_KNOW = frozenset({"programme", "matter", "unit", "own", "light", "state"})
"""Filters a stored cell can answer, light and state one at a time."""


def counts(actor: Actor, filters: Filters, at: datetime) -> Counts:
    """How many rows there are（件数）, by light and state; at most four statements, whatever is there.

    Raises:
        Refused: ``not_found`` for a unit that does not exist.
    """
    asked = {name for name, _value in filters.active}
    known = _from_cells(actor, filters, at) if asked <= CELLS_KNOW and not rollup.NOT_LIVE & {*filters.state} else None
    if known is None or (filters.light and filters.state):
        return _counted(actor, filters, at)
    lights, states, timings = known
    total = sum(_of(lights, filters.light).values()) if filters.light else sum(_of(states, filters.state).values())
    return Counts(
        total,
        by_light={} if filters.state else {light: n for light, n in lights.items() if n},
        by_state={} if filters.light else {state: n for state, n in states.items() if n},
        timings=timings,
    )


def _of(counted: Mapping[str, int], names: Sequence[str]) -> Mapping[str, int]:
    return {name: counted.get(name, 0) for name in names} if names else counted


def _counted(actor: Actor, filters: Filters, at: datetime) -> Counts:
    """Count up to :data:`COUNTED` rows; chips change over, so light and state are left open first."""
    open_ = filters.with_(light=(), state=filters.state if rollup.NOT_LIVE & {*filters.state} else ())
    joint = _joint(_narrowed(actor, open_, at))
    if joint is not None:
        lights: Counter[str] = Counter()
        states: Counter[str] = Counter()
        total = 0
        for (light, state), n in joint.items():
            of_light = not filters.light or light in filters.light
            of_state = not filters.state or state in filters.state
            lights[light] += n * of_state
            states[state] += n * of_light
            total += n * (of_light and of_state)
        return Counts(total, by_light=+lights, by_state=+states)
    if filters.light or filters.state:
        joint = _joint(_narrowed(actor, filters, at))
        if joint is not None:
            return Counts(sum(joint.values()))
    return Counts(COUNTED, exact=False)


def _joint(found: QuerySet[Commitment]) -> dict[tuple[str, str], int] | None:
    """Light and state → how many, or ``None`` when there are more than are counted; one statement."""
    some = found.order_by().values("light", "state")[: COUNTED + 1]
    try:
        inside, params = some.query.sql_with_params()
    except EmptyResultSet:
        return {}
    with connection.cursor() as cursor_:
        cursor_.execute(_GROUPED.format(inside), params)
        counted = {(light, state): n for light, state, n in cursor_.fetchall()}
    return None if sum(counted.values()) > COUNTED else counted


_GROUPED = "SELECT light, state, COUNT(*) FROM ({}) AS counted GROUP BY light, state"


def _from_cells(
    actor: Actor, filters: Filters, at: datetime
) -> tuple[dict[str, int], dict[str, int], delivery.Timings] | None:
    """By light and by state from the stored cells, and what is seen beyond one's area; ``None`` when unknown there."""
    area = actor.effective.area_path
    if not area or actor.role is Role.SYSTEM:
        return None
    unit = _unit(filters.unit) if filters.unit is not None else None
    if unit is not None and not paths.within(unit.path, area):
        return None
    matters: list[int] | None = None
    if filters.programme:
        wanted = Matter.objects.filter(programme__key=filters.programme)
        matters = list(
            (wanted.filter(pk__in=filters.matter) if filters.matter else wanted).values_list("pk", flat=True)
        )
    elif filters.matter:
        matters = list(filters.matter)
    top = unit.pk if unit is not None else paths.own_id(area)
    below = [child.pk for child in units.areas_below(unit)] if unit is not None and filters.own else []
    counted, beyond, timings = delivery.counted_in(
        actor, top, below, matters, look_beyond=unit is None, key=filters.programme
    )
    lights, states = Counter(counted.lights), Counter(counted.states)
    if beyond:
        joint = _joint(_asked(delivery.beyond(actor), actor, filters.with_(light=(), state=()), at))
        if joint is None:
            return None
        for (light, state), n in joint.items():
            lights[light] += n
            states[state] += n
    return dict(lights), dict(states), timings
