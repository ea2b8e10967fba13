"""Forms of accounts（账户表单）."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class TokenForm(forms.Form):
    """A token to be made（签发令牌）."""

    name = forms.CharField(label=_("What is the token for?"), max_length=64)
    post_ref = forms.CharField(label=_("Post it acts from"), max_length=64, required=False)
    days = forms.IntegerField(label=_("Valid for how many days"), min_value=1, max_value=366, initial=90)
