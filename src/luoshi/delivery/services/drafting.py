"""Setting up: programmes, their authority, and drafts of commitments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import F

from luoshi.delivery import events, projections, queries
from luoshi.delivery.models import Authority, Commitment, Ladder, Matter, Programme, Series, SubMatter, Support
from luoshi.delivery.models.commitments import iso
from luoshi.delivery.queries import asked
from luoshi.delivery.services import acting, timing
from luoshi.delivery.services.acting import Done
from luoshi.ledger import services as ledger
from luoshi.ledger.models import Entry
from luoshi.rules import burden, calendar, directing, escalation, lifecycle, numbering
from luoshi.rules.lifecycle import Act
from luoshi.rules.paths import subtree
from luoshi.rules.permissions import Actor, Role
from luoshi.rules.refusals import Refused, declare, gettext_noop, require_version
from luoshi.units.models import Post, Unit

_ = gettext_noop
declare(
    403,
    not_programme_owner=_("Only the head or the supervision office of the unit that owns the programme can do this."),
)
declare(
    422,
    authority_dates=_("The authority must end after it starts."),
    authority_words=_("An authority names who ordered it, in which document, and for what."),
    post_outside=_("Name a post of the lead unit or of a unit within it."),
    lead_outside=_("The lead must be a unit within your area."),
    title_missing=_("A commitment needs a title and what is asked."),
)

OFF_SYSTEM_TITLE = "（离线办理）"
"""What stands in place of a title; the item holds number, post, date and state only (principle 10)."""


def require_steering(programme: Programme, actor: Actor) -> None:
    """Refuse all but the owner's head or supervision office, and the clock (packs).

    Raises:
        Refused: ``not_programme_owner``.
    """
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
    ladder: escalation.Ladder = escalation.ORDINARY,
    timings: Mapping[str, object] | None = None,
    is_demo: bool = False,
    at: datetime,
) -> tuple[Programme, Entry]:
    """Set up a programme（方案）with its matters and parts, in draft.

    ``matters`` and ``sub_matters`` are unsaved rows; sub-matters point to their unsaved matter. ``timings`` are the
    thresholds of lights and the ways of counting that differ from the usual.

    Raises:
        Refused: ``not_programme_owner``; ``prefix_invalid`` when no refs can be made of the prefix;
            ``timing_out_of_range``, ``timing_word``.
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
        settings=settings or {},
        is_demo=is_demo,
        created_at=at,
    )
    require_steering(programme, actor)
    programme.save()
    made = timing.set_timing(programme, {"warning_days": warning_days, **(timings or {})}, at=at)
    programme.save(update_fields=["timing_now", "warning_days"])
    for matter in matters:
        matter.programme = programme
        matter.save()
        Series.objects.create(matter=matter)
    for part in sub_matters:
        part.matter_id = part.matter.pk
        part.save()
    written = _write_ladder(programme, ladder, at)
    programme.save(update_fields=["ladder_now"])
    entry = ledger.append(
        events.ProgrammeCreated(ref=key, name=name_zh, matters=len(matters)),
        actor=actor,
        at=at,
        after={row.ledger_key: row.ledger_state() for row in (programme, written, made) if row},
        subjects=(key,),
    )
    return programme, entry


def _locked(actor: Actor, key: str, version: int) -> Programme:
    programme = queries.programmes(actor).select_for_update(of=("self",)).filter(key=key).first()
    if programme is None:
        raise Refused("not_found")
    require_version(version, programme.version, ref=key)
    require_steering(programme, actor)
    return programme


def _write_ladder(programme: Programme, ladder: escalation.Ladder, at: datetime) -> Ladder:
    """A further version of the programme's ladder; what was issued before keeps its own."""
    last = Ladder.objects.filter(programme=programme).order_by("-number").values_list("number", flat=True).first()
    told = ladder.told()
    programme.ladder_now = Ladder.objects.create(
        programme=programme,
        number=(last or 0) + 1,
        steps=told["steps"],
        repeat_days=told["repeat_days"],
        approve_days=told["approve_days"],
        above_days=told["above_days"],
        made_at=at,
    )
    return programme.ladder_now


