"""Addresses of the desk（工作台）."""

from __future__ import annotations

from django.urls import path

from luoshi.desk import views

app_name = "desk"
urlpatterns = [
    path("", views.today, name="today"),
    path("board/", views.board, name="board"),
    path("board/list/", views.board_list, name="board-list"),
    path("board/foreseen/", views.foreseen, name="foreseen"),
    path("register/", views.register, name="register"),
    path("register/acts/", views.grid, name="grid"),
    path("register/views/", views.saved_views, name="saved-views"),
    path("register/views/save/", views.save_view, name="save-view"),
    path("register/views/<int:view_id>/", views.change_view, name="change-view"),
    path("ledger/", views.ledger, name="ledger"),
    path("ledger/<int:entry_id>/", views.entry, name="entry"),
    path("search/", views.search, name="search"),
    path("search/quick/", views.quick, name="quick"),
    path("how/", views.how, name="how"),
    path("complaint/", views.complaint, name="complaint"),
    path("tour/", views.tour, name="tour"),
    path("system/", views.system, name="system"),
]
