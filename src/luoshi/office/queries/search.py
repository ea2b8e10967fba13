"""Finding things（检索）at the scale of a province, on any database, within sight.

Words and places are answered apart: which *texts* hold the words (few, since the parts of a cascade share theirs), and
which *units* are meant (洱源). Then come the entries that have such a text or lie in such a place, in levels, the best
first: a number; the place meant; the title as typed; all words in the title; a unit's name; all words anywhere. Within
a level wholes come before parts, new words before old ones. Each level leaves out what a better one has shown, so
every page continues where the last one ended and shows each thing once.

What may be seen is part of every condition: nothing outside is found, or counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, product
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from luoshi.office.models import SearchEntry
from luoshi.office.queries.terms import NAMED, Asked, Clause, Word, asked, of_kind
from luoshi.rules.paths import depth, span

Range = tuple[str, str]

NUMBER, PLACE, PHRASE, TITLE, UNIT, WORDS = 60, 50, 40, 30, 20, 10
"""The levels, the best first."""
BROAD = 1000
"""From so many texts on, texts are asked for inside the database instead of being listed."""
MOST = 1000
"""Entries found at once at most."""
COUNTED = 200
"""So many are counted exactly; above, "more than"."""
LITTLE = 2000
"""So many entries in sight are gone through, whatever is asked."""
EXACT = 60
"""So many units of one name are looked into with all below them, the highest first."""
PLACED = 2
"""So many words of a question may stand for places."""
UNITS = "unit"
"""The kind whose texts are the names of places."""
UNPLACED = frozenset({UNITS, "programme"})
"""Kinds that are not found for lying in the place somebody names."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What may be seen of one kind（可见范围）: ranges of paths, and single subjects beyond them."""

    ranges: tuple[Range, ...] = ()
    subjects: Sequence[int] | QuerySet[Any] = ()


Sights = Mapping[str, Sight]
"""Kind → what may be seen of it; the order of kinds is their order among equals. Other kinds are not looked at."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many of a kind were found; with ``more``, that many and more."""

    found: int
    more: bool


@dataclass(frozen=True, slots=True)
class Page:
    """One page of what was found, the cursor of the next（``None`` at the end）, and counts by kind."""

    entries: list[SearchEntry]
    cursor: str | None
    counts: dict[str, Count] = field(default_factory=dict)


# --- Pieces of SQL: names of our own tables and columns; every value is a parameter or a whole number -----------------


@dataclass(frozen=True, slots=True)
class Sql:
    """A piece of SQL with its parameters."""

    text: str
    params: tuple[Any, ...] = ()


NEVER = Sql("1 = 0")


def _both(*parts: Sql) -> Sql:
    return Sql(" AND ".join(part.text for part in parts), tuple(p for part in parts for p in part.params))


def _either(parts: Sequence[Sql]) -> Sql:
    if not parts:
        return NEVER
    inside = " OR ".join(f"({part.text})" for part in parts)
    return Sql(f"({inside})", tuple(p for part in parts for p in part.params))


def _not(part: Sql) -> Sql:
    return Sql(f"NOT ({part.text})", part.params)


def _in(column: str, ids: Iterable[int]) -> Sql:
    listed = ", ".join(map(str, map(int, ids)))
    return Sql(f"{column} IN ({listed})") if listed else NEVER


def _ranges(ranges: Iterable[Range], sign: str = "") -> Sql:
    return _either([Sql(f"{sign}e.path >= %s AND {sign}e.path < %s", one) for one in ranges])


def _sign(passive: bool) -> str:
    """What keeps SQLite, which guesses how many rows lie in a range, from starting at this column."""
    return "+" if passive and connection.vendor == "sqlite" else ""


def _match(clauses: Sequence[Clause], without: Sequence[Clause] = ()) -> Sql:
    """The condition on a row of ``office_searchwords w``."""
    if connection.vendor == "postgresql":
        wanted = _tsquery(clauses) + (f" & !({_tsquery(without)})" if without else "")
        return Sql("w.terms @@ %s::tsquery", (wanted,))
    wanted = _fts(clauses) + (f" NOT ({_fts(without)})" if without else "")
    return Sql("office_searchwords MATCH %s", (wanted,))


