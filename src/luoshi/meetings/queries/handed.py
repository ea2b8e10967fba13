"""交接: a hand-over as its two persons read it: the decision log first, then what was handed over; and the sheet."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import get_language, gettext

from luoshi.meetings.models import LogComment
from luoshi.meetings.queries import logs
from luoshi.meetings.queries.logs import Group, Line, Log
from luoshi.rules import decision_log as rules
from luoshi.rules.calendar import local_day
from luoshi.rules.papers import Paper
from luoshi.rules.papers.writing.ground import Owed, Style
from luoshi.rules.papers.writing.handovers import Acted, HandedOver, LogOf, handover_paper
from luoshi.rules.permissions import Actor, Role
from luoshi.rules.refusals import Refused
from luoshi.units.models import HandOver, Holding

PRINTED = 200
"""Acts on paper at most, the newest; the others stand in the log."""
SHOWN = 50
"""Hand-overs listed at most."""
_OPEN = re.compile(r"(?P<ref>[A-Z][A-Z0-9]*-\d{4}-\d{2}-\d{4,9}) (?P<title>.*?)(?: (?P<due>\d{4}-\d{2}-\d{2}))?")
_ARROW = "→ "


@dataclass(frozen=True, slots=True)
class Handed:
    """A hand-over and what the reader may read of it now.

    ``log`` is None while it lies with the one who left, until ``opens_on``; both are None where the post keeps none.
    ``holding`` is the time that ended with it.
    """

    handover: HandOver
    holding: Holding | None
    log: Log | None
    opens_on: date | None
    may_open: bool
    """Whether the reader left the post and may lay the log open now."""


def handovers_for(actor: Actor) -> QuerySet[HandOver]:
    """Hand-overs the person had a part in（本人的交接）: the post he left, or the post he acts from and took over.

    Whoever stands in for somebody finds none.
    """
    rows = HandOver.objects.select_related("post__unit", "from_user", "to_user").order_by("-on", "-pk")
    if actor.principal is not None:
        return rows.none()
    return rows.filter(
        Q(from_user=actor.user_id) | Q(to_user=actor.user_id, post=actor.seat.post_id),
    )


def handed(actor: Actor, handover: int, *, before: str = "", limit: int = logs.PAGE, at: datetime) -> Handed:
    """One hand-over with its log as page one; the statements do not grow with what was handed over.

    Raises:
        Refused: ``not_found``.
    """
    found = handovers_for(actor).filter(pk=handover).first()
    if found is None:
        raise Refused("not_found")
    if found.post.role != Role.HEAD.value or found.from_user_id is None:
        return Handed(found, None, None, None, False)
    rows = Holding.objects.filter(post=found.post_id, user=found.from_user_id, until_on=found.on)
    holding = rows.select_related("post__unit", "user").order_by("-pk").first()
    if holding is None:
        return Handed(found, None, None, None, False)
    opening = logs.Opening(found, logs.handing_of(found, holding))
    today = local_day(at)
    left = actor.user_id == found.from_user_id
    log = None
    if left or today >= opening.on:
        log = logs.log_of(holding, actor, before=before, opening=opening, limit=limit)
    may_open = left and today < opening.on and not opening.handing.by_holder and opening.handing.laid_open_on is None
    return Handed(found, holding, log, opening.on, may_open)


def offer_handover(handover: HandOver, actor: Actor) -> tuple[str, str] | None:
    """The way from a hand-over in the history of a post to its page, for the two persons of it."""
    if actor.principal is not None:
        return None
    took = handover.to_user_id == actor.user_id and handover.post_id == actor.seat.post_id
    if not took and handover.from_user_id != actor.user_id:
        return None
    label = gettext("Page one and the sheet") if handover.post.role == Role.HEAD.value else gettext("Hand-over sheet")
    return label, reverse("meetings:handed", args=[handover.pk])


@dataclass(frozen=True, slots=True)
class Items:
    """The list of a hand-over taken apart: open commitments, what waits to be decided, what the holder added."""

    open: tuple[Owed, ...]
    waiting: tuple[str, ...]
    also: tuple[str, ...]


def items_of(handover: HandOver) -> Items:
    """The list as it was kept on the day（交接清单）; no statement, nothing of today."""
    owed: list[Owed] = []
    waiting: list[str] = []
    also: list[str] = []
    listed = [str(item) for item in handover.items]
    named = {match["ref"] for item in listed if (match := _OPEN.fullmatch(item))}
    for item in listed:
        if item in named:  # somebody typed the number of what stands in the list by itself
            continue
        match = _OPEN.fullmatch(item)
        if match:
            due = match["due"]
            owed.append(Owed(match["ref"], match["title"], date.fromisoformat(due) if due else None))
        elif item.startswith(_ARROW):
            waiting.append(item.removeprefix(_ARROW))
        else:
            also.append(item)
    return Items(tuple(owed), tuple(waiting), tuple(also))


def sheet_of(actor: Actor, handover: int, *, at: datetime) -> Paper:
    """移交清单 as a paper: page one is the decision log, then what was open on the day.

    Raises:
        Refused: ``not_found``, ``handover_sheet_waits`` while the log lies with the one who left.
    """
    found = handed(actor, handover, limit=PRINTED, at=at)
    if found.opens_on is not None and local_day(at) < found.opens_on:
        raise Refused("handover_sheet_waits", on=found.opens_on.isoformat())
    row, items, log = found.handover, items_of(found.handover), found.log
    style = Style(get_language() or "zh-hans", gettext, gettext("Demonstration") if row.to_user.is_demo else "")
    sheet = HandedOver(
        unit=row.post.unit.name,
        post=row.post.title.removeprefix(row.post.unit.name) or row.post.title,
        on=row.on,
        open_items=items.open,
        waiting=items.waiting,
        also=items.also,
        words=row.note,
        log=tuple(_printed(group) for group in log.groups) if log else None,
        log_comments=_words(log.comments) if log else (),
        log_more=bool(log and log.older),
    )
    return handover_paper(sheet, style)


def heading_of(group: Group) -> str:
    """What a part of a log is called: the matter with its number, the programme as a whole, or neither."""
    if group.matter is not None:
        return gettext("%(number)s. %(matter)s") % {"number": group.matter.number, "matter": group.matter}
    if group.programme is not None:
        return gettext("“%(programme)s” as a whole") % {"programme": group.programme}
    return gettext("Outside the programmes")


def about(line: Line) -> str:
    """What an act was about, in one line."""
    text = " ".join(part for part in (line.ref, line.title) if part)
    return gettext("%(first)s and others") % {"first": text} if line.more else text


def _printed(group: Group) -> LogOf:
    words = tuple(
        (
            gettext(rules.WORD_NAMES[word]),
            tuple(Acted(line.on, line.act, about(line)) for line in lines),
        )
        for word, lines in group.words
    )
    return LogOf(_title(group), words, _words(group.comments))


def _title(group: Group) -> str:
    """A heading of a paper is numbered by itself."""
    return str(group.matter) if group.matter is not None else heading_of(group)


def _words(comments: Iterable[LogComment]) -> tuple[str, ...]:
    return tuple(one.words for one in comments)
