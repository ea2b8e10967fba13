"""The pool of verifiers as the rules see it（核查员库）: who is in it, where they sit and sat, what they have met."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from luoshi.assurance.models import Verifier, Visit
from luoshi.delivery.models import Application, Commitment, Programme, Report, Verification
from luoshi.rules import paths
from luoshi.rules.eligibility import Candidate, Paid, Seated, Spot, Target, Tie, a_year_before
from luoshi.rules.permissions import Role
from luoshi.units.models import Deputyship, Holding, Post, Unit, UnitChange
from luoshi.units.queries import holders_on


def members(programme: Programme, day: date) -> QuerySet[Verifier]:
    """Who is in the pool of a programme on a day, in the order of the tree."""
    rows = Verifier.objects.filter(programme=programme, since_on__lte=day, post__active=True)
    rows = rows.filter(Q(until_on__isnull=True) | Q(until_on__gt=day))
    return rows.select_related("post__unit__area").order_by("post__unit__path", "post__ref")


def may_join(programme: Programme, day: date) -> QuerySet[Post]:
    """Verifier posts beneath the programme's owner that are not in its pool, in the order of the tree."""
    inside = members(programme, day).values("post")
    posts = Post.objects.filter(role=Role.VERIFIER.value, active=True, unit__valid_until__isnull=True)
    within = Q(**paths.subtree("unit__path", programme.owner.area.path)) | Q(unit__kind="body")
    return posts.filter(within).exclude(pk__in=inside).select_related("unit__area").order_by("unit__path", "ref")


@dataclass(frozen=True, slots=True)
class Moved:
    """Where units stood before they moved: the old beginning of their path, the new one, and until when."""

    old: str
    new: str
    until: date


def _moves(found: Iterable[str], since: date) -> list[Moved]:
    """Moves after ``since`` of the units on these paths or of any above them; one statement."""
    ids = {unit for path in found for unit in paths.ids(path)}
    rows = UnitChange.objects.filter(unit__in=ids, on__gt=since).exclude(old_path="").order_by("on", "id")
    return [Moved(row.old_path, row.new_path, row.on) for row in rows if row.old_path != row.new_path]


def _spots(unit: Unit, moves: Sequence[Moved]) -> tuple[Spot, ...]:
    """Where a unit stands, and where it stood before it or a unit above it moved."""
    found = [Spot(unit.path, unit.area.path)]
    for one in moves:
        if paths.within(unit.path, one.new):
            old = one.old + unit.path[len(one.new) :]
            found.append(Spot(old, old if unit.is_area else paths.parent(old), one.until))
    return tuple(found)


def candidates(programme: Programme, day: date) -> list[Candidate]:
    """The pool on a day as the lot sees it: held posts, with every seat tied to them within the year.

    Seven statements, whatever the size of the pool.
    """
    since = a_year_before(day)
    posts = [row.post for row in members(programme, day)]
    held = holders_on(posts, day)
    posts = [post for post in posts if post.pk in held and held[post.pk].is_active]
    users = {held[post.pk].pk for post in posts}
    counts = Q(until_on__isnull=True) | Q(until_on__gt=since)
    holdings = list(Holding.objects.filter(counts, user__in=users, from_on__lte=day).select_related("post__unit__area"))
    own = {post.pk for post in posts} | {row.post_id for row in holdings}
    ties = list(
        Deputyship.objects.filter(counts, from_on__lte=day)
        .filter(Q(principal__in=own) | Q(deputy__in=own))
        .select_related("principal__unit__area", "deputy__unit__area")
    )
    tied_posts = {pk for tie in ties for pk in (tie.principal_id, tie.deputy_id)}
    tied_users: dict[int, set[int]] = defaultdict(set)
    for post, user in Holding.objects.filter(counts, post__in=tied_posts, from_on__lte=day).values_list(
        "post_id", "user_id"
    ):
        tied_users[post].add(user)
    units = {post.unit for post in posts} | {row.post.unit for row in holdings}
    units |= {post.unit for tie in ties for post in (tie.principal, tie.deputy)}
    moves = _moves({unit.path for unit in units}, since)
    by_user: dict[int, list[Holding]] = defaultdict(list)
    for row in holdings:
        by_user[row.user_id].append(row)
    found = []
    for post in posts:
        user = held[post.pk].pk
        mine = {post.pk} | {row.post_id for row in by_user[user]}
        others: list[Seated] = [Seated(spot, Tie.EARLIER) for spot in _spots(post.unit, moves)[1:]]
        for row in by_user[user]:
            if row.post_id == post.pk:
                continue
            over = row.until_on is not None and row.until_on <= day
            for spot in _spots(row.post.unit, moves):
                ended = row.until_on if over else spot.until
                others.append(
                    Seated(Spot(spot.unit_path, spot.area_path, ended), Tie.EARLIER if over or spot.until else Tie.OWN)
                )
        kin: set[int] = set()
        for tie in ties:
            for here, there in ((tie.principal, tie.deputy), (tie.deputy, tie.principal)):
                if here.pk not in mine:
                    continue
                kin |= tied_users[there.pk]
                others += [
                    Seated(Spot(spot.unit_path, spot.area_path, tie.until_on or spot.until), Tie.DEPUTY)
                    for spot in _spots(there.unit, moves)
                ]
        found.append(
            Candidate(post.pk, post.ref, user, _spots(post.unit, moves)[0], tuple(others), frozenset(kin - {user}))
        )
    return found


