"""Addresses of the whole site, gathered from the applications."""

from __future__ import annotations

from importlib.util import find_spec

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from luoshi.accounts.urls import account_urlpatterns
from luoshi.config.views import healthz

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", healthz, name="healthz"),
    path("admin/", admin.site.urls),
    path("account/", include(account_urlpatterns)),
    path("accounts/", include("luoshi.accounts.urls")),
    path("units/", include("luoshi.units.urls")),
    path("office/", include("luoshi.office.urls")),
]
for module in ("luoshi.delivery.urls", "luoshi.desk.urls"):
    if find_spec(module):
        urlpatterns.append(path("", include(module)))
if settings.DEBUG:
    urlpatterns.append(path("ui/", include("luoshi.ui.urls")))
