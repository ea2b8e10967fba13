"""The API of meetings（会议接口）, one noun a module."""

from __future__ import annotations

from ninja import Router

from luoshi.meetings.api import books, circulars, logs, meetings, practices

routers: tuple[Router, ...] = (
    meetings.router,
    books.router,
    circulars.router,
    logs.router,
    practices.router,
)

__all__ = ["routers"]
