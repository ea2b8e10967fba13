"""What needs the viewer（要您拿主意的）: what we owe and what others owe in one list, each with the rule that named it.

Decisions that wait for the viewer's own seat, replies that an issuing side owes, what is overdue longest, what will
probably miss its date by fixed rules, and the widest gaps. The number of statements does not depend on how many.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from luoshi.delivery.models import Commitment, Matter, Programme, Report
from luoshi.desk.queries import waiting
from luoshi.desk.queries.waiting import Item
from luoshi.rules import foreseeing, lights, paths
from luoshi.rules.calendar import due_moment, local_day
from luoshi.rules.foreseeing import Warned
from luoshi.rules.permissions import Actor, Role
from luoshi.units.models import Unit

MOST = 9
LISTED = 50
"""Rows of one page of what will probably miss its date."""
COUNTED = 2_000
"""Beyond this many it is not counted on: the list behind it is read page by page anyway."""
GAP = 20
"""Percentage points between said and verified from which a commitment is named on the board."""
DECIDE, REPLY, OVERDUE, FORESEEN, WIDE, COUNT = "decide", "reply", "overdue", "foreseen", "gap", "count"
ORDER = (OVERDUE, DECIDE, FORESEEN, REPLY, WIDE)
SHARES = {DECIDE: 3, OVERDUE: 2, REPLY: 1, FORESEEN: 3, WIDE: 2}
"""How many of each kind are named, so that none crowds the others out."""


@dataclass(frozen=True, slots=True)
class Need:
    """One line of “what needs you”: the commitment, the rule that put it there, and what that rule saw."""

    commitment: Commitment
    rule: str
    light: lights.Light
    item: Item | None = None
    """What waits for the viewer's own seat, when it is we who owe."""
    warned: Warned | None = None

    def colour(self, today: date) -> str:
        """The light shown: of what we owe, else of the commitment; a rule that foresees sets none."""
        return self.item.colour(today) if self.item is not None else self.light.colour


def needs(
    actor: Actor, programme: Programme, unit: Unit, at: datetime, matter: Matter | None = None, limit: int = MOST
) -> list[Need]:
    """What needs the viewer within one of his units（要您拿主意的）, kinds in turn; see :func:`looked`."""
    return looked(actor, programme, unit, at, matter, limit)[0]


def looked(
    actor: Actor, programme: Programme, unit: Unit, at: datetime, matter: Matter | None = None, limit: int = MOST
) -> tuple[list[Need], int]:
    """What needs the viewer, and how many will probably miss their date, at most :data:`COUNTED`.

    ``unit`` lies in the viewer's own area, where he sees everything; the caller has made sure of it. One statement
    finds who is meant by which rule, one fetches them, and those of :func:`waiting.waiting` follow if one waits.
    """
    today = local_day(at)
    picked = _picked(actor, programme, unit, today, matter)
    count = next((pk for rule, pk, _heard in picked if rule == COUNT), 0)
    picked = [one for one in picked if one[0] != COUNT]
    found: dict[int, Need] = {}
    deciding = [pk for rule, pk, _heard in picked if rule == DECIDE]
    if deciding:
        items = waiting.waiting(actor, at, only=waiting.DECISIONS, where=Q(pk__in=deciding), limit=SHARES[DECIDE]).items
        for item in items:
            found.setdefault(item.commitment.pk, Need(item.commitment, DECIDE, item.light, item=item))
    wanted = {pk for rule, pk, _heard in picked if rule != DECIDE}
    rows = {row.pk: row for row in _fetched(wanted)} if wanted else {}
    taken: dict[str, int] = {}
    for rule, pk, heard in picked:
        commitment = rows.get(pk)
        if commitment is None or pk in found or rule == DECIDE or taken.get(rule, 0) == SHARES[rule]:
            continue
        warned = None
        if rule == FORESEEN:
            warned = foretold(commitment, today, heard)
            if warned is None:
                continue
        found[pk] = Need(commitment, rule, lights.light(commitment.light_facts(), at), warned=warned)
        taken[rule] = taken.get(rule, 0) + 1
    return _in_turn(list(found.values()), today)[:limit], count


