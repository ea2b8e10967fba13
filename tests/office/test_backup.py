"""Backup and restore（备份与恢复）: taken while others write, restored elsewhere, equal and audited; or refused."""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone
from tests.delivery import writers
from tests.delivery.world import build
from tests.postgres import cluster

from luoshi.ledger import queries as ledger
from luoshi.ledger.models import Entry
from luoshi.office import services
from luoshi.office.adapters import archives, files
from luoshi.office.models import StoredFile
from luoshi.office.queries import tables
from luoshi.office.services import backup
from luoshi.rules.refusals import Refused
from luoshi.ui.sentences import sentence

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).resolve().parents[2]


class Elsewhere:
    """Another installation: its own database and folder of files, worked on by commands only."""

    def __init__(self, folder: Path, url: str) -> None:
        folder.mkdir(exist_ok=True)
        self.files = folder / "files"
        self.environment = {
            **os.environ,
            "LUOSHI_DEBUG": "1",
            "LUOSHI_STATE": str(folder),
            "LUOSHI_FILES": str(self.files),
            "LUOSHI_DATABASE_URL": url,
            "LUOSHI_SECRET_KEY": "elsewhere",
            "LANGUAGE": "en",
        }

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "luoshi.config.command", *command],
            env=self.environment,
            cwd=ROOT / "src",
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture(scope="session")
def other_server() -> Iterator[Callable[[], str]]:
    """Addresses of new, empty databases on a PostgreSQL: the one tested on, or one of its own."""
    with ExitStack() as ending:
        opened: list[str] = []
        count = iter(range(1000))

        def new() -> str:
            import psycopg

            if not opened:
                opened.append(ending.enter_context(cluster()))
            base, _slash, _name = opened[0].rpartition("/")
            name = f"restored_{next(count)}"
            with psycopg.connect(opened[0].replace("postgres://", "postgresql://"), autocommit=True) as server:
                server.execute(f"CREATE DATABASE {name}")
            return f"{base}/{name}"

        yield new


@pytest.fixture(params=["sqlite", "postgres"])
def elsewhere(request: pytest.FixtureRequest, tmp_path: Path) -> Elsewhere:
    """A new place on either database."""
    folder = tmp_path / "elsewhere"
    if request.param == "sqlite":
        return Elsewhere(folder, f"sqlite:///{folder}/luoshi.sqlite3")
    return Elsewhere(folder, request.getfixturevalue("other_server")())


@pytest.fixture
def near(tmp_path: Path) -> Elsewhere:
    """A new place on SQLite, for what does not depend on the database."""
    return Elsewhere(tmp_path / "near", f"sqlite:///{tmp_path}/near/luoshi.sqlite3")


def content() -> Any:
    """A small world with a file, a job, messages and search entries; returns a commitment that can be reported on."""
    world = build()
    world.closed()
    commitment = world.reported(20)
    services.store_file(ContentFile("佐证材料".encode(), "a.txt"), actor=world.who("a_handler"), at=timezone.now())
    return commitment


def said(archive: Path) -> dict[str, Any]:
    with zipfile.ZipFile(archive) as pack:
        return dict(json.loads(pack.read("manifest.json")))


def digests() -> dict[str, str]:
    found = {}
    for model in tables.stored_models():
        seen = hashlib.sha256()
        for line in tables.lines(model):
            seen.update(line)
        found[model._meta.label_lower] = seen.hexdigest()
    return found


def test_every_table_of_the_database_is_in_the_backup() -> None:
    held = {model._meta.db_table for model in tables.stored_models()}
    there = {name for name in connection.introspection.table_names() if not name.startswith(tables.REWRITTEN)}
    assert there - held == tables.KEPT_APART
    assert held - there == set()


def test_those_referred_to_come_before_those_that_refer() -> None:
    order = [model._meta.label_lower for model in tables.stored_models()]
    for before, after in (
        ("accounts.user", "units.holding"),
        ("units.unit", "delivery.commitment"),
        ("delivery.commitment", "delivery.report"),
        ("ledger.entry", "ledger.sequence"),
    ):
        assert order.index(before) < order.index(after)


