"""What happens outside a viewer's scope changes nothing he is shown: no page, list, total, search or API answer.

The addresses are not listed here: they are found as a reader finds them, by following every link of every page and by
asking the API for everything it offers to read, so that a page added later is walked, too.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections import deque
from html import unescape
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

import pytest
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from luoshi.delivery.models import Programme
from luoshi.rules.refusals import Refused

if TYPE_CHECKING:
    from tests.delivery.world import World

MOST = 400
"""Pages walked at most; a small world has fewer."""
LINK = re.compile(r'(?:href|hx-get)="([^"#]+)')
BY_ITSELF = re.compile(
    r'name="(?:csrfmiddlewaretoken|idempotency_key)" value="[^"]*"|X-CSRFToken[^}]*|nonce="[^"]*"|/l/[^"<\s]+'
)
TOLD_TO_ALL = {"/api/v1/ledger/head"}
"""Size and root of the whole ledger are given to anybody to keep, so that nobody can rewrite it; they name no unit."""
ELSEWHERE = ("/account/", "/accounts/", "/static/", "/api/", "/ui/", "/l/", "/admin/")
SEARCHED = ("/search/?q=治污", "/search/?q=洱海", "/search/?q=530", "/search/?q=YN", "/register/?q=治污")
OUTSIDE = (
    ("report_on_commitment", "a_handler", {"percent": 70, "words": "洱海治污外面的事"}),
    ("raise_request", "a_handler", {"question": "外面问：洱海治污可否？"}),
    ("ask_extension", "a_head", {"reason": "雨季"}),
    ("apply_for_closure", "a_head", {"statement": "洱海外面完工"}),
    ("break_down_commitment", "a_office", {}),
    ("return_commitment", "office", {"reason": "缺件"}),
    ("withdraw_commitment", "office", {"reason": "取消"}),
    ("suspend_commitment", "office", {"reason": "等"}),
    ("instruct_commitment", "head", {"words": "抓紧"}),
)


def _stripped(content: bytes) -> str:
    return BY_ITSELF.sub("", content.decode(errors="replace"))


def _body(client: Client, address: str) -> tuple[int, str]:
    answer = client.get(address)
    content = b"".join(answer.streaming_content) if getattr(answer, "streaming", False) else answer.content
    return answer.status_code, _stripped(_unpacked(content))


def _unpacked(content: bytes) -> bytes:
    """What a workbook says, without the moment at which it was made; anything else as it is."""
    if not content.startswith(b"PK"):
        return content
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return b"".join(book.read(name) for name in sorted(book.namelist()) if not name.startswith("docProps/"))


def walk(client: Client) -> dict[str, tuple[int, str]]:
    """Every page a reader can reach by links, with what it says."""
    waiting, seen = deque(["/", *SEARCHED]), {}
    while waiting and len(seen) < MOST:
        address = waiting.popleft()
        if address in seen:
            continue
        seen[address] = _body(client, address)
        for link in LINK.findall(seen[address][1]):
            found = urlsplit(urljoin(address, unescape(link)))
            there = found.path + (f"?{found.query}" if found.query else "")
            if not found.netloc and found.path.startswith("/") and not found.path.startswith(ELSEWHERE):
                waiting.append(there)
    return seen


def ask(client: Client, refs: list[str], world: World) -> dict[str, tuple[int, str]]:
    """Every read the API offers, filled with what the viewer can name."""
    paths = json.loads(client.get("/api/v1/openapi.json").content)["paths"]
    named: dict[str, list[Any]] = {
        "ref": [*refs, "P-b_head"],
        "unit_id": [world.units["532900"].pk, world.units["532930"].pk],
        "key": ["ten"],
        "entry_id": [],
        "step": ["accepted", "reported"],
    }
    answers: dict[str, tuple[int, str]] = {}
    for path, acts in paths.items():
        if "get" not in acts or path in TOLD_TO_ALL:
            continue
        addresses = [path]
        for name in re.findall(r"{(\w+)}", path):
            addresses = [one.replace(f"{{{name}}}", str(value)) for one in addresses for value in named.get(name, [])]
        needed = [p["name"] for p in acts["get"].get("parameters", []) if p["in"] == "query" and p.get("required")]
        told = {"programme": "ten", "unit": world.units["532900"].pk, "q": "治污", "format": "csv"}
        query = "&".join(f"{name}={told.get(name, 'ten')}" for name in needed)
        for address in addresses:
            there = f"{address}?{query}" if query else address
            answers[there] = _body(client, there)
    return answers


@pytest.fixture
def seen_from_dali(world: World) -> list[str]:
    """Dali's own work, and one more prefecture at work beside it."""
    own = world.accepted("532900", by="b_handler", title="洱海治污一件")
    world.do("report_on_commitment", "b_handler", own, percent=60, words="洱海治污管网接通")
    world.do("break_down_commitment", "b_head", own)
    other = world.issued("532900", title="大理另一件")
    return [own.ref, other.ref]


