"""Forms that begin a bulk act（批量办理）: the list, and what is said of all of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from luoshi.delivery.schemas.bulk import BULK_INPUTS
from luoshi.rules.lifecycle import Act

LONGEST = 1_000_000
"""Characters of a pasted list: 20,000 numbers with room to spare."""


class BulkForm(forms.Form):
    """The common ground; ``payload`` is what :func:`luoshi.delivery.schemas.bulk.plan` takes."""

    act: Act

    def payload(self) -> dict[str, Any]:
        """What was said, without what was left empty; the list is what was ticked and what was pasted."""
        told = {
            name: value
            for name, value in self.cleaned_data.items()
            if name in BULK_INPUTS[self.act].model_fields and value not in (None, "", [])
        }
        if "refs" in self.fields:
            pasted = str(self.cleaned_data.get("refs") or "").replace(",", " ").replace("，", " ").replace("、", " ")
            told["refs"] = [*self.cleaned_data.get("chosen", ()), *pasted.split()]
        return told


def _list() -> forms.CharField:
    return forms.CharField(
        label=_("Numbers, one a line"),
        required=False,
        max_length=LONGEST,
        help_text=_("Paste them from any list or table; at most 20,000."),
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
    )


class CloseManyForm(BulkForm):
    """Close by list（批量销号）."""

    act = Act.CLOSE
    chosen = forms.MultipleChoiceField(
        label=_("Waiting for your approval"), required=False, widget=forms.CheckboxSelectMultiple
    )
    refs = _list()
    opinion = forms.CharField(
        label=_("Opinion"),
        help_text=_("Why this is approved."),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, offered: Sequence[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["chosen"]
        assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101 - tells the type checker what is declared above
        field.choices = list(offered)
        if not offered:
            del self.fields["chosen"]


class ReDateManyForm(BulkForm):
    """Move dates by list（批量调整期限）."""

    act = Act.RE_DATE
    parts_of = forms.CharField(label=_("A whole with all its parts (its number)"), required=False, max_length=40)
    refs = _list()
    new_due_on = forms.DateField(
        label=_("New date for all"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    by_days = forms.IntegerField(
        label=_("Or: move each date by so many days"),
        required=False,
        min_value=-3660,
        max_value=3660,
        help_text=_("A number below zero moves it earlier."),
    )
    reason = forms.CharField(
        label=_("Which decision moves them"),
        help_text=_("Meeting or document, and its date."),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class HandOverManyForm(BulkForm):
    """Hand over the work of a post（批量移交）."""

    act = Act.ASSIGN
    post = forms.ChoiceField(label=_("From the post"))
    to = forms.ChoiceField(label=_("To the post"))

    def __init__(self, *args: Any, offered: Sequence[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("post", "to"):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101 - tells the type checker what is declared above
            field.choices = [("", "—"), *offered]


FORMS: dict[Act, type[BulkForm]] = {
    Act.CLOSE: CloseManyForm,
    Act.RE_DATE: ReDateManyForm,
    Act.ASSIGN: HandOverManyForm,
}
"""A breakdown begins at its commitment."""