def targets(
    commitments: Sequence[Commitment], units: Sequence[Unit], *, ordered_by: str, codes: Sequence[str], day: date
) -> list[Target]:
    """The units of some commitments as the rules of eligibility see them, in the same order; five statements.

    Args:
        commitments: with ``lead__area`` and ``issuer__area``.
        units: for each of them the unit that is visited, with its area.
        ordered_by: path of the area that has the visits made; the line is looked at up to it or to the issuer's.
        codes: for each what the lot calls it.
        day: the day of the visits.
    """
    pks = [one.pk for one in commitments]
    took: dict[int, set[int]] = defaultdict(set)
    for rows in (Application.objects, Verification.objects):
        for pk, user, kin in rows.filter(commitment__in=pks).values_list("commitment_id", "by_user", "kin"):
            took[pk] |= {user, *kin}
    for pk, user in _reporters(commitments):
        took[pk].add(user)
    moves = _moves({unit.path for unit in units}, a_year_before(day))
    found = []
    for one, unit, code in zip(commitments, units, codes, strict=True):
        issuer = one.issuer.area.path
        closing = ordered_by if not issuer or (ordered_by and paths.within(issuer, ordered_by)) else issuer
        found.append(
            Target(
                unit_id=unit.pk,
                code=code,
                spots=_spots(unit, moves) + (() if one.lead_id == unit.pk else _spots(one.lead, ())),
                closing_path=closing,
                line=frozenset({*one.line_units, one.issuer_id}),
                took_part=frozenset(took[one.pk]),
            )
        )
    return found


def _reporters(commitments: Sequence[Commitment]) -> list[tuple[int, int]]:
    """Commitment and user of everybody who held a post that reported on it（报告人）; two statements."""
    rows = Report.objects.filter(commitment__in=commitments).order_by().values_list("commitment_id", "by_post_id")
    reported = set(rows)
    users: dict[int, set[int]] = defaultdict(set)
    for post, user in Holding.objects.filter(post__in={post for _pk, post in reported}).values_list(
        "post_id", "user_id"
    ):
        users[post].add(user)
    return [(pk, user) for pk, post in reported for user in users[post]]


def past_visits(day: date, *, made_by: date | None = None) -> list[Paid]:
    """Every visit of the twelve months before a day, and those handed out for days to come; one statement.

    A visit that its verifier handed back counts too: the same lot would fall on the same post again.

    Args:
        day: the day visits are handed out for.
        made_by: only those that were made by this day, of which anybody who hands out may know.
    """
    wanted = Q() if made_by is None else Q(day__lte=made_by, state__in=(Visit.State.DONE, Visit.State.UNREACHABLE))
    rows = (
        Visit.objects.filter(wanted, day__gt=a_year_before(day))
        .exclude(state=Visit.State.WITHDRAWN, by_post__isnull=True)
        .order_by("pk")
        .values_list(
            "verifier_post_id",
            "verifier_user",
            "verifier_post__unit__path",
            "verifier_post__unit__area__path",
            "unit_id",
            "unit__path",
            "day",
        )
    )
    return [
        Paid(post, user or 0, Spot(path, area), unit, unit_path, on)
        for post, user, path, area, unit, unit_path, on in rows
    ]