def _set_visibility(value: str) -> None:
    Programme.objects.update(visibility=value)


def _outside(world: World, acts: list[int]) -> int:
    """Do what the table allows of these acts on Yuxi's commitments; returns how many were done."""
    kept = [
        world.accepted(title="玉溪洱海治污"),
        world.issued(title="玉溪第二件"),
        world.accepted("530423", by="th_handler"),
    ]
    done = 0
    for turn, at in enumerate(acts):
        act, name, values = OUTSIDE[at]
        if act == "ask_extension":
            values = {**values, "new_due_on": kept[0].due_on.replace(year=kept[0].due_on.year + 1)}
        try:
            with transaction.atomic():
                world.do(act, name, kept[turn % len(kept)], **values)
            done += 1
        except Refused:
            continue
    return done


@pytest.mark.principle(10)
@pytest.mark.parametrize("name", ["b_head", "b_handler"])
@settings(
    max_examples=4,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(acts=st.lists(st.integers(0, len(OUTSIDE) - 1), min_size=3, max_size=8))
def test_nothing_outside_the_scope_shows(world: World, seen_from_dali: list[str], name: str, acts: list[int]) -> None:
    """Own subtree only: whatever Yuxi and the province do with Yuxi's commitments, Dali's screens stay as they were."""
    with transaction.atomic():
        _set_visibility("own")
        client = Client(headers={"accept-language": "en"})
        client.force_login(world.users[name])
        pages, answers = walk(client), ask(client, seen_from_dali, world)
        assert len(pages) > 15, sorted(pages)
        assert sum(status == 200 for status, _body in answers.values()) > 10
        assert any("洱海治污一件" in body for _status, body in pages.values())

        assert _outside(world, acts) or acts
        again = walk(client)
        assert sorted(again) == sorted(pages)
        for address, before in pages.items():
            assert again[address] == before, address
        for address, before in ask(client, seen_from_dali, world).items():
            assert answers[address] == before, address
        for address, (_status, body) in again.items():
            assert "玉溪" not in body or "玉溪" in pages[address][1], address
        transaction.set_rollback(True)


@pytest.mark.principle(10)
def test_totals_of_siblings_are_all_that_shows(world: World, seen_from_dali: list[str]) -> None:
    """Where siblings' totals are shown, only pages of totals above one's own area change."""
    _set_visibility("siblings")
    client = Client(headers={"accept-language": "en"})
    client.force_login(world.users["b_head"])
    root = f"unit={world.units['530000'].pk}"
    pages = walk(client)
    _outside(world, list(range(len(OUTSIDE))))
    again = walk(client)
    changed = {address for address in pages if again.get(address) != pages[address]}
    assert changed, "the totals above do change, or this test proves nothing"
    assert all(root in address for address in changed), changed
    assert all("玉溪洱海治污" not in body for _status, body in again.values())
