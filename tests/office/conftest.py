"""Fixtures of the office; the models are imported only when Django is ready."""

from __future__ import annotations

import os

import django

os.environ.setdefault("LUOSHI_DEBUG", "1")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "luoshi.config.settings")
django.setup()

from .world import files, kinds, vendor, world  # noqa: E402

__all__ = ["files", "kinds", "vendor", "world"]
