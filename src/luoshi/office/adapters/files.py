"""Contents by digest（文件存放）: ``ab/cd/<digest>`` in Django's default storage.

The default is a folder; another storage (S3-compatible) is a setting (``STORAGES["default"]``). In a folder a content
is written beside its place, flushed to the disk and renamed, so that a crash leaves a whole file or none. Object
stores put whole objects by themselves.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage, Storage, default_storage, storages


def place(digest: str) -> str:
    """The name under which the content with ``digest`` (64 hexadecimal characters) is kept."""
    return f"{digest[:2]}/{digest[2:4]}/{digest}"


def put(digest: str, content: bytes) -> None:
    """Keep ``content``; what is there already and whole is left alone, what is damaged is replaced."""
    storage: Storage = storages["default"]
    name = place(digest)
    if isinstance(storage, FileSystemStorage):
        target = Path(storage.path(name))
        if not (target.exists() and intact(digest)):
            _write(target, [content])
    elif not storage.exists(name):
        storage.save(name, ContentFile(content))


def put_pieces(digest: str, pieces: Iterable[bytes]) -> bool:
    """Keep a content that comes in pieces, unless it is there already and whole; returns whether it was put.

    The caller has checked that the pieces make ``digest``. Only an object store needs the whole content in memory.
    """
    storage: Storage = storages["default"]
    if storage.exists(place(digest)) and intact(digest):
        return False
    if isinstance(storage, FileSystemStorage):
        _write(Path(storage.path(place(digest))), pieces)
    else:
        storage.delete(place(digest))
        storage.save(place(digest), ContentFile(b"".join(pieces)))
    return True


def drop(digest: str) -> None:
    """Take a content away that was put by an act which failed afterwards."""
    storages["default"].delete(place(digest))


def room() -> int | None:
    """The free bytes of the folder of files, or ``None`` for an object store, which tells nothing about that."""
    storage: Storage = storages["default"]
    if not isinstance(storage, FileSystemStorage):
        return None
    folder = Path(storage.path(""))
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free


def _write(target: Path, pieces: Iterable[bytes]) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=target.parent, prefix=".part-")
    try:
        with os.fdopen(descriptor, "wb") as part:
            part.writelines(pieces)
            part.flush()
            os.fsync(part.fileno())
        Path(temporary).chmod(0o640)
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def get(digest: str) -> File[bytes]:
    """Open the content for reading; ``FileNotFoundError`` when it is gone."""
    return default_storage.open(place(digest), "rb")


def intact(digest: str) -> bool:
    """Whether the content is there and still has its digest; reads all of it."""
    try:
        with get(digest) as content:
            found = hashlib.sha256()
            for chunk in content.chunks(1 << 20):
                found.update(chunk)
    except OSError:
        return False
    return found.hexdigest() == digest
