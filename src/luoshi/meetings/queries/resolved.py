"""上次议定事项的下落: what the last meeting resolved, and what became of each; page one of the next book."""

from __future__ import annotations

from typing import Any

from luoshi.meetings.models import Meeting
from luoshi.meetings.queries.figures import Ground
from luoshi.rules.calendar import local_day
from luoshi.rules.lifecycle import State

NOT_BEGUN = (State.ISSUED, State.DECLINED)


def resolved(on: Ground, last: Meeting | None) -> dict[str, Any]:
    """The last meeting and its resolutions with their tasks as they stand（议定事项落实）; one statement.

    A resolution has not begun while nobody has accepted its task, or nothing was ever said of it.
    """
    if last is None:
        return {"meeting": None, "rows": []}
    told = last.resolutions.filter(commitment__isnull=False).select_related("commitment__lead").order_by("number")
    rows = []
    for one in told:
        task = one.commitment
        if task is None or task.state in (State.WITHDRAWN, State.DRAFT):
            continue
        rows.append(
            {
                "number": one.number,
                "ref": task.ref,
                "title": "" if task.off_system else task.title,
                "lead": task.lead.name,
                "unit": on.unit_of(task.lead_path),
                "matter": task.matter_id,
                "state": task.state,
                "said": task.said,
                "verified": task.verified,
                "due_on": task.due_on.isoformat() if task.due_on else None,
                "idle": task.state in NOT_BEGUN or (task.state == State.ACCEPTED and not task.reports_count),
            }
        )
    return {
        "meeting": {"ref": last.ref, "title": last.title, "on": local_day(last.held_at).isoformat()},
        "rows": rows,
    }
