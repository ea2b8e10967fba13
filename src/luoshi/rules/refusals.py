"""不予办理: a rule said no, with a code and the facts a sentence needs.

Every refusal of the product is a :class:`Refused` carrying a code of :data:`SENTENCES`. The doors turn it into a
sentence beside the form, an RFC 9457 problem or a line on standard error; the code is the same everywhere.
Sentences are English message ids with ``%(name)s`` places; the catalogues hold the translations.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType


def gettext_noop(text: str) -> str:
    """Mark ``text`` for the message catalogues and return it unchanged (no Django in the rule book)."""
    return text


class Refused(Exception):  # noqa: N818 - the blueprint's word for it
    """An act is refused（不予办理）.

    Args:
        code: a key of :data:`SENTENCES`; an unknown code is a programming error (``KeyError``).
        params: values for the places of the sentence; plain strings and numbers.
    """

    def __init__(self, code: str, **params: object) -> None:
        if code not in SENTENCES:
            raise KeyError(f"unknown refusal code {code!r}")
        self.code = code
        self.params: Mapping[str, object] = MappingProxyType(dict(params))
        super().__init__(code)

    @property
    def template(self) -> str:
        """The untranslated sentence, with its places."""
        return SENTENCES[self.code]

    @property
    def status(self) -> int:
        """The HTTP status that fits the code (403, 404, 409, 413, 422 …)."""
        return STATUS.get(self.code, 409)

    def __str__(self) -> str:
        return SENTENCES[self.code] % self.params


#: code → sentence. Grouped by the place the rule lives in; sorted by nothing but sense.
SENTENCES: dict[str, str] = {}

#: code → HTTP status where it is not 409 (the state of things forbids it).
STATUS: dict[str, int] = {}


def declare(status: int, **sentences: str) -> None:
    """Register refusal codes with the HTTP ``status`` they answer with; a code may be declared once."""
    for code, sentence in sentences.items():
        if code in SENTENCES:
            raise KeyError(f"refusal code {code!r} is declared twice")
        SENTENCES[code] = sentence
        if status != 409:
            STATUS[code] = status


_ = gettext_noop

declare(
    404,
    not_found=_("There is nothing here under that number, or it lies outside what your post may see."),
)
declare(
    403,
    no_post=_("You hold no post at present, so you cannot act. Ask an administrator to record your post."),
    not_your_act=_("Your post cannot do this here: it belongs to %(who)s."),
)
declare(
    409,
    stale_version=_("%(ref)s was changed meanwhile: %(what)s. Look at the new state and decide again."),
    wrong_state=_("This cannot be done while the commitment is “%(state)s”."),
)
declare(
    428,
    version_missing=_("Say which version you looked at, so that nobody's act is overwritten unseen."),
)
declare(
    422,
    bad_input=_("%(field)s: %(problem)s"),
    reason_missing=_("Say why: a reason is needed."),
)


def require_version(seen: int, now: int, *, ref: str) -> None:
    """Refuse an act on a record that somebody changed since the person looked at it.

    Raises:
        Refused: ``stale_version`` when ``seen`` is not the version that stands ``now``.
    """
    if seen != now:
        raise Refused("stale_version", ref=ref, what="", version=now)
