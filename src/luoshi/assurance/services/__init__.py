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
    close_many_certified,
    except_commitment,
    give_certificate,
    withdraw_certificate,
)
from luoshi.assurance.services.directing import direct_visit
from luoshi.assurance.services.looking_back import draw_look_backs, set_look_back_rule
from luoshi.assurance.services.results import ResultRow, Results, import_results
from luoshi.assurance.services.visiting import Recorded, Said, record_visit

__all__ = [
    "CampaignDone",
    "CertificateDone",
    "Recorded",
    "ResultRow",
    "Results",
    "Said",
    "close_certified",
    "close_many_certified",
    "conclude_campaign",
    "direct_visit",
    "draw_look_backs",
    "enter_seed",
    "except_commitment",
    "freeze_frame",
    "give_certificate",
    "import_results",
    "propose_campaign",
    "record_visit",
    "set_look_back_rule",
    "stop_campaign",
    "withdraw_certificate",
]
