"""Tokens, answers given once, language, the change of person in a demonstration."""

from __future__ import annotations

import datetime as dt
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from luoshi.accounts import services
from luoshi.accounts.models import ApiToken, User
from luoshi.rules.permissions import SYSTEM
from luoshi.rules.refusals import Refused

pytestmark = pytest.mark.django_db
AT = dt.datetime(2026, 3, 2, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def user() -> User:
    return User.objects.create_user("yang", password="a long pass phrase", display_name="杨")


def refused(act: object, **arguments: object) -> str:
    with pytest.raises(Refused) as refusal:
        act(**arguments)  # type: ignore[operator]
    return refusal.value.code


def test_a_token_is_told_once_and_ends(user: User) -> None:
    token, plain = services.create_token(user=user, name="t", actor=SYSTEM, at=AT, days=2)
    assert plain not in str(ApiToken.objects.values())
    assert services.token_for(plain, at=AT) == token
    assert ApiToken.objects.get().last_used_on == AT.date()
    assert services.token_for(plain, at=AT + dt.timedelta(days=2)) is None
    services.revoke_token(token_id=token.pk, actor=SYSTEM, at=AT)
    assert services.token_for(plain, at=AT) is None
    assert services.token_for("lsh_x", at=AT) is None
    assert refused(services.create_token, user=user, name="t", actor=SYSTEM, at=AT, days=0) == "token_days"


def test_the_command_prints_it(user: User) -> None:
    out = StringIO()
    call_command("token", "yang", stdout=out)
    assert services.token_for(out.getvalue().strip(), at=dt.datetime.now(dt.UTC)) is not None
    with pytest.raises(CommandError) as error:
        call_command("token", "nobody")
    assert error.value.returncode == 1


@pytest.mark.principle(6)
def test_an_answer_is_given_once(user: User) -> None:
    digest = services.request_digest("post", "/x", b"{}")
    assert services.replay(user=user, key="key-12345", digest=digest) is None
    services.remember(user=user, key="key-12345", digest=digest, status=201, body={"id": 1}, at=AT)
    assert services.replay(user=user, key="key-12345", digest=digest) == services.Answer(201, {"id": 1})
    other = services.request_digest("post", "/x", b"[]")
    assert refused(services.replay, user=user, key="key-12345", digest=other) == "key_reused"
    assert refused(services.replay, user=user, key="a b", digest=digest) == "key_malformed"
    again = {"user": user, "key": "key-12345", "digest": digest, "status": 1, "body": None, "at": AT}
    assert refused(services.remember, **again) == "key_reused"
    assert services.forget_old_keys(at=AT + dt.timedelta(days=8)) == 1


def test_language(user: User) -> None:
    client = Client()
    client.force_login(user, backend="luoshi.accounts.adapters.sign_in.Passwords")
    answer = client.post("/accounts/language/", {"language": "en", "next": "https://elsewhere.example/"})
    assert answer.cookies["luoshi_language"].value == "en"
    assert answer.headers["location"] == "/"
    assert User.objects.get().language == "en"
    assert "luoshi_language" not in client.post("/accounts/language/", {"language": "tlh"}).cookies
    assert client.get("/accounts/language/").status_code == 405


@pytest.mark.parametrize(("demo", "flagged", "status"), [(True, True, 302), (False, True, 403), (True, False, 403)])
def test_switching_only_in_a_demonstration(
    user: User, settings: object, demo: bool, flagged: bool, status: int
) -> None:
    settings.DEMO = demo  # type: ignore[attr-defined]
    User.objects.create_user("li", is_demo=flagged)
    client = Client()
    answer = client.post("/accounts/switch/", {"username": "li"})
    assert answer.status_code == status
    assert ("_auth_user_id" in client.session) is (status == 302)
    assert client.get("/accounts/switch/").status_code == 405


def test_nobody_signs_up(settings: object) -> None:
    answer = Client().post(
        "/account/signup/", {"username": "x", "password1": "pass-phrase-9", "password2": "pass-phrase-9"}
    )
    assert answer.status_code in {200, 403}
    assert not User.objects.filter(username="x").exists()
