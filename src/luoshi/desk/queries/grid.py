"""Rows of the register to act upon together（成批办理）: each with what its act needs to be seen; fixed statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from luoshi.delivery import queries as delivery
from luoshi.delivery.models import Commitment, Extension
from luoshi.rules import lights
from luoshi.rules.lifecycle import TABLE, Act, Kind, State
from luoshi.rules.permissions import Actor, Role
from luoshi.units.models import Post


@dataclass(slots=True)
class Line:
    """One row: the commitment, its light, whether its state allows the act at all, and what the act is about."""

    commitment: Commitment
    light: lights.Light
    fits: bool
    extension: Extension | None = None
    posts: list[Post] = field(default_factory=list)


def lines(actor: Actor, act: Act, refs: Sequence[str], at: datetime) -> list[Line]:
    """The rows meant, in the order given, as far as the actor may see them; at most two statements.

    Whether a row *fits* is read from the table by state and kind alone; who may do it is decided when it is done.
    """
    found = {row.ref: row for row in delivery.visible(actor).filter(ref__in=refs)}
    made = [Line(row, lights.light(row.light_facts(), at), _fits(row, act)) for ref in refs if (row := found.get(ref))]
    if act is Act.DECIDE_EXTENSION:
        waiting = Extension.objects.filter(commitment__in=found.values(), granted__isnull=True).order_by("id")
        asked = {one.commitment_id: one for one in waiting}
        for line in made:
            line.extension = asked.get(line.commitment.pk)
            line.fits = line.fits and line.extension is not None
    if act is Act.ASSIGN:
        leads = {line.commitment.lead_id for line in made}
        posts = Post.objects.filter(unit__in=leads, active=True, role__in=[Role.HEAD, Role.OFFICE, Role.HANDLER])
        by_unit: dict[int, list[Post]] = {}
        for post in posts.order_by("ref"):
            by_unit.setdefault(post.unit_id, []).append(post)
        for line in made:
            line.posts = by_unit.get(line.commitment.lead_id, [])
    return made


def _fits(row: Commitment, act: Act) -> bool:
    rule = TABLE.get((State(row.state), act))
    return rule is not None and Kind(row.kind) in rule.kinds
