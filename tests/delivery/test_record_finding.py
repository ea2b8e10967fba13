"""Recording a reason to look（疑点）."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.delivery.world import World

from luoshi.delivery import queries
from luoshi.delivery.models import Evidence
from luoshi.delivery.queries import objecting
from luoshi.office.services import store_file
from luoshi.rules.lifecycle import Act
from luoshi.rules.refusals import Refused


def store(world: World, name: str, text: str) -> tuple[str, str]:
    """A stored file by its digest, and its name."""
    upload = SimpleUploadedFile(name, text.encode())
    return store_file(upload, actor=world.who("verifier"), at=world.at).digest, name


@pytest.mark.principle(8)
def test_a_finding_is_a_reason_to_look_and_changes_no_state(world: World) -> None:
    c = world.do("record_finding", "verifier", world.accepted(), words="进度与投资不符", evidence="两张照片相同")
    finding = c.findings.get()
    assert (c.state, c.open_findings, finding.conclusion, finding.evidence) == ("accepted", 1, "", "两张照片相同")
    cell = queries.cells([c.lead_id], [world.matter])[c.lead_id, world.matter.pk]
    assert (cell.open_findings, cell.verified) == (1, 0)
    world.audit()


def test_not_otherwise(world: World) -> None:
    c = world.accepted()
    world.refuses("reason_missing", "record_finding", "verifier", c, words="")
    world.refuses("identity_number", "record_finding", "verifier", c, words="x", evidence="11010519491231002X")
    world.refuses("verifier_on_line", "record_finding", "a_verifier", c, words="x")
    world.closed_to_others("record_finding", "verifier", c, words="x")
    world.refuses("not_your_act", "record_finding", "a_head", c, words="x")
    world.bad_input(Act.FIND, "verifier", c, "words")
    world.refuses("wrong_state", "record_finding", "verifier", world.issued(), words="x")


@pytest.mark.principle(8)
def test_a_finding_shows_files_links_and_what_the_unit_handed_in(world: World) -> None:
    files = [store(world, "现场照片.txt", "井盖缺失")]
    c = world.accepted()
    own = [store(world, "竣工表.txt", "全部完工")]
    c = world.do("report_on_commitment", "a_handler", c, percent=60, words="管网接通", files=own)
    piece = Evidence.objects.get()
    links = ["https://example.gov.cn/notice", "/visits/1/"]
    c = world.do("record_finding", "verifier", c, words="不符", files=files, links=links, shows=[piece.pk])
    shown = [(one.name, one.piece_id, one.url) for one in c.findings.get().shown.all()]
    assert shown == [
        ("竣工表.txt", piece.pk, ""),
        ("现场照片.txt", None, ""),
        ("https://example.gov.cn/notice", None, "https://example.gov.cn/notice"),
        ("/visits/1/", None, "/visits/1/"),
    ]
    world.audit()
    rows = objecting.findings_of(world.who("a_handler"), c.ref)
    assert [len(row.shown.all()) for row in rows] == [4], "the unit sees all that stands against it"
    file = c.findings.get().shown.get(piece__isnull=True, url="")
    assert objecting.finding_file(world.who("a_head"), c.ref, file.pk).name == "现场照片.txt"
    with pytest.raises(Refused, match="nothing here"):
        objecting.finding_file(world.who("b_head"), c.ref, file.pk)


def test_it_shows_only_what_is_there_and_belongs_to_it(world: World) -> None:
    other = world.reported(lead="532900", by="b_handler")
    files = [store(world, "甲.txt", "甲")]
    world.do("report_on_commitment", "b_handler", other, percent=60, words="x", files=files)
    c, piece = world.accepted(), Evidence.objects.get()
    world.refuses("finding_shows_other", "record_finding", "verifier", c, words="x", shows=[piece.pk])
    world.refuses("unknown_file", "record_finding", "verifier", c, words="x", files=[("0" * 64, "x")])
    for bad in ("javascript:alert(1)", "//elsewhere.cn/x", "data:text/html,x"):
        world.refuses("finding_link", "record_finding", "verifier", c, words="x", links=[bad])
    links = [f"/x/{n}/" for n in range(11)]
    world.refuses("too_many_files", "record_finding", "verifier", c, words="x", links=links)
