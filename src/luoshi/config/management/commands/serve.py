"""``luoshi serve``: the web server and the clock beside it, started and stopped together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from argparse import ArgumentParser
from contextlib import suppress
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from luoshi.config.adapters import listening

STARTING_SECONDS = 60.0
"""How long the web server may take until it answers."""
STOPPING_SECONDS = 10.0
"""How long a child may take to end by itself before it is killed."""
PAUSES = (1.0, 2.0, 5.0, 15.0, 30.0)
"""Seconds before the clock is started again after it ended by itself; the last one repeats."""
STEADY_SECONDS = 60.0
"""A clock that ran this long counts as healthy again."""


@dataclass
class Child:
    """A supervised process in a session of its own, so that a Ctrl-C reaches it only through its supervisor."""

    command: list[str]
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    falls: int = field(default=0)

    def start(self) -> None:
        """Start the process."""
        self.process = subprocess.Popen(self.command, env=self.environment, start_new_session=True)  # noqa: S603
        self.started = time.monotonic()

    def alive(self) -> bool:
        """Whether the process runs."""
        return self.process is not None and self.process.poll() is None

    def stop(self) -> None:
        """End the process and whatever it started; returns when nothing of it runs."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(STOPPING_SECONDS)
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


class Stopped(Exception):  # noqa: N818 - not an error
    """Somebody asked the supervisor to stop."""


def stop_asked(_signal: int, _frame: FrameType | None) -> None:
    """Turn a signal into :class:`Stopped`."""
    raise Stopped


class Command(BaseCommand):
    """Serve the pages and run the clock（tick）."""

    help = "Serve the site and run the clock beside it until stopped."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the options."""
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
        parser.add_argument("--port", type=int, default=8000, help="port to listen on (8000)")
        parser.add_argument("--workers", type=int, choices=range(1, 17), default=1, help="web processes (1)")
        parser.add_argument("--threads", type=int, choices=range(1, 65), default=4, help="threads of each (4)")
        parser.add_argument("--no-tick", action="store_true", help="leave the clock to another process")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Start both children, watch them, stop both; an ended web server is a :class:`CommandError`."""
        host, port = str(options["host"]), int(options["port"])
        near = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - only where to look for ourselves
        address = f"http://[{near}]:{port}/" if ":" in near else f"http://{near}:{port}/"
        if listening(near, port):
            raise CommandError(
                _("Port %(port)s is already in use: stop what runs there, or choose another with --port.")
                % {"port": port}
            )
        if not settings.DEBUG:
            call_command("collectstatic", interactive=False, verbosity=0)

        environment = {"LUOSHI_BASE_URL": address.rstrip("/"), **os.environ}
        server = f"luoshi.config.web --host {host} --port {port}"
        server += f" --workers {options['workers']} --threads {options['threads']}"
        web = Child([sys.executable, "-m", *server.split()], environment)
        clock = Child([sys.executable, "-m", "luoshi.config.command", "tick", "--loop"], environment)
        children = [web] if options["no_tick"] else [web, clock]
        before = {number: signal.signal(number, stop_asked) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            for child in children:
                child.start()
            self.wait_for(web, near, port)
            self.stdout.write(_("Luoshi is at %(address)s (stop with Ctrl-C)") % {"address": address})
            self.stdout.flush()
            self.watch(web, None if options["no_tick"] else clock)
        except Stopped:
            pass
        finally:
            for number in before:
                signal.signal(number, signal.SIG_IGN)
            for child in reversed(children):
                child.stop()
            for number, handler in before.items():
                signal.signal(number, handler)

    def wait_for(self, web: Child, host: str, port: int) -> None:
        """Return when the web server answers; raise :class:`CommandError` when it ended or takes too long."""
        until = time.monotonic() + STARTING_SECONDS
        while time.monotonic() < until:
            if listening(host, port):
                return
            if not web.alive():
                break
            time.sleep(0.1)
        raise CommandError(_("The web server did not start; its own messages stand above."))

    def watch(self, web: Child, clock: Child | None) -> None:
        """Keep the clock running for as long as the web server runs."""
        while web.alive():
            if clock is not None and not clock.alive():
                if time.monotonic() - clock.started > STEADY_SECONDS:
                    clock.falls = 0
                pause = PAUSES[min(clock.falls, len(PAUSES) - 1)]
                clock.falls += 1
                self.stderr.write(
                    _("The clock stopped by itself; it is started again in %(seconds)d s.") % {"seconds": pause}
                )
                time.sleep(pause)
                clock.start()
            time.sleep(0.5)
        raise CommandError(_("The web server stopped by itself; its own messages stand above."))
