"""Ledgers as offices keep them: headings, rows, dates; nothing is guessed."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luoshi.rules.documents import ledgers
from luoshi.rules.documents.ledgers import RowKind

ROWS = [
    ["全省十件事任务台账", None, None, None, None],
    ["填报单位：省委督查室", None, None, None, None],
    ["序号", "工作任务", None, "责任\n单位", "完成时限"],
    [None, "任务名称", "具体要求", None, None],
    [1, "管网", "补齐短板", "玉溪市", "2026年6月底"],
    ["小计", None, None, None, 1],
    ["一、生态", "一、生态", "一、生态", "一、生态", "一、生态"],
    ["序号", "任务名称", "具体要求", "责任单位", "完成时限"],
    [None, " ", None, None, None],
    ["注：以上任务按月报送", None, None, None, None],
]
MERGED = [(1, 1, 1, 5), (2, 1, 2, 5), (3, 1, 4, 1), (3, 2, 3, 3), (3, 4, 4, 4), (3, 5, 4, 5)]


def test_merged_headings_are_read_across_their_lines() -> None:
    layout = ledgers.find_layout(ROWS, MERGED)
    assert layout is not None
    assert (layout.first_line, layout.last_line) == (3, 4)
    assert layout.headings == ("序号", "工作任务/任务名称", "工作任务/具体要求", "责任单位", "完成时限")
    assert dict(layout.guess) == {"title": 2, "requirement": 3, "lead": 4, "due_on": 5}


def test_every_line_below_is_what_it_is() -> None:
    layout = ledgers.find_layout(ROWS, MERGED)
    assert layout is not None
    kinds = [ledgers.kind_of_row(row, layout, layout.guess) for row in ledgers.filled(ROWS, MERGED)[4:]]
    assert kinds == [
        RowKind.TASK,
        RowKind.TOTAL,
        RowKind.SECTION,
        RowKind.HEADING,
        RowKind.BLANK,
        RowKind.NOTE,
    ]


def test_a_table_without_headings_is_none() -> None:
    assert ledgers.find_layout([["a", "b"], [1, 2]], []) is None
    assert ledgers.find_layout([], []) is None


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("2026年6月30日", dt.date(2026, 6, 30)),
        ("２０２６．６．３０", dt.date(2026, 6, 30)),
        ("2026-06-30前", dt.date(2026, 6, 30)),
        ("2026年6月底前", dt.date(2026, 6, 30)),
        ("2024年2月", dt.date(2024, 2, 29)),
        ("2026年 6月中旬", dt.date(2026, 6, 20)),
        ("2026年底", dt.date(2026, 12, 31)),
        ("2026年第二季度", dt.date(2026, 6, 30)),
        (46203, dt.date(2026, 6, 30)),
        (dt.datetime(2026, 6, 30, 8, tzinfo=dt.UTC), dt.date(2026, 6, 30)),
        (dt.date(2026, 6, 30), dt.date(2026, 6, 30)),
    ],
)
def test_days_as_offices_write_them(value: object, day: dt.date) -> None:
    assert ledgers.read_due(value) == ledgers.Due(day)


@pytest.mark.principle(10)
@pytest.mark.parametrize(
    "value", ["6月底", "年底前", "上半年", "2026年6月前", "尽快", "2026-02-30", "2026年13月", 12, "第三季度"]
)
def test_a_date_that_may_be_two_days_or_none_is_told(value: object) -> None:
    due = ledgers.read_due(value)
    assert due.day is None
    assert due.problem


def test_what_is_kept_up_for_good_has_no_day() -> None:
    assert ledgers.read_due("长期坚持").standing
    assert ledgers.read_due("每季度").standing
    assert ledgers.read_due("") == ledgers.read_due(None) == ledgers.Due()


@given(st.one_of(st.none(), st.text(max_size=30), st.integers(), st.floats(allow_nan=False), st.dates(), st.booleans()))
def test_any_cell_is_a_day_or_a_reason(value: object) -> None:
    due = ledgers.read_due(value)
    assert not (due.day and due.problem)


@given(st.lists(st.lists(st.one_of(st.none(), st.text(max_size=8), st.integers()), max_size=6), max_size=30))
def test_any_table_is_read_or_is_none(rows: list[list[object]]) -> None:
    layout = ledgers.find_layout(rows, [(1, 1, 2, 2)])
    for row in ledgers.filled(rows, [(1, 1, 2, 2)]) if layout else []:
        assert layout is not None
        assert ledgers.kind_of_row(row, layout, layout.guess) in RowKind


def test_units_of_one_cell() -> None:
    assert ledgers.unit_names("省发展改革委、 省财政厅\n省水利厅；1、") == ["省发展改革委", "省财政厅", "省水利厅"]
    assert ledgers.means_everybody("各州（市）人民政府")
    assert not ledgers.means_everybody("大理州")
    assert ledgers.title_from("补齐两污治理短板。五县连通") == "补齐两污治理短板"
