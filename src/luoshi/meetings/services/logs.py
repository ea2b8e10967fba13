"""决策记录的办理: the holder writes beside his log, and lays it open to whom the post was handed over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from luoshi.ledger.models import Entry
from luoshi.meetings import events
from luoshi.meetings.models import LogComment, LogOpening
from luoshi.meetings.queries import logs as reads
from luoshi.meetings.services.recording import enter, said
from luoshi.office import services as office
from luoshi.rules import decision_log as rules
from luoshi.rules.calendar import due_moment, local_day
from luoshi.rules.permissions import Actor, Role
from luoshi.rules.refusals import Refused, gettext_noop
from luoshi.units.events import PostHandedOver
from luoshi.units.models import HandOver, Holding
from luoshi.units.queries import posts_of

_ = gettext_noop
TAKE = _("%(post)s goes to you on %(on)s: read what was handed over, and download the sheet")
LOOK = _("%(post)s was handed over for you on %(on)s: look at your decision log before your successor does")


@dataclass(frozen=True, slots=True)
class LogDone:
    """Whose log it is, what was written, and the entry that proves it."""

    holding: Holding
    comment: LogComment | None
    entry: Entry


def _begin(actor: Actor, holding: int | None, at: datetime) -> tuple[Holding, reads.Opening | None]:
    """Lock the holding, so that what is written and what opens the log come one after the other."""
    found = reads.own_holding(actor, holding, at)
    locked = Holding.objects.select_for_update(of=("self",)).select_related("post__unit", "user").get(pk=found.pk)
    opening = reads.opening_of(locked)
    if opening is not None and local_day(at) >= opening.on:
        raise Refused("log_is_closed", on=opening.on.isoformat())
    return locked, opening


@transaction.atomic
def comment_on_log(
    *, actor: Actor, words: str, holding: int | None = None, matter: int | None = None, at: datetime
) -> LogDone:
    """Write beside one's own decision log（附言）; what is written is never changed, more can be added.

    Args:
        actor: the holder, in his own name.
        words: what he has to say, at most :data:`luoshi.rules.decision_log.LONGEST_COMMENT` characters.
        holding: of which time in which post; None: the present one in the seat.
        matter: id of the matter it is about; None: the log as a whole.
        at: now.

    Raises:
        Refused: ``not_found``, ``log_not_of_head``, ``log_in_person``, ``log_is_closed``, ``log_comment_wordless``, and
            those of screening.
    """
    told = said(words, "log_comment_wordless")[: rules.LONGEST_COMMENT]
    found, _opening = _begin(actor, holding, at)
    about = reads.matter_named(actor, matter) if matter is not None else None
    comment = LogComment.objects.create(holding=found, matter=about, words=told, at=at)
    event = events.LogCommented(post=found.post.ref, holding=found.pk, matter=matter, words_digest=comment.digest)
    return LogDone(found, comment, enter(event, [comment], [found.post.ledger_key], actor=actor, at=at))


@transaction.atomic
def lay_open_log(*, actor: Actor, holding: int, at: datetime) -> LogDone:
    """Lay the log of a post one has left open to the successor（提前公开）, before the days for looking are over.

    Raises:
        Refused: ``not_found``, ``log_not_of_head``, ``log_in_person``, ``log_nobody_follows``, ``log_is_closed``,
            ``log_laid_open``.
    """
    found, opening = _begin(actor, holding, at)
    if opening is None:
        raise Refused("log_nobody_follows")
    if opening.handing.laid_open_on is not None or opening.handing.by_holder:
        raise Refused("log_laid_open", on=opening.on.isoformat())
    row = LogOpening.objects.create(holding=found, at=at)
    event = events.LogLaidOpen(post=found.post.ref, holding=found.pk)
    return LogDone(found, None, enter(event, [row], [found.post.ledger_key], actor=actor, at=at))


def tell_of_handover(event: PostHandedOver, at: datetime) -> None:
    """Tell the one who follows where page one and the sheet are, and the one who left, if others did it（交接告知）.

    The reaction to a hand-over, after it; told again it tells nobody twice.
    """
    rows = HandOver.objects.filter(post__ref=event.post, to_user=event.to_user, on=event.on)
    found = rows.select_related("post__unit", "from_user").order_by("-pk").first()
    if found is None:
        return
    link, params = f"/meetings/handovers/{found.pk}/", {"post": found.post.title, "on": event.on}
    office.notify(
        [found.post], kind="meetings.handed", key=f"handover:{found.pk}", subject=TAKE, link=link, params=params, at=at
    )
    if found.from_user is None or found.post.role != Role.HEAD.value:
        return
    handing = reads.handing_of(found, None)
    others = [post for post in posts_of(found.from_user, max(at, due_moment(found.on))) if post.pk != found.post_id]
    if others and not handing.by_holder:
        key = f"handover:{found.pk}:left"
        office.notify(others[:1], kind="meetings.left", key=key, subject=LOOK, link=link, params=params, at=at)
