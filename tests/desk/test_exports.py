"""Lists taken away: what stands in them, for whom, as Excel and CSV, at once or by a job; a register filled in."""

from __future__ import annotations

import csv
import datetime as dt
import io
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.core.management.base import CommandError
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from tests.delivery.world import World

from luoshi.delivery.models import Commitment, Report
from luoshi.delivery.services import importing
from luoshi.ledger.models import Entry
from luoshi.office import jobs as office_jobs
from luoshi.office.adapters import exports, files, tables
from luoshi.office.adapters.exports import Column, Export, Kind
from luoshi.office.models import Job
from luoshi.office.services import exports as export_services
from luoshi.office.services import list_for
from luoshi.office.views import pages as office_views
from luoshi.rules.lifecycle import ACT_NAMES, Act
from luoshi.rules.refusals import Refused

NAMES = ("register", "board", "coverage", "ledger", "units", "posts", "fill-in")


@pytest.fixture
def now(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(timezone, "now", lambda: world.at)
    return world


def day(year: int, month: int, number: int, hour: int = 0) -> dt.datetime:
    """A moment as spreadsheets keep it: of no zone."""
    return dt.datetime(year, month, number, hour)  # noqa: DTZ001


def signed_in(world: World, name: str) -> Client:
    client = Client(HTTP_ACCEPT_LANGUAGE="zh-hans")
    client.force_login(world.users[name], backend="luoshi.accounts.adapters.sign_in.Passwords")
    return client


def body(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


def table(content: bytes) -> list[list[str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def made(rows: list[tuple[Any, ...]], kind: Kind = Kind.TEXT) -> Export:
    at = dt.datetime(2026, 3, 2, 1, 0, tzinfo=dt.UTC)
    columns = [Column(f"c{n}", f"栏{n}", kind) for n in range(len(rows[0]) if rows else 1)]
    return Export("x", "清单", columns, rows, len(rows), at)


def written(export: Export) -> Any:
    stream = io.BytesIO()
    exports.write_xlsx(export, stream)
    return load_workbook(io.BytesIO(stream.getvalue()))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_every_list_leaves_as_either_kind_of_file(now: World, name: str, ending: str) -> None:
    now.reported(40)
    now.issued()
    client = signed_in(now, "office")
    answer = client.get(reverse("office:export", args=[name]), {"format": ending})
    assert answer.status_code == 200
    assert "attachment" in answer["Content-Disposition"]
    content = body(answer)
    if ending == "csv":
        rows = table(content)
        assert len({len(row) for row in rows}) == 1, "one table and nothing else"
        assert len(rows) > 1
    else:
        page = load_workbook(io.BytesIO(content)).worksheets[0]
        assert page.freeze_panes is not None
        text = [str(cell.value) for row in page.iter_rows(max_row=8) for cell in row if cell.value]
        assert any("截至：2026-03-02 09:00" in one for one in text), text


def test_numbers_and_dates_are_what_they_are(now: World) -> None:
    c = now.reported(40, due_days=None, due_on=dt.date(2026, 6, 30))
    with translation.override("zh-hans"):
        export = list_for("register", actor=now.who("office"), asked=QueryDict("cols=title,said,due,heard"), at=now.at)
        page = written(export).worksheets[0]
    rows = list(page.iter_rows(values_only=True))
    line = next(row for row in rows if row[0] == c.ref)
    c.refresh_from_db()
    assert line == (c.ref, c.version, c.title, 0.4, day(2026, 6, 30), day(2026, 3, 2, 9))


def test_what_one_may_not_see_is_in_no_file(now: World) -> None:
    seen, hidden = now.accepted("530402", by="ht_handler"), now.accepted("532900", by="b_handler")
    client = signed_in(now, "ht_head")
    refs = {row[0] for row in table(body(client.get("/office/export/register/?format=csv")))}
    assert seen.ref in refs
    assert hidden.ref not in refs
    told = body(client.get("/office/export/ledger/?format=csv")).decode()
    assert hidden.ref not in told
    posts = body(client.get("/office/export/posts/?format=csv")).decode()
    assert "P-ht_head" in posts
    assert "P-b_head" not in posts
    assert "display_name" not in posts
    elsewhere = now.units["532900"].pk
    assert client.get(f"/office/export/board/?unit={elsewhere}&programme=ten").status_code == 404
    assert client.get("/office/export/units/?format=csv", {"unit": elsewhere}).status_code == 404
    assert client.get("/office/export/nothing/").status_code == 404
    assert client.get("/office/export/units/?format=pdf").status_code == 422
    assert Client().get("/office/export/units/").status_code == 302


def test_a_large_list_is_made_by_a_job_and_kept_a_day_for_its_asker(
    now: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(office_views, "AT_ONCE", 3)
    client = signed_in(now, "office")
    page = client.get("/office/export/units/?format=csv")
    assert "生成文件" in page.content.decode()
    answer = client.post("/office/export/units/?format=csv")
    job = Job.objects.get()
    assert answer["Location"] == reverse("office:job", args=[job.pk])
    address = reverse("office:export_file", args=[job.pk])
    assert client.get(address).status_code == 404, "not made yet"
    office_jobs.run_job.call(job.pk)
    job.refresh_from_db()
    assert (job.state, job.result["rows"]) == ("done", len(now.units)), job.refusals
    assert address in client.get(reverse("office:job", args=[job.pk])).content.decode()
    assert len(table(body(client.get(address)))) == len(now.units) + 1
    for other in ("head", "office2"):
        assert signed_in(now, other).get(address).status_code == 404
    assert export_services.forget_exports(now.at + dt.timedelta(hours=23)) == 0
    assert export_services.forget_exports(now.at + dt.timedelta(hours=25)) == 1
    assert client.get(address).status_code == 410
    assert not Entry.objects.filter(actor_user=now.users["office"].pk, ts__gt=now.at).exists()


def test_the_number_of_statements_does_not_grow_with_the_rows(now: World, django_assert_max_num_queries: Any) -> None:
    with translation.override("zh-hans"):
        for count in (2, 6):
            for _one in range(count):
                now.reported(10)
            for name in NAMES:
                with django_assert_max_num_queries(16):
                    export = list_for(name, actor=now.who("office"), asked=QueryDict(""), at=now.at)
                    list(exports.csv_pieces(export))


EVIL = st.sampled_from(["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =cmd|'/c calc'!A0", "＝1", "'=1"])
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(TEXT | EVIL, EVIL.flatmap(lambda a: TEXT.map(lambda b: a + b))), min_size=1, max_size=4))
def test_no_text_becomes_a_formula(rows: list[tuple[str, str]]) -> None:
    page = written(made(rows)).worksheets[0]
    for line, row in zip(page.iter_rows(min_row=page.max_row - len(rows) + 1), rows, strict=False):
        for cell, told in zip(line, row, strict=False):
            assert cell.data_type != "f"
            if exports.is_formula(told) and cell.value is not None:
                assert cell.quotePrefix
    for line, row in zip(table(b"".join(exports.csv_pieces(made(rows))))[1:], rows, strict=True):
        for cell, told in zip(line, row, strict=True):
            assert not exports.is_formula(cell) or cell == ""
            assert cell == (f"'{told}" if exports.is_formula(told) else told).replace("\x00", "")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.text("=+-@ab甲'，\"1", min_size=1, max_size=12)), min_size=1, max_size=5))
