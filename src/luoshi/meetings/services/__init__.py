"""The only writers of meetings: one act, one function, one transaction, one entry."""

from luoshi.meetings.services.agenda import add_agenda_item, leave_out, put_on_agenda
from luoshi.meetings.services.books import compile_book, start_book
from luoshi.meetings.services.circulars import (
    CircularDone,
    change_circular,
    draft_circular,
    issue_circular,
    remind_circular,
    sign_circular,
    withdraw_circular,
)
from luoshi.meetings.services.deciding import RowsRefused, end_meeting, take_back_resolution, type_resolution
from luoshi.meetings.services.logs import LogDone, comment_on_log, lay_open_log, tell_of_handover
from luoshi.meetings.services.papers import remind_of_papers, send_papers
from luoshi.meetings.services.planning import cancel_meeting, change_meeting, invite_posts, plan_meeting
from luoshi.meetings.services.practices import (
    PracticeDone,
    amend_practice,
    ask_author,
    withdraw_practice,
    write_practice,
)
from luoshi.meetings.services.recording import MeetingDone
from luoshi.meetings.services.sitting import open_meeting, record_attendance, settle_item, write_minutes

__all__ = [
    "CircularDone",
    "LogDone",
    "MeetingDone",
    "PracticeDone",
    "RowsRefused",
    "add_agenda_item",
    "amend_practice",
    "ask_author",
    "cancel_meeting",
    "change_circular",
    "change_meeting",
    "comment_on_log",
    "compile_book",
    "draft_circular",
    "end_meeting",
    "invite_posts",
    "issue_circular",
    "lay_open_log",
    "leave_out",
    "open_meeting",
    "plan_meeting",
    "put_on_agenda",
    "record_attendance",
    "remind_circular",
    "remind_of_papers",
    "send_papers",
    "settle_item",
    "sign_circular",
    "start_book",
    "take_back_resolution",
    "tell_of_handover",
    "type_resolution",
    "withdraw_circular",
    "withdraw_practice",
    "write_minutes",
    "write_practice",
]
