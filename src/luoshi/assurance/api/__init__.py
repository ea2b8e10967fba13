"""The API of assurance（核验的接口）, one noun a module."""

from __future__ import annotations

from ninja import Router

from luoshi.assurance.api.visits import router as visits_router

routers: tuple[Router, ...] = (visits_router,)

__all__ = ["routers"]
