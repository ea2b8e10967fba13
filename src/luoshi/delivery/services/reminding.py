"""提醒: one act reminds just those who have not taken a step, each at most once a day for the same thing.

The price is known before: how many units, how many messages, who is left out and why. Several commitments of one unit
make one message. A unit without posts is reminded through the area above it（代填）.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from luoshi.delivery import events, queries
from luoshi.delivery.models import Commitment, Reminder
from luoshi.delivery.models.commitments import iso
from luoshi.delivery.queries import coverage as reads
from luoshi.delivery.queries.coverage import Handed
from luoshi.delivery.services import acting, notices
from luoshi.delivery.services.acting import Done
from luoshi.ledger import services as ledger
from luoshi.ledger.models import Entry
from luoshi.office import services as office
from luoshi.rules import lifecycle
from luoshi.rules.calendar import local_day
from luoshi.rules.coverage import ASKS, ASKS_MANY, STEPS
from luoshi.rules.lifecycle import Act
from luoshi.rules.permissions import Actor, Role
from luoshi.rules.refusals import Refused
from luoshi.units.models import Post

SHANGHAI = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class Reminding:
    """A reminder before it is sent: whom it reaches and what it costs them（代价）."""

    step: Act
    to: Sequence[Commitment]
    posts: dict[int, tuple[Post, ...]] = field(default_factory=dict)
    """Commitment → the posts that receive the reminder."""
    today: Sequence[str] = ()
    """Units left out because they were reminded today."""
    last_at: datetime | None = None
    unheard: Sequence[str] = ()
    """Units left out because nobody there or directly above has a post."""
    others: int = 0
    """Holes that are not reminded: the step is not open to them yet, or another side reminds them."""

    @property
    def units(self) -> list[str]:
        """The names of the units reminded, each once, in the order of the tree."""
        return list({row.lead_id: row.lead.name for row in self.to}.values())

    @property
    def messages(self) -> int:
        """How many messages are written: one a post, however many commitments it is about."""
        return len({post.pk for posts in self.posts.values() for post in posts})


def propose_reminder(
    *, actor: Actor, ref: str, step: str, unit: int | None = None, reach: str = "", at: datetime
) -> Reminding:
    """Whom a reminder about a commitment and its parts would reach, before anything is sent.

    Args:
        actor: who asks; must see the commitment.
        ref: the commitment's number.
        step: one of :data:`luoshi.rules.coverage.STEPS`.
        unit: only within that unit.
        reach: ``below`` for its parts, ``itself`` for its own lead; by default its parts when there are any.
        at: now.

    Raises:
        Refused: ``not_found``, ``bad_input``.
    """
    return _propose(_handed(actor, queries.commitment_for(actor, ref), unit, reach), _step(step), actor, at)


def propose_reminder_of_units(
    *, actor: Actor, programme: str, step: str, matter: int | None = None, unit: int | None = None, at: datetime
) -> Reminding:
    """Whom a reminder across a programme, or one matter, within one unit would reach, before anything is sent.

    Raises:
        Refused: ``not_found``, ``bad_input``.
    """
    found = queries.programme_for(actor, programme)
    return _propose(reads.programme_handed(actor, found, matter, unit), _step(step), actor, at)


@transaction.atomic
def remind_commitment(
    *,
    actor: Actor,
    ref: str,
    version: int,
    step: str,
    unit: int | None = None,
    reach: str = "",
    at: datetime,
) -> Done:
    """Remind just the units that have not taken a step on a commitment or its parts（提醒）; the ladder's first rung.

    Raises:
        Refused: ``nobody_to_remind``, ``reminded_today``, ``all_reminded_today``, ``nobody_to_hear`` and those of
            :func:`propose_reminder` and ``begin``.
    """
    doing = acting.begin(Act.REMIND, actor=actor, ref=ref, version=version, at=at)
    made = _write(_handed(actor, doing.commitment, unit, reach), _step(step), actor, at)
    done = doing.finish(
        events.CommitmentReminded(ref=ref, step=step, units=len(made.proposal.units), commitments=len(made.rows)),
        rows=made.rows,
        subjects=[row.ref for row in made.proposal.to],
        extra=made.proposal,
    )
    _tell(made.proposal, at)
    return done


@transaction.atomic
def remind_units(
    *,
    actor: Actor,
    programme: str,
    step: str,
    matter: int | None = None,
    unit: int | None = None,
    at: datetime,
) -> tuple[Reminding, Entry]:
    """Remind just the units that have not taken a step, across a programme or one matter, within one unit（提醒）.

    It changes nothing that somebody else could have changed meanwhile, so it asks for no version.

    Raises:
        Refused: ``not_your_act``, ``nobody_to_remind``, ``reminded_today``, ``all_reminded_today``, ``nobody_to_hear``
            and those of :func:`propose_reminder_of_units`.
    """
    if actor.role not in (Role.HEAD, Role.OFFICE, Role.HANDLER):
        names = (
            lifecycle.STANDING_NAMES[lifecycle.Standing.ISSUER],
            lifecycle.STANDING_NAMES[lifecycle.Standing.SUPERIOR],
        )
        raise Refused("not_your_act", who=names)
    found = queries.programme_for(actor, programme)
    handed = reads.programme_handed(actor, found, matter, unit)
    made = _write(handed, _step(step), actor, at)
    event = events.UnitsReminded(
        ref=programme,
        step=step,
        within=handed.top.pk,
        matter=matter,
        units=len(made.proposal.units),
        commitments=len(made.rows),
    )
    entry = ledger.append(
        event,
        actor=actor,
        at=at,
        after={row.ledger_key: row.ledger_state() for row in made.rows},
        subjects=(programme, *(row.ref for row in made.proposal.to)),
    )
    _tell(made.proposal, at)
    return made.proposal, entry


def _step(word: str) -> Act:
    found = next((step for step in STEPS if step.value == word), None)
    if found is None:
        raise Refused("bad_input", field="step", problem=", ".join(STEPS))
    return found


def _handed(actor: Actor, commitment: Commitment, unit: int | None, reach: str) -> Handed:
    if reach == "itself" or (not reach and not commitment.children_count and unit is None):
        rows = reads.handed_down(queries.visible(actor)).filter(pk=commitment.pk)
        return Handed(rows, commitment.lead.area, commitment=commitment)
    return reads.parts_handed(actor, commitment, unit)


def _propose(handed: Handed, step: Act, actor: Actor, at: datetime, *, lock: bool = False) -> Reminding:
    missing = handed.rows.select_related(None).order_by().filter(reads.hole(step)).count()
    wanted = reads.to_remind(handed, step, actor).only(
        "ref", "title", "accept_by", "due_on", "lead_id", "lead__name", "lead__path", "lead__parent_id"
    )
    rows = list(wanted.select_for_update(of=("self",)) if lock else wanted)
    today = local_day(at)
    known = reads.reminded_on(step, wanted, today)
    already = {one.commitment_id: one.at for one in known}
    fresh = [row for row in rows if row.pk not in already]
    direct = notices.posts_of([row.lead_id for row in fresh], notices.TO_LEAD)
    silent = {row.lead.parent_id for row in fresh if row.lead_id not in direct and row.lead.parent_id}
    above = notices.posts_of(silent, notices.FOR_LEAD)
    posts: dict[int, tuple[Post, ...]] = {}
    for row in fresh:
        own = direct.get(row.lead_id)  # else one step up, as 代填 goes
        posts[row.pk] = tuple(own if own is not None else above.get(row.lead.parent_id or 0, ()))
    return Reminding(
        step=step,
        to=[row for row in fresh if posts[row.pk]],
        posts={pk: found for pk, found in posts.items() if found},
        today=list({row.lead_id: row.lead.name for row in rows if row.pk in already}.values()),
        last_at=max(already.values(), default=None),
        unheard=list({row.lead_id: row.lead.name for row in fresh if not posts[row.pk]}.values()),
        others=missing - len(rows),
    )


@dataclass(frozen=True, slots=True)
class _Made:
    proposal: Reminding
    rows: list[Reminder]


def _write(handed: Handed, step: Act, actor: Actor, at: datetime) -> _Made:
    """The rows of a reminder; the holes stay locked, so that two who remind at once do not remind twice."""
    proposal = _propose(handed, step, actor, at, lock=True)
    if not proposal.to:
        raise _why_nobody(proposal)
    day = local_day(at)
    rows = [
        Reminder(
            commitment=row, unit_id=row.lead_id, step=step.value, on=day, at=at, by_post_id=actor.effective.post_id
        )
        for row in proposal.to
    ]
    Reminder.objects.bulk_create(rows, batch_size=500)
    return _Made(proposal, rows)


def _why_nobody(proposal: Reminding) -> Refused:
    if proposal.last_at is not None:
        when = proposal.last_at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
        if len(proposal.today) == 1:
            return Refused("reminded_today", unit=proposal.today[0], when=when)
        return Refused("all_reminded_today", count=len(proposal.today), when=when)
    return Refused("nobody_to_hear" if proposal.unheard else "nobody_to_remind")


def _tell(proposal: Reminding, at: datetime) -> None:
    """One message to each group of posts, however many commitments it is about."""
    groups: dict[tuple[int, ...], list[Commitment]] = {}
    posts: dict[tuple[int, ...], tuple[Post, ...]] = {}
    for row in proposal.to:
        group = tuple(sorted(post.pk for post in proposal.posts[row.pk]))
        groups.setdefault(group, []).append(row)
        posts[group] = proposal.posts[row.pk]
    step, kind = proposal.step, f"delivery.{Act.REMIND.value}"
    single = [_note(posts[group], step, rows, at) for group, rows in groups.items() if len(rows) == 1]
    many = [_note(posts[group], step, rows, at) for group, rows in groups.items() if len(rows) > 1]
    office.notify_each(single, kind=kind, subject=ASKS[step], at=at)
    office.notify_each(many, kind=kind, subject=ASKS_MANY[step], at=at)


def _note(posts: tuple[Post, ...], step: Act, rows: Sequence[Commitment], at: datetime) -> office.Note:
    first, day = rows[0], local_day(at).isoformat()
    due = iso(first.accept_by if step is Act.ACCEPT else first.due_on)
    params: dict[str, Any] = {"title": first.title or first.ref, "lead": first.lead.name, "due": due or "–"}
    if len(rows) == 1:
        return office.Note(posts, f"{first.ref}:{step.value}:remind:{day}", f"/c/{first.ref}/", params)
    of_these = hashlib.sha256("|".join(row.ref for row in rows).encode()).hexdigest()[:32]
    return office.Note(posts, f"{of_these}:{step.value}:remind:{day}", "/", {**params, "count": len(rows)})
