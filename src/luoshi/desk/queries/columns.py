"""The columns a register can show（台账栏目）, the same on the page, in the API's words and in exported sheets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from luoshi.rules.lifecycle import STATE_NAMES, Kind, State
from luoshi.ui.components import light_word


@dataclass(frozen=True, slots=True)
class Column:
    """One column: how it is called, what it says of a commitment as a plain value, and what it reads.

    ``kind`` is ``text``, ``number``, ``percent`` (0–100), ``day``, ``moment`` or ``light`` (the word; the colour is
    ``commitment.light``). ``sortable`` names the order of the register that goes by it, or is empty. ``needs`` are the
    stored columns it reads.
    """

    key: str
    title: str | Promise
    value: Callable[[Any], Any]
    kind: str = "text"
    sortable: str = ""
    needs: tuple[str, ...] = ()


def state_name(state: str) -> str:
    """A state in the reader's language."""
    return _state_name(get_language() or "", state)


@lru_cache(maxsize=64)
def _state_name(language: str, state: str) -> str:
    return gettext(STATE_NAMES[State(state)])


def kind_name(kind: str) -> str:
    """What sort of promise it is, in the reader's language."""
    return {
        Kind.TASK: gettext("Task"),
        Kind.DUTY: gettext("Standing duty"),
        Kind.PERIOD: gettext("Period of a duty"),
    }[Kind(kind)]


def open_words(commitment: Any) -> str:
    """What is undecided about it, in short."""
    found = []
    if commitment.open_requests:
        found.append(gettext("request open"))
    if commitment.pending_extension:
        found.append(gettext("extension asked"))
    if commitment.open_findings:
        found.append(gettext("finding open"))
    if commitment.open_objections:
        found.append(gettext("objection open"))
    return gettext(", ").join(found)


def _name(row: Any) -> str:
    return str(row) if row is not None else ""


OPEN_NEEDS = ("open_requests", "pending_extension", "open_findings", "open_objections")
MATTER_NEEDS = ("matter__number", "matter__short_zh", "matter__short_en", "matter__name_zh", "matter__name_en")

COLUMNS: Mapping[str, Column] = {
    column.key: column
    for column in (
        Column("light", _("Light"), lambda c: light_word(c.light), "light", "urgency", ("light",)),
        Column("title", _("Commitment"), lambda c: c.title or c.ref, needs=("title",)),
        Column("ref", _("Number"), lambda c: c.ref, sortable="ref"),
        Column("lead", _("Lead unit"), lambda c: c.lead.name, sortable="unit", needs=("lead__name",)),
        Column(
            "post", _("Post in charge"), lambda c: c.lead_post.title if c.lead_post else "", needs=("lead_post__title",)
        ),
        Column("state", _("State"), lambda c: state_name(c.state), needs=("state",)),
        Column("said", pgettext_lazy("column", "Said"), lambda c: c.said, "percent", "said", ("said",)),
        Column(
            "verified",
            pgettext_lazy("column", "Verified"),
            lambda c: c.verified if c.verified_how else None,
            "percent",
            "verified",
            ("verified", "verified_how"),
        ),
        Column("gap", _("Gap"), lambda c: c.said - c.verified, "number", "gap", ("said", "verified")),
        Column(
            "how",
            _("How verified"),
            lambda c: str(c.get_verified_how_display()) if c.verified_how else "",
            needs=("verified_how",),
        ),
        Column("due", _("Due"), lambda c: c.due_on, "day", "due", ("due_on",)),
        Column("first_due", _("First date"), lambda c: c.first_due_on, "day", needs=("first_due_on",)),
        Column("heard", _("Last report"), lambda c: c.last_reported_at, "moment", "heard", ("last_reported_at",)),
        Column("reports", _("Reports"), lambda c: c.reports_count, "number", needs=("reports_count",)),
        Column("open", _("Undecided"), open_words, needs=OPEN_NEEDS),
        Column("matter", _("Matter"), lambda c: f"{c.matter.number} {c.matter.short}", needs=MATTER_NEEDS),
        Column(
            "sub",
            _("Part of the matter"),
            lambda c: _name(c.sub_matter),
            needs=("sub_matter__name_zh", "sub_matter__name_en"),
        ),
        Column(
            "programme",
            _("Programme"),
            lambda c: str(c.programme),
            needs=("programme__name_zh", "programme__name_en"),
        ),
        Column("issuer", _("Issued by"), lambda c: c.issuer.name, needs=("issuer__name",)),
        Column(
            "verifier",
            _("Verified by"),
            lambda c: c.verifying_unit.name if c.verifying_unit else "",
            needs=("verifying_unit__name",),
        ),
        Column("kind", _("Kind"), lambda c: kind_name(c.kind), needs=("kind",)),
        Column("cadence", _("Reports asked"), lambda c: str(c.get_cadence_display()), needs=("cadence",)),
        Column("parts", _("Parts below"), lambda c: c.children_count, "number", needs=("children_count",)),
        Column("issued", _("Issued at"), lambda c: c.issued_at, "moment", needs=("issued_at",)),
        Column("closed", _("Closed at"), lambda c: c.closed_at, "moment", needs=("closed_at",)),
        Column("extensions", _("Extensions"), lambda c: c.extensions_granted, "number", needs=("extensions_granted",)),
        Column("requirement", _("What is asked"), lambda c: c.requirement, needs=("requirement",)),
    )
}
"""Key → column, in the order in which they are offered."""
SHOWN = ("light", "title", "lead", "matter", "state", "said", "due", "heard")
"""What is shown when nobody chose: the page draws said and verified as one bar."""


def chosen(keys: Iterable[str]) -> list[Column]:
    """The columns of those names, in that order, unknown ones left out; the usual ones when none is left."""
    found = [COLUMNS[key] for key in keys if key in COLUMNS]
    return found or [COLUMNS[key] for key in SHOWN]
