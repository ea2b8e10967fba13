"""The life-cycle's table: total, consistent, obeyed; and no path to closed without a third hand."""

from __future__ import annotations

import datetime as dt
import inspect
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from luoshi.rules import lifecycle
from luoshi.rules.lifecycle import (
    ACT_NAMES,
    OVER,
    STANDING_NAMES,
    STATE_NAMES,
    TABLE,
    Act,
    Asked,
    Facts,
    Hand,
    Intent,
    Kind,
    Standing,
    State,
    decide,
    deciding,
    guards,
    independent,
    possibilities,
    standings,
)
from luoshi.rules.paths import within
from luoshi.rules.permissions import SYSTEM, Actor, Role, Seat
from luoshi.rules.refusals import SENTENCES, Refused

AT = dt.datetime(2026, 3, 2, 1, 0, tzinfo=dt.UTC)
TODAY = dt.date(2026, 3, 2)

# --- A small tree: ids are the last step of the path ------------------------------------------------------------------

PROVINCE, PREFECTURE, COUNTY, OTHER = "00001.", "00001.00002.", "00001.00002.00003.", "00001.00004."
OFFICE, BUREAU, LOCAL_BUREAU, COUNTY_BUREAU = "00001.00005.", "00001.00006.", "00001.00002.00007.", COUNTY + "00008."
AREAS = {
    PROVINCE: PROVINCE,
    PREFECTURE: PREFECTURE,
    COUNTY: COUNTY,
    OTHER: OTHER,
    OFFICE: PROVINCE,
    BUREAU: PROVINCE,
    LOCAL_BUREAU: PREFECTURE,
    COUNTY_BUREAU: COUNTY,
}


def number(path: str) -> int:
    return int(path.rstrip(".").split(".")[-1], 36)


def seat(path: str, role: Role, post: int = 0) -> Seat:
    return Seat(post, f"P{post}", "post", role, number(path), path, AREAS[path])


def person(user: int, path: str, role: Role, **more: Any) -> Actor:
    return Actor(user, f"u{user}", f"u{user}", seat(path, role, user), **more)


HEAD = person(1, PROVINCE, Role.HEAD)
ISSUER = person(2, OFFICE, Role.OFFICE)
ISSUER_TOO = person(3, OFFICE, Role.OFFICE)
LEAD = person(4, PREFECTURE, Role.HEAD)
HANDLER = person(5, PREFECTURE, Role.HANDLER)
VERIFIER = person(6, BUREAU, Role.VERIFIER)
VERIFIER_TOO = person(7, BUREAU, Role.VERIFIER)
CLOSE_VERIFIER = person(8, LOCAL_BUREAU, Role.VERIFIER)
STRANGER = person(9, OTHER, Role.HEAD)
COUNTY_HANDLER = person(10, COUNTY, Role.HANDLER)
AUDITOR = person(11, PROVINCE, Role.AUDITOR)
ADMINISTRATOR = person(12, PROVINCE, Role.ADMINISTRATOR)
PROXY = person(13, PROVINCE, Role.HANDLER)
HELPER = person(14, LOCAL_BUREAU, Role.HANDLER)
DEPUTY = replace(
    VERIFIER_TOO, user_id=15, seat=seat(OFFICE, Role.OFFICE, 15), principal=VERIFIER.seat, kin=frozenset({6})
)
TWO_POSTS = person(4, BUREAU, Role.VERIFIER)
KIN_OF_LEAD = person(16, OFFICE, Role.OFFICE, kin=frozenset({4}))
PEOPLE = (
    HEAD,
    ISSUER,
    ISSUER_TOO,
    LEAD,
    HANDLER,
    VERIFIER,
    VERIFIER_TOO,
    CLOSE_VERIFIER,
    STRANGER,
    COUNTY_HANDLER,
    AUDITOR,
    ADMINISTRATOR,
    PROXY,
    HELPER,
    DEPUTY,
    TWO_POSTS,
    KIN_OF_LEAD,
    SYSTEM,
)

BELOW, UPPERMOST = Asked(PREFECTURE, PREFECTURE), Asked(PROVINCE, PROVINCE)
FACTS = Facts(
    ref="YN-2026-03-0001",
    kind=Kind.TASK,
    state=State.DRAFT,
    lead_id=number(PREFECTURE),
    lead_path=PREFECTURE,
    lead_area_path=PREFECTURE,
    issuer_id=number(OFFICE),
    issuer_path=OFFICE,
    issuer_area_path=PROVINCE,
    line_units=frozenset({number(OFFICE)}),
    supporting_units=frozenset({number(LOCAL_BUREAU)}),
    has_authority=True,
    authority_from=dt.date(2026, 1, 1),
    authority_until=dt.date(2027, 12, 31),
    due_on=dt.date(2026, 5, 1),
    material_digest="m0",
)
SAYS = Intent(reason="有因", opinion="同意")
LISTED = Intent(opinion="同意", frozen_at=AT)
TASK_STATES = [State.DRAFT, State.ISSUED, State.DECLINED, State.ACCEPTED, State.APPLIED, State.VERIFIED, State.CLOSED]


