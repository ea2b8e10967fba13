"""Every door refuses what the table refuses: state × act × standing × door, with the same code, changing nothing."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from django.contrib import admin
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests.delivery.world import World

from luoshi.accounts.services import create_token
from luoshi.delivery import jobs, queries, services
from luoshi.delivery.apps import GOVERNED
from luoshi.delivery.models import Commitment
from luoshi.delivery.schemas import INPUTS, bulk, perform_rows, sheets
from luoshi.delivery.services import bulk as bulk_services
from luoshi.ledger import registry
from luoshi.ledger.models import Entry
from luoshi.office import jobs as office_jobs
from luoshi.office.models import Job
from luoshi.rules import lifecycle
from luoshi.rules.lifecycle import Act, Intent, Standing, State
from luoshi.rules.permissions import SYSTEM
from luoshi.rules.refusals import Refused
from luoshi.units.models import Unit

PEOPLE = (
    "office",
    "head",
    "a_head",
    "a_handler",
    "a_office",
    "b_head",
    "verifier",
    "a_verifier",
    "auditor",
    "th_handler",
    "ht_handler",
)
"""Among them stand for every commitment: issuer, superior, lead, proxy, supporting unit, verifiers, readers, nobody."""

WORDS = {"reason": "理由充分", "opinion": "同意", "words": "现场看过", "percent": 100}
SAYS: dict[Act, dict[str, Any]] = {
    Act.EDIT: {"title": "新题目", "requirement": "新要求", "due_days": 30},
    Act.ISSUE: {"different": "另一标段"},
    Act.REISSUE: {"reason": "另行交办"},
    Act.CHANGE_LEAD: {"reason": "职责调整"},
    Act.ASSIGN: {"post": "P-a_handler"},
    Act.APPROVE_BREAKDOWN: {"opinion": "同意", "levels": 2},
    Act.BREAK_DOWN: {"duplicates": "different", "different": "另一标段"},
    Act.REPORT: {"percent": 100, "words": "完成"},
    Act.SHARE: {"percent": 30, "words": "完成一部分"},
    Act.APPLY: {"statement": "全部完工"},
    Act.VERIFY: {"method": "desk", "documents": ["竣工验收报告"], "passed": True, "percent": 100, "words": "看过"},
    Act.LOOK_BACK: {"passed": True, "percent": 100, "words": "看过"},
    Act.ASK_EXTENSION: {"new_due_on": "2026-06-30", "reason": "雨季"},
    Act.RE_DATE: {"new_due_on": "2026-07-15", "reason": "省委会议决定"},
    Act.DECIDE_EXTENSION: {"granted": True, "reason": "同意"},
    Act.REQUEST: {"question": "资金何时到位"},
    Act.REPLY: {"reply": "月底"},
    Act.FORWARD: {"reason": "超出本级职权"},
    Act.TAKE_BACK: {"reason": "资金已经到位"},
    Act.BRIEF: {"words": "特此报告"},
    Act.INSTRUCT: {"words": "抓紧"},
    Act.PROPOSE_SLIP: {"rung": "supervise", "words": "请书面说明进展和下一步时限。"},
    Act.REMIND: {"step": "report"},
    Act.FIND: {"words": "数字与照片不符"},
    Act.ANSWER: {"answer": "照片拍错了"},
    Act.CONCLUDE: {"upheld": False, "reason": "已说明"},
    Act.OBJECT: {"words": "结论不符合实际"},
    Act.DECIDE_OBJECTION: {"upheld": False, "decision": "维持"},
    Act.ISSUE_LINK: {"post": "P-a_handler", "days": 3},
    Act.REVOKE_LINK: {},
}


NEW_LEADS = {
    **dict.fromkeys(("a_head", "a_handler", "a_office", "a_verifier"), "530402"),
    "b_head": "532930",
    "th_handler": "530423100",
    "ht_handler": "530402",
}
"""Whom each would propose as another lead: a unit of their own area; 大理州 for those of the province."""

DETAILS = {
    *("link_unknown", "period_exists", "part_after_whole", "part_due_later"),
    *("nobody_to_remind", "reminded_today"),
}
"""What a service may still refuse after the table has said yes: there is no such link, the period is open already,
a date does not fit those above and below, nobody is to be reminded or has been reminded today."""


class Scene:
    """One commitment in every state, a fixed clock, the people at every door."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.at = world.at + dt.timedelta(hours=1)
        self.helper = world.units["532900"]
        self.links: dict[str, int] = {}
        self.refs = {name: commitment.ref for name, commitment in self.commitments()}
        self.clients: dict[str, Client] = {}
        self.facts: dict[tuple[str, Act], lifecycle.Facts] = {}
        self.seen_by = {
            name: set(queries.visible(self.world.who(name)).values_list("ref", flat=True)) for name in PEOPLE
        }

    def commitments(self) -> Iterator[tuple[str, Commitment]]:
        world = self.world
        beside = {"supporting": [self.helper.pk]}
        yield "draft", world.draft(**beside)
        yield "issued", self.linked(world.issued(**beside), "issued")
        declined = world.issued(**beside)
        yield "declined", world.do("decline_commitment", "a_head", declined, reason="不属本市")
        yield "accepted", self.linked(world.accepted(**beside), "accepted")
        asked = world.reported(percent=60, **beside)
        asked = world.do("ask_extension", "a_head", asked, reason="雨季", new_due_on=dt.date(2026, 6, 1))
        asked = world.do("raise_request", "a_handler", asked, question="资金何时到位")
        asked = world.do("record_finding", "office", asked, words="数字可疑")
        yield "asked", asked
        yield "complete", world.reported(**beside)
        yield "applied", world.applied()
        yield "verified", world.verified()
        yield "closed", world.closed()
        yield "suspended", world.do("suspend_commitment", "office", world.accepted(**beside), reason="等待规划")
        yield "withdrawn", world.do("withdraw_commitment", "office", world.issued(), reason="重复")
        duty = world.accepted(kind="duty", frequency="monthly", due_days=None)
        yield "duty", world.do("open_period", "office", duty)
        period = Commitment.objects.get(parent=duty, kind="period")
        yield "period", period
        other = world.accepted(kind="duty", frequency="weekly", due_days=None)
        yield (
            "ended",
            world.do("end_duty", "office", world.do("review_duty", "office", other, opinion="看过"), opinion="结束"),
        )
        third = world.accepted(kind="duty", frequency="monthly", due_days=None)
        world.do("open_period", "office", third)
        last = Commitment.objects.get(parent=third, kind="period")
        last = world.do("report_on_commitment", "a_handler", last, percent=100, words="完成")
        yield "finished", world.do("finish_period", "a_handler", last)
        fourth = world.accepted(kind="duty", frequency="monthly", due_days=None)
        world.do("open_period", "office", fourth)
        gone = Commitment.objects.get(parent=fourth, kind="period")
        late = world.at + dt.timedelta(days=40)
        yield "missed", services.miss_period(actor=SYSTEM, ref=gone.ref, at=late).commitment
        whole = world.do("break_down_commitment", "a_head", world.accepted())
        part = Commitment.objects.get(parent=whole, lead=world.units["530423"])
        yield "part", world.do("accept_commitment", "th_handler", part)

    def linked(self, commitment: Commitment, name: str) -> Commitment:
        commitment = self.world.do("issue_link", "a_handler", commitment, post="P-a_handler")
        self.links[commitment.ref] = commitment.links.get().pk
        return commitment

    def says(self, name: str, act: Act, ref: str) -> dict[str, Any]:
        """What a sensible person would say with the act: units and posts they can know of."""
        said = SAYS.get(act)
        if said is None:
            said = {name: WORDS[name] for name in INPUTS[act].model_fields if name in WORDS}
        if act in {Act.REISSUE, Act.CHANGE_LEAD}:
            said = {**said, "lead": self.world.units[NEW_LEADS.get(name, "532900")].pk}
        if act in {Act.ASSIGN, Act.ISSUE_LINK} and ref == self.refs.get("part"):
            said = {**said, "post": "P-th_handler"}
        if act is Act.REVOKE_LINK:
            said = {"link": self.links.get(ref, 10**6)}
        return said

    def table_says(self, name: str, act: Act, ref: str) -> str:
        """The code of the refusal, or nothing when the table and the guards allow it."""
        if ref not in self.seen_by[name]:
            return "not_found"
        if (ref, act) not in self.facts:
            self.facts[ref, act] = Commitment.objects.get(ref=ref).facts(act)
        said = self.says(name, act, ref)
        new_due = said.get("new_due_on")
        intent = Intent(
            reason="…",
            opinion="…",
            percent=said.get("percent"),
            new_due=dt.date.fromisoformat(new_due) if new_due else None,
            lead_id=said.get("lead"),
            lead_receives=True,
        )
        try:
            lifecycle.decide(self.facts[ref, act], act, actor=self.world.who(name), intent=intent, at=self.at)
        except Refused as refused:
            return refused.code
        return ""

    def cases(self, acts: Sequence[Act]) -> Iterator[tuple[str, str, Act, str]]:
        """Who, which commitment, which act, what the table says.

        For each commitment and act, one person for each answer of the table; who it is goes round, so that every
        standing meets every answer it can get.
        """
        turn = 0
        for ref in self.refs.values():
            for act in acts:
                turn += 1
                chosen: dict[str, str] = {}
                for name in (*PEOPLE[turn % len(PEOPLE) :], *PEOPLE[: turn % len(PEOPLE)]):
                    chosen.setdefault(self.table_says(name, act, ref), name)
                if "wrong_state" in chosen and turn % 10:
                    chosen.pop("not_found", None)
                for said, name in chosen.items():
                    yield name, ref, act, said

    def as_page(self, name: str) -> Client:
        if name not in self.clients:
            self.clients[name] = Client(headers={"Accept-Language": "en"})
            self.clients[name].force_login(self.world.users[name], backend="luoshi.accounts.adapters.sign_in.Passwords")
        return self.clients[name]

    def as_program(self, name: str) -> Client:
        if name not in self.clients:
            _token, plain = create_token(user=self.world.users[name], name="t", actor=SYSTEM, at=self.at)
            self.clients[name] = Client(headers={"Authorization": f"Bearer {plain}"})
        return self.clients[name]


