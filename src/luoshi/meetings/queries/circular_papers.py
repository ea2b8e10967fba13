"""A circular as an official paper（通报公文）: the words that went out, whatever was done since."""

from __future__ import annotations

from django.utils.translation import get_language, gettext, pgettext

from luoshi.meetings.queries.circulars import Shown
from luoshi.rules.calendar import local_day
from luoshi.rules.circulars import CircularKind, CircularState
from luoshi.rules.papers import Paper
from luoshi.rules.papers.writing.circulars import Sent, sent_paper
from luoshi.rules.papers.writing.ground import Style


def paper_of_circular(shown: Shown) -> Paper:
    """The paper in the reader's language; a draft is marked as one and bears no number."""
    found = shown.circular
    marks = []
    if found.programme.is_demo:
        marks.append(gettext("Demonstration"))
    if found.issued_at is None:
        marks.append(pgettext("mark on a paper", "Draft"))
    if found.state == CircularState.WITHDRAWN:
        marks.append(pgettext("mark on a paper", "Taken back"))
    sent = Sent(
        title=found.title,
        words=found.words,
        issuer=found.issuer.name,
        to=tuple(row.unit.name for row in shown.to),
        on=local_day(found.issued_at or found.drafted_at),
        number=found.number,
        circular=found.kind != CircularKind.LETTER,
    )
    return sent_paper(sent, Style(get_language() or "zh-hans", gettext, " · ".join(marks)))
