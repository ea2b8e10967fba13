"""What an ask costs the units below."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luoshi.rules import burden

FROM = dt.date(2026, 1, 1)
CADENCES = st.sampled_from(["on_change", *burden.ANSWERS_A_YEAR])
DAYS = st.integers(0, 1500).map(lambda n: FROM + dt.timedelta(days=n))


@pytest.mark.principle(7)
@pytest.mark.parametrize(
    ("cadence", "until", "answers"),
    [
        ("weekly", dt.date(2027, 1, 1), 52),
        ("monthly", None, 12),
        ("monthly", dt.date(2026, 7, 2), 6),
        ("quarterly", dt.date(2026, 12, 31), 4),
        ("yearly", dt.date(2026, 2, 1), 1),
        ("on_change", dt.date(2030, 1, 1), 2),
    ],
)
def test_a_unit_answers_so_often(cadence: str, until: dt.date | None, answers: int) -> None:
    assert burden.price(units=1, cadence=cadence, from_on=FROM, until_on=until).answers_each == answers


@pytest.mark.principle(7)
def test_sixteen_prefectures_each_week_for_a_year() -> None:
    price = burden.price(units=16, cadence="weekly", from_on=FROM, until_on=None)
    assert (price.answers, price.fields) == (16 * 52, 16 * 52 * 2)


@given(units=st.integers(0, 17_000), cadence=CADENCES, until=DAYS)
def test_the_price_grows_with_the_units_and_nobody_is_asked_for_nothing(
    units: int, cadence: str, until: dt.date
) -> None:
    one = burden.price(units=1, cadence=cadence, from_on=FROM, until_on=until)
    many = burden.price(units=units, cadence=cadence, from_on=FROM, until_on=until)
    assert one.answers >= 1
    assert many.answers == units * one.answers
    assert many.fields == many.answers * burden.REQUIRED_FIELDS


@given(cadence=CADENCES, one=DAYS, other=DAYS)
def test_a_longer_time_never_costs_less(cadence: str, one: dt.date, other: dt.date) -> None:
    short, long = sorted((one, other))
    prices = [burden.price(units=1, cadence=cadence, from_on=FROM, until_on=until).answers for until in (short, long)]
    assert prices[0] <= prices[1]


def test_what_cannot_be_priced_is_an_error() -> None:
    with pytest.raises(ValueError, match="negative"):
        burden.price(units=-1, cadence="weekly", from_on=FROM, until_on=None)
    with pytest.raises(ValueError, match="cadence"):
        burden.price(units=1, cadence="hourly", from_on=FROM, until_on=None)
