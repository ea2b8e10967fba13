"""The one place in which the installation itself opens a socket."""

from __future__ import annotations

import socket


def listening(host: str, port: int, *, patience: float = 0.5) -> bool:
    """Whether something accepts connections at ``host``:``port``; waits at most ``patience`` seconds."""
    try:
        with socket.create_connection((host, port), timeout=patience):
            return True
    except OSError:
        return False
