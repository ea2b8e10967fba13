"""Addresses of meetings; those of one meeting come last, as its acts are any word behind its number."""

from __future__ import annotations

from django.urls import URLPattern, path

from luoshi.meetings.views import books, circulars, logs, meetings, practices

app_name = "meetings"
urlpatterns: list[URLPattern] = [
    path("", meetings.meeting_list, name="meetings"),
    path("books/", books.index, name="books"),
    path("books/<str:ref>/", books.book, name="book"),
    path("books/<str:ref>/units/<int:key>/", books.unit, name="book_unit"),
    path("books/<str:ref>/matters/<int:key>/", books.matter, name="book_matter"),
    path("books/<str:ref>/annex/", books.annex, name="book_annex"),
    path("books/<str:ref>/rows/<slug:name>/", books.rows, name="book_rows"),
    path("books/<str:ref>/files/<slug:kind>/", books.file, name="book_file"),
    path("circulars/", circulars.index, name="circulars"),
    path("circulars/write/", circulars.write, name="write_circular"),
    path("circulars/<str:ref>/", circulars.circular, name="circular"),
    path("circulars/<str:ref>/paper.docx", circulars.paper, {"ending": "docx"}, name="circular_docx"),
    path("circulars/<str:ref>/paper.pdf", circulars.paper, {"ending": "pdf"}, name="circular_pdf"),
    path("circulars/<str:ref>/<slug:act>/", circulars.act, name="circular_act"),
    path("log/", logs.log, name="log"),
    path("log/comment/", logs.comment, name="comment_log"),
    path("log/<int:holding>/", logs.log, name="past_log"),
    path("handovers/<int:handover>/", logs.handed, name="handed"),
    path("handovers/<int:handover>/open/", logs.lay_open, name="lay_open"),
    path("handovers/<int:handover>/sheet.docx", logs.sheet, {"ending": "docx"}, name="sheet_docx"),
    path("handovers/<int:handover>/sheet.pdf", logs.sheet, {"ending": "pdf"}, name="sheet_pdf"),
    path("practices/", practices.index, name="practices"),
    path("practices/write/<str:ref>/", practices.write, name="write_practice"),
    path("practices/<str:ref>/", practices.practice, name="practice"),
    path("practices/<str:ref>/<slug:act>/", practices.act, name="practice_act"),
    path("<str:ref>/book/", books.of_meeting, name="meeting_book"),
    path("call/", meetings.plan, name="plan"),
    path("<str:ref>/", meetings.meeting, name="meeting"),
    path("<str:ref>/<slug:which>.docx", meetings.paper, {"ending": "docx"}, name="meeting_docx"),
    path("<str:ref>/<slug:which>.pdf", meetings.paper, {"ending": "pdf"}, name="meeting_pdf"),
    path("<str:ref>/<slug:act>/", meetings.act, name="act"),
]
