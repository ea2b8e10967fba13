"""Forms of meetings."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class BookForm(forms.Form):
    """复盘册: from which day on."""

    since_on = forms.DateField(
        label=_("Day of the last meeting"),
        help_text=_("What came after this day is in the book."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    meeting = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    def payload(self) -> dict[str, Any]:
        """What the service takes."""
        return {"since_on": self.cleaned_data["since_on"], "meeting": self.cleaned_data["meeting"]}
