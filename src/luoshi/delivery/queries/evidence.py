"""佐证台: what stands behind the reports of a commitment, across reports and, when asked, across its parts.

What is shown of other uses of the same file is a fact within the reader's scope, never a verdict.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from luoshi.delivery.models import Commitment, Evidence
from luoshi.delivery.queries.coverage import below
from luoshi.delivery.queries.register import commitment_for, visible
from luoshi.rules import lifecycle
from luoshi.rules.lifecycle import Standing
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused

PAGE = 24
"""Pieces on one page."""
OFFERED = 60
"""Files offered to be used again."""
LINKED = 500
"""Corrected pieces of one commitment that are looked through for a chain."""
USES = 30
"""Other uses told of one piece at most."""
TOLD = frozenset({Standing.ISSUER, Standing.SUPERIOR, Standing.VERIFIER, Standing.LINE_VERIFIER})
"""Who is told where else the same file stands; the reporting unit itself is told of its own uses only."""

_WITH = ("file", "report__by_post__unit", "report__commitment__lead", "supersedes")


@dataclass(slots=True)
class Piece:
    """One piece of evidence with what is known about it."""

    item: Evidence
    newer: Evidence | None = None
    """The correction that took its place."""
    uses: list[Evidence] = field(default_factory=list)
    """Other places of the same file that the reader may be told of."""


def evidence_rows(actor: Actor, commitment: Commitment, *, parts: bool = False) -> QuerySet[Evidence]:
    """The evidence behind a commitment, and behind its parts on every level when asked; with permission."""
    rows = Evidence.objects.select_related(*_WITH)
    if not parts:
        return rows.filter(report__commitment=commitment)
    seen = visible(actor).filter(below(commitment)).order_by().values("pk")
    return rows.filter(Q(report__commitment=commitment) | Q(report__commitment__in=seen))


def evidence_page(
    actor: Actor, ref: str, *, parts: bool = False, before: int | None = None, limit: int = PAGE
) -> tuple[Commitment, list[Piece], int | None]:
    """A page of evidence, newest first, by keyset; the number of statements does not grow with it.

    Args:
        actor: who looks; permission as for the commitment.
        ref: the commitment's number.
        parts: whether the parts below are shown, too.
        before: the cursor of the page before.
        limit: at most so many.

    Raises:
        Refused: ``not_found``.
    """
    commitment = commitment_for(actor, ref)
    rows = evidence_rows(actor, commitment, parts=parts).order_by("-pk")
    found = list((rows.filter(pk__lt=before) if before else rows)[: limit + 1])
    pieces = _told(actor, commitment, found[:limit])
    return commitment, pieces, (found[limit - 1].pk if len(found) > limit else None)


def evidence_piece(actor: Actor, ref: str, evidence_id: int) -> tuple[Commitment, Piece]:
    """One piece behind a report of one commitment, with its uses.

    Raises:
        Refused: ``not_found``.
    """
    commitment = commitment_for(actor, ref)
    found = Evidence.objects.select_related(*_WITH).filter(report__commitment=commitment, pk=evidence_id).first()
    if found is None:
        raise Refused("not_found")
    return commitment, _told(actor, commitment, [found])[0]


def _told(actor: Actor, commitment: Commitment, rows: Sequence[Evidence]) -> list[Piece]:
    """The pieces with their corrections and other uses; two statements."""
    newer = {
        one.supersedes_id: one
        for one in Evidence.objects.select_related(*_WITH)
        .filter(supersedes__in=[row.pk for row in rows])
        .order_by("pk")
    }
    uses = uses_of(actor, commitment, rows)
    return [
        Piece(
            row,
            newer.get(row.pk),
            [one for one in uses.get(row.digest, []) if one.pk != row.pk][:USES] if row.digest else [],
        )
        for row in rows
    ]


def uses_of(actor: Actor, commitment: Commitment, rows: Iterable[Evidence]) -> dict[str, list[Evidence]]:
    """Digest → every place of that file the reader may be told of（同一文件的其他使用处）; at most one statement.

    Verifiers and the issuing side are told of everything within their scope; anybody else of what the same unit
    handed in. Nothing outside what the reader may see is counted or hinted at.
    """
    digests = {row.digest for row in rows if row.digest}
    if not digests:
        return {}
    places = Evidence.objects.select_related(*_WITH).filter(
        digest__in=digests, report__commitment__in=visible(actor).order_by().values("pk")
    )
    if not lifecycle.standings(commitment.facts(lifecycle.Act.REPORT), actor) & TOLD:
        own = Q(report__commitment__lead_id=commitment.lead_id) | Q(report__by_post__unit_id=actor.effective.unit_id)
        places = places.filter(own)
    found: dict[str, list[Evidence]] = {}
    for one in places.order_by("-pk")[: (USES + 1) * len(digests)]:
        found.setdefault(one.digest, []).append(one)
    return found


def versions(item: Evidence) -> list[Evidence]:
    """The chain of corrections a piece belongs to（版本链）, the oldest first; one statement."""
    linked = Evidence.objects.select_related(*_WITH).filter(
        Q(supersedes__isnull=False) | Q(superseded_by__isnull=False), report__commitment=item.report.commitment_id
    )
    by_id = {one.pk: one for one in linked.order_by("pk")[:LINKED]}
    later = {one.supersedes_id: one for one in by_id.values() if one.supersedes_id is not None}
    chain = [item]
    while (earlier := by_id.get(chain[0].supersedes_id or 0)) is not None:
        chain.insert(0, earlier)
    while (newer := later.get(chain[-1].pk)) is not None:
        chain.append(newer)
    return chain


def reusable(actor: Actor, commitment: Commitment, ids: Iterable[int] | None = None) -> QuerySet[Evidence]:
    """Files this unit has handed in before and may use again（可复用佐证）: each content once, the newest row of it.

    The unit is the lead of the commitment, or the actor's own when it answers for the lead. With ``ids`` just those
    rows, whether or not there is a newer one with the same content.
    """
    mine = Q(report__commitment__lead_id=commitment.lead_id) | Q(report__by_post__unit_id=actor.effective.unit_id)
    rows = Evidence.objects.filter(
        mine, file__isnull=False, report__commitment__in=visible(actor).order_by().values("pk")
    )
    if ids is not None:
        return rows.filter(pk__in=list(ids)).select_related("file", "report__commitment")
    newest = rows.order_by().values("digest").annotate(newest=Max("pk")).values("newest")
    return Evidence.objects.filter(pk__in=newest).select_related("file", "report__commitment").order_by("-pk")


def correctable(commitment: Commitment) -> QuerySet[Evidence]:
    """Pieces of a commitment that a corrected file may take the place of: those not corrected yet."""
    later = Evidence.objects.filter(supersedes=OuterRef("pk"))
    return (
        Evidence.objects.filter(~Exists(later), report__commitment=commitment, file__isnull=False)
        .select_related("report")
        .order_by("-pk")
    )
