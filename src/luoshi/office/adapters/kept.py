"""Files kept for a while and then deleted（暂存）: apart from evidence, never named by a digest, never backed up."""

from __future__ import annotations

from pathlib import Path

from django.core.files.base import File
from django.core.files.storage import default_storage

FOLDER = "exports"


def put(name: str, path: Path) -> str:
    """Keep the file at ``path``, read in pieces; returns the place to ask for it."""
    with path.open("rb") as stream:
        return default_storage.save(f"{FOLDER}/{name}", File(stream))


def exists(place: str) -> bool:
    """Whether it is still there."""
    return place.startswith(f"{FOLDER}/") and default_storage.exists(place)


def get(place: str) -> File[bytes]:
    """Open it for reading; ``FileNotFoundError`` when it is gone."""
    if not place.startswith(f"{FOLDER}/"):
        raise FileNotFoundError(place)
    return default_storage.open(place, "rb")


def drop(place: str) -> None:
    """Delete it."""
    if place.startswith(f"{FOLDER}/"):
        default_storage.delete(place)
