"""Old Word files: the page answers at once, the job converts; a program of its own stands for LibreOffice."""

from __future__ import annotations

import datetime as dt
import os
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests.delivery.world import World
from tests.intake.ten import LIST
from tests.intake.test_refused import OLE, word

from luoshi.intake import services
from luoshi.intake.adapters import read_paper
from luoshi.intake.adapters import word as old
from luoshi.intake.models import Document, Draft, WaitingPaper
from luoshi.ledger.models import Entry
from luoshi.office.jobs import run_ready
from luoshi.office.models import Job, StoredFile
from luoshi.rules.refusals import Refused

pytestmark = pytest.mark.principle(10)
PAPER = OLE + "十件事".encode("utf-16-le")
FIND_OUT = 'while [ $# -gt 1 ]; do [ "$1" = --outdir ] && out=$2; shift; done\n[ -s "$1" ] || exit 3\n'
Office = Callable[..., None]


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    """Put a program named soffice first on the path: it leaves ``made`` as the converted file, after ``before``."""

    def inner(made: bytes | None = None, before: str = "", code: int = 0) -> None:
        folder = tmp_path / "bin"
        folder.mkdir(exist_ok=True)
        (tmp_path / "made.docx").write_bytes(made or b"")
        copy = f'cp "{tmp_path}/made.docx" "$out/paper.docx"\n' if made is not None else ""
        program = folder / "soffice"
        program.write_text(f"#!/bin/sh\n{FIND_OUT}{before}\n{copy}exit {code}\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")

    return inner


class Handed:
    """An old Word file handed in at the page."""

    def __init__(self, client: Client) -> None:
        self.client = client
        told = {"title": "十件事清单", "doc_on": "2026-03-01", "kind": "notice"}
        self.sent = client.post(reverse("intake:receive"), {**told, "file": SimpleUploadedFile("十件事.doc", PAPER)})
        self.row = Document.objects.latest("pk")
        self.page = reverse("intake:document", args=[self.row.pk])

    def told(self) -> dict[str, Any]:
        answer: dict[str, Any] = self.client.get(f"/api/v1/intake/documents/{self.row.pk}").json()
        return answer

    def words(self) -> str:
        return self.client.get(self.page).content.decode()


@pytest.fixture
def handed(desk: World, client: Client) -> Callable[[], Handed]:
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    client.force_login(desk.users["office"])
    return lambda: Handed(client)


def test_the_page_answers_at_once_and_the_job_converts(
    desk: World, office: Office, handed: Callable[[], Handed], tmp_path: Path
) -> None:
    office(word(*LIST.splitlines()), before=f"touch {tmp_path}/asked")
    paper = handed()
    assert paper.sent.status_code == 302
    assert not (tmp_path / "asked").exists()
    assert (paper.row.state, paper.row.text, paper.row.file, paper.row.file_name) == ("reading", "", None, "十件事.doc")
    assert (StoredFile.objects.count(), WaitingPaper.objects.count()) == (0, 1)
    assert 'id="reading"' in paper.words()
    assert paper.client.get(reverse("intake:file", args=[paper.row.pk])).status_code == 404
    run_ready(timezone.now())
    assert (tmp_path / "asked").exists()
    paper.row.refresh_from_db()
    assert (paper.told()["state"], paper.row.file_name) == ("read", "十件事.txt")
    assert Draft.objects.get(document=paper.row).items.count() >= 10
    assert not WaitingPaper.objects.exists()
    kept = paper.client.get(reverse("intake:file", args=[paper.row.pk]))
    assert LIST.splitlines()[0] in b"".join(kept).decode()
    types = Entry.objects.filter(type__startswith="intake.").order_by("pk").values_list("type", flat=True)
    assert list(types) == ["intake.DocumentReceived", "intake.DocumentConverted", "intake.DocumentRead"]
    desk.audit()


def test_while_it_is_converted_the_page_says_so(office: Office, handed: Callable[[], Handed]) -> None:
    office(word(LIST))
    paper = handed()
    Job.objects.update(
        state="running", done=0, total=2, note={"text": "Taking the words out of the file", "params": {}}
    )
    page = paper.words()
    assert '<progress aria-label="Progress" max="2" value="0">' in page
    assert "Taking the words out of the file" in page


