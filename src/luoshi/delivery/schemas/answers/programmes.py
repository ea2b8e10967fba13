"""What the API tells about programmes, and is told of them（方案）."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from luoshi.delivery.models import Authority, Matter, Programme, SubMatter
from luoshi.delivery.models.timings import Timing, timing_of
from luoshi.delivery.schemas.answers.marks import UnitName, taken
from luoshi.delivery.schemas.inputs import Line, Text

Counting = Literal["calendar", "working"]


class SubMatterOut(BaseModel):
    """A part of a matter."""

    id: int
    number: int
    name_zh: str
    name_en: str
    garbled: bool

    @staticmethod
    def of(part: SubMatter) -> SubMatterOut:
        """The part."""
        return SubMatterOut(
            id=part.pk, number=part.number, name_zh=part.name_zh, name_en=part.name_en, garbled=part.garbled
        )


class MatterOut(BaseModel):
    """A matter with its parts and the sentence it stands on."""

    id: int
    number: int
    name_zh: str
    name_en: str
    source_quote: str
    source_place: str
    parts: list[SubMatterOut]

    @staticmethod
    def of(matter: Matter) -> MatterOut:
        """The matter; needs its parts loaded."""
        return MatterOut(
            id=matter.pk,
            number=matter.number,
            name_zh=matter.name_zh,
            name_en=matter.name_en,
            source_quote=matter.source_quote,
            source_place=matter.source_place,
            parts=[SubMatterOut.of(part) for part in matter.sub_matters.all()],
        )


class AuthorityOut(BaseModel):
    """Who ordered a programme, in which document, for what and until when."""

    id: int
    who: str
    document: str
    document_no: str
    document_on: dt.date | None
    scope: str
    from_on: dt.date
    until_on: dt.date

    @staticmethod
    def of(authority: Authority) -> AuthorityOut:
        """The authority."""
        return AuthorityOut.model_validate(taken(authority, AuthorityOut))


class TimingInput(BaseModel):
    """When lights turn and how terms are counted; what is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")
    warning_kind: Counting | None = None
    warning_percent: Annotated[int, Field(ge=1, le=100)] | None = None
    grace_days: Annotated[int, Field(ge=0, le=60)] | None = None
    grace_kind: Counting | None = None
    accept_kind: Counting | None = None
    due_kind: Counting | None = None
    reply_days: Annotated[int, Field(ge=1, le=90)] | None = None
    reply_kind: Counting | None = None
    decide_days: Annotated[int, Field(ge=1, le=90)] | None = None
    decide_kind: Counting | None = None
    palette: Literal["standard", "clear", "plain"] | None = None


class TimingOut(BaseModel):
    """The thresholds and ways of counting for what is issued from now on."""

    number: int
    warning_days: int
    warning_kind: str
    warning_percent: int
    grace_days: int
    grace_kind: str
    accept_kind: str
    due_kind: str
    reply_days: int
    reply_kind: str
    decide_days: int
    decide_kind: str
    palette: str

    @staticmethod
    def of(timing: Timing) -> TimingOut:
        """The timing as the API shows it."""
        return TimingOut.model_validate({name: getattr(timing, name) for name in TimingOut.model_fields})


class ProgrammeOut(BaseModel):
    """A programme in a list."""

    key: str
    name_zh: str
    name_en: str
    state: str
    version: int
    owner: UnitName
    visibility: str
    warning_days: int
    extension_limit: int
    last_meeting_on: dt.date | None
    demonstration: bool

    @staticmethod
    def of(programme: Programme) -> ProgrammeOut:
        """The line of a programme; needs its owner loaded."""
        return ProgrammeOut.model_validate(programme_line(programme))


def programme_line(programme: Programme) -> dict[str, object]:
    """The fields of a programme that every answer about it has."""
    return {
        **taken(programme, ProgrammeOut),
        "owner": UnitName.of(programme.owner),
        "last_meeting_on": programme.last_meeting_on,
        "demonstration": programme.is_demo,
    }


class ProgrammePage(BaseModel):
    """Programmes by key; ``next`` is the cursor of the page that follows, or null."""

    items: list[ProgrammeOut]
    next: str | None


class ProgrammeDetail(ProgrammeOut):
    """A programme with its authorities and matters."""

    authorities: list[AuthorityOut]
    matters: list[MatterOut]
    timing: TimingOut
    signs: dict[str, int]

    @staticmethod
    def whole(programme: Programme) -> ProgrammeDetail:
        """Everything about a programme; three statements."""
        return ProgrammeDetail.model_validate(
            {
                **programme_line(programme),
                "authorities": [AuthorityOut.of(row) for row in programme.authorities.all()[:50]],
                "matters": [MatterOut.of(row) for row in programme.matters.prefetch_related("sub_matters")],
                "timing": TimingOut.of(timing_of(programme.timing_now_id, programme.warning_days)),
                "signs": asdict(programme.signs),
            }
        )


class AuthorityInput(BaseModel):
    """Record an authority."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)
    who: Annotated[Line, Field(min_length=1)]
    document: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
    document_no: Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)] = ""
    document_on: dt.date | None = None
    scope: Annotated[Text, Field(min_length=1)]
    from_on: dt.date
    until_on: dt.date


class SignsInput(BaseModel):
    """From where on something in a record is a sign to go and look; what is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")
    jump_percent: Annotated[int, Field(ge=1, le=100)] | None = None
    late_bp: Annotated[int, Field(ge=100, le=5000)] | None = None
    late_least_days: Annotated[int, Field(ge=1, le=30)] | None = None
    near_days: Annotated[int, Field(ge=1, le=90)] | None = None
    silent_days: Annotated[int, Field(ge=7, le=365)] | None = None


class SettingsInput(BaseModel):
    """Change the settings of a programme."""

    model_config = ConfigDict(extra="forbid")
    visibility: Literal["own", "siblings", "all"]
    warning_days: Annotated[int, Field(ge=0, le=60)]
    extension_limit: Annotated[int, Field(ge=0, le=20)]
    last_meeting_on: dt.date | None = None
    timings: TimingInput = TimingInput()
    signs: SignsInput = SignsInput()
