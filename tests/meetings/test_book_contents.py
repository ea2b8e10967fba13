"""What a book says: figures from the cells, what happened since the meeting, the rows it names, its questions."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.assurance.visiting import failing, handed

from luoshi.assurance.models import LookBackDay, LookBackDraw, LookBackRule, Visit
from luoshi.assurance.services import record_visit
from luoshi.delivery.models import Commitment
from luoshi.delivery.services.snapshots import take_snapshot
from luoshi.meetings.queries import contents, figures, wording
from luoshi.rules import book

if TYPE_CHECKING:
    from tests.delivery.world import World

NO_MEETING: dict[str, Any] = {"meeting": None, "rows": []}


def made(world: World, days: int = 0, since: int = 30) -> dict[tuple[str, int], dict[str, Any]]:
    """The parts of a book so many days later, by kind and key; since so many days before the world's day."""
    today = world.at.date() + dt.timedelta(days=days)
    on = figures.ground(world.programme, world.at.date() - dt.timedelta(days=since), today)
    return {(part["kind"], part["key"]): part for part in contents.contents(on, NO_MEETING)}


def test_said_and_verified_stand_beside_each_other_for_whole_matter_and_unit(world: World) -> None:
    world.verified()
    world.reported(60, title="第二项")
    parts = made(world)
    unit = parts["unit", world.units["530400"].pk]["figures"]
    assert (unit["items"], unit["said"], unit["verified"], unit["gap"]) == (2, 80, 50, 30)
    assert (unit["desk"], unit["by_visit"], unit["sampled"]) == (0, 50, 0)
    assert parts["whole", 0]["figures"] == {**unit, "then": None}
    assert parts["matter", world.matter.pk]["figures"] == parts["whole", 0]["figures"]
    empty = parts["unit", world.units["532900"].pk]
    assert (empty["figures"]["items"], empty["figures"]["said"], empty["questions"]) == (0, None, [])
    (asked,) = parts["unit", world.units["530400"].pk]["questions"]
    assert (asked["code"], asked["about"]) == ("gap", f"matter:{world.matter.pk}")
    assert [row["title"] for row in asked["rows"]] == ["第二项"]


def test_a_gap_names_the_rows_of_its_own_matter_and_unit(world: World) -> None:
    ours = world.reported(90, title="玉溪的")
    theirs = world.reported(100, title="大理的", lead="532900", by="b_handler")
    parts = made(world)

    def gaps(kind: str, key: int) -> dict[str, list[str]]:
        found = [one for one in parts[kind, key]["questions"] if one["code"] == book.GAP]
        return {one["about"]: [row["ref"] for row in one["rows"]] for one in found}

    here, there = world.units["530400"].pk, world.units["532900"].pk
    assert gaps("matter", world.matter.pk) == {f"unit:{here}": [ours.ref], f"unit:{there}": [theirs.ref]}
    assert gaps("unit", there) == {f"matter:{world.matter.pk}": [theirs.ref]}
    assert gaps("whole", 0) == {f"matter:{world.matter.pk}": [theirs.ref, ours.ref]}


def test_what_was_promised_since_the_meeting_and_what_stood_then(world: World) -> None:
    world.reported(40, due_days=10)
    world.accepted(title="以后才到期的", due_days=80)
    take_snapshot(at=world.at)
    parts = made(world, days=20)
    told = parts["unit", world.units["530400"].pk]["figures"]
    assert (told["promised"], told["promised_said"], told["promised_closed"]) == (1, 0, 0)
    assert told["then"]["on"] == world.at.date().isoformat()
    assert (told["then"]["items"], told["then"]["said"]) == (2, 20)
    line = parts["whole", 0]["trend"]
    assert [point["on"] for point in line] == ["2026-03-02", "2026-03-22"]


def test_visited_and_not_done_asks_what_was_counted(world: World) -> None:
    task = world.reported(100)
    visit = handed(world, task)
    record_visit(actor=world.who("verifier"), key=visit.key, version=visit.version, said=failing(), at=world.at)
    part = made(world)["unit", world.units["530400"].pk]
    assert (part["figures"]["visited"], part["figures"]["visited_failed"]) == (1, 1)
    asked = next(one for one in part["questions"] if one["code"] == book.VISITED)
    assert asked["params"] == {"since": "2026-03-02", "failed": 1, "visited": 1}
    assert [row["ref"] for row in asked["rows"]] == [task.ref]


def test_a_leap_at_the_end_silence_and_repeated_extension_are_asked_about(world: World) -> None:
    leap = world.accepted(title="跃升的", due_days=40)
    world.do("report_on_commitment", "a_handler", leap, percent=20, words="开工", at=world.at + dt.timedelta(days=1))
    world.do("report_on_commitment", "a_handler", leap, percent=100, words="完工", at=world.at + dt.timedelta(days=39))
    quiet = world.accepted(title="没有声音的", due_days=300)
    again = world.accepted(title="一再延期的", due_days=20)
    for n in (1, 2):
        day = world.at.date() + dt.timedelta(days=20 + 30 * n)
        world.do("ask_extension", "a_head", again, new_due_on=day, reason="雨季")
        world.do("decide_extension", "office", again, granted=True, reason="同意")
    part = made(world, days=70)["unit", world.units["530400"].pk]
    asked = {one["code"]: one for one in part["questions"]}
    assert asked[book.LATE_JUMP]["params"] == {"count": 1, "before": 20}
    assert [row["ref"] for row in asked[book.LATE_JUMP]["rows"]] == [leap.ref]
    assert {row["ref"] for row in asked[book.SILENT]["rows"]} >= {quiet.ref}
    assert asked[book.EXTENDED]["params"] == {"count": 1, "first": "2026-03-22", "now": "2026-05-21"}
    assert (part["figures"]["extended"], part["figures"]["extended_again"]) == (1, 1)


