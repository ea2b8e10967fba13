"""Campaigns: a draw of 620,573 places, the e-value after a verdict, and the page of a campaign with 5,000 visits."""

from __future__ import annotations

import itertools
import time
import uuid
from datetime import timedelta
from typing import Any

from bench import world
from bench.harness import Outcome, bound, compare

VILLAGES = 620_573
VISITS = 5_000
LIMIT_OF_PAGES = 2.0


def measure(url: str, _small_url: str) -> list[Outcome]:
    """Every number that is asked of sampling."""
    return [*_rules(), _page(url)]


def _rules() -> list[Outcome]:
    from luoshi.rules import sampling

    codes = [str(530_000_000_000 + n) for n in range(VILLAGES)]
    began = time.perf_counter()
    ordered = sampling.order("27182818284590452353", codes)
    drawn = time.perf_counter() - began
    if sorted(ordered) != codes:
        raise RuntimeError("places were lost")
    limit = sampling.boundary(VILLAGES, 0.05)
    spent = []
    for visits, false in itertools.product(range(1, 3_000, 37), (0, 3, 40)):
        if false <= visits:
            spent.append(min(_both(sampling, limit, visits, false) for _time in range(5)))
    spent.sort()
    return [
        bound("sampling.order", f"the order of {VILLAGES:,} places by seed", drawn, 5.0, unit="s"),
        bound(
            "sampling.evalue",
            "both e-values after a verdict, verifiers find 95 %; the slowest of "
            f"{len(spent)} states of up to 3,000 visits",
            spent[-1],
            5.0,
            unit="ms",
            notes={"median_ms": round(spent[len(spent) // 2], 3)},
        ),
    ]


def _both(sampling: Any, limit: int, visits: int, false: int) -> float:
    """Milliseconds for both e-values; the best of several is the work itself, without what else the machine does."""
    began = time.perf_counter()
    sampling.log_certifying(VILLAGES, limit, visits, false, 0.95)
    sampling.log_refuting(VILLAGES, limit, visits, false)
    return (time.perf_counter() - began) * 1000


def _page(url: str) -> Outcome:
    world.connect(url)
    from django.test import Client, override_settings
    from django.urls import reverse

    campaign, user = _campaign()
    client = Client()
    client.force_login(user)
    ours, floor = reverse("assurance:campaign", args=[campaign.ref]), f"/floor/campaign/?ref={campaign.ref}"

    def step(address: str) -> Any:
        def one(_number: int) -> None:
            answer = client.get(address)
            if answer.status_code != 200:
                raise RuntimeError(answer.content[:500])

        return one

    with override_settings(ROOT_URLCONF="bench.floors"):
        return compare(
            "sampling.page",
            f"the page of a campaign with {VISITS:,} visits, against a bare page that reads the same verdicts",
            step(ours),
            step(floor),
            limit=LIMIT_OF_PAGES,
            steps=12,
        )


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
