"""公文版面: measured in the PDF that is handed out, against GB/T 9704-2012."""

from __future__ import annotations

import csv
from dataclasses import replace
from functools import cache
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import pytest
from tests.office.glyphs import missing
from tests.office.papers import CIRCULAR, DAY, ENGLISH, HAN, LETTER, MM, TABLE, Pages

from luoshi.office.adapters.papers import fonts, pdf
from luoshi.rules import papers
from luoshi.rules.papers import measures

LEFT, RIGHT = 28 * MM, (210 - 26) * MM
TOP, FOOT = 37 * MM, (297 - 35) * MM


@cache
def drawn(which: str = "circular") -> Pages:
    return Pages(pdf.write({"circular": CIRCULAR, "letter": LETTER, "english": ENGLISH}[which]))


def test_the_sheet_is_a4() -> None:
    page = drawn().pdf.pages[0]
    assert float(page.width) == pytest.approx(210 * MM, abs=0.1)
    assert float(page.height) == pytest.approx(297 * MM, abs=0.1)


def test_full_pages_have_22_lines_of_28_characters_at_the_pitch() -> None:
    body = replace(CIRCULAR, blocks=(papers.Paragraph(HAN * 60),), annexes=(), imprint=None)
    pages = Pages(pdf.write(body))
    lines = pages.lines(1)
    assert len(lines) == 22
    assert {len(line.text) for line in lines} == {28}
    for above, below in pairwise(lines):
        assert below.foot - above.foot == pytest.approx(28.95, abs=0.1)
    for line in lines:
        assert line.left == pytest.approx(LEFT, abs=1)
        assert line.right == pytest.approx(RIGHT, abs=1)
    assert lines[0].foot - 16 * 0.88 == pytest.approx(TOP, abs=measures.LINE_PITCH / 2)
    assert lines[-1].foot < FOOT
    assert FOOT - lines[-1].foot < measures.LINE_PITCH / 2


@pytest.mark.parametrize("lines", [1, 2, 3])
def test_a_paragraph_that_ends_with_its_line_does_not_turn_over(lines: int) -> None:
    """Whether its last sign is a character, a full stop or a digit."""
    full = (HAN * 9)[: 28 * lines - 2]
    for last in "字。1":
        body = replace(CIRCULAR, blocks=(papers.Paragraph(full[:-1] + last), papers.Paragraph("完")), imprint=None)
        pages = Pages(pdf.write(replace(body, annexes=())))
        found = [len(line.text) for line in pages.lines(0)]
        at = next(n for n, line in enumerate(pages.lines(0)) if line.text.startswith(full[:9]))
        assert found[at : at + lines + 1] == [26, *[28] * (lines - 1), 1], last


def test_a_paragraph_begins_two_characters_in() -> None:
    first = next(line for line in drawn().lines(0) if line.text.startswith("进一步"))
    assert first.left == pytest.approx(LEFT + 2 * 156 * MM / 28, abs=0.5)
    assert len(first.text) == 26


def test_the_mark_stands_35_mm_below_the_top_of_the_text_in_red() -> None:
    chars = [c for c in drawn().pdf.pages[0].chars if c["size"] > 25]
    assert "".join(c["text"] for c in chars) == "云南省人民政府督查室文件"
    size = chars[0]["size"]
    top = float(drawn().pdf.pages[0].height) - chars[0]["matrix"][5] - 0.88 * size
    assert top == pytest.approx(72 * MM, abs=2)
    assert {tuple(round(v, 2) for v in c["non_stroking_color"]) for c in chars} == {(1, 0, 0)}
    assert chars[0]["x0"] >= LEFT - 0.5
    assert chars[-1]["x1"] <= RIGHT + 0.5
    middle = (chars[0]["x0"] + chars[-1]["x1"]) / 2
    assert middle == pytest.approx((LEFT + RIGHT) / 2, abs=1.5)


