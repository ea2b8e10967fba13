"""Forms of circulars（通报表单）; they ask what the API asks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from luoshi.rules.circulars import KIND_NAMES


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
    units = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Units it goes to"),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Units, never persons; the paper lists them in the order of the tree."),
    )

    def __init__(self, *args: Any, units: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(kind.value, _(name)) for kind, name in KIND_NAMES.items()]  # type: ignore[attr-defined]
        self.fields["units"].choices = list(units)  # type: ignore[attr-defined]


class DraftCircularForm(ChangeCircularForm):
    """通报拟稿: of which programme, out of which meeting."""

    programme = forms.ChoiceField(label=gettext_lazy("Programme"))
    meeting = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    field_order = ("programme", "kind", "title", "words", "units", "meeting")

    def __init__(self, *args: Any, programmes: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["programme"].choices = list(programmes)  # type: ignore[attr-defined]
