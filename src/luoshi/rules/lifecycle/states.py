"""Where a commitment stands（状态）, and what sort of promise it is."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from luoshi.rules.refusals import gettext_noop

_ = gettext_noop


class Kind(StrEnum):
    """What sort of promise it is."""

    TASK = "task"  # 任务: struck off once
    DUTY = "duty"  # 长期坚持: a standing duty, reviewed and ended, never struck off
    PERIOD = "period"  # 期次: one period of a standing duty, finished or missed


class State(StrEnum):
    """Where a commitment stands（状态）."""

    DRAFT = "draft"
    ISSUED = "issued"
    DECLINED = "declined"
    ACCEPTED = "accepted"
    APPLIED = "applied"
    VERIFIED = "verified"
    CLOSED = "closed"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"
    FINISHED = "finished"
    MISSED = "missed"
    ENDED = "ended"


#: States after which nothing is owed any more.
OVER = frozenset({State.CLOSED, State.WITHDRAWN, State.FINISHED, State.MISSED, State.ENDED})

STATE_NAMES: Mapping[State, str] = MappingProxyType(
    {
        State.DRAFT: _("Draft"),
        State.ISSUED: _("Issued"),
        State.DECLINED: _("Declined"),
        State.ACCEPTED: _("Under way"),
        State.APPLIED: _("Waiting for verification"),
        State.VERIFIED: _("Verified, waiting for approval"),
        State.CLOSED: _("Closed"),
        State.SUSPENDED: _("Suspended"),
        State.WITHDRAWN: _("Withdrawn"),
        State.FINISHED: _("Period finished"),
        State.MISSED: _("Period missed"),
        State.ENDED: _("Duty ended"),
    }
)
