"""What the database itself can do beyond its common language."""

from luoshi.ledger.adapters.planned import ask_for, planned, sent_together

__all__ = ["ask_for", "planned", "sent_together"]
