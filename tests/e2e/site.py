"""The running site and a visitor with a browser: what the journeys share."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from playwright.sync_api import ConsoleMessage, Locator, Page, Response, expect

ROOT = Path(__file__).resolve().parents[2]
STARTING = 90.0
"""Seconds the server may take to answer."""
SHANGHAI = ZoneInfo("Asia/Shanghai")
LUOSHI = [sys.executable, "-m", "luoshi.config.command"]


def day(days: int) -> str:
    """The date so many days from today, as a date field takes it."""
    return (dt.datetime.now(SHANGHAI).date() + dt.timedelta(days=days)).isoformat()


def environment(state: Path) -> dict[str, str]:
    """The surroundings of the server: its own state, nothing of the tests' or the developer's."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LUOSHI_")}
    return kept | {
        "LUOSHI_DEBUG": "1",
        "LUOSHI_STATE": str(state),
        "LUOSHI_CHANNEL_INSIDE_HOSTS": "127.0.0.1",
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
    }


def build(state: Path, scale: str) -> None:
    """Make the world of the journeys in ``state``, or copy the one kept in ``LUOSHI_E2E_WORLD``."""
    kept = os.environ.get("LUOSHI_E2E_WORLD")
    if kept and Path(kept, "journeys.json").exists():
        shutil.copytree(kept, state, dirs_exist_ok=True)
        return
    subprocess.run([sys.executable, "-m", "tests.e2e.building", scale], cwd=ROOT, env=environment(state), check=True)
    if kept:
        shutil.copytree(state, kept, dirs_exist_ok=True)


