"""The levels of each kind（检索层次）, the best first, each without what a better one holds, all within sight."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from luoshi.office.queries.search.places import UNITS, Places, may_be_place, places_for
from luoshi.office.queries.search.sql import Range, Sql, among, aside, both, either, fetch, in_ranges, negated, union
from luoshi.office.queries.search.texts import NONE, Texts, Wanted, texts_for
from luoshi.office.queries.terms import NAMED, Asked, of_kind

NUMBER, PLACE, PHRASE, TITLE, UNIT, WORDS = 60, 50, 40, 30, 20, 10
"""The levels, the best first."""

LITTLE = 2000
"""So many entries in sight are gone through, whatever is asked."""

PLACED = 2
"""So many words of a question may stand for places."""

UNPLACED = frozenset({UNITS, "programme"})
"""Kinds that are not found for lying in the place somebody names."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What may be seen of one kind（可见范围）: ranges of paths, and single subjects beyond them."""

    ranges: tuple[Range, ...] = ()
    subjects: Sequence[int] | QuerySet[Any] = ()

    def __bool__(self) -> bool:
        return bool(self.ranges) or isinstance(self.subjects, QuerySet) or bool(self.subjects)


Sights = Mapping[str, Sight]
"""Kind → what may be seen of it; the order of kinds is their order among equals. Other kinds are not looked at."""


@dataclass(frozen=True, slots=True)
class Stream:
    """Entries of one level and kind; no two streams share an entry."""

    level: int
    kind: str
    turn: int
    condition: Sql

    @property
    def by_number(self) -> bool:
        """Whether they come in the order of their numbers."""
        return self.level == NUMBER


def _sight(kind: str, sight: Sight, small: bool) -> Sql:
    """What may be seen of a kind; when that is little, it is where the database starts."""
    of_kind = Sql("e.kind = %s", (kind,))
    subjects: Sql | None = None
    if isinstance(sight.subjects, QuerySet):
        inner, params = sight.subjects.query.sql_with_params()
        subjects = Sql(f"{{}}.subject IN ({inner})", tuple(params))
    elif sight.subjects:
        subjects = among("{}.subject", sight.subjects)
    if subjects is None:
        return both(of_kind, in_ranges(sight.ranges, aside(not small)))
    if not small:
        parts = [in_ranges(sight.ranges, aside(True))] if sight.ranges else []
        return both(of_kind, either([*parts, Sql(subjects.text.format(aside(True) + "e"), subjects.params)]))
    rows = "SELECT s.id FROM office_searchentry s WHERE"
    ways = [Sql(f"{rows} s.kind = %s AND s.path >= %s AND s.path < %s", (kind, *one)) for one in sight.ranges]
    own = f"{rows} {aside(True)}s.kind = %s AND s.subject > 0 AND {subjects.text.format('s')}"
    ways.append(Sql(own, (kind, *subjects.params)))
    inside = " UNION ALL ".join(way.text for way in ways)
    of_kind = Sql(f"{aside(True)}e.kind = %s", (kind,))
    # PostgreSQL gathers them once as an array; as a subquery it may go through them again for every row.
    gathered = f"e.id = ANY(ARRAY({inside}))" if connection.vendor == "postgresql" else f"e.id IN ({inside})"
    return both(of_kind, Sql(gathered, tuple(p for way in ways for p in way.params)))


def little_seen(sights: Sights, kinds: Sequence[str]) -> dict[str, bool]:
    """Of which kinds so little may be seen that all of it can be gone through; one statement."""
    little = {kind: not isinstance(sights[kind].subjects, QuerySet) for kind in kinds}
    branches = [
        Sql(
            f"SELECT {at} AS k, count(*) AS n FROM (SELECT 1 FROM office_searchentry e"  # noqa: S608
            f" WHERE e.kind = %s AND e.path >= %s AND e.path < %s LIMIT {LITTLE + 1}) AS c",
            (kind, *one),
        )
        for at, kind in enumerate(kinds)
        for one in sights[kind].ranges
    ]
    for at, count in fetch(union(branches)) if branches else ():
        little[kinds[at]] = little[kinds[at]] and count <= LITTLE
    return little


