"""Tables of meetings, one noun a module."""

from luoshi.meetings.models.agenda import AgendaItem
from luoshi.meetings.models.books import Book, BookFile, BookPart
from luoshi.meetings.models.circulars import Circular, Receipt
from luoshi.meetings.models.logs import LogComment, LogOpening
from luoshi.meetings.models.meetings import Meeting, Participant
from luoshi.meetings.models.practices import Practice, PracticeEdition
from luoshi.meetings.models.resolutions import Resolution

__all__ = [
    "AgendaItem",
    "Book",
    "BookFile",
    "BookPart",
    "Circular",
    "LogComment",
    "LogOpening",
    "Meeting",
    "Participant",
    "Practice",
    "PracticeEdition",
    "Receipt",
    "Resolution",
]
