"""Every kind of act stands under one of the three words or is left out on purpose; when a successor reads a log."""

from __future__ import annotations

import importlib
from datetime import date

import pytest

from luoshi.rules import decision_log as rules
from luoshi.rules.decision_log import Handing, Word, opens_on
from luoshi.rules.permissions import Role
from luoshi.rules.refusals import Refused

APPS = ("accounts", "units", "office", "delivery", "intake", "assurance", "meetings")


def catalogue() -> set[str]:
    """The type of every event of the house."""
    found = set()
    for app in APPS:
        module = importlib.import_module(f"luoshi.{app}.events")
        kinds = (getattr(one, "TYPE", "") for one in vars(module).values() if isinstance(one, type))
        found |= {kind for kind in kinds if isinstance(kind, str) and kind}
    return found


def test_every_act_is_sorted_or_left_out_on_purpose() -> None:
    every = catalogue()
    assert len(every) > 150
    assert sorted(kind for kind in every if not rules.known(kind)) == [], "sort a new act, or leave it out on purpose"
    named = set(rules.SORTED) | rules.LEFT_OUT
    assert sorted(named - every) == [], "no such act"
    assert set(rules.SORTED) & rules.LEFT_OUT == set()
    assert not {kind for kind in named if kind.partition(".")[0] in rules.HOUSEKEEPING_APPS}


def test_every_act_stands_in_one_place() -> None:
    groups = (
        *(frozenset(kind for kind, told in rules.SORTED.items() if told is word) for word in Word),
        *(rules.OWED, rules.READ_OR_TYPED, rules.LOTS, rules.BY_THE_CLOCK, rules.HOUSEKEEPING),
    )
    assert all(groups)
    assert sum(map(len, groups)) == len(frozenset().union(*groups))
    assert len(rules._PLANNED) + len(rules._DEPLOYED) + len(rules._SEEN_THROUGH) == len(rules.SORTED)
    assert set(rules.WORD_NAMES) == set(Word)


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        ("delivery.ProgrammeCreated", Word.PLANNED),
        ("delivery.CommitmentDrafted", Word.PLANNED),
        ("meetings.MeetingPlanned", Word.PLANNED),
        ("delivery.CommitmentIssued", Word.DEPLOYED),
        ("delivery.CommitmentBrokenDown", Word.DEPLOYED),
        ("delivery.CommitmentInstructed", Word.DEPLOYED),
        ("meetings.CircularIssued", Word.DEPLOYED),
        ("delivery.ExtensionDecided", Word.SEEN_THROUGH),
        ("delivery.CommitmentClosed", Word.SEEN_THROUGH),
        ("delivery.ObjectionDecided", Word.SEEN_THROUGH),
        ("delivery.RequestReplied", Word.SEEN_THROUGH),
        ("assurance.VisitRecorded", Word.SEEN_THROUGH),
        ("meetings.MeetingEnded", Word.SEEN_THROUGH),
    ],
)
def test_what_the_words_mean(kind: str, word: Word) -> None:
    assert rules.SORTED[kind] is word


def test_what_one_claims_of_oneself_is_no_decision() -> None:
    assert {"delivery.CommitmentReported", "delivery.ClosureApplied"} <= rules.OWED


def test_only_the_posts_of_heads_have_a_log() -> None:
    rules.require_head(Role.HEAD)
    for role in set(Role) - {Role.HEAD}:
        with pytest.raises(Refused, match="head") as refused:
            rules.require_head(role)
        assert refused.value.code == "log_not_of_head"


def test_the_successor_reads_it_when_the_holder_has_had_it_before_him() -> None:
    on, done_on = date(2026, 6, 1), date(2026, 5, 20)
    assert opens_on(Handing(on, done_on, by_holder=True)) == on
    waits = Handing(on, done_on, by_holder=False)
    assert opens_on(waits) == date(2026, 6, 8)
    assert opens_on(Handing(on, date(2026, 6, 5), by_holder=False)) == date(2026, 6, 12), "counted from then"
    assert opens_on(Handing(on, done_on, by_holder=False, laid_open_on=date(2026, 6, 3))) == date(2026, 6, 3)
    assert opens_on(Handing(on, done_on, by_holder=False, laid_open_on=date(2026, 5, 25))) == on
