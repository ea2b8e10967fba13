"""What leaves the house: messages a second to a mail server and to a webhook, both real; receivers down; a kill.

The receivers run in a process of their own. Between the two runs they are down for a while, and a worker is killed
while it sends: in the end every message has come, and what came twice came under one number.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.postgres import free_port

from bench import harness, world

ROUNDS = 7
MANY = 500
"""Messages a round."""
A_SECOND = 100.0
"""Messages a second that must leave."""
WORKER = "import sys; from bench import outbox, world; world.connect(sys.argv[1]); outbox.work(sys.argv[2])"


def receive(mail_port: int, hook_port: int, kept: str) -> None:
    """Take everything, and write one line a message: which way, and its number. Runs until it is killed."""
    from aiosmtpd.controller import Controller

    lock, out = threading.Lock(), Path(kept).open("a", buffering=1)  # noqa: SIM115 - open until it is killed

    def note(way: str, number: str) -> None:
        with lock:
            out.write(f"{way} {number}\n")

    class Mail:
        async def handle_DATA(self, server: object, session: object, envelope: Any) -> str:  # noqa: N802
            head = envelope.content.split(b"\r\n\r\n", 1)[0].decode("utf-8", "replace")
            ids = [line for line in head.splitlines() if line.lower().startswith("message-id:")]
            note("mail", ids[0].split(":", 1)[1].strip())
            return "250 taken"

    class Hook(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            note("hook", self.headers["Idempotency-Key"])
            self.send_response(204)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    Controller(Mail(), hostname="127.0.0.1", port=mail_port).start()
    server = ThreadingHTTPServer(("127.0.0.1", hook_port), Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print("ready", flush=True)
    asyncio.run(asyncio.sleep(3600))


class Receivers:
    """Both receivers in a process that can be taken down and brought back at the same ports."""

    def __init__(self, kept: Path) -> None:
        self.kept = kept
        self.ports = (free_port(), free_port())
        self.process: subprocess.Popen[str] | None = None

    def up(self) -> None:
        """Start them and wait until they answer."""
        call = "import sys; from bench.outbox import receive; receive(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])"
        command = [sys.executable, "-c", call, *map(str, self.ports), str(self.kept)]
        self.process = subprocess.Popen(command, cwd=harness.ROOT, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n"

    def down(self) -> None:
        """Take them down as a power cut would."""
        if self.process is not None:
            self.process.kill()
            self.process.communicate()
            self.process = None

    def came(self, way: str) -> Counter[str]:
        """Number → how often it came."""
        lines = self.kept.read_text().splitlines() if self.kept.exists() else []
        return Counter(line.split(" ", 1)[1] for line in lines if line.startswith(way))


def prepare(ports: tuple[int, int]) -> None:
    """Where mail goes, no quiet hours, and hosts that may be asked."""
    from django.conf import settings

    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", ports[0]
    settings.QUIET_HOURS, settings.WORKING_DAYS_ONLY = "none", False
    settings.CHANNEL_INSIDE_HOSTS = frozenset({"127.0.0.1"})


def work(ports: str) -> None:
    """A worker, to be killed while it sends."""
    from luoshi.office.services import deliver_all

    prepare(tuple(json.loads(ports)))
    print("ready", flush=True)
    deliver_all(seconds=60)


def measure(url: str, small_url: str) -> list[harness.Outcome]:
    """Rates of both ways on the full world, then the outage."""
    world.connect(url)
    from django.utils import timezone

    from luoshi.accounts.models import User
    from luoshi.office import services
    from luoshi.office.models import Delivery, Message
    from luoshi.rules.permissions import SYSTEM
    from luoshi.units.models import Post

    Message.objects.filter(spread=False).update(spread=True)
    head = User.objects.get(username="head")
    User.objects.filter(pk=head.pk).update(email="head@example.org")
    post = Post.objects.filter(holdings__user=head, active=True).select_related("unit")[0]
    outside = Delivery.objects.exclude(channel="in_app")
    outside.delete()

    with TemporaryDirectory(prefix="luoshi-outbox-") as folder:
        receivers = Receivers(Path(folder) / "came")
        prepare(receivers.ports)
        address = f"http://127.0.0.1:{receivers.ports[1]}/hook"

        def tell(name: str, count: int) -> None:
            at = timezone.now()
            notes = [services.Note((post,), f"bench:{name}:{n}", "/", {"n": n}) for n in range(count)]
            services.notify_each(notes, kind="bench", subject="%(n)s", body="%(n)s", at=at)

        receivers.up()
        try:
            rates: dict[str, list[float]] = {"mail": [], "hook": []}
            for round_ in range(ROUNDS + 1):
                tell(f"mail{round_}", MANY)
                began = time.perf_counter()
                assert services.deliver_all(seconds=300) == MANY
                if round_:
                    rates["mail"].append((time.perf_counter() - began) / MANY * 1000)
            from django.conf import settings

            settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
            made, _key = services.add_channel(
                actor=SYSTEM,
                kind="webhook",
                name="bench",
                address=address,
                unit_id=post.unit_id,
                discreet=False,
                at=timezone.now() - timedelta(seconds=1),
            )
            for round_ in range(ROUNDS + 1):
                tell(f"hook{round_}", MANY)
                began = time.perf_counter()
                assert services.deliver_all(seconds=300) == MANY
                if round_:
                    rates["hook"].append((time.perf_counter() - began) / MANY * 1000)

            # Down, with twice as many waiting; then a worker is killed while it sends; then the rest.
            prepare(receivers.ports)
            receivers.down()
            tell("down", 2 * MANY)
            assert services.deliver_all() == 0
            receivers.up()
            outside.filter(state="failed").update(next_at=timezone.now())
            type(made).objects.filter(pk=made.pk).update(rest_until=None)
            before = sum(receivers.came("mail").values())
            victim = subprocess.Popen(
                [sys.executable, "-c", WORKER, url, json.dumps(receivers.ports)],
                cwd=harness.ROOT,
                stdout=subprocess.PIPE,
                text=True,
                env={**os.environ},
            )
            until = time.monotonic() + 60
            while sum(receivers.came("mail").values()) < before + 30 and time.monotonic() < until:
                time.sleep(0.005)
            victim.kill()
            victim.communicate()
            services.deliver_all(lambda: timezone.now() + timedelta(minutes=7), seconds=300)
            left = outside.exclude(state="sent").count()
        finally:
            receivers.down()
        mails, hooks = receivers.came("mail"), receivers.came("hook")

    wanted = {"mail": (ROUNDS + 1) * MANY + 2 * MANY, "hook": (ROUNDS + 1) * MANY + 2 * MANY}
    lost = wanted["mail"] - len(mails) + wanted["hook"] - len(hooks) + left
    notes = {"twice": sum(n - 1 for n in mails.values()) + sum(n - 1 for n in hooks.values()), "messages": MANY}
    found = [
        harness.outcome(
            f"outbox_{way}",
            f"milliseconds a message to a real {name} over one connection, against {1000 / A_SECOND:g} (100 a second)",
            rates[way],
            [1000 / A_SECOND] * ROUNDS,
            limit=1.0,
            steps=MANY,
            notes=notes,
        )
        for way, name in (("mail", "SMTP server"), ("hook", "webhook"))
    ]
    told = "messages lost or sent under another number: receivers down for a while, a worker killed while sending"
    return [*found, harness.bound("outbox_nothing_lost", told, float(lost), 0.5, unit="messages", notes=notes)]
