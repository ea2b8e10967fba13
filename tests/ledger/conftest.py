from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.utils import translation


@pytest.fixture(autouse=True)
def _governed_things(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    from tests.ledger import world

    from luoshi.ledger import registry

    monkeypatch.setattr(registry, "_governed", {"probe.thing": world.iterate})
    world.rows.clear()
    yield
    world.rows.clear()


@pytest.fixture(autouse=True)
def _sentences_in_english() -> Iterator[None]:
    """The tests quote what the audit says."""
    with translation.override("en"):
        yield
