"""The only writers of meetings, one act a function."""

from luoshi.meetings.services.agenda import add_agenda_item, leave_out, put_on_agenda
from luoshi.meetings.services.deciding import RowsRefused, end_meeting, take_back_resolution, type_resolution
from luoshi.meetings.services.planning import cancel_meeting, change_meeting, invite_posts, plan_meeting
from luoshi.meetings.services.recording import MeetingDone
from luoshi.meetings.services.sitting import open_meeting, record_attendance, settle_item, write_minutes

__all__ = [
    "MeetingDone",
    "RowsRefused",
    "add_agenda_item",
    "cancel_meeting",
    "change_meeting",
    "end_meeting",
    "invite_posts",
    "leave_out",
    "open_meeting",
    "plan_meeting",
    "put_on_agenda",
    "record_attendance",
    "settle_item",
    "take_back_resolution",
    "type_resolution",
    "write_minutes",
]
