"""Forms of meetings（会议表单）; they ask what the API asks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from luoshi.rules.calendar import SHANGHAI
from luoshi.rules.meetings import KIND_NAMES, MOST_PAPERS_DAYS, PAPERS_DAYS


class ChangeForm(forms.Form):
    """变更会议: title, day, time, place, papers."""

    title = forms.CharField(label=gettext_lazy("Title"), max_length=200)
    day = forms.DateField(label=gettext_lazy("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    time = forms.TimeField(
        label=gettext_lazy("Time"), initial="09:00", widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    place = forms.CharField(label=gettext_lazy("Place"), max_length=200, required=False)
    papers_days = forms.IntegerField(
        label=gettext_lazy("Papers out, working days before"),
        min_value=0,
        max_value=MOST_PAPERS_DAYS,
        initial=PAPERS_DAYS,
        help_text=gettext_lazy("Counted by the calendar of your area, holidays and make-up days included."),
    )

    def payload(self) -> dict[str, Any]:
        """What the door passes on."""
        told = dict(self.cleaned_data)
        day, time = told.pop("day"), told.pop("time")
        return {**told, "held_at": dt.datetime.combine(day, time, tzinfo=SHANGHAI)}


class PlanForm(ChangeForm):
    """筹备会议: about which programme, of which kind."""

    programme = forms.ChoiceField(label=gettext_lazy("Programme"))
    kind = forms.ChoiceField(label=gettext_lazy("Kind"))
    field_order = ("programme", "kind", "title", "day", "time", "place", "papers_days")

    def __init__(self, *args: Any, programmes: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["programme"].choices = list(programmes)  # type: ignore[attr-defined]
        self.fields["kind"].choices = [(code, _(name)) for code, name in KIND_NAMES.items()]  # type: ignore[attr-defined]


class ReasonForm(forms.Form):
    """取消会议: why."""

    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=4000, widget=forms.Textarea(attrs={"rows": 3}))