def refusal(facts: Facts, act: Act, actor: Actor, intent: Intent = SAYS, at: dt.datetime = AT) -> str:
    """The code with which it is refused; empty when it is permitted."""
    try:
        decide(facts, act, actor=actor, intent=intent, at=at)
    except Refused as refused:
        return refused.code if str(refused) else "a refusal without a sentence"
    return ""


# --- The table is total and consistent --------------------------------------------------------------------------------


def test_every_act_state_and_standing_has_a_name_and_a_use() -> None:
    assert set(ACT_NAMES) == set(Act)
    assert set(STATE_NAMES) == set(State)
    assert set(STANDING_NAMES) == set(Standing)
    assert {act for _state, act in TABLE} == set(Act)
    assert {standing for rule in TABLE.values() for standing in rule.who} == set(Standing) - {
        Standing.LINE_VERIFIER,
        Standing.READER,
    }


def test_every_cell_names_somebody_some_kind_and_only_known_guards() -> None:
    for place, rule in TABLE.items():
        assert rule.who, place
        assert rule.kinds, place
        assert len(set(rule.guards)) == len(rule.guards), place
        assert all(getattr(guards, guard.__name__) is guard for guard in rule.guards)
        assert not (rule.resumes and rule.to), place


def steps(kind: Kind) -> dict[State, set[tuple[Act, State]]]:
    found: dict[State, set[tuple[Act, State]]] = {state: set() for state in State}
    for (state, act), rule in TABLE.items():
        if kind in rule.kinds:
            ends = {rule.to or state} | ({rule.otherwise} if rule.otherwise else set())
            ends |= {State.ISSUED, State.ACCEPTED} if rule.resumes else set()
            found[state] |= {(act, end) for end in ends}
    return found


def reached(kind: Kind, start: State, without: frozenset[Act] = frozenset()) -> set[State]:
    graph, seen, waiting = steps(kind), {start}, [start]
    while waiting:
        for act, end in graph[waiting.pop()]:
            if act not in without and end not in seen:
                seen.add(end)
                waiting.append(end)
    return seen


def test_every_state_is_reached_by_some_kind_and_none_by_the_wrong_kind() -> None:
    task, duty = reached(Kind.TASK, State.DRAFT), reached(Kind.DUTY, State.DRAFT)
    period = reached(Kind.PERIOD, State.ACCEPTED)
    assert task | duty | period == set(State)
    assert State.CLOSED not in duty | period
    assert State.ENDED not in task | period
    assert period == {State.ACCEPTED, State.FINISHED, State.MISSED, State.WITHDRAWN}


@pytest.mark.principle(3)
def test_the_only_way_to_closed_leads_through_apply_and_verify() -> None:
    for gate in (Act.APPLY, Act.VERIFY, Act.CLOSE):
        assert State.CLOSED not in reached(Kind.TASK, State.DRAFT, frozenset({gate, Act.CERTIFY}))
    assert [place for place, rule in TABLE.items() if rule.to is State.CLOSED] == [
        (State.VERIFIED, Act.CLOSE),
        (State.ACCEPTED, Act.CERTIFY),
        (State.APPLIED, Act.CERTIFY),
        (State.VERIFIED, Act.CERTIFY),
        (State.CLOSED, Act.LOOK_BACK),
    ]
    for state in (State.ACCEPTED, State.APPLIED, State.VERIFIED):
        asked = set(TABLE[state, Act.CERTIFY].guards)
        assert {guards.as_certified, guards.nothing_found, guards.third_hand, guards.gives_opinion} <= asked
    close = TABLE[State.VERIFIED, Act.CLOSE]
    assert {guards.verification_stands, guards.third_hand, guards.gives_opinion} <= set(close.guards)


def test_what_is_over_stays_over_but_for_a_look_back_or_a_reopening() -> None:
    for state in OVER:
        for kind in Kind:
            ways = {act for act, end in steps(kind)[state] if end not in OVER}
            assert ways <= {Act.LOOK_BACK, Act.REOPEN}
            assert state is State.CLOSED or not ways


def test_every_state_that_is_not_over_has_a_way_out_for_every_kind_that_comes_there() -> None:
    for kind, start in ((Kind.TASK, State.DRAFT), (Kind.DUTY, State.DRAFT), (Kind.PERIOD, State.ACCEPTED)):
        for state in reached(kind, start) - OVER:
            assert reached(kind, state) & OVER, (kind, state)


# --- The table is obeyed: state × act × standing × kind ---------------------------------------------------------------


@pytest.mark.principle(9)
@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("state", list(State))
def test_every_combination_has_a_result_and_every_refusal_a_sentence(state: State, kind: Kind) -> None:
    facts = replace(FACTS, state=state, kind=kind)
    for act in Act:
        rule = TABLE.get((state, act))
        for actor in PEOPLE:
            code = refusal(facts, act, actor)
            assert code == "" or code in SENTENCES
            held = standings(facts, actor)
            assert held
            if rule is None:
                assert code == "wrong_state"
            elif kind not in rule.kinds:
                assert code in {"duty_never_closed", "only_duty", "only_period", "wrong_state"}
            elif not held & rule.who:
                assert code in {"not_your_act", "verifier_on_line"}
            else:
                assert code not in {"not_your_act", "verifier_on_line"}


