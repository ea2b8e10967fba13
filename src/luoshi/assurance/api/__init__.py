"""The API of assurance（核验的接口）, one noun a module."""

from __future__ import annotations

from ninja import Router

from luoshi.assurance.api import after, campaigns, handing, visits

routers: tuple[Router, ...] = (campaigns.router, handing.router, visits.router, after.router)

__all__ = ["routers"]
