"""Tables of the office（文书）: files, jobs, messages and channels, search entries, saved views."""

from __future__ import annotations

from luoshi.office.models.channels import Attempt, CalendarFeed, Mode, Outcome, Outlet, QuietChoice, Wish
from luoshi.office.models.files import StoredFile
from luoshi.office.models.jobs import Job, JobState, Slot
from luoshi.office.models.messages import BOTS, OPEN_STATES, PHONES, Channel, Delivery, DeliveryState, Message
from luoshi.office.models.saved import SavedView
from luoshi.office.models.search import SearchEntry, SearchLater, SearchText

__all__ = [
    "BOTS",
    "OPEN_STATES",
    "PHONES",
    "Attempt",
    "CalendarFeed",
    "Channel",
    "Delivery",
    "DeliveryState",
    "Job",
    "JobState",
    "Message",
    "Mode",
    "Outcome",
    "Outlet",
    "QuietChoice",
    "SavedView",
    "SearchEntry",
    "SearchLater",
    "SearchText",
    "Slot",
    "StoredFile",
    "Wish",
]
