"""Files of acts that were handed in（导入）."""

from __future__ import annotations

from luoshi.delivery.models import Programme, SheetMap
from luoshi.office.adapters import files
from luoshi.office.models import Job
from luoshi.office.queries import jobs
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused

IMPORT_ACTS = "delivery.import_acts"
IMPORT_LEDGER = "delivery.import_ledger"
"""The kinds of jobs that do, or try, the rows of a file."""


def import_for(actor: Actor, job_id: int) -> Job:
    """An import of either kind the actor may see: his own, or his unit's when he is its head or supervision office.

    Raises:
        Refused: ``not_found``.
    """
    found = jobs.job(actor, job_id)
    if found.kind not in {IMPORT_ACTS, IMPORT_LEDGER}:
        raise Refused("not_found")
    return found


def sheet_map(actor: Actor, programme: Programme, signature: str) -> SheetMap | None:
    """How the actor's unit reads ledgers with those headings, if it has said so（列对照）."""
    unit = actor.effective.unit_id
    return SheetMap.objects.filter(programme=programme, unit_id=unit, signature=signature).first()


def handed_in(digest: str) -> bytes:
    """The content of a file that was handed in to be imported.

    Raises:
        Refused: ``not_found`` when nothing is stored under that digest.
    """
    try:
        with files.get(digest) as stored:
            return bytes(stored.read())
    except FileNotFoundError as gone:
        raise Refused("not_found") from gone
