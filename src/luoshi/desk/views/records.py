"""Pages of the ledger（留痕册）: the list of entries and one entry with its proof."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from luoshi.accounts import events as accounts_events
from luoshi.assurance import events as assurance_events
from luoshi.delivery.events import EVENT_NAMES
from luoshi.desk.queries import records as queries
from luoshi.desk.queries.records import Record
from luoshi.desk.views import words
from luoshi.intake import events as intake_events
from luoshi.ledger.models import Entry
from luoshi.ledger.queries import said
from luoshi.meetings import events as meeting_events
from luoshi.ui.addresses import whole_number
from luoshi.units import events as units_events
from luoshi.units.models import Unit

NAMES = {
    **accounts_events.EVENT_NAMES,
    **units_events.EVENT_NAMES,
    **intake_events.EVENT_NAMES,
    **assurance_events.EVENT_NAMES,
    **meeting_events.EVENT_NAMES,
    **EVENT_NAMES,
}
"""What every act of the house is called, as message ids."""


def event_name(kind: str) -> str:
    """What an act is called; an unknown one by its own name."""
    return _(NAMES[kind]) if kind in NAMES else kind


def label(field: str) -> str:
    """How a field of an act is called; a field without a name is shown as it is written in the record."""
    names = {
        "ref": _("Number"),
        "name": _("Name"),
        "title": _("Title"),
        "matters": _("Matters"),
        "lead": _("Lead unit"),
        "old_lead": _("Lead unit before"),
        "unit": _("Unit"),
        "for_unit": _("On behalf of the unit"),
        "due_on": _("Due on"),
        "old_due_on": _("Due on before"),
        "new_due_on": _("New date"),
        "authority": _("Authority"),
        "reason": _("Reason"),
        "opinion": _("Opinion"),
        "words": _("Words"),
        "problems": _("What is stuck"),
        "next_step": _("What comes next"),
        "percent": _("Percent"),
        "via": _("Told by"),
        "evidence": _("Evidence"),
        "parts": _("Parts"),
        "levels": _("Levels"),
        "units": _("Units"),
        "answers": _("Answers asked for"),
        "statement": _("Statement"),
        "material_digest": _("Digest of what was looked at"),
        "proposal_digest": _("Digest of the proposal"),
        "method": _("How it was looked at"),
        "passed": _("Passed"),
        "final": _("Of an application"),
        "verdicts": _("Criterion by criterion"),
        "fix_by_on": _("To be mended by"),
        "by_on": _("Again by"),
        "granted": _("Granted"),
        "upheld": _("Upheld"),
        "decision": _("Decision"),
        "question": _("Question"),
        "reply": _("Reply"),
        "reply_by_on": _("An answer is needed by"),
        "answer": _("Answer"),
        "post": _("Post"),
        "who": _("Who ordered it"),
        "document": _("Document"),
        "scope": _("Scope"),
        "from_on": _("From"),
        "until_on": _("Until"),
        "visibility": _("What siblings see"),
        "warning_days": _("Days of warning"),
        "extension_limit": _("Extensions allowed"),
        "commitments": _("Commitments"),
        "areas": _("Areas"),
        "context": _("What it was like before"),
        "done": _("What was done"),
        "cost": _("What it cost"),
        "failed": _("What did not work"),
        "proof": _("Link to look at"),
        "count": _("How many"),
        "created": _("Set up"),
        "decide_by_on": _("To be decided by"),
        "deputy": _("Deputy"),
        "digest": _("Digest"),
        "expires_at": _("Ends at"),
        "from_user": _("Person before"),
        "holders": _("Holders"),
        "into": _("Into"),
        "items": _("Things handed over"),
        "missed": _("Dates passed"),
        "missing": _("Not in the list"),
        "moved": _("Units moved along"),
        "new": _("After"),
        "new_parent": _("Unit above after"),
        "old": _("Before"),
        "old_parent": _("Unit above before"),
        "on": _("On"),
        "parent": _("Unit above"),
        "period": _("Period"),
        "prefix": _("Prefix"),
        "principal": _("Stands in for"),
        "refs": _("Numbers"),
        "renamed": _("Renamed"),
        "superior": _("Professional superior"),
        "to_user": _("Person after"),
        "unchanged": _("Unchanged"),
        "user": _("Person"),
    }
    return names.get(field, field)


def shown(field: str, value: Any, units: dict[int, Unit]) -> str:
    """A value of a record in the reader's manner."""
    if value is None or value == "" or value == []:
        return "–"
    if isinstance(value, bool):
        return pgettext("value", "yes") if value else pgettext("value", "no")
    if field in queries.UNIT_FIELDS and isinstance(value, int):
        return units[value].name if value in units else str(value)
    if field == "percent":
        return _("%(value)s%%") % {"value": value}
    if field.endswith("_on") and isinstance(value, str):
        return words.plain_day(date.fromisoformat(value))
    if isinstance(value, list | tuple):
        return "\n".join(str(one) if not isinstance(one, dict) else _plain(one) for one in value)
    return _plain(value) if isinstance(value, dict) else str(value)


