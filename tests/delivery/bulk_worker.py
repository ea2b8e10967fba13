"""A process that works off one job and can be killed at any moment; it says on standard output where it is.

python -m tests.delivery.bulk_worker JOB [WHERE]     (the database and settings come from the environment)

WHERE is ``plan`` (after the first batch of the plan), ``judge`` (before the act), ``act`` (inside its transaction) or
``done`` (after its commit, before the job says so): there it says a line and waits to be killed.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any


def main(job: int, where: str) -> None:
    """Run the job; wait for ever where told."""
    import django

    django.setup()
    from luoshi.delivery.services.bulk import doing, planning
    from luoshi.office import jobs

    def wait() -> None:
        sys.stdout.write(f"{where}\n")
        sys.stdout.flush()
        time.sleep(600)

    def after(function: Callable[..., Any]) -> Callable[..., Any]:
        def called(*args: Any, **kwargs: Any) -> Any:
            result = function(*args, **kwargs)
            wait()
            return result

        return called

    import luoshi.delivery.jobs as delivery_jobs

    planning.BATCH = 2
    if where == "plan":
        delivery_jobs.bulk.look_at_some = after(planning.look_at_some)
    elif where == "judge":
        doing._prepare = after(doing._prepare)
    elif where == "act":
        doing._done = after(doing._done)
    elif where == "done":
        delivery_jobs.bulk.do_bulk = after(doing.do_bulk)
    jobs.run_job.call(job)
    sys.stdout.write("end\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
