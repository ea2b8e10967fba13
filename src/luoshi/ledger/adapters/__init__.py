"""What the database itself can do beyond its common language."""

from luoshi.ledger.adapters.planned import planned

__all__ = ["planned"]
