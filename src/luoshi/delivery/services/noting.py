"""批示办理: a leader's note becomes an instruction on a commitment, or a commitment, in one act."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from luoshi.delivery import queries
from luoshi.delivery.services import acting, asking, drafting
from luoshi.delivery.services.acting import Done
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused, declare, gettext_noop

_ = gettext_noop
declare(
    422,
    note_missing=_("Write the words of the note and whose note it is."),
    note_target=_("Say on which task the note stands, or name the matter, the lead unit and the title of a new one."),
)


@transaction.atomic
def act_on_note(
    *,
    actor: Actor,
    words: str,
    leader: str,
    noted_on: date | None = None,
    on: str = "",
    version: int | None = None,
    matter: int | None = None,
    lead: int | None = None,
    title: str = "",
    due_on: date | None = None,
    due_days: int | None = None,
    issue: bool = False,
    different: str = "",
    at: datetime,
) -> Done:
    """Make of a leader's note（批示） what it asks for; each step by its own service with its own entry, all or none.

    With ``on`` it is an instruction on that commitment, in the version looked at or as it is now. Otherwise a
    commitment is drafted whose source is the note, and with ``issue`` it is handed over at once.

    Raises:
        Refused: ``note_missing``, ``note_target``, ``asked_already`` and those of the services it goes through.
    """
    words, leader = acting.said(words), acting.said(leader)
    if not words or not leader:
        raise Refused("note_missing")
    place = f"{leader}批示" + (f"，{noted_on.isoformat()}" if noted_on else "")
    if on:
        seen = version or queries.commitment_for(actor, on).version
        return asking.instruct_commitment(actor=actor, ref=on, version=seen, words=f"{words}（{place}）", at=at)
    if matter is None or lead is None or not title.strip():
        raise Refused("note_target")
    done = drafting.draft_commitment(
        actor=actor,
        matter=matter,
        lead=lead,
        title=title,
        requirement=words,
        due_on=due_on,
        due_days=due_days,
        source_quote=words,
        source_place=place,
        at=at,
    )
    if not issue:
        return done
    made = done.commitment
    return drafting.issue_commitment(actor=actor, ref=made.ref, version=made.version, different=different, at=at)
