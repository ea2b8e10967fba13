"""Any sequence of acts by anybody: cells equal the fold from zero, counters equal the recount, the audit is clean."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st
from tests.delivery.world import PEOPLE, World, build, everything

from luoshi.delivery import jobs, projections, queries
from luoshi.delivery.models import Commitment
from luoshi.rules.refusals import Refused
from luoshi.units.models import Unit

DAYS = st.sampled_from([0, 0, 0, 0, 1, 20, 45])
LEADS = ("530400", "530423", "532900", "530423100")

#: service → what may be said with it; bad values are among them on purpose.
ACTS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "onward": {},
    "issue_commitment": {},
    "accept_commitment": {},
    "decline_commitment": {"reason": st.sampled_from(["不属职责", ""])},
    "insist_on_commitment": {"reason": st.just("属地责任")},
    "reissue_commitment": {"lead": st.sampled_from(LEADS), "reason": st.just("改派")},
    "change_lead": {"lead": st.sampled_from(LEADS), "reason": st.just("调整")},
    "break_down_commitment": {"duplicates": st.sampled_from(["different", "merge", ""])},
    "report_on_commitment": {"percent": st.sampled_from([100, 100, 40, 101]), "words": st.sampled_from(["完成", ""])},
    "return_commitment": {"reason": st.just("缺件")},
    "apply_for_closure": {"statement": st.just("完工")},
    "recall_application": {},
    "verify_commitment": {
        "method": st.sampled_from(["desk", "visited"]),
        "documents": st.sampled_from([["验收报告"], []]),
        "passed": st.booleans(),
        "percent": st.sampled_from([100, 100, 62]),
        "words": st.just("看过"),
    },
    "close_commitment": {"opinion": st.sampled_from(["同意", ""])},
    "reopen_commitment": {"reason": st.just("未完")},
    "look_back_commitment": {"passed": st.booleans(), "percent": st.sampled_from([100, 62]), "words": st.just("看过")},
    "suspend_commitment": {"reason": st.just("等")},
    "resume_commitment": {"reason": st.just("到")},
    "withdraw_commitment": {"reason": st.just("取消")},
    "ask_extension": {"new_due_on": st.just(dt.date(2027, 6, 1)), "reason": st.just("雨季")},
    "decide_extension": {"granted": st.booleans(), "reason": st.just("议定")},
    "raise_request": {"question": st.just("可否？")},
    "reply_to_request": {"reply": st.just("可"), "then": st.sampled_from(["", "suspend"])},
    "forward_request": {"reason": st.just("超出权限")},
    "remind_commitment": {"step": st.sampled_from(["accept", "break-down", "assign", "report"])},
    "record_finding": {"words": st.just("不符")},
    "conclude_finding": {"upheld": st.booleans(), "reason": st.just("经核")},
    "raise_objection": {"words": st.just("不服")},
    "decide_objection": {"upheld": st.booleans(), "decision": st.just("维持")},
    "open_period": {},
    "finish_period": {},
    "review_duty": {"opinion": st.just("好")},
    "end_duty": {"opinion": st.just("结束")},
}
FIT = ("office", "office2", "a_head", "a_handler", "th_handler", "verifier", "verifier2", "b_handler", "head")
MAIN = ("issue_commitment", "accept_commitment", "report_on_commitment", "apply_for_closure", "verify_commitment")
STEPS = st.sampled_from(
    [*ACTS, *["onward"] * 40, *MAIN * 2, *["close_commitment", "break_down_commitment"] * 3]
).flatmap(
    lambda act: st.tuples(
        st.just(act),
        st.sampled_from([*FIT, *FIT, *FIT, *PEOPLE]),
        st.integers(0, 9),
        st.fixed_dictionaries(ACTS[act]),
        DAYS,
    )
)


HANDLERS = {"530400": "a_handler", "530423": "th_handler", "530402": "ht_handler", "532900": "b_handler"}
HEADS = {"530400": "a_head", "530423": "th_head", "532900": "b_head"}


def onward(c: Commitment) -> tuple[str, str, dict[str, Any]]:
    """The next act on the straight way to closed, by whoever may do it."""
    lead, issuer = HANDLERS.get(c.lead.code, "town_handler"), HEADS.get(c.issuer.code, "office")
    match c.state:
        case "issued":
            return "accept_commitment", lead, {}
        case "accepted" if c.said < 100:
            return "report_on_commitment", lead, {"percent": 100, "words": "完成"}
        case "accepted":
            return "apply_for_closure", lead, {"statement": "完工"}
        case "applied":
            return (
                "verify_commitment",
                "verifier",
                {"method": "desk", "documents": ["竣工验收报告"], "passed": True, "percent": 100, "words": "看过"},
            )
        case _:
            return "close_commitment", issuer, {"opinion": "同意"}


def check(world: World) -> None:
    """What must hold after every step."""
    units = list(Unit.objects.values_list("pk", flat=True))
    stored = {key: value for key, value in queries.cells(units, [world.matter]).items() if value}
    assert stored == projections.fold_from_zero()
    for c in Commitment.objects.prefetch_related("children", "reports", "verifications", "requests", "findings"):
        parts = [part for part in c.children.all() if part.kind != "period" and part.state != "withdrawn"]
        assert c.children_count == len(parts)
        over = {"closed", "withdrawn", "finished", "missed", "ended"}
        assert c.open_children == sum(part.state not in over for part in c.children.all())
        assert c.reports_count == len(c.reports.all())
        assert c.open_requests == sum(request.replied_at is None for request in c.requests.all())
        assert c.open_findings == sum(not finding.conclusion for finding in c.findings.all())
        assert c.open_objections == c.objections.filter(upheld__isnull=True).count()
        assert c.pending_extension == c.extensions.filter(granted__isnull=True).exists()
        if c.state == "closed":
            seen = next(one for one in c.verifications.all() if one.final)
            assert seen.passed
            assert seen.by_user != c.applications.order_by("-id")[0].by_user


def drafts(world: World) -> None:
    for lead, changes in (
        ("530400", {}),
        ("530423", {}),
        ("530400", {"kind": "duty", "frequency": "monthly", "title": "管网巡查"}),
    ):
        world.do("issue_commitment", "office", world.draft(lead, **changes))


@pytest.mark.django_db
@pytest.mark.principle(6)
@pytest.mark.slow
@settings(
    max_examples=6,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(data=st.data())
def test_any_sequence_of_acts_leaves_everything_right(data: st.DataObject) -> None:
    from django.db import transaction

    with transaction.atomic():  # each example starts from the same world
        world = build()
        drafts(world)
        done: list[str] = []
        for act, name, which, values, days in data.draw(st.lists(STEPS, min_size=25, max_size=60)):
            world.at += dt.timedelta(days=days)
            world.actors.clear()
            if days:
                jobs.tick(world.at)
            rows = list(Commitment.objects.order_by("pk"))
            said = {**values, **({"lead": world.units[values["lead"]].pk} if "lead" in values else {})}
            if act == "onward":
                act, name, said = onward(rows[which % 2])  # two of them come to the gate
            before = everything()
            try:
                world.do(act, name, rows[which % len(rows)], **said)
            except Refused:
                assert everything() == before, (act, name)
            else:
                done.append(act)
                check(world)
        jobs.tick(world.at)
        check(world)
        derived = {c.pk: (c.light, c.missed, c.open_children, c.children_count) for c in Commitment.objects.all()}
        projections.recount(world.at)
        check(world)
        assert derived == {
            c.pk: (c.light, c.missed, c.open_children, c.children_count) for c in Commitment.objects.all()
        }
        world.audit()
        event(f"closed {done.count('close_commitment')} of {len(done)} acts done")
        transaction.set_rollback(True)
