"""Forms of directed visits and of the rule of look-backs; they ask what the API asks."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from luoshi.rules.looking_back import LEAST_BP, MOST_MONTHS


class DirectForm(forms.Form):
    """Why, and on which day."""

    reason = forms.CharField(
        label=gettext_lazy("Why somebody should go and look"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("May be empty when its record holds a sign; the signs are recorded beside it."),
    )
    day = forms.DateField(
        label=gettext_lazy("On which day"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("Nobody is told before that day, neither the unit nor whoever goes."),
    )


class RuleForm(forms.Form):
    """Chance, months, digits."""

    chance = forms.IntegerField(
        label=gettext_lazy("Chance of each strike-off, in per cent"),
        min_value=LEAST_BP // 100,
        max_value=100,
        initial=5,
    )
    months = forms.CharField(
        label=gettext_lazy("Months after the strike-off"),
        initial="3, 12",
        max_length=40,
        help_text=gettext_lazy("One to six numbers with commas between them, each from 1 to 60."),
    )
    digits = forms.CharField(
        label=gettext_lazy("Twenty digits thrown in public"),
        max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "spellcheck": "false"}),
        help_text=gettext_lazy("Ten-sided dice, thrown before witnesses; blanks between them do not matter."),
    )

    def clean_months(self) -> list[int]:
        """The numbers, in whatever way they are parted."""
        told = re.split(r"[\s,，、;；]+", str(self.cleaned_data["months"]).strip())
        if not all(one.isascii() and one.isdigit() and 1 <= int(one) <= MOST_MONTHS for one in told):
            raise ValidationError(_("One to six numbers with commas between them, each from 1 to 60."))
        return [int(one) for one in told]

    def clean_digits(self) -> str:
        """The digits without what stands between them."""
        return re.sub(r"\s+", "", str(self.cleaned_data["digits"]))

    def payload(self) -> dict[str, Any]:
        """What the service takes."""
        told = self.cleaned_data
        return {"chance_bp": told["chance"] * 100, "months": told["months"], "digits": told["digits"]}
