"""The API of assurance（核验的接口）, one noun a module."""

from __future__ import annotations

from ninja import Router

from luoshi.assurance.api.after import router as after_router
from luoshi.assurance.api.visits import router as visits_router

routers: tuple[Router, ...] = (visits_router, after_router)

__all__ = ["routers"]
