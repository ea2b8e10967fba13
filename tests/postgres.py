"""A throw-away PostgreSQL: a cluster in a temporary folder, on a private port, gone when the tests are."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

OPTIONS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "80",
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
}
MISSING = "PostgreSQL is not installed: apt-get install postgresql, or set LUOSHI_TEST_DATABASE_URL."


def programs() -> Path:
    """The folder that holds ``initdb`` and ``pg_ctl``: on the search path, else the newest that Debian installed."""
    found = shutil.which("initdb")
    places = [Path(found).resolve().parent] if found else []
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda bin_: int(bin_.parent.name), reverse=True)
    for place in places:
        if (place / "initdb").exists() and (place / "pg_ctl").exists():
            return place
    raise SystemExit(MISSING)


def free_port() -> int:
    """A port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
"""As in production: a commit is on the disk before it is acknowledged."""


@contextmanager
def cluster(options: dict[str, str] | None = None) -> Iterator[str]:
    """Start a cluster and give its ``postgres://`` address; stop and remove it at the end.

    ``options`` change single settings, such as :data:`DURABLE` for measuring.
    PostgreSQL refuses to run as root, so root hands it to the user ``postgres``.
    """
    place = programs()
    folder = Path(tempfile.mkdtemp(prefix="luoshi-postgres-"))
    prefix: list[str] = []
    if os.geteuid() == 0:
        owner = pwd.getpwnam("postgres")
        os.chown(folder, owner.pw_uid, owner.pw_gid)
        prefix = ["runuser", "-u", "postgres", "--"]
    data, port = folder / "data", free_port()

    def run(*command: str) -> None:
        done = subprocess.run([*prefix, *command], cwd="/", capture_output=True, text=True, check=False)
        if done.returncode:
            log = folder / "log"
            raise SystemExit(done.stdout + done.stderr + (log.read_text() if log.exists() else ""))

    try:
        run(str(place / "initdb"), "-D", str(data), "-U", "luoshi", "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
        settings = " ".join(f"-c {name}='{value}'" for name, value in {**OPTIONS, **(options or {})}.items())
        control = (str(place / "pg_ctl"), "-D", str(data), "-w")
        run(*control, "-l", str(folder / "log"), "-o", f"-p {port} {settings}", "start")
        try:
            yield f"postgres://luoshi@127.0.0.1:{port}/postgres"
        finally:
            run(*control, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
