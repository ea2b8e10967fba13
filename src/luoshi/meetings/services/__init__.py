"""The only writers of meetings: one act, one function, one transaction, one entry."""

from luoshi.meetings.services.books import compile_book, start_book

__all__ = ["compile_book", "start_book"]
