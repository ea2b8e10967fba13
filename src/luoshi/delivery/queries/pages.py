"""Read models of the pages（页面读模型）: all that one page shows, in statements whose number rows do not change."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Prefetch, Q, QuerySet

from luoshi.accounts.models import User
from luoshi.delivery.events import CommitmentReported
from luoshi.delivery.models import (
    Application,
    BreakdownApproval,
    Brief,
    Commitment,
    Evidence,
    Matter,
    Programme,
    Report,
    Request,
    ShortLink,
    SubMatter,
    Verification,
)
from luoshi.delivery.models.commitments import local
from luoshi.delivery.queries.register import commitment_for, possible_leads, visible
from luoshi.delivery.queries.totals import cells
from luoshi.ledger.models import Entry
from luoshi.ledger.queries import about, entries_for, number_of, said
from luoshi.rules import lifecycle, lights, paths, rollup
from luoshi.rules.lifecycle import Kind, State
from luoshi.rules.permissions import Actor, Role
from luoshi.rules.refusals import Refused
from luoshi.units.models import Post, Unit
from luoshi.units.queries import find_unit

SHOWN_PARTS = 200
"""Parts listed on one page; the counts are of all."""
SHOWN_REPORTS = 20
OFFERED_UNITS = 300
WORST_FIRST = {"red": 0, "yellow": 1, "grey": 2, "green": 3, "blue": 4}


ORIGINS: list[Callable[[Commitment], str]] = []
"""Applications above say here where the words of a commitment come from: each gives an address, or ""."""


def origin_of(commitment: Commitment) -> str:
    """The address of the page that shows the words a commitment stands on in their document（原文出处）; "" if none."""
    return next((address for tell in ORIGINS if (address := tell(commitment))), "")


@dataclass(frozen=True, slots=True)
class Card:
    """A card that an application above puts on the page of a commitment: its template and what it is told."""

    template: str
    told: Any


CARDS: list[Callable[[Actor, Commitment, lights.Light, datetime], Card | None]] = []
"""Applications above say here what they have to show beside a commitment; each gives a card, or nothing."""


def cards_of(actor: Actor, commitment: Commitment, light: lights.Light, at: datetime) -> list[Card]:
    """What applications above show beside a commitment（旁栏卡片）; permission is theirs."""
    return [card for tell in CARDS if (card := tell(actor, commitment, light, at)) is not None]


@dataclass(frozen=True, slots=True)
class Line:
    """One part with its light."""

    part: Commitment
    light: lights.Light


@dataclass(frozen=True, slots=True)
class Parts:
    """往下: the parts one level below, how far each step has come, and who is missing by name."""

    total: int
    lines: Sequence[Line]
    accepted: int = 0
    broken_down: int = 0
    named: int = 0
    reported: int = 0
    not_accepted: Sequence[str] = ()
    not_named: Sequence[str] = ()
    not_reported: Sequence[str] = ()

    @property
    def hidden(self) -> int:
        """How many are not listed: beyond the page or beyond what the post may see."""
        return self.total - len(self.lines)


@dataclass(frozen=True, slots=True)
class Step:
    """经过: one entry of the ledger about the commitment."""

    entry: Entry
    number: int | None
    data: dict[str, Any]
    post: Post | None
    behalf: Post | None


@dataclass(frozen=True, slots=True)
class Above:
    """One commitment higher up; only those in sight are linked."""

    commitment: Commitment
    seen: bool


def parts_of(actor: Actor, commitment: Commitment, at: datetime) -> Parts:
    """The parts of a commitment that the actor may see, worst light first; one statement."""
    if not commitment.children_count:
        return Parts(0, ())
    below = visible(actor).filter(parent=commitment).exclude(state=State.WITHDRAWN).exclude(kind=Kind.PERIOD)
    rows = list(below.order_by("lead_path", "ref"))
    lines = []
    for row in rows:
        row.programme = commitment.programme
        lines.append(Line(row, lights.light(row.light_facts(), at)))
    lines.sort(key=lambda line: WORST_FIRST.get(line.light.colour, 9))
    waiting = {State.DRAFT, State.ISSUED, State.DECLINED}
    late = [row.lead.name for row in rows if State(row.state) in waiting]
    unnamed = [row.lead.name for row in rows if row.lead_post_id is None]
    silent = [row.lead.name for row in rows if not row.reports_count]
    return Parts(
        total=commitment.children_count,
        lines=lines[:SHOWN_PARTS],
        accepted=len(rows) - len(late),
        broken_down=sum(1 for row in rows if row.children_count),
        named=len(rows) - len(unnamed),
        reported=len(rows) - len(silent),
        not_accepted=late,
        not_named=unnamed,
        not_reported=silent,
    )


def periods_of(actor: Actor, duty: Commitment, at: datetime, limit: int = 12) -> list[Line]:
    """The newest periods of a standing duty（期次）; nothing for other kinds."""
    if duty.kind != Kind.DUTY:
        return []
    rows = list(visible(actor).filter(parent=duty, kind=Kind.PERIOD).order_by("-period_from_on")[:limit])
    for row in rows:
        row.programme = duty.programme
    return [Line(row, lights.light(row.light_facts(), at)) for row in rows]


def above(actor: Actor, commitment: Commitment) -> list[Above]:
    """The chain upwards, the highest first; at most one statement a level, and the tree has few."""
    chain: list[Commitment] = []
    parent_id = commitment.parent_id
    while parent_id is not None and len(chain) < 10:
        found = Commitment.objects.select_related("lead").get(pk=parent_id)
        chain.append(found)
        parent_id = found.parent_id
    if not chain:
        return []
    seen = set(visible(actor).filter(pk__in=[one.pk for one in chain]).values_list("pk", flat=True))
    return [Above(one, one.pk in seen) for one in reversed(chain)]


def entry_of_report(report: Report) -> int | None:
    """The id of the ledger entry of a report: of its commitment, of its moment; one statement."""
    acts = Entry.objects.filter(pk__in=about(report.commitment.ref).values("entry_id"))
    found = acts.filter(type=CommitmentReported.TYPE, ts=report.recorded_at)
    return found.order_by("pk").values_list("pk", flat=True).first()


def steps(ref: str, *, before: int | None = None, limit: int = 50) -> list[Step]:
    """The entries about a commitment, newest first, with the posts that acted; permission is the caller's."""
    entries = entries_for(ref, before=before, limit=limit)
    refs = {ref for entry in entries for ref in (entry.actor_post, entry.on_behalf_of) if ref}
    posts = {post.ref: post for post in Post.objects.filter(ref__in=refs).select_related("unit")}
    return [
        Step(
            entry,
            number_of(entry),
            said(entry),
            posts.get(entry.actor_post),
            posts.get(entry.on_behalf_of or ""),
        )
        for entry in entries
    ]


