"""Drafting a commitment（任务）."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError
from tests.delivery.world import World, everything

from luoshi.delivery.schemas import inputs
from luoshi.delivery.services import drafting
from luoshi.rules.permissions import SYSTEM
from luoshi.rules.refusals import Refused


def test_a_draft_has_a_number_a_source_and_counts_nowhere(world: World) -> None:
    c = world.draft()
    assert c.ref.startswith("YN-2026-03-")
    assert (c.state, c.version, c.source_quote) == ("draft", 1, "补齐“两污”治理短板")
    assert not c.summary()
    assert world.draft().ref != c.ref
    world.audit()


@pytest.mark.principle(10)
def test_what_the_document_does_not_say_stays_empty(world: World) -> None:
    c = world.draft(due_days=None, criteria=())
    assert (c.due_on, c.deadline_n, c.criteria) == (None, None, [])
    world.refuses("no_deadline", "issue_commitment", "office", c)


def refused(world: World, name: str = "office", **changes: Any) -> str:
    before = everything()
    with pytest.raises(Refused) as caught:
        world.draft(actor=world.who(name), **changes)
    assert everything() == before
    return caught.value.code


@pytest.mark.parametrize("name", ["a_handler", "verifier", "auditor", "admin", "duty"])
def test_only_heads_and_offices_draft(world: World, name: str) -> None:
    assert refused(world, name) == "not_programme_owner"


def test_the_lead_lies_within_the_drafters_area(world: World) -> None:
    assert refused(world, "a_head", lead="532900") == "lead_outside"
    assert refused(world, "a_head", lead="530000") == "lead_outside"
    assert refused(world, matter=10**9) == "not_found"


@pytest.mark.principle(10)
@pytest.mark.parametrize("field", ["title", "requirement", "source_quote", "source_place"])
def test_no_field_lets_a_secret_or_a_person_through(world: World, field: str) -> None:
    assert refused(world, **{field: "绝密★启用前"}) == "secrecy_mark"
    assert refused(world, **{field: "经办人 11010519491231002X"}) == "identity_number"
    c = world.draft(**{field: "电话 13812345678"})
    assert "13812345678" not in getattr(c, field)


def test_every_field_of_the_form_is_checked() -> None:
    with pytest.raises(ValidationError):
        inputs.Draft.model_validate({"matter": 1, "lead": 1, "title": "x", "requirement": "y", "due_days": 0})


def test_who_steers_a_programme(world: World) -> None:
    """Its owner's head and supervision office, and the clock; nobody else, whatever his level."""
    for name in ("head", "office"):
        drafting.require_steering(world.programme, world.who(name))
    drafting.require_steering(world.programme, SYSTEM)
    for name in ("a_head", "a_office", "verifier", "auditor", "admin", "duty"):
        with pytest.raises(Refused) as refused:
            drafting.require_steering(world.programme, world.who(name))
        assert refused.value.code == "not_programme_owner"