def _tsquery(clauses: Sequence[Clause]) -> str:
    either = (" | ".join(f"'{term}'" + (":*" if begins else "") for term, begins in clause) for clause in clauses)
    return " & ".join(f"({one})" for one in either)


def _fts(clauses: Sequence[Clause]) -> str:
    either = (" OR ".join(f'"{term}"' + ("*" if begins else "") for term, begins in clause) for clause in clauses)
    return "(" + " AND ".join(f"({one})" for one in either) + ")"


def _words_table() -> tuple[str, str]:
    """The table of words with its alias, and its key."""
    if connection.vendor == "postgresql":
        return "office_searchwords w", "w.id"
    return "office_searchwords", "office_searchwords.rowid"


def _fetch(statement: Sql) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement.text, statement.params)
        return list(cursor.fetchall())


def _union(branches: Sequence[Sql]) -> Sql:
    """One statement of many limited ones."""
    texts = [f"SELECT * FROM ({branch.text}) AS b{at}" for at, branch in enumerate(branches)]  # noqa: S608
    return Sql(" UNION ALL ".join(texts), tuple(p for branch in branches for p in branch.params))


# --- Which texts ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Texts:
    """Texts of one kind that hold something: listed, or, when they are many, as the question itself."""

    ids: frozenset[int] | None
    clauses: tuple[Clause, ...] = ()
    without: tuple[Clause, ...] = ()

    def __bool__(self) -> bool:
        return self.ids is None or bool(self.ids)

    def condition(self, entry: str = "e", *, passive: bool = False) -> Sql:
        """The condition on an entry, by its alias; a passive one is looked at last.

        Many texts are looked at from the entries in sight, one by one, until enough are found; SQLite looks them all
        up at once, which is quicker there.
        """
        if self.ids is not None:
            return _in(f"{_sign(passive)}{entry}.text_id", sorted(self.ids))
        match = _match(self.clauses, self.without)
        if connection.vendor == "postgresql":
            sql = f"(SELECT {match.text} FROM office_searchwords w WHERE w.id = {entry}.text_id)"  # noqa: S608
        else:
            sql = f"+{entry}.text_id IN (SELECT rowid FROM office_searchwords WHERE {match.text})"  # noqa: S608
        return Sql(sql, match.params)


NONE = Texts(frozenset())


@dataclass(frozen=True, slots=True)
class Wanted:
    """A question to the texts: these terms, and not all of those."""

    clauses: tuple[Clause, ...]
    without: tuple[Clause, ...] = ()


def _texts(questions: Mapping[Any, Wanted]) -> dict[Any, Texts]:
    """For each question which texts answer it; one statement for all."""
    if not questions:
        return {}
    table, key = _words_table()
    branches = []
    for at, wanted in enumerate(questions.values()):
        match = _match(wanted.clauses, wanted.without)
        sql = f"SELECT {at} AS q, {key} AS id FROM {table} WHERE {match.text} LIMIT {BROAD + 1}"  # noqa: S608
        branches.append(Sql(sql, match.params))
    found: dict[int, set[int]] = {}
    for at, pk in _fetch(_union(branches)):
        found.setdefault(at, set()).add(pk)
    answers = {}
    for at, (label, wanted) in enumerate(questions.items()):
        ids = found.get(at, set())
        listed = None if len(ids) > BROAD else frozenset(ids)
        answers[label] = Texts(listed, wanted.clauses, wanted.without)
    return answers


# --- Which places -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Way:
    """One way to lie in a place: in one called so, or in one of those whose names hold the word."""

    condition: Sql
    named: bool
    many: bool


@dataclass(frozen=True, slots=True)
class Places:
    """The places a word may stand for: those called exactly so, with all below; those whose name holds it."""

    exact: tuple[Range, ...]
    partial: Sql | None
    many: bool
    """Whether very many units are called so."""

    def ways(self) -> list[Way]:
        """How an entry can lie there, the better first."""
        made = [Way(_ranges(self.exact), named=True, many=False)] if self.exact else []
        return [*made, *([Way(self.partial, named=False, many=self.many)] if self.partial else [])]

    def __bool__(self) -> bool:
        return bool(self.exact or self.partial)


