"""500 visits recorded without a line are sent over a bad one（离线走访回传）: how long, and whether each counts once.

The client is the page itself with its own script in a headless Chromium: it is opened on a good line, goes off line,
its store is filled as the form fills it, and the line comes back bad. The server is the real one. Afterwards every
visit must be recorded exactly once, with its own words.
"""

from __future__ import annotations

import json
import shutil
import time
from typing import Any
from urllib.parse import urlsplit

from tests.e2e.line import Line, line_to

from bench.harness import Outcome, bound
from bench.serving import serving
from bench.world import connect

VISITS, ROUNDS = 500, 3
RATE, LOSS = 50_000, 0.2
SECONDS = 60.0
PATIENCE = 600.0

FILL = """
async (records) => {
  const base = await new Promise((resolve, reject) => {
    const asked = indexedDB.open("luoshi-visits", 1);
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
  const act = base.transaction("records", "readwrite", { durability: "strict" });
  const person = document.body.dataset.person, now = new Date().toISOString();
  for (const record of records) {
    act.objectStore("records").put({
      ...record, id: `${person}:${record.key}`, person, photos: [], occurred_at: now, saved_at: now, state: "waiting",
      problem: null, not_before: 0,
    });
  }
  await new Promise((resolve, reject) => { act.oncomplete = resolve; act.onerror = () => reject(act.error); });
  base.close();
}
"""
LEFT = """
async () => {
  const base = await new Promise((resolve) => {
    const asked = indexedDB.open("luoshi-visits", 1);
    asked.onsuccess = () => resolve(asked.result);
  });
  const rows = await new Promise((resolve) => {
    const asked = base.transaction("records").objectStore("records").getAll();
    asked.onsuccess = () => resolve(asked.result);
  });
  base.close();
  return [rows.length, rows.filter((row) => row.state !== "waiting").map((row) => row.problem)];
}
"""


def measure(url: str, small_url: str) -> list[Outcome]:
    """Three rounds; the slowest counts, and one lost or doubled visit breaks it."""
    connect(small_url)
    rounds: list[dict[str, Any]] = []
    with serving(small_url) as address:
        place = urlsplit(address)
        with line_to(place.hostname or "", place.port or 0, rate=RATE, loss=LOSS) as line:
            for number in range(ROUNDS):
                line.bad = False
                rounds.append(_round(line, number))
    notes = {"rounds": rounds, "line": f"{RATE} B/s in both directions together, {LOSS:.0%} lost", "client": "Chromium"}
    return [
        bound(
            "visits_sent",
            f"{VISITS} queued visits over 50 kB/s with 20 % loss, the slowest of {ROUNDS} rounds, against 60 s",
            max(one["seconds"] for one in rounds),
            SECONDS,
            unit="s",
            notes=notes,
        ),
        bound(
            "visits_lost_or_doubled",
            "visits not recorded, recorded twice or with other words, against none",
            sum(one["lost"] + one["doubled"] + one["other"] for one in rounds),
            0.5,
            unit="visits",
        ),
    ]


def _round(line: Line, number: int) -> dict[str, Any]:
    from playwright.sync_api import sync_playwright

    records, session = _handed_out(number)
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        context = browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai")
        context.set_default_timeout(PATIENCE * 1000)
        base = f"http://127.0.0.1:{line.port}"
        context.add_cookies([{"name": "sessionid", "value": session, "url": base}])
        page = context.new_page()
        page.goto(f"{base}/visits/")
        page.wait_for_selector("#kept[data-done]", state="attached")
        context.set_offline(True)
        page.evaluate(FILL, records)
        line.worsen(number)
        began = time.perf_counter()
        context.set_offline(False)
        while (told := page.evaluate(LEFT))[0] > len(told[1]) and time.perf_counter() - began < PATIENCE:
            time.sleep(0.1)
        seconds = time.perf_counter() - began
        line.bad = False
        browser.close()
    return {
        "seconds": round(seconds, 2),
        **_counted(records),
        "refused": len(told[1]),
        "exchanges": line.exchanges,
        "cut_before": line.cut_before,
        "cut_after": line.cut_after,
        "segments_sent_again": line.resent,
        "kilobytes": line.carried // 1000,
    }


def _handed_out(number: int) -> tuple[list[dict[str, Any]], str]:
    """Visits of the province's verifier for today, each with the record that waits on the telephone."""
    from django.test import Client
    from django.utils import timezone

    from luoshi.accounts.models import User
    from luoshi.assurance.models import Visit
    from luoshi.units.queries import actor_for

    at = timezone.now()
    user = User.objects.get(username="verifier")
    post = actor_for(user, at=at).seat.post_id
    Visit.objects.filter(state="assigned").update(state="withdrawn", reason="bench")
    rows = _asked()
    visits = Visit.objects.bulk_create(
        Visit(
            kind="directed", commitment=row, unit_id=row.lead_id, verifier_post_id=post, day=timezone.localdate(at),
            route=route, reason="bench", created_at=at,
        )
        for route, row in enumerate(rows, start=1)
    )  # fmt: skip
    records = []
    for visit in visits:
        texts = visit.commitment.criteria
        criteria = [
            {"text": text, "holds": at_ > 0, "words": "现场看过" if at_ else "接口渗水"}
            for at_, text in enumerate(texts)
        ]
        body = {
            "outcome": "done", "holds": not texts, "criteria": criteria, "place": "near", "corrects": "",
            "words": f"第{number}轮{visit.route}号：入户看了管网和水表，水压正常，管护员在岗，台账与现场一致。",
        }  # fmt: skip
        records.append({"key": str(visit.key), "version": 1, "name": visit.unit.name, "body": body})
    browser = Client()
    browser.force_login(user, backend="luoshi.accounts.adapters.sign_in.Passwords")
    return records, str(browser.cookies["sessionid"].value)


def _asked() -> list[Any]:
    """What is visited: commitments whose lead has reported, again and again where the world is small."""
    from itertools import cycle, islice

    from luoshi.delivery.models import Commitment

    found = list(Commitment.objects.filter(state="accepted", reports_count__gt=0).order_by("pk")[:VISITS])
    return list(islice(cycle(found), VISITS))


def _counted(records: list[dict[str, Any]]) -> dict[str, int]:
    """Visits without an entry, entries beyond one a visit, visits that say something else; verdicts that came of it."""
    from collections import Counter

    from luoshi.assurance.models import Visit
    from luoshi.delivery.models import Verification
    from luoshi.ledger.models import EntryPayload

    wanted = {one["key"]: one["body"]["words"] for one in records}
    texts = EntryPayload.objects.filter(entry__type="assurance.VisitRecorded").values_list("text", flat=True)
    entries = Counter(json.loads(text)["data"]["visit"] for text in texts)
    found = {str(one.key): one for one in Visit.objects.filter(key__in=wanted)}
    verified = Verification.objects.filter(words__in=set(wanted.values())).values_list("words", flat=True)
    twice = sum(count - 1 for count in Counter(verified).values())
    return {
        "lost": sum(found[key].state != "done" or not entries[key] for key in wanted),
        "doubled": sum(max(0, entries[key] - 1) for key in wanted) + twice,
        "other": sum(found[key].words != words for key, words in wanted.items() if found[key].state == "done"),
        "verdicts": len(verified),
    }
