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
    path("export/<slug:name>/", views.export, name="export"),
    path("exports/<int:job_id>/", views.export_file, name="export_file"),
    path("jobs/", views.jobs, name="jobs"),
    path("jobs/<int:job_id>/", views.job, name="job"),
    path("jobs/<int:job_id>/cancel/", views.cancel, name="job_cancel"),
]
