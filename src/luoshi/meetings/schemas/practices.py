"""Write-ups at every door: one input for each act, and what the API answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, StringConstraints

from luoshi.delivery.schemas.inputs import ActInput, Line, Text, told
from luoshi.delivery.schemas.performing import Acts, fit
from luoshi.ledger.queries import number_of
from luoshi.meetings import services
from luoshi.meetings.models import Practice, PracticeEdition
from luoshi.meetings.queries.nearby import Near, Nearby
from luoshi.meetings.queries.practices import Shown
from luoshi.meetings.services import PracticeDone
from luoshi.rules.permissions import Actor
from luoshi.rules.practices import MOST_QUESTION, PracticeAct
from luoshi.rules.refusals import gettext_noop as _

Link = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)]


class WritePractice(ActInput):
    """A verified result, written up for others."""

    title: Line = told(_("Title"))
    context: Text = told(_("What it was like before"))
    done: Text = told(_("What was done"))
    cost: Text = told(_("What it cost"))
    failed: Text = told(_("What did not work"))
    proof: Link = told(_("Link to look at"), default="")


class WithdrawPractice(ActInput):
    """Why."""

    reason: Text = told(_("Reason"), widget="textarea")


class AskAuthor(ActInput):
    """One question."""

    question: Annotated[str, StringConstraints(strip_whitespace=True, max_length=4 * MOST_QUESTION)] = told(
        _("Your question")
    )


PRACTICE_ACTS: Acts[PracticeAct, PracticeDone] = Acts(
    "practice",
    {
        PracticeAct.AMEND: (WritePractice, services.amend_practice),
        PracticeAct.WITHDRAW: (WithdrawPractice, services.withdraw_practice),
        PracticeAct.ASK: (AskAuthor, services.ask_author),
    },
    unversioned=frozenset({PracticeAct.ASK}),  # a question changes nothing of the write-up
)


def write(*, actor: Actor, commitment: str, data: Mapping[str, Any], at: dt.datetime) -> PracticeDone:
    """Write a verified result up: validate what was said, call the one service.

    Raises:
        Refused: ``bad_input``, or whatever the service refuses.
    """
    return services.write_practice(actor=actor, commitment=commitment, at=at, **fit(WritePractice, data).model_dump())


# --- What the API answers --------------------------------------------------------------------------------------------


class PracticeOut(BaseModel):
    """One write-up in the list; ``stands``: whether its result is verified now."""

    ref: str
    title: str
    programme: str
    matter: int
    unit: int
    unit_name: str
    commitment: str
    state: str
    stands: bool
    verified_how: str
    written_at: dt.datetime
    version: int

    @staticmethod
    def of(one: Practice) -> PracticeOut:
        """The write-up."""
        return PracticeOut(**_values(one))


def _values(one: Practice) -> dict[str, Any]:
    return {
        "ref": one.ref,
        "title": one.title,
        "programme": one.programme.key,
        "matter": one.matter.number,
        "unit": one.unit_id,
        "unit_name": one.unit.name,
        "commitment": one.commitment.ref,
        "state": one.state,
        "stands": one.stands,
        "verified_how": one.commitment.verified_how if one.stands else "",
        "written_at": one.written_at,
        "version": one.version,
    }


class PracticePage(BaseModel):
    """A page of the library."""

    items: list[PracticeOut]
    next: int | None


class EditionOut(BaseModel):
    """What it said before it was amended."""

    number: int
    until_at: dt.datetime
    title: str
    context: str
    done: str
    cost: str
    failed: str
    proof: str

    @staticmethod
    def of(one: PracticeEdition) -> EditionOut:
        """The edition."""
        return EditionOut(number=one.number, until_at=one.until_at, **one.words())


class VerifiedOut(BaseModel):
    """How the result was verified; ``entry`` is the ledger entry that proves it, where the reader may look."""

    method: str
    at: dt.datetime
    by_unit: str
    certificate: str
    entry: int | None


class PracticeDetail(PracticeOut):
    """One write-up with everything it says, how it was verified, and what it said before."""

    context: str
    done: str
    cost: str
    failed: str
    proof: str
    verified: VerifiedOut | None
    editions: list[EditionOut]
    withdraw_reason: str
    may: list[str]

    @staticmethod
    def whole(shown: Shown) -> PracticeDetail:
        """As one reader sees it."""
        one, found = shown.practice, shown.verified
        verified = None
        if found is not None:
            row = found.verification
            verified = VerifiedOut(
                method=row.method,
                at=row.at,
                by_unit=row.by_post.unit.name,
                certificate=row.certificate,
                entry=found.entry.pk if found.entry else None,
            )
        words: dict[str, Any] = {name: text for name, text in one.words().items() if name != "title"}
        return PracticeDetail(
            **_values(one),
            **words,
            verified=verified,
            editions=[EditionOut.of(row) for row in shown.editions],
            withdraw_reason=one.withdraw_reason,
            may=[act.value for act in shown.acts],
        )


def _valued(names: Sequence[str], told: Sequence[tuple[str, int]]) -> dict[str, int]:
    return {name: value for name, (_words, value) in zip(names, told, strict=True)}


class NearOut(BaseModel):
    """One unit that is alike: the values it is compared by, how it was verified there, and its write-up if any."""

    unit: int
    name: str
    values: dict[str, int]
    verified_how: str
    verified_at: dt.datetime | None
    due_on: dt.date | None
    practice: str | None

    @staticmethod
    def of(one: Near, names: list[str]) -> NearOut:
        """The unit."""
        return NearOut(
            unit=one.unit.pk,
            name=one.unit.name,
            values=_valued(names, one.values),
            verified_how=one.commitment.verified_how,
            verified_at=one.verified.at if one.verified else None,
            due_on=one.commitment.due_on,
            practice=one.practice.ref if one.practice else None,
        )


class NearbyOut(BaseModel):
    """Where the same was verified in time, in the order of the tree; empty where nothing can be told."""

    variables: list[str]
    own: dict[str, int]
    units: list[NearOut]

    @staticmethod
    def of(found: Nearby | None) -> NearbyOut:
        """The units."""
        if found is None:
            return NearbyOut(variables=[], own={}, units=[])
        names = [name for name, _words in found.variables]
        return NearbyOut(
            variables=names,
            own=_valued(names, found.own),
            units=[NearOut.of(one, names) for one in found.units],
        )


class PracticeActDone(BaseModel):
    """What an act on a write-up led to."""

    practice: str
    state: str
    version: int
    entry: int
    entry_number: int | None

    @staticmethod
    def of(done: PracticeDone) -> PracticeActDone:
        """The outcome."""
        return PracticeActDone(
            practice=done.practice.ref,
            state=done.practice.state,
            version=done.practice.version,
            entry=done.entry.pk,
            entry_number=number_of(done.entry),
        )
