"""The form of one visit（走访表单）: as few questions as its criteria, each answered with a thumb."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from luoshi.assurance.services import Said
from luoshi.rules.visiting import Nearness, Outcome, Verdict

YES_NO = [("yes", pgettext_lazy("visit", "Holds")), ("no", pgettext_lazy("visit", "Does not hold"))]
OUTCOMES = [("done", _("I was there")), ("unreachable", _("Could not be reached"))]


class VisitForm(forms.Form):
    """What was seen at one place; everything wrong is told beside its question."""

    outcome = forms.ChoiceField(label=_("Were you there?"), choices=OUTCOMES, widget=forms.RadioSelect)
    holds = forms.ChoiceField(
        label=_("Does what was reported hold?"), choices=YES_NO, widget=forms.RadioSelect, required=False
    )
    words = forms.CharField(
        label=_("What you saw, or why nobody could be reached"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=4000,
        required=False,
    )
    place = forms.ChoiceField(choices=[("", ""), ("near", "near"), ("far", "far")], required=False)
    corrects = forms.CharField(
        label=_("Why this takes its place"), widget=forms.Textarea(attrs={"rows": 2}), max_length=4000, required=False
    )

    def __init__(self, texts: Sequence[str], *args: Any, **kwargs: Any) -> None:
        """``texts``: the criteria, in their order."""
        super().__init__(*args, **kwargs)
        self.texts = list(texts)
        for at, text in enumerate(self.texts, start=1):
            self.fields[f"holds_{at}"] = forms.ChoiceField(
                label=text, choices=YES_NO, widget=forms.RadioSelect, required=False
            )
            self.fields[f"words_{at}"] = forms.CharField(label=_("What you saw"), max_length=4000, required=False)

    def criteria(self) -> Iterator[tuple[int, Any, Any]]:
        """Number, verdict and words of each criterion, for the page."""
        for at in range(1, len(self.texts) + 1):
            yield at, self[f"holds_{at}"], self[f"words_{at}"]

    def clean(self) -> dict[str, Any]:
        """Where somebody was there, each criterion needs its verdict."""
        told = super().clean() or {}
        if told.get("outcome") == "done":
            for name in [*(f"holds_{at}" for at in range(1, len(self.texts) + 1)), "holds"]:
                if not told.get(name) and name not in self.errors:
                    self.add_error(name, _("Say whether it holds."))
        return told

    def said(self, photos: Sequence[tuple[str, str]]) -> Said:
        """What the service takes; ``photos``: (digest, name) of stored files."""
        told = self.cleaned_data
        there = told["outcome"] == "done"
        verdicts = [
            Verdict(text, told[f"holds_{at}"] == "yes", told[f"words_{at}"])
            for at, text in enumerate(self.texts, start=1)
        ]
        return Said(
            outcome=Outcome(told["outcome"]),
            holds=told["holds"] == "yes" if there else None,
            criteria=verdicts if there else (),
            words=told["words"],
            place=Nearness(told["place"]),
            photos=photos,
        )


class ResultsForm(forms.Form):
    """A file of results, tried first or recorded（导入结果）."""

    file = forms.FileField(label=_("Results"), help_text=_("CSV or Excel, with the names of the answers."))
    dry_run = forms.BooleanField(label=_("Only try it: change nothing"), required=False)
