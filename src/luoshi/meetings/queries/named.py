"""复盘册点名的任务: for every rule the few rows that tell most, for each unit and for each matter.

One statement a rule finds the first :data:`SHOWN` of every unit and of every matter by windows over the same rows, so
it takes as many statements for one unit as for sixteen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from django.db.models import F, Max, Min, OrderBy, OuterRef, Q, QuerySet, Subquery, Window
from django.db.models.functions import RowNumber, Substr, TruncDate

from luoshi.assurance.queries.directing import histories
from luoshi.delivery.models import Commitment, Finding, LookBack, Report, Request
from luoshi.delivery.queries.foreseen import expected
from luoshi.meetings.queries import figures
from luoshi.meetings.queries.figures import Ground
from luoshi.office.models.many import among
from luoshi.rules import book
from luoshi.rules.book import Row
from luoshi.rules.calendar import SHANGHAI, local_day
from luoshi.rules.directing import late_jump
from luoshi.rules.lifecycle import OVER

SHOWN = book.LIMITS.rows
JUDGED = 40
"""Rows of each unit and matter that are judged for a leap at the end; the newest."""
OVERDUE, FORESEEN = "overdue", "foreseen"
"""Lists that raise no question but are named in the book."""
LISTS = (OVERDUE, FORESEEN)
COLUMNS = ("pk", "ref", "title", "said", "verified", "due_on", "first_due_on", "lead_path", "matter_id", "lead__name")


@dataclass(slots=True)
class Named:
    """Rows of one rule: the first of every unit and of every matter, of the whole, and of both where it is asked."""

    by_both: dict[tuple[int, int], list[Row]] = field(default_factory=lambda: defaultdict(list))
    by_unit: dict[int, list[Row]] = field(default_factory=lambda: defaultdict(list))
    by_matter: dict[int, list[Row]] = field(default_factory=lambda: defaultdict(list))
    whole: list[Row] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Rule:
    """Which rows, in which order, and how a row tells its day."""

    rows: QuerySet[Commitment]
    order: Sequence[OrderBy | str]
    tell: Callable[[Row, dict[str, Any]], Row]
    both: bool = False
    """Whether the first of every unit and matter together are named, too."""


def _day(moment: datetime | None) -> date | None:
    return local_day(moment) if moment is not None else None


def _heard(row: Row, told: dict[str, Any]) -> Row:
    return replace(row, day=_day(told["told_"]))


def _due(row: Row, told: dict[str, Any]) -> Row:
    return replace(row, day=told["due_on"])


def _moved(row: Row, told: dict[str, Any]) -> Row:
    return replace(row, day=told["first_due_on"], until=told["due_on"])


def _rules(on: Ground) -> dict[str, _Rule]:
    live = figures.live(on)
    leaves = live.filter(children_count=0)
    whole_since = (
        Report.objects.filter(commitment=OuterRef("pk"), percent=100)
        .order_by()
        .values("commitment")
        .annotate(first=Min("recorded_at"))
        .values("first")
    )
    failed = figures.visits_after_said(on).filter(holds=False).order_by().values("commitment")
    owed = figures.owed(on).filter(reply_by_on__lt=on.today).order_by().values("commitment")
    asked_at = (
        Request.objects.filter(commitment=OuterRef("pk"), replied_at__isnull=True, withdrawn_at__isnull=True)
        .order_by()
        .values("commitment")
        .annotate(first=Min("reply_by_on"))
        .values("first")
    )
    relapsed = LookBack.objects.filter(passed=False, at__gte=on.begins, at__lt=on.ends)
    looked_at = (
        relapsed.filter(commitment=OuterRef("pk"))
        .order_by()
        .values("commitment")
        .annotate(last=Max("at"))
        .values("last")
    )
    return {
        book.GAP: _Rule(
            leaves.filter(gap__gte=book.LIMITS.gap_points).exclude(state__in=OVER), ("-gap", "pk"), _due, both=True
        ),
        book.VISITED: _Rule(live.filter(pk__in=failed).annotate(told_=Subquery(whole_since)), ("told_", "pk"), _heard),
        book.SILENT: _Rule(
            live.filter(figures.silent(on.today)).annotate(told_=F("heard_at")), ("heard_at", "pk"), _heard
        ),
        book.EXTENDED: _Rule(
            live.filter(figures.extended_again(), first_due_on__isnull=False, due_on__isnull=False),
            ("-extensions_granted", "first_due_on", "pk"),
            _moved,
        ),
        book.OWED: _Rule(
            live.filter(pk__in=owed).annotate(told_=Subquery(asked_at)),
            ("told_", "pk"),
            lambda row, told: replace(row, day=told["told_"]),
        ),
        book.RELAPSE: _Rule(
            live.filter(pk__in=relapsed.order_by().values("commitment")).annotate(told_=Subquery(looked_at)),
            ("-told_", "pk"),
            _heard,
        ),
        book.BURDEN: _Rule(live.filter(figures.still_asked()), ("due_key", "pk"), _due),
        OVERDUE: _Rule(live.filter(light="red"), ("due_key", "pk"), _due),
        FORESEEN: _Rule(live.filter(expected(on.today)), ("due_key", "pk"), _due),
    }


def named(on: Ground) -> Mapping[str, Named]:
    """The rows every rule names（点名）; eleven statements, four of them for leaps at the end."""
    found = {code: _picked(on, rule) for code, rule in _rules(on).items()}
    found[book.LATE_JUMP] = _leaps(on)
    return found


def _ranked(
    on: Ground, rows: QuerySet[Commitment], order: Sequence[OrderBy | str], most: int, *, both: bool = False
) -> QuerySet[Any]:
    place = Substr("lead_path", 1, on.width)
    ranked = rows.annotate(place_=place).annotate(
        in_unit=Window(RowNumber(), partition_by=[F("place_")], order_by=list(order)),
        in_matter=Window(RowNumber(), partition_by=[F("matter_id")], order_by=list(order)),
        in_whole=Window(RowNumber(), order_by=list(order)),
    )
    first = Q(in_unit__lte=most) | Q(in_matter__lte=most)
    if both:
        pair = Window(RowNumber(), partition_by=[F("place_"), F("matter_id")], order_by=list(order))
        ranked, first = ranked.annotate(in_both=pair), first | Q(in_both__lte=most)
    return ranked.filter(first).order_by("in_whole")


def _picked(on: Ground, rule: _Rule) -> Named:
    extra = ("told_",) if "told_" in rule.rows.query.annotations else ()
    places = ("in_unit", "in_matter", "in_whole", *(("in_both",) if rule.both else ()))
    found = Named()
    for told in _ranked(on, rule.rows, rule.order, SHOWN, both=rule.both).values(*COLUMNS, *extra, *places):
        _put(on, found, rule.tell(_row(told), told), told)
    return found


def _row(told: Mapping[str, Any]) -> Row:
    return Row(told["ref"], told["title"], told["lead__name"], said=told["said"], verified=told["verified"])


def _put(on: Ground, found: Named, row: Row, told: Mapping[str, Any]) -> None:
    unit = on.unit_of(told["lead_path"])
    if len(found.by_unit[unit]) < SHOWN and told["in_unit"] <= SHOWN:
        found.by_unit[unit].append(row)
    if told.get("in_both", SHOWN + 1) <= SHOWN:
        found.by_both[unit, told["matter_id"]].append(row)
    if told["in_matter"] <= SHOWN:
        found.by_matter[told["matter_id"]].append(row)
    if told["in_whole"] <= SHOWN:
        found.whole.append(row)


def _leaps(on: Ground) -> Named:
    """Leaps at the end（末期跃升）among the newest that were said to be complete in time, judged by the rules."""
    in_time = TruncDate("completed_at", tzinfo=SHANGHAI)
    complete = figures.live(on).filter(
        children_count=0, said=100, completed_at__gte=on.begins, due_on__isnull=False, due_on__gte=in_time
    )
    chosen = {told["pk"]: told for told in _ranked(on, complete, ("-completed_at", "-pk"), JUDGED).values(*_PLACED)}
    rows = list(Commitment.objects.filter(pk__in=among(list(chosen))).select_related("lead")) if chosen else []
    records = histories(rows, on.today)
    found = Named()
    for row in sorted(rows, key=lambda row: int(chosen[row.pk]["in_whole"])):
        sign = late_jump(records[row.pk], on.programme.signs)
        if sign is None:
            continue
        told = Row(
            row.ref, row.title, row.lead.name, sign.params["on"], percent=sign.params["before"],
            said=row.said, verified=row.verified,
        )  # fmt: skip
        found.by_unit[on.unit_of(row.lead_path)].append(told)
        found.by_matter[row.matter_id].append(told)
        found.whole.append(told)
    return found


_PLACED = ("pk", "lead_path", "matter_id", "in_whole")


def requests(on: Ground) -> Mapping[int, list[dict[str, Any]]]:
    """Replies owed above, the longest due first, the first :data:`SHOWN` of each unit（上级欠复）; one statement."""
    rows = figures.owed(on).annotate(
        place_=Substr("commitment__lead_path", 1, on.width),
        in_unit=Window(RowNumber(), partition_by=[F("asker_")], order_by=["reply_by_on", "pk"]),
    )
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    told = rows.filter(in_unit__lte=SHOWN).select_related("commitment__lead", "commitment__issuer", "lies_with")
    for one in told.order_by("reply_by_on", "pk"):
        mine = found[on.unit_of(one.commitment.lead_path)]
        if len(mine) < SHOWN:
            lies = one.lies_with or one.commitment.issuer
            mine.append(
                {
                    "ref": one.commitment.ref,
                    "lead": one.commitment.lead.name,
                    "question": "" if one.commitment.off_system else one.question[:200],
                    "asked_on": local_day(one.at).isoformat(),
                    "reply_by_on": one.reply_by_on.isoformat() if one.reply_by_on else None,
                    "lies_with": lies.name,
                }
            )
    return found


def findings(on: Ground) -> Mapping[int, list[dict[str, Any]]]:
    """Findings that are open or were raised since the meeting, the first of each unit（疑点）; one statement."""
    rows = Finding.objects.filter(
        Q(conclusion="") | Q(at__gte=on.begins),
        commitment__in=figures.live(on).order_by().values("pk"),
    ).annotate(place_=Substr("commitment__lead_path", 1, on.width))
    ranked = rows.annotate(in_unit=Window(RowNumber(), partition_by=[F("place_")], order_by=["conclusion", "-pk"]))
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for one in ranked.filter(in_unit__lte=SHOWN).select_related("commitment__lead").order_by("conclusion", "-pk"):
        mine = found[on.unit_of(one.commitment.lead_path)]
        if len(mine) < SHOWN:
            mine.append(
                {
                    "ref": one.commitment.ref,
                    "lead": one.commitment.lead.name,
                    "words": "" if one.commitment.off_system else one.words[:200],
                    "on": local_day(one.at).isoformat(),
                    "answered": one.answered_at is not None,
                    "conclusion": one.conclusion,
                }
            )
    return found
