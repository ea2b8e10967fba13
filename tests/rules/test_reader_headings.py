"""Units a heading names hold for the parts below it, until another is named; they carry the heading's words."""

from __future__ import annotations

from datetime import date

import pytest

from luoshi.rules.documents.reader import read
from luoshi.rules.documents.reader.findings import LIKELY, Role

DAY = date(2024, 1, 5)
DONE = "建立项目台账，2024年6月底前完成。"
VISIT = "开展企业走访，及时解决问题。"
BUILD = "新建养老服务中心3个。"
FUND = "落实资金保障，6月底前拨付到位。"


def told(text: str) -> list[tuple[str, list[str], list[str]]]:
    """The beginning of each item, its leads, and its other units; every name reads back from its span."""
    out = []
    for item in read(text, date=DAY).items:
        for unit in item.units:
            assert text[unit.name.span.start : unit.name.span.end] == unit.name.value
        leads = [one.value for one in item.named(Role.LEAD)]
        others = [unit.name.value for unit in item.units if unit.role is not Role.LEAD]
        out.append((item.requirement.value[:4], leads, others))
    return out


@pytest.mark.parametrize(
    "text",
    [
        f"一、优化营商环境（牵头单位：市发改委；配合单位：市财政局）\n1.{DONE}\n2.{VISIT}\n",
        f"一、优化营商环境\n牵头单位：市发改委\n配合单位：市财政局\n1.{DONE}\n2.{VISIT}\n",
        f"## 一、优化营商环境\n**牵头单位：市发改委**\n配合单位：市财政局\n- {DONE}\n- {VISIT}\n",
    ],
)
def test_a_heading_gives_its_units(text: str) -> None:
    assert told(text) == [("建立项目", ["市发改委"], ["市财政局"]), ("开展企业", ["市发改委"], ["市财政局"])]
    for item in read(text, date=DAY).items:
        assert {(unit.rule, unit.name.confidence) for unit in item.units} == {("heading", LIKELY)}


def test_a_task_gives_its_units_to_its_parts() -> None:
    text = (
        "（一）推进管网改造。全面摸清底数，分类推进整治工作。牵头单位：市住建局；责任单位：各县政府。\n"
        f"1.{DONE}\n2.{BUILD}（市民政局负责）\n（二）加强河湖管护。压实河长责任，完善巡河制度。\n1.{VISIT}\n"
    )
    assert told(text) == [
        ("全面摸清", ["市住建局"], ["各县政府"]),
        ("建立项目", ["市住建局"], ["各县政府"]),
        ("新建养老", ["市民政局"], []),
        ("开展企业", [], []),
    ]


def test_a_part_that_names_its_own_keeps_it() -> None:
    text = (
        f"一、改善民生（牵头单位：市民政局）\n1.{BUILD}\n2.开展救助，由市人社局牵头落实。\n3.{VISIT}（市工信局负责）\n"
    )
    assert told(text) == [
        ("新建养老", ["市民政局"], []),
        ("开展救助", ["市人社局"], []),
        ("开展企业", ["市工信局"], []),
    ]


def test_lines_before_the_parts_hold_until_another_is_named() -> None:
    text = f"重点任务清单\n牵头单位：市发改委\n1.{DONE}\n2.{VISIT}\n牵头单位：市财政局\n3.{FUND}\n4.形成评价报告。\n"
    leads = [leads for _words, leads, _others in told(text)]
    assert leads == [["市发改委"], ["市发改委"], ["市财政局"], ["市财政局"]]


def test_lines_after_each_part_are_its_own() -> None:
    """Where every part has its line below it, none of them holds for the next; one at the head says nothing of them."""
    each = f"1.{DONE}\n牵头单位：市发改委\n2.{VISIT}\n牵头单位：市工信局\n3.{FUND}\n牵头单位：市财政局\n"
    for text in (f"任务清单\n{each}", f"任务清单\n牵头单位：市政府办\n{each}"):
        assert [leads for _words, leads, _others in told(text)] == [["市发改委"], ["市工信局"], ["市财政局"]]


def test_what_no_heading_says_stays_empty() -> None:
    assert told(f"一、优化营商环境\n1.{DONE}\n2.{VISIT}\n") == [("建立项目", [], []), ("开展企业", [], [])]
    text = f"任务清单\n牵头单位：市政府办\n1.{DONE}\n2.{VISIT}\n3.{FUND}\n"
    assert [leads for _words, leads, _others in told(text)] == [[], [], []]
