"""Doors of look-backs, directed visits and the board's lists about them: page, interface and command say the same."""

from __future__ import annotations

import datetime as dt
import io
import json
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.assurance.pool_world import PoolWorld, build
from tests.assurance.test_looking_back import DIGITS, set_rule

from luoshi.assurance.models import LookBackDay, LookBackDraw, LookBackRule, Visit
from luoshi.delivery.events import ProgrammeIssued
from luoshi.delivery.models import Commitment, Objection
from luoshi.ledger import services as ledger
from luoshi.rules.permissions import SYSTEM

LATER = dt.timedelta(days=120)
PAGE = "/look-backs/"


@pytest.fixture
def pool(db: None, monkeypatch: pytest.MonkeyPatch) -> PoolWorld:
    made = build()
    with transaction.atomic():  # its campaign came about without an act
        row = made.campaign
        after = {row.ledger_key: row.ledger_state()}
        ledger.append(ProgrammeIssued(ref=row.ref), actor=SYSTEM, at=made.w.at, after=after)
    monkeypatch.setattr("django.utils.timezone.now", lambda: made.w.at + LATER)
    return made


def seen(pool: PoolWorld, name: str, address: str, status: int = 200, **asked: Any) -> str:
    client = Client(headers={"accept-language": "en"})
    client.force_login(pool.w.users[name])
    answer = client.get(address, asked)
    assert answer.status_code == status, answer.content.decode()[:2000]
    return answer.content.decode()


def sent(pool: PoolWorld, name: str, address: str, **told: Any) -> Any:
    client = Client(headers={"accept-language": "en"})
    client.force_login(pool.w.users[name])
    return client.post(address, told)


def told(pool: PoolWorld, name: str, address: str, status: int = 200, **asked: Any) -> Any:
    return json.loads(seen(pool, name, f"/api/v1{address}", status, **asked))


def statements(pool: PoolWorld, name: str, address: str, **asked: Any) -> int:
    cache.set("luoshi.demo", False, None)  # otherwise asked again every few seconds
    seen(pool, name, address, **asked)  # what is remembered from the first time on
    with CaptureQueriesContext(connection) as found:
        seen(pool, name, address, **asked)
    return len(found)


def looked(pool: PoolWorld, tasks: list[Commitment], day: int, *, holds: bool | None = True) -> None:
    """A day's lot that fell on these tasks, and the visits made of it; ``None``: nobody may go."""
    w, on = pool.w, pool.w.at.date() + dt.timedelta(days=day)
    rule = LookBackRule.objects.first() or set_rule(pool)
    drawn = LookBackDay.objects.create(
        rule=rule, programme=w.programme, on=on, place=day, link=f"{day:064}", seed=f"{day + 1:064}", due=40,
        drawn=len(tasks), at=w.at,
    )  # fmt: skip
    for task in tasks:
        visit = None
        if holds is not None:
            visit = Visit.objects.create(
                kind="look_back", commitment=task, unit=task.lead, verifier_post_id=w.who("verifier").seat.post_id,
                day=on + dt.timedelta(days=1), state="done", holds=holds, created_at=w.at, recorded_at=w.at,
            )  # fmt: skip
        LookBackDraw.objects.create(day=drawn, commitment=task, months=3, closed_at=w.at, visit=visit)


# --- Look-backs -------------------------------------------------------------------------------------------------------


def test_the_page_of_look_backs_empty_with_a_rule_and_with_what_was_found(pool: PoolWorld) -> None:
    text = seen(pool, "office", PAGE)
    assert "No rule has been set" in text
    assert "Nothing yet: a look-back is shown from its day on." in text
    assert reverse("assurance:look_back_rule", args=["ten"]) in text
    set_rule(pool)
    looked(pool, pool.commitments[:2], 3)
    looked(pool, pool.commitments[2:3], 4, holds=False)
    looked(pool, pool.commitments[3:4], 5, holds=None)
    text = seen(pool, "office", PAGE, programme="ten")
    assert text.count("still holds") == 2 + 1, "two of them, and the words at the head of the page"
    assert "no longer holds" in text
    assert DIGITS in text
    assert "0 wait for their day, 1 for somebody who may go" in text
    assert pool.commitments[3].ref not in text, "what waits is nobody's knowledge"
    for name in ("b_head", "auditor"):
        assert reverse("assurance:look_back_rule", args=["ten"]) not in seen(pool, name, PAGE), name
    beside = [one for one in pool.commitments[:3] if not one.lead.path.startswith(pool.w.units["532900"].path)]
    assert beside
    assert not any(one.ref in seen(pool, "b_head", PAGE) for one in beside), "another prefecture's"
    seen(pool, "office", PAGE, 404, programme="none")
    assert Client().get(PAGE).status_code == 302


