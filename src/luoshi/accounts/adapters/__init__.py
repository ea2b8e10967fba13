"""What the database itself can do beyond its common language, and how sign-in is adapted."""

from luoshi.accounts.adapters.kept import Kept
from luoshi.accounts.adapters.planned import composed_once, planned

__all__ = ["Kept", "composed_once", "planned"]
