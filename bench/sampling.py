"""Campaigns: a draw of 620,573 places, a reading after a verdict, the page of 5,000 visits, closing by certificate.

The page has two floors: the register's, a view that asks for a sign-in and says “ok”, and one that reads the same
verdicts and joins strings. The floor of a closure is one bulk update of as many rows with their verifications.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from bench import world
from bench.harness import Outcome, bound, compare, outcome, plain_static

VILLAGES = 620_573
FRAME = 14_500
VISITS = 5_000
FEW_VISITS = 500
READ = 5.0
"""Milliseconds that what is said after a verdict may take."""
LIMIT_OF_PAGES = 4.0
LIMIT_OF_READING_PAGES = 2.0
LIMIT_OF_CLOSING = 10.0
CLOSED = (500, 2_000)


def measure(url: str, _small_url: str) -> list[Outcome]:
    """Every number that is asked of sampling."""
    return [*_rules(), *_pages(url), *_closing()]


def _rules() -> list[Outcome]:
    from luoshi.rules import sampling

    codes = [str(530_000_000_000 + n) for n in range(VILLAGES)]
    drawn = []
    for _round in range(3):
        began = time.perf_counter()
        ordered = sampling.order("27182818284590452353", codes)
        drawn.append(time.perf_counter() - began)
        if sorted(ordered) != codes:
            raise RuntimeError("places were lost")
    spent: dict[str, list[float]] = {"evalues": [], "readings": []}
    for share in (0.0, 0.005, 0.03):
        for se in (1.0, 0.95, 0.8):
            _audit(sampling, share, se, spent)
    return [
        bound("sampling.order", f"the order of {VILLAGES:,} places by seed", sorted(drawn)[1], 5.0, unit="s"),
        _quick("sampling.evalue", "both e-values after each verdict", spent["evalues"]),
        _quick("sampling.reading", "the whole reading after each verdict, with what is needed", spent["readings"]),
    ]


def _audit(sampling: Any, share: float, se: float, spent: dict[str, list[float]]) -> None:
    """An audit of 1,500 visits, read after each: what was asked before is kept, as it is where the product runs."""
    sampling.certified_at.cache_clear()
    limit = sampling.boundary(FRAME, 0.05)
    for visits in range(1, 1_501):
        false = int(share * visits)
        began = time.perf_counter()
        sampling.log_certifying(FRAME, limit, visits, false, se)
        sampling.log_refuting(FRAME, limit, visits, false)
        between = time.perf_counter()
        sampling.read(FRAME, 0.05, 0.05, visits, false, se)
        spent["evalues"].append((between - began) * 1000)
        spent["readings"].append((time.perf_counter() - between) * 1000)


def _quick(name: str, what: str, spent: list[float]) -> Outcome:
    kept = sorted(spent)
    return outcome(
        name,
        f"{what}, N = {FRAME:,}, verifiers find all, 95 % or 80 %; against {READ:g} ms",
        spent,
        [READ] * len(spent),
        limit=1.0,
        notes={"upper_quartile_ms": round(kept[len(kept) * 3 // 4], 3), "slowest_ms": round(kept[-1], 3)},
    )


def _pages(url: str) -> list[Outcome]:
    world.connect(url)
    from django.db import connection
    from django.test import Client, override_settings
    from django.test.utils import CaptureQueriesContext
    from django.urls import reverse

    campaign, user = _campaign()
    client = Client()
    client.force_login(user)
    ours, reading = reverse("assurance:campaign", args=[campaign.ref]), f"/floor/campaign/?ref={campaign.ref}"

    def ask(address: str) -> None:
        answer = client.get(address)
        if answer.status_code != 200:
            raise RuntimeError(answer.content[:500])

    def statements() -> int:
        ask(ours)
        with CaptureQueriesContext(connection) as told:
            ask(ours)
        return len(told)

    plain_static()
    with override_settings(ROOT_URLCONF="bench.floors"):
        many = statements()
        later = campaign.visits.filter(place__position__gt=FEW_VISITS)
        states = later.values_list("pk", "state", "holds")
        kept = list(states)
        later.update(state="withdrawn", holds=None)
        few = statements()
        _put_back(kept)
        notes = {
            "statements": many,
            f"statements_at_{FEW_VISITS}_visits": few,
            "ms_after_an_act_elsewhere": _after_an_act_elsewhere(lambda: ask(ours)),
        }
        what = f"the page of a campaign with {VISITS:,} visits, against"
        return [
            compare(
                "sampling.page",
                f"{what} a bare signed-in view",
                lambda _n: ask(ours),
                lambda _n: ask("/floor/bare/"),
                limit=LIMIT_OF_PAGES,
                steps=12,
                notes=notes,
            ),
            compare(
                "sampling.page_read",
                f"{what} a bare page that reads the same verdicts",
                lambda _n: ask(ours),
                lambda _n: ask(reading),
                limit=LIMIT_OF_READING_PAGES,
                steps=12,
                notes=notes,
            ),
            bound(
                "sampling.statements",
                f"statements of the page at {VISITS:,} visits against those at {FEW_VISITS}",
                many,
                few,
                unit="statements",
            ),
        ]


def _after_an_act_elsewhere(ask: Callable[[], None]) -> float:
    """Milliseconds of the page when the ledger has grown since: visits are counted, to see that none is new."""
    from itertools import count

    from luoshi.assurance.queries import campaigns

    grown, real, spent = count(), campaigns.mark, []
    campaigns.mark = lambda: (-1, next(grown))
    try:
        for _round in range(41):
            began = time.perf_counter()
            ask()
            spent.append((time.perf_counter() - began) * 1000)
    finally:
        campaigns.mark = real
    return round(sorted(spent)[20], 2)


def _put_back(kept: list[tuple[int, str, bool | None]]) -> None:
    from luoshi.assurance.models import Visit

    for holds in (True, False, None):
        keys = [pk for pk, _state, found in kept if found is holds]
        state = "unreachable" if holds is None else "done"
        Visit.objects.filter(pk__in=keys).update(state=state, holds=holds)


# --- Closing by certificate -------------------------------------------------------------------------------------------


def _closing() -> list[Outcome]:
    """In the world that is set up already: leaves that say 100 % are struck off, and put back between the rounds."""
    from django.utils import timezone

    from luoshi.delivery import services
    from luoshi.delivery.models import Commitment, Verification
    from luoshi.delivery.services.certifying import WRITTEN

    at = timezone.now()
    actor = world.person("head", at)
    found = []
    for size in CLOSED:
        leaves = Commitment.objects.filter(kind="task", children_count=0, state__in=("accepted", "issued"))
        keys = list(leaves.order_by("pk").values_list("pk", flat=True)[:size])
        if len(keys) < size:
            raise RuntimeError(f"the world has only {len(keys)} leaves")
        _report_complete(keys, at)
        before = {row.pk: row for row in Commitment.objects.filter(pk__in=keys)}
        refs = [row.ref for row in before.values()]
        wholes = {row.parent_id for row in before.values() if row.parent_id}
        open_parts = dict(Commitment.objects.filter(pk__in=wholes).values_list("pk", "open_children"))

        def put_back(
            before: dict[int, Any] = before, open_parts: dict[int, int] = open_parts, size: int = size
        ) -> None:
            from luoshi.office.models.many import set_rows, set_values

            Verification.objects.filter(certificate="BENCH-Z0001").delete()
            set_rows(list(before.values()), [*WRITTEN, "version"])
            set_values(Commitment, ["open_children"], open_parts.items())

        def ours(_n: int, refs: list[str] = refs) -> None:
            done = services.close_by_certificate(
                actor=actor, certificate="BENCH-Z0001", digest="0" * 64, refs=refs, frozen_at=at, opinion="同意", at=at
            )
            if len(done.closed) != len(refs):
                raise RuntimeError(f"left out: {list(done.left_out.items())[:3]}")

        found.append(
            compare(
                f"sampling.close_by_certificate_{size}",
                f"{size:,} leaves struck off by a certificate in one act, with figures, entry and messages, against a "
                "bulk update of as many rows with as many verifications",
                ours,
                _bare(list(before.values()), actor, at),
                limit=LIMIT_OF_CLOSING,
                rounds=7,
                steps=1,
                between=put_back,
            )
        )
        put_back()
    return found


def _report_complete(keys: list[int], at: Any) -> None:
    """They say 100 %, as whole and complete reports would have made them say."""
    from luoshi.delivery.models import Commitment

    Commitment.objects.filter(pk__in=keys).update(
        state="accepted",
        said=100,
        reports_count=1,
        last_report_returned=False,
        last_reported_at=at - timedelta(days=1),
        completed_at=at - timedelta(days=1),
        open_findings=0,
    )


def _bare(rows: list[Any], actor: Any, at: Any) -> Callable[[int], None]:
    """The floor: the same columns of as many rows and as many verifications, by Django's own bulk statements."""
    from django.db import transaction
    from django.db.models import F

    from luoshi.delivery.models import Commitment, Verification
    from luoshi.delivery.services import acting

    keys = [row.pk for row in rows]

    def one(_n: int) -> None:
        with transaction.atomic():
            Commitment.objects.filter(pk__in=keys).update(
                state="closed", version=F("version") + 1, closed_at=at, verified=100, verified_how="sampled"
            )
            hand = acting.hand(actor, at)
            Verification.objects.bulk_create(
                Verification(
                    commitment_id=pk, method="sampled", passed=True, final=False, percent=100,
                    certificate="BENCH-Z0001", **hand,
                )
                for pk in keys
            )  # fmt: skip

    return one


