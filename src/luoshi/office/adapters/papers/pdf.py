"""公文转 PDF: the same paper gives the same bytes on the same fonts, whoever asks and whenever."""

from __future__ import annotations

import json
import subprocess
import sys
import threading

from django.conf import settings

from luoshi.office.adapters.papers import converting, fonts, titles, word
from luoshi.rules import papers
from luoshi.rules.refusals import Refused, declare
from luoshi.rules.refusals import gettext_noop as _

declare(
    503,
    paper_not_drawn=_(
        "The paper could not be drawn as PDF. Take the Word file, and tell the administrator what the log says."
    ),
)

SECONDS = 120
AT_ONCE = 2
"""Papers set at the same time by one server process; the others wait their turn."""
_turn = threading.BoundedSemaphore(AT_ONCE)


def write(paper: papers.Paper) -> bytes:
    """The paper as PDF, by Typst or, where the site says so, out of its own Word template.

    Raises:
        Refused: ``paper_not_drawn`` and those of :func:`luoshi.rules.papers.check`.
    """
    with _turn:
        try:
            if settings.PAPER_PDF == "libreoffice":
                return converting.to_pdf(word.write(paper))
            return typeset(paper)
        except (subprocess.SubprocessError, OSError) as error:
            raise Refused("paper_not_drawn") from error


def typeset(paper: papers.Paper) -> bytes:
    """The paper as PDF by Typst, in a process of its own.

    Raises:
        subprocess.SubprocessError: the process failed or took longer than two minutes.
    """
    told = {
        "inputs": {
            "paper": json.dumps(papers.laid(papers.check(paper), titles.word_ends), ensure_ascii=False),
            "faces": json.dumps(dict(fonts.FACES), ensure_ascii=False),
        },
        "folders": fonts.folders(),
    }
    done = subprocess.run(
        [sys.executable, "-m", "luoshi.office.adapters.papers.setting"],
        input=json.dumps(told).encode(),
        stdout=subprocess.PIPE,
        timeout=SECONDS,
        check=True,
    )
    return done.stdout
