"""备份与恢复: the whole installation in one file, and that file in an empty database again.

A backup reads one snapshot and keeps nobody from writing. A restore changes nothing until it has read and checked the
whole archive; then rows, numbers and audit are one transaction, so that the restored world is there and right, or not
there. Neither is an act: the ledger is the same before and after.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.management.color import no_style
from django.db import DatabaseError, connection, transaction

import luoshi
from luoshi.ledger import queries as ledger
from luoshi.ledger import services as numbering
from luoshi.ledger.models import Checkpoint, Pending
from luoshi.office.adapters import archives, files
from luoshi.office.models import StoredFile
from luoshi.office.queries import tables
from luoshi.office.services.search import rewrite_words
from luoshi.rules.refusals import Refused, declare
from luoshi.rules.refusals import gettext_noop as _

declare(
    409,
    database_not_empty=_(
        "There are rows in this database already (%(table)s), and a restore never mixes two worlds. Nothing was"
        " changed. Name an empty database in LUOSHI_DATABASE_URL and stop everything that works on it."
    ),
    database_not_migrated=_(
        "The tables of this database are of another version than this installation: run “luoshi migrate” first, or name"
        " a new database."
    ),
    archive_other_version=_(
        "The backup was made with other tables than this installation has (%(difference)s). Nothing was changed."
        " Restore it with Luoshi %(version)s and its libraries, then upgrade."
    ),
    archive_not_held=_(
        "This database cannot hold what the backup says of %(table)s: %(problem)s. Nothing was changed."
    ),
    restored_differs=_("After restoring, %(table)s was not what the backup says. Everything was taken back."),
    restored_audit_differs=_(
        "The restored ledger and rows do not agree: %(difference)s Everything was taken back. If this was so when the"
        " backup was taken, “--with-differences” restores it as it is."
    ),
    files_not_kept=_("The files cannot be written: %(problem)s. Everything was taken back."),
)

Say = Callable[[str, int, int], None]
"""Told what is being worked on, how much of it is done, and how much there is (0: not known)."""
BATCH = 500
BATCH_BYTES = 4 * 1024 * 1024
SQUEEZED = ("text/", "application/json", "application/xml")
"""Types of files that become smaller by compression; pictures, PDF and Office files are compressed already."""


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup holds（备份内容）: counts, the ledger's head, and files that the store could not give."""

    rows: int
    files: int
    size: int
    entries: int
    root: str
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore brought back（恢复结果）.

    ``numbered`` entries were waiting for their number when the backup was taken and have one now, so ``root`` is that
    of the backup only when it is 0; the backup's own root was found before.
    """

    rows: int
    files: int
    entries: int
    root: str
    numbered: int
    missing: tuple[str, ...]
    difference: str


def _silent(_what: str, _done: int, _total: int) -> None:
    """Say nothing."""


def back_up(target: Path, *, at: datetime, sessions: bool = True, say: Say = _silent) -> Backup:
    """Write everything into one archive（备份）, from one moment, while others go on writing.

    Waiting entries get their numbers and a checkpoint is set first, so that the archive's root can be kept elsewhere.
    A file that the store has lost or that was altered is left out and named: a backup with a hole is better than none.

    Args:
        target: where to; it is put there when it is whole, readable by its owner only.
        at: now.
        sessions: whether those signed in are to be still signed in after a restore.
        say: told of the progress.

    Raises:
        OSError: the archive cannot be written; nothing is left behind.
    """
    while numbering.sequence_pending(at):
        pass
    numbering.checkpoint(at)
    with archives.writing(target, at) as archive, ledger.snapshot():
        told: dict[str, Any] = {}
        for model in tables.stored_models():
            label = model._meta.label_lower
            lines = tables.lines(model) if sessions or label != tables.SESSIONS else iter(())
            wrote = archive.add(archives.table_name(label), _counted(lines, label, say))
            told[label] = {
                "rows": wrote["pieces"],
                "size": wrote["size"],
                "sha256": wrote["sha256"],
                "columns": [field.column for field in tables.columns(model)],
            }
        kept, missing, size = _add_files(archive, say)
        head = ledger.head()
        mark = Checkpoint.objects.order_by("-size").first()
        manifest = {
            "format": archives.FORMAT,
            "luoshi": luoshi.__version__,
            "at": at.isoformat(),
            "database": connection.vendor,
            "migrations": tables.applied_migrations(),
            "tables": told,
            "files": {
                "count": len(kept),
                "size": size,
                "list_sha256": archives.files_list_digest(kept),
                "missing": missing,
            },
            "ledger": {
                "size": head.size,
                "root": head.root,
                "chain": head.chain,
                "pending": Pending.objects.count(),
                "checkpoint": {"size": mark.size, "root": mark.root} if mark else None,
            },
        }
        archive.add(archives.MANIFEST, [json.dumps(manifest, ensure_ascii=False, indent=1).encode()])
    rows = sum(one["rows"] for one in told.values())
    return Backup(rows, len(kept), target.stat().st_size, head.size, head.root, tuple(missing))


def _counted(lines: Iterable[bytes], label: str, say: Say, total: int = 0) -> Iterator[bytes]:
    count = 0
    for count, line in enumerate(lines, start=1):
        yield line
        if count % 1000 == 0:
            say(label, count, total)
    say(label, count, total or count)


def _add_files(archive: archives.ArchiveWriter, say: Say) -> tuple[list[str], list[str], int]:
    """Write the files that the snapshot names; returns those written, those missing or altered, and the bytes."""
    kept: list[str] = []
    missing: list[str] = []
    size = 0
    rows = StoredFile.objects.order_by("digest").values_list("digest", "media_type")
    total = rows.count()
    for done, (digest, media_type) in enumerate(rows.iterator(chunk_size=500), start=1):
        if files.intact(digest):
            with files.get(digest) as content:
                wrote = archive.add(f"files/{digest}", content.chunks(1 << 20), squeeze=media_type.startswith(SQUEEZED))
            if wrote["sha256"] != digest:
                raise OSError(f"{digest} was altered while it was read")
            size += wrote["size"]
            kept.append(digest)
        else:
            missing.append(digest)
        say("files", done, total)
    return kept, missing, size


def check_archive(archive: archives.ArchiveReader, *, say: Say = _silent) -> None:
    """Refuse what cannot be restored here, before anything is changed（检查备份）: version, room, every digest.

    Raises:
        Refused: ``archive_other_version``, ``archive_swells``, ``archive_damaged``, ``archive_strange``.
    """
    told, ours = set(archive.manifest["migrations"]), set(tables.known_migrations())
    fields = {model._meta.label_lower: _columns(model) for model in tables.stored_models()}
    named = {label: one["columns"] for label, one in archive.manifest["tables"].items()}
    if told != ours or named != fields:
        strange = sorted(told ^ ours) or sorted(
            label for label in {*fields, *named} if fields.get(label) != named.get(label)
        )
        version = str(archive.manifest.get("luoshi", "?"))
        raise Refused("archive_other_version", difference=", ".join(strange[:3]), version=version)
    room = files.room()
    if room is not None and archive.unpacked > room:
        raise Refused("archive_swells", name=archive.name, unpacked=archive.unpacked >> 20)
    total = len(named) + len(archive.files)
    for done, _name in enumerate(archive.check(), start=1):
        say("check", done, total)


def _columns(model: tables.Model) -> list[str]:
    return [str(field.column) for field in tables.columns(model)]


def require_empty() -> None:
    """Refuse a database that holds anything（空库检查）.

    Raises:
        Refused: ``database_not_migrated``, ``database_not_empty``.
    """
    if set(tables.applied_migrations()) != set(tables.known_migrations()):
        raise Refused("database_not_migrated")
    table = tables.first_with_rows()
    if table is not None:
        raise Refused("database_not_empty", table=table)


def restore(
    archive: archives.ArchiveReader, *, at: datetime, with_differences: bool = False, say: Say = _silent
) -> Restored:
    """Bring a checked archive back into an empty, migrated database（恢复）: all of it, or nothing.

    Rows are compared with the archive by a digest for each table, the ledger by its root, both by the audit; the
    files are kept before the transaction ends.

    Args:
        archive: one that :func:`check_archive` has passed.
        at: now; entries that were waiting get their numbers at this moment.
        with_differences: keep what the audit objects to (a world that was wrong already when it was backed up).
        say: told of the progress.

    Raises:
        Refused: ``database_not_migrated``, ``database_not_empty``, ``archive_damaged``, ``archive_not_held``,
            ``restored_differs``, ``restored_audit_differs``, ``files_not_kept``.
    """
    put: list[str] = []
    try:
        with transaction.atomic():
            _lock()
            require_empty()
            _load(archive, say)
            _compare(archive, say)
            rewrite_words()
            numbered = 0
            while more := numbering.sequence_pending(at):
                numbered += more
            say("audit", 0, 0)
            audit = ledger.audit(at=at)
            if audit.difference is not None and not with_differences:
                raise Refused("restored_audit_differs", difference=str(audit.difference))
            _put_files(archive, put, say)
    except BaseException:
        for digest in put:
            files.drop(digest)
        raise
    finally:
        ContentType.objects.clear_cache()
    rows = sum(one["rows"] for one in archive.manifest["tables"].values())
    missing = tuple(str(one) for one in archive.manifest["files"]["missing"])
    difference = str(audit.difference) if audit.difference else ""
    head = ledger.head()
    return Restored(rows, len(archive.files), head.size, head.root, numbered, missing, difference)


def _lock() -> None:
    """Let nobody write meanwhile; SQLite's one writer is us already."""
    if connection.vendor == "postgresql":
        names = ", ".join(connection.ops.quote_name(model._meta.db_table) for model in tables.stored_models())
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {names} IN EXCLUSIVE MODE")