@pytest.mark.principle(1)
def test_who_has_no_standing_does_nothing() -> None:
    for state in State:
        for act in Act:
            for actor in (STRANGER, AUDITOR, ADMINISTRATOR, COUNTY_HANDLER):
                assert refusal(replace(FACTS, state=state), act, actor) != "", (state, act, actor.role)


def test_the_clock_opens_and_misses_periods_and_nothing_else() -> None:
    allowed = {place[1] for place, rule in TABLE.items() if Standing.SYSTEM in rule.who}
    assert allowed == {Act.OPEN_PERIOD, Act.MISS_PERIOD}


def any_facts() -> st.SearchStrategy[Facts]:
    hands = st.none() | st.builds(
        Hand,
        user_id=st.sampled_from([1, 2, 4, 6, 7]),
        post_id=st.just(1),
        kin=st.frozensets(st.sampled_from([2, 6, 7])),
    )
    counts = st.integers(0, 2)
    digests = st.sampled_from(["m0", "m1"])
    return st.builds(
        replace,
        st.just(FACTS),
        state=st.sampled_from(State),
        kind=st.sampled_from(Kind),
        reported=st.booleans(),
        report_returned=st.booleans(),
        report_on_behalf=st.booleans(),
        said=st.sampled_from([0, 60, 100]),
        open_children=counts,
        children=counts,
        pending_extension=st.booleans(),
        extensions_granted=st.integers(0, 3),
        open_requests=counts,
        open_findings=counts,
        open_objections=counts,
        insisted=st.booleans(),
        has_authority=st.booleans(),
        lead_receives=st.booleans(),
        due_on=st.none() | st.sampled_from([TODAY, dt.date(2026, 5, 1), dt.date(2026, 1, 1)]),
        application=hands,
        application_digest=digests,
        verification=hands,
        verification_passed=st.booleans(),
        verification_digest=digests,
        took_part=st.frozensets(st.sampled_from([1, 2, 6])),
        resume_state=st.none() | st.sampled_from([State.ISSUED, State.ACCEPTED]),
        period_ends_on=st.none() | st.sampled_from([TODAY, dt.date(2026, 2, 28)]),
        reviewed=st.booleans(),
        last_conclusion_on=st.none() | st.sampled_from([TODAY, dt.date(2025, 12, 1)]),
    )


@pytest.mark.principle(9)
@settings(max_examples=150, deadline=None)
@given(facts=any_facts(), actor=st.sampled_from(PEOPLE))
def test_the_page_says_what_deciding_would_say(facts: Facts, actor: Actor) -> None:
    shown = {one.act: one for one in possibilities(facts, actor=actor, at=AT)}
    for act in Act:
        rule = TABLE.get((facts.state, act))
        code = refusal(facts, act, actor, lifecycle.WOULD_SAY)
        if act in shown:
            assert shown[act].allowed == (code == "")
            told = shown[act].refusal
            assert (told.code if told else "") == code
            assert shown[act].who
        else:
            apart = act in lifecycle.BY_LIST
            assert apart or rule is None or facts.kind not in rule.kinds or rule.who == {Standing.SYSTEM}


@pytest.mark.principle(3)
@settings(max_examples=300, deadline=None)
@given(facts=any_facts(), actor=st.sampled_from(PEOPLE))
def test_closing_in_any_circumstances_needs_all_three_hands(facts: Facts, actor: Actor) -> None:
    facts = replace(facts, state=State.VERIFIED, kind=Kind.TASK)
    if refusal(facts, Act.CLOSE, actor) == "":
        assert facts.verification is not None
        assert facts.verification_passed
        assert facts.verification_digest == facts.material_digest
        assert facts.open_children + facts.open_objections + facts.open_requests == 0
        assert not facts.pending_extension
        for hand in (facts.application, facts.verification):
            if hand:
                assert actor.user_id != hand.user_id
                assert actor.user_id not in hand.kin
                assert hand.user_id not in actor.kin


# --- Any sequence of acts by anybody ----------------------------------------------------------------------------------


def after(facts: Facts, move: lifecycle.Move, actor: Actor, intent: Intent, step: int) -> Facts:
    """What the services would make of the facts."""
    hand = Hand(actor.user_id, actor.seat.post_id, actor.kin)
    now = replace(facts, state=move.after)
    match move.act:
        case Act.REPORT:
            return replace(
                now,
                reported=True,
                report_returned=False,
                said=intent.percent or 0,
                report_on_behalf=move.standing is Standing.PROXY,
                material_digest=f"m{step}",
            )
        case Act.RETURN:
            return replace(now, report_returned=True, material_digest=f"m{step}")
        case Act.APPLY:
            return replace(
                now,
                application=hand,
                application_digest=facts.material_digest,
                verification=None,
                verification_passed=False,
                verification_digest="",
            )
        case Act.VERIFY if move.before is State.APPLIED:
            return replace(
                now,
                verification=hand,
                verification_passed=intent.favourable,
                verification_digest=facts.material_digest,
                last_conclusion_on=TODAY,
            )
        case Act.CHANGE_LEAD | Act.REISSUE:
            return replace(now, insisted=False)
        case Act.INSIST:
            return replace(now, insisted=True)
        case Act.SUSPEND:
            return replace(now, resume_state=move.before)
        case Act.RESUME:
            return replace(now, resume_state=None)
        case Act.ASK_EXTENSION:
            return replace(now, pending_extension=True)
        case Act.DECIDE_EXTENSION:
            return replace(now, pending_extension=False, extensions_granted=facts.extensions_granted + 1)
        case Act.REQUEST:
            return replace(now, open_requests=facts.open_requests + 1)
        case Act.REPLY | Act.TAKE_BACK:
            return replace(now, open_requests=facts.open_requests - 1)
        case Act.FIND:
            return replace(now, open_findings=facts.open_findings + 1)
        case Act.CONCLUDE:
            return replace(now, open_findings=facts.open_findings - 1, last_conclusion_on=TODAY)
        case Act.OBJECT:
            return replace(now, open_objections=facts.open_objections + 1)
        case Act.DECIDE_OBJECTION:
            return replace(now, open_objections=facts.open_objections - 1)
        case _:
            return now


