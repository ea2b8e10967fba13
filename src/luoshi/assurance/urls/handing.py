"""Addresses of the pool of verifiers and of handing out."""

from __future__ import annotations

from django.urls import URLPattern, path

from luoshi.assurance.views import handing

urlpatterns: list[URLPattern] = [
    path("programmes/<slug:key>/verifiers/", handing.verifiers, name="verifiers"),
    path("programmes/<slug:key>/verifiers/<str:post>/leave/", handing.leave, name="leave_pool"),
    path("assurance/<str:ref>/days/", handing.days, name="days"),
    path("assurance/visits/<uuid:key>/withdraw/", handing.withdraw, name="withdraw_visit"),
    path("assurance/mine/", handing.own, name="own_figures"),
]