def _load(archive: archives.ArchiveReader, say: Say) -> None:
    known = {model._meta.label_lower: model for model in tables.stored_models()}
    for label in tables.REMADE:
        model = known[label]
        rows = model._base_manager.order_by()
        rows._raw_delete(rows.db)
    for label, model in known.items():
        lines = archive.lines(label)
        total = archive.manifest["tables"][label]["rows"]
        try:
            _insert(model, _counted(lines, label, say, total))
        except (DatabaseError, ValueError) as error:
            problem = str(error).strip().splitlines()[0][:200]
            raise Refused("archive_not_held", table=label, problem=problem) from error
    try:
        connection.check_constraints()
    except DatabaseError as error:
        problem = str(error).strip().splitlines()[0][:200]
        raise Refused("archive_not_held", table=_("references between tables"), problem=problem) from error
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), list(known.values())):
            cursor.execute(statement)


def _insert(model: tables.Model, lines: Iterator[bytes]) -> None:
    """Write the rows as they were: no defaults, no signals, no model code in between."""
    fields = tables.columns(model)
    quoted = connection.ops.quote_name
    target = f"{quoted(model._meta.db_table)} ({', '.join(quoted(str(field.column)) for field in fields)})"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {target} FROM STDIN") as copy:
                for line in lines:
                    copy.write_row(tables.values(fields, line))
        else:
            places = ", ".join(["%s"] * len(fields))
            sql = f"INSERT INTO {target} VALUES ({places})"  # noqa: S608 - names of our own tables and columns only
            for batch in _batches(lines):
                cursor.executemany(sql, [tables.values(fields, line) for line in batch])


