"""决策记录: what the ledger knows of one holder's acts from his post, by matter and under three words.

The log is the ledger read by one post, one person and one time; it counts nothing and compares nobody. Who may read it
stands in the first statement of every read: the holder, and whom the post was handed over to once it is open.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from luoshi.assurance import events as assurance
from luoshi.assurance.models import Campaign
from luoshi.delivery import events as delivery
from luoshi.delivery.models import Commitment, Matter, Programme, Slip
from luoshi.delivery.queries import programmes, visible
from luoshi.intake import events as intake
from luoshi.ledger import queries as ledger
from luoshi.ledger.models import Entry
from luoshi.meetings import events
from luoshi.meetings.models import Circular, LogComment, LogOpening, Meeting
from luoshi.rules import decision_log as rules
from luoshi.rules.calendar import due_moment, local_day
from luoshi.rules.decision_log import Word
from luoshi.rules.permissions import Actor, Role
from luoshi.rules.refusals import Refused
from luoshi.units.models import HandOver, Holding, Post, RoleChoice

PAGE = 100
"""Acts on one page."""
OFFERED = 100
"""Matters offered in the form at most; any other can be named over the API."""
COMMENTS = 200
"""Comments shown at most; the oldest first."""
NAMES: Mapping[str, str] = {
    **intake.EVENT_NAMES,
    **assurance.EVENT_NAMES,
    **events.EVENT_NAMES,
    **delivery.EVENT_NAMES,
}
"""What every act that may stand in a log is called, as message ids."""
NAMING = ("ref", "slip", "campaign", "certificate", "programme")
"""Fields of an act that may name what it was about, the nearest first."""


@dataclass(frozen=True, slots=True)
class Line:
    """One act: its day, what it was, and what it was about, with an address where the reader may go there."""

    entry: int
    word: Word
    on: date
    kind: str
    ref: str
    title: str
    link: str
    more: bool = False
    """Whether it was about others as well: an act on a list is named by the first of it."""

    @property
    def act(self) -> str:
        """What was done, in the reader's language."""
        return gettext(NAMES[self.kind])


@dataclass(frozen=True, slots=True)
class Group:
    """The acts of one matter under the three words; without a matter, what was about a programme, or about none."""

    matter: Matter | None
    programme: Programme | None
    words: tuple[tuple[Word, tuple[Line, ...]], ...]
    comments: tuple[LogComment, ...] = ()


@dataclass(frozen=True, slots=True)
class Opening:
    """When the successor reads a log, and why then."""

    handover: HandOver
    handing: rules.Handing

    @property
    def on(self) -> date:
        """The first day."""
        return rules.opens_on(self.handing)


@dataclass(frozen=True, slots=True)
class Log:
    """One page of a log, newest first; ``older`` is the cursor of the next page."""

    holding: Holding
    since_on: date
    until_on: date | None
    groups: tuple[Group, ...]
    comments: tuple[LogComment, ...]
    older: str
    opening: Opening | None = None


def holdings_of(actor: Actor) -> QuerySet[Holding]:
    """Every time in which the person held the post of a head; nobody else's is ever found by it."""
    rows = Holding.objects.filter(user=actor.user_id, post__role=Role.HEAD.value)
    return rows.select_related("post__unit", "user").order_by("-from_on", "-pk")


def own_holding(actor: Actor, holding: int | None, at: datetime) -> Holding:
    """One time of one's own in the post of a head; None: the present one in the seat.

    Raises:
        Refused: ``log_in_person``, ``log_not_of_head``, ``not_found``.
    """
    rules.require_in_person(actor)
    rows = holdings_of(actor)
    if holding is not None:
        found = rows.filter(pk=holding).first()
    else:
        rules.require_head(actor.role)
        found = rows.filter(post=actor.seat.post_id, pk__in=Holding.objects.on(local_day(at)).values("pk")).first()
    if found is None:
        raise Refused("not_found")
    return found


