"""The register（台账）: commitments within sight, filtered, ordered, page by page, and how many there are.

A page is found by walking the index of its order from where the page before ended, so the thousandth costs what the
first does. How many there are is read from the stored cells where the filters ask what a cell knows, and counted up to
:data:`COUNTED` otherwise.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import BooleanField, DateField, DateTimeField, F, Func, Q, QuerySet, Value

from luoshi.delivery import queries as delivery
from luoshi.delivery.models import Commitment, Matter
from luoshi.delivery.models.commitments import URGENCY
from luoshi.delivery.queries.findable import COMMITMENT, sights
from luoshi.desk.queries.columns import Column, chosen
from luoshi.desk.queries.filters import NOT_VERIFIED, Filters
from luoshi.office.queries import search as index
from luoshi.rules import paths, rollup
from luoshi.rules.calendar import local_day
from luoshi.rules.lifecycle import Kind, State
from luoshi.rules.permissions import Actor, Role
from luoshi.rules.refusals import Refused
from luoshi.units import queries as units
from luoshi.units.models import Unit

LIGHTS = tuple(URGENCY)
COUNTED = 10_000
"""How far is counted when no cell knows; beyond it the page says “more than”."""
FOUND = index.MOST
"""Of how many that hold the words the other filters choose; the best come first."""
OWED = (State.ISSUED, State.DECLINED, State.ACCEPTED)
"""States in which a date can pass undone."""
KINDS = (Kind.TASK, Kind.DUTY)
"""Kinds shown when none is chosen: the periods of a duty stand on the duty's page."""
ALWAYS = (
    "ref",
    "version",
    "title",
    "kind",
    "state",
    "light",
    "said",
    "verified",
    "verified_how",
    "missed",
    "due_on",
    "first_due_on",
    "due_key",
    "accept_by",
    "issued_at",
    "accepted_at",
    "completed_at",
    "closed_at",
    "reopened_parts",
    "open_children",
    "programme__warning_days",
)
"""What a row's light and its place need."""


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
class Page:
    """One page of rows with the cursors of its neighbours; empty where there is none."""

    rows: list[Commitment]
    previous: str = ""
    following: str = ""


@dataclass(slots=True)
class Counts:
    """How many rows there are, by light and by state.

    ``by_light`` counts what would be there with no light chosen, ``by_state`` with no state chosen, so that one may
    change over. ``exact`` is false when there are more than were counted; what is not known is then absent.
    """

    total: int
    exact: bool = True
    by_light: Mapping[str, int] = field(default_factory=dict)
    by_state: Mapping[str, int] = field(default_factory=dict)


def rows(actor: Actor, filters: Filters, at: datetime) -> QuerySet[Commitment]:
    """Every commitment asked for that the actor may see（台账）, in the order asked for, with their relations.

    Raises:
        Refused: ``not_found`` for a unit that does not exist.
    """
    found = _narrowed(actor, filters, at).select_related(
        "programme", "matter", "sub_matter", "lead", "lead_post", "issuer", "verifying_unit"
    )
    return found.order_by(*_order(filters, turned=False))


def page(
    actor: Actor,
    filters: Filters,
    at: datetime,
    *,
    after: str = "",
    before: str = "",
    columns: Sequence[Column] = (),
    whole: bool = False,
) -> Page:
    """One page of the register by keyset; one statement, and one more when a unit is chosen.

    Args:
        actor: who looks.
        filters: what is asked for.
        at: now.
        after: the cursor of the page before; anything else counts as none.
        before: the cursor of the page after; ``after`` wins.
        columns: what will be shown, so that nothing else is read; the filters' own by default.
        whole: read whole rows with their relations instead, for an answer that tells all of them.

    Raises:
        Refused: ``not_found`` for a unit that does not exist.
    """
    wanted = {*ALWAYS, *filters.order, *(need for one in columns or chosen(filters.cols) for need in one.needs)}
    relations = {need.split("__")[0] for need in wanted if "__" in need}
    found = _narrowed(actor, filters, at)
    found = found.select_related(*delivery.RELATED) if whole else found.select_related(*relations).only(*wanted)
    start, end = read_cursor(filters, after), None
    if start is None:
        end = read_cursor(filters, before)
    place = start if start is not None else end
    turned = end is not None
    if place is not None:
        forward = filters.backwards == turned
        found = found.filter(_Beyond(*map(F, filters.order), *place, sign=">" if forward else "<"))
    lines = list(found.order_by(*_order(filters, turned=turned))[: filters.size + 1])
    more = len(lines) > filters.size
    lines = lines[: filters.size]
    if turned:
        lines.reverse()
    if not lines:
        return Page([])
    first, last = cursor(filters, lines[0]), cursor(filters, lines[-1])
    earlier, later = (more, True) if turned else (start is not None, more)
    return Page(lines, first if earlier else "", last if later else "")


def cursor(filters: Filters, row: Commitment) -> str:
    """The place of a row in the order, as text for an address."""
    return "~".join(_told(getattr(row, name)) for name in filters.order)


def _told(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    return value.isoformat() if isinstance(value, date) else str(value)


def read_cursor(filters: Filters, text: str) -> list[Value] | None:
    """The place a cursor names in the present order, or ``None``."""
    parts = text.split("~")
    if len(parts) != len(filters.order) or len(text) > 300:
        return None
    try:
        return [_value(name, part) for name, part in zip(filters.order, parts, strict=True)]
    except ValueError:
        return None


def _value(name: str, text: str) -> Value:
    if name in ("ref", "lead_path"):
        if not text.isascii() or not text.isprintable():
            raise ValueError(name)
        return Value(text)
    if name == "due_key":
        return Value(date.fromisoformat(text), output_field=DateField())
    if name == "heard_at":
        moment = datetime.strptime(text, "%Y%m%dT%H%M%S.%fZ").replace(tzinfo=UTC)
        return Value(moment, output_field=DateTimeField())
    if not text.lstrip("-").isascii() or len(text) > 18:
        raise ValueError(name)
    return Value(int(text))


def _order(filters: Filters, *, turned: bool) -> list[str]:
    sign = "-" if filters.backwards != turned else ""
    return [sign + name for name in filters.order]


def _narrowed(actor: Actor, filters: Filters, at: datetime) -> QuerySet[Commitment]:
    """The rows asked for, in no order and without relations."""
    return _asked(_scope(actor, filters), actor, filters, at)


def _scope(actor: Actor, filters: Filters) -> QuerySet[Commitment]:
    """What lies within sight, and within the unit asked for."""
    if filters.unit is None:
        return delivery.visible(actor).select_related(None)
    unit = _unit(filters.unit)
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
    lights, states = known
    total = sum(_of(lights, filters.light).values()) if filters.light else sum(_of(states, filters.state).values())
    return Counts(
        total,
        by_light={} if filters.state else {light: n for light, n in lights.items() if n},
        by_state={} if filters.light else {state: n for state, n in states.items() if n},
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


def _from_cells(actor: Actor, filters: Filters, at: datetime) -> tuple[dict[str, int], dict[str, int]] | None:
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
    counted, beyond = delivery.counted_in(actor, top, below, matters, look_beyond=unit is None)
    lights, states = Counter(counted.lights), Counter(counted.states)
    if beyond:
        joint = _joint(_asked(delivery.beyond(actor), actor, filters.with_(light=(), state=()), at))
        if joint is None:
            return None
        for (light, state), n in joint.items():
            lights[light] += n
            states[state] += n
    return dict(lights), dict(states)
