"""Forms of programmes: authority, settings, and the draft of a commitment."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from luoshi.delivery.forms.acts import ActForm, form_of
from luoshi.delivery.forms.choices import Choices
from luoshi.delivery.models import Programme
from luoshi.delivery.models.timings import FIELDS, Counted, Palette
from luoshi.delivery.schemas.inputs import Draft
from luoshi.rules.lifecycle import Act


def _day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class AuthorityForm(forms.Form):
    """依据: who ordered it, in which document, for what and until when."""

    who = forms.CharField(label=_("Who ordered it"), max_length=200)
    document = forms.CharField(label=_("In which document"), max_length=300)
    document_no = forms.CharField(label=_("Number of the document"), max_length=100, required=False)
    document_on = forms.DateField(label=_("Date of the document"), required=False, widget=_day())
    scope = forms.CharField(label=_("For what"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
    from_on = forms.DateField(label=_("In force from"), widget=_day())
    until_on = forms.DateField(label=_("In force until"), widget=_day())

    def clean(self) -> dict[str, Any]:
        """The end lies after the start."""
        told = super().clean() or {}
        start, end = told.get("from_on"), told.get("until_on")
        if start and end and end < start:
            self.add_error("until_on", gettext("The authority must end after it starts."))
        return told


class SettingsForm(forms.Form):
    """What siblings see, when a light warns, how often a date may move, when one last met."""

    visibility = forms.ChoiceField(
        label=_("What a unit sees of its siblings"), choices=Programme.Visibility.choices, widget=forms.RadioSelect
    )
    warning_days = forms.IntegerField(label=_("Days of warning before a date"), min_value=0, max_value=60)
    warning_kind = forms.ChoiceField(label=_("They are"), choices=Counted.choices)
    warning_percent = forms.IntegerField(
        label=_("But at most this share of the term, in per cent"), min_value=1, max_value=100
    )
    grace_days = forms.IntegerField(
        label=_("Days of grace for accepting late (yellow, then red)"), min_value=0, max_value=60
    )
    grace_kind = forms.ChoiceField(label=_("They are"), choices=Counted.choices)
    accept_kind = forms.ChoiceField(label=_("Days to accept are"), choices=Counted.choices)
    due_kind = forms.ChoiceField(label=_("Terms in days are"), choices=Counted.choices)
    reply_days = forms.IntegerField(label=_("Days a superior has to reply to a request"), min_value=1, max_value=90)
    reply_kind = forms.ChoiceField(label=_("They are"), choices=Counted.choices)
    decide_days = forms.IntegerField(label=_("Days to decide an extension"), min_value=1, max_value=90)
    decide_kind = forms.ChoiceField(label=_("They are"), choices=Counted.choices)
    palette = forms.ChoiceField(label=_("Lights are drawn in"), choices=Palette.choices, widget=forms.RadioSelect)
    extension_limit = forms.IntegerField(label=_("How often a date may be extended"), min_value=0, max_value=10)
    jump_percent = forms.IntegerField(
        label=_("A leap at the end is so many points said at once"), min_value=1, max_value=100, required=False,
        help_text=_("This and the four below say from where on a record is a sign to go and look; nobody is ranked."),
    )  # fmt: skip
    late_percent = forms.IntegerField(
        label=_("The end of a term is this share of it, in per cent"), min_value=1, max_value=50, required=False
    )
    late_least_days = forms.IntegerField(
        label=_("The end of a term is never shorter than so many days"), min_value=1, max_value=30, required=False
    )
    near_days = forms.IntegerField(
        label=_("A date is near so many days before it"), min_value=1, max_value=90, required=False
    )
    silent_days = forms.IntegerField(
        label=_("Silence is more than so many days without a word"), min_value=7, max_value=365, required=False
    )
    last_meeting_on = forms.DateField(
        label=_("Last review meeting"),
        required=False,
        widget=_day(),
        help_text=_("The board tells what changed since that day. Left empty it stays as it was."),
    )

    def told(self) -> dict[str, Any]:
        """What the service takes: the settings, and the timings and the limits of signs apart."""
        given = dict(self.cleaned_data)
        share = given.pop("late_percent")
        signs = {name: given.pop(name) for name in ("jump_percent", "late_least_days", "near_days", "silent_days")}
        signs["late_bp"] = share and share * 100
        given["signs"] = {name: value for name, value in signs.items() if value is not None}
        given["timings"] = {name: given.pop(name) for name in FIELDS if name != "warning_days"}
        return given


class NothingForm(forms.Form):
    """An act that needs no words."""


def draft_form(choices: Choices) -> type[ActForm]:
    """The form that drafts a commitment; it asks what the API asks."""
    return form_of(Draft, Act.EDIT, choices)
