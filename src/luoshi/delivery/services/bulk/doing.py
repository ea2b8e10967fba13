"""Doing a confirmed bulk act（批量办理）: everything is judged anew without a lock, then written in one short act.

What takes long (reading, the rules, the lights) happens before the transaction. Inside it the rows are locked, their
versions compared with those that were judged, and all written with a handful of statements and one entry. A subject
that somebody changed or holds meanwhile is refused by name; the others are done. A crash before the commit leaves
nothing, a crash after it leaves everything: the job that comes again sees which.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import OperationalError, connection, transaction
from django.db.models import F, Sum

from luoshi.delivery import projections, queries
from luoshi.delivery.models import Bulk, BulkSubject, Commitment
from luoshi.delivery.services import breaking_down
from luoshi.delivery.services.bulk import kinds, planning
from luoshi.delivery.services.bulk.kinds import KINDS, BulkKind
from luoshi.ledger import services as ledger
from luoshi.ledger.models import Entry
from luoshi.office import services as office
from luoshi.office.services.jobs import refusal
from luoshi.rules import rollup
from luoshi.rules.lifecycle import OVER, Act
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused, declare, gettext_noop

_ = gettext_noop
declare(
    409,
    changed_since_plan=_(
        "%(ref)s was changed after the plan was made, so it was left out. Look at it and decide again."
    ),
    held_by_other=_("Somebody else was acting on %(ref)s at that moment, so it was left out."),
)

BATCH = 200
TRIES = 3
WRITTEN = (
    "state", "closed_at", "reopened_parts", "due_on", "extensions_granted", "lead_post_id", "light", "next_due_at",
    "missed", *Commitment.CLIMBED,
)  # fmt: skip
"""Columns a bulk act may change, besides the version."""
Told = Callable[[int, int], None]


@dataclass(slots=True)
class Ready:
    """One subject, judged and computed, waiting to be written."""

    pk: int
    ref: str
    version: int
    open_children: int
    changes: tuple[tuple[str, Any], ...]
    after: dict[str, Any]
    detail: list[str]
    path: str
    matter_id: int
    delta: rollup.Summary
    parent_id: int | None
    ends: bool
    dated: kinds.Dated | None = None
    parts: int | None = None


@dataclass(slots=True)
class Prepared:
    """All that is to be written in one act, and who is refused by now."""

    ready: dict[int, Ready] = field(default_factory=dict)
    refused: dict[int, Refused] = field(default_factory=dict)
    """Place in the plan → why not."""
    places: dict[int, int] = field(default_factory=dict)
    """Key of the commitment → place in the plan."""


def do_bulk(bulk: Bulk, *, actor: Actor, at: datetime, told: Told) -> Bulk:
    """Do a confirmed plan as one act with one entry（一次办理、一条留痕）; a plan done before is not done again.

    Args:
        bulk: the plan.
        actor: who confirmed it, resolved anew.
        at: now.
        told: told how many subjects are judged of how many; may raise to stop, nothing is done then.

    Raises:
        Refused: ``bulk_not_waiting``, ``bulk_nothing_left``, and for a breakdown whatever it is refused for.
    """
    if bulk.state == Bulk.State.DONE:
        return bulk
    if bulk.state != Bulk.State.CONFIRMED:
        raise Refused("bulk_not_waiting")
    if bulk.act == Act.BREAK_DOWN:
        return _break_down(bulk, actor=actor, at=at)
    kind = KINDS[Act(bulk.act)]
    prepared = _prepare(bulk, kind, actor=actor, at=at, told=told)
    written = _work_out(bulk, kind, prepared.ready, actor=actor, at=at) if prepared.ready else None
    for attempt in range(1, TRIES + 1):
        try:
            with transaction.atomic():
                return _write(bulk, kind, prepared, written, actor=actor, at=at)
        except OperationalError:  # two writers waited for one another, and the database chose this one to begin again
            if attempt == TRIES:
                raise
    raise AssertionError("unreachable")


def _prepare(bulk: Bulk, kind: BulkKind, *, actor: Actor, at: datetime, told: Told) -> Prepared:
    """Judge every subject of the plan anew and compute what would be written; nothing is locked or changed."""
    found, args = Prepared(), kinds.args_of(bulk)
    rows = list(bulk.subjects.filter(outcome=BulkSubject.Outcome.IN).order_by("place"))
    for start in range(0, len(rows), BATCH):
        told(start, len(rows))
        batch = rows[start : start + BATCH]
        seen = {one.ref: one for one in queries.visible(actor).filter(ref__in=[row.ref for row in batch])}
        for row in batch:
            try:
                one = _ready(kind, args, row, seen.get(row.ref), actor=actor, at=at)
            except Refused as refused:
                found.refused[row.place] = refused
            else:
                found.ready[one.pk], found.places[one.pk] = one, row.place
    for pk, version in _parts([pk for pk, one in found.ready.items() if one.parts is not None]).items():
        found.ready[pk].parts = version
    for pk, why in kinds.against_family({pk: one.dated for pk, one in found.ready.items() if one.dated}).items():
        found.refused[found.places[pk]] = why
        del found.ready[pk]
    told(len(rows), len(rows))
    return found


def _ready(
    kind: BulkKind, args: kinds.Args, row: BulkSubject, commitment: Commitment | None, *, actor: Actor, at: datetime
) -> Ready:
    if commitment is not None and commitment.version != row.version:
        raise Refused("changed_since_plan", ref=row.ref)
    before = {} if commitment is None else {name: getattr(commitment, name) for name in WRITTEN}
    governed = {} if commitment is None else commitment.ledger_state()
    summary = rollup.ZERO if commitment is None else commitment.summary()
    judged = kinds.judge(kind, commitment, args, actor=actor, at=at)
    assert commitment is not None  # noqa: S101 - the judge refused otherwise
    commitment.version += 1
    projections.turn_light(commitment, at=at)
    now = {name: getattr(commitment, name) for name in WRITTEN}
    old = governed["due_on"]
    return Ready(
        pk=commitment.pk,
        ref=commitment.ref,
        version=commitment.version - 1,
        open_children=commitment.open_children,
        changes=tuple(
            (name, str(value) if name == "state" else value) for name, value in now.items() if value != before[name]
        ),
        after={name: value for name, value in commitment.ledger_state().items() if value != governed[name]},
        detail=kind.detail(commitment, judged, old),
        path=commitment.lead.path,
        matter_id=commitment.matter_id,
        delta=commitment.summary() - summary,
        parent_id=commitment.parent_id,
        ends=judged.move.before not in OVER and judged.move.after in OVER,
        dated=kinds.Dated(commitment.parent_id, date.fromisoformat(old), commitment.due_on)
        if kind.act is Act.RE_DATE and commitment.due_on and old
        else None,
        parts=0 if kind.act is Act.CLOSE and commitment.children_count else None,
    )


def _parts(keys: list[int]) -> dict[int, int]:
    """The sum of the versions of the parts of each whole: it changes whenever a part does."""
    if not keys:
        return {}
    rows = (
        Commitment.objects.filter(parent__in=kinds.listed(keys))
        .order_by()
        .values("parent_id")
        .annotate(n=Sum("version"))
    )
    return dict.fromkeys(keys, 0) | {row["parent_id"]: row["n"] for row in rows}


def _work_out(bulk: Bulk, kind: BulkKind, ready: Mapping[int, Ready], *, actor: Actor, at: datetime) -> ledger.Written:
    """The one entry of the act."""
    return ledger.prepare(
        kind.event(bulk.args, [one.detail for one in ready.values()]),
        actor=actor,
        at=at,
        after={f"delivery.commitment:{one.ref}": one.after for one in ready.values()},
        subjects=[one.ref for one in ready.values()],
    )


def _write(
    bulk: Bulk, kind: BulkKind, prepared: Prepared, written: ledger.Written | None, *, actor: Actor, at: datetime
) -> Bulk:
    """The act itself: lock, compare, write, one entry. Kept short, as others may wait for it."""
    held = Bulk.objects.select_for_update().get(pk=bulk.pk)
    if held.state != Bulk.State.CONFIRMED:
        if held.state == Bulk.State.DONE:
            return held
        raise Refused("bulk_not_waiting")
    refused = dict(prepared.refused)
    ready = _locked(prepared, refused)
    if not ready:
        raise Refused("bulk_nothing_left")
    if written is None or len(ready) < len(prepared.ready):
        written = _work_out(bulk, kind, ready, actor=actor, at=at)
    groups: dict[tuple[tuple[str, Any], ...], list[int]] = defaultdict(list)
    for pk, one in ready.items():
        groups[one.changes].append(pk)
    for changes, keys in groups.items():
        kinds.among(keys).update(version=F("version") + 1, **dict(changes))
    entry = ledger.append_prepared(written)
    ended: dict[int, int] = defaultdict(int)
    for one in ready.values():
        if one.ends and one.parent_id is not None:
            ended[one.parent_id] -= 1
    if ended:
        projections.parts_turned(ended, at=at)
    projections.append_deltas((one.path, one.matter_id, one.delta) for one in ready.values())
    return _done(held, entry, refused, len(ready), actor=actor, at=at)


def _locked(prepared: Prepared, refused: dict[int, Refused]) -> dict[int, Ready]:
    """Lock the rows; those that changed since they were judged, or that somebody holds, go to ``refused``.

    Parts are locked before their wholes, as a single act does, and nobody is waited for.
    """
    rows: dict[int, tuple[int, int]] = {}
    locked = kinds.among(list(prepared.ready)).order_by("-pk").values_list("pk", "version", "open_children")
    if connection.features.has_select_for_update_skip_locked:
        locked = locked.select_for_update(skip_locked=True)
    rows.update({pk: (version, open_children) for pk, version, open_children in locked})
    parts = _parts([pk for pk, one in prepared.ready.items() if one.parts is not None])
    found: dict[int, Ready] = {}
    for pk, one in prepared.ready.items():
        if pk not in rows:
            refused[prepared.places[pk]] = Refused("held_by_other", ref=one.ref)
        elif rows[pk] != (one.version, one.open_children) or parts.get(pk, one.parts) != one.parts:
            refused[prepared.places[pk]] = Refused("changed_since_plan", ref=one.ref)
        else:
            found[pk] = one
    dated = {pk: one.dated for pk, one in found.items() if one.dated}
    for pk, why in kinds.against_family(dated).items() if dated else ():
        refused[prepared.places[pk]] = why
        del found[pk]
    return found


def _done(bulk: Bulk, entry: Entry, refused: Mapping[int, Refused], done: int, *, actor: Actor, at: datetime) -> Bulk:
    if refused:
        late = list(bulk.subjects.filter(place__in=list(refused)))
        for row in late:
            row.outcome, row.late, row.refusal = BulkSubject.Outcome.REFUSED, True, refusal(refused[row.place])
        BulkSubject.objects.bulk_update(late, ["outcome", "late", "refusal"], batch_size=BATCH)
    bulk.state, bulk.entry_id, bulk.ended_at = Bulk.State.DONE, entry.pk, at
    bulk.eligible, bulk.refused = done, bulk.total - done
    bulk.save(update_fields=["state", "entry_id", "ended_at", "eligible", "refused"])
    if bulk.act != Act.BREAK_DOWN:  # a breakdown tells its parts itself
        office.start_job(queries.TELL_BULK, {"bulk": bulk.pk}, actor=actor, at=at)
    return bulk


def _break_down(bulk: Bulk, *, actor: Actor, at: datetime) -> Bulk:
    """Issue the parts to exactly the units of the plan, through the one service that does it."""
    with transaction.atomic():
        held = Bulk.objects.select_for_update().get(pk=bulk.pk)
        if held.state != Bulk.State.CONFIRMED:
            return held
        args = held.args
        proposal = planning.proposal_of(held, args["chosen"], actor=actor, at=at)
        if proposal.digest != args["proposal"]:
            raise Refused("plan_changed")
        due = args.get("due_on")
        done = breaking_down.break_down_commitment(
            actor=actor,
            ref=args["ref"],
            version=args["version"],
            units=args["chosen"],
            levels=args.get("levels", 1),
            cadence=args.get("cadence", "on_change"),
            due_on=date.fromisoformat(due) if due else None,
            due_days=args.get("due_days"),
            due_kind=args.get("due_kind", ""),
            title=args.get("title", ""),
            requirement=args.get("requirement", ""),
            counted_with_parent=args.get("counted_with_parent", False),
            accept_days=args.get("accept_days", 5),
            duplicates=args.get("duplicates", ""),
            different=args.get("different", ""),
            at=at,
        )
        return _done(held, done.entry, {}, len(proposal.units), actor=actor, at=at)