@dataclass(slots=True)
class Question:
    """Everything looked up for one question, from which the streams of a kind are made."""

    asked: Asked
    answers: dict[Any, Texts]
    places: dict[Any, Places]
    placed: tuple[int, ...]
    rests: dict[Any, Texts]

    def _but(self, better: str, name: str, kind: str) -> Texts:
        """Texts that answer ``name`` and not what is ``better``."""
        all_, out = self.answers.get((name, kind), NONE), self.answers.get((better, kind), NONE)
        if all_.ids is not None:
            return Texts(all_.ids - (out.ids or frozenset()))
        return self.rests.get((name, "but", better, kind), NONE) if out else all_

    def streams(self, kind: str, sight: Sight, small: bool) -> list[Stream]:
        """The levels of one kind, the best first, each without what stands in a better one."""
        made: list[Stream] = []
        shown: list[Sql] = []
        seen = _sight(kind, sight, small)

        def add(level: int, condition: Sql) -> None:
            made.append(Stream(level, kind, len(made), both(seen, condition, *map(negated, shown))))
            shown.append(condition)

        if number := self.asked.number:
            sign = aside(small)
            add(NUMBER, Sql(f"{sign}e.number >= %s AND {sign}e.number < %s", (number, number + "\x7f")))
        phrase = self.answers.get(("phrase", kind), NONE)
        if kind == UNITS and (exact := self.answers.get(("exact", "whole"), NONE)):
            add(PLACE, exact.condition(passive=small))
        for condition in self._places(PLACE, kind):
            add(PLACE, condition)
        if phrase:
            add(PHRASE, phrase.condition(passive=small))
        if titled := self._but("phrase", "title", kind):
            add(TITLE, titled.condition(passive=small))
        for condition in self._places(UNIT, kind):
            add(UNIT, condition)
        rest = self._but("title", "any", kind)
        # Where every 村委会 is meant, what lies in one and what speaks of one are not told apart: nearly all is both.
        last = [*self._places(WORDS, kind), *([rest.condition(passive=small)] if rest else [])]
        if last:
            add(WORDS, last[0] if len(last) == 1 else either(last))
        return made

    def _places(self, level: int, kind: str) -> Iterator[Sql]:
        """What lies in the places that words stand for, while the other words are in its text."""
        if kind in UNPLACED:
            return
        whole = self.places.get("whole")
        if whole and level == PLACE and whole.exact:
            yield in_ranges(whole.exact)
        if len(self.asked.words) == 1 and level == PLACE:
            return  # the one word is the whole
        for size in range(len(self.placed), 0, -1):
            for chosen in combinations(self.placed, size):
                rest = None if size == len(self.asked.words) else self.rests.get((chosen, kind), NONE)
                if rest is not None and not rest:
                    continue
                for ways in product(*(self.places[at].ways() for at in chosen)):
                    named = all(way.named for way in ways)
                    many = any(way.many for way in ways)
                    much = many and (rest is None or rest.ids is None)
                    if level != (PLACE if named else WORDS if much else UNIT):
                        continue
                    listed = [] if rest is None else [rest.condition(passive=not many)]
                    yield both(*(way.condition for way in ways), *listed)


def look_up(question: Asked, kinds: Sequence[str]) -> Question:
    """What texts and places answer a question, in few statements whatever the number of kinds."""
    questions: dict[Any, Wanted] = {}
    for kind in kinds:
        questions["any", kind] = Wanted(of_kind(kind, question.any()))
        questions["title", kind] = Wanted(of_kind(kind, question.title()))
        if phrase := question.phrase():
            questions["phrase", kind] = Wanted(of_kind(kind, phrase))
    candidates = [at for at, word in enumerate(question.words[:4]) if may_be_place(word)]
    if question.whole:
        questions["exact", "whole"] = _called(question.whole)
    for at in candidates:
        word = question.words[at]
        questions["partial", at] = Wanted(of_kind(UNITS, word.clauses("^")))
        if len(question.words) > 1:
            questions["exact", at] = _called(word.text)
    answers = texts_for(questions)
    places = places_for(answers, ["whole", *candidates])
    chosen = sorted((at for at in candidates if places[at]), key=lambda at: (not places[at].exact, at))[:PLACED]
    placed = tuple(sorted(chosen))
    wanted: dict[Any, Wanted] = {
        (some, kind): Wanted(of_kind(kind, question.any(but=some)))
        for size in range(1, len(placed) + 1)
        for some in combinations(placed, size)
        if len(some) < len(question.words)
        for kind in kinds
        if kind not in UNPLACED
    }
    for kind in kinds:
        for name, better in (("any", "title"), ("title", "phrase")):
            # Of many texts those that a better level holds are taken out by the index of words, not one by one.
            all_, out = answers[name, kind], answers.get((better, kind), NONE)
            if all_.ids is None and out:
                wanted[name, "but", better, kind] = Wanted(all_.clauses, out.clauses)
    return Question(question, answers, places, placed, texts_for(wanted))


def _called(name: str) -> Wanted:
    return Wanted(of_kind(UNITS, [((NAMED + name, False),)]))
