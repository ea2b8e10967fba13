"""Who is signed in is found by kept statements: as fresh and as strict as Django's own."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus

import pytest
from django.contrib.auth import get_user
from django.contrib.sessions.models import Session
from django.db import connection
from django.http import HttpRequest
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from luoshi.accounts.adapters.sign_in import Passwords
from luoshi.accounts.models import User
from luoshi.config.sessions import SessionStore

pytestmark = pytest.mark.django_db


@pytest.fixture
def user() -> User:
    """Somebody with a password."""
    return User.objects.create_user("li", password="a-long-password-1")


@pytest.fixture
def signed(client: Client, user: User) -> Client:
    """His browser, signed in by name and password."""
    _sign_in(client, "a-long-password-1")
    assert client.session["_auth_user_backend"].endswith("sign_in.Passwords")
    return client


def _sign_in(client: Client, password: str) -> None:
    answer = client.post("/account/login/", {"login": "li", "password": password})
    assert answer.status_code == HTTPStatus.FOUND


def _who(client: Client) -> object:
    request = HttpRequest()
    request.session = SessionStore(client.session.session_key)
    return get_user(request)


def test_found_by_one_statement_each_and_fresh(signed: Client, user: User) -> None:
    key = signed.session.session_key
    request = HttpRequest()
    request.session = SessionStore(key)
    with CaptureQueriesContext(connection) as asked:
        assert get_user(request) == user
    assert len(asked) == 2
    User.objects.update(display_name="李")
    assert str(_who(signed)) == "李"


def test_the_same_row_as_django_finds(signed: Client, user: User) -> None:
    found = Passwords().get_user(str(user.pk))
    assert found is not None
    kept, stored = dict(found.__dict__), dict(User.objects.get(pk=user.pk).__dict__)
    assert kept.pop("_state").__dict__.keys() >= {"db", "adding"}
    stored.pop("_state")
    assert kept == stored


def test_a_session_that_ended_is_none(signed: Client) -> None:
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert not getattr(_who(signed), "is_authenticated", True)
    store = SessionStore(signed.session.session_key or "x" * 32)
    assert dict(store.items()) == {}
    assert store.session_key is None, "an unknown key is never taken over from a browser"


def test_a_key_that_nobody_has(user: User) -> None:
    store = SessionStore("' OR 1 = 1 --".ljust(32, "-"))
    assert store.get("_auth_user_id") is None
    assert store.session_key is None


def test_who_was_put_out_or_changed_the_password_is_out(signed: Client, user: User) -> None:
    assert _who(signed) == user
    user.set_password("another-long-password-2")
    user.save()
    assert not getattr(_who(signed), "is_authenticated", True)
    _sign_in(signed, "another-long-password-2")
    assert _who(signed) == user
    User.objects.update(is_active=False)
    assert not getattr(_who(signed), "is_authenticated", True)
    assert Passwords().get_user(user.pk + 1) is None


def test_signing_out_ends_the_session(signed: Client) -> None:
    key = signed.session.session_key
    signed.logout()
    assert not Session.objects.filter(session_key=key).exists()
    assert signed.get("/register/").status_code == HTTPStatus.FOUND
