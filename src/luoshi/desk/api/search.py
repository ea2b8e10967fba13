"""The API of the search（检索的接口）."""

from __future__ import annotations

from typing import Annotated, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router

from luoshi.desk.queries import finding
from luoshi.desk.schemas.search import FoundCount, FoundOut, FoundPage
from luoshi.rules.refusals import gettext_noop
from luoshi.units.queries import actor_for_request

_ = gettext_noop

router = Router(tags=["search"])

Text = Annotated[str, Query(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
Cursor = Annotated[str, Query(max_length=500, pattern=r"^[^\x00]*$")]
Limit = Annotated[int, Query(ge=1, le=100)]
Kind = Literal["", "unit", "programme", "commitment", "report", "evidence", "post", "practice"]


@router.get("/search", response=FoundPage, operation_id="search")
def search(request: HttpRequest, q: Text, kind: Kind = "", cursor: Cursor = "", limit: Limit = 30) -> FoundPage:
    """Find numbers, names, words and files; counts are by kind and end at a limit."""
    actor = actor_for_request(request, timezone.now())
    found = finding.find(actor, q, kind=kind, limit=limit, cursor=cursor or None)
    return FoundPage(
        items=[_out(line) for line in found.lines],
        counts={name: FoundCount(found=count.found, more=count.more) for name, count in found.counts.items()},
        next=found.cursor,
    )


def _out(line: finding.Line) -> FoundOut:
    at = line.unit or (line.practice.unit if line.practice else None) or (line.commitment and line.commitment.lead)
    return FoundOut(
        kind=line.entry.kind,
        ref=line.entry.ref,
        title="".join(text for text, _hit in line.title),
        excerpt="".join(text for text, _hit in line.text),
        unit=at.name if at else "",
        commitment=line.commitment.ref if line.commitment else "",
        url=line.entry.url,
    )
