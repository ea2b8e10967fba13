"""What the database itself can do beyond its common language."""

from luoshi.ledger.adapters.planned import planned, sent_together

__all__ = ["planned", "sent_together"]
