"""Addresses of assurance, one noun a module; each says its whole path."""

from __future__ import annotations

from django.urls import URLPattern

from luoshi.assurance.urls.after import urlpatterns as after_patterns
from luoshi.assurance.urls.campaigns import urlpatterns as campaign_patterns
from luoshi.assurance.urls.handing import urlpatterns as handing_patterns
from luoshi.assurance.urls.visits import urlpatterns as visit_patterns

app_name = "assurance"
urlpatterns: list[URLPattern] = [*handing_patterns, *visit_patterns, *after_patterns, *campaign_patterns]
"""Those of a campaign come last: its acts are any word behind its number."""
