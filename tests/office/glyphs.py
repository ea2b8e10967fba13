"""How many characters of a PDF are drawn as the empty box of their font（缺字）."""

from __future__ import annotations

import io
from typing import Any

from pdfminer.pdfdevice import PDFTextDevice
from pdfminer.pdfinterp import PDFPageInterpreter, PDFResourceManager
from pdfminer.pdfpage import PDFPage


class _Counting(PDFTextDevice):
    """Counts glyph 0, which every font keeps for what it has not."""

    boxes = 0
    drawn = 0

    def render_char(
        self, matrix: Any, font: Any, fontsize: Any, scaling: Any, rise: Any, cid: int, *rest: Any
    ) -> float:
        self.drawn += 1
        self.boxes += cid == 0
        return float(font.char_width(cid) * fontsize * scaling)


def missing(content: bytes) -> int:
    """The number of empty boxes; every font of ours is embedded by glyph number."""
    resources = PDFResourceManager()
    device = _Counting(resources)
    for page in PDFPage.get_pages(io.BytesIO(content)):
        PDFPageInterpreter(resources, device).process_page(page)
    assert device.drawn
    return device.boxes
