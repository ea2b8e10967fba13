"""Many acts at one door（成批办理）: a grid, a file, a job. Each row is its own act with its own ledger entry.

A row that is refused changes nothing and stops no other. A row sent twice by the same person is done once: what it led
to is remembered in the transaction of the act, and after that memory has gone its version is stale. A report overwrites
nothing and may come without a version; then the memory alone (seven days) keeps the same words from being said twice.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import groupby
from typing import Any

from django.db import transaction

from luoshi.accounts import services as accounts
from luoshi.accounts.models import User
from luoshi.delivery.schemas.inputs import INPUTS
from luoshi.delivery.schemas.performing import perform
from luoshi.rules.lifecycle import Act
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused, declare, gettext_noop

_ = gettext_noop
declare(
    422,
    act_unknown=_("“%(act)s” is no act that can be done here; use one of %(acts)s."),
    too_many_rows=_("At most %(most)s rows can be done at once, and these are %(rows)s: choose fewer, or use a file."),
    no_rows=_("No row was chosen: tick the rows that are meant, then choose what to do."),
)
MOST_ROWS = 200
"""Rows that a page or a call may do together; a file may hold more, as a job does it."""


class Outcome(StrEnum):
    """What became of a row."""

    DONE = "done"
    AGAIN = "again"
    WOULD = "would"
    REFUSED = "refused"


OUTCOME_NAMES: Mapping[Outcome, str] = {
    Outcome.DONE: _("Done"),
    Outcome.AGAIN: _("Was done before"),
    Outcome.WOULD: _("Can be done"),
    Outcome.REFUSED: _("Refused"),
}


@dataclass(frozen=True, slots=True)
class ActRow:
    """One row: which act on which commitment, on the version looked at, with the fields of the act's input.

    ``line`` is where it stands in the file or grid; ``problem`` says that the row could not even be read.
    """

    line: int
    act: str
    ref: str
    version: int | None
    data: Mapping[str, Any] = field(default_factory=dict)
    problem: Refused | None = None
    sheet: str = ""

    @property
    def digest(self) -> str:
        """What makes it the same row when it is sent again."""
        body = json.dumps([self.act, self.ref, self.version, dict(self.data)], sort_keys=True, default=str)
        return hashlib.sha256(body.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """What became of one row: the version and the entry it led to, or the refusal."""

    row: ActRow
    outcome: Outcome
    version: int | None = None
    entry: int | None = None
    refused: Refused | None = None
    ref: str = ""
    """The commitment a row of a ledger became; the row's own otherwise."""

    @property
    def field(self) -> str:
        """The column at fault, where the refusal names one."""
        return str(self.refused.params.get("name", "")) if self.refused else ""


def bounded(count: int) -> None:
    """A page or a call does some rows, and not too many.

    Raises:
        Refused: ``no_rows``, ``too_many_rows``.
    """
    if not count:
        raise Refused("no_rows")
    if count > MOST_ROWS:
        raise Refused("too_many_rows", most=MOST_ROWS, rows=count)


def perform_rows(
    rows: Iterable[ActRow],
    *,
    actor: Actor,
    user: User,
    at: datetime,
    dry_run: bool = False,
    via: str = "import",
    report: Callable[[int], None] | None = None,
) -> Iterator[RowOutcome]:
    """Do the rows one by one（成批办理）, each in its own transaction; outcomes come as they are reached.

    A dry run does the rows of one commitment together and takes them back, so that rows which build on one another
    (accept, then report) are tried as they would be done; what rows of *different* commitments would do to one another
    is not seen.

    Args:
        rows: in the order of the file; the caller bounds their number.
        actor: who, in which seat.
        user: the same person, under whom repeated rows are remembered.
        at: now, read at the door.
        dry_run: try every row and change nothing.
        via: by which door reports came.
        report: told after each group how many rows are through; may raise to stop, what is done stays done.
    """
    through = 0
    for _ref, group in groupby(rows, key=lambda row: row.ref):
        outcomes = []
        if dry_run:
            with transaction.atomic():
                outcomes = [_one(row, actor=actor, user=user, at=at, via=via, dry_run=True) for row in group]
                transaction.set_rollback(True)
        else:
            outcomes = [_one(row, actor=actor, user=user, at=at, via=via) for row in group]
        yield from outcomes
        through += len(outcomes)
        if report is not None:
            report(through)


def _one(row: ActRow, *, actor: Actor, user: User, at: datetime, via: str, dry_run: bool = False) -> RowOutcome:
    try:
        if row.problem is not None:
            raise row.problem
        act = act_named(row.act)
        if row.version is None and act is not Act.REPORT:
            raise Refused("version_missing")
        key = f"row-{row.digest}"
        with transaction.atomic():
            known = accounts.replay(user=user, key=key, digest=row.digest)
            if known is not None:
                return RowOutcome(row, Outcome.AGAIN, known.body["version"], known.body["entry"])
            done = perform(act, actor=actor, ref=row.ref, version=row.version, data=row.data, at=at, via=via)
            told = {"version": done.commitment.version, "entry": done.entry.pk}
            accounts.remember(user=user, key=key, digest=row.digest, status=200, body=told, at=at)
    except Refused as refused:
        return RowOutcome(row, Outcome.REFUSED, refused=refused)
    if dry_run:
        return RowOutcome(row, Outcome.WOULD, told["version"])
    return RowOutcome(row, Outcome.DONE, told["version"], told["entry"])


def act_named(name: str) -> Act:
    """The act of that word.

    Raises:
        Refused: ``act_unknown``.
    """
    try:
        act = Act(name)
    except ValueError:
        act = None
    if act is None or act not in INPUTS:
        raise Refused("act_unknown", act=name[:40], acts=", ".join(sorted(one.value for one in INPUTS)), name="act")
    return act