INTENTS = st.builds(
    Intent,
    reason=st.sampled_from(["有因", "", "  "]),
    opinion=st.sampled_from(["同意", ""]),
    favourable=st.booleans(),
    percent=st.sampled_from([100, 100, 60, 101, -1]),
    lead_id=st.none() | st.sampled_from([number(PREFECTURE), number(OTHER)]),
)
#: Acts that lead on are drawn more often, so that many walks come to the gate.
WALKS = st.lists(
    st.tuples(
        st.sampled_from([*Act, *[Act.ISSUE, Act.ACCEPT, Act.REPORT, Act.APPLY, Act.VERIFY, Act.CLOSE] * 6]),
        st.sampled_from(PEOPLE),
        INTENTS,
    ),
    max_size=60,
)


@pytest.mark.principle(3)
@settings(max_examples=250, deadline=None)
@given(walk=WALKS, start=st.sampled_from(TASK_STATES[:4]))
def test_no_walk_closes_without_a_passed_verification_by_a_third_hand(
    walk: list[tuple[Act, Actor, Intent]], start: State
) -> None:
    facts = replace(FACTS, state=start)
    applied = verified = None
    for step, (act, actor, intent) in enumerate(walk, 1):
        try:
            move = decide(facts, act, actor=actor, intent=intent, at=AT)
        except Refused:
            continue  # facts are frozen: nothing changed
        assert move.before is facts.state
        assert move.standing in TABLE[facts.state, act].who & standings(facts, actor)
        facts = after(facts, move, actor, intent, step)
        if act is Act.APPLY:
            applied, verified = actor, None
        if move.after is State.VERIFIED and act is Act.VERIFY:
            assert intent.favourable
            verified = actor
            assert Standing.VERIFIER in standings(facts, actor)
        if move.after is State.CLOSED and act is Act.CLOSE:
            assert applied is not None
            assert verified is not None
            assert len({applied.user_id, verified.user_id, actor.user_id}) == 3
            assert not {applied.user_id, verified.user_id} & actor.kin
            assert independent(facts, verified.effective)
        assert facts.open_requests >= 0
        assert facts.open_findings >= 0
        assert facts.open_objections >= 0


# --- Three hands, close up --------------------------------------------------------------------------------------------

APPLIED = replace(
    FACTS,
    state=State.APPLIED,
    said=100,
    reported=True,
    application=Hand(LEAD.user_id, LEAD.seat.post_id),
    application_digest="m0",
)
VERIFIED = replace(
    APPLIED,
    state=State.VERIFIED,
    verification=Hand(VERIFIER.user_id, VERIFIER.seat.post_id),
    verification_passed=True,
    verification_digest="m0",
)
ACCEPTED = replace(FACTS, state=State.ACCEPTED, reported=True, said=100)


@pytest.mark.principle(3)
@pytest.mark.parametrize(
    ("actor", "code"),
    [
        (VERIFIER, ""),
        (CLOSE_VERIFIER, "verifier_on_line"),
        (person(20, COUNTY_BUREAU, Role.VERIFIER), "verifier_on_line"),
        (person(20, OFFICE, Role.VERIFIER), "verifier_on_line"),
        (person(20, PROVINCE, Role.VERIFIER), "verifier_on_line"),
        (person(20, PREFECTURE, Role.VERIFIER), "verifier_on_line"),
        (person(20, OTHER, Role.VERIFIER), ""),
        (TWO_POSTS, "same_hand"),
        (replace(VERIFIER, kin=frozenset({4})), "kin_hand"),
        (LEAD, "not_your_act"),
        (ISSUER, "not_your_act"),
        (SYSTEM, "not_your_act"),
    ],
)
def test_who_may_verify(actor: Actor, code: str) -> None:
    assert refusal(APPLIED, Act.VERIFY, actor) == code


