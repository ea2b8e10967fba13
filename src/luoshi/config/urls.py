"""Addresses of the whole site, gathered from the applications."""

from __future__ import annotations

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from luoshi.accounts.urls import account_urlpatterns
from luoshi.config.api import api
from luoshi.config.views import healthz

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", healthz, name="healthz"),
    path("admin/", admin.site.urls),
    path("api/v1/", api.urls),
    path("account/", include(account_urlpatterns)),
    path("accounts/", include("luoshi.accounts.urls")),
    path("units/", include("luoshi.units.urls")),
    path("intake/", include("luoshi.intake.urls")),
    path("meetings/", include("luoshi.meetings.urls")),
    path("office/", include("luoshi.office.urls")),
    path("", include("luoshi.assurance.urls")),
    path("", include("luoshi.delivery.urls")),
    path("", include("luoshi.desk.urls")),
]
if settings.DEBUG:
    urlpatterns.append(path("ui/", include("luoshi.ui.urls")))
