"""What stands in an address is a whole number of the database or nothing."""

from __future__ import annotations

import pytest

from luoshi.ui.addresses import whole_number


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("42", 42), ("007", 7), ("9" * 18, 10**18 - 1)])
def test_a_whole_number_is_read(text: str, number: int) -> None:
    assert whole_number(text) == number


@pytest.mark.parametrize("text", ["", " 1", "-1", "+1", "1.0", "1e3", "x", "９", "²", "9" * 19, "1\x00"])
def test_any_other_text_is_nothing(text: str) -> None:
    assert whole_number(text) is None
