"""通报、督办函的规则: who may write, approve, sign for, remind and take back a paper that goes out to units.

A paper is addressed to units, never to persons, and lists them in the order of the tree: it ranks nobody. One that
praises or criticises goes out only when the head of the issuing area approves it, and never by whoever wrote it. A unit
signs for it once（签收）, by its head, its handler or, for an area, its supervision office.

Sources: 党政机关公文处理工作条例 (2012), Art 24 (a paper received is signed for and registered);
整治形式主义为基层减负若干规定 (2024).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from luoshi.rules.lifecycle import speaks_for
from luoshi.rules.permissions import Actor, Role
from luoshi.rules.refusals import Refused, declare, gettext_noop

_ = gettext_noop
declare(
    403,
    circular_not_yours=_("Your post cannot do this with a circular: it belongs to %(who)s."),
    circular_own_words=_("You wrote this yourself. What praises or criticises is approved by somebody else."),
    circular_not_to_you=_("It is not addressed to your unit; only a unit it is addressed to signs for it."),
)
declare(
    409,
    circular_state=_("This cannot be done with a circular that is “%(state)s”."),
    circular_signed_already=_("%(unit)s signed for it on %(on)s already; it is signed for once."),
    circular_all_signed=_("Every unit has signed for it. There is nobody to remind."),
    circular_reminded_today=_("Those who have not signed were reminded today already. Remind them again tomorrow."),
)
declare(
    422,
    circular_title_missing=_("Give it a title that says what it is about."),
    circular_wordless=_("Write what it says."),
    circular_to_nobody=_("Choose at least one unit it goes to. It goes to units, never to persons."),
    circular_unit=_(
        "It goes to units within your area that receive tasks; these do not: %(units)s. Choose others from the list."
    ),
    circular_nobody_there=_(
        "Nobody could sign there: %(units)s has no head, handler or supervision office. Address the unit above it."
    ),
    circular_own_unit=_("It cannot be addressed to the side that issues it: %(units)s."),
)

MOST_UNITS: Final = 500
"""Units one paper may go to."""


class CircularKind(StrEnum):
    """What kind of paper it is（文种）."""

    PRAISE = "praise"
    CRITICISM = "criticism"
    INFORM = "inform"
    LETTER = "letter"


KIND_NAMES: Mapping[CircularKind, str] = MappingProxyType(
    {
        CircularKind.INFORM: _("Circular for information"),
        CircularKind.PRAISE: _("Circular of recognition"),
        CircularKind.CRITICISM: _("Circular of criticism"),
        CircularKind.LETTER: _("Supervision letter"),
    }
)
JUDGING: Final = frozenset({CircularKind.PRAISE, CircularKind.CRITICISM})
"""Kinds that only the head approves."""


class CircularState(StrEnum):
    """Where a paper stands（公文状态）."""

    DRAFT = "draft"
    ISSUED = "issued"
    WITHDRAWN = "withdrawn"


STATE_NAMES: Mapping[CircularState, str] = MappingProxyType(
    {
        CircularState.DRAFT: _("draft, not sent"),
        CircularState.ISSUED: _("issued and sent"),
        CircularState.WITHDRAWN: _("withdrawn"),
    }
)


class CircularAct(StrEnum):
    """What can be done with a paper; the value is the word in addresses."""

    CHANGE = "change"
    ISSUE = "issue"
    SIGN = "sign"
    REMIND = "remind"
    WITHDRAW = "withdraw"


ACT_NAMES: Mapping[CircularAct, str] = MappingProxyType(
    {
        CircularAct.CHANGE: _("Change the draft"),
        CircularAct.ISSUE: _("Approve and issue"),
        CircularAct.SIGN: _("Sign for it"),
        CircularAct.REMIND: _("Remind those who have not signed"),
        CircularAct.WITHDRAW: _("Take the circular back"),
    }
)
ISSUING, HEAD_OF_ISSUER = (
    _("the head or the supervision office of the side that issues it"),
    _("the head of the area that issues it"),
)
_FROM: Mapping[CircularAct, frozenset[CircularState]] = MappingProxyType(
    {
        CircularAct.CHANGE: frozenset({CircularState.DRAFT}),
        CircularAct.ISSUE: frozenset({CircularState.DRAFT}),
        CircularAct.SIGN: frozenset({CircularState.ISSUED}),
        CircularAct.REMIND: frozenset({CircularState.ISSUED}),
        CircularAct.WITHDRAW: frozenset({CircularState.DRAFT, CircularState.ISSUED}),
    }
)
SIGNING_ROLES: Final = frozenset({Role.HEAD, Role.HANDLER, Role.OFFICE})


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules need to know of a paper; made by ``Circular.facts()``, never by a door."""

    kind: CircularKind
    state: CircularState
    issuer_path: str
    issuer_area_path: str
    drafted_by_user: int

    @property
    def judges(self) -> bool:
        """Whether it praises or criticises, so that only the head decides."""
        return self.kind in JUDGING


