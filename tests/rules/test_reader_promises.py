"""What must hold of any reading: no exception, spans that read back, the same answer twice; bounded time."""

from __future__ import annotations

import time
from datetime import date

import pytest
from bench.reader_fuzz import PIECES
from hypothesis import given
from hypothesis import strategies as st

from luoshi.rules.documents.reader import Field, Reading, as_form, read

pytestmark = pytest.mark.principle(10)
DAY = date(2026, 3, 2)


def fields(reading: Reading) -> list[Field]:
    found = [doubt.words for doubt in reading.doubts]
    for item in reading.items:
        found += [item.requirement, *([item.title] if item.title else [])]
        found += [unit.name for unit in item.units] + [due.words for due in item.dues]
        found += [one.words for one in item.recurring] + [one.words for one in item.targets]
        found += [one.indicator for one in item.targets if one.indicator]
        found += [one.by.words for one in item.targets if one.by]
    return found


def holds(text: str) -> None:
    reading = read(text, date=DAY)
    assert read(text, date=DAY) == reading
    for field in fields(reading):
        assert 0 <= field.span.start < field.span.end <= len(text)
        assert field.value
        assert 0 < field.confidence <= 1
    form = as_form(reading, "x", text=text, date=DAY)
    for item in form["items"]:
        # Digits are never made up: each figure of a target stands in the words it came from.
        assert all(target["text"] for target in item["targets"])


@given(st.text(max_size=400))
def test_any_text(text: str) -> None:
    holds(text)


@given(st.lists(st.sampled_from(PIECES), max_size=60).map("".join))
def test_pieces_of_documents(text: str) -> None:
    holds(text)


@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_words_read_back(text: str) -> None:
    """Without markup and noise the words of a field are the words of the text, but for width and script."""
    plain = "".join(sign for sign in text if sign not in "<>&*[]()|\x00\x01\u200b\r")
    from luoshi.rules.documents.reader.cleaning import fold

    for field in fields(read(plain, date=DAY)):
        raw = fold(plain)[field.span.start : field.span.end]  # folded as a whole: a sign may depend on its neighbours
        kept = iter(raw)
        assert all(sign in kept for sign in field.value if not sign.isspace()), (field.value, raw)


@pytest.mark.parametrize(
    "unit",
    [
        "（",
        "（一）",
        "1、",
        "一、",
        "推进",
        "<p>",
        "<table><tr><td>",
        "<script>",
        "9",
        "|",
        "牵头单位：\n",
        "要求：要；",
        "[a](",
    ],
)
def test_time_is_linear(unit: str) -> None:
    def took(size: int) -> float:
        text = unit * (size // len(unit))
        start = time.process_time()
        read(text, date=DAY)
        return time.process_time() - start

    took(1_000)
    assert took(160_000) < 30 * max(took(20_000), 0.02)
