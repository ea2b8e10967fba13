"""凭证书销号 of many: a job that judges without holding anything, writes one act, and never does it twice."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from tests.assurance.lots import LATER, act
from tests.assurance.test_campaigns import CERTAIN, certified
from tests.delivery.world import World

from luoshi.assurance import services
from luoshi.assurance.models import Campaign, Visit
from luoshi.assurance.services import certificates
from luoshi.delivery import services as delivery
from luoshi.delivery.models import Commitment, Verification
from luoshi.ledger.models import Entry
from luoshi.office import jobs as office_jobs
from luoshi.office.models import Job, JobState, Message
from luoshi.rules.refusals import Refused
from luoshi.units import queries as units

CLOSING = "delivery.CommitmentsCertified"


@pytest.fixture
def campaign(world: World, monkeypatch: pytest.MonkeyPatch) -> Campaign:
    """A campaign with a certificate; more than three are many."""
    monkeypatch.setattr(certificates, "AT_ONCE", 3)
    made: Campaign = certified(world)
    act(world, "give_certificate", "head", made, opinion="同意")
    made.refresh_from_db()
    return made


def ask(world: World, campaign: Campaign) -> Job:
    job = act(world, "close_certified", "head", campaign, opinion="同意凭证书销号")
    assert isinstance(job, Job)
    return job


def run(job: Job) -> Job:
    office_jobs.run_job.call(job.pk)
    job.refresh_from_db()
    return job


def refs_of(campaign: Campaign) -> list[str]:
    return list(campaign.places.order_by("code").values_list("commitment__ref", flat=True))


def test_many_are_struck_off_by_a_job(world: World, campaign: Campaign) -> None:
    found = Commitment.objects.get(ref=refs_of(campaign)[2])
    world.do("record_finding", "verifier", found, words="台账与现场不符", at=LATER)
    entries = Entry.objects.count()
    job = ask(world, campaign)
    assert Entry.objects.count() == entries, "nothing is done yet"
    with pytest.raises(Refused) as refused:
        ask(world, campaign)
    assert refused.value.code == "closing_already"
    run(job)
    assert (job.state, job.done, job.total) == (JobState.DONE, CERTAIN, CERTAIN)
    assert (job.result["closed"], job.result["left_out"]) == (CERTAIN - 1, 1)
    assert [(one["where"], one["code"]) for one in job.refusals] == [(found.ref, "findings_open")]
    client = Client(headers={"accept-language": "en"})
    client.force_login(world.users["head"])
    page = client.get(reverse("office:job", args=[job.pk])).content.decode()
    assert f"Struck off: {CERTAIN - 1}; left as they are: 1." in page
    assert f'<a class="num" href="{reverse("delivery:commitment", args=[found.ref])}">{found.ref}</a>' in page
    entry = Entry.objects.get(type=CLOSING)
    assert job.result["entry"] == entry.pk
    assert Entry.objects.count() == entries + 1, "one act, one entry"
    closed = [ref for ref in refs_of(campaign) if ref != found.ref]
    told = json.loads(entry.payload.text)["data"]
    assert told["subjects_digest"] == hashlib.sha256("\n".join(closed).encode()).hexdigest()
    assert (told["commitments"], told["opinion"]) == (CERTAIN - 1, "同意凭证书销号")
    rows = Commitment.objects.filter(ref__in=closed)
    assert {(row.state, row.verified_how) for row in rows} == {("closed", "sampled")}
    assert Message.objects.filter(kind="delivery.certify").count() >= CERTAIN - 1
    assert "YN-2026" in job.title_text
    assert str(CERTAIN) in job.title_text
    with pytest.raises(Refused) as refused:
        act(world, "close_certified", "head", campaign, opinion="同意")
    assert refused.value.code == "bulk_nothing_left"
    world.audit()


def test_a_job_that_died_after_the_act_only_tells(
    world: World, campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = ask(world, campaign)
    told = delivery.tell_certified

    def dies(*_args: object, **_kwargs: object) -> None:
        raise SystemExit

    monkeypatch.setattr(delivery, "tell_certified", dies)
    with pytest.raises(SystemExit):
        office_jobs.run_job.call(job.pk)
    monkeypatch.setattr(delivery, "tell_certified", told)
    assert not Message.objects.filter(kind="delivery.certify").exists()
    Job.objects.filter(pk=job.pk).update(state=JobState.QUEUED)
    for _again in range(2):
        run(job)
        assert (job.state, job.result["closed"]) == (JobState.DONE, CERTAIN)
        assert Entry.objects.filter(type=CLOSING).count() == 1
        assert Verification.objects.filter(method="sampled").count() == CERTAIN
    messages = Message.objects.filter(kind="delivery.certify")
    assert messages.count() == messages.values("post", "key").distinct().count() >= CERTAIN
    world.audit()


def close_many(world: World, campaign: Campaign, **changes: Any) -> Any:
    return services.close_many_certified(
        actor=units.actor_for(world.users["head"], at=LATER),
        campaign=campaign.ref,
        version=campaign.version,
        opinion="同意",
        at=LATER,
        **{"told": lambda _done, _total: None, "keep": lambda _done: None, **changes},
    )


def test_what_changes_while_it_is_judged_is_left_out_by_name(world: World, campaign: Campaign) -> None:
    changed, false, *others = refs_of(campaign)

    def meanwhile(done: int, total: int) -> None:
        if done == total:
            world.do("record_finding", "verifier", Commitment.objects.get(ref=changed), words="新问题", at=LATER)
            Visit.objects.filter(commitment__ref=false).update(holds=False)

    done = close_many(world, campaign, told=meanwhile)
    assert set(done.closed) == set(others)
    assert {ref: one.code for ref, one in done.left_out.items()} == dict.fromkeys(
        (changed, false), "changed_since_plan"
    )
    assert Commitment.objects.get(ref=changed).state != "closed"


def test_nothing_is_done_when_it_is_stopped_or_the_certificate_falls(world: World, campaign: Campaign) -> None:
    def stopped(_done: object, _total: int = 0) -> None:
        raise office_jobs.Stopped

    with pytest.raises(office_jobs.Stopped):
        close_many(world, campaign, told=stopped)
    with pytest.raises(office_jobs.Stopped):
        close_many(world, campaign, keep=stopped)

    def withdrawn(done: int, total: int) -> None:
        if done == total:
            actor = units.actor_for(world.users["head"], at=LATER)
            services.withdraw_certificate(actor=actor, certificate="YN-2026-Z0001", reason="走访员串通", at=LATER)

    with pytest.raises(Refused) as refused:
        close_many(world, campaign, told=withdrawn)
    assert refused.value.code == "certificate_withdrawn"
    assert not Commitment.objects.filter(state="closed").exists()
    assert not Entry.objects.filter(type=CLOSING).exists()
    job = ask_refused(world, campaign)
    assert job == "certificate_withdrawn"


def ask_refused(world: World, campaign: Campaign) -> str:
    with pytest.raises(Refused) as refused:
        act(world, "close_certified", "head", campaign, opinion="同意")
    return refused.value.code


def test_the_page_and_the_api_lead_to_the_job(world: World, campaign: Campaign) -> None:
    client = Client()
    client.force_login(world.users["head"])
    address = reverse("assurance:campaign_act", args=[campaign.ref, "close"])
    page = client.get(address)
    assert "/jobs" in page.content.decode() or page.context["at_once"] is not None
    answer = client.post(address, {"version": campaign.version, "opinion": "同意凭证书销号"})
    job = Job.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, reverse("office:job", args=[job.pk]))
    run(job)
    shown = client.get(answer["Location"]).content.decode()
    assert reverse("assurance:campaign", args=[campaign.ref]) in shown
    assert Commitment.objects.filter(state="closed").count() == CERTAIN


def test_the_api_answers_with_the_job(world: World, campaign: Campaign) -> None:
    from tests.assurance.test_campaign_doors import call

    told = call(world, "head", f"/campaigns/{campaign.ref}/close", {"opinion": "同意"}, campaign.version).json()
    assert (told["closed"], told["entry"], told["job"]) == (0, None, Job.objects.get().pk)


def test_the_parts_of_the_act_are_those_of_the_one_act(world: World, campaign: Campaign) -> None:
    """Judging writes nothing; writing takes the judged; telling is apart."""
    actor = units.actor_for(world.users["head"], at=LATER)
    refs = refs_of(campaign)
    with pytest.raises(Refused) as refused:
        delivery.judge_certified(actor=actor, refs=refs, frozen_at=LATER, opinion=" ", at=LATER)
    assert refused.value.code == "opinion_missing"
    judged = delivery.judge_certified(actor=actor, refs=[*refs, *refs], frozen_at=LATER, opinion="同意", at=LATER)
    assert list(judged.ready) == refs
    assert not Commitment.objects.filter(state="closed").exists()
    done = delivery.write_certified(judged, actor=actor, certificate="YN-2026-Z0001", digest="a" * 64, at=LATER)
    assert done.closed == refs
    delivery.tell_certified(done.closed, actor=actor, certificate="YN-2026-Z0001", at=LATER)
    before = Message.objects.count()
    delivery.tell_certified(done.closed, actor=actor, certificate="YN-2026-Z0001", at=LATER)
    assert Message.objects.count() == before, "nobody is told twice"
    with pytest.raises(Refused) as refused:
        delivery.write_certified(judged, actor=actor, certificate="YN-2026-Z0001", digest="a" * 64, at=LATER)
    assert refused.value.code == "bulk_nothing_left", "what was judged has changed since"
