"""Addresses of the intake."""

from __future__ import annotations

from django.urls import path

from luoshi.intake.views import documents, drafts, news, news_sources

app_name = "intake"
urlpatterns = [
    path("", documents.documents, name="documents"),
    path("receive/", documents.receive, name="receive"),
    path("words/<str:ref>/", documents.origin, name="origin"),
    path("news/", news.digest, name="news"),
    path("news/all/", news.everything, name="news_all"),
    path("news/paste/", news_sources.paste, name="news_paste"),
    path("news/sources/", news_sources.sources, name="news_sources"),
    path("news/sources/add/", news_sources.add, name="news_source_add"),
    path("news/sources/ask/", news_sources.ask, name="news_ask"),
    path("news/sources/<int:source_id>/", news_sources.change, name="news_source"),
    path("news/sources/<int:source_id>/use/", news_sources.use, name="news_source_use"),
    path("news/<int:article_id>/", news.article, name="news_article"),
    path("news/<int:article_id>/draft/", news.draft, name="news_draft"),
    path("news/<int:article_id>/instruct/", news.instruct, name="news_instruct"),
    path("news/<int:article_id>/aside/", news.aside, name="news_aside"),
    path("<int:document_id>/", documents.document, name="document"),
    path("<int:document_id>/handle/<slug:act>/", documents.handle, name="handle"),
    path("<int:document_id>/trace/", documents.trace, name="trace"),
    path("<int:document_id>/file/", documents.download, name="file"),
    path("<int:document_id>/changes/", documents.changes, name="changes"),
    path("<int:document_id>/issue/", drafts.issue, name="issue"),
    path("<int:document_id>/act/<slug:act>/", drafts.act, name="act"),
    path("<int:document_id>/items/<int:item_id>/", drafts.item, name="item"),
]
