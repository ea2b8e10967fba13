"""What cannot be read is refused with a sentence, at every door of the desk; nobody waits for a reading that ended."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from typing import Any

import docx
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import Workbook
from PIL import Image
from tests.delivery.world import World
from tests.intake.conftest import Receive
from tests.intake.ten import LIST

from luoshi.intake import services
from luoshi.intake.models import Document, Draft
from luoshi.intake.services import receiving
from luoshi.ledger.models import Entry
from luoshi.office.jobs import run_ready
from luoshi.office.models import Job, StoredFile
from luoshi.office.services.jobs import refusal
from luoshi.rules.documents import reader
from luoshi.rules.refusals import Refused

pytestmark = pytest.mark.principle(10)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


def word(*lines: str, head: str = "") -> bytes:
    paper = docx.Document()
    paper.sections[0].header.paragraphs[0].text = head
    for line in lines:
        paper.add_paragraph(line)
    made = io.BytesIO()
    paper.save(made)
    return made.getvalue()


def with_part(name: str, content: bytes) -> bytes:
    made = io.BytesIO(word(LIST))
    with zipfile.ZipFile(made, "a", zipfile.ZIP_DEFLATED) as package:
        package.writestr(name, content)
    return made.getvalue()


def bomb() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        package.writestr("word/document.xml", b" " * 40_000_000)
    return made.getvalue()


def scan() -> bytes:
    """A PDF of one page that is a picture."""
    made = io.BytesIO()
    Image.new("RGB", (200, 280), "white").save(made, "PDF")
    return made.getvalue()


def picture() -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (8, 8)).save(made, "PNG")
    return made.getvalue()


def empty_sheet() -> bytes:
    made = io.BytesIO()
    Workbook().save(made)
    return made.getvalue()


def named(words: str) -> bytes:
    """An old Office file that holds a part of that name."""
    return OLE + words.encode("utf-16-le") + b"\0" * 200


REFUSED: dict[str, tuple[str, bytes, str]] = {
    "scan": ("a.pdf", scan(), "paper_scanned"),
    "locked pdf": ("a.pdf", b"%PDF-1.4\n1 0 obj<</Encrypt 2 0 R>>\n%%EOF", "file_encrypted"),
    "broken pdf": ("a.pdf", b"%PDF-1.4\nnothing\n%%EOF", "file_damaged"),
    "locked word": ("a.docx", named("EncryptedPackage"), "file_encrypted"),
    "old word with macros": ("a.doc", named("_VBA_PROJECT"), "file_macros"),
    "old excel": ("a.xls", named("Workbook"), "file_old_office"),
    "bomb": ("a.docx", bomb(), "file_bomb"),
    "macros": ("a.docx", with_part("word/vbaProject.bin", b"x"), "file_macros"),
    "cut off": ("a.docx", word(LIST)[:-400], "file_damaged"),
    "no words": ("a.docx", word(""), "paper_empty"),
    "empty sheet": ("a.xlsx", empty_sheet(), "table_empty"),
    "empty": ("a.txt", b" \n\n", "file_empty"),
    "nothing": ("a.txt", b"\0", "file_empty"),
    "garbage": ("a.txt", bytes(range(256)) * 8, "file_type"),
    "archive": ("a.zip", b"PK\x05\x06" + b"\0" * 18, "file_type"),
    "picture": ("a.png", picture(), "paper_kind"),
    "too long": ("a.txt", "一、抓落实。".encode() * 60_000, "document_long"),
    "secret": ("a.docx", word(LIST, head="秘密★"), "secrecy_mark"),
    "identity card": ("a.txt", "身份证号11010519491231002X".encode(), "identity_number"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_files_are_refused_at_the_page_and_the_api(desk: World, client: Client, case: str) -> None:
    """The sentence stands beside the form, what was typed stays, and nothing is kept."""
    name, content, code = REFUSED[case]
    client.force_login(desk.users["office"])
    counts = (StoredFile.objects.count(), Document.objects.count(), Entry.objects.count(), Job.objects.count())
    told = {"title": "某项任务清单", "doc_on": "2026-03-01", "kind": "notice"}
    page = client.post(reverse("intake:receive"), {**told, "file": SimpleUploadedFile(name, content)})
    if page.status_code == 422 and "refusal" not in page.context:  # the form itself refuses an empty file
        assert page.context["form"].errors["file"]
    else:
        assert page.status_code == Refused(code).status
        assert page.context["refusal"]["code"] == code
        assert (
            page.context["refusal"]["sentence"] in page.content.decode() or "&" in page.context["refusal"]["sentence"]
        )
    assert "某项任务清单" in page.content.decode()
    sent = client.post("/api/v1/intake/documents", {**told, "file": SimpleUploadedFile(name, content)})
    assert (sent.status_code, sent.json()["code"]) == (422, code)
    assert name in sent.json()["detail"] or code in {"secrecy_mark", "identity_number"}
    assert counts == (
        StoredFile.objects.count(), Document.objects.count(), Entry.objects.count(), Job.objects.count(),
    )  # fmt: skip


def test_too_large(desk: World, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiving, "MAX_BYTES", 20)
    client.force_login(desk.users["office"])
    told = {"title": "某文", "doc_on": "2026-03-01", "file": SimpleUploadedFile("a.txt", LIST.encode())}
    sent = client.post("/api/v1/intake/documents", told)
    assert sent.json()["code"] == "file_too_large"


class Waiting:
    """A document that was handed in and waits to be read."""

    def __init__(self, desk: World, client: Client) -> None:
        self.desk, self.client = desk, client
        client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
        client.force_login(desk.users["office"])
        told = {"title": "十件事清单", "doc_on": "2026-03-01", "file": SimpleUploadedFile("十件事.txt", LIST.encode())}
        self.sent = client.post("/api/v1/intake/documents", told).json()
        self.api = f"/api/v1/intake/documents/{self.sent['id']}"
        self.page = reverse("intake:document", args=[self.sent["id"]])

    @property
    def row(self) -> Document:
        return Document.objects.get(pk=self.sent["id"])

    def told(self) -> dict[str, Any]:
        answer: dict[str, Any] = self.client.get(self.api).json()
        return answer

    def handle(self, act: str, version: int | None = None) -> Any:
        values = {"version": self.row.version if version is None else version}
        return self.client.post(reverse("intake:handle", args=[self.sent["id"], act]), values)


@pytest.fixture
def waiting(desk: World, client: Client) -> Waiting:
    return Waiting(desk, client)


def broken(*_args: object, **_kwargs: object) -> None:
    raise RuntimeError("a fault")


def test_a_fault_of_the_reading_is_told_and_can_be_tried_again(
    waiting: Waiting, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert waiting.told()["state"] == "reading"
    assert 'id="reading"' in waiting.client.get(waiting.page).content.decode()
    with monkeypatch.context() as patched:
        patched.setattr(reader, "read", broken)
        run_ready(timezone.now())
    assert (waiting.row.state, waiting.row.refusal["code"]) == ("refused", "reading_failed")
    told = waiting.told()
    assert (told["state"], told["code"]) == ("refused", "reading_failed")
    assert told["why"] == "The document could not be read because of a fault in the system; it is kept as it is."
    page = waiting.client.get(waiting.page).content.decode()
    assert told["why"] in page
    assert 'id="reading"' not in page
    for way in (reverse("intake:receive"), "handle/read/", "handle/remove/"):
        assert way in page
    assert "Not read" in waiting.client.get(reverse("intake:documents")).content.decode()
    assert waiting.client.get(f"{waiting.api}/draft").status_code == 404
    assert Entry.objects.filter(type="intake.ReadingRefused").count() == 1
    assert waiting.handle("read", version=99).status_code == 409
    assert waiting.handle("read").status_code == 302
    assert waiting.told()["state"] == "reading"
    run_ready(timezone.now())
    assert waiting.told()["state"] == "read"
    assert Draft.objects.filter(document=waiting.row).exists()
    again = waiting.handle("read")
    assert again.status_code == 409
    waiting.desk.audit()


def test_who_lost_the_post_leaves_no_document_being_read(waiting: Waiting) -> None:
    from luoshi.units.models import Holding

    holding = Holding.objects.filter(user=waiting.desk.users["office"], until_on__isnull=True)
    holding.update(until_on=timezone.localdate() - dt.timedelta(days=1))
    run_ready(timezone.now())
    assert (waiting.row.state, waiting.row.refusal["code"]) == ("refused", "no_post")


def test_a_stopped_or_lost_job_is_not_waited_for(waiting: Waiting) -> None:
    job = Job.objects.get(pk=waiting.row.job_id)
    Job.objects.filter(pk=job.pk).update(state="cancelled")
    assert (waiting.told()["state"], waiting.told()["code"]) == ("refused", "reading_stopped")
    Job.objects.filter(pk=job.pk).update(state="failed", refusals=[refusal(Refused("job_abandoned", times=3))])
    told = waiting.told()
    assert told["code"] == "job_abandoned"
    assert "3 times" in told["why"]
    answer = waiting.client.post(
        f"{waiting.api}/read", content_type="application/json", headers={"If-Match": f'"{told["version"]}"'}
    )
    assert (answer.status_code, answer.json()["state"]) == (200, "reading")
    run_ready(timezone.now())
    assert waiting.told()["state"] == "read"


def test_a_document_is_removed_and_put_back(waiting: Waiting) -> None:
    run_ready(timezone.now())
    assert waiting.handle("remove").status_code == 302
    listed = reverse("intake:documents")
    assert "十件事清单" not in waiting.client.get(listed).content.decode()
    assert "十件事清单" in waiting.client.get(f"{listed}?removed=1").content.decode()
    page = waiting.client.get(waiting.page).content.decode()
    assert "handle/put-back/" in page
    assert "act/share/" not in page
    draft = waiting.row.draft
    with pytest.raises(Refused) as refused:
        services.share_draft(
            actor=waiting.desk.who("office"), draft=draft.pk, version=draft.version, shared=True, at=waiting.desk.at
        )
    assert refused.value.code == "document_removed"
    tag = {"content_type": "application/json", "headers": {"If-Match": f'"{waiting.row.version}"'}}
    assert waiting.client.post(f"{waiting.api}/remove", {"removed": False}, **tag).json()["removed"] is False
    assert waiting.client.post(f"{waiting.api}/remove", {"removed": True}, **tag).status_code == 412
    assert "十件事清单" in waiting.client.get(listed).content.decode()
    waiting.client.force_login(waiting.desk.users["a_office"])
    assert waiting.handle("remove").status_code == 404
    waiting.client.force_login(waiting.desk.users["verifier"])
    assert waiting.handle("remove").status_code == 403
    waiting.desk.audit()


def test_a_correction_that_cannot_be_read_is_told(
    desk: World, receive: Receive, monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    first = receive(LIST)
    document, _entry = services.receive_document(
        actor=desk.who("office"), upload=SimpleUploadedFile("b.txt", LIST.encode()), title="更正", doc_on=first.doc_on,
        revision_of=first.pk, at=desk.at,
    )  # fmt: skip
    client.force_login(desk.users["office"])
    with monkeypatch.context() as patched:
        patched.setattr(reader, "read", broken)
        run_ready(timezone.now())
    changes = client.get(reverse("intake:changes", args=[document.pk]))
    assert changes["Location"] == reverse("intake:document", args=[document.pk])
    assert "handle/read/" in client.get(changes["Location"]).content.decode()
    assert client.get(f"/api/v1/intake/documents/{document.pk}/changes").status_code == 404


def test_acts_on_a_document_by_their_services(desk: World, receive: Receive) -> None:
    """A refusal that comes too late changes nothing; what is not stale, removed or issued may be handled."""
    document = receive(LIST)
    base: dict[str, Any] = {"document": document.pk, "at": desk.at}
    entries = Entry.objects.count()
    late = services.refuse_reading(refused=Refused("reading_failed"), **base)
    assert (late.state, late.refusal, Entry.objects.count()) == ("read", {}, entries)
    for code, act, values in (
        ("stale_version", services.read_again, {"version": 99}),
        ("document_stands", services.read_again, {"version": document.version}),
        ("stale_version", services.remove_document, {"version": 99}),
    ):
        with pytest.raises(Refused) as refused:
            act(actor=desk.who("office"), **base, **values)
        assert refused.value.code == code
    removed, _entry = services.remove_document(actor=desk.who("office"), version=document.version, **base)
    with pytest.raises(Refused) as refused:
        services.read_again(actor=desk.who("office"), version=removed.version, **base)
    assert refused.value.code == "document_removed"
    back, _entry = services.remove_document(actor=desk.who("office"), version=removed.version, removed=False, **base)
    Draft.objects.filter(document=document).update(issued_at=desk.at)
    with pytest.raises(Refused) as refused:
        services.remove_document(actor=desk.who("office"), version=back.version, **base)
    assert refused.value.code == "document_issued"
    assert Entry.objects.count() == entries + 2
