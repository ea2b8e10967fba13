"""Forms of delivery: acts made from their input models, programmes, and the report by short link."""

from luoshi.delivery.forms.acts import ActForm, form_class
from luoshi.delivery.forms.choices import Choices
from luoshi.delivery.forms.programmes import AuthorityForm, NothingForm, SettingsForm, draft_form

__all__ = ["ActForm", "AuthorityForm", "Choices", "NothingForm", "SettingsForm", "draft_form", "form_class"]
