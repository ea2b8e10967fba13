"""Tables of assurance, one noun a module."""

from luoshi.assurance.models.campaigns import Campaign, Certificate, CertificateException, Place
from luoshi.assurance.models.handing import SealedLot, VisitApproval
from luoshi.assurance.models.visits import Verifier, Visit

__all__ = [
    "Campaign",
    "Certificate",
    "CertificateException",
    "Place",
    "SealedLot",
    "Verifier",
    "Visit",
    "VisitApproval",
]
