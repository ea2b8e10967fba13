"""The world of the tests of meetings."""

from tests.delivery.conftest import world  # noqa: F401
