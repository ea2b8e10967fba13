"""A world of the province's size for the measurements of search, written straight into the tables.

``python -m bench.province DATABASE_URL [--units N] [--reports N]``: the pack's tree, ten matters led by every unit, the
parts of a matter with the same words, reports with words of their own. Rows of acts and ledger are left out; search
reads none of them.
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
import time
from datetime import UTC, date, datetime
from typing import Any

SAID = (
    "已完成管网铺设{n}米，{place}段试水无渗漏，剩余{m}米按计划推进。",
    "召开推进会{n}次，督促{place}整改问题{m}个，正在推进。",
    "投入资金{n}万元，{place}项目主体完工，累计完成{m}%。",
    "{place}群众反映的{n}个问题已办结{m}个，其余按期推进。",
)
WATERS = ("洱海", "滇池", "抚仙湖", "程海", "泸沽湖", "杞麓湖", "异龙湖", "星云湖", "阳宗海")


def connect(url: str) -> None:
    """Set Django up on a database; once in a process."""
    os.environ.update(LUOSHI_DATABASE_URL=url, LUOSHI_DEBUG="0", LUOSHI_PLAIN_HTTP="1", LUOSHI_HOSTS="*")
    os.environ.setdefault("LUOSHI_SECRET_KEY", "bench")
    os.environ["DJANGO_SETTINGS_MODULE"] = "luoshi.config.settings"
    import django

    django.setup()


def build(units: int = 16_495, reports: int = 49_485) -> None:
    """Migrate and fill the connected, empty database."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    at = datetime(2026, 3, 2, tzinfo=UTC)
    places = _units(units)
    _people(places, at)
    commitments = _commitments(places, at)
    _reports(commitments, reports, at)


def _units(count: int) -> list[Any]:
    from luoshi.packs import loader
    from luoshi.rules import paths, places
    from luoshi.units.models import Unit

    made: dict[str, Any] = {}
    with (loader.find_pack(loader.DEFAULT) / "units.csv").open(encoding="utf-8") as file:
        for pk, row in enumerate(csv.DictReader(file), start=1):
            if pk > count:
                break
            above = made.get(row["parent_code"])
            short, others = places.short_forms(row["name"], row["level"])
            made[row["code"]] = Unit(
                pk=pk,
                kind="area",
                level=row["level"],
                name=row["name"],
                short_name=short,
                aliases=list(others),
                code=row["code"],
                parent_id=above.pk if above else None,
                path=(above.path if above else "") + paths.segment(pk),
                area_id=pk,
                receives=True,
                valid_from=date(2024, 1, 1),
            )
    Unit.objects.bulk_create(made.values(), batch_size=2000)
    return list(made.values())


def _people(places: list[Any], at: datetime) -> None:
    from luoshi.accounts.models import User
    from luoshi.units.models import Holding, Post

    def seat(name: str, unit: Any, role: str) -> None:
        user = User.objects.create_user(username=name, password="luoshi-bench", display_name=name)
        post = Post.objects.create(ref=f"P-{name}", unit=unit, title=f"{unit.name}经办岗", role=role)
        Holding.objects.create(post=post, user=user, from_on=date(2024, 1, 1))

    from luoshi.units.models import Unit

    seat("province", places[0], "office")
    for level in ("prefecture", "county", "township", "village"):
        chosen = next((unit for unit in places if unit.level == level and unit.code.startswith("532930")), None)
        chosen = chosen or next((unit for unit in places if unit.level == level), None)
        if chosen is not None:
            seat(level, chosen, "handler")
    body = Unit(
        kind="body", level="province", name="第三方核查中心", area_id=0, valid_from=date(2024, 1, 1), receives=False
    )
    body.pk = max(unit.pk for unit in places) + 1
    from luoshi.rules.paths import segment

    body.path, body.area_id = segment(body.pk), body.pk
    body.save(force_insert=True)
    seat("body", body, "verifier")


def _commitments(places: list[Any], at: datetime) -> list[tuple[int, str]]:
    from luoshi.delivery.models import Commitment, Matter, Programme
    from luoshi.packs import loader
    from luoshi.units.models import Unit

    pack = loader.read()
    programme = Programme.objects.create(
        key="ten", prefix="YN-2024", name_zh="十件事", owner_id=places[0].pk, state="issued", created_at=at
    )
    body = Unit.objects.get(kind="body")
    made = []
    for number, told in enumerate(pack.matters, start=1):
        name = told.name.zh if hasattr(told, "name") else told.name_zh
        matter = Matter.objects.create(programme=programme, number=number, name_zh=name)
        rows, by_unit = [], {}
        for at_, unit in enumerate(places, start=1):
            row = Commitment(
                ref=f"YN-2024-{number:02d}-{at_:04d}",
                programme=programme,
                matter=matter,
                state="issued" if at_ % 1000 else "verified",
                title=f"{name}：逐级落实到村",
                requirement=f"围绕{name}，逐级分解、逐项办理，完成后由他人核查。{WATERS[number % 9]}流域优先。",
                criteria=["责任到岗、时限明确", "结果经核查属实"],
                issuer_id=unit.parent_id or unit.pk,
                lead=unit,
                line_units=[],
                issued_at=at,
                created_at=at,
                verifying_unit=body if at_ % 1000 == 0 else None,
            )
            by_unit[unit.pk] = row
            rows.append(row)
        Commitment.objects.bulk_create(rows, batch_size=1000)
        made += [(row.pk, row.lead.name) for row in rows]
    return made


def _reports(commitments: list[tuple[int, str]], count: int, at: datetime) -> None:
    from luoshi.delivery.models import Report
    from luoshi.units.models import Post

    post = Post.objects.first()
    rows = []
    step = max(1, len(commitments) * 3 // max(count, 1))
    chosen = commitments[::step] * 3
    for number, (pk, place) in enumerate(chosen[:count]):
        words = SAID[number % 4].format(n=number % 997, m=number % 89, place=place) + WATERS[number % 9] + "专项。"
        rows.append(
            Report(
                commitment_id=pk, percent=number % 100, words=words, next_step="继续按计划推进。", by_post=post,
                occurred_at=at, recorded_at=at,
            )
        )  # fmt: skip
    Report.objects.bulk_create(rows, batch_size=2000)


def main() -> int:
    """Build it and enter it into the search index, saying how long each took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--units", type=int, default=16_495)
    parser.add_argument("--reports", type=int, default=49_485)
    told = parser.parse_args()
    connect(told.url)
    from luoshi.office.services import rebuild_search

    began = time.perf_counter()
    build(told.units, told.reports)
    print(f"rows {time.perf_counter() - began:.1f} s")
    began = time.perf_counter()
    print(rebuild_search(), f"entries in {time.perf_counter() - began:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
