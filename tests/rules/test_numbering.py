"""Numbers that people type and read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luoshi.rules import numbering
from luoshi.rules.numbering import MAX_NUMBER, Ref, format_ref, parse_ref
from luoshi.rules.refusals import Refused


@given(st.sampled_from(["YN-2024", "YN", "KM5-2026"]), st.integers(1, 99), st.integers(1, MAX_NUMBER))
def test_round_trip(prefix, matter, number):
    text = format_ref(prefix, matter, number)
    assert parse_ref(text) == Ref(prefix, matter, number)
    assert str(parse_ref(text)) == text
    assert numbering.is_ref(text)


def test_as_it_looks():
    assert format_ref("YN-2024", 3, 231) == "YN-2024-03-0231"
    assert format_ref("YN-2024", 10, 12345) == "YN-2024-10-12345"


@pytest.mark.parametrize("typed", [" yn-2024-03-0231 ", "ＹＮ－２０２４－０３－０２３１", "YN–2024—03‑0231"])
def test_what_people_type(typed):
    assert str(parse_ref(typed)) == "YN-2024-03-0231"


@pytest.mark.parametrize(
    "bad",
    ["", "YN-2024-3-0231", "YN-2024-03-231", "YN-2024-03-00231", "YN-2024-00-0001", "YN-2024-01-0000", "Y-01-0001",
     "YN-2024-03-0231'--", "云-2024-03-0231", "YN-2024-03-0231\nX", "٠N-2024-03-0231", "YN-2024-03-٠٠٠١"],
)  # fmt: skip
def test_no_refs(bad):
    assert not numbering.is_ref(bad)
    with pytest.raises(Refused) as refused:
        parse_ref(bad)
    assert refused.value.code == "ref_invalid"


@pytest.mark.parametrize("bad", ["", "yn", "Y", "YN-24", "YN-2024-", "TOOLONGPREFIX", "YN 2024", "云南"])
def test_bad_prefixes(bad):
    with pytest.raises(Refused) as refused:
        format_ref(bad, 1, 1)
    assert refused.value.code == "prefix_invalid"


@pytest.mark.parametrize(("matter", "number"), [(0, 1), (100, 1), (1, 0), (1, MAX_NUMBER + 1)])
def test_out_of_range(matter, number):
    with pytest.raises(ValueError, match="no ref"):
        format_ref("YN", matter, number)


@given(st.text(max_size=60))
def test_any_text_is_a_ref_or_refused(text):
    try:
        ref = parse_ref(text)
    except Refused:
        return
    assert numbering.is_ref(str(ref))


def test_entries():
    assert numbering.format_entry(10482) == "#10482"
    for typed in ("#10482", "10 482", "＃10,482"):
        assert numbering.parse_entry(typed) == 10482
    for bad in ("", "#0", "-3", "x", "#"):
        with pytest.raises(Refused):
            numbering.parse_entry(bad)
    with pytest.raises(ValueError, match="no entry"):
        numbering.format_entry(0)


def test_paper_numbers():
    assert numbering.format_paper_number("云督", 2026, 3) == "云督〔2026〕3号"
    with pytest.raises(ValueError, match="agency"):
        numbering.format_paper_number("", 2026, 3)