# --- A campaign -------------------------------------------------------------------------------------------------------


def _campaign() -> tuple[Any, Any]:
    """A campaign on whatever is open in the world, with 5,000 visits; written straight into the tables."""
    from django.utils import timezone

    from luoshi.accounts.models import User
    from luoshi.assurance.models import Campaign, Place, Visit
    from luoshi.assurance.queries.campaigns import stratum_of
    from luoshi.delivery.models import Commitment, Programme
    from luoshi.rules import sampling
    from luoshi.units.models import Post, Unit

    at = timezone.now()
    top = Unit.objects.get(parent=None, kind="area")
    post = Post.objects.filter(role="head", unit=top).select_related("unit").first()
    if post is None:
        raise RuntimeError("the world has no head of the province")
    holder = post.holdings.first()
    if holder is None:
        raise RuntimeError("nobody holds the post")
    rows = list(
        Commitment.objects.filter(children_count=0, kind="task")
        .order_by("pk")
        .values_list("pk", "lead_id", "lead__name", "lead_path")[:14_500]
    )
    if len(rows) < VISITS:
        raise RuntimeError(f"the world has only {len(rows)} leaves")
    seed = "27182818284590452353"
    codes = [f"{pk:012}" for pk, *_rest in rows]
    position = {code: n for n, code in enumerate(sampling.order(seed, codes), 1)}
    campaign = Campaign.objects.create(
        ref="BENCH-C0001", programme=Programme.objects.all()[0], title="bench", under=top, level="village",
        stage="drawn", frame_size=len(rows), frame_digest="0" * 64, frozen_at=at, seed=seed, seeded_at=at,
        by_post=post, by_user=holder.user_id, created_at=at - timedelta(days=30),
    )  # fmt: skip
    Place.objects.bulk_create(
        [
            Place(
                campaign=campaign, commitment_id=pk, unit_id=lead, code=code, name=name,
                stratum_id=stratum_of(path, top.path), position=position[code],
            )
            for (pk, lead, name, path), code in zip(rows, codes, strict=True)
        ],
        batch_size=2_000,
    )  # fmt: skip
    Visit.objects.bulk_create(
        [
            Visit(
                key=uuid.uuid4(), kind="drawn", campaign=campaign, place=place, commitment_id=place.commitment_id,
                unit_id=place.unit_id, verifier_post=post, day=at.date(), created_at=at,
                state="unreachable" if (place.position or 0) % 97 == 0 else "done",
                holds=None if (place.position or 0) % 97 == 0 else (place.position or 0) % 31 != 0,
            )
            for place in campaign.places.filter(position__lte=VISITS)
        ],
        batch_size=2_000,
    )  # fmt: skip
    return campaign, User.objects.get(pk=holder.user_id)
