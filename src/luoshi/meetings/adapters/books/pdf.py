"""册转 PDF: the same book gives the same bytes on the same fonts, whoever asks and whenever."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from django.conf import settings

from luoshi.office.adapters.papers import fonts
from luoshi.rules.refusals import Refused, declare
from luoshi.rules.refusals import gettext_noop as _

declare(
    503,
    book_not_drawn=_("The book could not be drawn as PDF. Tell the administrator what the log says, and try again."),
)
SECONDS = 240


def write(book: Mapping[str, Any]) -> bytes:
    """The printed book as PDF by Typst, in a process of its own.

    Raises:
        Refused: ``book_not_drawn`` when the process failed or took longer than four minutes.
    """
    told = {"book": book, "faces": {use: list(names) for use, names in fonts.FACES.items()}, "folders": fonts.folders()}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "luoshi.meetings.adapters.books.setting"],
            input=json.dumps(told).encode(),
            stdout=subprocess.PIPE,
            timeout=SECONDS,
            check=True,
            env={**os.environ, "MPLCONFIGDIR": str(settings.STATE / "charts")},  # where it remembers the fonts it found
        )
    except (subprocess.SubprocessError, OSError) as error:
        raise Refused("book_not_drawn") from error
    return done.stdout
