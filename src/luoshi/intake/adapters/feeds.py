"""Asking feeds（订阅源）: politely, bounded, and never an address inside the house unless the site says so.

Every name is resolved once and the connection made to the address that was checked, so that a name cannot point
elsewhere between the check and the call. Feeds are untrusted: size, time, redirects, entities and items are bounded.
"""

from __future__ import annotations

import calendar
import contextlib
import html
import http.client
import math
import re
import time
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import urljoin, urlsplit, urlunsplit
from xml.sax import SAXParseException
from xml.sax.handler import ContentHandler

from defusedxml import DefusedXmlException
from defusedxml.sax import parseString
from django.conf import settings

from luoshi.office.adapters.outward import Inside, Pinned
from luoshi.rules.refusals import Refused, declare
from luoshi.rules.refusals import gettext_noop as _

declare(
    422,
    feed_address=_(
        "A feed needs an address that begins with http:// or https:// and names a host, without a password."
    ),
    feed_private=_(
        "This address lies inside the network and is not asked. An administrator can allow it in "
        "LUOSHI_NEWS_INTRANET_HOSTS."
    ),
    feed_unreachable=_("The source does not answer; it is asked again later, less and less often."),
    feed_status=_("The source answered with status %(status)s."),
    feed_busy=_("The source asked to be left alone for %(minutes)s minutes; it is asked again after that."),
    feed_too_large=_("The source sent more than %(most)s MB, so it was not read."),
    feed_redirects=_("The source leads on to other addresses again and again."),
    feed_dangerous=_("The source holds XML that could harm the reader, so it was not read."),
    feed_unreadable=_("There is no RSS or Atom feed at this address."),
)
BUSY: Final = {429, 503}
LONGEST_REST: Final = 7 * 24 * 60
"""Minutes at most that a source is left alone because it says so."""

SECONDS: Final = 10.0
"""Seconds a connection or one piece of an answer may take."""
WHOLE: Final = 30.0
"""Seconds a whole answer may take."""
MOST: Final = 4 * 1024 * 1024
"""Bytes of an answer, unpacked."""
REDIRECTS: Final = 3
ITEMS: Final = 200
"""Items of one feed that are looked at, the first ones."""
AGENT: Final = "Luoshi-News/1 (+RSS reader; asks with ETag)"
_MOVED: Final = {301, 302, 303, 307, 308}
_TAGS: Final = re.compile(r"<[^<>]*>")
_DECLARED: Final = re.compile(rb"""^\s*(<\?xml[^>]*?)\s+encoding\s*=\s*["'][^"']*["']""")


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a feed as it was published; texts are plain."""

    title: str
    link: str
    summary: str
    published_at: datetime | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a source answered; ``fresh`` is false when nothing has changed since."""

    fresh: bool
    items: tuple[Item, ...] = ()
    etag: str = ""
    modified: str = ""


def checked_address(address: str) -> str:
    """An address that may be asked, as it is kept.

    Raises:
        Refused: ``feed_address``.
    """
    try:
        parts = urlsplit(address.strip())
        fits = parts.scheme in {"http", "https"} and parts.hostname and not parts.username and parts.port != 0
    except ValueError:
        fits = False
    if not fits or not address.isprintable() or len(address) > 500 or any(sign.isspace() for sign in address.strip()):
        raise Refused("feed_address")
    return urlunsplit(parts._replace(fragment=""))


class _Pinned(Pinned):
    """A connection to the very address that was checked."""

    def __init__(self, host: str, port: int, *, secure: bool) -> None:
        inside = settings.NEWS_INTRANET_HOSTS
        super().__init__(host, port, secure=secure, inside=inside, seconds=SECONDS, whole=WHOLE)


def _rest(told: str | None) -> int | None:
    """Minutes a source wants to be left alone（Retry-After）: seconds or a date; ``None``: nothing of use."""
    if not told:
        return None
    try:
        seconds = float(told) if told.strip().isdigit() else (_moment(told) - datetime.now(UTC)).total_seconds()
    except (TypeError, ValueError, OverflowError):
        return None
    return min(LONGEST_REST, max(1, math.ceil(seconds / 60)))


