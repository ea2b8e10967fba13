"""Forms of the pool and of handing out（派员表单）."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from luoshi.assurance.services.handing import MOST
from luoshi.units.models import Post


def _reason(label: Any, rows: int = 2) -> forms.CharField:
    return forms.CharField(label=label, max_length=4000, widget=forms.Textarea(attrs={"rows": rows}))


class JoinForm(forms.Form):
    """Which posts come into the pool."""

    posts = forms.MultipleChoiceField(label=_("Posts of verifiers"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, offered: Iterable[Post], *args: Any, **kwargs: Any) -> None:
        """``offered``: the posts that may join, with their units."""
        super().__init__(*args, **kwargs)
        choices = [(post.ref, f"{post.unit.name} · {post.title}") for post in offered]
        self.fields["posts"].choices = choices  # type: ignore[attr-defined]


class ReasonForm(forms.Form):
    """Why."""

    reason = _reason(_("Reason"))


class HandOutForm(forms.Form):
    """A day, and how many places of the order."""

    day = forms.DateField(
        label=_("Day of the visits"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    count = forms.IntegerField(
        label=_("How many places"),
        help_text=_("They are the next ones of the drawn order; none can be chosen or passed over."),
        min_value=0,
        max_value=MOST,
    )


class ApproveForm(forms.Form):
    """Units of the next places that may be met again, perhaps second visits; why."""

    day = forms.DateField(widget=forms.HiddenInput)
    count = forms.IntegerField(min_value=0, max_value=MOST, widget=forms.HiddenInput)
    seconds = forms.BooleanField(label=_("Blind second visits of this campaign are approved"), required=False)
    reason = _reason(_("Why they are met again"))

    def __init__(self, day: date, count: int, approved: bool, *args: Any, **kwargs: Any) -> None:
        """``approved``: whether second visits are approved already."""
        kwargs["initial"] = {"day": day, "count": count}
        super().__init__(*args, **kwargs)
        if approved:
            del self.fields["seconds"]
