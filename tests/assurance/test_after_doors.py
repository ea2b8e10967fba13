"""Pages, interface and commands of look-backs and directed visits; the board's lists; a verifier's own list."""

from __future__ import annotations

import datetime as dt
import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from tests.assurance.pool_world import PoolWorld, build

from luoshi.assurance.models import LookBackDay, LookBackDraw, LookBackRule, Visit
from luoshi.delivery.models import Commitment
from luoshi.ledger.models import Entry

pytestmark = pytest.mark.django_db
DIGITS = "27182818284590452353"
LOOK_BACKS = reverse("assurance:look_backs")
RULE = reverse("assurance:look_back_rule", args=["ten"])
DIRECTED = reverse("assurance:directed")


@pytest.fixture
def p(monkeypatch: pytest.MonkeyPatch) -> PoolWorld:
    found = build()
    monkeypatch.setattr("django.utils.timezone.now", lambda: found.w.at)
    return found


def browser(p: PoolWorld, who: str) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(p.w.users[who])
    return client


def page(p: PoolWorld, who: str, path: str, status: int = 200, **post: object) -> str:
    """What a page says to somebody; the status is checked."""
    client = browser(p, who)
    answer = client.post(path, post) if post else client.get(path)
    assert answer.status_code == status, (who, path, answer.status_code, answer.content.decode()[:3000])
    return answer.content.decode()


def api(p: PoolWorld, who: str, path: str, body: object = None, status: int = 200) -> Any:
    client = browser(p, who)
    path = f"/api/v1{path}"
    sent = client.get(path) if body is None else client.post(path, json.dumps(body), content_type="application/json")
    assert sent.status_code == status, (who, path, sent.status_code, sent.content.decode()[:2000])
    return sent.json()


def run(*words: str, by: str = "office", data: object = None) -> str:
    out = StringIO()
    call_command(*words, "--as", by, *(["--data", json.dumps(data)] if data is not None else []), stdout=out)
    return out.getvalue()


def told(chance: int = 5, months: str = "3, 12", digits: str = DIGITS) -> dict[str, object]:
    return {"chance": chance, "months": months, "digits": digits}


def rule(p: PoolWorld) -> LookBackRule:
    """The rule in force; set by the office if there is none."""
    found = LookBackRule.objects.order_by("-number").first()
    if found is None:
        page(p, "office", RULE, 302, **told())
        found = LookBackRule.objects.get()
    return found


def looked(
    p: PoolWorld, rows: list[Commitment], *, days: int = 0, state: str = "done", holds: bool = True
) -> LookBackDay:
    """A day's lot that fell on some tasks, each with its visit, so many days from now."""
    held, number = rule(p), LookBackDay.objects.count() + 1
    day = LookBackDay.objects.create(
        rule=held, programme=p.w.programme, on=held.from_on + dt.timedelta(days=number), place=number, link="a" * 64,
        seed="b" * 64, due=len(rows), drawn=len(rows), siblings=0, wider=0, at=p.w.at,
    )  # fmt: skip
    for row in rows:
        visit = Visit.objects.create(
            kind="look_back", commitment=row, unit=row.lead, verifier_post_id=p.w.who("v_stats").seat.post_id,
            day=p.w.at.date() + dt.timedelta(days=days), state=state, holds=holds if state == "done" else None,
            ordered_by=p.w.units["530000"], created_at=p.w.at,
        )  # fmt: skip
        LookBackDraw.objects.create(day=day, commitment=row, months=3, closed_at=p.w.at, visit=visit)
    return day


# --- Look-backs -------------------------------------------------------------------------------------------------------


