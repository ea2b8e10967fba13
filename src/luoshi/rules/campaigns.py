"""抽查的规则: who may do what with a campaign when, and which hands must differ.

A claim is proposed, its list frozen, a seed rolled in public; then visits are made, and the verdicts are concluded. The
certificate is given by somebody who neither proposed the campaign nor visited in it, and a closure by it by somebody
who visited none of what it closes. Only the side that has the visits made acts; whom it is about reads the end of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from luoshi.rules.paths import within
from luoshi.rules.permissions import Actor, Role
from luoshi.rules.refusals import Refused, declare, gettext_noop

_ = gettext_noop
declare(
    403,
    campaign_not_yours=_("A campaign is led by the head or the supervision office of the area that proposed it."),
    campaign_not_above=_("Only the head or the supervision office of an area above may have its units visited by lot."),
    certificate_own_claim=_(
        "You proposed this campaign. The certificate is given by somebody else of your side, so that nobody certifies"
        " a claim of his own."
    ),
    certificate_own_visits=_("You visited places of this campaign, so somebody else gives the certificate."),
)
declare(
    409,
    campaign_stage=_("This cannot be done with a campaign that is “%(stage)s”."),
    campaign_visits_open=_(
        "%(open)s visits handed out have no verdict yet. Wait for them, or take them back with a reason: nothing is"
        " concluded around a visit that was sent for."
    ),
    campaign_gap=_(
        "Place %(position)s of the order has no verdict yet, and later ones have. Places are read in their order: send"
        " somebody there first."
    ),
    campaign_nothing_visited=_("No place has a verdict yet, so there is nothing to conclude."),
    frame_empty=_(
        "Nothing can be drawn: no task of this level beneath %(unit)s is reported complete and open. Choose another"
        " level, matter or unit."
    ),
    frame_too_long=_("The list would hold %(count)s places; at most %(most)s are drawn in one campaign."),
    not_certified=_("The verdicts do not certify the claim, so there is no certificate."),
    certificate_withdrawn=_("This certificate has been withdrawn."),
    certificate_not_about=_("The certificate does not speak for %(ref)s."),
    certificate_excepted=_("The certificate has been withdrawn for %(ref)s already."),
)
declare(
    422,
    claim_range=_("The share of false ones lies between 0.1 and 50 percent."),
    risk_range=_("The risk limit lies between 0.1 and 20 percent."),
    campaign_title_missing=_("Say in a few words what is claimed."),
    seconds_range=_("Between 0 and 50 percent of the places are looked at twice."),
)

CLAIM_BP: Final = (10, 5_000)
RISK_BP: Final = (10, 2_000)
SECONDS_BP: Final = (0, 5_000)
MOST_PLACES: Final = 700_000
"""Places of one frame at most: every village and community of the country."""


class CampaignAct(StrEnum):
    """What can be done with a campaign; the value is the word in addresses."""

    FREEZE = "freeze"
    SEED = "seed"
    CONCLUDE = "conclude"
    CERTIFY = "certify"
    CLOSE = "close"
    STOP = "stop"


ACT_NAMES: Mapping[CampaignAct, str] = MappingProxyType(
    {
        CampaignAct.FREEZE: _("Freeze the list"),
        CampaignAct.SEED: _("Enter the seed"),
        CampaignAct.CONCLUDE: _("Conclude"),
        CampaignAct.CERTIFY: _("Give the certificate"),
        CampaignAct.CLOSE: _("Close by the certificate"),
        CampaignAct.STOP: _("Stop the campaign"),
    }
)
STAGES: Mapping[CampaignAct, frozenset[str]] = MappingProxyType(
    {
        CampaignAct.FREEZE: frozenset({"proposed"}),
        CampaignAct.SEED: frozenset({"frozen"}),
        CampaignAct.CONCLUDE: frozenset({"drawn"}),
        CampaignAct.CERTIFY: frozenset({"concluded"}),
        CampaignAct.CLOSE: frozenset({"concluded"}),
        CampaignAct.STOP: frozenset({"proposed", "frozen", "drawn"}),
    }
)
STAGE_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "proposed": _("proposed"),
        "frozen": _("frame frozen"),
        "drawn": _("drawn"),
        "concluded": _("concluded"),
        "stopped": _("stopped"),
    }
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules need to know of a campaign; made by its queries, never by a door."""

    stage: str
    outcome: str
    owner_area_path: str
    proposed_by: int
    visitors: frozenset[int] = frozenset()
    """Users who recorded a visit of it; looked up only where it matters."""
    has_certificate: bool = False
    withdrawn: bool = False


