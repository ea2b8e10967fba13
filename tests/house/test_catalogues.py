"""Every sentence is said in Chinese too, with the same places in it."""

from __future__ import annotations

import re

import polib
import pytest
from scripts.catalogues import CATALOGUE, Key, extract

PLACE = re.compile(r"%\(\w+\)[a-z]|%%|\{\w*\}")


@pytest.fixture(scope="module")
def said() -> set[Key]:
    return set(extract())


@pytest.fixture(scope="module")
def translated() -> dict[Key, polib.POEntry]:
    return {(e.msgctxt or "", e.msgid, e.msgid_plural or ""): e for e in polib.pofile(str(CATALOGUE))}


def words(entry: polib.POEntry) -> list[str]:
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def test_the_source_says_something(said: set[Key]) -> None:
    assert len(said) > 100


def test_every_sentence_is_translated(said: set[Key], translated: dict[Key, polib.POEntry]) -> None:
    missing = [key[1] for key in sorted(said) if key not in translated or not all(words(translated[key]))]
    assert missing == [], "make messages, then translate"


def test_nothing_is_translated_that_nobody_says(said: set[Key], translated: dict[Key, polib.POEntry]) -> None:
    assert [key[1] for key in translated if key not in said] == []
    assert [entry.msgid for entry in translated.values() if entry.obsolete or entry.fuzzy] == []


def test_translations_keep_their_places(translated: dict[Key, polib.POEntry]) -> None:
    wrong = []
    for (_context, single, plural), entry in translated.items():
        wanted = set(PLACE.findall(plural or single))
        wrong += [single for text in words(entry) if text and set(PLACE.findall(text)) != wanted]
    assert wrong == []
