"""Write-ups in the search（做法入检索）: how one is found, and by whom.

Who may find a write-up is who may read it: the rows are asked anew for each question, so that nothing else is found or
counted, whatever the programme lets a unit see of its siblings today.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from luoshi.meetings.models import Practice
from luoshi.meetings.queries.practices import practices_seen
from luoshi.office.queries.search.levels import Sight
from luoshi.office.services.search import Item
from luoshi.rules import practices as rules
from luoshi.rules.permissions import Actor
from luoshi.rules.practices import PracticeState

PRACTICE = "practice"
LISTED = 2000
"""So many write-ups within sight are listed; more are asked for in the database."""


def practice_item(practice: Practice) -> Item:
    """How a write-up is found: by number, title and every part of it, where its unit is; needs ``unit``."""
    return Item(
        kind=PRACTICE,
        ref=practice.ref,
        title=practice.title,
        body="\n".join(getattr(practice, name) for name in rules.PARTS if name != "title"),
        unit_path=practice.unit.path,
        url=f"/meetings/practices/{practice.ref}/",
        rank=0,
        subject=practice.pk,
    )


def practice_items(keys: Sequence[int] | None = None) -> Iterator[Item]:
    """The write-ups that are in the library; one that was withdrawn is not looked for."""
    rows = Practice.objects.filter(state=PracticeState.SHOWN).select_related("unit").order_by("pk")
    if keys is not None:
        rows = rows.filter(pk__in=keys)
    for practice in rows.iterator(chunk_size=500):
        yield practice_item(practice)


def practice_sight(actor: Actor) -> Sight:
    """The write-ups an actor may find: those of the library that he may read; one statement."""
    readable = practices_seen(actor).filter(state=PracticeState.SHOWN).order_by().values_list("pk", flat=True)
    listed = list(readable[: LISTED + 1])
    return Sight((), readable if len(listed) > LISTED else listed)
