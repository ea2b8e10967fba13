"""The life-cycle of a commitment（任务）: one table that says who may do what when, and the guards beside it.

``TABLE`` is the rule; everything else in this package only reads it, by noun: :mod:`.states`, :mod:`.acts`,
:mod:`.standing`, :mod:`.facts`, :mod:`.reading` (who is what), :mod:`.guards`, :mod:`.table`, :mod:`.deciding`.

The diagram and the page “who may do what when” are generated from it (:mod:`luoshi.rules.lifecycle_page`), every
door asks :func:`decide`, and the commitment page asks :func:`possibilities`.

Sources: 政府督查工作条例 (2021) Art 14–21 (conclusion, feedback, review; independence of those who check);
principle 3 of the blueprint (three hands). “基本完成” is no state.
"""

from __future__ import annotations

from luoshi.rules.lifecycle.acts import ACT_NAMES, BY_LIST, REPLY_ACTS, WORDLESS, Act
from luoshi.rules.lifecycle.deciding import WOULD_SAY, decide, possibilities
from luoshi.rules.lifecycle.facts import Asked, Facts, Hand, Intent, Move, Possibility
from luoshi.rules.lifecycle.guards import Guard
from luoshi.rules.lifecycle.reading import answers_for, independent, speaks_for, standings
from luoshi.rules.lifecycle.standing import STANDING_NAMES, Standing
from luoshi.rules.lifecycle.states import OVER, STATE_NAMES, Kind, State
from luoshi.rules.lifecycle.table import ABOUT_WORDS, TABLE, Rule
from luoshi.rules.objecting import OBJECTION_DAYS

__all__ = [
    "ABOUT_WORDS",
    "ACT_NAMES",
    "BY_LIST",
    "OBJECTION_DAYS",
    "OVER",
    "REPLY_ACTS",
    "STANDING_NAMES",
    "STATE_NAMES",
    "TABLE",
    "WORDLESS",
    "WOULD_SAY",
    "Act",
    "Asked",
    "Facts",
    "Guard",
    "Hand",
    "Intent",
    "Kind",
    "Move",
    "Possibility",
    "Rule",
    "Standing",
    "State",
    "answers_for",
    "decide",
    "independent",
    "possibilities",
    "speaks_for",
    "standings",
]
