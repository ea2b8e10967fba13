"""催批: a proposed slip that waits for its approver is chased itself, so that a ladder does not end on a desk.

While a proposal lies undecided, what it names does not climb; so whoever has to decide is reminded, and then the level
above is told, in working days of the supervising side, as the ladder says under which it was issued.
"""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from luoshi.delivery import events
from luoshi.delivery.models import LadderStep, Slip, Sweep
from luoshi.delivery.queries import climbing
from luoshi.delivery.queries.climbing import Line, PostRow
from luoshi.delivery.services.slips import approving
from luoshi.ledger import services as ledger
from luoshi.office import services as office
from luoshi.office.models.many import add_rows, set_values
from luoshi.rules import escalation
from luoshi.rules.calendar import local_day
from luoshi.rules.escalation import Level, Next, Rung
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import gettext_noop
from luoshi.rules.slips import SlipState
from luoshi.units.queries import calendar_for

_ = gettext_noop
BATCH = 500
WAITS, ABOVE = "waits", "above"
ONE = {
    WAITS: _("Reminder: a slip for %(unit)s has waited for your approval since %(since)s: %(title)s"),
    ABOVE: _("%(issuer)s has left a slip for %(unit)s undecided since %(since)s: %(title)s"),
}
"""What a message says of one proposal."""
MANY = {
    WAITS: _("Reminder: %(count)s slips wait for your approval, the first since %(since)s, for %(unit)s: %(title)s"),
    ABOVE: _("%(issuer)s has left %(count)s slips undecided, the first since %(since)s, for %(unit)s: %(title)s"),
}


@dataclass(frozen=True, slots=True)
class _Taken:
    """One step that was taken."""

    slip: Slip
    found: Next
    words: str
    heard: tuple[PostRow, ...]


@transaction.atomic
def chase_approvals(*, actor: Actor, at: datetime, limit: int = BATCH, line: Line | None = None) -> int:
    """Take the steps of at most ``limit`` proposals whose stored moment is due（催批）; one batch, one entry.

    Args:
        actor: the clock.
        at: now.
        limit: rows of this batch.
        line: what an earlier batch of the same tick learned of units and posts.

    Returns:
        how many rows were looked at; zero means nothing is due.
    """
    began = time.monotonic()
    skip = connection.features.has_select_for_update_skip_locked
    due = Slip.objects.filter(next_step_at__lte=at, state=SlipState.PROPOSED).order_by("next_step_at", "pk")
    due = due.select_for_update(of=("self",), skip_locked=skip).select_related("commitment", "request__commitment")
    rows = list(due[:limit])
    if not rows:
        return 0
    line = (line or Line()).know({pk for row in rows for pk in (row.issuer_id, row.unit_id)})
    line = line.know({line.units[row.issuer_id].area_id for row in rows})
    ladders = climbing.ladders({row.ladder_id for row in rows if row.ladder_id is not None})
    after: list[tuple[Any, ...]] = []
    steps: list[LadderStep] = []
    taken: list[_Taken] = []
    today = local_day(at)
    for row in rows:
        days = calendar_for(line.units[row.issuer_id].path)
        ladder = ladders.get(row.ladder_id or 0, escalation.ORDINARY).of_approval()
        facts = row.waiting()
        found = escalation.next_step(facts, ladder, days, at)
        if found is None or not found.due:
            after.append((row.pk, row.told, row.told_on, found.at if found else None))
            continue
        following = escalation.next_step(replace(facts, told=row.told + 1, told_on=today), ladder, days, at)
        after.append((row.pk, row.told + 1, today, following.at if following else None))
        taken.append(_told(row, found, line))
        steps.append(
            LadderStep(
                slip=row,
                climb=1,
                due_on=local_day(row.proposed_at),
                number=found.number,
                rung=found.step.rung.value,
                to=found.step.to.value,
                unit_id=row.issuer_id,
                at=at,
            )
        )
    set_values(Slip, ("told", "told_on", "next_step_at"), after)
    add_rows(steps)
    _tell(taken, line, at)
    entry = _entry(taken, steps, actor, at) if steps else None
    Sweep.objects.create(
        what=Sweep.What.STEPS,
        at=at,
        rows=len(rows),
        taken=len(steps),
        oldest_at=rows[0].next_step_at,
        milliseconds=int((time.monotonic() - began) * 1000),
        entry_id=entry.pk if entry else None,
    )
    return len(rows)


def _entry(taken: Sequence[_Taken], steps: Sequence[LadderStep], actor: Actor, at: datetime) -> Any:
    counts = Counter(step.rung for step in steps)
    refs = [one.slip.ref for one in taken]
    return ledger.append(
        events.StepsTaken(
            ref=refs[0],
            steps=len(steps),
            rungs={rung.value: counts[rung.value] for rung in Rung if counts[rung.value]},
            slips=0,
        ),
        actor=actor,
        at=at,
        after={step.ledger_key: step.ledger_state() for step in steps},
        subjects=refs,
    )


def _told(slip: Slip, found: Next, line: Line) -> _Taken:
    """Whom a step reaches: those who decide, or the level above them; they themselves where nothing stands above."""
    area = line.units[line.units[slip.issuer_id].area_id]
    if found.step.to is Level.ABOVE and area.parent_id in line.units:
        return _Taken(slip, found, ABOVE, line.reached(area.pk, Level.ABOVE))
    sides = dict.fromkeys((slip.issuer_id, area.pk))
    roles = approving(slip)
    return _Taken(slip, found, WAITS, tuple(post for pk in sides for post in line.posts[pk] if post.role in roles))


def _tell(taken: Sequence[_Taken], line: Line, at: datetime) -> None:
    """One message to the same posts, however many proposals it is about（减负）."""
    groups: dict[tuple[str, str, int, tuple[PostRow, ...]], list[_Taken]] = {}
    for one in taken:
        issuer = one.slip.issuer_id if one.words == ABOVE else 0
        groups.setdefault((one.found.step.rung.value, one.words, issuer, one.heard), []).append(one)
    notes: dict[tuple[str, str], list[office.Note]] = {}
    for (rung, words, _issuer, heard), some in groups.items():
        sentence = (ONE if len(some) == 1 else MANY)[words]
        notes.setdefault((rung, sentence), []).append(_note(some, heard, line))
    for (rung, sentence), told in notes.items():
        office.notify_each(told, kind=f"delivery.approval-{rung}", subject=sentence, at=at)


def _note(some: Sequence[_Taken], heard: tuple[PostRow, ...], line: Line) -> office.Note:
    first = min(some, key=lambda one: (one.slip.proposed_at, one.slip.pk)).slip
    about = first.commitment or (first.request.commitment if first.request else None)
    told: dict[str, Any] = {
        "title": (about.title or about.ref) if about else "",
        "unit": line.units[first.unit_id].name,
        "issuer": line.units[first.issuer_id].name,
        "since": local_day(first.proposed_at).isoformat(),
    }
    if len(some) == 1:
        return office.Note(heard, f"{first.ref}:chased:{some[0].found.number}", f"/slips/{first.pk}/", told)
    of_these = hashlib.sha256("|".join(f"{one.slip.ref}:{one.found.number}" for one in some).encode()).hexdigest()[:40]
    return office.Note(heard, f"{of_these}:chased", "/slips/", {**told, "count": len(some)})
