"""Planning a bulk act（批量办理计划）: who is in, who is refused and why, and the price; nothing is changed by it.

The plan is made in batches, each a transaction of its own: after a crash it goes on with what was not looked at yet.
Whoever confirms it confirms its digest, and with it the version of every subject.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from luoshi.delivery import projections, queries
from luoshi.delivery.models import Bulk, BulkSubject
from luoshi.delivery.queries.asked import Already
from luoshi.delivery.services import acting
from luoshi.delivery.services.breaking_down import Proposal, propose_breakdown
from luoshi.delivery.services.bulk import kinds
from luoshi.delivery.services.bulk.kinds import KINDS
from luoshi.office import services as office
from luoshi.office.models import JobState
from luoshi.office.models.many import set_rows
from luoshi.office.services.jobs import refusal
from luoshi.rules import lifecycle
from luoshi.rules.lifecycle import Act, Intent, Kind, State
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused, declare, gettext_noop
from luoshi.units.models import Unit

_ = gettext_noop
declare(
    409,
    plan_changed=_("The plan is not the one you looked at, or the units below have changed since. Make it anew."),
    plan_lapsed=_("The plan is older than 7 days. Make it anew, so that you see how things stand."),
    bulk_not_waiting=_("This bulk act does not wait for a confirmation: it is being planned, was done, or was ended."),
    bulk_nothing_left=_("Nothing in this list can be done; each line says why."),
)
declare(
    422,
    bulk_one_date=_("Say either the new date for all, or by how many days each date moves."),
    bulk_empty=_("The list is empty: name what is to be done."),
    bulk_too_long=_("The list names %(count)s; at most 20,000 are done in one act."),
)
declare(403, not_your_plan=_("Only the person who made this plan, from the same post, can confirm it."))

LIMIT = 20_000
"""Subjects of one bulk act."""
BATCH = 200
PLAN_KEPT = timedelta(days=7)
"""How long a plan may be confirmed."""


@transaction.atomic
def plan_bulk(*, actor: Actor, act: Act, args: Mapping[str, Any], refs: Sequence[str] = (), at: datetime) -> Bulk:
    """Ask for the plan of a bulk act（批量办理）; a job makes it.

    Args:
        actor: who asks; every subject is judged for this person in this seat.
        act: ``close``, ``re-date``, ``assign`` (hand over) or ``break-down``.
        args: what is said: ``opinion``; ``reason`` with ``new_due_on`` or ``by_days``, and ``parts_of`` for a whole
            with its parts; ``post`` and ``to``; ``ref``, ``version`` and the fields of a breakdown.
        refs: the list, for those kinds that take one; doubles count once.
        at: now.

    Raises:
        Refused: ``bulk_empty``, ``bulk_too_long``, ``bulk_one_date``, ``opinion_missing``, ``reason_missing``,
            ``not_found`` for a whole out of sight, and those of ``acting.said``.
    """
    said = dict(args)
    for name in ("opinion", "reason", "title", "requirement"):
        if name in said:
            said[name] = acting.said(said[name])
    if act is Act.CLOSE and not said.get("opinion"):
        raise Refused("opinion_missing")
    if act is Act.RE_DATE and not said.get("reason"):
        raise Refused("reason_missing")
    if act is Act.RE_DATE and bool(said.get("new_due_on")) == bool(said.get("by_days")):
        raise Refused("bulk_one_date")
    named = list(dict.fromkeys(ref.strip() for ref in refs if ref.strip()))
    if act in (Act.CLOSE, Act.RE_DATE) and not named and not said.get("parts_of"):
        raise Refused("bulk_empty")
    if len(named) > LIMIT:
        raise Refused("bulk_too_long", count=len(named))
    if about := said.get("ref") or said.get("parts_of"):
        queries.commitment_for(actor, about)
    bulk = Bulk.objects.create(
        act=act.value,
        args=said,
        refs=named,
        user_id=actor.user_id,
        post_ref=actor.seat.post_ref,
        principal_ref=actor.principal.post_ref if actor.principal else "",
        unit_path=actor.effective.unit_path,
        created_at=at,
    )
    bulk.plan_job = office.start_job(queries.plan_kind(act), {"bulk": bulk.pk}, actor=actor, at=at)
    bulk.save(update_fields=["plan_job"])
    return bulk


# --- Making the plan, step by step ------------------------------------------------------------------------------------


def name_subjects(bulk: Bulk, *, actor: Actor, at: datetime) -> None:
    """Write down once whom the act is about; what is named by a question is asked here.

    Raises:
        Refused: ``bulk_empty``, ``bulk_too_long``, and what a breakdown as a whole is refused for.
    """
    with transaction.atomic():
        if bulk.named or not _mine(bulk, Bulk.State.PLANNING):
            return
        if bulk.act == Act.BREAK_DOWN:
            rows = _units(bulk, actor, at)
        else:
            rows = [
                BulkSubject(bulk=bulk, place=place, ref=ref[:40]) for place, ref in enumerate(_refs(bulk, actor), 1)
            ]
        if not rows:
            raise Refused("bulk_empty")
        if len(rows) > LIMIT:
            raise Refused("bulk_too_long", count=len(rows))
        BulkSubject.objects.bulk_create(rows, batch_size=1000)
        bulk.named, bulk.total = True, len(rows)
        bulk.save(update_fields=["named", "total", "price", "args"])


def _mine(bulk: Bulk, state: str) -> bool:
    """Lock the plan; whether it still is in that state."""
    held = Bulk.objects.select_for_update().values_list("state", flat=True).get(pk=bulk.pk)
    return bool(held == state)


def _refs(bulk: Bulk, actor: Actor) -> list[str]:
    args = bulk.args
    if bulk.act == Act.ASSIGN:
        live = queries.visible(actor).exclude(state__in=[*projections.OVER_VALUES, State.DRAFT])
        return list(live.filter(lead_post__ref=args["post"]).order_by("pk").values_list("ref", flat=True)[: LIMIT + 1])
    if not args.get("parts_of"):
        return list(bulk.refs)
    whole = queries.commitment_for(actor, args["parts_of"])
    found, level = [whole.ref], [whole.pk]
    while level and len(found) <= LIMIT:
        below = queries.visible(actor).filter(parent__in=level).exclude(state__in=projections.OVER_VALUES)
        rows = list(below.exclude(kind=Kind.PERIOD).order_by("pk").values_list("pk", "ref"))
        level = [pk for pk, _ref in rows]
        found += [ref for _pk, ref in rows]
    return found


def proposal_of(bulk: Bulk, units: Sequence[int], *, actor: Actor, at: datetime) -> Proposal:
    """The breakdown a plan is about, as it would be made now."""
    told = _breakdown(bulk)
    return propose_breakdown(
        actor=actor,
        at=at,
        units=units,
        title=told.get("title", ""),
        **{name: told[name] for name in ("ref", "levels", "cadence", "due_on", "due_days", "due_kind")},
    )


def _breakdown(bulk: Bulk) -> dict[str, Any]:
    due = bulk.args.get("due_on")
    return {
        "levels": 1,
        "cadence": "on_change",
        "due_days": None,
        "due_kind": "",
        **{name: value for name, value in bulk.args.items() if name not in {"units", "proposal"}},
        "due_on": datetime.fromisoformat(due).date() if due else None,
    }


def _units(bulk: Bulk, actor: Actor, at: datetime) -> list[BulkSubject]:
    """Everybody a breakdown reaches; units that have a part already are refused by name, the others are in."""
    whole = queries.commitment_for(actor, bulk.args["ref"])
    wanted = Unit.objects.filter(parent=whole.lead.area_id, kind="area", receives=True, valid_until__isnull=True)
    if bulk.args.get("units"):
        strange = set(bulk.args["units"]) - set(wanted.values_list("pk", flat=True))
        if strange:
            raise Refused("unit_not_below", unit=str(Unit.objects.filter(pk=min(strange)).first() or min(strange)))
        wanted = wanted.filter(pk__in=bulk.args["units"])
    held = whole.children.exclude(state=State.WITHDRAWN).values_list("lead_id", "ref")
    taken = dict(held)
    first = list(wanted.order_by("path"))
    free = [unit for unit in first if unit.pk not in taken]
    rows = [
        BulkSubject(
            unit=unit,
            outcome=BulkSubject.Outcome.REFUSED,
            refusal=refusal(Refused("already_has_part", unit=str(unit), ref=taken[unit.pk])),
        )
        for unit in first
        if unit.pk in taken
    ]
    digest, depth = "", 1
    if free or not first:
        units = [unit.pk for unit in free] if bulk.args.get("units") or taken else []
        proposal = proposal_of(bulk, units, actor=actor, at=at)
        same = {} if bulk.args.get("duplicates") else proposal.already
        if any(unit.pk not in same for unit in free) and any(unit.pk in same for unit in free):
            rows += [BulkSubject(unit=unit, **_asked(same[unit.pk])) for unit in free if unit.pk in same]
            units = [unit.pk for unit in free if unit.pk not in same]
            proposal = proposal_of(bulk, units, actor=actor, at=at)
        digest, depth = proposal.digest, len(proposal.levels)
        rows += [BulkSubject(unit=unit, outcome=BulkSubject.Outcome.IN) for unit in proposal.units]
        price = proposal.price
        bulk.price = {"units": price.units, "answers": price.answers, "fields": price.fields}
        bulk.args = {**bulk.args, "chosen": units, "proposal": digest}
    intent = Intent(levels=depth, proposal_digest=digest)
    lifecycle.decide(whole.facts(Act.BREAK_DOWN), Act.BREAK_DOWN, actor=actor, intent=intent, at=at)
    if bulk.args.get("version") not in (None, whole.version):
        raise Refused("stale_version", ref=whole.ref, what="", version=whole.version)
    bulk.args = {**bulk.args, "version": whole.version}
    for place, row in enumerate(rows, 1):
        row.bulk, row.place = bulk, place
    return rows


def _asked(one: Already) -> dict[str, Any]:
    """A unit that is asked the same already: not in, with the live one named."""
    code = one.refusal()
    return {"outcome": BulkSubject.Outcome.REFUSED, "refusal": refusal(code)}


def look_at_some(bulk: Bulk, *, actor: Actor, at: datetime) -> int:
    """Judge the next subjects by the rules of the single act; returns how many, zero at the end."""
    with transaction.atomic():
        if not _mine(bulk, Bulk.State.PLANNING):
            return 0
        rows = list(bulk.subjects.filter(outcome=BulkSubject.Outcome.OPEN).order_by("place")[:BATCH])
        if not rows:
            return 0
        kind, args = KINDS[Act(bulk.act)], kinds.args_of(bulk)
        found = {one.ref: one for one in queries.visible(actor).filter(ref__in=[row.ref for row in rows])}
        for row in rows:
            commitment = found.get(row.ref)
            if commitment is not None:
                row.commitment_id, row.version = commitment.pk, commitment.version
            try:
                kinds.judge(kind, commitment, args, actor=actor, at=at)
            except Refused as refused:
                row.outcome, row.refusal = BulkSubject.Outcome.REFUSED, refusal(refused)
            else:
                row.outcome = BulkSubject.Outcome.IN
        set_rows(rows, ["commitment", "version", "outcome"])
        BulkSubject.objects.bulk_update([row for row in rows if row.refusal], ["refusal"], batch_size=BATCH)
    return len(rows)


def seal(bulk: Bulk, *, at: datetime) -> None:
    """The plan is whole: judge dates against one another, count, and fix what will be confirmed by its digest."""
    with transaction.atomic():
        if not _mine(bulk, Bulk.State.PLANNING):
            return
        if bulk.act == Act.RE_DATE:
            _judge_family(bulk)
        rows = bulk.subjects.order_by("place")
        held = rows.filter(outcome=BulkSubject.Outcome.IN).values_list("ref", "version", "unit_id")
        body = json.dumps([bulk.pk, bulk.act, bulk.args, list(held)], sort_keys=True)
        bulk.digest = hashlib.sha256(body.encode()).hexdigest()
        bulk.eligible = len(held)
        bulk.refused = bulk.total - bulk.eligible
        bulk.state, bulk.planned_at = Bulk.State.PLANNED, at
        bulk.save(update_fields=["digest", "eligible", "refused", "state", "planned_at"])


def _judge_family(bulk: Bulk) -> None:
    rows = bulk.subjects.filter(outcome=BulkSubject.Outcome.IN).select_related("commitment")
    moving, held = {}, {}
    for row in rows:
        one = row.commitment
        new = kinds.new_date(bulk.args, one) if one else None
        if one is not None and one.due_on is not None and new is not None:
            moving[one.pk], held[one.pk] = kinds.Dated(one.parent_id, one.due_on, new), row
    changed = []
    for pk, refused in kinds.against_family(moving).items():
        row = held[pk]
        row.outcome, row.refusal = BulkSubject.Outcome.REFUSED, refusal(refused)
        changed.append(row)
    BulkSubject.objects.bulk_update(changed, ["outcome", "refusal"], batch_size=BATCH)


# --- What the person says to it ---------------------------------------------------------------------------------------


@transaction.atomic
def confirm_bulk(*, actor: Actor, bulk_id: int, digest: str, at: datetime) -> Bulk:
    """Let a plan be done（确认办理）; a job does it as one act.

    Raises:
        Refused: ``not_found``, ``not_your_plan``, ``bulk_not_waiting``, ``plan_changed``, ``plan_lapsed``,
            ``bulk_nothing_left``.
    """
    queries.bulk_for(actor, bulk_id)
    bulk = Bulk.objects.select_for_update().get(pk=bulk_id)
    principal = actor.principal.post_ref if actor.principal else ""
    if (bulk.user_id, bulk.post_ref, bulk.principal_ref) != (actor.user_id, actor.seat.post_ref, principal):
        raise Refused("not_your_plan")
    if bulk.state != Bulk.State.PLANNED or bulk.planned_at is None:
        raise Refused("bulk_not_waiting")
    if digest != bulk.digest:
        raise Refused("plan_changed")
    if at - bulk.planned_at > PLAN_KEPT:
        raise Refused("plan_lapsed")
    if not bulk.eligible:
        raise Refused("bulk_nothing_left")
    bulk.state, bulk.confirmed_at = Bulk.State.CONFIRMED, at
    kind = queries.do_kind(Act(bulk.act))
    bulk.do_job = office.start_job(kind, {"bulk": bulk.pk, "count": bulk.eligible}, actor=actor, at=at)
    bulk.save(update_fields=["state", "confirmed_at", "do_job"])
    return bulk


@transaction.atomic
def cancel_bulk(*, actor: Actor, bulk_id: int, at: datetime) -> Bulk:
    """End a bulk act before it is done（取消批量办理）: nothing of it is left but that it was asked for.

    Raises:
        Refused: ``not_found``, ``job_finished`` when it was done or has ended already.
    """
    queries.bulk_for(actor, bulk_id)
    bulk = Bulk.objects.select_for_update().get(pk=bulk_id)
    if bulk.ended:
        raise Refused("job_finished")
    for job in (bulk.plan_job, bulk.do_job):
        if job is not None and job.state in {JobState.QUEUED, JobState.RUNNING}:
            office.cancel_job(job.pk, actor=actor, at=at)
    end(bulk, Bulk.State.CANCELLED, at=at)
    return bulk


def end(bulk: Bulk, state: str, *, at: datetime, refused: Refused | None = None) -> None:
    """End a bulk act that was not done; the list of a cancelled one is dropped, that of a refused one is kept."""
    with transaction.atomic():
        if (
            not Bulk.objects.filter(pk=bulk.pk)
            .exclude(state__in=ENDED)
            .update(state=state, ended_at=at, refusal=refusal(refused) if refused else {})
        ):
            return
        if state == Bulk.State.CANCELLED:
            bulk.subjects.all().delete()
    bulk.refresh_from_db()


ENDED = (Bulk.State.DONE, Bulk.State.CANCELLED, Bulk.State.FAILED)


def clear_plans(at: datetime) -> int:
    """End plans that nobody confirmed in time, or whose job was stopped or given up; returns how many."""
    old = Bulk.objects.filter(state=Bulk.State.PLANNED, planned_at__lt=at - PLAN_KEPT)
    dead = (JobState.CANCELLED, JobState.FAILED)
    stuck = Bulk.objects.filter(state=Bulk.State.PLANNING, plan_job__state__in=dead)
    stuck |= Bulk.objects.filter(state=Bulk.State.CONFIRMED, do_job__state__in=dead)
    ended = [*old[:500], *stuck[:500]]
    for bulk in ended:
        end(bulk, Bulk.State.CANCELLED, at=at)
    return len(ended)
