"""Files that come in: read where they hold text, refused with a reason where they do not (principle 10)."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from pathlib import Path

import docx
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from openpyxl import Workbook
from PIL import Image

from luoshi.intake.adapters import papers, read_paper, word
from luoshi.rules.refusals import Refused

pytestmark = pytest.mark.principle(10)
TASK = "一、推进管网改造，2024年6月底前完成。（市住建局牵头，市财政局配合）"


def refusal(content: bytes, name: str) -> str:
    with pytest.raises(Refused) as refused:
        read_paper(content, name)
    return refused.value.code


def word_file() -> bytes:
    paper = docx.Document()
    paper.add_paragraph(TASK)
    table = paper.add_table(rows=2, cols=3)
    for cell, words in zip(table.rows[0].cells, ("工作任务", "牵头单位", "完成时限"), strict=True):
        cell.text = words
    for cell, words in zip(table.rows[1].cells, ("新建公园3座", "市城管局", "2024年9月"), strict=True):
        cell.text = words
    made = io.BytesIO()
    paper.save(made)
    return made.getvalue()


def pdf_file(text: str) -> bytes:
    """One page with one line, or with none."""
    stream = f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET".encode()
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    body, places = b"%PDF-1.4\n", []
    for number, thing in enumerate(objects, start=1):
        places.append(len(body))
        body += b"%d 0 obj%s\nendobj\n" % (number, thing)
    table = b"xref\n0 6\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
    return body + table + b"trailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(body)


def test_text_and_web_pages() -> None:
    assert read_paper(TASK.encode(), "a.txt") == TASK
    assert read_paper(TASK.encode("gb18030"), "a.md") == TASK
    page = f"<html><body><p>{TASK}</p></body></html>"
    assert read_paper(page.encode(), "a.html") == page
    assert read_paper(page.encode(), "a.txt") == page


def test_word_with_its_tables() -> None:
    assert read_paper(word_file(), "a.docx").splitlines() == [
        TASK,
        "工作任务\t牵头单位\t完成时限",
        "新建公园3座\t市城管局\t2024年9月",
    ]


def test_excel_with_merged_cells() -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    for row in (("任务", "措施", "责任单位"), ("治水", "建管网", "市水务局"), (None, "清河道", "市环保局")):
        sheet.append(row)
    sheet.merge_cells("A2:A3")
    made = io.BytesIO()
    book.save(made)
    assert read_paper(made.getvalue(), "a.xlsx").splitlines()[2] == "治水\t清河道\t市环保局"


def test_pdf_with_text_and_a_scan() -> None:
    assert "Publish the plan" in read_paper(pdf_file("Publish the plan by June 2024"), "a.pdf")
    assert refusal(pdf_file(""), "a.pdf") == "paper_scanned"


def test_old_word_needs_libreoffice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(word.shutil, "which", lambda _name: None)
    assert refusal(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "a.doc") == "paper_old_word"


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_old_word_through_libreoffice(tmp_path: Path) -> None:
    import subprocess

    (tmp_path / "a.docx").write_bytes(word_file())
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    subprocess.run(
        ["soffice", profile, "--headless", "--convert-to", "doc", "--outdir", str(tmp_path), str(tmp_path / "a.docx")],
        check=True,
        capture_output=True,
        timeout=120,
    )
    if not (tmp_path / "a.doc").exists():
        pytest.skip("this LibreOffice has no Writer")
    if not (tmp_path / "a.doc").exists():
        pytest.skip("this LibreOffice has no Writer")
    assert TASK in read_paper((tmp_path / "a.doc").read_bytes(), "a.doc")


def test_what_is_no_document() -> None:
    picture = io.BytesIO()
    Image.new("RGB", (8, 8)).save(picture, "PNG")
    assert refusal(picture.getvalue(), "a.png") == "paper_kind"
    assert refusal(b"  \n", "a.txt") == "file_empty"
    assert refusal(b"\x00\x01\x02\x03", "a.txt") == "file_type"
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        package.writestr("word/document.xml", b" " * 40_000_000)
    assert refusal(bomb.getvalue(), "a.docx") == "file_bomb"
    macros = io.BytesIO(word_file())
    with zipfile.ZipFile(macros, "a") as package:
        package.writestr("word/vbaProject.bin", "x")
    assert refusal(macros.getvalue(), "a.docx") == "file_macros"


def test_external_entities_are_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("do not read")
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(word_file())) as source, zipfile.ZipFile(made, "w") as target:
        for part in source.namelist():
            content = source.read(part)
            if part == "word/document.xml":
                entity = f'<!DOCTYPE d [<!ENTITY x SYSTEM "file://{secret}">]>'.encode()
                content = content.replace(b"?>", b"?>" + entity, 1).replace("推进".encode(), b"&x;", 1)
            target.writestr(part, content)
    try:
        text = read_paper(made.getvalue(), "a.docx")
    except Refused:
        text = ""
    assert "do not read" not in text


def test_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(papers, "MEGABYTES", 0)
    assert refusal(TASK.encode(), "a.txt") == "paper_too_large"
    monkeypatch.setattr(papers, "MEGABYTES", 1)
    monkeypatch.setattr(papers, "CHARACTERS", 3)
    assert refusal(TASK.encode(), "a.txt") == "paper_too_long"


def test_secrecy_marks_are_refused_unread_in_every_kind() -> None:
    assert refusal(f"机密★1年\n{TASK}".encode(), "a.txt") == "secrecy_mark"
    assert refusal(f"<html><body><p>机<b>密</b>★1年</p>{TASK}</body></html>".encode(), "a.html") == "secrecy_mark"
    paper = docx.Document()
    paper.sections[0].header.paragraphs[0].text = "秘密★"
    paper.add_paragraph(TASK)
    made = io.BytesIO()
    paper.save(made)
    assert refusal(made.getvalue(), "a.docx") == "secrecy_mark"


def test_mobile_numbers_are_masked() -> None:
    assert "138****0000" in read_paper(f"{TASK}\n联系人电话 13800000000".encode(), "a.txt")


def test_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paper = tmp_path / "plan.txt"
    paper.write_text(TASK, encoding="utf-8")
    call_command("intake", str(paper), "--date", "2024-03-05", "--json")
    form = json.loads(capsys.readouterr().out)
    assert form["doc_id"] == "plan"
    [item] = form["items"]
    assert (item["lead_units"], item["co_units"], item["due"]) == (["市住建局"], ["市财政局"], "2024-06-30")
    assert TASK[item["start"] : item["end"]] == item["requirement"]


def test_command_with_several_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = tmp_path / "good.txt", tmp_path / "bad.txt"
    good.write_text(TASK, encoding="utf-8")
    bad.write_text(f"绝密★\n{TASK}", encoding="utf-8")
    with pytest.raises(CommandError) as problem:
        call_command("intake", str(good), str(bad), "--date", "2024-03-05", "--out", str(tmp_path / "out"))
    assert problem.value.returncode == 1
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["good.json"]
    assert "管网" not in capsys.readouterr().err
    with pytest.raises(CommandError) as problem:
        call_command("intake", str(good), str(bad), "--date", "2024-03-05", "--json")
    assert problem.value.returncode == 2