def test_number_rule_and_title_follow_in_their_distances() -> None:
    number = next(line for line in drawn().lines(0) if "〔" in line.text)
    assert number.text == "云督〔2026〕3号"
    (rule,) = drawn().bars(0, red=True)
    assert rule["top"] - (number.foot + 16 * 0.12) == pytest.approx(4 * MM, abs=0.5)
    assert (rule["x0"], rule["x1"]) == (pytest.approx(LEFT, abs=0.2), pytest.approx(RIGHT, abs=0.2))
    (title,) = drawn().lines(0, measures.SIZE_TITLE)
    assert title.text == CIRCULAR.title
    empty = (title.foot - 22 * 0.88 - (28.95 - 22) / 2) - rule["bottom"]
    assert empty == pytest.approx(2 * 28.95, abs=0.5)
    to = next(line for line in drawn().lines(0) if line.text.startswith("大理"))
    assert to.text.endswith("：")
    assert to.left == pytest.approx(LEFT, abs=0.5)
    assert to.foot - title.foot == pytest.approx(2 * 28.95, abs=2.5)


WITH_FANDOL = {
    "title": "FandolSong-Bold",
    "1": "FandolHei-Regular",
    "2": "FandolKai-Regular",
    "body": "FandolFang-Regular",
}
WITH_NOTO = {
    "title": "NotoSerifCJKsc-Bold",
    "1": "NotoSansCJKsc-Regular",
    "2": "NotoSerifCJKsc-Regular",
    "body": "NotoSerifCJKsc-Regular",
}


