from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def _governed_things(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    from tests.ledger import world

    from luoshi.ledger import registry

    monkeypatch.setattr(registry, "_governed", {"probe.thing": world.iterate})
    world.rows.clear()
    yield
    world.rows.clear()
