"""What every test stands on: an own state folder, an own database, nothing of the developer's.

``LUOSHI_TEST_DB`` chooses the database: ``sqlite`` (a file, the default) or ``postgres`` (the server named by
``LUOSHI_TEST_DATABASE_URL``, else a throw-away cluster). The settings are named here and not in ``pyproject.toml``,
because they read the environment that this file prepares.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

import django
import pytest
from django.conf import settings
from django.utils import translation
from hypothesis import settings as proving
from tests.postgres import cluster

pytest_plugins = ["tests.ledger.plugin"]

proving.register_profile("shared machine", deadline=None)  # a busy one is no fault of what is proved
proving.load_profile("shared machine")

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
POSTGRES = os.environ.get("LUOSHI_TEST_DB", "sqlite") == "postgres"
ending = ExitStack()

if WORKER:
    STATE = Path(os.environ["LUOSHI_STATE"]) / WORKER
    STATE.mkdir()
else:
    STATE = Path(tempfile.mkdtemp(prefix="luoshi-tests-"))
    ending.callback(shutil.rmtree, STATE, ignore_errors=True)

os.environ.update(
    DJANGO_SETTINGS_MODULE="luoshi.config.settings",
    LUOSHI_DEBUG="1",
    LUOSHI_SECRET_KEY="only-for-tests",
    LUOSHI_STATE=str(STATE),
    LUOSHI_FILES=str(STATE / "files"),
)
os.environ.setdefault("LUOSHI_FONTS", str(Path(__file__).resolve().parent.parent / "var" / "fonts"))
if not POSTGRES:
    os.environ["LUOSHI_DATABASE_URL"] = f"sqlite:///{STATE / 'luoshi.sqlite3'}"
elif not WORKER:
    given = os.environ.get("LUOSHI_TEST_DATABASE_URL")
    os.environ["LUOSHI_DATABASE_URL"] = given or ending.enter_context(cluster())


def pytest_configure() -> None:
    """Set Django up before any test module is imported."""

    django.setup()
    from django.conf import settings

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


assert settings.DATABASES, "read now, so that pytest-django sets up what this environment says"


def pytest_unconfigure() -> None:
    """Leave nothing behind."""
    ending.close()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(request: pytest.FixtureRequest) -> None:
    """SQLite tests use a file: a database in memory knows neither WAL nor a second connection."""
    if POSTGRES:
        request.getfixturevalue("django_db_modify_db_settings_parallel_suffix")
        return
    from django.db import connections

    connections["default"].settings_dict["TEST"]["NAME"] = str(STATE / "test.sqlite3")


@pytest.fixture(autouse=True)
def _nothing_kept_from_before() -> None:
    """Databases are rolled back between tests, so that two of them may stand alike and show something else."""
    translation.deactivate()  # whoever asked last leaves his language behind in the thread
    pictures = sys.modules.get("luoshi.desk.views.pictures")
    if pictures is not None:
        pictures.forget()
    for name in (
        "luoshi.units.queries.calendars",
        "luoshi.delivery.models.timings",
        "luoshi.assurance.queries.campaigns",
    ):
        if name in sys.modules:
            sys.modules[name].forget()
    calendars = sys.modules.get("luoshi.units.queries.calendars")
    if calendars is not None:
        calendars.STEADY_SECONDS = 3600.0  # or a page counted on a slow machine asks once more
