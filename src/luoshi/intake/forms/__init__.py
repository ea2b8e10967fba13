"""Forms of the intake: what is handed in, an item, and what the issuing asks."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from luoshi.delivery.models import Commitment
from luoshi.intake.models import Document
from luoshi.intake.queries import RHYTHMS


def _day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class ReceiveForm(forms.Form):
    """来文: the file and what it bears."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("Text, Markdown, HTML, Word, PDF with text in it, or Excel; up to 32 MB. Nothing secret."),
    )
    title = forms.CharField(label=_("Title of the document"), max_length=300)
    doc_on = forms.DateField(
        label=_("Date of the document"), widget=_day(), help_text=_("Dates without a year are read against it.")
    )
    kind = forms.ChoiceField(label=_("Kind of document"), choices=Document.Kind.choices, initial=Document.Kind.NOTICE)
    number = forms.CharField(label=_("Number as written"), max_length=100, required=False)


class ItemForm(forms.Form):
    """条目: what is asked, of whom, by when; empty stays empty."""

    title = forms.CharField(label=_("Title"), max_length=200, required=False)
    requirement = forms.CharField(
        label=_("What is asked"), max_length=20_000, required=False, widget=forms.Textarea(attrs={"rows": 5})
    )
    lead = forms.CharField(
        label=_("Lead"),
        max_length=400,
        required=False,
        help_text=_("One unit: its name, a short form or its code."),
        widget=forms.TextInput(attrs={"list": "unit-names"}),
    )
    responsible = forms.CharField(
        label=_("Responsible"), max_length=2000, required=False, help_text=_("Several with ；between them.")
    )
    support = forms.CharField(label=_("Supporting"), max_length=2000, required=False)
    due_on = forms.DateField(label=_("Due on"), required=False, widget=_day())
    frequency = forms.ChoiceField(label=_("Rhythm of a standing duty"), required=False)
    checked = forms.BooleanField(label=_("I have looked at the doubtful places"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = dict(Commitment.Cadence.choices)
        field = self.fields["frequency"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - tells the type checker what was declared above
        order = ("weekly", "monthly", "quarterly", "half_yearly", "yearly")
        field.choices = [("", pgettext_lazy("rhythm", "none"))] + [
            (one, names.get(one, one)) for one in order if one in RHYTHMS
        ]


class IssueForm(forms.Form):
    """立项: a new programme with its authority."""

    name_zh = forms.CharField(label=_("Name of the programme"), max_length=200)
    who = forms.CharField(label=_("Who ordered it"), max_length=200)
    document = forms.CharField(label=_("In which document"), max_length=300)
    document_no = forms.CharField(label=_("Number of the document"), max_length=100, required=False)
    scope = forms.CharField(label=_("For what"), max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))
    from_on = forms.DateField(label=_("In force from"), widget=_day())
    until_on = forms.DateField(label=_("In force until"), widget=_day())
    matter = forms.CharField(
        label=_("One matter for everything"),
        max_length=200,
        required=False,
        help_text=_("For a list without headings; empty makes a matter of each highest item."),
    )
    name_en = forms.CharField(label=_("Name in English"), max_length=200, required=False)
    number_prefix = forms.CharField(
        label=_("Prefix of the numbers"), max_length=20, help_text=_("Such as YN-2026; every task's number begins so.")
    )
    key = forms.SlugField(label=_("Key in addresses"), max_length=60, help_text=_("Small letters, digits, hyphens."))
    different = forms.CharField(
        label=_("Why it is different from what is asked already"),
        max_length=500,
        required=False,
        help_text=_("Only needed when a unit is asked the same already; it is recorded with every task."),
    )
