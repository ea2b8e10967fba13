"""Circulars at every door: one input for each act, and what the API answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from luoshi.delivery.schemas.inputs import ActInput, Ident, Line, Nothing, Text, told
from luoshi.delivery.schemas.performing import Acts, fit
from luoshi.ledger.queries import number_of
from luoshi.meetings import services
from luoshi.meetings.models import Circular, Receipt
from luoshi.meetings.queries.circulars import Shown
from luoshi.meetings.services import CircularDone
from luoshi.rules.circulars import MOST_UNITS, CircularAct
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import gettext_noop as _

Kind = Literal["inform", "praise", "criticism", "letter"]


class ChangeCircular(ActInput):
    """Its kind, title, words, and the units it goes to."""

    kind: Kind = told(_("Kind"))
    title: Line = told(_("Title"), min_length=1)
    words: Annotated[str, Field(max_length=20_000)] = told(_("Text, a paragraph a line"), min_length=1)
    units: Annotated[list[Ident], Field(max_length=MOST_UNITS)] = told(_("Units it goes to"))


class DraftCircular(ChangeCircular):
    """A circular or letter of a programme."""

    programme: Annotated[str, Field(max_length=60)] = told(_("Programme"))
    meeting: Annotated[str, Field(max_length=40)] = told(_("Meeting it comes out of"), default="")


class SignCircular(ActInput):
    """Which unit signs, where one speaks for several it goes to."""

    unit: Ident | None = told(_("Unit"), default=None)


class WithdrawCircular(ActInput):
    """Why."""

    reason: Text = told(_("Reason"), widget="textarea", min_length=1)


CIRCULAR_ACTS: Acts[CircularAct, CircularDone] = Acts(
    "circular",
    {
        CircularAct.CHANGE: (ChangeCircular, services.change_circular),
        CircularAct.ISSUE: (Nothing, services.issue_circular),
        CircularAct.SIGN: (SignCircular, services.sign_circular),
        CircularAct.REMIND: (Nothing, services.remind_circular),
        CircularAct.WITHDRAW: (WithdrawCircular, services.withdraw_circular),
    },
    unversioned=frozenset({CircularAct.SIGN}),  # units sign beside each other
)


def draft(*, actor: Actor, data: Mapping[str, Any], at: dt.datetime) -> CircularDone:
    """Write a circular: validate what was said, call the one service.

    Raises:
        Refused: ``bad_input``, or whatever the service refuses.
    """
    return services.draft_circular(actor=actor, at=at, **fit(DraftCircular, data).model_dump())


# --- What the API answers --------------------------------------------------------------------------------------------


class CircularOut(BaseModel):
    """One circular in the list."""

    ref: str
    number: str
    kind: str
    title: str
    state: str
    programme: str
    issuer: int
    meeting: str | None
    issued_at: dt.datetime | None
    version: int

    @staticmethod
    def of(one: Circular) -> CircularOut:
        """The circular."""
        return CircularOut(**_values(one))


def _values(one: Circular) -> dict[str, Any]:
    return {
        "ref": one.ref,
        "number": one.number,
        "kind": one.kind,
        "title": one.title,
        "state": one.state,
        "programme": one.programme.key,
        "issuer": one.issuer_id,
        "meeting": one.meeting.ref if one.meeting else None,
        "issued_at": one.issued_at,
        "version": one.version,
    }


class CircularPage(BaseModel):
    """A page of circulars."""

    items: list[CircularOut]
    next: int | None


class ReceiptOut(BaseModel):
    """A unit it goes to, when it signed and from which post."""

    unit: int
    name: str
    signed_at: dt.datetime | None
    post: str | None

    @staticmethod
    def of(one: Receipt) -> ReceiptOut:
        """The receipt."""
        post = one.signed_by_post
        return ReceiptOut(
            unit=one.unit_id, name=one.unit.name, signed_at=one.signed_at, post=post.title if post else None
        )


class CircularDetail(CircularOut):
    """One circular: its words, the units it goes to, and who has signed as far as the reader may see."""

    words: str
    to: list[str]
    receipts: list[ReceiptOut]
    withdraw_reason: str
    may: list[str]
    may_sign_for: list[int]

    @staticmethod
    def whole(shown: Shown) -> CircularDetail:
        """As one reader sees it."""
        return CircularDetail(
            **_values(shown.circular),
            words=shown.circular.words,
            to=[row.unit.name for row in shown.to],
            receipts=[ReceiptOut.of(row) for row in shown.rows],
            withdraw_reason=shown.circular.withdraw_reason,
            may=[act.value for act in shown.acts],
            may_sign_for=[row.unit_id for row in shown.mine],
        )


class CircularActDone(BaseModel):
    """What an act on a circular led to."""

    circular: str
    number: str
    state: str
    version: int
    entry: int
    entry_number: int | None

    @staticmethod
    def of(done: CircularDone) -> CircularActDone:
        """The outcome."""
        return CircularActDone(
            circular=done.circular.ref,
            number=done.circular.number,
            state=done.circular.state,
            version=done.circular.version,
            entry=done.entry.pk,
            entry_number=number_of(done.entry),
        )