def foretold(commitment: Commitment, today: date, heard: datetime | None) -> Warned | None:
    """The fixed rule by which a commitment will probably miss its date; ``heard`` is when it last reported."""
    spoken = heard or commitment.accepted_at
    return foreseeing.warned(
        due_on=commitment.due_on,
        said=commitment.said,
        heard_on=local_day(spoken) if spoken is not None else None,
        today=today,
    )


def _in_turn(found: list[Need], today: date) -> list[Need]:
    """One of each kind, then the second of each: five lines show every kind. What we owe and is late comes first."""
    seen: dict[str, int] = {}
    keyed = []
    for need in found:
        late = need.item is not None and need.colour(today) == "red"
        keyed.append(((not late, seen.get(need.rule, 0), ORDER.index(need.rule)), need))
        seen[need.rule] = seen.get(need.rule, 0) + 1
    return [need for _key, need in sorted(keyed, key=lambda pair: pair[0])]


_C, _U, _R = (model._meta.db_table for model in (Commitment, Unit, Report))
_SOME = """
SELECT * FROM (
  SELECT '{rule}' AS rule, c.id AS pk, {heard} AS heard
  FROM {commitments} c JOIN {units} i ON i.id = c.issuer_id
  WHERE {condition} AND c.programme_id = %(programme)s AND c.lead_path >= %(low)s AND c.lead_path < %(high)s
    AND c.kind <> 'period' AND (%(matter)s = 0 OR c.matter_id = %(matter)s)
  ORDER BY {order}, c.id LIMIT {limit}
) AS {name}"""
_RUNNING = (
    "c.state = 'accepted' AND c.children_count = 0 AND c.open_requests = 0 AND c.said < 100"
    " AND c.due_on >= %(today)s AND c.due_on <= "
)
_NONE = "CAST(NULL AS timestamptz)"
_STEP = "c.due_on <= %(until{n})s AND c.said < {below}"
_BEHIND = "(" + " OR ".join(_STEP.format(n=n, below=step.below) for n, step in enumerate(foreseeing.STEPS)) + ")"
_SILENT = "(c.accepted_at < %(since)s AND (c.last_reported_at IS NULL OR c.last_reported_at < %(since)s))"
_RULES: tuple[tuple[str, str, str, str], ...] = (
    (
        DECIDE,
        "(c.issuer_id IN (%(unit)s, %(own)s) OR i.area_id = %(headed)s) AND (c.state IN ('verified', 'declined')"
        " OR c.pending_extension OR c.open_requests > 0 OR c.open_objections > 0)",
        "c.due_on",
        _NONE,
    ),
    (OVERDUE, "c.light = 'red' AND c.state NOT IN ('draft', 'withdrawn')", "c.due_on", _NONE),
    (REPLY, "c.open_requests > 0 AND c.state IN ('issued', 'accepted', 'suspended')", "c.due_on", _NONE),
    (
        FORESEEN,
        f"{_RUNNING}%(nearest)s AND {_BEHIND}",
        "c.due_on",
        "c.last_reported_at",
    ),
    (
        FORESEEN,
        f"{_RUNNING}%(furthest)s AND {_SILENT}",
        "c.due_on",
        "c.last_reported_at",
    ),
    (
        WIDE,
        "NOT c.verified_how = '' AND NOT c.state = 'closed' AND c.state NOT IN ('draft', 'withdrawn')"
        " AND c.children_count = 0"
        f" AND c.verified - c.said <= -{GAP}",
        "c.verified - c.said",
        _NONE,
    ),
)
_FEW = f"""
SELECT '{COUNT}', COUNT(*), {_NONE} FROM (
  SELECT 1 FROM {_C} c WHERE {_RUNNING}%(furthest)s AND ({_BEHIND} OR {_SILENT}) AND c.programme_id = %(programme)s
    AND c.lead_path >= %(low)s AND c.lead_path < %(high)s
    AND c.kind <> 'period' AND (%(matter)s = 0 OR c.matter_id = %(matter)s) LIMIT {COUNTED}
) AS few"""  # noqa: S608 - as below
_PICK = " UNION ALL ".join(
    [
        *(
            _SOME.format(
                rule=rule,
                heard=heard.format(reports=_R),
                commitments=_C,
                units=_U,
                condition=condition.format(reports=_R),
                order=order,
                limit=40 if rule == DECIDE else MOST,
                name=f"part{n}",
            )
            for n, (rule, condition, order, heard) in enumerate(_RULES)
        ),
        _FEW,
    ]
)
"""Names of our own tables, figures of our own rules; every value is a parameter. Written once instead of composed for
every page: composing six queries cost more than running them."""
_PICK_SQLITE = _PICK.replace("c.lead_path", "+c.lead_path").replace("c.programme_id =", "+c.programme_id =")
"""With a plus before them these take no index: SQLite guesses that an area holds few rows and would read all of it,
where the index of each rule finds a handful."""


