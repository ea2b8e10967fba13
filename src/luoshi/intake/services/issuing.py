"""Issuing a draft（立项交办）: a programme with its authority, its matters and its commitments, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Max

from luoshi.delivery import queries as delivery
from luoshi.delivery import services
from luoshi.delivery.models import Matter, Programme, Series, SubMatter
from luoshi.delivery.services import acting, drafting
from luoshi.intake import events, queries
from luoshi.intake.models import Draft, Outcome
from luoshi.intake.services.editing import locked, record
from luoshi.ledger import services as ledger
from luoshi.ledger.models import Entry
from luoshi.rules import calendar
from luoshi.rules.documents import screening
from luoshi.rules.lifecycle import Kind
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused, declare, gettext_noop

_ = gettext_noop
declare(
    409,
    programme_taken=_("There is a programme with the key “%(key)s” or the prefix “%(prefix)s” already: choose others."),
    programme_without_authority=_("The programme has no authority in force: record who ordered it, then add to it."),
)
declare(
    422,
    draft_empty=_("The draft holds no item that could be issued."),
    draft_wide=_("A programme holds at most 99 matters: the draft has %(count)s at its highest level."),
    items_without_lead=_("Name the one unit that leads: %(items)s."),
    items_without_date=_("Say by which day, or in which rhythm: %(items)s."),
    items_out_of_reach=_("The lead must be a unit that receives tasks within your area: %(items)s."),
    authority_missing=_("Say who ordered it, in which document, for what, from which day and until when."),
)
NAMED = 12
"""So many items are named in a refusal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewProgramme:
    """The programme a draft becomes; the authority is what the document says and the form asks."""

    key: str
    prefix: str
    name_zh: str
    name_en: str = ""
    who: str
    document: str
    document_no: str = ""
    scope: str
    from_on: date | None
    until_on: date | None


@transaction.atomic
def issue_draft(
    *,
    actor: Actor,
    draft: int,
    version: int,
    new: NewProgramme | None = None,
    programme: str = "",
    at: datetime,
) -> tuple[Draft, Entry]:
    """Issue a draft as a programme（立项交办）, or add it to one: all of it or nothing.

    The highest items become matters, the next level their parts, every item without parts a commitment that keeps its
    words and place in the document; 各州（市） becomes one commitment for each area one level below.

    Args:
        actor: who issues, for its area.
        draft: the draft's id.
        version: the version looked at.
        new: the programme to set up, or
        programme: the key of the one to add to.
        at: now.

    Raises:
        Refused: those of ``locked``; ``draft_empty``, ``draft_wide``, ``items_without_lead``, ``items_without_date``,
            ``items_out_of_reach``, ``authority_missing``, ``authority_dates``, ``programme_taken``,
            ``programme_without_authority``, ``prefix_invalid``, ``not_programme_owner``, and those of drafting and
            issuing a commitment.
    """
    found = locked(actor, draft, version)
    lines = queries.lines(queries.items_of(found))
    _check(lines)
    roots = [line for line in lines if line.depth == 0]
    with ledger.numbering_later(at):
        chosen = _set_up(actor, new, found, at) if new is not None else _existing(actor, programme, at)
        first = chosen.matters.aggregate(last=Max("number"))["last"] or 0
        if first + len(roots) > 99:
            raise Refused("draft_wide", count=first + len(roots))
        outcomes: list[Outcome] = []
        for number, root in enumerate(roots, start=first + 1):
            outcomes += _matter(actor, chosen, root, number, found, at)
        found.programme, found.issued_at, found.shared = chosen, at, True
        event = events.DraftIssued(draft=found.pk, programme=chosen.key, matters=len(roots), commitments=len(outcomes))
        entry = record(found, event, actor, at, outcomes)
    return found, entry


def _check(lines: Sequence[queries.Line]) -> None:
    leaves = [line for line in lines if line.leaf]
    if not leaves:
        raise Refused("draft_empty")
    leading = {queries.NO_LEAD, queries.SEVERAL}
    _none(leaves, "items_without_lead", leading)
    unsettled = [
        line
        for line in leaves
        if any(one.get("unit") is None and not one.get("below") for one in queries.leads(line.item))
    ]
    if unsettled:
        raise Refused("items_out_of_reach", items=_names(unsettled))
    _none(leaves, "items_without_date", {queries.NO_DATE, queries.RHYTHM})


def _none(leaves: Sequence[queries.Line], code: str, what: set[str]) -> None:
    wrong = [line for line in leaves if what & set(line.concerns)]
    if wrong:
        raise Refused(code, items=_names(wrong))


