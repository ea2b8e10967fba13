"""Posting（投递）to receivers by HTTPS: connections kept for a batch, no redirects, bounded in size and time.

What is signed is ``TIMESTAMP.BODY`` with HMAC-SHA256, so that a receiver can tell an old request that somebody caught
and sends again.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings

from luoshi import __version__
from luoshi.office.adapters.mail import NotSent, why
from luoshi.office.adapters.outward import Inside, Pinned, place
from luoshi.rules.refusals import Refused, declare
from luoshi.rules.refusals import gettext_noop as _

declare(
    422,
    channel_address=_(
        "A channel needs an address that begins with https:// and names a host, without a name and password in it."
    ),
    channel_inside=_(
        "“%(host)s” lies inside the network and is not asked. Whoever runs the installation can allow it in "
        "LUOSHI_CHANNEL_INSIDE_HOSTS."
    ),
)

SECONDS: Final = 5.0
"""Seconds that connecting or one piece of an answer may take."""
WHOLE: Final = 10.0
"""Seconds that one request and its answer may take."""
MOST: Final = 64 * 1024
"""Bytes of an answer that are read; a receiver has nothing to tell that is longer."""
AGENT: Final = f"Luoshi/{__version__}"
REFUSING: Final = {401, 403, 404, 410}
"""The receiver does not know us, or is there no more."""
BUSY: Final = {429, 503}
CLOSED: Final = (http.client.RemoteDisconnected, http.client.BadStatusLine, BrokenPipeError, ConnectionResetError)
"""A kept connection that the receiver has closed meanwhile."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a receiver answered."""

    status: int
    text: str


def checked_address(address: str) -> tuple[str, str]:
    """An address that may be posted to, as it is kept, and its host as it may be shown.

    Plain http is taken when debugging and for hosts that the site allows inside its network.

    Raises:
        Refused: ``channel_address``, ``channel_inside``.
    """
    address = address.strip()
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").lower()
        port = parts.port or (443 if parts.scheme == "https" else 80)
        fits = bool(host) and parts.username is None and parts.password is None and parts.port != 0
    except ValueError:
        raise Refused("channel_address") from None
    plain = parts.scheme == "http" and (settings.DEBUG or host in settings.CHANNEL_INSIDE_HOSTS)
    if not fits or not (parts.scheme == "https" or plain) or len(address) > 1000:
        raise Refused("channel_address")
    if not address.isascii() or not address.isprintable() or " " in address:
        raise Refused("channel_address")
    try:
        place(host, port, inside=settings.CHANNEL_INSIDE_HOSTS)
    except Inside:
        raise Refused("channel_inside", host=host) from None
    except OSError:
        pass  # a name that nobody knows today is not wrong; the test message tells
    shown = host if parts.port is None else f"{host}:{parts.port}"
    return urlunsplit(parts._replace(fragment="")), shown


def signed(secret: str, *, key_id: str, body: bytes, at: float) -> dict[str, str]:
    """The headers that prove who sends（签名）; ``at`` is seconds since 1970."""
    stamp = str(int(at))
    signature = hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return {"X-Luoshi-Timestamp": stamp, "X-Luoshi-Key-Id": key_id, "X-Luoshi-Signature": f"v1={signature}"}


class Line:
    """A connection to one receiver, opened when first needed and kept for a batch."""

    def __init__(self, address: str) -> None:
        """Nothing is opened yet; ``address`` was checked when it was stored, and is checked again when connecting."""
        parts = urlsplit(address)
        self._path = urlunsplit(("", "", parts.path or "/", parts.query, ""))
        self._host = parts.hostname or ""
        secure = parts.scheme == "https"
        self._link = Pinned(
            self._host,
            parts.port or (443 if secure else 80),
            secure=secure,
            inside=settings.CHANNEL_INSIDE_HOSTS,
            seconds=SECONDS,
            whole=WHOLE,
        )

    def __enter__(self) -> Line:
        return self

    def __exit__(self, *_why: object) -> None:
        self._link.close()

    def post(self, body: bytes, headers: Mapping[str, str], *, extra_query: str = "") -> Told:
        """Post ``body`` and read the answer, whatever its status.

        A kept connection that the receiver has closed meanwhile is opened once more: a repeat carries the same key.

        Raises:
            NotSent: nobody answered, or the address lies inside the network by now; always with ``server``.
        """
        path = self._path + (("&" if "?" in self._path else "?") + extra_query if extra_query else "")
        kept = self._link.sock is not None
        try:
            try:
                return self._once(path, body, headers)
            except CLOSED:
                self._link.close()
                if not kept:
                    raise
                return self._once(path, body, headers)
        except Inside as error:
            raise NotSent(f"{self._host} lies inside the network", server=True) from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            self._link.close()
            raise NotSent(why(error, self._host), server=True) from error

    def _once(self, path: str, body: bytes, headers: Mapping[str, str]) -> Told:
        link = self._link
        if link.sock is not None:
            link.watch()
        whole = {"User-Agent": AGENT, "Content-Type": "application/json; charset=utf-8", **headers}
        link.request("POST", path, body=body, headers=whole)
        response = link.getresponse()
        read = response.read(MOST + 1)
        over = len(read) > MOST or not response.isclosed()
        link.let_go()
        if over or response.will_close:
            link.close()
        return Told(response.status, read[:MOST].decode("utf-8", "replace"))


def judged(told: Told) -> Told:
    """The answer, when it says that the message was taken.

    Raises:
        NotSent: ``server`` when it concerns the channel, ``final`` when trying again cannot help.
    """
    status = told.status
    if 200 <= status < 300:
        return told
    reason = f"the receiver answered {status}"
    if status in REFUSING or 300 <= status < 400:
        raise NotSent(reason, server=True, final=True, status=status)
    if status in BUSY:
        raise NotSent(reason, server=True, status=status)
    raise NotSent(reason, final=400 <= status < 500 and status not in {408, 425}, status=status)


def milliseconds(since: float) -> int:
    """Whole milliseconds since ``since``, a reading of ``time.perf_counter``."""
    return max(0, math.floor((time.perf_counter() - since) * 1000))
