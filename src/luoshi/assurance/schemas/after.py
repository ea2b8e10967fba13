"""Inputs and answers of directed visits and look-backs（按风险走访、回头看）."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from luoshi.assurance.models import LookBackDay, LookBackDraw, LookBackRule, Visit
from luoshi.assurance.queries.directing import Line
from luoshi.assurance.queries.looking_back import Relapses
from luoshi.assurance.services.directing import shown
from luoshi.delivery.schemas.answers import UnitName
from luoshi.delivery.schemas.inputs import ActInput, Text, told
from luoshi.rules.refusals import gettext_noop as _

Month = Annotated[int, Field(ge=1, le=60)]


class DirectIn(ActInput):
    """Have a unit visited."""

    reason: Text = told(
        _("Why somebody should go and look"),
        _("May be empty when its record holds a sign; the signs are recorded beside it."),
        widget="textarea",
        default="",
    )
    day: dt.date = told(_("On which day"))


class LookBackRuleIn(ActInput):
    """Set how a programme looks back."""

    chance_bp: Annotated[int, Field(ge=1, le=10_000)] = told(
        _("Chance of each strike-off, in hundredths of a per cent"), _("500 are 5 %%, the least there is."), default=500
    )
    months: list[Month] = told(_("Months after the strike-off"), default_factory=lambda: [3, 12], max_length=6)
    digits: Annotated[str, StringConstraints(strip_whitespace=True, max_length=40)] = told(
        _("Twenty digits thrown in public")
    )


class SignOut(BaseModel):
    """One sign of a record: which, in words."""

    reason: str
    words: str


class LineOut(BaseModel):
    """One task of the queue with every sign its record holds."""

    ref: str
    title: str
    lead: UnitName
    state: str
    due_on: dt.date | None
    signs: list[SignOut]

    @staticmethod
    def of(line: Line) -> LineOut:
        """The line in the caller's language."""
        row = line.commitment
        return LineOut(
            ref=row.ref,
            title=row.title,
            lead=UnitName.of(row.lead),
            state=row.state,
            due_on=row.due_on,
            signs=[SignOut(reason=one.reason.value, words=shown(one)) for one in line.signs],
        )


class QueueOut(BaseModel):
    """A page of the queue; ``next`` is the ``start`` of the one after."""

    items: list[LineOut]
    next: int | None


class AssignedOut(BaseModel):
    """A visit that was given out; who goes and what is found is not told here."""

    key: str
    kind: str
    day: dt.date
    reason: str
    entry: int

    @staticmethod
    def of(visit: Visit, entry: int) -> AssignedOut:
        """The visit."""
        return AssignedOut(key=str(visit.key), kind=visit.kind, day=visit.day, reason=visit.reason, entry=entry)


class RuleOut(BaseModel):
    """How a programme looks back; ``secret`` once another rule has taken its place."""

    number: int
    chance_bp: int
    months: list[int]
    digits: str
    anchor: str
    from_on: dt.date
    secret: str

    @staticmethod
    def of(rule: LookBackRule, secret: str = "") -> RuleOut:
        """The rule."""
        return RuleOut(
            number=rule.number,
            chance_bp=rule.chance_bp,
            months=rule.months,
            digits=rule.digits,
            anchor=rule.anchor,
            from_on=rule.from_on,
            secret=secret,
        )


class RuleDone(BaseModel):
    """The rule that holds from tomorrow, and the ledger entry."""

    rule: RuleOut
    entry: int


class DayOut(BaseModel):
    """The lot of one day, so that anybody can draw it again."""

    on: dt.date
    rule: int
    place: int
    link: str
    seed: str
    due: int
    drawn: int
    siblings: int
    wider: int

    @staticmethod
    def of(day: LookBackDay) -> DayOut:
        """The day."""
        return DayOut(
            on=day.on,
            rule=day.rule.number,
            place=day.place,
            link=day.link,
            seed=day.seed,
            due=day.due,
            drawn=day.drawn,
            siblings=day.siblings,
            wider=day.wider,
        )


class DrawOut(BaseModel):
    """One look-back whose day has come; ``unknown`` where nobody could be reached as often as it was tried."""

    ref: str
    title: str
    lead: UnitName
    drawn_on: dt.date
    months: int
    day: dt.date | None
    state: str
    holds: bool | None

    @staticmethod
    def of(draw: LookBackDraw) -> DrawOut:
        """The look-back."""
        visit = draw.visit
        return DrawOut(
            ref=draw.commitment.ref,
            title=draw.commitment.title,
            lead=UnitName.of(draw.commitment.lead),
            drawn_on=draw.day.on,
            months=draw.months,
            day=visit.day if visit else None,
            state="unknown" if draw.unknown else visit.state if visit else "over",
            holds=visit.holds if visit else None,
        )


class LookBacksOut(BaseModel):
    """How a programme looks back, what was drawn, and for the owner's side what is to come in figures."""

    rules: list[RuleOut]
    days: list[DayOut]
    draws: list[DrawOut]
    for_day: int | None
    for_verifier: int | None


class RelapseOut(BaseModel):
    """One matter: looks that fell by lot, and of how many it no longer held; a percent from thirty looks on."""

    matter: int
    name: str
    looked: int
    relapsed: int
    percent: int | None

    @staticmethod
    def of(one: Relapses) -> RelapseOut:
        """The matter."""
        rate = one.rate
        return RelapseOut(
            matter=one.matter.pk,
            name=one.matter.short,
            looked=rate.looked,
            relapsed=rate.relapsed,
            percent=rate.percent,
        )