def test_what_leaves_as_a_file_reads_back_the_same(rows: list[tuple[str]]) -> None:
    stream = io.BytesIO()
    exports.write_xlsx(made(rows), stream)
    [read] = tables.read_tables(stream.getvalue(), "x.xlsx")
    from_csv = tables.read_tables(b"".join(exports.csv_pieces(made(rows))), "x.csv")[0]
    told = [row[0].strip() or None for row in rows]
    plain = [one[1:] if one and one[0] == "'" and exports.is_formula(one[1:]) else one for one in told]
    assert [row[0] for row in read.rows[-len(rows) :]] == plain
    assert [row[0] for row in from_csv.rows[1:]] == plain


# --- The register filled in and handed back ---------------------------------------------------------------------------


def sheet_for(world: World, name: str, language: str = "zh-hans") -> bytes:
    with translation.override(language):
        export = list_for("fill-in", actor=world.who(name), asked=QueryDict(""), at=world.at)
        stream = io.BytesIO()
        exports.write_xlsx(export, stream)
    return stream.getvalue()


def handed_in(world: World, name: str, content: bytes, *, dry_run: bool = False) -> Job:
    upload = ContentFile(content, "台账.xlsx")
    job = importing.hand_in_acts(actor=world.who(name), upload=upload, act="", dry_run=dry_run, at=world.at)
    office_jobs.run_job.call(job.pk)
    job.refresh_from_db()
    return job


def name_of(act: Act) -> str:
    with translation.override("zh-hans"):
        return gettext(ACT_NAMES[act])


