"""How well news is matched to the ten matters: on a list labelled by hand, and on one the rules never saw."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from zoneinfo import ZoneInfo

import pytest
from tests.intake.labelled_news import HELD_OUT, LABELLED

from luoshi.delivery.models import Matter
from luoshi.intake.queries import news as queries
from luoshi.office.queries.terms import words
from luoshi.packs import loader
from luoshi.rules.matching import Matcher
from luoshi.rules.permissions import SYSTEM
from luoshi.units import services as units

AT = dt.datetime(2026, 3, 2, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def matcher(db: None) -> Matcher[int]:
    table = "code,name,level,parent_code\n530000,云南省,province,\n530400,玉溪市,prefecture,530000\n"
    units.import_units(actor=SYSTEM, at=AT, text=table)
    loader.load(loader.read("ten_matters"), actor=SYSTEM, at=AT)
    return queries.matter_words(queries.unit_names())


def measured(matcher: Matcher[int], news: Iterable[tuple[str, str, frozenset[int]]]) -> tuple[float, float]:
    """Precision and recall over all pairs of article and matter."""
    numbers = dict(Matter.objects.values_list("pk", "number"))
    right = wrong = missed = 0
    for title, text, wanted in news:
        found = {numbers[match.key] for match in matcher.matches(words(f"{title}\n{text}"))}
        right, wrong, missed = right + len(found & wanted), wrong + len(found - wanted), missed + len(wanted - found)
    return right / (right + wrong), right / (right + missed)


def test_matching_is_precise_and_finds_most(matcher: Matcher[int]) -> None:
    assert len(LABELLED) + len(HELD_OUT) == 130
    precision, recall = measured(matcher, LABELLED)
    assert (precision >= 0.96, recall >= 0.80) == (True, True), (precision, recall)
    precision, recall = measured(matcher, HELD_OUT)
    assert (precision >= 0.94, recall >= 0.70) == (True, True), (precision, recall)


def test_turns_of_phrase_and_names_of_units_bring_nothing(matcher: Matcher[int]) -> None:
    for text in ("会议强调进一步加强统筹推进各项工作落实", "云南省玉溪市玉溪召开会议", "全面推进重点领域建设发展"):
        assert matcher.matches(words(text)) == [], text