def own_log(actor: Actor, *, holding: int | None = None, before: str = "", at: datetime) -> Log:
    """One's own log（本人决策记录）, a page of it; the statements do not grow with the acts.

    Raises:
        Refused: ``log_in_person``, ``log_not_of_head``, ``not_found``.
    """
    found = own_holding(actor, holding, at)
    return log_of(found, actor, before=before, opening=opening_of(found))


def offer_log(post: Post, actor: Actor) -> tuple[str, str] | None:
    """The way from the page of one's own post to the log; offered to nobody else."""
    if actor.principal is not None or actor.seat.post_ref != post.ref or post.role != RoleChoice.HEAD.value:
        return None
    return gettext("My decision log"), reverse("meetings:log")


def offer_before_handover(post: Post, actor: Actor) -> tuple[str, str] | None:
    """The holder of a head's post looks at his log before he hands the post over."""
    if offer_log(post, actor) is None:
        return None
    return gettext("Your decision log goes over as page one. Look at it and write beside it first."), reverse(
        "meetings:log"
    )


def opening_of(holding: Holding) -> Opening | None:
    """By whom and when a post was handed over after a holding, and what follows for its log; three statements.

    Whether the holder did it himself is what the ledger says of the hand-over.
    """
    if holding.until_on is None:
        return None
    rows = HandOver.objects.filter(post=holding.post_id, from_user=holding.user_id, on=holding.until_on)
    handover = rows.select_related("post__unit", "from_user", "to_user").order_by("-pk").first()
    if handover is None:
        return None
    return Opening(handover, handing_of(handover, holding))


def handing_of(handover: HandOver, holding: Holding | None) -> rules.Handing:
    """What the ledger and the holder's own act say of a hand-over; two statements."""
    entry = next(iter(ledger.entries_for(handover.ledger_key, limit=1)), None)
    opened = LogOpening.objects.filter(holding=holding).first() if holding else None
    return rules.Handing(
        on=handover.on,
        done_on=local_day(entry.ts) if entry else handover.on,
        by_holder=entry is not None and entry.actor_user == handover.from_user_id,
        laid_open_on=local_day(opened.at) if opened else None,
    )


def matter_named(actor: Actor, matter: int) -> Matter:
    """A matter of a programme that reaches the actor.

    Raises:
        Refused: ``not_found``.
    """
    found = Matter.objects.filter(pk=matter, programme__in=programmes(actor).order_by().values("pk")).first()
    if found is None:
        raise Refused("not_found")
    return found


def matters_offered(actor: Actor) -> list[Matter]:
    """Matters a comment may be about, in the order of the programmes; one statement."""
    rows = Matter.objects.filter(programme__in=programmes(actor).order_by().values("pk")).select_related("programme")
    return list(rows.order_by("programme_id", "number")[:OFFERED])


def log_of(
    holding: Holding, actor: Actor, *, before: str = "", opening: Opening | None = None, limit: int = PAGE
) -> Log:
    """The log of one holding as ``actor`` sees it; permission is the caller's.

    Args:
        holding: with ``post`` and ``user``.
        actor: who reads; what lies outside his sight has no address.
        before: the cursor of the page before.
        opening: what is known of its opening.
        limit: acts on a page, at most 200.
    """
    entries = ledger.done_from(
        holding.post.ref,
        user=holding.user_id,
        kinds=rules.SORTED,
        since=due_moment(holding.from_on - timedelta(days=1)),
        until=_again_from(holding),
        before=_cursor(before),
        limit=limit + 1,
    )
    shown = entries[:limit]
    comments = list(LogComment.objects.filter(holding=holding).select_related("matter__programme")[:COMMENTS])
    about = _Abouts(shown, actor)
    return Log(
        holding=holding,
        since_on=holding.from_on,
        until_on=holding.until_on,
        groups=_grouped(shown, about, comments, first=not before),
        comments=tuple(one for one in comments if one.matter_id is None),
        older=_told(shown[-1]) if len(entries) > limit else "",
        opening=opening,
    )


