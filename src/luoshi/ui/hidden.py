"""Hidden inputs of forms that act（隐藏栏）, for both template engines."""

from __future__ import annotations

import uuid

from django.http import HttpRequest
from django.middleware.csrf import get_token
from markupsafe import Markup


def csrf(request: HttpRequest) -> Markup:
    """The token that tells a form of ours from one of somebody else's page."""
    return token_input(get_token(request))


def token_input(token: str) -> Markup:
    """The same where the token is at hand; nothing for none."""
    return Markup('<input type="hidden" name="csrfmiddlewaretoken" value="{}">').format(token) if token else Markup()


def idempotency_key() -> Markup:
    """A fresh key, so that sending twice acts once."""
    return Markup('<input type="hidden" name="idempotency_key" value="{}">').format(uuid.uuid4())
