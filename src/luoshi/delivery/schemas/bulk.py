"""What a bulk act needs to be told（批量办理）, the same at every door."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from luoshi.delivery.models import Bulk
from luoshi.delivery.queries import BULK_ACTS
from luoshi.delivery.schemas.inputs import ActInput, DoBreakDown, Line, Text, told
from luoshi.delivery.schemas.performing import fit
from luoshi.delivery.services import bulk
from luoshi.rules.lifecycle import Act
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused, gettext_noop

_ = gettext_noop
OneRef = Annotated[str, StringConstraints(strip_whitespace=True, max_length=40, pattern=r"^[^\x00]*$")]
Refs = Annotated[list[OneRef], Field(max_length=bulk.LIMIT)]


class CloseMany(ActInput):
    """Close a list."""

    refs: Refs = told(_("Numbers, one a line"), _("At most 20,000."), widget="lines")
    opinion: Text = told(_("Opinion"), _("Why this is approved."), widget="textarea", default="")


class ReDateMany(ActInput):
    """Move the dates of a list, or of a whole with its parts."""

    refs: Refs = told(_("Numbers, one a line"), _("At most 20,000."), widget="lines", default_factory=list)
    parts_of: OneRef = told(_("Or: a whole with all its parts"), default="")
    new_due_on: dt.date | None = told(_("New date for all"), default=None)
    by_days: Annotated[int, Field(ge=-3660, le=3660)] | None = told(_("Each date moves by so many days"), default=None)
    reason: Text = told(
        _("Which decision moves them"), _("Meeting or document, and its date."), widget="textarea", default=""
    )


class HandOverMany(ActInput):
    """Hand over the work of a post."""

    post: Line = told(_("From the post"), min_length=1)
    to: Line = told(_("To the post"), min_length=1)


class BreakDownMany(DoBreakDown):
    """Break down to many units."""

    ref: OneRef = told(_("Number of the whole"), min_length=1)
    version: Annotated[int, Field(ge=1)] | None = told(_("Version looked at"), default=None)


BULK_INPUTS: Mapping[Act, type[ActInput]] = {
    Act.CLOSE: CloseMany,
    Act.RE_DATE: ReDateMany,
    Act.ASSIGN: HandOverMany,
    Act.BREAK_DOWN: BreakDownMany,
}


def bulk_act(word: str) -> Act:
    """The act of that word, if it can be done in bulk.

    Raises:
        Refused: ``act_unknown``.
    """
    if word not in [act.value for act in BULK_ACTS]:
        raise Refused("act_unknown", act=word[:40], acts=", ".join(act.value for act in BULK_ACTS), name="act")
    return Act(word)


def plan(act: Act, *, actor: Actor, data: Mapping[str, Any], at: datetime) -> Bulk:
    """Ask for the plan of a bulk act with what a door was told.

    Raises:
        Refused: ``bad_input`` and those of ``plan_bulk``.
    """
    said = fit(BULK_INPUTS[act], data)
    values = said.model_dump(mode="json", exclude_none=True)
    return bulk.plan_bulk(actor=actor, act=act, refs=values.pop("refs", ()), args=values, at=at)
