"""The API of assurance（核验的接口）, one noun a module."""

from __future__ import annotations

from ninja import Router

routers: tuple[Router, ...] = ()

__all__ = ["routers"]
