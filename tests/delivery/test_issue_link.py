"""Making a short link（短链接）."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from tests.delivery.world import World, everything

from luoshi.delivery import services
from luoshi.delivery.services import Done
from luoshi.rules.lifecycle import Act
from luoshi.rules.refusals import Refused


def make(world: World, name: str = "a_head", **changes: Any) -> Done:
    c = changes.pop("c", None) or world.accepted()
    values = {"post": "P-a_handler", "days": 7, **changes}
    return services.issue_link(actor=world.who(name), ref=c.ref, version=c.version, at=world.at, **values)


def test_a_link_is_for_one_post_and_one_commitment_and_expires(world: World) -> None:
    link, token = make(world).extra
    assert (link.post.ref, link.expires_at) == ("P-a_handler", world.at + dt.timedelta(days=7))
    assert token not in str(everything()), "only its digest is kept"
    world.audit()


@pytest.mark.parametrize(
    ("name", "changes", "code"),
    [
        ("a_head", {"days": 0}, "link_days"),
        ("a_head", {"days": 31}, "link_days"),
        ("a_head", {"post": "P-b_handler"}, "link_post"),
        ("a_head", {"post": "P-office"}, "link_post"),
        ("a_head", {"post": ""}, "link_post"),
        ("auditor", {}, "not_your_act"),
        ("verifier", {}, "not_your_act"),
        ("b_head", {}, "not_found"),
    ],
)
def test_not_otherwise(world: World, name: str, changes: dict[str, Any], code: str) -> None:
    c = world.accepted()
    before = everything()
    with pytest.raises(Refused) as refused:
        make(world, name, c=c, **changes)
    assert refused.value.code == code
    assert everything() == before


def test_bad_input_and_wrong_state(world: World) -> None:
    world.bad_input(Act.ISSUE_LINK, "a_head", world.accepted(), "days", post="P-a_handler", days=31)
    world.refuses("wrong_state", "issue_link", "a_head", world.applied(), post="P-a_handler")
