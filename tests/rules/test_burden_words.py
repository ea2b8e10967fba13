"""What says the same, and what an ask costs: pure rules, tried with anything."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luoshi.office.queries.terms import cut
from luoshi.rules import alike, burden
from luoshi.rules.refusals import Refused

TEXT = st.text(alphabet="星云湖治污管网洱海 截污2026年，。abc", max_size=24)


@given(TEXT, TEXT)
def test_likeness_is_mutual_and_a_text_is_like_itself(one: str, other: str) -> None:
    assert burden.says_the_same(one, other, cut) == burden.says_the_same(other, one, cut)
    assert burden.says_the_same(one, one, cut) == bool(alike.normal(one))


@given(TEXT)
def test_spaces_width_and_punctuation_make_no_difference(text: str) -> None:
    dressed = " ".join(text).replace("a", "ａ") + "！"
    assert alike.normal(dressed) == alike.normal(text)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("推进星云湖治污管网建设", "推进星云湖治污管网建设。", True),
        ("全面推进星云湖流域治污管网工程建设", "全面推进星云湖流域的治污管网工程建设", True),
        ("完成2025年高标准农田建设", "完成2026年高标准农田建设", False),
        ("洱海截污", "洱海清淤", False),
        ("", "", False),
    ],
)
def test_by_name(one: str, other: str, same: bool) -> None:
    assert burden.says_the_same(one, other, cut) is same


CADENCES = st.sampled_from(["on_change", *burden.ANSWERS_A_YEAR])


@given(st.integers(0, 500), CADENCES, st.integers(0, 1000))
def test_levels_add_up_and_more_units_never_cost_less(units: int, cadence: str, days: int) -> None:
    start = dt.date(2026, 1, 1)
    found = burden.price(units=units, cadence=cadence, from_on=start, until_on=start + dt.timedelta(days=days))
    more = burden.price(units=units + 1, cadence=cadence, from_on=start, until_on=start + dt.timedelta(days=days))
    assert more.minutes > found.minutes
    half = units // 2
    assert found.at("county", half).minutes + found.at("township", units - half).minutes == found.minutes


@given(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9))
def test_every_field_file_and_photo_costs(fields: int, files: int, photos: int) -> None:
    base = burden.answer_minutes(fields=fields, files=files, photos=photos)
    assert burden.answer_minutes(fields=fields + 1, files=files, photos=photos) > base
    assert burden.answer_minutes(fields=fields, files=files + 1, photos=photos) > base
    assert burden.answer_minutes(fields=fields, files=files, photos=photos + 1) > base


def test_rarer_is_lighter_and_daily_is_refused() -> None:
    weights = [burden.weekly_minutes(one) for one in ("weekly", "monthly", "quarterly", "half_yearly", "yearly")]
    assert weights == sorted(weights, reverse=True)
    with pytest.raises(Refused) as refused:
        burden.require_rhythm("Daily")
    assert refused.value.code == "asks_daily"
    with pytest.raises(ValueError, match="unknown cadence"):
        burden.weekly_minutes("hourly")
