"""Files, and tables that are read in as acts or commitments, over the API（文件与导入接口）."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from ninja import File, Path, Query
from ninja.files import UploadedFile

from luoshi.delivery import queries
from luoshi.delivery.api.doors import Digest, KeyPath, router
from luoshi.delivery.models import Evidence
from luoshi.delivery.schemas import answers, ledgers
from luoshi.delivery.services import importing
from luoshi.office import services as office
from luoshi.office.models import StoredFile
from luoshi.office.views import serve_file
from luoshi.rules.refusals import Refused
from luoshi.units.queries import actor_for_request


@router.post("/files", response=answers.FileStored, operation_id="store_file", tags=["files"])
def store_file(request: HttpRequest, file: File[UploadedFile]) -> answers.FileStored:
    """Store a file by the digest of its content; hand the digest in with a report."""
    at = timezone.now()
    stored = office.store_file(file, actor=actor_for_request(request, at), at=at)
    return answers.FileStored(
        digest=stored.digest,
        name=stored.name,
        size=stored.size,
        media_type=stored.media_type,
        changes=list(stored.changes),
    )


@router.get("/files/{digest}", operation_id="get_file", tags=["files"])
def get_file(request: HttpRequest, digest: Digest) -> HttpResponseBase:
    """The content of a file that stands behind a report of a commitment the caller may see."""
    actor = actor_for_request(request, timezone.now())
    rows = Evidence.objects.filter(digest=digest, report__commitment__in=queries.visible(actor).values("pk"))
    found = rows.select_related("file").order_by("pk").first()
    if found is None or found.file is None:
        raise Refused("not_found")
    return serve_file(request, found.file, found.name)


@router.post("/imports", response=answers.ImportStarted, operation_id="import_acts", tags=["imports"])
def import_acts(
    request: HttpRequest, file: File[UploadedFile], act: Annotated[str, Query(max_length=40)] = "", dry_run: bool = True
) -> answers.ImportStarted:
    """Hand in a file of acts; a job tries its rows, or does them with ``dry_run=false``; see the job for outcomes."""
    at = timezone.now()
    actor = actor_for_request(request, at)
    job = importing.hand_in_acts(actor=actor, upload=file, act=act, dry_run=dry_run, at=at)
    return answers.ImportStarted(job=job.pk)


@router.post("/programmes/{key}/ledger", response=answers.ImportStarted, operation_id="import_ledger", tags=["imports"])
def import_ledger(request: HttpRequest, key: KeyPath, body: answers.LedgerInput) -> answers.ImportStarted:
    """Make drafts of the rows of an office's own ledger, stored before by ``POST /files``; a job tries or does it.

    ``columns`` says once which column (from 1) holds which field; it is kept for those headings and may be left out
    when they come again.
    """
    at = timezone.now()
    actor = actor_for_request(request, at)
    found = ledgers.open_ledger(queries.handed_in(body.digest), body.name, body.sheet)
    signature = found.signature
    if body.columns:
        importing.set_sheet_map(
            actor=actor,
            programme=key,
            signature=signature,
            columns=found.headings_of({str(field): column for field, column in body.columns.items()}),
            matter=body.matter,
            at=at,
        )
    job = importing.hand_in_ledger(
        actor=actor,
        programme=key,
        digest=body.digest,
        name=body.name,
        signature=signature,
        sheet=body.sheet,
        dry_run=body.dry_run,
        at=at,
    )
    return answers.ImportStarted(job=job.pk)


@router.get("/imports/{job}/sheet", operation_id="get_import_sheet", tags=["imports"])
def get_import_sheet(request: HttpRequest, job: Annotated[int, Path(ge=1, le=2**53)]) -> HttpResponseBase:
    """The sheet with the outcome beside each row."""
    found = queries.import_for(actor_for_request(request, timezone.now()), job)
    stored = StoredFile.objects.filter(digest=found.result.get("marked", "")).first()
    if stored is None:
        raise Refused("not_found")
    return serve_file(request, stored, found.result["marked_name"])