def _places(answers: Mapping[Any, Texts], labels: Sequence[Any]) -> dict[Any, Places]:
    """Places by label from the texts of units; one statement."""
    named = {label: answers.get(("exact", label), NONE) for label in labels}
    holding = {label: answers.get(("partial", label), NONE) for label in labels}
    wanted: set[int] = set()
    for texts in (*named.values(), *holding.values()):
        wanted |= texts.ids or frozenset()
    by_text: dict[int, list[str]] = {}
    if wanted:
        listed = _in("e.text_id", sorted(wanted))
        sql = f"SELECT e.text_id, e.path FROM office_searchentry e WHERE e.kind = %s AND {listed.text}"  # noqa: S608
        for text, path in _fetch(Sql(sql, (UNITS,))):
            by_text.setdefault(text, []).append(path)
    found = {}
    for label in labels:
        exact = sorted(
            (path for text in named[label].ids or () for path in by_text.get(text, ())), key=lambda p: (len(p), p)
        )
        spans: list[Range] = []
        for path in exact[:EXACT]:
            if not any(low <= path < high for low, high in spans):
                spans.append(span(path))
        partial: Sql | None = None
        if holding[label].ids is None:
            partial = _of_many_units(holding[label])
        else:
            paths = sorted({path for text in holding[label].ids or () for path in by_text.get(text, ())})
            if paths:
                partial = Sql(f"e.path IN ({', '.join(['%s'] * len(paths))})", tuple(paths))
        found[label] = Places(tuple(spans), partial, holding[label].ids is None)
    return found


def _of_many_units(texts: Texts) -> Sql:
    """Entries that lie in one of very many units, such as every 村委会."""
    condition = texts.condition("u")
    if connection.vendor == "postgresql":
        sql = f"(SELECT {condition.text} FROM office_searchentry u WHERE u.kind = %s AND u.path = e.path LIMIT 1)"  # noqa: S608
    else:
        sql = f"+e.path IN (SELECT u.path FROM office_searchentry u WHERE u.kind = %s AND {condition.text})"  # noqa: S608
    order = (*condition.params, UNITS) if connection.vendor == "postgresql" else (UNITS, *condition.params)
    return Sql(sql, order)


def _may_be_place(word: Word) -> bool:
    return len(word.text) > 1


