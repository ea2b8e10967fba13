"""What the database itself can do beyond its common language."""

from luoshi.units.adapters.planned import composed_once, planned

__all__ = ["composed_once", "planned"]
