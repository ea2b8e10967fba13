"""How people want to be told（通知设置）: their own setting, else the installation's."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings

from luoshi.office.models import QuietChoice, Wish
from luoshi.rules import telling
from luoshi.rules.telling import Hours


def house_hours() -> Hours:
    """The quiet hours of the installation.

    Raises:
        Refused: ``hours_unreadable`` when ``LUOSHI_QUIET_HOURS`` cannot be read.
    """
    return telling.hours(settings.QUIET_HOURS, working_days=settings.WORKING_DAYS_ONLY)


def wish_of(user_id: int) -> Wish:
    """A person's setting; the usual one, not stored, for whoever has chosen nothing."""
    return wishes_of([user_id])[user_id]


def wishes_of(user_ids: Iterable[int]) -> dict[int, Wish]:
    """The settings of these persons; one statement."""
    wanted = set(user_ids)
    found = {wish.user_id: wish for wish in Wish.objects.filter(user_id__in=wanted)} if wanted else {}
    return {pk: found.get(pk) or Wish(user_id=pk, working_days=settings.WORKING_DAYS_ONLY) for pk in wanted}


def hours_of(wish: Wish, house: Hours) -> Hours:
    """When this person is not to be disturbed."""
    if wish.quiet == QuietChoice.NONE:
        return telling.ALWAYS
    if wish.quiet == QuietChoice.OWN and wish.quiet_from and wish.quiet_until:
        start, end = wish.quiet_from, wish.quiet_until
        return Hours(start.hour * 60 + start.minute, end.hour * 60 + end.minute, wish.working_days)
    return house
