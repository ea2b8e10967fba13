"""What the database itself can do beyond its common language, and how sign-in is adapted."""

from luoshi.accounts.adapters.kept import Kept, composed_once
from luoshi.accounts.adapters.rows import changes_of, columns_of, write_new
from luoshi.ledger.adapters import planned, run, sent_together

__all__ = ["Kept", "changes_of", "columns_of", "composed_once", "planned", "run", "sent_together", "write_new"]
