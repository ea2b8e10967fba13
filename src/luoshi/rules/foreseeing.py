"""将误期: which commitments will probably miss their date, by fixed rules on the clock and on silence.

These are reasons to ask, told with the rule that named them. Nothing here sets a light, and nothing is computed from
persons: only the date, what was last said, and how long nobody has said anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from luoshi.rules.refusals import gettext_noop as _


@dataclass(frozen=True, slots=True)
class Behind:
    """Due within so many calendar days with less than so many per cent said."""

    within: int
    below: int


STEPS: Final = (Behind(within=14, below=80), Behind(within=30, below=50))
"""The nearer the date, the more must have been said; the first step that fits is named."""
SILENT_DAYS: Final = 30
"""Calendar days without a report …"""
SILENT_WITHIN: Final = 60
"""… while the date is at most so many calendar days away."""

REASONS: Final[Mapping[str, str]] = {
    "behind": _(
        "Days left: %(left)s, said: %(said)s%%. The rule asks for %(below)s%% from %(within)s days before the date."
    ),
    "silent": _(
        "Nothing heard for %(silent)s days; days left: %(left)s. The rule asks after %(days)s days of silence."
    ),
}
"""code → sentence; its places are those of :class:`Warned`."""


@dataclass(frozen=True, slots=True)
class Warned:
    """The rule that names a commitment, with its figures (whole days and per cents)."""

    code: str
    params: Mapping[str, int]

    @property
    def template(self) -> str:
        """The untranslated sentence, with its places."""
        return REASONS[self.code]


def warned(*, due_on: date | None, said: int, heard_on: date | None, today: date) -> Warned | None:
    """The rule by which an open commitment will probably miss its date, or ``None``（将误期）.

    Args:
        due_on: the date it runs to; without one nothing can be foreseen.
        said: per cent last said; what is said to be complete is not named.
        heard_on: the day of the last report, else of its acceptance; ``None``: nobody has taken it on.
        today: the local day; what is overdue already is not foreseen but red.
    """
    if due_on is None or said >= 100 or due_on < today:
        return None
    left = (due_on - today).days
    for step in STEPS:
        if left <= step.within and said < step.below:
            return Warned("behind", {"left": left, "said": said, "below": step.below, "within": step.within})
    silent = (today - heard_on).days if heard_on is not None else 0
    if silent >= SILENT_DAYS and left <= SILENT_WITHIN:
        return Warned("silent", {"silent": silent, "left": left, "days": SILENT_DAYS})
    return None
