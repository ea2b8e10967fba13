"""Outward connections（对外连接）: every name is resolved once, and the connection made to the address checked.

A name cannot point elsewhere between the check and the call, and nothing inside the network is asked unless the
site says so.
"""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Container
from typing import Any, Final

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")


class Inside(Exception):  # noqa: N818 - says what was found
    """The address lies inside the network, and the site has not allowed it."""


def meant(told: Address) -> list[Address]:
    """An address and those that it hides: an IPv6 address may lead to an IPv4 one in four ways."""
    if isinstance(told, ipaddress.IPv4Address):
        return [told]
    hidden: list[Address | None] = [told.ipv4_mapped, told.sixtofour, *(told.teredo or ())]
    if told in _NAT64:
        hidden.append(ipaddress.IPv4Address(int(told) & 0xFFFFFFFF))
    found = [one for one in hidden if one is not None]
    return found if told.ipv4_mapped else [told, *found]


def place(host: str, port: int, *, inside: Container[str]) -> tuple[int, tuple[Any, ...]]:
    """Where to connect to: family and the first address of ``host``; none of its addresses may lie inside the network.

    Args:
        host: the name.
        port: of the service.
        inside: names in lower case that may lie inside.

    Raises:
        Inside: one of them does.
        OSError: the name is not known.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:
        raise OSError(f"{host!r} is no name of a host") from error
    if host.lower() not in inside:
        for *_rest, where in found:
            told = ipaddress.ip_address(str(where[0]).split("%")[0])
            if any(not one.is_global or one.is_multicast for one in meant(told)):
                raise Inside(host)
    family, *_rest, where = found[0]
    return family, where


class Pinned(http.client.HTTPConnection):
    """A connection to the very address that was checked, cut when it lasts longer than it may."""

    def __init__(
        self, host: str, port: int, *, secure: bool, inside: Container[str], seconds: float, whole: float
    ) -> None:
        """Nothing is opened yet.

        Args:
            host: the name; for https the certificate must be for it.
            port: of the service.
            secure: https.
            inside: names in lower case that may lie inside the network.
            seconds: that connecting or one piece of an answer may take.
            whole: seconds that one request and its answer may take.
        """
        super().__init__(host, port, timeout=seconds)
        self._secure, self._inside, self._seconds, self._whole = secure, inside, seconds, whole
        self._watch: threading.Timer | None = None

    def connect(self) -> None:
        """Connect to the checked address; for https under the host's name.

        Raises:
            Inside: see :func:`place`.
        """
        family, where = place(self.host, self.port, inside=self._inside)
        self.sock = socket.socket(family, socket.SOCK_STREAM)
        self.sock.settimeout(self._seconds)
        self.sock.connect(where)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.watch()
        if self._secure:
            self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)

    def watch(self) -> None:
        """Begin to count the time of a request anew, on a connection that is kept."""
        self.let_go()
        self._watch = threading.Timer(self._whole, self._cut, (self.sock,))
        self._watch.daemon = True
        self._watch.start()

    def let_go(self) -> None:
        """Count no longer: the answer is read."""
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None

    @staticmethod
    def _cut(made: socket.socket) -> None:
        """Cut the connection: one that drips a byte at a time would outlast every timeout of a single read."""
        with contextlib.suppress(OSError):
            made.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close, and let the watch go."""
        self.let_go()
        super().close()
