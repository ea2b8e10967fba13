"""Forms of the office（文书表单）: channels, and how one wants to be told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from luoshi.office.models import Mode, QuietChoice, Wish
from luoshi.office.services.channels import KINDS

HOURS = [(hour, f"{hour:02d}:00") for hour in range(24)]


class ChannelForm(forms.Form):
    """A new channel（增设渠道）."""

    kind = forms.ChoiceField(label=_("Kind"), choices=[(kind.value, kind.label) for kind in KINDS])
    name = forms.CharField(
        label=_("Name"), max_length=64, help_text=_("As people call it, such as “Duty group of the county office”.")
    )
    address = forms.CharField(
        label=_("Address"),
        max_length=1000,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "url", "spellcheck": "false"}),
        help_text=_(
            "Begins with https://; of a bot, the whole address with its key. It is sealed and never shown again."
        ),
    )
    secret = forms.CharField(
        label=_("Signing secret of the bot"),
        max_length=200,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("Only for DingTalk and Feishu, when the bot was set up with a signature."),
    )
    unit_id = forms.TypedChoiceField(label=_("Whose messages"), coerce=int)
    below = forms.BooleanField(label=_("Also messages to units below it"), required=False)
    urgent_only = forms.BooleanField(
        label=_("Urgent messages only"),
        required=False,
        help_text=_("Always so for text messages and calls."),
    )
    discreet = forms.BooleanField(
        label=_("Without titles"),
        required=False,
        initial=True,
        help_text=_(
            "The receiver learns that something waits and where to look, nothing more. Right for any service "
            "outside your own network."
        ),
    )

    def __init__(self, *args: Any, units: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit_id"].choices = units  # type: ignore[attr-defined]


class WishForm(forms.ModelForm[Wish]):
    """How one wants to be told（通知设置）."""

    digest_hour = forms.TypedChoiceField(label=_("The digest comes at"), coerce=int, choices=HOURS)

    class Meta:
        model = Wish
        fields = (
            "email",
            "mode",
            "digest_hour",
            "quiet",
            "quiet_from",
            "quiet_until",
            "working_days",
            "phone",
        )
        widgets = {
            "mode": forms.RadioSelect,
            "quiet": forms.RadioSelect,
            "quiet_from": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
            "quiet_until": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        }
        labels = {
            "email": _("Send me e-mail"),
            "mode": _("E-mail brings"),
            "quiet": _("Quiet hours"),
            "quiet_from": _("My quiet hours begin at"),
            "quiet_until": _("and end at"),
            "working_days": _("With my own hours: only on working days"),
            "phone": _("When it is urgent, call or text the official number of my post"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["mode"].choices = Mode.choices  # type: ignore[attr-defined]
        self.fields["quiet"].choices = QuietChoice.choices  # type: ignore[attr-defined]


class WhyForm(forms.Form):
    """Why a channel is disabled（停用原因）."""

    why = forms.CharField(label=_("Why"), max_length=300, required=False)
