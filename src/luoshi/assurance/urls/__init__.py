"""Addresses of assurance, one noun a module; each says its whole path."""

from __future__ import annotations

from django.urls import URLPattern

app_name = "assurance"
urlpatterns: list[URLPattern] = []
