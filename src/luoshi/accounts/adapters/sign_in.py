"""How sign-in is adapted（登录适配）: accounts are made by administrators, never by visitors."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from luoshi.accounts.adapters.kept import Kept
from luoshi.accounts.models import User

_USER: Kept[User] = Kept(0, lambda pk: User.objects.filter(pk=pk), numbers=1)


class Passwords(ModelBackend):
    """Name and password（口令登录）, as Django has it; who is signed in is found by a statement composed once."""

    def get_user(self, user_id: Any) -> User | None:
        """The person of this key, unless gone or not active any more."""
        found = next(iter(_USER.ask(int(user_id))), None)
        return found if found is not None and self.user_can_authenticate(found) else None


class ClosedSignup(DefaultAccountAdapter):  # type: ignore[misc]
    """No public registration（不开放注册）."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never open: who works here is recorded by an administrator of the unit."""
        return False
