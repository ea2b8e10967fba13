"""The reader against documents of many forms made for it, with gold by hand. They are invented; no place is meant."""

from __future__ import annotations

import html
import json
from datetime import date
from pathlib import Path

import pytest

from luoshi.rules.documents.reader import Role, read
from luoshi.rules.documents.reader.cleaning import clean, fold
from luoshi.rules.documents.reader.markup import blank

CORPUS = Path(__file__).parent / "reader_corpus"


def documents(part: str) -> list[dict[str, str]]:
    return json.loads((CORPUS / part / "docs.json").read_text(encoding="utf-8"))


def bare(text: str) -> str:
    flat = fold(html.unescape(text))
    return "".join(sign for sign in clean(flat, blank(flat).text).text if sign.isalnum() or sign in "%.")


@pytest.mark.parametrize("document", documents("dev"), ids=lambda document: document["id"])
def test_every_item_of_the_gold(document: dict[str, str]) -> None:
    text = (CORPUS / "dev" / f"{document['id']}.txt").read_text(encoding="utf-8")
    gold = json.loads((CORPUS / "dev" / "gold" / f"{document['id']}.json").read_text(encoding="utf-8"))
    reading = read(text, date=date.fromisoformat(document["doc_date"]))
    found = {bare(item.requirement.value): item for item in reading.items}
    needed = [item for item in gold["items"] if not item.get("optional")]
    for wanted in needed:
        key = bare(wanted["requirement"])
        item = found.get(key) or next((one for words, one in found.items() if key in words or words in key), None)
        assert item is not None, wanted["requirement"]
        skipped = wanted.get("dont_score", [])
        if not {"units", "role"} & set(skipped):
            assert [bare(name.value) for name in item.named(Role.LEAD)] == [bare(one) for one in wanted["lead_units"]]
        if "due" not in skipped:
            assert (item.due.day.isoformat() if item.due and item.due.day else None) == wanted["due"]
    assert len(reading.items) <= len(gold["items"])
