"""The only writers of the office（文书）.

Nothing here adds an entry to the ledger by itself. A stored file says nothing until somebody hands it in: the entry of
that act carries its digest. A job is a way of doing acts, each of which adds its own entry. Messages follow from acts
that have theirs. The search index can be made again from the rows; a saved view is a bookmark. A list that is
taken away changes nothing.
"""

from __future__ import annotations

from luoshi.office.services.exports import (
    checked_format,
    export_of,
    forget_exports,
    list_for,
    register_list,
    start_export,
)
from luoshi.office.services.files import screen_file, store_file
from luoshi.office.services.jobs import cancel_job, start_job
from luoshi.office.services.messages import Addressee, Note, deliver_due, mark_all_read, mark_read, notify, notify_each
from luoshi.office.services.saved import change_view, delete_view, save_view
from luoshi.office.services.search import (
    Item,
    forget_texts,
    index,
    index_due,
    index_later,
    rebuild_search,
    register_source,
    remove,
    take_along,
)

__all__ = [
    "Addressee",
    "Item",
    "Note",
    "cancel_job",
    "change_view",
    "checked_format",
    "delete_view",
    "deliver_due",
    "export_of",
    "forget_exports",
    "forget_texts",
    "index",
    "index_due",
    "index_later",
    "list_for",
    "mark_all_read",
    "mark_read",
    "notify",
    "notify_each",
    "rebuild_search",
    "register_list",
    "register_source",
    "remove",
    "save_view",
    "screen_file",
    "start_export",
    "start_job",
    "store_file",
    "take_along",
]
