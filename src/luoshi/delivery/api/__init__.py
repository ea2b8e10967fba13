"""Programmes, commitments and every act over the API（落实接口）; thin: one service each, the clock is read here."""

from __future__ import annotations

from luoshi.delivery.api import (  # noqa: F401 - each adds its operations
    acts,
    bulk,
    commitments,
    coverage,
    evidence,
    files,
    moving,
    programmes,
    slips,
)
from luoshi.delivery.api.doors import router

__all__ = ["router"]