def _names(lines: Sequence[queries.Line]) -> tuple[str, ...]:
    names = [f"{line.item.number} {line.item.name[:40]}".strip() for line in lines[:NAMED]]
    return (*names, f"… +{len(lines) - NAMED}") if len(lines) > NAMED else tuple(names)


def _set_up(actor: Actor, new: NewProgramme, draft: Draft, at: datetime) -> Programme:
    told = [new.who, new.document, new.scope]
    if not all(one.strip() for one in told) or new.from_on is None or new.until_on is None:
        raise Refused("authority_missing")
    clash = Programme.objects.filter(key=new.key) | Programme.objects.filter(prefix=new.prefix)
    if clash.exists():
        raise Refused("programme_taken", key=new.key, prefix=new.prefix)
    programme, _entry = services.create_programme(
        actor=actor,
        key=new.key,
        prefix=new.prefix,
        name_zh=screening.screen(new.name_zh.strip()).text,
        name_en=screening.screen(new.name_en.strip()).text,
        owner=draft.document.owner,
        matters=(),
        at=at,
    )
    services.record_authority(
        actor=actor,
        key=new.key,
        version=programme.version,
        who=new.who,
        document=new.document,
        document_no=new.document_no,
        document_on=draft.document.doc_on,
        scope=new.scope,
        from_on=new.from_on,
        until_on=new.until_on,
        at=at,
    )
    programme.refresh_from_db()
    services.issue_programme(actor=actor, key=new.key, version=programme.version, at=at)
    programme.refresh_from_db()
    return programme


def _existing(actor: Actor, key: str, at: datetime) -> Programme:
    programme = delivery.programme_for(actor, key)
    drafting.require_steering(programme, actor)
    today = calendar.local_day(at)
    in_force = programme.authorities.filter(from_on__lte=today, until_on__gte=today)
    if programme.state != Programme.State.ISSUED or not in_force.exists():
        raise Refused("programme_without_authority")
    return Programme.objects.select_for_update(of=("self",)).select_related("owner__area").get(pk=programme.pk)


def _matter(
    actor: Actor, programme: Programme, root: queries.Line, number: int, draft: Draft, at: datetime
) -> list[Outcome]:
    matter = Matter.objects.create(
        programme=programme,
        number=number,
        name_zh=root.item.name,
        source_quote=root.item.source_text,
        source_place=_place(draft, root),
    )
    Series.objects.create(matter=matter)
    out: list[Outcome] = []
    if root.leaf:
        return _commitments(actor, matter, None, root, draft, at)
    for part, line in enumerate(root.children, start=1):
        sub = SubMatter.objects.create(matter=matter, number=part, name_zh=line.item.name)
        for leaf in _leaves(line):
            out += _commitments(actor, matter, sub, leaf, draft, at)
    return out


def _leaves(line: queries.Line) -> list[queries.Line]:
    if line.leaf:
        return [line]
    return [leaf for below in line.children for leaf in _leaves(below)]


def _place(draft: Draft, line: queries.Line) -> str:
    """Where it stands: the document and the number path, at most 200 characters."""
    words = f"《{line.item.source.title}》 {line.item.number}".strip()
    return words if len(words) <= 200 else f"{words[:199]}…"


def _commitments(
    actor: Actor, matter: Matter, sub: SubMatter | None, line: queries.Line, draft: Draft, at: datetime
) -> list[Outcome]:
    item = line.item
    [lead] = queries.leads(item)
    if lead.get("below"):
        leading = [unit.pk for unit in queries.receivers_below(draft.document.owner)]
    else:
        leading = [int(lead["unit"])]
    others = [int(one["unit"]) for one in item.units if one.get("unit") and one is not lead]
    duty = item.due_on is None and item.frequency in queries.RHYTHMS
    wanted = [
        drafting.Wanted(
            matter=matter.pk,
            lead=unit,
            title=item.name,
            requirement=item.requirement or item.title,
            criteria=[str(one["words"]) for one in item.targets],
            sub_matter=sub.pk if sub else None,
            supporting=others,
            kind=(Kind.DUTY if duty else Kind.TASK).value,
            due_on=item.due_on,
            frequency=item.frequency if duty else "",
            source_quote=item.source_text,
            source_place=_place(draft, line),
        )
        for unit in leading
    ]
    out = []
    for one in drafting.draft_commitments(actor=actor, wanted=wanted, at=at):
        if isinstance(one, Refused):
            raise one
        done: acting.Done = services.issue_commitment(
            actor=actor, ref=one.commitment.ref, version=one.commitment.version, at=at
        )
        out.append(Outcome.objects.create(item=item, commitment=done.commitment))
    return out
