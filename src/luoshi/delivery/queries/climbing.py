"""What climbs a ladder, and whom a step reaches: narrow rows for the sweep, posts up the line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from django.db import connection
from django.db.models import Q

from luoshi.delivery.models import Commitment, Ladder, SlipItem
from luoshi.rules import escalation, paths
from luoshi.rules.calendar import local_day
from luoshi.rules.escalation import Level
from luoshi.rules.permissions import Role
from luoshi.rules.slips import SlipState
from luoshi.units.models import Post, Unit


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
    def since(self) -> date | None:
        """The day from which it is owed."""
        moment = self.issued_at if self.accepting else self.accepted_at or self.issued_at
        return local_day(moment) if moment else None


def due_for_a_step(at: datetime, limit: int) -> list[Due]:
    """The commitments whose stored moment is due on or before ``at``, the oldest first, locked for this transaction.

    Rows another sweep holds are passed over; on SQLite the transaction is the only writer.
    """
    columns = {
        name: Commitment._meta.get_field(name.removesuffix("_id")).column for name in Due._fields if name != "pk"
    }
    quote = connection.ops.quote_name
    lock = " FOR UPDATE SKIP LOCKED" if connection.features.has_select_for_update_skip_locked else ""
    names = ", ".join(quote(str(columns.get(name, "id"))) for name in Due._fields)
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
    kinds = [Commitment._meta.get_field(name.removesuffix("_id")) for name in Due._fields if name != "pk"]
    readers = [[], *(connection.ops.get_db_converters(_Column(kind)) for kind in kinds)]
    return [Due._make(_read(row, readers)) for row in rows]


class _Column:
    """What Django's converters ask of an expression: its field."""

    def __init__(self, field: object) -> None:
        self.output_field = field


def _read(row: Iterable[object], readers: list[list[object]]) -> Iterable[object]:
    for value, converters in zip(row, readers, strict=True):
        for converter in converters:
            value = converter(value, None, connection)  # type: ignore[operator]
        yield value


def waiting_for_a_person(commitments: Collection[int]) -> set[int]:
    """Which of these commitments stand in a slip that nobody has decided on."""
    undecided = SlipItem.objects.filter(slip__state=SlipState.PROPOSED, commitment__in=commitments)
    return set(undecided.order_by().values_list("commitment_id", flat=True))  # type: ignore[arg-type]


def ladders(ids: Collection[int]) -> dict[int, escalation.Ladder]:
    """The ladders of these ids as the rules climb them; one statement."""
    return {row.pk: row.rule() for row in Ladder.objects.filter(pk__in=ids)}


@dataclass(slots=True)
class Line:
    """Whom the levels of the line reach, for many units; two statements, whatever their number（逐级催办对象）."""

    units: Mapping[int, Unit]
    posts: Mapping[int, list[Post]]
    """Unit → its own active posts of head, office and handler."""
    offices: Mapping[int, list[Post]]
    """Area → the posts of its supervision offices."""

    @classmethod
    def of(cls, unit_ids: Collection[int]) -> Line:
        """Everything above and at these units."""
        near = {unit.pk: unit for unit in Unit.objects.filter(pk__in=unit_ids)}
        ids = {pk for unit in near.values() for pk in paths.ids(unit.path)}
        more = Unit.objects.filter(pk__in=ids - near.keys())
        units = {**near, **{unit.pk: unit for unit in more}}
        posts: dict[int, list[Post]] = defaultdict(list)
        offices: dict[int, list[Post]] = defaultdict(list)
        reached = Q(unit__in=ids) | Q(unit__area__in=ids, role=Role.OFFICE)
        roles = (Role.HEAD, Role.OFFICE, Role.HANDLER)
        for post in Post.objects.select_related("unit").filter(reached, active=True, role__in=roles).order_by("ref"):
            posts[post.unit_id].append(post)
            if post.role == Role.OFFICE:
                offices[post.unit.area_id].append(post)
        return cls(units, posts, offices)

    def reached(self, unit_id: int, level: Level) -> list[Post]:
        """The posts a level of the line of a unit reaches.

        A unit without such a post is answered for by the area above it（代填）; what is for the unit above, and nobody
        there has a post, goes on upwards until somebody hears it.
        """
        unit = self.units[unit_id]
        own = {Level.HANDLER: (Role.HANDLER, Role.OFFICE, Role.HEAD), Level.HEAD: (Role.HEAD, Role.OFFICE)}
        if level in own:
            for role in own[level]:
                if found := self._of(unit_id, role):
                    return found
            level = Level.ABOVE
        above = [pk for pk in reversed(paths.ids_above(unit.path)) if pk in self.units]
        order = (Role.OFFICE, Role.HANDLER, Role.HEAD) if level is Level.ABOVE else (Role.HEAD, Role.OFFICE)
        for pk in above:
            for role in order:
                if found := self._of(pk, role):
                    return found
        return self.posts.get(unit_id, [])

    def _of(self, unit_id: int, role: Role) -> list[Post]:
        found = [post for post in self.posts.get(unit_id, ()) if post.role == role]
        if not found and role is Role.OFFICE:
            return self.offices.get(unit_id, [])
        return found
