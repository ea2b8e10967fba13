"""会议: a review meeting that was held, what it decided and what became of that, and the next one, being prepared."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from luoshi.meetings import services
from luoshi.meetings.models import Meeting
from luoshi.meetings.queries import proposals
from luoshi.packs.demo.script import Script, Track
from luoshi.packs.schema.story import Story, StoryCircular, StoryDecision, StoryMeeting
from luoshi.units.models import Unit

PRESENTED = 5
"""So many of the proposals go on an agenda; an hour has no more."""
OFFICE, HEAD = "prov-office", "prov-head"


@dataclass(slots=True)
class Meet:
    """One meeting while it is told, act by act; its number is known once it is called."""

    script: Script
    told: StoryMeeting
    programme: str
    ref: str = ""

    def add(self, day: int, minute: int, name: str, **values: Any) -> None:
        """Plan one act of the supervision office on the meeting as it stands then."""

        def deed(at: datetime) -> None:
            self.act(name, at, **values)

        self.script.add(self.script.moment(day, minute), deed)

    def act(self, name: str, at: datetime, **values: Any) -> services.MeetingDone:
        """One act of the supervision office, at once."""
        row = Meeting.objects.get(ref=self.ref)
        actor = self.script.stage.actor(self.script.stage.persons[OFFICE], at)
        done: services.MeetingDone = getattr(services, name)(
            actor=actor, meeting=row.ref, version=row.version, at=at, **values
        )
        return done


def tell_meetings(script: Script, story: Story, programme: str) -> None:
    """Plan the meetings of the story; what has passed is held and ended, what is to come is called."""
    for told in story.meetings:
        meet = Meet(script, told, programme)
        _call(meet, story)
        if told.day < 0:
            _hold(meet)


def _call(meet: Meet, story: Story) -> None:
    script, told = meet.script, meet.told
    province = script.stage.province
    heads = [script.stage.post(unit, "head", "office") for unit in script.stage.below[province.pk]]

    def call(at: datetime) -> None:
        actor = script.stage.actor(script.stage.persons[OFFICE], at)
        done = services.plan_meeting(
            actor=actor,
            programme=meet.programme,
            kind=told.kind,
            title=told.title,
            held_at=script.moment(told.day, 0),
            place=told.place,
            at=at,
        )
        meet.ref = done.meeting.ref

    def propose(at: datetime) -> None:
        found = proposals.proposals(Meeting.objects.get(ref=meet.ref), at, limit=PRESENTED)
        if found:
            meet.act("put_on_agenda", at, refs=[one.commitment.ref for one in found])

    script.add(script.moment(told.called, 20), call)
    meet.add(told.called, 30, "invite_posts", posts=heads)
    script.add(script.moment(told.called, 50), propose)
    if told.papers is not None:
        meet.add(told.papers, 90, "send_papers")


def _hold(meet: Meet) -> None:
    """Open it, write down who came and what was decided, end it, and let the units do what they were given."""
    script, told = meet.script, meet.told
    meet.add(told.day, 5, "open_meeting")

    def attend(at: datetime) -> None:
        posts = Meeting.objects.get(ref=meet.ref).participants.filter(off=False).order_by("post__ref")
        meet.act("record_attendance", at, posts=list(posts.values_list("post__ref", flat=True)))

    def settle(at: datetime) -> None:
        items = list(Meeting.objects.get(ref=meet.ref).items.filter(left_out=False).order_by("position"))
        for minute, (item, outcome) in enumerate(zip(items, told.outcomes, strict=False)):
            meet.act("settle_item", at + timedelta(minutes=minute), item=item.pk, outcome=outcome, settled=minute == 0)

    script.add(script.moment(told.day, 10), attend)
    script.add(script.moment(told.day, 40), settle)
    decided = [one for one in told.decisions if one.lead in script.stage.areas]
    for number, one in enumerate(decided):
        values = {"lead": script.stage.areas[one.lead].pk, "due_on": script.day(one.due)}
        meet.add(told.day, 60 + number, "type_resolution", text=one.text, matter=one.matter, **values)
    meet.add(told.day, 75, "write_minutes", text=told.minutes)

    def end(at: datetime) -> None:
        made = meet.act("end_meeting", at).extra
        for one, commitment in zip(decided, made, strict=True):
            tracks[one.text].ref, tracks[one.text].version = commitment.ref, commitment.version

    tracks = {one.text: Track(script.stage.areas[one.lead], script.moment(told.day, 80)) for one in decided}
    script.add(script.moment(told.day, 80), end)
    for one in decided:
        _do(script, tracks[one.text], one, told.day)
    if told.circular is not None:
        _circular(meet, told.circular)


def _do(script: Script, track: Track, told: StoryDecision, day: int) -> None:
    """What became of a decision: taken on the day after, and reported on since."""
    head = script.stage.post(track.unit, "head", "office", "handler")
    handler = script.stage.post(track.unit, "handler", "office", "head")
    script.act(track, head, "accept_commitment", script.moment(day + 1, 35))
    for report in told.reports:
        script.act(
            track,
            handler,
            "report_on_commitment",
            script.moment(report.day, 200),
            percent=report.percent,
            words=report.words,
        )


def _circular(meet: Meet, told: StoryCircular) -> None:
    """The office writes to the prefectures what came of the meeting, the head issues it, and most sign for it."""
    script = meet.script
    province = script.stage.province
    units: list[Unit] = list(script.stage.below[province.pk])
    made: list[str] = []

    def draft(at: datetime) -> None:
        done = services.draft_circular(
            actor=script.stage.actor(script.stage.persons[OFFICE], at),
            programme=meet.programme,
            kind="inform",
            title=told.title,
            words=told.words,
            units=[unit.pk for unit in units],
            meeting=meet.ref,
            at=at,
        )
        made.append(done.circular.ref)

    def issue(at: datetime) -> None:
        actor = script.stage.actor(script.stage.persons[HEAD], at)
        services.issue_circular(actor=actor, circular=made[0], version=1, at=at)

    def sign(unit: Unit, at: datetime) -> None:
        actor = script.stage.actor(script.stage.post(unit, "head", "office"), at)
        services.sign_circular(actor=actor, circular=made[0], unit=unit.pk, at=at)

    day = meet.told.day
    script.add(script.moment(day, 300), draft)
    script.add(script.moment(day + 1, 60), issue)
    for number, unit in enumerate(units[:-1]):  # one has not signed for it yet
        script.add(script.moment(day + 2, number), partial(sign, unit))
