"""Builds the world of the journeys in the folder ``LUOSHI_STATE``: ``python -m tests.e2e.building SCALE``.

A process of its own, because it works on the server's database and not on that of the tests. What the journeys need
beside the demonstration, a commitment each, is written to ``journeys.json``; the whole story is for pictures and stays
as it is told.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import django


def main(scale: str) -> None:
    """Migrate, build the demonstration and what the journeys start from, and let the clock pass once."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "luoshi.config.settings"
    django.setup()
    from django.core.management import call_command
    from django.utils import timezone

    from luoshi.delivery import jobs
    from luoshi.delivery.models import Programme
    from luoshi.ledger import services as ledger
    from luoshi.packs import demo, loader

    call_command("migrate", verbosity=0)
    demo.build(
        pack=loader.read(loader.DEFAULT),
        folder=loader.find_pack(loader.DEFAULT),
        scale=demo.SCALES[scale],
        at=timezone.now(),
        password=demo.PASSWORD,
        progress=lambda what, done, total: None,
    )
    told = Programme.objects.get().settings["tour"]
    made = {"password": demo.PASSWORD, "story": told[0]["ref"]} | ({} if scale == "story" else journeys())
    now = timezone.now()
    jobs.tick(now)
    while ledger.sequence_pending(now):
        pass
    ledger.checkpoint(now)
    (Path(os.environ["LUOSHI_STATE"]) / "journeys.json").write_text(json.dumps(made))


def journeys() -> dict[str, Any]:
    """One commitment for each journey, issued by 玉溪市, and a short link that has expired."""
    from django.utils import timezone

    from luoshi.accounts.models import User
    from luoshi.delivery import services
    from luoshi.delivery.models import Commitment, Programme
    from luoshi.units.models import Unit
    from luoshi.units.queries import actor_for

    now = timezone.now()
    matter = Programme.objects.get().matters.order_by("number")[2]

    def actor(username: str, at: Any) -> Any:
        return actor_for(User.objects.get(username=username), at=at)

    def issued(title: str, area: str, *, days_ago: int = 0, due: int = 60, by: str = "yuxi-office") -> str:
        at = now - timedelta(days=days_ago)
        office = actor(by, at)
        drafted = services.draft_commitment(
            actor=office,
            matter=matter.pk,
            lead=Unit.objects.get(code=area, kind="area").pk,
            title=title,
            requirement="管网连通，试水没有渗漏。",
            criteria=["主管支管按图连通", "试水没有渗漏"],
            due_on=(now + timedelta(days=due)).date(),
            at=at,
        ).commitment
        services.issue_commitment(actor=office, ref=drafted.ref, version=drafted.version, at=at + timedelta(minutes=5))
        return drafted.ref

    def accepted(ref: str, username: str, at: Any) -> str:
        version = Commitment.objects.get(ref=ref).version
        services.accept_commitment(actor=actor(username, at), ref=ref, version=version, at=at)
        return ref

    expired = accepted(issued("旧链接段管护", "530403", days_ago=20), "county-handler", now - timedelta(days=19))
    done = services.issue_link(
        actor=actor("county-handler", now),
        ref=expired,
        version=Commitment.objects.get(ref=expired).version,
        post=actor("county-handler", now).seat.post_ref,
        days=7,
        at=now - timedelta(days=18),
    )

    def told(ref: str, verb: str, username: str, **said: Any) -> str:
        version = Commitment.objects.get(ref=ref).version
        getattr(services, verb)(actor=actor(username, now), ref=ref, version=version, at=now, **said)
        return ref

    def applied(title: str) -> str:
        ref = accepted(issued(title, "530403"), "county-handler", now)
        told(ref, "report_on_commitment", "county-handler", percent=100, words="全部完成。")
        return told(ref, "apply_for_closure", "county-handler", statement="图纸、试水记录齐全。")

    def verified(title: str) -> str:
        seen = {
            "method": "desk",
            "documents": ["竣工验收报告"],
            "passed": True,
            "percent": 100,
            "words": "核对记录，与现场一致。",
        }
        return told(applied(title), "verify_commitment", "prov-verifier", **seen)

    asked_at = now - timedelta(days=40)

    def asked(title: str) -> str:
        late = accepted(issued(title, "530403", days_ago=42), "county-handler", now - timedelta(days=41))
        services.raise_request(
            actor=actor("county-handler", asked_at),
            ref=late,
            version=Commitment.objects.get(ref=late).version,
            question="补偿按哪一年的标准执行，请明确。",
            at=asked_at,
        )
        return late

    late = asked("环湖段补偿口径")
    late_en = asked("东岸移民安置标准")
    once = accepted(issued("环湖段隐患排查", "530403"), "county-handler", now)
    told(once, "break_down_commitment", "county-handler")
    twice = issued("环湖段隐患复查", "530403")
    accepted(twice, "county-handler", now)

    village = Unit.objects.filter(code__startswith="530403101", level="village").order_by("code")[0]
    applied("环湖段四号泵站验收")
    return {
        "sampled": sampled(issued, actor, now),
        "visits": visits(issued, actor, now),
        "queued": queued(issued, actor, now),
        "assessor": assessor(actor("prov-office", now), now),
        "campaign": campaign(actor("prov-office", now), now),
        **seats(accepted(issued("环湖段界桩补设", "530403"), "county-handler", now), now),
        "village": issued("村口沟渠清淤", village.code, due=1),
        "english": issued("东岸段检查井", "530403"),
        "keyboard": issued("红塔段接口复核", "530402"),
        "offline": accepted(issued("环湖段泵站巡查", "530403"), "county-handler", now),
        "lost": accepted(issued("环湖段雨污分流", "530403"), "county-handler", now),
        "link": accepted(issued("环湖段管护移交", "530403"), "county-handler", now),
        "evidence": accepted(issued("环湖段佐证整理", "530403"), "county-handler", now),
        "covered": accepted(issued("江川区沟渠管护", "530403"), "county-handler", now),
        "plain": issued("环湖段井盖更换", "530403"),
        "late": accepted(
            issued("环湖段逾期管护", "530403", days_ago=40, due=-20), "county-handler", now - timedelta(days=39)
        ),
        "late_english": accepted(
            issued("红塔段逾期管护", "530402", days_ago=40, due=-20), "hongta-handler", now - timedelta(days=39)
        ),
        "close": [verified("环湖段一号泵站验收"), verified("环湖段二号泵站验收")],
        "close_not": applied("环湖段三号泵站验收"),
        "cascade": accepted(issued("环湖段日常巡查", "530403"), "county-handler", now),
        "late_reply": late,
        "late_reply_en": late_en,
        "found": verified("环湖段排口溯源"),
        "found_english": accepted(issued("抚仙湖排口溯源", "530400", by="prov-office"), "yuxi-office", now),
        "once": once,
        "twice": twice,
        "expired": expired,
        "expired_token": done.extra[1],
    }


