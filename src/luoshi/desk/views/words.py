"""What the pages of the desk say: dates, lights, what waits and why; always whole sentences."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django.http import HttpRequest
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from luoshi.delivery.models import Commitment
from luoshi.desk.queries.waiting import Item, Wait
from luoshi.rules import lights, rollup
from luoshi.rules.calendar import local_day
from luoshi.rules.permissions import Actor
from luoshi.ui.components import day
from luoshi.ui.jinja import safe_url
from luoshi.units.queries import actor_for_request

SHORT = 90
"""Characters of somebody's words that are shown in a list."""


def who(request: HttpRequest, at: datetime) -> Actor:
    """The person in a seat; what the middleware found is used again.

    Raises:
        Refused: ``no_post`` and its like.
    """
    known = getattr(request, "actor", None)
    return known if isinstance(known, Actor) else actor_for_request(request, at)


def plain_day(value: date | None) -> str:
    """A day as text in the reader's manner."""
    return _plain_day(get_language() or "", value)


@lru_cache(maxsize=4096)
def _plain_day(language: str, value: date | None) -> str:
    return str(day(value).striptags())


def shortened(text: str) -> str:
    """The beginning of somebody's words."""
    text = " ".join(text.split())
    return text if len(text) <= SHORT else text[: SHORT - 1] + "…"


def light_reason(light: lights.Light) -> str:
    """Why a light shines as it does, in one sentence."""
    return _(light.template) % {name: plain_day(value) for name, value in light.params.items()}


def time_left(due_on: date | None, at: datetime) -> str:
    """How far a date is, in calendar days; empty without one."""
    if due_on is None:
        return ""
    days = (due_on - local_day(at)).days
    if days < 0:
        return ngettext("Overdue by %(n)s day", "Overdue by %(n)s days", -days) % {"n": -days}
    if days == 0:
        return _("Due today")
    return ngettext("%(n)s day left", "%(n)s days left", days) % {"n": days}


def wait_name(wait: Wait) -> str:
    """The tag of what waits."""
    names: Mapping[Wait, str] = {
        Wait.CLOSE: pgettext("wait", "Approve closing"),
        Wait.UPHOLD: pgettext("wait", "A part was reopened"),
        Wait.DECIDE_EXTENSION: pgettext("wait", "Extension"),
        Wait.REPLY: pgettext("wait", "We owe a reply"),
        Wait.DECIDE_OBJECTION: pgettext("wait", "Objection"),
        Wait.READ_BRIEF: pgettext("wait", "A brief to read"),
        Wait.CONCLUDE: pgettext("wait", "Conclude a finding"),
        Wait.DECLINED: pgettext("wait", "Declined"),
        Wait.VERIFY: pgettext("wait", "Verify"),
        Wait.ACCEPT: pgettext("wait", "Accept"),
        Wait.RETURNED: pgettext("wait", "Returned"),
        Wait.REPORT: pgettext("wait", "Report"),
        Wait.ANSWER: pgettext("wait", "Answer a finding"),
        Wait.APPLY: pgettext("wait", "Apply for closure"),
        Wait.FINISH: pgettext("wait", "Finish the period"),
        Wait.ISSUE: pgettext("wait", "Issue"),
        Wait.DISPUTE: pgettext("wait", "Reported for us"),
        Wait.BREAK_DOWN: pgettext("wait", "Break down"),
        Wait.ASSIGN: pgettext("wait", "Name who does it"),
    }
    return names[wait]


