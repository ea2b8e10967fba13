"""Setting up: programmes, their authority, and drafts of commitments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import F

from luoshi.delivery import events, projections, queries
from luoshi.delivery.models import Authority, Commitment, Matter, Programme, Series, SubMatter, Support
from luoshi.delivery.models.commitments import iso
from luoshi.delivery.services import acting
from luoshi.delivery.services.acting import Done
from luoshi.ledger import services as ledger
from luoshi.ledger.models import Entry
from luoshi.rules import calendar, lifecycle, numbering
from luoshi.rules.lifecycle import Act
from luoshi.rules.permissions import Actor, Role
from luoshi.rules.refusals import Refused, declare, gettext_noop
from luoshi.units.models import Unit

_ = gettext_noop
declare(
    403,
    not_programme_owner=_("Only the head or the supervision office of the unit that owns the programme can do this."),
)
declare(
    422,
    authority_dates=_("The authority must end after it starts."),
    authority_words=_("An authority names who ordered it, in which document, and for what."),
    lead_outside=_("The lead must be a unit within your area."),
    title_missing=_("A commitment needs a title and what is asked."),
)

OFF_SYSTEM_TITLE = "（离线办理）"
"""What stands in place of a title; the item holds number, post, date and state only (principle 10)."""


def _may_steer(programme: Programme, actor: Actor) -> None:
    """The owner's head or supervision office, or the clock (packs)."""
    seat = actor.effective
    owner = programme.owner
    fits = actor.role in (Role.HEAD, Role.OFFICE) and lifecycle.speaks_for(seat, owner.path, owner.area.path)
    heads_area = actor.role is Role.HEAD and seat.unit_path == owner.area.path
    if not (fits or heads_area or actor.role is Role.SYSTEM):
        raise Refused("not_programme_owner")


@transaction.atomic
def create_programme(
    *,
    actor: Actor,
    key: str,
    prefix: str,
    name_zh: str,
    name_en: str,
    owner: Unit,
    matters: Sequence[Matter],
    sub_matters: Sequence[SubMatter] = (),
    settings: dict[str, object] | None = None,
    visibility: str = Programme.Visibility.SIBLINGS,
    warning_days: int = 5,
    extension_limit: int = 2,
    ladder: dict[str, object] | None = None,
    is_demo: bool = False,
    at: datetime,
) -> tuple[Programme, Entry]:
    """Set up a programme（方案）with its matters and parts, in draft.

    ``matters`` and ``sub_matters`` are unsaved rows; sub-matters point to their unsaved matter.

    Raises:
        Refused: ``not_programme_owner``; ``prefix_invalid`` when no refs can be made of the prefix.
    """
    numbering.check_prefix(prefix)
    programme = Programme(
        key=key,
        prefix=prefix,
        name_zh=name_zh,
        name_en=name_en,
        owner=owner,
        visibility=visibility,
        warning_days=warning_days,
        extension_limit=extension_limit,
        ladder=ladder or {},
        settings=settings or {},
        is_demo=is_demo,
        created_at=at,
    )
    _may_steer(programme, actor)
    programme.save()
    for matter in matters:
        matter.programme = programme
        matter.save()
        Series.objects.create(matter=matter)
    for part in sub_matters:
        part.matter_id = part.matter.pk
        part.save()
    entry = ledger.append(
        events.ProgrammeCreated(ref=key, name=name_zh, matters=len(matters)),
        actor=actor,
        at=at,
        after={programme.ledger_key: programme.ledger_state()},
        subjects=(key,),
    )
    return programme, entry


def _locked(actor: Actor, key: str, version: int) -> Programme:
    programme = queries.programmes(actor).select_for_update(of=("self",)).filter(key=key).first()
    if programme is None:
        raise Refused("not_found")
    if programme.version != version:
        raise Refused("stale_version", ref=key, what="", version=programme.version)
    _may_steer(programme, actor)
    return programme


def _record(programme: Programme, event: events.DeliveryEvent, actor: Actor, at: datetime, *rows: Authority) -> Entry:
    programme.version += 1
    programme.save()
    governed: tuple[acting.Governed, ...] = (programme, *rows)
    return ledger.append(
        event,
        actor=actor,
        at=at,
        after={row.ledger_key: row.ledger_state() for row in governed},
        subjects=(programme.key,),
    )


