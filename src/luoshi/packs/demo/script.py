"""剧本: acts planned as (moment, act) and run in the order of time, so that ledger, lights and timelines agree."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from luoshi.delivery import services
from luoshi.packs.demo.stage import Stage
from luoshi.rules.calendar import local_day
from luoshi.units.models import Unit

SHANGHAI = ZoneInfo("Asia/Shanghai")
Deed = Callable[[datetime], None]


@dataclass(slots=True, eq=False)
class Track:
    """A commitment while it is planned: its lead, and where the plan has come to; number and version as it runs."""

    unit: Unit
    now: datetime
    due: int = 0
    ref: str = ""
    version: int = 0


@dataclass(slots=True)
class Script:
    """The planned acts; nothing happens before :meth:`run`."""

    stage: Stage
    today: date
    deeds: list[tuple[datetime, int, Deed]] = field(default_factory=list)

    def moment(self, day: int, minute: int = 0) -> datetime:
        """``day`` days from today at 9:00 plus ``minute`` minutes, in Shanghai."""
        start = datetime.combine(self.today + timedelta(days=day), time(9), tzinfo=SHANGHAI)
        return start + timedelta(minutes=minute)

    def day(self, offset: int) -> date:
        """The date ``offset`` days from today."""
        return self.today + timedelta(days=offset)

    def offset(self, moment: datetime) -> int:
        """The day of a moment, in days from today."""
        return (local_day(moment) - self.today).days

    def add(self, at: datetime, deed: Deed) -> None:
        """Plan a deed; of two at one moment the one planned first goes first."""
        self.deeds.append((at, len(self.deeds), deed))

    def step(self, track: Track, rng: random.Random, low: int, high: int) -> datetime:
        """Move a track's clock on by some days, at an office hour; before today, always later than before."""
        later = track.now + timedelta(days=rng.randint(low, high))
        later = datetime.combine(local_day(later), time(9), tzinfo=SHANGHAI) + timedelta(minutes=rng.randrange(510))
        limit = datetime.combine(self.today, time(0), tzinfo=SHANGHAI)
        if later >= limit:
            later = track.now + (limit - track.now) * rng.uniform(0.2, 0.7)
        track.now = max(later, track.now + timedelta(seconds=1))
        return track.now

    def act(self, track: Track, post: str, name: str, at: datetime, **values: Any) -> None:
        """Plan one act by the holder of a post, on the version that stands then."""

        def deed(moment: datetime) -> None:
            actor = self.stage.actor(post, moment)
            done = getattr(services, name)(actor=actor, ref=track.ref, version=track.version, at=moment, **values)
            track.version = done.commitment.version

        self.add(at, deed)

    def draft(self, track: Track, post: str, at: datetime, **values: Any) -> None:
        """Plan a draft and, a few minutes later, its issue."""

        def deed(moment: datetime) -> None:
            actor = self.stage.actor(post, moment)
            done = services.draft_commitment(actor=actor, lead=track.unit.pk, off_system=False, at=moment, **values)
            track.ref, track.version = done.commitment.ref, done.commitment.version

        self.add(at, deed)
        track.now = at + timedelta(minutes=9)
        self.act(track, post, "issue_commitment", track.now)

    def break_down(
        self, whole: Track, post: str, parts: Iterable[Track], at: datetime, *, levels: int = 1, **values: Any
    ) -> None:
        """Plan the breakdown of ``whole`` into ``parts``; their numbers are known once it ran."""
        waiting = {part.unit.pk: part for part in parts}

        def deed(moment: datetime) -> None:
            actor = self.stage.actor(post, moment)
            done = services.break_down_commitment(
                actor=actor, ref=whole.ref, version=whole.version, levels=levels, at=moment, **values
            )
            whole.version = done.commitment.version
            for made in done.extra:
                if made.lead_id in waiting:
                    waiting[made.lead_id].ref, waiting[made.lead_id].version = made.ref, made.version

        self.add(at, deed)

    def run(self, tell: Callable[[], None]) -> int:
        """Run every deed in the order of time; returns how many."""
        ordered = sorted(self.deeds, key=lambda one: one[:2])
        for at, _number, deed in ordered:
            deed(at)
            tell()
        return len(ordered)
