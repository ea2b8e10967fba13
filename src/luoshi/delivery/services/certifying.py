"""凭证书销号: what a certificate by random visits speaks for is struck off as a list, in one act with one entry.

Which list a certificate speaks for is known above; here each commitment is asked the table like any other. What fails
a guard is left out by name and stops none of the others. A figure that somebody found on the spot stays his; the others
say that they were sampled. A whole whose parts are counted with it takes their figure, as sampled, where nobody has
looked at the whole itself.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
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
BATCH = 500
WRITTEN = (
    "state", "version", "closed_at", "reopened_parts", "verified", "verified_how", "last_conclusion_on", "light",
    "next_due_at", "missed", *Commitment.CLIMBED,
)  # fmt: skip
OPEN = (State.ACCEPTED, State.APPLIED, State.VERIFIED)


Told = Callable[[int, int], None]
"""Told how many are judged of how many; may raise to stop."""


@dataclass(slots=True)
class Certified:
    """What was struck off by a certificate, what was left out and why, and the one entry."""

    entry: Entry
    closed: list[str]
    left_out: dict[str, Refused]


@dataclass(frozen=True, slots=True)
class Ready:
    """One commitment, judged and computed, waiting to be written; ``before`` is the version that was judged."""

    row: Commitment
    before: int
    open_children: int
    after: dict[str, Any]
    delta: rollup.Summary
    visited: bool


@dataclass(slots=True)
class Judged:
    """All that a certificate would strike off, and what it would leave out by now; nothing is written or locked."""

    opinion: str
    ready: dict[str, Ready] = field(default_factory=dict)
    left_out: dict[str, Refused] = field(default_factory=dict)


@dataclass(slots=True)
class _Writing:
    after: dict[str, dict[str, Any]]
    deltas: list[tuple[str, int, rollup.Summary]]


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
    judged = judge_certified(actor=actor, refs=refs, frozen_at=frozen_at, opinion=opinion, at=at)
    done = write_certified(judged, actor=actor, certificate=certificate, digest=digest, at=at)
    tell_certified(done.closed, actor=actor, certificate=certificate, at=at)
    return done


def judge_certified(
    *,
    actor: Actor,
    refs: Sequence[str],
    frozen_at: datetime,
    opinion: str,
    at: datetime,
    told: Told = lambda _done, _total: None,
) -> Judged:
    """Ask the table about each of them and work out what is to be written; this is what takes long, and holds nothing.

    Raises:
        Refused: ``opinion_missing``.
    """
    words = acting.said(opinion)
    if not words:
        raise Refused("opinion_missing")
    found = Judged(words)
    intent = Intent(opinion=words, frozen_at=frozen_at)
    named = list(dict.fromkeys(refs))[:MOST]
    for start in range(0, len(named), BATCH):
        told(start, len(named))
        _judge(named[start : start + BATCH], found, intent, actor=actor, at=at)
    told(len(named), len(named))
    return found


@transaction.atomic
def write_certified(judged: Judged, *, actor: Actor, certificate: str, digest: str, at: datetime) -> Certified:
    """Strike off what was judged, in one short act with one entry; what was changed or is held is left out.

    Raises:
        Refused: ``bulk_nothing_left``.
    """
    left_out = dict(judged.left_out)
    ready = _held(judged, left_out)
    if not ready:
        raise Refused("bulk_nothing_left")
    rows = [one.row for one in ready]
    verdicts = [_verdict(row, certificate, actor, at) for row in rows]
    set_rows(rows, WRITTEN)
    add_rows(verdicts)
    ended: dict[int, int] = defaultdict(int)
    for row in rows:
        if row.parent_id is not None:
            ended[row.parent_id] -= 1
    projections.parts_turned(ended, at=at)
    writing = _Writing(
        after={one.row.ledger_key: one.after for one in ready}
        | {verdict.ledger_key: verdict.ledger_state() for verdict in verdicts},
        deltas=[(one.row.lead.path, one.row.matter_id, one.delta) for one in ready],
    )
    _raise_wholes({row.parent_id for row in rows if row.parent_id}, writing)
    refs = [row.ref for row in rows]
    entry = ledger.append(
        events.CommitmentsCertified(
            ref=refs[0],
            certificate=certificate,
            digest=digest,
            opinion=judged.opinion,
            commitments=len(refs),
            visited=sum(one.visited for one in ready),
            subjects_digest=hashlib.sha256("\n".join(refs).encode()).hexdigest(),
        ),
        actor=actor,
        at=at,
        after=writing.after,
        subjects=[certificate, *refs],
    )
    projections.append_deltas(writing.deltas)
    return Certified(entry, refs, left_out)


def tell_certified(refs: Sequence[str], *, actor: Actor, certificate: str, at: datetime) -> None:
    """Tell the leads of what was struck off; told again after a crash, nobody gets a message twice."""
    rows = Commitment.objects.select_related("lead").filter(ref__in=refs)
    notices.tell_leads(Act.CERTIFY, list(rows), key=f"certificate:{certificate}", actor=actor, at=at)


def _held(judged: Judged, left_out: dict[str, Refused]) -> list[Ready]:
    """Lock the rows; those that changed since they were judged, or that somebody holds, are left out by name.

    Parts are locked before their wholes, as a single act does, and nobody is waited for.
    """
    rows = among([one.row.pk for one in judged.ready.values()]).order_by("-pk")
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(skip_locked=True)
    locked = {pk: seen for pk, *seen in rows.values_list("pk", "version", "open_children")}
    found = []
    for ref, one in judged.ready.items():
        if one.row.pk not in locked:
            left_out[ref] = Refused("held_by_other", ref=ref)
        elif locked[one.row.pk] != [one.before, one.open_children]:
            left_out[ref] = Refused("changed_since_plan", ref=ref)
        else:
            found.append(one)
    return found


def _judge(refs: Sequence[str], found: Judged, intent: Intent, *, actor: Actor, at: datetime) -> None:
    """Ask the table about some of them, and work out what is to be written."""
    seen = {
        one.ref: one for one in queries.visible(actor).filter(ref__in=refs).select_related(*queries.RELATED).order_by()
    }
    keys = [one.pk for one in seen.values()]
    applied, verified = _hands(Application, keys), _hands(Verification, keys)
    for ref in refs:
        commitment = seen.get(ref)
        if commitment is None:
            found.left_out[ref] = Refused("not_found")
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
        found.ready[ref] = _ready(commitment, move, at)


def _hands(model: type[Application] | type[Verification], keys: Iterable[int]) -> dict[int, Hand]:
    """Who applied or verified last, of each; one statement."""
    rows = model._default_manager.filter(commitment__in=listed(list(keys))).order_by("id")
    return {
        pk: Hand(user, post, frozenset(kin))
        for pk, user, post, kin in rows.values_list("commitment_id", "by_user", "by_post_id", "kin")
    }


def _ready(commitment: Commitment, move: lifecycle.Move, at: datetime) -> Ready:
    before, governed = commitment.summary(), commitment.ledger_state()
    commitment.state = move.after
    commitment.version += 1
    commitment.closed_at = at
    commitment.reopened_parts = 0
    visited = commitment.verified_how == Commitment.How.VISITED
    if not commitment.verified_how:
        commitment.verified, commitment.verified_how = 100, Commitment.How.SAMPLED
    commitment.last_conclusion_on = local_day(at)
    projections.turn_light(commitment, at=at)
    return Ready(
        row=commitment,
        before=commitment.version - 1,
        open_children=commitment.open_children,
        after=_changed(governed, commitment.ledger_state()),
        delta=commitment.summary() - before,
        visited=visited,
    )


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