def test_each_area_sees_its_own_look_backs_and_none_before_its_day(p: PoolWorld) -> None:
    a_path = p.w.units["530400"].path
    in_a = [row for row in p.commitments if row.lead.path.startswith(a_path)]
    in_b = [row for row in p.commitments if not row.lead.path.startswith(a_path)]
    bad = looked(p, [in_b[0]], holds=False)
    looked(p, [in_a[0]])
    looked(p, [in_b[1], in_a[1]], days=1, state="assigned")
    looked(p, [in_b[2]], days=-1, state="withdrawn")  # waits for somebody else, and is not shown again before
    shown = {key: f"/c/{row.ref}/" for key, row in (("a", in_a[0]), ("b", in_b[0]))}
    for who, there, hidden in (("office", "ab", ""), ("a_head", "a", "b"), ("b_handler", "b", "a")):
        text = page(p, who, LOOK_BACKS)
        assert all(shown[one] in text for one in there), who
        assert not any(shown[one] in text for one in hidden), who
        for row in (in_b[1], in_a[1], in_b[2]):
            assert row.ref not in text, (who, row.ref)
        owns = who == "office"
        assert ("1 for somebody who may go" in text) is owns, "figures only, and only to the owner's side"
        assert ("2 wait for their day" in text) is owns
        assert "a" * 64 not in text, "a lot is sealed while its visits are to come"
        seen = api(p, who, "/programmes/ten/look-backs")
        assert {one["ref"] for one in seen["draws"]} == {
            row.ref for key, row in (("a", in_a[0]), ("b", in_b[0])) if key in there
        }
        assert (seen["for_day"], seen["for_verifier"]) == ((2, 1) if owns else (None, None))
        assert seen["days"] == []
    assert "no longer holds" in page(p, "b_head", LOOK_BACKS)
    assert "still holds" in page(p, "a_head", LOOK_BACKS)
    bad.draws.update(over=True)
    assert "was opened again before anybody went" in page(p, "b_head", LOOK_BACKS)
    p.w.at += dt.timedelta(days=1)
    assert in_a[1].ref in page(p, "a_head", LOOK_BACKS)
    p.w.at += dt.timedelta(days=30)
    text = page(p, "a_head", LOOK_BACKS)
    assert (text.count("a" * 64), text.count("b" * 64)) == (3, 3), "all lots before the one that waits for a verifier"


# --- Directed visits --------------------------------------------------------------------------------------------------


def test_nobody_learns_of_a_visit_that_a_side_above_has_made(p: PoolWorld) -> None:
    """Neither by its name nor by what the queue leaves out, nor by what sending another one answers."""
    row = p.w.accepted(lead="530423", by="th_handler", due_days=200)
    p.w.at += dt.timedelta(days=70)
    queue = f"{DIRECTED}?reason=silence"
    send = reverse("assurance:direct", args=[row.ref])
    comes = p.w.at.date() + dt.timedelta(days=2)
    page(p, "office", send, 302, reason="群众来信", day=comes)
    assert Visit.objects.get(kind="directed").day == comes
    assert row.ref not in page(p, "office", queue), "whoever has it made is not offered it again"
    assert "on the way there already" in page(p, "office", send, 409, reason="再看", day=comes)
    for who in ("th_head", "th_handler", "a_office", "a_head"):
        text = page(p, who, queue)
        assert row.ref in text, f"{who} sees what he saw before"
        assert "群众来信" not in text
    answer = page(p, "a_head", send, 302, reason="市里看看", day=comes + dt.timedelta(days=1))
    assert "on the way there already" not in answer, "nothing is planned as far as it may know"
    p.w.at += dt.timedelta(days=2)
    for who in ("office", "th_head", "a_head"):
        assert "群众来信" in page(p, who, queue).split('id="made"')[1], who
    assert row.ref not in page(p, "th_head", queue).split('id="made"')[0]
    assert "群众来信" not in page(p, "b_head", queue)


def test_who_may_send_a_visit(p: PoolWorld) -> None:
    row = p.w.accepted(lead="530402", by="ht_handler", due_days=300)
    send, day = reverse("assurance:direct", args=[row.ref]), str(p.w.at.date())
    for who, status in (("ht_handler", 403), ("auditor", 403), ("v_stats", 403), ("b_head", 404)):
        page(p, who, send, status, reason="看看", day=day)
        api(p, who, f"/commitments/{row.ref}/directed-visit", {"reason": "看看", "day": day}, status)
        with pytest.raises(CommandError, match="not_found" if status == 404 else "not_handing_out"):
            run("direct", "visit", row.ref, by=who, data={"reason": "看看", "day": day})
    page(p, "office", send, 422, reason="看看", day="yesterday")
    assert "write why somebody should go" in page(p, "office", send, 422, reason="", day=day)
    api(p, "office", "/directing?programme=none", status=404)
    assert api(p, "a_head", "/directing?programme=ten&reason=near-date") == {"items": [], "next": None}
    assert "No sign of this kind" in page(p, "a_head", f"{DIRECTED}?reason=near-date")
    assert not Visit.objects.exists()
    assert Client().get(DIRECTED).status_code == 302


