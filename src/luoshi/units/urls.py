"""Addresses of units and posts."""

from __future__ import annotations

from django.urls import URLPattern, path

from luoshi.units import views
from luoshi.units.views import calendars

app_name = "units"
urlpatterns: list[URLPattern] = [
    path("", views.tree, name="tree"),
    path("calendar/", calendars.calendar, name="calendar"),
    path("calendar/load/", calendars.load, name="calendar_load"),
    path("calendar/import/", calendars.read_in, name="calendar_import"),
    path("calendar/day/", calendars.change_day, name="calendar_day"),
    path("<int:unit_id>/", views.unit, name="unit"),
    path("<int:unit_id>/create/", views.create_unit, name="create_unit"),
    path("<int:unit_id>/rename/", views.rename_unit, name="rename_unit"),
    path("<int:unit_id>/move/", views.move_unit, name="move_unit"),
    path("<int:unit_id>/merge/", views.merge_units, name="merge_units"),
    path("<int:unit_id>/split/", views.split_unit, name="split_unit"),
    path("<int:unit_id>/close/", views.close_unit, name="close_unit"),
    path("<int:unit_id>/superior/", views.set_superior, name="set_superior"),
    path("<int:unit_id>/posts/create/", views.create_post, name="create_post"),
    path("posts/<str:ref>/", views.post, name="post"),
    path("posts/<str:ref>/contact/", views.edit_contact, name="edit_contact"),
    path("posts/<str:ref>/seat/", views.seat_holder, name="seat_holder"),
    path("posts/<str:ref>/unseat/", views.unseat_holder, name="unseat_holder"),
    path("posts/<str:ref>/hand-over/", views.hand_over_post, name="hand_over_post"),
    path("posts/<str:ref>/deputies/", views.appoint_deputy, name="appoint_deputy"),
    path("posts/<str:ref>/deputies/<int:deputyship_id>/end/", views.end_deputyship, name="end_deputyship"),
]