def _record(
    programme: Programme, event: events.DeliveryEvent, actor: Actor, at: datetime, *rows: acting.Governed
) -> Entry:
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
    timings: Mapping[str, object] | None = None,
    signs: Mapping[str, int] | None = None,
    at: datetime,
) -> tuple[Programme, Entry]:
    """Change what siblings see, the warning window (days), the number of extensions allowed, and the last meeting.

    ``timings`` are the other thresholds of lights and ways of counting; what is not named stays, and what is issued
    already keeps what it was issued with. ``settings`` are merged into the programme's other settings, JSON-safe;
    what is not named there stays.
    ``last_meeting_on``: the day of the last review meeting; the board tells what changed since. ``None``: as it was.
    ``signs``: from where on something in a record is a sign to go and look; what is not named stays.

    Raises:
        Refused: ``not_found``, ``stale_version``, ``not_programme_owner``, ``timing_out_of_range``, ``timing_word``,
            ``sign_limit``.
    """
    programme = _locked(actor, key, version)
    programme.visibility = visibility
    made = timing.set_timing(programme, {"warning_days": warning_days, **(timings or {})}, at=at)
    programme.extension_limit = extension_limit
    programme.settings = {**programme.settings, **(settings or {})}
    if last_meeting_on is not None:
        programme.settings["last_meeting_on"] = last_meeting_on.isoformat()
    limits = asdict(programme.signs) | dict(signs or {})
    if directing.limits_of(limits) != programme.signs:
        programme.settings["signs"] = limits
    event = events.ProgrammeSettingsChanged(
        ref=key,
        visibility=visibility,
        warning_days=warning_days,
        extension_limit=extension_limit,
        last_meeting_on=programme.settings.get("last_meeting_on", ""),
        signs=programme.settings.get("signs", {}),
    )
    return programme, _record(programme, event, actor, at, *([made] if made else []))


@transaction.atomic
def change_ladder(
    *, actor: Actor, key: str, version: int, ladder: escalation.Ladder, at: datetime
) -> tuple[Programme, Entry]:
    """Write the programme's ladder anew（修改阶梯）; it holds for what is issued from now on, and only for that.

    Raises:
        Refused: ``not_found``, ``stale_version``, ``not_programme_owner``.
    """
    programme = _locked(actor, key, version)
    written = _write_ladder(programme, ladder, at)
    event = events.LadderChanged(ref=key, number=written.number, steps=len(ladder.steps))
    return programme, _record(programme, event, actor, at, written)


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