def _moment(told: str) -> datetime:
    moment = parsedate_to_datetime(told)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _unpacked(chunks: Any, packed: str) -> bytes:
    """The body, unpacked and bounded.

    Raises:
        Refused: ``feed_too_large``, ``feed_unreadable``.
    """
    tool = zlib.decompressobj(47) if packed in {"gzip", "deflate", "x-gzip"} else None
    body = bytearray()
    for chunk in chunks:
        try:
            body += tool.decompress(chunk, MOST + 1 - len(body)) if tool else chunk
        except zlib.error as error:
            raise Refused("feed_unreadable") from error
        if len(body) > MOST or (tool and tool.unconsumed_tail):
            raise Refused("feed_too_large", most=MOST // 2**20)
    return bytes(body)


def _pieces(response: http.client.HTTPResponse) -> Any:
    ends = time.monotonic() + WHOLE
    while chunk := response.read1(65536):
        if time.monotonic() > ends:
            raise TimeoutError
        yield chunk


def ask(address: str, *, etag: str = "", modified: str = "") -> Answer:
    """Ask a source for what is new since ``etag`` and ``modified``（询问来源）.

    Raises:
        Refused: one of the ``feed_…`` codes.
    """
    for _turn in range(REDIRECTS + 1):
        parts = urlsplit(checked_address(address))
        secure = parts.scheme == "https"
        connection = _Pinned(parts.hostname or "", parts.port or (443 if secure else 80), secure=secure)
        headers = {
            "User-Agent": AGENT,
            "Accept": "application/rss+xml, application/atom+xml, application/xml;q=0.9, */*;q=0.1",
        }
        headers |= {"Accept-Encoding": "gzip", "Connection": "close"}
        headers |= {"If-None-Match": etag} if etag else {}
        headers |= {"If-Modified-Since": modified} if modified else {}
        path = urlunsplit(("", "", parts.path or "/", parts.query, ""))
        try:
            with contextlib.closing(connection):
                connection.request("GET", path.encode("ascii", "ignore").decode(), headers=headers)
                response = connection.getresponse()
                if response.status in _MOVED:
                    address = urljoin(address, response.getheader("Location", ""))
                    continue
                if response.status == 304:
                    return Answer(False, etag=etag, modified=modified)
                if response.status in BUSY and (minutes := _rest(response.getheader("Retry-After"))):
                    raise Refused("feed_busy", minutes=minutes)
                if response.status != 200:
                    raise Refused("feed_status", status=response.status)
                body = _unpacked(_pieces(response), response.getheader("Content-Encoding", "").strip().lower())
                kind = response.getheader("Content-Type", "")
                tags = (response.getheader("ETag", "")[:300], response.getheader("Last-Modified", "")[:100])
        except Inside as error:
            raise Refused("feed_private") from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise Refused("feed_unreachable") from error
        return Answer(True, parse(body, kind), *tags)
    raise Refused("feed_redirects")


def parse(body: bytes, kind: str = "") -> tuple[Item, ...]:
    """The items of a feed; ``kind`` is its media type with the charset, which may be wrong.

    Raises:
        Refused: ``feed_dangerous``, ``feed_unreadable``.
    """
    _defuse(body)
    with contextlib.suppress(UnicodeDecodeError):  # what reads as UTF-8 is UTF-8, whatever is said of it
        text = _DECLARED.sub(rb"\1", body.removeprefix(b"\xef\xbb\xbf").decode().encode())
        body, kind = text, "application/xml; charset=utf-8"
    import feedparser  # type: ignore[import-untyped]  # only now: the clock asks, pages do not

    found = feedparser.parse(body, response_headers={"content-type": kind or "application/xml"}, sanitize_html=False)
    if not found.get("version") and not found.entries:
        raise Refused("feed_unreadable")
    return tuple(_item(entry) for entry in found.entries[:ITEMS])


def _defuse(body: bytes) -> None:
    """Refuse entities of one's own and references outwards; what is merely untidy is left to the forgiving reader.

    Raises:
        Refused: ``feed_dangerous``.
    """
    try:
        parseString(body, ContentHandler(), forbid_entities=True, forbid_external=True)
    except DefusedXmlException as error:
        raise Refused("feed_dangerous") from error
    except (SAXParseException, ValueError, LookupError):
        if b"<!ENTITY" in body.upper():
            raise Refused("feed_dangerous") from None


def _item(entry: Any) -> Item:
    when = entry.get("published_parsed") or entry.get("updated_parsed")
    moment = None
    with contextlib.suppress(ValueError, OverflowError, TypeError):
        moment = datetime.fromtimestamp(calendar.timegm(when), UTC) if when else None
    link = str(entry.get("link", ""))
    return Item(
        title=words_of(str(entry.get("title", ""))),
        link=link if urlsplit_safe(link) else "",
        summary=words_of(str(entry.get("summary", ""))[:20_000]),
        published_at=moment,
    )


def urlsplit_safe(link: str) -> bool:
    """Whether a link may be shown: http or https with a host."""
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and link.isprintable() and len(link) <= 1000


def words_of(text: str) -> str:
    """Plain words of a piece of HTML, in one line."""
    return " ".join(html.unescape(_TAGS.sub(" ", text)).replace("\x00", "").split())
