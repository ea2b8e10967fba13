"""What one did from a post: nobody else's acts, one statement, a walk of one index however long the ledger is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from tests.ledger import world
from tests.ledger.world import ACTOR, AT, DEPUTY, ThingDone, act

from luoshi.ledger import models, queries, services

pytestmark = pytest.mark.django_db
KINDS = ("probe.ThingDone",)


def done(**more: object) -> list[str]:
    values = {"user": ACTOR.user_id, "kinds": KINDS, "since": AT, **more}
    return [queries.said(one)["ref"] for one in queries.done_from(ACTOR.seat.post_ref, **values)]  # type: ignore[arg-type]


def test_ones_own_acts_of_a_time_newest_first() -> None:
    for n in range(4):
        act(f"A{n}", at=AT + timedelta(days=n))
    act("B", actor=replace(ACTOR, user_id=12))
    act("C", actor=replace(ACTOR, seat=world.PRINCIPAL))
    act("D", actor=DEPUTY)
    assert done() == ["A3", "A2", "A1", "A0"]
    assert done(since=AT + timedelta(days=1), until=AT + timedelta(days=3)) == ["A2", "A1"]
    assert done(kinds=("probe.Other",)) == []
    assert done(limit=1) == ["A3"]


def test_pages_go_on_where_the_last_ended() -> None:
    for n in range(5):
        act(f"A{n}")  # all at one moment
    first = queries.done_from(ACTOR.seat.post_ref, user=ACTOR.user_id, kinds=KINDS, since=AT, limit=2)
    assert done(before=(first[-1].ts, first[-1].pk), limit=2) == ["A2", "A1"]


def test_it_walks_the_index_of_posts() -> None:
    """Among many entries of others it reads its own; a statement, whatever the number."""
    others = [services.Act(ThingDone(f"n{n}"), {}, (f"n{n}",)) for n in range(400)]
    with transaction.atomic():
        services.append_each(others, actor=replace(ACTOR, seat=replace(ACTOR.seat, post_ref="other")), at=AT)
    act("mine")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    with CaptureQueriesContext(connection) as asked:
        assert done() == ["mine"]
    assert len(asked) == 1
    with connection.cursor() as cursor:
        how = "EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN "
        cursor.execute(how + asked[0]["sql"])
        plan = " ".join(str(part) for row in cursor.fetchall() for part in row)
    assert "ledger_entry_post" in plan, plan


def test_the_act_done_most_often_is_not_in_the_index() -> None:
    """It costs reports nothing: their entries are left out by the condition."""
    index = next(one for one in models.Entry._meta.indexes if one.name == "ledger_entry_post")
    assert models.FREQUENT in str(index.condition)
