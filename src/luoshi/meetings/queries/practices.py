"""Write-ups as one may see them（先进做法查询）: as far as the programme lets a unit see its siblings."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from luoshi.delivery.models import Commitment, Matter, Programme, Verification
from luoshi.delivery.queries import programmes, visible
from luoshi.ledger.models import Entry
from luoshi.ledger.queries import entries_for
from luoshi.meetings.models import Practice, PracticeEdition
from luoshi.rules import paths
from luoshi.rules import practices as rules
from luoshi.rules.permissions import Actor, Role
from luoshi.rules.practices import PracticeAct, PracticeState
from luoshi.rules.refusals import Refused, require_version

RELATED = (
    "unit__area", "programme__owner__area", "matter", "commitment__sub_matter", "written_by_post__unit",
    "withdrawn_by_post",
)  # fmt: skip
PROVING = frozenset({"delivery.CommitmentVerified", "delivery.CommitmentsCertified"})
"""Entries that say a result was verified."""
WORDS = 6
"""Words of a search that count."""


def practices_seen(actor: Actor) -> QuerySet[Practice]:
    """Write-ups an actor may read: those of its own area, and of its siblings as the programme says.

    Where units see only their own, that is all; where they see siblings' totals, those from anywhere beneath the unit
    above; where they see all totals, every one of the programme. One withdrawn is seen by its own side and the owner's.
    """
    rows = Practice.objects.select_related(*RELATED)
    if actor.role is Role.SYSTEM:
        return rows
    seat = actor.effective
    own = Q(**paths.subtree("unit__path", seat.area_path))
    above = paths.parent(seat.area_path)
    seen = own | Q(programme__visibility=Programme.Visibility.ALL)
    if above:
        seen |= Q(programme__visibility=Programme.Visibility.SIBLINGS, **paths.subtree("unit__path", above))
    return rows.filter(seen, Q(state=PracticeState.SHOWN) | own, programme__in=programmes(actor).values("pk"))


def practice_for(actor: Actor, ref: str) -> Practice:
    """One write-up within sight.

    Raises:
        Refused: ``not_found``.
    """
    found = practices_seen(actor).filter(ref=ref).first()
    if found is None:
        raise Refused("not_found")
    return found


def lock_practice(actor: Actor, ref: str, version: int | None) -> Practice:
    """The same, locked until the transaction ends, in the version looked at; ``None`` where none is asked.

    Raises:
        Refused: ``not_found``, ``stale_version``.
    """
    practice_for(actor, ref)
    related = [name for name in RELATED if name != "withdrawn_by_post"]
    found = Practice.objects.select_for_update(of=("self",)).select_related(*related).get(ref=ref)
    if version is not None:
        require_version(version, found.version, ref=found.ref)
    return found


def library(actor: Actor, *, matter: int | None = None, words: str = "") -> QuerySet[Practice]:
    """The write-ups that are shown, the newest first; of one matter, with every word of a search somewhere in them."""
    rows = practices_seen(actor).filter(state=PracticeState.SHOWN)
    if matter is not None:
        rows = rows.filter(matter=matter)
    for word in words.replace("\x00", " ").split()[:WORDS]:
        some = Q(unit__name__icontains=word)
        for name in rules.PARTS:
            some |= Q(**{f"{name}__icontains": word})
        rows = rows.filter(some)
    return rows.order_by("-pk")


def matters_seen(actor: Actor) -> list[Matter]:
    """The matters by which the library is narrowed: of the programmes in force that reach the actor; one statement."""
    reached = programmes(actor).exclude(state=Programme.State.DRAFT).values("pk")
    return list(
        Matter.objects.filter(programme__in=reached).select_related("programme").order_by("programme", "number")[:200]
    )


@dataclass(frozen=True, slots=True)
class Verified:
    """How a result was verified; ``entry`` of the ledger proves it, where one may look."""

    verification: Verification
    entry: Entry | None


@dataclass(frozen=True, slots=True)
class Shown:
    """A write-up as one reader sees it; the commitment is linked only for whoever may see it."""

    practice: Practice
    acts: tuple[PracticeAct, ...]
    verified: Verified | None
    editions: Sequence[PracticeEdition]
    linked: bool


def show(practice: Practice, actor: Actor) -> Shown:
    """Everything about one write-up that the actor sees; four statements."""
    linked = visible(actor).filter(pk=practice.commitment_id).exists()
    verification = latest_verified([practice.commitment_id]).get(practice.commitment_id)
    verified = None
    if verification is not None:
        verified = Verified(verification, _entry(practice.commitment, verification) if linked else None)
    editions = list(practice.editions.select_related("amended_by_post")[:50])
    return Shown(practice, rules.possible(practice.facts(), actor=actor), verified, editions, linked)


def _entry(commitment: Commitment, verification: Verification) -> Entry | None:
    """The entry of the ledger that says what the verification said."""
    for entry in entries_for(commitment.ref, limit=50):
        if entry.type in PROVING and entry.ts == verification.at:
            return entry
    return None


def latest_verified(commitments: Collection[int]) -> Mapping[int, Verification]:
    """Commitment → the newest verification that passed（最近一次通过的核查）; one statement."""
    rows = Verification.objects.filter(commitment__in=commitments, passed=True).order_by("pk")
    return {row.commitment_id: row for row in rows.select_related("by_post__unit")}


def of_commitments(actor: Actor, commitments: Collection[int]) -> Mapping[int, Practice]:
    """Commitment → number and title of the write-up the actor may read of it; one statement."""
    rows = practices_seen(actor).filter(commitment__in=commitments, state=PracticeState.SHOWN)
    return {row.commitment_id: row for row in rows.select_related(None).only("ref", "title", "commitment_id")}