def places(page: Any) -> dict[str, int]:
    """Key → column, from the hidden line."""
    for row in page.iter_rows():
        keys = {
            str(cell.value).removeprefix("luoshi."): cell.column for cell in row if str(cell.value).startswith("lu")
        }
        if "ref" in keys:
            assert page.row_dimensions[row[0].row].hidden
            return keys
    raise AssertionError("no line of keys")


def line_of(page: Any, ref: str) -> int:
    return next(cell.row for row in page.iter_rows() for cell in row if cell.value == ref)


def saved(book: Any) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_sheet_handed_back_as_it_was_does_nothing(now: World, language: str) -> None:
    now.reported(40)
    now.issued()
    before = Entry.objects.count()
    job = handed_in(now, "a_handler", sheet_for(now, "a_handler", language))
    assert job.state == "failed", "no row asks for anything"
    assert job.refusals[0]["code"] == "sheet_nothing"
    assert Entry.objects.count() == before


def test_the_sheet_locks_what_is_known_and_offers_what_may_be_chosen(now: World) -> None:
    c = now.reported(40)
    book = load_workbook(io.BytesIO(sheet_for(now, "a_handler")))
    page, guide = book.worksheets[0], book["填写说明"]
    keys = places(page)
    line = line_of(page, c.ref)
    assert page.protection.sheet
    assert page.cell(line, keys["ref"]).protection.locked
    assert not page.cell(line, keys["percent"]).protection.locked
    assert page.column_dimensions["A"].hidden
    assert page.cell(line, keys["version"]).value == c.version
    ruled = {str(rule.sqref).split(":")[0][0]: rule.type for rule in page.data_validations.dataValidation}
    assert "list" in ruled.values()
    assert "decimal" in ruled.values()
    assert "date" in ruled.values()
    assert "黄色" in "".join(str(cell.value) for row in guide.iter_rows() for cell in row)
    assert "管网接通四百米" in [cell.value for cell in page[line]], "what was said last stands beside it"


def test_what_is_filled_in_is_done_once_and_what_is_stale_says_what_changed(now: World) -> None:
    told, taken, asked, named, stale, wrong, unclear = (
        now.accepted(),
        now.issued(),
        now.accepted(),
        now.accepted(),
        now.accepted(),
        now.accepted(),
        now.accepted(),
    )
    book = load_workbook(io.BytesIO(sheet_for(now, "a_head")))
    page = book.worksheets[0]
    keys = places(page)

    def fill(c: Commitment, **values: Any) -> None:
        for name, value in values.items():
            page.cell(line_of(page, c.ref), keys[name]).value = value

    fill(told, percent=0.4, words="管网接通四成", problems="缺资金", next_step="招标")
    fill(taken, act="签收")
    fill(asked, act=name_of(Act.ASK_EXTENSION), new_due_on=dt.date(2026, 12, 31), reason="汛期停工")
    fill(named, act=name_of(Act.ASSIGN), post="handler a_handler")
    fill(stale, percent=0.2, words="晚了一步")
    fill(wrong, act="签收", percent=0.3)
    fill(unclear, reason="只写了理由")
    content = saved(book)
    now.do("report_on_commitment", "a_handler", stale, percent=10, words="先报了")
    tried = handed_in(now, "a_head", content, dry_run=True)
    assert (tried.result["would"], tried.result["refused"]) == (4, 3), tried.refusals
    before = Report.objects.count()
    job = handed_in(now, "a_head", content)
    assert (job.result["done"], job.result["refused"], job.result["skipped"]) == (4, 3, 0), job.refusals
    assert Report.objects.count() == before + 1
    for one in (told, taken, asked, named):
        one.refresh_from_db()
    assert (told.said, taken.state, asked.pending_extension) == (40, "accepted", True)
    assert named.lead_post is not None
    assert named.lead_post.ref == "P-a_handler"
    with files.get(job.result["marked"]) as stored:
        marked = load_workbook(io.BytesIO(stored.read())).worksheets[0]
    heading = next(cell.row for row in marked.iter_rows() for cell in row if cell.value == "理由及处理办法")
    why = {
        c.ref: next(str(cell.value) for cell in marked[line_of(marked, c.ref)][::-1] if cell.value)
        for c in (stale, wrong, unclear)
    }
    assert heading
    assert "反馈" in why[stale.ref], "says what was done meanwhile"
    assert marked.cell(line_of(marked, wrong.ref), keys["percent"]).fill.fgColor.rgb == "FFF2C7C7"
    assert marked.cell(line_of(marked, unclear.ref), keys["act"]).fill.fgColor.rgb == "FFF2C7C7"
    assert "理由" in why[unclear.ref]
    entries = Entry.objects.count()
    again = handed_in(now, "a_head", content)
    assert (again.result["done"], again.result["again"], again.result["refused"]) == (0, 4, 3)
    assert Entry.objects.count() == entries