@pytest.mark.parametrize("free", [True, False])
def test_every_level_has_its_face_with_and_without_the_free_fonts(free: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if free and not any((place / fonts.FREE[0]).exists() for place in _places()):
        pytest.skip("Fandol is not there: make tools")
    if not free:
        monkeypatch.setattr(fonts, "folders", list)
    pages = Pages(pdf.write(CIRCULAR))
    want = WITH_FANDOL if free else WITH_NOTO
    lines = [line for page in range(len(pages)) for line in pages.lines(page)]

    def face(start: str) -> str:
        return next(line.font for line in lines if line.text.startswith(start)).removesuffix("-Identity-H")

    found = {"1": face("一、总体情况"), "2": face("（一）主要成效"), "body": face(HAN[:9])}
    found["title"] = pages.lines(0, measures.SIZE_TITLE)[0].font.removesuffix("-Identity-H")
    assert found == want
    assert face("1.建设进度") == face("（1）路基工程") == want["body"]
    page = next(n for n in range(len(pages)) if any("十四五" in line.text for line in pages.lines(n)))
    digits = {name for name in pages.fonts(page, "5") if "Noto" not in name}
    assert len(digits) == 1, "body digits stand in one Latin face; page numbers in Song"
    assert digits.pop().startswith(("TimesNewRoman", "Liberation", "Tinos", "Libertinus"))
    assert pages.fonts(page, "“”") == {want["body"]} or pages.fonts(page, "“”") == {f"{want['body']}-Identity-H"}


def _places() -> list[Path]:
    return [Path(place) for place in fonts.folders()]


def test_page_numbers_stand_outside_seven_millimetres_below() -> None:
    pages = drawn()
    for at in range(len(pages)):
        found = [line for line in pages.lines(at, measures.SIZE_SMALL) if line.foot > FOOT]
        assert [line.text for line in found] == [f"—{at + 1}—"]
        middle = found[0].foot - 0.38 * measures.SIZE_SMALL
        assert middle == pytest.approx(FOOT + 7 * MM, abs=1.5)
        if at % 2 == 0:
            assert found[0].right == pytest.approx(RIGHT - 14, abs=1.5)
        else:
            assert found[0].left == pytest.approx(LEFT + 14, abs=1.5)


def test_the_imprint_ends_on_the_foot_of_the_last_page() -> None:
    pages = drawn()
    rules = [bar for bar in pages.bars(len(pages) - 1, red=False) if bar["top"] > FOOT - 100]
    assert len(rules) == 3
    assert rules[-1]["bottom"] == pytest.approx(FOOT, abs=0.5)
    heights = [round(bar["height"] / MM, 2) for bar in rules]
    assert heights == [0.35, 0.25, 0.35]
    for bar in rules:
        assert (bar["x0"], bar["x1"]) == (pytest.approx(LEFT, abs=0.2), pytest.approx(RIGHT, abs=0.2))
    lines = [line.text for line in pages.lines(len(pages) - 1, measures.SIZE_SMALL) if line.foot < FOOT]
    assert lines == ["抄送：省委办公厅、省政协办公厅。", "云南省人民政府督查室2026年3月1日印发"]


def test_a_signature_never_stands_alone() -> None:
    def body(count: int) -> Pages:
        return Pages(
            pdf.write(replace(CIRCULAR, blocks=(papers.Paragraph(HAN[:20]),) * count, annexes=(), imprint=None))
        )

    room = sum(line.text == HAN[:20] for line in body(30).lines(0))
    pages = body(room - 1)
    assert [line.text for line in pages.lines(1)] == [HAN[:20], "云南省人民政府督查室", "2026年3月1日"]
    assert len(pages) == 2


def test_a_long_table_repeats_its_headings_and_tears_no_row() -> None:
    pages = drawn()
    parts = [pages.pdf.pages[at].extract_table() for at in range(len(pages))]
    found = [part for part in parts if part and part[0][0] == "序号"]
    assert len(found) > 1
    assert all(part[0] == [column.title for column in TABLE.columns] for part in found)
    numbers = [row[0] for part in found for row in part[1:]]
    assert numbers == [str(n) for n in range(1, 61)]
    assert all((row[3] or "").replace("\n", "") == "2026年12月31日" for part in found for row in part[1:])


def test_a_letter_has_double_rules_and_no_number_on_its_first_page() -> None:
    pages = drawn("letter")
    rules = pages.bars(0, red=True)
    assert len(rules) == 4
    for bar in rules:
        assert (bar["x0"], bar["x1"]) == (pytest.approx(20 * MM, abs=0.3), pytest.approx(190 * MM, abs=0.3))
    assert [round(bar["height"] / MM, 2) for bar in rules] == [0.7, 0.25, 0.25, 0.7]
    assert rules[-1]["bottom"] == pytest.approx((297 - 20) * MM, abs=0.5)
    mark = [c for c in pages.pdf.pages[0].chars if c["size"] > 25]
    top = float(pages.pdf.pages[0].height) - mark[0]["matrix"][5] - 0.88 * mark[0]["size"]
    assert top == pytest.approx(30 * MM, abs=2)
    number = next(line for line in pages.lines(0) if "〔" in line.text)
    assert number.right == pytest.approx(RIGHT, abs=1)
    assert number.foot - 16 * 0.88 - rules[1]["bottom"] == pytest.approx(16 * 7 / 8, abs=1)
    assert not [line for line in pages.lines(0, measures.SIZE_SMALL) if line.foot > FOOT]
    assert [line.text for line in pages.lines(1, measures.SIZE_SMALL) if line.foot > FOOT] == ["—2—"]


def test_a_demonstration_says_so_on_every_page() -> None:
    pages = drawn()
    for page in pages.pdf.pages:
        assert "".join(c["text"] for c in page.chars if c["bottom"] < 30 * MM) == "演示"


def test_the_same_paper_gives_the_same_bytes() -> None:
    assert pdf.write(CIRCULAR) == pdf.write(replace(CIRCULAR))
    assert pdf.write(CIRCULAR) != pdf.write(replace(CIRCULAR, number="云督〔2026〕4号"))


def test_an_english_paper_is_plain() -> None:
    pages = drawn("english")
    assert pages.bars(0, red=True) == []
    text = pages.pdf.pages[0].extract_text()
    assert text.startswith("演示")
    assert "Circular on rural roads" in text
    assert "1. 总体情况" in "".join(page.extract_text() for page in pages.pdf.pages)


def test_every_character_of_the_provinces_names_is_drawn() -> None:
    """With the faces of each use; none is left out by all of them（缺字）."""
    source = files("luoshi.packs.ten_matters") / "units.csv"
    with source.open(encoding="utf-8-sig", newline="") as opened:
        names = "".join(sorted({char for row in csv.DictReader(opened) for char in row["name"]}))
    assert len(names) > 1500
    blocks = (papers.Paragraph(names), papers.Heading(1, names), papers.Heading(2, names))
    pages = pdf.write(replace(CIRCULAR, blocks=blocks, annexes=(), signature=papers.Signature("省", DAY)))
    assert missing(pages) == 0
    text = "".join(page.extract_text() for page in Pages(pages).pdf.pages)
    assert set(names) - set(text) - set(" ") == set()
