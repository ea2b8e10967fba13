"""成批办理: many commitments taken on, or reported on, in one act with one ledger entry.

Each row is judged by the same table as a single act. A row that is refused changes nothing and stops no other; those
that may are written together, and the entry's digest of subjects names every one of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from luoshi.delivery import events, projections, queries
from luoshi.delivery.models import Commitment, Report
from luoshi.delivery.services import acting
from luoshi.ledger import services as ledger
from luoshi.ledger.models import Entry
from luoshi.office.models.many import add_rows, set_rows
from luoshi.rules import lifecycle, rollup
from luoshi.rules.lifecycle import Act, Intent, Move, Standing
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused, declare, gettext_noop, require_version

_ = gettext_noop
declare(422, row_twice=_("%(ref)s stands in this list twice; say one thing about it."))


@dataclass(frozen=True, slots=True)
class Wanted:
    """One commitment of a bulk act, on the version looked at; ``None`` where the act overwrites nothing."""

    ref: str
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """What is reported of one commitment: how far (percent, 0–100), what was done, what is stuck, what comes next."""

    ref: str
    percent: int
    words: str
    problems: str = ""
    next_step: str = ""
    version: int | None = None


@dataclass(frozen=True, slots=True)
class DoneTogether:
    """The outcome: what was done, the one entry that proves it, and each row refused with its reason."""

    commitments: tuple[Commitment, ...] = ()
    entry: Entry | None = None
    refused: tuple[tuple[str, Refused], ...] = ()
    reports: tuple[Report, ...] = ()


@dataclass(slots=True)
class _Together:
    """The acts of one bulk between permission and record."""

    actor: Actor
    at: datetime
    found: dict[str, Commitment]
    refused: list[tuple[str, Refused]] = field(default_factory=list)
    moves: list[tuple[Commitment, Move, rollup.Summary]] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    def decide(self, act: Act, ref: str, version: int | None, intent: Intent) -> tuple[Commitment, Move]:
        """Ask the table about one row.

        Raises:
            Refused: ``row_twice``, ``not_found``, ``stale_version`` or any code of the table and its guards.
        """
        if ref in self.seen:
            raise Refused("row_twice", ref=ref)
        self.seen.add(ref)
        commitment = self.found.get(ref)
        if commitment is None:
            raise Refused("not_found")
        if version is not None:
            require_version(version, commitment.version, ref=ref)
        move = lifecycle.decide(commitment.facts(act), act, actor=self.actor, intent=intent, at=self.at)
        self.moves.append((commitment, move, commitment.summary()))
        return commitment, move

    def finish(self, fields: Sequence[str]) -> list[Commitment]:
        """Write state, version, light and the named fields of every commitment, and carry all into the cells."""
        for commitment, move, _before in self.moves:
            commitment.state = move.after
            commitment.version += 1
            projections.turn_light(commitment, at=self.at)
        rows = [commitment for commitment, _move, _before in self.moves]
        set_rows(rows, ["state", "version", "light", "missed", "next_due_at", *Commitment.CLIMBED, *fields])
        projections.append_deltas(
            (row.lead.path, row.matter_id, row.summary() - before) for row, _move, before in self.moves
        )
        return rows


@transaction.atomic
def accept_commitments(*, actor: Actor, wanted: Iterable[Wanted], at: datetime) -> DoneTogether:
    """Take many commitments on in one act（成批签收）: one's own, and those of the units directly below.

    Args:
        actor: the lead, or the unit directly above.
        wanted: which, each with the version looked at.
        at: now.

    Returns:
        what was done; rows that are refused (``not_found``, ``stale_version``, ``wrong_state``, ``not_your_act``,
        ``row_twice``) are listed and change nothing. Without a row that could be done there is no entry.
    """
    rows = list(wanted)
    doing = _Together(actor, at, queries.lock_commitments(actor, (row.ref for row in rows)))
    for row in rows:
        try:
            commitment, _move = doing.decide(Act.ACCEPT, row.ref, row.version, Intent())
        except Refused as refused:
            doing.refused.append((row.ref, refused))
            continue
        commitment.accepted_at = at
    done = doing.finish(["accepted_at"])
    if not done:
        return DoneTogether(refused=tuple(doing.refused))
    entry = ledger.append(
        events.CommitmentsAccepted(ref=done[0].ref, count=len(done)),
        actor=actor,
        at=at,
        after={one.ledger_key: one.ledger_state() for one in done},
        subjects=[one.ref for one in done],
    )
    return DoneTogether(tuple(done), entry, tuple(doing.refused))


@transaction.atomic
def report_on_commitments(
    *, actor: Actor, said: Iterable[Said], via: str = Report.Via.IMPORT, at: datetime
) -> DoneTogether:
    """Report on many commitments in one act（成批反馈）, as a township does for its villages.

    Args:
        actor: the lead, or the unit directly above answering for it（代填）.
        said: what is reported of each.
        via: by which door.
        at: now.

    Returns:
        what was done, reports in the order of the rows; rows that are refused (``words_missing``,
        ``percent_out_of_range``, a screening code, ``not_found``, ``stale_version``, ``wrong_state``,
        ``not_your_act``, ``row_twice``) are listed and change nothing. Without a row that could be done there is no
        entry.
    """
    rows = list(said)
    doing = _Together(actor, at, queries.lock_commitments(actor, (row.ref for row in rows)))
    reports: list[Report] = []
    for row in rows:
        try:
            words, problems, next_step = map(acting.said, (row.words, row.problems, row.next_step))
            if not words:
                raise Refused("words_missing")
            commitment, move = doing.decide(Act.REPORT, row.ref, row.version, Intent(percent=row.percent))
        except Refused as refused:
            doing.refused.append((row.ref, refused))
            continue
        on_behalf = move.standing is Standing.PROXY
        reports.append(
            Report(
                commitment=commitment,
                percent=row.percent,
                words=words,
                problems=problems,
                next_step=next_step,
                by_post_id=actor.effective.post_id,
                for_unit_id=commitment.lead_id if on_behalf else None,
                via=via,
                occurred_at=at,
                recorded_at=at,
            )
        )
        commitment.completed_at = (commitment.completed_at or at) if row.percent == 100 else None
        commitment.said = row.percent
        commitment.reports_count += 1
        commitment.last_report_returned = False
        commitment.last_report_on_behalf = on_behalf
    done = doing.finish(["completed_at", "said", "reports_count", "last_report_returned", "last_report_on_behalf"])
    if not done:
        return DoneTogether(refused=tuple(doing.refused))
    add_rows(reports)
    projections.on_said(reports)
    changed: list[acting.Governed] = [*done, *reports]
    entry = ledger.append(
        events.CommitmentsReported(ref=done[0].ref, count=len(done), via=via),
        actor=actor,
        at=at,
        after={row.ledger_key: row.ledger_state() for row in changed},
        subjects=[one.ref for one in done],
    )
    return DoneTogether(tuple(done), entry, tuple(doing.refused), tuple(reports))
