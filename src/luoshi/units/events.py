"""What can happen to units and posts（组织事件）: frozen, versioned, plain values only.

Names of persons never stand here: a holder is named by the number of his account.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from luoshi.rules.refusals import gettext_noop as _


@dataclass(frozen=True, slots=True)
class UnitCreated:
    """A unit was set up（设立单位）."""

    TYPE: ClassVar[str] = "units.UnitCreated"
    V: ClassVar[int] = 1
    unit: int
    name: str
    parent: int | None
    on: str


@dataclass(frozen=True, slots=True)
class UnitRenamed:
    """A unit got another name（更名）."""

    TYPE: ClassVar[str] = "units.UnitRenamed"
    V: ClassVar[int] = 1
    unit: int
    old: str
    new: str
    on: str
    reason: str


@dataclass(frozen=True, slots=True)
class UnitMoved:
    """A unit and all below it went to another parent（划转）."""

    TYPE: ClassVar[str] = "units.UnitMoved"
    V: ClassVar[int] = 1
    unit: int
    old_parent: int | None
    new_parent: int
    moved: int
    on: str
    reason: str


@dataclass(frozen=True, slots=True)
class UnitsMerged:
    """Units went into another one（合并）."""

    TYPE: ClassVar[str] = "units.UnitsMerged"
    V: ClassVar[int] = 1
    units: tuple[int, ...]
    into: int
    on: str
    reason: str


@dataclass(frozen=True, slots=True)
class UnitSplit:
    """A unit was divided（拆分）."""

    TYPE: ClassVar[str] = "units.UnitSplit"
    V: ClassVar[int] = 1
    unit: int
    into: tuple[int, ...]
    on: str
    reason: str


@dataclass(frozen=True, slots=True)
class UnitClosed:
    """A unit ended（撤销单位）."""

    TYPE: ClassVar[str] = "units.UnitClosed"
    V: ClassVar[int] = 1
    unit: int
    on: str
    reason: str


@dataclass(frozen=True, slots=True)
class SuperiorSet:
    """A department got another professional superior（确定业务上级）."""

    TYPE: ClassVar[str] = "units.SuperiorSet"
    V: ClassVar[int] = 1
    unit: int
    superior: int | None


@dataclass(frozen=True, slots=True)
class UnitsImported:
    """A list of units was read in（导入单位）; one entry for the whole list."""

    TYPE: ClassVar[str] = "units.UnitsImported"
    V: ClassVar[int] = 1
    digest: str
    created: int
    renamed: int
    unchanged: int
    missing: int


@dataclass(frozen=True, slots=True)
class MapImported:
    """An approved map was read in（导入地图）, with its source, licence and approval number."""

    TYPE: ClassVar[str] = "units.MapImported"
    V: ClassVar[int] = 1
    map: int
    source: str
    licence: str
    approval_no: str
    digest: str
    areas: int


@dataclass(frozen=True, slots=True)
class MapRemoved:
    """A map was taken away（移除地图）; the schematic one is shown again."""

    TYPE: ClassVar[str] = "units.MapRemoved"
    V: ClassVar[int] = 1
    map: int


@dataclass(frozen=True, slots=True)
class CalendarRecorded:
    """A calendar got another version（日历更新）: from a notice, or one day by an administrator with a reason."""

    TYPE: ClassVar[str] = "units.CalendarRecorded"
    V: ClassVar[int] = 1
    calendar: int
    unit: int | None
    year: int
    origin: str
    title: str
    number: str
    days: int
    digest: str
    day: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class DepartmentsCreated:
    """The standard departments of areas were set up（设立标准部门）."""

    TYPE: ClassVar[str] = "units.DepartmentsCreated"
    V: ClassVar[int] = 1
    areas: int
    created: int


@dataclass(frozen=True, slots=True)
class PostsCreated:
    """Posts were set up（设立岗位）."""

    TYPE: ClassVar[str] = "units.PostsCreated"
    V: ClassVar[int] = 1
    refs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PostClosed:
    """A post is no longer used（撤销岗位）."""

    TYPE: ClassVar[str] = "units.PostClosed"
    V: ClassVar[int] = 1
    post: str
    reason: str


@dataclass(frozen=True, slots=True)
class ContactEdited:
    """The official contact of a post was changed（更新联系方式）; the number itself is not told."""

    TYPE: ClassVar[str] = "units.ContactEdited"
    V: ClassVar[int] = 1
    post: str


@dataclass(frozen=True, slots=True)
class HoldersSeated:
    """Persons took their posts（任职）; ``holders`` pairs the number of a post with the number of an account."""

    TYPE: ClassVar[str] = "units.HoldersSeated"
    V: ClassVar[int] = 1
    holders: tuple[tuple[str, int], ...]
    on: str


@dataclass(frozen=True, slots=True)
class HolderUnseated:
    """A person left a post（离任）."""

    TYPE: ClassVar[str] = "units.HolderUnseated"
    V: ClassVar[int] = 1
    post: str
    user: int
    on: str
    reason: str


@dataclass(frozen=True, slots=True)
class PostHandedOver:
    """A post went from one holder to the next（交接）."""

    TYPE: ClassVar[str] = "units.PostHandedOver"
    V: ClassVar[int] = 1
    post: str
    from_user: int | None
    to_user: int
    on: str
    items: int


@dataclass(frozen=True, slots=True)
class DeputyAppointed:
    """A post stands in for another（确定代理）."""

    TYPE: ClassVar[str] = "units.DeputyAppointed"
    V: ClassVar[int] = 1
    principal: str
    deputy: str
    from_on: str
    until_on: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class DeputyshipEnded:
    """A stand-in ended（结束代理）."""

    TYPE: ClassVar[str] = "units.DeputyshipEnded"
    V: ClassVar[int] = 1
    principal: str
    deputy: str
    on: str


EVENT_NAMES: dict[str, str] = {
    UnitCreated.TYPE: _("Unit set up"),
    UnitRenamed.TYPE: _("Unit renamed"),
    UnitMoved.TYPE: _("Unit moved"),
    UnitsMerged.TYPE: _("Units merged"),
    UnitSplit.TYPE: _("Unit split"),
    UnitClosed.TYPE: _("Unit ended"),
    SuperiorSet.TYPE: _("Professional superior set"),
    UnitsImported.TYPE: _("Units imported"),
    CalendarRecorded.TYPE: _("Calendar updated"),
    DepartmentsCreated.TYPE: _("Departments set up"),
    PostsCreated.TYPE: _("Posts set up"),
    PostClosed.TYPE: _("Post ended"),
    ContactEdited.TYPE: _("Contact changed"),
    HoldersSeated.TYPE: _("Holders seated"),
    HolderUnseated.TYPE: _("Holding ended"),
    PostHandedOver.TYPE: _("Post handed over"),
    DeputyAppointed.TYPE: _("Deputy appointed"),
    DeputyshipEnded.TYPE: _("Deputyship ended"),
}
"""How each event is called in a timeline; every event has a name."""
