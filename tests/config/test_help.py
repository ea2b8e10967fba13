"""Every command says what it does when asked for ``--help``, in both languages, down to each of its own acts."""

from __future__ import annotations

from argparse import ArgumentParser, _SubParsersAction
from collections.abc import Iterator

import pytest
from django.core.management import load_command_class
from django.utils import translation

from luoshi.config import command


def parsers(parser: ArgumentParser) -> Iterator[ArgumentParser]:
    """A parser and those of its acts, however deep."""
    yield parser
    for action in parser._actions:
        if isinstance(action, _SubParsersAction):
            for below in action.choices.values():
                yield from parsers(below)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_command_has_its_help(
    language: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "release", lambda: None)
    with translation.override(language):
        for name, app in command.ours().items():
            assert command.main([name, "--help"]) == 0, name
            told = capsys.readouterr()
            assert told.out.startswith("usage: luoshi"), name
            assert told.err == "", name
            for parser in parsers(load_command_class(app, name).create_parser("luoshi", name)):
                assert parser.format_help(), name
