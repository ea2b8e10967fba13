"""What the demonstration shows of the practice library: two write-ups, one of which no longer stands."""

from __future__ import annotations

import pytest
from tests.packs.test_demo import AT, build

from luoshi.delivery.models import Commitment
from luoshi.ledger import queries as ledger
from luoshi.ledger import services as ledger_services
from luoshi.meetings.models import Practice
from luoshi.meetings.queries.nearby import nearby
from luoshi.packs.demo import shared
from luoshi.rules.calendar import local_day
from luoshi.rules.permissions import SYSTEM


@pytest.mark.django_db
def test_the_library_of_the_demonstration() -> None:
    build()
    ledger_services.checkpoint(AT)
    assert ledger.audit(at=AT).difference is None
    pipes, village = sorted(Practice.objects.select_related("commitment"), key=lambda row: not row.stands)
    assert (pipes.title, pipes.stands, pipes.cost) == (shared.PIPES["title"], True, shared.MORE)
    assert [one.cost for one in pipes.editions.all()] == [shared.PIPES["cost"]]
    assert (village.title, village.stands) == (shared.SERVICE_POINT["title"], False)
    late = Commitment.objects.get(title="江川区星云湖治污管网环湖段")
    assert late.light == "red"
    found = nearby(SYSTEM, late, local_day(AT))
    assert found is not None
    assert [one.practice for one in found.units] == [pipes]
