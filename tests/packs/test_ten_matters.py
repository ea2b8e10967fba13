"""The shipped pack says what its source says, and nothing more."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

import luoshi.packs
from luoshi.packs.schema.checking import PEOPLE_WORDS
from luoshi.packs.schema.pack import Pack
from luoshi.packs.schema.reading import parse_pack, read_pack
from luoshi.packs.schema.telling import SENSITIVE_WORDS
from luoshi.rules.documents.screening import screen

FOLDER = Path(luoshi.packs.__path__[0]) / "ten_matters"


@pytest.fixture(scope="module")
def pack() -> Pack:
    return read_pack(FOLDER)


@pytest.mark.principle(10)
def test_every_quote_stands_in_its_paragraph(pack):
    for matter in pack.matters:
        paragraphs = {p.number: p for p in pack.source(matter.quote.source).paragraphs}
        paragraph = paragraphs[matter.quote.paragraph]
        assert matter.quote.text in paragraph.text
        assert matter.name.zh in paragraph.heading
        for sub in matter.sub_matters:
            assert sub.quote in matter.quote.text


def test_ten_matters_with_their_parts(pack):
    assert [matter.number for matter in pack.matters] == list(range(1, 11))
    assert {m.number: len(m.sub_matters) for m in pack.matters if m.sub_matters} == {3: 8, 4: 3, 5: 6}
    assert [m.number for m in pack.matters if m.institutions_only] == [7, 8, 9]


@pytest.mark.principle(10)
def test_the_illegible_sector_stays_illegible(pack):
    garbled = [sub for matter in pack.matters for sub in matter.sub_matters if sub.garbled]
    assert [sub.name.zh for sub in garbled] == ["?;?"]
    assert garbled[0].note is not None
    assert "危化品" not in garbled[0].name.zh + garbled[0].name.en + garbled[0].quote
    assert "系统推测" in garbled[0].probable_reading.zh


@pytest.mark.principle(10)
def test_no_date_and_no_figure_of_our_own(pack):
    assert pack.programme.indicators == ()
    for matter in pack.matters:
        for item in matter.commitments:
            assert not any(sign.isdigit() for sign in item.title.zh + item.title.en + item.requirement)


@pytest.mark.principle(1)
def test_no_words_of_people_in_the_story(pack):
    for line in pack.story.lines:
        if line.matter in {7, 8, 9}:
            text = repr(line)
            assert not any(word in text for word in SENSITIVE_WORDS)
            assert not any(word in text for word in PEOPLE_WORDS)


def test_departments_cover_every_level(pack):
    keys = {department.key for department in pack.departments}
    assert {
        "supervision", "development", "agriculture", "natural_resources", "environment", "water", "emergency",
        "civil_affairs", "audit", "discipline",
    } <= keys  # fmt: skip
    for line in pack.story.lines:
        department = next(d for d in pack.departments if d.key == line.department)
        for level in set(line.titles) & {"province", "prefecture", "county"}:
            assert level in department.names


def test_the_tour_is_one_coherent_commitment(pack):
    story = pack.story
    main = next(item for item in story.commitments if item.key == "xingyun")
    children = [item for item in story.commitments if item.parent == "xingyun"]
    percents = [act.percent for act in main.acts if act.act == "report"]
    verified = [act.percent for act in main.acts if act.act == "verify"]
    assert (percents[-1], verified[-1]) == (100, 62)
    assert percents == sorted(percents)
    assert [act.granted for act in main.acts if act.act == "decide-extension"] == [True]
    asked = next(act for act in main.acts if act.act == "ask-extension")
    assert asked.day < main.due
    assert any(act.act == "refused-apply" for act in main.acts)
    assert not any(act.act in {"apply", "close"} for act in main.acts)
    assert len(children) == 5
    assert all([act.percent for act in c.acts if act.act == "report"][-1] == 100 for c in children)
    assert sum([act.percent for act in c.acts if act.act == "verify"][-1] for c in children) == 62 * 5
    reopened = next(item for item in story.commitments if item.key == "qilu")
    assert [act.act for act in reopened.acts][-2:] == ["close", "look-back"]
    assert reopened.acts[-1].passed is False


def test_every_matter_has_work_and_two_lines_reach_the_villages(pack):
    story = pack.story
    assert {line.matter for line in story.lines} == set(range(1, 11))
    for matter in pack.matters:
        for sub in matter.sub_matters:
            told = any(line.sub_matter == sub.key for line in story.lines)
            assert told != sub.garbled
    village = {line.key for line in story.lines if "village" in line.titles}
    assert village == set(story.village_lines)
    assert len(village) == 2
    assert {duty.frequency for duty in story.duties} == {"monthly", "quarterly"}


@pytest.mark.principle(10)
def test_the_files_pass_their_own_screening():
    for path in FOLDER.glob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        assert screen(text).text == text


def test_reading_twice_gives_the_same(pack):
    names = ("programme", "matters", "ladders", "departments", "sources", "story")
    texts = {name: (FOLDER / f"{name}.yaml").read_text(encoding="utf-8") for name in names}
    assert parse_pack(texts) == pack
    assert set(yaml.safe_load(texts["story"])) == {"story"}
