"""Editing a draft（修改草案）."""

from __future__ import annotations

import datetime as dt

from tests.delivery.world import World

from luoshi.rules.lifecycle import Act

WORDS = {"title": "新题目", "requirement": "新要求"}


def test_a_draft_is_edited(world: World) -> None:
    c = world.do(
        "edit_commitment",
        "office",
        world.draft(),
        **WORDS,
        criteria=["一", " "],
        lead=world.units["532900"].pk,
        due_on=dt.date(2026, 6, 1),
    )
    assert (c.title, c.criteria, c.lead.code, c.due_on) == ("新题目", ["一"], "532900", dt.date(2026, 6, 1))
    assert c.version == 2
    world.audit()


def test_what_is_issued_is_never_edited(world: World) -> None:
    world.refuses("wrong_state", "edit_commitment", "office", world.issued(), **WORDS)


def test_only_the_issuing_side_edits_and_within_its_area(world: World) -> None:
    c = world.draft()
    world.closed_to_others("edit_commitment", "office", c, **WORDS)
    world.refuses("not_your_act", "edit_commitment", "a_head", c, **WORDS)
    world.refuses("lead_outside", "edit_commitment", "office", c, **WORDS, lead=10**9)
    world.refuses("secrecy_mark", "edit_commitment", "office", c, title="机密★1年", requirement="x")
    world.bad_input(Act.EDIT, "office", c, "requirement", title="x")
    world.bad_input(Act.EDIT, "office", c, "due_on", **WORDS, due_on="明天")
    world.bad_input(Act.EDIT, "office", c, "state", **WORDS, state="closed")
