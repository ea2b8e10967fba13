from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st
from tests.ledger.world import AT, DEPUTY, act, number_all

from luoshi.ledger import queries, services, verifier

pytestmark = pytest.mark.django_db


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    for count in range(1, 8):
        act(f"A{count % 3}", actor=DEPUTY, state="已办结", version=count)
        if count == 4:
            number_all()
            services.checkpoint(AT)
    number_all()
    call_command("ledger", "export", str(tmp_path / "ledger.jsonl"), "--verifier")
    return tmp_path / "ledger.jsonl"


def run(*arguments: str, folder: Path) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(folder / "verifier.py"), *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={"PATH": os.environ["PATH"], "PYTHONIOENCODING": "utf-8"},
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_an_export_verifies_with_the_standard_library_alone(exported: Path) -> None:
    folder = exported.parent
    head = queries.head()
    code, said = run(str(exported), folder=folder)
    assert (code, said) == (0, f"verified: 7 entries, 1 checkpoints, root {head.root}, chain {head.chain}\n")
    assert run(str(exported), f"7:{head.root}", folder=folder)[0] == 0
    assert run(str(exported), f"5:{head.root}", folder=folder)[0] == 1
    assert run(str(exported), f"9:{head.root}", folder=folder)[0] == 1
    assert run(folder=folder)[0] == 2
    assert run(str(folder / "nothing"), folder=folder)[0] == 2
    text = exported.read_text()
    for kept_back in ("li.ming", "李明", "person_salt", "actor_user"):
        assert kept_back not in text


def test_any_flipped_bit_any_missing_or_moved_line_is_seen(exported: Path) -> None:
    whole = exported.read_bytes()
    lines = whole.splitlines(keepends=True)
    assert verifier.verify(lines).startswith("verified: 7 entries")

    @given(st.integers(0, len(whole) - 1), st.integers(0, 7))
    def flipped(place: int, bit: int) -> None:
        changed = bytearray(whole)
        changed[place] ^= 1 << bit
        with pytest.raises(verifier.Wrong):
            verifier.verify(bytes(changed).split(b"\n") and bytes(changed).splitlines(keepends=True))

    @given(st.permutations(lines))
    def moved(order: list[bytes]) -> None:
        if order != lines:
            with pytest.raises(verifier.Wrong):
                verifier.verify(order)

    flipped()
    moved()
    for place in range(len(lines)):
        with pytest.raises(verifier.Wrong):
            verifier.verify(lines[:place] + lines[place + 1 :])
        with pytest.raises(verifier.Wrong):
            verifier.verify(lines[:place])


def test_the_command_exports_to_standard_output_and_verifies(
    exported: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("ledger", "export", "-")
    said = capsys.readouterr().out.splitlines(keepends=True)
    assert said[1:-1] == exported.read_text().splitlines(keepends=True)[1:-1]
    call_command("ledger", "verify", str(exported))
    assert "verified: 7 entries" in capsys.readouterr().out
    exported.write_bytes(exported.read_bytes().replace("已办结".encode(), "未办结".encode(), 1))
    with pytest.raises(SystemExit) as done:
        call_command("ledger", "verify", str(exported))
    assert done.value.code == 1


def test_an_empty_ledger_exports_and_verifies() -> None:
    assert "verified: 0 entries" in verifier.verify(line.encode() for line in queries.export_lines(at=AT))
