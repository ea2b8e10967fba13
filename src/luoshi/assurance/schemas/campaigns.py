"""Campaigns at every door: one input for each act, and what the API answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from luoshi.assurance import services
from luoshi.assurance.models import Campaign, Certificate, Visit
from luoshi.assurance.queries import campaigns as reads
from luoshi.delivery.schemas.inputs import ActInput, Ident, Line, Nothing, Text, told
from luoshi.delivery.schemas.performing import Acts, fit
from luoshi.ledger.models import Entry
from luoshi.ledger.queries import number_of
from luoshi.office.models import Job
from luoshi.rules import campaigns
from luoshi.rules.campaigns import CampaignAct
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import gettext_noop as _
from luoshi.rules.sampling import Reading

LevelName = Literal["province", "prefecture", "county", "township", "village"]


class ProposeCampaign(ActInput):
    """Put a claim up for visits by lot; shares in basis points (500 = 5 %)."""

    programme: Annotated[str, Field(max_length=60)] = told(_("Programme"))
    matter: Annotated[int, Field(ge=1, le=99)] | None = told(_("Matter"), default=None)
    under: Ident = told(_("Units beneath"))
    level: LevelName = told(_("Level of the places"))
    title: Line = told(_("What is claimed, in a few words"), min_length=1)
    claim_bp: Annotated[int, Field(ge=10, le=5000)] = told(_("Fewer than this share is false"), default=500)
    risk_bp: Annotated[int, Field(ge=10, le=2000)] = told(_("Risk of a wrong certificate"), default=500)
    second_visits_bp: Annotated[int, Field(ge=0, le=5000)] = told(_("Looked at twice"), default=1000)


class EnterSeed(ActInput):
    """The twenty digits rolled in public."""

    seed: Annotated[str, Field(min_length=1, max_length=100)] = told(_("The twenty digits rolled in public"))


class GiveOpinion(ActInput):
    """An act with an opinion."""

    opinion: Text = told(_("Opinion"), widget="textarea", min_length=1)


class GiveReason(ActInput):
    """An act with a reason."""

    reason: Text = told(_("Reason"), widget="textarea", min_length=1)


class ExceptCommitment(GiveReason):
    """Withdraw a certificate for one commitment."""

    ref: Annotated[str, Field(max_length=40)] = told(_("Number"))


CAMPAIGN_ACTS: Acts[CampaignAct, Any] = Acts(
    "campaign",
    {
        CampaignAct.FREEZE: (Nothing, services.freeze_frame),
        CampaignAct.SEED: (EnterSeed, services.enter_seed),
        CampaignAct.CONCLUDE: (GiveOpinion, services.conclude_campaign),
        CampaignAct.CERTIFY: (GiveOpinion, services.give_certificate),
        CampaignAct.CLOSE: (GiveOpinion, services.close_certified),
        CampaignAct.STOP: (GiveReason, services.stop_campaign),
    },
)


def propose(*, actor: Actor, data: Mapping[str, Any], at: dt.datetime) -> services.CampaignDone:
    """Propose a campaign: validate what was said, call the one service.

    Raises:
        Refused: ``bad_input``, or whatever the service refuses.
    """
    return services.propose_campaign(actor=actor, at=at, **fit(ProposeCampaign, data).model_dump())


# --- What the API answers --------------------------------------------------------------------------------------------


class CampaignOut(BaseModel):
    """A campaign."""

    ref: str
    version: int
    programme: str
    matter: int | None
    title: str
    under: int
    under_name: str
    level: str
    claim_bp: int
    risk_bp: int
    second_visits_bp: int
    stage: str
    outcome: str
    frame_size: int
    frame_digest: str
    frozen_at: dt.datetime | None
    seed: str | None
    created_at: dt.datetime
    concluded_at: dt.datetime | None

    @classmethod
    def told(cls, campaign: Campaign, actor: Actor) -> CampaignOut:
        """As one reader sees it: the seed, and with it the order, only whoever may see it."""
        return cls(**cls.values(campaign, actor))

    @staticmethod
    def values(campaign: Campaign, actor: Actor) -> dict[str, Any]:
        """Its fields."""
        own = (
            "ref", "version", "title", "level", "claim_bp", "risk_bp", "second_visits_bp", "stage", "outcome",
            "frame_size", "frame_digest", "frozen_at", "created_at", "concluded_at",
        )  # fmt: skip
        return {
            **{name: getattr(campaign, name) for name in own},
            "programme": campaign.programme.key,
            "matter": campaign.matter.number if campaign.matter else None,
            "under": campaign.under_id,
            "under_name": campaign.under.name,
            "seed": campaign.seed if reads.sees_order(actor, campaign) else None,
        }


class NeedOut(BaseModel):
    """How many more visits certify if that many more turn out false; null: then it cannot be certified."""

    more_false: int
    visits: int | None


class ReadingOut(BaseModel):
    """What the verdicts say: numbers of places."""

    verdict: str
    places: int
    fewer_false_than: int
    visits: int
    holds: int
    false: int
    unknown: int
    low: int
    high: int
    surely: int
    at_most: int
    needs: list[NeedOut]

    @classmethod
    def told(cls, reading: Reading) -> ReadingOut:
        """From what the rules read."""
        own = ("visits", "holds", "false", "unknown", "low", "high", "surely", "at_most")
        return cls(
            verdict=reading.verdict.value,
            places=reading.size,
            fewer_false_than=reading.limit,
            needs=[NeedOut(more_false=one.more_false, visits=one.visits) for one in reading.needs],
            **{name: getattr(reading, name) for name in own},
        )


class StratumOut(BaseModel):
    """What the verdicts say of one stratum, by itself."""

    unit: int
    name: str
    places: int
    visits: int
    holds: int
    false: int
    unknown: int
    verdict: str
    lot: str


class CampaignDetail(CampaignOut):
    """A campaign with its reading and what the caller may do."""

    reading: ReadingOut | None
    sensitivity_bp: int | None
    strata: list[StratumOut]
    gap: int | None
    waiting: int
    open: int
    certificate: str | None
    may: list[str]

    @classmethod
    def whole(cls, campaign: Campaign, actor: Actor, today: dt.date) -> CampaignDetail:
        """The campaign as one reader sees it on a day."""
        standing = reads.shown_standing(campaign, today) if campaign.frame_size else None
        certificate = reads.certificate_of(campaign)
        own = ("unit", "name", "places", "visits", "holds", "false", "unknown")
        return cls(
            **cls.values(campaign, actor),
            reading=ReadingOut.told(standing.reading) if standing else None,
            sensitivity_bp=standing.sensitivity_bp if standing else None,
            strata=[
                StratumOut(
                    verdict=line.verdict.value, lot=line.lot.value, **{name: getattr(line, name) for name in own}
                )
                for line in (standing.lines if standing else ())
            ],
            gap=standing.gap if standing else None,
            waiting=standing.waiting if standing else 0,
            open=standing.open if standing else 0,
            certificate=certificate.ref if certificate else None,
            may=[act.value for act in campaigns.possible(reads.facts_of(campaign), actor=actor)],
        )


class CampaignPage(BaseModel):
    """Campaigns, newest first."""

    items: list[CampaignOut]
    next: int | None


class VisitedOut(BaseModel):
    """One place of the order with its verdict; ``holds`` is null where nobody could be reached."""

    position: int
    code: str
    name: str
    stratum: int
    ref: str
    state: str
    holds: bool | None

    @classmethod
    def told(cls, visit: Visit) -> VisitedOut:
        """From a visit with its place."""
        place = visit.place
        assert place is not None  # noqa: S101 - drawn visits have one
        return cls(
            position=place.position or 0,
            code=place.code,
            name=place.name,
            stratum=place.stratum_id,
            ref=visit.commitment.ref,
            state=visit.state,
            holds=visit.holds,
        )


class VisitedPage(BaseModel):
    """Places that have a verdict, in the order of the draw."""

    items: list[VisitedOut]
    next: int | None


class LeftOut(BaseModel):
    """What was left out of a closure, and the code of why."""

    ref: str
    code: str


class ActDone(BaseModel):
    """What an act led to; a closure of many is a job, and ``GET /jobs/{job}`` tells how far it is and what was left."""

    campaign: str
    version: int
    stage: str
    outcome: str
    certificate: str | None
    closed: int
    left_out: list[LeftOut]
    entry: int | None
    entry_number: str | None
    job: int | None = None

    @classmethod
    def of(cls, done: Any, campaign: Campaign) -> ActDone:
        """From what the service returned; ``campaign`` as it stands now."""
        certificate = reads.certificate_of(campaign)
        left = getattr(done, "left_out", {})
        job = done if isinstance(done, Job) else None
        return cls(
            campaign=campaign.ref,
            version=campaign.version,
            stage=campaign.stage,
            outcome=campaign.outcome,
            certificate=certificate.ref if certificate else None,
            closed=len(getattr(done, "closed", ())),
            left_out=[LeftOut(ref=ref, code=refused.code) for ref, refused in left.items()],
            entry=None if job else done.entry.pk,
            entry_number=None if job else str(number_of(done.entry) or "") or None,
            job=job.pk if job else None,
        )


class CertificateOut(BaseModel):
    """A certificate, with what it no longer speaks for."""

    ref: str
    campaign: str
    digest: str
    claim: str
    at: dt.datetime
    withdrawn_at: dt.datetime | None
    withdrawn_reason: str
    exceptions: list[str]
    content: dict[str, Any]

    @classmethod
    def told(cls, certificate: Certificate) -> CertificateOut:
        """From a row; ``content`` is what its digest binds, when digested as JSON with sorted keys and no spaces."""
        own = ("ref", "digest", "claim", "at", "withdrawn_at", "withdrawn_reason")
        return cls(
            campaign=certificate.campaign.ref,
            exceptions=list(certificate.exceptions.values_list("commitment__ref", flat=True)),
            content=reads.certified_content(certificate.campaign),
            **{name: getattr(certificate, name) for name in own},
        )


class CertificateActDone(BaseModel):
    """A certificate was withdrawn, wholly or for one commitment."""

    certificate: str
    entry: int

    @classmethod
    def of(cls, certificate: Certificate, entry: Entry) -> CertificateActDone:
        """From what the service returned."""
        return cls(certificate=certificate.ref, entry=entry.pk)
