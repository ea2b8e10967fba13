"""Reporting（反馈）."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.delivery.world import World

from luoshi.delivery import queries, services
from luoshi.office.services import store_file
from luoshi.rules.lifecycle import Act


def test_a_report_is_said_and_nothing_is_verified(world: World) -> None:
    c = world.reported(100)
    assert (c.said, c.verified, c.verified_how, c.reports_count) == (100, 0, "", 1)
    assert c.completed_at == world.at
    world.audit()


@pytest.mark.principle(2)
def test_said_and_verified_stand_side_by_side(world: World) -> None:
    c = world.do(
        "verify_commitment", "verifier", world.reported(80), method="desk", passed=False, percent=30, words="缺两处"
    )
    cell = queries.cells([c.lead_id], [world.matter])[c.lead_id, world.matter.pk]
    assert (cell.said_percent, cell.verified_percent, cell.verified_desk, cell.gap) == (80, 30, 30, 50)


@pytest.mark.principle(6)
def test_a_correction_is_another_report(world: World) -> None:
    c = world.do("report_on_commitment", "a_handler", world.reported(80), percent=40, words="更正")
    assert (c.said, list(c.reports.order_by("id").values_list("percent", flat=True))) == (40, [80, 40])


def test_who_looked_at_nothing_may_report_still(world: World) -> None:
    c = world.accepted()
    done = services.report_on_commitment(
        actor=world.who("a_handler"), ref=c.ref, version=None, percent=10, words="开工", at=world.at
    )
    assert done.commitment.said == 10


def test_told_by_telephone_yesterday(world: World) -> None:
    c, yesterday, now = world.accepted(), world.at + dt.timedelta(hours=1), world.at + dt.timedelta(days=1)
    c = world.do("report_on_commitment", "a_handler", c, percent=10, words="电话报", occurred_at=yesterday, at=now)
    report = c.reports.get()
    assert (report.occurred_at, report.recorded_at) == (yesterday, now)
    world.refuses(
        "told_in_future",
        "report_on_commitment",
        "a_handler",
        c,
        percent=10,
        words="x",
        occurred_at=world.at + dt.timedelta(seconds=1),
    )


@pytest.mark.principle(10)
def test_no_words_let_a_secret_or_a_person_through(world: World) -> None:
    c = world.accepted()
    for field in ("words", "problems", "next_step"):
        values = {"words": "好", field: "经办人 11010519491231002X"}
        world.refuses("identity_number", "report_on_commitment", "a_handler", c, percent=1, **values)
    world.refuses("secrecy_mark", "report_on_commitment", "a_handler", c, percent=1, words="秘密★5年")
    link = "https://example.org/11010519491231002X"
    world.refuses("identity_number", "report_on_commitment", "a_handler", c, percent=1, words="见", links=[link])
    c = world.do("report_on_commitment", "a_handler", c, percent=1, words="找老张 13812345678")
    assert "13812345678" not in c.reports.get().words


def test_completed_again_after_it_was_sent_back(world: World) -> None:
    c = world.do("return_commitment", "office", world.reported(100), reason="缺验收单")
    assert c.completed_at is None
    c = world.do("report_on_commitment", "a_handler", c, percent=100, words="补齐")
    assert c.completed_at == world.at


def test_evidence_stands_behind_a_report_by_its_digest(world: World) -> None:
    c = world.accepted()
    stored = store_file(
        SimpleUploadedFile("管网.txt", "接通四百米".encode()), actor=world.who("a_handler"), at=world.at
    )
    c = world.do("report_on_commitment", "a_handler", c, percent=50, words="见", files=[(stored.digest, "管网.txt")])
    assert c.reports.get().evidence.get().digest == stored.digest
    world.refuses(
        "unknown_file", "report_on_commitment", "a_handler", c, percent=50, words="见", files=[("0" * 64, "x")]
    )
    many = [f"https://example.org/{n}" for n in range(11)]
    world.refuses("too_many_files", "report_on_commitment", "a_handler", c, percent=50, words="见", links=many)
    world.audit()


def test_the_unit_directly_above_answers_and_both_are_named(world: World) -> None:
    c = world.accepted("530423", by="a_handler")
    c = world.do("report_on_commitment", "a_handler", c, percent=30, words="代填")
    report = c.reports.get()
    assert (report.by_post.ref, report.for_unit_id, c.last_report_on_behalf) == ("P-a_handler", c.lead_id, True)


def test_not_otherwise(world: World) -> None:
    c = world.accepted()
    world.closed_to_others("report_on_commitment", "a_handler", c, percent=10, words="x")
    for name in ("head", "verifier", "a_epb_handler"):
        world.refuses("not_your_act", "report_on_commitment", name, c, percent=10, words="x")
    world.refuses("words_missing", "report_on_commitment", "a_handler", c, percent=10, words=" ")
    for percent in (-1, 101):
        world.refuses("percent_out_of_range", "report_on_commitment", "a_handler", c, percent=percent, words="x")
    world.bad_input(Act.REPORT, "a_handler", c, "percent", percent="many", words="x")
    world.bad_input(Act.REPORT, "a_handler", c, "words", percent=1, words=" ")
    world.bad_input(Act.REPORT, "a_handler", c, "links", percent=1, words="x", links=["javascript:alert(1)"])
    world.refuses("wrong_state", "report_on_commitment", "a_handler", world.issued(), percent=1, words="x")


def test_nothing_is_told_of_a_time_before_it_was_issued(world: World) -> None:
    c, said = world.accepted(), {"percent": 10, "words": "开工"}
    before = world.at - dt.timedelta(seconds=1)
    world.refuses("told_too_early", "report_on_commitment", "a_handler", c, occurred_at=before, **said)
    later = world.at + dt.timedelta(hours=2)
    c = world.do("report_on_commitment", "a_handler", c, at=later, occurred_at=world.at, **said)
    assert c.reports.get().occurred_at == world.at
    world.audit()
