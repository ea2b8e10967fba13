"""决策记录的办理: the holder writes beside his log, and lays it open to whom the post was handed over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from luoshi.ledger import services as ledger
from luoshi.ledger.models import Entry
from luoshi.meetings import events
from luoshi.meetings.models import LogComment, LogOpening
from luoshi.meetings.queries import logs as reads
from luoshi.meetings.services.recording import said
from luoshi.rules import decision_log as rules
from luoshi.rules.calendar import local_day
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused
from luoshi.units.models import Holding


@dataclass(frozen=True, slots=True)
class LogDone:
    """Whose log it is, what was written, and the entry that proves it."""

    holding: Holding
    comment: LogComment | None
    entry: Entry


def _begin(actor: Actor, holding: int | None, at: datetime) -> tuple[Holding, reads.Opening | None]:
    """Lock the holding, so that what is written and what opens the log come one after the other."""
    found = reads.own_holding(actor, holding, at)
    locked = Holding.objects.select_for_update(of=("self",)).select_related("post__unit", "user").get(pk=found.pk)
    opening = reads.opening_of(locked)
    if opening is not None and local_day(at) >= opening.on:
        raise Refused("log_is_closed", on=opening.on.isoformat())
    return locked, opening


@transaction.atomic
def comment_on_log(
    *, actor: Actor, words: str, holding: int | None = None, matter: int | None = None, at: datetime
) -> LogDone:
    """Write beside one's own decision log（附言）; what is written is never changed, more can be added.

    Args:
        actor: the holder, in his own name.
        words: what he has to say, at most :data:`luoshi.rules.decision_log.LONGEST_COMMENT` characters.
        holding: of which time in which post; None: the present one in the seat.
        matter: id of the matter it is about; None: the log as a whole.
        at: now.

    Raises:
        Refused: ``not_found``, ``log_not_of_head``, ``log_in_person``, ``log_is_closed``, ``log_comment_wordless``, and
            those of screening.
    """
    told = said(words, "log_comment_wordless")[: rules.LONGEST_COMMENT]
    found, _opening = _begin(actor, holding, at)
    about = reads.matter_named(actor, matter) if matter is not None else None
    comment = LogComment.objects.create(holding=found, matter=about, words=told, at=at)
    entry = ledger.append(
        events.LogCommented(post=found.post.ref, holding=found.pk, matter=matter, words_digest=comment.digest),
        actor=actor,
        at=at,
        after={comment.ledger_key: comment.ledger_state()},
        subjects=(found.post.ledger_key,),
    )
    return LogDone(found, comment, entry)


@transaction.atomic
def lay_open_log(*, actor: Actor, holding: int, at: datetime) -> LogDone:
    """Lay the log of a post one has left open to the successor（提前公开）, before the days for looking are over.

    Raises:
        Refused: ``not_found``, ``log_not_of_head``, ``log_in_person``, ``log_nobody_follows``, ``log_is_closed``,
            ``log_laid_open``.
    """
    found, opening = _begin(actor, holding, at)
    if opening is None:
        raise Refused("log_nobody_follows")
    if opening.handing.laid_open_on is not None or opening.handing.by_holder:
        raise Refused("log_laid_open", on=opening.on.isoformat())
    row = LogOpening.objects.create(holding=found, at=at)
    entry = ledger.append(
        events.LogLaidOpen(post=found.post.ref, holding=found.pk),
        actor=actor,
        at=at,
        after={row.ledger_key: row.ledger_state()},
        subjects=(found.post.ledger_key,),
    )
    return LogDone(found, None, entry)
