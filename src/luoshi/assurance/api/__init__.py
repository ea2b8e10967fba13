"""The API of assurance（核验的接口）, one noun a module."""

from __future__ import annotations

from ninja import Router

from luoshi.assurance.api.handing import router as handing_router
from luoshi.assurance.api.visits import router as visits_router

routers: tuple[Router, ...] = (handing_router, visits_router)

__all__ = ["routers"]
