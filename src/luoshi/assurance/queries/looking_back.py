"""回头看查询: the rule of a programme, the days drawn, what waits, and how often it no longer held."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from django.db.models import Count, Min, Q, QuerySet

from luoshi.assurance.models import CertificateException, LookBackDay, LookBackDraw, LookBackRule, Visit
from luoshi.delivery.models import Commitment, LookBack, Matter, Programme
from luoshi.delivery.queries import visible
from luoshi.ledger.adapters import planned
from luoshi.rules import looking_back as rules
from luoshi.rules import paths
from luoshi.rules.looking_back import Rate
from luoshi.rules.permissions import Actor, Role
from luoshi.units.models import Unit

SHOWN = 50
AGAIN = Q(visit__state=Visit.State.UNREACHABLE, tries__lt=rules.TRIES - 1)
"""Drawn, gone to, and nobody was reached: it goes into the next day's lot."""
NOBODY = Q(visit__isnull=True) | Q(visit__state=Visit.State.WITHDRAWN) | AGAIN
"""Drawn, and somebody who goes is still to be found."""
SEALED_DAYS = 14
"""Days for which a lot is sealed at least: longer than a holiday, after which its visits come at the latest."""


def rule_of(programme: Programme) -> LookBackRule | None:
    """The newest rule of a programme; it may hold from tomorrow only."""
    return programme.look_back_rules.select_related("by_post__unit").order_by("-number").first()


def told_before(programme: Programme, today: date) -> date:
    """The lots of days before this one may be told（公布签号）; one statement.

    From a lot anybody computes whom it fell on, and from its link every link before. So it is sealed until all of its
    visits have had their day, and always for :data:`SEALED_DAYS`: that a lot is not told yet must tell nothing either.
    """
    to_come = NOBODY | Q(visit__state=Visit.State.ASSIGNED, visit__day__gt=today)
    rows = LookBackDraw.objects.filter(to_come, day__programme=programme, over=False)
    first: date | None = rows.aggregate(first=Min("day__on"))["first"]
    usual = today - timedelta(days=SEALED_DAYS - 1)
    return min(first, usual) if first else usual


def secrets_published(programme: Programme, today: date) -> dict[int, str]:
    """Number of a rule → its secret, of those replaced by another, once all its lots may be told.

    With it anybody may compute their whole chain.
    """
    before = told_before(programme, today)
    rows = list(programme.look_back_rules.order_by("number").values_list("number", "secret", "from_on"))
    return {number: secret for (number, secret, _from), (_next, _its, until) in pairwise(rows) if until <= before}


def days_of(programme: Programme, today: date, limit: int = SHOWN) -> list[LookBackDay]:
    """The days drawn whose lots may be told, the last first（抽签日）; two statements."""
    rows = programme.look_back_days.select_related("rule").filter(on__lt=told_before(programme, today))
    return list(rows.order_by("-on")[:limit])


def draws(actor: Actor, programme: Programme, today: date) -> QuerySet[LookBackDraw]:
    """Look-backs drawn within the actor's area, the newest first; a visit shows once its day has come.

    What waits for a verifier, for its day or for another try is not shown: nobody learns of a visit beforehand.
    """
    area = visible(actor, below=actor.effective.area_path).filter(programme=programme).order_by().values("pk")
    again = AGAIN | Q(visit__state=Visit.State.WITHDRAWN)  # nobody was reached, or it was taken back
    revealed = Q(visit__day__lte=today) & ~again | Q(over=True)
    rows = LookBackDraw.objects.filter(revealed, commitment__in=area)
    return rows.select_related("commitment__lead", "visit", "day").order_by("-pk")


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many look-backs wait for their day, and how many for somebody who may go."""

    for_day: int
    for_verifier: int


def waiting(programme: Programme, today: date, actor: Actor) -> Waiting | None:
    """How much is still to come; figures only, and only for the owner's side. One statement.

    Where few were struck off, a figure tells those who wait for it whom it is about.
    """
    seat = actor.effective
    owns = seat.area_path == programme.owner.area.path
    if actor.role is not Role.SYSTEM and not (owns and actor.role in (Role.HEAD, Role.OFFICE, Role.AUDITOR)):
        return None
    rows = LookBackDraw.objects.filter(day__programme=programme, over=False)
    told = rows.aggregate(
        for_day=Count("pk", filter=Q(visit__state=Visit.State.ASSIGNED, visit__day__gt=today)),
        for_verifier=Count("pk", filter=NOBODY),
    )
    return Waiting(told["for_day"], told["for_verifier"])


@dataclass(frozen=True, slots=True)
class Relapses:
    """One matter: how many were looked back at, and of how many it no longer held."""

    matter: Matter
    rate: Rate


_DRAWN = (  # the cross joins keep SQLite from starting with the whole area
    f"FROM {LookBackDraw._meta.db_table} d CROSS JOIN {Visit._meta.db_table} v CROSS JOIN {Commitment._meta.db_table} c"
    " WHERE d.months > 0 AND v.id = d.visit_id AND c.id = v.commitment_id "
    f"AND v.kind = '{Visit.Kind.LOOK_BACK.value}' AND v.state = '{Visit.State.DONE.value}' "
)
_LOOKED = (
    f"SELECT c.matter_id, COUNT(*), COUNT(CASE WHEN v.holds THEN NULL ELSE 1 END) {_DRAWN}"
    "AND c.programme_id = %s AND c.lead_path >= %s AND c.lead_path < %s GROUP BY c.matter_id"
)
"""Planned once a connection, as every board asks it."""


def relapses(programme: Programme, unit: Unit) -> Sequence[Relapses]:
    """Matter by matter what look-backs found within a unit（回潮率）; counts first. One statement, and one more if any.

    Only looks that fell by lot count: a look somebody chose says nothing about the others.
    """
    with planned() as cursor:
        cursor.execute(_LOOKED, [programme.pk, *paths.span(unit.path)])
        found = {matter: Rate(looked, relapsed) for matter, looked, relapsed in cursor.fetchall()}
    if not found:
        return []
    matters = programme.matters.order_by("number")
    return [Relapses(matter, found[matter.pk]) for matter in matters if matter.pk in found]


def relapsed(actor: Actor, programme: Programme, matter: int | None, limit: int = SHOWN) -> list[LookBack]:
    """The look-backs that did not hold, within the actor's area, the newest first."""
    area = visible(actor, below=actor.effective.area_path).filter(programme=programme).order_by().values("pk")
    rows = LookBack.objects.filter(passed=False, commitment__in=area).select_related("commitment__lead")
    if matter:
        rows = rows.filter(commitment__matter_id=matter)
    return list(rows.order_by("-pk")[:limit])


def withdrawn_for(refs: Sequence[str]) -> dict[str, list[CertificateException]]:
    """Number of a task → the certificates that no longer speak for it; one statement."""
    found: dict[str, list[CertificateException]] = {}
    rows = CertificateException.objects.filter(commitment__ref__in=refs).select_related("certificate", "commitment")
    for row in rows.order_by("pk"):
        found.setdefault(row.commitment.ref, []).append(row)
    return found
