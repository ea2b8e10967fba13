"""凭证书销号: what a certificate by random visits speaks for is struck off as a list, in one act with one entry.

Which list a certificate speaks for is known above; here each commitment is asked the table like any other. What fails
a guard is left out by name and stops none of the others. A figure that somebody found on the spot stays his; the others
say that they were sampled. A whole whose parts are counted with it takes their figure, as sampled, where nobody has
looked at the whole itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Avg

from luoshi.delivery import events, projections, queries
from luoshi.delivery.models import Application, Commitment, Verification
from luoshi.delivery.services import acting, notices
from luoshi.delivery.services.bulk.kinds import among, listed
from luoshi.ledger import services as ledger
from luoshi.ledger.models import Entry
from luoshi.office.models.many import add_rows, set_rows
from luoshi.rules import lifecycle, rollup
from luoshi.rules.calendar import local_day
from luoshi.rules.lifecycle import Act, Hand, Intent, State
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused

MOST = 20_000
"""Commitments struck off in one act at most; what is left is struck off by the next."""
BATCH = 2_000
WRITTEN = (
    "state", "version", "closed_at", "reopened_parts", "verified", "verified_how", "last_conclusion_on", "light",
    "next_due_at", "missed", *Commitment.CLIMBED,
)  # fmt: skip
OPEN = (State.ACCEPTED, State.APPLIED, State.VERIFIED)


@dataclass(slots=True)
class Certified:
    """What was struck off by a certificate, what was left out and why, and the one entry."""

    entry: Entry
    closed: list[str]
    left_out: dict[str, Refused]


@dataclass(slots=True)
class _Writing:
    rows: list[Commitment] = field(default_factory=list)
    after: dict[str, dict[str, Any]] = field(default_factory=dict)
    deltas: list[tuple[str, int, rollup.Summary]] = field(default_factory=list)
    ended: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    left_out: dict[str, Refused] = field(default_factory=dict)
    visited: int = 0


@transaction.atomic
def close_by_certificate(
    *,
    actor: Actor,
    certificate: str,
    digest: str,
    refs: Sequence[str],
    frozen_at: datetime,
    opinion: str,
    at: datetime,
) -> Certified:
    """Strike off what a certificate speaks for（凭证书销号）; at most :data:`MOST` commitments, the first of the list.

    Args:
        actor: the side that issued them or stands above, who neither applied for nor verified any of them.
        certificate: its number.
        digest: its digest.
        refs: numbers of what it speaks for.
        frozen_at: when its list was frozen; what was reported on since is left out.
        opinion: why; must not be empty.
        at: now.

    Raises:
        Refused: ``opinion_missing``, ``bulk_nothing_left``.
    """
    opinion = acting.said(opinion)
    if not opinion:
        raise Refused("opinion_missing")
    found = _Writing()
    intent = Intent(opinion=opinion, frozen_at=frozen_at)
    named = list(refs[:MOST])
    for start in range(0, len(named), BATCH):
        _judge(named[start : start + BATCH], found, intent, actor=actor, at=at)
    if not found.rows:
        raise Refused("bulk_nothing_left")
    verdicts = [_verdict(row, certificate, actor, at) for row in found.rows]
    set_rows(found.rows, WRITTEN)
    add_rows(verdicts)
    projections.parts_turned(found.ended, at=at)
    found.after |= {row.ledger_key: row.ledger_state() for row in verdicts}
    _raise_wholes({row.parent_id for row in found.rows if row.parent_id}, found)
    entry = ledger.append(
        events.CommitmentsCertified(
            ref=found.rows[0].ref,
            certificate=certificate,
            digest=digest,
            opinion=opinion,
            commitments=len(found.rows),
            visited=found.visited,
        ),
        actor=actor,
        at=at,
        after=found.after,
        subjects=[certificate, *(row.ref for row in found.rows)],
    )
    projections.append_deltas(found.deltas)
    notices.tell_leads(Act.CERTIFY, found.rows, key=f"certificate:{certificate}", actor=actor, at=at)
    return Certified(entry, [row.ref for row in found.rows], found.left_out)


def _judge(refs: Sequence[str], found: _Writing, intent: Intent, *, actor: Actor, at: datetime) -> None:
    """Lock some of them, ask the table about each, and work out what is to be written."""
    seen = dict(queries.visible(actor).filter(ref__in=refs).values_list("ref", "pk"))
    rows = among(list(seen.values())).select_related(*queries.RELATED).order_by("-pk")
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(of=("self",), skip_locked=True)
    locked = {row.ref: row for row in rows}
    applied, verified = _hands(Application, seen.values()), _hands(Verification, seen.values())
    for ref in refs:
        commitment = locked.get(ref)
        if commitment is None:
            found.left_out[ref] = Refused("held_by_other", ref=ref) if ref in seen else Refused("not_found")
            continue
        facts = replace(
            commitment.facts(Act.CERTIFY),
            application=applied.get(commitment.pk),
            verification=verified.get(commitment.pk),
        )
        try:
            move = lifecycle.decide(facts, Act.CERTIFY, actor=actor, intent=intent, at=at)
        except Refused as refused:
            found.left_out[ref] = refused
            continue
        _write(commitment, move, found, at)


def _hands(model: type[Application] | type[Verification], keys: Iterable[int]) -> dict[int, Hand]:
    """Who applied or verified last, of each; one statement."""
    rows = model._default_manager.filter(commitment__in=listed(list(keys))).order_by("id")
    return {
        pk: Hand(user, post, frozenset(kin))
        for pk, user, post, kin in rows.values_list("commitment_id", "by_user", "by_post_id", "kin")
    }


def _write(commitment: Commitment, move: lifecycle.Move, found: _Writing, at: datetime) -> None:
    before, governed = commitment.summary(), commitment.ledger_state()
    commitment.state = move.after
    commitment.version += 1
    commitment.closed_at = at
    commitment.reopened_parts = 0
    if commitment.verified_how:
        found.visited += commitment.verified_how == Commitment.How.VISITED
    else:
        commitment.verified, commitment.verified_how = 100, Commitment.How.SAMPLED
    commitment.last_conclusion_on = local_day(at)
    projections.turn_light(commitment, at=at)
    found.rows.append(commitment)
    found.after[commitment.ledger_key] = _changed(governed, commitment.ledger_state())
    found.deltas.append((commitment.lead.path, commitment.matter_id, commitment.summary() - before))
    if commitment.parent_id is not None:
        found.ended[commitment.parent_id] -= 1


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in after.items() if value != before[name]}


def _verdict(commitment: Commitment, certificate: str, actor: Actor, at: datetime) -> Verification:
    return Verification(
        commitment=commitment,
        method=Verification.Method.SAMPLED,
        passed=True,
        final=False,
        percent=100,
        certificate=certificate,
        **acting.hand(actor, at),
    )


def _raise_wholes(parents: set[int], found: _Writing) -> None:
    """Give wholes that carry their parts the mean figure of these, as sampled, up the line as far as it is carried."""
    while parents:
        rows = among(parents).select_for_update(of=("self",)).select_related("lead").order_by("-pk")
        own = ("", Commitment.How.SAMPLED)
        wholes = list(rows.filter(carries_parts=True, state__in=OPEN, verified_how__in=own))
        parts = Commitment.objects.filter(parent__in=listed([one.pk for one in wholes])).order_by()
        means = dict(parts.exclude(state=State.WITHDRAWN).values_list("parent_id").annotate(mean=Avg("verified")))
        raised = []
        for whole in wholes:
            figure = int(means.get(whole.pk) or 0)
            if figure <= whole.verified:
                continue
            before, governed = whole.summary(), whole.ledger_state()
            whole.verified, whole.verified_how = figure, Commitment.How.SAMPLED
            whole.version += 1
            found.after[whole.ledger_key] = _changed(governed, whole.ledger_state())
            found.deltas.append((whole.lead.path, whole.matter_id, whole.summary() - before))
            raised.append(whole)
        set_rows(raised, ["verified", "verified_how", "version"])
        parents = {whole.parent_id for whole in raised if whole.parent_id}
