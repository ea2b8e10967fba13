"""覆盖: what was handed down is followed step by step: accepted, broken down, a post named, reported.

A *hole*（缺口）is a unit that has not taken a step it owes. The names of the steps are the acts that are missing, so
that a reminder, the today list and the ladder speak of the same thing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from luoshi.rules.lifecycle.acts import Act
from luoshi.rules.lifecycle.states import State
from luoshi.rules.refusals import declare, gettext_noop

_ = gettext_noop

STEPS: tuple[Act, ...] = (Act.ACCEPT, Act.BREAK_DOWN, Act.ASSIGN, Act.REPORT)
"""The steps in the order in which they are taken."""

OPEN_IN: Mapping[Act, State] = MappingProxyType(
    {Act.ACCEPT: State.ISSUED, Act.BREAK_DOWN: State.ACCEPTED, Act.ASSIGN: State.ACCEPTED, Act.REPORT: State.ACCEPTED}
)
"""The state in which a unit can take the step; in any other a reminder would ask for what cannot be done."""

TAKEN: Mapping[Act, str] = MappingProxyType(
    {
        Act.ACCEPT: _("Accepted"),
        Act.BREAK_DOWN: _("Broken down"),
        Act.ASSIGN: _("Post named"),
        Act.REPORT: _("Reported"),
    }
)
MISSING: Mapping[Act, str] = MappingProxyType(
    {
        Act.ACCEPT: _("Not accepted"),
        Act.BREAK_DOWN: _("Not broken down"),
        Act.ASSIGN: _("No post named"),
        Act.REPORT: _("Nothing reported"),
    }
)
ASKS: Mapping[Act, str] = MappingProxyType(
    {
        Act.ACCEPT: _("Reminder: please accept “%(title)s”, asked by %(due)s"),
        Act.BREAK_DOWN: _("Reminder: please break down “%(title)s” to the units below"),
        Act.ASSIGN: _("Reminder: please name the post in charge of “%(title)s”"),
        Act.REPORT: _("Reminder: please report on “%(title)s”"),
    }
)
ASKS_MANY: Mapping[Act, str] = MappingProxyType(
    {
        Act.ACCEPT: _("Reminder: %(count)s commitments wait to be accepted, the first is “%(title)s”"),
        Act.BREAK_DOWN: _("Reminder: %(count)s commitments wait to be broken down, the first is “%(title)s”"),
        Act.ASSIGN: _("Reminder: %(count)s commitments have no post in charge, the first is “%(title)s”"),
        Act.REPORT: _("Reminder: nothing has been reported on %(count)s commitments, the first is “%(title)s”"),
    }
)
"""What a reminder says when one post is reminded of several commitments at once: one message, not many（减负）."""

declare(
    409,
    nobody_to_remind=_(
        "There is nobody to remind: every unit your post can remind has done this, or cannot do it yet."
    ),
    reminded_today=_(
        "%(unit)s was reminded of this already, on %(when)s. A unit is reminded of the same thing at most once a day."
    ),
    all_reminded_today=_(
        "All %(count)s units were reminded of this already today, the last on %(when)s."
        " A unit is reminded of the same thing at most once a day."
    ),
    nobody_to_hear=_("No post can receive this: neither the units nor the area above them have one in charge."),
)


@dataclass(frozen=True, slots=True)
class Count:
    """How far one step has come: ``done`` of ``owed`` commitments; the rest are holes."""

    owed: int = 0
    done: int = 0

    @property
    def missing(self) -> int:
        """How many have not."""
        return self.owed - self.done

    @property
    def percent(self) -> int | None:
        """Done in percent, rounded down; nothing when nobody owes it."""
        return self.done * 100 // self.owed if self.owed else None

    def __add__(self, other: Count) -> Count:
        return Count(self.owed + other.owed, self.done + other.done)


@dataclass(frozen=True, slots=True)
class Coverage:
    """The four steps over some commitments that were handed down."""

    total: int
    accepted: Count
    broken_down: Count
    named: Count
    reported: Count

    def of(self, step: Act) -> Count:
        """One step.

        Raises:
            KeyError: it is no step.
        """
        return dict(zip(STEPS, (self.accepted, self.broken_down, self.named, self.reported), strict=True))[step]

    def __add__(self, other: Coverage) -> Coverage:
        return Coverage(
            self.total + other.total,
            self.accepted + other.accepted,
            self.broken_down + other.broken_down,
            self.named + other.named,
            self.reported + other.reported,
        )


NOTHING = Coverage(0, Count(), Count(), Count(), Count())
"""Nothing was handed down."""