@transaction.atomic
def record_authority(
    *,
    actor: Actor,
    key: str,
    version: int,
    who: str,
    document: str,
    scope: str,
    from_on: date,
    until_on: date,
    document_no: str = "",
    document_on: date | None = None,
    at: datetime,
) -> tuple[Authority, Entry]:
    """Record who ordered the programme（依据）: who, document, scope, period. Nothing is issued without it.

    Source: 政府督查工作条例 (2021) Art 5 and 8: supervision needs an order and a plan.

    Raises:
        Refused: ``not_found``, ``stale_version``, ``not_programme_owner``, ``authority_words``, ``authority_dates``.
    """
    programme = _locked(actor, key, version)
    if not (who.strip() and document.strip() and scope.strip()):
        raise Refused("authority_words")
    if until_on < from_on:
        raise Refused("authority_dates")
    authority = Authority.objects.create(
        programme=programme,
        who=acting.said(who),
        document=acting.said(document),
        document_no=acting.said(document_no),
        document_on=document_on,
        scope=acting.said(scope),
        from_on=from_on,
        until_on=until_on,
        recorded_at=at,
    )
    event = events.AuthorityRecorded(
        ref=key,
        who=authority.who,
        document=authority.document,
        scope=authority.scope,
        from_on=from_on.isoformat(),
        until_on=until_on.isoformat(),
    )
    return authority, _record(programme, event, actor, at, authority)


@transaction.atomic
def issue_programme(*, actor: Actor, key: str, version: int, at: datetime) -> tuple[Programme, Entry]:
    """Put a programme in force（施行）.

    Raises:
        Refused: ``not_found``, ``stale_version``, ``not_programme_owner``, ``no_authority``.
    """
    programme = _locked(actor, key, version)
    if not programme.authorities.exists():
        raise Refused("no_authority")
    programme.state = Programme.State.ISSUED
    return programme, _record(programme, events.ProgrammeIssued(ref=key), actor, at)


@transaction.atomic
def change_programme_settings(
    *,
    actor: Actor,
    key: str,
    version: int,
    visibility: str,
    warning_days: int,
    extension_limit: int,
    settings: Mapping[str, object] | None = None,
    last_meeting_on: date | None = None,
    at: datetime,
) -> tuple[Programme, Entry]:
    """Change what siblings see, the warning window (days), the number of extensions allowed, and the last meeting.

    ``settings`` are merged into the programme's other settings, JSON-safe; what is not named there stays.
    ``last_meeting_on``: the day of the last review meeting; the board tells what changed since. ``None``: as it was.

    Raises:
        Refused: ``not_found``, ``stale_version``, ``not_programme_owner``.
    """
    programme = _locked(actor, key, version)
    programme.visibility = visibility
    programme.warning_days = warning_days
    programme.extension_limit = extension_limit
    programme.settings = {**programme.settings, **(settings or {})}
    if last_meeting_on is not None:
        programme.settings["last_meeting_on"] = last_meeting_on.isoformat()
    event = events.ProgrammeSettingsChanged(
        ref=key,
        visibility=visibility,
        warning_days=warning_days,
        extension_limit=extension_limit,
        last_meeting_on=programme.settings.get("last_meeting_on", ""),
    )
    return programme, _record(programme, event, actor, at)


def reserve_refs(matter: Matter, count: int, prefix: str) -> list[str]:
    """Take ``count`` running numbers of a matter（文号）; the series row stays locked until the transaction ends."""
    Series.objects.filter(matter=matter).update(last=F("last") + count)
    last = Series.objects.get(matter=matter).last
    return [numbering.format_ref(prefix, matter.number, last - count + 1 + i) for i in range(count)]


def _lead(actor: Actor, lead_id: int) -> Unit:
    lead = queries.possible_leads(actor).filter(pk=lead_id).first()
    if lead is None:
        raise Refused("lead_outside")
    return lead


