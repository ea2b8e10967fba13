"""回头看: the rule of a programme, and the lot of each day; who it falls on is visited as everybody is, by lot."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from luoshi.assurance import events
from luoshi.assurance.models import LookBackDay, LookBackDraw, LookBackRule, Visit
from luoshi.assurance.queries.looking_back import AGAIN
from luoshi.assurance.services.giving import Made, Wanted, make_visits, record_visits
from luoshi.delivery.models import Commitment, LookBack, Programme
from luoshi.delivery.queries import programme_for
from luoshi.delivery.services.drafting import require_steering
from luoshi.ledger import services as ledger
from luoshi.ledger.models import Entry
from luoshi.rules import looking_back as rules
from luoshi.rules.calendar import add_working, due_moment, local_day
from luoshi.rules.lifecycle import Kind, State
from luoshi.rules.looking_back import Drawn
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused, declare, gettext_noop
from luoshi.units.queries import calendar_for

_ = gettext_noop
declare(409, look_back_set_today=_("The look-backs were set anew today already; the new rule holds from tomorrow."))
MOST_A_DAY = 300
"""Look-backs given out on one day at most; the others wait for the next."""


@transaction.atomic
def set_look_back_rule(
    *, actor: Actor, programme: str, chance_bp: int, months: Sequence[int], digits: str, at: datetime
) -> tuple[LookBackRule, Entry]:
    """Set how a programme looks back（回头看规则）: chance, months, and twenty digits thrown in public.

    It holds from tomorrow. The end of a new chain is published with it, and the secret of the former rule.

    Args:
        actor: the head or the office of the unit that owns the programme.
        programme: its key.
        chance_bp: the chance of each strike-off, 500–10000 basis points.
        months: how long after the strike-off, one to six different numbers.
        digits: twenty digits.
        at: now.

    Raises:
        Refused: ``not_found``, ``not_programme_owner``, ``look_back_chance``, ``look_back_months``,
            ``look_back_digits``, ``look_back_set_today``.
    """
    found = programme_for(actor, programme)
    require_steering(found, actor)
    wanted = rules.require(chance_bp, months, digits)
    Programme.objects.select_for_update().get(pk=found.pk)  # two who set it at once meet here
    former = found.look_back_rules.order_by("-number").first()
    tomorrow = local_day(at) + timedelta(days=1)
    if former is not None and former.from_on >= tomorrow:
        raise Refused("look_back_set_today")
    secret = secrets.token_hex(32)
    rule = LookBackRule.objects.create(
        programme=found,
        number=former.number + 1 if former else 1,
        chance_bp=chance_bp,
        months=list(wanted),
        digits=digits,
        anchor=rules.anchor(secret),
        secret=secret,
        from_on=tomorrow,
        by_post_id=actor.effective.post_id,
        by_user=actor.user_id,
        at=at,
    )
    entry = ledger.append(
        events.LookBackRuleSet(
            programme=found.key,
            number=rule.number,
            chance_bp=chance_bp,
            months=wanted,
            digits=digits,
            anchor=rule.anchor,
            from_on=tomorrow.isoformat(),
            reveals=former.secret if former else "",
        ),
        actor=actor,
        at=at,
        after={rule.ledger_key: rule.ledger_state()},
        subjects=(found.key,),
    )
    return rule, entry


@dataclass(frozen=True, slots=True)
class _Lot:
    """What the lot of a day found: the draws, and how many it was among."""

    drawn: Sequence[Drawn]
    wider: Sequence[Drawn]
    due: int
    siblings: int
    rows: dict[str, tuple[int, datetime]]
    """Number of a task → its key and the moment it was struck off."""


@transaction.atomic
def draw_look_backs(*, actor: Actor, programme: Programme, on: date, at: datetime) -> LookBackDay | None:
    """Draw the look-backs of one day and give out the visits（回头看抽签）; one entry, whatever it finds.

    Args:
        actor: the clock.
        programme: whose strike-offs.
        on: the day; days are drawn in order, each once, those of an outage too.
        at: now.

    Returns:
        the day; ``None`` when no rule holds on it, its chain has ended, or the day was drawn before.
    """
    rule = programme.look_back_rules.filter(from_on__lte=on).order_by("-number").select_for_update().first()
    if rule is None or LookBackDay.objects.filter(programme=programme, on=on).exists():
        return None
    place = (on - rule.from_on).days + 1
    if place > rules.LINKS:
        return None
    told = rules.link(rule.secret, place)
    seed = rules.day_seed(rule.digits, on, told)
    lot = _lot(programme, rule, on, seed)
    day = LookBackDay.objects.create(
        rule=rule,
        programme=programme,
        on=on,
        place=place,
        link=told,
        seed=seed,
        due=lot.due,
        drawn=len(lot.drawn),
        siblings=lot.siblings,
        wider=len(lot.wider),
        at=at,
    )
    draws = [
        LookBackDraw(day=day, commitment_id=lot.rows[one.ref][0], months=one.months, closed_at=lot.rows[one.ref][1])
        for one in [*lot.drawn, *lot.wider]
    ]
    LookBackDraw.objects.bulk_create(draws)
    changed, made = _give_out(actor, programme, seed, on, at)
    rows = {row.pk: row for row in [*draws, *changed]}
    record_visits(
        events.LookBacksDrawn(
            programme=programme.key,
            on=on.isoformat(),
            place=place,
            link=told,
            seed=seed,
            due=lot.due,
            drawn=len(lot.drawn),
            siblings=lot.siblings,
            wider=len(lot.wider),
            visits=len(made.visits),
        ),
        made,
        day,
        *rows.values(),
        actor=actor,
        key=f"look-back-{day.pk}",
        subjects=(f"look-back-{day.pk}",),  # not the tasks: whoever is to be visited does not read it beforehand
        at=at,
    )
    return day


def struck_off(programme: Programme) -> Q:
    """Strike-offs of a programme that stand."""
    return Q(programme=programme, state=State.CLOSED, kind=Kind.TASK, closed_at__isnull=False)


def _lot(programme: Programme, rule: LookBackRule, on: date, seed: str) -> _Lot:
    rows: dict[str, tuple[int, datetime]] = {}
    due: list[tuple[str, int]] = []
    for months in rule.months:
        found = rules.closed_between(on, months)
        if found is None:
            continue
        closings = Commitment.objects.filter(
            struck_off(programme), closed_at__gte=_begins(found[0]), closed_at__lt=due_moment(found[1])
        )
        for pk, ref, closed_at in closings.order_by("pk").values_list("pk", "ref", "closed_at"):
            if closed_at is not None:
                rows[ref] = (pk, closed_at)
                due.append((ref, months))
    drawn = rules.draw(seed, due, rule.chance_bp)
    taken = {one.ref for one in drawn}
    siblings = 0
    wider: dict[str, Drawn] = {}
    for near in _siblings(programme, on):
        left = {ref: row for ref, row in near.items() if ref not in taken}
        siblings += len(left)
        for one in rules.wider(seed, left, rule.chance_bp):
            wider.setdefault(one.ref, one)
            rows[one.ref] = left[one.ref]
    return _Lot(drawn, tuple(wider.values()), len(due), siblings, rows)


def _begins(day: date) -> datetime:
    return due_moment(day - timedelta(days=1))


def _siblings(programme: Programme, on: date) -> Iterable[dict[str, tuple[int, datetime]]]:
    """For each relapse of the day before, the other strike-offs of its family that stand.

    The family is the parts of the same whole; of a task that is no part, the same matter within the same area.
    """
    before = on - timedelta(days=1)
    relapses = LookBack.objects.filter(
        passed=False, at__gte=_begins(before), at__lt=due_moment(before), commitment__programme=programme
    ).select_related("commitment__lead__area")
    seen: set[tuple[str, int, int]] = set()
    for one in relapses.order_by("pk"):
        task = one.commitment
        if task.parent_id is not None:
            family, near = ("parent", task.parent_id, 0), Q(parent_id=task.parent_id)
        else:
            area = task.lead.area.parent_id or task.lead.area_id
            family = ("area", area, task.matter_id)
            near = Q(parent__isnull=True, matter_id=task.matter_id, lead__area__parent_id=area)
        if family in seen:
            continue
        seen.add(family)
        others = Commitment.objects.filter(struck_off(programme), near).exclude(pk=task.pk).order_by("pk")
        others = others.exclude(pk__in=_on_the_way(programme))  # one look at a time is enough
        found = others.values_list("pk", "ref", "closed_at")
        yield {ref: (pk, closed_at) for pk, ref, closed_at in found if closed_at is not None}


def _on_the_way(programme: Programme) -> QuerySet[LookBackDraw, Any]:
    """Tasks that were drawn and not looked at yet."""
    open_ = Q(visit__isnull=True) | Q(visit__state=Visit.State.ASSIGNED) | AGAIN
    rows = LookBackDraw.objects.filter(open_, day__programme=programme, over=False)
    return rows.order_by().values("commitment_id")


def _give_out(actor: Actor, programme: Programme, seed: str, on: date, at: datetime) -> tuple[list[LookBackDraw], Made]:
    """Visits for everything drawn that has none yet, or whose visit reached nobody and may be tried again.

    What nobody may go to today waits for another day.
    """
    waits = Q(visit__isnull=True) | Q(visit__state=Visit.State.WITHDRAWN) | AGAIN
    rows = list(
        LookBackDraw.objects.filter(waits, day__programme=programme, over=False)
        .select_related("commitment__lead__area", "commitment__issuer__area", "commitment__programme", "visit")
        .order_by("pk")
    )
    changed = []
    still = []
    for row in rows:
        stands = row.commitment.state == State.CLOSED and row.commitment.closed_at == row.closed_at
        if not stands:
            row.over = True
            changed.append(row)
        else:
            still.append(row)
    by_task = {row.commitment_id: row for row in still[:MOST_A_DAY]}
    wanted = [
        Wanted(Visit.Kind.LOOK_BACK, row.commitment, row.commitment.lead, row.commitment.ref)
        for row in by_task.values()
    ]
    today = max(on, local_day(at))
    day = add_working(today, 1, calendar_for(programme.owner.path))
    try:
        made = make_visits(
            wanted,
            actor=actor,
            programme=programme,
            ordered_by=programme.owner.area,
            seed=seed,
            day=day,
            at=at,
        )
    except Refused as refused:
        if refused.code != "pool_empty":
            raise
        made = Made((), (), wanted)
    for visit in made.visits:
        row = by_task[visit.commitment_id]
        row.tries += row.visit is not None and row.visit.state == Visit.State.UNREACHABLE
        row.visit = visit
        changed.append(row)
    LookBackDraw.objects.bulk_update(changed, ["visit", "over", "tries"])
    return changed, made


def look_backs_due(at: datetime) -> list[tuple[Programme, date]]:
    """Every programme with the days that are to be drawn by now, in order; nothing where the clock is up to date."""
    today = local_day(at)
    found: list[tuple[Programme, date]] = []
    with_rules = Programme.objects.filter(look_back_rules__from_on__lte=today).distinct().order_by("pk")
    for programme in with_rules.select_related("owner__area"):
        last = programme.look_back_days.order_by("-on").values_list("on", flat=True).first()
        first = programme.look_back_rules.order_by("number").values_list("from_on", flat=True)[0]
        day = last + timedelta(days=1) if last else first
        found += [(programme, day + timedelta(days=n)) for n in range((today - day).days + 1)]
    return found
