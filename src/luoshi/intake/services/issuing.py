"""Issuing a draft（立项交办）: a programme with its authority, its matters and its commitments, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext

from luoshi.delivery import queries as delivery
from luoshi.delivery import services
from luoshi.delivery.models import Commitment, Matter, Programme, Series, SubMatter
from luoshi.delivery.services import acting, drafting
from luoshi.intake import events, queries
from luoshi.intake.models import Draft, DraftItem, Outcome
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
    matter_unknown=_("The programme has no matter %(number)s: choose one of its own, or a new one."),
    authority_missing=_("Say who ordered it, in which document, for what, from which day and until when."),
)
MATTERS = 99
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
    matter: str = ""
    """The one matter that takes everything, for a list without headings; "" makes a matter of each highest item."""


@transaction.atomic
def issue_draft(
    *,
    actor: Actor,
    draft: int,
    version: int,
    new: NewProgramme | None = None,
    programme: str = "",
    matters: Mapping[int, int] | None = None,
    different: str = "",
    at: datetime,
) -> tuple[Draft, Entry]:
    """Issue a draft as a programme（立项交办）, or add it to one: all of it or nothing.

    The highest items become matters, the next level their parts, every item that asks for something a commitment that
    keeps its words and place in the document. Where 各州（市） leads, each area one level below gets a commitment of
    its own; where it helps, each of them supports. In a programme that stands, a highest item goes to the matter of the
    same name, or to the one said in ``matters``; what fits none becomes a new matter.

    Args:
        actor: who issues, for its area.
        draft: the draft's id.
        version: the version looked at.
        new: the programme to set up, or
        programme: the key of the one to add to.
        different: why a unit is asked what it is asked already; recorded with every task.
        matters: in that one, highest item → number of the matter it goes to, 0 for a new matter; what is not named goes
            by its name.
        at: now.

    Raises:
        Refused: those of ``locked``; ``draft_empty``, ``draft_wide``, ``items_without_lead``, ``items_without_date``,
            ``items_out_of_reach``, ``authority_missing``, ``authority_dates``, ``programme_taken``,
            ``programme_without_authority``, ``matter_unknown``, ``prefix_invalid``, ``not_programme_owner``,
            and those of drafting and issuing a commitment.
    """
    found = locked(actor, draft, version)
    items = queries.items_of(found)
    lines = queries.lines(items)
    _check(lines)
    roots = [line for line in lines if line.depth == 0]
    with ledger.numbering_later(at):
        chosen = _set_up(actor, new, found, at) if new is not None else _existing(actor, programme, at)
        placed = _placed(chosen, roots, found, new, matters or {}, items)
        outcomes = _commitments(actor, placed, acting.said(different), at)
        found.programme, found.issued_at, found.shared = chosen, at, True
        count = len({one.commitment.matter_id for one in outcomes})
        event = events.DraftIssued(draft=found.pk, programme=chosen.key, matters=count, commitments=len(outcomes))
        entry = record(found, event, actor, at, outcomes)
    return found, entry


def _check(lines: Sequence[queries.Line]) -> None:
    leaves = [line for line in lines if line.task]
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


Pair = tuple[DraftItem, drafting.Wanted]


def _placed(
    programme: Programme,
    roots: Sequence[queries.Line],
    draft: Draft,
    new: NewProgramme | None,
    chosen: Mapping[int, int],
    items: Sequence[DraftItem],
) -> list[Pair]:
    """Every commitment wanted, under its matter and part; matters and parts are made where none fits."""
    words = _Words(draft, items)
    if new is not None and new.matter.strip():
        whole = _new_matter(programme, screening.screen(new.matter.strip()).text[:200], draft.document.title, 1)
        return [pair for line in roots for pair in words.part(whole, line)]
    standing = {matter.number: matter for matter in programme.matters.all()}
    unknown = [number for number in chosen.values() if number and number not in standing]
    if unknown:
        raise Refused("matter_unknown", number=unknown[0])
    named = queries.matters_named(programme, roots)
    last = max(standing, default=0)
    out: list[Pair] = []
    for root in roots:
        number = chosen.get(root.item.pk, named.get(root.item.pk, 0))
        matter = standing.get(number)
        if matter is None:
            last += 1
            if last > MATTERS:
                raise Refused("draft_wide", count=len(roots))
            matter = _new_matter(programme, root.item.name, root.item.source_text, last, words.place(root))
            out += words.under(matter, root)
        elif root.task and not root.children:
            out += words.part(matter, root)
        else:
            out += words.under(matter, root)
    return out


def _new_matter(programme: Programme, name: str, quote: str, number: int, place: str = "") -> Matter:
    matter = Matter.objects.create(
        programme=programme, number=number, name_zh=name, source_quote=quote, source_place=place
    )
    Series.objects.create(matter=matter)
    return matter


class _Words:
    """From lines of the draft to what is wanted of whom, each with the words it stands on."""

    def __init__(self, draft: Draft, items: Sequence[DraftItem]) -> None:
        self.draft = draft
        self.below = [unit.pk for unit in queries.receivers_below(draft.document.owner)]
        self.merged: dict[int, list[DraftItem]] = {}
        for item in items:
            if item.merged_into_id:
                self.merged.setdefault(item.merged_into_id, []).append(item)

    def place(self, line: queries.Line) -> str:
        """Where it stands: the document and the number path, at most 200 characters."""
        words = f"《{line.item.source.title}》 {line.item.number}".strip()
        return words if len(words) <= 200 else f"{words[:199]}…"

    def quote(self, item: DraftItem) -> str:
        """The words an item stands on, with those of the items made one with it."""
        out, waiting = [], [item]
        while waiting:
            one = waiting.pop(0)
            out.append(one.source_text)
            waiting += self.merged.get(one.pk, [])
        return "\n".join(filter(None, out))

    def under(self, matter: Matter, root: queries.Line) -> list[Pair]:
        """A matter's own commitment and those of its parts."""
        out = self.wanted(matter, None, root) if root.task else []
        for line in root.children:
            out += self.part(matter, line)
        return out

    def part(self, matter: Matter, line: queries.Line) -> list[Pair]:
        """The commitments of one part of a matter; a part of the same name is used again."""
        same = queries.folded(line.item.name)
        parts = list(matter.sub_matters.all())
        sub = next((one for one in parts if queries.folded(one.name_zh) == same), None)
        if sub is None:
            number = max((one.number for one in parts), default=0) + 1
            sub = SubMatter.objects.create(matter=matter, number=number, name_zh=line.item.name)
        return [pair for one in _tasks(line) for pair in self.wanted(matter, sub, one)]

    def wanted(self, matter: Matter, sub: SubMatter | None, line: queries.Line) -> list[Pair]:
        """One commitment, or one for each area below where all of them lead."""
        item = line.item
        [lead] = queries.leads(item)
        leading = self.below if lead.get("below") else [int(lead["unit"])]
        others: list[int] = []
        for one in item.units:
            if one is not lead:
                others += self.below if one.get("below") else [int(one["unit"])] if one.get("unit") else []
        duty = item.due_on is None and item.frequency in queries.RHYTHMS
        return [
            (
                item,
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
                    source_quote=self.quote(item),
                    source_place=self.place(line),
                ),
            )
            for unit in leading
        ]


def _tasks(line: queries.Line) -> list[queries.Line]:
    own = [line] if line.task else []
    return own + [task for below in line.children for task in _tasks(below)]


def _commitments(actor: Actor, pairs: Sequence[Pair], different: str, at: datetime) -> list[Outcome]:
    """Draft all in the statements of one, hand each over, and say what each came of.

    What a unit is asked already is refused as ever; but the tasks of one document are what their author told apart,
    however alike their words.
    """
    made: list[Commitment] = []
    for drafted in drafting.draft_commitments(actor=actor, wanted=[wanted for _item, wanted in pairs], at=at):
        if isinstance(drafted, Refused):
            raise drafted
        made.append(drafted.commitment)
    own, out = [one.pk for one in made], []
    for (item, _wanted), one in zip(pairs, made, strict=True):
        if not different:
            drafting.require_new([one.lead], one.title, but=own, like=one)
        why = different or gettext("A task of its own in the same document.")
        done: acting.Done = services.issue_commitment(
            actor=actor, ref=one.ref, version=one.version, different="" if one.off_system else why, at=at
        )
        out.append(Outcome(item=item, commitment=done.commitment))
    return Outcome.objects.bulk_create(out)
