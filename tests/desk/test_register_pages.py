"""The register's page."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.delivery.world import World

    from .conftest import Enter


def test_page(world: World, enter: Enter) -> None:
    refs = [world.reported(10 * i, title=f"管网{i}").ref for i in range(3)]
    page = enter("office").get("/register/")
    assert page.status_code == 200
    for ref in refs:
        assert ref in page.content.decode()
    grid = enter("a_handler").get("/register/acts/", {"act": "report", "ref": refs})
    assert grid.status_code == 200, grid.content.decode()