def _picked(
    actor: Actor, programme: Programme, unit: Unit, today: date, matter: Matter | None
) -> list[tuple[str, int, datetime | None]]:
    """Which commitments are meant by which rule, each rule in its own order; one statement."""
    seat = actor.effective
    low, high = unit.range
    issues = seat.role in (Role.HEAD, Role.OFFICE)
    values: dict[str, Any] = {
        "programme": programme.pk,
        "low": low,
        "high": high,
        "matter": matter.pk if matter is not None else 0,
        "unit": seat.unit_id if issues else 0,
        "headed": seat.unit_id if seat.role is Role.HEAD else 0,
        "own": paths.own_id(seat.area_path) if issues else 0,
        "today": today,
        "nearest": today + timedelta(days=max(step.within for step in foreseeing.STEPS)),
        "furthest": today + timedelta(days=foreseeing.SILENT_WITHIN),
        "since": connection.ops.adapt_datetimefield_value(due_moment(today - timedelta(days=foreseeing.SILENT_DAYS))),
        **{f"until{n}": today + timedelta(days=step.within) for n, step in enumerate(foreseeing.STEPS)},
    }
    for name in ("today", "nearest", "furthest", *(f"until{n}" for n in range(len(foreseeing.STEPS)))):
        values[name] = connection.ops.adapt_datefield_value(values[name])
    with connection.cursor() as cursor:
        cursor.execute(_PICK_SQLITE if connection.vendor == "sqlite" else _PICK, values)
        return [(rule, pk, _moment(heard)) for rule, pk, heard in cursor.fetchall()]


def _moment(told: Any) -> datetime | None:
    """A moment as the database tells it: SQLite as text in UTC."""
    if told is None or isinstance(told, datetime):
        return told
    return datetime.fromisoformat(told).replace(tzinfo=UTC)


_SHOWN = (
    *("ref", "title", "said", "verified", "verified_how", "version", "state", "light"),
    *("issued_at", "accept_by", "accepted_at", "first_due_on", "due_on", "completed_at", "missed", "closed_at"),
    *("lead__name", "issuer__name", "programme__warning_days", "programme__timing_now_id", "timing_id"),
    *("waiting_since", "lead__path", "reopened_parts", "open_children"),
)


def _fetched(wanted: set[int]) -> QuerySet[Commitment]:
    rows = Commitment.objects.filter(pk__in=wanted).select_related("lead", "issuer", "programme")
    return rows.only(*_SHOWN).order_by()


def place(commitment: Commitment) -> str:
    """Where a commitment stands in the list of what is foreseen, for the address of the next page."""
    return f"{commitment.due_on}.{commitment.pk}"


def beyond(rows: QuerySet[Commitment], told: str) -> QuerySet[Commitment]:
    """What stands behind such a place, in order; from the beginning when the address says nothing sensible."""
    day, _dot, key = told.partition(".")
    ordered = rows.order_by("due_on", "pk")
    try:
        on = date.fromisoformat(day)
    except ValueError:
        return ordered
    if not (key.isascii() and key.isdigit() and len(key) < 17):
        return ordered
    return ordered.filter(Q(due_on__gt=on) | Q(due_on=on, pk__gt=int(key)))
