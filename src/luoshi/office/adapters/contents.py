"""What a file really is（文件内容识别）: decided by its bytes, never by its name or by what the browser says.

A closed list of kinds comes in: PDF, JPEG, PNG, WebP, Word, Excel and PowerPoint without macros, plain text, CSV.
Everything else is refused with a sentence. Pictures lose what a camera adds about time, place and device (EXIF, XMP,
IPTC, text chunks, whatever follows the picture); only the orientation stays, so that they are shown upright: no tracks.
"""

from __future__ import annotations

import html
import io
import re
import struct
import warnings
import zipfile
import zlib
from pathlib import PurePosixPath

import puremagic
from PIL import Image

from luoshi.rules.refusals import Refused, declare
from luoshi.rules.refusals import gettext_noop as _

PDF = "application/pdf"
JPEG = "image/jpeg"
PNG = "image/png"
WEBP = "image/webp"
TEXT = "text/plain"
CSV = "text/csv"
OFFICE = "application/vnd.openxmlformats-officedocument."
DOCX = OFFICE + "wordprocessingml.document"
XLSX = OFFICE + "spreadsheetml.sheet"
PPTX = OFFICE + "presentationml.presentation"

SUFFIXES: dict[str, tuple[str, ...]] = {
    PDF: (".pdf",),
    JPEG: (".jpg", ".jpeg"),
    PNG: (".png",),
    WEBP: (".webp",),
    DOCX: (".docx",),
    XLSX: (".xlsx",),
    PPTX: (".pptx",),
    TEXT: (".txt", ".md", ".log"),
    CSV: (".csv",),
}
"""Media type → endings a name may have; the first is added when none fits."""

PIXELS = 100_000_000
ENTRIES = 5_000
UNPACKED = 128 * 1024 * 1024
RATIO = 200

declare(
    422,
    file_empty=_("“%(name)s” is empty: choose the file again."),
    file_type=_(
        "“%(name)s” looks like %(what)s. Hand in PDF, JPEG, PNG, WebP, Word, Excel, PowerPoint, plain text or CSV."
    ),
    file_heic=_("“%(name)s” is a HEIC picture, which many computers cannot open: save it as JPEG and hand that in."),
    file_damaged=_("“%(name)s” is damaged or incomplete: open it on your computer, save it again and hand that in."),
    file_encrypted=_("“%(name)s” is protected by a password: save it without one and hand that in."),
    file_old_office=_(
        "“%(name)s” is in an old Office format or protected by a password: save it as docx, xlsx or pptx."
    ),
    file_macros=_("“%(name)s” contains macros or active parts: save it without them (as docx, xlsx or pptx)."),
    file_bomb=_("“%(name)s” unpacks to far more than it should hold: save it again with fewer or smaller parts."),
    file_active=_("“%(name)s” holds a web page or a drawing with code: hand it in as PDF."),
)

_ACTIVE = re.compile(rb"<\s*(!doctype|html|svg|script|iframe|body|head|\?xml)\b|<\?xml", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")
_MACRO_PARTS = ("vbaproject.bin", "vbadata.xml", "/macrosheets/", "/activex/", "/ctrlprops/")
_MAIN = {"word/document.xml": DOCX, "xl/workbook.xml": XLSX, "ppt/presentation.xml": PPTX}


def identify(content: bytes, name: str) -> str:
    """The media type of ``content``; ``name`` only chooses between plain text and CSV, and is named in refusals.

    Raises:
        Refused: ``file_empty``, ``file_type``, ``file_heic``, ``file_damaged``, ``file_encrypted``,
            ``file_old_office``, ``file_macros``, ``file_bomb``, ``file_active``.
    """
    if not content.strip(b"\0 \t\r\n"):
        raise Refused("file_empty", name=name)
    if content.startswith(b"%PDF-"):
        return _pdf(content, name)
    if content.startswith(b"\xff\xd8\xff"):
        return _picture(content, name, "JPEG", JPEG)
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return _picture(content, name, "PNG", PNG)
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return _picture(content, name, "WEBP", WEBP)
    if content[4:8] == b"ftyp" and content[8:12] in {b"heic", b"heix", b"mif1", b"msf1", b"hevc", b"avif"}:
        raise Refused("file_heic", name=name)
    if content.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        raise Refused("file_old_office", name=name)
    if content.startswith(b"PK"):
        return _office(content, name)
    return _text(content, name)


def _pdf(content: bytes, name: str) -> str:
    if b"%%EOF" not in content[-2048:]:
        raise Refused("file_damaged", name=name)
    if re.search(rb"/Encrypt\s*(\d+\s+\d+\s+R|<<)", content):
        raise Refused("file_encrypted", name=name)
    return PDF


def _picture(content: bytes, name: str, kind: str, media_type: str) -> str:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=[kind]) as picture:
                if picture.width * picture.height > PIXELS:
                    raise Refused("file_bomb", name=name)
                picture.draft("RGB", (64, 64))
                picture.load()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Refused("file_bomb", name=name) from error
    except (OSError, SyntaxError, ValueError, struct.error, zlib.error) as error:
        raise Refused("file_damaged", name=name) from error
    return media_type


