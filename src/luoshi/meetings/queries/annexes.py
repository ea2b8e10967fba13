"""全部附件: every commitment of a book as one list, row by row, headings and words in both languages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from django.utils import translation
from django.utils.translation import gettext, gettext_noop, pgettext

from luoshi.delivery.models import Commitment
from luoshi.meetings.queries import contents
from luoshi.meetings.queries.figures import Ground
from luoshi.office.adapters.exports import Column, Export, Kind
from luoshi.rules.calendar import due_moment, local_day
from luoshi.rules.lifecycle import STATE_NAMES, State
from luoshi.ui.components import light_word
from luoshi.units.models import Level

LANGUAGES = ("zh-hans", "en")
CHUNK = 2_000
_FIELDS = (
    "ref", "matter__number", "title", "lead__name", "lead__level", "state", "light", "said", "verified", "verified_how",
    "first_due_on", "due_on", "extensions_granted", "missed", "open_findings", "open_requests", "reopened",
    "last_reported_at", "closed_at",
)  # fmt: skip
_HEADINGS: Sequence[tuple[str, str, Kind, int]] = (
    ("ref", gettext_noop("Number"), Kind.TEXT, 20),
    ("matter", gettext_noop("Matter"), Kind.NUMBER, 7),
    ("title", gettext_noop("Title"), Kind.TEXT, 36),
    ("lead", gettext_noop("Lead"), Kind.TEXT, 20),
    ("level", gettext_noop("Level"), Kind.TEXT, 12),
    ("state", gettext_noop("State"), Kind.TEXT, 14),
    ("light", gettext_noop("Light"), Kind.TEXT, 14),
    ("said", gettext_noop("Said"), Kind.PERCENT, 8),
    ("verified", gettext_noop("Verified"), Kind.PERCENT, 8),
    ("how", gettext_noop("How verified"), Kind.TEXT, 12),
    ("first_due_on", gettext_noop("First due"), Kind.DAY, 12),
    ("due_on", gettext_noop("Due now"), Kind.DAY, 12),
    ("extended", gettext_noop("Times extended"), Kind.NUMBER, 8),
    ("missed", gettext_noop("Was late"), Kind.TEXT, 8),
    ("findings", gettext_noop("Open findings"), Kind.NUMBER, 8),
    ("requests", gettext_noop("Open requests"), Kind.NUMBER, 8),
    ("reopened", gettext_noop("Times reopened"), Kind.NUMBER, 8),
    ("heard_on", gettext_noop("Last report"), Kind.DAY, 12),
    ("closed_on", gettext_noop("Struck off on"), Kind.DAY, 12),
)


@lru_cache(maxsize=256)
def both(text: str) -> str:
    """A message in Chinese and English（双语）, so that one file serves both readers and has one digest."""
    told = []
    for language in LANGUAGES:
        with translation.override(language):
            told.append(gettext(text))
    return " ".join(dict.fromkeys(told))


@lru_cache(maxsize=16)
def _light(light: str) -> str:
    told = []
    for language in LANGUAGES:
        with translation.override(language):
            told.append(light_word(light))
    return " ".join(dict.fromkeys(told))


@lru_cache(maxsize=4)
def _yes() -> str:
    told = []
    for language in LANGUAGES:
        with translation.override(language):
            told.append(pgettext("value", "yes"))
    return " ".join(dict.fromkeys(told))


@lru_cache(maxsize=16)
def _label(choice: Any) -> str:
    told = []
    for language in LANGUAGES:
        with translation.override(language):
            told.append(str(choice.label))
    return " ".join(dict.fromkeys(told))


def full_annex(on: Ground, count: int) -> Export:
    """The list of everything a book is about（全部附件）; rows are fetched when they are written, one statement."""
    columns = [Column(key, both(title), kind, width) for key, title, kind, width in _HEADINGS]
    facts = [
        (both(gettext_noop("Programme")), " ".join(filter(None, [on.programme.name_zh, on.programme.name_en]))),
        (both(gettext_noop("Since")), on.since.isoformat()),
    ]
    return Export(
        name="book",
        title=both(gettext_noop("Review book, full annex")),
        columns=columns,
        rows=_rows(on),
        count=count,
        at=due_moment(on.today),
        facts=facts,
        demo=on.programme.is_demo,
    )


def _rows(on: Ground) -> Iterator[tuple[Any, ...]]:
    for told in contents.all_items(on).values(*_FIELDS).iterator(chunk_size=CHUNK):
        yield _line(told)


def _line(told: Mapping[str, Any]) -> tuple[Any, ...]:
    how = told["verified_how"]
    return (
        told["ref"],
        told["matter__number"],
        told["title"],
        told["lead__name"],
        _label(Level(told["lead__level"])),
        both(STATE_NAMES[State(told["state"])]),
        _light(told["light"]),
        told["said"],
        told["verified"] if how else None,
        _label(Commitment.How(how)) if how else "",
        told["first_due_on"],
        told["due_on"],
        told["extensions_granted"],
        _yes() if told["missed"] else "",
        told["open_findings"],
        told["open_requests"],
        told["reopened"],
        local_day(told["last_reported_at"]) if told["last_reported_at"] else None,
        local_day(told["closed_at"]) if told["closed_at"] else None,
    )
