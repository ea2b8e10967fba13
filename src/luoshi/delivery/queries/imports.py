"""Files of acts that were handed in（导入）."""

from __future__ import annotations

from luoshi.office.models import Job
from luoshi.office.queries import jobs
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused

IMPORT = "delivery.import_acts"
"""The kind of the job that does, or tries, the rows of a file."""


def import_for(actor: Actor, job_id: int) -> Job:
    """An import the actor may see: his own, or his unit's when he is its head or supervision office.

    Raises:
        Refused: ``not_found``.
    """
    found = jobs.job(actor, job_id)
    if found.kind != IMPORT:
        raise Refused("not_found")
    return found
