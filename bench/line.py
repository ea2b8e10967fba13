"""A bad line（差网络）: a proxy that is slow, far away, and loses; for measuring what reaches the other end.

Three things happen to an exchange, all of them drawn from one seed:

* every byte of either direction waits its turn on one line of so many bytes a second, a header of 40 bytes for each
  segment of 1,400 included, and travels 100 ms each way;
* a share of the segments is lost: it is sent again after 300 ms, then 600, 1,200 …, and takes its turn again;
* the same share of whole exchanges is cut: half of them before the server has heard of them, half after it has done
  what was asked and before anybody hears of that.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

SEGMENT, HEADER = 1_400, 40
AWAY = 0.1
AGAIN = 0.3
LENGTH = re.compile(rb"\r\ncontent-length:\s*(\d+)", re.IGNORECASE)
KEPT = re.compile(rb"\r\n(?:connection|proxy-connection):[^\r]*", re.IGNORECASE)


@dataclass
class Line:
    """The line and what happened on it; ``bad`` switches it from perfect to what was asked for."""

    upstream: tuple[str, int]
    rate: float
    loss: float
    seed: int
    port: int = 0
    bad: bool = False
    exchanges: int = 0
    cut_before: int = 0
    cut_after: int = 0
    resent: int = 0
    carried: int = 0
    _free: float = 0.0
    _chance: random.Random = field(default_factory=random.Random)

    def worsen(self, seed: int) -> None:
        """From now on it is as bad as asked; counts begin anew."""
        self.exchanges = self.cut_before = self.cut_after = self.resent = self.carried = 0
        self._chance = random.Random(seed)
        self.bad = True

    async def carry(self, size: int) -> None:
        """Let so many bytes travel."""
        if not self.bad:
            return
        loop = asyncio.get_running_loop()
        for start in range(0, max(1, size), SEGMENT):
            wait = AGAIN
            while True:
                bytes_ = min(SEGMENT, size - start) + HEADER
                self.carried += bytes_
                self._free = max(loop.time(), self._free) + bytes_ / self.rate
                await asyncio.sleep(self._free - loop.time())
                if self._chance.random() >= self.loss:
                    break
                self.resent += 1
                await asyncio.sleep(wait)
                wait *= 2
        await asyncio.sleep(AWAY)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, one exchange."""
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            length = LENGTH.search(head)
            body = await reader.readexactly(int(length[1]) if length else 0)
            if self.bad:
                await asyncio.sleep(2 * AWAY)  # the connection itself
            await self.carry(len(head) + len(body))
            self.exchanges += 1
            cut = self._chance.random() if self.bad else 1.0
            if cut < self.loss / 2:
                self.cut_before += 1
                return
            answer = await self._ask(KEPT.sub(b"", head), body)
            if cut < self.loss:
                self.cut_after += 1
                return
            await self.carry(len(answer))
            writer.write(answer)
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # whoever asked has gone
        finally:
            writer.close()

    async def _ask(self, head: bytes, body: bytes) -> bytes:
        reader, writer = await asyncio.open_connection(*self.upstream)
        try:
            writer.write(head[:-4] + b"\r\nConnection: close\r\n\r\n" + body)
            await writer.drain()
            return await reader.read()
        finally:
            writer.close()


@contextmanager
def line_to(host: str, port: int, *, rate: float, loss: float) -> Iterator[Line]:
    """A line to a server on this machine, in a thread of its own; perfect until it is made worse.

    Args:
        host: of the server.
        port: of the server.
        rate: bytes a second in both directions together.
        loss: the share of segments and of exchanges that are lost, 0–1.
    """
    line = Line((host, port), rate, loss, 0)
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(asyncio.start_server(line.serve, "127.0.0.1", 0, limit=1 << 20))
    line.port = server.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield line
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        server.close()
        for task in asyncio.all_tasks(loop):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                loop.run_until_complete(task)
        loop.close()
