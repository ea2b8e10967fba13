"""回头看: a year simulated day by day; a relapse opens the same number, withdraws its certificate, widens the draw."""

from __future__ import annotations

import copy
import datetime as dt
import functools
import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from tests.assurance.pool_world import PoolWorld, build
from tests.delivery.world import SHANGHAI

from luoshi.assurance import jobs, services
from luoshi.assurance.models import (
    Certificate,
    CertificateException,
    LookBackDay,
    LookBackDraw,
    LookBackRule,
    Visit,
)
from luoshi.assurance.queries import looking_back as reads
from luoshi.assurance.services.looking_back import set_look_back_rule
from luoshi.assurance.services.visiting import Said
from luoshi.delivery import events
from luoshi.delivery.models import Commitment
from luoshi.ledger import services as ledger
from luoshi.ledger.models import Entry
from luoshi.rules import looking_back as rules
from luoshi.rules.permissions import SYSTEM
from luoshi.rules.refusals import Refused
from luoshi.rules.visiting import Outcome, Verdict
from luoshi.units import queries as units
from luoshi.units import services as unit_services
from luoshi.units.models import Unit

DIGITS = "27182818284590452353"
VILLAGES = 160


@pytest.fixture
def pool(db: None) -> PoolWorld:
    made = build()
    with transaction.atomic():  # its campaign came about without an act
        row = made.campaign
        after = {row.ledger_key: row.ledger_state()}
        ledger.append(events.ProgrammeIssued(ref=row.ref), actor=SYSTEM, at=made.w.at, after=after)
    return made


def morning(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(6), SHANGHAI)


def many(pool: PoolWorld, closed: Callable[[int], dt.date]) -> list[Commitment]:
    """Villages with a task each, parts of two wholes, struck off on the days that ``closed`` says."""
    w = pool.w
    rows = ["code,name,level,parent_code"]
    towns = ["530423100", "532930100"]
    codes = [f"{towns[n % 2]}{500 + n // 2}" for n in range(VILLAGES)]
    rows += [f"{code},第{n + 100}村委会,village,{towns[n % 2]}" for n, code in enumerate(codes)]
    report = unit_services.import_units(actor=SYSTEM, at=w.at, text="\n".join(rows) + "\n", on=dt.date(2024, 1, 1))
    assert not report.errors, report.errors
    villages = {unit.code: unit for unit in Unit.objects.filter(code__in=codes)}
    wholes = [w.accepted(lead="530400", by="a_handler"), w.accepted(lead="532900", by="b_handler")]
    made = []
    for n, code in enumerate(codes):
        row = copy.copy(pool.commitments[0])
        row.pk, row.ref, row.lead = None, f"YN-2026-V{n:04}", villages[code]
        row._state = copy.copy(row._state)
        row._state.adding = True
        row.parent, row.state, row.said, row.verified = wholes[n % 2], "closed", 100, 100
        row.verified_how, row.reports_count = "visited", 1
        row.closed_at = dt.datetime.combine(closed(n), dt.time(16), SHANGHAI)
        made.append(row)
    for row in made:
        row.save(force_insert=True)
    with transaction.atomic():
        after = {row.ledger_key: row.ledger_state() for row in made}
        closing = events.CommitmentsClosed(ref=made[0].ref, opinion="同意", commitments=len(made), material_digests=[])
        ledger.append(closing, actor=SYSTEM, at=w.at, after=after, subjects=[row.ref for row in made])
    return made


def set_rule(pool: PoolWorld, chance: int = 500, months: tuple[int, ...] = (3, 12), days: int = 0) -> LookBackRule:
    rule, _entry = set_look_back_rule(
        actor=pool.w.who("office"),
        programme="ten",
        chance_bp=chance,
        months=months,
        digits=DIGITS,
        at=pool.w.at + dt.timedelta(days=days),
    )
    return rule


