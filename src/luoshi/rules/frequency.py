"""核查频次: a unit is met with a visit once in a period; more, or several sides at once, needs a reasoned approval.

The period is the supervision plan's; where no plan says otherwise it is 30 days. Which unit is drawn is not changed by
this: a place that needs an approval waits for it, and the days after it wait too.

Source: 政府督查工作条例 (2021): supervision follows a plan, its frequency is controlled, nothing is repeated or comes
from several sides at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from luoshi.rules.permissions import Actor, Role
from luoshi.rules.refusals import Refused, declare, gettext_noop

_ = gettext_noop
declare(
    403,
    approval_by_head=_("A second visit within the period is approved by the head of the area that has it made."),
)
declare(
    409,
    visit_needs_approval=_(
        "%(units)s met a visit less than %(days)s days before %(day)s already. The head may approve another one with a"
        " reason; the order of the draw does not change."
    ),
    nothing_to_approve=_("None of these units met a visit in the period: nothing needs an approval."),
)


@dataclass(frozen=True, slots=True)
class Met:
    """A visit that meets a unit: the unit, the day, and the area that has it made."""

    unit_id: int
    on: date
    by: int


@dataclass(frozen=True, slots=True)
class Again:
    """What stands against another visit: the last one in the period, and whether another side had it made."""

    unit_id: int
    last_on: date
    many_headed: bool


def met_again(units: Iterable[int], met: Iterable[Met], *, day: date, days: int, by: int) -> dict[int, Again]:
    """Unit → the visit it met already within ``days`` of ``day``, before or after it（期内再访）.

    Args:
        units: who is to be visited.
        met: visits that were made or are handed out.
        day: the day of the new visit.
        days: the period of the plan (≥ 1).
        by: the area that has the new visit made.
    """
    wanted, found = set(units), {}
    for one in sorted(met, key=lambda one: (one.on, one.by != by)):
        if one.unit_id in wanted and abs(one.on - day) < timedelta(days=days):
            found[one.unit_id] = Again(one.unit_id, one.on, one.by != by)
    return found


def require_approval(
    again: Mapping[int, Again], approved: Iterable[int], *, names: Mapping[int, str], day: date, days: int
) -> None:
    """Refuse a visit that is repeated or comes from another side, unless somebody approved it.

    Args:
        again: what :func:`met_again` found.
        approved: units for which an approval is recorded.
        names: unit → its name, for the sentence.
        day: the day of the visits.
        days: the period of the plan.

    Raises:
        Refused: ``visit_needs_approval``.
    """
    missing: Sequence[int] = sorted(again.keys() - set(approved))
    if missing:
        told = "、".join(names[unit] for unit in missing[:6]) + ("…" if len(missing) > 6 else "")
        raise Refused("visit_needs_approval", units=told, day=day.isoformat(), days=days)


def may_approve(actor: Actor, area_path: str) -> bool:
    """Whether the actor heads the area that has visits made."""
    seat = actor.effective
    return actor.role is Role.HEAD and seat.unit_path == seat.area_path == area_path
