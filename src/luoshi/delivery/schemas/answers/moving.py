"""Deadlines that move with the calendar, over the API（随日历变动的期限）."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from luoshi.delivery.queries.moving import Moving
from luoshi.delivery.schemas.answers.marks import Mark
from luoshi.delivery.schemas.inputs import Text
from luoshi.ledger.models import Entry
from luoshi.office.models import Job


class MoveOut(BaseModel):
    """One date that moves."""

    ref: str
    title: str
    what: Literal["due", "accept", "reply"]
    old: dt.date
    new: dt.date


class MovingOut(BaseModel):
    """Deadlines that move with the calendar: how many, the first of them, and the digest of the whole list."""

    edition: int
    looked_at: int
    count: int
    later: int
    digest: str
    moves: list[MoveOut]

    @staticmethod
    def of(found: Moving, limit: int) -> MovingOut:
        """The list, cut to its first ``limit``."""
        return MovingOut(
            edition=found.edition,
            looked_at=found.looked_at,
            count=len(found.moves),
            later=found.later,
            digest=found.digest,
            moves=[
                MoveOut.model_validate({name: getattr(move, name) for name in MoveOut.model_fields})
                for move in found.moves[:limit]
            ],
        )


class MoveInput(BaseModel):
    """Confirm the list that was looked at."""

    model_config = ConfigDict(extra="forbid")
    digest: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    reason: Annotated[Text, Field(min_length=1)]


class MovedOut(BaseModel):
    """The entry of the act, or the job that does it."""

    entry: Mark | None = None
    job: int | None = None

    @staticmethod
    def of(done: Entry | Job) -> MovedOut:
        """What was done or begun."""
        return MovedOut(entry=Mark.of(done)) if isinstance(done, Entry) else MovedOut(job=done.pk)
