"""Cancelling a short link（作废短链接）."""

from __future__ import annotations

from tests.delivery.world import World

from luoshi.rules.lifecycle import Act


def test_a_cancelled_link_stays_cancelled(world: World) -> None:
    c = world.do("issue_link", "a_head", world.accepted(), post="P-a_handler")
    link = c.links.get()
    c = world.do("revoke_link", "a_head", c, link=link.pk)
    assert c.links.get().revoked_at == world.at
    world.refuses("link_unknown", "revoke_link", "a_head", c, link=link.pk)
    world.audit()


def test_not_otherwise(world: World) -> None:
    other = world.do("issue_link", "a_head", world.accepted(), post="P-a_handler").links.get()
    c = world.do("issue_link", "a_head", world.accepted(), post="P-a_handler")
    link = c.links.get().pk
    world.refuses("link_unknown", "revoke_link", "a_head", c, link=other.pk)
    world.closed_to_others("revoke_link", "a_head", c, link=link)
    world.refuses("not_your_act", "revoke_link", "verifier", c, link=link)
    world.bad_input(Act.REVOKE_LINK, "a_head", c, "link", link=0)
    world.refuses("wrong_state", "revoke_link", "a_head", world.applied(), link=link)
