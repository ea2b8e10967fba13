"""What pages about campaigns say（抽查页面用语）: the claim, the verdict, the picture of what is known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from markupsafe import Markup

from luoshi.assurance.models import Campaign
from luoshi.assurance.queries.campaigns import Standing
from luoshi.rules.campaigns import ACT_NAMES, CampaignAct, share
from luoshi.rules.refusals import gettext_noop
from luoshi.rules.sampling import Lot, Need, Reading, Verdict
from luoshi.units.models import Level

_N = gettext_noop

VERDICTS: Mapping[str, tuple[str, str]] = {
    "certified": (_N("certified"), "check"),
    "refuted": (_N("refuted"), "cross"),
    "undecided": (_N("undecided"), "clock"),
}
"""Verdict → its word and its sign."""
MEANINGS: Mapping[str, str] = {
    "certified": _N("The visits bear the claim out: it may be certified."),
    "refuted": _N("The visits speak against the claim: more is false than it says."),
    "undecided": _N("The visits do not decide yet; nothing is claimed in the meantime."),
}
LOTS: Mapping[Lot, str] = {
    Lot.GOOD: _N("good"),
    Lot.WEAK: _N("weak"),
    Lot.OPEN: _N("not enough visits"),
}
CONSEQUENCES: Mapping[CampaignAct, str] = {
    CampaignAct.FREEZE: _N(
        "What is reported complete now becomes the list, and its digest an entry of the ledger. Afterwards nothing is"
        " added or left out."
    ),
    CampaignAct.SEED: _N(
        "The digits fix the order of all places for good. Enter them before witnesses and print them: anybody who has"
        " list and digits can redo the order."
    ),
    CampaignAct.CONCLUDE: _N("The verdicts decide what the conclusion is; your opinion stands beside it."),
    CampaignAct.CERTIFY: _N("The certificate binds list, order, verdicts and reading by a digest."),
    CampaignAct.CLOSE: _N(
        "Everything the certificate speaks for is struck off in one act. What was found false, could not be reached or"
        " was reported on since stays open."
    ),
    CampaignAct.STOP: _N("The campaign ends without a word on its claim, and is not begun again."),
}
WIDTH, LEFT = 600, 8
"""Units of the picture, and its margin."""


def claim(campaign: Campaign, limit: int) -> str:
    """The claim in one sentence."""
    told = {
        "places": campaign.frame_size,
        "limit": limit,
        "share": share(campaign.claim_bp),
        "risk": share(campaign.risk_bp),
    }
    return _("Of %(places)s places reported complete, fewer than %(limit)s (%(share)s %%) are false.") % told


def intended(campaign: Campaign) -> str:
    """The claim before the list is frozen."""
    return _("Of the places reported complete, fewer than %(share)s %% are false.") % {
        "share": share(campaign.claim_bp)
    }


def level_name(campaign: Campaign) -> str:
    """The level of the places in the reader's language."""
    return str(Level(campaign.level).label)


def act_names(acts: tuple[CampaignAct, ...]) -> list[tuple[str, str]]:
    """Acts with their names, in the order of the work."""
    return [(one.value, _(ACT_NAMES[one])) for one in acts]


def needed(need: Need) -> tuple[str, str]:
    """A case and what it would take."""
    if need.more_false == 0:
        case = _("if none of them is false")
    else:
        case = ngettext("if %(count)s of them is false", "if %(count)s of them are false", need.more_false) % {
            "count": need.more_false
        }
    if need.visits is None:
        return case, _("it cannot be certified any more")
    return case, ngettext("%(count)s more visit", "%(count)s more visits", need.visits) % {"count": need.visits}


def told(standing: Standing) -> dict[str, Any]:
    """What the page says of a reading."""
    reading = standing.reading
    word, sign = VERDICTS[reading.verdict.value]
    certified = reading.verdict is Verdict.CERTIFIED
    return {
        "reading": reading,
        "word": _(word),
        "sign": sign,
        "meaning": _(MEANINGS[reading.verdict.value]),
        "picture": picture(reading),
        "needs": [] if certified else [needed(need) for need in reading.needs],
        "sensitivity": share(standing.sensitivity_bp),
        "strata": [(line, _(VERDICTS[line.verdict.value][0]), _(LOTS[line.lot])) for line in standing.lines],
    }


def enclosure(reading: Reading) -> str:
    """The picture in words."""
    return _("Between %(low)s and %(high)s of %(places)s places are false; the claim says fewer than %(limit)s.") % {
        "low": reading.low,
        "high": reading.high,
        "places": reading.size,
        "limit": reading.limit,
    }


def picture(reading: Reading) -> Markup:
    """The enclosure of the true number of false ones as a bar, with the line of the claim; the words stand beside it.

    The light bar holds with 95 % at all times, on both sides together; the dark one is what the verdict rests on.
    """
    end = min(reading.size, max(round(reading.limit * 2.5), round(reading.high * 1.05), 4))

    def at(count: int) -> int:
        return LEFT + round((WIDTH - 2 * LEFT) * min(count, end) / end)

    low, high, surely, most, line = (
        at(count) for count in (reading.low, reading.high, reading.surely, reading.at_most, reading.limit)
    )
    return Markup(
        '<svg class="enclosure" viewBox="0 0 {width} 62" role="img" aria-label="{words}">'
        '<rect class="axis" x="{left}" y="29" width="{whole}" height="2"/>'
        '<rect class="both" x="{low}" y="22" width="{both}" height="16" rx="3"/>'
        '<rect class="one" x="{surely}" y="25" width="{one}" height="10" rx="2"/>'
        '<rect class="limit" x="{line}" y="10" width="2" height="38"/>'
        '<text x="{mark}" y="9" text-anchor="{anchor}">{limit}</text>'
        '<text x="{left}" y="58">0</text><text x="{right}" y="58" text-anchor="end">{end}</text></svg>'
    ).format(
        width=WIDTH,
        words=enclosure(reading),
        left=LEFT,
        whole=WIDTH - 2 * LEFT,
        low=low,
        both=max(2, high - low),
        surely=surely,
        one=max(2, most - surely),
        line=line - 1,
        mark=line,
        anchor="middle" if 40 < line < WIDTH - 40 else "start" if line <= 40 else "end",
        limit=reading.limit,
        right=WIDTH - LEFT,
        end=end,
    )