@pytest.mark.principle(3)
@pytest.mark.parametrize(
    ("actor", "code"),
    [
        (ISSUER, ""),
        (HEAD, ""),
        (replace(ISSUER, user_id=LEAD.user_id), "same_hand"),
        (replace(ISSUER, user_id=VERIFIER.user_id), "same_hand"),
        (KIN_OF_LEAD, "kin_hand"),
        (replace(ISSUER, kin=frozenset({VERIFIER.user_id})), "kin_hand"),
        (LEAD, "not_your_act"),
        (VERIFIER, "not_your_act"),
    ],
)
def test_who_may_close(actor: Actor, code: str) -> None:
    assert refusal(VERIFIED, Act.CLOSE, actor) == code


@pytest.mark.principle(3)
def test_a_tie_that_ended_since_still_counts_on_the_day_of_the_act() -> None:
    once_kin = replace(VERIFIED, application=Hand(LEAD.user_id, LEAD.seat.post_id, frozenset({ISSUER.user_id})))
    assert refusal(once_kin, Act.CLOSE, ISSUER) == "kin_hand"
    assert refusal(once_kin, Act.CLOSE, ISSUER_TOO) == ""


@pytest.mark.principle(3)
def test_a_deputy_brings_his_own_seat_along() -> None:
    """X for Y: the verifier's powers, but X sits on the line, so X is no independent verifier."""
    assert refusal(APPLIED, Act.VERIFY, DEPUTY) == "verifier_on_line"
    from_afar = replace(DEPUTY, seat=seat(OTHER, Role.HANDLER, 15))
    assert refusal(APPLIED, Act.VERIFY, from_afar) == ""
    assert refusal(VERIFIED, Act.CLOSE, replace(from_afar, principal=ISSUER.seat)) == "kin_hand"


@pytest.mark.principle(3)
def test_a_post_that_moved_is_judged_by_where_it_stands_now() -> None:
    moved = replace(VERIFIER, seat=seat(LOCAL_BUREAU, Role.VERIFIER, 6))
    assert refusal(APPLIED, Act.VERIFY, moved) == "verifier_on_line"


@pytest.mark.principle(3)
def test_what_was_approved_lapses_when_it_changes() -> None:
    assert refusal(VERIFIED, Act.CLOSE, ISSUER) == ""
    assert refusal(replace(VERIFIED, material_digest="m1"), Act.CLOSE, ISSUER) == "verification_lapsed"
    assert refusal(replace(APPLIED, material_digest="m1"), Act.VERIFY, VERIFIER) == "verification_lapsed"
    unfavourable = replace(SAYS, favourable=False)
    assert refusal(replace(APPLIED, material_digest="m1"), Act.VERIFY, VERIFIER, unfavourable) == ""


def test_an_unfavourable_verdict_sends_back_and_a_failed_look_back_reopens() -> None:
    no = replace(SAYS, favourable=False, percent=60)
    assert decide(APPLIED, Act.VERIFY, actor=VERIFIER, intent=no, at=AT).after is State.ACCEPTED
    closed = replace(VERIFIED, state=State.CLOSED)
    assert decide(closed, Act.LOOK_BACK, actor=VERIFIER_TOO, intent=no, at=AT).after is State.ACCEPTED
    assert decide(closed, Act.LOOK_BACK, actor=VERIFIER_TOO, intent=SAYS, at=AT).after is State.CLOSED


def test_resuming_leads_back_to_where_it_was() -> None:
    for state in (State.ISSUED, State.ACCEPTED):
        suspended = replace(FACTS, state=State.SUSPENDED, resume_state=state)
        assert decide(suspended, Act.RESUME, actor=ISSUER, intent=SAYS, at=AT).after is state


# --- Independence over random trees -----------------------------------------------------------------------------------


@st.composite
def trees(draw: st.DrawFn) -> list[str]:
    """Paths of 2–12 areas, each below an earlier one."""
    paths = ["00001."]
    for index in range(2, draw(st.integers(2, 12)) + 1):
        paths.append(f"{draw(st.sampled_from(paths))}{index:05d}.")
    return paths


@pytest.mark.principle(3)
@settings(max_examples=200, deadline=None)
@given(tree=trees(), data=st.data())
def test_nobody_of_the_line_is_independent_and_everybody_else_is(tree: list[str], data: st.DataObject) -> None:
    lead, issuer, at = (data.draw(st.sampled_from(tree)) for _ in range(3))
    line = frozenset(number(path) for path in data.draw(st.sets(st.sampled_from(tree), max_size=3)))
    facts = replace(
        FACTS,
        lead_id=number(lead),
        lead_path=lead,
        lead_area_path=lead,
        issuer_id=number(issuer),
        issuer_path=issuer,
        issuer_area_path=issuer,
        line_units=line,
    )
    chair = Seat(1, "P", "t", Role.VERIFIER, number(at), at, at)
    related = within(at, lead) or within(lead, at) or number(at) in line | {number(issuer)}
    assert independent(facts, chair) == (not related)
    # what is below a unit that is not independent because the lead owns it is not independent either
    below = replace(chair, unit_id=10_000, unit_path=at + "0zzzz.")
    if within(at, lead):
        assert not independent(facts, below)


