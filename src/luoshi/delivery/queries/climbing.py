"""What climbs a ladder, and whom a step reaches: narrow rows for the sweep, posts up the line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.expressions import Col

from luoshi.delivery.models import Commitment, Ladder, SlipItem
from luoshi.office.models.many import among
from luoshi.rules import escalation, paths
from luoshi.rules.calendar import local_day
from luoshi.rules.escalation import Level
from luoshi.rules.permissions import Role
from luoshi.rules.slips import SlipState
from luoshi.units.models import Kind, Post, Unit


class Due(NamedTuple):
    """One commitment whose stored moment has come: what the ladder needs of it and nothing else."""

    pk: int
    ref: str
    title: str
    state: str
    lead_id: int
    issuer_id: int
    lead_post_id: int | None
    ladder_id: int | None
    climb: int
    told: int
    told_on: date | None
    climbs_for: date | None
    accept_by: date | None
    due_on: date | None
    said: int
    completed_at: datetime | None
    open_requests: int
    issued_at: datetime | None
    accepted_at: datetime | None
    next_step_at: datetime

    @property
    def about(self) -> dict[str, int]:
        """The column of a slip and its item that names it."""
        return {"commitment_id": self.pk}

    @property
    def accepting(self) -> bool:
        """Whether it has still to be taken on."""
        return self.state == "issued"

    def owed(self) -> tuple[date | None, bool]:
        """As :meth:`Commitment.owed`."""
        return Commitment.owed(self)  # type: ignore[arg-type]

    @property
    def began_at(self) -> datetime | None:
        """The moment from which it is owed."""
        return self.issued_at if self.state == "issued" else self.accepted_at or self.issued_at

    @property
    def since(self) -> date | None:
        """The day of that moment."""
        moment = self.began_at
        return local_day(moment) if moment else None


def due_for_a_step(at: datetime, limit: int) -> list[Due]:
    """The commitments whose stored moment is due on or before ``at``, the oldest first, locked for this transaction.

    Rows another sweep holds are passed over; on SQLite the transaction is the only writer.
    """
    kinds: list[Any] = [Commitment._meta.get_field(name.removesuffix("_id")) for name in Due._fields if name != "pk"]
    columns = {field.attname: field.column for field in kinds}
    quote = connection.ops.quote_name
    lock = " FOR UPDATE SKIP LOCKED" if connection.features.has_select_for_update_skip_locked else ""
    # An expression has no declared type, so that the driver of SQLite does not turn every single day into a date.
    plain = "" if connection.vendor == "postgresql" else "+"
    names = ", ".join(plain + quote(str(columns.get(name, "id"))) for name in Due._fields)
    table, moment = quote(Commitment._meta.db_table), quote(str(columns["next_step_at"]))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {names} FROM {table} WHERE {moment} IS NOT NULL AND {moment} <= %s "  # noqa: S608 - our own names
            f"ORDER BY {moment} LIMIT %s{lock}",
            [connection.ops.adapt_datetimefield_value(at), limit],
        )
        rows = cursor.fetchall()
    if connection.vendor == "postgresql":
        return [Due._make(row) for row in rows]
    if not rows:
        return []
    readers: list[list[Any]] = [[], *(connection.ops.get_db_converters(_column(kind)) for kind in kinds)]
    read = [_read(column, converters) for column, converters in zip(zip(*rows, strict=True), readers, strict=True)]
    return list(map(Due._make, zip(*read, strict=True)))


def _column(field: Any) -> Col:
    return Col(Commitment._meta.db_table, field)


def _read(column: Sequence[Any], converters: list[Any]) -> Sequence[Any]:
    """The values of a column as Python has them; each different one is turned once, and there are few of days."""
    for converter in converters:
        known = {value: converter(value, None, connection) for value in set(column)}
        column = [known[value] for value in column]
    return column


def waiting_for_a_person(commitments: Collection[int]) -> set[int]:
    """Which of these commitments stand in a slip that nobody has decided on."""
    undecided = SlipItem.objects.filter(slip__state=SlipState.PROPOSED, commitment__in=among(commitments))
    return set(undecided.order_by().values_list("commitment_id", flat=True))


def ladders(ids: Collection[int]) -> dict[int, escalation.Ladder]:
    """The ladders of these ids as the rules climb them; one statement."""
    return {row.pk: row.rule() for row in Ladder.objects.filter(pk__in=ids)}


class Node(NamedTuple):
    """What the sweep needs of a unit."""

    pk: int
    name: str
    short_name: str
    kind: str
    path: str
    parent_id: int | None
    area_id: int

    @property
    def is_area(self) -> bool:
        """Whether it is a node of territory rather than an office in one."""
        return self.kind in AREAS


class PostRow(NamedTuple):
    """What the sweep needs of a post."""

    pk: int
    role: str
    unit_id: int
    area_id: int


AREAS = frozenset({Kind.AREA.value, Kind.STATISTICAL.value})
ROLES = (Role.HEAD.value, Role.OFFICE.value, Role.HANDLER.value)


OWN = {Level.HANDLER: (Role.HANDLER, Role.OFFICE, Role.HEAD), Level.HEAD: (Role.HEAD, Role.OFFICE)}
"""Whom of the unit itself a step reaches: the first of these roles that somebody holds."""


def posts_in_use(ids: Collection[int]) -> dict[int, PostRow]:
    """The active posts of these ids; no statement for none."""
    if not ids:
        return {}
    rows = Post.objects.filter(pk__in=among(ids), active=True).values_list("pk", "role", "unit_id", "unit__area_id")
    return {row[0]: PostRow._make(row) for row in rows}


def _plain_rows(rows: QuerySet[Any, Any]) -> list[tuple[Any, ...]]:
    """Rows of numbers and text as the driver gives them: there is nothing to be turned into anything else."""
    with connection.cursor() as cursor:
        cursor.execute(*rows.query.sql_with_params())
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def _at_or_above(places: set[str]) -> set[int]:
    """The units at these paths and above them: each path is cut once, however many lie below it."""
    found: set[int] = set()
    while places := places - {""}:
        found.update(map(paths.own_id, places))
        places = set(map(paths.parent, places))
    return found


class Line:
    """Whom the levels of the line reach, for many units（逐级催办对象）; kept through the batches of one tick.

    Two or three statements for what is not known yet, whatever its number; plain tuples, because thousands of rows of
    the tables would cost more than the whole sweep.
    """

    def __init__(self) -> None:
        """Know nothing yet."""
        self.units: dict[int, Node] = {}
        self.posts: dict[int, list[PostRow]] = defaultdict(list)
        """Unit → its own active posts of head, office and handler."""
        self.offices: dict[int, list[PostRow]] = defaultdict(list)
        """Area → the posts of its supervision offices."""
        self._heard_above: dict[tuple[str, Level], tuple[PostRow, ...]] = {}
        """(Path of what stands above, level) → posts: the same for everything directly below it."""

    @classmethod
    def of(cls, unit_ids: Collection[int]) -> Line:
        """A line that knows these units."""
        return cls().know(unit_ids)

    def know(self, unit_ids: Collection[int]) -> Line:
        """Learn everything at and above these units."""
        fresh = set(unit_ids) - self.units.keys()
        if not fresh:
            return self
        self._heard_above.clear()  # what is learned now may stand nearer
        found = self._fetch(fresh)
        above = _at_or_above({paths.parent(node.path) for node in found}) - self.units.keys()
        found += self._fetch(above) if above else []
        ids = [node.pk for node in found]
        places = Q(unit__in=among(ids)) | Q(unit__area__in=among(ids), role=Role.OFFICE)
        rows = Post.objects.filter(places, active=True, role__in=ROLES).order_by("ref")
        for post in map(PostRow._make, _plain_rows(rows.values_list("pk", "role", "unit_id", "unit__area_id"))):
            if post not in self.posts[post.unit_id]:
                self.posts[post.unit_id].append(post)
                if post.role == Role.OFFICE:
                    self.offices[post.area_id].append(post)
        return self

    def _fetch(self, ids: Collection[int]) -> list[Node]:
        rows = Unit.objects.filter(pk__in=among(ids)).order_by().values_list(*("id", *Node._fields[1:]))
        found = list(map(Node._make, _plain_rows(rows)))
        self.units.update((node.pk, node) for node in found)
        return found

    def reached(self, unit_id: int, level: Level) -> tuple[PostRow, ...]:
        """The posts a level of the line of a unit reaches.

        A unit without such a post is answered for by the area above it（代填）; what is for the unit above, and nobody
        there has a post, goes on upwards until somebody hears it.
        """
        if level in OWN:
            if unit_id in self.posts or unit_id in self.offices:
                for role in OWN[level]:
                    if found := self._of(unit_id, role):
                        return tuple(found)
            level = Level.ABOVE
        place = paths.parent(self.units[unit_id].path), level
        above = self._heard_above.get(place)
        if above is None:
            above = self._heard_above[place] = self._look_above(*place)
        return above or tuple(self.posts.get(unit_id, ()))

    def _look_above(self, path: str, level: Level) -> tuple[PostRow, ...]:
        order = (Role.OFFICE, Role.HANDLER, Role.HEAD) if level is Level.ABOVE else (Role.HEAD, Role.OFFICE)
        for pk in reversed(paths.ids(path)):
            for role in order:
                if found := self._of(pk, role):
                    return tuple(found)
        return ()

    def _of(self, unit_id: int, role: Role) -> list[PostRow]:
        found = [post for post in self.posts.get(unit_id, ()) if post.role == role]
        if not found and role is Role.OFFICE:
            return self.offices.get(unit_id, [])
        return found
