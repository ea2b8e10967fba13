"""逐级催办批复: a reply that a superior owes climbs the same ladder as everything that is owed, up his own line.

The unit that waits is never told off for it: its clock stands still. Who is reminded, urged and proposed for a slip is
the unit the question lies with, and above it the unit next up the line.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction

from luoshi.delivery.models import LadderStep, Request, SlipItem, Sweep
from luoshi.delivery.queries import climbing
from luoshi.delivery.queries.climbing import Line, Node
from luoshi.delivery.services import batches, slips
from luoshi.delivery.services.slips import Made
from luoshi.ledger import services as ledger
from luoshi.office import services as office
from luoshi.office.models.many import add_rows, set_values
from luoshi.rules import escalation, lifecycle
from luoshi.rules.calendar import local_day
from luoshi.rules.escalation import SLIP_RUNGS, Facts, Level, Next, Rung, Step
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import gettext_noop
from luoshi.rules.slips import SlipState
from luoshi.units.queries import calendar_for

_ = gettext_noop
BATCH = 500
SOON, LATE, BELOW = "soon", "late", "below"
SUBJECTS = {
    SOON: _("Reminder: you owe %(asker)s a reply by %(due)s: %(title)s"),
    LATE: _("Urged: you owed %(asker)s a reply by %(due)s: %(title)s"),
    BELOW: _("%(lead)s has owed %(asker)s a reply since %(due)s: %(title)s"),
}
"""What a message says of a reply that is owed."""


@dataclass(frozen=True, slots=True)
class OwedReply:
    """One reply a superior owes, as a slip sees what it is about."""

    request_id: int
    title: str
    climbs_for: date | None

    @property
    def about(self) -> dict[str, int]:
        """The column of a slip and its item that names it."""
        return {"request_id": self.request_id}


@transaction.atomic
def take_reply_steps(*, actor: Actor, at: datetime, limit: int = BATCH) -> int:
    """Take the steps of at most ``limit`` questions whose stored moment is due（逐级催批复）; one batch, one entry.

    Args:
        actor: the clock.
        at: now.
        limit: rows of this batch.

    Returns:
        how many rows were looked at; zero means nothing is due.
    """
    began = time.monotonic()
    due = Request.objects.filter(next_step_at__lte=at).order_by("next_step_at", "pk")
    skip = connection.features.has_select_for_update_skip_locked
    due = due.select_for_update(of=("self",), skip_locked=skip).select_related("commitment")
    rows = list(due[:limit])
    if not rows:
        return 0
    line = Line.of({pk for row in rows for pk in (_owing(row), row.commitment.lead_id)})
    ladders = climbing.ladders({row.ladder_id for row in rows if row.ladder_id is not None})
    undecided = _undecided([row.pk for row in rows])
    taken: list[tuple[Request, Next]] = []
    steps: list[LadderStep] = []
    after: list[tuple[Any, ...]] = []
    proposed: dict[tuple[int, int, Rung], list[tuple[OwedReply, Step]]] = {}
    for row in rows:
        unit = line.units[_owing(row)]
        ladder = ladders.get(row.ladder_id or 0)
        due_on, owes = row.owed()
        over = lifecycle.State(row.commitment.state) in lifecycle.OVER
        if ladder is None or not owes or over or due_on is None or row.pk in undecided:
            after.append((row.pk, row.told, row.told_on, None))
            continue
        days = calendar_for(unit.path)
        facts = Facts(due_on, row.told, row.told_on, since=local_day(row.at))
        found, following = escalation.next_two(facts, ladder, days, at)
        if found is None or not found.due:
            after.append((row.pk, row.told, row.told_on, found.at if found else None))
            continue
        above = _above(unit, line)
        by_slip = found.step.rung in SLIP_RUNGS and above is not None
        steps.append(
            LadderStep(
                request_id=row.pk,
                climb=row.climb,
                due_on=due_on,
                number=found.number,
                rung=found.step.rung.value,
                to=found.step.to.value,
                unit_id=unit.pk,
                at=at,
                proposed=by_slip,
            )
        )
        after.append((row.pk, row.told + 1, local_day(at), following.at if following and not by_slip else None))
        taken.append((row, found))
        if by_slip and above is not None:
            about = OwedReply(row.pk, row.commitment.title or row.commitment.ref, due_on)
            proposed.setdefault((above.pk, unit.pk, found.step.rung), []).append((about, found.step))
    set_values(Request, ("told", "told_on", "next_step_at"), after)
    add_rows(steps)
    made = slips.propose_for_clock(proposed, line=line, at=at)
    said = _told([(row, found) for row, found in taken if not _proposed(row, found, line)], line, at)
    office.notify_all([*said, *made.told], at=at, prompt=slips.PROMPT_KINDS)
    entry = _entry(rows, steps, made, actor, at) if steps else None
    oldest, number = rows[0].next_step_at, len(steps)
    batches.ran(Sweep.What.STEPS, at=at, rows=len(rows), taken=number, oldest_at=oldest, began=began, entry=entry)
    return len(rows)


def _entry(rows: list[Request], steps: list[LadderStep], made: Made, actor: Actor, at: datetime) -> Any:
    refs = {row.pk: row.commitment.ref for row in rows}
    return ledger.append(
        batches.steps_taken(refs[steps[0].request_id or 0], (Rung(step.rung) for step in steps), slips=len(made.slips)),
        actor=actor,
        at=at,
        after={**{step.ledger_key: step.ledger_state() for step in steps}, **made.states()},
        subjects=[*dict.fromkeys(refs[step.request_id or 0] for step in steps), *(slip.ref for slip in made.slips)],
    )


def _owing(row: Request) -> int:
    return row.lies_with_id or row.commitment.issuer_id


def _above(unit: Node, line: Line) -> Node | None:
    """The unit above on the line; nobody stands above the uppermost, so no slip is proposed for it."""
    return line.units.get(unit.parent_id or 0)


def _proposed(row: Request, found: Next, line: Line) -> bool:
    return found.step.rung in SLIP_RUNGS and _above(line.units[_owing(row)], line) is not None


def _undecided(requests: list[int]) -> set[int]:
    """Questions that stand in a slip nobody has decided on."""
    waiting = SlipItem.objects.filter(slip__state=SlipState.PROPOSED, request__in=requests)
    return {pk for pk in waiting.order_by().values_list("request_id", flat=True) if pk is not None}


def _told(told: list[tuple[Request, Next]], line: Line, at: datetime) -> list[tuple[str, str, list[office.Note]]]:
    by_words: dict[tuple[str, str], list[office.Note]] = {}
    for row, found in told:
        unit, step = line.units[_owing(row)], found.step
        up = step.to in (Level.ABOVE, Level.ABOVE_HEAD) and _above(unit, line) is not None
        past = row.reply_by_on is not None and row.reply_by_on < local_day(at)
        words = BELOW if up else LATE if past else SOON
        level = step.to if up else Level.HANDLER if step.to is Level.HANDLER else Level.HEAD
        note = office.Note(
            posts=line.reached(unit.pk, level),
            key=f"{row.commitment.ref}:reply{row.pk}:{row.climb}.{row.told}",
            link=f"/c/{row.commitment.ref}/",
            params={
                "title": row.commitment.title or row.commitment.ref,
                "due": row.reply_by_on.isoformat() if row.reply_by_on else "",
                "lead": unit.name,
                "asker": line.units[row.commitment.lead_id].name,
            },
        )
        by_words.setdefault((step.rung.value, words), []).append(note)
    return [(f"delivery.reply-{rung}", SUBJECTS[words], notes) for (rung, words), notes in by_words.items()]


def go_on(requests: list[int], *, at: datetime, let_go: bool = False) -> None:
    """After a person decided on a proposed slip, the replies in it climb on, or are only urged from now on."""
    rows = list(Request.objects.filter(pk__in=requests).order_by("pk").select_for_update(of=("self",)))
    ladders = climbing.ladders({row.ladder_id for row in rows if row.ladder_id})
    ends = {pk: len(ladder.steps) for pk, ladder in ladders.items()}
    set_values(
        Request,
        ("told", "told_on", "next_step_at"),
        [
            (row.pk, max(row.told, ends.get(row.ladder_id or 0, 0)) if let_go else row.told, local_day(at), at)
            for row in rows
            if row.told and row.owed()[1]
        ],
    )
