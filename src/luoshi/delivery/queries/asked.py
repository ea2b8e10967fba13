"""What is asked already, and what it costs（减负查询）: live asks of a unit, and the burden they add up to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import Count, Min, Q, QuerySet

from luoshi.delivery.models import Commitment
from luoshi.delivery.models.programmes import in_language
from luoshi.delivery.queries.register import visible
from luoshi.office.queries.terms import cut
from luoshi.rules import alike, burden, paths
from luoshi.rules.lifecycle import OVER, Kind, State
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused
from luoshi.units.models import Unit

NOT_ASKED = (State.DRAFT.value, State.DECLINED.value, *(state.value for state in OVER))
"""States in which nothing is asked of anybody."""
EVIDENCE = ("asks_files", "asks_photos")
"""Columns that say what evidence one answer is asked for."""
FEW_UNITS = 500
"""Up to so many units are named one by one; beyond, the range of their area is read."""
LISTED = 50
"""Asks of one page of the burden."""
VISIT_DAYS = 30
"""Days over which visits are counted on that page."""
VISIT_SOURCES: list[Callable[[str, date, date], Iterable[tuple[str, int]]]] = []
"""What applications above tell of visits: paths of units beneath a path, and how many met each from a day to a day."""


def asked_now() -> QuerySet[Commitment]:
    """Everything that asks something of its lead at this moment; a period is asked through its duty."""
    return Commitment.objects.exclude(state__in=NOT_ASKED).exclude(kind=Kind.PERIOD.value)


@dataclass(frozen=True, slots=True)
class Already:
    """A live ask that says the same to the same unit（已有任务）."""

    unit: Unit
    ref: str
    title: str
    pk: int
    measure: str = ""
    """The figure both ask for; empty when the words are the same."""
    other: str = ""
    """The same figure as the live ask measures it, where that is another measuring unit."""
    rate: str = ""
    """How the one is turned into the other."""

    def refusal(self) -> Refused:
        """Why it is not asked again."""
        named = {"unit": self.unit.name, "ref": self.ref, "title": self.title}
        if self.other:
            return Refused(
                "figure_in_other_unit", measure=self.measure, other=self.other, rate=self.rate or "–", **named
            )
        if self.measure:
            return Refused("figure_asked_already", measure=self.measure, **named)
        return Refused("asked_already", **named)


def already_asked(
    units: Sequence[Unit], words: str, *, within: str = "", but: Collection[int] = (), like: Commitment | None = None
) -> dict[int, Already]:
    """Unit → the live ask that tells it the same（查重）: in nearly the same words, or for the same figure.

    Titles are compared, each different one once, so that it is two statements for two units as for two thousand. The
    figures are those of title and criteria: an indicator in plain form with its kind of quantity, within one matter
    and, where both name one, one part of it. Indicators as rows of their own do not exist yet. A third
    statement is made only when there are figures to compare.

    Args:
        units: who is to be asked.
        words: the title of what is to be asked.
        within: path of the area all of them lie in; read as a range when they are many.
        but: keys of commitments that do not count, such as the one that is being issued.
        like: the commitment whose matter and criteria stand behind the words; without it words alone are compared.
    """
    if not units or not alike.normal(words):
        return {}
    rows = asked_now().exclude(title="")
    many = len(units) > FEW_UNITS and within
    rows = rows.filter(**paths.subtree("lead_path", within)) if many else rows.filter(lead__in=units)
    if but:
        rows = rows.exclude(pk__in=but)
    titles = rows.order_by().values_list("title", flat=True).distinct()
    same = [title for title in titles if burden.says_the_same(words, title, cut)]
    wanted = {unit.pk: unit for unit in units}
    found: dict[int, Already] = _same_figure(rows, words, like, wanted)
    if not same:
        return found
    said: dict[int, Already] = {}
    for pk, ref, title, lead in rows.filter(title__in=same).order_by("pk").values_list("pk", "ref", "title", "lead_id"):
        if lead in wanted:
            said.setdefault(lead, Already(wanted[lead], ref, title, pk))
    return found | said


def _same_figure(
    rows: QuerySet[Commitment], words: str, like: Commitment | None, wanted: dict[int, Unit]
) -> dict[int, Already]:
    """Unit → the live ask by which it owes one of the same figures already."""
    asked = burden.measures([words, *like.criteria]) if like is not None else frozenset()
    if like is None or not asked:
        return {}
    near = rows.filter(matter=like.matter_id).order_by("pk")
    if like.sub_matter_id is not None:
        near = near.filter(Q(sub_matter=like.sub_matter_id) | Q(sub_matter__isnull=True))
    known: dict[tuple[str, ...], frozenset[burden.Measure]] = {}
    found: dict[int, Already] = {}
    for pk, ref, title, criteria, lead in near.values_list("pk", "ref", "title", "criteria", "lead_id"):
        if lead not in wanted or lead in found:
            continue
        texts = (title, *criteria)
        if texts not in known:
            known[texts] = burden.measures(texts)
        both = burden.same_figure(asked, known[texts])
        if both is None or alike.other_part([words, *like.criteria], texts):
            continue
        here, there = both
        apart = here.uom != there.uom
        found[lead] = Already(
            wanted[lead],
            ref,
            title,
            pk,
            str(here),
            other=there.uom if apart else "",
            rate=alike.rate(here.uom, there.uom) if apart else "",
        )
    return found


@dataclass(frozen=True, slots=True)
class Ask:
    """One thing that is asked of several units（一项要求）: how many, how often, minutes a week in all and for each."""

    title: str
    matter: str
    ref: str
    units: int
    cadence: str
    weekly_each: float
    files: int = 0
    photos: int = 0

    @property
    def weekly(self) -> float:
        """Minutes a week of all units together."""
        return self.units * self.weekly_each


@dataclass(slots=True)
class UnitBurden:
    """What is asked of one area and everything below it: how many units, asks, minutes a week; visits of 30 days."""

    unit: Unit
    units: int = 0
    asks: int = 0
    weekly: float = 0.0
    visits: int = 0

    @property
    def weekly_each(self) -> float:
        """Minutes a week of one unit on average."""
        return self.weekly / self.units if self.units else 0.0


@dataclass(slots=True)
class Burden:
    """The burden within an area（负担）: the asks that cost most, and the areas in the order of the tree."""

    unit: Unit
    own: UnitBurden
    asks: list[Ask] = field(default_factory=list)
    further: int = 0
    below: list[UnitBurden] = field(default_factory=list)
    weekly: float = 0.0
    visits: int = 0


def burden_of(actor: Actor, unit: Unit, limit: int = LISTED, *, today: date) -> Burden:
    """What is asked within ``unit``, as far as the actor sees it（负担页）; four statements, whatever the number.

    Visits of the last 30 days count with their minutes; those to come are nobody's knowledge yet. Asks stand in the
    order of their cost. Units stand in the order of the tree: this is no ranking of them.
    """
    seen = visible(actor).exclude(state__in=NOT_ASKED).exclude(kind=Kind.PERIOD.value)
    rows = seen.filter(**paths.subtree("lead_path", unit.path)).select_related(None).order_by()
    matter = ("matter__number", "matter__name_zh", "matter__name_en")
    grouped = rows.values("title", "cadence", *EVIDENCE, *matter).annotate(
        n=Count("lead_id", distinct=True), first=Min("ref")
    )
    asks = [
        Ask(
            row["title"] or row["first"],
            f"{row['matter__number']} {in_language(row['matter__name_zh'], row['matter__name_en'])}",
            row["first"],
            row["n"],
            row["cadence"],
            burden.weekly_minutes(row["cadence"], files=row["asks_files"], photos=row["asks_photos"]),
            row["asks_files"],
            row["asks_photos"],
        )
        for row in grouped
    ]
    asks.sort(key=lambda ask: (-ask.weekly, ask.ref))
    below = {
        child.pk: UnitBurden(child)
        for child in Unit.objects.filter(parent=unit, kind="area", valid_until__isnull=True).order_by("path")
    }
    own = UnitBurden(unit)
    leads: dict[int, set[int]] = defaultdict(set)

    def place_of(path: str) -> UnitBurden:
        step = path[len(unit.path) : len(unit.path) + paths.STEP]
        return below.get(paths.own_id(unit.path + step), own) if step else own

    told = rows.values_list("lead_path", "lead_id", "cadence", *EVIDENCE).annotate(n=Count("pk"))
    for path, lead, cadence, files, photos, n in told:
        place = place_of(path)
        place.asks += n
        place.weekly += n * burden.weekly_minutes(cadence, files=files, photos=photos)
        leads[place.unit.pk].add(lead)
    for path, n in _visits(unit.path, today):
        place = place_of(path)
        place.visits += n
        place.weekly += burden.visit_minutes(n) * 7 / VISIT_DAYS
    for place in (own, *below.values()):
        place.units = len(leads[place.unit.pk])
    found = Burden(unit, own, asks[:limit], max(0, len(asks) - limit), list(below.values()))
    found.weekly = own.weekly + sum(one.weekly for one in below.values())
    found.visits = own.visits + sum(one.visits for one in below.values())
    return found


def _visits(path: str, today: date) -> list[tuple[str, int]]:
    """Paths of units beneath one, and how often each was visited in the last days; one statement for each source."""
    start = today - timedelta(days=VISIT_DAYS - 1)
    return [one for source in VISIT_SOURCES for one in source(path, start, today)]


@dataclass(frozen=True, slots=True)
class Load:
    """What a level is asked already, before anything is added（现有负担）: asks and minutes a week of one unit.

    Visits of the last days count among the minutes.
    """

    units: int
    asks: float
    weekly_each: float


def load_by_level(units: Sequence[Unit], within: str, *, today: date) -> dict[str, Load]:
    """Level → what its units are asked now, on average; two statements."""
    counts: dict[str, int] = defaultdict(int)
    for unit in units:
        counts[unit.level] += 1
    rows = asked_now().order_by()
    many = len(units) > FEW_UNITS
    rows = rows.filter(**paths.subtree("lead_path", within)) if many else rows.filter(lead__in=units)
    asks: dict[str, int] = defaultdict(int)
    weekly: dict[str, float] = defaultdict(float)
    grouped = rows.filter(lead__kind="area").values_list("lead__level", "cadence", *EVIDENCE).annotate(n=Count("pk"))
    for level, cadence, files, photos, n in grouped:
        asks[level] += n
        weekly[level] += n * burden.weekly_minutes(cadence, files=files, photos=photos)
    levels = {unit.path: unit.level for unit in units}
    for path, n in _visits(within, today):
        if path in levels:
            weekly[levels[path]] += burden.visit_minutes(n) * 7 / VISIT_DAYS
    return {level: Load(n, asks[level] / n, weekly[level] / n) for level, n in counts.items()}
