"""Headings as offices write them: what they mean, what stays in doubt, and that our own labels always win."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from django.utils import translation
from django.utils.translation import gettext
from tests.delivery.test_import_acts import excel, run, three
from tests.delivery.world import World

from luoshi.delivery.models import Report
from luoshi.delivery.schemas import ActRow, Outcome, perform_rows, sheets
from luoshi.delivery.schemas.headings import SYNONYMS, meant, plain
from luoshi.delivery.schemas.inputs import INPUTS
from luoshi.ledger.models import Entry
from luoshi.rules.columns import about_people
from luoshi.rules.refusals import Refused


def read(*rows: list[Any], act: str = "report") -> list[dict[str, Any]]:
    """What each row says, beside its number and version."""
    return [
        {"ref": row.ref, "version": row.version, **row.data}
        for row in sheets.read_acts(csv(rows), "t.csv", act=act).rows
    ]


def csv(rows: tuple[list[Any], ...]) -> bytes:
    return "\n".join(",".join("" if cell is None else str(cell) for cell in row) for row in rows).encode()


@pytest.mark.parametrize(
    "headings",
    [
        ["任务编号", "版本号", "进度", "完成情况", "存在问题", "下一步打算"],
        ["督办编号", "版次", "完成率", "进展", "存在的困难和问题", "下步工作计划"],
        ["文号", "版本", "完成进度（%）", "工作进展情况", "问题及困难", "下一步工作措施"],
        ["任务编号", "版本", "目前进度", "进度", "主要困难", "下一步计划"],
        ["Task No.", "Version no", "% complete", "Progress made", "Difficulties", "Next steps"],
        ["ref", "version", "Progress", "Status update", "issues", "next actions"],
    ],
)
def test_a_sheet_headed_as_offices_do_is_a_report(headings: list[str]) -> None:
    assert read(
        headings, ["YN-1", 3, "60%", "管网接通六成", "雨季", "六月通水"], ["YN-2", 4, 20, "已开工", "", ""]
    ) == [
        {
            "ref": "YN-1",
            "version": 3,
            "percent": 60,
            "words": "管网接通六成",
            "problems": "雨季",
            "next_step": "六月通水",
        },
        {"ref": "YN-2", "version": 4, "percent": 20, "words": "已开工"},
    ]


def test_reasons_dates_and_posts_have_other_names_too() -> None:
    asked = read(
        ["任务编号", "版本号", "延期至", "延期原因"], ["YN-1", 3, "2026年6月30日", "雨季"], act="ask-extension"
    )
    assert asked == [{"ref": "YN-1", "version": 3, "new_due_on": "2026-06-30", "reason": "雨季"}]
    assert read(["任务编号", "版本", "责任人"], ["YN-1", 3, "科长"], act="assign")[0]["post"] == "科长"
    english = read(["task id", "version", "deadline", "title"], ["YN-1", 3, "2026-06-30", "x"], act="edit")
    assert english[0]["due_on"] == "2026-06-30"


def test_progress_is_a_percentage_or_words_by_what_stands_below() -> None:
    assert read(["文号", "进度", "完成率"], ["A", "已开工", 10]) == [
        {"ref": "A", "version": None, "percent": 10, "words": "已开工"}
    ]
    assert read(["文号", "进度", "项目进度"], ["A", "40％", "已开工"]) == [
        {"ref": "A", "version": None, "percent": 40, "words": "已开工"}
    ]
    mixed = read(["文号", "进度", "完成情况"], ["A", "40", "已开工"], ["B", "基本完成", "已完工"])
    assert mixed[0] == {"ref": "A", "version": None, "percent": 40, "words": "已开工"}
    assert "words" not in mixed[1], "the row is refused beside its cell, and the others go on"


@pytest.mark.parametrize(
    ("headings", "row", "code"),
    [
        (["文号", "完成情况", "进展情况"], ["A", "已开工", "三成"], "heading_twice"),
        (["文号", "完成率", "完成进度", "进展"], ["A", 3, 4, "x"], "heading_twice"),
        (["任务编号", "督办编号", "进展"], ["A", "B", "x"], "heading_twice"),
        (["文号", "版本号", "版次", "进展"], ["A", 3, 4, "x"], "heading_twice"),
    ],
)
def test_two_columns_for_one_thing_are_asked_about(headings: list[str], row: list[Any], code: str) -> None:
    with pytest.raises(Refused) as refused:
        read(headings, row)
    assert refused.value.code == code


def test_a_column_that_mixes_percentages_and_words_is_asked_about() -> None:
    with pytest.raises(Refused) as refused:
        read(["文号", "进度"], ["A", "40%"], ["B", "基本完成"])
    assert refused.value.code == "heading_unclear"


def test_a_sheet_of_reports_need_not_say_so() -> None:
    rows = sheets.read_acts("任务编号,进度,完成情况\nA,40%,已开工\nB,,\n".encode(), "t.csv")
    assert [(row.act, row.ref, dict(row.data)) for row in rows.rows] == [
        ("report", "A", {"percent": 40, "words": "已开工"})
    ]
    assert rows.skipped == 1
    with pytest.raises(Refused) as twice:
        sheets.read_acts("任务编号,进度,完成情况,进展情况\nA,40%,已开工,三成\n".encode(), "t.csv")
    assert twice.value.code == "heading_twice"


def test_what_no_row_needs_is_not_asked_about() -> None:
    assert len(read(["文号", "版本", "责任人", "经办人", "进度", "进展"], ["A", 3, "科长", "主任", 40, "已开工"])) == 1
    assert len(read(["文号", "版本", "问题", "困难", "完成率", "进展"], ["A", 3, "", "雨季", 40, "已开工"])) == 1, (
        "an empty column means nothing"
    )


def test_our_own_labels_win_over_other_names() -> None:
    own = read(["文号", "进度", "percent", "words", "完成情况"], ["A", "30%", 60, "管网接通", "别处写的"])
    assert own == [{"ref": "A", "version": None, "percent": 60, "words": "管网接通"}]


def test_no_other_name_is_a_label_of_ours_or_would_hold_people() -> None:
    names = {name: {plain(word) for word in words} for name, words in SYNONYMS.items()}
    for language in ("en", "zh-hans"):
        with translation.override(language):
            for model, (name, words) in itertools.product(INPUTS.values(), names.items()):
                for other, info in model.model_fields.items():
                    label = plain(gettext(info.title or other))
                    assert other == name or label not in words or "percent" in (name, other), (other, name, label)
    assert not [word for word in itertools.chain(*SYNONYMS.values()) if about_people(word)]
    assert {one for one in itertools.chain(*SYNONYMS.values()) if not meant(one)} == set()
    twice = {word for words in SYNONYMS.values() for word in words if len(meant(word)) > 1}
    assert {meant(word) for word in twice} == {("percent", "words")}


def test_a_report_may_come_without_a_version_and_is_made_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: world.at)
    rows = three(world)
    content = excel(
        [
            ["任务编号", "进度", "完成情况", "存在问题"],
            [rows[0].ref, 40, "管网接通四成", "雨季"],
            [rows[1].ref, 50, "设备到场", None],
        ]
    )
    first = run(world, "a_handler", content, "反馈.xlsx")
    assert (first.result["done"], first.result["refused"]) == (2, 0), first.refusals
    entries = Entry.objects.count()
    second = run(world, "a_handler", content, "反馈.xlsx")
    assert (second.result["done"], second.result["again"]) == (0, 2)
    assert (Report.objects.count(), Entry.objects.count()) == (2, entries)
    said = list(Report.objects.order_by("pk").values_list("percent", "words", "problems"))
    assert said == [(40, "管网接通四成", "雨季"), (50, "设备到场", "")]


def test_every_other_act_still_needs_its_version(world: World) -> None:
    c = world.issued()
    entries = Entry.objects.count()
    rows = [ActRow(2, "accept", c.ref, None), ActRow(3, "decline", c.ref, None, {"reason": "不属本单位"})]
    for one in perform_rows(rows, actor=world.who("a_handler"), user=world.users["a_handler"], at=world.at):
        assert one.outcome is Outcome.REFUSED
        assert one.refused is not None
        assert one.refused.code == "version_missing"
    assert Entry.objects.count() == entries
