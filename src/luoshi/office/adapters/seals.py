"""Sealing（封存）: addresses and keys of channels, unreadable in the database and in its copies.

Sealed with a key derived from ``LUOSHI_SECRET_KEY``; former keys (``SECRET_KEY_FALLBACKS``) still open.
"""

from __future__ import annotations

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class Unreadable(Exception):  # noqa: N818 - says what was found
    """Sealed with another secret key."""


def _box() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    derived = [hashlib.sha256(b"luoshi.channels.1|" + str(key).encode()).digest() for key in keys]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(one)) for one in derived])


def seal(text: str) -> str:
    """``text`` sealed."""
    return _box().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """What was sealed.

    Raises:
        Unreadable: the secret key is another one by now.
    """
    try:
        return _box().decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise Unreadable from error
