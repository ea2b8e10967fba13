"""The report on look-backs: counted by matter, what failed with its state, told only when it may be, as a paper."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.assurance.pool_world import PoolWorld
from tests.assurance.test_look_back_doors import LATER, looked, pool  # noqa: F401

from luoshi.assurance.models import LookBackDraw, Visit
from luoshi.assurance.queries import reporting
from luoshi.delivery.models import Commitment
from luoshi.rules import looking_back as rules
from luoshi.rules.papers.writing.ground import Style
from luoshi.rules.papers.writing.look_backs import LookedBack, look_back_paper
from luoshi.rules.refusals import Refused

DAY = dt.date(2026, 8, 14)


def test_a_period_is_a_half_year_or_two_days_and_never_to_come() -> None:
    assert rules.period(DAY) == (dt.date(2026, 7, 1), DAY)
    assert rules.period(DAY, half="2026-1") == (dt.date(2026, 1, 1), dt.date(2026, 6, 30))
    assert rules.period(DAY, half="2025-2") == (dt.date(2025, 7, 1), dt.date(2025, 12, 31))
    assert rules.period(DAY, from_on=dt.date(2026, 8, 1)) == (dt.date(2026, 8, 1), DAY)
    assert rules.period(DAY, until_on=dt.date(2026, 7, 9)) == (dt.date(2026, 7, 1), dt.date(2026, 7, 9))
    some: list[dict[str, Any]] = [
        *({"half": half} for half in ("2026", "2026-3", "2027-1", "26-1", "二〇-1", "0000-1", "9999-1", "2026-1-1")),
        {"from_on": dt.date(2026, 9, 1)},
        {"from_on": DAY, "until_on": dt.date(2026, 8, 1)},
        {"half": "2026-1", "from_on": DAY},
    ]
    for told in some:
        with pytest.raises(Refused) as refused:
            rules.period(DAY, **told)
        assert refused.value.code == "look_back_period", told
    assert [one.key for one in rules.halves(dt.date(2025, 12, 1), DAY)] == ["2026-2", "2026-1", "2025-2"]
    assert len(rules.halves(dt.date(2001, 1, 1), DAY)) == 4


def told(pool: PoolWorld, name: str) -> LookedBack:  # noqa: F811
    today = pool.w.at.date() + LATER
    period = rules.Period(pool.w.at.date() - dt.timedelta(days=30), today)
    return reporting.report_of(pool.w.who(name), pool.w.programme, period, today)


def test_what_was_drawn_is_counted_by_matter_and_what_failed_is_told(pool: PoolWorld) -> None:  # noqa: F811
    tasks = list(Commitment.objects.filter(lead__level="village").order_by("ref")[:6])
    looked(pool, tasks[:2], 40)
    looked(pool, tasks[2:3], 50, holds=False)
    looked(pool, tasks[3:4], 60, holds=None)
    looked(pool, tasks[4:5], 119, holds=True)  # its visit is tomorrow or later: nobody learns of it
    Visit.objects.filter(look_back_draw__commitment=tasks[4]).update(
        state="assigned", holds=None, day=pool.w.at.date() + LATER + dt.timedelta(days=1)
    )
    looked(pool, tasks[5:], 70, holds=None)
    LookBackDraw.objects.filter(commitment=tasks[5]).update(over=True)
    Visit.objects.filter(holds=False).update(words="设施停用")
    report = told(pool, "office")
    [matter] = report.matters
    assert (matter.held, matter.failed, matter.unknown, matter.over, matter.drawn) == (2, 1, 0, 1, 4)
    [failed] = report.failed
    assert (failed.ref, failed.reason, failed.held) == (tasks[2].ref, "设施停用", False)
    assert failed.now
    assert [one.ref for one in report.looked] == [one.ref for one in tasks[:3]]
    assert tasks[4].ref not in str(report)
    assert told(pool, "b_head").matters == (), "another prefecture's are not told"
    paper = look_back_paper(report, Style("en", str))
    assert "the lot fell on 4 commitments" in str(paper.blocks)
    assert "2 hold, 1 do not" in str(paper.blocks)


def test_the_statements_of_the_report_do_not_grow(pool: PoolWorld) -> None:  # noqa: F811
    tasks = list(Commitment.objects.filter(lead__level="village").order_by("ref")[:6])

    def counted() -> int:
        told(pool, "office")
        with CaptureQueriesContext(connection) as found:
            told(pool, "office")
        return len(found)

    looked(pool, tasks[:1], 40, holds=False)
    before = counted()
    looked(pool, tasks[1:], 50, holds=False)
    assert counted() == before
    assert before <= 6


def test_a_long_list_says_what_it_leaves_out(pool: PoolWorld, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.setattr(reporting, "MOST_FAILED", 1)
    monkeypatch.setattr(reporting, "MOST_LOOKED", 2)
    looked(pool, list(Commitment.objects.filter(lead__level="village")[:3]), 40, holds=False)
    paper = look_back_paper(told(pool, "office"), Style("en", str))
    assert "2 more stand on the page" in str(paper.blocks)
    assert "1 more stand on the page" in str(paper.annexes)


def test_the_report_is_had_from_the_page_and_over_the_api(pool: PoolWorld) -> None:  # noqa: F811
    looked(pool, list(Commitment.objects.filter(lead__level="village")[:2]), 40, holds=False)
    client = Client(headers={"accept-language": "en"})
    client.force_login(pool.w.users["office"])
    half = rules.half_of(pool.w.at.date() + dt.timedelta(days=41)).key
    assert f"/look-backs/ten/report.pdf?half={half}" in client.get("/look-backs/?programme=ten").content.decode()
    word = client.get(f"/look-backs/ten/report.docx?half={half}")
    body = b"".join(word.streaming_content) if word.streaming else word.content  # type: ignore[attr-defined]
    text = zipfile.ZipFile(io.BytesIO(body)).read("word/document.xml").decode()
    assert "Results by matter" in text
    assert client.get("/look-backs/ten/report.pdf?half=2099-1").status_code == 422
    assert client.get("/look-backs/none/report.pdf").status_code == 404
    found = client.get(f"/api/v1/programmes/ten/look-backs/report?half={half}")
    assert (found.status_code, found["Content-Type"]) == (200, "application/pdf")
    days = client.get("/api/v1/programmes/ten/look-backs/report?kind=docx&from_on=2026-01-01&until_on=2026-06-30")
    assert days.status_code == 200
    refused = client.get("/api/v1/programmes/ten/look-backs/report?half=2026-9")
    assert (refused.status_code, refused.json()["code"]) == (422, "look_back_period")
