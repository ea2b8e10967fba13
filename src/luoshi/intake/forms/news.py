"""Forms of the news（要闻）: a source, a pasted page, a draft, an instruction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from luoshi.delivery.models import Commitment
from luoshi.intake.services.news.sources import LONGEST, SHORTEST


class SourceForm(forms.Form):
    """来源: its name, and the address of a feed if it has one."""

    name = forms.CharField(label=_("Name of the source"), max_length=120)
    address = forms.CharField(
        label=_("Address of the feed"),
        max_length=500,
        required=False,
        help_text=_("RSS or Atom, beginning with http:// or https://. Empty: pages are pasted by hand."),
    )
    interval_minutes = forms.IntegerField(
        label=_("Minutes between two looks"),
        min_value=SHORTEST,
        max_value=LONGEST,
        initial=60,
        help_text=_("At least 15. After failures a source is asked less and less often, at least once a day."),
    )


class ChangeSourceForm(SourceForm):
    """来源: the same, and whether it is in use."""

    active = forms.BooleanField(label=_("In use"), required=False)


class PasteForm(forms.Form):
    """粘贴: a page that has no feed, as its title and its words."""

    source_id = forms.ChoiceField(label=_("Source"))
    title = forms.CharField(label=_("Title as published"), max_length=200)
    text = forms.CharField(
        label=_("Words of the page"),
        max_length=100_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("The first 200 characters are kept as a quotation, never the page."),
    )
    published_on = forms.DateField(
        label=_("Published on"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    link = forms.CharField(label=_("Link"), max_length=1000, required=False)

    def __init__(self, *args: Any, sources: Sequence[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["source_id"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - tells the type checker what was declared above
        field.choices = list(sources)


class DraftForm(forms.Form):
    """起草: the words of the page, when more is to be read than the quotation."""

    text = forms.CharField(
        label=_("Words of the page"),
        max_length=100_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("Paste them when more is to be read than the quotation above."),
    )


class InstructForm(forms.Form):
    """批示: on which commitment, and what."""

    ref = forms.CharField(label=_("Number of the commitment"), max_length=40)
    words = forms.CharField(
        label=_("Instruction"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}), initial=""
    )

    def __init__(self, *args: Any, chosen: Sequence[Commitment] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["words"].initial = gettext("Please study this report and see to it in your work.")
        if chosen:
            self.fields["ref"].initial = chosen[0].ref