def test_columns_may_be_moved_and_rows_sorted(now: World) -> None:
    first, second = now.accepted(), now.accepted()
    page = load_workbook(io.BytesIO(sheet_for(now, "a_handler"))).worksheets[0]
    keys = places(page)
    for c, percent in ((first, 0.1), (second, 0.2)):
        page.cell(line_of(page, c.ref), keys["percent"]).value = percent
        page.cell(line_of(page, c.ref), keys["words"]).value = "做了"
    from openpyxl import Workbook

    turned = Workbook()
    rows = [list(reversed([cell.value for cell in row])) for row in page.iter_rows()]
    start = line_of(page, first.ref) - 1
    for row in [*rows[:start], *reversed(rows[start:])]:
        turned.worksheets[0].append(row)
    for row in turned.worksheets[0].iter_rows():
        for cell in row:
            if isinstance(cell.value, float):
                cell.number_format = "0%"
    job = handed_in(now, "a_handler", saved(turned))
    assert job.result["done"] == 2, job.refusals
    second.refresh_from_db()
    assert second.said == 20


def test_the_api_gives_lists_and_starts_jobs(now: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from luoshi.accounts.services import create_token
    from luoshi.office.api import work as api
    from luoshi.rules.permissions import SYSTEM

    c = now.reported(40)
    _token, plain = create_token(user=now.users["office"], name="t", actor=SYSTEM, at=now.at)
    client = Client(headers={"Authorization": f"Bearer {plain}"})
    rows = table(body(client.get("/api/v1/register/export?format=csv&light=green")))
    assert [row[0] for row in rows[1:]] == [c.ref]
    assert table(body(client.get("/api/v1/register/export?format=csv&light=red")))[1:] == []
    assert client.get("/api/v1/nothing/export").status_code == 404
    assert client.get("/api/v1/register/export?format=pdf").status_code == 422
    monkeypatch.setattr(api, "AT_ONCE", 0)
    refused = client.get("/api/v1/register/export")
    assert (refused.status_code, refused.json()["code"]) == (409, "export_large")
    answer = client.post("/api/v1/register/export?format=xlsx", {}, content_type="application/json")
    assert answer.status_code == 200, answer.content
    job = answer.json()["job"]
    assert client.get(f"/api/v1/exports/{job}/file").status_code == 404
    office_jobs.run_job.call(job)
    assert body(client.get(f"/api/v1/exports/{job}/file"))[:2] == b"PK"


def test_a_register_list_is_registered_once() -> None:
    with pytest.raises(KeyError):
        export_services.register_list("units", lambda actor, asked, at: made([]), title="x")
    with pytest.raises(Refused):
        export_services.checked_format("pdf")


def test_a_job_of_an_unknown_list_makes_no_file(now: World) -> None:
    job = Job(args={"list": "none", "query": "", "format": "csv"})
    with pytest.raises(Refused):
        export_services.make_export(job, actor=now.who("office"), at=now.at, report=lambda *told, **more: None)
    with pytest.raises(Refused):
        export_services.start_export("none", actor=now.who("office"), asked=QueryDict(""), format="csv", at=now.at)


def test_the_command_writes_a_list(now: World, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    c = now.reported(40)
    file = tmp_path / "台账.csv"
    call_command("export", "register", str(file), "--as", "office", "--filter", "light=green", stderr=io.StringIO())
    assert [row[0] for row in table(file.read_bytes())[1:]] == [c.ref]
    call_command("export", "units", "-", "--as", "ht_head", "--format", "csv", stderr=io.StringIO())
    assert "红塔区" in capfdbinary.readouterr().out.decode("utf-8-sig")
    for words in (
        ["register", str(tmp_path / "none" / "x.csv"), "--as", "office"],
        ["register", "-", "--as", "nobody"],
        ["board", "-", "--as", "ht_head", "--filter", f"unit={now.units['532900'].pk}"],
    ):
        with pytest.raises(CommandError) as refused:
            call_command("export", *words, stderr=io.StringIO())
        assert refused.value.returncode == 1
    assert list(tmp_path.iterdir()) == [file]
