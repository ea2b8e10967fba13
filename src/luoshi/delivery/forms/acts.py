"""Forms of acts（办理表单）, made from the input model of each act: the page asks exactly what the API asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

from annotated_types import Ge, Le
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from pydantic.fields import FieldInfo

from luoshi.delivery.forms import fields
from luoshi.delivery.forms.choices import Choices
from luoshi.delivery.models.timings import Counted
from luoshi.delivery.schemas import INPUTS, ActInput
from luoshi.rules import slips
from luoshi.rules.lifecycle import REPLY_ACTS, Act

FEW = 60
"""How many choices a plain list holds before a search field is kinder."""


MAY_BE_EMPTY = frozenset({"different", "problems", "next_step", "evidence", "requirement"})
"""Longer words that may be left out; the service refuses the others when they are empty, and the form says so first."""


SHORT = frozenset({"links", "documents", "readings", "second_sources"})
"""Lists that are mostly one line."""


LATER = frozenset({"different", "reuse", "corrects"})
"""Fields that stand behind a click: a report takes forty seconds, and most need none of them."""


class ActForm(forms.Form):
    """A form of one act; ``payload`` is what :func:`luoshi.delivery.schemas.perform` takes."""

    model: type[ActInput]
    verdicts: int = 0

    def payload(self) -> dict[str, Any]:
        """What was said, without what was left empty; files are added by the page once they are stored."""
        told = {
            name: value
            for name, value in self.cleaned_data.items()
            if name in self.model.model_fields and name != "files" and value not in (None, "", [])
        }
        if self.verdicts:
            rows = [
                {"met": self.cleaned_data.get(f"verdict_{i}_met"), "words": self.cleaned_data[f"verdict_{i}_words"]}
                for i in range(self.verdicts)
            ]
            if all(row["met"] is not None for row in rows):
                told["verdicts"] = rows
        return told

    def clean(self) -> dict[str, Any]:
        """Either every criterion has its verdict or none has."""
        cleaned = super().clean() or {}
        met = [cleaned.get(f"verdict_{i}_met") for i in range(self.verdicts)]
        if any(one is not None for one in met) and any(one is None for one in met):
            raise forms.ValidationError(_("Say of every criterion whether it is met, or of none."))
        return cleaned

    @property
    def at_once(self) -> list[forms.BoundField]:
        """The fields everybody needs."""
        return [bound for bound in self if bound.name not in LATER]

    @property
    def later(self) -> list[forms.BoundField]:
        """Fields few need; a page keeps them behind a click."""
        return [bound for bound in self if bound.name in LATER]

    @property
    def later_asked(self) -> bool:
        """Whether something was said in those, or is wrong with it, so that they are shown."""
        return any(bound.errors or bound.data for bound in self.later)

    @property
    def uploads(self) -> list[Any]:
        """The files that came with it."""
        found: list[Any] = self.cleaned_data.get("files") or []
        return found


def _words_of(act: Act) -> list[tuple[str, str]]:
    """The two words of a decision."""
    if act is Act.DECIDE_EXTENSION:
        return [("yes", pgettext("decision", "Agree")), ("no", pgettext("decision", "Do not agree"))]
    if act is Act.DECIDE_OBJECTION:
        return [("yes", pgettext("decision", "The objection is right")), ("no", pgettext("decision", "It is not"))]
    if act is Act.CONCLUDE:
        return [("yes", pgettext("decision", "The finding holds")), ("no", pgettext("decision", "It does not hold"))]
    if act is Act.LOOK_BACK:
        return [("yes", pgettext("decision", "It still holds")), ("no", pgettext("decision", "It no longer holds"))]
    return [("yes", pgettext("decision", "Passed")), ("no", pgettext("decision", "Not passed"))]


def _select(choices: Any, required: bool, coerce: Callable[[str], Any]) -> forms.Field:
    options = list(choices)
    if not required:
        options = [("", "—"), *options]
    return forms.TypedChoiceField(choices=options, coerce=coerce, empty_value=None)


def _unit(choices: Choices, many: bool, required: bool) -> forms.Field:
    if choices.units_complete and len(choices.units) <= FEW:
        if many:
            return forms.TypedMultipleChoiceField(
                choices=list(choices.units), coerce=int, widget=forms.CheckboxSelectMultiple
            )
        return _select(choices.units, required, int)
    if many:
        return fields.UnitsField(offered=choices.units, find=choices.find_unit)
    return fields.UnitField(offered=choices.units, find=choices.find_unit)


def _reuse(choices: Choices) -> forms.Field | None:
    """Evidence handed in before, to be chosen again; nothing is asked where there is none."""
    if not choices.evidence:
        return None
    return forms.TypedMultipleChoiceField(
        choices=list(choices.evidence), coerce=int, widget=forms.CheckboxSelectMultiple
    )


def _bounds(info: FieldInfo) -> tuple[int | None, int | None]:
    """The least and the largest number that fits; also through ``Optional``."""
    metadata = [*info.metadata]
    for part in get_args(info.annotation):
        metadata += getattr(part, "__metadata__", ())
    flat = [item for one in metadata for item in (getattr(one, "metadata", None) or [one])]
    low = next((item.ge for item in flat if isinstance(item, Ge)), None)
    high = next((item.le for item in flat if isinstance(item, Le)), None)
    return (int(str(low)) if low is not None else None), (int(str(high)) if high is not None else None)


def _plain(info: FieldInfo) -> forms.Field:
    kind = str(info.annotation)
    if "date" in kind:
        return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    if "bool" in kind:
        return forms.BooleanField()
    if "int" in kind:
        low, high = _bounds(info)
        return forms.IntegerField(min_value=low, max_value=high)
    return forms.CharField(max_length=200)


def _field(act: Act, name: str, info: FieldInfo, choices: Choices) -> forms.Field | None:
    extra = info.json_schema_extra
    widget = str(extra.get("widget", "")) if isinstance(extra, dict) else ""
    required = info.is_required() or (widget == "textarea" and name not in MAY_BE_EMPTY)
    made: dict[str, Callable[[], forms.Field | None]] = {
        "textarea": lambda: forms.CharField(
            max_length=4000, widget=forms.Textarea(attrs={"rows": 3 if required else 1})
        ),
        "lines": lambda: fields.LinesField(max_length=4000, rows=1 if name in SHORT else 3),
        "percent": lambda: forms.IntegerField(min_value=0, max_value=100, widget=fields.PercentInput),
        "unit": lambda: _unit(choices, False, required),
        "units": lambda: _unit(choices, True, required),
        "below": lambda: forms.TypedMultipleChoiceField(
            choices=list(choices.below), coerce=int, widget=forms.CheckboxSelectMultiple
        ),
        "post": lambda: _select(choices.posts, required, str),
        "lead_post": lambda: _select(choices.posts, required, str),
        "matter": lambda: _select(choices.matters, required, int),
        "sub_matter": lambda: _select(choices.sub_matters, required, int),
        "kind": lambda: _select(choices.kinds, True, str),
        "counted": lambda: _select(Counted.choices, False, str),
        "cadence": lambda: _select(choices.cadences, True, str),
        "frequency": lambda: _select(choices.frequencies, required, str),
        "method": lambda: forms.ChoiceField(choices=list(choices.methods), widget=forms.RadioSelect),
        "decision": lambda: fields.yes_no(_words_of(act)),
        "passed": lambda: fields.yes_no(_words_of(act)),
        "files": lambda: fields.FilesField(),
        "link": lambda: _select(choices.links, required, int),
        "step": lambda: forms.ChoiceField(choices=list(choices.steps), widget=forms.RadioSelect),
        "rung": lambda: forms.ChoiceField(
            choices=[(one.value, _(name)) for one, name in slips.NAMES.items()], widget=forms.RadioSelect
        ),
        "tone": lambda: _select(((one.value, _(name)) for one, name in slips.TONES.items()), True, str),
        "then": lambda: _select(((one, _(name)) for one, name in REPLY_ACTS.items()), True, str),
        "duplicates": lambda: _select(
            (
                ("", _("refuse, so that I see them")),
                ("merge", _("let the live one stand for the part; nothing further is asked of them")),
                ("different", _("ask all the same; I say why it is different")),
            ),
            True,
            str,
        ),
        "reach": lambda: _select(choices.reaches, True, str),
        "corrects": lambda: _select(choices.corrects, False, int) if choices.corrects else None,
        "reuse": lambda: _reuse(choices),
        "carried": lambda: forms.IntegerField(min_value=1, widget=forms.HiddenInput),
        "hidden": lambda: None,
        "verdicts": lambda: None,
    }
    build = made.get(widget)
    field = build() if build else _plain(info)
    if field is None:
        return None
    field.required = required or widget == "passed"
    if isinstance(field, fields.UnitField | fields.UnitsField):
        field.help_text = _("A name or a code; the nearest units are offered while you type.")
    if widget == "units" and isinstance(field, fields.UnitsField):
        field.help_text = _("One unit a line, by name or code.")
    return field


def form_class(act: Act, choices: Choices) -> type[ActForm]:
    """The form of an act with its choices.

    Raises:
        KeyError: the act is the clock's alone and has no form.
    """
    return form_of(INPUTS[act], act, choices)


def form_of(model: type[ActInput], act: Act, choices: Choices) -> type[ActForm]:
    """A form that asks what ``model`` asks; labels and helps are its own words, translated.

    ``act`` chooses the words of a decision.
    """
    made: dict[str, Any] = {"model": model}
    for name, info in model.model_fields.items():
        extra = info.json_schema_extra
        if isinstance(extra, dict) and extra.get("widget") == "verdicts":
            made["verdicts"] = len(choices.criteria)
            made |= _verdict_fields(choices)
            continue
        field = _field(act, name, info, choices)
        if field is None:
            continue
        field.label = _(info.title) if info.title else name
        if info.description:
            field.help_text = _(info.description)
        plain = info.default not in (None, "") and info.default_factory is None and not isinstance(info.default, bool)
        if plain and not info.is_required():
            field.initial = info.default
        made[name] = field
    if made.get("verdicts"):
        made["field_order"] = ["method", *(name for name in made if name.startswith("verdict_"))]
    return type(f"{model.__name__}Form", (ActForm,), made)


def _verdict_fields(choices: Choices) -> dict[str, forms.Field]:
    found: dict[str, forms.Field] = {}
    options = [("yes", pgettext("verdict", "Met")), ("no", pgettext("verdict", "Not met"))]
    for i, criterion in enumerate(choices.criteria):
        met = fields.yes_no(options)
        met.required = False
        met.label = criterion
        found[f"verdict_{i}_met"] = met
        found[f"verdict_{i}_words"] = forms.CharField(
            required=False,
            max_length=4000,
            label=_("What was seen of this criterion"),
            widget=forms.Textarea(attrs={"rows": 1}),
        )
    return found