def _plain(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def entry_line(entry: Entry) -> dict[str, Any]:
    """One line of a list of entries."""
    data = said(entry)
    says: Callable[[str], Any] = data.get
    text = next(
        (str(says(name)) for name in ("title", "words", "reason", "opinion", "statement", "question") if says(name)), ""
    )
    return {
        "entry": entry,
        "number": getattr(getattr(entry, "sequence", None), "number", None),
        "name": event_name(entry.type),
        "ref": str(data.get("ref") or ""),
        "text": words.shortened(text),
    }


@login_required
@require_safe
def ledger(request: HttpRequest) -> HttpResponse:
    """The ledger（留痕册）, newest first, 50 on a page; whoever is no auditor sees what lies within sight."""
    actor = words.who(request, timezone.now())
    before = request.GET.get("before", "")
    cursor = whole_number(before)
    rows, following = queries.page(actor, before=cursor)
    whole = queries.sees_all(actor)
    context = {
        "rows": [entry_line(entry) for entry in rows],
        "whole": whole,
        "standing": queries.standing() if whole else None,
        "pager": {"previous": "", "next": f"before={following}" if following else ""},
        "first_page": cursor is None,
    }
    return render(request, "desk/ledger.html", context)


@login_required
@require_safe
def entry(request: HttpRequest, entry_id: int) -> HttpResponse:
    """One entry（留痕）: what happened, by which post, and the proof that it stands in the ledger unchanged."""
    actor = words.who(request, timezone.now())
    found = queries.record(actor, entry_id)
    facts = found.facts
    proof = facts["proof"]
    context = {
        "record": found,
        "facts": facts,
        "name": event_name(facts["type"]),
        "pairs": _pairs(found),
        "here": _("No. %(n)s") % {"n": facts["number"]} if facts["number"] else _("Waiting for its number"),
        "actor_post": _post(found, facts["actor_post"]),
        "on_behalf_of": _post(found, facts["on_behalf_of"]) if facts["on_behalf_of"] else "",
        "payload": found.entry.payload.text if found.whole else "",
        "proof_text": json.dumps(proof, ensure_ascii=False, indent=1) if proof else "",
        "check": CHECK % proof if proof else "",
        "commitments": [(one, words.commitment_url(one)) for one in found.commitments],
    }
    return render(request, "desk/entry.html", context)


def _pairs(found: Record) -> list[tuple[str, str]]:
    """What the act said, its number first, without what was left empty."""
    data = sorted(found.facts["data"].items(), key=lambda pair: pair[0] != "ref")
    return [(label(name), shown(name, value, found.units)) for name, value in data if value not in (None, "", [])]


def _post(found: Record, ref: str) -> str:
    post = found.posts.get(ref)
    if post is None:
        return _("The clock") if ref == "system" else ref
    return _("%(post)s, %(unit)s") % {"post": post.title, "unit": post.unit.name}


CHECK = """import hashlib, json
p = json.load(open("proof.json"))
h = hashlib.sha256(b"\\x00" + p["leaf"].encode()).digest()
i, n = p["index"], p["size"] - 1
for step in map(bytes.fromhex, p["path"]):
    if i %% 2 or i == n:
        h = hashlib.sha256(b"\\x01" + step + h).digest()
        while i %% 2 == 0 and i:
            i, n = i >> 1, n >> 1
    else:
        h = hashlib.sha256(b"\\x01" + h + step).digest()
    i, n = i >> 1, n >> 1
print(h.hex() == "%(root)s")"""
"""Python's standard library alone, RFC 9162 section 2.1.3.2: recompute the root from the leaf and the path."""
