"""A process that appends until it is told to stop or killed; prints the id of each entry once it is committed.

python -m tests.ledger.writer NAME COUNT     (the database and settings come from the environment)
"""

from __future__ import annotations

import sys


def main(name: str, count: int) -> None:
    """Append ``count`` entries about ``name``, each in its own transaction, and acknowledge each on a line."""
    import django

    django.setup()
    from django.db import transaction
    from django.utils import timezone
    from tests.ledger.world import ACTOR, ThingDone

    from luoshi.ledger import registry, services

    registry.govern("probe.thing", lambda: iter(()))
    for version in range(1, count + 1):
        with transaction.atomic():
            entry = services.append(
                ThingDone(name), actor=ACTOR, at=timezone.now(), after={f"probe.thing:{name}": {"version": version}}
            )
        sys.stdout.write(f"{entry.pk} {version}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
