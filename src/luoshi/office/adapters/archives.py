"""The archive of a backup（备份文件）: a ZIP that is written whole or not at all, and read with suspicion.

Members: ``tables/<app>.<model>.jsonl``, ``files/<digest>``, and at the end ``manifest.json``, which names every table
with its rows, size and SHA-256. A file's name is its own SHA-256. Nothing is ever unpacked under a name from the
archive, nothing is read beyond the size that was declared, and what unpacks to implausibly much is not read at all.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from luoshi.rules.refusals import Refused, declare
from luoshi.rules.refusals import gettext_noop as _

declare(
    422,
    archive_unreadable=_(
        "“%(name)s” is no whole backup: %(problem)s. Nothing was changed; take another copy of the backup."
    ),
    archive_damaged=_(
        "“%(name)s” is damaged: %(member)s is not what the backup wrote. Nothing was changed; take another copy of the"
        " backup."
    ),
    archive_strange=_(
        "“%(name)s” holds “%(member)s”, which no backup writes. Nothing was changed; find out where it comes from."
    ),
    archive_swells=_(
        "“%(name)s” would unpack to %(unpacked)s MB, which no backup of its size does, or for which the disk has no"
        " room. Nothing was changed."
    ),
    archive_format=_(
        "“%(name)s” was written in format %(format)s; this version of Luoshi reads format %(known)s. Restore it with"
        " the version of Luoshi that wrote it (%(version)s)."
    ),
)

FORMAT = 1
MANIFEST = "manifest.json"
MANIFEST_LIMIT = 64 * 1024 * 1024
LINE_LIMIT = 256 * 1024 * 1024
SWELL = 200
"""How many times its own size an archive may unpack to; rows of figures come to about 30."""
PIECE = 1 << 20
TABLE = re.compile(r"tables/[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*\.jsonl")
FILE = re.compile(r"files/[0-9a-f]{64}")
NAMES = re.compile(rf"{TABLE.pattern}|{FILE.pattern}|manifest\.json")


class ArchiveWriter:
    """An archive being written; only :func:`writing` makes one."""

    def __init__(self, pack: zipfile.ZipFile, at: datetime) -> None:
        self._pack = pack
        self._stamp = (max(at.year, 1980), at.month, at.day, at.hour, at.minute, at.second)

    def _info(self, name: str, squeeze: bool) -> zipfile.ZipInfo:
        info = zipfile.ZipInfo(name, self._stamp)
        info.compress_type = zipfile.ZIP_DEFLATED if squeeze else zipfile.ZIP_STORED
        info.external_attr = 0o600 << 16
        return info

    def add(self, name: str, pieces: Iterable[bytes], *, squeeze: bool = True) -> dict[str, Any]:
        """Write one member in pieces; returns how many pieces, its size in bytes and its SHA-256."""
        seen, size, count = hashlib.sha256(), 0, 0
        with self._pack.open(self._info(name, squeeze), "w", force_zip64=True) as member:
            for piece in pieces:
                member.write(piece)
                seen.update(piece)
                size += len(piece)
                count += 1
        return {"pieces": count, "size": size, "sha256": seen.hexdigest()}


@contextmanager
def writing(target: Path, at: datetime) -> Iterator[ArchiveWriter]:
    """Write an archive beside its place, readable by its owner only, and put it there when it is whole（原子写入）.

    Raises:
        OSError: it cannot be written; nothing is left behind.
    """
    descriptor, part = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".part")
    try:
        with os.fdopen(descriptor, "wb") as out:
            with zipfile.ZipFile(out, "w", allowZip64=True) as pack:
                yield ArchiveWriter(pack, at)
            out.flush()
            os.fsync(out.fileno())
        Path(part).replace(target)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


class ArchiveReader:
    """An archive being read; only :func:`reading` makes one."""

    def __init__(self, name: str, pack: zipfile.ZipFile, size: int) -> None:
        self.name = name
        self._pack = pack
        self._members: dict[str, zipfile.ZipInfo] = {}
        for info in pack.infolist():
            if not NAMES.fullmatch(info.filename) or info.filename in self._members:
                raise Refused("archive_strange", name=name, member=info.filename[:100])
            self._members[info.filename] = info
        self.unpacked = sum(info.file_size for info in self._members.values())
        if self.unpacked > max(SWELL * size, PIECE):
            raise Refused("archive_swells", name=name, unpacked=self.unpacked >> 20)
        self.files = sorted(one.partition("/")[2] for one in self._members if FILE.fullmatch(one))
        """The digests of the files in the archive."""
        self.manifest = self._read_manifest()

    def _read_manifest(self) -> Mapping[str, Any]:
        info = self._members.get(MANIFEST)
        if info is None or info.file_size > MANIFEST_LIMIT:
            raise Refused("archive_unreadable", name=self.name, problem=_("it has no manifest"))
        try:
            manifest = json.loads(b"".join(self.pieces(MANIFEST)))
        except ValueError:
            manifest = None
        if not isinstance(manifest, dict) or "format" not in manifest:
            raise Refused("archive_unreadable", name=self.name, problem=_("its manifest cannot be read"))
        if manifest["format"] != FORMAT:
            told = {"format": str(manifest["format"])[:20], "version": str(manifest.get("luoshi", "?"))[:40]}
            raise Refused("archive_format", name=self.name, known=FORMAT, **told)
        if not _fits(manifest):
            raise Refused("archive_unreadable", name=self.name, problem=_("its manifest cannot be read"))
        return manifest

    def pieces(self, name: str) -> Iterator[bytes]:
        """A member in pieces of at most a megabyte, never more than it declared.

        Raises:
            Refused: ``archive_damaged``.
        """
        info = self._members.get(name)
        if info is None:
            raise Refused("archive_damaged", name=self.name, member=name)
        left = info.file_size
        try:
            with self._pack.open(info) as member:
                while piece := member.read(min(PIECE, left + 1)):
                    left -= len(piece)
                    if left < 0:
                        break
                    yield piece
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
            raise Refused("archive_damaged", name=self.name, member=name) from error
        if left:
            raise Refused("archive_damaged", name=self.name, member=name)

    def lines(self, label: str) -> Iterator[bytes]:
        """The rows of a table, one line each, checked against the manifest when the last was read.

        Raises:
            Refused: ``archive_damaged``.
        """
        name, told = table_name(label), self.manifest["tables"][label]
        seen, count, rest = hashlib.sha256(), 0, b""
        for piece in self.pieces(name):
            seen.update(piece)
            *whole, rest = (rest + piece).split(b"\n") if b"\n" in piece else (rest + piece,)
            if len(rest) > LINE_LIMIT:
                raise Refused("archive_damaged", name=self.name, member=name)
            count += len(whole)
            yield from whole
        if rest or count != told["rows"] or seen.hexdigest() != told["sha256"]:
            raise Refused("archive_damaged", name=self.name, member=name)

    def check(self) -> Iterator[str]:
        """Read everything once and compare it with the manifest; yields the name of each member found right.

        Raises:
            Refused: ``archive_damaged``, ``archive_strange``.
        """
        tables = self.manifest["tables"]
        named = {table_name(label) for label in tables}
        strange = next((name for name in self._members if TABLE.fullmatch(name) and name not in named), None)
        if strange is not None:
            raise Refused("archive_strange", name=self.name, member=strange)
        for label in tables:
            for _line in self.lines(label):
                pass
            yield table_name(label)
        files = self.manifest["files"]
        if len(self.files) != files["count"] or files_list_digest(self.files) != files["list_sha256"]:
            raise Refused("archive_damaged", name=self.name, member="files/")
        for digest in self.files:
            seen = hashlib.sha256()
            for piece in self.pieces(f"files/{digest}"):
                seen.update(piece)
            if seen.hexdigest() != digest:
                raise Refused("archive_damaged", name=self.name, member=f"files/{digest}")
            yield f"files/{digest}"


def table_name(label: str) -> str:
    """The member that holds the table of the model ``label`` (``app.model``)."""
    return f"tables/{label}.jsonl"


def files_list_digest(digests: Iterable[str]) -> str:
    """SHA-256 (hex) of the sorted digests, one a line, as the manifest holds it."""
    return hashlib.sha256("\n".join(sorted(digests)).encode()).hexdigest()


def _fits(manifest: Mapping[str, Any]) -> bool:
    """Whether the manifest has the parts a restore reads, of the right kinds."""
    tables, files, ledger = manifest.get("tables"), manifest.get("files"), manifest.get("ledger")
    return (
        isinstance(tables, dict)
        and all(
            TABLE.fullmatch(table_name(str(label)))
            and isinstance(told, dict)
            and isinstance(told.get("rows"), int)
            and isinstance(told.get("sha256"), str)
            and isinstance(told.get("columns"), list)
            for label, told in tables.items()
        )
        and isinstance(files, dict)
        and isinstance(files.get("count"), int)
        and isinstance(files.get("list_sha256"), str)
        and isinstance(files.get("missing"), list)
        and isinstance(ledger, dict)
        and isinstance(ledger.get("size"), int)
        and isinstance(ledger.get("root"), str)
        and isinstance(ledger.get("chain"), str)
        and isinstance(manifest.get("migrations"), list)
        and all(isinstance(one, str) for one in manifest["migrations"])
    )


@contextmanager
def reading(source: Path) -> Iterator[ArchiveReader]:
    """Open an archive and look at its outside: its members, what they would unpack to, its manifest（打开备份）.

    Raises:
        Refused: ``archive_unreadable``, ``archive_strange``, ``archive_swells``, ``archive_format``.
        OSError: the file cannot be opened.
    """
    with source.open("rb") as opened:
        size = os.fstat(opened.fileno()).st_size
        try:
            pack = zipfile.ZipFile(opened)
        except (zipfile.BadZipFile, EOFError, ValueError, NotImplementedError, OverflowError, OSError) as error:
            problem = _("it is cut off, or no backup at all")
            raise Refused("archive_unreadable", name=source.name, problem=problem) from error
        with pack:
            yield ArchiveReader(source.name, pack, size)