# --- The doors: each says nothing when the act was done, else the code of the refusal ---------------------------------


def by_api(scene: Scene, name: str, act: Act, ref: str, version: int) -> str:
    answer = scene.as_program(name).post(
        f"/api/v1/commitments/{ref}/{act.value}",
        data=scene.says(name, act, ref),
        content_type="application/json",
        headers={"If-Match": f'"{version}"'},
    )
    return "" if answer.status_code == 200 else answer.json()["code"]


def by_page(scene: Scene, name: str, act: Act, ref: str, version: int) -> str:
    said: dict[str, Any] = {"version": version, "confirmed": "1"}
    for field, value in scene.says(name, act, ref).items():
        said[field] = ("yes" if value else "no") if isinstance(value, bool) else value
    if act in {Act.BREAK_DOWN, Act.APPROVE_BREAKDOWN}:
        area = Commitment.objects.get(ref=ref).lead.area
        below = Unit.objects.filter(parent=area, kind="area", receives=True).values_list("pk", flat=True)
        said |= {"units": list(below), "cadence": "on_change", "accept_days": 5}
        said.setdefault("levels", 1)
    answer = scene.as_page(name).post(reverse("delivery:act", args=[ref, act.value]), said)
    if answer.status_code == 302 or (act is Act.ISSUE_LINK and answer.status_code == 200):
        return ""
    shown = {name: (answer.context or {}).get(name) for name in ("refusal", "form")}
    if shown.get("refusal"):
        return shown["refusal"]["code"]
    return f"form: {shown['form'].errors.as_json() if shown.get('form') else answer.status_code}"