def certified(pool: PoolWorld, commitment: Commitment) -> Certificate:
    """A certificate whose frame holds that task."""
    place = pool.campaign.places.order_by("pk")[0]
    place.pk, place.commitment, place.code, place.position = None, commitment, commitment.lead.code, None
    place.save(force_insert=True)
    certificate = Certificate.objects.create(
        campaign=pool.campaign,
        ref="YN-2026-Z-001",
        digest="d" * 64,
        claim="少于 5 %",
        at=pool.w.at,
        by_post_id=pool.w.who("office").effective.post_id,
        by_user=1,
    )
    with transaction.atomic():
        ledger.append(events.ProgrammeIssued(ref="x"), actor=SYSTEM, at=pool.w.at,
                      after={certificate.ledger_key: certificate.ledger_state()})  # fmt: skip
    return certificate


def record_due(
    pool: PoolWorld, day: dt.date, bad: set[str], away: Callable[[Visit], bool] = lambda _visit: False
) -> list[Visit]:
    """Whoever has a visit that day makes it and says what he saw, or that nobody was there."""
    by_post = {user.username: user for user in pool.w.users.values()}
    made = []
    for visit in Visit.objects.filter(day=day, state="assigned", kind="look_back").select_related(
        "commitment", "verifier_post"
    ):
        actor = units.actor_for(by_post[visit.verifier_post.ref.removeprefix("P-")], at=morning(day))
        if away(visit):
            said = Said(outcome=Outcome.UNREACHABLE, holds=None, criteria=[], words="村委会锁着门")
            services.record_visit(
                actor=actor, key=visit.key, version=visit.version, said=said, at=morning(day) + dt.timedelta(hours=5)
            )
            continue
        holds = visit.commitment.ref not in bad
        texts = visit.commitment.criteria
        said = Said(
            outcome=Outcome.DONE,
            holds=holds,
            criteria=[Verdict(text, holds, "看过" if holds else "又堵了") for text in texts],
            words="现场看过",
        )
        at = morning(day) + dt.timedelta(hours=5)
        services.record_visit(actor=actor, key=visit.key, version=visit.version, said=said, at=at)
        made.append(visit)
    return made


