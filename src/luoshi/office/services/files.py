"""Storing a file（存文件）."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from datetime import datetime
from pathlib import Path, PurePosixPath

from django.conf import settings
from django.core.files.base import File
from django.db import transaction

from luoshi.office.adapters import contents, files
from luoshi.office.models import StoredFile
from luoshi.rules.documents.screening import screen
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused, declare
from luoshi.rules.refusals import gettext_noop as _

declare(
    413, file_too_large=_("“%(name)s” is larger than %(limit)s MB: make it smaller, or hand in its essential pages.")
)
declare(
    409,
    file_unreadable=_("The file cannot be read from the store at present: tell your administrator its number."),
)


def clean_name(name: str, media_type: str = "") -> str:
    """A name fit for a download: no folders or control characters, an ending that fits ``media_type``; ≤ 150 signs."""
    plain = unicodedata.normalize("NFC", PurePosixPath(name.replace("\\", "/")).name)
    plain = "".join(sign for sign in plain if unicodedata.category(sign) not in {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})
    plain = re.sub(r'[<>:"|?*]', "_", plain).strip(" .") or "file"
    endings = contents.SUFFIXES.get(media_type, ())
    if endings and not plain.lower().endswith(endings):
        plain = plain[: 150 - len(endings[0])] + endings[0]
    if len(plain) > 150:
        stem, _dot, ending = plain.rpartition(".")
        plain = f"{stem[: 149 - len(ending)]}.{ending}"
    return plain


def store_file(upload: File[bytes], *, actor: Actor, at: datetime, max_bytes: int | None = None) -> StoredFile:
    """Keep an uploaded file（存文件）by the SHA-256 of its content; the row comes with ``name`` and ``changes`` set.

    The type is decided by content and comes from a closed list. What a camera adds about time, place and device is
    taken out *before* the digest is made, text that is not UTF-8 is turned into it, and mobile numbers in texts are
    masked; ``changes`` says which of these happened so that the page can say so. Texts and Office files that carry a
    secrecy mark, an identity-card or a bank-card number are refused unread; PDF and pictures cannot be checked, and
    mobile numbers inside Office files are not masked. Who may hand in a file, and where, is decided by the caller;
    ``actor`` must hold a seat.

    Args:
        upload: the file with its ``name``; read in pieces, never more than the limit.
        actor: who hands it in.
        at: the moment of the act.
        max_bytes: the limit in bytes; ``EVIDENCE_MAX_BYTES`` (20 MiB) when not given.

    Raises:
        Refused: ``no_post``, ``file_too_large``, those of :func:`contents.identify`, ``secrecy_mark``,
            ``identity_number``, ``bank_number``.
    """
    if not actor.seat.post_ref:
        raise Refused("no_post")
    limit = settings.EVIDENCE_MAX_BYTES if max_bytes is None else max_bytes
    shown = clean_name(upload.name or "file")
    content = _read(upload, limit, shown)
    media_type = contents.identify(content, shown)
    content, changes = _cleaned(content, media_type)
    digest = hashlib.sha256(content).hexdigest()
    files.put(digest, content)
    with transaction.atomic():
        stored, _created = StoredFile.objects.get_or_create(
            digest=digest, defaults={"size": len(content), "media_type": media_type, "created_at": at}
        )
    stored.name = clean_name(shown, stored.media_type)
    stored.changes = changes
    return stored


def screen_file(content: bytes, name: str) -> bytes:
    """A file that is read on the spot and not kept（筛查）, as it would have been stored.

    Raises:
        Refused: those of :func:`store_file` about what a file holds.
    """
    return _cleaned(content, contents.identify(content, clean_name(name)))[0]


def _read(upload: File[bytes], limit: int, name: str) -> bytes:
    pieces = bytearray()
    for piece in upload.chunks(1 << 16):
        pieces += piece
        if len(pieces) > limit:
            raise Refused("file_too_large", name=name, limit=max(1, limit // (1024 * 1024)))
    return bytes(pieces)


def _cleaned(content: bytes, media_type: str) -> tuple[bytes, tuple[str, ...]]:
    if media_type in {contents.JPEG, contents.PNG, contents.WEBP}:
        bare = contents.without_tracks(content, media_type)
        return bare, ("metadata",) if bare != content else ()
    if media_type in {contents.DOCX, contents.XLSX, contents.PPTX}:
        screen(contents.office_words(content))
        return content, ()
    if media_type not in {contents.TEXT, contents.CSV}:
        return content, ()
    words = contents.decode(content) or ""
    screened = screen(words)
    changes: list[str] = ["mobile_numbers"] if screened.masked else []
    plain = screened.text.encode()
    if media_type == contents.CSV and not plain.startswith(b"\xef\xbb\xbf") and not plain.isascii():
        plain = b"\xef\xbb\xbf" + plain  # spreadsheets take a CSV for the local code page without the mark
    if words.encode() != content.removeprefix(b"\xef\xbb\xbf"):
        changes.append("encoding")
    return plain, tuple(changes)


def keep_made(path: Path, media_type: str, *, at: datetime) -> StoredFile:
    """Keep a file the house made itself（留存自制文件）, read in pieces; its words were screened when they came in.

    Args:
        path: where it lies; it may be deleted afterwards.
        media_type: one of the closed list of types.
        at: now.
    """
    whole = hashlib.sha256()
    with path.open("rb") as stream:
        while piece := stream.read(1 << 20):
            whole.update(piece)
    digest = whole.hexdigest()
    with path.open("rb") as stream:
        files.put_pieces(digest, iter(lambda: stream.read(1 << 20), b""))
    size = path.stat().st_size
    stored, _created = StoredFile.objects.get_or_create(
        digest=digest, defaults={"size": size, "media_type": media_type, "created_at": at}
    )
    return stored
