"""Previews（预览）: drawn small in a process of their own; whatever is handed in, the server stands."""

from __future__ import annotations

import hashlib
import io
import zlib

import pytest
from django.core.files.storage import storages
from PIL import Image

from luoshi.office.adapters import contents, files, previews, rendering


def pdf(pages: int = 2, size: str = "0 0 300 400") -> bytes:
    """A small PDF with so many empty pages, written by hand."""
    kids = " ".join(f"{3 + n} 0 R" for n in range(pages))
    parts = [b"<</Type/Catalog/Pages 2 0 R>>", f"<</Type/Pages/Kids[{kids}]/Count {pages}>>".encode()]
    parts += [f"<</Type/Page/Parent 2 0 R/MediaBox[{size}]>>".encode()] * pages
    made, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(made))
        made += b"%d 0 obj" % number + part + b"endobj\n"
    start = len(made)
    made += b"xref\n0 %d\n0000000000 65535 f \n" % (len(parts) + 1)
    made += b"".join(b"%010d 00000 n \n" % place for place in places)
    return made + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(parts) + 1, start)


def picture(size: tuple[int, int] = (900, 600), kind: str = "PNG", **options: object) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", size, "teal").save(made, kind, **options)
    return made.getvalue()


def bomb() -> bytes:
    """A PNG of 40 000 × 40 000 pixels in a few kilobytes."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")

    side = (40_000).to_bytes(4, "big")
    head = chunk(b"IHDR", side + side + b"\x01\x00\x00\x00\x00")
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(5001 * 100))) + chunk(b"IEND", b"")


def kept(content: bytes) -> str:
    digest = hashlib.sha256(content).hexdigest()
    files.put(digest, content)
    return digest


def shown(made: previews.Preview) -> tuple[int, int]:
    with Image.open(io.BytesIO(made.picture)) as opened:
        assert opened.format == "JPEG"
        assert not opened.getexif()
        return opened.size


def test_a_picture_becomes_a_small_one_and_is_drawn_once(monkeypatch: pytest.MonkeyPatch) -> None:
    digest = kept(picture())
    made = previews.preview(digest, contents.PNG, edge=previews.THUMB)
    assert (shown(made), made.pages) == ((320, 213), 1)
    monkeypatch.setattr(previews, "_drawn", lambda *told: pytest.fail("drawn a second time"))
    assert previews.preview(digest, contents.PNG, edge=previews.THUMB) == made


def test_a_picture_taken_sideways_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    told, made = rendering.draw_picture(picture((800, 400), "JPEG", exif=exif), 320)
    assert shown(previews.Preview(made)) == (160, 320)
    assert told["pages"] == 1


def test_pages_of_a_pdf_are_drawn_one_by_one_up_to_a_limit() -> None:
    digest = kept(pdf(45))
    made = previews.preview(digest, contents.PDF, page=2, edge=previews.THUMB)
    assert (shown(made), made.pages) == ((240, 320), 45)
    with pytest.raises(ValueError, match="never drawn"):
        previews.preview(digest, contents.PDF, page=previews.PAGES + 1)
    assert previews.preview(kept(pdf(1)), contents.PDF, page=2).error == "page"


def test_a_page_as_large_as_a_field_is_drawn_no_larger_than_a_sheet() -> None:
    made = previews.preview(kept(pdf(1, "0 0 200000 14400")), contents.PDF)
    assert max(shown(made)) <= previews.SHEET


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"%PDF-1.7\nthis is none\n%%EOF", contents.PDF),
        (pdf(3)[:120] + b"\n%%EOF", contents.PDF),
        (picture()[:200], contents.PNG),
        (b"\xff\xd8\xff\xe0 no picture", contents.JPEG),
        (picture(), contents.WEBP),
    ],
)
def test_what_is_damaged_says_so_or_is_drawn_but_never_breaks(content: bytes, media_type: str) -> None:
    made = previews.preview(kept(content), media_type)
    assert made.picture or made.error == "damaged"


def test_a_bomb_is_not_unpacked() -> None:
    made = previews.preview(kept(bomb()), contents.PNG)
    assert (made.error, made.picture) == ("large", b"")


def test_a_drawing_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(previews, "SECONDS", 0.001)
    assert previews.preview(kept(picture((11, 11))), contents.PNG).error == "damaged"


def test_only_what_can_be_drawn_is() -> None:
    for media_type, page, edge in ((contents.CSV, 1, 320), (contents.PNG, 2, 320), (contents.PNG, 1, 99999)):
        with pytest.raises(ValueError, match="never drawn"):
            previews.preview("0" * 64, media_type, page=page, edge=edge)
    with pytest.raises(OSError, match="0"):
        previews.preview("0" * 64, contents.PNG)


def test_previews_are_no_files(settings: object) -> None:
    digest = kept(picture((50, 50)))
    previews.preview(digest, contents.PNG, edge=previews.THUMB)
    assert storages["default"].exists(f"previews/{digest[:2]}/{digest[2:4]}/{digest}-1-320.bin")
    assert files.intact(digest)


def test_a_text_is_shown_from_its_beginning() -> None:
    assert previews.words_of(kept("第一行\n第二行".encode())) == ("第一行\n第二行", True)
    text, whole = previews.words_of(kept(("行\n" * 100_000).encode()))
    assert (text.count("\n"), whole) == (previews.LINES - 1, False)
