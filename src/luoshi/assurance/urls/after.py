"""Addresses of directed visits and look-backs."""

from __future__ import annotations

from django.urls import URLPattern, path

from luoshi.assurance.views import after

urlpatterns: list[URLPattern] = [
    path("directed/", after.directed, name="directed"),
    path("directed/<str:ref>/", after.direct, name="direct"),
    path("look-backs/", after.look_backs, name="look_backs"),
    path("look-backs/<slug:key>/report.docx", after.look_back_report, {"ending": "docx"}, name="look_back_docx"),
    path("look-backs/<slug:key>/report.pdf", after.look_back_report, {"ending": "pdf"}, name="look_back_pdf"),
    path("look-backs/<slug:key>/rule/", after.look_back_rule, name="look_back_rule"),
]
