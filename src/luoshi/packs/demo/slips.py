"""督办: two slips of the story's prefecture, one issued and answered, one that waits for its approval."""

from __future__ import annotations

from datetime import datetime

from luoshi.delivery import services
from luoshi.delivery.models import Commitment, Slip
from luoshi.packs.demo.script import Deed, Script
from luoshi.packs.schema import Story
from luoshi.rules.calendar import local_day
from luoshi.rules.lifecycle import Kind, State
from luoshi.rules.paths import subtree
from luoshi.units.models import Unit

ISSUED = "请说明未完成的原因，并报整改措施和完成时限。"
ANSWERED = "已约谈施工单位，增派两个班组，剩余部分倒排工期，月底前完成。"
WAITING = "逾期已久，经提醒、催办仍未见进展，请审批。"


def tell_slips(script: Script, story: Story) -> None:
    """Plan them; which commitments they are about is known when the day has come."""
    prefecture = script.stage.areas[story.prefecture]
    side = script.stage.departments.get((story.prefecture, "supervision"), prefecture)
    office, head = script.stage.post(side, "office", "head"), script.stage.post(prefecture, "head")
    told: list[int] = []

    def propose(words: str) -> Deed:
        def deed(at: datetime) -> None:
            found = _overdue(script, prefecture, at, told)
            if found is None:
                return
            actor = script.stage.actor(office, at)
            done = services.propose_slip(
                actor=actor, ref=found.ref, version=found.version, rung="supervise", words=words, at=at
            )
            told.append(done.extra.pk)

        return deed

    def approve(at: datetime) -> None:
        if told:
            slip = Slip.objects.get(pk=told[0])
            actor = script.stage.actor(head, at)
            services.approve_slip(actor=actor, slip=slip.pk, version=slip.version, opinion="同意督办。", at=at)

    def answer(at: datetime) -> None:
        if told:
            slip = Slip.objects.get(pk=told[0])
            actor = script.stage.actor(script.stage.post(slip.unit, "handler", "head", "office"), at)
            services.answer_slip(actor=actor, slip=slip.pk, version=slip.version, answer=ANSWERED, at=at)

    script.add(script.moment(-9, 15), propose(ISSUED))
    script.add(script.moment(-9, 75), approve)
    script.add(script.moment(-5, 45), answer)
    script.add(script.moment(-1, 200), propose(WAITING))


def _overdue(script: Script, prefecture: Unit, at: datetime, told: list[int]) -> Commitment | None:
    """The commitment longest overdue of a county below that is not met yet and has somebody to answer."""
    below = [unit.pk for unit in script.stage.below.get(prefecture.pk, ())]
    met = set(Slip.objects.filter(pk__in=told).values_list("unit_id", flat=True))
    rows = (
        Commitment.objects.filter(
            state=State.ACCEPTED,
            kind=Kind.TASK,
            due_on__lt=local_day(at),
            said__lt=100,
            **subtree("lead_path", prefecture.path),
        )
        .filter(lead__in=below)
        .exclude(lead__in=met)
        .order_by("due_on", "ref")
    )
    return next((row for row in rows if (row.lead_id, "handler") in script.stage.posts), None)