def post_within(lead: Unit, ref: str) -> Post:
    """An active post of the lead unit or of a unit within it.

    Raises:
        Refused: ``post_outside``.
    """
    chosen = Post.objects.filter(ref=ref, active=True, **subtree("unit__path", lead.path)).first()
    if chosen is None:
        raise Refused("post_outside")
    return chosen


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
    post: str = "",
    kind: str = "task",
    due_on: date | None = None,
    due_days: int | None = None,
    due_kind: str = "",
    accept_days: int = 5,
    cadence: str = "on_change",
    frequency: str = "",
    asks_files: int = 0,
    asks_photos: int = 0,
    source_quote: str = "",
    source_place: str = "",
    off_system: bool | None = None,
    at: datetime,
) -> Done:
    """Draft a commitment（任务）: who delivers what by when. The actor's unit becomes its issuer.

    The date is either ``due_on`` or ``due_days`` from the day of issue, counted as ``due_kind`` says (``calendar``,
    ``working``; the programme's way when empty); without a source quote the
    sentence of the matter stands. ``post`` names the post of the lead unit, or within it, that does it. An
    off-system item（离线办理）carries no words; the matter's setting is the default.

    Raises:
        Refused: ``not_programme_owner`` (role), ``not_found`` (matter), ``lead_outside``, ``title_missing``,
            ``post_outside``, ``off_system_words``, ``too_much_evidence``, or a screening code.
    """
    wanted = Wanted(
        matter=matter,
        lead=lead,
        title=title,
        requirement=requirement,
        criteria=criteria,
        sub_matter=sub_matter,
        supporting=supporting,
        post=post,
        kind=kind,
        due_on=due_on,
        due_days=due_days,
        due_kind=due_kind,
        accept_days=accept_days,
        cadence=cadence,
        frequency=frequency,
        asks_files=asks_files,
        asks_photos=asks_photos,
        source_quote=source_quote,
        source_place=source_place,
        off_system=off_system,
    )
    [done] = draft_commitments(actor=actor, wanted=[wanted], at=at)
    if isinstance(done, Refused):
        raise done
    return done


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One draft to be made; the fields are those of :func:`draft_commitment`."""

    matter: int
    lead: int
    title: str = ""
    requirement: str = ""
    criteria: Sequence[str] = ()
    sub_matter: int | None = None
    supporting: Sequence[int] = ()
    post: str = ""
    kind: str = "task"
    due_on: date | None = None
    due_days: int | None = None
    due_kind: str = ""
    accept_days: int = 5
    cadence: str = "on_change"
    frequency: str = ""
    asks_files: int = 0
    asks_photos: int = 0
    source_quote: str = ""
    source_place: str = ""
    off_system: bool | None = None


@transaction.atomic
def draft_commitments(*, actor: Actor, wanted: Sequence[Wanted], at: datetime) -> list[Done | Refused]:
    """Draft several commitments, each an act with an entry of its own（逐项起草）, in the statements of one.

    A draft that is refused changes nothing and stops no other; the others stand together or not at all.

    Args:
        actor: whose unit becomes the issuer.
        wanted: what is to be drafted.
        at: now.

    Returns:
        for each, in its order, what was done or why not; the codes are those of :func:`draft_commitment`.
    """
    if actor.role not in (Role.HEAD, Role.OFFICE):
        return [Refused("not_programme_owner") for _one in wanted]
    known = _Known.of(actor, wanted)
    made: list[Commitment | Refused] = []
    for one in wanted:
        try:
            made.append(_drafted(one, known, actor, at))
        except Refused as refused:
            made.append(refused)
    drafts = [one for one in made if isinstance(one, Commitment)]
    for matter in {draft.matter_id: draft.matter for draft in drafts}.values():
        some = [draft for draft in drafts if draft.matter_id == matter.pk]
        for draft, ref in zip(some, reserve_refs(matter, len(some), matter.programme.prefix), strict=True):
            draft.ref = ref
    Commitment.objects.bulk_create(drafts)
    helpers = zip(made, wanted, strict=True)
    Support.objects.bulk_create(
        Support(commitment=draft, unit=known.leads[pk])
        for draft, one in helpers
        if isinstance(draft, Commitment)
        for pk in dict.fromkeys(one.supporting)
        if pk in known.leads and pk != draft.lead_id
    )
    acts = [
        ledger.Act(
            events.CommitmentDrafted(ref=draft.ref, title="" if draft.off_system else draft.title),
            {draft.ledger_key: draft.ledger_state()},
            (draft.ref,),
        )
        for draft in drafts
    ]
    entries = iter(ledger.append_each(acts, actor=actor, at=at) if acts else [])
    projections.on_words(drafts)
    return [Done(one, next(entries)) if isinstance(one, Commitment) else one for one in made]


@dataclass(frozen=True, slots=True)
class _Known:
    """What the drafts name, fetched once with permission."""

    matters: Mapping[int, Matter]
    leads: Mapping[int, Unit]
    parts: Mapping[int, SubMatter]

    @classmethod
    def of(cls, actor: Actor, wanted: Sequence[Wanted]) -> _Known:
        programmes = queries.programmes(actor)
        matters = Matter.objects.select_related("programme__owner", "programme__timing_now").filter(
            pk__in={one.matter for one in wanted}, programme__in=programmes
        )
        units = {one.lead for one in wanted} | {pk for one in wanted for pk in one.supporting}
        parts = {one.sub_matter for one in wanted if one.sub_matter}
        return cls(
            matters.in_bulk(),
            {unit.pk: unit for unit in queries.possible_leads(actor).filter(pk__in=units)},
            SubMatter.objects.in_bulk(parts) if parts else {},
        )


def _drafted(one: Wanted, known: _Known, actor: Actor, at: datetime) -> Commitment:
    """One draft, not yet written and without its number."""
    matter, lead = known.matters.get(one.matter), known.leads.get(one.lead)
    if matter is None:
        raise Refused("not_found")
    if lead is None:
        raise Refused("lead_outside")
    part = known.parts.get(one.sub_matter or 0)
    apart = matter.off_system if one.off_system is None else one.off_system
    if apart and (one.title.strip() or one.requirement.strip() or one.criteria):
        raise Refused("off_system_words")
    burden.require_modest(one.asks_files, one.asks_photos)
    if apart and (one.asks_files or one.asks_photos):
        raise Refused("off_system_words")
    if not apart and not (one.title.strip() and one.requirement.strip()):
        raise Refused("title_missing")
    return Commitment(
        programme=matter.programme,
        matter=matter,
        sub_matter=part if part is not None and part.matter_id == matter.pk else None,
        kind=lifecycle.Kind(one.kind),
        state=lifecycle.State.DRAFT,
        off_system=apart,
        title=OFF_SYSTEM_TITLE if apart else acting.said(one.title),
        requirement=acting.said(one.requirement),
        criteria=[acting.said(item) for item in one.criteria if item.strip()],
        source_quote="" if apart else acting.said(one.source_quote) or matter.source_quote,
        source_place="" if apart else acting.said(one.source_place) or matter.source_place,
        issuer_id=actor.effective.unit_id,
        lead=lead,
        lead_post=post_within(lead, one.post) if one.post else None,
        line_units=[actor.effective.unit_id],
        deadline_n=one.due_days,
        deadline_kind=one.due_kind or _due_kind(matter.programme),
        due_on=one.due_on,
        accept_days=one.accept_days,
        cadence=one.cadence,
        asks_files=one.asks_files,
        asks_photos=one.asks_photos,
        frequency=calendar.frequency(one.frequency).value if one.frequency else "",
        created_at=at,
    )


def _due_kind(programme: Programme) -> str:
    """How the programme counts terms."""
    return programme.timing_now.due_kind if programme.timing_now else "calendar"


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
    due_kind: str = "",
    asks_files: int | None = None,
    asks_photos: int | None = None,
    at: datetime,
) -> Done:
    """Edit a draft（修改草案）; what is issued is changed by acts with a reason, never edited.

    Raises:
        Refused: ``title_missing``, ``lead_outside``, ``too_much_evidence``; see
            :func:`luoshi.delivery.services.acting.begin`.
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
    if asks_files is not None:
        commitment.asks_files = asks_files
    if asks_photos is not None:
        commitment.asks_photos = asks_photos
    burden.require_modest(commitment.asks_files, commitment.asks_photos)
    commitment.deadline_kind = due_kind or _due_kind(commitment.programme)
    return doing.finish(events.CommitmentEdited(ref=ref, title=commitment.title))


