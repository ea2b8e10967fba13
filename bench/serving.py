"""A real server on a world, for as long as it is needed."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.postgres import free_port

from bench.harness import ROOT


@contextmanager
def serving(url: str, *, workers: int = 2, threads: int = 4) -> Iterator[str]:
    """``luoshi serve`` on a database, without the clock; gives the address."""
    with serving_with_pid(url, workers=workers, threads=threads) as (address, _pid):
        yield address


@contextmanager
def serving_with_pid(url: str, *, workers: int = 2, threads: int = 4) -> Iterator[tuple[str, int]]:
    """The same, with the process that supervises the web processes."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="luoshi-bench-") as state:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "luoshi.config.command", "serve", "--no-tick", "--port", str(port)),
                *("--workers", str(workers), "--threads", str(threads)),
            ],
            cwd=ROOT,
            env={
                "LUOSHI_SECRET_KEY": "bench",
                **os.environ,
                "LUOSHI_DATABASE_URL": url,
                "LUOSHI_STATE": state,
                "LUOSHI_HOSTS": "*",
                "LUOSHI_PLAIN_HTTP": "1",
                "LUOSHI_DEBUG": "0",
            },
            stdout=subprocess.DEVNULL,
        )
        try:
            for _wait in range(3000):
                if process.poll() is not None:
                    raise RuntimeError(f"the server ended with {process.returncode}")
                try:
                    socket.create_connection(("127.0.0.1", port), 0.2).close()
                    break
                except OSError:
                    time.sleep(0.1)
            else:
                raise RuntimeError("the server does not answer")
            yield f"http://127.0.0.1:{port}", process.pid
        finally:
            process.terminate()
            process.wait(20)
