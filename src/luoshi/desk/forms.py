"""Forms of the desk（工作台表单）."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from luoshi.units.models import Unit


class ComplaintForm(forms.Form):
    """A complaint about a burden or an act（基层减负投诉）."""

    words = forms.CharField(
        label=_("What is too much, asked twice, or should not be asked at all"),
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=2000,
    )
    ref = forms.CharField(label=_("Number of the commitment, if it is about one"), max_length=40, required=False)
    signed = forms.BooleanField(
        label=_("Say which post writes"),
        help_text=_("Without a tick the message carries neither your post nor your name, and none is kept."),
        required=False,
    )

    def __init__(self, *args: Any, areas: Sequence[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["about"] = forms.TypedChoiceField(
            label=_("Who asks for it"),
            help_text=_("The complaint goes to the level above."),
            choices=[(area.pk, area.name) for area in areas],
            coerce=int,
            widget=forms.RadioSelect,
        )
        self.order_fields(["about", "words", "ref", "signed"])
