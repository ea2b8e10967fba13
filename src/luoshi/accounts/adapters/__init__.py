"""What the database itself can do beyond its common language, and how sign-in is adapted."""

from luoshi.accounts.adapters.kept import Kept, composed_once
from luoshi.accounts.adapters.rows import columns_of, write_changes, write_new
from luoshi.ledger.adapters import planned

__all__ = ["Kept", "columns_of", "composed_once", "planned", "write_changes", "write_new"]
