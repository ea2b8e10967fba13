"""What deserves minutes: what is on its way is never presented, and every reason stands by itself."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from luoshi.rules import agenda
from luoshi.rules.agenda import Facts, Reason, Why

TODAY = dt.date(2026, 6, 1)
days = st.dates(dt.date(2025, 1, 1), dt.date(2027, 12, 31))
facts = st.builds(
    Facts,
    open=st.booleans(),
    running=st.booleans(),
    due_on=st.none() | days,
    said=st.integers(0, 100),
    verified=st.integers(0, 100),
    verified_how=st.sampled_from(["", "desk", "visited", "sampled"]),
    heard_on=st.none() | days,
    open_findings=st.integers(0, 3),
    reopened=st.integers(0, 3),
    asked_on=st.none() | days,
    decided_at=st.sampled_from(["", "YN-2026-M0001"]),
    decided_number=st.integers(1, 9),
)


@given(facts, days)
def test_every_reason_stands_by_itself(one: Facts, today: dt.date) -> None:
    found = {why.reason for why in agenda.reasons(one, today)}
    if not one.open:
        assert not found
        return
    assert (Reason.RESOLUTION in found) == bool(one.decided_at)
    assert (Reason.REQUEST in found) == (one.asked_on is not None)
    assert (Reason.RELAPSE in found) == (one.reopened > 0)
    assert (Reason.FINDING in found) == (one.open_findings > 0)
    assert (Reason.LATE in found) == (one.running and one.due_on is not None and one.due_on < today)
    assert (Reason.GAP in found) == (one.verified_how != "" and one.said - one.verified >= 20)
    silent = one.running and one.heard_on is not None and one.heard_on < today - dt.timedelta(days=60)
    assert (Reason.SILENT in found) == silent


@given(facts, days)
def test_reasons_come_in_the_order_of_the_agenda_and_fill_their_sentences(one: Facts, today: dt.date) -> None:
    found = agenda.reasons(one, today)
    assert [why.reason for why in found] == [reason for reason in Reason if reason in {why.reason for why in found}]
    for why in found:
        assert why.template % why.params
        assert all(isinstance(value, str | int) for value in why.params.values())


@given(facts, st.integers(0, 400))
def test_waiting_takes_no_reason_away(one: Facts, more: int) -> None:
    now = {why.reason for why in agenda.reasons(one, TODAY)}
    assert now <= {why.reason for why in agenda.reasons(one, TODAY + dt.timedelta(days=more))}


@given(st.integers(0, 100), st.integers(0, 60))
def test_what_is_on_its_way_is_not_presented(said: int, quiet: int) -> None:
    """Not late, verified as said, heard of lately, nothing open: no reason, whatever the percentage."""
    green = Facts(
        due_on=TODAY, said=said, verified=said, verified_how="visited", heard_on=TODAY - dt.timedelta(days=quiet)
    )
    assert agenda.reasons(green, TODAY) == ()
    assert agenda.in_order([("green", agenda.reasons(green, TODAY))]) == []


@given(st.lists(facts, max_size=12))
def test_the_order_is_that_of_the_first_rule_and_loses_nothing(many: list[Facts]) -> None:
    told = [(place, agenda.reasons(one, TODAY)) for place, one in enumerate(many)]
    ordered = agenda.in_order(told)
    assert sorted(key for key, _why in ordered) == [key for key, why in told if why]
    firsts = [list(Reason).index(why[0].reason) for _key, why in ordered]
    assert firsts == sorted(firsts)


def test_a_question_or_a_finding_goes_on_as_what_it_is() -> None:
    assert agenda.kind_of((Why(Reason.REQUEST, {}),)) == "request"
    assert agenda.kind_of((Why(Reason.FINDING, {}),)) == "finding"
    assert agenda.kind_of((Why(Reason.LATE, {}), Why(Reason.FINDING, {}))) == "commitment"
    assert agenda.kind_of(()) == "commitment"


def test_words_for_everything() -> None:
    assert set(agenda.TEMPLATES) == set(Reason)
    assert set(agenda.REASON_NAMES) == {reason.value for reason in Reason}
    assert replace(Facts(), open=False).open is False
