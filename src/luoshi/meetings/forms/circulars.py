"""Forms of circulars（通报表单）; they ask what the API asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from luoshi.rules.circulars import KIND_NAMES


@dataclass(frozen=True, slots=True)
class Offered:
    """Units a form offers, with their names, and which of them are the areas below and the departments beside."""

    units: Sequence[tuple[int, str]]
    areas: Sequence[int] = ()
    departments: Sequence[int] = ()


class ChangeCircularForm(forms.Form):
    """通报拟稿: kind, title, text, units."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"),
        help_text=gettext_lazy("What praises or criticises goes out only when the head approves it."),
    )
    title = forms.CharField(label=gettext_lazy("Title"), max_length=200)
    words = forms.CharField(
        label=gettext_lazy("Text"),
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=gettext_lazy("A paragraph a line. It stands on the paper as you write it."),
    )
    every = forms.MultipleChoiceField(
        label=gettext_lazy("To all of these"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Instead of ticking them one by one; others can be ticked beside them."),
    )
    units = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Units it goes to"),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Units, never persons; the paper lists them in the order of the tree."),
    )

    def __init__(self, *args: Any, offered: Offered, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.whole = {"areas": offered.areas, "departments": offered.departments}
        names = {
            "areas": _("All areas directly below (%(count)s)") % {"count": len(offered.areas)},
            "departments": _("All departments beside us (%(count)s)") % {"count": len(offered.departments)},
        }
        groups = [(key, names[key]) for key, units in self.whole.items() if len(units) > 1]
        self.fields["kind"].choices = [(kind.value, _(name)) for kind, name in KIND_NAMES.items()]  # type: ignore[attr-defined]
        self.fields["units"].choices = list(offered.units)  # type: ignore[attr-defined]
        self.fields["every"].choices = groups  # type: ignore[attr-defined]
        if not groups:
            del self.fields["every"]

    def clean(self) -> dict[str, Any]:
        """The units ticked and those of the groups ticked, each once; one at least."""
        told = super().clean() or self.cleaned_data
        chosen = list(told.get("units") or [])
        for key in told.pop("every", None) or []:
            chosen += self.whole[key]
        told["units"] = list(dict.fromkeys(chosen))
        if not told["units"] and "units" not in self.errors:
            self.add_error("units", _("Choose at least one unit it goes to."))
        return told


class DraftCircularForm(ChangeCircularForm):
    """通报拟稿: of which programme, out of which meeting."""

    programme = forms.ChoiceField(label=gettext_lazy("Programme"))
    meeting = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    field_order = ("programme", "kind", "title", "words", "every", "units", "meeting")

    def __init__(self, *args: Any, programmes: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["programme"].choices = list(programmes)  # type: ignore[attr-defined]
