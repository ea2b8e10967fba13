"""What somebody is to one commitment（身份）: the words; :mod:`.reading` finds out which of them hold."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from luoshi.rules.refusals import gettext_noop

_ = gettext_noop


class Standing(StrEnum):
    """What somebody is to one commitment（身份）; one person may be several things at once."""

    ISSUER = "issuer"
    SUPERIOR = "superior"
    LEAD_HEAD = "lead_head"
    LEAD_HANDLER = "lead_handler"
    PROXY = "proxy"
    SUPPORTING = "supporting"
    VERIFIER = "verifier"
    LINE_VERIFIER = "line_verifier"
    SYSTEM = "system"
    READER = "reader"


STANDING_NAMES: Mapping[Standing, str] = MappingProxyType(
    {
        Standing.ISSUER: _("the issuing side (head or supervision office)"),
        Standing.SUPERIOR: _("a head or supervision office above the lead unit"),
        Standing.LEAD_HEAD: _("the head of the lead unit"),
        Standing.LEAD_HANDLER: _("a handler or the office of the lead unit"),
        Standing.PROXY: _("the unit directly above, answering for the lead unit"),
        Standing.SUPPORTING: _("a supporting unit"),
        Standing.VERIFIER: _("an independent verifier"),
        Standing.LINE_VERIFIER: _("a verifier on the line of this commitment"),
        Standing.SYSTEM: _("the clock"),
        Standing.READER: _("a reader"),
    }
)