def reports_of(commitment: Commitment, limit: int = SHOWN_REPORTS) -> list[Report]:
    """The newest reports with their evidence."""
    evidence = Prefetch("evidence", Evidence.objects.select_related("file"))
    rows = commitment.reports.select_related("by_post__unit", "for_unit").prefetch_related(evidence)
    return list(rows[:limit])


def evidence_for(actor: Actor, ref: str, evidence_id: int) -> Evidence:
    """One stored file behind a report of one commitment, with permission.

    Raises:
        Refused: ``not_found``.
    """
    commitment = commitment_for(actor, ref)
    rows = Evidence.objects.filter(report__commitment=commitment, pk=evidence_id, file__isnull=False)
    found = rows.select_related("file").first()
    if found is None:
        raise Refused("not_found")
    return found


def course(commitment: Commitment, verifications: Iterable[Verification]) -> list[tuple[date, int | None, int | None]]:
    """Said and verified by day, oldest first（报与核的过程）; the last figure of a day counts. One statement."""
    days: dict[date, list[int | None]] = {}
    rows = commitment.reports.order_by("-id").values_list("occurred_at", "percent")[:400]
    for moment, percent in reversed(list(rows)):
        day = local(moment)
        if day is not None:
            days.setdefault(day, [None, None])[0] = percent
    for one in reversed(list(verifications)):
        day = local(one.at)
        if day is not None:
            days.setdefault(day, [None, None])[1] = one.percent
    return [(day, pair[0], pair[1]) for day, pair in sorted(days.items())]


def persons(user_ids: Iterable[int | None]) -> dict[int, str]:
    """The shown names of users by id, one statement; 0 (the clock, a short link) has none."""
    wanted = {user_id for user_id in user_ids if user_id}
    return {user.pk: user.shown_name for user in User.objects.filter(pk__in=wanted)} if wanted else {}


def hands_of(commitment: Commitment) -> tuple[Application | None, Verification | None]:
    """Who applied and who verified last: the first two of three hands."""
    application = commitment.applications.select_related("by_post__unit").first()
    verification = commitment.verifications.filter(final=True).select_related("by_post__unit").first()
    return application, verification


def approval_waiting(commitment: Commitment) -> BreakdownApproval | None:
    """A recorded approval of a deeper breakdown that has not been used."""
    return commitment.breakdown_approvals.filter(used=False).select_related("by_post__unit").first()


def units_offered(actor: Actor) -> tuple[list[tuple[int, str]], bool]:
    """Units that may lead, nearest first, and whether these are all; one statement."""
    rows = list(
        possible_leads(actor).order_by("path").values_list("pk", "name", "area__name", "kind")[: OFFERED_UNITS + 1]
    )
    if len(rows) > OFFERED_UNITS:
        home = paths.own_id(actor.effective.area_path)
        near = possible_leads(actor).filter(Q(parent_id=home) | Q(pk=home)).order_by("path")
        rows = list(near.values_list("pk", "name", "area__name", "kind")[:OFFERED_UNITS])
        return [(pk, name) for pk, name, _area, _kind in rows], False
    names = [row[1] for row in rows]
    return [(pk, name if names.count(name) == 1 else f"{name} ({area})") for pk, name, area, _kind in rows], True


