"""What the board says（总览用语）: its headline, what needs one, what others are late with; always whole sentences."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from luoshi.delivery.models import Commitment
from luoshi.delivery.queries.asking import LateReplies, LateReply
from luoshi.delivery.queries.objecting import LateDecision, LateDecisions
from luoshi.desk.queries import needs as wants
from luoshi.desk.queries.board import COUNTIES, Board
from luoshi.desk.queries.needs import Need
from luoshi.desk.queries.trend import Trend
from luoshi.desk.views import words
from luoshi.rules import rollup
from luoshi.rules.calendar import local_day
from luoshi.ui.jinja import safe_url

Piece = tuple[str, str]
"""A part of the line below the title: the text, and where it leads（nowhere: empty）."""


def headline(total: rollup.Summary) -> str:
    """Both figures and the gap between them, in one sentence."""
    if total.said_percent is None:
        if total.items:
            return _("What is here is counted with the task above it")
        return _("Nothing has been issued here yet")
    if not total.verified:
        return _("Said %(said)s%%, nothing verified yet") % {"said": total.said_percent}
    figures = {"said": total.said_percent, "verified": total.verified_percent, "gap": total.gap}
    return _("Said %(said)s%%, verified %(verified)s%%, a gap of %(gap)s points") % figures


def figures(made: Board, total: rollup.Summary, list_url: str) -> list[Piece]:
    """How much is counted here, and how much of it is late; each leads to its list."""
    below, matters = len(made.shown), len(made.matters)
    size = ngettext("%(n)s matter", "%(n)s matters", matters) % {"n": matters}
    if below:
        rows = (
            ngettext("%(n)s county", "%(n)s counties", below)
            if made.view == COUNTIES
            else ngettext("%(n)s unit below", "%(n)s units below", below)
        )
        size = f"{rows % {'n': below}} × {size}"
    return [
        (size, ""),
        (ngettext("%(n)s commitment", "%(n)s commitments", total.items) % {"n": total.items}, list_url),
        (_("%(n)s overdue") % {"n": total.overdue}, list_url and f"{list_url}&light=red"),
        (_("%(n)s at risk") % {"n": total.light_yellow}, list_url and f"{list_url}&light=yellow"),
    ]


def foreseen_piece(count: int, url: str) -> list[Piece]:
    """How many will probably miss their date; nothing when none will."""
    return [(_("%(n)s will probably miss their date") % {"n": count}, url)] if count else []


def notes(total: rollup.Summary, since: str) -> list[Piece]:
    """How the verified figure came about, what moved, and how all this is computed."""
    told = [(words.how_verified(total), ""), (since, "#trend"), (_("How is this computed?"), reverse("desk:how"))]
    return [(text, url) for text, url in told if text]


def need_line(need: Need, at: datetime) -> dict[str, Any]:
    """One line of “what needs you”: the word beside the light, the rule's sentence, and the act."""
    commitment, today = need.commitment, local_day(at)
    colour = need.colour(today)
    figures = {"said": commitment.said, "verified": commitment.verified, "gap": commitment.said - commitment.verified}
    line: dict[str, Any] = {
        "commitment": commitment,
        "rule": need.rule,
        "colour": colour,
        "url": words.commitment_url(commitment),
        "ours": need.item is not None,
        "version": commitment.version,
        "detail": "",
        "kind": "",
        "act_url": "",
    }
    if need.item is not None:
        item = need.item
        return {
            **line,
            "word": words.wait_name(item.wait),
            "reason": words.item_why(item),
            "detail": words.item_detail(item),
            "kind": item.wait.value,
            "act_url": safe_url("delivery:act", commitment.ref, item.act.value),
            "act_word": words.act_word(item.wait),
        }
    if need.warned is not None:
        return {
            **line,
            "word": pgettext("rule", "Will probably miss its date"),
            "reason": _(need.warned.template) % dict(need.warned.params),
        }
    told = {
        wants.REPLY: (
            _("Waits for a reply"),
            _("Whoever it lies with owes the reply; the clock of %(lead)s stands still.")
            % {"lead": commitment.lead.name},
        ),
        wants.OVERDUE: (words.time_left(commitment.due_on, at), words.light_reason(need.light)),
        wants.WIDE: (
            _("Said %(said)s%%, verified %(verified)s%%") % figures,
            _("The gap of %(gap)s points is among the widest here.") % figures,
        ),
    }
    word, reason = told[need.rule]
    return {**line, "word": word or words.light_reason(need.light), "reason": reason}


