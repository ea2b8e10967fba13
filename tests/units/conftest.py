"""What tests of units share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.units.world import World


@pytest.fixture
def world(db: None) -> World:
    """A small tree with posts and people."""
    from tests.units import world as module

    return module.build()
