"""Rule-book answers in the reader's words（把规则说成话）: lights, turns, timeline, possibilities."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from luoshi.delivery.events import EVENT_NAMES
from luoshi.delivery.models import Commitment, Slip
from luoshi.rules.calendar import local_day
from luoshi.rules.coverage import MISSING, STEPS
from luoshi.rules.lifecycle import ACT_NAMES, STANDING_NAMES, STATE_NAMES, Act, Kind, Possibility, State
from luoshi.rules.lights import Light
from luoshi.rules.refusals import gettext_noop
from luoshi.rules.slips import SlipState
from luoshi.ui.components import day
from luoshi.ui.sentences import sentence

#: Acts in the order in which a page offers them: what others wait for comes first.
FIRST: Sequence[Act] = (
    Act.ACCEPT, Act.VERIFY, Act.CLOSE, Act.UPHOLD, Act.DECIDE_EXTENSION, Act.REPLY, Act.DECIDE_OBJECTION, Act.ANSWER,
    Act.READ_BRIEF,
    Act.ISSUE, Act.REISSUE, Act.INSIST, Act.APPLY, Act.FINISH_PERIOD, Act.REPORT, Act.SHARE, Act.BREAK_DOWN,
    Act.ASSIGN, Act.CONCLUDE, Act.REMIND, Act.PROPOSE_SLIP, Act.INSTRUCT, Act.RETURN, Act.RESUME, Act.LOOK_BACK,
    Act.OPEN_PERIOD,
    Act.REVIEW_DUTY, Act.ASK_EXTENSION, Act.REQUEST, Act.FORWARD, Act.TAKE_BACK, Act.BRIEF, Act.RE_DATE, Act.DECLINE,
    Act.EDIT,
    Act.DISPUTE, Act.OBJECT, Act.FIND, Act.APPROVE_BREAKDOWN,
    Act.ISSUE_LINK, Act.RECALL, Act.CHANGE_LEAD, Act.SUSPEND, Act.WITHDRAW, Act.REOPEN, Act.END_DUTY, Act.REVOKE_LINK,
)  # fmt: skip
SHOWN_ACTS = 3


def plain_day(value: date | None) -> str:
    """A day as text in the reader's manner."""
    return str(day(value).striptags())


def light_reason(light: Light) -> str:
    """Why a light shines as it does, in one sentence."""
    return _(light.template) % {name: plain_day(value) for name, value in light.params.items()}


CHASED = (
    gettext_noop("Waits since %(since)s. If nobody decides, whoever approves it is reminded on %(next)s."),
    gettext_noop(
        "Waits since %(since)s; whoever approves it was reminded on %(told)s. If nobody decides, the unit above is told"
        " on %(next)s."
    ),
    gettext_noop(
        "Waits since %(since)s; the unit above was told on %(told)s, and is told again on %(next)s if nobody decides."
    ),
)
"""How a proposal that waits is chased, by how often that happened."""
CHASED_AT_THE_TOP = gettext_noop(
    "Waits since %(since)s; whoever approves it was reminded on %(told)s, and is reminded again on %(next)s if nobody"
    " decides."
)
"""The same where nothing stands above."""


UNANSWERED = (
    gettext_noop("If no answer comes by then, the unit is reminded on %(next)s."),
    gettext_noop("No answer came; the clock last told of it on %(told)s, and tells the next on the line on %(next)s."),
)
"""How an answer that is owed is chased, before and after it first was."""


def chased(slip: Slip, next_on: date | None) -> str:
    """What the clock did about a slip that waits and what it does next（催批、催复）; nothing once that has come."""
    if next_on is None:
        return ""
    if slip.state == SlipState.ISSUED:
        return _(UNANSWERED[min(slip.told, 1)]) % {"told": plain_day(slip.told_on), "next": plain_day(next_on)}
    told = {"since": plain_day(local_day(slip.proposed_at)), "told": plain_day(slip.told_on)}
    top = slip.told > 0 and slip.issuer.area.parent_id is None
    sentence = CHASED_AT_THE_TOP if top else CHASED[min(slip.told, 2)]
    return _(sentence) % {**told, "next": plain_day(next_on)}


