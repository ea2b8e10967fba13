"""走访记录的规则: what tells two records apart, what is believed of a telephone's clock, near and far."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luoshi.rules import visiting
from luoshi.rules.refusals import Refused
from luoshi.rules.visiting import Nearness, Outcome, Record, Verdict

AT = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
VERDICTS = st.lists(st.builds(Verdict, st.just("通"), st.booleans(), st.text(max_size=5)), max_size=5).map(tuple)
RECORDS = st.builds(
    Record,
    st.just(Outcome.DONE),
    st.booleans(),
    VERDICTS,
    st.text(max_size=5),
    st.sampled_from(Nearness),
    st.lists(st.sampled_from(["a" * 64, "b" * 64]), unique=True).map(tuple),
)


@given(RECORDS, RECORDS)
def test_digests_tell_records_apart(one: Record, other: Record) -> None:
    assert (one.digest() == other.digest()) == (one == other)


@given(RECORDS)
def test_percent_says_no_more_than_was_seen(record: Record) -> None:
    assert (record.percent() == 100) == bool(record.holds)
    assert 0 <= record.percent() <= 100


@given(st.integers(0, 30 * 86_400), st.integers(-(10**8), 10**8))
def test_a_wrong_clock_still_tells_how_long_a_record_waited(waited: int, wrong: int) -> None:
    sent = AT + dt.timedelta(seconds=wrong)
    occurred = sent - dt.timedelta(seconds=waited)
    assert visiting.happened(occurred, sent, at=AT) == AT - dt.timedelta(seconds=waited)


@pytest.mark.parametrize(
    ("occurred", "sent"),
    [(dt.timedelta(hours=1), None), (dt.timedelta(days=-40), None), (dt.timedelta(0), dt.timedelta(hours=-1))],
)
def test_what_cannot_be_is_not_believed(occurred: dt.timedelta, sent: dt.timedelta | None) -> None:
    assert visiting.happened(AT + occurred, None if sent is None else AT + sent, at=AT) is None


def test_a_clock_a_little_ahead_is_taken_for_now() -> None:
    assert visiting.happened(AT + dt.timedelta(minutes=3), None, at=AT) == AT
    assert visiting.happened(None, AT, at=AT) is None


def test_distances() -> None:
    kunming, yuxi = (102.7123, 25.0406), (102.5432, 24.3505)
    assert visiting.metres(kunming, yuxi) == pytest.approx(78_600, rel=0.01)
    assert visiting.metres(kunming, kunming) == 0


@given(st.floats(97, 106), st.floats(21, 29), st.floats(0.001, 0.5), st.floats(0.001, 0.5))
def test_whoever_stands_in_the_box_is_within_reach(west: float, south: float, wide: float, high: float) -> None:
    middle, metres = visiting.reach((west, south, west + wide, south + high))
    for corner in ((west, south), (west + wide, south + high), (west, south + high), (west + wide, south)):
        assert visiting.metres(corner, middle) <= metres


def test_words_of_the_criteria_stand_for_the_whole() -> None:
    record = Record(Outcome.DONE, False, (Verdict("通水", False, "没有水"), Verdict("无渗漏", True)))
    assert record.said() == "通水：没有水"
    visiting.check(record, ["通水", "无渗漏"])
    with pytest.raises(Refused, match="verdict for each"):
        visiting.check(record, ["通水"])
