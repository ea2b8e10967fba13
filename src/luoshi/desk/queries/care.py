"""What an administrator looks after（需要照看的）: posts nobody holds, areas that nobody answers for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef

from luoshi.delivery.jobs import oldest_due
from luoshi.delivery.models import Commitment, Sweep
from luoshi.ledger.models import Checkpoint, Entry, Pending
from luoshi.office.adapters import heartbeat
from luoshi.office.models import Job, Outlet
from luoshi.office.models.jobs import JobState
from luoshi.office.queries import channels
from luoshi.rules.calendar import local_day
from luoshi.rules.lifecycle import OVER, State
from luoshi.rules.permissions import Actor
from luoshi.units.models import Holding, Post, Unit
from luoshi.units.queries import in_scope

SHOWN = 10
GRACE = timedelta(minutes=2)
"""How long an entry may wait for its number before the page calls it late; the sequencer needs seconds."""


@dataclass(frozen=True, slots=True)
class Care:
    """Posts without a holder and areas with open commitments but nobody in a post; first ones and counts."""

    vacant: list[Post]
    vacant_count: int
    unmanned: list[Unit]
    unmanned_count: int


def of_units(actor: Actor, at: datetime) -> Care:
    """What needs attention within the actor's area; four statements."""
    today = local_day(at)
    held = Holding.objects.on(today).filter(post=OuterRef("pk"), user__is_active=True)
    vacant = (
        in_scope(Post.objects.filter(active=True, unit__valid_until__isnull=True), "unit__path", actor)
        .filter(~Exists(held))
        .select_related("unit")
        .order_by("unit__path", "ref")
    )
    manned = Holding.objects.on(today).filter(post__unit__area=OuterRef("pk"), post__active=True, user__is_active=True)
    owing = Commitment.objects.filter(lead__area=OuterRef("pk")).exclude(
        state__in=[State.DRAFT.value, *(state.value for state in OVER)]
    )
    unmanned = (
        in_scope(Unit.objects.filter(kind="area", valid_until__isnull=True).exclude(level="village"), "path", actor)
        .filter(Exists(owing), ~Exists(manned))
        .order_by("path")
    )
    return Care(list(vacant[:SHOWN]), vacant.count(), list(unmanned[:SHOWN]), unmanned.count())


@dataclass(frozen=True, slots=True)
class Check:
    """What the self-check found."""

    oldest_due: datetime | None
    beat: heartbeat.Beat | None
    beat_age: int | None
    beat_late: bool
    armed: datetime | None
    sweeps: list[Sweep]
    unnumbered: int
    unnumbered_late: int
    dead_jobs: list[Job]
    failed_jobs: int
    checkpoint: Checkpoint | None
    dead_channels: list[Outlet]


def self_check(at: datetime) -> Check:
    """Whether clock, sequencer, workers and channels run（自检）, and the last checkpoint; nine statements."""
    late = Pending.objects.filter(entry__in=Entry.objects.filter(ts__lt=at - GRACE)).count()
    dead = Job.objects.filter(state=JobState.RUNNING, lease_until__lt=at - GRACE).order_by("-id")[:SHOWN]
    age = heartbeat.age(at)
    ahead = Commitment.objects.filter(next_step_at__gt=at).order_by("next_step_at")
    return Check(
        oldest_due=oldest_due(at),
        beat=heartbeat.last(),
        beat_age=age,
        beat_late=age is not None and age > settings.HEARTBEAT_SECONDS,
        armed=ahead.values_list("next_step_at", flat=True).first(),
        sweeps=list(Sweep.objects.order_by("-id")[:SHOWN]),
        unnumbered=Pending.objects.count(),
        unnumbered_late=late,
        dead_jobs=list(dead),
        failed_jobs=Job.objects.filter(state=JobState.FAILED, finished_at__gte=at - timedelta(days=7)).count(),
        checkpoint=Checkpoint.objects.order_by("-size").first(),
        dead_channels=channels.dead(),
    )
