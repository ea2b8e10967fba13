"""Why something was not sent, in the reader's language（投递出错的说法）.

Kept in English as it was found; sentences of ours are known again and said in the language of whoever looks.
"""

from __future__ import annotations

import re
from functools import cache

from django.utils.translation import gettext

from luoshi.rules.refusals import gettext_noop as _

SENTENCES = (
    _("the receiver answered %(status)s"),
    _("the bot refused it with code %(code)s"),
    _("the answer is not one of this kind of bot"),
    _("no answer in time from %(host)s"),
    _("nobody listens at %(host)s"),
    _("the name %(host)s is not known"),
    _("the certificate of %(host)s is not valid"),
    _("no connection to %(host)s (%(what)s)"),
    _("%(host)s lies inside the network"),
    _("sealed with another secret key: add the channel anew"),
    _("the server refused the recipient"),
    _("the server hung up"),
    _("the server answered %(status)s"),
    _("no longer holds the post"),
    _("as the person has set it"),
    _("read before the digest"),
    _("the post has no official number"),
    _("the channel was disabled"),
    _("waited too long for the channel"),
)
"""What is kept, with its places."""


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    found = []
    for sentence in SENTENCES:
        pattern = re.sub(r"%\\\((\w+)\\\)s", r"(?P<\1>.+)", re.escape(sentence))
        found.append((re.compile(pattern), sentence))
    return tuple(found)


def told(kept: str) -> str:
    """An error as it was kept, in the reader's language; one that is not ours stays as it is."""
    for pattern, sentence in _patterns():
        match = pattern.fullmatch(kept)
        if match:
            return gettext(sentence) % match.groupdict()
    return kept