@pytest.mark.parametrize(
    ("made", "before", "exit_code", "code"),
    [
        (None, "", 1, "paper_not_converted"),
        (None, "", 0, "paper_not_converted"),
        (bytes(range(256)) * 8, "", 0, "file_type"),
        (word(""), "", 0, "paper_empty"),
        (word(LIST, head="秘密★"), "", 0, "secrecy_mark"),
        (word("身份证号11010519491231002X"), "", 0, "identity_number"),
    ],
)
def test_what_cannot_be_converted_is_told_and_not_kept(
    desk: World,
    office: Office,
    handed: Callable[[], Handed],
    made: bytes | None,
    before: str,
    exit_code: int,
    code: str,
) -> None:
    office(made, before, exit_code)
    paper = handed()
    run_ready(timezone.now())
    told = paper.told()
    assert (told["state"], told["code"]) == ("refused", code)
    assert (WaitingPaper.objects.count(), StoredFile.objects.count()) == (0, 0)
    page = paper.words()
    assert "handle/read/" not in page
    assert "The file was not kept." in page
    assert reverse("intake:receive") in page
    paper.row.refresh_from_db()
    with pytest.raises(Refused) as refused:
        services.read_again(
            actor=desk.who("office"), document=paper.row.pk, version=paper.row.version, at=timezone.now()
        )
    assert refused.value.code == "document_gone"
    desk.audit()


def test_a_conversion_that_takes_too_long_is_ended_with_all_it_started(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """LibreOffice is a script that starts a program: both end, and nobody waits for the second."""
    monkeypatch.setattr(old, "SECONDS", 1)
    office(word(LIST), before=f"sh -c 'sleep 4; touch {tmp_path}/lived' &\nsleep 30")
    start = time.monotonic()
    with pytest.raises(Refused) as refused:
        read_paper(PAPER, "a.doc")
    assert (refused.value.code, refused.value.params["seconds"]) == ("paper_word_slow", 1)
    assert time.monotonic() - start < 3.5
    time.sleep(max(0.0, 4.6 - (time.monotonic() - start)))
    assert not (tmp_path / "lived").exists()


def test_without_libreoffice_the_page_refuses_at_once(
    desk: World, client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    client.force_login(desk.users["office"])
    told = {"title": "十件事清单", "doc_on": "2026-03-01", "kind": "notice"}
    page = client.post(reverse("intake:receive"), {**told, "file": SimpleUploadedFile("a.doc", PAPER)})
    assert (page.status_code, page.context["refusal"]["code"]) == (422, "paper_old_word")
    assert (Document.objects.count(), WaitingPaper.objects.count()) == (0, 0)


def test_a_stopped_conversion_can_be_begun_again(office: Office, handed: Callable[[], Handed], desk: World) -> None:
    office(word(LIST))
    paper = handed()
    Job.objects.update(state="cancelled")
    assert (paper.told()["code"], "handle/read/" in paper.words()) == ("reading_stopped", True)
    services.read_again(actor=desk.who("office"), document=paper.row.pk, version=1, at=timezone.now())
    run_ready(timezone.now())
    assert paper.told()["state"] == "read"


def test_a_conversion_is_one_step_and_is_not_taken_twice(
    desk: World, office: Office, handed: Callable[[], Handed]
) -> None:
    office(word(LIST))
    paper = handed()
    base: dict[str, Any] = {"actor": desk.who("office"), "document": paper.row.pk, "at": timezone.now()}
    with pytest.raises(Refused) as refused:
        services.read_document(**base)
    assert refused.value.code == "document_gone"
    done = services.convert_document(**base)
    assert (done.state, done.version, bool(done.text)) == ("reading", 2, True)
    assert services.convert_document(**base).version == 2
    assert Entry.objects.filter(type="intake.DocumentConverted").count() == 1
    assert services.read_document(**base).state == "read"


def test_what_nobody_converts_is_forgotten(office: Office, handed: Callable[[], Handed], desk: World) -> None:
    office(word(LIST))
    paper = handed()
    now = timezone.now()
    assert services.forget_waiting(now) == 0
    assert services.forget_waiting(now + dt.timedelta(days=1, minutes=1)) == 1
    run_ready(timezone.now())
    assert paper.told()["code"] == "document_gone"
    second = handed()
    services.remove_document(actor=desk.who("office"), document=second.row.pk, version=1, at=timezone.now())
    assert not WaitingPaper.objects.exists()
