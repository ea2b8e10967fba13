"""What the database itself can do beyond its common language."""

from luoshi.ledger.adapters.planned import Statement, ask_for, planned, run, sent_together

__all__ = ["Statement", "ask_for", "planned", "run", "sent_together"]
