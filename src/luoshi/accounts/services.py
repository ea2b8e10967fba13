"""Acts on accounts（账户事务）: tokens, answers already given, the demonstration's change of person."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.utils import timezone

from luoshi.accounts import events
from luoshi.accounts.adapters import Kept
from luoshi.accounts.models import ApiToken, IdempotencyKey, User
from luoshi.ledger import services as ledger
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused, declare, gettext_noop

_ = gettext_noop

declare(
    409,
    key_reused=_("The key %(key)s already answered another request; take a new key for a new request."),
)
declare(
    403,
    demo_only=_("Changing the person without signing in works only in a demonstration and only for its persons."),
    token_not_yours=_("This token belongs to somebody else."),
)
declare(
    422,
    token_days=_("A token is valid for 1 to %(limit)s days."),
    key_malformed=_("An idempotency key has 8 to 128 printable characters without spaces."),
)

TOKEN_MARK = "lsh_"  # noqa: S105 - the public beginning of every token
TOKEN_MAX_DAYS = 366
KEY_KEPT = dt.timedelta(days=7)


def digest_of(secret: str) -> str:
    """SHA-256 of a token; the token has 256 random bits, so no salt and no slow hash are needed."""
    return hashlib.sha256(secret.encode()).hexdigest()


def create_token(
    *, user: User, name: str, actor: Actor, at: dt.datetime, post_ref: str = "", days: int = 90
) -> tuple[ApiToken, str]:
    """Make a token（签发令牌）; the plain secret is returned once and kept nowhere.

    Args:
        user: for whom the token acts.
        name: what the token is for.
        actor: who makes it: the person himself, or the clock for the command line.
        at: when.
        post_ref: the one post it acts from; empty: the person's first post.
        days: how long it is valid, 1–366 days.

    Raises:
        Refused: ``token_days``, ``token_not_yours``.
    """
    if not 1 <= days <= TOKEN_MAX_DAYS:
        raise Refused("token_days", limit=TOKEN_MAX_DAYS)
    if actor.user_id not in {0, user.pk}:
        raise Refused("token_not_yours")
    plain = TOKEN_MARK + secrets.token_urlsafe(32)
    with transaction.atomic():
        token = ApiToken.objects.create(
            user=user,
            name=name.strip()[:64] or "token",
            post_ref=post_ref,
            digest=digest_of(plain),
            prefix=plain[:10],
            created_at=at,
            expires_at=at + dt.timedelta(days=days),
        )
        ledger.append(
            events.TokenCreated(
                user=user.pk, prefix=token.prefix, post=post_ref, expires_at=token.expires_at.isoformat()
            ),
            actor=actor,
            at=at,
            subjects=(f"accounts.token:{token.pk}",),
        )
    return token, plain


def revoke_token(*, token_id: int, actor: Actor, at: dt.datetime) -> ApiToken:
    """Withdraw a token（吊销令牌）; doing it twice changes nothing.

    Raises:
        Refused: ``not_found``, ``token_not_yours``.
    """
    with transaction.atomic():
        token = ApiToken.objects.select_for_update().filter(pk=token_id).first()
        if token is None:
            raise Refused("not_found")
        if actor.user_id not in {0, token.user_id}:
            raise Refused("token_not_yours")
        if token.revoked_at is None:
            token.revoked_at = at
            token.save(update_fields=["revoked_at"])
            ledger.append(
                events.TokenRevoked(user=token.user_id, prefix=token.prefix),
                actor=actor,
                at=at,
                subjects=(f"accounts.token:{token.pk}",),
            )
    return token


_TOKEN = Kept(
    1,
    lambda digest: (
        ApiToken.objects.select_related("user")
        .filter(digest=digest, revoked_at__isnull=True, user__is_active=True)
        .order_by()
    ),
)


def token_for(plain: str, *, at: dt.datetime) -> ApiToken | None:
    """The valid token of a secret, or None; notes the *day* of use, nothing finer and no count."""
    if not plain.startswith(TOKEN_MARK) or len(plain) > 128:
        return None
    token = next(iter(_TOKEN.ask(digest_of(plain))), None)
    if token is None or token.expires_at <= at:
        return None
    day = timezone.localtime(at).date()
    if token.last_used_on != day:
        ApiToken.objects.filter(pk=token.pk).update(last_used_on=day)
    return token


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer given before: its HTTP status and its JSON body."""

    status: int
    body: Any


