"""A small world: one prefecture with two counties, a post in each, and people who hold them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.db import connection

from luoshi.accounts.models import User
from luoshi.office.services import jobs
from luoshi.rules.paths import segment
from luoshi.rules.permissions import Actor
from luoshi.units.models import Holding, Post, Unit
from luoshi.units.queries import actor_for

AT = dt.datetime(2026, 3, 2, 1, 0, tzinfo=dt.UTC)
START = dt.date(2026, 1, 1)


def make_unit(name: str, parent: Unit | None, level: str) -> Unit:
    number = (Unit.objects.order_by("-pk").values_list("pk", flat=True).first() or 0) + 1
    path = (parent.path if parent else "") + segment(number)
    unit = Unit(pk=number, name=name, parent=parent, level=level, path=path, area_id=number, valid_from=START)
    unit.save(force_insert=True)
    return unit


def make_post(unit: Unit, role: str, username: str, *, ref: str = "", email: str = "") -> tuple[Post, User]:
    user = User.objects.create_user(username, email=email, password="x", display_name=username, language="en")
    post = Post.objects.create(ref=ref or f"P-{username}", unit=unit, title=f"Post of {username}", role=role)
    Holding.objects.create(post=post, user=user, from_on=START)
    return post, user


@dataclass
class World:
    """Units, posts and actors of the tests."""

    prefecture: Unit
    county: Unit
    sibling: Unit
    posts: dict[str, Post]
    users: dict[str, User]

    def actor(self, name: str, at: dt.datetime = AT) -> Actor:
        return actor_for(self.users[name], at=at)


@pytest.fixture
def world(db: None) -> World:
    prefecture = make_unit("大理州", None, "prefecture")
    county = make_unit("洱源县", prefecture, "county")
    sibling = make_unit("剑川县", prefecture, "county")
    posts, users = {}, {}
    for name, unit, role in (
        ("handler", county, "handler"),
        ("head", county, "head"),
        ("stranger", sibling, "head"),
        ("above", prefecture, "office"),
        ("admin", prefecture, "administrator"),
    ):
        posts[name], users[name] = make_post(unit, role, name, email=f"{name}@example.org")
    return World(prefecture, county, sibling, posts, users)


@pytest.fixture(autouse=True)
def files(settings: object, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "files"  # type: ignore[attr-defined]
    return tmp_path / "files"


@pytest.fixture
def kinds() -> Iterator[dict[str, jobs.Kind]]:
    before = dict(jobs.KINDS)
    yield jobs.KINDS
    jobs.KINDS.clear()
    jobs.KINDS.update(before)


@pytest.fixture
def vendor() -> str:
    return connection.vendor
