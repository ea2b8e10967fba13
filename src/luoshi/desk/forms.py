"""Forms of the desk（工作台表单）."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from django import forms
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from luoshi.rules.lifecycle import ACT_NAMES, Act
from luoshi.rules.permissions import Actor, Role
from luoshi.units.models import Unit

GRID: Mapping[Act, tuple[str, ...]] = {
    Act.REPORT: ("percent", "words", "problems", "next_step"),
    Act.ACCEPT: (),
    Act.ASSIGN: ("post",),
    Act.APPLY: ("statement",),
    Act.ASK_EXTENSION: ("new_due_on", "reason"),
    Act.RETURN: ("reason", "by_on"),
    Act.DECIDE_EXTENSION: ("granted", "reason"),
    Act.CLOSE: ("opinion",),
    Act.ISSUE: (),
    Act.WITHDRAW: ("reason",),
}
"""What can be done to many rows of the register, and what each row is asked; the rest is done one by one."""
FIRST: Mapping[Role, tuple[Act, ...]] = {
    Role.HANDLER: (Act.REPORT, Act.ACCEPT, Act.APPLY),
    Role.OFFICE: (Act.RETURN, Act.DECIDE_EXTENSION, Act.CLOSE),
    Role.HEAD: (Act.CLOSE, Act.DECIDE_EXTENSION, Act.ASSIGN),
}
"""The acts a post does most; the others stand behind them. Other posts act upon rows one by one."""


def acts_for(actor: Actor) -> list[tuple[str, str]]:
    """The acts a post is offered for many rows, word and name, the usual ones first; none for those who only look."""
    return list(_acts_for(get_language() or "", actor.role))


@lru_cache(maxsize=64)
def _acts_for(_language: str, role: Role) -> list[tuple[str, str]]:
    first = FIRST.get(role)
    if first is None:
        return []
    return [(act.value, gettext(ACT_NAMES[act])) for act in (*first, *(act for act in GRID if act not in first))]


class ComplaintForm(forms.Form):
    """A complaint about a burden or an act（基层减负投诉）."""

    words = forms.CharField(
        label=_("What is too much, asked twice, or should not be asked at all"),
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=2000,
    )
    ref = forms.CharField(label=_("Number of the commitment, if it is about one"), max_length=40, required=False)
    signed = forms.BooleanField(
        label=_("Say which post writes"),
        help_text=_("Without a tick the message carries neither your post nor your name, and none is kept."),
        required=False,
    )

    def __init__(self, *args: Any, areas: Sequence[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["about"] = forms.TypedChoiceField(
            label=_("Who asks for it"),
            help_text=_("The complaint goes to the level above."),
            choices=[(area.pk, area.name) for area in areas],
            coerce=int,
            widget=forms.RadioSelect,
        )
        self.order_fields(["about", "words", "ref", "signed"])
