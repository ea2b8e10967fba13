"""A real receiver on this machine: takes requests, or answers as told; and a mail server that remembers."""

from __future__ import annotations

import asyncio
import contextlib
import email
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email import policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

from aiosmtpd.controller import Controller


class Got(NamedTuple):
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes


class Receiver:
    """What came, and what is answered."""

    def __init__(self) -> None:
        self.got: list[Got] = []
        self.status = 200
        self.answer = b'{"errcode": 0, "code": 0}'
        self.headers: dict[str, str] = {}
        self.pause = 0.0
        self.stuck_at = 0
        self.stuck = threading.Event()
        self.connections = 0
        self.port = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def receiving(receiver: Receiver | None = None) -> Iterator[Receiver]:
    """A receiver that runs until the end of the block; given again, it comes back at the same port."""
    told = receiver or Receiver()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            told.connections += 1
            super().setup()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            told.got.append(Got(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            if told.pause:
                time.sleep(told.pause)
            if len(told.got) == told.stuck_at:
                told.stuck.wait(30)
            self.send_response(told.status)
            for name, value in told.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(told.answer)))
            self.end_headers()
            with contextlib.suppress(OSError):  # whoever asked may be dead by now
                self.wfile.write(told.answer)

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", told.port), Handler)
    server.daemon_threads = True
    told.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()


class Inbox:
    """A mail server that remembers, or refuses as told."""

    def __init__(self) -> None:
        self.mails: list[Any] = []
        self.answer = "250 taken"
        self.stuck_at = 0

    async def handle_DATA(self, server: object, session: object, envelope: Any) -> str:  # noqa: N802
        if self.answer.startswith("250"):
            self.mails.append(email.message_from_bytes(envelope.content, policy=policy.default))
            if len(self.mails) == self.stuck_at:
                await asyncio.sleep(30)
        return self.answer


@contextmanager
def mail_server(port: int, inbox: Inbox | None = None) -> Iterator[Inbox]:
    """A mail server at ``port`` until the end of the block."""
    kept = inbox or Inbox()
    controller = Controller(kept, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield kept
    finally:
        controller.stop()