@settings(max_examples=100, deadline=None)
@given(tree=trees(), data=st.data())
def test_nobody_outside_the_line_has_a_say(tree: list[str], data: st.DataObject) -> None:
    lead, at = data.draw(st.sampled_from(tree)), data.draw(st.sampled_from(tree))
    role = data.draw(st.sampled_from([Role.HEAD, Role.OFFICE, Role.HANDLER]))
    facts = replace(
        FACTS,
        supporting_units=frozenset(),
        lead_id=number(lead),
        lead_path=lead,
        lead_area_path=lead,
        issuer_path="00001.",
        issuer_area_path="00001.",
    )
    held = standings(facts, Actor(1, "u", "u", Seat(1, "P", "t", role, number(at), at, at)))
    if not within(lead, at):
        assert held == {Standing.READER}
    assert not {Standing.VERIFIER, Standing.SYSTEM} & held


def test_whoever_stands_directly_above_answers_for_the_unit_but_not_from_further_up() -> None:
    county = replace(FACTS, lead_id=number(COUNTY), lead_path=COUNTY, lead_area_path=COUNTY)
    assert Standing.PROXY in standings(county, HANDLER)
    assert Standing.PROXY not in standings(county, PROXY)
    assert Standing.PROXY not in standings(county, LEAD), "a head decides; handlers and the office answer"
    assert standings(FACTS, STRANGER) == {Standing.READER}


# --- Guards: each refuses with exactly its code -----------------------------------------------------------------------

DUTY = replace(FACTS, kind=Kind.DUTY, state=State.ACCEPTED, frequency="monthly", reviewed=True)
PERIOD = replace(ACCEPTED, kind=Kind.PERIOD, period_ends_on=dt.date(2026, 2, 28))
CLOSED = replace(VERIFIED, state=State.CLOSED, last_conclusion_on=TODAY)
EXTENSIBLE = replace(ACCEPTED, due_on=dt.date(2026, 3, 10))
NOTHING = Intent()