def queued(issued: Any, actor: Any, now: Any) -> list[str]:
    """Visits left over from yesterday, all with the verifier of the province, as their keys."""
    from luoshi.assurance.services.handing import assign_visit
    from luoshi.delivery.models import Commitment
    from luoshi.rules.calendar import local_day
    from luoshi.units.models import Unit

    at, keys = now - timedelta(days=1), []
    rows = Unit.objects.filter(code__startswith="530403101", level="village", receives=True).order_by("code")
    for village in [rows[0], *rows[19:21]]:  # nobody goes there otherwise
        ref = issued(f"{village.name}水表改造", village.code, days_ago=1)
        found = Commitment.objects.select_related("lead__area", "issuer__area", "programme__owner").get(ref=ref)
        made, _entry = assign_visit(
            actor=actor("prov-office", at + timedelta(minutes=30)), kind="directed", commitment=found,
            day=local_day(at), reason="水表改造一次报满，去看一看。", at=at + timedelta(minutes=30),
        )  # fmt: skip
        keys.append(str(made.key))
    return keys


def assessor(office: Any, now: Any) -> str:
    """The post of the assessors comes back into the pool: whoever has visits enough for today is not the only one."""
    from luoshi.assurance.services.pool import join_pool
    from luoshi.delivery.models import Programme
    from luoshi.units.models import Post

    post = Post.objects.filter(unit__kind="body", role="verifier").order_by("pk")[0].ref
    join_pool(actor=office, programme=Programme.objects.get().key, posts=[post], at=now)
    return str(post)


def seats(ref: str, now: Any) -> dict[str, str]:
    """Three posts of heads for the hand-overs, one holder each who did one act; and whoever follows two of them."""
    from luoshi.accounts.models import User
    from luoshi.delivery import services
    from luoshi.delivery.models import Commitment
    from luoshi.packs import demo
    from luoshi.rules.permissions import SYSTEM
    from luoshi.units import services as units
    from luoshi.units.models import Unit
    from luoshi.units.queries import actor_for

    county = Unit.objects.get(code="530403", kind="area")
    since = now - timedelta(days=90)
    for name in ("leaves-zh", "leaves-en", "looks-on", "follows-zh", "follows-en"):
        user = User.objects.create_user(
            username=name, password=demo.PASSWORD, display_name=f"演示·{name}", is_demo=True
        )
        if name.startswith("follows"):
            continue
        units.create_post(actor=SYSTEM, at=since, unit_id=county.pk, title="副区长", role="head", ref=name)
        units.seat_holder(actor=SYSTEM, at=since, post_ref=name, user_id=user.pk, from_on=since.date())
        version = Commitment.objects.get(ref=ref).version
        post = actor_for(User.objects.get(username="county-handler"), at=now).seat.post_ref
        services.assign_commitment(actor=actor_for(user, at=now), ref=ref, version=version, post=post, at=now)
    return {"assigned": ref}