def by_command(scene: Scene, name: str, act: Act, ref: str, version: int) -> str:
    words = [
        "act",
        act.value,
        ref,
        "--as",
        name,
        "--version",
        str(version),
        "--data",
        json.dumps(scene.says(name, act, ref)),
    ]
    try:
        call_command(*words, stdout=io.StringIO())
    except CommandError as refused:
        return str(refused).rpartition("[")[2].rstrip("]") if refused.returncode == 1 else str(refused)
    return ""


def by_job(scene: Scene, name: str, act: Act, ref: str, version: int) -> str:
    actor = scene.world.who(name)
    args = {"act": act.value, "ref": ref, "version": version, "data": scene.says(name, act, ref)}
    job = Job(kind="delivery.act", args=args, user_id=actor.user_id, post_ref=actor.seat.post_ref)
    try:
        jobs.do_act(job, lambda *args, **kwargs: None)
    except Refused as refused:
        return refused.code
    return ""


def by_import(scene: Scene, name: str, act: Act, ref: str, version: int) -> str:
    """A sheet of one row, headed in Chinese where a label means one field, with units by their codes."""
    said = scene.says(name, act, ref)
    cells = {"文号": ref, "version": version, "act": act.value}
    for field, value in said.items():
        if isinstance(value, bool):
            cells[field] = "是" if value else "否"
        elif field == "lead":
            cells[field] = Unit.objects.get(pk=value).code
        else:
            cells[field] = value
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerows([["云南省十件事台账"], list(cells), list(cells.values())])
    actor, user = scene.world.who(name), scene.world.users[name]
    sheet = sheets.read_acts(table.getvalue().encode("gb18030"), "台账.csv", near=sheets.unit_of(actor))
    [outcome] = perform_rows(sheet.rows, actor=actor, user=user, at=scene.at)
    return outcome.refused.code if outcome.refused else ""


