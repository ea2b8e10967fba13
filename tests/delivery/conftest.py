"""The world of the delivery tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.delivery.world import World


@pytest.fixture
def world(db: None) -> World:
    from tests.delivery.world import build

    return build()
