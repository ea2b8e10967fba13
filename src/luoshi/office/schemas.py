"""What the API of the office takes and gives（接口格式）."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ninja import Schema


class MessageOut(Schema):
    """A message（消息）in the reader's language."""

    id: int
    kind: str
    key: str
    subject: str
    body: str
    link: str
    created_at: datetime
    read_at: datetime | None


class MessagePage(Schema):
    """At most ``limit`` messages; ``next`` is the cursor of the page that follows."""

    items: list[MessageOut]
    next: int | None
    unread: int


class JobOut(Schema):
    """A job（作业）and how far it is."""

    id: int
    kind: str
    title: str
    state: str
    done: int
    total: int
    note: str
    result: dict[str, Any]
    refusals: list[dict[str, Any]]
    cancel_asked: bool
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class JobPage(Schema):
    """At most ``limit`` jobs; ``next`` is the cursor of the page that follows."""

    items: list[JobOut]
    next: int | None


class ExportStarted(Schema):
    """The job that makes the file: ``/jobs/{job}`` tells how far it is, ``/exports/{job}/file`` gives the file."""

    job: int


class Problem(Schema):
    """A refusal（RFC 9457）."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    code: str
