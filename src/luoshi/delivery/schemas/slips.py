"""Slips, plans and ladders at every door: one input for each act, and what the API answers."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from luoshi.delivery import services
from luoshi.delivery.models import Ladder, Slip, SlipItem, SupervisionPlan
from luoshi.delivery.schemas.inputs import ActInput, Line, Text, told
from luoshi.delivery.schemas.performing import Acts
from luoshi.delivery.services import SlipDone
from luoshi.ledger.models import Entry
from luoshi.ledger.queries import number_of
from luoshi.rules import escalation, slips
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import gettext_noop as _
from luoshi.rules.slips import SlipAct

Days = Annotated[int, Field(ge=1, le=60)]


class ApproveSlip(ActInput):
    """Approve a proposed slip and issue it with its number."""

    opinion: Text = told(_("Opinion"), _("Why this is approved."), widget="textarea", min_length=1)
    words: Text = told(
        _("What the slip says"), _("The facts above are printed with it."), widget="textarea", default=""
    )
    answer_days: Days = told(_("Working days for the answer"), default=slips.ANSWER_DAYS)
    repeat_reason: Text = told(
        _("Why the unit is met again within the period"),
        _("Only needed when it already had a slip; it is recorded, and only the head gives it."),
        widget="textarea",
        default="",
    )

    def values(self) -> dict[str, Any]:
        """Words that nobody sent are not emptied: what was proposed stands."""
        return {**super().values(), **({} if "words" in self.model_fields_set else {"words": None})}


class GiveReason(ActInput):
    """An act on a slip with a reason."""

    reason: Text = told(
        _("Reason"), _("One or two sentences; it is shown to the other side."), widget="textarea", min_length=1
    )


class AnswerSlip(ActInput):
    """Answer a slip."""

    answer: Text = told(_("Answer"), _("What was done, and by when the rest will be."), widget="textarea", min_length=1)


class SendBackSlip(GiveReason):
    """Ask for a better answer."""

    answer_days: Days = told(_("Working days for the answer"), default=slips.ANSWER_DAYS)


class RecordPlan(ActInput):
    """Record the supervision plan of one's area."""

    title: Line = told(_("Name of the plan"), min_length=1)
    document: Line = told(_("Approved in which document"), min_length=1)
    scope: Text = told(_("What is supervised"), widget="textarea", min_length=1)
    from_on: dt.date = told(_("In force from"))
    until_on: dt.date = told(_("In force until"))
    period_days: Annotated[int, Field(ge=1, le=366)] = told(
        _("Days within which a unit is met once"), default=slips.PERIOD_DAYS
    )
    agency: Annotated[str, Field(max_length=20)] = told(
        _("Agency code of its numbers"), _("As in 云督〔2026〕3号; the unit's short name when empty."), default=""
    )


class StepIn(ActInput):
    """One step of a ladder."""

    rung: Literal["remind", "urge", "supervise", "interview", "circulate"]
    to: Literal["handler", "head", "above", "above_head"]
    days: Annotated[int, Field(ge=escalation.LEAST_DAYS, le=escalation.MOST_DAYS)]
    by_person: bool = False


class LadderInput(ActInput):
    """A ladder: steps in working days from the date, how often urging is repeated, and when an approval is chased."""

    steps: Annotated[list[StepIn], Field(min_length=1, max_length=escalation.MOST_STEPS)]
    repeat_days: Annotated[int, Field(ge=1, le=90)] = 7
    approve_days: Annotated[int, Field(ge=1, le=escalation.MOST_APPROVE_DAYS)] = escalation.APPROVE_DAYS
    above_days: Annotated[int, Field(ge=1, le=escalation.MOST_APPROVE_DAYS)] = escalation.ABOVE_DAYS

    def rule(self) -> escalation.Ladder:
        """The ladder as the rules climb it; refused when it cannot be climbed."""
        return escalation.read_ladder(self.model_dump())


SLIP_ACTS: Acts[SlipAct, SlipDone] = Acts(
    "slip",
    {
        SlipAct.APPROVE: (ApproveSlip, services.approve_slip),
        SlipAct.DROP: (GiveReason, services.drop_slip),
        SlipAct.ANSWER: (AnswerSlip, services.answer_slip),
        SlipAct.SEND_BACK: (SendBackSlip, services.send_back_slip),
        SlipAct.SETTLE: (GiveReason, services.settle_slip),
        SlipAct.WITHDRAW: (GiveReason, services.withdraw_slip),
    },
)


# --- What the API answers --------------------------------------------------------------------------------------------


class Out(BaseModel):
    """The common ground of answers."""

    model_config = ConfigDict(from_attributes=True)


class SlipItemOut(Out):
    """One thing a slip is about."""

    commitment: str | None
    title: str
    due_on: dt.date | None

    @classmethod
    def told(cls, item: SlipItem) -> SlipItemOut:
        """From a row with what it is about."""
        about = item.commitment or (item.request.commitment if item.request else None)
        return cls(commitment=about.ref if about else None, title=about.title if about else "", due_on=item.due_on)


