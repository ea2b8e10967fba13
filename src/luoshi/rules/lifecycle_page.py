"""The page “life-cycle, and who may do what when”（生命周期与权限表）, made from the table and from nothing else.

Pure: words come in through ``translate``, text goes out. ``luoshi lifecycle --write`` puts it into the documentation
in both languages; a test fails when the pages and the table differ.
"""

from __future__ import annotations

from collections.abc import Callable

from luoshi.rules.lifecycle import (
    ACT_NAMES,
    OVER,
    STANDING_NAMES,
    STATE_NAMES,
    TABLE,
    WORDLESS,
    Act,
    Guard,
    Kind,
    Rule,
    Standing,
    State,
)
from luoshi.rules.refusals import SENTENCES, gettext_noop

_ = gettext_noop

Translate = Callable[[str], str]

KIND_NAMES = {Kind.TASK: _("task"), Kind.DUTY: _("standing duty"), Kind.PERIOD: _("period of a duty")}

TITLE = _("The life-cycle of a commitment")
INTRODUCTION = _(
    "This page is made from the one table that every door asks: the pages, the API, the commands, imports and the"
    " clock. It is not written by hand; change the table, then run `luoshi lifecycle --write`."
)
CLOSING = _(
    "Who applies, who verifies and who approves are three different persons, and none of them the deputy of another."
    " The verifier comes from outside the unit that claims and its line. An approval is bound to what was approved and"
    " lapses when that changes. There is no override."
)
DIAGRAM = _("States and what leads from one to the next")
WHO = _("Who may do what when")
STAYS = _("stays")
BEFORE = _("as before the suspension")
FAILED = _("%(state)s; if it fails: %(other)s")
NO_ACT = _("Nothing more can be done here.")
OFF_SYSTEM = _("Off-system items")
OFF_SYSTEM_WORDS = _(
    "An off-system item holds its number, post, date and state only. Of all acts it knows these, without words:"
)
STANDINGS = _("Standings")
REFUSED = _("Refused when")

#: What each guard may refuse with, in the order in which it asks.
GUARD_CODES: dict[str, tuple[str, ...]] = {
    "says_why": ("reason_missing",),
    "gives_opinion": ("opinion_missing",),
    "authority_in_force": ("no_authority", "authority_over"),
    "lead_receives": ("lead_does_not_receive",),
    "has_deadline": ("no_deadline",),
    "not_insisted": ("already_insisted",),
    "may_still_decline": ("cannot_decline_again",),
    "another_lead": ("same_lead",),
    "depth_approved": ("needs_approval",),
    "not_broken_down": ("already_broken_down",),
    "percent_in_range": ("percent_out_of_range",),
    "reported": ("nothing_reported",),
    "report_stands": ("already_returned",),
    "claim_stands": ("claim_returned",),
    "made_on_behalf": ("not_on_behalf",),
    "said_complete": ("not_complete",),
    "children_done": ("children_open",),
    "nothing_undecided": ("objection_open", "extension_pending", "request_open"),
    "application_stands": ("verification_lapsed",),
    "verification_stands": ("not_verified", "verification_lapsed"),
    "second_hand": ("same_hand", "kin_hand"),
    "third_hand": ("same_hand", "kin_hand"),
    "in_time_to_ask": (
        "extension_pending",
        "no_deadline",
        "extension_too_late",
        "extension_limit",
        "new_date_not_later",
    ),
    "extension_waits": ("no_extension_pending",),
    "no_extension_waits": ("extension_pending",),
    "date_moves": ("no_deadline", "date_in_past", "same_date"),
    "part_reopened": ("no_part_reopened",),
    "request_waits": ("no_request_open",),
    "asked_here": ("lies_elsewhere",),
    "brief_waits": ("no_brief_unread",),
    "somebody_above": ("nobody_above",),
    "finding_open": ("no_finding_open",),
    "nothing_found": ("findings_open", "found_false"),
    "as_certified": ("not_certified_here", "claim_newer"),
    "may_object": ("nothing_to_object_to", "already_objected", "objection_too_late"),
    "not_own_subject": ("own_subject",),
    "objection_waits": ("no_objection_open", "must_recuse"),
    "period_over": ("period_still_runs",),
    "was_reviewed": ("not_reviewed",),
}


