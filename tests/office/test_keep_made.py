"""Files the house made itself are kept by their digest, once."""

from __future__ import annotations

import datetime as dt
import hashlib
from pathlib import Path

import pytest

from luoshi.office.adapters import contents, files
from luoshi.office.models import StoredFile
from luoshi.office.services import keep_made

AT = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)


@pytest.mark.django_db
def test_the_same_content_is_kept_once_and_read_back_whole(tmp_path: Path) -> None:
    path = tmp_path / "book.pdf"
    path.write_bytes(b"%PDF-1.7\n" + b"0123456789" * 300_000)
    first = keep_made(path, contents.PDF, at=AT)
    assert (first.digest, first.size) == (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_size)
    assert keep_made(path, contents.PDF, at=AT).pk == first.pk
    assert StoredFile.objects.count() == 1
    path.unlink()
    assert files.intact(first.digest)