def _office(content: bytes, name: str) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            return _parts(package, content, name)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError, struct.error) as error:
        raise Refused("file_damaged", name=name) from error


def _parts(package: zipfile.ZipFile, content: bytes, name: str) -> str:
    parts = package.infolist()
    if any(part.flag_bits & 0x1 for part in parts):
        raise Refused("file_encrypted", name=name)
    unpacked = sum(part.file_size for part in parts)
    if len(parts) > ENTRIES or unpacked > UNPACKED or unpacked > max(len(content), 1 << 14) * RATIO:
        raise Refused("file_bomb", name=name)
    names = [part.filename for part in parts]
    media_type = next((kind for main, kind in _MAIN.items() if main in names), "")
    if not media_type or "[Content_Types].xml" not in names:
        raise Refused("file_type", name=name, what=_("an archive"))
    if len(set(names)) != len(names) or any(n.startswith("/") or ".." in PurePosixPath(n).parts for n in names):
        raise Refused("file_damaged", name=name)
    if any(mark in f"/{part.lower()}" for part in names for mark in _MACRO_PARTS):
        raise Refused("file_macros", name=name)
    if re.search(rb"macroEnabled|vbaProject", package.read("[Content_Types].xml"), re.IGNORECASE):
        raise Refused("file_macros", name=name)
    if package.testzip() is not None:  # reads no more than the sizes checked above
        raise Refused("file_damaged", name=name)
    return media_type


def _text(content: bytes, name: str) -> str:
    words = decode(content)
    if words is None or _CONTROL.search(words) or words.startswith("{\\rtf"):
        raise Refused("file_type", name=name, what=guess(content))
    if _ACTIVE.search(content[:65536]):
        raise Refused("file_active", name=name)
    return CSV if name.lower().endswith(".csv") else TEXT


