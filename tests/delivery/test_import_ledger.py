"""An office's own ledger, as messy as they come: matched once, tried, imported, mended, never made twice."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import Workbook, load_workbook
from tests.delivery.world import World

from luoshi.delivery.models import Commitment, ImportedRow, SheetMap
from luoshi.delivery.schemas import ledgers
from luoshi.delivery.services import importing
from luoshi.delivery.services.drafting import Wanted, draft_commitments
from luoshi.delivery.services.importing import LedgerRow, draft_rows, hand_in_ledger, set_sheet_map
from luoshi.ledger.models import Entry
from luoshi.office import jobs as office_jobs
from luoshi.office.adapters import files
from luoshi.office.models import Job
from luoshi.office.services import store_file
from luoshi.rules.refusals import Refused

HEAD = [
    ["全省生态治理任务台账（示例）"] + [None] * 7,
    ["填报单位：省委督查室", None, None, None, None, "单位：项", None, None],
    ["序号", "工作任务", None, "责任分工", None, "完成\n时限", "验收标准", "备注"],
    [None, "任务名称", "具体要求", "牵头单位", "配合单位", None, None, None],
]
MERGED = ("A1:H1", "A3:A4", "B3:C3", "D3:E3", "F3:F4", "G3:G4", "H3:H4")
#: What is wrong with a row → the row and the column at fault (from 1), or None when it is simply passed over.
DAMAGE: dict[str, tuple[list[Any], int | None]] = {
    "no year": ([5, "任务甲", "要求", "玉溪市", None, "6月底前", None, None], 6),
    "no date at all": ([6, "任务乙", "要求", "玉溪市", None, "尽快", None, None], 6),
    "impossible day": ([7, "任务丙", "要求", "玉溪市", None, "2026年2月30日", None, None], 6),
    "ambiguous month": ([8, "任务丁", "要求", "玉溪市", None, "2026年6月前", None, None], 6),
    "standing, rhythm unsaid": ([9, "任务戊", "要求", "玉溪市", None, "长期坚持", None, None], 6),
    "two leads": ([10, "任务己", "要求", "玉溪市、大理州", None, "2026-06-30", None, None], 4),
    "everybody leads": ([11, "任务庚", "要求", "各州（市）人民政府", None, "2026-06-30", None, None], 4),
    "unknown unit": ([12, "任务辛", "要求", "玉溪市某某办", None, "2026-06-30", None, None], 4),
    "unknown helper": ([13, "任务壬", "要求", "玉溪市", "不存在局", "2026-06-30", None, None], 5),
    "no lead": ([14, "任务癸", "要求", None, None, "2026-06-30", None, None], 4),
    "no words": ([15, None, None, "玉溪市", None, "2026-06-30", None, None], 2),
    "title too long": ([16, "长" * 201, "要求", "玉溪市", None, "2026-06-30", None, None], 2),
    "formula error": ([17, "任务子", "#REF!", "玉溪市", None, "2026-06-30", None, None], 3),
    "total": (["小计", None, None, None, None, 3, None, None], None),
    "section line": (["二、水环境"] + [None] * 7, None),
    "repeated headings": (["序号", "任务名称", "具体要求", "牵头单位", "配合单位", None, "验收标准", "备注"], None),
    "blank": ([None, "  ", None, None, None, None, None, None], None),
    "note": (["注：本表按月报送。"] + [None] * 7, None),
    "identity number": ([18, "任务丑", "联系人 11010519491231002X", "玉溪市", None, "2026-06-30", None, None], None),
    "full-width and spaces": ([19, " 任务寅 ", "要求", "玉 溪 市", None, "２０２６．６．３０", None, None], 0),
}
GOOD = [
    [1, "星云湖管网", "补齐两污治理短板", "玉溪市", "云南省生态环境厅", "2026年6月底", "五县连通\n试水无渗漏", None],
    [2, None, "抚仙湖北岸截污。分两期", "玉溪市", None, dt.date(2026, 9, 30), None, "x"],
    [3, "洱海入湖水质月月看", "入湖断面达标", "大理州", None, "每月", None, None],
    [4, "没有期限的任务", "要求", "大理州", None, None, None, None],
]
COLUMNS = {"title": 2, "requirement": 3, "lead": 4, "supporting": 5, "due_on": 6, "criteria": 7}


def book(rows: list[list[Any]]) -> bytes:
    made = Workbook()
    cover = made.worksheets[0]
    cover.title, cover["A1"] = "说明", "本台账由省委督查室填报"
    page = made.create_sheet("台账")
    for row in [*HEAD, *rows]:
        page.append(row)
    for merged in MERGED:
        page.merge_cells(merged)
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


@pytest.fixture
def now(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(timezone, "now", lambda: world.at)
    return world


def run(world: World, content: bytes, *, dry_run: bool = False, name: str = "office", file: str = "台账.xlsx") -> Job:
    actor = world.who(name)
    stored = store_file(SimpleUploadedFile(file, content), actor=actor, at=world.at)
    found = ledgers.open_ledger(content, file)
    signature = found.signature
    key = world.programme.key
    columns = found.headings_of(COLUMNS)
    set_sheet_map(actor=actor, programme=key, signature=signature, columns=columns, matter=world.matter.pk, at=world.at)
    job = hand_in_ledger(
        actor=actor,
        programme=key,
        digest=stored.digest,
        name=file,
        signature=signature,
        dry_run=dry_run,
        at=world.at,
    )
    office_jobs.run_job.call(job.pk)
    job.refresh_from_db()
    assert job.state == "done", job.refusals
    return job


def page_of(job: Job) -> Any:
    with files.get(job.result["marked"]) as stored:
        return load_workbook(io.BytesIO(stored.read()))["台账"]


def test_twenty_kinds_of_damage_are_told_beside_their_cells_and_the_good_rows_become_drafts(now: World) -> None:
    damaged = {kind: row for kind, row in DAMAGE.items() if kind != "identity number"}
    assert len(DAMAGE) == 20
    content = book(GOOD + [row for row, _column in damaged.values()])
    tried = run(now, content, dry_run=True)
    assert (tried.result["would"], Commitment.objects.count()) == (len(GOOD) + 1, 0)
    job = run(now, content)
    assert (job.result["done"], job.result["refused"]) == (len(GOOD) + 1, 13)
    page = page_of(job)
    headings = {page.cell(4, column).value: column for column in range(9, 13)}
    assert list(headings) == ["办理结果", "理由及处理办法", "文号", "版本"]
    for line, (kind, (_row, column)) in enumerate(damaged.items(), start=len(HEAD) + len(GOOD) + 1):
        word, why = page.cell(line, 9).value, page.cell(line, 10).value
        if column is None:
            assert word is None, kind
        elif column == 0:
            assert word == "已办理", kind
        else:
            assert (word, bool(why)) == ("不予办理", True), kind
            assert page.cell(line, column).fill.fgColor.rgb == "FFF2C7C7", kind
            assert page.cell(line, column).comment.text == why, kind

    made = {c.title: c for c in Commitment.objects.all()}
    first = made["星云湖管网"]
    assert (first.lead, first.due_on, first.criteria) == (
        now.units["530400"],
        dt.date(2026, 6, 30),
        ["五县连通", "试水无渗漏"],
    )
    assert [one.unit.name for one in first.supports.all()] == ["云南省生态环境厅"]
    assert made["抚仙湖北岸截污"].requirement == "抚仙湖北岸截污。分两期"
    duty = made["洱海入湖水质月月看"]
    assert (duty.kind, duty.frequency, duty.due_on) == ("duty", "monthly", None)
    assert made["没有期限的任务"].due_on is None, "what the table does not say stays empty"
    assert made["任务寅"].due_on == dt.date(2026, 6, 30)
    assert {c.state for c in made.values()} == {"draft"}
    assert page.cell(len(HEAD) + 1, 11).value == first.ref
    now.audit()


def test_the_same_ledger_a_second_time_makes_nothing(now: World) -> None:
    content = book(GOOD)
    run(now, content)
    before = Entry.objects.count()
    again = run(now, content)
    assert (again.result["done"], again.result["again"]) == (0, len(GOOD))
    third = run(now, book([*GOOD, [9, "新的一项", "要求", "玉溪市", None, "2026-06-30", None, None]]))
    assert (third.result["done"], third.result["again"]) == (1, len(GOOD))
    assert Entry.objects.count() == before + 1
    assert ImportedRow.objects.count() == Commitment.objects.count() == len(GOOD) + 1


def test_the_marked_ledger_mended_and_handed_in_again_edits_the_drafts_it_names(now: World) -> None:
    bad = DAMAGE["no year"][0]
    job = run(now, book([*GOOD, bad]))
    with files.get(job.result["marked"]) as stored:
        made = load_workbook(io.BytesIO(stored.read()))
    page = made["台账"]
    page["F9"] = "2026年6月底前"
    page["B5"] = "星云湖截污管网"
    stream = io.BytesIO()
    made.save(stream)
    again = run(now, stream.getvalue())
    assert {key: again.result[key] for key in ("done", "again", "refused")} == {"done": 2, "again": 3, "refused": 0}
    assert Commitment.objects.filter(title="星云湖截污管网", version=2).count() == 1
    assert Commitment.objects.count() == len(GOOD) + 1
    assert SheetMap.objects.count() == 1, "the outcome columns make no other layout"
    page = page_of(again)
    assert page.max_column == 12
    assert page["F9"].fill.fgColor.rgb != "FFF2C7C7"


def test_what_a_ledger_may_not_hold_is_refused_whole(now: World) -> None:
    from django.core.files.base import ContentFile

    secret = book([DAMAGE["identity number"][0]])
    with pytest.raises(Refused) as refused:
        store_file(ContentFile(secret, "台账.xlsx"), actor=now.who("office"), at=now.at)
    assert refused.value.code == "identity_number"
    people = "序号,任务名称,牵头单位,户主姓名\n1,甲,玉溪市,某\n".encode()
    with pytest.raises(Refused) as refused:
        ledgers.open_ledger(people, "台账.csv")
    assert refused.value.code == "columns_hold_people"
    with pytest.raises(Refused) as refused:
        ledgers.open_ledger(b"a,b\n1,2\n", "台账.csv")
    assert refused.value.code == "ledger_no_headings"


def test_columns_that_make_no_task_are_refused(now: World) -> None:
    told: dict[str, Any] = {"actor": now.who("office"), "programme": now.programme.key, "signature": "s", "at": now.at}
    matter = now.matter.pk
    for columns, chosen in (({"lead": "a"}, matter), ({"title": "b"}, matter), ({"title": "b", "lead": "a"}, None)):
        with pytest.raises(Refused) as refused:
            set_sheet_map(**told, columns=columns, matter=chosen)
        assert refused.value.code == "map_needs"
    with pytest.raises(Refused) as refused:
        set_sheet_map(**told, columns={"title": "b", "lead": "a"}, matter=10**6)
    assert refused.value.code == "not_found"
    with pytest.raises(Refused):
        hand_in_ledger(**told, digest="0" * 64, name="x.csv", dry_run=True)
    [refused_row] = draft_rows(
        actor=now.who("a_handler"),
        programme=now.programme,
        rows=[
            LedgerRow("d", "k", Wanted(matter=now.matter.pk, lead=now.units["530400"].pk, title="x", requirement="x"))
        ],
        at=now.at,
    )
    assert isinstance(refused_row, Refused)
    assert refused_row.code == "not_programme_owner"
    [refused_draft] = draft_commitments(actor=now.who("auditor"), wanted=[Wanted(matter=1, lead=1)], at=now.at)
    assert isinstance(refused_draft, Refused)
    assert importing.MAX_BYTES == 10 * 1024 * 1024


def test_the_office_matches_columns_once_in_the_browser(now: World) -> None:
    client = Client(HTTP_ACCEPT_LANGUAGE="zh-hans")
    client.force_login(now.users["office"], backend="luoshi.accounts.adapters.sign_in.Passwords")
    address = reverse("delivery:ledger", args=[now.programme.key])
    assert client.get(address).status_code == 200
    answer = client.post(address, {"file": SimpleUploadedFile("台账.xlsx", book(GOOD))})
    columns = answer["Location"]
    page = client.get(columns).content.decode()
    assert "工作任务/任务名称" in page
    assert '<option value="lead" selected>' in page
    refused = client.post(columns, {"column-2": "title"})
    assert refused.status_code == 422
    assert "牵头" in refused.content.decode()
    sent = {"column-2": "title", "column-3": "requirement", "column-4": "lead", "column-6": "due_on"}
    answer = client.post(columns, {**sent, "matter": now.matter.pk})
    job = Job.objects.get()
    assert answer["Location"] == reverse("delivery:import", args=[job.pk])
    office_jobs.run_job.call(job.pk)
    assert "可以办理" in client.get(answer["Location"]).content.decode()
    other = Client()
    other.force_login(now.users["head"], backend="luoshi.accounts.adapters.sign_in.Passwords")
    assert other.get(columns).status_code == 404
    assert client.get(address + "forged:token/").status_code == 404
    assert client.post(address, {}).status_code == 422
    bad = client.post(address, {"file": SimpleUploadedFile("x.pdf", b"%PDF-1.4 %%EOF")})
    assert bad.status_code == 422


def test_the_api_imports_a_stored_ledger(now: World) -> None:
    from luoshi.accounts.services import create_token
    from luoshi.rules.permissions import SYSTEM

    _token, plain = create_token(user=now.users["office"], name="t", actor=SYSTEM, at=now.at)
    client = Client(headers={"Authorization": f"Bearer {plain}"})
    stored = client.post("/api/v1/files", {"file": SimpleUploadedFile("台账.xlsx", book(GOOD))}).json()
    body = {
        "digest": stored["digest"],
        "name": "台账.xlsx",
        "columns": COLUMNS,
        "matter": now.matter.pk,
        "dry_run": False,
    }
    address = f"/api/v1/programmes/{now.programme.key}/ledger"
    answer = client.post(address, body, content_type="application/json")
    assert answer.status_code == 200, answer.content
    office_jobs.run_job.call(answer.json()["job"])
    assert Commitment.objects.count() == len(GOOD)
    gone = client.post(address, {**body, "digest": "0" * 64}, content_type="application/json")
    assert gone.status_code == 404