def test_lists_ask_as_much_for_one_row_as_for_ten(pool: PoolWorld) -> None:
    looked(pool, pool.commitments[:1], 3, holds=False)
    objected(pool, pool.commitments[:1])
    wanted: list[tuple[str, dict[str, Any]]] = [
        (PAGE, {}),
        ("/api/v1/programmes/ten/look-backs", {}),
        ("/api/v1/board/relapses", {"programme": "ten"}),
        ("/api/v1/board/objections", {"programme": "ten"}),
        ("/directed/", {"reason": "silence"}),
        ("/assurance/", {}),
        (f"/assurance/{pool.campaign.ref}/", {}),
    ]
    for address, asked in wanted:  # what a process keeps for a while is asked once
        statements(pool, "office", address, **asked)
    few = [statements(pool, "office", address, **asked) for address, asked in wanted]
    looked(pool, pool.commitments[1:9], 4, holds=False)
    objected(pool, pool.commitments[1:9])
    pool.hand_out(days=60, count=8)
    assert [statements(pool, "office", address, **asked) for address, asked in wanted] == few
    assert len(told(pool, "office", "/programmes/ten/look-backs")["draws"]) == 9


def test_a_verifiers_list_asks_as_much_for_one_visit_as_for_ten(pool: PoolWorld) -> None:
    def handed(tasks: list[Commitment]) -> int:
        for task in tasks:
            Visit.objects.create(
                kind="directed", commitment=task, unit=task.lead, verifier_post_id=pool.w.who("verifier").seat.post_id,
                day=pool.w.at.date(), reason="群众来信", created_at=pool.w.at,
            )  # fmt: skip
        return statements(pool, "verifier", "/visits/")

    assert handed(pool.commitments[:1]) == handed(pool.commitments[1:10])
    assert pool.villages[9].name in seen(pool, "verifier", "/visits/")


def test_the_rule_is_set_on_its_page_and_refused_there(pool: PoolWorld) -> None:
    page = reverse("assurance:look_back_rule", args=["ten"])
    assert "Twenty digits thrown in public" in seen(pool, "office", page)
    seen(pool, "a_head", page, 403)
    seen(pool, "office", reverse("assurance:look_back_rule", args=["none"]), 404)
    for wrong in ({"chance": "4"}, {"months": "0"}, {"months": "drei"}, {"digits": "123"}, {"digits": ""}):
        answer = sent(pool, "office", page, **{"chance": "5", "months": "3, 12", "digits": DIGITS, **wrong})
        assert answer.status_code == 422, wrong
        assert not LookBackRule.objects.exists()
    spaced = " ".join(DIGITS[n : n + 5] for n in range(0, 20, 5))
    answer = sent(pool, "office", page, chance="10", months="6；18", digits=spaced)
    assert (answer.status_code, answer["Location"]) == (302, f"{PAGE}?programme=ten")
    rule = LookBackRule.objects.get()
    assert (rule.chance_bp, rule.months, rule.digits) == (1000, [6, 18], DIGITS)
    again = sent(pool, "office", page, chance="20", months="3", digits=DIGITS)
    assert again.status_code == 409
    assert "set anew today already" in again.content.decode()
    assert rule.secret not in seen(pool, "office", PAGE)


