"""先进做法的办理: written up, amended, withdrawn, and its author asked. Each is one act, one transaction, one entry.

Nothing asks for a write-up: no clock, no figure and no list names who has written none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from django.db import transaction

from luoshi.delivery.models import Programme
from luoshi.delivery.queries import commitment_for, lock_commitment
from luoshi.delivery.services import acting
from luoshi.ledger.events import Event
from luoshi.ledger.models import Entry
from luoshi.meetings import events
from luoshi.meetings.models import Practice, PracticeEdition
from luoshi.meetings.queries import findable
from luoshi.meetings.queries import practices as reads
from luoshi.meetings.queries.circulars import signing_posts
from luoshi.meetings.services.recording import enter, said
from luoshi.office import services as office
from luoshi.rules import practices as rules
from luoshi.rules.calendar import local_day
from luoshi.rules.lifecycle import STATE_NAMES, State
from luoshi.rules.permissions import Actor
from luoshi.rules.practices import PracticeAct, PracticeState
from luoshi.rules.refusals import Refused, gettext_noop
from luoshi.units.models import Post, Unit

_ = gettext_noop
ASKED = _("%(unit)s asks about your write-up %(ref)s: %(title)s")
ASKED_WORDS = _("%(question)s\n\nAsked by %(unit)s (%(post)s). Reply to that post; nothing here waits for it.")
WITHDRAWN = _("Your write-up %(ref)s was withdrawn: %(title)s. Reason: %(reason)s")


@dataclass(frozen=True, slots=True)
class PracticeDone:
    """The write-up as it is now and the entry that proves it."""

    practice: Practice
    entry: Entry


def _record(
    practice: Practice, event: Event, *, actor: Actor, at: datetime, rows: Sequence[PracticeEdition] = ()
) -> PracticeDone:
    about = (practice.ref, practice.programme.key)
    return PracticeDone(practice, enter(event, (practice, *rows), about, actor=actor, at=at))


def _begin(act: PracticeAct, *, actor: Actor, practice: str, version: int | None) -> Practice:
    found = reads.lock_practice(actor, practice, version)
    rules.decide_practice(found.facts(), act, actor=actor)
    return found


@transaction.atomic
def write_practice(
    *,
    actor: Actor,
    commitment: str,
    title: str,
    context: str,
    done: str,
    cost: str,
    failed: str,
    proof: str = "",
    at: datetime,
) -> PracticeDone:
    """Write a verified result up for others（总结做法）; by the unit that led it, of its own accord.

    Args:
        actor: a head, handler or office of the unit; for a village also its township.
        commitment: the number of the verified commitment.
        title: what it is about, 200 characters at most.
        context: what it was like before.
        done: what was done.
        cost: what it cost in money, time and people.
        failed: what did not work.
        proof: a link to what anybody may look at; may be empty.
        at: now.

    Raises:
        Refused: ``not_found``, ``practice_not_yours``, ``practice_off_system``, ``practice_not_verified``,
            ``practice_there``, ``practice_part_missing``, ``practice_proof``, and those of screening.
    """
    seen = commitment_for(actor, commitment)
    words = _screened({"title": title, "context": context, "done": done, "cost": cost, "failed": failed}, proof)
    programme = Programme.objects.select_for_update().select_related("owner__area").get(pk=seen.programme_id)
    found = lock_commitment(actor, commitment, None)
    rules.require_writing(actor, found.lead.path, found.lead.area.path, village=found.lead.level == "village")
    if found.off_system:
        raise Refused("practice_off_system")
    if State(found.state) not in rules.VERIFIED:
        raise Refused("practice_not_verified", state=STATE_NAMES[State(found.state)])
    there = Practice.objects.filter(commitment=found, state=PracticeState.SHOWN).first()
    if there is not None:
        raise Refused("practice_there", ref=there.ref)
    made = Practice.objects.create(
        ref=rules.practice_ref(programme.prefix, Practice.objects.filter(programme=programme).count() + 1),
        programme=programme,
        matter_id=found.matter_id,
        commitment=found,
        unit=found.lead,
        written_at=at,
        written_by_post_id=actor.effective.post_id,
        **words,
    )
    office.index([findable.practice_item(made)])
    event = events.PracticeWritten(ref=made.ref, commitment=found.ref, matter=found.matter_id, **words)
    return _record(made, event, actor=actor, at=at)


@transaction.atomic
def amend_practice(
    *,
    actor: Actor,
    practice: str,
    version: int,
    title: str,
    context: str,
    done: str,
    cost: str,
    failed: str,
    proof: str = "",
    at: datetime,
) -> PracticeDone:
    """Amend a write-up（修改做法）; what it said before is kept and shown to whoever asks for it.

    Raises:
        Refused: ``not_found``, ``stale_version``, ``practice_withdrawn``, ``practice_not_yours``,
            ``practice_part_missing``, ``practice_proof``, and those of screening.
    """
    words = _screened({"title": title, "context": context, "done": done, "cost": cost, "failed": failed}, proof)
    found = _begin(PracticeAct.AMEND, actor=actor, practice=practice, version=version)
    before = PracticeEdition.objects.create(
        practice=found,
        number=found.version,
        until_at=at,
        amended_by_post_id=actor.effective.post_id,
        **found.words(),
    )
    for name, text in words.items():
        setattr(found, name, text)
    found.amended_at = at
    found.version += 1
    found.save()
    office.index([findable.practice_item(found)])
    event = events.PracticeAmended(ref=found.ref, number=before.number, **words)
    return _record(found, event, actor=actor, at=at, rows=[before])


@transaction.atomic
def withdraw_practice(*, actor: Actor, practice: str, version: int, reason: str, at: datetime) -> PracticeDone:
    """Withdraw a write-up with a reason（撤下做法）; its author is told where somebody else does it.

    Raises:
        Refused: ``not_found``, ``stale_version``, ``practice_withdrawn``, ``practice_not_yours``, ``reason_missing``.
    """
    found = _begin(PracticeAct.WITHDRAW, actor=actor, practice=practice, version=version)
    found.withdraw_reason = said(reason, "reason_missing")
    found.state, found.withdrawn_at = PracticeState.WITHDRAWN, at
    found.withdrawn_by_post_id = actor.effective.post_id
    found.version += 1
    found.save()
    office.remove(findable.PRACTICE, [found.ref])
    done = _record(found, events.PracticeWithdrawn(ref=found.ref, reason=found.withdraw_reason), actor=actor, at=at)
    if found.written_by_post_id != actor.effective.post_id:
        office.notify(
            [found.written_by_post],
            kind="meetings.practice-withdrawn",
            key=f"practice:{found.ref}:withdrawn",
            subject=WITHDRAWN,
            link=f"/meetings/practices/{found.ref}/",
            params={"ref": found.ref, "title": found.title, "reason": found.withdraw_reason[:200]},
            at=at,
            sender=actor.effective.post_id,
        )
    return done


@transaction.atomic
def ask_author(*, actor: Actor, practice: str, question: str, at: datetime) -> PracticeDone:
    """Ask the author of a write-up（请教作者）: one message to whoever holds that post, once a day from one unit.

    Raises:
        Refused: ``not_found``, ``practice_withdrawn``, ``practice_own``, ``practice_not_asked_by_you``,
            ``practice_question_missing``, ``practice_question_long``, ``practice_asked_today``,
            ``practice_nobody_there``, and those of screening.
    """
    found = _begin(PracticeAct.ASK, actor=actor, practice=practice, version=None)
    words = said(question, "practice_question_missing")
    if len(words) > rules.MOST_QUESTION:
        raise Refused("practice_question_long", most=rules.MOST_QUESTION)
    unit = Unit.objects.get(pk=actor.effective.unit_id)
    posts = _readers(found)
    if not posts:
        raise Refused("practice_nobody_there", unit=found.unit.name)
    event = events.AuthorAsked(ref=found.ref, unit=unit.pk, posts=tuple(post.ref for post in posts), question=words)
    new = office.notify(
        posts,
        kind="meetings.practice-asked",
        key=f"practice:{found.ref}:asked:{unit.pk}:{local_day(at).isoformat()}",
        subject=ASKED,
        body=ASKED_WORDS,
        link=f"/meetings/practices/{found.ref}/",
        params={
            "ref": found.ref,
            "title": found.title,
            "unit": unit.name,
            "post": actor.effective.title,
            "question": words,
        },
        at=at,
        sender=actor.effective.post_id,
    )
    if not new:
        raise Refused("practice_asked_today")
    return _record(found, event, actor=actor, at=at)


def _readers(practice: Practice) -> list[Post]:
    """The author's post while it stands; else whoever signs for the unit."""
    author = practice.written_by_post
    if author.active and author.unit.valid_until is None:
        return [author]
    return signing_posts([practice.unit])[practice.unit_id]


def _screened(parts: Mapping[str, str], proof: str) -> dict[str, str]:
    """Every part, screened, and the link; none of the parts may be empty."""
    words = {name: acting.said(text) for name, text in parts.items()}
    for name, text in words.items():
        if not text:
            raise Refused("practice_part_missing", part=rules.PARTS[name])
    words["title"] = words["title"][:200]
    return {**words, "proof": _link(proof)}


def _link(proof: str) -> str:
    link = acting.said(proof)
    if not link:
        return ""
    try:
        parts = urlsplit(link)
    except ValueError as error:
        raise Refused("practice_proof") from error
    if parts.scheme not in ("http", "https") or not parts.hostname or len(link) > 500 or any(map(str.isspace, link)):
        raise Refused("practice_proof")
    return link
