"""The pictures of the readme, written only when ``LUOSHI_SHOTS=1``."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image
from tests.e2e.conftest import SHOTS, Visit
from tests.e2e.site import ROOT, Visitor

FOLDER = ROOT / "docs/shots"
LIMIT = 150_000
"""Bytes a picture may have."""

pytestmark = pytest.mark.skipif(not SHOTS, reason="LUOSHI_SHOTS is not 1")


def shoot(one: Visitor, name: str) -> None:
    """Keep what is on the screen, with few colours."""
    one.page.wait_for_load_state("networkidle")
    picture = Image.open(io.BytesIO(one.page.screenshot())).convert("RGB")
    target: Path = FOLDER / name
    FOLDER.mkdir(parents=True, exist_ok=True)
    few = picture.quantize(256, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    few.save(target, optimize=True)
    assert target.stat().st_size <= LIMIT, target


def test_pictures(visit: Visit) -> None:
    one = visit("zh", as_person="prov-head")
    one.go("/board/")
    shoot(one, "board.png")
    one.go(f"/c/{one.site.made['story']}/")
    shoot(one, "commitment.png")
    phone = visit("zh", phone=True, as_person="county-handler")
    phone.go("/")
    shoot(phone, "today-phone.png")
