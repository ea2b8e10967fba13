"""The web processes（网页进程）: the application is loaded once, then they are forked from it and share what it holds.

``luoshi serve`` starts this as ``python -m luoshi.config.web``; Granian's own command would load the application in
each process anew, and a second one would cost as much memory as the first.
"""

from __future__ import annotations

import gc
import multiprocessing
from argparse import ArgumentParser

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels


def load() -> None:
    """Load what every process needs, the dictionary of words included, and leave no connection open."""
    from django.urls import get_resolver

    from luoshi.config import wsgi
    from luoshi.office.queries import terms

    assert wsgi.application  # noqa: S101 - loading it is the purpose
    _ = get_resolver().url_patterns
    terms.words("把十件事落实到村")
    from django.db import connections

    connections.close_all()
    gc.collect()
    gc.freeze()


def main() -> None:
    """Load, then serve until stopped."""
    parser = ArgumentParser(prog="luoshi.config.web", description="The web server of one installation.")
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--workers", type=int, required=True)
    parser.add_argument("--threads", type=int, required=True)
    asked = parser.parse_args()
    multiprocessing.set_start_method("fork")
    load()
    Granian(
        "luoshi.config.wsgi:application",
        address=asked.host,
        port=asked.port,
        interface=Interfaces.WSGI,
        workers=asked.workers,
        blocking_threads=asked.threads,
        respawn_failed_workers=True,
        log_level=LogLevels.warning,
    ).serve()


if __name__ == "__main__":
    main()
