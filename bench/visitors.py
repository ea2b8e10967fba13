"""Whom the load test sends to the site: handlers, heads, offices and auditors, doing what they do all day.

Read by locust; the people, their cookies, tokens and commitments come from the file that ``LUOSHI_LOAD`` names, and
every act the site acknowledged is noted in the file beside it.
"""

from __future__ import annotations

import json
import os
import random
import uuid
from pathlib import Path
from typing import Any

from locust import HttpUser, between, task

PEOPLE: dict[str, list[dict[str, Any]]] = json.loads(Path(os.environ["LUOSHI_LOAD"]).read_text())
ACKNOWLEDGED = Path(os.environ["LUOSHI_LOAD"] + ".acknowledged")
WORDS = ("洱海", "落实", "分解", "云南省 办理", "nmzs", "10")


class Visitor(HttpUser):
    """Somebody signed in, with a browser that keeps what it may."""

    abstract = True
    role = ""
    wait_time = between(4, 12)

    def on_start(self) -> None:
        """Take the place of one person of the role."""
        self.person = random.choice(PEOPLE[self.role])
        self.client.cookies.set("sessionid", self.person["session"])
        self.client.headers["Accept-Language"] = random.choice(("zh-CN", "en"))
        self.tags: dict[str, str] = {}

    def look(self, address: str, name: str) -> None:
        """Open a page; a page that was seen before is asked for by its tag, as browsers do."""
        headers = {"If-None-Match": self.tags[address]} if address in self.tags else {}
        with self.client.get(address, name=name, headers=headers, catch_response=True) as answer:
            if answer.status_code not in (200, 304):
                answer.failure(f"{answer.status_code} {answer.text[:200]}")
            elif "/account/login/" in (answer.url or ""):
                answer.failure("signed out")
            elif tag := answer.headers.get("ETag"):
                self.tags[address] = tag


class Handler(Visitor):
    """Reports, once in a while twice with the same key, and looks at what waits."""

    role = "handler"
    weight = 6

    @task(3)
    def report(self) -> None:
        """One report; the same key a second time must lead to the same entry."""
        ref, key = random.choice(self.person["refs"]), str(uuid.uuid4())
        body = {"percent": random.randint(1, 99), "words": "按计划推进，已完成本阶段。", "next_step": "继续。"}
        headers = {"Authorization": f"Bearer {self.person['token']}", "Idempotency-Key": key}
        entries = []
        for _again in range(2 if random.random() < 0.2 else 1):
            with self.client.post(
                f"/api/v1/commitments/{ref}/report", json=body, headers=headers, name="report", catch_response=True
            ) as answer:
                if answer.status_code != 200:
                    answer.failure(f"{answer.status_code} {answer.text[:200]}")
                    return
                entries.append(answer.json()["entry"]["id"])
                if len(set(entries)) > 1:
                    answer.failure("the same key made two entries")
        with ACKNOWLEDGED.open("a") as file:
            file.write(f"{entries[0]}\n")

    @task(2)
    def today(self) -> None:
        """What waits."""
        self.look("/", "today")

    @task(2)
    def commitment(self) -> None:
        """One commitment with its chain."""
        self.look(f"/c/{random.choice(self.person['refs'])}/", "commitment")


class Head(Visitor):
    """Looks at the board and goes down a step."""

    role = "head"
    weight = 3

    @task(3)
    def board(self) -> None:
        """The board of the own area."""
        self.look("/board/", "board")

    @task(2)
    def below(self) -> None:
        """One step down."""
        self.look(f"/board/?unit={random.choice(self.person['units'])}", "board of a unit")

    @task
    def today(self) -> None:
        """What only a head can move."""
        self.look("/", "today")


class Office(Visitor):
    """Lives in the register and the search."""

    role = "office"
    weight = 2

    @task(3)
    def register(self) -> None:
        """The register with a filter."""
        self.look(f"/register/?light={random.choice(('red', 'green', 'yellow', ''))}", "register")

    @task
    def search(self) -> None:
        """A word."""
        self.look(f"/search/?q={random.choice(WORDS)}", "search")


class Auditor(Visitor):
    """Reads the ledger."""

    role = "auditor"
    weight = 1

    @task
    def ledger(self) -> None:
        """The newest entries."""
        self.look("/ledger/", "ledger")
