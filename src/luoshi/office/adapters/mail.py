"""E-mail（邮件）by Django's mail settings, one connection for a batch, the same Message-ID on every repeat."""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection


class NotSent(Exception):  # noqa: N818 - says what happened
    """A message was not taken; ``final`` when trying again cannot help, ``server`` when nobody answered at all.

    Both together: the receiver answered, and takes nothing from us any more.
    """

    def __init__(self, reason: str, *, final: bool = False, server: bool = False, status: int | None = None) -> None:
        self.reason = reason[:300]
        self.status = status
        self.final = final
        self.server = server
        super().__init__(self.reason)


def why(error: Exception, host: str) -> str:
    """What went wrong on the way to ``host``, in a sentence of :mod:`luoshi.office.models.errors`."""
    if isinstance(error, TimeoutError):
        return f"no answer in time from {host}"
    if isinstance(error, ConnectionRefusedError):
        return f"nobody listens at {host}"
    if isinstance(error, socket.gaierror):
        return f"the name {host} is not known"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the certificate of {host} is not valid"
    return f"no connection to {host} ({type(error).__name__})"


def configured() -> bool:
    """Whether e-mail leaves this installation at all."""
    return not settings.EMAIL_BACKEND.endswith(".dummy.EmailBackend")


def message_id(stamp: str) -> str:
    """The Message-ID for ``stamp`` (hexadecimal): always the same for the same message and recipient."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f"<{stamp}@{domain}>"


@contextmanager
def connection() -> Iterator[Any]:
    """One open connection to the mail server; ``NotSent(server=True)`` when it does not answer."""
    link = get_connection(timeout=10) if "smtp" in settings.EMAIL_BACKEND else get_connection()
    try:
        link.open()
    except (OSError, smtplib.SMTPException) as error:
        raise NotSent(why(error, settings.EMAIL_HOST), server=True) from error
    try:
        yield link
    finally:
        link.close()


def send(link: Any, *, address: str, subject: str, body: str, stamp: str) -> str:
    """Send one message over ``link``; returns its Message-ID, raises :class:`NotSent`."""
    number = message_id(stamp)
    message = EmailMessage(
        subject=" ".join(subject.split()),
        body=body,
        to=[address],
        connection=link,
        headers={"Message-ID": number, "Auto-Submitted": "auto-generated"},
    )
    try:
        message.send()
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        raise NotSent("the server refused the recipient", final=all(500 <= code < 600 for code in codes)) from error
    except smtplib.SMTPServerDisconnected as error:
        raise NotSent("the server hung up", server=True) from error
    except smtplib.SMTPResponseException as error:
        raise NotSent(f"the server answered {error.smtp_code}", final=500 <= error.smtp_code < 600) from error
    except (OSError, smtplib.SMTPException, ValueError) as error:
        raise NotSent(why(error, settings.EMAIL_HOST)) from error
    return number