BULK: dict[Act, Callable[[str, dict[str, Any]], dict[str, Any]]] = {
    Act.CLOSE: lambda ref, said: {**said, "refs": [ref]},
    Act.RE_DATE: lambda ref, said: {**said, "refs": [ref]},
    Act.BREAK_DOWN: lambda ref, said: {**said, "ref": ref},
}
"""What each act that can be done in bulk is told; a hand-over is named by its post and has a test of its own."""


def by_bulk(scene: Scene, name: str, act: Act, ref: str, version: int) -> str:
    """A list of one: planned, confirmed and done, or refused in the plan."""
    actor = scene.world.who(name)
    try:
        found = bulk.plan(act, actor=actor, data=BULK[act](ref, scene.says(name, act, ref)), at=scene.at)
    except Refused as refused:
        return refused.code
    office_jobs.run_job.call(found.plan_job_id)
    found.refresh_from_db()
    if found.state == "failed":
        return str(found.refusal["code"])
    if not found.eligible:
        [row] = found.subjects.all()
        return row.code
    found = bulk_services.confirm_bulk(actor=actor, bulk_id=found.pk, digest=found.digest, at=scene.at)
    office_jobs.run_job.call(found.do_job_id)
    found.refresh_from_db()
    return "" if found.state == "done" else f"not done: {found.refusal}"


DOORS: dict[str, Callable[[Scene, str, Act, str, int], str]] = {
    "api": by_api,
    "page": by_page,
    "command": by_command,
    "job": by_job,
    "import": by_import,
    "bulk": by_bulk,
}


