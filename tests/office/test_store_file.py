"""Files: what comes in, what is taken out, what is refused, and how it leaves."""

from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory
from PIL import Image

from luoshi.office.adapters import files as store
from luoshi.office.models import StoredFile
from luoshi.office.queries.files import damaged
from luoshi.office.services import store_file
from luoshi.office.views import serve_file
from luoshi.rules.permissions import SYSTEM, Actor, Role, Seat
from luoshi.rules.refusals import Refused

from .world import AT

ACTOR = Actor(
    user_id=1,
    username="x",
    name="x",
    seat=Seat(post_id=1, post_ref="P", title="", role=Role.HANDLER, unit_id=1, unit_path="", area_path=""),
)
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def keep(content: bytes, name: str = "a.bin", **more: Any) -> StoredFile:
    return store_file(SimpleUploadedFile(name, content), actor=ACTOR, at=AT, **more)


def package(parts: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def docx(text: str = "hello", **extra: bytes) -> bytes:
    body = f"<w:document><w:body><w:p><w:t>{text}</w:t></w:p></w:body></w:document>".encode()
    return package({"[Content_Types].xml": b"<Types/>", "word/document.xml": body, **extra})


def picture(kind: str, orientation: int = 6, size: tuple[int, int] = (40, 20)) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x0110] = "Camera of Somebody"
    exif.get_ifd(0x8825).update({1: "N", 2: (25.0, 47.0, 24.0), 3: "E", 4: (100.0, 11.0, 24.0)})
    out = io.BytesIO()
    Image.effect_noise(size, 80).convert("RGB").save(out, kind, exif=exif)
    return out.getvalue()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("a.pdf", PDF, "application/pdf"),
        ("a.docx", docx(), DOCX),
        ("a.txt", "洱海保护".encode(), "text/plain"),
        ("a.csv", "县,数\n洱源,3\n".encode("gb18030"), "text/csv"),
        ("a.png", picture("PNG"), "image/png"),
        ("a.jpg", picture("JPEG"), "image/jpeg"),
        ("a.webp", picture("WEBP"), "image/webp"),
    ],
)
def test_allowed_kinds_are_kept_by_digest(name: str, content: bytes, media_type: str, files: Path) -> None:
    stored = keep(content, name)
    kept = files / stored.digest[:2] / stored.digest[2:4] / stored.digest
    assert stored.media_type == media_type
    assert stored.name == name
    assert hashlib.sha256(kept.read_bytes()).hexdigest() == stored.digest
    assert kept.stat().st_size == stored.size
    assert keep(content, "other " + name).pk == stored.pk
    assert not list(files.rglob(".part-*"))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("code", "name", "content"),
    [
        ("file_empty", "a.txt", b""),
        ("file_empty", "a.txt", b"\0\0\0\0"),
        ("file_type", "a.exe", b"MZ\x90\0\x03\0\0\0\x04\0"),
        ("file_type", "a.zip", package({"a.txt": b"a"})),
        ("file_type", "a.rtf", b"{\\rtf1 x}"),
        ("file_active", "a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>"),
        ("file_active", "a.txt", b"hello <script>alert(1)</script>"),
        ("file_active", "a.html", b"<!DOCTYPE html><p>x"),
        ("file_heic", "a.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1"),
        ("file_old_office", "a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600),
        ("file_macros", "a.docx", docx(**{"word/vbaProject.bin": b"x"})),
        ("file_macros", "a.docx", docx(**{"word/activeX/activeX1.bin": b"x"})),
        (
            "file_macros",
            "a.docx",
            package(
                {"[Content_Types].xml": b"application/vnd.ms-word.document.macroEnabled", "word/document.xml": b"x"}
            ),
        ),
        ("file_bomb", "a.docx", docx(**{"word/media/a.png": b"\0" * 30_000_000})),
        ("file_encrypted", "a.pdf", b"%PDF-1.4\ntrailer<</Encrypt 5 0 R>>\n%%EOF"),
        ("file_damaged", "a.pdf", PDF[:-6]),
        ("file_damaged", "a.jpg", picture("JPEG", size=(200, 200))[:900]),
        ("file_damaged", "a.png", picture("PNG", size=(200, 200))[:900]),
        ("file_damaged", "a.docx", docx()[:-30]),
        ("file_damaged", "a.docx", docx(**{"../../etc/x": b"x"})),
        ("secrecy_mark", "a.txt", "机密★10年\n\n正文".encode()),
        ("secrecy_mark", "a.docx", docx("机密★10年")),
        ("identity_number", "a.txt", b"11010519491231002X"),
        ("identity_number", "a.docx", docx("11010519491231002X")),
        ("file_too_large", "a.txt", b"x" * 1001),
    ],
)
def test_everything_else_is_refused_and_leaves_nothing(code: str, name: str, content: bytes, files: Path) -> None:
    with pytest.raises(Refused) as refused:
        keep(content, name, max_bytes=1000 if code == "file_too_large" else None)
    assert refused.value.code == code
    assert str(refused.value)
    assert refused.value.status in {413, 422}
    assert not StoredFile.objects.exists()
    assert not list(files.rglob("*"))