def joined(items: Iterable[str]) -> str:
    """Names one after the other in the reader's manner."""
    return ("、" if (get_language() or "").startswith("zh") else ", ").join(items)


def holes(names: Sequence[str], limit: int = 6) -> str:
    """The first names of those missing, and how many more."""
    if len(names) <= limit:
        return joined(names)
    return _("%(names)s and %(more)s more") % {"names": joined(names[:limit]), "more": len(names) - limit}


@dataclass(frozen=True, slots=True)
class Offer:
    """One act for the panel: its word, and why not when it is not open to the reader."""

    act: str
    name: str
    reason: str = ""
    who: str = ""


@dataclass(frozen=True, slots=True)
class Panel:
    """现在该谁、能做什么: what the reader may do, what stands against it, and who may do the rest."""

    may: Sequence[Offer]
    more: Sequence[Offer]
    blocked: Sequence[Offer]
    others: Sequence[Offer]


def panel(found: Iterable[Possibility], *, said: int, lead: str, own: bool) -> Panel:
    """The possibilities in words, the main act first.

    Args:
        found: what the rule book says of every act.
        said: the percent last said; closure is applied for at 100.
        lead: the name of the lead unit.
        own: whether the reader belongs to the lead; otherwise what he may do for it stands behind his own acts.
    """
    order = {act: place for place, act in enumerate(FIRST)}
    if said < 100:
        order[Act.APPLY] = order[Act.REPORT] + 1
    if not own:
        order |= {act: place + len(FIRST) for act, place in order.items() if act in OF_THE_LEAD}
    may, blocked, others = [], [], []
    for one in sorted(found, key=lambda one: order.get(one.act, 99)):
        who = joined(_(STANDING_NAMES[standing]) for standing in one.who)
        name = _(ACT_NAMES[one.act])
        if one.act is Act.REPORT and one.allowed and not own:
            name = _("Report for %(unit)s") % {"unit": lead}
        reason = sentence(one.refusal) if one.refusal else ""
        if one.allowed:
            may.append(Offer(one.act.value, name, reason, who))
        elif one.refusal is not None and one.refusal.code == "not_your_act":
            others.append(Offer(one.act.value, name, "", who))
        elif one.act in TOLD:
            blocked.append(Offer(one.act.value, name, reason, who))
        elif one.refusal is not None and one.refusal.code not in QUIET:
            others.append(Offer(one.act.value, name, reason, who))
    return Panel(may[:SHOWN_ACTS], may[SHOWN_ACTS:], blocked, others)


TOLD = frozenset({Act.ACCEPT, Act.APPLY, Act.VERIFY, Act.CLOSE, Act.ISSUE, Act.BREAK_DOWN, Act.LOOK_BACK, Act.END_DUTY})
"""Acts whose obstacles are told at once; those of the others stand behind a click."""
OF_THE_LEAD = frozenset(
    {Act.ACCEPT, Act.DECLINE, Act.ASSIGN, Act.BREAK_DOWN, Act.REPORT, Act.APPLY, Act.RECALL, Act.ASK_EXTENSION,
     Act.REQUEST, Act.TAKE_BACK, Act.BRIEF, Act.ANSWER, Act.OBJECT, Act.FINISH_PERIOD}
)  # fmt: skip
"""Acts of the lead, which the unit directly above may do for it."""
QUIET = frozenset(
    {
        "no_extension_pending", "no_request_open", "no_objection_open", "no_finding_open", "nothing_to_object_to",
        "no_part_reopened", "no_brief_unread", "lies_elsewhere", "nobody_above", "not_on_behalf", "already_returned",
        "needs_approval",
    }
)  # fmt: skip
"""Refusals that only say that nothing of the kind is there; a page need not list them."""