def leads(actor: Actor, area_path: str) -> bool:
    """Whether the actor is the head of that area or its supervision office."""
    seat = actor.effective
    if actor.role is Role.HEAD:
        return seat.unit_path == area_path == seat.area_path
    return actor.role is Role.OFFICE and seat.area_path == area_path


def require_proposing(actor: Actor, under_path: str) -> None:
    """Whether the actor may have units beneath that path visited by lot.

    Raises:
        Refused: ``campaign_not_above``.
    """
    area = actor.effective.area_path
    if not (leads(actor, area) and within(under_path, area)):
        raise Refused("campaign_not_above")


def decide_campaign(facts: Facts, act: CampaignAct, *, actor: Actor) -> None:
    """Whether the actor may do this with the campaign now.

    Raises:
        Refused: ``campaign_not_yours``, ``campaign_stage``, ``not_certified``, ``certificate_own_claim``,
            ``certificate_own_visits``, ``certificate_withdrawn``.
    """
    if facts.stage not in STAGES[act]:
        raise Refused("campaign_stage", stage=STAGE_NAMES[facts.stage])
    if not leads(actor, facts.owner_area_path):
        raise Refused("campaign_not_yours")
    if act is CampaignAct.CERTIFY:
        if facts.outcome != "certified":
            raise Refused("not_certified")
        if facts.has_certificate:
            raise Refused("campaign_stage", stage=_("certified"))
        if facts.proposed_by == actor.user_id:
            raise Refused("certificate_own_claim")
        if actor.user_id in facts.visitors or not facts.visitors.isdisjoint(actor.kin):
            raise Refused("certificate_own_visits")
    if act is CampaignAct.CLOSE:
        if not facts.has_certificate:
            raise Refused("not_certified")
        if facts.withdrawn:
            raise Refused("certificate_withdrawn")


def possible(facts: Facts, *, actor: Actor) -> tuple[CampaignAct, ...]:
    """What this actor may do with the campaign now, for the page."""
    found = []
    for act in CampaignAct:
        try:
            decide_campaign(facts, act, actor=actor)
        except Refused:
            continue
        found.append(act)
    return tuple(found)


def campaign_ref(prefix: str, number: int) -> str:
    """The number of the ``number``-th campaign of a programme（抽查编号）, like ``YN-2026-C0001``."""
    return f"{prefix}-C{number:04d}"


def certificate_ref(campaign: str) -> str:
    """The number of a campaign's certificate（证书编号）, like ``YN-2026-Z0001``."""
    head, _dash, tail = campaign.rpartition("-C")
    return f"{head}-Z{tail}"


def share(bp: int) -> str:
    """Basis points as a percentage without needless zeros: 500 → ``5``, 250 → ``2.5``."""
    return f"{bp / 100:.2f}".rstrip("0").rstrip(".")


def claim_text(places: int, limit: int, claim_bp: int, risk_bp: int) -> str:
    """The claim as it stands in a certificate（证书结论）, an official paper and therefore Chinese."""
    return (
        f"在{places}个报告已完成的抽样单元中，不实的少于{limit}个（{share(claim_bp)}%）。"
        f"依公开抽签走访判读，误证风险不超过{share(risk_bp)}%。"
    )