def act_word(wait: Wait) -> str:
    """What the main button says."""
    names: Mapping[Wait, str] = {
        Wait.CLOSE: pgettext("act", "Look and decide"),
        Wait.UPHOLD: pgettext("act", "Let it stand"),
        Wait.DECIDE_EXTENSION: pgettext("act", "Decide"),
        Wait.REPLY: pgettext("act", "Reply"),
        Wait.DECIDE_OBJECTION: pgettext("act", "Decide"),
        Wait.READ_BRIEF: pgettext("act", "Mark as read"),
        Wait.CONCLUDE: pgettext("act", "Conclude"),
        Wait.DECLINED: pgettext("act", "Issue to another unit"),
        Wait.VERIFY: pgettext("act", "Start verifying"),
        Wait.ACCEPT: pgettext("act", "Accept"),
        Wait.RETURNED: pgettext("act", "Report again"),
        Wait.REPORT: pgettext("act", "Report now"),
        Wait.ANSWER: pgettext("act", "Answer"),
        Wait.APPLY: pgettext("act", "Apply for closure"),
        Wait.FINISH: pgettext("act", "Finish the period"),
        Wait.ISSUE: pgettext("act", "Issue"),
        Wait.DISPUTE: pgettext("act", "Dispute it"),
        Wait.BREAK_DOWN: pgettext("act", "Break it down"),
        Wait.ASSIGN: pgettext("act", "Name a post"),
    }
    return names[wait]


def item_words(item: Item, colour: str, at: datetime) -> str:
    """The word beside the light of an item: how late, or that it waits for a decision; green never says late."""
    if item.wait is Wait.READ_BRIEF:
        return _("No reply is needed")
    claimed = colour == "green" and item.due_on is not None and item.due_on < local_day(at)
    if colour == "red" or item.ours or not (item.decision or claimed):
        return time_left(item.due_on, at)
    return _("Waits for you")


def item_reason(item: Item, colour: str) -> str:
    """Why the item has its light: what we owe by its own date, else the commitment's reason."""
    if item.wait is Wait.READ_BRIEF:
        return _("A brief has no date: nobody waits for it.")
    if item.ours and colour != item.light.colour:
        return _("Our answer is due on %(due)s; until then others wait for us.") % {"due": plain_day(item.due_on)}
    return light_reason(item.light)


def item_why(item: Item) -> str:
    """Why it stands in the list, and by when, in one sentence."""
    commitment, about = item.commitment, item.about
    names = {
        "lead": commitment.lead.name,
        "issuer": commitment.issuer.name,
        "due": plain_day(item.due_on) if item.due_on else "",
        "said": commitment.said,
        "verified": commitment.verified,
    }
    if item.wait is Wait.DECIDE_EXTENSION and about is not None:
        dates = {"old": plain_day(about.old_due_on), "new": plain_day(about.new_due_on), **names}
        return _("%(lead)s asks to move %(old)s to %(new)s; the first date stays visible.") % dates
    if item.wait is Wait.REPLY:
        if about is not None and about.reply_by_on:
            return _("%(lead)s asks us and needs an answer by %(due)s.") % names
        return _("%(lead)s asks us; its work waits for our answer.") % names
    if item.wait is Wait.ACCEPT:
        by = _("From %(issuer)s, to accept by the end of %(due)s.") % names
        return by if item.due_on else _("From %(issuer)s, waiting to be accepted.") % names
    if item.wait is Wait.RETURNED and item.failed:
        if item.failed == "look-back":
            return _("The look back found that it does not hold, so it is open again.")
        return _("It did not pass the verification. Report again, then apply again.")
    if item.wait is Wait.RETURNED:
        again = _("Our report was sent back; again by %(due)s.") % names
        return again if item.last and item.last.return_by_on else _("Our report was sent back.")
    if item.wait is Wait.REPORT:
        return light_reason(item.light)
    if item.wait is Wait.DECIDE_OBJECTION:
        return _("%(lead)s objects; a decision is due by %(due)s (30 days).") % names
    sentences: Mapping[Wait, str] = {
        Wait.CLOSE: _("Said %(said)s%%, verified %(verified)s%%; our approval closes it or sends it back."),
        Wait.UPHOLD: _("We closed it, but a part is open again; we reopen it too or let the closing stand."),
        Wait.READ_BRIEF: _("%(lead)s tells us what we should know; we read it, and nothing else is owed."),
        Wait.CONCLUDE: _("%(lead)s answered what we found; we conclude with a reason."),
        Wait.DECLINED: _("%(lead)s declined it; we place it elsewhere, insist once or withdraw it."),
        Wait.VERIFY: _("%(lead)s says it is done; we are not on its line and look."),
        Wait.ANSWER: _("There is reason to look; we say what is behind it. A finding is no verdict."),
        Wait.APPLY: _("We said %(said)s%%; closing needs an application, an independent look and an approval."),
        Wait.FINISH: _("We said %(said)s%% for this period; finish it."),
        Wait.ISSUE: _("A draft of ours for %(lead)s; nobody owes anything before it is issued."),
        Wait.DISPUTE: _("The unit above reported for us; we may dispute it."),
        Wait.BREAK_DOWN: _("We were reminded to break it down to the units below."),
        Wait.ASSIGN: _("We were reminded to name the post in charge."),
    }
    return sentences[item.wait] % names


