"""How sign-in is adapted（登录适配）: accounts are made by administrators, never by visitors."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class ClosedSignup(DefaultAccountAdapter):  # type: ignore[misc]
    """No public registration（不开放注册）."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never open: who works here is recorded by an administrator of the unit."""
        return False