@pytest.mark.slow
@pytest.mark.principle(6)
def test_restored_elsewhere_it_is_equal_and_audits_clean(tmp_path: Path, elsewhere: Elsewhere) -> None:
    content()
    target = tmp_path / "b.zip"
    call_command("backup", str(target))
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert [one.name for one in tmp_path.iterdir() if "b.zip" in one.name] == ["b.zip"]
    told = said(target)
    assert told["ledger"]["root"] == ledger.head().root
    assert told["ledger"]["checkpoint"] == {"size": told["ledger"]["size"], "root": told["ledger"]["root"]}
    assert {label: one["sha256"] for label, one in told["tables"].items()} == digests()

    done = elsewhere.run("restore", str(target))
    assert done.returncode == 0, done.stderr
    assert told["ledger"]["root"] in done.stdout
    stored = StoredFile.objects.get()
    assert (elsewhere.files / files.place(stored.digest)).read_bytes() == "佐证材料".encode()
    audit = elsewhere.run("audit")
    assert audit.returncode == 0, audit.stderr
    assert told["ledger"]["root"] in audit.stdout

    # and back: what the other installation backs up is the same, table by table
    again = tmp_path / "again.zip"
    assert elsewhere.run("backup", str(again)).returncode == 0
    assert {label: one["sha256"] for label, one in said(again)["tables"].items()} == {
        label: one["sha256"] for label, one in told["tables"].items()
    }

    # life goes on there: numbers are free, triggers in force
    script = "from luoshi.delivery.models import Commitment as C; c = C.objects.filter(state='accepted').first();"
    script += "print(c.ref, c.version)"
    found = subprocess.run(
        [sys.executable, "-c", f"import django; django.setup(); {script}"],
        env={**elsewhere.environment, "DJANGO_SETTINGS_MODULE": "luoshi.config.settings"},
        cwd=ROOT / "src",
        capture_output=True,
        text=True,
        check=True,
    )
    ref, version = found.stdout.split()
    acted = elsewhere.run(
        "act", "report", ref, "--as", "a_handler", "--version", version, "--data", '{"percent": 40, "words": "续"}'
    )
    assert acted.returncode == 0, acted.stderr
    assert elsewhere.run("tick").returncode == 0
    audit = elsewhere.run("audit")
    assert audit.returncode == 0, audit.stderr
    guarded = "from django.db import connection as c; c.cursor().execute('DELETE FROM ledger_entry')"
    refused = subprocess.run(
        [sys.executable, "-c", f"import django; django.setup(); {guarded}"],
        env={**elsewhere.environment, "DJANGO_SETTINGS_MODULE": "luoshi.config.settings"},
        cwd=ROOT / "src",
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode == 1
    assert "only grows" in refused.stderr

    # a world is there now: nothing is mixed into it
    once_more = elsewhere.run("restore", str(target))
    assert once_more.returncode == 1
    assert "database_not_empty" in once_more.stderr


@pytest.mark.slow
@pytest.mark.principle(6)
def test_taken_while_others_write_it_is_one_moment(tmp_path: Path, elsewhere: Elsewhere) -> None:
    commitment = content()
    started = [writers.start(1_000_000, commitment.ref) for _number in range(2)]
    try:
        for one in started:
            assert one.stdout is not None
        told = [one.stdout.readline() for one in started for _line in range(3) if one.stdout is not None]
        target = tmp_path / "b.zip"
        before = ledger.head().size
        backup.back_up(target, at=timezone.now(), say=wait_for(started))
        assert all(one.poll() is None for one in started)
    finally:
        for one in started:
            one.kill()
            one.wait()
    with zipfile.ZipFile(target) as pack:
        entries = {json.loads(line)[0] for line in pack.read("tables/ledger.entry.jsonl").splitlines()}
        reports = {json.loads(line)[0] for line in pack.read("tables/delivery.report.jsonl").splitlines()}
    for entry, report, _ref in writers.acknowledged(told):
        assert entry in entries, "what was acknowledged before is in it"
        assert report in reports
    manifest = said(target)
    assert manifest["ledger"]["size"] >= before
    rows = manifest["tables"]
    assert rows["ledger.entry"]["rows"] >= before
    assert rows["ledger.entry"]["rows"] == rows["ledger.sequence"]["rows"] + rows["ledger.pending"]["rows"]
    assert rows["ledger.entry"]["rows"] < Entry.objects.count(), "the writers went on"
    done = elsewhere.run("restore", str(target))
    assert done.returncode == 0, done.stderr
    audit = elsewhere.run("audit")
    assert audit.returncode == 0, audit.stderr


def wait_for(started: list[subprocess.Popen[str]]) -> Callable[[str, int, int], None]:
    """Between the first table and the rest, each writer acts once more than the backup can see."""
    waited: list[bool] = []

    def say(what: str, _done: int, _total: int) -> None:
        if not waited and what == "units.unit":
            waited.append(True)
            seen = Entry.objects.latest("pk").pk
            for one in started:
                assert one.stdout is not None
                while int(one.stdout.readline().split()[0]) <= seen:
                    pass

    return say


def test_it_replaces_nothing_unless_told(tmp_path: Path) -> None:
    target = tmp_path / "b.zip"
    target.write_bytes(b"mine")
    with pytest.raises(CommandError) as refused:
        call_command("backup", str(target))
    assert refused.value.returncode == 2
    assert target.read_bytes() == b"mine"
    call_command("backup", str(target), "--overwrite")
    assert zipfile.is_zipfile(target)
    with pytest.raises(CommandError) as refused:
        call_command("backup", str(tmp_path / "nowhere" / "b.zip"))
    assert refused.value.returncode == 2


def test_a_backup_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def full(what: str, _done: int, _total: int) -> None:
        if what == "units.unit":
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        backup.back_up(tmp_path / "b.zip", at=timezone.now(), say=full)
    assert list(tmp_path.iterdir()) == []
    assert backup.back_up(tmp_path / "b.zip", at=timezone.now()).rows > 0


def test_those_signed_in_may_be_left_out(tmp_path: Path) -> None:
    from django.contrib.sessions.backends.db import SessionStore

    SessionStore().create()
    backup.back_up(tmp_path / "with.zip", at=timezone.now())
    backup.back_up(tmp_path / "without.zip", at=timezone.now(), sessions=False)
    assert said(tmp_path / "with.zip")["tables"]["sessions.session"]["rows"] == 1
    assert said(tmp_path / "without.zip")["tables"]["sessions.session"]["rows"] == 0


@pytest.mark.slow
def test_a_lost_file_is_named_and_the_rest_is_kept(
    tmp_path: Path, near: Elsewhere, capsys: pytest.CaptureFixture[str]
) -> None:
    content()
    stored = StoredFile.objects.get()
    Path(default_storage.path(files.place(stored.digest))).write_bytes(b"altered")
    target = tmp_path / "b.zip"
    with pytest.raises(CommandError) as told:
        call_command("backup", str(target))
    assert told.value.returncode == 1
    assert stored.digest[:12] in str(told.value)
    done = near.run("restore", str(target))
    assert done.returncode == 1
    assert stored.digest[:12] in done.stderr
    assert near.run("audit").returncode == 0


# --- Archives that are not what they should be ------------------------------------------------------------------------


def rewritten(source: Path, target: Path, change: Callable[[dict[str, bytes]], None]) -> None:
    """The same archive with changed members."""
    with zipfile.ZipFile(source) as pack:
        members = {name: pack.read(name) for name in pack.namelist()}
    change(members)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as pack:
        for name, data in members.items():
            pack.writestr(name, data)


def in_manifest(change: Callable[[dict[str, Any]], None]) -> Callable[[dict[str, bytes]], None]:
    def do(members: dict[str, bytes]) -> None:
        manifest = json.loads(members["manifest.json"])
        change(manifest)
        members["manifest.json"] = json.dumps(manifest).encode()

    return do


def table(label: str, change: Callable[[bytes], bytes]) -> Callable[[dict[str, bytes]], None]:
    """Another content for a table, with a manifest that fits it: damage that digests do not find."""

    def do(members: dict[str, bytes]) -> None:
        name = archives.table_name(label)
        data = members[name] = change(members[name])

        def fit(manifest: dict[str, Any]) -> None:
            told = manifest["tables"][label]
            told["rows"], told["sha256"] = data.count(b"\n"), hashlib.sha256(data).hexdigest()

        in_manifest(fit)(members)

    return do


def without_line(members: dict[str, bytes]) -> None:
    name = "tables/delivery.report.jsonl"
    members[name] = members[name].partition(b"\n")[2]


def bomb(members: dict[str, bytes]) -> None:
    members["tables/units.unit.jsonl"] = b"0" * 300_000_000


def other_bytes(members: dict[str, bytes]) -> None:
    name = next(one for one in members if one.startswith("files/"))
    members[name] = b"something else"


DAMAGE: dict[str, tuple[Callable[[dict[str, bytes]], None], str]] = {
    "a row is gone": (without_line, "archive_damaged"),
    "a file is another": (other_bytes, "archive_damaged"),
    "a file is gone": (lambda m: m.pop(next(one for one in m if one.startswith("files/"))), "archive_damaged"),
    "a table is gone": (lambda m: m.pop("tables/units.post.jsonl"), "archive_damaged"),
    "no manifest": (lambda m: m.pop("manifest.json"), "archive_unreadable"),
    "garbled manifest": (lambda m: m.update({"manifest.json": b"{"}), "archive_unreadable"),
    "manifest of another make": (lambda m: m.update({"manifest.json": b'{"format": 1}'}), "archive_unreadable"),
    "another format": (in_manifest(lambda m: m.update(format=9)), "archive_format"),
    "another version": (in_manifest(lambda m: m["migrations"].append("delivery.0999_later")), "archive_other_version"),
    "other columns": (
        in_manifest(lambda m: m["tables"]["units.unit"]["columns"].append("x")),
        "archive_other_version",
    ),
    "a path that climbs": (lambda m: m.update({"../../etc/passwd": b"x"}), "archive_strange"),
    "an absolute path": (lambda m: m.update({"/etc/passwd": b"x"}), "archive_strange"),
    "a file nobody named": (lambda m: m.update({"files/" + "0" * 64: b"x"}), "archive_damaged"),
    "a table nobody named": (lambda m: m.update({"tables/x.y.jsonl": b""}), "archive_strange"),
    "what swells": (bomb, "archive_swells"),
}

FORGED: dict[str, tuple[Callable[[dict[str, bytes]], None], str]] = {
    "a row that is none": (table("units.unit", lambda data: data + b"[1]\n"), "archive_not_held"),
    "a value that does not fit": (
        table("units.unit", lambda data: re.sub(rb"^\[\d+", b'["x"', data)),
        "archive_not_held",
    ),
    "references to nothing": (table("accounts.user", lambda _data: b""), "archive_not_held"),
    "a ledger cut off": (table("ledger.sequence", lambda _data: b""), "restored_differs"),
    "words rewritten": (
        table("delivery.commitment", lambda data: data.replace("星云湖".encode(), "抚仙湖".encode())),
        "restored_audit_differs",
    ),
}


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    content()
    backup.back_up(tmp_path / "good.zip", at=timezone.now())
    return tmp_path / "good.zip"


SPOILT: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _data: b"",
    "no archive": lambda _data: b"hello" * 100,
    "cut off": lambda data: data[: len(data) // 2],
    "the end is lost": lambda data: data[:-30],
    "the start is lost": lambda data: data[1000:],
    "bits fell over": lambda data: data[:4000] + bytes(byte ^ 0x55 for byte in data[4000:9000]) + data[9000:],
    "only the end of an archive": lambda data: data[-22:],
}


def refusal_of(bad: Path) -> Refused:
    with pytest.raises(Refused) as refused, archives.reading(bad) as opened:
        backup.check_archive(opened)
    assert "%" not in sentence(refused.value)
    return refused.value


def test_a_damaged_archive_is_refused_before_anything_changes(archive: Path, tmp_path: Path) -> None:
    for name, (change, code) in DAMAGE.items():
        rewritten(archive, tmp_path / "bad.zip", change)
        assert refusal_of(tmp_path / "bad.zip").code == code, name
    rewritten(archive, tmp_path / "same.zip", lambda _members: None)
    with archives.reading(tmp_path / "same.zip") as opened:
        backup.check_archive(opened)


def test_a_spoilt_archive_is_refused(archive: Path, tmp_path: Path) -> None:
    for name, spoil in SPOILT.items():
        (tmp_path / "bad.zip").write_bytes(spoil(archive.read_bytes()))
        code = refusal_of(tmp_path / "bad.zip").code
        assert code in {"archive_unreadable", "archive_damaged", "archive_strange"}, (name, code)


def test_two_members_of_one_name_are_refused(archive: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.zip"
    bad.write_bytes(archive.read_bytes())
    with zipfile.ZipFile(bad, "a") as pack, pytest.warns(UserWarning, match="Duplicate"):
        pack.writestr("manifest.json", "{}")
    with pytest.raises(Refused) as refused, archives.reading(bad):
        pass
    assert refused.value.code == "archive_strange"


def test_a_disk_without_room_is_told_beforehand(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "room", lambda: 1000)
    with pytest.raises(Refused) as refused, archives.reading(archive) as opened:
        backup.check_archive(opened)
    assert refused.value.code == "archive_swells"


@pytest.mark.slow
def test_a_forged_archive_is_taken_back_and_the_good_one_still_fits(
    archive: Path, tmp_path: Path, elsewhere: Elsewhere
) -> None:
    for name, (change, code) in FORGED.items():
        bad = tmp_path / "bad.zip"
        rewritten(archive, bad, change)
        done = elsewhere.run("restore", str(bad))
        assert (done.returncode, f"[{code}]" in done.stderr) == (1, True), (name, done.stderr)
        assert not any(path.is_file() for path in elsewhere.files.rglob("*")), name
    done = elsewhere.run("restore", str(archive))
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_a_world_that_was_wrong_can_be_restored_as_it_is(archive: Path, tmp_path: Path, near: Elsewhere) -> None:
    bad = tmp_path / "bad.zip"
    rewritten(archive, bad, FORGED["words rewritten"][0])
    done = near.run("restore", str(bad), "--with-differences")
    assert done.returncode == 1
    assert "delivery.commitment" in done.stderr
    assert near.run("audit").returncode == 1


@pytest.mark.slow
def test_wrong_use_and_where_it_does_not_fit(archive: Path, tmp_path: Path, near: Elsewhere) -> None:
    nowhere = near.run("restore", str(tmp_path / "none.zip"))
    assert nowhere.returncode == 2
    assert "none.zip" in nowhere.stderr
    assert near.run("restore").returncode == 2
    assert near.run("migrate", "delivery", "zero", "-v0").returncode == 0
    assert near.run("migrate", "units", "-v0").returncode == 0
    half = near.run("restore", str(archive))
    assert half.returncode == 1
    assert "[database_not_migrated]" in half.stderr
    assert near.run("migrate", "-v0").returncode == 0
    assert near.run("restore", str(archive)).returncode == 0


def test_a_world_is_never_mixed_into_another(archive: Path) -> None:
    before = digests()
    with pytest.raises(CommandError) as refused:
        call_command("restore", str(archive))
    assert refused.value.returncode == 1
    assert "database_not_empty" in str(refused.value)
    assert digests() == before
