"""Forms of campaigns and certificates（抽查表单）; they ask what the API asks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from luoshi.rules.campaigns import CampaignAct, share
from luoshi.units.models import Level

CLAIMS = (100, 200, 500, 1000, 2000)
RISKS = (100, 500, 1000)
SECONDS = (0, 500, 1000, 2000)


def _shares(values: Sequence[int]) -> list[tuple[str, str]]:
    return [(str(bp), f"{share(bp)} %") for bp in values]


class ProposeForm(forms.Form):
    """提出抽查: what is claimed, of which places, how surely."""

    title = forms.CharField(
        label=gettext_lazy("What is claimed, in a few words"),
        max_length=200,
        help_text=gettext_lazy("It stands on the campaign and on its certificate."),
    )
    scope = forms.ChoiceField(label=gettext_lazy("Programme and matter"))
    under = forms.TypedChoiceField(label=gettext_lazy("Units beneath"), coerce=int)
    level = forms.ChoiceField(
        label=gettext_lazy("Level of the places"),
        choices=[one for one in Level.choices if one[0] != Level.PROVINCE],
        initial=Level.VILLAGE,
        help_text=gettext_lazy("Tasks led at this level that say 100 % and are not struck off yet are drawn from."),
    )
    claim_bp = forms.TypedChoiceField(
        label=gettext_lazy("Fewer than this share is false"), coerce=int, choices=_shares(CLAIMS), initial="500"
    )
    risk_bp = forms.TypedChoiceField(
        label=gettext_lazy("Risk of a wrong certificate"), coerce=int, choices=_shares(RISKS), initial="500"
    )
    second_visits_bp = forms.TypedChoiceField(
        label=gettext_lazy("Looked at twice, blind"), coerce=int, choices=_shares(SECONDS), initial="1000"
    )

    def __init__(
        self, *args: Any, scopes: Sequence[tuple[str, str]], units: Sequence[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scope"].choices = list(scopes)  # type: ignore[attr-defined]
        self.fields["under"].choices = list(units)  # type: ignore[attr-defined]

    def payload(self) -> dict[str, Any]:
        """What the door passes on."""
        told = dict(self.cleaned_data)
        programme, _slash, matter = told.pop("scope").partition("/")
        return {**told, "programme": programme, "matter": int(matter) if matter else None}


class NoForm(forms.Form):
    """Nothing is asked."""


class SeedForm(forms.Form):
    """录入随机种子: twenty digits."""

    seed = forms.CharField(
        label=gettext_lazy("The twenty digits rolled in public"),
        max_length=100,
        help_text=gettext_lazy("Roll a ten-sided die twenty times before witnesses; spaces do not matter."),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )


class OpinionForm(forms.Form):
    """An act with an opinion."""

    opinion = forms.CharField(label=gettext_lazy("Opinion"), max_length=4000, widget=forms.Textarea(attrs={"rows": 4}))


class ReasonForm(forms.Form):
    """An act with a reason."""

    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=4000, widget=forms.Textarea(attrs={"rows": 4}))


class ExceptForm(ReasonForm):
    """证书对一项任务失效: which, and why."""

    ref = forms.CharField(label=gettext_lazy("Number of the commitment"), max_length=40)
    field_order = ("ref", "reason")


FORMS: dict[CampaignAct, type[forms.Form]] = {
    CampaignAct.FREEZE: NoForm,
    CampaignAct.SEED: SeedForm,
    CampaignAct.CONCLUDE: OpinionForm,
    CampaignAct.CERTIFY: OpinionForm,
    CampaignAct.CLOSE: OpinionForm,
    CampaignAct.STOP: ReasonForm,
}


def scopes_of(programmes: Sequence[Any]) -> list[tuple[str, str]]:
    """Programmes, and each of their matters, as choices; needs ``matters`` prefetched."""
    found = []
    for one in programmes:
        found.append((one.key, _("%(programme)s: all matters") % {"programme": one}))
        found += [(f"{one.key}/{matter.number}", f"{one}: {matter}") for matter in one.matters.all()]
    return found
