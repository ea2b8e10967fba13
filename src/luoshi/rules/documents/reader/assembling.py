"""Assembling（成稿）: from the outline, the tables and the prose of a text to its items, in the order of the text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Final

from luoshi.rules.collecting import held_back
from luoshi.rules.documents.reader import dates, english, passages, prose, roles, wording
from luoshi.rules.documents.reader.cleaning import clean, fold, lost_characters, script_of
from luoshi.rules.documents.reader.columns import Column
from luoshi.rules.documents.reader.dates import When
from luoshi.rules.documents.reader.findings import (
    LIKELY,
    PERHAPS,
    SURE,
    Concern,
    Doubt,
    Heading,
    Item,
    Kind,
    Reading,
    Role,
    Script,
)
from luoshi.rules.documents.reader.layout import Grid, Row, lay_out
from luoshi.rules.documents.reader.markup import blank
from luoshi.rules.documents.reader.numbering import PROSE_STYLES, Style
from luoshi.rules.documents.reader.outline import Node, outline
from luoshi.rules.documents.reader.passages import Context, Passage, Place
from luoshi.rules.documents.reader.roles import Named

TITLE_WITHIN: Final = 600
_CLOSED: Final = re.compile(r"[。;!?.]$")
_GOAL_OF_YEAR: Final = re.compile(r"(?P<year>今年|本年度?)[^。;:]{0,20}目标")
_PROBLEM: Final = re.compile(r"问题|不足|滞后|不到位|不规范|不力|薄弱|短板|突出|隐患")
_TOTAL: Final = re.compile(r"(?:合 ?计|小 ?计|总 ?计|共 ?计|本页小计|total|subtotal):?", re.IGNORECASE)
_ROW_LABEL: Final = re.compile(
    r"\(?\d{1,3}(?:\.\d{1,3}){1,2}\)?[.、]? +|\d{1,3}[.、](?!\d) ?|\([一二三四五六七八九十\d]{1,3}\) ?"
)
_ROLE_COLUMNS: Final = (
    (Column.LEAD, Role.LEAD),
    (Column.RESPONSIBLE, Role.RESPONSIBLE),
    (Column.SUPPORT, Role.SUPPORT),
)
_TITLED_TIME: Final = re.compile(r"阶段|步骤|\(|时间")


def read(text: str, *, date: date) -> Reading:
    """Read a document（读文）: its items with units, deadlines and targets, and the places that are doubtful.

    Args:
        text: the text as found: plain, HTML or Markdown, known by its content.
        date: the day of the document; dates without a year are read against it.
    """
    with held_back():
        return _read(text, date)


def _read(text: str, date: date) -> Reading:
    flat = fold(text)
    blanked = blank(flat)
    cleaned = clean(text, blanked.text)
    script = script_of(text, flat)
    in_english = script is Script.ENGLISH
    context = Context(
        cleaned,
        dates.frame_of(cleaned.text[:TITLE_WITHIN], date),
        in_english,
        roles.FIRST_LEADS.search(cleaned.text) is not None,
    )
    context.doubts += lost_characters(cleaned)
    tree = outline(cleaned.text, lay_out(cleaned, blanked.spans))
    context.doubts += [Doubt(Concern.GLUED, cleaned.field(one.start, one.end, 0.8)) for one in tree.glued]
    assembly = _Assembly(context, tree.root)
    items = assembly.items()
    items.sort(key=lambda item: (item.requirement.span.start, -item.requirement.span.end))
    doubts = sorted(context.doubts, key=lambda doubt: doubt.words.span)
    headings = tuple(assembly.headings(items))
    return Reading(tuple(items), tuple(doubts), script, blanked.markup, context.first_leads, headings)


class _Assembly:
    def __init__(self, context: Context, root: Node) -> None:
        self.context = context
        self.text = context.text
        self.root = root
        self.out: list[Item] = []
        self.last = root

    def items(self) -> list[Item]:
        nodes = list(self.root.walk())
        self.last = nodes[-1]
        self.given: dict[int, Passage] = {}
        for node in nodes:
            self._labels_before(node)
        self.tabled = any(node.grids for node in nodes)
        told: set[int] = set()
        for node in nodes:
            if node.parent is not None and (id(node.parent) in told or self._is_told(node)):
                told.add(id(node))
                continue
            for grid in node.grids:
                self._grid(node, grid)
            if node is self.root or _is_path(node):
                self._heading_labels(node)
                continue
            self._node(node)
        points = {node for node in nodes if node.label is not None and node.label.style in PROSE_STYLES}
        structured = len(self.out) >= 2
        self.spoken = max((node.label.start for node in points if node.label), default=0)
        self.only_spoken = bool(points) and len(points) == sum(not _is_path(node) for node in nodes[1:])
        for node in nodes:
            if (node is self.root or _is_path(node)) and id(node) not in told:
                self._prose(node, structured=structured)
        return self.out

    def headings(self, items: list[Item]) -> Iterator[Heading]:
        """The first words of every part that has items below it, in the order of the text."""
        above = {item.path[:depth] for item in items for depth in range(1, len(item.path))}
        for node in self.root.walk():
            path = self._path(node) if node.label is not None and node.paragraphs else ()
            if path in above:
                yield Heading(path, self.context.cleaned.field(*node.paragraphs[0], SURE))

    def _is_told(self, node: Node) -> bool:
        """Whether a part tells what was, by its heading."""
        if node.parent is None or not node.paragraphs or not (node.children or node.heading):
            return False
        start, end = node.paragraphs[0]
        return end - start <= 40 and wording.TOLD.search(self.text[start:end].rstrip("。:")) is not None

    # Numbered parts

    def _node(self, node: Node) -> None:
        context, text = self.context, self.text
        fields = [child for child in node.children if self._is_field(child)]
        children = [child for child in node.children if child not in fields]
        if self._is_field(node) and node.parent is not None and node.parent is not self.root:
            return
        paragraphs = [place for place in node.paragraphs if not wording.FURNITURE.match(text, *place)]
        if not paragraphs and not fields:
            return
        closing: list[Place] = []
        if node is self.last:
            paragraphs, closing = self._closing(node, paragraphs)
        own = self._own(paragraphs, children)
        own += [place for child in fields for place in child.paragraphs]
        passage = passages.read_paragraphs(context, own, split_after=node is self.last, parent=bool(children))
        closing = [*passage.after, *closing]
        if not children and self._as_prose(node, passage, own):
            self._close(closing)
            return
        passages.part_title(context, passage, own[0] if own else None)
        self._inherit(node, passage)
        if node.label is not None and node.label.style is Style.ORDINAL and not children:
            self._ordinal(node, passage)
        elif self._is_item(node, passage, children):
            self._make(node, passage)
            if children and passage.labelled and passage.units:
                self.given[id(node)] = Passage(units=[one for one in passage.units if one[2] != "sentence"])
            if node.label is not None and node.label.style is Style.MATTER and not children:
                self._matters(node, passage)
        elif children and passage.labelled:
            self.given[id(node)] = passage
        self._close(closing)

    def _is_field(self, node: Node) -> bool:
        """Whether a point only says who or by when（- 牵头单位：…）."""
        if node.children or not node.paragraphs or node.label is None:
            return False
        start, end = node.paragraphs[0]
        if self.context.in_english:
            return english.first_label(self.text, start, end) == start and node.label.style in {
                Style.DASH,
                Style.LETTER,
            }
        return roles.LABELLED.match(self.text, start, end) is not None

    def _own(self, paragraphs: list[Place], children: list[Node]) -> list[Place]:
        """The paragraphs before the parts below."""
        if not children or children[0].label is None:
            return paragraphs
        first = children[0].label.start
        return [place for place in paragraphs if place[0] < first]

    # Labels that hold for parts below

    def _label_run(self, places: list[Place]) -> list[Place]:
        """The labelled lines at the end of some paragraphs."""
        at = len(places)
        while at and roles.LABELLED.match(self.text, *places[at - 1]):
            at -= 1
        return places[at:]

    def _heading_labels(self, node: Node) -> None:
        """Labelled lines right below a heading by markup hold for the parts below it."""
        if self.context.in_english or node is self.root or not node.children:
            return
        lines = self._label_run(self._own(node.paragraphs[1:], node.children))
        if lines:
            self.given.setdefault(id(node), passages.read_paragraphs(self.context, lines))

    def _labels_before(self, node: Node) -> None:
        """Labelled lines that stand before the parts they hold for, until the next such line.

        They do where one stands right before the first part, and others of the same kind after fewer than half of the
        parts, not after the first: where each part had its own line below it, the first would have one, too.
        """
        parts = [one for one in node.children if one.label is not None]
        if self.context.in_english or len(parts) < 3:
            return
        head = self._label_run(self._own(node.paragraphs, parts))
        if not head:
            return
        kinds = self._label_kinds(head)
        after = [self._label_run(one.paragraphs[1:]) if not one.children else [] for one in parts[:-1]]
        turns = [at for at, run in enumerate(after) if run and self._label_kinds(run) == kinds]
        if not turns or turns[0] == 0 or len(turns) * 2 >= len(parts) or self._label_run(parts[-1].paragraphs[1:]):
            return
        holding = passages.read_paragraphs(self.context, head)
        for at, part in enumerate(parts):
            self.given[id(part)] = holding
            if at in turns:
                part.paragraphs = part.paragraphs[: -len(after[at])]
                holding = passages.read_paragraphs(self.context, after[at])

    def _label_kinds(self, places: list[Place]) -> set[str]:
        found = [roles.LABELLED.match(self.text, *place) for place in places]
        return {name for one in found if one for name, words in one.groupdict().items() if words}

    def _closing(self, node: Node, paragraphs: list[Place]) -> tuple[list[Place], list[Place]]:
        """Unnumbered paragraphs after the last numbered part close the document: more than its sisters have."""
        if node.parent is None:
            return paragraphs, []
        sisters = [one for one in node.parent.children if one is not node and not one.children and one.paragraphs]
        keep = max((len(one.paragraphs) for one in sisters), default=0)
        if not sisters and node.label is not None:
            style = node.label.style
            alike = [
                one
                for one in self.root.walk()
                if one.label is not None and one.label.style is style and one is not node
            ]
            keep = max((len(one.paragraphs) for one in alike if not one.children), default=0)
        if not keep:
            keep = 1 if paragraphs and _CLOSED.search(self.text[paragraphs[0][0] : paragraphs[0][1]]) else 2
        while keep < len(paragraphs) and roles.LABELLED.match(self.text, *paragraphs[keep]):
            keep += 1
        return paragraphs[:keep], paragraphs[keep:]

    def _inherit(self, node: Node, passage: Passage) -> None:
        """Units and time a heading gives to all below it, unless a part names its own."""
        own: list[tuple[Role, Named, str]] = []
        if not passage.units and passage.requirement is not None and not self.context.in_english:
            own = list(roles.roles_in_sentence(self.text, *passage.requirement))
        at: Node | None = node
        while at is not None and at.parent is not None:
            given = self.given.get(id(at))
            if given is not None:
                told = [(role, name, "heading") for role, name, _rule in given.units]
                passage.units = passage.units or (own if told else []) or told
                if not passage.whens and not passage.oftens and not self._timed(passage):
                    passage.whens, passage.oftens = list(given.whens), list(given.oftens)
            if at is not node and at.paragraphs and not (passage.units and passage.whens):
                start, end = at.paragraphs[0]
                if end - start <= 120:
                    if not passage.units:
                        for first, last in roles.role_brackets(self.text, start, end):
                            said = roles.read_roles(self.text, first + 1, last - 1).told_by("heading")
                            if own and said.units:
                                said = said._replace(units=tuple(own))
                            passages.take(self.context, passage, said)
                    if not passage.whens:
                        passage.whens += self._phase((start, end))
            at = at.parent
        if passage.title is not None and not passage.whens:
            passage.whens += self._phase(passage.title)
        goal = _GOAL_OF_YEAR.match(self.text, *node.paragraphs[0]) if node.paragraphs else None
        if goal is not None and not passage.whens:
            passage.whens.append(When(goal.start(), goal.end("year"), date(self.context.frame.day.year, 12, 31)))

    def _timed(self, passage: Passage) -> bool:
        """Whether the words of a part say their own time."""
        probe = Passage()
        for place in passage.body:
            passages.read_words(self.context, probe, place)
        return bool(probe.oftens or [when for when in probe.whens if when.day])

    def _phase(self, heading: Place) -> list[When]:
        start, end = heading
        if self.context.in_english or end - start > 80 or not _TITLED_TIME.search(self.text, start, end):
            return []
        return dates.deadlines(self.text, start, end, self.context.frame, heading=True)

    def _is_item(self, node: Node, passage: Passage, children: list[Node]) -> bool:
        text = self.text
        place = passage.requirement or passage.title
        if place is None:
            return False
        words = text[place[0] : place[1]]
        if children:
            if node.label is not None and node.label.style is Style.MATTER:
                return passage.requirement is not None
            has_body = passage.requirement is not None and (passage.title is not None or len(words) >= 18)
            if not has_body or (_PROBLEM.search(self._head(node)) and not wording.verb_first(words)):
                return False
            if passage.units:
                return True
            probe = Passage()
            passages.read_words(self.context, probe, place)
            return bool(passage.whens or [when for when in probe.whens if when.day]) and wording.asks(words)
        if passage.units or passage.whens or passage.title is not None:
            return True
        if self.context.in_english:
            if self.tabled:  # beside tables of milestones a list is narrative
                return bool(english.deadlines(text, *place, self.context.frame))
            return english.asks(words) and not words.rstrip().endswith(":")
        if len(words) <= 30 and (node.within_line or text[place[1] - 1] not in "。"):
            return wording.asks(words) and len(words) >= 4
        return len(words) >= 4

    def _head(self, node: Node) -> str:
        """The beginning of a part, where a list of problems names one."""
        start, end = node.paragraphs[0]
        return self.text[start : min(end, start + 60)]

    def _make(self, node: Node, passage: Passage, *, confidence: float = SURE) -> None:
        context = self.context
        for place in passage.body or ([passage.title] if passage.title else []):
            passages.read_words(context, passage, place)
        if not passage.units and passage.requirement is not None and not context.in_english:
            self._grammar(passage, passage.requirement)
        item = passages.make_item(context, passage, path=self._path(node), kind=Kind.NUMBERED, confidence=confidence)
        if item is not None:
            self.out.append(item)

    def _grammar(self, passage: Passage, place: Place) -> None:
        said = list(roles.roles_in_sentence(self.text, *place))
        passage.units += said
        if not said:
            passage.units += [(Role.RESPONSIBLE, name, "grammar") for name in roles.subject_of(self.text, *place)]

    def _path(self, node: Node) -> tuple[str, ...]:
        out: list[str] = []
        at: Node | None = node
        while at is not None and at.label is not None:
            words = self.text[at.label.start : at.label.end].strip(" 、:,")
            if at.label.style is Style.MARKUP and at.paragraphs:
                words = self.text[at.paragraphs[0][0] : at.paragraphs[0][1]][:60]
            out.append(words or "#")
            at = at.parent
        return tuple(reversed(out))

    def _matters(self, node: Node, passage: Passage) -> None:
        place = passage.requirement
        if place is None:
            return
        for number, (start, end) in enumerate(prose.enumerated(self.text, *place), start=1):
            part = Passage(body=[(start, end)])
            passages.read_words(self.context, part, (start, end))
            path = (*self._path(node), f"#{number}")
            item = passages.make_item(self.context, part, path=path, kind=Kind.PROSE, confidence=LIKELY)
            if item is not None:
                self.out.append(item)

    def _as_prose(self, node: Node, passage: Passage, own: list[Place]) -> bool:
        """A topic heading over paragraphs in which a meeting speaks is path; the speech is read as prose."""
        if len(own) < 2 or passage.units or _CLOSED.search(self.text[own[0][0] : own[0][1]]):
            return False
        runs = [one for place in own[1:] for one in prose.asked(self.text, *place, self.context.frame)]
        if sum(one.announced for one in runs) < 2:
            return False
        self._asked(runs, self._path(node))
        return True

    def _ordinal(self, node: Node, passage: Passage) -> None:
        """第一，heading。Sentences: each sentence with a subject of its own is a matter."""
        place = passage.requirement
        parts = list(prose.sentences(self.text, *place)) if place is not None else []
        asking = [one for one in parts if wording.demands(self.text[one[0] : one[0] + 120])]
        if len(parts) < 2 or len(asking) < 2:
            self._make(node, passage, confidence=LIKELY)
            return
        for at, one in enumerate(asking):
            part = Passage(body=[one], title=passage.title if at == 0 else None, whens=list(passage.whens))
            self._make(node, part, confidence=LIKELY)

    # Tables

    def _grid(self, node: Node, grid: Grid) -> None:
        section: Place | None = None
        base = self._path(node)
        for row in grid.rows:
            if row.section:
                section = row.cells[0]
                continue
            self._row(row, grid.columns, base, section)

    def _row(self, row: Row, columns: tuple[Column, ...], base: tuple[str, ...], section: Place | None) -> None:
        context, text = self.context, self.text
        cells: dict[Column, list[Place]] = {}
        for kind, cell in zip(columns, row.cells, strict=False):
            if cell[1] > cell[0]:
                if kind in cells:
                    cells[kind].append(cell)
                else:
                    cells[kind] = [cell]
        told = next((text[a:b] for a, b in row.cells if b > a), "")
        words = self._words(cells)
        if words is None or _TOTAL.fullmatch(told.strip()):
            return
        body, title = words
        passage = passages.read_paragraphs(context, [body])
        label = _ROW_LABEL.match(text, *passage.body[0]) if passage.body else None
        if label is not None and passage.body:
            passage.body[0] = (label.end(), passage.body[0][1])
        passage.title = title
        reader = english.read_roles if context.in_english else roles.read_roles
        for column, role in _ROLE_COLUMNS:
            for cell in cells.get(column, ()):
                passages.take(context, passage, reader(text, cell[0], cell[1], role))
        for column in (Column.DUE, Column.FREQUENCY):
            for start, end in cells.get(column, ()):
                passages.read_time(context, passage, start, end)
        for cell in cells.get(Column.TARGET, ()):
            if cell != body:
                passages.read_words(context, passage, cell, column=True)
        for place in [*passage.body, *([title] if title else [])]:
            passages.read_words(context, passage, place)
        if not passage.units and not context.in_english and passage.requirement is not None:
            passage.units += roles.roles_in_sentence(text, *passage.requirement)
        group = cells.get(Column.GROUP, [None])[0] or section
        number = cells.get(Column.NUMBER, [None])[0]
        path = (*base, *(text[a:b][:60] for a, b in (group, number) if b > a)) if group and number else base
        if group and not number:
            path = (*base, text[group[0] : group[1]][:60])
        elif number and not group:
            path = (*base, text[number[0] : number[1]][:12])
        item = passages.make_item(context, passage, path=path, kind=Kind.TABLE)
        if item is not None:
            self.out.append(item)

    def _words(self, cells: dict[Column, list[Place]]) -> tuple[Place, Place | None] | None:
        """The cell that says what is to be done, and the one that names it."""
        measures, tasks = cells.get(Column.MEASURE, []), cells.get(Column.TASK, [])
        if measures:
            longest = max(measures, key=lambda cell: cell[1] - cell[0])
            return longest, tasks[0] if tasks else None
        if len(tasks) >= 2:
            longest = max(tasks, key=lambda cell: cell[1] - cell[0])
            name = next(cell for cell in tasks if cell != longest) if any(cell != longest for cell in tasks) else None
            return longest, name
        if tasks:
            return tasks[0], None
        for column in (Column.TARGET, Column.PROBLEM, Column.GROUP):
            if cells.get(column) and (cells.get(Column.LEAD) or cells.get(Column.RESPONSIBLE) or cells.get(Column.DUE)):
                return cells[column][0], None
        return None

    # Prose

    def _prose(self, node: Node, *, structured: bool) -> None:
        context, text = self.context, self.text
        if context.in_english:
            return
        lines = node.paragraphs[1:] if node.heading else node.paragraphs
        lines = [place for place in lines if not wording.FURNITURE.match(text, *place)]
        first = min((child.label.start for child in node.children if child.label is not None), default=len(text))
        sections = prose.headed_sections(text, [place for place in lines if place[0] < first])
        for heading, body in sections:
            for at, place in enumerate(body, start=1):
                passage = Passage(body=[place], title=heading if len(body) == 1 else None)
                passages.read_words(context, passage, place)
                name = text[heading[0] : heading[1]]
                path = (name,) if len(body) == 1 else (name, f"#{at}")
                item = passages.make_item(context, passage, path=path, kind=Kind.PROSE, confidence=LIKELY)
                if item is not None:
                    self.out.append(item)
        taken = {place for _heading, body in sections for place in body}
        if structured or sections:
            rest = [place for place in lines if place not in taken]
            after = [place for place in rest if self.only_spoken and place[0] > self.spoken]
            runs = [one for place in after for one in prose.asked(text, *place, context.frame) if one.announced]
            self._asked(runs, self._path(node))
            said = {(one.start, one.end) for one in runs}
            self._close([place for place in rest if not any(place[0] <= a < place[1] for a, _b in said)])
            return
        found: list[prose.Asked] = []
        for place in lines:
            if place not in taken:
                found += prose.asked(text, *place, context.frame)
        self._asked(found, self._path(node))

    def _asked(self, runs: list[prose.Asked], path: tuple[str, ...]) -> None:
        for number, one in enumerate(runs, start=1):
            passage = passages.read_paragraphs(self.context, [(one.start, one.end)])
            if one.governed is not None:
                passage.whens.append(one.governed)
            for place in passage.body:
                passages.read_words(self.context, passage, place)
            if passage.requirement is not None:
                self._grammar(passage, passage.requirement)
            confidence = LIKELY if one.announced else PERHAPS
            item = passages.make_item(
                self.context, passage, path=(*path, f"#{number}"), kind=Kind.PROSE, confidence=confidence
            )
            if item is not None:
                self.out.append(item)

    def _close(self, places: list[Place]) -> None:
        """Closing sentences that set a date or ask for a report are items; exhortations are none."""
        context, text = self.context, self.text
        number = 0
        for start, end in places:
            for a, b in prose.sentences(text, start, end):
                if text[b - 1] not in "。!" or b - a < 10 or not wording.REPORTS.search(text, a, b):
                    continue
                passage = passages.read_paragraphs(context, [(a, b)])
                for place in passage.body:
                    passages.read_words(context, passage, place)
                if not [when for when in passage.whens if when.day] and not passage.oftens:
                    continue
                if re.search(r"已经|[^为]了[,。]|召开", text[a : min(b, a + 60)]):
                    continue
                number += 1
                if passage.requirement is not None:
                    self._grammar(passage, passage.requirement)
                item = passages.make_item(
                    context, passage, path=("结尾", f"#{number}"), kind=Kind.CLOSING, confidence=LIKELY
                )
                if item is not None:
                    self.out.append(item)


def _is_path(node: Node) -> bool:
    """Headings by markup, and named headings of English plans, are path only."""
    return node.heading or (node.label is not None and node.label.style is Style.MARKUP)
