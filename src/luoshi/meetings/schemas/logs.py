"""Decision logs and hand-overs at every door: one input for each act, and what the API answers."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from django.utils.translation import gettext
from pydantic import BaseModel, Field

from luoshi.delivery.schemas.inputs import ActInput, Ident, told
from luoshi.ledger.queries import number_of
from luoshi.meetings.models import LogComment
from luoshi.meetings.queries.handed import Handed, heading_of, items_of
from luoshi.meetings.queries.logs import Group, Line, Log
from luoshi.meetings.services import LogDone
from luoshi.rules.decision_log import LONGEST_COMMENT
from luoshi.rules.refusals import gettext_noop as _
from luoshi.units.models import HandOver


class CommentIn(ActInput):
    """Words beside one's own log."""

    words: Annotated[str, Field(max_length=LONGEST_COMMENT)] = told(_("What you want to say"), min_length=1)
    matter: Ident | None = told(_("About"), default=None)
    holding: Ident | None = told(_("Of which time in which post"), default=None)


class LineOut(BaseModel):
    """One act: its day, its kind, what was done, and what it was about."""

    entry: int
    on: dt.date
    kind: str
    act: str
    ref: str
    title: str
    more: bool
    link: str

    @classmethod
    def of(cls, line: Line) -> LineOut:
        """As the page says it."""
        return cls(
            entry=line.entry,
            on=line.on,
            kind=line.kind,
            act=line.act,
            ref=line.ref,
            title=line.title,
            more=line.more,
            link=line.link,
        )


class CommentOut(BaseModel):
    """What the holder wrote, and when."""

    at: dt.datetime
    words: str

    @classmethod
    def of(cls, comment: LogComment) -> CommentOut:
        """One comment."""
        return cls(at=comment.at, words=comment.words)


class GroupOut(BaseModel):
    """The acts of one matter under the three words."""

    heading: str
    matter: int | None
    programme: str | None
    planned: list[LineOut]
    deployed: list[LineOut]
    seen_through: list[LineOut]
    comments: list[CommentOut]

    @classmethod
    def of(cls, group: Group) -> GroupOut:
        """One matter."""
        planned, deployed, seen = ([LineOut.of(line) for line in lines] for _word, lines in group.words)
        return cls(
            heading=heading_of(group),
            matter=group.matter.pk if group.matter else None,
            programme=group.programme.key if group.programme else None,
            planned=planned,
            deployed=deployed,
            seen_through=seen,
            comments=[CommentOut.of(one) for one in group.comments],
        )


class LogOut(BaseModel):
    """A page of one decision log; ``older`` is given back as ``before`` for the next page."""

    holding: int
    post: str
    since_on: dt.date
    until_on: dt.date | None
    open_to_successor_on: dt.date | None
    groups: list[GroupOut]
    comments: list[CommentOut]
    older: str

    @classmethod
    def of(cls, log: Log) -> LogOut:
        """One page."""
        return cls(
            holding=log.holding.pk,
            post=log.holding.post.ref,
            since_on=log.since_on,
            until_on=log.until_on,
            open_to_successor_on=log.opening.on if log.opening else None,
            groups=[GroupOut.of(group) for group in log.groups],
            comments=[CommentOut.of(one) for one in log.comments],
            older=log.older,
        )


class LogActDone(BaseModel):
    """Whose log it was, and the entry that proves the act."""

    holding: int
    comment: int | None
    entry: int | None
    message: str

    @classmethod
    def of(cls, done: LogDone) -> LogActDone:
        """What was done."""
        return cls(
            holding=done.holding.pk,
            comment=done.comment.pk if done.comment else None,
            entry=number_of(done.entry),
            message=gettext("Done; the change is in the ledger."),
        )


class HandOverLine(BaseModel):
    """A hand-over one had a part in."""

    id: int
    post: str
    on: dt.date

    @classmethod
    def of(cls, row: HandOver) -> HandOverLine:
        """One line."""
        return cls(id=row.pk, post=row.post.ref, on=row.on)


class OpenItemOut(BaseModel):
    """What was open on the day."""

    ref: str
    title: str
    due_on: dt.date | None


class HandedOut(HandOverLine):
    """A hand-over: its log as page one, then what was handed over."""

    log: LogOut | None
    log_opens_on: dt.date | None
    open: list[OpenItemOut]
    waiting: list[str]
    also: list[str]
    note: str

    @classmethod
    def whole(cls, found: Handed) -> HandedOut:
        """With its list."""
        items = items_of(found.handover)
        return cls(
            **HandOverLine.of(found.handover).model_dump(),
            log=LogOut.of(found.log) if found.log else None,
            log_opens_on=found.opens_on,
            open=[OpenItemOut(ref=one.ref, title=one.title, due_on=one.due_on) for one in items.open],
            waiting=list(items.waiting),
            also=list(items.also),
            note=found.handover.note,
        )
