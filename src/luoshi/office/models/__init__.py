"""Tables of the office（文书）: files, jobs, messages, search entries, saved views."""

from __future__ import annotations

from luoshi.office.models.files import StoredFile
from luoshi.office.models.jobs import Job, JobState, Slot
from luoshi.office.models.messages import Channel, Delivery, DeliveryState, Message
from luoshi.office.models.saved import SavedView
from luoshi.office.models.search import SearchEntry, SearchLater, SearchText

__all__ = [
    "Channel",
    "Delivery",
    "DeliveryState",
    "Job",
    "JobState",
    "Message",
    "SavedView",
    "SearchEntry",
    "SearchLater",
    "SearchText",
    "Slot",
    "StoredFile",
]
