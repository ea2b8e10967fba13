"""Forms of the acts on units and posts（组织表单）: shape only; what may be is decided by the services."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from luoshi.units.models import Kind, Level, RoleChoice


class Day(forms.DateField):
    """A day, picked or typed as YYYY-MM-DD."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **kwargs)


def _reason() -> forms.CharField:
    return forms.CharField(label=_("Reason"), max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))


class CreateUnitForm(forms.Form):
    """A new unit below this one."""

    name = forms.CharField(label=_("Name"), max_length=120)
    kind = forms.ChoiceField(label=_("Kind"), choices=Kind.choices)
    level = forms.ChoiceField(label=_("Level"), choices=Level.choices)
    code = forms.CharField(label=_("Code"), max_length=32, required=False)
    on = Day(label=_("From"))


class RenameForm(forms.Form):
    """Another name."""

    name = forms.CharField(label=_("New name"), max_length=120)
    on = Day(label=_("From"))
    reason = _reason()


class MoveForm(forms.Form):
    """Another place in the tree."""

    parent = forms.CharField(label=_("New unit above"), max_length=120, help_text=_("Name, short name or code."))
    on = Day(label=_("From"))
    reason = _reason()


class MergeForm(forms.Form):
    """Units that go into this one."""

    units = forms.CharField(
        label=_("Units that go into it"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One name or code a line. What is below them and their posts go over; they end."),
    )
    on = Day(label=_("From"))
    reason = _reason()


class SplitForm(forms.Form):
    """One new unit taken out of this one; repeat for more."""

    name = forms.CharField(label=_("Name of the new unit"), max_length=120)
    code = forms.CharField(label=_("Code of the new unit"), max_length=32, required=False)
    children = forms.MultipleChoiceField(
        label=_("Units that go to it"), required=False, widget=forms.CheckboxSelectMultiple
    )
    posts = forms.MultipleChoiceField(
        label=_("Posts that go to it"), required=False, widget=forms.CheckboxSelectMultiple
    )
    on = Day(label=_("From"))
    reason = _reason()


class CloseForm(forms.Form):
    """The end of a unit."""

    on = Day(label=_("First day it no longer exists"))
    reason = _reason()


class SuperiorForm(forms.Form):
    """The professional superior."""

    superior = forms.IntegerField(
        label=_("Number of the superior department"),
        required=False,
        min_value=1,
        help_text=_("The number stands on the page of the department. Empty: none."),
    )


class PostForm(forms.Form):
    """A new post."""

    title = forms.CharField(label=_("Title"), max_length=80)
    role = forms.ChoiceField(label=_("Role"), choices=RoleChoice.choices)
    ref = forms.SlugField(
        label=_("Number"), max_length=64, required=False, help_text=_("Empty: made from the unit and the role.")
    )
    contact = forms.CharField(label=_("Official contact"), max_length=120, required=False)


class ContactForm(forms.Form):
    """The official contact."""

    contact = forms.CharField(
        label=_("Official contact"),
        max_length=120,
        required=False,
        help_text=_("The number of the office, not of a person."),
    )


class SeatForm(forms.Form):
    """A person takes the post."""

    username = forms.CharField(label=_("Sign-in name"), max_length=150)
    from_on = Day(label=_("From"))
    until_on = Day(label=_("First day no longer held"), required=False)


class UnseatForm(forms.Form):
    """A person leaves the post."""

    on = Day(label=_("First day no longer held"))
    reason = _reason()


class HandOverForm(forms.Form):
    """The post goes to its next holder."""

    username = forms.CharField(label=_("Sign-in name of the next holder"), max_length=150)
    on = Day(label=_("From"))
    items = forms.CharField(
        label=_("Also handed over"),
        required=False,
        max_length=20000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("One line each: files, keys. What is open at the post stands in the list by itself."),
    )
    note = forms.CharField(label=_("Note"), required=False, max_length=2000)


class DeputyForm(forms.Form):
    """A post that stands in."""

    deputy_ref = forms.CharField(label=_("Number of the post that stands in"), max_length=64)
    from_on = Day(label=_("From"))
    until_on = Day(label=_("First day it no longer holds"), required=False)
    reason = _reason()


class EndForm(forms.Form):
    """The end of a stand-in."""

    on = Day(label=_("First day it no longer holds"))


class EmptyForm(forms.Form):
    """An act that needs no words."""


class CountForm(forms.Form):
    """A term to be counted, so that one sees how."""

    start = Day(label=_("From"))
    n = forms.IntegerField(label=_("Working days"), min_value=0, max_value=1000)


class ChangeDayForm(forms.Form):
    """One day of a calendar."""

    day = Day(label=_("Day"))
    what = forms.ChoiceField(
        label=_("It is"),
        choices=[
            ("off", _("a day off")),
            ("work", _("a make-up day: worked although it is a weekend")),
            ("plain", _("as in a plain week")),
        ],
        widget=forms.RadioSelect,
    )
    name_zh = forms.CharField(
        label=_("Name in Chinese"), max_length=40, required=False, help_text=_("For example 火把节; deadlines say it.")
    )
    name_en = forms.CharField(label=_("Name in English"), max_length=60, required=False)
    unit = forms.CharField(
        label=_("Only in this area"),
        max_length=120,
        required=False,
        help_text=_("Name or code, for a local holiday; empty for the whole country."),
    )
    reason = _reason()


class NoticeForm(forms.Form):
    """A notice of a year."""

    year = forms.IntegerField(label=_("Year"), min_value=2000, max_value=2100)
    title = forms.CharField(label=_("Title of the notice"), max_length=200)
    number = forms.CharField(label=_("Number of the notice"), max_length=80, required=False)
    issued_on = Day(label=_("Date of the notice"), required=False)
    source = forms.CharField(label=_("Where it can be read"), max_length=300, required=False)
    unit = forms.CharField(
        label=_("Only in this area"),
        max_length=120,
        required=False,
        help_text=_("Name or code, for local holidays; empty for the whole country."),
    )
    text = forms.CharField(
        label=_("Days"),
        max_length=20000,
        widget=forms.Textarea(attrs={"rows": 12}),
        help_text=_("A table with the columns from,to,what,name_zh,name_en (what: off or work), or YAML."),
    )
