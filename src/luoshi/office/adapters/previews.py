"""Small pictures of stored files（预览）: drawn once in a process of their own, kept by digest, made again when lost.

They are derived from files and no files themselves: backups leave them out, and the folder may be emptied at any time.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from dataclasses import dataclass

from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages

from luoshi.office.adapters import contents, files

THUMB = 320
"""Longer side of a thumbnail, in pixels."""
SHEET = 1400
"""Longer side of a page to be read, in pixels."""
EDGES = (THUMB, SHEET)
PAGES = 20
"""Pages of a PDF that are drawn; the rest is read in the file itself."""
SECONDS = 25
AT_ONCE = 2
"""Drawings at the same time in one server process; the others wait their turn."""

DRAWN = frozenset({contents.PDF, contents.JPEG, contents.PNG, contents.WEBP})
"""Types that can be drawn."""

_turn = threading.BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True, slots=True)
class Preview:
    """A drawn picture (JPEG) and the number of pages; or why there is none: ``damaged``, ``large``, ``page``."""

    picture: bytes = b""
    pages: int = 0
    error: str = ""


def _place(digest: str, page: int, edge: int) -> str:
    return f"previews/{digest[:2]}/{digest[2:4]}/{digest}-{page}-{edge}.bin"


def preview(digest: str, media_type: str, *, page: int = 1, edge: int = SHEET) -> Preview:
    """The page (from 1) of a stored file as a picture; drawn when it is not there yet.

    Args:
        digest: of the stored content.
        media_type: as it was found when it was stored; one of :data:`DRAWN`.
        page: from 1 to :data:`PAGES`; pictures have one.
        edge: one of :data:`EDGES`.

    Raises:
        ValueError: a type, page or edge that is never drawn.
        OSError: the store does not give the file.
    """
    if media_type not in DRAWN or edge not in EDGES or not 1 <= page <= (PAGES if media_type == contents.PDF else 1):
        raise ValueError(f"{media_type} page {page} at {edge} is never drawn")
    storage: Storage = storages["default"]
    name = _place(digest, page, edge)
    if storage.exists(name):
        with storage.open(name, "rb") as kept:
            return _read(kept.read())
    with files.get(digest) as stored:
        content = stored.read()
    with _turn:
        told = _drawn(content, "pdf" if media_type == contents.PDF else "picture", page, edge)
    if not storage.exists(name):
        storage.save(name, ContentFile(told))
    return _read(told)


def _drawn(content: bytes, kind: str, page: int, edge: int) -> bytes:
    """What the drawing process says; a process that dies or takes too long says that the file is damaged."""
    command = [sys.executable, "-m", "luoshi.office.adapters.rendering", kind, str(page), str(edge)]
    try:
        done = subprocess.run(command, input=content, capture_output=True, timeout=SECONDS, check=False)  # noqa: S603
    except subprocess.TimeoutExpired:
        return b'{"error": "damaged"}\n'
    return done.stdout if done.returncode == 0 and b"\n" in done.stdout else b'{"error": "damaged"}\n'


def _read(told: bytes) -> Preview:
    head, _line, picture = told.partition(b"\n")
    facts = json.loads(head)
    return Preview(picture, int(facts.get("pages", 0)), str(facts.get("error", "")))


LINES = 200
BYTES = 256 * 1024


def words_of(digest: str) -> tuple[str, bool]:
    """The beginning of a stored text, and whether that is all: at most 200 lines and 256 KiB.

    Raises:
        OSError: the store does not give the file.
    """
    with files.get(digest) as stored:
        start = stored.read(BYTES + 1)
    text = start[:BYTES].decode("utf-8-sig", "ignore")
    lines = text.splitlines()
    return "\n".join(lines[:LINES]), len(start) <= BYTES and len(lines) <= LINES
