"""Bad input gets a clear sentence and changes nothing; principle 1: columns that hold people are refused."""

from __future__ import annotations

import time
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from tests.units.world import AT, TABLE, World

import luoshi
from luoshi.ledger.models import Entry
from luoshi.rules import columns
from luoshi.rules.permissions import SYSTEM
from luoshi.rules.refusals import Refused
from luoshi.units import services
from luoshi.units.models import Kind, Unit

YUNNAN = Path(luoshi.__file__).parent / "packs/ten_matters/units.csv"
HEAD = "code,name,level,parent_code\n"

ROWS = {
    "code_empty": ",甲县,county,532900",
    "code_bad": "53 29,甲县,county,532900",
    "code_twice": "532940,甲县,county,532900\n532940,乙县,county,532900",
    "name_empty": "532940,,county,532900",
    "name_long": f"532940,{'县' * 121},county,532900",
    "name_bad": "532940,甲\x07县,county,532900",
    "level_bad": "532940,甲县,village-ish,532900",
    "level_changed": "532930,洱源县,township,532900",
    "parent_missing": "532940,甲县,county,539999",
    "parent_empty": "532940,甲县,county,",
    "parent_self": "532940,甲县,county,532940",
    "parent_level": "532940,甲州,prefecture,532930",
    "parent_changed": "532930,洱源县,county,530400",
    "cells": "532940,甲县,county",
}

TABLES = {
    "import_empty": HEAD,
    "import_columns_missing": "code,name\n1,甲\n",
    "import_columns_twice": "code,name,level,parent_code,name\n1,甲,county,2,乙\n",
    "import_columns_unknown": "code,name,level,parent_code,colour\n1,甲,county,2,red\n",
    "columns_hold_people": "code,name,level,parent_code,户主\n1,甲,county,2,张三\n",
    "import_not_text": 'code,name,level,parent_code\n1,"甲,county,2\n',
}


@pytest.mark.parametrize("problem", ROWS)
def test_a_wrong_row_changes_nothing(world: World, problem: str) -> None:
    entries, units = Entry.objects.count(), Unit.objects.count()
    report = services.import_units(
        actor=SYSTEM, at=AT, text=HEAD + "532950,好县,county,532900\n" + ROWS[problem] + "\n"
    )
    assert problem in {error.problem for error in report.errors}
    assert all(str(error) and error.row >= 3 for error in report.errors)
    assert (Entry.objects.count(), Unit.objects.count()) == (entries, units)
    with pytest.raises(Refused):
        services.require_clean(report)


@pytest.mark.parametrize("code", TABLES)
def test_a_wrong_table_is_refused(world: World, code: str) -> None:
    with pytest.raises(Refused) as refusal:
        services.import_units(actor=SYSTEM, at=AT, text=TABLES[code])
    assert refusal.value.code == code
    assert str(refusal.value)


def test_who_may_import(world: World) -> None:
    row = HEAD + "532930101,乙镇,township,532930\n"
    with pytest.raises(Refused) as refusal:
        services.import_units(actor=world.handler, at=AT, text=row)
    assert refusal.value.code == "administrators_only"
    outside = HEAD + "532931101,丙镇,township,532931\n"
    report = services.import_units(actor=world.county_admin, at=AT, text=outside)
    assert [error.problem for error in report.errors] == ["outside"]
    assert services.import_units(actor=world.county_admin, at=AT, text=row).created == 1


def test_the_second_time_changes_nothing(world: World) -> None:
    entries = Entry.objects.count()
    report = services.import_units(actor=SYSTEM, at=AT, text=TABLE)
    assert (report.created, report.renamed, report.unchanged, report.missing) == (0, 0, 11, 0)
    assert Entry.objects.count() == entries
    changed = TABLE.replace("通海县", "通海市").replace("532901,大理市,county,532900\n", "")
    dry = services.import_units(actor=SYSTEM, at=AT, text=changed, dry_run=True)
    assert (dry.renamed, dry.missing, dry.applied) == (1, 1, False)
    assert world.fresh("530423").name == "通海县"
    services.import_units(actor=SYSTEM, at=AT, text=changed)
    assert world.fresh("530423").name == "通海市"
    assert world.fresh("530423").short_name == "通海"


def test_decode() -> None:
    assert services.decode("云南".encode("gb18030")) == "云南"
    assert services.decode("\ufeff云南".encode()) == "云南"
    for broken in (b"PK\x03\x04\x00\x00", b"\xff\xfe\xff\xff\xff"):
        with pytest.raises(Refused):
            services.decode(broken)


@pytest.mark.principle(1)
@pytest.mark.parametrize(
    "heading",
    [
        "姓名",
        "身份证号",
        "民族",
        "宗教信仰",
        "户主",
        "ID card",
        "手机号码",
        "Ethnicity",
        "出入境记录",
        "家庭住址",
        "银行卡号",
    ],
)
def test_headings_that_hold_people(heading: str) -> None:
    assert columns.about_people(heading)


@pytest.mark.parametrize(
    "heading", ["code", "name", "level", "单位", "民族乡", "指标", "完成率", "金额", "名称", "number"]
)
def test_headings_that_do_not(heading: str) -> None:
    assert columns.about_people(heading) is None


def test_the_whole_province_in_seconds(db: None, tmp_path: Path) -> None:
    out = StringIO()
    started = time.perf_counter()
    call_command("units", "import", str(YUNNAN), stdout=out)
    took = time.perf_counter() - started
    assert Unit.objects.count() == 16_495
    assert Unit.objects.filter(kind=Kind.STATISTICAL, level="township").count() == 32
    assert Unit.objects.filter(kind=Kind.STATISTICAL, level="village").count() == 23
    assert not Unit.objects.filter(kind=Kind.STATISTICAL, receives=True).exists()
    assert Entry.objects.count() == 1
    assert took < 30
    call_command("units", "import", str(YUNNAN), stdout=out)
    assert Entry.objects.count() == 1
    bad = tmp_path / "bad.csv"
    bad.write_text(HEAD + "1,甲,county,2\n")
    with pytest.raises(CommandError) as error:
        call_command("units", "import", str(bad), stdout=out, stderr=StringIO())
    assert error.value.returncode == 1
    call_command("units", "tree", "玉溪", stdout=out)
    assert "红塔区" in out.getvalue()