def _again_from(holding: Holding) -> datetime | None:
    """The moment from which acts of the same person from the same post belong to a later time of his; mostly none.

    The day on which a post goes over belongs to the log, too: what was done that morning was done by whoever left.
    """
    if holding.until_on is None:
        return None
    rows = Holding.objects.filter(post=holding.post_id, user=holding.user_id, from_on__gte=holding.until_on)
    again = rows.exclude(pk=holding.pk).order_by("from_on").values_list("from_on", flat=True).first()
    return due_moment(again - timedelta(days=1)) if again else None


def _told(entry: Entry) -> str:
    return f"{int(entry.ts.timestamp() * 1_000_000)}-{entry.pk}"


def _cursor(text: str) -> tuple[datetime, int] | None:
    moment, _dash, key = text.partition("-")
    if not (moment.isascii() and moment.isdigit() and key.isascii() and key.isdigit() and len(text) < 36):
        return None
    try:
        at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(moment))
    except OverflowError:
        return None
    return (at, int(key)) if int(key) < 2**63 else None


@dataclass(frozen=True, slots=True)
class _About:
    """What an act was about: where it stands in the log, how it is called, where it is shown."""

    matter: Matter | None
    programme: Programme | None
    ref: str
    title: str
    link: str


class _Abouts:
    """What the acts of one page were about; a statement for each kind of thing, and none for kinds not among them."""

    def __init__(self, entries: Sequence[Entry], actor: Actor) -> None:
        said = {entry.pk: ledger.said(entry) for entry in entries}
        self._named = {key: _names(one) for key, one in said.items()}
        self._many = {key for key, one in said.items() if _number(one.get("commitments")) > 1}
        wanted = {name for names in self._named.values() for name in names}
        self._found: dict[str, _About] = {}
        for look in (_commitments, _slips, _meetings, _circulars, _campaigns, _programmes):
            self._found |= look(wanted - self._found.keys(), actor)

    def of(self, entry: Entry) -> _About:
        """What one act was about; what is no longer to be found is called as the act called it."""
        names = self._named[entry.pk]
        known = (self._found[name] for name in names if name in self._found)
        return next(known, _About(None, None, "", names[0] if names else "", ""))

    def more(self, entry: Entry) -> bool:
        """Whether an act was about more than what names it."""
        return entry.pk in self._many


def _number(value: Any) -> int:
    return value if isinstance(value, int) else 0


def _names(said: Mapping[str, Any]) -> list[str]:
    told = (said.get(field) for field in NAMING)
    return [one for one in told if isinstance(one, str) and one]


def _commitments(wanted: Iterable[str], actor: Actor) -> dict[str, _About]:
    rows = list(Commitment.objects.filter(ref__in=sorted(wanted)).select_related("matter__programme").only(*COMMITMENT))
    seen = set(visible(actor).filter(pk__in=[row.pk for row in rows]).order_by().values_list("pk", flat=True))
    return {row.ref: _commitment(row, row.ref, row.pk in seen) for row in rows}


COMMITMENT = (
    "ref", "title", "matter__number", "matter__name_zh", "matter__name_en", "matter__programme__name_zh",
    "matter__programme__name_en", "matter__programme__key", "matter__programme__is_demo",
)  # fmt: skip
"""As much of a commitment as a line says."""


def _commitment(row: Commitment, ref: str, seen: bool) -> _About:
    link = reverse("delivery:commitment", args=[row.ref]) if seen else ""
    return _About(row.matter, row.matter.programme, ref, row.title, link)


