"""What is documented exists; what exists is documented, in both languages."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps

from luoshi.config.command import ours
from luoshi.rules.refusals import SENTENCES

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
LANGUAGES = ("zh", "en")


def pages(language: str) -> set[str]:
    return {str(path.relative_to(DOCS / language)) for path in (DOCS / language).rglob("*.md")}


def reference(language: str) -> str:
    """The text of all reference pages of one language."""
    return "\n".join(path.read_text() for path in sorted((DOCS / language).rglob("reference*.md")))


def commands() -> set[str]:
    return set(ours())


def event_types() -> set[str]:
    found = set()
    for config in apps.get_app_configs():
        if config.name.startswith("luoshi."):
            try:
                module: Any = importlib.import_module(f"{config.name}.events")
            except ModuleNotFoundError:
                continue
            found |= {
                thing.TYPE for thing in vars(module).values() if isinstance(thing, type) and getattr(thing, "TYPE", "")
            }
    return found


def refusals() -> set[str]:
    return set(SENTENCES)


def variables() -> set[str]:
    """The environment variables that the product reads."""
    read = "\n".join(path.read_text() for path in (ROOT / "src").rglob("*.py"))
    return set(re.findall(r'["\'](LUOSHI_[A-Z_]+)["\']', read))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("things", [commands, event_types, variables, refusals])
def test_what_exists_is_documented(language: str, things: Any) -> None:
    told = set(re.findall(r"`(?:luoshi )?([\w.]+)", reference(language)))
    assert sorted(things() - told) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_documented_exists(language: str) -> None:
    text = "\n".join(path.read_text() for path in (DOCS / language).rglob("*.md"))
    assert text
    tests_only = {"LUOSHI_TEST_DB", "LUOSHI_TEST_DATABASE_URL"}
    assert sorted(set(re.findall(r"\bLUOSHI_[A-Z_]+\b", text)) - variables() - tests_only) == []
    assert sorted(set(re.findall(r"`luoshi ([a-z]+)", text)) - commands() - {"help"}) == []
    types = event_types()
    families = {kind.split(".")[0] for kind in types}
    told = {word for word in re.findall(r"`([a-z]+\.[A-Z]\w+)`", text) if word.split(".")[0] in families}
    assert sorted(told - types) == []


def test_every_page_has_its_twin() -> None:
    assert pages("en") == pages("zh")
    assert pages("en")


@pytest.mark.parametrize("page", ["README.md", "README.zh.md", "CONTRIBUTING.md", "SECURITY.md", "LICENSE", "NOTICE"])
def test_the_project_has_its_papers(page: str) -> None:
    assert (ROOT / page).stat().st_size > 200


def test_links_between_documents_lead_somewhere() -> None:
    wrong = []
    for path in [*DOCS.rglob("*.md"), *ROOT.glob("*.md")]:
        for target in re.findall(r"\]\(([^)#\s]+)", path.read_text()):
            if "://" not in target and not target.startswith("mailto:") and not (path.parent / target).exists():
                wrong.append(f"{path.relative_to(ROOT)} → {target}")
    assert wrong == []
