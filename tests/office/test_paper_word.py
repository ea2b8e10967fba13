"""公文的 Word 文件: unpacked, rendered by LibreOffice where it is, and made from an office's own template."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path

import docx
import pytest
from django.core.management import CommandError, call_command
from docx.oxml.ns import qn
from tests.office.papers import CIRCULAR, ENGLISH, HAN, LETTER, MM, TABLE, Pages

from luoshi.office.adapters.papers import converting, fonts, pdf, word
from luoshi.office.adapters.papers.template import STYLES
from luoshi.rules import papers
from luoshi.rules.refusals import Refused


@cache
def written() -> bytes:
    return word.write(CIRCULAR)


def test_page_grid_and_feet_are_the_standards() -> None:
    document = docx.Document(io.BytesIO(written()))
    (section,) = document.sections
    margins = [section.top_margin, section.left_margin, section.bottom_margin, section.right_margin]
    assert [round(one.mm) for one in margins] == [37, 28, 35, 26]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    grid = section._sectPr.find(qn("w:docGrid"))
    assert (grid.get(qn("w:type")), grid.get(qn("w:linePitch"))) == ("linesAndChars", "579")
    pitch = 16 + int(grid.get(qn("w:charSpace"))) / 4096
    assert pitch * 28 == pytest.approx(156 * MM, abs=0.1)
    assert document.settings.odd_and_even_pages_header_footer
    odd, even = section.footer.paragraphs[0], section.even_page_footer.paragraphs[0]
    assert (odd.alignment, even.alignment) == (2, 0)
    for foot in (odd, even):
        assert foot.text == "— 1 —"
        assert " PAGE " in foot._p.xml


@pytest.mark.parametrize(
    ("key", "face", "size"),
    [
        ("body", "仿宋_GB2312", 16),
        ("title", "方正小标宋简体", 22),
        ("level1", "黑体", 16),
        ("level2", "楷体_GB2312", 16),
        ("level3", "仿宋_GB2312", 16),
        ("imprint", "仿宋_GB2312", 14),
        ("page", "宋体", 14),
    ],
)
def test_proprietary_faces_are_named_first(key: str, face: str, size: float) -> None:
    style = docx.Document(io.BytesIO(written())).styles[STYLES[key].name]
    named = style.element.rPr.rFonts
    assert named.get(qn("w:eastAsia")) == face
    assert named.get(qn("w:ascii")) == "Times New Roman"
    assert style.font.size.pt == size


def test_text_stands_in_its_styles_and_quotation_marks_are_chinese() -> None:
    document = docx.Document(io.BytesIO(written()))
    by_style = {one.style.name: one.text for one in document.paragraphs if one.text}
    assert by_style["公文标题"] == "任务清单", "the last title is the attachment's"
    assert by_style["公文一级标题"] == "一、总体情况"
    assert by_style["公文四级标题"] == "（1）路基工程"
    assert by_style["公文主送机关"] == "大理白族自治州人民政府："
    quoted = next(one for one in document.paragraphs if one.text.startswith("“十四五”"))
    assert quoted.runs[0].text.startswith("“十四五”")
    assert quoted.runs[0]._r.rPr.rFonts.get(qn("w:hint")) == "eastAsia"
    assert [run.text for run in quoted.runs if run._r.rPr is None] == ["1234", "2025", "12%"]
    assert "{{" not in "".join(one.text for one in document.paragraphs)


def test_tables_repeat_their_headings_and_tear_no_row() -> None:
    table = docx.Document(io.BytesIO(written())).tables[0]
    rows = table._tbl.tr_lst
    assert len(rows) == 1 + len(TABLE.rows)
    assert [row.trPr.find(qn("w:tblHeader")) is not None for row in rows] == [True] + [False] * len(TABLE.rows)
    assert all(row.trPr.find(qn("w:cantSplit")) is not None for row in rows)


def test_the_same_paper_gives_the_same_bytes() -> None:
    assert written() == word.write(replace(CIRCULAR))
    with zipfile.ZipFile(io.BytesIO(written())) as packed:
        assert {one.date_time for one in packed.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_an_english_paper_has_no_red_head() -> None:
    document = docx.Document(io.BytesIO(word.write(ENGLISH)))
    assert document.sections[0]._sectPr.find(qn("w:docGrid")) is None
    assert "FF0000" not in document.element.xml


def test_an_office_changes_its_template_in_word(tmp_path: Path, settings: object) -> None:
    call_command("papers", "templates", str(tmp_path))
    assert {one.name for one in tmp_path.iterdir()} == {
        "document.docx",
        "letter.docx",
        "minutes.docx",
        "plain.docx",
        "plain-en.docx",
    }
    with pytest.raises(CommandError):
        call_command("papers", "templates", str(tmp_path))
    own = docx.Document(str(tmp_path / "document.docx"))
    own.styles["公文正文"].font.size = docx.shared.Pt(15)
    own.add_paragraph("联系处：督查室", style="公文正文")
    own.save(str(tmp_path / "document.docx"))
    settings.PAPER_TEMPLATES = str(tmp_path)  # type: ignore[attr-defined]
    made = docx.Document(io.BytesIO(word.write(CIRCULAR)))
    assert made.styles["公文正文"].font.size.pt == 15
    assert made.paragraphs[-1].text == "联系处：督查室"
    assert any(one.text == "一、总体情况" for one in made.paragraphs)


def test_a_template_that_cannot_be_used_is_refused(tmp_path: Path, settings: object) -> None:
    settings.PAPER_TEMPLATES = str(tmp_path)  # type: ignore[attr-defined]
    (tmp_path / "document.docx").write_bytes(b"no zip")
    with pytest.raises(Refused) as refused:
        word.write(CIRCULAR)
    assert (refused.value.code, refused.value.params["problem"]) == ("paper_template", word.NO_WORD)
    empty = docx.Document()
    empty.add_paragraph("公文")
    empty.save(str(tmp_path / "document.docx"))
    with pytest.raises(Refused) as refused:
        word.write(CIRCULAR)
    assert refused.value.params["problem"] == word.NO_PLACE


def test_every_proprietary_face_has_a_free_one() -> None:
    rules = converting.font_rules("cache")
    for name in ("仿宋_GB2312", "楷体_GB2312", "黑体", "方正小标宋简体", "宋体"):
        assert f'<test name="family" qual="any"><string>{name}</string>' in rules
        assert fonts.STANDS_FOR[name][-1].startswith("Noto")


def test_without_libreoffice_the_sentence_says_so(monkeypatch: pytest.MonkeyPatch, settings: object) -> None:
    settings.PAPER_PDF = "libreoffice"  # type: ignore[attr-defined]
    monkeypatch.setattr(converting, "program", str)
    with pytest.raises(Refused) as refused:
        pdf.write(CIRCULAR)
    assert refused.value.code == "paper_not_drawn"


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["document", "letter"])
def test_the_word_file_renders_as_the_standard_says(kind: str, settings: object) -> None:
    if not converting.program():
        pytest.skip("LibreOffice Writer is not installed: apt-get install libreoffice-writer-nogui")
    settings.PAPER_PDF = "libreoffice"  # type: ignore[attr-defined]
    paper = CIRCULAR if kind == "document" else LETTER
    pages = Pages(pdf.write(replace(paper, blocks=(papers.Paragraph(HAN * 60),))))
    lines = pages.lines(1)
    full = [line for line in lines if line.text in HAN * 3]
    assert len(full) > 15
    assert {len(line.text) for line in full[:-1]} == {28}
    for above, below in pairwise(full):
        assert below.foot - above.foot == pytest.approx(28.95, abs=0.1)
    for line in full[:-1]:
        assert line.left == pytest.approx(28 * MM, abs=1.5)
        assert line.right == pytest.approx((210 - 26) * MM, abs=1.5)
    foot = (297 - 35) * MM
    numbers = [[line for line in pages.lines(at, 14) if line.foot > foot] for at in range(len(pages))]
    said = ["".join(line.text for line in some) for some in numbers]
    assert said[1:] == [f"—{at}—" for at in range(2, len(pages) + 1)]
    assert said[0] == ("—1—" if kind == "document" else "")
    assert numbers[1][0].left == pytest.approx(28 * MM + 14, abs=2)
    if kind == "document":
        assert numbers[0][0].right == pytest.approx((210 - 26) * MM - 14, abs=2)
        last = [line.text for line in pages.lines(len(pages) - 1, 14) if line.foot < foot]
        assert last == ["抄送：省委办公厅、省政协办公厅。", "云南省人民政府督查室2026年3月1日印发"]
        lowest = max(line.foot for line in pages.lines(len(pages) - 1, 14) if line.foot < foot)
        assert foot - lowest < 28.95 / 2 + 3
