"""Receiving（收文）: the file is screened before anything is kept, then read by a job."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import PurePosixPath

from django.core.files.base import ContentFile, File
from django.db import transaction

from luoshi.intake import events, queries
from luoshi.intake.adapters import is_old_word, read_paper
from luoshi.intake.models import Document, Draft, DraftItem, WaitingPaper
from luoshi.ledger import services as ledger
from luoshi.ledger.events import Event
from luoshi.ledger.models import Entry
from luoshi.office import services as office
from luoshi.office.adapters import contents
from luoshi.office.models import StoredFile
from luoshi.office.services.jobs import refusal
from luoshi.rules.documents import drafts, reader, screening
from luoshi.rules.documents.reader.findings import Script
from luoshi.rules.permissions import SYSTEM, Actor
from luoshi.rules.refusals import Refused, declare, gettext_noop, require_version
from luoshi.units.models import Unit

_ = gettext_noop
declare(
    409,
    reading_failed=_("The document could not be read because of a fault in the system; it is kept as it is."),
    document_stands=_("The document is being read or has been read: there is nothing to read again."),
    document_issued=_("The draft of this document has been issued: it stays on the list for as long as its tasks do."),
    document_gone=_("The file of this document was not kept: hand it in again."),
    document_removed=_("This document was removed from the list: put it back first."),
)
declare(
    422,
    document_title=_("A document needs the title it bears."),
    document_long=_("“%(name)s” holds more than %(limit)s characters: hand in its parts one by one."),
)
MAX_BYTES = 32 * 1024 * 1024
CHARACTERS = 300_000
WAITS = timedelta(days=1)
"""How long an old Word file may wait to be converted before it is forgotten."""


def receive_document(
    *,
    actor: Actor,
    upload: File[bytes],
    title: str,
    doc_on: date,
    kind: str = Document.Kind.OTHER,
    number: str = "",
    revision_of: int | None = None,
    at: datetime,
) -> tuple[Document, Entry]:
    """Take a document in（收文）and start the job that reads it.

    The words are taken out and screened first: what carries a secrecy mark or card numbers is refused and not kept.
    A web page or an old Word file is kept as its text. An old Word file takes long to convert: the job does that, and
    until then it waits unread outside the store.

    Args:
        actor: who hands it in, for the area of the seat.
        upload: text, Markdown, HTML, Word, PDF or Excel, at most 32 MiB.
        title: as the document bears it.
        doc_on: the day of the document; dates without a year are read against it.
        kind: one of :class:`Document.Kind`.
        number: 文号 as written.
        revision_of: the document that this one corrects; it is then compared with that one's draft.
        at: now.

    Raises:
        Refused: ``not_intake``, ``not_found``, ``document_title``, ``document_long``, ``file_too_large``, those of
            ``read_paper`` and ``store_file``.
    """
    queries.require_desk(actor)
    if not title.strip():
        raise Refused("document_title")
    corrected = queries.document_for(actor, revision_of) if revision_of is not None else None
    while corrected is not None and corrected.revision_of is not None:
        corrected = corrected.revision_of
    name = (upload.name or "file")[-150:]
    if upload.size > MAX_BYTES:
        raise Refused("file_too_large", name=name, limit=MAX_BYTES // (1024 * 1024))
    content = upload.read()
    old = is_old_word(content, name)
    text = "" if old else _text(content, name)
    area = Unit.objects.get(path=actor.effective.area_path)
    with transaction.atomic():
        stored = None if old else _kept(content, name, text, actor, at)
        document = Document.objects.create(
            title=screening.screen(title.strip()).text[:300],
            kind=Document.Kind(kind),
            number=screening.screen(number.strip()).text[:100],
            doc_on=doc_on,
            received_at=at,
            post_ref=actor.effective.post_ref,
            owner=area,
            owner_path=area.path,
            file=stored,
            file_name=stored.name if stored else name,
            text=text,
            revision_of=corrected,
        )
        if old:
            WaitingPaper.objects.create(document=document, content=content, received_at=at)
        document.job = office.start_job(
            queries.READ_DOCUMENT, {"document": document.pk, "title": document.title[:80]}, actor=actor, at=at
        )
        document.save(update_fields=["job"])
        event = events.DocumentReceived(
            document=document.pk,
            title=document.title,
            number=document.number,
            digest=stored.digest if stored else "",
            revision_of=corrected.pk if corrected else None,
        )
        entry = ledger.append(event, actor=actor, at=at, after={document.ledger_key: document.ledger_state()})
    return document, entry


def _text(content: bytes, name: str) -> str:
    text = read_paper(content, name)
    if len(text) > CHARACTERS:
        raise Refused("document_long", name=name, limit=CHARACTERS)
    return text


def convert_document(*, actor: Actor, document: int, at: datetime) -> Document:
    """Take the text out of an old Word file that waits（转换旧版文件）; of any other nothing is to be taken.

    The conversion runs outside any transaction: nobody waits for it. What is refused is not kept.

    Raises:
        Refused: ``not_found``, ``not_intake``, ``document_gone``, ``document_long``, those of ``read_paper``.
    """
    seen = queries.document_for(actor, document)
    if seen.state != Document.State.READING or seen.file_id is not None:
        return seen
    waiting = WaitingPaper.objects.filter(document=seen).first()
    if waiting is None:
        raise Refused("document_gone")
    content = bytes(waiting.content)
    text = _text(content, seen.file_name)
    with transaction.atomic():
        found = _locked(seen.pk)
        if found.state != Document.State.READING or found.file_id is not None:
            return found
        found.file = _kept(content, found.file_name, text, actor, at)
        found.file_name, found.text = found.file.name, text
        found.version += 1
        found.save(update_fields=["file", "file_name", "text", "version"])
        WaitingPaper.objects.filter(document=found).delete()
        event = events.DocumentConverted(document=found.pk, digest=found.file.digest)
        ledger.append(event, actor=actor, at=at, after={found.ledger_key: found.ledger_state()})
    return found


def forget_waiting(at: datetime) -> int:
    """Forget old Word files that nobody came to convert within a day; how many. Their documents ask to be handed in."""
    return WaitingPaper.objects.filter(received_at__lt=at - WAITS).delete()[0]


def _kept(content: bytes, name: str, text: str, actor: Actor, at: datetime) -> StoredFile:
    """The file itself; a page or an old Word file, which the store does not take, as its text."""
    try:
        contents.identify(content, name)
    except Refused as refused:
        if refused.code not in {"file_active", "file_old_office"}:
            raise
        content, name = text.replace("<", "＜").encode(), f"{PurePosixPath(name).stem}.txt"
    return office.store_file(ContentFile(content, name), actor=actor, at=at, max_bytes=MAX_BYTES)


@transaction.atomic
def read_document(*, actor: Actor, document: int, at: datetime) -> Document:
    """Read a document into a draft（读文）; one read already stays as it is, so the job may start anew.

    What corrects another document gets no draft: it is compared with that one's.

    Raises:
        Refused: ``not_found``, ``not_intake``, ``document_gone``.
    """
    seen = queries.document_for(actor, document)
    found = _locked(seen.pk)
    if found.state != Document.State.READING:
        return found
    if found.file_id is None:
        raise Refused("document_gone")
    reading = reader.read(found.text, date=found.doc_on)
    found.tree = drafts.grow(reading, found.text)
    found.language = reading.script.value
    found.state = Document.State.READ
    found.version += 1
    found.save(update_fields=["tree", "language", "state", "version"])
    after = {found.ledger_key: found.ledger_state()}
    draft = None
    if found.revision_of_id is None:
        draft = Draft.objects.create(document=found, created_at=at)
        after[draft.ledger_key] = draft.ledger_state()
        for item in _items(draft, queries.Meaning(actor, found.owner)):
            after[item.ledger_key] = item.ledger_state()
    event = events.DocumentRead(document=found.pk, draft=draft.pk if draft else None, items=len(found.tree))
    ledger.append(event, actor=actor, at=at, after=after)
    return found


@transaction.atomic
def refuse_reading(*, document: int, refused: Refused, at: datetime, actor: Actor = SYSTEM) -> Document:
    """Say why a document was not read（未读成）, so that nobody waits for it; one read meanwhile stays as it is.

    Args:
        document: the document's id.
        refused: why; its sentence is kept with its values and shown in the reader's language.
        at: now.
        actor: who had it read; the clock when that post is gone.
    """
    found = _locked(document)
    if found.state != Document.State.READING:
        return found
    WaitingPaper.objects.filter(document=found).delete()
    found.state = Document.State.REFUSED
    found.refusal = refusal(refused)
    return _saved(found, events.ReadingRefused(document=found.pk, code=refused.code), actor, at)[0]


@transaction.atomic
def read_again(*, actor: Actor, document: int, version: int, at: datetime) -> tuple[Document, Entry]:
    """Have a document read once more（重新读文） after its reading failed or was stopped.

    Raises:
        Refused: ``not_intake``, ``not_found``, ``stale_version``, ``document_removed``, ``document_stands``,
            ``document_gone``.
    """
    found = _looked_at(actor, document, version)
    if found.removed:
        raise Refused("document_removed")
    if not found.not_read:
        raise Refused("document_stands")
    if found.file_id is None and not WaitingPaper.objects.filter(document=found).exists():
        raise Refused("document_gone")
    found.state, found.refusal = Document.State.READING, {}
    found.job = office.start_job(
        queries.READ_DOCUMENT, {"document": found.pk, "title": found.title[:80]}, actor=actor, at=at
    )
    return _saved(found, events.ReadingAsked(document=found.pk), actor, at)


@transaction.atomic
def remove_document(
    *, actor: Actor, document: int, version: int, removed: bool = True, at: datetime
) -> tuple[Document, Entry]:
    """Take a document off the list（移出来文）, with its draft; it stays on record and can be put back.

    Raises:
        Refused: ``not_intake``, ``not_found``, ``stale_version``, ``document_issued``.
    """
    found = _looked_at(actor, document, version)
    if removed and Draft.objects.filter(document=found, issued_at__isnull=False).exists():
        raise Refused("document_issued")
    if removed:
        WaitingPaper.objects.filter(document=found).delete()
    found.removed = removed
    return _saved(found, events.DocumentRemoved(document=found.pk, removed=removed), actor, at)


def _locked(pk: int) -> Document:
    return Document.objects.select_for_update(of=("self",)).select_related("owner", "job").get(pk=pk)


def _looked_at(actor: Actor, document: int, version: int) -> Document:
    """The document, locked, if the actor looked at its newest version."""
    found = _locked(queries.document_for(actor, document).pk)
    require_version(version, found.version, ref=str(found))
    return found


def _saved(found: Document, event: Event, actor: Actor, at: datetime) -> tuple[Document, Entry]:
    found.version += 1
    found.save(update_fields=["state", "refusal", "removed", "job", "version"])
    return found, ledger.append(event, actor=actor, at=at, after={found.ledger_key: found.ledger_state()})


def _items(draft: Draft, meaning: queries.Meaning) -> list[DraftItem]:
    """The items of a new draft, level by level, so that a level is one statement."""
    tree: list[drafts.Branch] = draft.document.tree
    depths: list[int] = []
    for branch in tree:
        depths.append(0 if branch["parent"] is None else depths[branch["parent"]] + 1)
    made: dict[int, DraftItem] = {}
    for depth in range(max(depths, default=-1) + 1):
        level = [at for at, here in enumerate(depths) if here == depth]
        rows = []
        for at in level:
            above = tree[at]["parent"]
            rows.append(item_of(draft, tree[at], draft.document, (at + 1) * 1000, made.get(above), meaning))
        for at, row in zip(level, DraftItem.objects.bulk_create(rows), strict=True):
            made[at] = row
    return [made[at] for at in sorted(made)]


def item_of(
    draft: Draft,
    branch: drafts.Branch,
    source: Document,
    place: int,
    parent: DraftItem | None,
    meaning: queries.Meaning,
) -> DraftItem:
    """An item as a branch of a reading has it, not yet saved."""
    item = DraftItem(draft=draft, parent=parent, place=place, kind=branch["kind"])
    fill(item, branch, source, meaning)
    return item


def fill(item: DraftItem, branch: drafts.Branch, source: Document, meaning: queries.Meaning) -> None:
    """Put what a branch says into an item, without what copying added; the words as found stay in ``source_text``."""

    def plain(words: str) -> str:
        return drafts.readable(words, simplify=source.language != Script.SIMPLIFIED.value)

    item.path = branch["path"]
    item.title = plain(branch["title"])[: drafts.TITLE]
    item.requirement = plain(branch["requirement"])
    item.units = meaning.fill({**one, "words": plain(one["words"])} for one in branch["units"])
    item.due_on = date.fromisoformat(branch["due_on"]) if branch["due_on"] else None
    item.due_words = plain(branch["due_words"])[:200]
    item.frequency = branch["frequency"]
    item.targets = [{**one, "words": plain(one["words"])} for one in branch["targets"]]
    item.spans = branch["spans"]
    item.source = source
    item.source_start, item.source_end = branch["start"], branch["end"]
    item.source_text = source.text[branch["start"] : branch["end"]]
    item.sure = branch["sure"]
    item.doubts = branch["doubts"]
    item.checked = False
