"""疑点与申辩查询: what a finding shows, and which objections are not decided in time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from luoshi.delivery.models import Finding, FindingEvidence, Matter, Objection, Programme
from luoshi.delivery.queries.overdue import DECISIONS, overdue
from luoshi.delivery.queries.register import commitment_for
from luoshi.rules import paths
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused
from luoshi.units.models import Unit

SHOWN = 5
"""Late decisions named on the board; the rest is counted and stands in the list of the interface."""


def findings_of(actor: Actor, ref: str) -> QuerySet[Finding]:
    """The findings of a commitment with all they rest on, newest first; with permission.

    Raises:
        Refused: ``not_found``.
    """
    found = commitment_for(actor, ref).findings.select_related("by_post__unit", "concluded_by_post__unit")
    return found.prefetch_related("shown").order_by("-pk")


def objections_of(actor: Actor, ref: str) -> QuerySet[Objection]:
    """The objections of a commitment, newest first; with permission.

    Raises:
        Refused: ``not_found``.
    """
    return (
        commitment_for(actor, ref).objections.select_related("by_post__unit", "decided_by_post__unit").order_by("-pk")
    )


def finding_file(actor: Actor, ref: str, shown_id: int) -> FindingEvidence:
    """One file behind a finding of a commitment, to whoever may see the commitment.

    Raises:
        Refused: ``not_found``.
    """
    commitment = commitment_for(actor, ref)
    rows = FindingEvidence.objects.select_related("file")
    found = rows.filter(pk=shown_id, finding__commitment=commitment, file__isnull=False).first()
    if found is None:
        raise Refused("not_found")
    return found


@dataclass(frozen=True, slots=True)
class LateDecision:
    """An objection not decided in time: who owes the decision, since when, and whether the reader's side owes it."""

    objection: Objection
    unit: Unit
    days: int
    ours: bool


@dataclass(frozen=True, slots=True)
class LateDecisions:
    """The longest overdue ones, and how many in all."""

    rows: Sequence[LateDecision] = ()
    total: int = 0

    @property
    def beyond(self) -> int:
        """How many are not named."""
        return self.total - len(self.rows)


def late_decisions(
    actor: Actor, programme: Programme, unit: Unit, today: date, matter: Matter | None = None, limit: int = SHOWN
) -> LateDecisions:
    """Objections of units within ``unit`` that are not decided in time（逾期未决申辩）.

    One statement, and one more if any is late.
    ``unit`` lies in the reader's own area; the caller has made sure of it. The oldest first.
    """
    found, total = overdue(DECISIONS, programme, unit, today, matter, limit)
    if not found:
        return LateDecisions()
    objections = Objection.objects.filter(pk__in=found).select_related("commitment__lead", "commitment__issuer")
    rows = objections.order_by("decide_by_on", "pk")
    seat = actor.effective
    mine = {seat.unit_id, paths.own_id(seat.area_path)}
    return LateDecisions(
        [
            LateDecision(
                row,
                owing := row.commitment.issuer,
                (today - row.decide_by_on).days,
                owing.pk in mine or owing.area_id in mine,
            )
            for row in rows
        ],
        total,
    )
