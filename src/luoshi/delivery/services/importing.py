"""文件办理: acts handed in as a file; each row is an act of its own later, by the same rules as at every other door."""

from __future__ import annotations

from datetime import datetime

from django.core.files.base import File
from django.db import transaction

from luoshi.delivery import queries
from luoshi.delivery.queries import IMPORT
from luoshi.office import services as office
from luoshi.office.models import Job
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused, declare, gettext_noop

_ = gettext_noop
declare(
    409,
    import_not_tried=_("Only a trial that has ended can be done; start it again from the file."),
)

MAX_BYTES = 10 * 1024 * 1024


def hand_in_acts(*, actor: Actor, upload: File[bytes], act: str, dry_run: bool, at: datetime) -> Job:
    """Take a file of acts in and start the job that does them, or tries them（导入办理）.

    The file is screened like any other before it is kept: one that carries a secrecy mark or card numbers is refused.

    Args:
        actor: who hands it in; the rows are done in this seat.
        upload: an Excel sheet, CSV or lines of JSON, at most 10 MiB.
        act: what rows ask for that name no act; may be empty.
        dry_run: try every row and change nothing.
        at: now.

    Raises:
        Refused: those of ``store_file``.
    """
    name = (upload.name or "file")[-150:]
    with transaction.atomic():
        stored = office.store_file(upload, actor=actor, at=at, max_bytes=MAX_BYTES)
        args = {"digest": stored.digest, "name": name, "act": act, "dry_run": dry_run}
        return office.start_job(IMPORT, args, actor=actor, at=at)


def do_tried_acts(*, actor: Actor, job_id: int, at: datetime) -> Job:
    """Do what was tried（正式办理）: the same file, now in earnest.

    Raises:
        Refused: ``not_found``, ``import_not_tried`` when it was no trial, has not ended, or is somebody else's.
    """
    tried = queries.import_for(actor, job_id)
    if tried.user_id != actor.user_id or tried.state != "done" or not tried.args.get("dry_run"):
        raise Refused("import_not_tried")
    return office.start_job(IMPORT, {**tried.args, "dry_run": False}, actor=actor, at=at)