def decode(content: bytes) -> str | None:
    """The words of a text in UTF-8 or GB 18030, or ``None`` when it is neither."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def guess(content: bytes) -> str:
    """A word for what a refused file seems to be."""
    try:
        return str(puremagic.from_string(content[:65536])).lstrip(".") or _("something else")
    except (puremagic.PureError, ValueError, IndexError):
        return _("something else")


def without_tracks(content: bytes, media_type: str) -> bytes:
    """The picture without what a camera wrote about time, place and device; the pixels stay byte for byte.

    Other media types come back unchanged.
    """
    if media_type == JPEG:
        return _jpeg_bare(content)
    if media_type == PNG:
        return _png_bare(content)
    if media_type == WEBP:
        return _webp_bare(content)
    return content


def _orientation(content: bytes) -> int:
    try:
        with Image.open(io.BytesIO(content)) as picture:
            turned = picture.getexif().get(0x0112, 1)
    except (OSError, SyntaxError, ValueError, struct.error):
        return 1
    return turned if turned in range(2, 9) else 1


def _upright(orientation: int) -> bytes:
    return b"MM\0*\0\0\0\x08\0\x01" + struct.pack(">HHIHH", 0x0112, 3, 1, orientation, 0) + b"\0\0\0\0"


def _jpeg_bare(content: bytes) -> bytes:
    orientation = _orientation(content)
    bare = bytearray(b"\xff\xd8")
    if orientation != 1:
        block = b"Exif\0\0" + _upright(orientation)
        bare += b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block
    at = 2
    while at + 4 <= len(content):
        if content[at] != 0xFF:
            break
        marker = content[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if marker == 0xD9:
            break
        length = int.from_bytes(content[at + 2 : at + 4], "big")
        end = at + 2 + length
        # APP1 Exif and XMP, APP13 IPTC, comments and makers' blocks go; JFIF, ICC (APP2) and Adobe (APP14) stay.
        keep = marker in {0xE0, 0xEE} or not (0xE0 <= marker <= 0xEF or marker == 0xFE)
        if marker == 0xE2 and content[at + 4 : at + 16] == b"ICC_PROFILE\0":
            keep = True
        if marker == 0xDA:  # entropy-coded data run to the next real marker
            while end + 1 < len(content) and not (
                content[end] == 0xFF and content[end + 1] != 0 and not 0xD0 <= content[end + 1] <= 0xD7
            ):
                following = content.find(b"\xff", end + 1)
                end = following if following >= 0 else len(content)
        if keep:
            bare += content[at:end]
        at = end
    return bytes(bare + b"\xff\xd9")


def _png_bare(content: bytes) -> bytes:
    bare = bytearray(content[:8])
    at = 8
    while at + 12 <= len(content):
        size = int.from_bytes(content[at : at + 4], "big")
        kind = content[at + 4 : at + 8]
        end = at + 12 + size
        if kind not in {b"eXIf", b"tEXt", b"zTXt", b"iTXt", b"tIME"}:
            bare += content[at:end]
        at = end
        if kind == b"IEND":
            break
    return bytes(bare)


def _webp_bare(content: bytes) -> bytes:
    orientation = _orientation(content)
    extended = content[12:16] == b"VP8X"
    bare = bytearray()
    at = 12
    end = min(len(content), 8 + int.from_bytes(content[4:8], "little"))
    while at + 8 <= end:
        size = int.from_bytes(content[at + 4 : at + 8], "little")
        kind, block = content[at : at + 4], content[at + 8 : at + 8 + size]
        at += 8 + size + size % 2
        if kind in {b"EXIF", b"XMP "}:
            continue
        if kind == b"VP8X":
            flags = block[0] & ~0x0C | (0x08 if orientation != 1 else 0)
            block = bytes([flags]) + block[1:]
        bare += kind + struct.pack("<I", len(block)) + block + b"\0" * (len(block) % 2)
    if extended and orientation != 1:
        block = _upright(orientation)
        bare += b"EXIF" + struct.pack("<I", len(block)) + block + b"\0" * (len(block) % 2)
    return b"RIFF" + struct.pack("<I", len(bare) + 4) + b"WEBP" + bytes(bare)


_WORDY = re.compile(
    r"(word/(document|header\d*|footer\d*)|xl/sharedStrings|xl/worksheets/sheet\d+|ppt/slides/slide\d+)\.xml"
)
_LINE_END = re.compile(r"</(?:\w+:)?(?:p|si|row)>|<(?:\w+:)?(?:br|cr)\b[^>]*/>")
_CELL_END = re.compile(r"</(?:\w+:)?(?:c|tc|tab)>|<(?:\w+:)?tab\b[^>]*/>")


def office_words(content: bytes) -> str:
    """The words of a Word, Excel or PowerPoint file, one paragraph, row or shared string to a line; for screening only.

    A plain reading of the parts identified before: no entities are resolved but the five of XML, nothing is fetched.
    """
    pages: list[str] = []
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        for part in package.namelist():
            if _WORDY.fullmatch(part):
                text = package.read(part).decode("utf-8", "replace")
                text = _CELL_END.sub("\t", _LINE_END.sub("\n", text))
                pages.append(html.unescape(re.sub(r"<[^>]*>", "", text)))
    return "\f".join(pages)
