"""A process that reports on commitments and prints each committed act; it may be killed at any moment.

python -m tests.delivery.writer COUNT REF…     (the database and settings come from the environment)
"""

from __future__ import annotations

import sys
from itertools import cycle, islice


def main(count: int, refs: list[str]) -> None:
    """Report ``count`` times, going round ``refs``, and acknowledge each act on a line: entry id, report id, ref."""
    import django

    django.setup()
    from django.utils import timezone

    from luoshi.accounts.models import User
    from luoshi.delivery import services
    from luoshi.units.queries import actor_for

    actor = actor_for(User.objects.get(username="a_handler"), at=timezone.now())
    for number, ref in enumerate(islice(cycle(refs), count)):
        done = services.report_on_commitment(
            actor=actor, ref=ref, percent=number % 101, words=f"第 {number} 次", at=timezone.now()
        )
        sys.stdout.write(f"{done.entry.pk} {done.extra.pk} {ref}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
