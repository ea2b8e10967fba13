"""The house stands as its plan says."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "luoshi"
TEXT = {".py", ".html", ".txt", ".md", ".yaml", ".yml", ".toml", ".css", ".js", ".json", ".po", ".in", ""}
HERE = Path(__file__).resolve()


def kept() -> list[Path]:
    """The files under version control, as they lie in the work tree."""
    told = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [path for name in told.split("\0") if name and (path := ROOT / name).is_file()]


def acts() -> Iterator[tuple[str, str]]:
    """Every public act: module and name of a service that somebody does (it takes ``actor``)."""
    for path in sorted([*PACKAGE.glob("*/services.py"), *PACKAGE.glob("*/services/**/*.py")]):
        if path.name.startswith("_") and path.name != "__init__.py":
            continue
        for node in ast.parse(path.read_text()).body:
            if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
                continue
            if "actor" in {argument.arg for argument in (*node.args.args, *node.args.kwonlyargs)}:
                yield str(path.relative_to(PACKAGE)), node.name


def test_no_room_is_called_utils() -> None:
    assert not [*PACKAGE.rglob("utils.py"), *PACKAGE.rglob("utils/"), *PACKAGE.rglob("helpers.py")]


def test_every_service_is_named_in_a_test() -> None:
    tests = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("*.py"))
    words = set(re.findall(r"\w+", tests))
    assert [f"{module}: {name}" for module, name in acts() if name not in words] == []


def test_services_never_read_the_clock() -> None:
    """Below the doors the moment is an argument."""
    doors = {"views", "api", "management", "jobs", "admin", "config", "tests"}
    found = []
    for path in PACKAGE.rglob("*.py"):
        parts = set(path.relative_to(PACKAGE).with_suffix("").parts)
        if parts & doors or "migrations" in parts:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in {"now", "utcnow", "today", "localdate", "localtime"}
                and not node.args
                and not node.keywords
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id in {"datetime", "date", "timezone"}
            ):
                found.append(f"{path.relative_to(PACKAGE)}:{node.lineno}")
    assert found == []


def test_the_acts_of_each_principle_are_tested() -> None:
    """Each of the ten principles has a test that names it."""
    tests = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("*.py"))
    named = {int(number) for number in re.findall(r"mark\.principle\((?:number=)?(\d+)\)", tests)}
    assert set(range(1, 11)) - named == set()


@pytest.mark.parametrize(
    ("word", "why"),
    [
        (r"\bTODO\b|\bFIXME\b|\bXXX\b", "unfinished work is not kept in comments"),
        (r"(?<![\w./])/" + r"work/|/root/|/home/\w+/", "a path of somebody's own machine"),
        (r"\b(?:test|it|describe)\.only\(|\bbreakpoint\(\)", "left from debugging"),
    ],
)
def test_no_forbidden_words(word: str, why: str) -> None:
    found = []
    for path in kept():
        if path.suffix not in TEXT or path == HERE or path.name == "LICENSE":
            continue
        for number, line in enumerate(path.read_text(errors="ignore").splitlines(), 1):
            if re.search(word, line):
                found.append(f"{path.relative_to(ROOT)}:{number}")
    assert found == [], why


def test_lock_files_name_no_host() -> None:
    for path in [ROOT / "package-lock.json", *(ROOT / "requirements").glob("*.txt")]:
        text = path.read_text()
        assert "://" not in text, path
        assert '"resolved"' not in text, path
        assert not re.search(r"^--(index|extra-index|find-links|trusted)", text, re.MULTILINE), path
    for path in (ROOT / "requirements").glob("*.txt"):
        assert all("--hash=sha256:" in block for block in re.split(r"\n(?=[a-z])", path.read_text())[1:]), path
