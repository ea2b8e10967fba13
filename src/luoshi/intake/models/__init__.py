"""Tables of the intake."""

from luoshi.intake.models.documents import Document
from luoshi.intake.models.drafts import Draft, DraftItem, Outcome

__all__ = ["Document", "Draft", "DraftItem", "Outcome"]
