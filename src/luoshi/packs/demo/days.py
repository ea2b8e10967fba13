"""日历: the notices kept with the program, and the invented local holidays of the story."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from luoshi.packs.demo.script import Script
from luoshi.packs.schema.story import Story
from luoshi.rules.permissions import SYSTEM
from luoshi.units import services as units
from luoshi.units.queries import calendar_for


def keep_calendars(script: Script, story: Story, at: datetime) -> None:
    """Put them in force before anything is counted by them."""
    units.load_kept_calendars(actor=SYSTEM, at=at)
    for number, one in enumerate(story.local_days, start=1):
        area = script.stage.areas.get(one.area)
        if area is None:
            continue
        units.change_day(
            actor=SYSTEM,
            at=at + timedelta(minutes=number),
            day=_first_worked(script.day(one.day), area.path),
            what="off",
            reason=one.reason,
            unit=one.area,
            name_zh=one.name.zh,
            name_en=one.name.en,
        )


def _first_worked(day: date, path: str) -> date:
    calendar = calendar_for(path)
    while not calendar.is_working(day):
        day += timedelta(days=1)
    return day
