"""讲述: the commitments and standing duties that the story tells act by act, and the guided tour over them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.core.files.base import ContentFile

from luoshi.delivery import services
from luoshi.delivery.models import Matter, SubMatter
from luoshi.office.services.files import store_file
from luoshi.packs.demo.script import Script, Track
from luoshi.packs.schema.pack import Pack
from luoshi.packs.schema.story import Seat, Story, StoryAct, StoryCommitment, StoryDuty, StorySheet
from luoshi.rules import calendar
from luoshi.rules.calendar import local_day, working_days_between
from luoshi.rules.permissions import SYSTEM
from luoshi.rules.refusals import Refused
from luoshi.units.queries import calendar_for

SERVICES = {
    "accept": "accept_commitment",
    "report": "report_on_commitment",
    "apply": "apply_for_closure",
    "verify": "verify_commitment",
    "close": "close_commitment",
    "return": "return_commitment",
    "ask-extension": "ask_extension",
    "decide-extension": "decide_extension",
    "look-back": "look_back_commitment",
    "request": "raise_request",
    "reply": "reply_to_request",
    "instruct": "instruct_commitment",
}


@dataclass(slots=True)
class Told:
    """What was told: the track of every key, and the codes with which acts were refused."""

    tracks: dict[str, Track] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Rows:
    """The matters and parts of the programme, by the numbers and keys of the pack."""

    matters: dict[int, Matter]
    parts: dict[tuple[int, str], SubMatter]

    @classmethod
    def of(cls, pack: Pack, programme_id: int) -> Rows:
        """Read them once."""
        matters = {row.number: row for row in Matter.objects.filter(programme=programme_id)}
        found = {(row.matter_id, row.number): row for row in SubMatter.objects.filter(matter__programme=programme_id)}
        parts = {
            (matter.number, part.key): found[matters[matter.number].pk, part.number]
            for matter in pack.matters
            for part in matter.sub_matters
        }
        return cls(matters, parts)

    def of_item(self, matter: int, key: str | None) -> dict[str, int | None]:
        """The two arguments of a draft."""
        return {"matter": self.matters[matter].pk, "sub_matter": self.parts[matter, key].pk if key else None}


def _values(act: StoryAct, script: Script) -> dict[str, Any]:
    """The arguments of an act as its service calls them."""
    new_due = script.day(act.new_due) if act.new_due is not None else None
    verdict = {"passed": bool(act.passed), "percent": act.percent, "words": act.text}
    values: dict[str, dict[str, Any]] = {
        "accept": {},
        "report": {
            "percent": act.percent, "words": act.text, "problems": act.problem, "next_step": act.next_step
        },
        "apply": {"statement": act.text},
        "verify": {**verdict, "method": act.how},
        "close": {"opinion": act.text},
        "return": {"reason": act.text},
        "ask-extension": {"new_due_on": new_due, "reason": act.text},
        "decide-extension": {"granted": bool(act.granted), "reason": act.text},
        "look-back": verdict,
        "request": {"question": act.text},
        "reply": {"reply": act.text},
        "instruct": {"words": act.text},
    }  # fmt: skip
    return values[act.act]


def _issuer_post(script: Script, seat: Seat) -> str:
    return script.stage.post(script.stage.unit(seat), "office", "head")


def tell(script: Script, story: Story, rows: Rows) -> Told:
    """Plan every commitment and duty of the story."""
    told = Told()
    stage = script.stage
    for number, item in enumerate(story.commitments):
        track = Track(stage.unit(item.lead), script.moment(item.issued, number), item.due)
        told.tracks[item.key] = track
        if item.parent is None:
            script.draft(
                track,
                _issuer_post(script, item.issuer),
                track.now,
                title=item.title,
                requirement=item.requirement,
                criteria=item.criteria,
                supporting=[stage.unit(seat).pk for seat in item.supporting],
                **_term(script, story, item, track),
                **rows.of_item(item.matter, item.sub_matter),
            )
        else:
            script.break_down(
                told.tracks[item.parent],
                _issuer_post(script, item.issuer),
                [track],
                track.now,
                units=[track.unit.pk],
                title=item.title,
                requirement=item.requirement,
                **_term(script, story, item, track),
            )
        _tell_acts(script, story, item, track, told)
    for number, duty in enumerate(story.duties):
        told.tracks[duty.key] = _tell_duty(script, rows, duty, number)
    return told


def _term(script: Script, story: Story, item: StoryCommitment, track: Track) -> dict[str, Any]:
    """Until when: what nothing hangs below has its term in working days, so that its page explains a holiday."""
    due = script.day(item.due)
    if any(other.parent == item.key for other in story.commitments):
        return {"due_on": due}
    days = working_days_between(local_day(track.now), due, calendar_for(track.unit.path))
    return {"due_days": max(1, days), "due_kind": "working"}


def _tell_acts(script: Script, story: Story, item: StoryCommitment, track: Track, told: Told) -> None:
    stage = script.stage
    for number, act in enumerate(item.acts):
        at = script.moment(act.day, 30 + 7 * number)
        post = stage.persons[act.by]
        if act.act == "refused-apply":
            script.add(at, _refused(script, item.key, track, post, act.text, told))
        elif act.sheet is not None:
            script.add(at, _with_sheet(script, track, post, act.sheet, _values(act, script)))
        else:
            script.act(track, post, SERVICES[act.act], at, **_values(act, script))
    reports = [act for act in item.acts if act.act == "report"]
    for number, seat in enumerate(item.supporting[:2]):
        if len(reports) > 1 and reports[1].percent is not None:
            script.act(
                track,
                stage.post(stage.unit(seat), "handler"),
                "share_in_commitment",
                script.moment(reports[1].day + 2 + number, 40),
                percent=max(0, reports[1].percent - 10 * number),
                words="配合部分已按分工到位，与牵头单位逐段对接。",
            )


def _with_sheet(script: Script, track: Track, post: str, sheet: StorySheet, values: dict[str, Any]) -> Any:
    """A report with a table as its evidence, so that the story can be followed down to a file."""

    def deed(at: datetime) -> None:
        actor = script.stage.actor(post, at)
        upload = ContentFile("\n".join(sheet.lines).encode(), name=sheet.name)
        stored = store_file(upload, actor=actor, at=at)
        done = services.report_on_commitment(
            actor=actor,
            ref=track.ref,
            version=track.version,
            files=[(stored.digest, stored.name)],
            at=at,
            **values,
        )
        track.version = done.commitment.version

    return deed


def _refused(script: Script, key: str, track: Track, post: str, text: str, told: Told) -> Any:
    def deed(at: datetime) -> None:
        try:
            services.apply_for_closure(
                actor=script.stage.actor(post, at), ref=track.ref, version=track.version, statement=text, at=at
            )
        except Refused as refusal:
            told.refused[key] = refusal.code

    return deed


def _tell_duty(script: Script, rows: Rows, duty: StoryDuty, number: int) -> Track:
    stage = script.stage
    lead = stage.unit(duty.lead)
    track = Track(lead, script.moment(duty.issued, 60 + number))
    handler = stage.post(lead, "handler")
    script.draft(
        track,
        _issuer_post(script, duty.issuer),
        track.now,
        title=duty.title,
        requirement=duty.requirement,
        criteria=duty.criteria,
        kind="duty",
        frequency=duty.frequency.value,
        **rows.of_item(duty.matter, duty.sub_matter),
    )
    accepted = track.now + timedelta(days=2)
    script.act(track, handler, "accept_commitment", accepted)
    spans = [calendar.period_of(duty.frequency, script.today)]
    while len(spans) < 13:
        spans.insert(0, calendar.period_of(duty.frequency, spans[0].start - timedelta(days=1)))
    for told in duty.periods:
        span = spans[told.index - 1]
        item = Track(
            lead, max(script.moment((span.start - script.today).days, -9 * 60 + 5), accepted + timedelta(hours=1))
        )
        script.add(item.now, _opened(track, item))
        last = (span.end - script.today).days
        if told.state == "finished":
            script.act(item, handler, "report_on_commitment", script.moment(last - 3, 80), percent=100, words=told.text)
            script.act(item, handler, "finish_period", script.moment(last - 3, 90))
        elif told.state == "missed":
            script.add(script.moment(last + 1, -9 * 60 + 1), _missed(item))
    return track


def _opened(duty: Track, item: Track) -> Any:
    def deed(at: datetime) -> None:
        done = services.open_period(actor=SYSTEM, ref=duty.ref, at=at)
        duty.version = done.commitment.version
        item.ref, item.version = done.extra.ref, done.extra.version

    return deed


def _missed(item: Track) -> Any:
    def deed(at: datetime) -> None:
        done = services.miss_period(actor=SYSTEM, ref=item.ref, at=at)
        item.version = done.commitment.version

    return deed


def tour(story: Story, told: Told) -> list[dict[str, str]]:
    """The five steps of the guided tour with their addresses, as the programme keeps them."""
    return list(_steps(story, told))


def _steps(story: Story, told: Told) -> Iterator[dict[str, str]]:
    for step in story.tour:
        ref = told.tracks[step.commitment].ref
        yield {
            "key": step.key,
            "ref": ref,
            "person": step.person,
            "anchor": step.anchor,
            "title_zh": step.title.zh,
            "title_en": step.title.en,
            "text_zh": step.caption.zh,
            "text_en": step.caption.en,
            "url": f"/c/{ref}/",
        }