def test_look_backs_over_the_interface(pool: PoolWorld, client: Client) -> None:
    assert told(pool, "office", "/programmes/ten/look-backs") == {
        "rules": [], "days": [], "draws": [], "for_day": 0, "for_verifier": 0
    }  # fmt: skip
    body = {"chance_bp": 500, "months": [3, 12], "digits": DIGITS}

    def put(name: str) -> Any:
        client.force_login(pool.w.users[name])
        path = "/api/v1/programmes/ten/look-back-rule"
        return client.post(path, json.dumps(body), content_type="application/json")

    assert put("a_head").json()["code"] == "not_programme_owner"
    done = put("office").json()
    assert done["rule"]["from_on"] == str((pool.w.at + LATER).date() + dt.timedelta(days=1))
    assert done["rule"]["secret"] == ""
    assert put("office").json()["code"] == "look_back_set_today"
    looked(pool, pool.commitments[:1], 3, holds=False)
    found = told(pool, "office", "/programmes/ten/look-backs")
    assert [(one["ref"], one["holds"], one["months"]) for one in found["draws"]] == [
        (pool.commitments[0].ref, False, 3)
    ]
    assert [(one["due"], one["drawn"], one["rule"]) for one in found["days"]] == [(40, 1, 1)]
    assert told(pool, "office", "/programmes/none/look-backs", 404)["code"] == "not_found"


def test_look_backs_from_the_command_line(pool: PoolWorld) -> None:
    def run(*words: str, by: str = "office") -> str:
        out = io.StringIO()
        call_command("lookback", *words, "--as", by, stdout=out)
        return out.getvalue()

    assert len(run("list", "ten").splitlines()) == 1
    data = json.dumps({"chance_bp": 500, "months": [3, 12], "digits": DIGITS})
    assert "1" in run("set", "ten", "--data", data)
    assert LookBackRule.objects.get().months == [3, 12]
    with pytest.raises(CommandError, match="look_back_set_today") as refused:
        run("set", "ten", "--data", data)
    assert refused.value.returncode == 1
    with pytest.raises(CommandError, match="not_programme_owner"):
        run("set", "ten", "--data", data, by="a_head")
    with pytest.raises(CommandError, match="not_found"):
        run("list", "none")
    with pytest.raises(CommandError, match="bad_input"):
        run("set", "ten", "--data", '{"chance_bp": "many"}')
    looked(pool, pool.commitments[:2], 3)
    looked(pool, pool.commitments[2:4], 4, holds=None)  # sealed as long as they wait
    first, last = run("list", "ten").splitlines()
    assert first.split("\t")[1:3] == ["40", "2"]
    assert "2" in last


# --- The board --------------------------------------------------------------------------------------------------------


def objected(pool: PoolWorld, tasks: list[Commitment]) -> None:
    """Objections raised on the world's day; thirty days later they are late."""
    for task in tasks:
        Objection.objects.create(
            commitment=task, words="不服", by_post_id=pool.w.who("a_head").seat.post_id, at=pool.w.at,
            decide_by_on=pool.w.at.date() + dt.timedelta(days=30),
        )  # fmt: skip


def test_late_decisions_over_the_interface(pool: PoolWorld) -> None:
    assert told(pool, "office", "/board/objections", programme="ten") == {"total": 0, "items": []}
    both = [*pool.commitments[:2], *pool.commitments[-2:]]  # of either prefecture
    objected(pool, both)
    found = told(pool, "office", "/board/objections", programme="ten")
    assert found["total"] == 4
    assert {one["days_late"] for one in found["items"]} == {LATER.days - 30}
    assert {one["ours"] for one in found["items"]} == {True}
    own = [one.ref for one in both if one.lead.path.startswith(pool.w.units["532900"].path)]
    below = told(pool, "b_head", "/board/objections", programme="ten")
    assert sorted(one["ref"] for one in below["items"]) == sorted(own)
    assert {one["ours"] for one in below["items"]} == {False}
    told(pool, "b_head", "/board/objections", 404, programme="ten", unit=pool.w.units["530400"].pk)
    told(pool, "office", "/board/objections", 404, programme="none")
    told(pool, "office", "/board/objections", 404, programme="ten", matter=999_999)


