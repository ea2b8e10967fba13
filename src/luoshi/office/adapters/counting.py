"""次数: how often something was done within a time, counted in the cache and nowhere else."""

from __future__ import annotations

from django.core.cache import cache


def once_more(key: str, most: int, *, seconds: int) -> bool:
    """Count one more, and say whether it is still within what is allowed.

    Args:
        key: what is counted.
        most: so many within the time.
        seconds: the time, from the first one on.
    """
    cache.add(key, 0, seconds)
    try:
        count = cache.incr(key)
    except ValueError:  # it ran out in between
        count = 1
    return count <= most
