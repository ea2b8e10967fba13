"""Damaged packs are refused: which file, which place, why."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

import luoshi.packs
from luoshi.packs.schema import reading
from luoshi.packs.schema.pack import PackInvalid
from luoshi.packs.schema.reading import parse_pack, read_pack

FOLDER = Path(luoshi.packs.__path__[0]) / "ten_matters"
NAMES = ("programme", "matters", "ladders", "departments", "sources", "story")


@pytest.fixture(scope="module")
def whole() -> dict[str, Any]:
    return {name: yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8")) for name in NAMES}


def put(data: Any, path: str, value: Any) -> None:
    """Set (or, with ``...``, take out) the place at ``path`` like ``matters/2/name/en``."""
    *steps, last = [int(step) if step.lstrip("-").isdigit() else step for step in path.split("/")]
    for step in steps:
        data = data[step]
    if value is ...:
        del data[last]
    else:
        data[last] = value


INDICATOR = {"key": "k", "name": {"zh": "指标", "en": "Indicator"}, "about": "facility", "uom": "处"}

DAMAGES = [
    ("matters/matters/0/name/en", ..., "matters.yaml: matters › 1 › name › en: this field is missing"),
    ("matters/matters/0/colour", "red", "matters › 1 › colour: a pack has no such field"),
    ("matters/matters/0/number", "first", "matters › 1 › number"),
    ("matters/matters/1/key", "farmers_income", "“farmers_income” stands here more than once"),
    ("matters/matters/9/number", 12, "numbers must run from 1 without a gap"),
    ("matters/matters/0/quote/text", "让老百姓的日子越过越红火。", "does not stand word for word in paragraph 1"),
    ("matters/matters/0/quote/paragraph", 2, "does not stand word for word in paragraph 2"),
    ("matters/matters/0/quote/source", "hearsay", "“hearsay” is not defined in this pack"),
    ("matters/matters/2/sub_matters/0/quote", "十大高原湖泊", "does not stand word for word"),
    ("matters/matters/2/sub_matters/7/number", 9, "numbers must run from 1 without a gap"),
    ("matters/matters/2/sub_matters/1/key", "plateau_lakes", "“plateau_lakes” stands here more than once"),
    ("matters/matters/2/commitments/0/sub_matter", "mines", "“mines” is not defined in this pack"),
    ("matters/matters/0/commitments/0/requirement", "收入增长12%。", "“12” is a figure or a date"),
    ("matters/matters/0/commitments/0/title/en", "Raise incomes by 2026", "“2026” is a figure or a date"),
    ("matters/matters/0/commitments/0/kind", "duty", "a standing duty needs a frequency"),
    ("matters/matters/0/commitments/0/due_on", "2024-12-31", "a pack has no such field"),
    ("matters/matters/4/sub_matters/2/name/zh", "危化品", "its name must be what the source shows"),
    ("matters/matters/4/sub_matters/2/note", ..., "a garbled name needs a note"),
    ("matters/matters/4/sub_matters/0/probable_reading", {"zh": "甲", "en": "A"}, "a probable reading belongs only"),
    ("programme/programme/prefix", "yn 2024", "“yn 2024” cannot be the prefix of numbers"),
    ("programme/programme/authority", ..., "programme › authority: this field is missing"),
    ("programme/programme/authority/source", "nobody", "“nobody” is not defined in this pack"),
    ("programme/programme/ladder", "gentle", "“gentle” is not defined in this pack"),
    ("programme/programme/visibility", "everyone", "programme › visibility"),
    ("programme/programme/indicators", [INDICATOR | {"about": "person"}], "programme › indicators › 1 › about"),
    ("programme/programme/indicators", [INDICATOR | {"split_by": ["ethnicity"]}], "indicators › 1 › split_by"),
    ("programme/programme/indicators", [INDICATOR | {"name": {"zh": "户主姓名", "en": "x"}}], "“户主” points to data"),
    ("programme/programme/indicators", [INDICATOR | {"columns": ["身份证"]}], "a pack has no such field"),
    ("ladders/ladders/0/rungs/0/days", 300, "the days must grow from step to step"),
    ("ladders/ladders/0/rungs/0/act", "shame", "ladders › 1 › rungs › 1 › act"),
    ("departments/departments/0/en/county", ..., "English names must be given for the same levels"),
    ("departments/departments/1/key", "supervision", "“supervision” stands here more than once"),
    ("departments/departments/1/names/county", "审计局", "“审计局” stands here more than once"),
    ("sources/sources/0/paragraphs/1/number", 1, "“1” stands here more than once"),
    ("sources/sources/0/on", "last winter", "sources › 1 › on"),
    ("story/story/tour/4", ..., "the guided tour has five steps"),
    ("story/story/tour/0/commitment", "dianchi", "“dianchi” is not defined in this pack"),
    ("story/story/tour/0/person", "nobody", "“nobody” is not defined in this pack"),
    ("story/story/lines/0/works/0", "建成3座冷库", "no figure but percents of progress: “3”"),
    ("story/story/lines/0/works/0", "建成两座冷库", "no figure but percents of progress: “两”"),
    ("story/story/lines/0/titles/county", "{person}的任务", "“{person}” is no slot"),
    ("story/story/lines/0/titles/county", "{area的任务", "is no slot"),
    ("story/story/lines/0/department", "magic", "“magic” is not defined in this pack"),
    ("story/story/lines/0/sub_matter", "mines", "is not defined in this pack"),
    ("story/story/lines/23/works/0", "寺院检查", "name no group, belief or place of worship"),
    ("story/story/commitments/0/acts/0/day", -400, "the acts must follow each other in time"),
    ("story/story/commitments/0/acts/0/by", "ghost", "“ghost” is not defined in this pack"),
    ("story/story/commitments/1/acts/6/by", "hongta-handler", "must be three different persons"),
    ("story/story/commitments/1/parent", "nowhere", "“nowhere” is not defined in this pack"),
    ("story/story/persons/0/username", "Prov Office", "story › persons › 1 › username"),
]


@pytest.mark.parametrize(("path", "value", "sentence"), DAMAGES, ids=[f"{p}={v!r}"[:70] for p, v, _s in DAMAGES])
def test_damage_is_refused_with_a_clear_sentence(whole, path, value, sentence):
    damaged = copy.deepcopy(whole)
    put(damaged, path, value)
    with pytest.raises(PackInvalid) as refused:
        parse_pack({name: yaml.safe_dump(data, allow_unicode=True) for name, data in damaged.items()})
    assert sentence in str(refused.value)
    assert f"{path.split('/')[0]}.yaml" in {problem.file for problem in refused.value.problems}
    assert "%(" not in str(refused.value)


def test_the_undamaged_pack_survives_the_round_trip(whole):
    assert parse_pack({name: yaml.safe_dump(data, allow_unicode=True) for name, data in whole.items()}).story


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("matters: [", "this is not YAML"),
        ("matters: !!python/object/apply:os.system ['true']", "this is not YAML"),
        ("matters: [&a {number: 1}, *a]", "aliases (*) are not allowed"),
        ("matters: []\nmatters: []", "the key 'matters' stands twice"),
        ("other: []", "matters.yaml: matters: this field is missing"),
        ("- 1", "this field is missing"),
        ("", "this field is missing"),
        ("[" * 5000, "this is not YAML"),
        ("matters: [{? [1, 2] : x}]", "this is not YAML"),
    ],
)
def test_files_that_are_no_pack(whole, text, sentence):
    texts = {name: yaml.safe_dump(data, allow_unicode=True) for name, data in whole.items()}
    with pytest.raises(PackInvalid) as refused:
        parse_pack(texts | {"matters": text})
    assert sentence in str(refused.value)


def test_missing_and_oversized_and_badly_encoded_files(tmp_path, monkeypatch):
    with pytest.raises(PackInvalid) as refused:
        read_pack(tmp_path)
    assert str(refused.value).count("the file is missing") == 5
    (tmp_path / "matters.yaml").write_bytes(b"matters: \xff\xfe")
    with pytest.raises(PackInvalid, match="this is not YAML"):
        read_pack(tmp_path)
    monkeypatch.setattr(reading, "MAX_BYTES", 4)
    with pytest.raises(PackInvalid, match="larger than 4 bytes"):
        read_pack(tmp_path)


def test_a_pack_without_a_story_is_whole(whole):
    texts = {name: yaml.safe_dump(data, allow_unicode=True) for name, data in whole.items() if name != "story"}
    assert parse_pack(texts).story is None
