"""会议的规则: who may do what with a meeting when, its number, and until when its papers are out.

A meeting is called by the head or the supervision office of an area; whoever is asked to come reads it. Only the side
that calls it writes. Its decisions are typed while it sits and become tasks when it ends, all of them or none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from luoshi.rules.calendar import WorkCalendar, add_working
from luoshi.rules.permissions import Actor, Role
from luoshi.rules.refusals import Refused, declare, gettext_noop

_ = gettext_noop
declare(
    403,
    meeting_not_yours=_("A meeting is led by the head or the supervision office of the area that calls it."),
)
declare(
    409,
    meeting_stage=_("This cannot be done with a meeting that is “%(stage)s”."),
    another_meeting_open=_("The meeting %(ref)s of the same kind is still open. End it first; its open points go on."),
)
declare(
    422,
    meeting_title_missing=_("Give the meeting a title."),
    papers_nothing_on=_("There is nothing on the agenda. Put on what deserves minutes, then send the papers."),
    papers_to_nobody=_("Nobody has been asked to come. Ask posts to come, then send the papers."),
    papers_days_range=_("Papers go out between 0 and %(most)s working days before a meeting."),
    meeting_papers_past=_(
        "With %(days)s working days the papers would have been due on %(on)s, before today. Choose fewer days or a"
        " later day."
    ),
    item_not_said=_("Say in a few words what the item is about, or name a commitment or a matter of the programme."),
    item_on_its_way=_(
        "No rule gives %(ref)s a reason: it is on its way and is not presented. Say why it deserves minutes if it does."
    ),
    item_settled_wordless=_("Write what came of it before it is settled."),
    resolution_wordless=_("Write what was decided."),
    resolution_matter=_(
        "Say to which matter of the programme it belongs, or choose an item of the agenda that has one."
    ),
    resolution_lead=_("The lead must be a unit that receives tasks within your area: %(unit)s."),
    resolution_past=_("The day by which it is due must lie after today."),
)
declare(
    409,
    item_there_already=_("%(ref)s is on the agenda already."),
    resolution_over=_("This decision has been taken back or issued already."),
    resolutions_refused=_("Nothing has been issued. These decisions cannot be issued as they stand: %(rows)s"),
)

PAPERS_DAYS: Final = 3
"""Working days before a meeting by which its papers are out, where nobody says otherwise."""
MOST_PAPERS_DAYS: Final = 30

KIND_NAMES: Mapping[str, str] = MappingProxyType(
    {"review": _("Review meeting"), "dispatch": _("Dispatch meeting"), "special": _("Meeting on one question")}
)
"""座谈会、调度会、专题会."""
STAGE_NAMES: Mapping[str, str] = MappingProxyType(
    {"planned": _("planned"), "open": _("in session"), "ended": _("over"), "cancelled": _("cancelled")}
)
RESOLUTION_NAMES: Mapping[str, str] = MappingProxyType(
    {"typed": _("typed"), "issued": _("issued"), "withdrawn": _("taken back")}
)


class MeetingAct(StrEnum):
    """What can be done with a meeting; the value is the word in addresses."""

    CHANGE = "change"
    INVITE = "invite"
    PAPERS = "papers"
    PUT_ON = "put-on"
    LEAVE_OUT = "leave-out"
    ADD_ITEM = "add-item"
    OPEN = "open"
    ATTENDANCE = "attendance"
    SETTLE = "settle"
    RESOLVE = "resolve"
    TAKE_BACK = "take-back"
    MINUTES = "minutes"
    END = "end"
    CANCEL = "cancel"


_BEFORE: Final = frozenset({"planned"})
_UNTIL_END: Final = frozenset({"planned", "open"})
_SITTING: Final = frozenset({"open"})
STAGES: Mapping[MeetingAct, frozenset[str]] = MappingProxyType(
    {
        MeetingAct.CHANGE: _BEFORE,
        MeetingAct.INVITE: _UNTIL_END,
        MeetingAct.PAPERS: _BEFORE,
        MeetingAct.PUT_ON: _UNTIL_END,
        MeetingAct.LEAVE_OUT: _UNTIL_END,
        MeetingAct.ADD_ITEM: _UNTIL_END,
        MeetingAct.OPEN: _BEFORE,
        MeetingAct.ATTENDANCE: _SITTING,
        MeetingAct.SETTLE: _SITTING,
        MeetingAct.RESOLVE: _SITTING,
        MeetingAct.TAKE_BACK: _SITTING,
        MeetingAct.MINUTES: frozenset({"open", "ended"}),
        MeetingAct.END: _SITTING,
        MeetingAct.CANCEL: _BEFORE,
    }
)


def leads(actor: Actor, area_path: str) -> bool:
    """Whether the actor is the head of that area or its supervision office."""
    seat = actor.effective
    if actor.role is Role.HEAD:
        return seat.unit_path == area_path == seat.area_path
    return actor.role is Role.OFFICE and seat.area_path == area_path


def require_calling(actor: Actor) -> None:
    """Whether the actor may call a meeting for its area.

    Raises:
        Refused: ``meeting_not_yours``.
    """
    if not leads(actor, actor.effective.area_path):
        raise Refused("meeting_not_yours")


def decide_meeting(stage: str, area_path: str, act: MeetingAct, *, actor: Actor) -> None:
    """Whether the actor may do this with a meeting of that area now.

    Raises:
        Refused: ``meeting_stage``, ``meeting_not_yours``.
    """
    if stage not in STAGES[act]:
        raise Refused("meeting_stage", stage=STAGE_NAMES[stage])
    if not leads(actor, area_path):
        raise Refused("meeting_not_yours")


def possible(stage: str, area_path: str, *, actor: Actor) -> tuple[MeetingAct, ...]:
    """What this actor may do with a meeting now, for the page."""
    if not leads(actor, area_path):
        return ()
    return tuple(act for act in MeetingAct if stage in STAGES[act])


def meeting_ref(prefix: str, number: int) -> str:
    """The number of the ``number``-th meeting of a programme（会议编号）, like ``YN-2026-M0001``."""
    return f"{prefix}-M{number:04d}"


@dataclass(frozen=True, slots=True)
class PapersDue:
    """Until when papers are out, and why: so many working days before the day, which days between were not worked."""

    on: date
    held_on: date
    days: int
    rest: tuple[date, ...]
    provisional: bool

    @property
    def template(self) -> str:
        """The untranslated sentence; its places are those of :meth:`params`."""
        if not self.rest:
            return _("%(days)s working days before %(held_on)s: papers are out by the end of %(on)s.")
        return _(
            "%(days)s working days before %(held_on)s, not counting %(rest)s days of rest between: papers are out by"
            " the end of %(on)s."
        )

    @property
    def params(self) -> Mapping[str, object]:
        """Values for the places; days as text."""
        return {
            "days": self.days,
            "held_on": self.held_on.isoformat(),
            "on": self.on.isoformat(),
            "rest": len(self.rest),
        }


def papers_due(held_on: date, days: int, calendar: WorkCalendar) -> PapersDue:
    """Until when the papers of a meeting are out（材料印发期限）; the day of the meeting does not count.

    Args:
        held_on: the local day of the meeting.
        days: working days before it, 0–30; with 0 they are out on the day itself.
        calendar: which days are worked.

    Raises:
        Refused: ``papers_days_range``.
    """
    if not 0 <= days <= MOST_PAPERS_DAYS:
        raise Refused("papers_days_range", most=MOST_PAPERS_DAYS)
    on = add_working(held_on, -days, calendar)
    between = [on + timedelta(days=n) for n in range(1, (held_on - on).days)]
    rest = tuple(day for day in between if not calendar.is_working(day))
    return PapersDue(on, held_on, days, rest, calendar.is_provisional(on))


def reminded_from(due_on: date, calendar: WorkCalendar) -> date:
    """The working day before the one on which papers are due: from then on whoever calls the meeting is reminded."""
    return add_working(due_on, -1, calendar)