GUARDED: list[tuple[Facts, Act, Actor, dict[str, Any], Intent, str]] = [
    (ACCEPTED, Act.SUSPEND, ISSUER, {}, NOTHING, "reason_missing"),
    (VERIFIED, Act.CLOSE, ISSUER, {}, Intent(opinion=" \n"), "opinion_missing"),
    (CLOSED, Act.UPHOLD, ISSUER, {}, SAYS, "no_part_reopened"),
    (CLOSED, Act.UPHOLD, ISSUER, {"reopened_parts": 1}, SAYS, "no_part_reopened"),
    (EXTENSIBLE, Act.RE_DATE, ISSUER, {"pending_extension": True}, SAYS, "extension_pending"),
    (EXTENSIBLE, Act.RE_DATE, ISSUER, {"due_on": None}, SAYS, "no_deadline"),
    (EXTENSIBLE, Act.RE_DATE, ISSUER, {}, replace(SAYS, new_due=dt.date(2026, 3, 10)), "same_date"),
    (EXTENSIBLE, Act.RE_DATE, ISSUER, {}, replace(SAYS, new_due=dt.date(2026, 3, 1)), "date_in_past"),
    (FACTS, Act.ISSUE, ISSUER, {"has_authority": False}, SAYS, "no_authority"),
    (FACTS, Act.ISSUE, ISSUER, {"programme_in_force": False}, SAYS, "programme_not_in_force"),
    (FACTS, Act.ISSUE, ISSUER, {"authority_until": dt.date(2026, 3, 1)}, SAYS, "authority_over"),
    (FACTS, Act.ISSUE, ISSUER, {"authority_from": dt.date(2026, 3, 3)}, SAYS, "authority_over"),
    (FACTS, Act.ISSUE, ISSUER, {"lead_receives": False}, SAYS, "lead_does_not_receive"),
    (FACTS, Act.ISSUE, ISSUER, {"due_on": None}, SAYS, "no_deadline"),
    (replace(FACTS, state=State.DECLINED), Act.INSIST, ISSUER, {"insisted": True}, SAYS, "already_insisted"),
    (replace(FACTS, state=State.ISSUED), Act.DECLINE, LEAD, {"insisted": True}, SAYS, "cannot_decline_again"),
    (
        replace(FACTS, state=State.DECLINED),
        Act.REISSUE,
        ISSUER,
        {},
        replace(SAYS, lead_id=number(PREFECTURE)),
        "same_lead",
    ),
    (
        replace(FACTS, state=State.DECLINED),
        Act.REISSUE,
        ISSUER,
        {},
        replace(SAYS, lead_id=99, lead_receives=False),
        "lead_does_not_receive",
    ),
    (ACCEPTED, Act.BREAK_DOWN, LEAD, {}, Intent(levels=2, proposal_digest="x"), "needs_approval"),
    (
        ACCEPTED,
        Act.BREAK_DOWN,
        LEAD,
        {"breakdown_approved": "y"},
        Intent(levels=2, proposal_digest="x"),
        "needs_approval",
    ),
    (ACCEPTED, Act.CHANGE_LEAD, ISSUER, {"children": 2}, replace(SAYS, lead_id=99), "already_broken_down"),
    (ACCEPTED, Act.REPORT, HANDLER, {}, Intent(percent=101), "percent_out_of_range"),
    (ACCEPTED, Act.REPORT, HANDLER, {}, Intent(percent=-1), "percent_out_of_range"),
    (ACCEPTED, Act.APPLY, LEAD, {"reported": False}, SAYS, "nothing_reported"),
    (ACCEPTED, Act.APPLY, LEAD, {"report_returned": True}, SAYS, "claim_returned"),
    (ACCEPTED, Act.APPLY, LEAD, {"said": 99}, SAYS, "not_complete"),
    (ACCEPTED, Act.APPLY, LEAD, {"open_children": 1}, SAYS, "children_open"),
    (ACCEPTED, Act.APPLY, LEAD, {"open_objections": 1}, SAYS, "objection_open"),
    (ACCEPTED, Act.APPLY, LEAD, {"pending_extension": True}, SAYS, "extension_pending"),
    (ACCEPTED, Act.APPLY, LEAD, {"open_requests": 1}, SAYS, "request_open"),
    (ACCEPTED, Act.RETURN, ISSUER, {"report_returned": True}, SAYS, "already_returned"),
    (ACCEPTED, Act.DISPUTE, LEAD, {}, SAYS, "not_on_behalf"),
    (VERIFIED, Act.CLOSE, ISSUER, {"verification": None}, SAYS, "not_verified"),
    (VERIFIED, Act.CLOSE, ISSUER, {"verification_passed": False}, SAYS, "not_verified"),
    (VERIFIED, Act.CLOSE, ISSUER, {"open_children": 1}, SAYS, "children_open"),
    (VERIFIED, Act.CLOSE, ISSUER, {"open_objections": 1}, SAYS, "objection_open"),
    (VERIFIED, Act.CLOSE, ISSUER, {"pending_extension": True}, SAYS, "extension_pending"),
    (VERIFIED, Act.CLOSE, ISSUER, {"open_requests": 1}, SAYS, "request_open"),
    (EXTENSIBLE, Act.ASK_EXTENSION, LEAD, {"pending_extension": True}, SAYS, "extension_pending"),
    (EXTENSIBLE, Act.ASK_EXTENSION, LEAD, {"due_on": None}, SAYS, "no_deadline"),
    (EXTENSIBLE, Act.ASK_EXTENSION, LEAD, {"due_on": dt.date(2026, 3, 1)}, SAYS, "extension_too_late"),
    (EXTENSIBLE, Act.ASK_EXTENSION, LEAD, {"extensions_granted": 2}, SAYS, "extension_limit"),
    (EXTENSIBLE, Act.ASK_EXTENSION, LEAD, {}, replace(SAYS, new_due=dt.date(2026, 3, 10)), "new_date_not_later"),
    (ACCEPTED, Act.DECIDE_EXTENSION, ISSUER, {}, SAYS, "no_extension_pending"),
    (ACCEPTED, Act.REPLY, ISSUER, {}, SAYS, "no_request_open"),
    (ACCEPTED, Act.FORWARD, ISSUER, {}, SAYS, "no_request_open"),
    (
        ACCEPTED,
        Act.REPLY,
        ISSUER,
        {"open_requests": 1, "asked": (BELOW,)},
        SAYS,
        "lies_elsewhere",
    ),
    (ACCEPTED, Act.FORWARD, HEAD, {"open_requests": 1, "asked": (UPPERMOST,)}, SAYS, "nobody_above"),
    (ACCEPTED, Act.TAKE_BACK, LEAD, {}, SAYS, "no_request_open"),
    (ACCEPTED, Act.ANSWER, LEAD, {}, SAYS, "no_finding_open"),
    (ACCEPTED, Act.CONCLUDE, VERIFIER, {}, SAYS, "no_finding_open"),
    (ACCEPTED, Act.CERTIFY, HEAD, {"open_findings": 1}, LISTED, "findings_open"),
    (ACCEPTED, Act.CERTIFY, HEAD, {"verified_how": "visited", "verified": 60}, LISTED, "found_false"),
    (ACCEPTED, Act.CERTIFY, HEAD, {"reported_at": AT}, SAYS, "not_certified_here"),
    (ACCEPTED, Act.CERTIFY, HEAD, {"reported_at": AT + dt.timedelta(days=1)}, LISTED, "claim_newer"),
    (ACCEPTED, Act.CERTIFY, HEAD, {"reported_at": AT, "application": Hand(1, 1)}, LISTED, "same_hand"),
    (ACCEPTED, Act.OBJECT, LEAD, {}, SAYS, "nothing_to_object_to"),
    (CLOSED, Act.OBJECT, LEAD, {"last_conclusion_on": dt.date(2026, 1, 30)}, SAYS, "objection_too_late"),
    (CLOSED, Act.DECIDE_OBJECTION, ISSUER, {}, SAYS, "no_objection_open"),
    (CLOSED, Act.DECIDE_OBJECTION, ISSUER, {"open_objections": 1, "took_part": frozenset({2})}, SAYS, "must_recuse"),
    (
        CLOSED,
        Act.DECIDE_OBJECTION,
        KIN_OF_LEAD,
        {"open_objections": 1, "took_part": frozenset({4})},
        SAYS,
        "must_recuse",
    ),
    (CLOSED, Act.OBJECT, LEAD, {"objected": True}, SAYS, "already_objected"),
    (PERIOD, Act.MISS_PERIOD, SYSTEM, {"period_ends_on": TODAY}, SAYS, "period_still_runs"),
    (DUTY, Act.END_DUTY, ISSUER, {"reviewed": False}, SAYS, "not_reviewed"),
    (DUTY, Act.APPLY, LEAD, {}, SAYS, "duty_never_closed"),
    (ACCEPTED, Act.OPEN_PERIOD, ISSUER, {}, SAYS, "only_duty"),
    (ACCEPTED, Act.FINISH_PERIOD, LEAD, {}, SAYS, "only_period"),
    (PERIOD, Act.BREAK_DOWN, LEAD, {}, SAYS, "wrong_state"),
    (CLOSED, Act.REPORT, LEAD, {}, SAYS, "wrong_state"),
    (ACCEPTED, Act.REPORT, LEAD, {"off_system": True}, SAYS, "off_system_act"),
]


