"""走访记录: what was seen at one place, recorded once, however often it is sent; corrected only openly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from luoshi.assurance import events
from luoshi.assurance.models import Campaign, Visit
from luoshi.assurance.queries import visits as reads
from luoshi.delivery import services as delivery
from luoshi.delivery.services import acting
from luoshi.ledger import services as ledger
from luoshi.ledger.models import Entry
from luoshi.office.models import StoredFile
from luoshi.rules import visiting
from luoshi.rules.lifecycle import State
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused, declare, gettext_noop, require_version
from luoshi.rules.visiting import Nearness, Outcome, Record, Verdict

_ = gettext_noop
declare(
    409,
    visit_before_report=_(
        "The unit has reported again since this visit, so that the visit says nothing of what stands there now."
    ),
)

BEING_CHANGED = "being_changed"
"""Somebody else is at the commitment this moment: the visit is sent again, nothing of it is lost."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a verifier says of one visit, as a door hands it on.

    ``criteria`` holds one verdict for each criterion; ``photos`` (digest, name) of stored files; ``occurred_at`` and
    ``sent_at`` are by the telephone's clock.
    """

    outcome: Outcome
    holds: bool | None = None
    criteria: Sequence[Verdict] = ()
    words: str = ""
    place: Nearness = Nearness.NOT_TOLD
    photos: Sequence[tuple[str, str]] = ()
    occurred_at: datetime | None = None
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """The visit as it stands, and its ledger entry; ``repeated`` when it had been recorded just so before."""

    visit: Visit
    entry: Entry | None
    repeated: bool = False


@transaction.atomic
def record_visit(
    *, actor: Actor, key: UUID, version: int | None, said: Said, corrects: str = "", at: datetime
) -> Recorded:
    """Record what was seen at one place（记录走访）, or that nobody could be reached（未能到访）.

    The key makes it one act however often it is sent: the same record again gives the same answer and writes nothing;
    another record of a visit that is done is refused with both versions, and the verifier chooses: keep what stands,
    or send again with ``corrects``, which says why. Nothing is overwritten; a correction keeps what it replaces.

    What was seen is also the verdict on the commitment, made by a visit, where its state takes one: verified or looked
    back on. Where it does not, ``not_carried`` says why and the visit stands. A blind second visit never touches it.

    Args:
        actor: whoever holds the post the visit was handed to.
        key: the visit's key.
        version: the version looked at; None: from a form that knew none.
        said: what was seen.
        corrects: why this takes the place of what was recorded; empty for a first record.
        at: now.

    Raises:
        Refused: ``not_found``, ``stale_version``, ``visit_recorded``, ``visit_withdrawn``, ``visit_concluded``,
            ``visit_not_recorded``, ``unknown_file``, ``being_changed``, and those of screening and of
            :func:`luoshi.rules.visiting.check`.
    """
    visit = reads.lock_visit(actor, key, at)
    record, photos = _record(visit, said)
    digest = record.digest()
    if visit.state in (Visit.State.DONE, Visit.State.UNREACHABLE):
        if visit.record_digest == digest:
            return Recorded(visit, None, repeated=True)
        if not corrects.strip():
            params = {"recorded": as_told(visit), "sent": _told(record, photos)}
            raise Refused("visit_recorded", place=reads.place_of(visit), **params)
    elif corrects.strip():
        raise Refused("visit_not_recorded", place=reads.place_of(visit))
    if visit.state == Visit.State.WITHDRAWN:
        raise Refused("visit_withdrawn", place=reads.place_of(visit), reason=visit.reason)
    if version is not None:
        require_version(version, visit.version, ref=reads.place_of(visit))
    corrected = visit.state != Visit.State.ASSIGNED
    if corrected:
        _require_open(visit)
    _checked(visit, record)
    why = acting.said(corrects)
    if corrected:
        visit.earlier = [*visit.earlier, {**as_told(visit), "why": why}]
    visit.state = record.outcome.value
    visit.holds = record.holds
    texts = reads.criteria_of(visit)
    visit.criteria = [
        {"text": text, "holds": one.holds, "words": one.words}
        for text, one in zip(texts, record.criteria, strict=False)
    ]
    visit.words, visit.place_said, visit.photos = record.words, record.place.value, photos
    visit.record_digest = digest
    visit.occurred_at = visiting.happened(said.occurred_at, said.sent_at, at=at)
    visit.recorded_at = at
    visit.verifier_user = visit.by_user = actor.user_id
    visit.by_post_id = actor.seat.post_id
    visit.version += 1
    visit.not_carried = _carry(visit, record, actor, at)
    visit.save()
    return Recorded(visit, _entered(visit, actor, at, why if corrected else None))


def as_told(visit: Visit) -> dict[str, Any]:
    """A record as it stands, for whoever compares two of them."""
    return {
        "outcome": visit.state,
        "holds": visit.holds,
        "criteria": visit.criteria,
        "words": visit.words,
        "place": visit.place_said,
        "photos": visit.photos,
        "version": visit.version,
        "recorded_at": visit.recorded_at.isoformat() if visit.recorded_at else None,
        "occurred_at": visit.occurred_at.isoformat() if visit.occurred_at else None,
    }


def _told(record: Record, photos: list[dict[str, str]]) -> dict[str, Any]:
    return {
        "outcome": record.outcome.value,
        "holds": record.holds,
        "criteria": [{"text": one.text, "holds": one.holds, "words": one.words} for one in record.criteria],
        "words": record.words,
        "place": record.place.value,
        "photos": photos,
    }


def _record(visit: Visit, said: Said) -> tuple[Record, list[dict[str, str]]]:
    """What was said, with its words screened and its photos found in the store."""
    if visit.commitment.off_system and (said.words.strip() or said.photos or any(one.words for one in said.criteria)):
        raise Refused("off_system_words")
    texts = reads.criteria_of(visit)
    criteria = tuple(
        Verdict(one.text or (texts[at] if at < len(texts) else ""), one.holds, acting.said(one.words))
        for at, one in enumerate(said.criteria)
    )
    photos = _photos(said.photos)
    digests = tuple(one["digest"] for one in photos)
    return Record(said.outcome, said.holds, criteria, acting.said(said.words), said.place, digests), photos


def _photos(sent: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    if not sent:
        return []
    once = dict(reversed(list(sent)))
    known = dict(StoredFile.objects.filter(digest__in=once).values_list("digest", "media_type"))
    for digest, name in once.items():
        if digest not in known:
            raise Refused("unknown_file")
        if not known[digest].startswith("image/"):
            raise Refused("visit_photo_kind", name=name)
    return [{"digest": digest, "name": acting.said(once[digest])[:150]} for digest in dict(sent)]


def _checked(visit: Visit, record: Record) -> None:
    try:
        visiting.check(record, reads.criteria_of(visit), wordless=visit.commitment.off_system)
    except Refused as refused:
        if refused.code != "visit_criteria_changed":
            raise
        raise Refused(refused.code, place=reads.place_of(visit)) from refused


def _require_open(visit: Visit) -> None:
    """What a conclusion rests on is not changed afterwards."""
    if visit.campaign is not None and visit.campaign.stage in (Campaign.Stage.CONCLUDED, Campaign.Stage.STOPPED):
        raise Refused("visit_concluded", place=reads.place_of(visit))


def _carry(visit: Visit, record: Record, actor: Actor, at: datetime) -> str:
    """Tell the commitment what was seen, where it takes that; returns the code of the refusal where it does not."""
    if record.outcome is Outcome.UNREACHABLE or visit.kind == Visit.Kind.BLIND or record.holds is None:
        return ""
    commitment = visit.commitment
    reported = commitment.last_reported_at
    if visit.occurred_at is not None and reported is not None and reported > visit.occurred_at:
        return "visit_before_report"
    look_back = visit.kind == Visit.Kind.LOOK_BACK and commitment.state == State.CLOSED
    told: dict[str, Any] = {
        "actor": actor,
        "ref": commitment.ref,
        "version": commitment.version,
        "passed": record.holds,
        "percent": record.percent(),
        "words": record.said(),
        "handed": True,
        "at": at,
    }
    try:
        with transaction.atomic():
            if look_back:
                delivery.look_back_commitment(**told)
            else:
                verdicts = [{"met": one.holds, "words": one.words} for one in record.criteria]
                delivery.verify_commitment(method="visited", verdicts=verdicts, **told)
    except Refused as refused:
        if refused.code in (BEING_CHANGED, "stale_version"):
            raise Refused(BEING_CHANGED) from refused
        if refused.code == "wrong_state" and visit.kind == Visit.Kind.DIRECTED and not record.holds:
            return _caught(visit, record, actor, at)
        return refused.code
    return ""


def _caught(visit: Visit, record: Record, actor: Actor, at: datetime) -> str:
    """Where no verdict is taken any more, what a directed visit found is a finding（疑点）; the unit answers it.

    Returns the code of the refusal where that is not taken either.
    """
    commitment = visit.commitment
    photos = [(one["digest"], one["name"]) for one in visit.photos]
    try:
        with transaction.atomic():
            delivery.record_finding(
                actor=actor,
                ref=commitment.ref,
                version=commitment.version,
                words=record.said(),
                evidence=visit.reason,
                files=photos,
                handed=True,
                at=at,
            )
    except Refused as refused:
        return refused.code
    return ""


def _entered(visit: Visit, actor: Actor, at: datetime, why: str | None) -> Entry:
    told: dict[str, Any] = {
        "visit": str(visit.key),
        "kind": visit.kind,
        "ref": visit.commitment.ref,
        "state": visit.state,
        "holds": visit.holds,
        "criteria": visit.criteria,
        "words": visit.words,
        "place_said": visit.place_said,
        "photos": [one["digest"] for one in visit.photos],
        "not_carried": visit.not_carried,
    }
    event = events.VisitRecorded(**told) if why is None else events.VisitCorrected(**told, reason=why)
    campaign = [visit.campaign.ref] if visit.campaign is not None else []
    # Whoever goes there a second time must not read what the first one found, nor the unit that a second one came.
    about = [] if visit.kind == Visit.Kind.BLIND else [visit.commitment.ref]
    return ledger.append(
        event,
        actor=actor,
        at=at,
        occurred_at=visit.occurred_at,
        after={visit.ledger_key: visit.ledger_state()},
        subjects=(*about, *campaign),
    )
