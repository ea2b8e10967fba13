"""One thing, one word: the glossary, the code, the addresses and the tests agree."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.apps import apps
from django.urls import reverse

from luoshi.config.api import api
from luoshi.delivery import services
from luoshi.delivery.events import EVENT_NAMES
from luoshi.delivery.schemas import INPUTS
from luoshi.delivery.schemas.performing import SERVICES
from luoshi.delivery.schemas.slips import SLIP_ACTS
from luoshi.rules.lifecycle import ACT_NAMES, Act
from luoshi.rules.slips import ACT_NAMES as SLIP_NAMES

ROOT = Path(__file__).resolve().parents[2]
GLOSSARY: dict[str, Any] = yaml.safe_load((ROOT / "docs" / "glossary.yaml").read_text(encoding="utf-8"))
ACTS: dict[str, dict[str, str]] = GLOSSARY["acts"]
EVERY = [*ACTS.values(), *GLOSSARY["programme_acts"]]
SLIPS: list[dict[str, str]] = GLOSSARY["slip_acts"]


def found(path: str) -> Any:
    """What lives at a dotted path."""
    parts = path.split(".")
    for end in range(len(parts), 0, -1):
        try:
            thing: Any = importlib.import_module(".".join(parts[:end]))
        except ModuleNotFoundError:
            continue
        for name in parts[end:]:
            thing = getattr(thing, name)
        return thing
    raise LookupError(path)


def test_every_act_has_its_words() -> None:
    assert list(ACTS) == [act.value for act in Act]
    assert {word: one["en"] for word, one in ACTS.items()} == {act.value: name for act, name in ACT_NAMES.items()}


def test_every_act_is_done_by_the_service_that_bears_its_word() -> None:
    doors = {act.value: service.__name__ for act, service in SERVICES.items()}
    told = {word: one["service"] for word, one in ACTS.items()}
    assert {word: told[word] for word in doors} == doors
    assert set(told) - set(doors) == {Act.MISS_PERIOD.value, Act.CERTIFY.value}, (
        "the clock alone misses a period, and what a certificate closes is closed as a list"
    )
    assert [one["service"] for one in EVERY if one["service"] not in services.__all__] == []


def test_every_act_tells_its_event() -> None:
    told = [one["event"] for one in EVERY]
    assert len(told) == len(set(told))
    by_the_clock = {"delivery.DatesPassed", "delivery.SuccessorTookOver", "delivery.DeadlinesMoved"}
    by_the_clock |= {"delivery.ObjectionsChased"}
    in_bulk = {one["event"] for one in GLOSSARY["bulk_acts"]}
    of_slips = {one["event"] for one in SLIPS}
    assert set(EVENT_NAMES) - set(told) == by_the_clock | in_bulk | of_slips


def test_every_act_on_a_slip_has_its_words_address_service_and_test() -> None:
    acts = {one["act"]: one for one in SLIPS if "act" in one}
    assert {word: one["en"] for word, one in acts.items()} == {act.value: name for act, name in SLIP_NAMES.items()}
    paths = api.get_openapi_schema()["paths"]
    tested = (ROOT / "tests" / "delivery" / "test_slips.py").read_text(encoding="utf-8")
    for act, (_input, service) in SLIP_ACTS.table.items():
        assert acts[act.value]["service"] == service.__name__
        assert reverse("delivery:slip_act", args=[1, act.value]).endswith(f"/{act.value}/")
        assert any(path.endswith(f"/slips/{{slip}}/{act.value}") for path in paths), act
        assert f'"{service.__name__}"' in tested
    assert [one["service"] for one in SLIPS if one["service"] not in services.__all__] == []


@pytest.mark.parametrize("one", EVERY, ids=lambda one: str(one["service"]))
def test_every_act_has_its_test(one: dict[str, str]) -> None:
    assert (ROOT / "tests" / "delivery" / f"test_{one['service']}.py").is_file()


def test_every_act_has_its_address() -> None:
    paths = api.get_openapi_schema()["paths"]
    for act in INPUTS:
        assert reverse("delivery:act", args=["YN-2024-03-0231", act.value]).endswith(f"/{act.value}/")
        assert any(path.endswith(f"/commitments/{{ref}}/{act.value}") for path in paths), act


@pytest.mark.parametrize("word", GLOSSARY["words"], ids=lambda word: str(word["en"]))
def test_words_live_where_the_glossary_says(word: dict[str, str]) -> None:
    assert word["zh"]
    assert word["meaning"]
    if "at" in word:
        found(word["at"])


def test_reserved_words_are_not_taken() -> None:
    reserved = {word["en"] for word in GLOSSARY["reserved"]}
    taken = {model.__name__ for model in apps.get_models() if model.__module__.startswith("luoshi.")}
    assert taken & reserved == set()
    assert reserved & {word["en"] for word in GLOSSARY["words"]} == set()


def test_no_word_is_told_twice() -> None:
    words = [word["en"] for word in GLOSSARY["words"]]
    assert len(words) == len(set(words))
