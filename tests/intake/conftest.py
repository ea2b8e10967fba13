"""The world of the delivery tests, with the departments that the list of the ten matters names."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.delivery.world import World

    from luoshi.intake.models import Document

NAMES = (
    "发展和改革委员会", "农业农村厅", "人力资源和社会保障厅", "自然资源厅", "水利厅", "应急管理厅",
    "住房和城乡建设厅", "民政厅", "教育厅", "交通运输厅", "商务厅",
)  # fmt: skip


@pytest.fixture
def desk(db: None) -> World:
    from tests.delivery.world import AT, build

    from luoshi.rules.permissions import SYSTEM
    from luoshi.units import services as units

    world = build()
    province = world.units["530000"]
    for name in [f"云南省{name}" for name in NAMES] + ["中共云南省委办公厅"]:
        world.units[name] = units.create_unit(
            actor=SYSTEM,
            at=AT,
            name=name,
            kind="department",
            level="province",
            parent_id=province.pk,
            on=dt.date(2024, 1, 1),
        )
    return world


Receive = Callable[..., "Document"]


@pytest.fixture
def receive(desk: World) -> Receive:
    """Hand a text in and read it, as the office of the province."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    from luoshi.intake import services

    def inner(text: str, *, by: str = "office", name: str = "十件事.txt", **values: object) -> Document:
        told: dict[str, object] = {"title": "关于抓好十件事的任务清单", "doc_on": dt.date(2026, 3, 1), **values}
        document, _entry = services.receive_document(
            actor=desk.who(by),
            upload=SimpleUploadedFile(name, text.encode()),
            at=desk.at,
            **told,  # type: ignore[arg-type]
        )
        return services.read_document(actor=desk.who(by), document=document.pk, at=desk.at)

    return inner
