"""The site, a real browser, and visitors in it.

``LUOSHI_E2E_WORLD`` names a folder in which the built world is kept between runs; each run works on a copy.
``LUOSHI_SHOTS=1`` builds the whole story and writes the pictures of the readme; nothing else writes into the tree.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect, sync_playwright
from tests.e2e.site import Site, Visitor, build

HERE = Path(__file__).parent
SHOTS = os.environ.get("LUOSHI_SHOTS") == "1"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
PATIENCE = 30_000
"""Milliseconds a page may take on a busy machine."""
expect.set_options(timeout=15_000)  # what is waited for on a page that is there
LOCALES = {"zh": "zh-CN", "en": "en-US"}

Visit = Callable[..., Visitor]
LOOKING = pytest.StashKey[list[Any]]()
"""The contexts of a journey under way; what their pages show is told when it fails."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A journey that fails says where its pages stood."""
    report = yield
    if report.when == "call" and report.failed:
        for context in item.stash.get(LOOKING, []):
            for page in context.pages:
                with suppress(Exception):
                    report.sections.append((f"page {page.url}", page.locator("body").inner_text(timeout=2_000)[:3_000]))
    return report


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here is a journey in a browser."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The site over its own world; when it has stopped, the audit must be clean."""
    state = tmp_path_factory.mktemp("site")
    build(state, "story" if SHOTS else "tiny")
    running = Site(state)
    running.start()
    try:
        yield running
    finally:
        running.stop()
    audit = running.audit()
    shutil.rmtree(state, ignore_errors=True)
    assert audit.returncode == 0, audit.stdout + audit.stderr


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """The system's Chromium; a browser is never downloaded."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium on this machine: apt-get install chromium fonts-noto-cjk")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def visit(browser: Browser, site: Site, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """Makes visitors: ``visit("zh")``, ``visit("en", phone=True)``; a fault in a page's console fails the journey."""
    opened: list[tuple[Any, Visitor]] = []
    looking = request.node.stash.setdefault(LOOKING, [])

    def visitor(language: str = "zh", *, as_person: str = "", phone: bool = False, **options: Any) -> Visitor:
        shape: dict[str, Any] = (
            {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
            if phone
            else {"viewport": {"width": 1280, "height": 800}}
        )
        context = browser.new_context(
            locale=LOCALES[language], timezone_id="Asia/Shanghai", reduced_motion="reduce", **(shape | options)
        )
        context.set_default_timeout(PATIENCE)
        context.set_default_navigation_timeout(PATIENCE)
        made = Visitor(context.new_page(), site)
        opened.append((context, made))
        looking.append(context)
        if as_person:
            made.go("/")
            made.become(as_person)
        return made

    yield visitor
    wrong = [fault for _context, one in opened for fault in one.wrong]
    for context, _one in opened:
        context.close()
    assert not wrong, wrong
