"""Deadlines as a calendar（日历文件）, by RFC 5545."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlsplit

from icalendar import Calendar, Event


@dataclass(frozen=True, slots=True)
class Day:
    """One deadline: an entry that lasts the whole day.

    ``uid`` stays the same for the same deadline; ``changed_at`` and ``version`` say when and how often it changed.
    """

    uid: str
    on: date
    title: str
    link: str
    changed_at: datetime
    version: int = 0
    words: str = ""
    kind: str = ""


def calendar(days: Iterable[Day], *, name: str, base: str, language: str) -> bytes:
    """The calendar; the same days give the same bytes.

    Args:
        days: the deadlines in their order.
        name: shown by calendar programs.
        base: the address of this installation, without a slash at its end.
        language: of the words, such as ``zh-hans``.
    """
    host = urlsplit(base).hostname or "localhost"
    made = Calendar()
    made.add("prodid", f"-//Luoshi//deadlines//{language.upper()}")
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", name)
    made.add("x-published-ttl", "PT1H")
    made.add("refresh-interval", timedelta(hours=1), parameters={"VALUE": "DURATION"})
    for day in days:
        event = Event()
        event.add("uid", f"{day.uid}@{host}")
        event.add("dtstamp", day.changed_at)
        event.add("last-modified", day.changed_at)
        event.add("sequence", day.version)
        event.add("dtstart", day.on)
        event.add("dtend", day.on + timedelta(days=1))
        event.add("summary", day.title)
        event.add("url", base + day.link)
        event.add("transp", "TRANSPARENT")
        if day.words:
            event.add("description", day.words)
        if day.kind:
            event.add("categories", [day.kind])
        made.add_component(event)
    return bytes(made.to_ical())
