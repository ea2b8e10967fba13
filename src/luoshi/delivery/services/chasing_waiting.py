"""催批、催复、催延期: proposals that wait for approval, slips that wait for an answer, extensions nobody has decided.

While a proposal lies undecided, what it names does not climb; a slip without an answer is a paper without effect; and
who asked for more time in time should hear in time. So each of them is chased itself, by :mod:`chasing`.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from luoshi.delivery.models import Extension, Slip
from luoshi.delivery.queries.climbing import Line
from luoshi.delivery.services import chasing
from luoshi.delivery.services.chasing import ABOVE, BATCH, OWES, Sort, Waiting
from luoshi.delivery.services.slips import approving
from luoshi.rules.calendar import due_moment, local_day
from luoshi.rules.lifecycle import OVER, State
from luoshi.rules.permissions import Actor, Role
from luoshi.rules.refusals import gettext_noop
from luoshi.rules.slips import SlipState

_ = gettext_noop
APPROVALS = Sort(
    "approval",
    {
        OWES: _("Reminder: a slip for %(unit)s has waited for your approval since %(since)s: %(title)s"),
        ABOVE: _("%(issuer)s has left a slip for %(unit)s undecided since %(since)s: %(title)s"),
    },
    {
        OWES: _("Reminder: %(count)s slips wait for your approval, the first since %(since)s, for %(unit)s: %(title)s"),
        ABOVE: _("%(issuer)s has left %(count)s slips undecided, the first since %(since)s, for %(unit)s: %(title)s"),
    },
    "/slips/",
)
ANSWERS = Sort(
    "slip-answer",
    {
        OWES: _("Reminder: %(number)s was to be answered by %(by)s: %(title)s"),
        ABOVE: _("%(unit)s has not answered %(number)s, due by %(by)s: %(title)s"),
    },
    {
        OWES: _("Reminder: %(count)s slips are not answered, the first, %(number)s, was due by %(by)s: %(title)s"),
        ABOVE: _("%(unit)s has not answered %(count)s slips, the first, %(number)s, due by %(by)s: %(title)s"),
    },
    "/slips/",
)
EXTENSIONS = Sort(
    "extension",
    {
        OWES: _("Reminder: the extension %(unit)s asked for was to be decided by %(by)s: %(title)s"),
        ABOVE: _("%(issuer)s has not decided the extension %(unit)s asked for, due by %(by)s: %(title)s"),
    },
    {
        OWES: _("Reminder: %(count)s extensions are not decided, the first was due by %(by)s: %(title)s"),
        ABOVE: _("%(issuer)s has not decided %(count)s extensions, the first was due by %(by)s: %(title)s"),
    },
    "/",
)
"""What a message says of one that waits, and of many."""


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
    return _slips(SlipState.PROPOSED, APPROVALS, actor, at, limit, line)


@transaction.atomic
def chase_answers(*, actor: Actor, at: datetime, limit: int = BATCH, line: Line | None = None) -> int:
    """The same of issued slips whose day for the answer has passed（催复）; it never leads to another slip."""
    return _slips(SlipState.ISSUED, ANSWERS, actor, at, limit, line)


@transaction.atomic
def chase_extensions(*, actor: Actor, at: datetime, limit: int = BATCH, line: Line | None = None) -> int:
    """The same of extensions that were asked for and are not decided within the programme's term（催延期）."""
    began = time.monotonic()
    undecided = Extension.objects.filter(granted__isnull=True)
    rows: list[Extension] = chasing.due(undecided.select_related("commitment__lead"), at, limit)
    if not rows:
        return 0
    line = chasing.learn(line, {row.commitment.issuer_id for row in rows})
    ladder = chasing.ladders_of([row.commitment.ladder_id for row in rows])
    some = [
        Waiting(
            row,
            row.waiting(),
            ladder(row.commitment.ladder_id).of_decision(),
            row.commitment.issuer_id,
            row.commitment.ref,
            f"{row.commitment.ref}:extension{row.pk}",
            f"/c/{row.commitment.ref}/decide-extension/",
            {"extension_id": row.pk, "climb": 1},
            {
                "title": row.commitment.title or row.commitment.ref,
                "unit": row.commitment.lead.name,
                "issuer": line.units[row.commitment.issuer_id].name,
                "by": row.decide_by_on.isoformat() if row.decide_by_on else "",
            },
            (Role.HEAD, Role.OFFICE),
            None if State(row.commitment.state) in OVER else due_moment(local_day(at)),
        )
        for row in rows
    ]
    return chasing.take(some, EXTENSIONS, line=line, actor=actor, at=at, began=began)


def _slips(state: SlipState, sort: Sort, actor: Actor, at: datetime, limit: int, line: Line | None) -> int:
    began = time.monotonic()
    waiting = Slip.objects.filter(state=state).select_related("commitment", "request__commitment")
    rows: list[Slip] = chasing.due(waiting, at, limit)
    if not rows:
        return 0
    line = chasing.learn(line, {pk for row in rows for pk in (row.issuer_id, row.unit_id)})
    ladder = chasing.ladders_of([row.ladder_id for row in rows])
    some = [_waiting(row, row.chased_by(ladder(row.ladder_id)), line) for row in rows]
    return chasing.take(some, sort, line=line, actor=actor, at=at, began=began)


def _waiting(slip: Slip, ladder: Any, line: Line) -> Waiting:
    about = slip.commitment or (slip.request.commitment if slip.request else None)
    proposed = slip.state == SlipState.PROPOSED
    return Waiting(
        slip,
        slip.waiting(),
        ladder,
        slip.issuer_id if proposed else slip.unit_id,
        slip.ref,
        f"{slip.ref}:chased{slip.climb}",
        f"/slips/{slip.pk}/",
        {"slip_id": slip.pk, "climb": slip.climb},
        {
            "title": (about.title or about.ref) if about else "",
            "unit": line.units[slip.unit_id].name,
            "issuer": line.units[slip.issuer_id].name,
            "number": slip.number,
            "since": local_day(slip.proposed_at).isoformat(),
            "by": slip.answer_by_on.isoformat() if slip.answer_by_on else "",
        },
        approving(slip) if proposed else (),
    )


CHASES: Sequence[Any] = (chase_approvals, chase_answers, chase_extensions)
"""Everything the clock chases in this way."""
