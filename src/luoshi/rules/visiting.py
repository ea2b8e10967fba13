"""What a visit may say（走访记录）: checked, told apart from another by its digest, never more than was seen.

Pure. A record is what one verifier saw at one place; it is made off line as often as on line, so that it must be the
same whenever it arrives: moments do not belong to what tells two records apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import asin, cos, radians, sin, sqrt
from typing import Final

from luoshi.rules import chain
from luoshi.rules.refusals import Refused, declare, gettext_noop

_ = gettext_noop
declare(
    409,
    visit_recorded=_(
        "The visit to %(place)s has been recorded already, and otherwise than this. Compare the two and choose."
    ),
    visit_withdrawn=_("The visit to %(place)s was withdrawn: there is nothing to record. %(reason)s"),
    visit_concluded=_("The campaign is concluded: what was recorded at %(place)s cannot be corrected any more."),
    visit_not_recorded=_("Nothing has been recorded at %(place)s yet, so there is nothing to correct."),
    visit_criteria_changed=_(
        "The criteria for %(place)s are not those on your form any more. Load the form again and compare."
    ),
)
declare(
    422,
    visit_verdict_missing=_("Say whether what was reported holds, or that nobody could be reached."),
    visit_words_missing=_("Say in a few words what was seen, or why nobody could be reached."),
    visit_contradicts=_("A criterion does not hold, so it cannot be said that everything holds."),
    visit_criteria=_("Give one verdict for each of the %(criteria)s criteria."),
    visit_photos_many=_("At most %(limit)s photos go with one visit; none is needed."),
    visit_photo_kind=_("“%(name)s” is no picture: a visit takes JPEG, PNG or WebP."),
    visit_unreachable_empty=_("Where nobody could be reached nothing was seen: leave the verdicts empty."),
)

PHOTOS: Final = 4
"""Photos that may go with a visit; none is asked for."""
CLOCK: Final = timedelta(minutes=5)
"""How far a telephone's clock may run ahead and still be believed."""
OLDEST: Final = timedelta(days=31)
"""How long a record may wait on a telephone and its moment still be believed."""
EARTH: Final = 6_371_000.0


class Outcome(StrEnum):
    """How a visit ended（走访结果）."""

    DONE = "done"
    UNREACHABLE = "unreachable"


class Nearness(StrEnum):
    """Whether the telephone stood near the unit; nothing finer is ever told（是否在场）."""

    NOT_TOLD = ""
    NEAR = "near"
    FAR = "far"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The verdict on one criterion: its text as it was read, whether it holds, what was seen."""

    text: str
    holds: bool
    words: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """What one verifier says of one place; ``holds`` is None where nobody could be reached."""

    outcome: Outcome
    holds: bool | None
    criteria: tuple[Verdict, ...] = ()
    words: str = ""
    place: Nearness = Nearness.NOT_TOLD
    photos: tuple[str, ...] = ()
    """Digests of the photos, in the order they were taken."""

    def digest(self) -> str:
        """SHA-256 over what was said, without moments: the same record sent again has the same digest."""
        said = {
            "outcome": self.outcome.value,
            "holds": self.holds,
            "criteria": [{"text": one.text, "holds": one.holds, "words": one.words} for one in self.criteria],
            "words": self.words,
            "place": self.place.value,
            "photos": list(self.photos),
        }
        return chain.digest(chain.canonical(said)).hex()

    def said(self) -> str:
        """The words that stand for the whole record: what was written, else what was written of the criteria."""
        return self.words or "；".join(f"{one.text}：{one.words}" for one in self.criteria if one.words)

    def percent(self) -> int:
        """How much was found done, 0–100: all where everything holds, else the share of criteria that hold, below 100.

        Where nothing holds and where no criteria were agreed it is 0: more was not seen.
        """
        if self.holds:
            return 100
        if not self.criteria:
            return 0
        return min(99, 100 * sum(one.holds for one in self.criteria) // len(self.criteria))


def check(record: Record, texts: Sequence[str], *, wordless: bool = False) -> None:
    """Whether a record says all that is needed and does not contradict itself.

    Args:
        record: what was said.
        texts: the criteria as they stand now.
        wordless: the matter is handled off the system and takes no words.

    Raises:
        Refused: ``visit_verdict_missing``, ``visit_unreachable_empty``, ``visit_criteria``,
            ``visit_criteria_changed`` (without its place), ``visit_contradicts``, ``visit_words_missing``,
            ``visit_photos_many``.
    """
    if record.outcome is Outcome.UNREACHABLE:
        if record.holds is not None or record.criteria:
            raise Refused("visit_unreachable_empty")
    else:
        if record.holds is None:
            raise Refused("visit_verdict_missing")
        if len(record.criteria) != len(texts):
            raise Refused("visit_criteria", criteria=len(texts))
        if any(one.text and one.text != text for one, text in zip(record.criteria, texts, strict=True)):
            raise Refused("visit_criteria_changed", place="")
        if record.holds and not all(one.holds for one in record.criteria):
            raise Refused("visit_contradicts")
    if not record.said() and not wordless:
        raise Refused("visit_words_missing")
    if len(record.photos) > PHOTOS:
        raise Refused("visit_photos_many", limit=PHOTOS)


def happened(occurred: datetime | None, sent: datetime | None, *, at: datetime) -> datetime | None:
    """When it was seen, by our clock; None when the telephone's clock cannot be believed.

    A telephone's clock may be wrong by hours. What it tells well is how long a record waited: from ``occurred`` to
    ``sent`` by the same clock.

    Args:
        occurred: when it was written down, by the telephone.
        sent: when it was sent, by the telephone; None: its clock is taken for right.
        at: when it arrived, by our clock.
    """
    if occurred is None:
        return None
    waited = (sent or at) - occurred
    if sent is None and -CLOCK <= waited < timedelta(0):
        waited = timedelta(0)
    return at - waited if timedelta(0) <= waited <= OLDEST else None


def metres(here: tuple[float, float], there: tuple[float, float]) -> float:
    """The distance of two positions (longitude, latitude in degrees) in metres, on a sphere."""
    east, north = radians(there[0] - here[0]), radians(there[1] - here[1])
    half = sin(north / 2) ** 2 + cos(radians(here[1])) * cos(radians(there[1])) * sin(east / 2) ** 2
    return 2 * EARTH * asin(min(1.0, sqrt(half)))


def reach(box: tuple[float, float, float, float]) -> tuple[tuple[float, float], int]:
    """The middle of a unit and how far from it one still stands in it: half the diagonal of its box, and 500 m more.

    Args:
        box: west, south, east, north in degrees.

    Returns:
        (longitude, latitude) with four decimals, and whole metres.
    """
    west, south, east, north = box
    middle = (round((west + east) / 2, 4), round((south + north) / 2, 4))
    return middle, int(metres((west, south), (east, north)) / 2) + 500
