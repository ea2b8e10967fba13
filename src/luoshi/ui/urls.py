"""Addresses of the interface's own pages; the gallery exists only when debugging."""

from __future__ import annotations

from django.urls import URLPattern, path

from luoshi.ui import gallery

app_name = "ui"
urlpatterns: list[URLPattern] = [path("gallery", gallery.gallery, name="gallery")]
