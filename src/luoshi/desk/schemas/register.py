"""What the API takes and answers of the register and its saved views（台账）."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

from luoshi.delivery.schemas.answers import CommitmentOut
from luoshi.office.models import SavedView
from luoshi.rules.permissions import Actor


class RegisterPage(BaseModel):
    """One page of the register with its cursors and counts; counts that are not known are absent."""

    items: list[CommitmentOut]
    next: str | None
    previous: str | None
    total: int
    exact: bool
    by_light: dict[str, int]
    by_state: dict[str, int]


Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64, pattern=r"^[^\x00]*$")]


class ViewIn(BaseModel):
    """A saved view: a name, the filters as a query string, whether the unit sees it, whether the register opens so."""

    model_config = ConfigDict(extra="forbid")
    name: Name
    query: Annotated[str, StringConstraints(max_length=2000, pattern=r"^[^\x00]*$")] = ""
    shared: bool = False
    opens: bool = False


class ViewOut(BaseModel):
    """A saved view and whether it is the caller's own."""

    id: int
    name: str
    query: str
    shared: bool
    opens: bool
    mine: bool

    @staticmethod
    def of(view: SavedView, actor: Actor) -> ViewOut:
        """The view as one person sees it; another's view never opens one's register."""
        mine = view.user_id == actor.user_id
        return ViewOut(
            id=view.pk, name=view.name, query=view.query, shared=view.shared, opens=view.opens and mine, mine=mine
        )


class ViewDeleted(BaseModel):
    """The view that is gone."""

    deleted: int