@pytest.mark.parametrize(("facts", "act", "actor", "changes", "intent", "code"), GUARDED)
def test_each_guard_refuses_with_its_code(
    facts: Facts, act: Act, actor: Actor, changes: dict[str, Any], intent: Intent, code: str
) -> None:
    assert refusal(replace(facts, **changes), act, actor, intent) == code


def permitted() -> Iterator[tuple[Facts, Act, Actor, Intent]]:
    yield FACTS, Act.ISSUE, ISSUER, NOTHING
    yield replace(FACTS, state=State.ISSUED), Act.ACCEPT, PROXY, NOTHING
    yield ACCEPTED, Act.APPLY, LEAD, NOTHING
    yield ACCEPTED, Act.VERIFY, VERIFIER, Intent(percent=62)
    yield replace(ACCEPTED, reported_at=AT), Act.CERTIFY, HEAD, LISTED
    yield ACCEPTED, Act.SHARE, HELPER, Intent(percent=10)
    yield replace(ACCEPTED, breakdown_approved="x"), Act.BREAK_DOWN, LEAD, Intent(levels=2, proposal_digest="x")
    yield replace(ACCEPTED, due_on=TODAY), Act.ASK_EXTENSION, LEAD, replace(SAYS, new_due=dt.date(2026, 4, 1))
    yield CLOSED, Act.OBJECT, LEAD, SAYS
    yield replace(CLOSED, last_conclusion_on=dt.date(2026, 1, 31)), Act.OBJECT, LEAD, SAYS
    yield replace(CLOSED, open_objections=1, took_part=frozenset({6})), Act.DECIDE_OBJECTION, ISSUER, SAYS
    yield PERIOD, Act.FINISH_PERIOD, HANDLER, NOTHING
    yield PERIOD, Act.MISS_PERIOD, SYSTEM, NOTHING
    yield PERIOD, Act.WITHDRAW, ISSUER, SAYS
    yield DUTY, Act.END_DUTY, HEAD, SAYS
    yield DUTY, Act.OPEN_PERIOD, SYSTEM, NOTHING


@pytest.mark.parametrize(("facts", "act", "actor", "intent"), list(permitted()))
def test_what_is_in_order_is_permitted(facts: Facts, act: Act, actor: Actor, intent: Intent) -> None:
    assert refusal(facts, act, actor, intent) == ""


@pytest.mark.principle(8)
def test_a_unit_that_issued_to_itself_does_not_decide_about_itself() -> None:
    own = replace(
        CLOSED, issuer_id=number(PREFECTURE), issuer_path=PREFECTURE, issuer_area_path=PREFECTURE, open_objections=1
    )
    assert refusal(own, Act.DECIDE_OBJECTION, LEAD) == "own_subject"
    assert refusal(replace(own, open_findings=1), Act.CONCLUDE, LEAD) == "own_subject"
    assert refusal(own, Act.DECIDE_OBJECTION, HEAD) == "", "it goes to the unit above"


@pytest.mark.principle(10)
def test_an_item_off_the_system_needs_no_words_and_still_three_hands() -> None:
    apart = replace(VERIFIED, off_system=True, said=0, reported=False)
    assert refusal(apart, Act.CLOSE, ISSUER, NOTHING) == ""
    assert refusal(apart, Act.CLOSE, replace(ISSUER, user_id=VERIFIER.user_id), NOTHING) == "same_hand"
    assert refusal(replace(apart, verification=None), Act.CLOSE, ISSUER, NOTHING) == "not_verified"
    assert refusal(replace(apart, state=State.ACCEPTED), Act.APPLY, LEAD, NOTHING) == ""
    shown = possibilities(replace(apart, state=State.ACCEPTED), actor=LEAD, at=AT)
    assert {one.act for one in shown} <= lifecycle.WORDLESS


def test_every_refusal_of_the_life_cycle_is_reached() -> None:
    """A code that no test brings about is a code that nobody needs."""
    told = {code for *_rest, code in GUARDED} | {"verifier_on_line", "same_hand", "kin_hand", "verification_lapsed"}
    told |= {"own_subject", "not_your_act"}
    source = inspect.getsource(guards) + inspect.getsource(deciding)
    declared = {code for code in SENTENCES if f" {code}=_(" in source}
    assert declared <= told