@dataclass(frozen=True, slots=True)
class Addressee:
    """A unit it goes to: who speaks for it."""

    unit_path: str
    area_path: str


def heads(facts: Facts, actor: Actor) -> bool:
    """Whether the actor is the head of the issuing area, or of the issuing unit itself."""
    return actor.role is Role.HEAD and actor.effective.unit_path in {facts.issuer_area_path, facts.issuer_path}


def issues(facts: Facts, actor: Actor) -> bool:
    """Whether the actor is the issuing side: its head or its supervision office."""
    own = speaks_for(actor.effective, facts.issuer_path, facts.issuer_area_path)
    return heads(facts, actor) or (actor.role is Role.OFFICE and own)


def writes(actor: Actor) -> bool:
    """Whether the actor may write papers at all: a supervision office, or the head of an area."""
    seat = actor.effective
    return actor.role is Role.OFFICE or (actor.role is Role.HEAD and seat.unit_path == seat.area_path)


def require_writing(actor: Actor) -> None:
    """Whether the actor may write a paper.

    Raises:
        Refused: ``circular_not_yours``.
    """
    if not writes(actor):
        raise Refused("circular_not_yours", who=ISSUING)


def signs(to: Addressee, actor: Actor) -> bool:
    """Whether the actor signs for a unit: its head or handler, or the supervision office of the area that it is."""
    return actor.role in SIGNING_ROLES and speaks_for(actor.effective, to.unit_path, to.area_path)


def decide_circular(facts: Facts, act: CircularAct, *, actor: Actor) -> None:
    """Whether the actor may do this with a paper now; whether he may sign is asked of :func:`signs`.

    Raises:
        Refused: ``circular_state``, ``circular_not_yours``, ``circular_own_words``.
    """
    if facts.state not in _FROM[act]:
        raise Refused("circular_state", state=STATE_NAMES[facts.state])
    if act is CircularAct.SIGN:
        return
    if act is CircularAct.ISSUE and facts.judges:
        if not heads(facts, actor):
            raise Refused("circular_not_yours", who=HEAD_OF_ISSUER)
        if facts.drafted_by_user == actor.user_id:
            raise Refused("circular_own_words")
    elif not issues(facts, actor):
        raise Refused("circular_not_yours", who=ISSUING)


def possible(facts: Facts, *, actor: Actor) -> tuple[CircularAct, ...]:
    """What the actor may do with a paper now, signing left aside."""
    found = []
    for act in CircularAct:
        if act is CircularAct.SIGN:
            continue
        try:
            decide_circular(facts, act, actor=actor)
        except Refused:
            continue
        found.append(act)
    return tuple(found)


def circular_ref(prefix: str, number: int) -> str:
    """The number of the ``number``-th paper of a programme（内部编号）, like ``YN-2026-L0001``; a draft has it too."""
    return f"{prefix}-L{number:04d}"
