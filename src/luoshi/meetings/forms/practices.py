"""Forms of write-ups（先进做法表单）; they ask what the API asks."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from luoshi.rules.practices import MOST_PART, MOST_QUESTION


def _part(label: Any, help_text: Any, rows: int = 4) -> forms.CharField:
    return forms.CharField(
        label=label, help_text=help_text, max_length=MOST_PART, widget=forms.Textarea(attrs={"rows": rows})
    )


class PracticeForm(forms.Form):
    """总结做法: what it was like, what was done, what it cost, what did not work, and a link."""

    title = forms.CharField(
        label=gettext_lazy("Title"), max_length=200, help_text=gettext_lazy("What others would look for.")
    )
    context = _part(
        gettext_lazy("What it was like before"),
        gettext_lazy("Enough for others to see whether it is the same with them."),
    )
    done = _part(gettext_lazy("What was done"), gettext_lazy("Step by step, so that others could do it."), 6)
    cost = _part(gettext_lazy("What it cost"), gettext_lazy("Money, time, people, and who paid."), 3)
    failed = _part(
        gettext_lazy("What did not work"),
        gettext_lazy("What was tried and given up saves others most. Where nothing was, say so."),
        3,
    )
    proof = forms.URLField(
        label=gettext_lazy("Link to look at"),
        required=False,
        max_length=500,
        assume_scheme="https",
        help_text=gettext_lazy("May stay empty. How the result was verified stands beside it by itself."),
    )


class AskForm(forms.Form):
    """请教作者: one question."""

    question = forms.CharField(
        label=gettext_lazy("Your question"),
        max_length=MOST_QUESTION,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy(
            "It goes to the post of the author as one message, with the name of your unit and post."
        ),
    )
