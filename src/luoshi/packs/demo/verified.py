"""抽查与回头看: what is verified by lot, visited for a reason, answered, objected to and looked back on.

Two townships of the story's county. In one a campaign was certified three months ago and its list struck off by the
certificate; the look-back of those strike-offs found one relapse and has one visit still to come. In the other a
campaign is half-way. Who goes is drawn by lot, as everywhere; whoever it falls on records what he saw.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import NamedTuple

from luoshi.assurance import jobs, services
from luoshi.assurance.models import Campaign, Visit
from luoshi.assurance.queries import campaigns as reads
from luoshi.assurance.services.handing import hand_out_day
from luoshi.assurance.services.pool import join_pool
from luoshi.assurance.services.withdrawing import withdraw_for
from luoshi.delivery import services as delivery
from luoshi.delivery.models import Commitment, Programme
from luoshi.packs.demo.script import Script, Track
from luoshi.packs.demo.told import Rows
from luoshi.packs.schema.story import Story
from luoshi.rules import looking_back
from luoshi.rules.calendar import WorkCalendar, add_working, local_day
from luoshi.rules.visiting import Outcome, Verdict
from luoshi.units.models import Unit
from luoshi.units.queries import calendar_for

TOWNS = ("530403002", "530403102")
"""Townships whose villages are visited: the first is certified, the second half-way."""
MATTER = 6
"""A matter whose other work goes no further than to townships, so that the lists hold these tasks and no others."""
CLAIM_BP = 2000
MONTHS = 3
SEEDS = ("14142135623730950488", "17320508075688772935", "22360679774997896964")
"""Digits rolled in public: of the two campaigns and of the look-back rule."""
TITLES = ("村级养老服务点启用", "村级儿童活动场所启用")
CLAIMS = ("村级养老服务点已经启用、有人管护", "村级儿童活动场所已经启用、有人管护")
REQUIREMENT = "办好群众家门口的服务，建成的场所有人管、正常用。"
CRITERIA = ("场所能正常使用", "管护人员和报修途径清楚")
DONE_WORDS = "场所已经启用，管护人员已经到岗。"
HOLDS, SEEN = "现场查看，与所报一致。", "现场看过，属实。"
BROKEN, BROKEN_SEEN = "场所没有开放，与所报不符。", "门上贴着暂停开放。"
RELAPSED, RELAPSED_SEEN = "管护人员离岗后没有补上，服务点已经停用。", "门锁着，屋里堆着杂物。"
CLOSED_ROAD = "道路塌方封闭，未能到达。"
FINDING = "走访时场所没有开放，台账却记着每日开放，请说明。"
FINDING_REST = "走访记录与所报开放台账对照。"
ANSWER = "屋面渗水待修期间暂停开放，台账没有及时更正，现已补记。"
OBJECTION = "走访当天恰逢检修，次日已恢复开放，请复核。"
DIRECTED = "群众反映验收后一直锁着门，去看一看。"


A_DAY = 5
"""Places of the first campaign visited on one day."""


def minute(number: int) -> int:
    """Minutes after nine at which the day's visit of this number is recorded: one after the other, as people go."""
    return 45 + 34 * number + (7, 0, 12, 3)[number % 4]


class Days(NamedTuple):
    """When the list is struck off, drawn for looking back, and looked back on."""

    closed: date
    drawn: date
    looked: date


def look_back_days(today: date, calendar: WorkCalendar) -> Days:
    """The newest days before ``today`` on which all three can be.

    Whoever is drawn is visited on the next working day. No strike-off comes due on some days at a month's end: there is
    no 31st three months before. Then it is the nearest earlier day on which one does.
    """
    drawn = add_working(today, -1, calendar) - timedelta(days=1)
    while (span := looking_back.closed_between(drawn, MONTHS)) is None:
        drawn -= timedelta(days=1)
    return Days(span[1], drawn, add_working(drawn, 1, calendar))


def tell_verified(script: Script, story: Story, rows: Rows) -> None:
    """Plan the pool, both campaigns, the look-backs, the finding, the objection and the directed visit."""
    Verified(script, story, rows).plan()


