"""The office in the API（文书接口）: messages, jobs, lists to take away, channels, how one wants to be told."""

from __future__ import annotations

from luoshi.office.api import channels  # noqa: F401 - adds its operations
from luoshi.office.api.work import router

__all__ = ["router"]