def _batches(lines: Iterable[bytes]) -> Iterator[list[bytes]]:
    batch: list[bytes] = []
    size = 0
    for line in lines:
        batch.append(line)
        size += len(line)
        if len(batch) == BATCH or size > BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _compare(archive: archives.ArchiveReader, say: Say) -> None:
    """Read every table back: it must make the same bytes, and the ledger the same root."""
    for done, model in enumerate(models := tables.stored_models(), start=1):
        label = model._meta.label_lower
        seen = hashlib.sha256()
        for line in tables.lines(model):
            seen.update(line)
        if seen.hexdigest() != archive.manifest["tables"][label]["sha256"]:
            raise Refused("restored_differs", table=label)
        say("compare", done, len(models))
    head, told = ledger.head(), archive.manifest["ledger"]
    if (head.size, head.root, head.chain) != (told["size"], told["root"], told["chain"]):
        raise Refused("restored_differs", table=_("the ledger’s root"))


def _put_files(archive: archives.ArchiveReader, put: list[str], say: Say) -> None:
    try:
        for done, digest in enumerate(archive.files, start=1):
            if files.put_pieces(digest, archive.pieces(f"files/{digest}")):
                put.append(digest)
            say("files", done, len(archive.files))
    except OSError as error:
        raise Refused("files_not_kept", problem=error.strerror or str(error)) from error
