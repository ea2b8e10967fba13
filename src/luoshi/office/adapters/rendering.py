"""Draws a picture or a page of a PDF small, in a process of its own（独立进程绘图）.

``python -m luoshi.office.adapters.rendering KIND PAGE EDGE`` reads the file from its standard input and writes one line
of JSON (``pages``, ``width``, ``height`` or ``error``) and then a JPEG. What comes in was handed in by anybody: the
process has little memory and little time, no database and no settings, and whatever happens in it, happens to it alone.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
import warnings
from typing import Any

PIXELS = 50_000_000
"""Pictures with more pixels are kept and downloaded, but not drawn."""
MEMORY = 1536 * 1024 * 1024
SECONDS = 20


def _limit() -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _jpeg(picture: Any) -> bytes:
    made = io.BytesIO()
    picture.save(made, "JPEG", quality=82, optimize=True)
    return made.getvalue()


def draw_picture(content: bytes, edge: int) -> tuple[dict[str, Any], bytes]:
    """The picture upright, on white, no longer than ``edge`` pixels on its longer side, without any metadata."""
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = PIXELS
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    with Image.open(io.BytesIO(content), formats=["JPEG", "PNG", "WEBP"]) as opened:
        width, height = opened.size
        if width * height > PIXELS:
            return {"error": "large"}, b""
        opened.draft("RGB", (edge, edge))
        picture = ImageOps.exif_transpose(opened) or opened
        picture.thumbnail((edge, edge))
        rgba = picture.convert("RGBA")
        plain = Image.new("RGB", rgba.size, "white")
        plain.paste(rgba, mask=rgba.getchannel("A"))
    return {"pages": 1, "width": plain.width, "height": plain.height}, _jpeg(plain)


def draw_page(content: bytes, page: int, edge: int) -> tuple[dict[str, Any], bytes]:
    """One page (from 1) of a PDF, at most ``edge`` pixels on its longer side; nothing in it is run or fetched."""
    import pypdfium2

    document = pypdfium2.PdfDocument(content)
    pages = len(document)
    if not 1 <= page <= pages:
        return {"error": "page", "pages": pages}, b""
    sheet = document[page - 1]
    longest = max(*sheet.get_size(), 1.0)
    drawn = sheet.render(scale=min(edge / longest, 4.0), may_draw_forms=False)
    picture = drawn.to_pil().convert("RGB")
    return {"pages": pages, "width": picture.width, "height": picture.height}, _jpeg(picture)


def main(kind: str, page: int, edge: int) -> None:
    """Draw what comes in and write it out; a file that cannot be drawn says so in the first line."""
    content = sys.stdin.buffer.read()
    _limit()
    try:
        told, picture = draw_page(content, page, edge) if kind == "pdf" else draw_picture(content, edge)
    except MemoryError:
        told, picture = {"error": "large"}, b""
    except Exception as error:
        told, picture = {"error": "large" if "Bomb" in type(error).__name__ else "damaged"}, b""
    sys.stdout.buffer.write(json.dumps(told).encode() + b"\n" + picture)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
