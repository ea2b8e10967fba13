"""Addresses of the intake."""

from __future__ import annotations

from django.urls import path

from luoshi.intake.views import documents, drafts

app_name = "intake"
urlpatterns = [
    path("", documents.documents, name="documents"),
    path("receive/", documents.receive, name="receive"),
    path("words/<str:ref>/", documents.origin, name="origin"),
    path("<int:document_id>/", documents.document, name="document"),
    path("<int:document_id>/handle/<slug:act>/", documents.handle, name="handle"),
    path("<int:document_id>/trace/", documents.trace, name="trace"),
    path("<int:document_id>/file/", documents.download, name="file"),
    path("<int:document_id>/changes/", documents.changes, name="changes"),
    path("<int:document_id>/issue/", drafts.issue, name="issue"),
    path("<int:document_id>/act/<slug:act>/", drafts.act, name="act"),
    path("<int:document_id>/items/<int:item_id>/", drafts.item, name="item"),
]
