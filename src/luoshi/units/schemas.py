"""What the API takes and gives about units and posts（组织接口数据）."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from ninja import Schema
from pydantic import Field

from luoshi.rules.calendar import Account, WeekCalendar
from luoshi.ui import deadlines
from luoshi.units.models import CalendarVersion, Kind, Level, Post, RoleChoice, Unit

Name = Annotated[str, Field(min_length=1, max_length=120)]
Reason = Annotated[str, Field(min_length=1, max_length=2000)]
Number = Annotated[int, Field(ge=1, le=2**31)]
Ref = Annotated[str, Field(min_length=1, max_length=64)]


class UnitOut(Schema):
    """A unit."""

    id: int
    kind: Kind
    level: Level
    name: str
    short_name: str
    code: str
    parent_id: int | None
    area_id: int
    superior_id: int | None
    receives: bool
    valid_from: dt.date
    valid_until: dt.date | None
    version: int

    @staticmethod
    def of(unit: Unit) -> UnitOut:
        """The unit as the API shows it."""
        return UnitOut.model_validate(unit, from_attributes=True)


class UnitPage(Schema):
    """A page of units; ``next`` is the cursor of the page after it, or null."""

    items: list[UnitOut]
    next: str | None


class PostOut(Schema):
    """A post; the contact is official."""

    ref: str
    title: str
    role: RoleChoice
    unit_id: int
    unit_name: str
    contact: str
    active: bool
    version: int

    @staticmethod
    def of(post: Post) -> PostOut:
        """The post as the API shows it; needs the unit loaded."""
        return PostOut(
            ref=post.ref,
            title=post.title,
            role=RoleChoice(post.role),
            unit_id=post.unit_id,
            unit_name=post.unit.name,
            contact=post.contact,
            active=post.active,
            version=post.version,
        )


class PostPage(Schema):
    """A page of posts; ``next`` is the cursor of the page after it, or null."""

    items: list[PostOut]
    next: str | None


class UnitIn(Schema):
    """A unit to be set up."""

    kind: Kind
    level: Level
    name: Name
    parent_id: Number
    code: Annotated[str, Field(max_length=32, pattern=r"^[0-9A-Za-z-]*$")] = ""
    on: dt.date | None = None


class RenameIn(Schema):
    """Another name from a day."""

    name: Name
    reason: Reason
    on: dt.date
    version: Number | None = None


class MoveIn(Schema):
    """Another parent from a day."""

    parent_id: Number
    reason: Reason
    on: dt.date
    version: Number | None = None


class MergeIn(Schema):
    """Units that go into the one of the address."""

    unit_ids: Annotated[list[Number], Field(min_length=1, max_length=50)]
    reason: Reason
    on: dt.date


class PartIn(Schema):
    """One part of a divided unit."""

    name: Name
    code: Annotated[str, Field(max_length=32, pattern=r"^[0-9A-Za-z-]*$")] = ""
    children: Annotated[list[Number], Field(max_length=2000)] = []
    posts: Annotated[list[Ref], Field(max_length=2000)] = []


class SplitIn(Schema):
    """How a unit is divided."""

    parts: Annotated[list[PartIn], Field(min_length=1, max_length=20)]
    keep: bool
    reason: Reason
    on: dt.date
    version: Number | None = None


class CloseIn(Schema):
    """The end of a unit."""

    reason: Reason
    on: dt.date
    version: Number | None = None


class SuperiorIn(Schema):
    """The professional superior; null for none."""

    superior_id: Number | None
    version: Number | None = None


class PostIn(Schema):
    """A post to be set up."""

    unit_id: Number
    title: Annotated[str, Field(min_length=1, max_length=80)]
    role: RoleChoice
    ref: Annotated[str, Field(max_length=64, pattern=r"^[0-9A-Za-z_.-]*$")] = ""
    contact: Annotated[str, Field(max_length=120)] = ""


class ContactIn(Schema):
    """The official contact of a post."""

    contact: Annotated[str, Field(max_length=120)]
    version: Number | None = None


class SeatIn(Schema):
    """A person takes a post."""

    username: Annotated[str, Field(min_length=1, max_length=150)]
    from_on: dt.date
    until_on: dt.date | None = None


class UnseatIn(Schema):
    """A person leaves a post; ``on`` is the first day he no longer holds it."""

    on: dt.date
    reason: Reason


class HandOverIn(Schema):
    """A post goes to its next holder."""

    username: Annotated[str, Field(min_length=1, max_length=150)]
    on: dt.date
    items: Annotated[list[Annotated[str, Field(max_length=500)]], Field(max_length=2000)] = []
    note: Annotated[str, Field(max_length=2000)] = ""


class DeputyIn(Schema):
    """A post that stands in for the one of the address."""

    deputy_ref: Ref
    from_on: dt.date
    until_on: dt.date | None = None
    reason: Reason


class EndIn(Schema):
    """The first day a stand-in no longer holds."""

    on: dt.date


class Done(Schema):
    """An act was done on the row with this number."""

    id: int


class SpecialDayOut(Schema):
    """A day that is not as in a plain week."""

    day: dt.date
    working: bool
    name_zh: str
    name_en: str


class CalendarVersionOut(Schema):
    """One version of a calendar: what it is about and where it comes from."""

    id: int
    unit_id: int | None
    year: int
    origin: str
    title: str
    number: str
    notice_on: dt.date | None
    source: str
    reason: str
    recorded_at: dt.datetime
    days: list[SpecialDayOut]

    @staticmethod
    def of(version: CalendarVersion) -> CalendarVersionOut:
        """The version with its days."""
        told = {name: getattr(version, name) for name in CalendarVersionOut.model_fields if name not in {"id", "days"}}
        days = [SpecialDayOut.model_validate(row, from_attributes=True) for row in version.days.all()]
        return CalendarVersionOut(id=version.pk, days=days, **told)


class CalendarOut(Schema):
    """The working calendar of a unit in one year, with the versions it is made of."""

    unit_id: int
    year: int
    provisional: bool
    days: list[SpecialDayOut]
    versions: list[CalendarVersionOut]

    @staticmethod
    def of(unit: Unit, year: int, days: WeekCalendar, versions: list[CalendarVersion]) -> CalendarOut:
        """What holds for the unit."""
        return CalendarOut(
            unit_id=unit.pk,
            year=year,
            provisional=year not in days.years,
            days=[
                SpecialDayOut(day=day, working=days.is_working(day), name_zh=name.zh, name_en=name.en)
                for day, name in sorted(days.names.items())
                if day.year == year
            ],
            versions=[CalendarVersionOut.of(version) for version in versions],
        )


class ChangeDayIn(Schema):
    """Change one day of a calendar."""

    day: dt.date
    what: Literal["off", "work", "plain"]
    reason: Reason
    unit: Annotated[str, Field(max_length=120)] = ""
    name_zh: Annotated[str, Field(max_length=40)] = ""
    name_en: Annotated[str, Field(max_length=60)] = ""
    version: Annotated[int, Field(ge=0, le=2**31)] | None = None


class NoticeIn(Schema):
    """A notice of a year: the text of a YAML or CSV file, and what it does not say itself."""

    text: Annotated[str, Field(min_length=1, max_length=50_000)]
    format: Literal["yaml", "csv"] = "yaml"
    year: Annotated[int, Field(ge=2000, le=2100)] | None = None
    title: Annotated[str, Field(max_length=200)] = ""
    number: Annotated[str, Field(max_length=80)] = ""
    issued_on: dt.date | None = None
    source: Annotated[str, Field(max_length=300)] = ""
    unit: Annotated[str, Field(max_length=120)] = ""
    dry_run: bool = False


class NoticeRowError(Schema):
    """What is wrong with one row."""

    row: int
    problem: str


class NoticeOut(Schema):
    """What reading a notice did, or would do."""

    dry_run: bool
    year: int
    added: list[SpecialDayOut]
    removed: list[SpecialDayOut]
    errors: list[NoticeRowError]
    version: int | None


class TermOut(Schema):
    """A term, counted and explained."""

    due_on: dt.date
    provisional: bool
    sentence: str

    @staticmethod
    def of(account: Account) -> TermOut:
        """The term in the reader's language."""
        return TermOut(
            due_on=account.due_on, provisional=bool(account.provisional), sentence=deadlines.sentence(account)
        )
