"""What of this application can be found（可检索内容）, and what of it somebody may see.

Rights are the rows' own: what lies in the viewer's area is a range of paths; what it ordered, supports or verifies
elsewhere comes from :func:`beyond`, asked anew for each question, so that nothing outside is found or counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from luoshi.delivery.models import Commitment, Evidence, Matter, Programme, Report
from luoshi.delivery.queries.register import beyond
from luoshi.delivery.queries.totals import programmes
from luoshi.office.adapters import texts
from luoshi.office.queries.search.levels import Sight
from luoshi.office.services.search import Item
from luoshi.rules.documents import screening
from luoshi.rules.paths import span
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused
from luoshi.units import queries as units

COMMITMENT, REPORT, EVIDENCE, PROGRAMME = "commitment", "report", "evidence", "programme"
HANGING = (REPORT, EVIDENCE)
"""Kinds that lie where their commitment lies."""
BEYOND = 2000
"""So many commitments seen from outside their subtree are listed; more are asked for in the database."""


def commitment_item(commitment: Commitment) -> Item:
    """How a commitment is found: by number, title, what is asked and by what it is measured, where its lead is."""
    return Item(
        kind=COMMITMENT,
        ref=commitment.ref,
        title=commitment.title,
        body="\n".join([commitment.requirement, *map(str, commitment.criteria)]),
        unit_path=commitment.lead.path,
        url=f"/c/{commitment.ref}/",
        subject=commitment.pk,
    )


def commitment_items(keys: Sequence[int] | None = None) -> Iterator[Item]:
    """Commitments, streamed; without :func:`commitment_item`'s rows, because there are very many of them."""
    rows = Commitment.objects.order_by("pk")
    if keys is not None:
        rows = rows.filter(pk__in=keys)
    fields = ("pk", "ref", "title", "requirement", "criteria", "lead__path")
    for pk, ref, title, requirement, criteria, path in rows.values_list(*fields).iterator(chunk_size=2000):
        yield Item(
            kind=COMMITMENT,
            ref=ref,
            title=title,
            body="\n".join([requirement, *map(str, criteria)]),
            unit_path=path,
            url=f"/c/{ref}/",
            subject=pk,
        )


def report_items(keys: Sequence[int] | None = None) -> Iterator[Item]:
    """Reports as they are found: by what was said, what is stuck and what comes next; returned ones, too."""
    rows = Report.objects.order_by("pk")
    if keys is not None:
        rows = rows.filter(pk__in=keys)
    fields = ("pk", "words", "problems", "next_step", "commitment_id", "commitment__ref", "commitment__lead__path")
    for pk, words, problems, following, commitment, ref, path in rows.values_list(*fields).iterator(chunk_size=2000):
        yield Item(
            kind=REPORT,
            ref=f"{ref}/r{pk}",
            title="",
            body="\n".join(filter(None, (words, problems, following))),
            unit_path=path,
            url=f"/c/{ref}/#reports",
            rank=0,
            subject=commitment,
        )


def evidence_items(keys: Sequence[int] | None = None) -> Iterator[Item]:
    """Files and links behind reports: by name, and by their words where a library reads them."""
    rows = Evidence.objects.select_related("file").order_by("pk")
    if keys is not None:
        rows = rows.filter(pk__in=keys)
    rows = rows.select_related("report__commitment__lead")
    for row in rows.iterator(chunk_size=200):
        commitment = row.report.commitment
        yield Item(
            kind=EVIDENCE,
            ref=f"{commitment.ref}/e{row.pk}",
            title=row.name,
            body=_words(row),
            unit_path=commitment.lead.path,
            url=f"/c/{commitment.ref}/evidence/{row.pk}/" if row.file_id else f"/c/{commitment.ref}/#reports",
            rank=0,
            subject=commitment.pk,
        )


def _words(evidence: Evidence) -> str:
    """The words of a file as they may be kept; none of a file that must not be read（principle 10）."""
    if evidence.file is None:
        return evidence.url
    try:
        return screening.screen(texts.words_of(evidence.digest, evidence.file.media_type)).text
    except Refused:
        return ""


def programme_items(keys: Sequence[int] | None = None) -> Iterator[Item]:
    """Programmes and their matters, in both languages; seen by whom the programme reaches."""
    rows = Programme.objects.select_related("owner").order_by("pk")
    matters = Matter.objects.select_related("programme__owner").prefetch_related("sub_matters").order_by("pk")
    if keys is not None:
        rows, matters = rows.filter(pk__in=keys), matters.filter(programme__in=keys)
    for programme in rows:
        yield Item(
            kind=PROGRAMME,
            ref=programme.key,
            title=programme.name_zh,
            body=programme.name_en,
            unit_path=programme.owner.path,
            url=f"/p/{programme.key}/",
            rank=0,
            subject=programme.pk,
        )
    for matter in matters:
        parts = [f"{part.name_zh} {part.name_en}" for part in matter.sub_matters.all()]
        yield Item(
            kind=PROGRAMME,
            ref=f"{matter.programme.key}/{matter.number}",
            title=matter.name_zh,
            body="\n".join([matter.name_en, matter.short_zh, matter.short_en, *parts, matter.source_quote]),
            unit_path=matter.programme.owner.path,
            url=f"/p/{matter.programme.key}/",
            rank=1,
            subject=matter.programme_id,
        )


SOURCES: dict[str, Callable[[Sequence[int] | None], Iterator[Item]]] = {
    PROGRAMME: programme_items,
    COMMITMENT: commitment_items,
    REPORT: report_items,
    EVIDENCE: evidence_items,
}


def sights(actor: Actor) -> dict[str, Sight]:
    """What the actor may find of each kind, in the order in which kinds stand among equals."""
    place = Sight((units.scope(actor),))
    area = span(actor.effective.area_path)
    outside = beyond(actor).order_by().values_list("pk", flat=True)
    listed = list(outside[: BEYOND + 1])
    mine = Sight((area,), outside if len(listed) > BEYOND else listed)
    reached = Sight((), list(programmes(actor).order_by().values_list("pk", flat=True).distinct()))
    return {
        "unit": place,
        PROGRAMME: reached,
        COMMITMENT: mine,
        REPORT: mine,
        EVIDENCE: mine,
        "post": place,
    }