def page(translate: Translate) -> str:
    """The whole page as Markdown, ending with one newline; ``translate`` gives the words of one language."""
    lines = [
        f"# {translate(TITLE)}",
        "",
        translate(INTRODUCTION),
        "",
        translate(CLOSING),
        "",
        f"## {translate(DIAGRAM)}",
        "",
        *diagram(translate),
        "",
        f"## {translate(WHO)}",
        "",
    ]
    for state in State:
        lines += [f"### {translate(STATE_NAMES[state])} (`{state}`)", "", *table(state, translate), ""]
    lines += [f"## {translate(OFF_SYSTEM)}", "", translate(OFF_SYSTEM_WORDS), ""]
    lines += [f"- {translate(ACT_NAMES[act])} (`{act}`)" for act in Act if act in WORDLESS]
    lines += ["", f"## {translate(STANDINGS)}", ""]
    lines += [f"- `{standing}`: {translate(STANDING_NAMES[standing])}" for standing in Standing]
    lines += ["", f"## {translate(REFUSED)}", ""]
    lines += [f"- `{code}`: {_plain(translate(SENTENCES[code]))}" for code in codes()]
    return "\n".join(lines) + "\n"


def codes() -> list[str]:
    """Every code with which a guard of the table refuses, sorted."""
    used = {guard.__name__ for rule in TABLE.values() for guard in rule.guards}
    return sorted({code for name in used for code in GUARD_CODES[name]})


def diagram(translate: Translate) -> list[str]:
    """The states and the acts between them, as the lines of a Mermaid state diagram."""
    lines = ["```mermaid", "stateDiagram-v2"]
    lines += [f'    state "{translate(STATE_NAMES[state])}" as {state}' for state in State]
    lines.append(f"    [*] --> {State.DRAFT}")
    ways: dict[tuple[State, State], list[Act]] = {}
    for (state, act), rule in TABLE.items():
        for end in _ends(state, rule):
            if end is not state:
                ways.setdefault((state, end), []).append(act)
    for (state, end), acts in ways.items():
        lines.append(f"    {state} --> {end} : {' / '.join(translate(ACT_NAMES[act]) for act in acts)}")
    lines += [f"    {state} --> [*]" for state in State if state in OVER]
    return [*lines, "```"]


def table(state: State, translate: Translate) -> list[str]:
    """What can be done in one state, by whom, where it leads and when it is refused, as a Markdown table."""
    rows = [(act, TABLE[state, act]) for act in Act if (state, act) in TABLE]
    if not rows:
        return [translate(NO_ACT)]
    heads = (_("Act"), _("For which kinds"), _("Who may do it"), _("State after"), _("Refused when"))
    lines = [f"| {' | '.join(translate(head) for head in heads)} |", "| --- | --- | --- | --- | --- |"]
    for act, rule in rows:
        cells = (
            f"{translate(ACT_NAMES[act])} (`{act}`)",
            ", ".join(translate(KIND_NAMES[kind]) for kind in Kind if kind in rule.kinds),
            ", ".join(translate(STANDING_NAMES[standing]) for standing in Standing if standing in rule.who),
            _after(rule, translate),
            ", ".join(f"`{code}`" for code in _codes(rule.guards)),
        )
        lines.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |")
    return lines


def _ends(state: State, rule: Rule) -> list[State]:
    if rule.resumes:
        return [State.ISSUED, State.ACCEPTED]
    return [rule.to or state, *([rule.otherwise] if rule.otherwise else [])]


def _after(rule: Rule, translate: Translate) -> str:
    if rule.resumes:
        return translate(BEFORE)
    to = translate(STATE_NAMES[rule.to]) if rule.to else translate(STAYS)
    if rule.otherwise is None:
        return to
    return translate(FAILED) % {"state": to, "other": translate(STATE_NAMES[rule.otherwise])}


def _codes(guards: tuple[Guard, ...]) -> list[str]:
    found: dict[str, None] = {}
    for guard in guards:
        found.update(dict.fromkeys(GUARD_CODES[guard.__name__]))
    return list(found)


def _plain(sentence: str) -> str:
    """A sentence for reading: its places become dots."""
    head, *rest = sentence.replace("%%", "\0").split("%(")
    return (head + "".join("…" + part.split(")", 1)[1][1:] for part in rest)).replace("\0", "%")
