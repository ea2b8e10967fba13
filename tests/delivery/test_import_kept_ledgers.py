"""Ledgers as offices really keep them: several sheets, moved columns, hidden lines, merged cells, formulas, persons."""

from __future__ import annotations

import datetime as dt
import io
import random
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone
from openpyxl import Workbook, load_workbook
from tests.delivery.world import World

from luoshi.delivery.models import Commitment
from luoshi.delivery.schemas import ledgers
from luoshi.delivery.services.importing import hand_in_ledger, set_sheet_map
from luoshi.ledger.models import Entry
from luoshi.office import jobs as office_jobs
from luoshi.office.adapters import files, tables
from luoshi.office.models import Job
from luoshi.office.services import store_file
from luoshi.rules.refusals import Refused

HEAD = ["序号", "任务名称", "具体要求", "牵头单位", "责任人", "配合单位", "完成时限", "验收标准"]
ROWS: list[list[Any]] = [
    [1, "星云湖管网", "补齐短板", "玉溪市", None, "云南省生态环境厅", "2026年6月底", "通水"],
    [2, "洱海截污", "分两期", "大理州", None, None, "2026-09-30", "不渗漏"],
    [3, "抚仙湖北岸", "全线贯通", "玉溪市人民政府", None, None, "二〇二六年十二月三十一日前完成", None],
]


