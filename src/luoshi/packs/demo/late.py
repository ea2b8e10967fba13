"""逾期: what fell silent in the story's prefecture, and the clock that chased it day by day.

The clock of these weeks is played, so that reminders, urgings and slips are those a running office would have: nothing
is put in by hand but what people do, who approve a proposal and answer it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from luoshi.delivery import services
from luoshi.delivery.models import Slip
from luoshi.delivery.services import chasing_waiting, climbing_replies, escalating
from luoshi.packs.demo.script import Deed, Script, Track
from luoshi.packs.demo.told import Rows
from luoshi.packs.schema.story import Story, StoryLate
from luoshi.rules.calendar import add_working
from luoshi.rules.escalation import Rung
from luoshi.rules.permissions import SYSTEM
from luoshi.rules.slips import SlipState
from luoshi.units.queries import calendar_for

WEEKS = 9
"""For how long the clock is played: longer than the ladder takes from its first reminder to what is told."""
TERM = 60
"""Working days these tasks were given."""
FIRST_WORDS = "已明确责任岗位，按计划启动。"
BRIEF = "两地已到现场核对界桩，清淤物资备齐。特此报告。"
AGREED = "同意督办，请按期答复。"
AGAIN = "第一次督办后仍未见进展，经负责人同意再次督办。"
ENOUGH = "答复已阅，继续按阶梯跟进。"


def tell_late(script: Script, story: Story, rows: Rows) -> None:
    """Plan the tasks, the clock of the last weeks, and what people did about its slips."""
    tracks = {one.key: _task(script, story, rows, one, number) for number, one in enumerate(story.late)}
    decided = [one for one in story.late if one.told in ("answered", "interview") and one.key in tracks]
    for day in range(-7 * WEEKS, 0):
        script.add(script.moment(day, -30), _answer(script, decided, tracks))
        script.add(script.moment(day, 1), _clock)
        script.add(script.moment(day, 75), _approve(script, story, decided, tracks))


def _task(script: Script, story: Story, rows: Rows, one: StoryLate, number: int) -> Track:
    """A task of its county, issued by the prefecture's office, accepted, reported once, then silence or a question."""
    stage = script.stage
    county, prefecture = stage.areas[one.lead], stage.areas[story.prefecture]
    side = stage.departments.get((story.prefecture, "supervision"), prefecture)
    calendar = calendar_for(county.path)
    due = add_working(script.today, -one.overdue, calendar)
    issued = add_working(due, -TERM, calendar)
    track = Track(county, script.moment((issued - script.today).days, 20 + number))
    script.draft(
        track,
        stage.post(side, "office", "head"),
        track.now,
        title=one.title,
        requirement=one.requirement,
        criteria=one.criteria,
        due_on=due,
        **rows.of_item(one.matter, one.sub_matter),
    )
    handler = stage.post(county, "handler")
    script.act(track, handler, "accept_commitment", track.now + timedelta(days=1))
    first = track.now + timedelta(days=6)
    script.act(track, handler, "report_on_commitment", first, percent=30, words=FIRST_WORDS)
    if one.told == "asks":
        asked = add_working(script.today, -9, calendar)
        told = script.moment((add_working(script.today, -11, calendar) - script.today).days, 50)
        script.act(track, handler, "brief_superior", told, words=BRIEF)
        at = script.moment((asked - script.today).days, 35)
        by = add_working(script.today, -4, calendar)
        script.act(track, handler, "raise_request", at, question=one.text, reply_by_on=by)
    return track


def _clock(at: datetime) -> None:
    while escalating.take_steps(actor=SYSTEM, at=at):
        pass
    while climbing_replies.take_reply_steps(actor=SYSTEM, at=at):
        pass
    for chase in chasing_waiting.CHASES:
        while chase(actor=SYSTEM, at=at):
            pass


def _slips(track: Track, state: SlipState) -> list[Slip]:
    found = Slip.objects.filter(items__commitment__ref=track.ref, state=state, rung=Rung.SUPERVISE)
    return list(found.select_related("unit").order_by("pk"))


def _approve(script: Script, story: Story, decided: list[StoryLate], tracks: dict[str, Track]) -> Deed:
    """The head of the prefecture approves what the clock proposed about them; a second time with a reason."""
    head = script.stage.post(script.stage.areas[story.prefecture], "head")

    def deed(at: datetime) -> None:
        for one in decided:
            for slip in _slips(tracks[one.key], SlipState.PROPOSED):
                met = Slip.objects.filter(unit=slip.unit_id, issued_at__isnull=False).exists()
                services.approve_slip(
                    actor=script.stage.actor(head, at),
                    slip=slip.pk,
                    version=slip.version,
                    opinion=AGREED,
                    repeat_reason=AGAIN if met else "",
                    at=at,
                )

    return deed


def _answer(script: Script, decided: list[StoryLate], tracks: dict[str, Track]) -> Deed:
    """The county answers on the next morning; where the ladder goes on, the office settles the answer a day later."""
    stage = script.stage

    def deed(at: datetime) -> None:
        for one in decided:
            track = tracks[one.key]
            for slip in _slips(track, SlipState.ANSWERED) if one.told == "interview" else ():
                office = stage.actor(stage.post(slip.issuer, "office", "head"), at)
                services.settle_slip(actor=office, slip=slip.pk, version=slip.version, reason=ENOUGH, at=at)
            for slip in _slips(track, SlipState.ISSUED):
                handler = stage.actor(stage.post(track.unit, "handler"), at)
                services.answer_slip(actor=handler, slip=slip.pk, version=slip.version, answer=one.text, at=at)

    return deed
