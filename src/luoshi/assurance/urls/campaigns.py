"""Addresses of campaigns and certificates."""

from __future__ import annotations

from django.urls import URLPattern, path

from luoshi.assurance.views import campaigns, certificates

urlpatterns: list[URLPattern] = [
    path("assurance/", campaigns.campaign_list, name="campaigns"),
    path("assurance/propose/", campaigns.propose, name="propose"),
    path("assurance/certificates/<str:ref>/", certificates.certificate, name="certificate"),
    path("assurance/certificates/<str:ref>/content.json", certificates.content, name="certificate_content"),
    path("assurance/certificates/<str:ref>/<slug:act>/", certificates.act, name="certificate_act"),
    path("assurance/<str:ref>/", campaigns.campaign, name="campaign"),
    path("assurance/<str:ref>/frame.csv", campaigns.frame, name="frame"),
    path("assurance/<str:ref>/order.csv", campaigns.order, name="order"),
    path("assurance/<str:ref>/places/", campaigns.places, name="places"),
    path("assurance/<str:ref>/plans/", campaigns.plans, name="plans"),
    path("assurance/<str:ref>/<slug:act>/", campaigns.act, name="campaign_act"),
]