def item_detail(item: Item) -> str:
    """What was last said about it, in short."""
    about, last = item.about, item.last
    if item.wait is Wait.DECIDE_EXTENSION and about is not None:
        return _("Reason: %(words)s") % {"words": shortened(about.reason)}
    if item.wait is Wait.REPLY and about is not None:
        return _("Question: %(words)s") % {"words": shortened(about.question)}
    if item.wait in (Wait.ANSWER, Wait.DECIDE_OBJECTION, Wait.READ_BRIEF) and about is not None:
        return shortened(about.words)
    if item.wait is Wait.CONCLUDE and about is not None:
        return _("Answer: %(words)s") % {"words": shortened(about.answer)}
    if item.wait in (Wait.DECLINED, Wait.RETURNED) and item.reason:
        return _("Reason: %(words)s") % {"words": shortened(item.reason)}
    if last is not None:
        return _("Last said %(said)s%% on %(day)s: %(words)s") % {
            "said": last.percent,
            "day": plain_day(local_day(last.recorded_at)),
            "words": shortened(last.words),
        }
    if item.wait in (Wait.ACCEPT, Wait.ISSUE):
        return shortened(item.commitment.requirement)
    return _("Nothing has been reported yet.")


def summary_reason(summary: rollup.Summary, language: str) -> str:
    """Why a cell of the board has its light, in one sentence; ``language`` is the one in use, looked up once a page."""
    worst = summary.worst_light or ""
    return _counted_reason(language, worst, getattr(summary, f"light_{worst}") if worst else 0, summary.items)


@lru_cache(maxsize=8192)
def _counted_reason(_language: str, worst: str, count: int, items: int) -> str:
    """The same from figures: how many of how many have the most urgent light."""
    counts = {"n": count, "items": items}
    if worst == "red":
        return ngettext("%(n)s of %(items)s is overdue", "%(n)s of %(items)s are overdue", count) % counts
    if worst == "yellow":
        return ngettext("%(n)s of %(items)s is at risk", "%(n)s of %(items)s are at risk", count) % counts
    if worst == "green":
        return _("none of %(items)s is late") % counts
    if worst == "grey":
        return _("%(items)s not due yet") % counts
    return _("all %(items)s are closed") % counts


def how_verified(summary: rollup.Summary) -> str:
    """By which ways the verified figure came about, in points of it; empty while nothing was verified."""
    if not summary.weight or not summary.verified:
        return ""
    desk, visited, sampled = summary.verified_ways
    share = {"desk": desk, "visited": visited, "sampled": sampled}
    return _("of it desk %(desk)s, visited %(visited)s, sampled %(sampled)s") % share


def commitment_url(commitment: Commitment) -> str:
    """The page of a commitment, when there is one."""
    return safe_url("delivery:commitment", commitment.ref)


def commitment_row(commitment: Commitment, at: datetime, why: str = "") -> dict[str, Any]:
    """One line of a list of commitments; ``why`` is the rule that expects it to miss its date."""
    light = lights.light(commitment.light_facts(), at)
    return {
        "commitment": commitment,
        "url": commitment_url(commitment),
        "colour": light.colour,
        "reason": light_reason(light),
        "verified": commitment.verified if commitment.verified_how else None,
        "how": commitment.get_verified_how_display() if commitment.verified_how else "",
        "why": why,
    }
