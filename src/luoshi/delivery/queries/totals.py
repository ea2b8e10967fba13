"""Programmes and the stored cells of units × matters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import QuerySet, Sum

from luoshi.delivery.models import Cell, CellDelta, Matter, Programme
from luoshi.rules import rollup
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused


def programmes(actor: Actor) -> QuerySet[Programme]:
    """Programmes that reach the actor: owned by an area on the actor's line or within its subtree."""
    segments = actor.effective.area_path.split(".")[:-1]
    line = [".".join(segments[: i + 1]) + "." for i in range(len(segments))]
    area = actor.effective.area_path
    rows = Programme.objects.select_related("owner")
    if not area:
        return rows
    return rows.filter(owner__area__path__in=line) | rows.filter(owner__path__gte=area, owner__path__lt=area + "~")


def programme_for(actor: Actor, key: str) -> Programme:
    """One programme within reach.

    Raises:
        Refused: ``not_found``.
    """
    found = programmes(actor).filter(key=key).first()
    if found is None:
        raise Refused("not_found")
    return found


def cells(unit_ids: Iterable[int], matters: Iterable[Matter]) -> dict[tuple[int, int], rollup.Summary]:
    """The summary of each unit × matter: stored base plus deltas not folded yet. One statement, whatever the size.

    One statement sees one moment: a fold that commits meanwhile can neither hide a delta nor count it twice. The
    caller has already limited ``unit_ids`` to what the actor may see; empty cells are absent.
    """
    units, matter_ids = list(unit_ids), [matter.pk for matter in matters]
    key = ("unit_id", "matter_id")
    totals = {f"t_{column}": Sum(column) for column in rollup.COLUMNS}
    both = [
        model.objects.filter(unit_id__in=units, matter_id__in=matter_ids).order_by().values(*key).annotate(**totals)
        for model in (Cell, CellDelta)
    ]
    sums: dict[tuple[int, int], rollup.Summary] = defaultdict(lambda: rollup.ZERO)
    for row in both[0].union(both[1], all=True):
        part = rollup.Summary(*(row[f"t_{column}"] for column in rollup.COLUMNS))
        sums[row["unit_id"], row["matter_id"]] += part
    return dict(sums)