@contextmanager
def undone() -> Iterator[None]:
    """Whatever is done inside is taken back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def everything() -> tuple[int, dict[str, Any]]:
    rows = {
        key: state
        for label, every in registry.governed().items()
        if label.startswith("delivery.")
        for key, state in every()
    }
    return Entry.objects.count(), rows


@pytest.fixture
def scene(world: World, monkeypatch: pytest.MonkeyPatch) -> Scene:
    found = Scene(world)
    monkeypatch.setattr(timezone, "now", lambda: found.at)
    return found


@pytest.mark.slow
@pytest.mark.principle(3)
@pytest.mark.parametrize("door", DOORS)
def test_every_door_refuses_what_the_table_refuses(scene: Scene, door: str) -> None:
    for name in PEOPLE:
        (scene.as_page if door == "page" else scene.as_program)(name)
    before = everything()
    count = before[0]
    wrong, allowed, codes = [], 0, set()
    for name, ref, act, said in scene.cases(list(BULK) if door == "bulk" else list(INPUTS)):
        version = Commitment.objects.values_list("version", flat=True).get(ref=ref)
        with undone():
            found = DOORS[door](scene, name, act, ref, version)
            if found and Entry.objects.count() != count:
                wrong.append(f"{name} {act} {ref}: refused with {found} and yet in the ledger")
        if act is Act.REVOKE_LINK and ref not in scene.links and found.startswith("form: "):
            continue  # the page offers the links there are; where there is none, there is none to choose
        if found != said and not (not said and found in DETAILS):
            state = next(key for key, one in scene.refs.items() if one == ref)
            wrong.append(f"{name} {act} {state}: the table says {said or 'yes'}, the {door} {found or 'yes'}")
        allowed += not said
        codes.add(said)
    assert not wrong, f"{len(wrong)}\n" + "\n".join(wrong[:60])
    assert everything() == before
    assert allowed > (3 if door == "bulk" else 60)
    expected = {"wrong_state", "not_your_act", "not_found"} | (set() if door == "bulk" else {"verifier_on_line"})
    assert expected <= codes


def test_every_state_and_every_standing_is_walked(scene: Scene) -> None:
    commitments = [Commitment.objects.get(ref=ref) for ref in scene.refs.values()]
    assert {State(one.state) for one in commitments} == set(State)
    standings = {
        standing
        for one in commitments
        for name in PEOPLE
        for standing in lifecycle.standings(one.facts(), scene.world.who(name))
    }
    assert standings == set(Standing) - {Standing.SYSTEM}


def test_refused_without_a_version_and_with_an_old_one(scene: Scene) -> None:
    ref = scene.refs["issued"]
    for act in (Act.ACCEPT, Act.WITHDRAW):
        for door in (by_api, by_command, by_job):
            name = "a_handler" if act is Act.ACCEPT else "office"
            assert door(scene, name, act, ref, 1) == "stale_version"


def test_the_clock_alone_misses_a_period(scene: Scene) -> None:
    ref = scene.refs["period"]
    assert (
        scene.as_program("office")
        .post(f"/api/v1/commitments/{ref}/miss-period", content_type="application/json")
        .status_code
        == 404
    )
    scene.clients.clear()
    assert scene.as_page("office").post(reverse("delivery:act", args=[ref, "miss-period"])).status_code == 404
    with pytest.raises(CommandError):
        call_command("act", "miss-period", ref, "--as", "office")


def test_the_administration_changes_no_governed_row(scene: Scene) -> None:
    from django.apps import apps

    user = scene.world.users["admin"]
    user.is_staff = user.is_superuser = True
    user.save()
    client = Client()
    client.force_login(user, backend="luoshi.accounts.adapters.sign_in.Passwords")
    before = everything()
    for name in GOVERNED:
        model = apps.get_model("delivery", name)
        assert admin.site.is_registered(model), name
        base = f"admin:delivery_{name.lower()}"
        assert client.get(reverse(f"{base}_changelist")).status_code == 200
        assert client.post(reverse(f"{base}_add"), {"ref": "X"}).status_code == 403
        row = model.objects.first()
        if row is not None:
            assert client.get(reverse(f"{base}_change", args=[row.pk])).status_code == 200
            assert client.post(reverse(f"{base}_change", args=[row.pk]), {"state": "closed"}).status_code == 403
            assert client.post(reverse(f"{base}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403
    assert everything() == before
