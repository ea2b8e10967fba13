"""Documents and drafts（来文与草案）, fetched with permission."""

from __future__ import annotations

from typing import Any, Final

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from luoshi.intake.models import Document, Draft, DraftItem
from luoshi.rules.documents import drafts
from luoshi.rules.permissions import Actor, receives_documents
from luoshi.rules.refusals import Refused, declare, gettext_noop

_ = gettext_noop
declare(
    403,
    not_intake=_("Documents are received and issued by the supervision office and the head of the area."),
)
declare(
    409,
    reading_stopped=_("The reading was stopped before it was done."),
)
READ_DOCUMENT: Final = "intake.read"
"""The kind of the job that reads a document."""


# --- Permission -------------------------------------------------------------------------------------------------------


def require_desk(actor: Actor) -> None:
    """Refuse whoever does not work at the desk of intake.

    Raises:
        Refused: ``not_intake``.
    """
    if not receives_documents(actor):
        raise Refused("not_intake")


def documents(actor: Actor) -> QuerySet[Document]:
    """The documents of the actor's area that it may see: its own, those with a shared or issued draft, and what
    corrects one of these.

    Raises:
        Refused: ``not_intake``.
    """
    require_desk(actor)
    seat = actor.effective
    open_to_unit = Draft.objects.filter(
        Q(document=OuterRef("pk")) | Q(document=OuterRef("revision_of")), Q(shared=True) | Q(issued_at__isnull=False)
    )
    mine = Q(post_ref__in={actor.seat.post_ref, seat.post_ref}) | Exists(open_to_unit)
    found = Document.objects.filter(mine, owner_path=seat.area_path)
    return found.select_related("owner", "draft__programme", "file", "job")


def document_for(actor: Actor, document_id: int) -> Document:
    """One document the actor may see.

    Raises:
        Refused: ``not_intake``, ``not_found``.
    """
    found = documents(actor).filter(pk=document_id).first()
    if found is None:
        raise Refused("not_found")
    return found


def draft_for(actor: Actor, draft_id: int) -> Draft:
    """One draft the actor may see.

    Raises:
        Refused: ``not_intake``, ``not_found``.
    """
    rows = Draft.objects.filter(document__in=documents(actor)).select_related("document__owner", "programme")
    found = rows.filter(pk=draft_id).first()
    if found is None:
        raise Refused("not_found")
    return found


def why_not_read(document: Document) -> dict[str, Any]:
    """Why a document was not read（未读成的理由）: code, message id and values, of it or of its job; else empty."""
    if document.refusal or not document.not_read:
        return dict(document.refusal)
    job = document.job
    if job is not None and job.refusals:
        return dict(job.refusals[0])
    return {"code": "reading_stopped", "text": Refused("reading_stopped").template, "params": {}}


def listed(actor: Actor, *, removed: bool = False) -> QuerySet[Document]:
    """The documents of the list, the newest first, with the number of items that stand; or those removed from it."""
    live = Count("draft__items", filter=Q(draft__items__dropped=False) & ~Q(draft__items__kind=drafts.HEADING))
    rows = documents(actor).filter(removed=removed).defer("text", "tree")
    return rows.annotate(item_count=live).order_by("-id")


def items_of(draft: Draft) -> list[DraftItem]:
    """The items of a draft in the order of the text; one statement."""
    return list(draft.items.select_related("source").defer("source__text", "source__tree"))
