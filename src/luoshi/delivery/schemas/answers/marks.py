"""What every act answers: its entry, the names of units, files and links made（办理回执）."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from django.db.models import Model
from pydantic import BaseModel, ConfigDict, StringConstraints

from luoshi.delivery.models import Programme, Report
from luoshi.delivery.services import Done, Reminding
from luoshi.ledger import queries as ledger
from luoshi.ledger.models import Entry
from luoshi.office.models.words import say
from luoshi.rules import lifecycle
from luoshi.ui.sentences import told
from luoshi.units.models import Unit


def taken(row: Model, answer: type[BaseModel]) -> dict[str, Any]:
    """The plain columns of ``row`` that ``answer`` shows under the same name; relations are added by the caller."""
    columns = {field.name for field in row._meta.concrete_fields if not field.is_relation}
    return {name: getattr(row, name) for name in answer.model_fields if name in columns}


class Mark(BaseModel):
    """The ledger entry of an act: its id at once, its number as soon as it has one."""

    id: int
    number: int | None

    @staticmethod
    def of(entry: Entry) -> Mark:
        """The mark of an entry; an entry just appended on SQLite is numbered already."""
        return Mark(id=entry.pk, number=ledger.number_of(entry))


class LinkMade(BaseModel):
    """A short link just made; the secret is told once and kept nowhere."""

    id: int
    secret: str | None
    expires_at: dt.datetime


class ActDone(BaseModel):
    """What an act led to."""

    ref: str
    state: lifecycle.State
    version: int
    said: int
    verified: int
    verified_how: str
    light: str
    entry: Mark
    parts: int | None = None
    link: LinkMade | None = None
    known: list[str] | None = None
    """Names of files sent with a report that this unit had handed in before; each content is kept once."""
    reminded: int | None = None
    """Units reminded."""

    @staticmethod
    def of(done: Done) -> ActDone:
        """The answer to an act."""
        commitment = done.commitment
        answer = ActDone(
            ref=commitment.ref,
            state=lifecycle.State(commitment.state),
            version=commitment.version,
            said=commitment.said,
            verified=commitment.verified,
            verified_how=commitment.verified_how,
            light=commitment.light,
            entry=Mark.of(done.entry),
        )
        if isinstance(done.extra, list):
            answer.parts = len(done.extra)
        if isinstance(done.extra, Report) and (done.extra.known or done.extra.twice):
            answer.known = [*done.extra.known, *done.extra.twice]
        if isinstance(done.extra, Reminding):
            answer.reminded = len(done.extra.units)
        if isinstance(done.extra, tuple):
            link, secret = done.extra
            answer.link = LinkMade(id=link.pk, secret=secret, expires_at=link.expires_at)
        return answer


class ProgrammeDone(BaseModel):
    """What an act on a programme led to."""

    key: str
    state: str
    version: int
    entry: Mark

    @staticmethod
    def of(programme: Programme, entry: Entry) -> ProgrammeDone:
        """The answer to an act on a programme."""
        return ProgrammeDone(key=programme.key, state=programme.state, version=programme.version, entry=Mark.of(entry))


class UnitName(BaseModel):
    """A unit by its id and name."""

    id: int
    name: str

    @staticmethod
    def of(unit: Unit) -> UnitName:
        """The unit's name."""
        return UnitName(id=unit.pk, name=unit.name)


class FileStored(BaseModel):
    """A file that was stored; hand its digest in with a report."""

    digest: str
    name: str
    size: int
    media_type: str
    changes: list[str]


def said(refusal: dict[str, Any]) -> str:
    """A refusal that was kept, as a sentence in the reader's language."""
    return say(refusal.get("text", ""), {name: told(one) for name, one in refusal.get("params", {}).items()})


class Confirmation(BaseModel):
    """Which plan is confirmed."""

    model_config = ConfigDict(extra="forbid")
    digest: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
