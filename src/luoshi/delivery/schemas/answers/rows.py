"""Many acts in one request, or in one file, over the API（逐项办理）."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from luoshi.delivery.schemas.batches import RowOutcome
from luoshi.ui.sentences import sentence


class LedgerInput(BaseModel):
    """A stored ledger, the sheet meant if it has several, and how its columns are read: field → column from 1."""

    model_config = ConfigDict(extra="forbid")
    digest: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    name: Annotated[str, StringConstraints(min_length=1, max_length=150)]
    columns: dict[
        Literal["title", "requirement", "matter", "lead", "post", "supporting", "due_on", "frequency", "criteria"],
        Annotated[int, Field(ge=1, le=120)],
    ] = Field(default_factory=dict)
    sheet: Annotated[str, StringConstraints(max_length=60)] = ""
    matter: Annotated[int, Field(ge=1, le=2**53)] | None = None
    dry_run: bool = True


class RowIn(BaseModel):
    """One act on one commitment, on the version looked at, with the fields of that act's input."""

    model_config = ConfigDict(extra="forbid")
    act: Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"^[^\x00]*$")]
    ref: Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"^[^\x00]*$")]
    version: Annotated[int, Field(ge=1, le=2**31 - 1)]
    data: dict[str, Any] = Field(default_factory=dict)


class RowsInput(BaseModel):
    """Acts to be done one by one; at most 200."""

    model_config = ConfigDict(extra="forbid")
    rows: list[RowIn]


class RowDone(BaseModel):
    """What became of one row: done, again (it was done before) or refused, with the code and its sentence."""

    ref: str
    act: str
    outcome: str
    version: int | None
    entry: int | None
    code: str | None
    detail: str | None
    field: str | None

    @staticmethod
    def of(one: RowOutcome) -> RowDone:
        """The outcome in the reader's language."""
        return RowDone(
            ref=one.row.ref,
            act=one.row.act,
            outcome=one.outcome.value,
            version=one.version,
            entry=one.entry,
            code=one.refused.code if one.refused else None,
            detail=sentence(one.refused) if one.refused else None,
            field=one.field or None,
        )


class RowsDone(BaseModel):
    """Every row with what became of it, in the order they were sent."""

    rows: list[RowDone]


class ImportStarted(BaseModel):
    """The job that tries, or does, the rows of a file; ``GET /jobs/{job}`` tells how far it is and what was refused."""

    job: int
