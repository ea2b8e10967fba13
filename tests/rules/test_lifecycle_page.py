"""The page is made from the table: complete, current, and no word of it written by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.rules.test_lifecycle import AT, INTENTS, PEOPLE, any_facts

from luoshi.delivery.management.commands.lifecycle import pages
from luoshi.rules import lifecycle_page
from luoshi.rules.lifecycle import OVER, TABLE, Act, Facts, Intent, State
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import SENTENCES

DOCS = Path(__file__).resolve().parents[2] / "docs"
ENGLISH = lifecycle_page.page(str)


def test_every_cell_of_the_table_is_on_the_page() -> None:
    for state in State:
        part = ENGLISH.split(f"(`{state}`)\n", 1)[1].split("\n### ", 1)[0].split("\n## ", 1)[0]
        rows = [line for line in part.splitlines() if line.startswith("| ") and "`" in line]
        assert len(rows) == sum(place[0] is state for place in TABLE)
        for act in Act:
            assert any(f"(`{act}`)" in row.split("|")[1] for row in rows) == ((state, act) in TABLE)


def test_the_diagram_shows_every_way_between_states() -> None:
    lines = lifecycle_page.diagram(str)
    for (state, act), rule in TABLE.items():
        for end in {rule.to, rule.otherwise} - {None, state}:
            way = next(line for line in lines if line.strip().startswith(f"{state} --> {end} :"))
            assert lifecycle_page.ACT_NAMES[act] in way
    assert {f"    {state} --> [*]" for state in OVER} <= set(lines)


def test_every_guard_is_explained_by_codes_that_exist() -> None:
    used = {guard.__name__ for rule in TABLE.values() for guard in rule.guards}
    assert used == set(lifecycle_page.GUARD_CODES)
    assert {code for codes in lifecycle_page.GUARD_CODES.values() for code in codes} <= set(SENTENCES)


@settings(max_examples=200, deadline=None)
@given(facts=any_facts(), actor=st.sampled_from(PEOPLE), intent=INTENTS)
def test_no_guard_refuses_with_a_code_that_the_page_does_not_tell(facts: Facts, actor: Actor, intent: Intent) -> None:
    for guard in {guard for rule in TABLE.values() for guard in rule.guards}:
        refusal = guard(facts, intent, actor, AT)
        assert refusal is None or refusal.code in lifecycle_page.GUARD_CODES[guard.__name__]


def test_sentences_are_readable() -> None:
    assert "%(" not in ENGLISH
    assert "\0" not in ENGLISH
    assert "100 %." in ENGLISH


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_pages_in_the_documentation_are_current(language: str) -> None:
    assert (DOCS / language / "lifecycle.md").read_text(encoding="utf-8") == pages()[language], (
        "run: luoshi lifecycle --write"
    )


def test_the_chinese_page_is_chinese() -> None:
    chinese = pages()["zh"]
    assert chinese != ENGLISH
    assert chinese.count("\n") == ENGLISH.count("\n")
