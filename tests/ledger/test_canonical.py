"""The ledger's canonical bytes, made with the standard library, are those of an implementation of RFC 8785."""

from __future__ import annotations

import json

import pytest
import rfc8785
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from luoshi.ledger import verifier
from luoshi.rules import chain

SAFE = 2**53 - 1
TEXTS = st.text()
KEYS = st.text(st.characters(codec="utf-8", max_codepoint=0xFFFF))
"""Sorting by code points and by UTF-16 units agrees up to here; beyond, the ledger refuses keys."""
LEAVES = st.none() | st.booleans() | st.integers(-SAFE, SAFE) | TEXTS
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner), max_leaves=30)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(VALUES)
def test_the_same_bytes_as_the_standard(value: object) -> None:
    told = chain.canonical(value)
    assert told == rfc8785.dumps(value)  # type: ignore[arg-type]
    assert verifier.canonical(value) == told
    assert json.loads(told) == value


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(TEXTS, st.integers(-SAFE, SAFE)))
def test_either_the_same_bytes_or_none(value: dict[str, int]) -> None:
    """Keys beyond the basic plane would be sorted otherwise: they are refused rather than written wrongly."""
    if any(letter > "\uffff" for key in value for letter in key):
        with pytest.raises(chain.NotCanonicalError):
            chain.canonical(value)
    else:
        assert chain.canonical(value) == rfc8785.dumps(value)


@pytest.mark.parametrize(
    "text",
    ["\x00\x1f\x7f\b\f\n\r\t", '"\\/', "\u2028\u2029", "落实·整改", "\U0001f4c4", "e\u0301", "\ufeff", "</script>"],
)
def test_letters_that_are_often_escaped_otherwise(text: str) -> None:
    assert chain.canonical([text, {"key": text}]) == rfc8785.dumps([text, {"key": text}])
