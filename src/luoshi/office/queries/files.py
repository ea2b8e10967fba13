"""Whether the store still holds what the rows say（文件完好性）."""

from __future__ import annotations

from collections.abc import Iterator

from luoshi.office.adapters import files
from luoshi.office.models import StoredFile


def damaged() -> Iterator[str]:
    """The digests of files that are missing or altered, in order; reads every file, streamed."""
    for digest in StoredFile.objects.order_by("digest").values_list("digest", flat=True).iterator(chunk_size=500):
        if not files.intact(digest):
            yield digest
