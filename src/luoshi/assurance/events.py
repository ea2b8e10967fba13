"""What happened in assurance, for the ledger: frozen, pure, versioned. No fractions, days as text."""

from __future__ import annotations

EVENT_NAMES: dict[str, str] = {}
"""Event type → its name for people."""
