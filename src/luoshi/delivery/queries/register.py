"""Commitments as one may see them, and the one way to fetch one for an act."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import OperationalError, connection, transaction
from django.db.models import BooleanField, Func, Q, QuerySet

from luoshi.accounts.adapters import Kept
from luoshi.delivery.events import EVENT_NAMES
from luoshi.delivery.models import Commitment, Programme, Support
from luoshi.ledger import queries as ledger
from luoshi.ledger.models import Entry
from luoshi.rules import burden, lifecycle
from luoshi.rules.paths import span, subtree, within
from luoshi.rules.permissions import Actor, Role
from luoshi.rules.refusals import Refused, declare, gettext_noop
from luoshi.units.models import Post, Unit

NEEDED = ("programme", "lead__area", "issuer__area")
"""What the rules look at; a page wants more."""
_LOOKED_AT = (
    *(field.attname for field in Commitment._meta.concrete_fields),
    *(f"programme__{name}" for name in ("state", "prefix", "extension_limit", "warning_days", "timing_now_id")),
    *(f"lead__{name}" for name in ("path", "name", "receives", "parent_id", "area_id", "area__path")),
    *(f"issuer__{name}" for name in ("path", "name", "area_id", "area__path")),
)
"""The columns an act needs at once; others are fetched when something asks."""
PATIENCE_MS = 900
"""How long an act waits for a row somebody holds, in milliseconds."""
LOCK_NOT_AVAILABLE = "55P03"
_ = gettext_noop
declare(
    409,
    being_changed=_("This is being changed by another act just now. Nothing was done; try again in a moment."),
)
RELATED = (*NEEDED, "matter", "sub_matter", "parent", "lead_post")


class OneOf(Func):
    """``column IN (subquery)``, so that PostgreSQL reads the subquery once and then looks each row up by index.

    Beside an OR, ``IN (SELECT …)`` is a condition on every row of the table there; an array is not. SQLite does
    the same with ``IN`` itself.
    """

    template = "%(expressions)s"
    arg_joiner = " IN "
    output_field = BooleanField()

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        """The subquery as an array."""
        return super().as_sql(compiler, connection, arg_joiner=" = ANY(ARRAY", template="%(expressions)s)", **extra)


def supported_by(unit_id: int) -> Q:
    """Commitments a unit supports（配合）."""
    shares = Support.objects.filter(unit_id=unit_id).order_by().values("commitment_id")
    return Q(OneOf("pk", shares))


def scope_of(actor: Actor) -> Q:
    """What the actor's post may see, as ranges of indexes of one table: no table is walked to find a narrow scope."""
    if actor.role is Role.SYSTEM:
        return Q()
    seat = actor.effective
    mine = Q(**subtree("lead_path", seat.area_path))
    mine |= Q(issuer_id=seat.unit_id) | Q(verifying_unit_id=seat.unit_id)
    return mine | supported_by(seat.unit_id)


def visible(actor: Actor, *, below: str = "") -> QuerySet[Commitment]:
    """Commitments the actor's post may see（数据范围）: its area's subtree, what it ordered, supports or must verify.

    An independent body sees what it verifies and nothing else; the clock sees everything. ``below``: the path of a
    unit to whose subtree the caller narrows the rows; inside one's own area that alone is asked, by an index.
    """
    rows = Commitment.objects.select_related(*RELATED)
    if below:
        rows = rows.filter(**subtree("lead_path", below))
        if within(below, actor.effective.area_path):
            return rows
    return rows.filter(scope_of(actor))


def beyond(actor: Actor) -> QuerySet[Commitment]:
    """Of what is :func:`visible`, that which lies outside the actor's own area（范围之外可见）."""
    if actor.role is Role.SYSTEM:
        return Commitment.objects.none()
    seat = actor.effective
    elsewhere = ~Q(**subtree("lead_path", seat.area_path))
    helped = Support.objects.filter(unit_id=seat.unit_id).values("commitment_id")
    ways = [Q(issuer_id=seat.unit_id), Q(verifying_unit_id=seat.unit_id), Q(pk__in=helped)]
    some = [Commitment.objects.filter(way, elsewhere).order_by().values_list("pk", flat=True) for way in ways]
    return Commitment.objects.filter(pk__in=some[0].union(*some[1:], all=True))


def commitment_for(actor: Actor, ref: str) -> Commitment:
    """One commitment within the actor's sight.

    Raises:
        Refused: ``not_found`` when there is none or it lies outside; the two cannot be told apart.
    """
    found = visible(actor).filter(ref=ref).first()
    if found is None:
        raise Refused("not_found")
    return found


def _first_locked(rows: QuerySet[Commitment]) -> Commitment | None:
    found = next(iter(_locking(rows)), None)
    return found if found is not None else _held_by_another(rows)


def _locking(rows: QuerySet[Commitment]) -> QuerySet[Commitment]:
    """With what an act looks at, locked; a row that somebody holds is passed over where the database can."""
    skipping = connection.features.has_select_for_update_skip_locked
    return _looked_at(rows).select_for_update(of=("self",), skip_locked=skipping)


def _looked_at(rows: QuerySet[Commitment]) -> QuerySet[Commitment]:
    return rows.select_related(None).select_related(*NEEDED).only(*_LOOKED_AT).order_by()


