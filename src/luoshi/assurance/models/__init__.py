"""Tables of assurance, one noun a module."""

from luoshi.assurance.models.campaigns import Campaign, Certificate, CertificateException, Place
from luoshi.assurance.models.handing import SealedLot, VisitApproval
from luoshi.assurance.models.looking_back import LookBackDay, LookBackDraw, LookBackRule
from luoshi.assurance.models.visits import Verifier, Visit

__all__ = [
    "Campaign",
    "Certificate",
    "CertificateException",
    "LookBackDay",
    "LookBackDraw",
    "LookBackRule",
    "Place",
    "SealedLot",
    "Verifier",
    "Visit",
    "VisitApproval",
]