@pytest.fixture
def now(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(timezone, "now", lambda: world.at)
    return world


def book(*sheets: tuple[str, list[list[Any]]], change: Callable[[Workbook], None] | None = None) -> bytes:
    made = Workbook()
    made.remove(made.worksheets[0])
    for name, rows in sheets:
        page = made.create_sheet(name)
        for row in rows:
            page.append(row)
    if change:
        change(made)
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def run(world: World, content: bytes, *, sheet: str = "", dry_run: bool = False, file: str = "台账.xlsx") -> Job:
    actor, key = world.who("office"), world.programme.key
    stored = store_file(ContentFile(content, file), actor=actor, at=world.at)
    found = ledgers.open_ledger(content, file, sheet)
    columns = {field: at for field, at in found.first.guess.items() if field not in {"ref", "version"}}
    told: dict[str, Any] = {"actor": actor, "programme": key, "signature": found.signature, "at": world.at}
    set_sheet_map(**told, columns=found.headings_of(columns), matter=world.matter.pk)
    job = hand_in_ledger(**told, digest=stored.digest, name=file, dry_run=dry_run, sheet=sheet)
    office_jobs.run_job.call(job.pk)
    job.refresh_from_db()
    assert job.state == "done", job.refusals
    return job


def counts(job: Job) -> tuple[int, int, int]:
    return job.result["done"], job.result["again"], job.result["refused"]


def marked(job: Job) -> Workbook:
    with files.get(job.result["marked"]) as stored:
        return load_workbook(io.BytesIO(stored.read()))


def test_sorted_and_with_columns_moved_it_is_the_same_ledger(now: World) -> None:
    assert counts(run(now, book(("台账", [HEAD, *ROWS])))) == (3, 0, 0)
    entries = Entry.objects.count()
    order = list(range(len(HEAD)))
    random.Random(7).shuffle(order)
    turned = [[row[at] for at in order] for row in [HEAD, *reversed(ROWS)]]
    assert counts(run(now, book(("另一张", turned)))) == (0, 3, 0)
    assert Entry.objects.count() == entries


def test_a_row_changed_without_its_number_is_asked_about_and_doubles_nothing(now: World) -> None:
    run(now, book(("台账", [HEAD, *ROWS])))
    changed = [*ROWS[0][:6], "2026年8月底", "通水"]
    twin = [9, "星云湖管网", "另一期", "玉溪市", None, None, "2027年6月底", None]
    job = run(now, book(("台账", [HEAD, changed, *ROWS[1:]])))
    assert counts(job) == (0, 2, 1)
    assert job.refusals[0]["code"] == "row_changed"
    assert Commitment.objects.count() == 3
    both = run(now, book(("台账", [HEAD, *ROWS, twin])))
    assert counts(both) == (1, 3, 0), "beside the row it resembles it is another task"


def test_sheets_headed_alike_are_read_together_and_others_by_themselves(now: World) -> None:
    other = [["任务", "承办单位", "期限"], ["专项甲", "大理州", "2026-06-30"]]
    content = book(
        ("一季度", [HEAD, ROWS[0]]), ("二季度", [HEAD, *ROWS[1:]]), ("专项", other), ("说明", [["填表说明"]])
    )
    found = ledgers.open_ledger(content, "台账.xlsx")
    assert [page.table.name for page in found.pages] == ["一季度", "二季度"]
    assert found.others == ("专项",)
    job = run(now, content)
    assert counts(job) == (3, 0, 0)
    pages = marked(job)
    assert pages["一季度"]["K2"].value
    assert pages["二季度"]["K3"].value
    assert pages["专项"].max_column == 3
    assert counts(run(now, content, sheet="专项")) == (1, 0, 0)


def test_a_hidden_line_is_told_and_a_hidden_column_waits_for_a_person(now: World) -> None:
    def hide(made: Workbook) -> None:
        page = made["台账"]
        page.row_dimensions[3].hidden = True
        page.column_dimensions["C"].hidden = True

    head = [*HEAD[:2], "工作要求", *HEAD[3:], "具体内容"]
    content = book(("台账", [head, [*ROWS[0], "看得见的要求"], [*ROWS[1], "x"]]), change=hide)
    found = ledgers.open_ledger(content, "台账.xlsx")
    assert found.first.guess["requirement"] == 9, "what is seen is suggested before what is hidden"
    job = run(now, content)
    assert counts(job) == (1, 0, 1)
    assert "隐藏" in str(marked(job)["台账"].cell(3, 11).value)


def test_a_task_over_several_lines_is_one_and_what_is_merged_carries_down(now: World) -> None:
    rows = [
        HEAD,
        [1, "两湖联治", "分县推进", "玉溪市", None, "云南省生态环境厅", "2026年6月底", "玉溪段通水"],
        [None, None, None, None, None, "玉溪市生态环境局", None, "江川段通水"],
        [2, "三岸共管", "逐段验收", "红塔区", None, None, "2026年6月底", None],
        [3, None, None, "通海县", None, None, None, None],
    ]

    def merge(made: Workbook) -> None:
        for place in ("A2:A3", "B2:B3", "C2:C3", "D2:D3", "G2:G3", "B4:B5", "C4:C5", "G4:G5"):
            made["台账"].merge_cells(place)

    job = run(now, book(("台账", rows), change=merge))
    assert counts(job) == (3, 0, 0), job.refusals
    first = Commitment.objects.get(title="两湖联治")
    assert first.criteria == ["玉溪段通水", "江川段通水"]
    assert first.supports.count() == 2
    assert {c.lead.name for c in Commitment.objects.filter(title="三岸共管")} == {"红塔区", "通海县"}


def test_a_person_in_charge_becomes_a_post_and_is_kept_nowhere(now: World) -> None:
    now.users["a_handler"].display_name = "赵某某"
    now.users["a_handler"].save()
    told = ["handler a_handler", "P-a_head", "赵某某", "钱某某", "副head a_head"]
    rows = [[n, f"任务{n}", "要求", "玉溪市", who, None, "2026-06-30", None] for n, who in enumerate(told)]
    job = run(now, book(("台账", [HEAD, *rows])))
    assert counts(job) == (3, 0, 2)
    made = {c.title: c.lead_post.ref for c in Commitment.objects.all() if c.lead_post}
    assert made == {"任务0": "P-a_handler", "任务1": "P-a_head", "任务2": "P-a_handler"}
    page = marked(job)["台账"]
    assert page.cell(5, 5).fill.fgColor.rgb == "FFF2C7C7"
    assert "岗位" in page.cell(5, 5).comment.text
    entries = "".join(Entry.objects.values_list("payload__text", flat=True))
    assert "赵某某" not in entries
    now.audit()


def test_two_units_of_one_name_are_asked_back(now: World) -> None:
    from luoshi.rules.permissions import SYSTEM
    from luoshi.units.services import create_unit

    for code in ("530402", "530423"):
        create_unit(
            actor=SYSTEM,
            at=now.at,
            name="城关镇",
            kind="area",
            level="township",
            parent_id=now.units[code].pk,
            on=dt.date(2024, 1, 1),
        )
    job = run(now, book(("台账", [HEAD, [1, "甲", "乙", "城关镇", None, None, "2026-06-30", None]])))
    assert counts(job) == (0, 0, 1)
    assert job.refusals[0]["code"] == "unit_ambiguous"
    assert "红塔区" in str(marked(job)["台账"].cell(2, 10).value)


def test_a_formula_never_computed_is_told_instead_of_being_empty(now: World) -> None:
    rows = [HEAD, [1, "甲", "=B2&C9", "玉溪市", None, None, "=DATE(2026,6,30)", None]]
    job = run(now, book(("台账", rows)))
    assert counts(job) == (0, 0, 1)
    assert marked(job)["台账"]["C2"].value == "=B2&C9", "the sheet stays as it was"
    assert "公式" in str(marked(job)["台账"].cell(2, 10).value)


@pytest.mark.parametrize(
    ("told", "day"),
    [
        (dt.datetime(2026, 6, 30, tzinfo=dt.UTC), "2026-06-30"),
        (46203, "2026-06-30"),
        (20260630, "2026-06-30"),
        ("46203", "2026-06-30"),
        ("20260630", "2026-06-30"),
        ("2026-6-30", "2026-06-30"),
        ("2026/06/30", "2026-06-30"),
        ("2026.6.30", "2026-06-30"),
        ("２０２６．６．３０", "2026-06-30"),
        ("2026-06-30 00:00:00", "2026-06-30"),
        ("2026年6月30日", "2026-06-30"),
        ("2026 年 6 月 30 日前", "2026-06-30"),
        ("于2026年6月底前完成", "2026-06-30"),
        ("2026年6月", "2026-06-30"),
        ("2026年6月中旬", "2026-06-20"),
        ("2026年第二季度", "2026-06-30"),
        ("2026年上半年", "2026-06-30"),
        ("2026年底", "2026-12-31"),
        ("二〇二六年六月三十日", "2026-06-30"),
        ("二○二六年十二月底", "2026-12-31"),
        ("30/6/2026", "日、月先后"),
        ("2026年6月至9月", "不止一个日期"),
        ("2026年6月底，长期坚持", "长期"),
        ("6月底", "年份"),
        ("尽快", "不是日期"),
    ],
)
def test_dates_in_twenty_manners(told: Any, day: str) -> None:
    from django.utils import translation
    from django.utils.translation import gettext

    from luoshi.rules.documents.ledgers import read_due

    due = read_due(told)
    if due.day is not None:
        assert due.day.isoformat() == day
    else:
        with translation.override("zh-hans"):
            assert day in gettext(due.problem) % {"value": told}


def zipped(**parts: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return made.getvalue()


def patched(content: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            text = old.read(info.filename)
            new.writestr(info.filename, change(text) if info.filename == part else text)
    return made.getvalue()


GOOD = book(("台账", [HEAD, *ROWS]))
SHEET = "xl/worksheets/sheet1.xml"
ENTITY = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
KINDS, MACROS = "[Content_Types].xml", b".sheet.macroEnabled.main"
DATA = b"<sheetData>"
MANY = b"".join(b'<row r="%d"/>' % line for line in range(1, 1_048_578))
WIDE = b'<row r="1">' + b"".join(b"<c><v>%d</v></c>" % (n * 7919 % 1_000_003) for n in range(700_000)) + b"</row>"


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("炸弹.xlsx", patched(GOOD, SHEET, lambda text: text + b" " * 150_000_000), "file_bomb"),
        ("实体.xlsx", patched(GOOD, SHEET, lambda text: ENTITY + text.partition(b"?>")[2]), "table_damaged"),
        ("宏.xlsm", patched(GOOD, KINDS, lambda text: text.replace(b".sheet.main", MACROS)), "file_macros"),
        ("加密.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "file_old_office"),
        ("旧版.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "file_old_office"),
        ("图片.xlsx", b"\x89PNG\r\n\x1a\n" + b"\0" * 60, "file_damaged"),
        ("文档.xlsx", zipped(a_xml=b"<a/>"), "file_type"),
        ("半截.xlsx", GOOD[: len(GOOD) // 2], "file_damaged"),
        ("太长.xlsx", patched(GOOD, SHEET, lambda text: text.replace(DATA, DATA + MANY)), "table_too_long"),
        ("太密.xlsx", patched(GOOD, SHEET, lambda text: text.replace(DATA, DATA + WIDE)), "table_too_long"),
        ("空.xlsx", b"", "file_empty"),
    ],
)  # fmt: skip
def test_a_bad_file_is_refused_with_its_code(name: str, content: bytes, code: str) -> None:
    with pytest.raises(Refused) as refused:
        tables.read_tables(content, name)
    assert refused.value.code == code


def test_the_command_imports_a_ledger(now: World, tmp_path: Path) -> None:
    file, back = tmp_path / "台账.xlsx", tmp_path / "标注.xlsx"
    head = ["序号", "事情", *HEAD[2:]]
    file.write_bytes(book(("台账", [head, *ROWS, [4, "甲", "乙", "丙", None, None, None, None]])))
    words = ["import", str(file), "--as", "office", "--programme", now.programme.key]
    with pytest.raises(CommandError) as refused:
        call_command(*words, stdout=io.StringIO(), stderr=io.StringIO())
    assert refused.value.returncode == 1, "no matter was named"
    errors, out = io.StringIO(), io.StringIO()
    with pytest.raises(CommandError) as refused:
        call_command(
            *words, "--matter", "3", "--column", "title=事情", "--marked", str(back), stdout=out, stderr=errors
        )
    assert refused.value.returncode == 1
    assert "[unit_unknown]" in errors.getvalue()
    assert Commitment.objects.filter(title="洱海截污").exists()
    assert load_workbook(back)["台账"].max_column == 12
    with pytest.raises(CommandError) as refused:
        call_command(*words, "--column", "title=没有", stdout=out, stderr=errors)
    assert refused.value.returncode == 2
    with pytest.raises(CommandError) as refused:
        call_command("import", str(tmp_path / "none.xlsx"), "--as", "office", "--programme", now.programme.key)
    assert refused.value.returncode == 1
    file.write_bytes(book(("台账", [head, *ROWS])))
    call_command(*words, stdout=out, stderr=errors)
    assert Commitment.objects.count() == 3
