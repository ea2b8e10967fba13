"""Tables of meetings, one module a noun."""

from luoshi.meetings.models.books import Book, BookFile, BookPart

__all__ = ["Book", "BookFile", "BookPart"]