class Verified:
    """The planned acts and what they learn of each other while they run."""

    def __init__(self, script: Script, story: Story, rows: Rows) -> None:
        self.script, self.rows, stage = script, rows, script.stage
        self.towns = [stage.areas[code] for code in TOWNS if code in stage.areas]
        self.prefecture = stage.areas[story.prefecture]
        self.province = stage.province
        side = stage.departments.get((story.prefecture, "supervision"), self.prefecture)
        self.office, self.head = stage.post(side, "office", "head"), stage.post(self.prefecture, "head")
        self.refs: dict[str, str] = {}

    def plan(self) -> None:
        """Everything in the order of time."""
        calendar = calendar_for(self.province.path)
        if len(self.towns) < len(TOWNS):
            return
        days = look_back_days(self.script.today, calendar)
        closed = (days.closed - self.script.today).days
        self.script.add(self.script.moment(closed - 60, 10), self._join_pool)
        self._tasks(0, closed - 58)
        self._tasks(1, -52)
        self._certify(closed)
        self._half_way()
        self._look_back(days)

    def _verifiers(self) -> list[str]:
        """Posts independent of the line: the assessors, the province's audit office, another prefecture's."""
        stage = self.script.stage
        other = next(one for one in stage.below[self.province.pk] if one.pk != self.prefecture.pk)
        body = Unit.objects.get(kind="body")
        audits = [stage.departments[area.code, "audit"] for area in (self.province, other)]
        return [stage.post(unit, "verifier") for unit in (body, *audits)]

    def _join_pool(self, at: datetime) -> None:
        actor = self.script.stage.actor(self.script.stage.persons["prov-office"], at)
        join_pool(actor=actor, programme=self._programme().key, posts=self._verifiers(), at=at)

    @staticmethod
    def _programme() -> Programme:
        return Programme.objects.get(is_demo=True)

    # --- The villages' tasks ------------------------------------------------------------------------------------------

    def _tasks(self, number: int, day: int) -> None:
        """A task of each village, issued by the prefecture's office, reported complete by its township."""
        script, town = self.script, self.towns[number]
        answers = script.stage.post(town, "handler")
        for place, village in enumerate(script.stage.below.get(town.pk, ())):
            track = Track(village, script.moment(day, 20 + place))
            script.draft(
                track,
                self.office,
                track.now,
                title=TITLES[number],
                requirement=REQUIREMENT,
                criteria=list(CRITERIA),
                due_on=script.day(day + 120),
                **self.rows.of_item(MATTER, None),
            )
            script.act(track, answers, "accept_commitment", script.moment(day + 1, 30 + place))
            script.act(
                track,
                answers,
                "report_on_commitment",
                script.moment(day + 24, 30 + place),
                percent=100,
                words=DONE_WORDS,
            )

    # --- Campaigns ----------------------------------------------------------------------------------------------------

    def _begin(self, number: int, day: int, claim: str) -> None:
        """Put the claim up, freeze the list and type the digits, on one morning."""
        script = self.script

        digits = SEEDS[number]

        def propose(at: datetime) -> None:
            done = services.propose_campaign(
                actor=script.stage.actor(self.office, at),
                programme=self._programme().key,
                under=self.towns[number].pk,
                level="village",
                title=claim,
                matter=MATTER,
                claim_bp=CLAIM_BP,
                second_visits_bp=0,
                at=at,
            )
            self.refs[f"campaign{number}"] = done.campaign.ref

        script.add(script.moment(day, 5), propose)
        script.add(script.moment(day, 25), lambda at: self._act(number, self.office, "freeze_frame", at))
        script.add(script.moment(day, 60), lambda at: self._act(number, self.office, "enter_seed", at, seed=digits))

    def _act(self, number: int, post: str, name: str, at: datetime, **values: object) -> None:
        found = Campaign.objects.get(ref=self.refs[f"campaign{number}"])
        actor = self.script.stage.actor(post, at)
        getattr(services, name)(actor=actor, campaign=found.ref, version=found.version, at=at, **values)

    def _hand_out(self, number: int, at: datetime, count: int) -> None:
        found = Campaign.objects.get(ref=self.refs[f"campaign{number}"])
        hand_out_day(
            actor=self.script.stage.actor(self.office, at),
            campaign=found.ref,
            version=found.version,
            day=local_day(at),
            count=count,
            at=at,
        )

    def _visits(self, number: int, day: date) -> list[Visit]:
        rows = Visit.objects.filter(campaign__ref=self.refs[f"campaign{number}"], day=day)
        return list(rows.select_related("commitment", "verifier_post", "place").order_by("place__position"))

    def _record(self, visit: Visit, said: services.Said, at: datetime) -> None:
        actor = self.script.stage.actor(visit.verifier_post.ref, at)
        services.record_visit(actor=actor, key=visit.key, version=visit.version, said=said, at=at)

    def _certify(self, closed: int) -> None:
        """Five places a day until the verdicts certify the claim; certificate and closing by the head."""
        script, last = self.script, closed - 4
        self._begin(0, closed - 12, CLAIMS[0])
        for day in range(closed - 10, last):
            script.add(script.moment(day, 10), self._hand_out_until_certified)
            for number in range(A_DAY):
                self._visit(0, day, number, _holding)
        read, opinion, closing = "按判读作出结论。", "走访结论成立，同意。", "凭证书销号，销后按规则回头看。"
        script.add(
            script.moment(last, 60),
            lambda at: self._act(0, self.office, "conclude_campaign", at, opinion=read),
        )
        script.add(
            script.moment(closed - 1, 30), lambda at: self._act(0, self.head, "give_certificate", at, opinion=opinion)
        )
        script.add(
            script.moment(closed, 60),
            lambda at: self._act(0, self.head, "close_certified", at, opinion=closing),
        )

    def _hand_out_until_certified(self, at: datetime) -> None:
        found = Campaign.objects.get(ref=self.refs["campaign0"])
        if reads.read_campaign(found).reading.verdict.value != "certified":
            self._hand_out(0, at, A_DAY)

    def _visit(self, number: int, day: int, place: int, seen: Callable[[Visit], services.Said], key: str = "") -> None:
        """Plan one visit of a day handed out, if there is one of this number; ``key`` remembers its task."""

        def deed(at: datetime) -> None:
            for visit in self._visits(number, local_day(at))[place : place + 1]:
                self._record(visit, seen(visit), at)
                self.refs[key] = visit.commitment.ref

        self.script.add(self.script.moment(day, minute(place)), deed)

    def _half_way(self) -> None:
        """Two days of visits: some hold, one does not, one place cannot be reached; three are still to be made."""
        script = self.script
        self._begin(1, -12, CLAIMS[1])
        for day in (-9, -8):
            script.add(script.moment(day, 10), lambda at: self._hand_out(1, at, 3))
            self._visit(1, day, 0, _holding)
            self._visit(1, day, 1, _broken, "false" if day == -9 else "objected")
        self._visit(1, -9, 2, lambda _visit: services.Said(Outcome.UNREACHABLE, words=CLOSED_ROAD))
        answers = script.stage.post(self.towns[1], "handler")
        self._tell(-7, "false", self.office, "record_finding", words=FINDING, evidence=FINDING_REST)
        self._tell(-6, "false", answers, "answer_finding", answer=ANSWER)
        self._tell(-5, "objected", answers, "raise_objection", words=OBJECTION)
        script.add(script.moment(-1, 330), self._direct)

    def _tell(self, day: int, key: str, post: str, name: str, **values: object) -> None:
        """Plan an act of delivery on a commitment that a visit came to."""

        def deed(at: datetime) -> None:
            found = Commitment.objects.get(ref=self.refs[key])
            actor = self.script.stage.actor(post, at)
            getattr(delivery, name)(actor=actor, ref=found.ref, version=found.version, at=at, **values)

        self.script.add(self.script.moment(day, 45), deed)

    def _direct(self, at: datetime) -> None:
        """Somebody is sent, for a reason, to a place that the lot has not named yet."""
        waits = Commitment.objects.filter(places__campaign__ref=self.refs["campaign1"], visits__isnull=True)
        services.direct_visit(
            actor=self.script.stage.actor(self.office, at),
            ref=waits.order_by("ref")[0].ref,
            reason=DIRECTED,
            day=add_working(local_day(at), 2, calendar_for(self.prefecture.path)),
            at=at,
        )

    # --- Look-backs ---------------------------------------------------------------------------------------------------

    def _look_back(self, days: Days) -> None:
        """The first strike-offs by certificate are all looked back on; then each with the usual chance."""
        script = self.script
        first, made = ((day - script.today).days for day in (days.drawn, days.looked))
        script.add(script.moment(first - 1, 400), lambda at: self._rule(at, 10_000))
        script.add(script.moment(made, 300), lambda at: self._rule(at, 500))
        for day in range(first, 0):
            script.add(script.moment(day, -170), self._clock)
        for number in range(len(script.stage.below.get(self.towns[0].pk, ()))):
            self._look(made, number)

    def _rule(self, at: datetime, chance_bp: int) -> None:
        actor = self.script.stage.actor(self.script.stage.persons["prov-office"], at)
        services.set_look_back_rule(
            actor=actor,
            programme=self._programme().key,
            chance_bp=chance_bp,
            months=(MONTHS, 12),
            digits=SEEDS[2],
            at=at,
        )

    def _clock(self, at: datetime) -> None:
        jobs.tick(at)

    def _look(self, day: int, number: int) -> None:
        """Plan one look-back: the first place has relapsed, the last is still to be visited, the others hold."""

        def deed(at: datetime) -> None:
            rows = Visit.objects.filter(kind=Visit.Kind.LOOK_BACK, day=local_day(at))
            ours = rows.filter(commitment__places__campaign__ref=self.refs["campaign0"])
            visits = list(ours.select_related("commitment", "verifier_post").order_by("commitment__ref"))
            for visit in visits[:-1][number : number + 1]:
                said = _holding(visit) if number else _failing(visit, RELAPSED, RELAPSED_SEEN)
                self._record(visit, said, at)
                if not number:
                    # Who listens to a relapse is told when all is stored; the ledger keeps the order of time.
                    withdraw_for(visit.commitment.ref, RELAPSED, at=at)

        self.script.add(self.script.moment(day, minute(number)), deed)


def _broken(visit: Visit) -> services.Said:
    return _failing(visit, BROKEN, BROKEN_SEEN)


def _holding(visit: Visit) -> services.Said:
    verdicts = [Verdict(text, True, SEEN) for text in visit.commitment.criteria]
    return services.Said(Outcome.DONE, holds=True, words=HOLDS, criteria=verdicts)


def _failing(visit: Visit, words: str, seen: str) -> services.Said:
    """The first criterion does not hold."""
    texts = visit.commitment.criteria
    verdicts = [Verdict(text, number > 0, SEEN if number else seen) for number, text in enumerate(texts)]
    return services.Said(Outcome.DONE, holds=False, words=words, criteria=verdicts)
