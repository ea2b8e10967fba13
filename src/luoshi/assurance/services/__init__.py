"""The only writers of assurance, one act a function."""

from luoshi.assurance.services.campaigns import (
    CampaignDone,
    conclude_campaign,
    enter_seed,
    freeze_frame,
    propose_campaign,
    stop_campaign,
)
from luoshi.assurance.services.certificates import (
    CertificateDone,
    close_certified,
    except_commitment,
    give_certificate,
    withdraw_certificate,
)

__all__ = [
    "CampaignDone",
    "CertificateDone",
    "close_certified",
    "conclude_campaign",
    "enter_seed",
    "except_commitment",
    "freeze_frame",
    "give_certificate",
    "propose_campaign",
    "stop_campaign",
    "withdraw_certificate",
]
