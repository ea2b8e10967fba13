"""Principle 1: promises, not people. No model, pack or schema has a place for what must not be kept."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.apps import apps
from django.urls import get_resolver

PACKAGE = Path(__file__).resolve().parents[2] / "src" / "luoshi"
FORBIDDEN = re.compile(
    r"(?:^|_)(?:ethnic\w*|nationality|religio\w*|belief|faith|household\w*|citizens?|villagers?|residents?|id_card|"
    r"identity_card|bank_card|birth\w*|gender|sex|scores?|ranks?|rankings?|points?|check_?ins?|login_count|online_\w+|"
    r"tracks?|latitude|longitude|gps|border_cross\w*)(?:_|$)|民族|宗教|信仰|户主|身份证|银行卡|积分|打卡|签到|排名|在线时长"
)
ALLOWED: dict[str, str] = {"office.SearchEntry.rank": "depth of a unit in the tree; orders units found among equals"}
"""Name → why it is none of these; closed: whoever adds one argues for it here."""


def keys(thing: Any) -> Iterator[str]:
    """Every key of a nested structure."""
    if isinstance(thing, dict):
        for key, value in thing.items():
            yield str(key)
            yield from keys(value)
    elif isinstance(thing, list):
        for value in thing:
            yield from keys(value)


def model_fields() -> Iterator[str]:
    for model in apps.get_models():
        if model.__module__.startswith("luoshi."):
            yield from (f"{model._meta.label}.{field.name}" for field in model._meta.get_fields())


def pack_keys() -> Iterator[str]:
    for path in PACKAGE.glob("packs/**/*.yaml"):
        for document in yaml.safe_load_all(path.read_text()):
            yield from (f"{path.name}.{key}" for key in keys(document))


def api_objects(patterns: list[Any]) -> Iterator[Any]:
    """The API objects that the views of ``patterns``, nested to any depth, are bound to."""
    for pattern in patterns:
        yield from api_objects(getattr(pattern, "url_patterns", []))
        bound = getattr(getattr(pattern, "callback", None), "keywords", None) or {}
        if "api" in bound:
            yield bound["api"]


def api_properties() -> Iterator[str]:
    for api in {id(found): found for found in api_objects(get_resolver().url_patterns)}.values():
        schemas = api.get_openapi_schema().get("components", {}).get("schemas", {})
        for name, part in schemas.items():
            yield from (f"{name}.{field}" for field in part.get("properties", {}))


@pytest.mark.principle(1)
@pytest.mark.parametrize("names", [model_fields, pack_keys, api_properties])
def test_no_place_for_data_about_people(names: Any) -> None:
    every = set(names())
    assert every, "nothing was walked"
    found = {name for name in every if FORBIDDEN.search(name.rsplit(".", 1)[-1])}
    assert sorted(found - set(ALLOWED)) == []


@pytest.mark.principle(1)
@pytest.mark.parametrize(
    "name", ["ethnicity", "religion", "household_head", "login_count", "score", "checkin", "户主姓名"]
)
def test_the_walk_would_see_it(name: str) -> None:
    assert FORBIDDEN.search(name)