@transaction.atomic
def draft_commitment(
    *,
    actor: Actor,
    matter: int,
    lead: int,
    title: str,
    requirement: str,
    criteria: Sequence[str] = (),
    sub_matter: int | None = None,
    supporting: Sequence[int] = (),
    kind: str = "task",
    due_on: date | None = None,
    due_days: int | None = None,
    accept_days: int = 5,
    cadence: str = "on_change",
    frequency: str = "",
    source_quote: str = "",
    source_place: str = "",
    off_system: bool | None = None,
    at: datetime,
) -> Done:
    """Draft a commitment（任务）: who delivers what by when. The actor's unit becomes its issuer.

    The date is either ``due_on`` or ``due_days`` calendar days from the day of issue; without a source quote the
    sentence of the matter stands. An off-system item（离线办理）carries no words; the matter's setting is the default.

    Raises:
        Refused: ``not_programme_owner`` (role), ``not_found`` (matter), ``lead_outside``, ``title_missing``,
            ``off_system_words``, or a screening code.
    """
    if actor.role not in (Role.HEAD, Role.OFFICE):
        raise Refused("not_programme_owner")
    found = Matter.objects.select_related("programme__owner").filter(pk=matter, programme__in=queries.programmes(actor))
    chosen = found.first()
    if chosen is None:
        raise Refused("not_found")
    unit = _lead(actor, lead)
    part = SubMatter.objects.filter(matter=chosen, pk=sub_matter).first() if sub_matter else None
    apart = chosen.off_system if off_system is None else off_system
    if apart and (title.strip() or requirement.strip() or criteria):
        raise Refused("off_system_words")
    if not apart and not (title.strip() and requirement.strip()):
        raise Refused("title_missing")
    [ref] = reserve_refs(chosen, 1, chosen.programme.prefix)
    commitment = Commitment(
        ref=ref,
        programme=chosen.programme,
        matter=chosen,
        sub_matter=part,
        kind=lifecycle.Kind(kind),
        state=lifecycle.State.DRAFT,
        off_system=apart,
        title=OFF_SYSTEM_TITLE if apart else acting.said(title),
        requirement=acting.said(requirement),
        criteria=[acting.said(item) for item in criteria if item.strip()],
        source_quote="" if apart else acting.said(source_quote) or chosen.source_quote,
        source_place="" if apart else acting.said(source_place) or chosen.source_place,
        issuer_id=actor.effective.unit_id,
        lead=unit,
        line_units=[actor.effective.unit_id],
        deadline_n=due_days,
        due_on=due_on,
        accept_days=accept_days,
        cadence=cadence,
        frequency=calendar.frequency(frequency).value if frequency else "",
        created_at=at,
    )
    commitment.save()
    Support.objects.bulk_create(
        Support(commitment=commitment, unit=helper)
        for helper in queries.possible_leads(actor).filter(pk__in=supporting).exclude(pk=unit.pk)
    )
    entry = ledger.append(
        events.CommitmentDrafted(ref=ref, title="" if apart else commitment.title),
        actor=actor,
        at=at,
        after={commitment.ledger_key: commitment.ledger_state()},
        subjects=(ref,),
    )
    projections.on_words([commitment])
    return Done(commitment, entry)


@transaction.atomic
def edit_commitment(
    *,
    actor: Actor,
    ref: str,
    version: int,
    title: str,
    requirement: str,
    criteria: Sequence[str] = (),
    lead: int | None = None,
    due_on: date | None = None,
    due_days: int | None = None,
    at: datetime,
) -> Done:
    """Edit a draft（修改草案）; what is issued is changed by acts with a reason, never edited.

    Raises:
        Refused: ``title_missing``, ``lead_outside``; see :func:`luoshi.delivery.services.acting.begin`.
    """
    if not (title.strip() and requirement.strip()):
        raise Refused("title_missing")
    doing = acting.begin(Act.EDIT, actor=actor, ref=ref, version=version, at=at)
    commitment = doing.commitment
    commitment.title = acting.said(title)
    commitment.requirement = acting.said(requirement)
    commitment.criteria = [acting.said(item) for item in criteria if item.strip()]
    if lead is not None:
        commitment.lead = _lead(actor, lead)
    commitment.due_on = due_on
    commitment.deadline_n = due_days
    return doing.finish(events.CommitmentEdited(ref=ref, title=commitment.title))


def set_dates(commitment: Commitment, at: datetime) -> None:
    """Fix the dates of a commitment on the day it is issued: due, first due, accept-by."""
    today = calendar.local_day(at)
    if commitment.deadline_n is not None:
        deadline = calendar.Deadline(commitment.deadline_n, "calendar", "issued")
        commitment.due_on = calendar.due_on(deadline, today)
    commitment.first_due_on = commitment.first_due_on or commitment.due_on
    commitment.accept_by = calendar.due_on(calendar.Deadline(commitment.accept_days, "calendar", "issued"), today)
    commitment.issued_at = at
    commitment.accepted_at = None


@transaction.atomic
def issue_commitment(*, actor: Actor, ref: str, version: int, at: datetime) -> Done:
    """Hand a draft over to its lead（交办）, under the programme's authority; its dates are fixed now.

    Raises:
        Refused: ``no_authority``, ``authority_over``, ``lead_does_not_receive``, ``no_deadline`` and those of
            :func:`luoshi.delivery.services.acting.begin`.
    """
    doing = acting.begin(Act.ISSUE, actor=actor, ref=ref, version=version, at=at)
    set_dates(doing.commitment, at)
    authority = doing.commitment.programme.authorities.first()
    return doing.finish(
        events.CommitmentIssued(
            ref=ref,
            lead=doing.commitment.lead_id,
            due_on=iso(doing.commitment.due_on),
            authority=authority.pk if authority else 0,
        )
    )