@dataclass
class Site:
    """``luoshi serve`` on a port of its own, with the clock beside it."""

    state: Path
    process: subprocess.Popen[bytes] | None = None
    base: str = ""
    made: dict[str, Any] = field(default_factory=dict)

    def start(self) -> None:
        """Start it and wait until it is healthy."""
        self.made = json.loads((self.state / "journeys.json").read_text())
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.base = f"http://127.0.0.1:{port}"
        log = (self.state / "serve.log").open("wb")
        self.process = subprocess.Popen(
            [*LUOSHI, "serve", "--port", str(port)],
            cwd=self.state,
            env=environment(self.state),
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        until = time.monotonic() + STARTING
        while not self._healthy():
            if time.monotonic() > until or self.process.poll() is not None:
                self.stop()
                raise RuntimeError((self.state / "serve.log").read_text(errors="replace")[-4000:])
            time.sleep(0.3)

    def _healthy(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.base}/healthz", timeout=5) as answer:  # noqa: S310 - our own server
                return bool(answer.status == 200)
        except OSError:
            return False

    def stop(self) -> None:
        """Stop it; its supervisor stops the web server and the clock, and nothing is left."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(40)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def audit(self) -> subprocess.CompletedProcess[str]:
        """``luoshi audit`` over everything the journeys did."""
        return subprocess.run(
            [*LUOSHI, "audit"], cwd=self.state, env=environment(self.state), capture_output=True, text=True, check=False
        )

    def one(self, statement: str, *values: Any) -> Any:
        """One value read straight from the database."""
        with sqlite3.connect(f"file:{self.state / 'luoshi.sqlite3'}?mode=ro", uri=True, timeout=30) as database:
            row = database.execute(statement, values).fetchone()
        return row[0] if row else None

    def reports(self, ref: str) -> int:
        """How many reports a commitment has."""
        return int(
            self.one(
                "select count(*) from delivery_report where commitment_id ="
                " (select id from delivery_commitment where ref = ?)",
                ref,
            )
        )


@dataclass
class Visitor:
    """Somebody in front of a browser."""

    page: Page
    site: Site
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.wrong.append(f"script: {error}"))

    def _heard(self, message: ConsoleMessage) -> None:
        """A broken security policy or a script's error is a fault of the page; a refused request is not."""
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.wrong.append(f"{self.page.url}: {message.text}")

    def go(self, path: str) -> Response:
        """Open a page of the site."""
        answer = self.page.goto(path if path.startswith("http") else f"{self.site.base}{path}")
        assert answer is not None
        return answer

    def become(self, username: str) -> None:
        """Go on as another person, in the bar at the top."""
        self.page.locator(".demo summary").click()
        button = self.page.locator(f'.demo button[name="username"][value="{username}"]')
        with self.page.expect_navigation():
            button.click()

    def sign_in(self, username: str) -> None:
        """Sign in with the local account."""
        self.go("/account/login/")
        self.page.locator('input[name="login"]').fill(username)
        self.page.locator('input[name="password"]').fill(self.site.made["password"])
        with self.page.expect_navigation():
            self.page.locator("main form button").click()

    def see(self, text: str | re.Pattern[str], *, within: str = "main") -> None:
        """The text stands on the page."""
        expect(self.page.locator(within)).to_contain_text(text)

    @property
    def button(self) -> Locator:
        """The main button of the form on the page."""
        return self.page.locator("main form .acts button.btn.p").first

    def open_act(self, ref: str, act: str) -> None:
        """From the page of the commitment to that of an act, by the link offered there."""
        if not self.page.url.endswith(f"/c/{ref}/"):
            self.go(f"/c/{ref}/")
        link = self.page.locator(f'#who_may a[href$="/{act}/"]').first
        expect(link).to_be_attached()
        if not link.is_visible():
            self.page.locator("#who_may details:not(.why) summary").click()
        link.click()
        self.page.wait_for_url(f"**/c/{ref}/{act}/")

    def fill(self, **told: str) -> None:
        """Fill the form by the names of its fields; a choice among buttons by its value."""
        for name, value in told.items():
            control = self.page.locator(f'main [name="{name}"]')
            if control.first.get_attribute("type") == "radio":
                self.page.locator(f'main [name="{name}"][value="{value}"]').check()
            elif control.first.evaluate("node => node.tagName") == "SELECT":
                control.first.select_option(value)
            else:
                control.first.fill(value)

    def send(self, *, looks: bool = False) -> None:
        """Send the form; with ``looks`` there is a page to look once more. Ends where the act is confirmed."""
        self.button.click()
        if looks:
            self.page.locator('main form input[name="confirmed"]').wait_for(state="attached")
            self.button.click()
        self.done()

    def done(self) -> None:
        """The page says that it was done; the note is taken away, so that the next one is known to be new."""
        expect(self.page.locator(".notes .note.success").first).to_be_visible()
        self.page.evaluate("document.querySelector('.notes').remove()")

    def do(self, ref: str, act: str, *, looks: bool = False, **told: str) -> None:
        """One act by its page."""
        self.open_act(ref, act)
        self.fill(**told)
        self.send(looks=looks)

    def entry(self, ref: str, name: str) -> None:
        """The newest line of the timeline is this act; its entry opens and comes with a proof."""
        self.go(f"/c/{ref}/")
        line = self.page.locator("#timeline li").first
        expect(line.locator("b")).to_have_text(name)
        line.locator("a").click()
        expect(self.page.locator("h1")).to_contain_text(name)
        for _time in range(40):
            if self.page.locator("#proof").count():
                break
            self.page.wait_for_timeout(500)
            self.page.reload()
        expect(self.page.locator("#proof")).to_be_attached()

    def fits(self) -> None:
        """Nothing sticks out at the side."""
        wide, there = self.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        out = self.page.evaluate(
            """width => [...document.querySelectorAll('body *')].filter(e => {
                 const box = e.getBoundingClientRect();
                 if (box.width === 0 || box.right <= width + 1) return false;
                 for (let up = e.parentElement; up; up = up.parentElement)
                   if (getComputedStyle(up).overflowX !== 'visible') return false;
                 return true;
               }).slice(0, 5).map(e => `${e.tagName}.${e.className} ${e.getBoundingClientRect().right}`)""",
            self.page.viewport_size["width"] if self.page.viewport_size else there,
        )
        assert not out, f"{self.page.url} is too wide: {out}"
        assert wide <= there, f"{self.page.url} is {wide} px wide on {there} px"
