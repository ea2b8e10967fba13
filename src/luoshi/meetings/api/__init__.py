"""The API of meetings（复盘会的接口）, one noun a module."""

from __future__ import annotations

from ninja import Router

from luoshi.meetings.api import books

routers: tuple[Router, ...] = (books.router,)

__all__ = ["routers"]