def unit_named(actor: Actor, text: str) -> int:
    """The id of the unit meant by a name or code, if it may lead.

    Raises:
        Refused: what ``find_unit`` refuses, or ``lead_outside``.
    """
    home = Unit.objects.filter(path=actor.effective.area_path).first()
    unit = find_unit(text, home)
    if not possible_leads(actor).filter(pk=unit.pk).exists():
        raise Refused("lead_outside")
    return unit.pk


def below_offered(commitment: Commitment) -> list[tuple[int, str]]:
    """Units one level below that receive and have no part yet."""
    taken = commitment.children.exclude(state=State.WITHDRAWN).values("lead")
    rows = Unit.objects.filter(
        parent=commitment.lead.area_id, kind="area", receives=True, valid_until__isnull=True
    ).exclude(pk__in=taken)
    return list(rows.order_by("path").values_list("pk", "name"))


def posts_offered(commitment: Commitment, *, own: bool) -> list[tuple[str, str]]:
    """Posts that can be named for the work, or, with ``own``, that a short link can be for."""
    rows = Post.objects.filter(active=True, role__in=[Role.HEAD, Role.OFFICE, Role.HANDLER]).select_related("unit")
    lead = commitment.lead
    rows = rows.filter(unit=lead) if own else rows.filter(**paths.subtree("unit__path", lead.path))
    return [
        (post.ref, f"{post.unit.name} · {post.title}") for post in rows.order_by("unit__path", "ref")[:OFFERED_UNITS]
    ]


def live_links(commitment: Commitment, at: datetime) -> QuerySet[ShortLink]:
    """Short links that still open."""
    return commitment.links.filter(revoked_at__isnull=True, expires_at__gt=at).select_related("post__unit")


def link_by_digest(digest: str) -> ShortLink | None:
    """The short link of a secret's digest, whatever its state, with all that its page shows."""
    return (
        ShortLink.objects.select_related(
            "post__unit__area",
            "commitment__lead__area",
            "commitment__issuer",
            "commitment__programme",
            "commitment__matter",
        )
        .filter(digest=digest)
        .first()
    )


@dataclass(frozen=True, slots=True)
class MatterLine:
    """One matter with its parts and what the reader's own area has said and had verified."""

    matter: Matter
    parts: Sequence[SubMatter]
    summary: rollup.Summary


def matters_of(actor: Actor, programme: Programme) -> list[MatterLine]:
    """Matters with parts and the cell of the actor's own area; four statements."""
    matters = list(programme.matters.order_by("number"))
    parts: dict[int, list[SubMatter]] = {}
    for part in SubMatter.objects.filter(matter__programme=programme).order_by("matter__number", "number"):
        parts.setdefault(part.matter_id, []).append(part)
    area = actor.effective.area_path
    home = paths.own_id(area) or programme.owner_id
    sums = cells([home], matters)
    return [
        MatterLine(matter, parts.get(matter.pk, []), sums.get((home, matter.pk), rollup.ZERO)) for matter in matters
    ]


def drafts_of(actor: Actor, programme: Programme, limit: int = 50) -> list[Commitment]:
    """Drafts of the actor's own unit, waiting to be issued."""
    rows = visible(actor).filter(programme=programme, state=State.DRAFT, issuer_id=actor.effective.unit_id)
    return list(rows.order_by("-id")[:limit])


def foremost(actor: Actor, programme: Programme, at: datetime, limit: int = 30) -> list[Line]:
    """The highest commitments of a programme within sight, worst light first; one statement."""
    area = actor.effective.area_path
    rows = visible(actor).filter(programme=programme).exclude(state__in=[State.DRAFT, State.WITHDRAWN])
    if area:
        inside = Q(**paths.subtree("parent__lead_path", area))
        rows = rows.filter(Q(parent__isnull=True) | ~inside)
    lines = [Line(row, lights.light(row.light_facts(), at)) for row in rows.order_by("due_on", "ref")[:400]]
    lines.sort(key=lambda line: WORST_FIRST.get(line.light.colour, 9))
    return lines[:limit]


def brief_meant(commitment: Commitment) -> Brief | None:
    """The oldest brief nobody has read（待阅报告）."""
    return commitment.briefs.filter(read_at__isnull=True).select_related("by_post__unit").order_by("id").first()


def request_meant(commitment: Commitment, actor: Actor) -> Request | None:
    """The oldest open question that lies with the actor, else the oldest（待批复请示）."""
    waiting = commitment.requests.filter(replied_at__isnull=True).order_by("id")
    rows = list(waiting.select_related("lies_with__area", "by_post__unit", "commitment__issuer__area")[:20])
    return next((one for one in rows if lifecycle.answers_for(one.asked(), actor)), rows[0] if rows else None)
