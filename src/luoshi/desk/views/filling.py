"""The register as a sheet to be filled in and handed back（可填回的台账）: keys, what may be chosen, and a guide.

The number and the version stand in every row, the version hidden; what is not to be changed is locked against slips.
The names of the fields stand in a hidden line above the headings, so that columns may be moved and headings be in any
language. A row left as it is asks for nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.http import QueryDict
from django.utils.translation import gettext as _

from luoshi.delivery.models import Commitment, Report
from luoshi.delivery.schemas import INPUTS, sheets
from luoshi.desk.queries import register
from luoshi.desk.views import lists
from luoshi.office.adapters.exports import Column, Export, Kind
from luoshi.rules.lifecycle import ACT_NAMES, OVER, STATE_NAMES, Act, State
from luoshi.rules.permissions import Actor

FIELDS = (
    ("percent", Act.REPORT, Kind.PERCENT, 11),
    ("words", Act.REPORT, Kind.TEXT, 36),
    ("problems", Act.REPORT, Kind.TEXT, 24),
    ("next_step", Act.REPORT, Kind.TEXT, 24),
    ("post", Act.ASSIGN, Kind.TEXT, 16),
    ("reason", Act.RETURN, Kind.TEXT, 24),
    ("by_on", Act.RETURN, Kind.DAY, 12),
    ("new_due_on", Act.ASK_EXTENSION, Kind.DAY, 12),
    ("granted", Act.DECIDE_EXTENSION, Kind.TEXT, 8),
    ("statement", Act.APPLY, Kind.TEXT, 24),
    ("opinion", Act.CLOSE, Kind.TEXT, 24),
)
"""Field, an act that asks for it, what it holds, the width of its column."""


def fill_in(actor: Actor, asked: QueryDict, at: datetime) -> Export:
    """The commitments of the register that are not over, to be reported on, accepted, returned … in a spreadsheet.

    Args:
        actor: who will hand it in; only what he sees is in it.
        asked: the filters of the register.
        at: now.
    """
    filters, facts = lists.asked_filters(actor, asked)
    rows = register.rows(actor, filters, at).exclude(state__in=[state.value for state in OVER])
    return Export(
        name="fill-in",
        title=_("Register to fill in"),
        columns=[*_known(), *_entries()],
        rows=_rows(rows),
        count=rows.order_by().count(),
        at=at,
        facts=facts,
        demo=lists.shows_demo(),
        guide=_guide(),
    )


def _known() -> list[Column]:
    return [
        Column("version", _("Version"), Kind.NUMBER, hidden=True),
        Column("ref", _("Number"), width=20, keyed=True),
        Column("title", _("Title"), width=32),
        Column("lead", _("Lead unit"), width=18),
        Column("state", _("State"), width=9),
        Column("due", _("Due on"), Kind.DAY),
        Column("said", _("Said"), Kind.PERCENT),
        Column("verified", _("Verified"), Kind.PERCENT),
        Column("last", _("Last report"), width=32),
    ]


def _entries() -> list[Column]:
    acts = tuple(_(ACT_NAMES[act]) for act in sheets.FILLABLE)
    made = [Column("act", _("Act"), width=12, entry=True, choices=acts, hint=_("What is asked for; empty: nothing."))]
    for name, act, kind, width in FIELDS:
        title = _(INPUTS[act].model_fields[name].title or name)
        asked = [one for one in sheets.FILLABLE if name in INPUTS[one].model_fields]
        hint = _("For: %(acts)s") % {"acts": "、".join(_(ACT_NAMES[one]) for one in asked)}
        choices = (_("agreed"), _("not agreed")) if name == "granted" else ()
        made.append(Column(name, title, kind, width, entry=True, choices=choices, hint=hint))
    return made


def _rows(rows: QuerySet[Commitment]) -> Iterator[tuple[Any, ...]]:
    last = Report.objects.filter(commitment=OuterRef("pk"), returned_at=None).order_by("-pk").values("words")[:1]
    told = rows.select_related(None).select_related("lead").annotate(last_words=Subquery(last))
    blank = (None,) * (len(FIELDS) + 1)
    for one in told.iterator(chunk_size=lists.CHUNK):
        yield (
            one.version,
            one.ref,
            one.title,
            one.lead.name,
            _(STATE_NAMES[State(one.state)]),
            one.due_on,
            one.said,
            one.verified if one.verified_how else None,
            one.last_words or "",
            *blank,
        )


def _guide() -> list[str]:
    return [
        _("1. Fill in the yellow columns only; the others are locked against slips, and changing them has no effect."),
        _(
            "2. Choose in the column “Act” what is asked for. A row that fills in only what a report says is a report;"
            " a row left empty asks for nothing."
        ),
        _("3. Rows may be sorted, hidden or deleted and columns moved; the number in each row says which it is."),
        _(
            "4. Save the file as .xlsx and hand it in under “Acts from a file”. Every row is tried first, and nothing"
            " is changed until you say so."
        ),
        _(
            "5. A row on which somebody acted after this file was made is refused and says what was done: look at it"
            " and download the register again."
        ),
        _(
            "6. What is refused comes back in the same file with the reason beside it. Mend it and hand the file in"
            " again: what is done is not done twice."
        ),
        *(
            _("%(where)s: %(sentence)s") % {"where": _(ACT_NAMES[act]), "sentence": _needs(act)}
            for act in sheets.FILLABLE
        ),
    ]


def _needs(act: Act) -> str:
    fields = INPUTS[act].model_fields
    names = [_(fields[name].title or name) for name, *_rest in FIELDS if name in fields]
    return "、".join(names) or _("nothing more")
