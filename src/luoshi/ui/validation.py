"""表单校验用语: the sentences of Django's own form fields that our catalogue words anew.

Django speaks to programmers（“确保该变量包含不超过…”）; a message id listed here is looked up in our catalogue first.
"""

from __future__ import annotations

from django.utils.translation import gettext_noop, ngettext_lazy

PLAIN = (
    gettext_noop("This field is required."),
    gettext_noop("Enter a valid URL."),
    gettext_noop("Enter a valid date."),
    gettext_noop("Enter a valid time."),
    gettext_noop("Enter a whole number."),
    gettext_noop("Enter a number."),
    gettext_noop("Select a valid choice. %(value)s is not one of the available choices."),
    gettext_noop("Select a valid choice. That choice is not one of the available choices."),
    gettext_noop("Ensure this value is less than or equal to %(limit_value)s."),
    gettext_noop("Ensure this value is greater than or equal to %(limit_value)s."),
)
"""Sentences that stand as they are."""

TOO_LONG = ngettext_lazy(
    "Ensure this value has at most %(limit_value)d character (it has %(show_value)d).",
    "Ensure this value has at most %(limit_value)d characters (it has %(show_value)d).",
    "limit_value",
)
"""A text that is longer than its field."""