@pytest.mark.django_db
def test_encrypted_parts_of_an_office_file_are_refused() -> None:
    content = bytearray(docx())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(mark)
        while at >= 0:
            content[at + offset] |= 1
            at = content.find(mark, at + 4)
    with pytest.raises(Refused, match="password"):
        keep(bytes(content), "a.docx")


@pytest.mark.django_db
@pytest.mark.principle(1)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_pictures_lose_place_and_camera_but_keep_pixels_and_orientation(kind: str) -> None:
    content = picture(kind)
    assert b"Camera of Somebody" in content
    stored = keep(content + b"appended after the picture with GPS", f"a.{kind.lower()}")
    assert stored.changes == ("metadata",)
    with store.get(stored.digest) as kept:
        bare = kept.read()
    assert b"Camera" not in bare
    assert b"appended" not in bare
    with Image.open(io.BytesIO(bare)) as after, Image.open(io.BytesIO(content)) as before:
        assert after.tobytes() == before.tobytes()
        assert not after.getexif().get_ifd(0x8825)
        assert 0x0110 not in after.getexif()
        if kind != "PNG":
            assert after.getexif().get(0x0112) == 6


@pytest.mark.django_db
@pytest.mark.principle(10)
def test_mobile_numbers_in_texts_are_masked_and_said() -> None:
    stored = keep("联系人电话 13812345678".encode("gb18030"), "a.txt")
    assert stored.changes == ("mobile_numbers", "encoding")
    with store.get(stored.digest) as kept:
        assert kept.read().decode() == "联系人电话 138****5678"


@pytest.mark.django_db
def test_a_seatless_actor_stores_nothing() -> None:
    with pytest.raises(Refused):
        store_file(
            SimpleUploadedFile("a.pdf", PDF),
            actor=Actor(0, "", "", Seat(0, "", "", Role.HANDLER, 0, "", "")),
            at=AT,
        )
    assert store_file(SimpleUploadedFile("a.pdf", PDF), actor=SYSTEM, at=AT).size == len(PDF)


@pytest.mark.django_db
def test_the_list_of_damaged_files_names_the_missing_and_the_altered(files: Path) -> None:
    whole, gone, altered = (keep(b"text %d" % number, "a.txt") for number in range(3))
    assert list(damaged()) == []
    (files / store.place(gone.digest)).unlink()
    (files / store.place(altered.digest)).write_bytes(b"other")
    assert list(damaged()) == sorted([gone.digest, altered.digest])
    keep(b"text 2", "a.txt")  # handing it in again heals it
    assert list(damaged()) == [gone.digest]
    assert whole.digest not in damaged()


@pytest.mark.django_db
def test_the_one_download_is_safe(rf: RequestFactory) -> None:
    stored = keep(PDF, "a.pdf")
    response = serve_file(rf.get("/"), stored, "../洱海\r\nX: y.exe")
    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    assert "\r" not in response["Content-Disposition"]
    assert response["Content-Disposition"].endswith(".pdf")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]
    assert response["Cache-Control"] == "private, no-cache"
    assert b"".join(response) == PDF  # type: ignore[arg-type]
    again = serve_file(rf.get("/", headers={"if-none-match": response["ETag"]}), stored, "a.pdf")
    assert again.status_code == 304
    assert serve_file(rf.get("/"), stored, "a.pdf", inline=True)["Content-Disposition"].startswith("inline")
    text = keep(b"plain words", "a.txt")
    assert serve_file(rf.get("/"), text, "a.txt", inline=True)["Content-Disposition"].startswith("attachment")
    assert serve_file(rf.get("/"), text, "a")["Content-Type"] == "text/plain; charset=utf-8"


@pytest.mark.django_db
def test_a_file_missing_from_the_store_is_a_sentence_not_a_fault(rf: RequestFactory, files: Path) -> None:
    stored = keep(PDF, "a.pdf")
    (files / store.place(stored.digest)).unlink()
    with pytest.raises(Refused, match="cannot be read"):
        serve_file(rf.get("/"), stored, "a.pdf")
