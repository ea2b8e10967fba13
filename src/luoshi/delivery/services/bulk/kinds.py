"""What can be done in bulk（批量办理的种类）: what each kind asks the rule book and what it writes on one commitment.

The rules are those of the single act, asked for every subject: the same table, the same guards, the same hands.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from luoshi.delivery import events, projections
from luoshi.delivery.models import Bulk, Commitment
from luoshi.delivery.models.commitments import iso
from luoshi.delivery.services.changing import move_date
from luoshi.rules import lifecycle
from luoshi.rules.lifecycle import Act, Intent
from luoshi.rules.paths import within
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused
from luoshi.units.models import Post

Args = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Judged:
    """A subject that may be done: the facts it was judged by, and the move."""

    facts: lifecycle.Facts
    move: lifecycle.Move


@dataclass(frozen=True, slots=True)
class BulkKind:
    """One kind: its act, what the rule book is told, what is written, and the event of the one entry."""

    act: Act
    intent: Callable[[Args, Commitment], Intent]
    write: Callable[[Args, Commitment, datetime], None]
    event: Callable[[Args, list[Any]], Any]
    detail: Callable[[Commitment, Judged, str | None], list[str]]


def new_date(args: Args, commitment: Commitment) -> date | None:
    """The date a commitment would get: the one decided, or its own moved by days."""
    if args.get("new_due_on"):
        return date.fromisoformat(args["new_due_on"])
    return commitment.due_on + timedelta(days=int(args["by_days"])) if commitment.due_on else None


def args_of(bulk: Bulk) -> Args:
    """What was said, with the post the work goes to looked up once for all."""
    if bulk.act != Act.ASSIGN:
        return dict(bulk.args)
    return {
        **bulk.args,
        "post_to": Post.objects.select_related("unit").filter(ref=bulk.args["to"], active=True).first(),
    }


def _close(_args: Args, commitment: Commitment, at: datetime) -> None:
    commitment.closed_at = at
    commitment.reopened_parts = 0


def _re_date(args: Args, commitment: Commitment, _at: datetime) -> None:
    moved = new_date(args, commitment)
    if moved is not None:
        move_date(commitment, moved)


def _assign(args: Args, commitment: Commitment, _at: datetime) -> None:
    post: Post | None = args["post_to"]
    if post is None or not within(post.unit.path, commitment.lead.path):
        raise Refused("post_outside")
    commitment.lead_post = post


KINDS: Mapping[Act, BulkKind] = {
    Act.CLOSE: BulkKind(
        Act.CLOSE,
        lambda args, _c: Intent(opinion=args["opinion"]),
        _close,
        lambda args, done: events.CommitmentsClosed(
            ref=done[0][0], opinion=args["opinion"], commitments=len(done), material_digests=done
        ),
        lambda c, judged, _old: [c.ref, judged.facts.material_digest],
    ),
    Act.RE_DATE: BulkKind(
        Act.RE_DATE,
        lambda args, c: Intent(reason=args["reason"], new_due=new_date(args, c)),
        _re_date,
        lambda args, done: events.CommitmentsReDated(
            ref=done[0][0], reason=args["reason"], commitments=len(done), dates=done
        ),
        lambda c, _judged, old: [c.ref, old or "", iso(c.due_on) or ""],
    ),
    Act.ASSIGN: BulkKind(
        Act.ASSIGN,
        lambda _args, _c: Intent(),
        _assign,
        lambda args, done: events.WorkHandedOver(
            ref=done[0][0], from_post=args["post"], post=args["to"], commitments=len(done)
        ),
        lambda c, _judged, _old: [c.ref],
    ),
}
"""Kinds whose subjects are commitments; a breakdown's are units and is its own service."""


def judge(kind: BulkKind, commitment: Commitment | None, args: Args, *, actor: Actor, at: datetime) -> Judged:
    """Whether the act may be done to one commitment now; what it writes is written on the object, nothing is saved.

    Raises:
        Refused: ``not_found``, ``post_outside`` and every code of the table and its guards.
    """
    if commitment is None:
        raise Refused("not_found")
    facts = commitment.facts(kind.act)
    intent = kind.intent(args, commitment)
    move = lifecycle.decide(facts, kind.act, actor=actor, intent=intent, at=at)
    kind.write(args, commitment, at)
    commitment.state = move.after
    return Judged(facts, move)


@dataclass(frozen=True, slots=True)
class Dated:
    """A commitment whose date would move."""

    parent_id: int | None
    old: date
    new: date


def against_family(moving: Mapping[int, Dated]) -> dict[int, Refused]:
    """Which of the dates cannot move together（整分期限）: a part is never due after its whole.

    Args:
        moving: primary key → date before and after, of all that would move in one act.
    """
    refused: dict[int, Refused] = {}
    earlier = [pk for pk, one in moving.items() if one.new < one.old]
    for pk in sorted(earlier, reverse=True):  # parts before their wholes: a part that stays holds its whole back
        refused |= _held_back(pk, moving, refused)
    parents = {one.parent_id for one in moving.values() if one.parent_id} - set(moving)
    dues = dict(among(parents).values_list("pk", "due_on"))
    for pk in sorted(moving):  # wholes before their parts
        one = moving[pk]
        if pk in refused or one.parent_id is None:
            continue
        above = moving.get(one.parent_id)
        whole = dues.get(one.parent_id) if above is None else above.old if one.parent_id in refused else above.new
        if whole is not None and one.new > whole:
            refused[pk] = Refused("part_after_whole", due=str(whole))
    return refused


def _held_back(pk: int, moving: Mapping[int, Dated], refused: Mapping[int, Refused]) -> dict[int, Refused]:
    parts = Commitment.objects.filter(parent=pk).exclude(state__in=projections.OVER_VALUES)
    for part, ref, due in parts.filter(due_on__gt=moving[pk].new).order_by("pk").values_list("pk", "ref", "due_on"):
        if part not in moving or part in refused or moving[part].new > moving[pk].new:
            return {pk: Refused("part_due_later", ref=ref, due=str(due))}
    return {}


def listed(keys: Collection[int]) -> RawSQL:
    """Keys as one parameter, be they one or twenty thousand."""
    if connection.vendor == "postgresql":
        return RawSQL("SELECT unnest(%s::bigint[])", [list(keys)])
    return RawSQL("SELECT value FROM json_each(%s)", [json.dumps(list(keys))])


def among(keys: Collection[int]) -> QuerySet[Commitment]:
    """The commitments of those keys."""
    return Commitment.objects.filter(pk__in=listed(keys))
