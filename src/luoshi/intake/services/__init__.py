"""Every act of the intake: one function, one transaction, one ledger entry. The only writers of this application."""

from luoshi.intake.services.editing import (
    add_item,
    drop_item,
    edit_item,
    edit_items,
    merge_items,
    name_units,
    share_draft,
    split_item,
)
from luoshi.intake.services.issuing import issue_draft
from luoshi.intake.services.receiving import (
    convert_document,
    forget_waiting,
    read_again,
    read_document,
    receive_document,
    refuse_reading,
    remove_document,
)
from luoshi.intake.services.revising import take_change

__all__ = [
    "add_item",
    "convert_document",
    "drop_item",
    "edit_item",
    "edit_items",
    "forget_waiting",
    "issue_draft",
    "merge_items",
    "name_units",
    "read_again",
    "read_document",
    "receive_document",
    "refuse_reading",
    "remove_document",
    "share_draft",
    "split_item",
    "take_change",
]
