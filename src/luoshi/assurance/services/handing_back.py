"""撤回走访: a visit is taken back before it is made, by whoever was to go or by the side that has it made."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from luoshi.assurance import events
from luoshi.assurance.models import Visit
from luoshi.assurance.queries import handing as reads
from luoshi.assurance.services.campaigns import said
from luoshi.assurance.services.giving import STRICT, require_handing, states
from luoshi.ledger import services as ledger
from luoshi.ledger.models import Entry
from luoshi.office import services as office
from luoshi.rules.calendar import local_day
from luoshi.rules.permissions import Actor, Role
from luoshi.rules.refusals import Refused, declare, gettext_noop, require_version
from luoshi.units.queries import posts_with

_ = gettext_noop
declare(
    409,
    visit_is_over=_("This visit has been made or taken back already."),
)
HANDED_BACK = _("A visit was handed back and is to be given out anew: %(unit)s")
"""What the side that has a visit made is told."""


@transaction.atomic
def withdraw_visit(*, actor: Actor, key: UUID, version: int, reason: str, at: datetime) -> tuple[Visit, Entry]:
    """Take a visit back before it is made, with a reason（撤回走访）; a drawn place comes again first of the order.

    Whoever was to go does it, or the side that has it made. Whoever hands a visit back is not drawn for that unit
    again within twelve months, and nobody else learns who it was.

    Raises:
        Refused: ``reason_missing``, ``not_found``, ``not_handing_out``, ``visit_is_over``, ``stale_version``.
    """
    reason = said(reason, "reason_missing")
    visit = reads.visit_to_withdraw(actor, key, local_day(at), lock=True)
    own = actor.effective.post_id == visit.verifier_post_id
    if not own and visit.ordered_by is not None:
        require_handing(actor, visit.ordered_by, visit.ordered_by)
    require_version(version, visit.version, ref=str(visit.key)[:8])
    if visit.state != Visit.State.ASSIGNED:
        raise Refused("visit_is_over")
    visit.state, visit.reason = Visit.State.WITHDRAWN, reason
    visit.version += 1
    if own:
        visit.by_post_id, visit.by_user = actor.effective.post_id, actor.user_id
    visit.save(update_fields=["state", "reason", "version", "by_post", "by_user"])
    entry = ledger.append(
        events.VisitWithdrawn(visit=str(visit.key), reason=reason),
        actor=actor,
        at=at,
        after=states(visit),
        subjects=(f"visit-{visit.key}", *([visit.campaign.ref] if visit.campaign else [])),
    )
    if own and visit.kind in STRICT:
        _tell_side(visit, at)
    return visit, entry


def _tell_side(visit: Visit, at: datetime) -> None:
    """Tell the office that has a visit made that it was handed back; look-backs and second visits go out by themselves.

    The reason stands in the ledger and not here: who handed it back is not told.
    """
    if visit.ordered_by is None:
        return
    link = f"/assurance/{visit.campaign.ref}/days/" if visit.campaign else f"/directed/{visit.commitment.ref}/"
    office.notify(
        posts_with(Role.OFFICE, visit.ordered_by.path).filter(unit__area=visit.ordered_by),
        kind="assurance.visits",
        key=f"visit-{visit.key}:back",
        subject=HANDED_BACK,
        link=link,
        params={"unit": visit.unit.name},
        at=at,
    )