def late_parts(replies: LateReplies, decisions: LateDecisions, list_url: str) -> list[dict[str, Any]]:
    """What units above are late with: replies, and decisions on objections; no part where nothing is late.

    ``list_url`` leads to the register of the same place, where all of them stand.
    """
    parts = [*([_replies(replies)] if replies.total else []), *([_decisions(decisions)] if decisions.total else [])]
    return [{**part, "all_url": f"{list_url}&open={part['open']}"} for part in parts]


def _replies(found: LateReplies) -> dict[str, Any]:
    title = ngettext("%(n)s reply from above is late", "%(n)s replies from above are late", found.total)
    lines = []
    for one in found.rows:
        told = ngettext(
            "%(unit)s owes %(lead)s a reply, %(n)s day late.",
            "%(unit)s owes %(lead)s a reply, %(n)s days late.",
            one.days,
        )
        lines.append(_late_line(one, one.request.commitment, told, one.request.reply_by_on))
    return {
        "key": "late-replies",
        "title": title % {"n": found.total},
        "hint": _("Whoever asked waits with a stopped clock; the clock of whoever owes the reply runs."),
        "lines": lines,
        "beyond": found.beyond,
        "open": "requests",
        "all": _("All that wait for a reply"),
    }


def _decisions(found: LateDecisions) -> dict[str, Any]:
    title = ngettext(
        "%(n)s objection was not decided in time", "%(n)s objections were not decided in time", found.total
    )
    lines = []
    for one in found.rows:
        told = ngettext(
            "%(unit)s owes %(lead)s a decision, %(n)s day late.",
            "%(unit)s owes %(lead)s a decision, %(n)s days late.",
            one.days,
        )
        lines.append(_late_line(one, one.objection.commitment, told, one.objection.decide_by_on))
    hint = _("An objection is decided within thirty days by somebody who took no part; until then nothing is closed.")
    return {
        "key": "late-decisions",
        "title": title % {"n": found.total},
        "hint": hint,
        "lines": lines,
        "beyond": found.beyond,
        "open": "objections",
        "all": _("All with an objection that is not decided"),
    }


def _late_line(one: LateReply | LateDecision, commitment: Commitment, told: str, due_on: date | None) -> dict[str, Any]:
    return {
        "url": words.commitment_url(commitment),
        "unit": one.unit.name,
        "title": commitment.title or commitment.ref,
        "words": told % {"unit": one.unit.name, "lead": commitment.lead.name, "n": one.days},
        "due_on": due_on,
        "ours": one.ours,
    }


def changed_since(found: Trend) -> str:
    """What moved since the first kept day, in one sentence; empty while there is nothing to compare with."""
    if found.first is None:
        return ""
    before, now = found.first, found.points[-1][1]
    if before.verified_percent is None or now.verified_percent is None or before.gap is None or now.gap is None:
        return ""
    told = {
        "day": words.plain_day(found.points[0][0]),
        "verified": f"{now.verified_percent - before.verified_percent:+d}",
        "gap": f"{now.gap - before.gap:+d}",
    }
    if found.meeting:
        return _("since the last meeting (%(day)s): verified %(verified)s, gap %(gap)s") % told
    return _("since %(day)s: verified %(verified)s, gap %(gap)s") % told
