"""分解: parts of a commitment, issued to the units below in one act, with the price known beforehand."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from django.db import transaction

from luoshi.delivery import events, projections, queries
from luoshi.delivery.models import BreakdownApproval, Commitment, Merging
from luoshi.delivery.models.commitments import iso
from luoshi.delivery.queries.asked import Already, already_asked
from luoshi.delivery.services import acting, drafting, escalating, notices, timing
from luoshi.delivery.services.acting import Done
from luoshi.office.models.many import add_rows
from luoshi.rules import burden
from luoshi.rules.calendar import WeekCalendar, local_day
from luoshi.rules.lifecycle import Act, Intent, State
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused, declare, gettext_noop
from luoshi.units.models import Unit
from luoshi.units.queries import calendar_for

_ = gettext_noop
declare(
    422,
    nobody_below=_("There is no unit below that receives commitments."),
    unit_not_below=_("%(unit)s is not a unit below the lead that receives commitments."),
    part_after_whole=_("A part cannot be due after the whole (%(due)s)."),
    parts_mixed=_(
        "Parts that exist already are counted the other way: either all parts are counted with the whole, or none."
    ),
    already_has_part=_("%(unit)s has a part of this already: %(ref)s."),
)


@dataclass(frozen=True, slots=True)
class Proposal:
    """Whom a breakdown would reach, level by level, and what it would cost them."""

    levels: tuple[tuple[Unit, ...], ...]
    price: burden.Price
    digest: str
    already: Mapping[int, Already] = field(default_factory=dict)
    """Unit → the live ask that tells it the same already."""

    @property
    def by_level(self) -> list[burden.LevelPrice]:
        """What it adds at each level, the upper ones first."""
        counts = Counter(unit.level for unit in self.units)
        return [self.price.at(level, n) for level, n in counts.items()]

    @property
    def units(self) -> list[Unit]:
        """Everybody it reaches, upper levels first."""
        return [unit for level in self.levels for unit in level]


def _below(areas: Sequence[Unit]) -> list[Unit]:
    return list(
        Unit.objects.filter(parent__in=areas, kind="area", receives=True, valid_until__isnull=True).order_by("path")
    )


def propose_breakdown(
    *,
    actor: Actor,
    ref: str,
    levels: int = 1,
    units: Sequence[int] = (),
    cadence: str = "on_change",
    due_on: date | None = None,
    due_days: int | None = None,
    due_kind: str = "",
    title: str = "",
    at: datetime,
) -> Proposal:
    """What a breakdown would reach and cost（代价）, before anything is sent.

    Args:
        actor: who asks; must see the commitment.
        ref: the commitment's number.
        levels: how many levels below the lead's area (1–4).
        units: ids of units of the first level; all that receive when empty.
        cadence: how often a report is asked of each.
        due_on: until when; the commitment's own date when missing.
        due_days: or how many days after today, by each unit's own calendar.
        due_kind: ``calendar`` or ``working`` days; the programme's way when empty.
        title: what is asked of the parts; the title of the whole when empty.
        at: now.

    Raises:
        Refused: ``asks_daily``, ``not_found``, ``nobody_below``, ``unit_not_below``, ``already_has_part``.
    """
    burden.require_rhythm(cadence)
    commitment = queries.commitment_for(actor, ref)
    first = _below([commitment.lead.area])
    if units:
        known = {unit.pk: unit for unit in first}
        strange = next((pk for pk in units if pk not in known), None)
        if strange is not None:
            raise Refused("unit_not_below", unit=str(Unit.objects.filter(pk=strange).first() or strange))
        first = [known[pk] for pk in sorted(set(units), key=lambda pk: known[pk].path)]
    if not first:
        raise Refused("nobody_below")
    taken = commitment.children.exclude(state=State.WITHDRAWN).filter(lead__in=first).select_related("lead").first()
    if taken is not None:
        raise Refused("already_has_part", unit=str(taken.lead), ref=taken.ref)
    reached = [first]
    for _level in range(1, max(1, min(levels, 4))):
        below = _below(reached[-1])
        if not below:
            break
        reached.append(below)
    count = sum(len(level) for level in reached)
    price = queries.breakdown_price(
        count,
        cadence,
        from_on=local_day(at),
        until_on=due_on or commitment.due_on,
        files=commitment.asks_files,
        photos=commitment.asks_photos,
    )
    until = f"{due_days}{due_kind}" if due_days else iso(due_on)
    text = f"{ref}|{cadence}|{until}|" + ",".join(unit.path for level in reached for unit in level)
    levels_reached = tuple(tuple(level) for level in reached)
    same = already_asked(
        [unit for level in reached for unit in level],
        title.strip() or commitment.title,
        within=commitment.lead.area.path,
        but=[commitment.pk],
        like=commitment,
    )
    return Proposal(levels_reached, price, hashlib.sha256(text.encode()).hexdigest(), same)


@transaction.atomic
def approve_breakdown(
    *,
    actor: Actor,
    ref: str,
    version: int,
    levels: int,
    opinion: str,
    units: Sequence[int] = (),
    cadence: str = "on_change",
    due_on: date | None = None,
    due_days: int | None = None,
    due_kind: str = "",
    at: datetime,
) -> Done:
    """Approve breaking down by several levels in one act（越级分解审批）, for exactly the units shown.

    Raises:
        Refused: ``opinion_missing`` and those of :func:`propose_breakdown` and ``begin``.
    """
    opinion = acting.said(opinion)
    doing = acting.begin(
        Act.APPROVE_BREAKDOWN, actor=actor, ref=ref, version=version, at=at, intent=Intent(opinion=opinion)
    )
    proposal = propose_breakdown(
        actor=actor,
        ref=ref,
        levels=levels,
        units=units,
        cadence=cadence,
        due_on=due_on,
        due_days=due_days,
        due_kind=due_kind,
        at=at,
    )
    approval = BreakdownApproval.objects.create(
        commitment=doing.commitment,
        levels=levels,
        proposal_digest=proposal.digest,
        units_count=len(proposal.units),
        opinion=opinion,
        by_post_id=actor.effective.post_id,
        at=at,
    )
    event = events.BreakdownApproved(
        ref=ref, levels=levels, units=len(proposal.units), proposal_digest=proposal.digest, opinion=opinion
    )
    return doing.finish(event, rows=[approval], extra=approval)


@transaction.atomic
def break_down_commitment(
    *,
    actor: Actor,
    ref: str,
    version: int,
    units: Sequence[int] = (),
    levels: int = 1,
    cadence: str = "on_change",
    due_on: date | None = None,
    due_days: int | None = None,
    due_kind: str = "",
    title: str = "",
    requirement: str = "",
    counted_with_parent: bool = False,
    accept_days: int = 5,
    duplicates: str = "",
    different: str = "",
    at: datetime,
) -> Done:
    """Issue parts to all, or to the named, units one level below in one act（分解）.

    Deeper than one level needs the recorded approval of exactly this proposal. Parts inherit words, criteria, source
    and cadence; a part is never due after the whole. With ``due_days`` every part's date, and always its accept-by
    date, is counted by the calendar of its own unit, local holidays included. One ledger entry carries every part.

    What a unit is asked already is not asked again: refused with the live one, or, with ``duplicates`` ``merge``, the
    live one stands for the part and neither the unit nor those below it get another; with ``different`` it is asked
    all the same and the reason is recorded.

    Raises:
        Refused: ``asked_already``, ``figure_asked_already``, ``reason_missing``, ``nobody_below``,
            ``unit_not_below``, ``already_has_part``,
            ``part_after_whole``, ``parts_mixed``,
            ``needs_approval``, ``authority_over`` and those of ``begin``.
    """
    proposal = propose_breakdown(
        actor=actor,
        ref=ref,
        levels=levels,
        units=units,
        cadence=cadence,
        due_on=due_on,
        due_days=due_days,
        due_kind=due_kind,
        title=title,
        at=at,
    )
    depth = len(proposal.levels)
    intent = Intent(levels=depth, proposal_digest=proposal.digest)
    doing = acting.begin(Act.BREAK_DOWN, actor=actor, ref=ref, version=version, at=at, intent=intent)
    whole = doing.commitment
    if whole.off_system and (title.strip() or requirement.strip()):
        raise Refused("off_system_words")
    if whole.children_count and whole.carries_parts != counted_with_parent:
        raise Refused("parts_mixed")
    if due_on and whole.due_on and due_on > whole.due_on:
        raise Refused("part_after_whole", due=str(whole.due_on))
    reason = acting.said(different)
    proposal, merged = _settle_duplicates(whole, proposal, duplicates, reason, actor, at)
    parts = _parts(
        whole,
        proposal,
        at,
        cadence=cadence,
        due_on=None if due_days else due_on or whole.due_on,
        due_days=due_days,
        due_kind=due_kind,
        title=acting.said(title) or whole.title,
        requirement=acting.said(requirement) or whole.requirement,
        counted_with_parent=counted_with_parent,
        accept_days=accept_days,
    )
    whole.carries_parts = counted_with_parent and bool(whole.children_count or parts)
    whole.children_count += len(proposal.levels[0])
    whole.open_children += len(proposal.levels[0])
    rows: list[acting.Governed] = [*parts, *merged]
    if depth > 1:
        approval = whole.breakdown_approvals.get(proposal_digest=proposal.digest, used=False)
        approval.used = True
        approval.save(update_fields=["used"])
        rows.append(approval)
    done = doing.finish(
        events.CommitmentBrokenDown(
            ref=ref,
            levels=depth,
            parts=len(parts),
            answers=proposal.price.answers,
            due_on=iso(max((part.due_on for part in parts if part.due_on), default=None)),
            merged=tuple(one.live.ref for one in merged),
            reason=reason,
        ),
        rows=rows,
        subjects=[*(part.ref for part in parts), *(one.live.ref for one in merged)],
        extra=parts,
    )
    projections.append_new([part.pk for part in parts])
    projections.on_words(parts)
    notices.tell_parts(parts, at=at)
    return done


def _settle_duplicates(
    whole: Commitment, proposal: Proposal, duplicates: str, reason: str, actor: Actor, at: datetime
) -> tuple[Proposal, list[Merging]]:
    """What happens with units that are asked the same already; the proposal without those a live one stands for.

    Raises:
        Refused: ``asked_already``, ``figure_asked_already``, ``reason_missing``.
    """
    if not proposal.already:
        return proposal, []
    if duplicates == "different":
        if not reason:
            raise Refused("reason_missing")
        return proposal, []
    found = next(iter(proposal.already.values()))
    if duplicates != "merge":
        raise found.refusal()
    taken = tuple(one.unit.path for one in proposal.already.values())
    levels = tuple(
        kept for level in proposal.levels if (kept := tuple(u for u in level if not u.path.startswith(taken)))
    )
    live = Commitment.objects.in_bulk([one.pk for one in proposal.already.values()])
    merged = [Merging(whole=whole, live=one, by_post_id=actor.effective.post_id, at=at) for one in live.values()]
    fresh = [row for row in merged if not Merging.objects.filter(whole=whole, live=row.live).exists()]
    add_rows(fresh)
    price = replace(proposal.price, units=sum(map(len, levels)))
    return replace(proposal, levels=levels or ((),), price=price), fresh


def _parts(
    whole: Commitment,
    proposal: Proposal,
    at: datetime,
    *,
    cadence: str,
    due_on: date | None,
    due_days: int | None,
    due_kind: str,
    title: str,
    requirement: str,
    counted_with_parent: bool,
    accept_days: int,
) -> list[Commitment]:
    """Create the parts level by level in bulk; those of deeper levels hang under the part of their own area."""
    refs = iter(drafting.reserve_refs(whole.matter, len(proposal.units), whole.programme.prefix))
    above: dict[int, Commitment] = {}
    made: list[Commitment] = []
    below = Counter(unit.parent_id for level in proposal.levels[1:] for unit in level)
    model = Commitment(
        programme=whole.programme,
        matter=whole.matter,
        sub_matter=whole.sub_matter,
        kind=whole.kind,
        state=State.ISSUED,
        title=title,
        requirement=requirement,
        criteria=whole.criteria,
        source_quote=whole.source_quote,
        source_place=whole.source_place,
        due_on=due_on,
        deadline_n=due_days,
        deadline_kind=due_kind or whole.timing_now().due_kind,
        cadence=cadence,
        asks_files=whole.asks_files,
        asks_photos=whole.asks_photos,
        frequency=whole.frequency,
        counted_with_parent=counted_with_parent,
        off_system=whole.off_system,
        accept_days=accept_days,
        created_at=at,
    )
    dated: dict[WeekCalendar, Commitment] = {}

    def dates_of(unit: Unit) -> Commitment:
        """The same words, dates and light for every unit with the same calendar."""
        days = calendar_for(unit.path)
        if days not in dated:
            dated[days] = copy(model)
            dated[days].lead = unit
            timing.set_dates(dated[days], at)
            due = dated[days].due_on
            if due and whole.due_on and due > whole.due_on:
                raise Refused("part_after_whole", due=str(whole.due_on))
            projections.turn_light(dated[days], at=at)
            dated[days].next_step_at = escalating.Moments(dated[days], at).of(unit.path)
        return dated[days]

    for depth, level in enumerate(proposal.levels):
        batch = []
        for unit in level:
            parent = whole if depth == 0 else above[unit.parent_id or 0]
            part = copy(dates_of(unit))
            part.ref = next(refs)
            part.parent, part.issuer, part.lead = parent, parent.lead, unit
            part.line_units = [*parent.line_units, parent.lead_id]
            part.children_count = part.open_children = below[unit.pk]
            part.carries_parts = counted_with_parent and bool(below[unit.pk])
            batch.append(part)
        add_rows(batch)
        above = {part.lead_id: part for part in batch}
        made += batch
    return made
