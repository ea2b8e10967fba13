"""会议公文: the notice that calls a meeting and the minutes of what it resolved, from its rows alone."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext, pgettext

from luoshi.meetings.models import AgendaItem, Meeting, Resolution
from luoshi.meetings.queries.showing import resolutions_of
from luoshi.rules.calendar import SHANGHAI, local_day
from luoshi.rules.papers import Paper
from luoshi.rules.papers.writing.ground import Style
from luoshi.rules.papers.writing.meetings import (
    Discussed,
    Minutes,
    Notice,
    Point,
    Resolved,
    minutes_paper,
    notice_paper,
)
from luoshi.rules.refusals import Refused, declare, gettext_noop
from luoshi.units.models import Post

_ = gettext_noop
declare(
    409,
    paper_asked_nobody=_("A notice goes to those who are asked to come. Ask posts to come first."),
    paper_not_ended=_("There are minutes as a paper once the meeting has ended."),
)


class MeetingPaper(StrEnum):
    """The papers of a meeting; the value is the word in addresses."""

    NOTICE = "notice"
    MINUTES = "minutes"


def papers_there(meeting: Meeting, *, asked: bool) -> tuple[MeetingPaper, ...]:
    """Which papers there are of a meeting now, for its page."""
    found = [MeetingPaper.NOTICE] if asked else []
    return (*found, MeetingPaper.MINUTES) if meeting.stage == "ended" else tuple(found)


def paper_of_meeting(meeting: Meeting, which: MeetingPaper) -> Paper:
    """会议通知 or 会议纪要, in the reader's language.

    Raises:
        Refused: ``paper_asked_nobody``, ``paper_not_ended``.
    """
    return notice_of(meeting) if which is MeetingPaper.NOTICE else minutes_of(meeting)


def notice_of(meeting: Meeting) -> Paper:
    """会议通知: to the units of the posts asked, with the agenda as it stands; three statements.

    Raises:
        Refused: ``paper_asked_nobody``.
    """
    asked = _posts(meeting)
    if not asked:
        raise Refused("paper_asked_nobody")
    style = _style(meeting)
    held = meeting.held_at.astimezone(SHANGHAI)
    out = gettext("Papers for the meeting are sent out by %(on)s.") % {"on": style.day(meeting.papers_due_on)}
    items = _items(meeting).select_related("matter", "commitment__lead")
    notice = Notice(
        meeting=meeting.title,
        issuer=meeting.convened_by.name,
        to=tuple(dict.fromkeys(post.unit.name for post, _came in asked)),
        on=local_day(meeting.created_at),
        when=gettext("%(day)s (%(weekday)s), %(time)s")
        % {"day": style.day(held.date()), "weekday": date_format(held, "l"), "time": f"{held:%H:%M}"},
        where=meeting.place,
        points=tuple(
            Point(item.name, item.commitment.lead.name if item.commitment else "", item.minutes_planned)
            for item in items
        ),
        attend=tuple(_seat(post) for post, _came in asked),
        words=out,
    )
    return notice_paper(notice, style)


def minutes_of(meeting: Meeting) -> Paper:
    """会议纪要: what was resolved item by item, as a list, and who was there; three statements.

    Raises:
        Refused: ``paper_not_ended``.
    """
    if meeting.stage != "ended" or meeting.ended_at is None:
        raise Refused("paper_not_ended")
    style = _style(meeting)
    decided, items = resolutions_of(meeting), list(_items(meeting))
    points = [Discussed(item.name, item.outcome, _resolved(decided, {item.pk})) for item in items]
    listed = {item.pk for item in items}
    others = _resolved(decided, {one.item_id for one in decided} - listed)
    if others:
        points.append(Discussed(gettext("Other matters"), "", others))
    asked = _posts(meeting)
    minutes = Minutes(
        meeting=meeting.title,
        issuer=meeting.convened_by.name,
        on=local_day(meeting.ended_at),
        held_on=local_day(meeting.opened_at or meeting.held_at),
        where=meeting.place,
        chair="",
        points=tuple(points),
        words=meeting.minutes_text,
        present=tuple(_seat(post) for post, came in asked if came is True),
        absent=tuple(_seat(post) for post, came in asked if came is False),
    )
    return minutes_paper(minutes, style)


def _resolved(decided: Iterable[Resolution], items: set[int | None]) -> tuple[Resolved, ...]:
    return tuple(
        Resolved(one.text, one.lead.name, one.due_on, one.commitment.ref if one.commitment else "")
        for one in decided
        if one.item_id in items
    )


def _items(meeting: Meeting) -> QuerySet[AgendaItem]:
    return meeting.items.filter(left_out=False).select_related("matter").order_by("position", "pk")


def _posts(meeting: Meeting) -> list[tuple[Post, bool | None]]:
    """Posts asked to come in the order of the tree, and whether each came."""
    rows = meeting.participants.filter(off=False).select_related("post__unit").order_by("post__unit__path", "pk")
    return [(row.post, row.attended) for row in rows]


def _seat(post: Post) -> str:
    """A post as the standard names who was there: its unit and its title, never a person."""
    if post.title.startswith(post.unit.name):
        return post.title
    return f"{post.unit.name}{post.title}" if _chinese() else f"{post.title}, {post.unit.name}"


def _chinese() -> bool:
    return (get_language() or "zh-hans").startswith("zh")


def _style(meeting: Meeting) -> Style:
    marks = []
    if meeting.programme.is_demo:
        marks.append(gettext("Demonstration"))
    if meeting.stage == "cancelled":
        marks.append(pgettext("mark on a paper", "Cancelled"))
    return Style(get_language() or "zh-hans", gettext, " · ".join(marks))
