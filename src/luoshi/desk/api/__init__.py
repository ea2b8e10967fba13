"""The API of the desk（工作台的接口）, one noun a module."""

from __future__ import annotations

from luoshi.desk.api import board, register, search

routers = (board.router, register.router, search.router)

__all__ = ["routers"]
