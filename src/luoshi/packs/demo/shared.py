"""先进做法: two verified results that their units wrote up; one of them no longer holds, which the library says itself.

The first is the county whose pipes were verified in time, beside a county that is late with the same. The second is a
village of the list that was certified, the one that a look-back found relapsed later.
"""

from __future__ import annotations

from datetime import datetime

from luoshi.delivery.models import Commitment
from luoshi.meetings import services
from luoshi.packs.demo.script import Script
from luoshi.packs.demo.told import Told
from luoshi.packs.demo.verified import TITLES, TOWNS, look_back_days
from luoshi.packs.schema.story import Story
from luoshi.rules.lifecycle import State
from luoshi.units.queries import calendar_for

COUNTY = "xingyun_hongta"
PIPES = {
    "title": "污水管网先通主管、再逐户接支管的做法",
    "context": "主管和支管分开招标，施工面互相等；沿线商户担心开挖影响生意，支管迟迟进不了场。",
    "done": (
        "一、主管先行，铺一段、试水一段，当段移交管护。\n"
        "二、支管接入列成一张表，一户一行，写明哪天挖、哪天填，提前一周贴到门口。\n"
        "三、检查井编号后和管护岗位对应，通水当天由管护岗位签字接收。"
    ),
    "cost": "没有增加投资；施工单位多派一个班组，支管工期缩短一个多月。沿线告知由街道承担，两人、三周。",
    "failed": "先试过整条线一次开挖，交通疏导跟不上，挖了四百米就停了；夜间施工也试过，噪声投诉多，改为白天分段。",
}
MORE = (
    "没有增加投资；施工单位多派一个班组，支管工期缩短一个多月。沿线告知由街道承担，三人、三周（原写两人，核对后更正）。"
)
SERVICE_POINT = {
    "title": "村级养老服务点由邻近两个村轮流管护的做法",
    "context": "服务点建成了，没有专人，钥匙常常找不到。",
    "done": "和邻村商定逐月轮流管护，钥匙放在村委会值班室，管护表贴在门上，谁当班写岗位、不写姓名。",
    "cost": "没有另外花钱；每月交接一次，半天。",
    "failed": "先试过由志愿者轮值，农忙时排不上班。",
}


def tell_shared(script: Script, story: Story, told: Told) -> None:
    """Plan both write-ups, and the amendment of the first."""
    stage = script.stage
    pipes = told.tracks.get(COUNTY)
    if pipes is not None:
        county = stage.post(pipes.unit, "handler")

        def write(at: datetime) -> None:
            services.write_practice(actor=stage.actor(county, at), commitment=pipes.ref, at=at, **PIPES)

        def amend(at: datetime) -> None:
            found = Commitment.objects.get(ref=pipes.ref).practices.get()
            words = {**PIPES, "cost": MORE}
            services.amend_practice(
                actor=stage.actor(county, at), practice=found.ref, version=found.version, at=at, **words
            )

        script.add(script.moment(-75, 40), write)
        script.add(script.moment(-68, 15), amend)
    town = stage.areas.get(TOWNS[0])
    if town is None or any(code not in stage.areas for code in TOWNS):
        return
    handler = stage.post(town, "handler")
    closed = (look_back_days(script.today, calendar_for(stage.areas[story.prefecture].path)).closed - script.today).days

    def write_second(at: datetime) -> None:
        rows = Commitment.objects.filter(lead__parent=town, title=TITLES[0], state=State.CLOSED).order_by("ref")
        services.write_practice(actor=stage.actor(handler, at), commitment=rows[0].ref, at=at, **SERVICE_POINT)

    script.add(script.moment(closed + 6, 50), write_second)
