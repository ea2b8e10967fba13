"""How programs and pages are recognised by the API（接口认证）."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils import timezone
from ninja.security import HttpBearer, SessionAuth

from luoshi.accounts import services
from luoshi.accounts.models import User


class TokenAuth(HttpBearer):
    """``Authorization: Bearer lsh_…``: sets ``request.auth_token`` and ``request.user``."""

    openapi_name = "token"

    def authenticate(self, request: HttpRequest, token: str) -> User | None:
        """The token's person, or None when the token is unknown, withdrawn or past its date."""
        found = services.token_for(token, at=timezone.now())
        if found is None:
            return None
        request.auth_token = found  # type: ignore[attr-defined]
        request.user = found.user
        return found.user


class PageAuth(SessionAuth):
    """The session of a signed-in page, with its CSRF check."""

    openapi_name = "session"


AUTH = [TokenAuth(), PageAuth()]
"""What the one API object takes as ``auth``: a token, or the session of a page."""
