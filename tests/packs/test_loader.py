"""Packs are checked with every reason, compared, and loaded once; an authority is never claimed."""

from __future__ import annotations

import datetime as dt
import shutil
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command

from luoshi.delivery.models import Authority, Matter, Programme, SubMatter
from luoshi.ledger.models import Entry
from luoshi.packs import loader
from luoshi.packs.loader import What
from luoshi.packs.schema.pack import Pack
from luoshi.rules.permissions import SYSTEM, Role
from luoshi.rules.refusals import Refused
from luoshi.units import services as units
from luoshi.units.models import CalendarVersion

AT = dt.datetime(2026, 3, 2, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
pytestmark = pytest.mark.django_db


@pytest.fixture
def pack() -> Pack:
    return loader.read("ten_matters")


@pytest.fixture
def tree() -> None:
    text = "code,name,level,parent_code\n530000,云南省,province,\n530400,玉溪市,prefecture,530000\n"
    units.import_units(actor=SYSTEM, at=AT, text=text)


def run(*args: str) -> str:
    out = StringIO()
    call_command("packs", *args, stdout=out, stderr=StringIO())
    return out.getvalue()


@pytest.mark.usefixtures("tree")
def test_loading_twice_changes_nothing(pack: Pack) -> None:
    assert {change.what for change in loader.diff(pack)} == {What.ADD}
    first = loader.load(pack, actor=SYSTEM, at=AT)
    assert first.changed
    assert (Matter.objects.count(), SubMatter.objects.count()) == (10, 17)
    before = Entry.objects.count()
    second = loader.load(pack, actor=SYSTEM, at=AT)
    assert not second.changed
    assert second.changes == ()
    assert Entry.objects.count() == before
    assert Programme.objects.get().state == "draft"


@pytest.mark.usefixtures("tree")
def test_the_calendars_are_loaded_with_the_programme_and_only_by_the_clock(pack: Pack) -> None:
    told = [change.field for change in loader.diff(pack) if change.place == "calendar"]
    assert told == ["2024", "2025", "2026"]
    loader.load(pack, actor=SYSTEM, at=AT)
    assert set(CalendarVersion.objects.values_list("year", flat=True)) == {2024, 2025, 2026}
    assert not [change for change in loader.diff(pack) if change.place == "calendar"]
    CalendarVersion.objects.all().delete()
    office = replace(SYSTEM, seat=replace(SYSTEM.seat, role=Role.OFFICE))
    assert loader.load(pack, actor=office, at=AT).changes == ()  # an office does not keep the country's calendar
    assert not CalendarVersion.objects.exists()


@pytest.mark.usefixtures("tree")
def test_a_pack_never_claims_an_authority(pack: Pack) -> None:
    loader.load(pack, actor=SYSTEM, at=AT)
    assert not Authority.objects.exists()


@pytest.mark.usefixtures("tree")
def test_the_garbled_sector_is_kept_and_marked(pack: Pack) -> None:
    loader.load(pack, actor=SYSTEM, at=AT)
    [garbled] = SubMatter.objects.filter(garbled=True)
    assert garbled.matter.number == 5
    assert garbled.note_zh
    assert garbled.note_en


@pytest.mark.usefixtures("tree")
def test_a_changed_pack_updates_settings_and_names_what_it_cannot(pack: Pack) -> None:
    loader.load(pack, actor=SYSTEM, at=AT)
    programme = pack.programme.model_copy(update={"warning_days": 9})
    matter = pack.matters[0].model_copy(update={"name": pack.matters[1].name})
    changed = Pack(programme, (matter, *pack.matters[1:]), pack.ladders, pack.departments, pack.sources, pack.story)
    loaded = loader.load(changed, actor=SYSTEM, at=AT)
    assert Programme.objects.get().warning_days == 9
    assert {(change.what, change.field) for change in loaded.changes} == {
        (What.CHANGE, "warning_days"),
        (What.KEEP, "name_zh"),
        (What.KEEP, "name_en"),
    }
    assert Matter.objects.get(number=1).name_zh == pack.matters[0].name.zh


def test_without_units_loading_says_what_to_do(pack: Pack) -> None:
    with pytest.raises(Refused) as refused:
        loader.load(pack, actor=SYSTEM, at=AT)
    assert refused.value.code == "pack_needs_units"


@pytest.mark.usefixtures("tree")
def test_a_prefix_is_not_shared(pack: Pack) -> None:
    loader.load(pack, actor=SYSTEM, at=AT)
    programme = pack.programme.model_copy(update={"key": "other"})
    other = Pack(programme, pack.matters, pack.ladders, pack.departments, pack.sources)
    with pytest.raises(Refused) as refused:
        loader.load(other, actor=SYSTEM, at=AT)
    assert refused.value.code == "pack_prefix_taken"


def test_the_command_checks(tmp_path: Path) -> None:
    assert "ten_matters" in run("check")
    broken = tmp_path / "broken"
    shutil.copytree(loader.find_pack("ten_matters"), broken)
    text = (broken / "matters.yaml").read_text()
    (broken / "matters.yaml").write_text(text.replace("让老百姓的日子越过越好", "让日子越过越好"))
    err = StringIO()
    with pytest.raises(CommandError) as failed:
        call_command("packs", "check", str(broken), stdout=StringIO(), stderr=err)
    assert failed.value.returncode == 1
    assert "matters.yaml" in err.getvalue()


@pytest.mark.usefixtures("tree")
def test_the_command_loads_and_compares() -> None:
    assert "+" in run("diff")
    assert not Programme.objects.exists()
    run("load", "ten_matters", "--owner", "530000")
    assert Programme.objects.get().owner.code == "530000"
    assert "+" not in run("diff")


@pytest.mark.parametrize("name", ["", "no_such_pack", "../../etc", "/dev/null"])
def test_unknown_packs_are_refused(name: str) -> None:
    with pytest.raises(Refused) as refused:
        loader.find_pack(name)
    assert refused.value.code == "pack_unknown"


def test_a_damaged_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "programme.yaml").write_text("programme: [")
    problems: Any = None
    with pytest.raises(CommandError) as failed:
        problems = run("check", str(tmp_path))
    assert problems is None
    assert failed.value.returncode == 1
