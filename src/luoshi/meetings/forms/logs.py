"""The form beside a decision log（附言表单）; it asks what the API asks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from luoshi.rules.decision_log import LONGEST_COMMENT


class CommentForm(forms.Form):
    """附言: about which matter, and the words."""

    matter = forms.TypedChoiceField(label=gettext_lazy("About"), required=False, coerce=int, empty_value=None)
    words = forms.CharField(
        label=gettext_lazy("What you want to say"),
        max_length=LONGEST_COMMENT,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("It stands beside the log with its day and is never changed; more can be added."),
    )
    holding = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def __init__(self, *args: Any, matters: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["matter"].choices = [("", _("The log as a whole")), *matters]  # type: ignore[attr-defined]
