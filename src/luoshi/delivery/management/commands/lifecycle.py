"""``luoshi lifecycle [--write | --check] [DOCS]``: the page “who may do what when”, made from the table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation
from django.utils.translation import gettext

from luoshi.rules import lifecycle_page

LANGUAGES = {"zh": "zh-hans", "en": "en"}
"""Folder of the documentation → language of the catalogue."""


def pages() -> dict[str, str]:
    """The page in each language, by the documentation's folder."""
    made = {}
    for folder, language in LANGUAGES.items():
        with translation.override(language):
            made[folder] = lifecycle_page.page(gettext)
    return made


class Command(BaseCommand):
    """Make the life-cycle's page from its table（生命周期页）."""

    help = "Print the page of the life-cycle, write it into the documentation, or check that it is current."

    def add_arguments(self, parser: CommandParser) -> None:
        """Print without options; write or check with them."""
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--write", action="store_true", help="write DOCS/zh/lifecycle.md and DOCS/en/lifecycle.md")
        what.add_argument("--check", action="store_true", help="exit with 1 when a page differs from the table")
        parser.add_argument("docs", nargs="?", type=Path, default=Path("docs"), metavar="DOCS")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print, write or check; a page that is not current is named and the exit code is 1."""
        if not (options["write"] or options["check"]):
            here = "zh" if translation.get_language() == "zh-hans" else "en"
            self.stdout.write(pages()[here], ending="")
            return
        for folder, text in pages().items():
            path = options["docs"] / folder / "lifecycle.md"
            if options["write"]:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
            elif not path.exists() or path.read_text(encoding="utf-8") != text:
                told = gettext("%(page)s is not what the table says; run “luoshi lifecycle --write”.")
                raise CommandError(told % {"page": path}, returncode=1)
