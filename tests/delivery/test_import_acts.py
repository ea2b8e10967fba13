"""Acts from a file: read, tried, done once, refused row by row, marked beside the cells."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from openpyxl import Workbook, load_workbook
from tests.delivery.world import World

from luoshi.delivery.models import Commitment, Report
from luoshi.delivery.schemas import ActRow, Outcome, perform_rows, sheets
from luoshi.delivery.services import importing
from luoshi.ledger.models import Entry
from luoshi.office import jobs as office_jobs
from luoshi.office.adapters import files
from luoshi.office.models import Job, StoredFile
from luoshi.rules.lifecycle import State
from luoshi.rules.refusals import Refused


def excel(rows: list[list[Any]], *, merge: str = "") -> bytes:
    """A workbook of one sheet."""
    book = Workbook()
    page = book.worksheets[0]
    for row in rows:
        page.append(row)
    if merge:
        page.merge_cells(merge)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def three(world: World) -> list[Commitment]:
    return [world.accepted() for _number in range(3)]


def reports(rows: list[Commitment]) -> list[list[Any]]:
    return [
        ["十件事台账（演示）"],
        ["文号", "任务", "版本", "进度", "percent", "words"],
        [rows[0].ref, "甲", rows[0].version, "x", 0.4, "管网接通四成"],
        [rows[1].ref, "乙", rows[1].version, "x", 140, "写错了"],
        [rows[2].ref, "丙", rows[2].version, "x", None, None],
        [rows[2].ref, "丙", 1, "x", 30, "看的是旧版本"],
    ]


@pytest.fixture
def now(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """The world at its own moment; whoever hands in reads Chinese, whatever was read before."""
    monkeypatch.setattr(timezone, "now", lambda: world.at)
    with translation.override("zh-hans"):
        yield world


def run(world: World, name: str, content: bytes, file: str, *, dry_run: bool = False, act: str = "report") -> Job:
    upload = ContentFile(content, file)
    job = importing.hand_in_acts(actor=world.who(name), upload=upload, act=act, dry_run=dry_run, at=world.at)
    office_jobs.run_job.call(job.pk)
    job.refresh_from_db()
    return job


def test_a_sheet_is_done_once_and_each_refusal_stands_beside_its_cell(now: World) -> None:
    content = excel(reports(three(now)), merge="A1:F1")
    book = load_workbook(io.BytesIO(content))
    book.worksheets[0]["E3"].number_format = "0%"
    made = io.BytesIO()
    book.save(made)
    content = made.getvalue()
    job = run(now, "a_handler", content, "台账.xlsx")
    assert job.state == "done", job.refusals
    assert {key: job.result[key] for key in ("done", "again", "refused", "skipped")} == {
        "done": 1,
        "again": 0,
        "refused": 2,
        "skipped": 1,
    }
    report = Report.objects.get()
    assert (report.percent, report.words, report.via) == (40, "管网接通四成", "import")
    assert [one["code"] for one in job.refusals] == ["bad_input", "stale_version"]

    stored = StoredFile.objects.get(digest=job.result["marked"])
    with files.get(stored.digest) as file:
        page = load_workbook(io.BytesIO(file.read())).worksheets[0]
    assert [page.cell(2, 7).value, page.cell(2, 8).value] == ["办理结果", "理由及处理办法"]
    assert [page.cell(line, 7).value for line in (3, 4, 5, 6)] == ["已办理", "不予办理", None, "不予办理"]
    assert page["E4"].fill.fgColor.rgb == "FFF2C7C7"
    assert "140" not in str(page["H4"].value)
    assert page["H4"].value == page["E4"].comment.text
    assert page["A1"].value == "十件事台账（演示）"

    again = run(now, "a_handler", content, "台账.xlsx")
    assert (again.result["done"], again.result["again"], again.result["refused"]) == (0, 1, 2)
    assert Report.objects.count() == 1


def test_a_marked_sheet_mended_and_handed_in_again_does_only_what_was_refused(now: World) -> None:
    rows = three(now)
    first = run(now, "a_handler", excel(reports(rows)), "台账.xlsx")
    with files.get(first.result["marked"]) as file:
        book = load_workbook(io.BytesIO(file.read()))
    page = book.worksheets[0]
    page["E3"], page["E4"], page["C6"] = 40, 90, rows[2].version
    made = io.BytesIO()
    book.save(made)
    second = run(now, "a_handler", made.getvalue(), "台账.xlsx")
    assert (second.result["done"], second.result["refused"]) == (3, 0)
    with files.get(second.result["marked"]) as file:
        page = load_workbook(io.BytesIO(file.read())).worksheets[0]
    assert page.max_column == 8, "the outcome columns are written over, not added again"


def test_a_trial_changes_nothing_and_sees_rows_that_build_on_one_another(now: World) -> None:
    c = now.issued()
    lines = [
        {"act": "accept", "ref": c.ref, "version": c.version},
        {"act": "report", "ref": c.ref, "version": c.version + 1, "data": {"percent": 10, "words": "开工"}},
        {"act": "close", "ref": c.ref, "version": c.version + 2, "data": {"opinion": "同意"}},
    ]
    content = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines).encode()
    before = Entry.objects.count()
    tried = run(now, "a_handler", content, "办理.jsonl", dry_run=True)
    assert (tried.result["would"], tried.result["refused"]) == (2, 1)
    assert (Entry.objects.count(), Report.objects.count()) == (before, 0)
    assert "marked" not in tried.result
    job = importing.do_tried_import(actor=now.who("a_handler"), job_id=tried.pk, at=now.at)
    office_jobs.run_job.call(job.pk)
    job.refresh_from_db()
    assert (job.result["done"], job.result["refused"]) == (2, 1)
    c.refresh_from_db()
    assert (c.state, c.said) == (State.ACCEPTED, 10)
    with pytest.raises(Refused) as twice:
        importing.do_tried_import(actor=now.who("a_handler"), job_id=job.pk, at=now.at)
    assert twice.value.code == "import_not_tried"
    with pytest.raises(Refused) as other:
        importing.do_tried_import(actor=now.who("b_head"), job_id=tried.pk, at=now.at)
    assert other.value.code == "not_found"


def test_units_by_name_dates_and_words_in_either_language(now: World) -> None:
    c = now.accepted()
    table = "文号,版本,办理事项,act,new_due_on,理由\n" + f"{c.ref},{c.version},,申请延期,2026年6月30日,雨季\n"
    sheet = sheets.read_acts(table.encode(), "t.csv")
    assert [(row.act, row.data) for row in sheet.rows] == [
        ("ask-extension", {"reason": "雨季", "new_due_on": "2026-06-30"})
    ]
    lead = "ref;version;act;lead;reason\n" + f"{c.ref};{c.version};change-lead;大理州;职责调整\n"
    sheet = sheets.read_acts(lead.encode(), "t.csv")
    assert sheet.rows[0].data["lead"] == now.units["532900"].pk


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.csv", "任务,版本\n甲,1\n".encode(), "sheet_no_number"),
        ("a.csv", "ref,文号\nX,X\n".encode(), "sheet_column_twice"),
        ("a.csv", "文号,percent,words,户主姓名\nX,1,好,甲\n".encode(), "columns_hold_people"),
        ("a.csv", "文号,percent\nX,\n".encode(), "sheet_nothing"),
        ("a.csv", b'ref,words\nX,"unclosed\n', "table_damaged"),
        ("a.csv", b" \n \n", "file_empty"),
        ("a.csv", b",,\n,,\n", "table_empty"),
        ("a.csv", ("ref\n" + "X\n" * 10_300).encode(), "table_too_long"),
        ("a.csv", (",".join(["ref"] * 200) + "\n").encode(), "table_too_wide"),
        ("a.xlsx", b"PK\x03\x04garbage", "file_damaged"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1old", "file_old_office"),
        ("a.pdf", b"%PDF-1.4 nothing %%EOF", "table_kind"),
        ("a.jsonl", b'{"act": "accept"', "line_not_json"),
        ("a.jsonl", b"[1]", "line_not_json"),
        ("a.jsonl", b'{"act": "accept", "data": 3}', "line_not_json"),
        ("a.jsonl", b"[" * 5000, "line_not_json"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_whole(db: None, name: str, content: bytes, code: str) -> None:
    with pytest.raises(Refused) as refused:
        sheets.read_acts(content, name, act="report")
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("act", "version", "data", "code"),
    [
        ("dance", 1, {}, "act_unknown"),
        ("miss-period", 1, {}, "act_unknown"),
        ("accept", None, {}, "version_missing"),
        ("accept", 1, {"extra": 1}, "bad_input"),
        ("report", 1, {"percent": "all", "words": "x"}, "bad_input"),
        ("report", 1, {"percent": 1, "words": "手机"}, "not_found"),
    ],
)
def test_a_row_that_cannot_be_done_says_why(
    now: World, act: str, version: int | None, data: dict[str, Any], code: str
) -> None:
    row = ActRow(2, act, "YN-none", version, data)
    before = Entry.objects.count()
    [outcome] = perform_rows([row], actor=now.who("a_handler"), user=now.users["a_handler"], at=now.at)
    assert outcome.outcome is Outcome.REFUSED
    assert outcome.refused is not None
    assert outcome.refused.code == code
    assert Entry.objects.count() == before


def test_a_secret_file_is_refused_and_not_kept(now: World) -> None:
    rows = excel([["机密★5年"], ["文号", "words"], ["X", "x"]])
    with pytest.raises(Refused) as refused:
        importing.hand_in_acts(
            actor=now.who("a_handler"), upload=ContentFile(rows, "x.xlsx"), act="report", dry_run=True, at=now.at
        )
    assert refused.value.code == "secrecy_mark"
    assert not StoredFile.objects.exists()
    assert not Job.objects.exists()


def test_the_page_tries_first_then_does(now: World) -> None:
    client = Client(HTTP_ACCEPT_LANGUAGE="zh-hans")
    client.force_login(now.users["a_handler"], backend="luoshi.accounts.adapters.sign_in.Passwords")
    assert "文件怎样写" in client.get(reverse("delivery:imports")).content.decode()
    rows = reports(three(now))
    rows[2][4] = 40
    upload = SimpleUploadedFile("台账.xlsx", excel(rows))
    sent = {"file": upload, "act": "report", "idempotency_key": "11111111-aaaa"}
    answer = client.post(reverse("delivery:imports"), sent)
    job = Job.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, reverse("delivery:import", args=[job.pk]))
    office_jobs.run_job.call(job.pk)
    page = client.get(answer["Location"]).content.decode()
    assert "试办" in page
    assert "正式办理这" in page
    assert Report.objects.count() == 0
    answer = client.post(reverse("delivery:import_do", args=[job.pk]), {"idempotency_key": "22222222-bbbb"})
    office_jobs.run_job.call(Job.objects.latest("pk").pk)
    page = client.get(answer["Location"]).content.decode()
    assert "已办理" in page
    last = Job.objects.latest("pk").pk
    sheet = client.get(reverse("delivery:import_sheet", args=[last]))
    assert sheet["Content-Type"].endswith("spreadsheetml.sheet")
    other = Client()
    other.force_login(now.users["b_head"], backend="luoshi.accounts.adapters.sign_in.Passwords")
    for name in ("delivery:import", "delivery:import_sheet"):
        assert other.get(reverse(name, args=[last])).status_code == 404
    assert client.post(reverse("delivery:imports"), {"act": "report"}).status_code == 422


def test_the_command_does_rows_and_exits_with_one_when_any_is_refused(now: World, tmp_path: Path) -> None:
    rows = three(now)
    file, marked = tmp_path / "台账.xlsx", tmp_path / "marked.xlsx"
    file.write_bytes(excel(reports(rows)))
    words = ["acts", "import", str(file), "--as", "a_handler", "--act", "report", "--marked", str(marked)]
    errors = io.StringIO()
    with pytest.raises(CommandError) as refused:
        call_command(*words, stdout=io.StringIO(), stderr=errors)
    assert refused.value.returncode == 1
    assert "[stale_version]" in errors.getvalue()
    assert load_workbook(marked).worksheets[0].max_column == 8
    assert Report.objects.count() == 0, "0.4 is no whole percentage unless the cell says so"
    with pytest.raises(CommandError) as gone:
        call_command("acts", "import", str(tmp_path / "none.csv"), "--as", "a_handler")
    assert gone.value.returncode == 1


def test_the_api_hands_a_file_in(now: World) -> None:
    from luoshi.accounts.services import create_token
    from luoshi.rules.permissions import SYSTEM

    _token, plain = create_token(user=now.users["a_handler"], name="t", actor=SYSTEM, at=now.at)
    client = Client(headers={"Authorization": f"Bearer {plain}"})
    c = now.issued()
    line = json.dumps({"act": "accept", "ref": c.ref, "version": c.version}).encode()
    answer = client.post("/api/v1/imports?dry_run=false", {"file": SimpleUploadedFile("a.jsonl", line)})
    assert answer.status_code == 200, answer.content
    job = answer.json()["job"]
    office_jobs.run_job.call(job)
    told = client.get(f"/api/v1/jobs/{job}").json()
    assert (told["state"], told["result"]["done"]) == ("done", 1)
    c.refresh_from_db()
    assert c.state == State.ACCEPTED
    assert client.get(f"/api/v1/imports/{job}/sheet").status_code == 404
    assert client.get("/api/v1/imports/99999/sheet").status_code == 404
