"""公文: the rules of official papers, without a page drawn."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luoshi.rules import papers
from luoshi.rules.papers import laying, lettering, measures
from luoshi.rules.papers.lettering import heading_number
from luoshi.rules.refusals import Refused

DAY = dt.date(2026, 3, 1)
PLAIN = papers.Paper(
    papers.Kind.CIRCULAR,
    "zh-hans",
    "关于有关情况的通报",
    (papers.Paragraph("正文。"),),
    mark="云南省人民政府督查室文件",
    number="云督〔2026〕3号",
    to=("大理白族自治州人民政府",),
)


def but(**values: object) -> papers.Paper:
    """The plain paper with something else in it."""
    return dataclasses.replace(PLAIN, **values)  # type: ignore[arg-type]


def code_of(paper: papers.Paper) -> str:
    """What it is refused for."""
    with pytest.raises(Refused) as refused:
        papers.check(paper)
    return refused.value.code


def test_the_text_block_is_what_the_margins_leave() -> None:
    assert (measures.MARGIN_RIGHT, measures.MARGIN_BOTTOM) == (26, 35)
    assert measures.LINES * measures.LINE_PITCH <= measures.TEXT_HEIGHT * measures.POINTS_IN_MM
    wide = measures.CHARACTERS * (measures.SIZE_BODY + measures.TRACKING)
    assert wide == pytest.approx(measures.TEXT_WIDTH * measures.POINTS_IN_MM)
    assert measures.TITLE_CHARACTERS == 20


@pytest.mark.parametrize("number", ["云督〔2026〕3号", "云政办发〔2026〕128号", "YD〔2026〕1号"])
def test_a_number_as_the_standard_has_it(number: str) -> None:
    assert papers.check_number(number) == number


@pytest.mark.parametrize(
    "number",
    [
        "云督〔2026〕03号",
        "云督[2026]3号",
        "云督（2026）3号",
        "云督【2026】3号",
        "云督〔26〕3号",
        "云督〔2026〕第3号",
        "云督〔2026〕3",
        "云督〔2026〕0号",
        "云督〔２０２６〕3号",
        "〔2026〕3号",
        "云督 〔2026〕 3号",
        "第3期",
    ],
)
def test_any_other_number_is_refused(number: str) -> None:
    assert code_of(but(number=number)) == "paper_number"


def test_minutes_may_count_issues() -> None:
    minutes = but(kind=papers.Kind.MINUTES, number="第3期")
    assert papers.check(minutes) is minutes
    assert code_of(but(kind=papers.Kind.MINUTES, number="第03期")) == "paper_number"


def test_what_a_paper_cannot_do_without() -> None:
    assert papers.check(PLAIN) is PLAIN
    assert code_of(but(title=" ")) == "paper_title"
    assert code_of(but(mark="")) == "paper_mark"
    assert code_of(but(kind=papers.Kind.LETTER, to=())) == "paper_to"
    assert code_of(but(to=("大理白族自治州人民政府：",))) == "paper_to"
    assert code_of(but(blocks=())) == "paper_no_text"
    assert code_of(but(title="关于2026年03月01日会议的通报")) == "paper_date"
    assert code_of(but(title="关于2026年3月05日会议的通报")) == "paper_date"


def test_levels_are_not_skipped() -> None:
    one, three = papers.Heading(1, "总体要求"), papers.Heading(3, "步骤")
    assert code_of(but(blocks=(one, three))) == "paper_level"
    assert code_of(but(annexes=(papers.Annex("清单", (three,)),))) == "paper_level"


def test_a_table_has_as_many_cells_as_columns() -> None:
    table = papers.Table((papers.Column("甲"), papers.Column("乙")), (("一", "二"), ("三",)))
    assert code_of(but(blocks=(table,))) == "paper_table"


@pytest.mark.parametrize(
    ("title", "code"),
    [
        ("关于" + "很" * 20 + "\n通报", "paper_title_line"),
        ("关于通报\n的说明", "paper_title_line"),
        ("关于《\n条例》的通报", "paper_title_line"),
        ("一\n二\n三\n四\n五\n六", "paper_title_line"),
    ],
)
def test_a_title_broken_badly_is_refused(title: str, code: str) -> None:
    assert code_of(but(title=title)) == code


def test_a_title_turns_over_where_words_end() -> None:
    title = "云南省人民政府督查室关于报送高原特色农业现代化等3项重点工作办理情况的通报"
    ends = {0}
    for word in (
        "云南省人民政府督查室",
        "关于",
        "报送",
        "高原特色",
        "农业现代化",
        "等",
        "3项",
        "重点工作",
        "办理情况",
        "的",
        "通报",
    ):
        ends.add(max(ends) + len(word))
    lines = papers.title_lines(title, ends)
    assert lines == ("云南省人民政府督查室关于报送高原特色", "农业现代化等3项重点工作办理情况的通报")
    assert papers.title_lines("关于督办“建成县域医疗中心”等15项任务的函")[0].endswith(("”", "”等"))
    assert papers.title_lines("甲\n 乙 ") == ("甲", "乙")


@given(st.text(alphabet="关于进一步加强督查工作的通知、和“”《》（）2026ABC", min_size=1, max_size=90))
def test_a_title_keeps_every_character_and_fits_its_lines(title: str) -> None:
    lines = papers.title_lines(title)
    assert "".join(lines) == title
    assert all(lettering.width(line) <= measures.TITLE_CHARACTERS for line in lines)


@given(st.text())
def test_runs_are_the_text(text: str) -> None:
    found = papers.runs(text)
    assert "".join(run.text for run in found) == text
    assert all(a.latin is not b.latin for a, b in itertools.pairwise(found))


def test_digits_are_latin_and_quotation_marks_chinese() -> None:
    found = papers.runs("“十四五”期间完成GDP1,234.5亿元——增长12.5%…")
    assert [run.text for run in found if run.latin] == ["GDP1,234.5", "12.5%"]
    assert found[0].text == "“十四五”期间完成"


def test_days_and_numbers_have_no_zeros_before_them() -> None:
    assert papers.date_text(DAY) == "2026年3月1日"
    assert papers.date_text(DAY, "en") == "1 March 2026"
    assert [lettering.han_number(n) for n in (1, 10, 11, 20, 35, 99)] == [
        "一",
        "十",
        "十一",
        "二十",
        "三十五",
        "九十九",
    ]
    with pytest.raises(ValueError, match="heads nothing"):
        lettering.han_number(100)


def test_headings_are_numbered_within_the_one_above() -> None:
    blocks = tuple(papers.Heading(level, "甲") for level in (1, 2, 2, 3, 4, 4, 3, 1, 2))
    numbers = [number for _block, number in laying.numbered(blocks, "zh-hans")]
    assert numbers == ["一、", "（一）", "（二）", "1.", "（1）", "（2）", "2.", "二、", "（一）"]
    assert heading_number(2, 3, "en") == "(c) "


def test_a_sealed_signature_is_centred_over_the_date() -> None:
    told = laying.signed(papers.Signature("云南省人民政府督查室", DAY), "zh-hans")
    day = lettering.width("2026年3月1日")
    assert (told.date_right, told.above) == (4, 2)
    assert told.body_right + 10 / 2 == pytest.approx(4 + day / 2)


def test_an_unsealed_signature_stands_two_characters_in() -> None:
    told = laying.signed(papers.Signature("云南省人民政府督查室", DAY, sealed=False), "zh-hans")
    day = lettering.width("2026年3月1日")
    assert (told.body_right, told.above) == (2, 1)
    assert told.date_right + day == pytest.approx(2 + 10 - 2), "its first character two right of the body's"
    short = laying.signed(papers.Signature("省厅", DAY, sealed=False), "zh-hans")
    assert (short.date_right, short.body_right) == (2, 2 + day - 2 + 2)


def test_a_long_body_pushes_the_date_in_and_not_itself_out() -> None:
    told = laying.signed(papers.Signature("云" * 24, DAY), "zh-hans")
    assert told.body_right == 0
    assert told.date_right > 4


def test_the_imprint_in_lines() -> None:
    imprint = papers.Imprint(("省委办公厅", "省政协办公厅"), "云南省人民政府督查室", DAY)
    assert laying.imprint_lines(but(imprint=imprint)) == [
        ("抄送：省委办公厅、省政协办公厅。", None),
        ("云南省人民政府督查室", "2026年3月1日印发"),
    ]
    letter = but(kind=papers.Kind.LETTER, imprint=imprint)
    assert laying.imprint_lines(letter) == [("抄送：省委办公厅、省政协办公厅。", None)], (
        "letters name no printer (10.1)"
    )
    assert laying.imprint_lines(PLAIN) == []


def test_attachments_are_numbered_when_there_are_several() -> None:
    one = but(annexes=(papers.Annex("任务清单", (papers.Paragraph("甲"),)),))
    assert laying.attached(one) == {"name": "附件：", "lines": ["任务清单"]}
    assert laying.annex_name(one, 0) == "附件"
    two = but(annexes=one.annexes * 2)
    assert laying.attached(two)["lines"] == ["1. 任务清单", "2. 任务清单"]
    assert laying.annex_name(two, 1) == "附件2"


def test_the_same_words_have_the_same_digest() -> None:
    assert papers.digest(PLAIN) == papers.digest(but())
    assert papers.digest(PLAIN) != papers.digest(but(number="云督〔2026〕4号"))
    heading = but(blocks=(papers.Heading(1, "正文。"),))
    assert papers.digest(heading) != papers.digest(PLAIN)


def test_english_papers_are_plain_whatever_they_are() -> None:
    for kind in papers.Kind:
        assert but(kind=kind, language="en").form is papers.Form.PLAIN
    assert papers.check(but(language="en", mark="")).form is papers.Form.PLAIN
