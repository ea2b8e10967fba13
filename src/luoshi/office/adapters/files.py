"""Contents by digest（文件存放）: ``ab/cd/<digest>`` in Django's default storage.

The default is a folder; another storage (S3-compatible) is a setting (``STORAGES["default"]``). In a folder a content
is written beside its place, flushed to the disk and renamed, so that a crash leaves a whole file or none. Object
stores put whole objects by themselves.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
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
            _write(target, content)
    elif not storage.exists(name):
        storage.save(name, ContentFile(content))


def _write(target: Path, content: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=target.parent, prefix=".part-")
    try:
        with os.fdopen(descriptor, "wb") as part:
            part.write(content)
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