def test_replies_the_upper_level_owes_are_its_own_question(world: World) -> None:
    task = world.accepted()
    world.do(
        "raise_request", "a_head", task, question="资金何时到位", reply_by_on=world.at.date() + dt.timedelta(days=3)
    )
    part = made(world, days=10)["unit", world.units["530400"].pk]
    assert (part["figures"]["owed"], part["figures"]["owed_late"]) == (1, 1)
    assert [row["question"] for row in part["requests"]] == ["资金何时到位"]
    asked = next(one for one in part["questions"] if one["code"] == book.OWED)
    assert [row["ref"] for row in asked["rows"]] == [task.ref]


def test_burden_counts_what_is_still_asked_of_what_says_it_is_done(world: World) -> None:
    world.reported(100, cadence="weekly")
    part = made(world)["whole", 0]
    assert part["figures"]["asked_complete"] == 1
    asked = next(one for one in part["questions"] if one["code"] == book.BURDEN)
    assert asked["params"] == {"count": 1, "minutes": 11}
    assert part["figures"]["weekly_minutes"] == 11


def drawn(world: World, task: Commitment, day: dt.date, state: str) -> LookBackDraw:
    """A lot of that day fell on a task, and somebody goes there on the day."""
    post = world.who("verifier").effective.post_id
    rule, _made = LookBackRule.objects.get_or_create(
        programme=world.programme,
        number=1,
        defaults={"chance_bp": 500, "months": [6], "digits": "27182818284590452353", "by_post_id": post, "by_user": 1,
                  "from_on": world.at.date(), "at": world.at},
    )  # fmt: skip
    lot = LookBackDay.objects.create(rule=rule, programme=world.programme, on=day, place=1, due=1, drawn=1, at=world.at)
    visit = Visit.objects.create(
        kind=Visit.Kind.LOOK_BACK, commitment=task, unit=task.lead, verifier_post_id=post, day=day, state=state,
        holds=True if state == Visit.State.DONE else None, created_at=world.at,
    )  # fmt: skip
    return LookBackDraw.objects.create(day=lot, commitment=task, months=6, closed_at=world.at, visit=visit)


def test_look_backs_are_told_by_matter_drawn_ones_apart_and_none_before_its_day(world: World) -> None:
    held, gone = world.closed(), world.closed()
    world.do("look_back_commitment", "verifier", held, passed=True, percent=100, words="还在用")
    world.do("look_back_commitment", "verifier", gone, passed=False, percent=30, words="又堵了")
    drawn(world, held, world.at.date(), Visit.State.DONE)
    drawn(world, gone, world.at.date() + dt.timedelta(days=1), Visit.State.ASSIGNED)
    parts = made(world)
    told = {"looked_back": 2, "drawn_back": 1, "held": 1, "relapsed": 1}
    for key in (("whole", 0), ("matter", world.matter.pk), ("unit", world.units["530400"].pk)):
        figure = parts[key]["figures"]
        assert {name: figure[name] for name in told} == told
        lines = next(group.lines for group in wording.groups(figure) if group.lines[0][0] == "looked_back")
        assert [n for _name, _words, n in lines] == [2, 1, 1, 1]
    older = {name: n for name, n in parts["whole", 0]["figures"].items() if name != "drawn_back"}
    assert all("drawn_back" not in [name for name, *_ in group.lines] for group in wording.groups(older))
    asked = next(one for one in parts["whole", 0]["questions"] if one["code"] == book.RELAPSE)
    assert [row["ref"] for row in asked["rows"]] == [gone.ref]


def test_the_nearest_units_are_shown_with_the_variables_and_nothing_else(world: World) -> None:
    world.accepted()
    near = made(world)["unit", world.units["530400"].pk]["nearest"]
    assert near["variables"] == ["townships", "villages", "tasks", "weight"]
    assert near["own"] == {"townships": 1, "villages": 1, "tasks": 1, "weight": 1}
    assert [(one["name"], one["values"]["townships"]) for one in near["units"]] == [("大理白族自治州", 0)]


def test_the_same_rows_make_the_same_digest_and_the_statements_do_not_grow(world: World) -> None:
    world.verified()
    day = world.at.date()
    on = figures.ground(world.programme, day - dt.timedelta(days=30), day)
    with CaptureQueriesContext(
        connection,
    ) as few:
        first = book.digest(contents.contents(on, NO_MEETING))
    assert book.digest(contents.contents(on, NO_MEETING)) == first
    for n in range(4):
        world.reported(100, title=f"又一项{n}", by="b_handler", lead="532900")
        world.issued("530423", title=f"县里{n}") if n else None
    with CaptureQueriesContext(connection) as many:
        again = book.digest(contents.contents(figures.ground(world.programme, on.since, day), NO_MEETING))
    assert again != first
    # two to find the ground, one each for the leaps' rows that the small world had none of
    assert len(many) - len(few) <= 4
    assert Commitment.objects.count() > 5


def test_the_annex_prints_high_items_and_exceptions_and_counts_them_all(world: World) -> None:
    world.reported(40)
    told = made(world)["annex", 0]
    assert (told["items_count"], told["exceptions_count"]) == (1, 0)
    assert told["items"][0]["lead"] == "玉溪市"