# --- The levels of one kind -------------------------------------------------------------------------------------------


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


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry found, with what orders it."""

    id: int
    rank: int
    text: int
    path: str
    number: str


_COLUMNS = "e.id, e.rank, e.text_id, e.path, e.number"


def _sight(kind: str, sight: Sight, small: bool) -> Sql:
    """What may be seen of a kind; when that is little, it is where the database starts."""
    of_kind = Sql("e.kind = %s", (kind,))
    subjects: Sql | None = None
    if isinstance(sight.subjects, QuerySet):
        inner, params = sight.subjects.query.sql_with_params()
        subjects = Sql(f"{{}}.subject IN ({inner})", tuple(params))
    elif sight.subjects:
        subjects = _in("{}.subject", sight.subjects)
    if subjects is None:
        return _both(of_kind, _ranges(sight.ranges, _sign(not small)))
    if not small:
        parts = [_ranges(sight.ranges, _sign(True))] if sight.ranges else []
        return _both(of_kind, _either([*parts, Sql(subjects.text.format(_sign(True) + "e"), subjects.params)]))
    rows = "SELECT s.id FROM office_searchentry s WHERE"
    ways = [Sql(f"{rows} s.kind = %s AND s.path >= %s AND s.path < %s", (kind, *one)) for one in sight.ranges]
    own = f"{rows} {_sign(True)}s.kind = %s AND s.subject > 0 AND {subjects.text.format('s')}"
    ways.append(Sql(own, (kind, *subjects.params)))
    inside = " UNION ALL ".join(way.text for way in ways)
    of_kind = Sql(f"{_sign(True)}e.kind = %s", (kind,))
    # PostgreSQL gathers them once as an array; as a subquery it may go through them again for every row.
    gathered = f"e.id = ANY(ARRAY({inside}))" if connection.vendor == "postgresql" else f"e.id IN ({inside})"
    return _both(of_kind, Sql(gathered, tuple(p for way in ways for p in way.params)))


def _small(sights: Sights, kinds: Sequence[str]) -> dict[str, bool]:
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
    for at, count in _fetch(_union(branches)) if branches else ():
        little[kinds[at]] = little[kinds[at]] and count <= LITTLE
    return little


@dataclass(slots=True)
class _Question:
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
            made.append(Stream(level, kind, len(made), _both(seen, condition, *map(_not, shown))))
            shown.append(condition)

        if number := self.asked.number:
            sign = _sign(small)
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
            add(WORDS, last[0] if len(last) == 1 else _either(last))
        return made

    def _places(self, level: int, kind: str) -> Iterator[Sql]:
        """What lies in the places that words stand for, while the other words are in its text."""
        if kind in UNPLACED:
            return
        whole = self.places.get("whole")
        if whole and level == PLACE and whole.exact:
            yield _ranges(whole.exact)
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
                    yield _both(*(way.condition for way in ways), *listed)


def _look_up(question: Asked, kinds: Sequence[str]) -> _Question:
    questions: dict[Any, Wanted] = {}
    for kind in kinds:
        questions["any", kind] = Wanted(of_kind(kind, question.any()))
        questions["title", kind] = Wanted(of_kind(kind, question.title()))
        if phrase := question.phrase():
            questions["phrase", kind] = Wanted(of_kind(kind, phrase))
    candidates = [at for at, word in enumerate(question.words[:4]) if _may_be_place(word)]
    if question.whole:
        questions["exact", "whole"] = _called(question.whole)
    for at in candidates:
        word = question.words[at]
        questions["partial", at] = Wanted(of_kind(UNITS, word.clauses("^")))
        if len(question.words) > 1:
            questions["exact", at] = _called(word.text)
    answers = _texts(questions)
    places = _places(answers, ["whole", *candidates])
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
    return _Question(question, answers, places, placed, _texts(wanted))


def _called(name: str) -> Wanted:
    return Wanted(of_kind(UNITS, [((NAMED + name, False),)]))


# --- Pages ------------------------------------------------------------------------------------------------------------


def search(
    text: str, *, sights: Sights, kind: str = "", limit: int = 30, cursor: str | None = None, counts: bool = True
) -> Page:
    """Find entries that hold everything asked for（检索）, best first; the number of statements does not grow.

    Args:
        text: what was typed; Chinese, words, names of units, the beginning of a number, or initials of pinyin; 200
            characters count.
        sights: by kind, what may be seen; nothing outside is looked at.
        kind: only entries of this kind on the page; counts are of all.
        limit: 1–1,000 entries.
        cursor: the ``cursor`` of the page before; anything else counts as none.
        counts: whether to count by kind.
    """
    limit = max(1, min(limit, MOST))
    question = asked(text)
    if not question or not sights:
        return Page([], None)
    kinds = list(sights) if counts or not kind else [one for one in sights if one == kind]
    looked = _look_up(question, kinds)
    little = _small(sights, kinds)
    streams = [stream for one in kinds for stream in looked.streams(one, sights[one], little[one])]
    probed = _probe(streams)
    counted = {one: _count(probed, one) for one in kinds} if counts else {}
    order = {one: at for at, one in enumerate(sights)}
    wanted = sorted(
        (stream for stream in streams if not kind or stream.kind == kind),
        key=lambda s: (-s.level, order[s.kind], s.turn),
    )
    after = _cursor(cursor, order)
    found: list[tuple[Stream, Hit]] = []
    for stream in wanted:
        if after and (-stream.level, order[stream.kind], stream.turn) < after.place:
            continue
        since = after.hit if after and (-stream.level, order[stream.kind], stream.turn) == after.place else None
        found += [(stream, hit) for hit in _hits(stream, probed[stream], since, limit + 1 - len(found))]
        if len(found) > limit:
            break
    entries = SearchEntry.objects.select_related("text").in_bulk([hit.id for _stream, hit in found[:limit]])
    following = _told(*found[limit - 1]) if len(found) > limit else None
    return Page([entries[hit.id] for _stream, hit in found[:limit] if hit.id in entries], following, counted)


def _probe(streams: Sequence[Stream]) -> dict[Stream, list[Hit]]:
    """Up to :data:`COUNTED` + 1 entries of each stream, in no order; one statement."""
    found: dict[Stream, list[Hit]] = {stream: [] for stream in streams}
    if streams:
        branches = [
            Sql(
                f"SELECT {at} AS s, {_COLUMNS} FROM office_searchentry e"  # noqa: S608
                f" WHERE {stream.condition.text} LIMIT {COUNTED + 1}",
                stream.condition.params,
            )
            for at, stream in enumerate(streams)
        ]
        for at, *row in _fetch(_union(branches)):
            found[streams[at]].append(Hit(*row))
    return found


def _count(probed: Mapping[Stream, Sequence[Hit]], kind: str) -> Count:
    found = sum(len(hits) for stream, hits in probed.items() if stream.kind == kind)
    return Count(min(found, COUNTED), found > COUNTED)


def _key(stream: Stream, hit: Hit) -> tuple[Any, ...]:
    return (hit.number, hit.id) if stream.by_number else (hit.rank, -hit.text, hit.path, hit.id)


def _hits(stream: Stream, probed: Sequence[Hit], since: Hit | None, need: int) -> list[Hit]:
    """The next entries of a stream in its order."""
    if len(probed) <= COUNTED:
        ordered = sorted(probed, key=lambda hit: _key(stream, hit))
        if since is not None:
            ordered = [hit for hit in ordered if _key(stream, hit) > _key(stream, since)]
        return ordered[:need]
    return _by_number(stream, since, need) if stream.by_number else _by_rank(stream, since, need)


def _by_number(stream: Stream, since: Hit | None, need: int) -> list[Hit]:
    condition = stream.condition
    if since is not None:
        further = Sql("(e.number > %s OR (e.number = %s AND e.id > %s))", (since.number, since.number, since.id))
        condition = _both(condition, further)
    sql = f"SELECT {_COLUMNS} FROM office_searchentry e WHERE {condition.text} ORDER BY e.number, e.id LIMIT {need}"  # noqa: S608
    return [Hit(*row) for row in _fetch(Sql(sql, condition.params))]


def _by_rank(stream: Stream, since: Hit | None, need: int) -> list[Hit]:
    """Rank by rank, because each of them can be read from an index in its order."""
    found: list[Hit] = []
    rank: int | None = since.rank if since else _next_rank(stream.kind, -1)
    while rank is not None and len(found) < need:
        condition = _both(stream.condition, Sql("e.rank = %s", (rank,)))
        if since is not None and rank == since.rank:
            further = Sql(
                "e.text_id <= %s AND (e.text_id < %s OR e.path > %s OR (e.path = %s AND e.id > %s))",
                (since.text, since.text, since.path, since.path, since.id),
            )
            condition = _both(condition, further)
        sql = (
            f"SELECT {_COLUMNS} FROM office_searchentry e WHERE {condition.text}"  # noqa: S608
            f" ORDER BY e.text_id DESC, e.path, e.id LIMIT {need - len(found)}"
        )
        found += [Hit(*row) for row in _fetch(Sql(sql, condition.params))]
        if len(found) < need:
            rank = _next_rank(stream.kind, rank)
    return found


def _next_rank(kind: str, rank: int) -> int | None:
    rows = SearchEntry.objects.filter(kind=kind, rank__gt=rank).order_by("rank").values_list("rank", flat=True)[:1]
    return next(iter(rows), None)


# --- Cursors ----------------------------------------------------------------------------------------------------------

_CURSOR = re.compile(
    r"(\d{1,2})~([a-z]{1,16})~(\d{1,2})~(\d{1,4})~(\d{1,15})~([0-9a-z.]{0,255})~(\d{1,15})~([0-9a-z._/-]{0,64})",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class _After:
    place: tuple[int, int, int]
    hit: Hit


def _told(stream: Stream, hit: Hit) -> str:
    number = hit.number if stream.by_number else ""
    parts = (stream.level, stream.kind, stream.turn, hit.rank, hit.text, hit.path, hit.id, number)
    return "~".join(map(str, parts))


def _cursor(cursor: str | None, order: Mapping[str, int]) -> _After | None:
    found = _CURSOR.fullmatch(cursor or "")
    if found is None or found[2] not in order:
        return None
    hit = Hit(int(found[7]), int(found[4]), int(found[5]), found[6], found[8])
    return _After((-int(found[1]), order[found[2]], int(found[3])), hit)


def place_rank(path: str) -> int:
    """The rank of what lies at a path: wholes before parts."""
    return depth(path)
