"""Addresses of meetings; those of one meeting come last, as its acts are any word behind its number."""

from __future__ import annotations

from django.urls import URLPattern, path

from luoshi.meetings.views import meetings

app_name = "meetings"
urlpatterns: list[URLPattern] = [
    path("", meetings.meeting_list, name="meetings"),
    path("call/", meetings.plan, name="plan"),
    path("<str:ref>/", meetings.meeting, name="meeting"),
    path("<str:ref>/<slug:act>/", meetings.act, name="act"),
]