def request_digest(method: str, path: str, body: bytes) -> str:
    """The digest that tells whether two requests under one key are the same request."""
    return hashlib.sha256(b"\n".join([method.upper().encode(), path.encode(), body])).hexdigest()


def replay(*, user: User, key: str, digest: str) -> Answer | None:
    """The answer already given under this key（重复请求）, or None when the key is new.

    Raises:
        Refused: ``key_malformed``, ``key_reused`` when the key answered another request.
    """
    if not 8 <= len(key) <= 128 or not key.isascii() or not key.isprintable() or " " in key:
        raise Refused("key_malformed")
    known = IdempotencyKey.objects.filter(user=user, key=key).first()
    if known is None:
        return None
    if known.request_digest != digest:
        raise Refused("key_reused", key=key)
    return Answer(known.status, known.body)


def remember(*, user: User, key: str, digest: str, status: int, body: Any, at: dt.datetime) -> None:
    """Keep an answer under its key, in the same transaction as the act it answers.

    Of two requests at once with one key the second fails here, and with it its act.

    Raises:
        Refused: ``key_reused``.
    """
    try:
        with transaction.atomic():
            IdempotencyKey.objects.create(
                user=user,
                key=key,
                request_digest=digest,
                status=status,
                body=json.loads(json.dumps(body, default=str)),
                at=at,
            )
    except IntegrityError as twice:
        raise Refused("key_reused", key=key) from twice


def forget_old_keys(*, at: dt.datetime) -> int:
    """Delete answers older than seven days; returns how many."""
    return IdempotencyKey.objects.filter(at__lt=at - KEY_KEPT).delete()[0]


def create_demo_persons(
    *, persons: Sequence[tuple[str, str]], actor: Actor, at: dt.datetime, password: str = ""
) -> dict[str, User]:
    """Add the invented persons of a demonstration（建立演示人物）, in one act; none of them can administer the site.

    Args:
        persons: sign-in name and the name shown, each once.
        actor: the clock, on the command line.
        at: when.
        password: one for all of them, hashed once; empty: none of them can sign in with a password.

    Returns:
        The persons by sign-in name.
    """
    encoded = make_password(password or None)
    with transaction.atomic():
        people = User.objects.bulk_create(
            [
                User(username=username, display_name=name, is_demo=True, password=encoded, date_joined=at)
                for username, name in persons
            ],
            batch_size=500,
        )
        ledger.append(
            events.DemoPersonsCreated(count=len(people)), actor=actor, at=at, subjects=("accounts.demo:persons",)
        )
    return {person.username: person for person in people}


def demo_person(username: str) -> User:
    """The demonstration person one may switch to（切换演示人物）.

    Raises:
        Refused: ``demo_only`` outside a demonstration or for a person who is not of it.
    """
    person = User.objects.filter(username=username, is_demo=True, is_active=True, is_superuser=False).first()
    if not settings.DEMO or person is None:
        raise Refused("demo_only")
    return person


def choose_language(*, user: User | None, language: str) -> str:
    """Keep the language a person chose（选择语言）.

    Raises:
        Refused: ``bad_input`` for a language the house does not speak.
    """
    known = [code for code, _name in settings.LANGUAGES]
    if language not in known:
        raise Refused("bad_input", field="language", problem=", ".join(known))
    if user is not None and user.language != language:
        User.objects.filter(pk=user.pk).update(language=language)
    return language
