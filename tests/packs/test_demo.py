"""The demonstration: the same world every time, its tour true, its ledger whole, nobody spared made responsible."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from django.db.models import Sum

from luoshi.accounts.models import User
from luoshi.accounts.services import create_demo_persons
from luoshi.delivery import jobs, projections, queries
from luoshi.delivery.models import (
    Authority,
    Commitment,
    Evidence,
    Extension,
    Finding,
    LadderStep,
    LookBack,
    Programme,
    Report,
    Request,
    Slip,
    Snapshot,
    SnapshotCell,
    Verification,
)
from luoshi.ledger import queries as ledger
from luoshi.ledger import services as ledger_services
from luoshi.ledger.models import Entry, Pending
from luoshi.meetings.models import Meeting, Receipt
from luoshi.meetings.queries.handed import items_of
from luoshi.packs import demo, loader
from luoshi.packs.demo import Built
from luoshi.packs.demo.building import KEPT_DAYS
from luoshi.packs.schema.story import Story
from luoshi.rules import calendar, lifecycle
from luoshi.rules.calendar import WorkCalendar
from luoshi.rules.lifecycle import Act
from luoshi.rules.permissions import SYSTEM
from luoshi.rules.refusals import Refused
from luoshi.units import queries as units
from luoshi.units.models import CalendarDay, CalendarVersion, Deputyship, HandOver, Unit

AT = dt.datetime(2026, 11, 20, 15, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


def build() -> Built:
    with connection.cursor() as cursor:  # ids of matters are not their numbers, as where something stood before
        if connection.vendor == "postgresql":
            cursor.execute("SELECT setval(pg_get_serial_sequence('delivery_matter', 'id'), 500)")
        else:
            cursor.execute("DELETE FROM sqlite_sequence WHERE name = 'delivery_matter'")
            cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('delivery_matter', 500)")
    return demo.build(
        pack=loader.read("ten_matters"),
        folder=loader.find_pack("ten_matters"),
        scale=demo.SCALES["tiny"],
        at=AT,
        progress=lambda _what, _done, _total: None,
    )


def figures() -> list[tuple[object, ...]]:
    return list(
        Commitment.objects.order_by("ref").values_list(
            "ref", "lead__name", "kind", "state", "said", "verified", "verified_how", "light", "due_on", "reopened"
        )
    )


def story() -> Story:
    found = loader.read("ten_matters").story
    assert found is not None
    return found


def slips_of(row: Commitment) -> Iterable[tuple[str, str, str]]:
    found = Slip.objects.filter(items__commitment=row).order_by("pk")
    return found.values_list("rung", "state", "repeat_reason")


def units_calendar(code: str) -> WorkCalendar:
    return units.calendar_for(Unit.objects.get(code=code, kind="area").path)


def step(key: str) -> Commitment:
    tour = Programme.objects.get().settings["tour"]
    return Commitment.objects.get(ref=next(one["ref"] for one in tour if one["key"] == key))


@pytest.mark.django_db
def test_the_world_of_the_demonstration() -> None:
    built = build()
    jobs.tick(AT)
    ledger_services.checkpoint(AT)

    # the ledger is whole, in the order of time, and the cells are what the rows say
    assert ledger.audit(at=AT).difference is None
    moments = list(Entry.objects.order_by("pk").values_list("ts", flat=True))
    assert moments == sorted(moments)
    assert max(moments) <= AT
    zero = {key: summary for key, summary in projections.fold_from_zero().items() if summary}
    matters = list(Programme.objects.get().matters.all())
    stored = queries.cells(Unit.objects.values_list("pk", flat=True), matters)
    assert {key: summary for key, summary in stored.items() if summary} == zero

    # the line of said and verified has a past, and it grows as the acts did
    assert list(Snapshot.objects.order_by("on").values_list("on", flat=True)) == [
        calendar.local_day(AT) + dt.timedelta(days=day) for day in (*KEPT_DAYS, 0)
    ]
    said = list(
        SnapshotCell.objects.filter(unit__level="province").order_by("snapshot__on").values("snapshot__on")
        .annotate(points=Sum("said")).values_list("points", flat=True)
    )  # fmt: skip
    assert 0 < said[2] < said[-8] <= said[-1]

    # the tour tells the truth
    tour = Programme.objects.get().settings["tour"]
    assert [one["key"] for one in tour] == ["said_and_verified", "extension", "refused", "look_back", "ledger"]
    lake = step("said_and_verified")
    assert (lake.said, lake.verified, lake.verified_how) == (100, 62, "visited")
    assert list(lake.verifications.order_by("id").values_list("percent", flat=True)) == [55, 62]
    assert lake.children.count() == 5
    handed_in = Evidence.objects.get(report__commitment=lake)
    assert handed_in.file is not None
    assert (handed_in.name, handed_in.file.media_type) == ("星云湖管网各段连通情况.csv", "text/csv")
    assert Extension.objects.get(commitment=lake).granted
    assert lake.first_due_on is not None
    assert lake.due_on is not None
    assert lake.first_due_on < lake.due_on
    assert built.refused == {"xingyun": "children_open"}
    handler = units.actor_for(User.objects.get(username="yuxi-env"), at=AT)
    why = {one.act: one for one in lifecycle.possibilities(lake.facts(), actor=handler, at=AT)}
    assert why[Act.APPLY].refusal is not None
    assert why[Act.APPLY].refusal.code == "children_open"
    reopened = step("look_back")
    assert (reopened.reopened, reopened.state) == (1, "accepted")
    assert not LookBack.objects.get(commitment=reopened).passed

    # nobody who is spared leads anything, and every figure is a percent of progress
    assert not Commitment.objects.filter(lead__receives=False).exists()
    assert not Commitment.objects.filter(lead__kind="statistical").exists()
    figure = re.compile(r"[0-9０-９]")
    for words in Report.objects.values_list("words", "problems", "next_step"):
        assert not figure.search(" ".join(words)), words
    for words, seen in [*Verification.objects.values_list("words", "verdicts")]:
        assert not figure.search(words), (words, seen)

    # a world with every state of affairs in it
    states = set(Commitment.objects.values_list("state", flat=True))
    assert {"accepted", "applied", "closed", "declined", "suspended", "finished", "missed"} <= states
    assert {"green", "yellow", "red", "grey", "blue"} <= set(Commitment.objects.values_list("light", flat=True))
    assert Finding.objects.exists()
    assert Deputyship.objects.count() == 1
    given = items_of(HandOver.objects.get())
    assert given.open
    assert not given.also
    assert Commitment.objects.filter(kind="duty").count() == 2
    assert Commitment.objects.filter(lead__level="village").exists()

    # a meeting was held: what it decided is under way, what it did not settle goes on to the next one
    held, coming = Meeting.objects.order_by("held_at")
    assert (held.stage, coming.stage) == ("ended", "planned")
    assert held.held_at < AT < coming.held_at
    decided = [row.commitment for row in held.resolutions.order_by("number")]
    assert {row.matter.number for row in held.resolutions.all()} == {3}
    assert [row and (row.state, row.said) for row in decided] == [("accepted", 55), ("accepted", 60)]
    carried = coming.items.filter(carried_from__meeting=held)
    assert carried.count() == held.items.filter(settled=False, left_out=False).count() > 0
    signed = Receipt.objects.values_list("signed_at", flat=True)
    assert sorted(at is None for at in signed) == [False, True]

    # the clock has chased what fell silent, rung by rung; people approved, answered and let wait
    late = {one.key: Commitment.objects.get(title=one.title) for one in story().late}
    rungs = {
        key: list(LadderStep.objects.filter(commitment=row, number__gt=1).order_by("number").values_list("rung", "to"))
        for key, row in late.items()
    }
    urged = [("urge", "handler"), ("urge", "head")]
    assert rungs["late_signs"] == urged
    assert rungs["late_transfer_station"] == [*urged, ("supervise", "head")]
    assert rungs["late_gas_pipes"] == [
        *urged, ("supervise", "head"), ("supervise", "above"), ("interview", "above_head")
    ]  # fmt: skip
    assert {late[key].light for key in ("late_signs", "late_transfer_station", "late_slope_rails")} == {"red"}
    seen = {key: list(slips_of(row)) for key, row in late.items()}
    assert seen["late_signs"] == []
    assert seen["late_transfer_station"] == [("supervise", "proposed", "")]
    assert seen["late_slope_rails"] == [("supervise", "answered", "")]
    assert [one[:2] for one in seen["late_gas_pipes"]] == [
        ("supervise", "settled"), ("supervise", "settled"), ("interview", "proposed")
    ]  # fmt: skip
    assert seen["late_gas_pipes"][1][2]  # a second one within the period says why
    owed = Request.objects.get(commitment=late["late_reply"])
    assert owed.replied_at is None
    assert owed.reply_by_on is not None
    assert owed.reply_by_on < AT.date()
    assert owed.told >= 3
    assert late["late_reply"].light != "red"  # whoever waits for a superior is not late

    # terms are counted by the notices and the invented local holiday
    assert set(CalendarVersion.objects.filter(unit=None).values_list("year", flat=True)) == {2024, 2025, 2026}
    local = CalendarDay.objects.filter(calendar__unit__code="530400").latest("calendar_id")
    assert not units_calendar("530400").is_working(local.day)
    assert units_calendar("532900").is_working(local.day)

    # marked, and nobody can sign in unless a password was given
    assert Programme.objects.get().is_demo
    assert Authority.objects.get().document.startswith("演示")
    assert all(person.is_demo and not person.has_usable_password() for person in User.objects.all())
    first = list(User.objects.order_by("pk").values_list("username", flat=True)[:10])
    assert "prov-office" in first
    assert "auditor" in first

    # it is not built twice
    with pytest.raises(Refused):
        build()
    assert demo.is_there() == Programme.objects.get()


@pytest.mark.django_db
def test_two_builds_of_one_day_are_equal() -> None:
    seen = []
    for _turn in range(2):
        try:
            with transaction.atomic():
                build()
                seen.append(figures())
                raise InterruptedError
        except InterruptedError:
            assert not Programme.objects.exists()
    assert seen[0] == seen[1]


@pytest.mark.django_db
def test_a_real_programme_is_not_mixed_with_the_demonstration() -> None:
    from luoshi.units import services

    text = "code,name,level,parent_code\n530000,云南省,province,\n"
    services.import_units(actor=SYSTEM, at=AT, text=text)
    loader.load(loader.read("ten_matters"), actor=SYSTEM, at=AT)
    with pytest.raises(Refused) as refused:
        demo.is_there()
    assert refused.value.code == "demo_not_here"


@pytest.mark.django_db
def test_units_of_another_tree_are_not_mixed_with_the_demonstration() -> None:
    from luoshi.units import services

    text = "code,name,level,parent_code\n110000,北京市,province,\n"
    services.import_units(actor=SYSTEM, at=AT, text=text)
    with pytest.raises(Refused) as refused:
        build()
    assert refused.value.code == "demo_units_differ"
    assert (Unit.objects.count(), Programme.objects.count()) == (1, 0)


@pytest.mark.django_db
def test_persons_of_the_demonstration_share_a_password_only_when_one_is_given() -> None:
    known = create_demo_persons(persons=[("a-person", "演示甲")], actor=SYSTEM, at=AT, password=demo.PASSWORD)
    assert known["a-person"].check_password(demo.PASSWORD)
    silent = create_demo_persons(persons=[("b-person", "演示乙")], actor=SYSTEM, at=AT)
    assert not silent["b-person"].has_usable_password()
    assert User.objects.filter(is_demo=True, is_superuser=False, is_staff=False).count() == 2


@pytest.mark.django_db
def test_entries_of_a_long_build_are_numbered_together() -> None:
    with ledger_services.numbering_later(AT):
        for name in ("a-person", "b-person"):
            create_demo_persons(persons=[(name, name)], actor=SYSTEM, at=AT)
        assert Pending.objects.count() == 2
    assert not Pending.objects.exists()
    assert ledger.head().size == 2
    assert ledger.audit(at=AT).difference is None
