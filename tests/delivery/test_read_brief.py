"""Reading a brief（已阅）: once, by the issuing side, and nothing follows from it."""

from __future__ import annotations

import json
from io import StringIO

from django.core.management import call_command
from tests.delivery.world import World

from luoshi.delivery.models import Brief
from luoshi.office.models import Message
from luoshi.rules.lifecycle import Act


def test_the_oldest_first_each_once(world: World) -> None:
    c = world.accepted()
    for words in ("一", "二"):
        c = world.do("brief_superior", "a_handler", c, words=words)
    told = Message.objects.count()
    c = world.do("read_brief", "office", c)
    first, second = Brief.objects.order_by("pk")
    assert (first.read_at, first.read_by_post.ref, second.read_at) == (world.at, "P-office", None)
    c = world.do("read_brief", "office", c, brief=second.pk)
    assert c.unread_briefs == 0
    assert Message.objects.count() == told  # being read is seen on the page; nobody is told
    world.refuses("no_brief_unread", "read_brief", "office", c)
    world.audit()


def test_nobody_else_reads_it_for_the_issuing_side(world: World) -> None:
    c = world.do("brief_superior", "a_handler", world.accepted(), words="特此报告")
    world.closed_to_others("read_brief", "office", c)
    world.refuses("not_your_act", "read_brief", "a_head", c)
    world.refuses("no_brief_unread", "read_brief", "office", c, brief=Brief.objects.get().pk + 1)
    world.bad_input(Act.READ_BRIEF, "office", c, "brief", brief=0)


def test_by_command(world: World) -> None:
    c = world.accepted()
    for act, who, data in (("brief", "a_handler", {"words": "特此报告"}), ("read-brief", "office", {})):
        c.refresh_from_db()
        version, told = str(c.version), json.dumps(data)
        call_command("act", act, c.ref, "--as", who, "--version", version, "--data", told, stdout=StringIO())
    assert Brief.objects.get().read_by_post is not None
