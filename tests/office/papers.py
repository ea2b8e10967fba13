"""Papers to draw, and a PDF measured（公文样例）."""

from __future__ import annotations

import datetime as dt
import io
from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

import pdfplumber

from luoshi.rules import papers
from luoshi.rules.papers import measures

MM = measures.POINTS_IN_MM
HAN = "进一步加强督查工作确保各项任务按期完成并报送有关情况"
SENTENCE = HAN * 6
DAY = dt.date(2026, 3, 1)
ROWS = tuple(
    (str(n), "新建改建三级及以上农村公路并完成路面硬化", "大理白族自治州", "2026年12月31日") for n in range(1, 61)
)
TABLE = papers.Table(
    (
        papers.Column("序号", 0.8, papers.Align.CENTRE),
        papers.Column("任务", 4),
        papers.Column("承办单位", 2),
        papers.Column("完成期限", 2.2, papers.Align.CENTRE),
    ),
    ROWS,
)
CIRCULAR = papers.Paper(
    papers.Kind.CIRCULAR,
    "zh-hans",
    "关于农村公路建设情况的通报",
    (
        papers.Paragraph(SENTENCE * 4),
        papers.Heading(1, "总体情况"),
        papers.Paragraph("“十四五”期间完成投资1234万元，比2025年增长12%。"),
        papers.Heading(2, "主要成效"),
        papers.Paragraph(SENTENCE),
        papers.Heading(3, "建设进度"),
        papers.Heading(4, "路基工程"),
        papers.Paragraph(SENTENCE * 2),
    ),
    mark="云南省人民政府督查室文件",
    number="云督〔2026〕3号",
    to=("大理白族自治州人民政府",),
    annexes=(papers.Annex("任务清单", (TABLE,)),),
    signature=papers.Signature("云南省人民政府督查室", DAY),
    imprint=papers.Imprint(("省委办公厅", "省政协办公厅"), "云南省人民政府督查室", DAY),
    stamp="演示",
)
LETTER = replace(CIRCULAR, kind=papers.Kind.LETTER, mark="云南省人民政府督查室")
ENGLISH = replace(CIRCULAR, language="en", title="Circular on rural roads")


@dataclass(frozen=True)
class Line:
    """A line of type: its characters, baseline and edges in points from the top left of the sheet."""

    text: str
    foot: float
    left: float
    right: float
    font: str
    size: float


class Pages:
    """A PDF taken apart."""

    def __init__(self, content: bytes) -> None:
        self.pdf = pdfplumber.open(io.BytesIO(content))

    def __len__(self) -> int:
        return len(self.pdf.pages)

    def lines(self, page: int, size: float = measures.SIZE_BODY) -> list[Line]:
        """The lines of a page in one size of type, from above."""
        found: dict[float, list[dict[str, Any]]] = {}
        for char in self.pdf.pages[page].chars:
            if abs(char["size"] - size) < 0.3 and char["text"].strip():
                foot = round(char["matrix"][5], 1)
                found.setdefault(next((one for one in found if abs(one - foot) < 3), foot), []).append(char)
        made = []
        for foot, chars in found.items():
            chars.sort(key=lambda one: one["x0"])
            fonts = Counter(one["fontname"].split("+")[-1] for one in chars)
            text = "".join(one["text"] for one in chars)
            height = float(self.pdf.pages[page].height)
            edges = chars[0]["x0"], chars[-1]["x1"]
            made.append(Line(text, height - foot, *edges, fonts.most_common(1)[0][0], chars[0]["size"]))
        return sorted(made, key=lambda line: line.foot)

    def fonts(self, page: int, text: str) -> set[str]:
        """The fonts in which the characters of a text stand on a page."""
        wanted = set(text)
        return {c["fontname"].split("+")[-1] for c in self.pdf.pages[page].chars if c["text"] in wanted}

    def bars(self, page: int, red: bool) -> list[dict[str, Any]]:
        """The rules of a page, red or black, from above: ``top``, ``x0``, ``x1``, ``height`` in points."""
        sheet = self.pdf.pages[page]
        wide = [one for one in [*sheet.rects, *sheet.lines] if one["width"] > 100 * MM and one["height"] < 3]
        return sorted((one for one in wide if _red(one) is red), key=lambda one: one["top"])


def _red(bar: dict[str, Any]) -> bool:
    for key in ("non_stroking_color", "stroking_color"):
        colour = bar.get(key)
        if colour and len(colour) == 3 and colour[0] > 0.9 and colour[1] < 0.1:
            return True
    return False
