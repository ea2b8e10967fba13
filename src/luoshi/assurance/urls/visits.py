"""Addresses of a verifier on the way; all below one path, which is all the service worker governs."""

from __future__ import annotations

from django.urls import URLPattern, path

from luoshi.assurance.views import visits

urlpatterns: list[URLPattern] = [
    path("visits/", visits.visits, name="visits"),
    path("visits/form.xlsx", visits.form, name="visit_form"),
    path("visits/results/", visits.results, name="visit_results"),
    path("visits/worker.js", visits.worker, name="visits_worker"),
    path("visits/offline/", visits.offline, name="visits_offline"),
    path("visits/manifest.webmanifest", visits.manifest, name="visits_manifest"),
    path("visits/<uuid:key>/", visits.visit, name="visit"),
    path("visits/<uuid:key>/photos/<str:digest>/", visits.photo, name="visit_photo"),
]
