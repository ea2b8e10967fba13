"""先进做法的规则: who may write a verified result up, amend it, withdraw it, and ask its author.

Nobody is asked for a write-up, and none counts for or against anybody: it is written because somebody wants others to
have it. What it tells rests on a verification; when the result is opened again, it no longer does, and says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from luoshi.rules import paths
from luoshi.rules.lifecycle import Asked, State, answers_for, speaks_for
from luoshi.rules.permissions import Actor, Role
from luoshi.rules.refusals import Refused, declare, gettext_noop

_ = gettext_noop
declare(
    403,
    practice_not_yours=_("Your post cannot do this with a write-up: it belongs to %(who)s."),
    practice_not_asked_by_you=_("A question is asked by the head, a handler or the supervision office of a unit."),
)
declare(
    409,
    practice_not_verified=_(
        "Only a verified result is written up, and this one is “%(state)s”. Write it up when somebody independent has "
        "verified it."
    ),
    practice_off_system=_("This is handled off the system: only its number, post, date and state are kept here."),
    practice_there=_("It is written up already as %(ref)s. Amend that one."),
    practice_withdrawn=_("This write-up was withdrawn; nothing more is done with it."),
    practice_own=_("It is your own unit's write-up; a question goes to another unit."),
    practice_asked_today=_(
        "Your unit asked about this write-up today already. Ask again tomorrow, or write it all in one."
    ),
    practice_nobody_there=_(
        "Nobody could read the question there: %(unit)s has no post that is active. Ask the unit above it."
    ),
)
declare(
    422,
    practice_part_missing=_("Write something under “%(part)s”; where there was nothing, say so."),
    practice_proof=_("The link has to begin with https:// or http:// and to name a place, or stay empty."),
    practice_question_missing=_("Write what you want to know."),
    practice_question_long=_("The question is too long: %(most)s characters at most. Ask one thing."),
)

MOST_PART: Final = 4000
"""Characters of one part of a write-up."""
MOST_QUESTION: Final = 1000
"""Characters of a question."""
VERIFIED: Final = frozenset({State.VERIFIED, State.CLOSED})
"""States in which a result stands on a passed verification."""
WRITING: Final = frozenset({Role.HEAD, Role.HANDLER, Role.OFFICE})

PARTS: Mapping[str, str] = MappingProxyType(
    {
        "title": _("Title"),
        "context": _("What it was like before"),
        "done": _("What was done"),
        "cost": _("What it cost"),
        "failed": _("What did not work"),
    }
)
"""The parts of a write-up, none of which is left out; what did not work helps others most."""


class PracticeState(StrEnum):
    """Where a write-up stands（做法状态）."""

    SHOWN = "shown"
    WITHDRAWN = "withdrawn"


class PracticeAct(StrEnum):
    """What can be done with a write-up; the value is the word in addresses."""

    AMEND = "amend"
    WITHDRAW = "withdraw"
    ASK = "ask"


ACT_NAMES: Mapping[PracticeAct, str] = MappingProxyType(
    {
        PracticeAct.AMEND: _("Amend the write-up"),
        PracticeAct.WITHDRAW: _("Withdraw the write-up"),
        PracticeAct.ASK: _("Ask the author"),
    }
)
PRACTICE_STATE_NAMES: Mapping[PracticeState, str] = MappingProxyType(
    {
        PracticeState.SHOWN: _("in the library"),
        PracticeState.WITHDRAWN: _("taken out of the library"),
    }
)
OWN_SIDE, OWN_OR_OWNER = (
    _("the unit whose result it is"),
    _("the unit whose result it is, or the side that owns the programme"),
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules need to know of a write-up; made by ``Practice.facts()``, never by a door.

    ``village``: the unit has no seats of its own and the area directly above answers for it.
    """

    state: PracticeState
    unit_path: str
    area_path: str
    village: bool
    owner_path: str
    owner_area_path: str


def speaks(actor: Actor, unit_path: str, area_path: str, *, village: bool) -> bool:
    """Whether the actor writes for a unit: from a seat there, or, for a village, from its township（代填）."""
    if actor.role not in WRITING:
        return False
    seat = actor.effective
    if speaks_for(seat, unit_path, area_path):
        return True
    return village and actor.role is not Role.HEAD and paths.directly_above(seat.area_path, area_path)


def require_writing(actor: Actor, unit_path: str, area_path: str, *, village: bool) -> None:
    """Whether the actor may write the results of a unit up.

    Raises:
        Refused: ``practice_not_yours``.
    """
    if not speaks(actor, unit_path, area_path, village=village):
        raise Refused("practice_not_yours", who=OWN_SIDE)


def steers(facts: Facts, actor: Actor) -> bool:
    """Whether the actor is the head or the supervision office of the side that owns the programme."""
    return answers_for(Asked(facts.owner_path, facts.owner_area_path), actor)


def decide_practice(facts: Facts, act: PracticeAct, *, actor: Actor) -> None:
    """Whether the actor may do this with a write-up now.

    Raises:
        Refused: ``practice_withdrawn``, ``practice_not_yours``, ``practice_own``, ``practice_not_asked_by_you``.
    """
    if facts.state is PracticeState.WITHDRAWN:
        raise Refused("practice_withdrawn")
    own = speaks(actor, facts.unit_path, facts.area_path, village=facts.village)
    if act is PracticeAct.ASK:
        if own:
            raise Refused("practice_own")
        if actor.role not in WRITING:
            raise Refused("practice_not_asked_by_you")
    elif act is PracticeAct.AMEND and not own:
        raise Refused("practice_not_yours", who=OWN_SIDE)
    elif not own and not steers(facts, actor):
        raise Refused("practice_not_yours", who=OWN_OR_OWNER)


def possible(facts: Facts, *, actor: Actor) -> tuple[PracticeAct, ...]:
    """What the actor may do with a write-up now."""
    found = []
    for act in PracticeAct:
        try:
            decide_practice(facts, act, actor=actor)
        except Refused:
            continue
        found.append(act)
    return tuple(found)


def practice_ref(prefix: str, number: int) -> str:
    """The number of the ``number``-th write-up of a programme（做法编号）, like ``YN-2026-P0001``."""
    return f"{prefix}-P{number:04d}"
