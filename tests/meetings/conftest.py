"""The world of the meeting tests."""

from tests.delivery.conftest import world  # noqa: F401
