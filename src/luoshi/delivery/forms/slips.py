"""Forms of slips, plans and ladders; they ask what the API asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from luoshi.delivery.forms.acts import ActForm, form_of
from luoshi.delivery.forms.choices import Choices
from luoshi.delivery.schemas.slips import SLIP_ACTS, RecordPlan
from luoshi.rules import escalation
from luoshi.rules.lifecycle import Act
from luoshi.rules.refusals import Refused
from luoshi.rules.slips import SlipAct

FREE = 2
"""Empty lines a ladder's form offers below its steps."""


def slip_form(act: SlipAct, *, repeated: bool = False) -> type[ActForm]:
    """The form of an act on a slip; whether the unit was met before decides if a reason for that is asked."""
    asked, _service = SLIP_ACTS.table[act]
    form = form_of(asked, Act.PROPOSE_SLIP, Choices())
    if act is SlipAct.APPROVE:
        fields = form.base_fields
        fields["words"].required = False
        fields["repeat_reason"].required = False
        if not repeated:
            del fields["repeat_reason"]
    return form


def plan_form() -> type[ActForm]:
    """The form of a supervision plan."""
    return form_of(RecordPlan, Act.PROPOSE_SLIP, Choices())


class StepForm(forms.Form):
    """One line of a ladder; an empty one says nothing."""

    rung = forms.ChoiceField(label=gettext_lazy("Step"), required=False)
    to = forms.ChoiceField(label=gettext_lazy("Whom"), required=False)
    days = forms.IntegerField(
        label=gettext_lazy("Working days from the date"),
        required=False,
        min_value=escalation.LEAST_DAYS,
        max_value=escalation.MOST_DAYS,
    )
    by_person = forms.BooleanField(label=gettext_lazy("A person approves it"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the rungs and levels in the reader's words."""
        super().__init__(*args, **kwargs)
        rung, to = self.fields["rung"], self.fields["to"]
        rung.choices = [("", "—"), *((one.value, _(name)) for one, name in escalation.RUNG_NAMES.items())]  # type: ignore[attr-defined]
        to.choices = [(one.value, _(name)) for one, name in escalation.LEVEL_NAMES.items()]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """A step says when."""
        told = super().clean() or {}
        if told.get("rung") and told.get("days") is None and "days" not in self.errors:
            self.add_error("days", _("Say after how many working days; negative is before the date."))
        return told


class LadderForm(forms.Form):
    """How often urging is repeated after the last step, and when an approval is chased."""

    repeat_days = forms.IntegerField(
        label=gettext_lazy("Urging is repeated after (working days)"), min_value=1, max_value=90
    )
    approve_days = forms.IntegerField(
        label=gettext_lazy("Whoever approves a slip is reminded after (working days)"),
        help_text=gettext_lazy("Counted from the proposal, in the calendar of the supervising side."),
        min_value=1,
        max_value=escalation.MOST_APPROVE_DAYS,
    )
    above_days = forms.IntegerField(
        label=gettext_lazy("The unit above is told after (working days)"),
        help_text=gettext_lazy("When the proposal is still undecided; then again as often as urging is repeated."),
        min_value=2,
        max_value=escalation.MOST_APPROVE_DAYS,
    )


StepForms = forms.formset_factory(StepForm, extra=0, max_num=escalation.MOST_STEPS, absolute_max=escalation.MOST_STEPS)


def step_forms(data: Any, steps: Sequence[dict[str, Any]]) -> Any:
    """The lines of a ladder and some empty ones."""
    lines = [*steps, *({} for _n in range(min(FREE, escalation.MOST_STEPS - len(steps))))]
    return StepForms(data, initial=lines, prefix="step")


def ladder_of(forms_: Any, days: Mapping[str, int]) -> escalation.Ladder:
    """The ladder that was written.

    Raises:
        Refused: it cannot be climbed.
    """
    told = [form.cleaned_data for form in forms_ if form.cleaned_data.get("rung")]
    if not told:
        raise Refused("ladder_empty", most=escalation.MOST_STEPS)
    return escalation.read_ladder({"steps": told, **days})
