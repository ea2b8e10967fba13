"""Fields that Django's own do not cover: percents, lines, several files, units by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.datastructures import MultiValueDict
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from markupsafe import Markup

from luoshi.delivery.forms.choices import Pairs
from luoshi.rules.refusals import Refused
from luoshi.ui.sentences import sentence

MAX_FILES = 10


class PercentInput(forms.Widget):
    """A slider, and beside it a place for the exact figure; the figure wins. Both work without script."""

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        """Both controls, escaped."""
        shown = "" if value is None else str(value)
        given = {key: text for key, text in (attrs or {}).items() if key != "id" and text}
        extra = Markup("").join(Markup(' {}="{}"').format(key, text) for key, text in given.items())
        ident = (attrs or {}).get("id", f"id_{name}")
        made = Markup(
            '<span class="range"><input type="range" name="{0}" id="{1}" min="0" max="100" step="1" value="{2}"{3}>'
            '<output class="num" for="{1}">{2}</output></span>'
            '<details class="hint"><summary>{4}</summary><input type="number" name="{0}_exact" min="0" max="100"'
            ' step="1" inputmode="numeric" autocomplete="off" aria-label="{4}"></details>'
        ).format(name, ident, shown, extra, _("Or type the exact figure"))
        return SafeString(made)

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        """The exact figure if there is one, else the slider."""
        exact = str(data.get(f"{name}_exact", "") or "").strip()
        return exact or data.get(name)


class LinesField(forms.CharField):
    """A list, one item a line."""

    def __init__(self, *, rows: int = 3, **kwargs: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": rows}), **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """A list is shown as lines."""
        return "\n".join(value) if isinstance(value, list | tuple) else value

    def clean(self, value: Any) -> list[str]:
        """The lines that hold something."""
        text: str = super().clean(value)
        return [line.strip() for line in text.splitlines() if line.strip()]


class FilesInput(forms.ClearableFileInput):
    """A file input that takes several."""

    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """Every file that was sent."""
        return files.getlist(name) if isinstance(files, MultiValueDict) else []


class FilesField(forms.FileField):
    """Up to ten files; never required."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """Each file by itself, and not too many."""
        sent = [one for one in (data or []) if one]
        if len(sent) > MAX_FILES:
            raise ValidationError(_("At most ten files can stand behind one report."))
        return [super(FilesField, self).clean(one) for one in sent]


class UnitInput(forms.TextInput):
    """A unit by name or code, with the nearest ones offered by the browser."""

    def __init__(self, offered: Pairs) -> None:
        super().__init__(attrs={"autocomplete": "off"})
        self.offered = offered

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        """The input and its list of suggestions."""
        ident = f"{(attrs or {}).get('id', name)}_offered"
        field = super().render(name, value, {**(attrs or {}), "list": ident}, renderer)
        options = Markup("").join(Markup('<option value="{}"></option>').format(label) for _pk, label in self.offered)
        return SafeString(Markup('{}<datalist id="{}">{}</datalist>').format(Markup(field), ident, options))  # noqa: S704


class UnitField(forms.CharField):
    """A unit named by its holder's words; cleaned to its id."""

    def __init__(self, *, offered: Pairs, find: Callable[[str], int] | None, **kwargs: Any) -> None:
        super().__init__(widget=UnitInput(offered), **kwargs)
        self.by_label = {label: pk for pk, label in offered}
        self.by_id = dict(offered)
        self.find = find

    def prepare_value(self, value: Any) -> Any:
        """An id is shown as its name."""
        return self.by_id.get(value, value)

    def clean(self, value: Any) -> int | None:
        """The id of the unit meant, or an error that says what to do."""
        text: str = super().clean(value)
        return _unit(text, self.by_label, self.find) if text else None


class UnitsField(LinesField):
    """Several units, one a line, each by name or code."""

    def __init__(self, *, offered: Pairs, find: Callable[[str], int] | None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.by_label = {label: pk for pk, label in offered}
        self.find = find

    def clean(self, value: Any) -> Any:
        """Their ids."""
        return [_unit(line, self.by_label, self.find) for line in super().clean(value)]


def _unit(text: str, by_label: Mapping[str, int], find: Callable[[str], int] | None) -> int:
    known = by_label.get(text)
    if known is not None:
        return known
    if find is None:
        raise ValidationError(_("There is no such unit here."))
    try:
        return find(text)
    except Refused as refused:
        raise ValidationError(sentence(refused)) from refused


def yes_no(words: Sequence[tuple[str, str]]) -> forms.TypedChoiceField:
    """A decision between two words; cleaned to a truth value."""
    return forms.TypedChoiceField(
        choices=list(words), coerce=lambda value: value == "yes", empty_value=None, widget=forms.RadioSelect
    )
