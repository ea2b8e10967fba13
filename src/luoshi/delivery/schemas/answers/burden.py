"""What is asked already and what it costs, over the API（减负）."""

from __future__ import annotations

from dataclasses import asdict

from pydantic import BaseModel, Field

from luoshi.delivery.queries.asked import Already, Burden, UnitBurden
from luoshi.delivery.schemas.answers.marks import UnitName
from luoshi.delivery.services import Proposal


class LevelPriceOut(BaseModel):
    """What a breakdown adds at one level; minutes by the rule of thumb, ``weekly_each`` those of one unit a week."""

    level: str
    units: int
    answers: int
    minutes: int
    weekly_each: float


class AlreadyOut(BaseModel):
    """A live ask that tells a unit the same already."""

    unit: UnitName
    ref: str
    title: str
    measure: str
    other_uom: str = Field("", description="the measuring unit of the live ask, where it is another one")
    rate: str = ""

    @staticmethod
    def of(one: Already) -> AlreadyOut:
        """The answer for one live ask."""
        unit = UnitName.of(one.unit)
        return AlreadyOut(
            unit=unit, ref=one.ref, title=one.title, measure=one.measure, other_uom=one.other, rate=one.rate
        )


class AskOut(BaseModel):
    """One thing that is asked of several units; minutes by the rule of thumb."""

    title: str
    matter: str
    ref: str
    units: int
    cadence: str
    files: int
    photos: int
    weekly_each: float
    weekly: float


class UnitBurdenOut(BaseModel):
    """What is asked of an area and below; minutes a week on average of one unit."""

    unit: UnitName
    units: int
    asks: int
    visits: int
    weekly_each: float


class BurdenOut(BaseModel):
    """The asks that cost most, and the areas in the order of the tree; no ranking of units."""

    unit: UnitName
    weekly: float
    asks: list[AskOut]
    further: int
    visits: int
    own: UnitBurdenOut
    below: list[UnitBurdenOut]

    @staticmethod
    def of(found: Burden) -> BurdenOut:
        """The answer for the burden of an area."""

        def one(place: UnitBurden) -> UnitBurdenOut:
            return UnitBurdenOut(
                unit=UnitName.of(place.unit),
                units=place.units,
                asks=place.asks,
                visits=place.visits,
                weekly_each=round(place.weekly_each, 2),
            )

        return BurdenOut(
            unit=UnitName.of(found.unit),
            weekly=round(found.weekly, 2),
            asks=[AskOut(**asdict(ask), weekly=round(ask.weekly, 2)) for ask in found.asks],
            further=found.further,
            visits=found.visits,
            own=one(found.own),
            below=[one(place) for place in found.below],
        )


class PriceOut(BaseModel):
    """What a breakdown would reach and cost; ``units`` names at most the first 200 of ``count``."""

    count: int
    levels: list[int]
    units: list[UnitName]
    answers_each: int
    fields_each: int
    files_each: int
    photos_each: int
    answers: int
    fields: int
    minutes: int
    by_level: list[LevelPriceOut]
    already: list[AlreadyOut]
    digest: str

    @staticmethod
    def of(proposal: Proposal) -> PriceOut:
        """The price of a proposal."""
        price = proposal.price
        return PriceOut(
            count=len(proposal.units),
            levels=[len(level) for level in proposal.levels],
            units=[UnitName.of(unit) for unit in proposal.units[:200]],
            answers_each=price.answers_each,
            fields_each=price.fields_each,
            files_each=price.files_each,
            photos_each=price.photos_each,
            answers=price.answers,
            fields=price.fields,
            minutes=price.minutes,
            by_level=[LevelPriceOut(**asdict(one)) for one in proposal.by_level],
            already=[AlreadyOut.of(one) for one in list(proposal.already.values())[:200]],
            digest=proposal.digest,
        )
