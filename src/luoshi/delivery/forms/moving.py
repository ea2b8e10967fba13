"""The form that confirms deadlines moving with the calendar."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class MoveForm(forms.Form):
    """Exactly the list one looked at, and why."""

    digest = forms.CharField(max_length=64, widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("Reason"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("One or two sentences; the leads read it."),
    )