def test_the_rate_of_relapse_over_the_interface(pool: PoolWorld) -> None:
    assert told(pool, "office", "/board/relapses", programme="ten") == []
    both = [*pool.commitments[:2], *pool.commitments[-3:]]  # of either prefecture
    looked(pool, both[:3], 3)
    looked(pool, both[3:], 4, holds=False)
    [line] = told(pool, "office", "/board/relapses", programme="ten")
    assert (line["looked"], line["relapsed"], line["percent"]) == (5, 2, None), "no per cent of five"
    inside = [one for one in both if one.lead.path.startswith(pool.w.units["532900"].path)]
    [line] = told(pool, "b_head", "/board/relapses", programme="ten")
    assert 0 < line["looked"] == len(inside) < 5
    LookBackDraw.objects.update(months=0)
    assert told(pool, "office", "/board/relapses", programme="ten") == [], "wider draws say nothing about the others"
    told(pool, "b_head", "/board/relapses", 404, programme="ten", unit=pool.w.units["530400"].pk)
    told(pool, "office", "/board/relapses", 404, programme="none")


# --- Directed visits --------------------------------------------------------------------------------------------------


def test_the_queue_empty_refused_and_to_whoever_may_only_read(pool: PoolWorld, client: Client) -> None:
    text = seen(pool, "office", "/directed/", reason="near-date")
    assert "No sign of this kind" in text
    task = pool.w.accepted(lead="530402", by="ht_handler", due_days=300)
    text = seen(pool, "office", "/directed/", reason="silence")
    assert reverse("assurance:direct", args=[task.ref]) in text
    read = seen(pool, "auditor", "/directed/", reason="silence")
    assert task.ref in read
    assert reverse("assurance:direct", args=[task.ref]) not in read, "whoever may not send is offered nothing"
    assert task.ref not in seen(pool, "b_head", "/directed/", reason="silence")
    seen(pool, "office", "/directed/", 404, programme="none")
    page = reverse("assurance:direct", args=[task.ref])
    day = str((pool.w.at + LATER).date())
    assert sent(pool, "office", page, reason="x", day="yesterday").status_code == 422
    assert sent(pool, "ht_handler", page, reason="看看", day=day).status_code == 403
    assert sent(pool, "office", page, reason="群众来信", day=day).status_code == 302
    again = sent(pool, "office", page, reason="群众来信", day=day)
    assert again.status_code == 409
    assert "Somebody is on the way there already" in again.content.decode()
    assert "群众来信" in seen(pool, "office", "/directed/").split('id="made"')[1]


# --- A verifier's own page, and the way to all of them ----------------------------------------------------------------


def test_a_verifier_hands_a_visit_back_with_a_reason(pool: PoolWorld) -> None:
    task = pool.commitments[0]
    visit = Visit.objects.create(
        kind="directed", commitment=task, unit=task.lead, verifier_post_id=pool.w.who("verifier").seat.post_id,
        day=pool.w.at.date(), reason="群众来信", created_at=pool.w.at,
    )  # fmt: skip
    form, back = reverse("assurance:visit", args=[visit.key]), reverse("assurance:withdraw_visit", args=[visit.key])
    assert back in seen(pool, "verifier", form)
    assert "It leaves your list" in seen(pool, "verifier", back)
    assert sent(pool, "verifier", back, reason="", version=1).status_code == 422
    seen(pool, "a_verifier", back, 404)
    done = sent(pool, "verifier", back, reason="与村干部是亲属", version=1)
    assert (done.status_code, done["Location"]) == (302, reverse("assurance:visits"))
    visit.refresh_from_db()
    assert (visit.state, visit.reason) == ("withdrawn", "与村干部是亲属")
    assert form not in seen(pool, "verifier", "/visits/").split("Recorded lately")[0]
    assert back not in seen(pool, "verifier", form), "once is enough"
    assert sent(pool, "verifier", back, reason="再退", version=2).status_code == 409


def test_sampling_directed_visits_and_look_backs_are_reached_from_one_another(pool: PoolWorld) -> None:
    pages = ["/assurance/", "/directed/", PAGE]
    for page in pages:
        text = seen(pool, "office", page)
        tabs = text.split('aria-label="Verification"')[1].split("</nav>")[0]
        assert all(f'href="{one}' in tabs for one in pages), page
        assert f'href="{page}' in tabs.split('aria-current="page"')[0].split("<a ")[-1], page
    from luoshi.ui.context import navigation

    for page in (*pages, "/directed/YN-2026-001/"):
        [current] = [one.url for one in navigation(page, pool.w.who("office")) if one.on]
        assert current == "/assurance/", page
