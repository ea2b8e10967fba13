"""The only writers of the office（文书）.

Of what is done here only channels and calendar feeds add entries to the ledger: they change where words go. A stored
file says nothing until somebody hands it in: the entry of that act carries its digest. A job is a way of doing acts,
each of which adds its own entry. Messages follow from acts that have theirs. The search index can be made again from
the rows; a saved view is a bookmark. A list that is taken away changes nothing.
"""

from __future__ import annotations

from luoshi.office.services.channels import add_channel, change_channel_key, disable_channel, enable_channel
from luoshi.office.services.exports import (
    checked_format,
    export_of,
    forget_exports,
    list_for,
    register_list,
    start_export,
)
from luoshi.office.services.feeds import make_feed, read_feed, register_deadlines, revoke_feed
from luoshi.office.services.files import keep_made, screen_file, store_file
from luoshi.office.services.jobs import cancel_job, start_job
from luoshi.office.services.messages import Addressee, Note, mark_all_read, mark_read, notify, notify_all, notify_each
from luoshi.office.services.repeating import repeat_deliveries, try_channel
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
from luoshi.office.services.sending.claiming import stamp
from luoshi.office.services.sending.turns import deliver_all, deliver_due
from luoshi.office.services.wishes import set_wish

__all__ = [
    "Addressee",
    "Item",
    "Note",
    "add_channel",
    "cancel_job",
    "change_channel_key",
    "change_view",
    "checked_format",
    "delete_view",
    "deliver_all",
    "deliver_due",
    "disable_channel",
    "enable_channel",
    "export_of",
    "forget_exports",
    "forget_texts",
    "index",
    "index_due",
    "index_later",
    "keep_made",
    "list_for",
    "make_feed",
    "mark_all_read",
    "mark_read",
    "notify",
    "notify_all",
    "notify_each",
    "read_feed",
    "rebuild_search",
    "register_deadlines",
    "register_list",
    "register_source",
    "remove",
    "repeat_deliveries",
    "revoke_feed",
    "save_view",
    "screen_file",
    "set_wish",
    "stamp",
    "start_export",
    "start_job",
    "store_file",
    "take_along",
    "try_channel",
]
