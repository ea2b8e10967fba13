"""The world of the assurance tests."""

from tests.delivery.conftest import world  # noqa: F401