def _slips(wanted: Iterable[str], actor: Actor) -> dict[str, _About]:
    keys = [int(name[5:]) for name in wanted if name.startswith("slip-") and name[5:].isdigit()]
    if not keys:
        return {}
    rows = Slip.objects.filter(pk__in=keys).select_related("commitment__matter__programme")
    found = {}
    for row in rows:
        matter = row.commitment.matter if row.commitment else None
        title = row.commitment.title if row.commitment else ""
        link = reverse("delivery:slip", args=[row.pk])
        found[row.ref] = _About(matter, matter.programme if matter else None, row.number or row.ref, title, link)
    return found


def _meetings(wanted: Iterable[str], actor: Actor) -> dict[str, _About]:
    names = [name for name in wanted if "-" in name]
    if not names:
        return {}
    rows = Meeting.objects.filter(ref__in=names).select_related("programme")
    return {
        row.ref: _About(None, row.programme, row.ref, row.title, reverse("meetings:meeting", args=[row.ref]))
        for row in rows
    }


def _circulars(wanted: Iterable[str], actor: Actor) -> dict[str, _About]:
    names = [name for name in wanted if "-" in name]
    if not names:
        return {}
    rows = Circular.objects.filter(ref__in=names).select_related("programme")
    return {
        row.ref: _About(
            None, row.programme, row.number or row.ref, row.title, reverse("meetings:circular", args=[row.ref])
        )
        for row in rows
    }


def _campaigns(wanted: Iterable[str], actor: Actor) -> dict[str, _About]:
    names = [name for name in wanted if "-" in name]
    if not names:
        return {}
    rows = Campaign.objects.filter(Q(ref__in=names) | Q(certificate__ref__in=names)).select_related(
        "programme", "matter", "certificate"
    )
    found = {}
    for row in rows:
        link = reverse("assurance:campaign", args=[row.ref])
        found[row.ref] = _About(row.matter, row.programme, row.ref, row.title, link)
        certificate = getattr(row, "certificate", None)
        if certificate is not None:
            found[certificate.ref] = _About(row.matter, row.programme, certificate.ref, row.title, link)
    return found


def _programmes(wanted: Iterable[str], actor: Actor) -> dict[str, _About]:
    if not wanted:
        return {}
    rows = Programme.objects.filter(key__in=sorted(wanted))
    return {row.key: _About(None, row, "", str(row), reverse("delivery:programme", args=[row.key])) for row in rows}


def _grouped(
    entries: Sequence[Entry], about: _Abouts, comments: Sequence[LogComment], *, first: bool
) -> tuple[Group, ...]:
    """Acts by matter in the order of the programmes, what is about a whole programme after its matters."""
    lines: dict[tuple[int, int], list[Line]] = {}
    places: dict[tuple[int, int], tuple[Matter | None, Programme | None]] = {}
    for entry in entries:
        one = about.of(entry)
        place = _place(one.matter, one.programme)
        places.setdefault(place, (one.matter, one.programme))
        on = timezone.localtime(entry.occurred_at or entry.ts).date()
        line = Line(entry.pk, rules.SORTED[entry.type], on, entry.type, one.ref, one.title, one.link, about.more(entry))
        lines.setdefault(place, []).append(line)
    said: dict[tuple[int, int], list[LogComment]] = {}
    for comment in comments:
        if comment.matter is not None:
            place = _place(comment.matter, comment.matter.programme)
            said.setdefault(place, []).append(comment)
            if first:  # a matter that was only written about stands on the first page
                places.setdefault(place, (comment.matter, comment.matter.programme))
    return tuple(
        Group(*places[place], _by_word(lines.get(place, [])), tuple(said.get(place, ()))) for place in sorted(places)
    )


def _place(matter: Matter | None, programme: Programme | None) -> tuple[int, int]:
    last = 2**31
    return (programme.pk if programme else last, matter.number if matter else last)


def _by_word(lines: Sequence[Line]) -> tuple[tuple[Word, tuple[Line, ...]], ...]:
    return tuple((word, tuple(line for line in lines if line.word is word)) for word in Word)
