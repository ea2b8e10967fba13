"""What can happen to channels and calendar feeds（渠道事件）: never an address with a key in it, never a secret."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from luoshi.rules.refusals import gettext_noop as _


@dataclass(frozen=True, slots=True)
class ChannelAdded:
    """A channel was added（增设渠道）."""

    TYPE: ClassVar[str] = "office.ChannelAdded"
    V: ClassVar[int] = 1
    channel: int
    kind: str
    unit: int
    host: str


@dataclass(frozen=True, slots=True)
class ChannelDisabled:
    """A channel was disabled（停用渠道）, by a person or, when it had failed too long, by the clock."""

    TYPE: ClassVar[str] = "office.ChannelDisabled"
    V: ClassVar[int] = 1
    channel: int
    why: str


@dataclass(frozen=True, slots=True)
class ChannelEnabled:
    """A channel was enabled again（启用渠道）; what had waited goes on, what is older is given up."""

    TYPE: ClassVar[str] = "office.ChannelEnabled"
    V: ClassVar[int] = 1
    channel: int
    going_on: int
    given_up: int


@dataclass(frozen=True, slots=True)
class ChannelKeyChanged:
    """A channel got a new key（更换渠道密钥）."""

    TYPE: ClassVar[str] = "office.ChannelKeyChanged"
    V: ClassVar[int] = 1
    channel: int
    key: int


@dataclass(frozen=True, slots=True)
class DeliveriesRepeated:
    """Deliveries were sent once more because a person asked（重新投递）."""

    TYPE: ClassVar[str] = "office.DeliveriesRepeated"
    V: ClassVar[int] = 1
    channel: int
    count: int


@dataclass(frozen=True, slots=True)
class CalendarFeedMade:
    """A secret address for calendar programs was made（开通日历订阅）."""

    TYPE: ClassVar[str] = "office.CalendarFeedMade"
    V: ClassVar[int] = 1
    user: int
    post: str
    discreet: bool


@dataclass(frozen=True, slots=True)
class CalendarFeedRevoked:
    """A secret address for calendar programs was withdrawn（停用日历订阅）."""

    TYPE: ClassVar[str] = "office.CalendarFeedRevoked"
    V: ClassVar[int] = 1
    user: int
    post: str


EVENT_NAMES: dict[str, str] = {
    ChannelAdded.TYPE: _("Channel added"),
    ChannelDisabled.TYPE: _("Channel disabled"),
    ChannelEnabled.TYPE: _("Channel enabled"),
    ChannelKeyChanged.TYPE: _("New key for a channel"),
    DeliveriesRepeated.TYPE: _("Deliveries sent once more"),
    CalendarFeedMade.TYPE: _("Calendar feed made"),
    CalendarFeedRevoked.TYPE: _("Calendar feed withdrawn"),
}
"""How each event is called in a timeline; every event has a name."""