def turn(commitment: Commitment) -> str:
    """Whose turn it is now（现在该谁）, in one sentence; names are plain text."""
    state = State(commitment.state)
    if commitment.open_requests and commitment.waiting_since and state in {State.ISSUED, State.ACCEPTED}:
        said = {
            "issuer": commitment.issuer.name,
            "lead": commitment.lead.name,
            "since": plain_day(commitment.waiting_since),
        }
        return _("Waiting for %(issuer)s to reply; the clock of %(lead)s stands still since %(since)s.") % said
    names = {
        "lead": commitment.lead.name,
        "issuer": commitment.issuer.name,
        "due": plain_day(commitment.due_on) if commitment.due_on else "",
        "accept_by": plain_day(commitment.accept_by) if commitment.accept_by else "",
        "verifier": commitment.verifying_unit.name if commitment.verifying_unit else "",
    }
    if state is State.ACCEPTED and commitment.kind == Kind.DUTY:
        return _("%(lead)s keeps this up; each period is finished or missed by itself.") % names
    if state is State.ACCEPTED and commitment.due_on is None:
        return _("%(lead)s is at work and reports when something changes.") % names
    if state is State.APPLIED and commitment.verifying_unit is None:
        return _("Waiting for an independent verifier; none is named yet, so the case goes to the unit above.")
    if state is State.ISSUED and commitment.accept_by is None:
        return _("Waiting for %(lead)s to accept it.") % names
    if state is State.CLOSED and commitment.reopened_parts and commitment.open_children:
        return _("Closed, but a part was reopened since; %(issuer)s reopens it too or lets the closing stand.") % names
    sentences = {
        State.DRAFT: _("%(issuer)s is still drafting this; nobody owes anything yet."),
        State.ISSUED: _("Waiting for %(lead)s to accept it by %(accept_by)s."),
        State.DECLINED: _("%(lead)s declined it; %(issuer)s places it elsewhere or insists once."),
        State.ACCEPTED: _("%(lead)s is at work, due on %(due)s."),
        State.APPLIED: _("%(lead)s says it is done; waiting for %(verifier)s to verify."),
        State.VERIFIED: _("Verified; waiting for %(issuer)s to approve or return it."),
        State.CLOSED: _("Closed. A failed look-back would reopen it under the same number."),
        State.SUSPENDED: _("Suspended by %(issuer)s; the clock stands still."),
        State.WITHDRAWN: _("Withdrawn by %(issuer)s; nothing is owed."),
        State.FINISHED: _("This period is finished."),
        State.MISSED: _("This period was missed; the duty goes on."),
        State.ENDED: _("This duty was reviewed and ended."),
    }
    return sentences[state] % names


def state_name(commitment: Commitment) -> str:
    """Where it stands, in a word or two."""
    return _(STATE_NAMES[State(commitment.state)])


def event_name(kind: str) -> str:
    """What an entry of the timeline is called."""
    return _(EVENT_NAMES.get(kind, kind))


def event_detail(kind: str, data: dict[str, Any]) -> str:
    """What an entry says, short: figures first, then the words."""
    parts = []
    if kind.endswith("Extension") or "new_due_on" in data:
        days = {"old": _day(data.get("old_due_on")), "new": _day(data.get("new_due_on"))}
        parts.append(_("%(old)s → %(new)s") % days if days["old"] else days["new"])
    if "granted" in data:
        parts.append(_("granted") if data["granted"] else _("not granted"))
    if kind.endswith("Verified"):
        parts.append(_("found %(percent)s %% done") % data)
        parts.append(_("passed") if data.get("passed") else _("not passed"))
    elif kind.endswith("LookedBack"):
        parts.append(_("still holds") if data.get("passed") else _("no longer holds"))
    elif "percent" in data:
        parts.append(_("said %(percent)s %%") % data)
    if kind.endswith("Reminded"):
        step = next((step for step in STEPS if step.value == data.get("step")), None)
        parts.append(_(MISSING[step]) if step else "")
        parts.append(ngettext("%(units)s unit", "%(units)s units", int(data["units"])) % data)
    if kind.endswith("BrokenDown"):
        parts.append(_("into %(parts)s parts") % data)
    if "upheld" in data:
        parts.append(_("upheld") if data["upheld"] else _("not upheld"))
    words = next((str(data[name]) for name in WORDY if data.get(name)), "")
    if words:
        parts.append(words if len(words) <= 120 else words[:119] + "…")
    return " · ".join(str(part) for part in parts if part)


WORDY = ("words", "reason", "opinion", "statement", "question", "reply", "answer", "decision")


def _day(value: Any) -> str:
    return plain_day(date.fromisoformat(value)) if isinstance(value, str) and value else ""