def _held_by_another(rows: QuerySet[Commitment]) -> Commitment | None:
    """What was passed over, once it is free; ``None`` when there is nothing."""
    if not connection.features.has_select_for_update_skip_locked or not rows.exists():
        return None
    return _waited_for(_looked_at(rows))


def _waited_for(wanted: QuerySet[Commitment]) -> Commitment | None:
    """Somebody holds the row: wait in the queue for it, but not as long as a bulk act may take.

    Raises:
        Refused: ``being_changed`` after a second.
    """
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = {PATIENCE_MS}")
            found = next(iter(wanted.select_for_update(of=("self",))), None)
            cursor.execute("SET LOCAL lock_timeout = DEFAULT")
            return found
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") != LOCK_NOT_AVAILABLE:
            raise
        raise Refused("being_changed") from error


def _own(ref: str, low: str, high: str) -> QuerySet[Commitment]:
    return Commitment.objects.filter(ref=ref, lead_path__gte=low, lead_path__lt=high)


_OWN = Kept(3, lambda ref, low, high: _locking(_own(ref, low, high)))


def lock_commitment(actor: Actor, ref: str, version: int | None, *, handed: bool = False) -> Commitment:
    """Fetch with permission and lock the row until the transaction ends.

    Nearly every act is done within one's own area, so that is asked first; the whole of what one may see only then.
    ``handed``: a visit handed out to the actor is the permission; whoever asks has looked at that.

    Raises:
        Refused: ``not_found``; ``stale_version`` when somebody acted since the person looked, saying what was done.
    """
    area, found = actor.effective.area_path, None
    if area:
        low, high = span(area)
        found = next(iter(_OWN.ask(ref, low, high)), None) or _held_by_another(_own(ref, low, high))
    found = found or _first_locked((Commitment.objects.all() if handed else visible(actor)).filter(ref=ref))
    if found is None:
        raise Refused("not_found")
    if version is not None and version != found.version:
        last = ledger.entries_for(ref, limit=1)
        what = EVENT_NAMES.get(last[0].type, last[0].type) if last else ""
        raise Refused("stale_version", ref=ref, what=what, version=found.version)
    return found


def lock_commitments(actor: Actor, refs: Iterable[str]) -> dict[str, Commitment]:
    """Fetch many with permission and lock their rows until the transaction ends（成批取用）; others are absent.

    Rows are locked in the order of their ids, so that two bulk acts about the same commitments wait for one another
    and never crosswise. Units and programmes are few and shared between the rows.
    """
    wanted = sorted(set(refs))
    ids: list[int] = []
    for start in range(0, len(wanted), 1000):
        ids += visible(actor).filter(ref__in=wanted[start : start + 1000]).order_by().values_list("pk", flat=True)
    ids.sort()
    rows: list[Commitment] = []
    for start in range(0, len(ids), 1000):
        locked = Commitment.objects.filter(pk__in=ids[start : start + 1000]).order_by("pk")
        rows += locked.select_for_update(of=("self",))
    units = Unit.objects.select_related("area").in_bulk({pk for row in rows for pk in (row.lead_id, row.issuer_id)})
    programmes = Programme.objects.in_bulk({row.programme_id for row in rows})
    for row in rows:
        row.lead, row.issuer = units[row.lead_id], units[row.issuer_id]
        row.programme = programmes[row.programme_id]
    return {row.ref: row for row in rows}


def timeline(actor: Actor, ref: str, *, before: int | None = None, limit: int = 50) -> list[Entry]:
    """The ledger entries about one commitment, newest first（经过）; permission as for the commitment.

    ``before`` is the id of the last entry of the page before; at most ``limit`` entries.
    """
    commitment_for(actor, ref)
    return ledger.entries_for(ref, before=before, limit=limit)


def possible_leads(actor: Actor) -> QuerySet[Unit]:
    """Units that the actor may make responsible: those that receive, within its area."""
    seat = actor.effective
    return Unit.objects.filter(
        **subtree("path", seat.area_path), receives=True, valid_until__isnull=True
    ).select_related("area")


def verifying_unit_for(commitment: Commitment) -> Unit | None:
    """The unit that is to verify（核查单位）: the nearest independent one upward, else an independent body.

    Looks from the lead's area upwards: at each level, a unit of that area with an active, held verifier post that is
    independent of the commitment. Without an eligible hand the case goes to the unit above; there is no override.
    """
    facts = commitment.facts(lifecycle.Act.VERIFY)
    posts = (
        Post.objects.filter(role=Role.VERIFIER, active=True, unit__valid_until__isnull=True)
        .filter(holdings__until_on__isnull=True, holdings__isnull=False)
        .select_related("unit__area")
        .order_by("unit__path", "pk")
        .distinct()
    )
    eligible = [post for post in posts if lifecycle.independent(facts, post.seat())]
    above = [post for post in eligible if within(facts.lead_path, post.unit.area.path)]
    nearest = max(above, key=lambda post: (len(post.unit.area.path), -post.pk), default=None)
    outside = nearest or next((post for post in eligible if post.unit.kind == "body"), None)
    return outside.unit if outside else None


def breakdown_price(units: int, cadence: str, *, from_on: date, until_on: date | None) -> burden.Price:
    """What breaking down to ``units`` units costs them, before it is sent（减负）."""
    return burden.price(units=units, cadence=cadence, from_on=from_on, until_on=until_on)