def campaign(office: Any, now: Any) -> str:
    """A campaign over what counties reported complete, with its seed rolled: its number."""
    from luoshi.assurance import services
    from luoshi.delivery.models import Programme
    from luoshi.units.models import Unit

    found = services.propose_campaign(
        actor=office,
        programme=Programme.objects.get().key,
        under=Unit.objects.get(code="530000").pk,
        level="county",
        title="县区报完成抽查",
        at=now,
    ).campaign
    services.freeze_frame(actor=office, campaign=found.ref, version=found.version, at=now)
    services.enter_seed(
        actor=office, campaign=found.ref, version=found.version + 1, seed="27182818284590452353", at=now
    )
    return found.ref


def sampled(issued: Any, actor: Any, now: Any) -> str:
    """A campaign of 玉溪市 on the villages of a township, visited two days ago: its number."""
    from luoshi.assurance import services
    from luoshi.assurance.models import Campaign, Visit
    from luoshi.assurance.queries.pool import members
    from luoshi.assurance.services.handing import hand_out_day
    from luoshi.assurance.services.pool import join_pool, leave_pool
    from luoshi.delivery import services as delivery
    from luoshi.delivery.models import Commitment, Programme
    from luoshi.rules.calendar import local_day
    from luoshi.rules.visiting import Outcome, Verdict
    from luoshi.units.models import Unit

    programme, then = Programme.objects.get(), now - timedelta(days=3)
    post = actor("prov-verifier", then).seat.post_ref
    steering = actor("prov-office", then)
    for one in members(programme, local_day(then)):  # the journeys know one verifier only
        leave_pool(actor=steering, programme=programme.key, post=one.post.ref, reason="演示：换人", at=then)
    join_pool(actor=steering, programme=programme.key, posts=[post], at=then)
    town = Unit.objects.get(code="530403101", kind="area")
    for village in Unit.objects.filter(parent=town, level="village", receives=True).order_by("code")[9:19]:
        ref = issued(f"{village.name}生活污水接入", village.code, days_ago=5)
        for verb, told in (
            ("accept_commitment", {}),
            ("report_on_commitment", {"percent": 100, "words": "全部接通。"}),
        ):
            version = Commitment.objects.get(ref=ref).version
            at = now - timedelta(days=4)
            getattr(delivery, verb)(actor=actor("town-handler", at), ref=ref, version=version, at=at, **told)
    office = actor("yuxi-office", then)
    campaign = services.propose_campaign(
        actor=office, programme=programme.key, under=town.pk, level="village", title="江城镇生活污水已经接通",
        matter=programme.matters.order_by("number")[2].number, claim_bp=2000, second_visits_bp=0, at=then,
    ).campaign  # fmt: skip
    services.freeze_frame(actor=office, campaign=campaign.ref, version=1, at=then)
    services.enter_seed(actor=office, campaign=campaign.ref, version=2, seed="27182818284590452353", at=then)
    for days in (3, 2):
        at = now - timedelta(days=days)
        version = Campaign.objects.get(ref=campaign.ref).version
        hand_out_day(
            actor=actor("yuxi-office", at), campaign=campaign.ref, version=version, day=local_day(at), count=5, at=at
        )
        verifier, later = actor("prov-verifier", at), at + timedelta(minutes=30)
        for visit in Visit.objects.filter(campaign=campaign, day=local_day(at)).select_related("commitment"):
            said = services.Said(
                Outcome.DONE,
                holds=True,
                words="现场试水，与所报一致。",
                criteria=[Verdict(text, True, "") for text in visit.commitment.criteria],
            )
            services.record_visit(actor=verifier, key=visit.key, version=visit.version, said=said, at=later)
    return str(campaign.ref)


def visits(issued: Any, actor: Any, now: Any) -> list[str]:
    """Visits for today, all with the verifier of the province: the keys in the order in which they were handed out."""
    from django.utils import timezone

    from luoshi.assurance.services.handing import assign_visit
    from luoshi.delivery.models import Commitment
    from luoshi.rules.permissions import SYSTEM
    from luoshi.units.models import Unit
    from luoshi.units.services.maps import import_map

    office = actor("prov-office", now)
    keys = []
    villages = Unit.objects.filter(code__startswith="530403101", level="village", receives=True).order_by("code")[1:9]
    for village in villages:
        ref = issued(f"{village.name}饮水管网", village.code)
        found = Commitment.objects.select_related("lead__area", "issuer__area", "programme__owner").get(ref=ref)
        made, _entry = assign_visit(
            actor=office,
            kind="directed",
            commitment=found,
            day=timezone.localdate(now),
            reason="年底一次报满，去看一看。",
            at=now,
        )
        keys.append(str(made.key))
    ring = [[102.7, 24.25], [102.8, 24.25], [102.8, 24.35], [102.7, 24.35], [102.7, 24.25]]
    shape = {"type": "Polygon", "coordinates": [ring]}
    area = {"type": "Feature", "properties": {"code": villages[7].code}, "geometry": shape}
    import_map(
        actor=SYSTEM,
        at=now,
        content=json.dumps({"type": "FeatureCollection", "features": [area]}).encode(),
        name="village.geojson",
        source="演示",
        licence="演示",
        approval_no="滇S（2023）12号",
    )
    return keys


if __name__ == "__main__":
    main(sys.argv[1])