def require_new(
    units: Sequence[Unit], title: str, *, within: str = "", but: Sequence[int] = (), like: Commitment | None = None
) -> None:
    """None of these units is asked the same already（查重）.

    Raises:
        Refused: ``asked_already``, ``figure_asked_already`` with the live one.
    """
    for found in asked.already_asked(units, title, within=within, but=but, like=like).values():
        raise found.refusal()


@transaction.atomic
def issue_commitment(*, actor: Actor, ref: str, version: int, different: str = "", at: datetime) -> Done:
    """Hand a draft over to its lead（交办）, under the programme's authority; its dates are fixed now.

    Raises:
        Refused: ``asked_already``, ``figure_asked_already`` unless ``different`` says why it is not the same;
            ``no_authority``,
            ``authority_over``, ``lead_does_not_receive``, ``no_deadline`` and those of
            :func:`luoshi.delivery.services.acting.begin`.
    """
    reason = acting.said(different)
    doing = acting.begin(Act.ISSUE, actor=actor, ref=ref, version=version, at=at)
    if not reason:
        require_new([doing.commitment.lead], doing.commitment.title, but=[doing.commitment.pk], like=doing.commitment)
    timing.set_dates(doing.commitment, at)
    authority = doing.commitment.programme.authorities.first()
    return doing.finish(
        events.CommitmentIssued(
            ref=ref,
            lead=doing.commitment.lead_id,
            due_on=iso(doing.commitment.due_on),
            authority=authority.pk if authority else 0,
            reason=reason,
        )
    )
