"""The board against a page that joins strings from stored cells: 16 × 10, all counties 129 × 10, and unchanged.

Two worlds, the whole one and one of a hundredth of its commitments, each in a process of its own that stays; the parent
asks them in turn, A B A B. What is compared is the processor time of the web process for one request, so that a busy
machine or database does not decide; the browser's first request, which fills caches, is not counted.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import time
from multiprocessing.connection import Connection

from bench.harness import Outcome, outcome, plain_static

ROUNDS = 9
STEPS = 12
PAGE_CPU_MS = 25.0
"""Milliseconds of processor time that the page of a province may take."""
COUNTIES_RATIO = 3.0
GROWTH = 1.25
"""How much more a hundred times the commitments may cost."""


def measure(url: str, small_url: str) -> list[Outcome]:
    """Compare on two worlds that are loaded already.

    Args:
        url: the database of the whole world.
        small_url: the database of the small one, with the same units.
    """
    big, small = Site(url), Site(small_url)
    try:
        commitments = (big.ask("count", 1), small.ask("count", 1))
        for site in (big, small):
            for kind in ("board", "counties", "floor", "floor_counties", "unchanged", "drawn", "counties_drawn"):
                site.ask(kind, 2)
        found: dict[str, list[float]] = {}
        for _round in range(ROUNDS):
            for name, site, kind in (
                ("board", big, "board"),
                ("floor", big, "floor"),
                ("small", small, "board"),
                ("counties", big, "counties"),
                ("floor_counties", big, "floor_counties"),
                ("unchanged", big, "unchanged"),
                ("drawn", big, "drawn"),
                ("counties_drawn", big, "counties_drawn"),
            ):
                found.setdefault(name, []).append(site.ask(kind, STEPS))
        sizes = {"page_bytes": big.ask("bytes", 1), "counties_bytes": big.ask("counties_bytes", 1)}
    finally:
        big.stop()
        small.stop()
    notes = {"commitments": commitments[0], "small": commitments[1], **sizes}
    found["allowed"] = [PAGE_CPU_MS] * ROUNDS

    def compared(name: str, what: str, ours: str, floor: str, limit: float) -> Outcome:
        return outcome(
            name, what, found[ours], found[floor], limit=limit, steps=STEPS, unit="ms of the web process", notes=notes
        )

    return [
        compared("board_page", "province × matters, whole page, drawn anew each time", "board", "allowed", 1.0),
        compared(
            "board_page_kept",
            "the same while nothing has changed: the picture is kept, the list of needs read again",
            "drawn",
            "allowed",
            1.0,
        ),
        compared(
            "board_counties",
            "all counties × matters, whole page, drawn anew each time, against the floor that joins strings",
            "counties",
            "floor_counties",
            COUNTIES_RATIO,
        ),
        compared(
            "board_counties_kept",
            "the same while nothing has changed",
            "counties_drawn",
            "floor_counties",
            COUNTIES_RATIO,
        ),
        compared(
            "board_unchanged",
            "the province's page asked again, answered by 304, against the floor's page",
            "unchanged",
            "floor",
            1.0,
        ),
        compared(
            "board_growth",
            "the province's page with all commitments against a hundredth of them",
            "board",
            "small",
            GROWTH,
        ),
    ]


class Site:
    """A web process of its own over one database."""

    def __init__(self, url: str) -> None:
        """Start it."""
        context = multiprocessing.get_context("spawn")
        self.ours, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(url, theirs), daemon=True)
        self.process.start()

    def ask(self, kind: str, steps: int) -> float:
        """Milliseconds of processor time one request of this kind takes, over so many; or the number asked for."""
        self.ours.send((kind, steps))
        answer = self.ours.recv()
        if isinstance(answer, str):
            raise RuntimeError(answer)
        return float(answer)

    def stop(self) -> None:
        """End it."""
        self.ours.send(None)
        self.process.join(20)


def _serve(url: str, pipe: Connection) -> None:
    os.environ.update(LUOSHI_DATABASE_URL=url, LUOSHI_SECRET_KEY="bench", LUOSHI_DEBUG="0", LUOSHI_PLAIN_HTTP="1")
    os.environ.update(LUOSHI_HOSTS="testserver", DJANGO_SETTINGS_MODULE="luoshi.config.settings")
    import django

    django.setup()
    from django.conf import settings
    from django.test import Client
    from django.utils import timezone

    from luoshi.delivery.models import Commitment, Programme
    from luoshi.desk.views import pictures
    from luoshi.units.models import Holding, Unit

    settings.ROOT_URLCONF = "bench.floors"
    plain_static()
    top = Unit.objects.get(parent=None, kind="area")
    held = Holding.objects.on(timezone.localdate()).filter(post__unit=top, post__role="head").select_related("user")
    holding = held.first()
    assert holding is not None, "the province has no head"
    client = Client(headers={"accept-language": "zh"})
    client.force_login(holding.user)
    programme = Programme.objects.order_by("pk").first()
    assert programme is not None
    base = f"?programme={programme.key}&unit={top.pk}"
    addresses = {
        "board": f"/board/{base}",
        "counties": f"/board/{base}&view=counties",
        "floor": f"/floor/cells/{base}",
        "floor_counties": f"/floor/cells/{base}&view=counties",
        "unchanged": f"/board/{base}",
        "drawn": f"/board/{base}",
        "counties_drawn": f"/board/{base}&view=counties",
    }
    client.get(addresses["board"])
    gc.collect()
    gc.freeze()  # as the server does when it is loaded
    while (asked := pipe.recv()) is not None:
        kind, steps = asked
        if kind == "count":
            pipe.send(Commitment.objects.count())
            continue
        if kind.endswith("bytes"):
            pipe.send(len(client.get(addresses["counties" if "counties" in kind else "board"]).content))
            continue
        tag = client.get(addresses["board"])["ETag"] if kind == "unchanged" else ""
        told = {"If-None-Match": tag} if tag else {}
        wanted = 304 if tag else 200
        start = time.process_time()
        for _step in range(steps):
            if kind in ("board", "counties"):
                pictures.forget()  # as after an act: everything is drawn anew
            answer = client.get(addresses[kind], headers=told)
            if answer.status_code != wanted:
                pipe.send(f"{kind}: {answer.status_code}")
                break
        else:
            pipe.send((time.process_time() - start) / steps * 1000)
