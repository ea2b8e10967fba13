"""Campaigns as one may see them（抽查查询）: the frame, the reading of the verdicts, what a certificate speaks for."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet, Window
from django.db.models.functions import RowNumber

from luoshi.accounts.adapters import Kept
from luoshi.assurance.models import Campaign, Certificate, CertificateException, Visit
from luoshi.assurance.queries import blind
from luoshi.delivery.models import Commitment, Matter, Programme, Verification
from luoshi.ledger.adapters import planned
from luoshi.ledger.queries import mark
from luoshi.office.models import Job, JobState
from luoshi.rules import campaigns, paths, sampling
from luoshi.rules.lifecycle import Kind, State
from luoshi.rules.paths import ids
from luoshi.rules.permissions import Actor, Role
from luoshi.rules.refusals import Refused, require_version
from luoshi.rules.sampling import BP, Lot, Reading, Verdict
from luoshi.units.models import Unit, UnitChange

RELATED = ("programme", "matter", "under__area", "by_post__unit__area")
CLOSE_CERTIFIED = "assurance.close_certified"
"""The kind of job that strikes off what a certificate speaks for."""
OVER = (Campaign.Stage.CONCLUDED, Campaign.Stage.STOPPED)
REPORTED = (State.ACCEPTED, State.APPLIED, State.VERIFIED)
"""States in which something is reported complete and not struck off yet."""


# --- Seeing -----------------------------------------------------------------------------------------------------------


def campaigns_seen(actor: Actor) -> QuerySet[Campaign]:
    """Campaigns an actor may see: those beneath its own area at once, those above it when they are over.

    Whom a campaign is about learns of it when somebody stands in the door; the end of it is theirs to read.
    """
    rows = Campaign.objects.select_related(*RELATED)
    if actor.role is Role.SYSTEM:
        return rows
    area = actor.effective.area_path
    if not area:
        return rows.none()
    return rows.filter(
        Q(**paths.subtree("under__path", area)) | Q(under__path__in=paths.line(area), stage=Campaign.Stage.CONCLUDED)
    )


_OWN = Kept(
    3,
    lambda ref, low, high: (
        Campaign.objects.select_related(*RELATED).filter(ref=ref, under__path__gte=low, under__path__lt=high).order_by()
    ),
)
"""A campaign beneath an area; composing this query took half of the page."""


def campaign_for(actor: Actor, ref: str) -> Campaign:
    """One campaign within sight.

    Nearly always it lies beneath one's own area, so that is asked first; the whole of what one may see only then.

    Raises:
        Refused: ``not_found``.
    """
    area, found = actor.effective.area_path, None
    if area:
        found = next(iter(_OWN.ask(ref, *paths.span(area))), None)
    found = found or campaigns_seen(actor).filter(ref=ref).first()
    if found is None:
        raise Refused("not_found")
    return found


def lock_campaign(actor: Actor, ref: str, version: int) -> Campaign:
    """The same, locked until the transaction ends, in the version that was looked at.

    Raises:
        Refused: ``not_found``, ``stale_version``.
    """
    if not campaigns_seen(actor).filter(ref=ref).exists():
        raise Refused("not_found")
    found = Campaign.objects.select_for_update(of=("self",)).select_related(*RELATED).get(ref=ref)
    require_version(version, found.version, ref=found.ref)
    return found


def sees_order(actor: Actor, campaign: Campaign) -> bool:
    """Whether the actor may see seed and order now: the side that leads it and its auditors; everybody at the end."""
    if campaign.stage in OVER or actor.role is Role.SYSTEM:
        return True
    area = campaign.by_post.unit.area.path
    return campaigns.leads(actor, area) or (actor.role is Role.AUDITOR and actor.effective.area_path == area)


def facts_of(campaign: Campaign) -> campaigns.Facts:
    """What the rules are told of a campaign; three statements at most."""
    certificate = certificate_of(campaign)
    visitors: frozenset[int] = frozenset()
    if campaign.stage == Campaign.Stage.CONCLUDED and certificate is None:
        users = campaign.visits.values_list("by_user", flat=True).distinct()
        visitors = frozenset(user for user in users if user is not None)
    return campaigns.Facts(
        stage=campaign.stage,
        outcome=campaign.outcome,
        owner_area_path=campaign.by_post.unit.area.path,
        proposed_by=campaign.by_user,
        visitors=visitors,
        has_certificate=certificate is not None,
        withdrawn=certificate is not None and certificate.withdrawn_at is not None,
    )


def certificate_of(campaign: Campaign) -> Certificate | None:
    """The certificate of a campaign, if it has one."""
    if campaign.stage != Campaign.Stage.CONCLUDED:
        return None
    return Certificate.objects.filter(campaign=campaign).first()


def certificate_for(actor: Actor, ref: str) -> Certificate:
    """One certificate of a campaign within sight.

    Raises:
        Refused: ``not_found``.
    """
    found = Certificate.objects.filter(ref=ref, campaign__in=campaigns_seen(actor)).select_related("by_post__unit")
    one = found.first()
    if one is None:
        raise Refused("not_found")
    one.campaign = campaigns_seen(actor).get(pk=one.campaign_id)
    return one


# --- The frame --------------------------------------------------------------------------------------------------------


def reported_complete(*, programme: Programme, matter: Matter | None, under: Unit, level: str) -> QuerySet[Commitment]:
    """What a frame is made of: open tasks of that level beneath the unit that say 100 % and have no parts（抽样框）.

    What was sent back since, is handled off the system or waits for an objection's decision is not drawn.
    """
    rows = Commitment.objects.filter(
        programme=programme,
        kind=Kind.TASK,
        state__in=REPORTED,
        said=100,
        last_report_returned=False,
        off_system=False,
        open_objections=0,
        children_count=0,
        lead__level=level,
        **paths.subtree("lead_path", under.path),
    )
    return rows.filter(matter=matter) if matter else rows


def stratum_of(path: str, under_path: str) -> int:
    """The unit directly beneath the campaign's in which a place lies; the place itself where nothing lies between."""
    steps, above = ids(path), len(ids(under_path))
    return steps[above] if len(steps) > above else steps[-1]


