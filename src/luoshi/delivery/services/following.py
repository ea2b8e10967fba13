"""Following the tree of units: what a merged, moved, split or closed unit means for its commitments."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from luoshi.delivery import events, projections
from luoshi.delivery.models import Commitment, Request
from luoshi.ledger import services as ledger
from luoshi.rules.lifecycle import OVER
from luoshi.rules.permissions import SYSTEM
from luoshi.rules.refusals import Refused, declare, gettext_noop
from luoshi.units.models import Unit

_ = gettext_noop
declare(
    409,
    unit_still_leads=_(
        "%(unit)s still leads or has ordered %(count)s running commitments."
        " Change their lead, or merge it into a successor."
    ),
)


def _running() -> Q:
    return ~Q(state__in=[state.value for state in OVER])


def refuse_while_leading(unit: Unit) -> None:
    """A unit that still owes or has ordered something cannot be closed.

    Raises:
        Refused: ``unit_still_leads``.
    """
    count = Commitment.objects.filter(_running(), Q(lead=unit) | Q(issuer=unit)).count()
    if count:
        raise Refused("unit_still_leads", unit=str(unit), count=count)


@transaction.atomic
def take_over(event: Any, at: datetime) -> None:
    """After a merger（合并）the successor leads and issues what the merged units led and issued; one entry.

    Done commitments keep the unit that did them. Repeating it changes nothing.
    """
    into = Unit.objects.get(pk=event.into)
    owned = Q(lead__in=event.units) | Q(issuer__in=event.units)
    rows = list(Commitment.objects.select_for_update(of=("self",)).filter(_running(), owned).order_by("pk"))
    for row in rows:
        row.lead_id = into.pk if row.lead_id in event.units else row.lead_id
        row.issuer_id = into.pk if row.issuer_id in event.units else row.issuer_id
        row.line_units = [into.pk if unit in event.units else unit for unit in row.line_units]
        row.version = row.version + 1
    Commitment.objects.bulk_update(rows, ["lead", "issuer", "line_units", "version"], batch_size=250)
    waiting = Request.objects.select_for_update(of=("self",)).filter(replied_at__isnull=True, lies_with__in=event.units)
    asked = list(waiting.select_related("commitment").order_by("pk"))
    for one in asked:
        one.lies_with_id = into.pk
    Request.objects.bulk_update(asked, ["lies_with"], batch_size=250)
    changed: list[Commitment | Request] = [*rows, *asked]
    if changed:
        refs = dict.fromkeys([*(row.ref for row in rows), *(one.commitment.ref for one in asked)])
        ledger.append(
            events.SuccessorTookOver(ref=next(iter(refs)), into=into.pk, commitments=len(rows)),
            actor=SYSTEM,
            at=at,
            after={row.ledger_key: row.ledger_state() for row in changed},
            subjects=tuple(refs),
        )
        projections.on_lead(Commitment.objects.select_related("lead").filter(pk__in=[row.pk for row in rows]))
    projections.remake_cells()


def follow_tree(event: Any, at: datetime) -> None:
    """After units were moved or split（划转、拆分）their figures count under the new line."""
    projections.remake_cells()
