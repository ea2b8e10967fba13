"""Addresses of the office（文书）."""

from __future__ import annotations

from django.urls import path

from luoshi.office import views

app_name = "office"

urlpatterns = [
    path("messages/", views.messages, name="messages"),
    path("messages/read/", views.read_all, name="messages_read"),
    path("messages/<int:message_id>/", views.message, name="message"),
    path("messages/<int:message_id>/read/", views.read, name="message_read"),
    path("messages/sent/", views.sent, name="sent"),
    path("settings/", views.own, name="own"),
    path("settings/calendar/", views.make_feed, name="make_feed"),
    path("settings/calendar/<int:feed_id>/revoke/", views.revoke_feed, name="revoke_feed"),
    path("calendar/<str:token>.ics", views.calendar, name="calendar"),
    path("channels/", views.channels, name="channels"),
    path("channels/<int:outlet_id>/", views.channel, name="channel"),
    path("channels/<int:outlet_id>/<slug:act>/", views.channel_act, name="channel_act"),
    path("channels/<int:outlet_id>/deliveries/<int:delivery_id>/repeat/", views.repeat, name="repeat"),
    path("export/<slug:name>/", views.export, name="export"),
    path("exports/<int:job_id>/", views.export_file, name="export_file"),
    path("jobs/", views.jobs, name="jobs"),
    path("jobs/<int:job_id>/", views.job, name="job"),
    path("jobs/<int:job_id>/cancel/", views.cancel, name="job_cancel"),
]
