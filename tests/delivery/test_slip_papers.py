"""公文: an issued slip as a paper, at the page and the API, for whoever may see it."""

from __future__ import annotations

import datetime as dt
import io

import docx
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from tests.delivery.test_slips import LATE, do, issued, overdue
from tests.delivery.world import World

from luoshi.accounts.services import create_token
from luoshi.delivery.models import Report, Slip
from luoshi.delivery.queries import slip_papers
from luoshi.rules import papers
from luoshi.rules.permissions import SYSTEM
from luoshi.rules.refusals import Refused


def signed_in(world: World, who: str) -> Client:
    client = Client(headers={"accept-language": "zh-hans"})
    client.force_login(world.users[who])
    return client


def by_token(world: World, who: str) -> Client:
    _row, secret = create_token(user=world.users[who], name="t", actor=SYSTEM, at=timezone.now())
    return Client(headers={"authorization": f"Bearer {secret}", "accept-language": "zh-hans"})


def content(response: object) -> bytes:
    return b"".join(response.streaming_content)  # type: ignore[attr-defined]


def test_an_issued_slip_is_a_letter_of_the_day_it_was_issued(world: World) -> None:
    slip = issued(world, words="请报整改时限。")
    with translation.override("zh-hans"):
        paper = papers.check(slip_papers.paper_of_slip(slip))
        assert paper.form is papers.Form.LETTER
        assert (paper.number, paper.to, paper.mark) == (slip.number, (slip.unit.name,), slip.issuer.name)
        assert paper.title.startswith("关于督办")
        assert paper.signature == papers.Signature(slip.issuer.name, dt.date(2026, 5, 16))
        assert papers.Paragraph("请报整改时限。") in paper.blocks
        c = slip.commitment
        Report.objects.filter(commitment=c).delete()
        Report.objects.create(
            commitment=c,
            percent=90,
            words="后来",
            by_post=slip.post,
            occurred_at=LATE,
            recorded_at=LATE + dt.timedelta(days=9),
        )
        assert slip_papers.paper_of_slip(Slip.objects.get(pk=slip.pk)) == paper, "what came later changes no paper"


def test_a_paper_in_english_is_plain(world: World) -> None:
    slip = issued(world)
    with translation.override("en"):
        paper = papers.check(slip_papers.paper_of_slip(slip))
    assert paper.form is papers.Form.PLAIN
    assert paper.title.startswith("Supervision letter on ")


def test_what_is_not_issued_has_no_paper_and_what_is_not_late_no_urge(world: World) -> None:
    overdue(world)
    slip = Slip.objects.get()
    with pytest.raises(Refused) as refused:
        slip_papers.paper_of_slip(slip)
    assert refused.value.code == "paper_not_issued"
    slip = do(world, "approve_slip", "office", slip, opinion="同意督办")
    with pytest.raises(Refused) as refused:
        slip_papers.urge_of_slip(slip, LATE)
    assert refused.value.code == "paper_not_late"
    urge = slip_papers.urge_of_slip(slip, LATE + dt.timedelta(days=20))
    assert papers.check(urge).kind is papers.Kind.URGE


def test_the_page_offers_its_papers_and_they_are_files(world: World) -> None:
    slip = issued(world)
    client = signed_in(world, "office")
    page = client.get(reverse("delivery:slip", args=[slip.pk])).content.decode()
    for ending in ("paper.docx", "paper.pdf", "urge.docx", "urge.pdf"):
        assert f"/slips/{slip.pk}/{ending}" in page
    answer = client.get(reverse("delivery:slip_docx", args=[slip.pk]))
    assert answer.status_code == 200
    assert "attachment" in answer["Content-Disposition"]
    text = "\n".join(one.text for one in docx.Document(io.BytesIO(content(answer))).paragraphs)
    assert slip.number in text
    assert f"{slip.unit.name}：" in text
    answer = client.get(reverse("delivery:slip_pdf", args=[slip.pk]))
    assert answer["Content-Type"] == "application/pdf"
    assert content(answer).startswith(b"%PDF")


def test_who_may_not_see_the_slip_gets_no_paper_at_any_door(world: World) -> None:
    slip = issued(world)
    stranger = next(name for name in world.users if name.startswith("b_"))
    client, outside = signed_in(world, stranger), by_token(world, stranger)
    for name in ("slip_docx", "slip_pdf", "urge_docx", "urge_pdf"):
        assert client.get(reverse(f"delivery:{name}", args=[slip.pk])).status_code == 404
    for ending in ("paper.docx", "paper.pdf", "urge.docx", "urge.pdf"):
        assert outside.get(f"/api/v1/slips/{slip.pk}/{ending}").status_code == 404


def test_the_api_gives_the_same_files(world: World) -> None:
    slip = issued(world)
    client, outside = signed_in(world, "a_head"), by_token(world, "a_head")
    first = outside.get(f"/api/v1/slips/{slip.pk}/paper.docx")
    assert first.status_code == 200
    assert content(first) == content(client.get(reverse("delivery:slip_docx", args=[slip.pk])))
    assert outside.get(f"/api/v1/slips/{slip.pk}/urge.docx").status_code == 200
