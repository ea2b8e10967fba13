"""Principles 1 and 3: posts are held by one person at a time; deputies count only on their days."""

from __future__ import annotations

import datetime as dt

import pytest
from tests.units.world import AT, DAY, World

from luoshi.rules.permissions import SYSTEM, Role
from luoshi.rules.refusals import Refused
from luoshi.units import queries, services
from luoshi.units.models import Holding


def code_of(act: object, **arguments: object) -> str:
    with pytest.raises(Refused) as refusal:
        act(**arguments)  # type: ignore[operator]
    str(refusal.value)
    return refusal.value.code


def test_one_holder_at_a_time(world: World) -> None:
    spare = world.users["spare"].pk
    common = {"actor": world.county_admin, "at": AT, "post_ref": "E-H", "user_id": spare}
    assert code_of(services.seat_holder, **common, from_on=DAY) == "post_is_held"
    services.seat_holder(**common, from_on=dt.date(2025, 1, 1), until_on=dt.date(2026, 1, 1))  # type: ignore[arg-type]
    assert code_of(services.seat_holder, **common, from_on=DAY, until_on=dt.date(2026, 1, 1)) == "dates_out_of_order"
    assert code_of(services.seat_holder, **{**common, "actor": world.handler}, from_on=DAY) == "administrators_only"
    assert code_of(services.seat_holder, **{**common, "user_id": 10**6}, from_on=DAY) == "not_found"
    assert Holding.objects.filter(post__ref="E-H").count() == 2


def test_hand_over_meets_on_one_day(world: World) -> None:
    on = dt.date(2026, 3, 5)
    done = services.hand_over_post(
        actor=world.handler, at=AT, post_ref="E-H", to_user_id=world.users["next"].pk, on=on, items=["YN-1", "钥匙"]
    )
    assert done.items == ["YN-1", "钥匙"]
    assert queries.actor_for(world.users["handler"], at=AT).seat.post_ref == "E-H"
    later = AT + dt.timedelta(days=3)
    assert queries.actor_for(world.users["next"], at=later).seat.post_ref == "E-H"
    assert code_of(queries.actor_for, user=world.users["handler"], at=later) == "no_post"
    assert (
        code_of(
            services.hand_over_post,
            actor=world.county_admin,
            at=AT,
            post_ref="E-H",
            to_user_id=world.users["next"].pk,
            on=on,
            items=[],
        )
        == "same_holder"
    )


def test_deputies_by_date(world: World) -> None:
    services.create_post(actor=SYSTEM, at=AT, unit_id=world.units["532930"].pk, title="副", role="handler", ref="E-H2")
    services.seat_holder(actor=SYSTEM, at=AT, post_ref="E-H2", user_id=world.users["next"].pk, from_on=DAY)
    tie = services.appoint_deputy(
        actor=world.handler,
        at=AT,
        principal_ref="E-H",
        deputy_ref="E-H2",
        from_on=DAY,
        until_on=DAY + dt.timedelta(days=2),
        reason="出差",
    )
    actor = queries.actor_for(world.users["next"], post_ref="E-H2", principal_ref="E-H", at=AT)
    assert actor.effective.post_ref == "E-H"
    assert actor.kin == {world.users["handler"].pk}
    assert queries.kin(world.users["handler"].pk, AT) == {world.users["next"].pk}
    assert [choice.key for choice in queries.seats_of(world.users["next"], AT)] == ["E-H2", "E-H2|E-H"]
    past = AT + dt.timedelta(days=2)
    assert queries.kin(world.users["next"].pk, past) == frozenset()
    assert code_of(queries.actor_for, user=world.users["next"], principal_ref="E-H", at=past) == "not_deputy"
    again = {"actor": world.admin, "at": AT, "from_on": DAY, "until_on": None, "reason": "x"}
    assert code_of(services.appoint_deputy, principal_ref="E-H", deputy_ref="E-H2", **again) == "deputy_twice"
    assert code_of(services.appoint_deputy, principal_ref="E-H2", deputy_ref="E-H", **again) == "deputy_in_circle"
    assert code_of(services.appoint_deputy, principal_ref="E-H", deputy_ref="E-H", **again) == "bad_input"
    services.end_deputyship(actor=world.handler, at=AT, deputyship_id=tie.pk, on=DAY)
    assert code_of(queries.actor_for, user=world.users["next"], principal_ref="E-H", at=AT) == "not_deputy"


def test_posts_with_and_refs(world: World) -> None:
    made = services.create_posts(
        actor=world.county_admin,
        at=AT,
        specs=[services.PostSpec(world.units["532930"].pk, "核查", "verifier") for _ in range(3)],
    )
    assert [post.ref for post in made] == ["532930-verifier", "532930-verifier-2", "532930-verifier-3"]
    assert queries.posts_with(Role.VERIFIER, world.units["532900"].path).count() == 3
    assert not queries.posts_with(Role.VERIFIER, world.units["532900"].path, day=DAY)
    assert not queries.posts_with(Role.VERIFIER, world.units["532931"].path)
    outside = {"actor": world.county_admin, "at": AT, "unit_id": world.units["532931"].pk, "title": "x"}
    assert code_of(services.create_post, **outside, role="handler") == "administrators_only"
    inside = {**outside, "unit_id": world.units["532930"].pk}
    assert code_of(services.create_post, **inside, role="king") == "bad_input"
    assert code_of(services.create_post, **inside, role="head", ref="E-H") == "post_ref_in_use"
    services.close_post(actor=world.county_admin, at=AT, post_ref=made[0].ref, reason="x")
    assert code_of(services.close_post, actor=world.county_admin, at=AT, post_ref="E-H", reason="x") == "post_is_held"


def test_contact_is_no_secret_of_the_ledger(world: World) -> None:
    post = services.edit_contact(actor=world.handler, at=AT, post_ref="E-H", contact="0872-5120000")
    assert "5120000" not in str(post.ledger_state())
    other = {"actor": world.handler, "at": AT, "post_ref": "E-ADM", "contact": "1"}
    assert code_of(services.edit_contact, **other) == "administrators_only"


def test_unseat(world: World) -> None:
    services.unseat_holder(actor=world.county_admin, at=AT, post_ref="E-H", on=DAY, reason="调离")
    assert code_of(queries.actor_for, user=world.users["handler"], at=AT) == "no_post"
    gone = {"actor": world.county_admin, "at": AT, "post_ref": "E-H", "on": DAY, "reason": "x"}
    assert code_of(services.unseat_holder, **gone) == "post_is_vacant"