class SlipOut(Out):
    """A slip."""

    id: int
    version: int
    number: str
    rung: str
    tone: str
    state: str
    issuer: int
    issuer_name: str
    unit: int
    unit_name: str
    post: str | None
    words: str
    skips_level: bool
    plan: str
    earlier: str
    repeat_reason: str
    by_clock: bool
    proposed_at: dt.datetime
    chased: int
    chased_on: dt.date | None
    opinion: str
    issued_at: dt.datetime | None
    answer_by_on: dt.date | None
    answer: str
    answered_at: dt.datetime | None
    end_reason: str
    ended_at: dt.datetime | None

    @classmethod
    def told(cls, slip: Slip) -> SlipOut:
        """From a row with its units, post, plan and the earlier slip."""
        return cls(**cls.values(slip))

    @staticmethod
    def values(slip: Slip) -> dict[str, Any]:
        """Its fields."""
        return {
            **{
                name: getattr(slip, name)
                for name in (
                    "version", "number", "rung", "tone", "state", "words", "skips_level", "repeat_reason", "opinion",
                    "proposed_at", "issued_at", "answer_by_on", "answer", "answered_at", "end_reason", "ended_at",
                )
            },
            "id": slip.pk,
            "issuer": slip.issuer_id,
            "issuer_name": slip.issuer.name,
            "unit": slip.unit_id,
            "unit_name": slip.unit.name,
            "post": slip.post.ref if slip.post else None,
            "plan": slip.plan.title if slip.plan else "",
            "earlier": slip.earlier.number if slip.earlier else "",
            "chased": slip.told,
            "chased_on": slip.told_on,
            "by_clock": slip.proposed_by_post_id is None,
        }  # fmt: skip


class SlipDetail(SlipOut):
    """A slip with what it is about and what the caller may do with it."""

    chased_next_on: dt.date | None
    items: list[SlipItemOut]
    may: list[str]

    @classmethod
    def whole(cls, slip: Slip, items: list[SlipItem], actor: Actor, chased_next_on: dt.date | None) -> SlipDetail:
        """The slip as one reader sees it."""
        may = [act.value for act in slips.possible(slip.facts(), actor=actor)]
        return cls(
            **cls.values(slip), items=[SlipItemOut.told(item) for item in items], may=may, chased_next_on=chased_next_on
        )


class SlipPage(Out):
    """Slips, newest first."""

    items: list[SlipOut]
    next: int | None


class SlipActDone(Out):
    """What an act on a slip led to."""

    id: int
    version: int
    state: str
    number: str
    entry: int
    entry_number: str | None

    @classmethod
    def of(cls, done: SlipDone) -> SlipActDone:
        """From what the service returned."""
        slip = done.slip
        return cls(
            id=slip.pk,
            version=slip.version,
            state=slip.state,
            number=slip.number,
            entry=done.entry.pk,
            entry_number=str(number_of(done.entry) or "") or None,
        )


class PlanOut(Out):
    """A supervision plan."""

    id: int
    unit: int
    unit_name: str
    title: str
    document: str
    scope: str
    from_on: dt.date
    until_on: dt.date
    period_days: int
    agency: str

    @classmethod
    def told(cls, plan: SupervisionPlan) -> PlanOut:
        """From a row with its unit."""
        own = ("title", "document", "scope", "from_on", "until_on", "period_days", "agency")
        return cls(
            id=plan.pk, unit=plan.unit_id, unit_name=plan.unit.name, **{name: getattr(plan, name) for name in own}
        )


class PlanPage(Out):
    """Supervision plans, newest first."""

    items: list[PlanOut]


class PlanRecorded(Out):
    """A plan and the entry that proves it."""

    plan: PlanOut
    entry: int

    @classmethod
    def of(cls, plan: SupervisionPlan, entry: Entry) -> PlanRecorded:
        """From what the service returned."""
        return cls(plan=PlanOut.told(plan), entry=entry.pk)


class LadderOut(Out):
    """One version of a programme's ladder."""

    number: int
    steps: list[StepIn]
    repeat_days: int
    approve_days: int
    above_days: int
    made_at: dt.datetime
    holds: bool

    @classmethod
    def told(cls, ladder: Ladder, now: int | None) -> LadderOut:
        """From a row; ``now`` is the id of the version that holds for what is issued from now on."""
        return cls(
            number=ladder.number,
            steps=[StepIn(**step) for step in ladder.steps],
            repeat_days=ladder.repeat_days,
            approve_days=ladder.approve_days,
            above_days=ladder.above_days,
            made_at=ladder.made_at,
            holds=ladder.pk == now,
        )


class LadderPage(Out):
    """Every version of a programme's ladder, newest first."""

    items: list[LadderOut]
