"""The common walk of every act on a commitment: fetch with permission, ask the table, write, log, project.

One act = one function = one transaction = one ledger entry. The services beside this module say what is particular to
their act; everything that must never be forgotten is here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from luoshi.accounts.adapters import changes_of, columns_of, run, sent_together
from luoshi.delivery import projections, queries
from luoshi.delivery.models import Commitment
from luoshi.delivery.services import notices
from luoshi.ledger import services as ledger
from luoshi.ledger.models import Entry
from luoshi.rules import lifecycle, rollup
from luoshi.rules.documents import screening
from luoshi.rules.lifecycle import Act, Intent, Move, State
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused, declare, gettext_noop

_ = gettext_noop
declare(
    422,
    off_system_words=_(
        "This is handled off the system: write nothing here, not even a reason. Words belong to the paper file."
    ),
)


class Governed(Protocol):
    """A row whose state the ledger records."""

    @property
    def ledger_key(self) -> str:
        """Its key in ``after`` maps."""

    def ledger_state(self) -> dict[str, Any]:
        """Its governed fields."""


@dataclass(slots=True)
class Done:
    """The outcome of an act: the commitment as it is now and the ledger entry that proves it."""

    commitment: Commitment
    entry: Entry
    extra: Any = None


@dataclass(slots=True)
class Doing:
    """An act between permission and record; only services hold one."""

    commitment: Commitment
    facts: lifecycle.Facts
    move: Move
    actor: Actor
    at: datetime
    before: rollup.Summary
    path_before: str
    columns: dict[str, Any]
    """What stood in the commitment's columns when it was locked."""

    @property
    def on_behalf(self) -> bool:
        """Whether the unit directly above answers for the lead（代填）."""
        return self.move.standing is lifecycle.Standing.PROXY

    @property
    def for_unit_id(self) -> int | None:
        """The unit answered for, when on behalf."""
        return self.commitment.lead_id if self.on_behalf else None

    def finish(
        self,
        event: Any,
        *,
        rows: Iterable[Governed] = (),
        subjects: Iterable[str] = (),
        occurred_at: datetime | None = None,
        extra: Any = None,
    ) -> Done:
        """Write the commitment, its light, its cells and the one ledger entry; returns what was done."""
        commitment = self.commitment
        if commitment.off_system:
            _require_wordless(event)
        commitment.state = self.move.after
        commitment.version += 1
        projections.turn_light(commitment, at=self.at)
        projections.on_part(commitment, self.move, at=self.at)
        if self.move.act in projections.SHOWN_BY:
            projections.on_lead([commitment])
        notices.tell(self.move.act, commitment, actor=self.actor, at=self.at)
        with sent_together():  # the row first: the database works on it while the entry is put together
            if changes := changes_of(commitment, self.columns):
                run(changes)
            entry = ledger.append(
                event,
                actor=self.actor,
                at=self.at,
                occurred_at=occurred_at,
                after={row.ledger_key: row.ledger_state() for row in (commitment, *rows)},
                subjects=(commitment.ref, *subjects),
                beside=projections.on_change(commitment, self.before, old_path=self.path_before),
            )
        return Done(commitment, entry, extra)


def begin(
    act: Act,
    *,
    actor: Actor,
    ref: str,
    version: int | None,
    at: datetime,
    intent: Intent | None = None,
    handed: bool = False,
) -> Doing:
    """Lock the commitment with permission, refuse a stale version, and ask the table.

    Args:
        act: what is to be done.
        actor: who, in which seat.
        ref: the commitment's number.
        version: the version the person looked at; ``None`` only for the clock, which looked at nothing.
        at: now, read at the door.
        intent: what the guards need of what was said.
        handed: the actor was sent there, perhaps from outside the area; the visit is the permission to see it.

    Raises:
        Refused: ``not_found``, ``stale_version``, or any code of the table and its guards.
    """
    commitment = queries.lock_commitment(actor, ref, version, handed=handed)
    columns = columns_of(commitment)
    facts = commitment.facts(act)
    move = lifecycle.decide(facts, act, actor=actor, intent=intent or Intent(), at=at)
    return Doing(commitment, facts, move, actor, at, commitment.summary(), commitment.lead.path, columns)


WORDS = frozenset({"title", "reason", "opinion", "statement", "words"})
"""Fields of events that hold what a person wrote."""


def _require_wordless(event: Any) -> None:
    """An off-system item keeps no words, whatever the door sent.

    Raises:
        Refused: ``off_system_words``.
    """
    if any(getattr(event, name, "") for name in WORDS):
        raise Refused("off_system_words")


def said(text: str | None) -> str:
    """Words as they may be kept: stripped, refused when they carry a secrecy mark or card numbers, mobiles masked.

    Raises:
        Refused: ``secrecy_mark``, ``identity_number`` or ``bank_number`` (principle 10).
    """
    return screening.screen((text or "").strip()).text


def over(state: str) -> bool:
    """Whether nothing is owed any more in that state."""
    return State(state) in lifecycle.OVER


def hand(actor: Actor, at: datetime) -> dict[str, Any]:
    """The columns that record one of the three hands."""
    return {
        "by_user": actor.user_id,
        "by_post_id": actor.seat.post_id,
        "for_post_id": actor.principal.post_id if actor.principal else None,
        "kin": sorted(actor.kin),
        "at": at,
    }