def counted() -> None:
    """The tables are counted as they grow, which the database does by itself where every day is a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def by_hand(rule: LookBackRule, day: LookBackDay, closings: dict[str, dt.date]) -> set[str]:
    """The draw of a day by an independent hand, from what is published."""
    link = day.link
    for _n in range(day.place):
        link = hashlib.sha256(link.encode()).hexdigest()
    assert link == rule.anchor, "the link of the day is the one that was bound beforehand"
    seed = hashlib.sha256(f"{rule.digits},{day.on.isoformat()},{day.link}".encode()).hexdigest()
    found = set()
    for ref, closed_on in closings.items():
        for months in rule.months:
            if rules.anniversary(closed_on, months) == day.on:
                told = hashlib.sha256(f"{seed},{ref},{months}".encode()).hexdigest()
                if int(told[:16], 16) / 2**64 < rule.chance_bp / 10_000:
                    found.add(ref)
    return found


def test_a_year_of_look_backs_day_by_day(
    pool: PoolWorld, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    start = pool.w.at.date()
    tasks = many(pool, lambda n: start - dt.timedelta(days=60) + dt.timedelta(days=n * 2 % 330))
    closings = {row.ref: row.closed_at.astimezone(SHANGHAI).date() for row in tasks if row.closed_at}
    rule = set_rule(pool, chance=1500)
    bad = {row.ref for row in tasks if row.pk % 5 == 0}
    certificate = certified(pool, tasks[0])
    relapses: dict[str, dt.date] = {}
    shut = {row.ref for row in tasks if row.pk % 5 == 1}  # nobody is ever there
    late = {row.ref for row in tasks if row.pk % 5 == 2}  # nobody is there the first time

    def away(visit: Visit) -> bool:
        ref = visit.commitment.ref
        return ref in shut or (ref in late and not LookBackDraw.objects.get(visit=visit).tries)

    outage = set(range(100, 106))
    for n in range(1, 366):
        day = start + dt.timedelta(days=n)
        if n in outage:
            continue  # nobody turns the clock
        if n % 30 == 1:
            counted()
        with django_capture_on_commit_callbacks(execute=True):
            jobs.tick(morning(day))
        with django_capture_on_commit_callbacks(execute=True):
            for visit in record_due(pool, day, bad, away):
                if visit.commitment.ref in bad:
                    relapses[visit.commitment.ref] = day
    days = list(LookBackDay.objects.order_by("on"))
    assert [day.on for day in days] == [start + dt.timedelta(days=n) for n in range(1, 366)], "each day once"
    assert len(relapses) >= 3, "the year has relapses, or it tests nothing"

    # every strike-off had each of its days, and nobody chose whom the lot fell on
    drawn = {day.on: set(day.draws.filter(months__gt=0).values_list("commitment__ref", flat=True)) for day in days}
    for day in days:
        still = {ref: on for ref, on in closings.items() if ref not in relapses or day.on <= relapses[ref]}
        assert drawn[day.on] == by_hand(rule, day, still), day.on
    assert sum(day.due for day in days) > VILLAGES - len(relapses), "those that fell earlier are not due again"
    share = sum(day.drawn for day in days) / sum(day.due for day in days)
    assert 0.08 < share < 0.24

    # a relapse opens the same number again and widens the draw among its siblings the day after
    for ref, on in relapses.items():
        task = Commitment.objects.get(ref=ref)
        assert (task.state, task.reopened, task.closed_at) == ("accepted", 1, None)
        following = LookBackDay.objects.get(on=on + dt.timedelta(days=1))
        assert following.wider >= 1
        assert following.wider * 10_000 >= min(10_000, 4 * rule.chance_bp)
        near = LookBackDraw.objects.filter(day=following, months=0).select_related("commitment")
        assert task.parent_id in {one.commitment.parent_id for one in near}
    assert Commitment.objects.filter(ref__startswith="YN-2026-V", reopened=0, state="closed").count() == (
        VILLAGES - len(relapses)
    )

    # where nobody was reached the next days' lots send somebody else, three times at most; then it is unknown
    gone = LookBackDraw.objects.filter(visit__isnull=False).select_related("commitment", "visit")
    unknown = [row for row in gone if row.unknown]
    assert unknown, "the year has shut doors, or it tests nothing"
    assert {row.commitment.ref for row in unknown} <= shut
    for row in unknown:
        visits = Visit.objects.filter(commitment=row.commitment, kind="look_back", state="unreachable").order_by("day")
        days_gone = [one.day for one in visits]
        assert len(days_gone) >= rules.TRIES
        assert len(set(days_gone)) == len(days_gone)
        assert (row.unknown, row.visit and row.visit.holds) == (rules.TRIES, None)
        assert row.commitment.state == "closed", "it is neither held nor relapsed"
        assert row in reads.draws(pool.w.who("office"), pool.w.programme, start + dt.timedelta(days=370))
    assert {row.tries for row in gone} <= set(range(rules.TRIES))
    done_late = [row for row in gone if row.commitment.ref in late and row.visit and row.visit.state == "done"]
    tried = [row for row in done_late if row.tries]
    assert tried, "somebody came back"
    assert {row.tries for row in tried} == {1}
    shown = reads.draws(pool.w.who("office"), pool.w.programme, start + dt.timedelta(days=365))
    assert not shown.filter(reads.AGAIN).exists(), "who will be tried again does not read it beforehand"

    # what nobody could be sent to waits and is not lost
    waiting = LookBackDraw.objects.filter(visit=None, over=False)
    assert {one.commitment.state for one in waiting.select_related("commitment")} <= {"closed"}

    # everybody visited from outside, and the board counts what fell by lot
    made = Visit.objects.filter(kind="look_back", look_back_draw__isnull=False)
    for visit in made.select_related("verifier_post__unit__area", "unit"):
        home = visit.verifier_post.unit.area
        assert home.code == "530000" or not visit.unit.path.startswith(home.path)
        assert visit.day > LookBackDraw.objects.get(visit=visit).day.on
    [line] = reads.relapses(pool.w.programme, pool.w.units["530000"])
    done = Visit.objects.filter(kind="look_back", state="done", look_back_draw__months__gt=0)
    assert (line.rate.looked, line.rate.relapsed) == (done.count(), done.filter(holds=False).count())
    assert CertificateException.objects.filter(certificate=certificate).count() == int(tasks[0].ref in relapses)
    pool.w.audit()


def test_a_relapse_withdraws_the_certificate_for_that_task_only_and_once(
    pool: PoolWorld, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    task = pool.w.closed()
    certificate = certified(pool, task)
    with django_capture_on_commit_callbacks(execute=True):
        task = pool.w.do("look_back_commitment", "verifier", task, passed=True, percent=100, words="还在用")
    assert not CertificateException.objects.exists()
    with django_capture_on_commit_callbacks(execute=True):
        task = pool.w.do("look_back_commitment", "verifier", task, passed=False, percent=30, words="又堵了")
    row = CertificateException.objects.get()
    assert (row.certificate, row.commitment, row.reason) == (certificate, task, "又堵了")
    certificate.refresh_from_db()
    assert certificate.withdrawn_at is None, "it stands for all the others"
    from luoshi.assurance.services.withdrawing import on_looked_back, on_reopened

    event = events.CommitmentLookedBack(ref=task.ref, passed=False, percent=30, words="又堵了")
    on_looked_back(event, pool.w.at)
    on_reopened(events.CommitmentReopened(ref=task.ref, reason="再次"), pool.w.at)
    assert CertificateException.objects.count() == 1
    assert Entry.objects.filter(type="assurance.CertificateExcepted").count() == 1
    pool.w.audit()


def test_reopening_by_the_issuing_side_withdraws_it_too(
    pool: PoolWorld, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    task = pool.w.closed()
    certified(pool, task)
    with django_capture_on_commit_callbacks(execute=True):
        pool.w.do("reopen_commitment", "office", task, reason="群众反映回潮")
    assert CertificateException.objects.get().reason == "群众反映回潮"


def test_the_rule_is_the_owners_and_spares_nobody(pool: PoolWorld) -> None:
    told: dict[str, Any] = {"programme": "ten", "chance_bp": 500, "months": (3, 12), "digits": DIGITS, "at": pool.w.at}
    for name, changes, code in (
        ("a_head", {}, "not_programme_owner"),
        ("verifier", {}, "not_programme_owner"),
        ("office", {"chance_bp": 499}, "look_back_chance"),
        ("office", {"months": ()}, "look_back_months"),
        ("office", {"digits": "12"}, "look_back_digits"),
        ("office", {"programme": "none"}, "not_found"),
    ):
        with pytest.raises(Refused) as refused:
            set_look_back_rule(actor=pool.w.who(name), **{**told, **changes})
        assert refused.value.code == code
    rule = set_rule(pool)
    assert (rule.from_on, rule.number) == (pool.w.at.date() + dt.timedelta(days=1), 1)
    with pytest.raises(Refused) as refused:
        set_rule(pool)
    assert refused.value.code == "look_back_set_today"
    assert rule.secret not in "".join(Entry.objects.values_list("payload__text", flat=True)), "not yet"
    second = set_rule(pool, chance=1000, months=(6,), days=5)
    assert second.number == 2
    assert reads.secrets_published(pool.w.programme, second.from_on) == {}, "lots of the last days are sealed"
    later = second.from_on + dt.timedelta(days=reads.SEALED_DAYS)
    assert reads.secrets_published(pool.w.programme, later) == {1: rule.secret}
    texts = "".join(Entry.objects.values_list("payload__text", flat=True))
    assert rule.secret in texts, "now its days are over"
    assert second.secret not in texts
    pool.w.audit()


def test_with_nobody_in_the_pool_it_waits_and_the_day_stands(pool: PoolWorld) -> None:
    from luoshi.assurance.models import Verifier

    tasks = many(pool, lambda n: pool.w.at.date() - dt.timedelta(days=80) + dt.timedelta(days=n % 3))
    set_rule(pool, chance=10_000, months=(3,))
    Verifier.objects.update(until_on=pool.w.at.date())
    end = pool.w.at.date() + dt.timedelta(days=20)
    jobs.tick(morning(end))
    assert LookBackDraw.objects.count() == len(tasks)
    assert not Visit.objects.filter(kind="look_back").exists()
    waiting = functools.partial(reads.waiting, pool.w.programme, end)
    assert waiting(SYSTEM) == reads.Waiting(for_day=0, for_verifier=len(tasks))
    assert (waiting(pool.w.who("auditor")), waiting(pool.w.who("a_head"))) == (waiting(SYSTEM), None)
    told = reads.days_of(pool.w.programme, end + dt.timedelta(days=60))
    assert not any(one.drawn for one in told), "its lots are sealed as long as they wait"
    Verifier.objects.update(until_on=None)
    jobs.tick(morning(end + dt.timedelta(days=1)))
    visits = Visit.objects.filter(kind="look_back").count()
    assert visits
    assert waiting(SYSTEM) == reads.Waiting(for_day=visits, for_verifier=len(tasks) - visits)
    assert jobs.tick(morning(end + dt.timedelta(days=1))) == {"look_back_days": 0}, "a day is drawn once"


def test_nobody_learns_of_a_look_back_beforehand(pool: PoolWorld) -> None:
    tasks = many(pool, lambda n: pool.w.at.date() - dt.timedelta(days=80))
    set_rule(pool, chance=10_000, months=(3,))
    day = rules.anniversary(pool.w.at.date() - dt.timedelta(days=80), 3)
    jobs.tick(morning(day))
    visit = Visit.objects.filter(kind="look_back").first()
    assert visit is not None
    assert visit.day > day
    shown = {
        name: set(reads.draws(pool.w.who(name), pool.w.programme, visit.day).values_list("commitment__ref", flat=True))
        for name in ("office", "head", "b_head", "a_head")
    }
    for name in shown:
        assert not reads.draws(pool.w.who(name), pool.w.programme, day).exists(), "not before its day"
    on_the_day = Visit.objects.filter(kind="look_back", day=visit.day).select_related("commitment__lead")
    at_b = {
        one.commitment.ref for one in on_the_day if one.commitment.lead.path.startswith(pool.w.units["532900"].path)
    }
    every = {one.commitment.ref for one in on_the_day}
    assert at_b
    assert at_b < every, "both prefectures are drawn, or it tests nothing"
    assert shown["office"] == shown["head"] == every
    assert (shown["b_head"], shown["a_head"]) == (at_b, every - at_b), "on its day to those above, and to nobody beside"
    about = set(Entry.objects.filter(subjects__ref__in=[row.ref for row in tasks]).values_list("type", flat=True))
    assert about, "the tasks have a timeline, or it tests nothing"
    assert not about & {"assurance.LookBacksDrawn", "assurance.VisitAssigned"}, "no task's own timeline gives it away"


def test_a_day_is_drawn_once_and_none_without_a_rule(pool: PoolWorld) -> None:
    programme, day = pool.campaign.programme, pool.w.at.date() + dt.timedelta(days=1)
    draw = functools.partial(
        services.draw_look_backs, actor=SYSTEM, programme=programme, on=day, at=pool.w.at + dt.timedelta(days=1)
    )
    assert draw() is None
    set_rule(pool)
    first = draw()
    assert first is not None
    assert first.on == day
    assert draw() is None
    assert LookBackDay.objects.filter(programme=programme, on=day).count() == 1
