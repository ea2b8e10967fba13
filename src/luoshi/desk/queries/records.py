"""What may be seen of the ledger（留痕的可见范围）.

Auditors and administrators of the root area see every entry. Everybody else sees entries about what lies within
sight, and of such an entry only the rows that do: a bulk act names many units in one entry.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet

from luoshi.delivery.models import Commitment
from luoshi.delivery.queries import visible
from luoshi.ledger import queries as ledger
from luoshi.ledger.models import Entry, EntrySubject, Pending
from luoshi.rules.paths import depth
from luoshi.rules.permissions import Actor, Role
from luoshi.rules.refusals import Refused
from luoshi.units.models import Post, Unit

PAGE = 50
COMMITMENT = "delivery.commitment:"


def sees_all(actor: Actor) -> bool:
    """Whether the whole ledger is open to the actor: auditors and administrators of the root area, and the clock."""
    if actor.role is Role.SYSTEM:
        return True
    return actor.role in (Role.AUDITOR, Role.ADMINISTRATOR) and depth(actor.effective.area_path) == 1


def entries(actor: Actor) -> QuerySet[Entry]:
    """The entries the actor may list, one statement however many are shown."""
    rows = ledger.listed()
    if sees_all(actor):
        return rows
    refs = visible(actor).order_by().values("ref")
    return rows.filter(pk__in=EntrySubject.objects.filter(ref__in=refs).values("entry_id"))


def page(actor: Actor, *, before: int | None = None, limit: int = PAGE) -> tuple[list[Entry], int | None]:
    """Entries newest first, and the cursor of the next page; one statement."""
    rows = entries(actor).order_by("-pk")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows[: limit + 1])
    return found[:limit], found[limit - 1].pk if len(found) > limit else None


@dataclass(slots=True)
class Record:
    """One entry as one reader may see it."""

    entry: Entry
    facts: dict[str, Any]
    whole: bool
    """Whether everything the entry says lies within the reader's sight."""
    commitments: list[Commitment] = field(default_factory=list)
    posts: dict[str, Post] = field(default_factory=dict)
    units: dict[int, Unit] = field(default_factory=dict)
    hidden: int = 0
    previous: int | None = None
    following: int | None = None


def record(actor: Actor, entry_id: int) -> Record:
    """One entry（留痕）with permission.

    What a reader who does not see the whole ledger is told does not change when something happens elsewhere: the proof
    is made in the tree as it was when the entry got its number.

    Raises:
        Refused: ``not_found`` when there is none or nothing of it lies within sight.
    """
    entry = ledger.get_entry(id=entry_id) if 0 < entry_id < 2**63 else None
    if entry is None:
        raise Refused("not_found")
    everything = sees_all(actor)
    facts = ledger.entry_facts(entry)
    subjects = EntrySubject.objects.filter(entry=entry)
    seen = list(visible(actor).filter(ref__in=subjects.values("ref"))[:PAGE])
    reach: set[str] = set()
    if not everything:
        refs = set(visible(actor).filter(ref__in=subjects.values("ref")).order_by().values_list("ref", flat=True))
        if not refs:
            raise Refused("not_found")
        reach = refs
        number = facts["number"]
        facts["proof"] = ledger.inclusion(entry, number) if number else None
        facts["checkpoint"] = None
        facts["person"] = None
    made = Record(entry, facts, everything, commitments=seen)
    if not everything:
        _limit(made, reach)
    made.posts = _posts(entry)
    made.units = _units(facts["data"])
    made.previous, made.following = _neighbours(actor, entry, [c.ref for c in seen])
    return made


def _limit(made: Record, reach: set[str]) -> None:
    """Leave of an entry only what lies within sight."""
    facts = made.facts
    after = facts["after"]
    kept = {key: row for key, row in after.items() if not key.startswith(COMMITMENT) or key[len(COMMITMENT) :] in reach}
    outside = [s for s in facts["subjects"] if s not in reach]
    made.hidden = len(outside)
    made.whole = len(kept) == len(after) and not outside
    if not made.whole:
        facts["after"] = {key: row for key, row in kept.items() if key.startswith(COMMITMENT)}
        facts["subjects"] = [s for s in facts["subjects"] if s in reach]
        if str(facts["data"].get("ref", "")) not in reach:
            facts["data"] = {}


def _posts(entry: Entry) -> dict[str, Post]:
    refs = [ref for ref in (entry.actor_post, entry.on_behalf_of) if ref]
    return {post.ref: post for post in Post.objects.filter(ref__in=refs).select_related("unit")}


def _units(data: dict[str, Any]) -> dict[int, Unit]:
    """Units named by their ids in what an act said."""
    ids = {value for key, value in data.items() if key in UNIT_FIELDS and isinstance(value, int)}
    return Unit.objects.in_bulk(ids) if ids else {}


UNIT_FIELDS = frozenset({"lead", "old_lead", "unit", "for_unit", "new_lead"})


def _neighbours(actor: Actor, entry: Entry, refs: list[str]) -> tuple[int | None, int | None]:
    """The entries before and after: in the ledger for who sees it whole, else about the same commitments."""
    if sees_all(actor):
        rows = Entry.objects.order_by()
    else:
        about = EntrySubject.objects.filter(ref__in=refs).values("entry_id")
        rows = Entry.objects.filter(pk__in=about).order_by()
    before = rows.filter(pk__lt=entry.pk).order_by("-pk").values_list("pk", flat=True).first()
    after = rows.filter(pk__gt=entry.pk).order_by("pk").values_list("pk", flat=True).first()
    return before, after


@dataclass(frozen=True, slots=True)
class Standing:
    """How the ledger stands（册况）."""

    head: ledger.Head
    pending: int


def standing() -> Standing:
    """The head of the ledger and how many entries still wait for their number."""
    return Standing(ledger.head(), Pending.objects.count())
