"""文件办理: acts, or an office's own ledger, handed in as a file; each row is an act of its own, by the same rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.files.base import File
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import get_language

from luoshi.delivery import queries
from luoshi.delivery.models import Commitment, ImportedRow, Programme, SheetMap
from luoshi.delivery.services import drafting
from luoshi.delivery.services.acting import Done
from luoshi.office import services as office
from luoshi.office.models import Job, StoredFile
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused, declare, gettext_noop

_ = gettext_noop
declare(
    409,
    import_not_tried=_("Only a trial that has ended can be done; start it again from the file."),
)

declare(
    422,
    map_needs=_(
        "Say which column holds the lead unit and which the title or what is asked, and choose a matter or its column."
    ),
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
        args = {"digest": stored.digest, "name": name, "act": act, "dry_run": dry_run, "language": get_language()}
        return office.start_job(queries.IMPORT_ACTS, args, actor=actor, at=at)


def do_tried_import(*, actor: Actor, job_id: int, at: datetime) -> Job:
    """Do what was tried（正式办理）: the same file, now in earnest.

    Raises:
        Refused: ``not_found``, ``import_not_tried`` when it was no trial, has not ended, or is somebody else's.
    """
    tried = queries.import_for(actor, job_id)
    if tried.user_id != actor.user_id or tried.state != "done" or not tried.args.get("dry_run"):
        raise Refused("import_not_tried")
    return office.start_job(tried.kind, {**tried.args, "dry_run": False}, actor=actor, at=at)


@transaction.atomic
def set_sheet_map(
    *, actor: Actor, programme: str, signature: str, columns: Mapping[str, str], matter: int | None, at: datetime
) -> SheetMap:
    """Keep how an office's ledger is read（列对照）, so that it is asked once for those headings. A bookmark, no act.

    Args:
        actor: whose unit keeps it.
        programme: the key of the programme the tasks belong to.
        signature: the digest of the headings.
        columns: field → heading, so that columns may be moved.
        matter: the matter of rows that name none.
        at: now.

    Raises:
        Refused: ``not_found`` for a programme or matter out of reach; ``map_needs`` when the columns cannot make tasks.
    """
    found = queries.programme_for(actor, programme)
    if "lead" not in columns or not {"title", "requirement"} & set(columns) or not (matter or "matter" in columns):
        raise Refused("map_needs")
    if matter is not None and not found.matters.filter(pk=matter).exists():
        raise Refused("not_found")
    kept, _created = SheetMap.objects.update_or_create(
        programme=found,
        unit_id=actor.effective.unit_id,
        signature=signature,
        defaults={"columns": dict(columns), "matter_id": matter, "set_at": at},
    )
    return kept


@dataclass(frozen=True, slots=True)
class Before:
    """What of one office's ledgers has become a commitment before this file, and does not stand in it unchanged."""

    made: frozenset[str]
    others: Mapping[str, str]

    @classmethod
    def of(cls, *, actor: Actor, programme: Programme, digests: set[str]) -> Before:
        """Two readings of what was made, whatever the number of rows.

        Args:
            actor: for whose unit.
            programme: in which programme.
            digests: those of the rows of the file at hand.
        """
        rows = ImportedRow.objects.filter(programme=programme, unit_id=actor.effective.unit_id)
        known = list(rows.values_list("digest", "key", "commitment__ref"))
        made = frozenset(digest for digest, _key, _ref in known if digest in digests)
        return cls(made, {key: ref for digest, key, ref in known if key and digest not in digests})

    def changed(self, key: str) -> str:
        """The commitment a row of that key became while it read otherwise; empty when there is none."""
        return self.others.get(key, "")


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """A row to be drafted: the digest of what it says, the digest of what makes it the same task, and the draft."""

    digest: str
    key: str
    wanted: drafting.Wanted


@transaction.atomic
def draft_rows(
    *, actor: Actor, programme: Programme, rows: Sequence[LedgerRow], at: datetime
) -> list[Done | Refused | Commitment]:
    """Make rows of a ledger drafts（导入台账行）, each once and each with an entry of its own.

    The same row of the same office never becomes another commitment, not even when two imports run at once: the later
    one waits for the first and then finds its rows made.

    Returns:
        for each row what was done, the commitment it had become before, or why it is refused (the codes of
        ``draft_commitment``).
    """
    unit = actor.effective.unit_id
    mine = ImportedRow.objects.filter(programme=programme, unit_id=unit)
    for _turn in range(2):
        try:
            with transaction.atomic():
                return _draft_rows(actor, programme, mine, rows, at)
        except IntegrityError:
            continue  # another import made some of them meanwhile; now they are seen
    return _draft_rows(actor, programme, mine, rows, at)


def _draft_rows(
    actor: Actor, programme: Programme, mine: QuerySet[ImportedRow], rows: Sequence[LedgerRow], at: datetime
) -> list[Done | Refused | Commitment]:
    before = mine.select_related("commitment").filter(digest__in={row.digest for row in rows})
    known: dict[str, Commitment] = {row.digest: row.commitment for row in before}
    new = {row.digest: row for row in rows if row.digest not in known}
    made = dict(
        zip(
            new,
            drafting.draft_commitments(actor=actor, wanted=[row.wanted for row in new.values()], at=at),
            strict=True,
        )
    )
    ImportedRow.objects.bulk_create(
        ImportedRow(
            programme=programme,
            unit_id=actor.effective.unit_id,
            digest=digest,
            key=new[digest].key,
            commitment=done.commitment,
        )
        for digest, done in made.items()
        if isinstance(done, Done)
    )
    outcomes: list[Done | Refused | Commitment] = []
    for row in rows:
        if row.digest in known:
            outcomes.append(known[row.digest])
            continue
        outcome = made[row.digest]
        outcomes.append(outcome)
        if isinstance(outcome, Done):
            known[row.digest] = outcome.commitment  # a second row that says the same is the same
    return outcomes


def hand_in_ledger(
    *,
    actor: Actor,
    programme: str,
    digest: str,
    name: str,
    signature: str,
    dry_run: bool,
    at: datetime,
    sheet: str = "",
) -> Job:
    """Start the job that drafts, or tries to draft, the rows of a stored ledger（导入台账）.

    Raises:
        Refused: ``not_found`` without the programme, the file or a map for its headings.
    """
    found = queries.programme_for(actor, programme)
    kept = SheetMap.objects.filter(programme=found, unit_id=actor.effective.unit_id, signature=signature).first()
    if kept is None or not StoredFile.objects.filter(digest=digest).exists():
        raise Refused("not_found")
    args = {"digest": digest, "name": name, "programme": programme, "map": kept.pk, "dry_run": dry_run, "sheet": sheet}
    args["language"] = get_language()
    return office.start_job(queries.IMPORT_LEDGER, args, actor=actor, at=at)
