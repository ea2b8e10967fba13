"""Campaigns at every door: pages, files, API and the command line say and refuse the same."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.assurance.lots import SEED, act, complete, drawn, enter, proposed, visit
from tests.delivery.world import World

from luoshi.assurance.models import Campaign, Certificate
from luoshi.assurance.queries import campaigns as reads
from luoshi.config.command import main
from luoshi.delivery.models import Commitment
from luoshi.ledger.models import Entry

ROOT = Path(__file__).resolve().parents[2]


def client(world: World, name: str) -> Client:
    found = Client(headers={"accept-language": "en"})
    found.force_login(world.users[name])
    return found


def page(world: World, name: str, address: str, status: int = 200) -> str:
    answer = client(world, name).get(address)
    assert answer.status_code == status, answer.content.decode()[:2000]
    return answer.content.decode()


def post(world: World, name: str, address: str, **data: Any) -> Any:
    return client(world, name).post(address, {**data, "version": Campaign.objects.get().version})


def test_from_claim_to_certificate_in_the_browser(world: World) -> None:
    complete(world, 10)
    assert "No campaign yet" in page(world, "office", reverse("assurance:campaigns"))
    form = page(world, "office", reverse("assurance:propose"))
    assert "Programme and matter" in form
    answer = client(world, "office").post(
        reverse("assurance:propose"),
        {
            "title": "县级污水管网已经接通",
            "scope": "ten/3",
            "under": world.units["530000"].pk,
            "level": "county",
            "claim_bp": 2000,
            "risk_bp": 500,
            "second_visits_bp": 0,
        },
    )
    assert answer.status_code == 302, answer.content.decode()
    campaign = Campaign.objects.get()
    address = reverse("assurance:campaign", args=[campaign.ref])
    assert "10 places would be on the list now" in page(world, "office", address)

    def do(name: str, by: str, **data: Any) -> Any:
        told = post(world, by, reverse("assurance:campaign_act", args=[campaign.ref, name]), **data)
        assert told.status_code == 302, told.content.decode()
        return told

    do("freeze", "office")
    wrong = post(world, "office", reverse("assurance:campaign_act", args=[campaign.ref, "seed"]), seed="12")
    assert wrong.status_code == 422
    assert "exactly twenty digits" in wrong.content.decode()
    do("seed", "office", seed=SEED)
    visit(campaign, [True] * 4 + [None])
    text = page(world, "office", address)
    assert "Of 10 places reported complete, fewer than 3 (20 %) are false." in text
    assert "undecided" in text
    assert "unknown: could not be reached" in text
    assert 'role="img"' in text
    assert "if none of them is false" in text
    assert SEED in text
    assert SEED not in page(world, "verifier", address)
    assert "大理" in page(world, "office", reverse("assurance:places", args=[campaign.ref]))
    assert "could not be reached" in page(world, "office", reverse("assurance:places", args=[campaign.ref]))
    assert "never support a claim of 95" in page(world, "office", reverse("assurance:plans", args=[campaign.ref]))
    campaign.visits.filter(state="unreachable").update(state="done", holds=True)
    visit(campaign, [True] * 5, first=6)
    do("conclude", "office", opinion="走访完毕")
    shut = client(world, "office").get(reverse("assurance:campaign_act", args=[campaign.ref, "certify"]))
    assert shut.status_code == 403
    assert "somebody else of your side" in shut.content.decode()
    told = do("certify", "head", opinion="同意")
    certificate = Certificate.objects.get()
    assert told["Location"] == reverse("assurance:certificate", args=[certificate.ref])
    assert certificate.digest in page(world, "head", told["Location"])
    assert "10 commitments may be struck off" in page(
        world, "head", reverse("assurance:campaign_act", args=[campaign.ref, "close"])
    )
    do("close", "head", opinion="同意凭证书销号")
    part = Commitment.objects.filter(state="closed").first()
    assert part is not None
    shown = page(world, "b_head", reverse("delivery:commitment", args=[part.ref]))
    assert reverse("assurance:certificate", args=[certificate.ref]) in shown, "each closed leaf carries its link"
    assert certificate.digest in page(world, "b_head", reverse("assurance:certificate", args=[certificate.ref]))
    gone = client(world, "head").post(
        reverse("assurance:certificate_act", args=[certificate.ref, "except"]), {"ref": part.ref, "reason": "反弹"}
    )
    assert gone.status_code == 302
    assert "反弹" in page(world, "head", reverse("assurance:certificate", args=[certificate.ref]))
    content = client(world, "head").get(reverse("assurance:certificate_content", args=[certificate.ref])).content
    assert hashlib.sha256(content).hexdigest() == certificate.digest, "anybody can digest it again"


def test_the_script_of_the_documentation_redoes_the_order(world: World, tmp_path: Path) -> None:
    """Exactly the script that stands in the documentation, run with Python alone, gives our order."""
    complete(world, 12)
    campaign = drawn(world)
    ours = (ROOT / "src/luoshi/assurance/static/assurance/redo_order.py").read_text()
    for language in ("zh", "en"):
        text = (ROOT / "docs" / language / "sampling.md").read_text()
        [script] = [one for one in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if "redo_order" in one]
        assert script == ours.replace("  # noqa: T201", "")
        assert len(script.splitlines()) <= 20
    (tmp_path / "redo_order.py").write_text(script)
    frame = client(world, "office").get(reverse("assurance:frame", args=[campaign.ref])).content
    (tmp_path / "frame.csv").write_bytes(frame)
    run = [sys.executable, "-I", "redo_order.py", "frame.csv", SEED]
    told = subprocess.run(
        [*run, campaign.frame_digest], cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    order = client(world, "office").get(reverse("assurance:order", args=[campaign.ref])).content.decode()
    rows = list(csv.DictReader(io.StringIO(order.partition("\n")[2])))
    assert [line.split("\t") for line in told] == [
        [row["position"], row["code"], row["ref"], row["name"]] for row in rows
    ]
    assert len(rows) == 12
    other = subprocess.run([*run, "0" * 64], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert other.returncode == 1
    assert campaign.frame_digest in other.stderr


def test_the_order_is_not_shown_to_those_it_is_hidden_from(world: World) -> None:
    complete(world, 4)
    campaign = drawn(world)
    assert client(world, "verifier").get(reverse("assurance:order", args=[campaign.ref])).status_code == 403
    assert client(world, "b_head").get(reverse("assurance:campaign", args=[campaign.ref])).status_code == 404
    answer = client(world, "verifier").get(f"/api/v1/campaigns/{campaign.ref}")
    assert answer.json()["seed"] is None


def test_the_statements_of_the_page_do_not_grow(world: World) -> None:
    complete(world, 24)
    campaign = drawn(world)
    address = reverse("assurance:campaign", args=[campaign.ref])

    def statements() -> int:
        cache.set("luoshi.demo", False, None)  # otherwise asked again every few seconds
        browser = client(world, "office")
        browser.get(address)
        reads.forget()  # what a process keeps of a campaign
        with CaptureQueriesContext(connection) as found:
            assert browser.get(address).status_code == 200
        return len(found)

    visit(campaign, [True])
    few = statements()
    visit(campaign, [True] * 20, first=2)
    assert statements() == few


def test_a_page_that_was_drawn_before_says_what_is_true_now_and_to_each_side_its_own(world: World) -> None:
    complete(world, 8)
    campaign = drawn(world)
    visit(campaign, [True])
    address = reverse("assurance:campaign", args=[campaign.ref])
    browser = client(world, "office")

    def said() -> str:
        return str(browser.get(address).content.decode().split('<dl class="counts">')[1].split("</dl>")[0])

    first = said()
    assert said() == first
    act(world, "stop_campaign", "office", proposed(world), reason="another one")
    assert said() == first, "an act elsewhere"
    visit(campaign, [False], first=2)
    enter(())
    assert said() != first
    assert campaign.seed in browser.get(address).content.decode()
    assert campaign.seed not in client(world, "verifier").get(address).content.decode()
    english = browser.get(address, headers={"Accept-Language": "en"}).content.decode()
    assert "could not be reached" in english
    act(world, "stop_campaign", "office", campaign, reason="begun too early")
    assert "begun too early" in browser.get(address).content.decode()


# --- The API ---


def call(world: World, name: str, address: str, data: dict[str, Any], version: int | None = None) -> Any:
    headers = {"If-Match": f'"{version}"'} if version is not None else {}
    return client(world, name).post(
        f"/api/v1{address}", json.dumps(data), content_type="application/json", headers=headers
    )


def test_the_whole_way_over_the_api(world: World) -> None:
    complete(world, 10)
    body = {
        "programme": "ten",
        "under": world.units["530000"].pk,
        "level": "county",
        "title": "管网接通",
        "claim_bp": 2000,
    }
    done = call(world, "office", "/campaigns", body)
    assert done.status_code == 200, done.content
    ref = done.json()["campaign"]
    assert call(world, "office", "/campaigns", {**body, "claim_bp": 1}).json()["code"] == "bad_input"
    assert call(world, "office", f"/campaigns/{ref}/freeze", {}).status_code == 428
    assert call(world, "office", f"/campaigns/{ref}/freeze", {}, 9).status_code == 412
    assert call(world, "office", f"/campaigns/{ref}/freeze", {}, 1).json()["stage"] == "frozen"
    assert call(world, "office", f"/campaigns/{ref}/seed", {"seed": SEED}, 2).json()["stage"] == "drawn"
    campaign = Campaign.objects.get()
    visit(campaign, [True] * 10)
    told = client(world, "office").get(f"/api/v1/campaigns/{ref}").json()
    assert (told["reading"]["visits"], told["reading"]["verdict"], told["may"]) == (
        10,
        "certified",
        ["conclude", "stop"],
    )
    assert [one["places"] for one in told["strata"]] == [10]
    seen = client(world, "office").get(f"/api/v1/campaigns/{ref}/places?limit=4").json()
    assert [one["position"] for one in seen["items"]] == [1, 2, 3, 4]
    assert seen["next"] == 4
    assert call(world, "office", f"/campaigns/{ref}/conclude", {"opinion": "完"}, 3).json()["outcome"] == "certified"
    refused = call(world, "office", f"/campaigns/{ref}/certify", {"opinion": "同意"}, 4)
    assert (refused.status_code, refused.json()["code"]) == (403, "certificate_own_claim")
    certificate = call(world, "head", f"/campaigns/{ref}/certify", {"opinion": "同意"}, 4).json()["certificate"]
    closed = call(world, "head", f"/campaigns/{ref}/close", {"opinion": "同意"}, 4).json()
    assert (closed["closed"], closed["left_out"]) == (10, [])
    whole = client(world, "head").get(f"/api/v1/certificates/{certificate}").json()
    assert len(whole["content"]["verdicts"]) == 10
    one = Commitment.objects.filter(state="closed").values_list("ref", flat=True)[0]
    gone = call(world, "head", f"/certificates/{certificate}/except", {"ref": one, "reason": "反弹"})
    assert gone.status_code == 200
    assert client(world, "head").get(f"/api/v1/certificates/{certificate}").json()["exceptions"] == [one]
    assert call(world, "head", f"/certificates/{certificate}/withdraw", {"reason": "重来"}).status_code == 200
    assert len(client(world, "office").get("/api/v1/campaigns").json()["items"]) == 1


# --- The command line ---


def test_the_whole_way_on_the_command_line(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    complete(world, 10)
    body = {
        "programme": "ten",
        "under": world.units["530000"].pk,
        "level": "county",
        "title": "管网接通",
        "claim_bp": 2000,
    }

    def run(*words: str, by: str = "office", data: dict[str, Any] | None = None) -> str:
        call_command("campaign", *words, "--as", by, *(["--data", json.dumps(data)] if data else []))
        return capsys.readouterr().out

    assert "YN-2026-C0001" in run("propose", data=body)
    run("freeze", "YN-2026-C0001", "--version", "1")
    run("seed", "YN-2026-C0001", "--version", "2", data={"seed": SEED})
    campaign = Campaign.objects.get()
    frame = run("frame", "YN-2026-C0001")
    assert hashlib.sha256(frame.encode()).hexdigest() == campaign.frame_digest
    assert SEED in run("order", "YN-2026-C0001")
    with pytest.raises(CommandError):
        run("order", "YN-2026-C0001", by="verifier")
    with pytest.raises(CommandError):
        run("conclude", "YN-2026-C0001", data={"opinion": "完"})
    visit(campaign, [True] * 10)
    run("conclude", "YN-2026-C0001", "--version", "3", data={"opinion": "完"})
    run("certify", "YN-2026-C0001", "--version", "4", by="head", data={"opinion": "同意"})
    run("close", "YN-2026-C0001", "--version", "4", by="head", data={"opinion": "同意"})
    one = Commitment.objects.filter(state="closed").values_list("ref", flat=True)[0]
    run("except", "YN-2026-Z0001", by="head", data={"ref": one, "reason": "反弹"})
    run("withdraw", "YN-2026-Z0001", by="head", data={"reason": "重来"})
    assert "YN-2026-C0001" in run("list")
    assert main(["campaign", "freeze", "--as", "office"]) == 2


def test_an_act_sent_twice_is_done_once(world: World) -> None:
    complete(world, 4)
    campaign = drawn(world)
    visit(campaign, [True] * 4)
    browser = client(world, "office")
    data = {"opinion": "完", "version": campaign.version, "idempotency_key": "the-same-key-1"}
    address = reverse("assurance:campaign_act", args=[campaign.ref, "conclude"])
    assert browser.post(address, data).status_code == browser.post(address, data).status_code == 302
    assert Entry.objects.filter(type="assurance.CampaignConcluded").count() == 1
