"""The ``luoshi`` command: names, exit codes, and `serve` leaving nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from argparse import ArgumentParser
from typing import Any

import pytest
from django.core.management.base import BaseCommand, CommandError
from tests.postgres import free_port

from luoshi.config import command
from luoshi.config.adapters import listening
from luoshi.rules.refusals import Refused


class Fake(BaseCommand):
    """A command that does what its first argument says."""

    help = "Pretend."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=["done", "refuse", "differ", "leave"])

    def handle(self, *_args: Any, what: str, **_options: Any) -> None:
        match what:
            case "refuse":
                raise Refused("stale_version", ref="YN-1", what="title")
            case "differ":
                raise CommandError("rows and ledger differ at YN-1")
            case "leave":
                sys.exit(1)
        self.stdout.write("done")


@pytest.fixture(autouse=True)
def pretend(monkeypatch: pytest.MonkeyPatch) -> None:
    real = command.load_command_class
    monkeypatch.setattr(command, "get_commands", lambda: {"pretend": "luoshi.config", "shell": "django.core"})
    monkeypatch.setattr(
        command, "load_command_class", lambda app, name: Fake() if name == "pretend" else real(app, name)
    )
    monkeypatch.setattr(command, "release", lambda: None)


def test_done_is_nought(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["pretend", "done"]) == 0
    assert capsys.readouterr().out == "done\n"


def test_a_refusal_is_one_sentence_and_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["pretend", "refuse"]) == 1
    told = capsys.readouterr()
    assert "YN-1" in told.err
    assert len(told.err.splitlines()) == 1
    assert told.out == ""


@pytest.mark.parametrize("what", ["differ", "leave"])
def test_a_difference_is_one(what: str) -> None:
    assert command.main(["pretend", what]) == 1


@pytest.mark.parametrize("line", ["nothing", "shell", "pretend", "pretend fly", "pretend done --x"])
def test_wrong_use_is_two_with_the_usage(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(line.split()) == 2
    told = capsys.readouterr().err
    assert "luoshi" in told
    assert "Traceback" not in told


@pytest.mark.parametrize("arguments", [[], ["help"], ["--help"]])
def test_help_lists_each_command_in_one_line(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(arguments) == 0
    told = capsys.readouterr().out
    assert "pretend  Pretend." in told
    assert "shell" not in told


def test_serve_answers_and_leaves_nothing_running() -> None:
    port = free_port()
    started = subprocess.Popen(
        [sys.executable, "-m", "luoshi.config.command", "serve", "--no-tick", "--port", str(port)],
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert started.stdout is not None
    assert str(port) in started.stdout.readline()
    assert listening("127.0.0.1", port)
    started.send_signal(signal.SIGTERM)
    assert started.wait(30) == 0
    time.sleep(0.2)
    assert not listening("127.0.0.1", port)


def test_serve_refuses_a_taken_port(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    from luoshi.config.management.commands import serve

    monkeypatch.setattr(command, "get_commands", lambda: {"serve": "luoshi.config"})
    monkeypatch.setattr(serve, "listening", lambda *_: True)
    assert command.main(["serve", "--port", "8123"]) == 1
    assert "8123" in capsys.readouterr().err