# --- Handing back -----------------------------------------------------------------------------------------------------


def who_goes(visit: Visit) -> str:
    return str(visit.verifier_post.ref).removeprefix("P-")


def test_a_verifier_hands_a_drawn_visit_back_and_the_lot_falls_on_another(
    p: PoolWorld, django_capture_on_commit_callbacks: Any
) -> None:
    p.hand_out(count=3)
    visit = Visit.objects.select_related("verifier_post", "unit", "place").order_by("pk")[0]
    who = who_goes(visit)
    back = reverse("assurance:withdraw_visit", args=[visit.key])
    assert back in page(p, who, reverse("assurance:visit", args=[visit.key]))
    assert "the lot does not fall on you for this unit within a year" in page(p, who, back)
    other = next(name for name in ("v_a", "v_b", "v_stats", "v_audit1") if name != who)
    page(p, other, back, 404)
    page(p, other, back, 404, reason="代为退回", version=1)
    page(p, "a_office", back, 403, reason="x", version=1)
    page(p, who, back, 422, reason="", version=1)
    page(p, who, back, 409, reason="与该村书记是亲属", version=7)
    client, sent = browser(p, who), {"reason": "与该村书记是亲属", "version": 1, "idempotency_key": str(visit.key)}
    for _again in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            answer = client.post(back, sent)
        assert answer.status_code == 302, answer.content.decode()
        assert answer["Location"] == reverse("assurance:visits")
    assert Entry.objects.filter(type="assurance.VisitWithdrawn").count() == 1
    page(p, who, back, 409)
    assert back not in page(p, who, reverse("assurance:visit", args=[visit.key])), "it is over"
    told_ = page(p, "office", reverse("office:messages"))
    assert f"A visit was handed back and is to be given out anew: {visit.unit.name}" in told_
    assert "亲属" not in told_
    assert "handed back" not in page(p, "b_head", reverse("office:messages"))
    again = p.hand_out(count=1).visits[0]
    assert again.place_id == visit.place_id, "the order of the draw stays"
    assert again.verifier_post_id != visit.verifier_post_id


def test_the_side_that_takes_a_visit_back_bars_nobody_by_it(p: PoolWorld) -> None:
    p.hand_out(count=1)
    visit = Visit.objects.get()
    page(p, "office", reverse("assurance:withdraw_visit", args=[visit.key]), 302, reason="封路", version=1)
    visit.refresh_from_db()
    assert (visit.by_post_id, visit.by_user) == (None, None)
    assert p.hand_out(count=1).visits[0].verifier_post_id == visit.verifier_post_id


def test_a_directed_visit_handed_back_is_offered_to_whoever_sent_it(
    p: PoolWorld, django_capture_on_commit_callbacks: Any
) -> None:
    row = p.w.accepted(lead="530402", by="ht_handler", due_days=300)
    send, day = reverse("assurance:direct", args=[row.ref]), str(p.w.at.date())
    page(p, "office", send, 302, reason="群众来信", day=day)
    first = Visit.objects.select_related("verifier_post").get()
    body = {"reason": "临时住院"}
    client = browser(p, who_goes(first))
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(
            f"/api/v1/visits/{first.key}/withdraw", json.dumps(body), content_type="application/json",
            headers={"If-Match": '"1"'},
        )  # fmt: skip
    assert (answer.status_code, answer.json()["state"]) == (200, "withdrawn")
    told_ = page(p, "office", reverse("office:messages"))
    assert f"A visit was handed back and is to be given out anew: {row.lead.name}" in told_
    page(p, "office", send, 302, reason="群众来信", day=day)
    second = Visit.objects.order_by("-pk")[0]
    assert second.verifier_post_id != first.verifier_post_id


# --- Where they are reached -------------------------------------------------------------------------------------------


def test_the_parts_of_verification_lead_to_each_other(p: PoolWorld) -> None:
    addresses = (reverse("assurance:campaigns"), DIRECTED, LOOK_BACKS)
    for who in ("office", "head", "a_office", "auditor"):
        for address in addresses:
            text = page(p, who, address)
            assert all(f'href="{one}' in text for one in addresses), (who, address)
            assert f'href="{addresses[0]}" aria-current="page"' in text, (
                "the entry of the navigation is the current one"
            )
    for who in ("a_handler", "v_stats"):
        assert f'href="{addresses[0]}"' not in page(p, who, reverse("office:messages")), who
