"""The ``luoshi`` command: one door to every management command of the product.

Exit codes are a contract: 0 done; 1 a difference was found or a rule refused (one sentence on standard error);
2 wrong use (unknown command, bad arguments; the usage on standard error).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import django
from django.core.exceptions import ImproperlyConfigured
from django.core.management import get_commands, load_command_class
from django.core.management.base import CommandError, SystemCheckError
from django.db import connections
from django.utils.translation import gettext as _

from luoshi.rules.refusals import Refused

DONE, DIFFERENT, MISUSED = 0, 1, 2

BORROWED = frozenset({"migrate", "changepassword", "collectstatic", "createsuperuser", "check"})
"""Django's own commands that an installation needs; the rest stay with ``django-admin``."""


def ours() -> dict[str, str]:
    """Names of the commands this installation offers, each with the application that brings it, sorted by name."""
    return {
        name: str(app)
        for name, app in sorted(get_commands().items())
        if name in BORROWED or (isinstance(app, str) and app.startswith("luoshi."))
    }


def summary() -> str:
    """The list of commands, one line each, for ``luoshi help``."""
    commands = ours()
    width = max(map(len, commands), default=0)
    lines = [_("Usage: luoshi COMMAND [OPTIONS]"), ""]
    for name, app in commands.items():
        told = str(load_command_class(app, name).help).strip().splitlines()
        lines.append(f"  {name:<{width}}  {told[0] if told else ''}".rstrip())
    return "\n".join([*lines, "", _("“luoshi COMMAND --help” tells more.")])


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code (0, 1 or 2); ``argv`` defaults to the process's own arguments.

    An unforeseen error is not dressed up: its traceback stays, and Python's exit code 1 with it.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "luoshi.config.settings")
    arguments = list(sys.argv[1:] if argv is None else argv)

    try:
        django.setup()
    except ImproperlyConfigured as problem:
        return complain(str(problem), MISUSED)

    if not arguments or arguments[0] in {"help", "-h", "--help"}:
        if len(arguments) < 2:
            sys.stdout.write(summary() + "\n")
            return DONE
        arguments = [arguments[1], "--help"]
    name, rest = arguments[0], arguments[1:]
    app = ours().get(name)
    if app is None:
        return complain(_("There is no command “%(name)s”.") % {"name": name} + "\n\n" + summary(), MISUSED)
    return run(app, name, rest)


def run(app: str, name: str, rest: Sequence[str]) -> int:
    """Run the command ``name`` of ``app`` with the arguments ``rest``, turning what it raises into an exit code."""
    command = load_command_class(app, name)
    # Django turns a parser's error into a CommandError for callers of call_command; on the command line it exits 2.
    command._called_from_command_line = True  # type: ignore[attr-defined]
    try:
        parser = command.create_parser("luoshi", name)
        options = vars(parser.parse_args(list(rest)))
        positional = options.pop("args", ())
        command.execute(*positional, **options)
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else DIFFERENT if leaving.code else DONE
    except Refused as refusal:
        return complain(_(refusal.template) % refusal.params, DIFFERENT)
    except SystemCheckError as problem:
        return complain(str(problem), DIFFERENT)
    except CommandError as problem:
        return complain(str(problem), problem.returncode)
    except KeyboardInterrupt:
        return DIFFERENT
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    else:
        return DONE
    finally:
        release()


def release() -> None:
    """Give the database connections of this process back."""
    connections.close_all()


def complain(sentence: str, code: int) -> int:
    """Write ``sentence`` to standard error and return ``code``."""
    sys.stderr.write(sentence.rstrip() + "\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