def frame_rows(campaign: Campaign) -> list[tuple[str, str, str]]:
    """Code, number of the commitment and name of every place, as they were frozen."""
    return list(campaign.places.order_by("code").values_list("code", "commitment__ref", "name"))


def order_rows(campaign: Campaign) -> list[tuple[int, str, str, str, str]]:
    """Position, code, number, name and stratum in the order of the draw."""
    rows = campaign.places.filter(position__isnull=False).order_by("position")
    return [
        (position or 0, code, ref, name, stratum)
        for position, code, ref, name, stratum in rows.values_list(
            "position", "code", "commitment__ref", "name", "stratum__name"
        )
    ]


def frame_file(campaign: Campaign) -> str:
    """The published list as text; its SHA-256 in UTF-8 is the digest of the frame."""
    return sampling.frame_text(frame_rows(campaign))


def order_file(campaign: Campaign) -> str:
    """The order as CSV, with seed and digest in the first line for whoever redoes it."""
    out = io.StringIO()
    out.write(f"# {campaign.ref}; frame {campaign.frame_digest}; seed {campaign.seed}\n")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("position", "code", "ref", "name", "stratum"))
    writer.writerows(order_rows(campaign))
    return out.getvalue()


# --- The reading ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """What the verdicts say of one stratum; it stands for itself and adds nothing to the others."""

    unit: int
    name: str
    places: int
    visits: int
    false: int
    unknown: int
    verdict: Verdict
    lot: Lot
    lot_visits: int

    @property
    def holds(self) -> int:
        """Visits at which what was reported was found."""
        return self.visits - self.false - self.unknown


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a campaign stands: the reading of the places visited without a gap, and what is not read yet."""

    reading: Reading
    sensitivity_bp: int
    lines: tuple[Line, ...]
    gap: int | None
    """The first place of the order without a verdict, when later ones have one."""
    waiting: int
    """Verdicts behind the gap, not read yet."""
    open: int
    """Visits handed out without a verdict; on a page those whose day has come, in an act all of them."""


Verdicts = list[tuple[int, int, bool | None]]
"""Position, stratum and what was found (``None``: could not be reached), in the order of the draw."""
DRAWN = Q(kind=Visit.Kind.DRAWN)
TOLD = Q(state__in=(Visit.State.DONE, Visit.State.UNREACHABLE))
TO_MAKE = DRAWN & Q(state=Visit.State.ASSIGNED)


def verdicts_of(campaign: Campaign) -> Verdicts:
    """The verdicts of visits drawn by lot, in the order of the draw（计入判读的走访）; one statement.

    Nothing else is ever read: a blind second visit tells how well is looked, a directed one or a look-back catches.
    """
    rows = Visit.objects.filter(DRAWN, TOLD, campaign=campaign).order_by("place__position")
    told = rows.values_list("place__position", "place__stratum", "holds")
    return [(position or 0, stratum, holds) for position, stratum, holds in told]


@dataclass(frozen=True, slots=True)
class Tally:
    """The verdicts of one stratum, counted."""

    visits: int = 0
    false: int = 0
    unknown: int = 0
    last: int = 0
    """The last position of the order."""


def told_visits(campaign: Campaign) -> QuerySet[Visit]:
    """Drawn visits with a verdict; as :func:`verdicts_of`, to be counted where they lie."""
    return Visit.objects.filter(DRAWN, TOLD, campaign=campaign).order_by()


def tallies(visits: QuerySet[Visit]) -> dict[int, Tally]:
    """Stratum → its verdicts, counted by the database; one statement."""
    rows = visits.values("place__stratum").annotate(
        visits=Count("pk"),
        false=Count("pk", filter=Q(holds=False)),
        unknown=Count("pk", filter=Q(holds=None)),
        last=Max("place__position"),
    )
    told = rows.values_list("place__stratum", "visits", "false", "unknown", "last")
    return {stratum: Tally(*counts) for stratum, *counts in told}


def before_gap(visits: QuerySet[Visit]) -> int:
    """How many verdicts stand before the first place that has none, where there is such a gap: only these are read."""
    nth = Window(RowNumber(), order_by="place__position")
    late = visits.annotate(nth=nth).filter(nth__lt=F("place__position")).order_by("nth")
    return int(late.values_list("nth", flat=True)[0]) - 1


def first_verdicts(visits: QuerySet[Visit]) -> dict[int, list[bool | None]]:
    """Stratum → its first verdicts in the order of the draw, as many as lot quality looks at; one statement."""
    nth = Window(RowNumber(), partition_by=F("place__stratum"), order_by="place__position")
    rows = visits.annotate(nth=nth).filter(nth__lte=sampling.LQAS_VISITS).order_by("place__stratum", "nth")
    found: dict[int, list[bool | None]] = {}
    for stratum, holds in rows.values_list("place__stratum", "holds"):
        found.setdefault(stratum, []).append(holds)
    return found


@lru_cache(maxsize=1024)
def _read(size: int, claim: int, risk: int, visits: int, false: int, unknown: int, sensitivity: int) -> Reading:
    return sampling.read(size, claim / BP, risk / BP, visits, false, sensitivity / BP, unknown=unknown)


@lru_cache(maxsize=8192)
def _verdict(size: int, claim: int, risk: int, visits: int, false: int, unknown: int, sensitivity: int) -> Verdict:
    return sampling.verdict(size, claim / BP, risk / BP, visits, false, sensitivity / BP, unknown=unknown)


def sensitivity_bp(campaign: Campaign) -> int:
    """The share of false ones that the verifiers find, in basis points: as it was at the end, else as it is now."""
    return campaign.sensitivity_bp or blind.sensitivity(campaign).mean_bp


def read_campaign(campaign: Campaign, today: date | None = None) -> Standing:
    """Read a campaign as it stands（判读）; the number of statements does not grow with places or visits.

    Args:
        campaign: the campaign, its frame frozen.
        today: the day of looking, where somebody reads it: a visit of a later day is told of nowhere. ``None``: an act,
            which waits for every visit that was handed out.

    Raises:
        Refused: ``campaign_stage`` before the frame is frozen.
    """
    if not campaign.frame_size:
        raise Refused("campaign_stage", stage=campaigns.STAGE_NAMES[campaign.stage])
    visits = told_visits(campaign)
    counted = tallies(visits)
    told = end = sum(one.visits for one in counted.values())
    if told < max((one.last for one in counted.values()), default=0):
        end = before_gap(visits)
        visits = visits.filter(place__position__lte=end)
        counted = tallies(visits)
    se = sensitivity_bp(campaign)
    terms = campaign.claim_bp, campaign.risk_bp
    false, unknown = (sum(getattr(one, name) for one in counted.values()) for name in ("false", "unknown"))
    return Standing(
        reading=_read(campaign.frame_size, *terms, end, false, unknown, se),
        sensitivity_bp=se,
        lines=tuple(_lines(campaign, counted, first_verdicts(visits), se)),
        gap=end + 1 if end < told else None,
        waiting=told - end,
        open=campaign.visits.filter(TO_MAKE, _revealed(today)).count(),
    )


def _revealed(today: date | None) -> Q:
    return Q() if today is None else Q(day__lte=today)


_VISITS = Visit._meta.db_table
_kept: dict[int, tuple[Hashable, Hashable, Standing]] = {}
_KEPT = 256
"""Campaigns whose standing is kept in a process."""


def forget() -> None:
    """Read campaigns anew; between tests."""
    _kept.clear()


def shown_standing(campaign: Campaign, today: date) -> Standing:
    """The standing as pages show it on a day（展示判读）: read anew only when something that it shows has changed.

    That is a visit, the verifiers' sensitivity, or what a unit is called: strata have the names of today. Each of them
    is changed by an act with an entry: while the ledger stands still one statement is enough, and after an act
    elsewhere the visits are counted, not read. Whoever gets the same object sees the same.
    Acts read with :func:`read_campaign`.

    Raises:
        Refused: ``campaign_stage`` before the frame is frozen.
    """
    entries = mark(), campaign.version, today  # before the visits: what is kept is never taken for newer than it is
    kept = _kept.get(campaign.pk)
    if kept is not None and kept[0] == entries:
        return kept[2]
    found = campaign.version, campaign.frame_digest, campaign.sensitivity_bp, today, *_counted(campaign, today)
    standing = kept[2] if kept is not None and kept[1] == found else read_campaign(campaign, today)
    if len(_kept) >= _KEPT:
        _kept.clear()
    _kept[campaign.pk] = entries, found, standing
    return standing


_COUNTED = (
    "SELECT COUNT(*), SUM(version), MAX(recorded_at), COUNT(*) FILTER (WHERE holds = false), "  # noqa: S608 - our tables
    "COUNT(*) FILTER (WHERE state = 'assigned' AND day <= %s), "
    f"(SELECT SUM(b.version + f.version) FROM {_VISITS} b JOIN {_VISITS} f ON f.id = b.first_id "
    f"JOIN {Campaign._meta.db_table} c ON c.id = b.campaign_id WHERE b.kind = 'blind' AND c.programme_id = %s), "
    f"(SELECT MAX(id) FROM {UnitChange._meta.db_table}) FROM {_VISITS} WHERE campaign_id = %s AND kind = 'drawn'"
)
"""Everything a standing is made of, counted: each act on a visit raises its version, each renaming leaves a row."""


def _counted(campaign: Campaign, today: date) -> tuple[Any, ...]:
    with planned() as cursor:
        day = connection.ops.adapt_datefield_value(today)
        cursor.execute(_COUNTED, [day, campaign.programme_id, campaign.pk])
        found: tuple[Any, ...] = cursor.fetchone()
    return found


def _lines(
    campaign: Campaign, counted: Mapping[int, Tally], first: Mapping[int, list[bool | None]], se: int
) -> Iterable[Line]:
    sizes = campaign.places.order_by().values("stratum", "stratum__name", "stratum__path").annotate(n=Count("pk"))
    for row in sorted(sizes, key=lambda row: row["stratum__path"]):
        found = counted.get(row["stratum"], Tally())
        visits, bad = sampling.first_nineteen(first.get(row["stratum"], []))
        terms = row["n"], campaign.claim_bp, campaign.risk_bp
        yield Line(
            unit=row["stratum"],
            name=row["stratum__name"],
            places=row["n"],
            visits=found.visits,
            false=found.false,
            unknown=found.unknown,
            verdict=_verdict(*terms, found.visits, found.false, found.unknown, se),
            lot=sampling.lot(visits, bad),
            lot_visits=visits,
        )


def visited_places(campaign: Campaign, *, stratum: int | None = None, after: int = 0) -> QuerySet[Visit]:
    """Drawn visits with a verdict, in the order of the draw（已访抽样单元）."""
    rows = Visit.objects.filter(DRAWN, TOLD, campaign=campaign, place__position__gt=after)
    if stratum:
        rows = rows.filter(place__stratum=stratum)
    return rows.select_related("place__stratum", "commitment").order_by("place__position")


# --- The certificate --------------------------------------------------------------------------------------------------


def certified_content(campaign: Campaign) -> dict[str, Any]:
    """What a certificate binds, as data anybody can digest again: frame, seed, verdicts by position, reading."""
    standing = read_campaign(campaign)
    reading = standing.reading
    positions = dict(campaign.places.filter(position__isnull=False).values_list("position", "code"))
    end = reading.visits
    words = {True: "true", False: "false", None: "unknown"}
    return {
        "campaign": campaign.ref,
        "claim": {"places": campaign.frame_size, "fewer_false_than": reading.limit, "share_bp": campaign.claim_bp},
        "risk_bp": campaign.risk_bp,
        "sensitivity_bp": standing.sensitivity_bp,
        "frame_sha256": campaign.frame_digest,
        "seed": campaign.seed,
        "verdicts": [[at, positions[at], words[holds]] for at, _stratum, holds in verdicts_of(campaign)[:end]],
        "reading": {
            "verdict": reading.verdict.value,
            "visits": reading.visits,
            "false": reading.false,
            "unknown": reading.unknown,
            "low": reading.low,
            "high": reading.high,
        },
    }


def content_digest(content: dict[str, Any]) -> str:
    """SHA-256 (hex) of the content as JSON with sorted keys, no spaces, UTF-8."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def to_close(campaign: Campaign) -> list[str]:
    """Numbers of what a certificate may strike off: places of the frame that nobody found false or failed to reach.

    The directed visits that found something false do not change the certificate; but what is known to be false is not
    struck off by it.
    """
    about = OuterRef("commitment")
    bad = Visit.objects.filter(
        Q(holds=False) | Q(state=Visit.State.UNREACHABLE, kind=Visit.Kind.DRAWN), commitment=about
    )
    excepted = CertificateException.objects.filter(certificate__campaign=campaign, commitment=about)
    rows = campaign.places.filter(~Exists(bad), ~Exists(excepted), commitment__state__in=REPORTED)
    return list(rows.order_by("code").values_list("commitment__ref", flat=True))


def closing_job(campaign: str) -> Job | None:
    """The job that is striking off what the certificate of a campaign speaks for, while it waits or runs."""
    live = (JobState.QUEUED, JobState.RUNNING)
    return Job.objects.filter(kind=CLOSE_CERTIFIED, state__in=live, args__campaign=campaign).first()


def closed_by(certificate: Certificate) -> int:
    """How many commitments stand struck off by a certificate now, and for how many of them it still speaks."""
    rows = Verification.objects.filter(certificate=certificate.ref, commitment__state=State.CLOSED)
    excepted = certificate.exceptions.values("commitment")
    return rows.exclude(commitment__in=excepted).values("commitment").distinct().count()


def certificate_named(commitment: Commitment) -> str:
    """The number of the certificate by which a commitment stands struck off; empty when it was another way."""
    if commitment.state != State.CLOSED:
        return ""
    last = Verification.objects.filter(commitment=commitment).order_by("-id").values_list("certificate", flat=True)
    return next(iter(last[:1]), "")
