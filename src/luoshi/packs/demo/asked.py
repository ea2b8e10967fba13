"""减负: a draft in the words of a live task of the same unit; whoever tries to issue it is shown the live one."""

from __future__ import annotations

from datetime import datetime

from luoshi.delivery import services
from luoshi.delivery.models import Commitment
from luoshi.packs.demo.script import Script
from luoshi.packs.schema.story import Story
from luoshi.rules.lifecycle import Kind, State
from luoshi.rules.refusals import Refused
from luoshi.units.models import Unit

DUPLICATE = "asked_already"


def tell_duplicate(script: Script, story: Story) -> None:
    """The office of the story's prefecture drafts what a county is asked already, and is refused when it issues it."""
    prefecture = script.stage.areas[story.prefecture]
    side = script.stage.departments.get((story.prefecture, "supervision"), prefecture)
    office = script.stage.post(side, "office", "head")

    def deed(at: datetime) -> None:
        live = _live(script, prefecture)
        if live is None:
            return
        actor = script.stage.actor(office, at)
        drafted = services.draft_commitment(
            actor=actor,
            matter=live.matter_id,
            lead=live.lead_id,
            title=live.title,
            requirement=live.requirement or live.title,
            due_days=30,
            at=at,
        ).commitment
        try:
            services.issue_commitment(actor=actor, ref=drafted.ref, version=drafted.version, at=at)
        except Refused as refused:
            if refused.code != DUPLICATE:
                raise

    script.add(script.moment(-1, 120), deed)


def _live(script: Script, prefecture: Unit) -> Commitment | None:
    below = [unit.pk for unit in script.stage.below.get(prefecture.pk, ())]
    rows = Commitment.objects.filter(state=State.ACCEPTED, kind=Kind.TASK, lead__in=below, off_system=False)
    return rows.exclude(title="").order_by("ref").first()
