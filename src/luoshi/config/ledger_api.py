"""The ledger, who one is, over the API（留痕接口）; they need applications above the ledger, so they stand here."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Path, Query, Router
from pydantic import BaseModel

from luoshi.delivery import queries as delivery
from luoshi.delivery.schemas.answers import TimelineEntry, TimelinePage
from luoshi.ledger import queries as ledger
from luoshi.ledger.models import Entry, EntrySubject
from luoshi.rules.paths import depth
from luoshi.rules.permissions import Actor, Role, Seat
from luoshi.rules.refusals import Refused, declare, gettext_noop
from luoshi.units.queries import actor_for_request, seats_of

_ = gettext_noop
declare(409, not_numbered=_("This entry waits for its number; ask again in two seconds."))
declare(403, whole_ledger=_("The whole ledger is for the auditor; name a commitment you may see."))
router = Router(tags=["ledger"])

EntryId = Annotated[int, Path(ge=1, le=2**53)]
Number = Annotated[int | None, Query(ge=1, le=2**53)]
Limit = Annotated[int, Query(ge=1, le=200)]
Ref = Annotated[str, Query(max_length=120, pattern=r"^[^\x00]*$")]


class SeatOut(BaseModel):
    """A seat: the post one acts from, and for whom."""

    key: str
    post: str
    title: str
    role: str
    unit_id: int
    unit: str
    principal: str | None
    current: bool


class MeOut(BaseModel):
    """Who one is here."""

    username: str
    name: str
    post: str
    role: str
    on_behalf_of: str | None
    unit_id: int
    seats: list[SeatOut]


class HeadOut(BaseModel):
    """Where the ledger stands: numbered entries, the root over them, the chain after the last."""

    size: int
    root: str
    chain: str


class EntryOut(BaseModel):
    """One entry: who, when, what, what changed, and its leaf."""

    id: int
    number: int | None
    type: str
    v: int
    ts: dt.datetime
    occurred_at: dt.datetime | None
    recorded_at: dt.datetime
    actor_post: str
    on_behalf_of: str | None
    role: str
    data: dict[str, Any]
    after: dict[str, Any]
    subjects: list[str]
    payload_sha256: str
    subjects_digest: str
    leaf: str
    leaf_digest: str
    chain: str | None


class ProofOut(BaseModel):
    """What proves that an entry stands in the ledger（包含证明）."""

    number: int
    index: int
    size: int
    leaf: str
    leaf_digest: str
    root: str
    path: list[str]
    holds: bool


def reads_everything(actor: Actor) -> bool:
    """Whether the actor may read the whole ledger: the auditor of the whole tree."""
    return actor.role is Role.AUDITOR and depth(actor.effective.area_path) == 1


def readable_entry(actor: Actor, entry_id: int) -> Entry:
    """An entry the actor may read: the auditor any, others those about commitments and programmes they may see.

    Raises:
        Refused: ``not_found``.
    """
    entry = ledger.get_entry(id=entry_id)
    if reads_everything(actor) or entry.actor_post == actor.seat.post_ref:
        return entry
    refs = list(EntrySubject.objects.filter(entry=entry).values_list("ref", flat=True)[:2000])
    if (
        delivery.visible(actor).filter(ref__in=refs).exists()
        or delivery.programmes(actor).filter(key__in=refs).exists()
    ):
        return entry
    raise Refused("not_found")


@router.get("/me", response=MeOut, operation_id="get_me", tags=["accounts"])
def get_me(request: HttpRequest) -> MeOut:
    """Who one is, from which post one acts, and which other seats one may choose."""
    at = timezone.now()
    actor = actor_for_request(request, at)
    seat = actor.effective
    return MeOut(
        username=actor.username,
        name=actor.name,
        post=actor.seat.post_ref,
        role=actor.role,
        on_behalf_of=actor.principal.post_ref if actor.principal else None,
        unit_id=seat.unit_id,
        seats=[
            _seat(choice.key, choice.principal or choice.seat, choice, choice.held_by(actor))
            for choice in seats_of(request.user, at)  # type: ignore[arg-type]
        ],
    )


def _seat(key: str, seat: Seat, choice: Any, current: bool) -> SeatOut:
    return SeatOut(
        key=key,
        post=choice.seat.post_ref,
        title=seat.title,
        role=seat.role,
        unit_id=seat.unit_id,
        unit=choice.principal_unit_name or choice.unit_name,
        principal=choice.principal.post_ref if choice.principal else None,
        current=current,
    )


@router.get("/ledger/head", response=HeadOut, operation_id="get_ledger_head")
def get_head(request: HttpRequest) -> HeadOut:
    """Size, root and chain of the ledger now; anybody with a post may keep them to check later."""
    actor_for_request(request, timezone.now())
    head = ledger.head()
    return HeadOut(size=head.size, root=head.root, chain=head.chain)


@router.get("/ledger/entries", response=TimelinePage, operation_id="list_ledger_entries")
def list_entries(request: HttpRequest, ref: Ref = "", before: Number = None, limit: Limit = 50) -> TimelinePage:
    """Entries, newest first: the auditor's all of them; others' those about the commitment named by ``ref``."""
    actor = actor_for_request(request, timezone.now())
    if not reads_everything(actor):
        if not ref:
            raise Refused("whole_ledger")
        delivery.commitment_for(actor, ref)
    rows = Entry.objects.select_related("sequence").order_by("-id")
    if ref:
        rows = rows.filter(pk__in=ledger.about(ref).values("entry_id"))
    if before:
        rows = rows.filter(pk__lt=before)
    found = list(rows[: limit + 1])
    return TimelinePage(
        items=[TimelineEntry.of(row) for row in found[:limit]],
        next=found[limit - 1].pk if len(found) > limit else None,
    )


@router.get("/ledger/entries/{entry_id}", response=EntryOut, operation_id="get_ledger_entry")
def get_entry(request: HttpRequest, entry_id: EntryId) -> EntryOut:
    """One entry with its content; persons appear as salted hashes only."""
    actor = actor_for_request(request, timezone.now())
    facts = ledger.entry_facts(readable_entry(actor, entry_id))
    return EntryOut.model_validate({name: facts[name] for name in EntryOut.model_fields})


@router.get("/ledger/entries/{entry_id}/proof", response=ProofOut, operation_id="get_ledger_proof")
def get_proof(request: HttpRequest, entry_id: EntryId) -> ProofOut:
    """The proof that an entry stands in the ledger as it is now; 409 while it waits for its number."""
    actor = actor_for_request(request, timezone.now())
    proof = ledger.inclusion(readable_entry(actor, entry_id))
    if proof is None:
        raise Refused("not_numbered")
    return ProofOut.model_validate(proof)
