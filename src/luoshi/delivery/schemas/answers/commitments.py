"""What the API tells about commitments（任务）."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext
from pydantic import BaseModel

from luoshi.delivery.events import EVENT_NAMES
from luoshi.delivery.models import Commitment
from luoshi.delivery.schemas.answers.marks import UnitName, taken
from luoshi.delivery.schemas.deadlines import due_sentence
from luoshi.ledger import queries as ledger
from luoshi.ledger.models import Entry
from luoshi.rules import lifecycle, lights
from luoshi.ui.sentences import sentence, told


class CommitmentOut(BaseModel):
    """One commitment in a list."""

    ref: str
    programme: str
    matter: int
    kind: lifecycle.Kind
    state: lifecycle.State
    version: int
    title: str
    issuer: UnitName
    lead: UnitName
    parent: str | None
    due_on: dt.date | None
    first_due_on: dt.date | None
    said: int
    verified: int
    verified_how: str
    light: str
    missed: bool
    children_count: int
    open_children: int

    @staticmethod
    def of(commitment: Commitment) -> CommitmentOut:
        """The line of a commitment; needs what ``queries.visible`` loads."""
        return CommitmentOut.model_validate(line(commitment))


def line(commitment: Commitment) -> dict[str, object]:
    """The fields of a commitment that every answer about it has."""
    return {
        **taken(commitment, CommitmentOut),
        "programme": commitment.programme.key,
        "matter": commitment.matter_id,
        "kind": commitment.kind,
        "state": commitment.state,
        "issuer": UnitName.of(commitment.issuer),
        "lead": UnitName.of(commitment.lead),
        "parent": commitment.parent.ref if commitment.parent else None,
    }


class CommitmentPage(BaseModel):
    """At most ``limit`` commitments; ``next`` is the cursor of the page that follows, or null."""

    items: list[CommitmentOut]
    next: str | None


class PossibilityOut(BaseModel):
    """One act, whether it is open to the caller, and if not, why."""

    act: lifecycle.Act
    name: str
    allowed: bool
    code: str | None
    reason: str | None
    who: list[str]

    @staticmethod
    def of(one: lifecycle.Possibility) -> PossibilityOut:
        """The possibility in the reader's language."""
        return PossibilityOut(
            act=one.act,
            name=gettext(lifecycle.ACT_NAMES[one.act]),
            allowed=one.allowed,
            code=one.refusal.code if one.refusal else None,
            reason=sentence(one.refusal) if one.refusal else None,
            who=[gettext(lifecycle.STANDING_NAMES[standing]) for standing in one.who],
        )


class CommitmentDetail(CommitmentOut):
    """One commitment with its words, its dates, why its light is as it is, and who may do what now."""

    requirement: str
    criteria: list[str]
    source_quote: str
    source_place: str
    supporting: list[UnitName]
    verifying_unit: UnitName | None
    lead_post: str | None
    accept_by: dt.date | None
    due_sentence: str
    waiting_since: dt.date | None
    waited_days: int
    issued_at: dt.datetime | None
    accepted_at: dt.datetime | None
    closed_at: dt.datetime | None
    cadence: str
    asks_files: int
    asks_photos: int
    frequency: str
    period_from_on: dt.date | None
    period_until_on: dt.date | None
    extensions_granted: int
    reopened: int
    pending_extension: bool
    open_requests: int
    unread_briefs: int
    open_findings: int
    open_objections: int
    light_code: str
    light_reason: str
    possibilities: list[PossibilityOut]

    @staticmethod
    def whole(
        commitment: Commitment, possibilities: tuple[lifecycle.Possibility, ...], light: lights.Light
    ) -> CommitmentDetail:
        """Everything about a commitment."""
        values = {**taken(commitment, CommitmentDetail), **line(commitment)}
        verifying = commitment.verifying_unit
        return CommitmentDetail.model_validate(
            {
                **values,
                "supporting": [UnitName.of(one.unit) for one in commitment.supports.select_related("unit")],
                "verifying_unit": UnitName.of(verifying) if verifying else None,
                "lead_post": commitment.lead_post.ref if commitment.lead_post else None,
                "due_sentence": due_sentence(commitment),
                "light_code": light.code,
                "light_reason": gettext(light.template) % {name: told(day) for name, day in light.params.items()},
                "possibilities": [PossibilityOut.of(one) for one in possibilities],
            }
        )


class TimelineEntry(BaseModel):
    """One act in the timeline, from the ledger."""

    id: int
    number: int | None
    type: str
    name: str
    ts: dt.datetime
    occurred_at: dt.datetime | None
    actor_post: str
    on_behalf_of: str | None

    @staticmethod
    def of(entry: Entry) -> TimelineEntry:
        """The entry as a timeline shows it."""
        name = EVENT_NAMES.get(entry.type, "")
        return TimelineEntry(
            id=entry.pk,
            number=ledger.number_of(entry),
            type=entry.type,
            name=gettext(name) if name else entry.type,
            ts=entry.ts,
            occurred_at=entry.occurred_at,
            actor_post=entry.actor_post,
            on_behalf_of=entry.on_behalf_of,
        )


class TimelinePage(BaseModel):
    """Acts, newest first; ``next`` is the cursor of the page that follows, or null."""

    items: list[TimelineEntry]
    next: int | None
