"""The memory of two web processes after a mix of pages（proportional set size）; what they are forked from is noted."""

from __future__ import annotations

import http.client
import http.cookiejar
import re
import time
import urllib.parse
import urllib.request
from pathlib import Path

from bench import harness, world
from bench.serving import serving_with_pid

PAGES = ("/", "/board/", "/register/", "/search/?q=洱海保护", "/p/", "/office/messages/", "/ledger/")
TURNS = 10


def children(pid: int) -> list[int]:
    """A process and everything below it."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += children(int(child))
    return found


def pss(pid: int) -> float:
    """MiB of the proportional set size of one process."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    found = re.search(r"^Pss:\s+(\d+) kB", text, re.M)
    return int(found[1]) / 1024 if found else 0.0


def _signed_in(address: str, name: str) -> urllib.request.OpenerDirector:
    jar = http.cookiejar.CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    page = opener.open(f"{address}/account/login/").read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    form = {"login": name, "password": world.PASSWORD, "csrfmiddlewaretoken": token[1] if token else ""}
    opener.open(f"{address}/account/login/", urllib.parse.urlencode(form).encode()).read()
    return opener


def measure(url: str, small_url: str) -> list[harness.Outcome]:
    """Sign several persons in, walk through the pages, then look."""
    served: dict[str, int] = {}
    with serving_with_pid(url, workers=2, threads=4) as (address, pid):
        people = [_signed_in(address, name) for name in ("office", "head", "530400-head", "530402-handler")]
        for _turn in range(TURNS):
            for opener in people:
                for page in PAGES:
                    try:
                        opener.open(address + urllib.parse.quote(page, safe="/?=")).read()
                        served[page] = served.get(page, 0) + 1
                    except urllib.error.HTTPError as error:
                        served[f"{page} {error.code}"] = served.get(f"{page} {error.code}", 0) + 1
        time.sleep(1)
        supervisor, server, *workers = (round(pss(one), 1) for one in children(pid))
    return [
        harness.bound(
            "memory_of_two_web_processes",
            "proportional set size of two web processes after a mix of pages, against 180 MiB",
            sum(workers),
            180.0,
            unit="MiB",
            notes={"web_processes": workers, "forked_from": server, "supervisor": supervisor, "pages": served},
        )
    ]
