"""What the database itself can do beyond its common language."""

from luoshi.units.adapters.planned import planned

__all__ = ["planned"]
