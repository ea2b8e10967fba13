"""Outline（提纲）: the tree of numbered parts, with the words and tables that stand under each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from luoshi.rules.documents.reader.layout import Block, Cell, Grid, Line
from luoshi.rules.documents.reader.numbering import PROSE_STYLES, Label, Style, label_at, labels_inside


@dataclass(slots=True, eq=False)
class Node:
    """A numbered part: its label, its paragraphs from the label on, the parts and tables below it."""

    label: Label | None
    parent: Node | None
    paragraphs: list[Cell] = field(default_factory=list)
    children: list[Node] = field(default_factory=list)
    grids: list[Grid] = field(default_factory=list)
    within_line: bool = False
    depth: int = 0
    heading: bool = False

    def walk(self) -> Iterator[Node]:
        """This part and all below it, in the order of the text."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting += reversed(node.children)


@dataclass(frozen=True, slots=True)
class Outline:
    """The root of the tree and the labels that stand glued against figures."""

    root: Node
    glued: tuple[Label, ...]


DEEPEST: Final = 24
_ATTACHED: Final = re.compile(r"附件 ?\d{0,2} ?[:.]?")
_ANNOUNCES: Final = re.compile(
    r"(?:会议|强调|指出|要求|提出|议定|明确|决定|部署|同志|书记|主席|主任|省长|市长|县长|区长|州长)[^。;]{0,40}[:,]"
)
_RANK: Final = {
    Style.CHAPTER: 1,
    Style.SECTION: 2,
    Style.ARTICLE: 3,
    Style.MATTER: 3,
    Style.HAN: 3,
    Style.HAN_PAREN: 4,
    Style.NUMBER: 5,
    Style.NUMBER_PAREN: 6,
    Style.CIRCLE: 7,
}


def outline(text: str, blocks: Sequence[Block]) -> Outline:
    """The tree of a laid-out text."""
    builder = _Builder(text)
    for block in blocks:
        if isinstance(block, Grid):
            builder.grid(block)
        else:
            builder.line(block)
    return Outline(builder.root, tuple(builder.glued))


class _Builder:
    def __init__(self, text: str) -> None:
        self.text = text
        self.root = Node(None, None)
        self.here = self.root
        self.last: dict[Style, int] = {}
        self.glued: list[Label] = []
        self.attachments = 0

    def grid(self, grid: Grid) -> None:
        while self.here.within_line and self.here.parent is not None:
            self.here = self.here.parent
        self.here.grids.append(grid)

    def line(self, line: Line) -> None:
        text = self.text
        label = label_at(text, line.start, line.end)
        if self._is_attachment(line, label):
            return
        if label is not None and not self._counts(label, line):
            label = None
        if line.bullet and label is None:
            label = Label(Style.DASH, 0, line.start, line.start)
        if line.heading:
            self.here = self.root
            named = label or Label(Style.MARKUP, 0, line.start, line.start)
            self._open(named, line.end, heading=True)
            return
        if label is not None:
            self._open(label, None)
        start = label.end if label is not None else line.start
        alone = label is None and (self.here is self.root or self._heads(self.here))
        prose = (label is not None and label.style in PROSE_STYLES) or (
            alone and (self.here is self.root or _ANNOUNCES.search(text, start, min(line.end, start + 400)) is not None)
        )
        inner = labels_inside(text, start, line.end, self.last, prose=prose)
        outer = self.here
        place = start
        for one in inner:
            self._say(place, one.start)
            self._open(one, None, within_line=label is None)
            place = one.end
        self._say(place, line.end)
        if label is None:
            while self.here is not outer and self.here.within_line and self.here.parent is not None:
                self.here = self.here.parent

    def _heads(self, node: Node) -> bool:
        """Whether a part is so far only its heading line."""
        return len(node.paragraphs) >= 1 and self.text[node.paragraphs[0][1] - 1] not in "。;" and not node.children

    def _is_attachment(self, line: Line, label: Label | None) -> bool:
        """The list of what is attached names papers, not tasks; what follows 附件 alone is the paper itself."""
        found = _ATTACHED.match(self.text, line.start, line.end)
        if found is not None:
            bare = found.end() == line.end
            self.attachments = 0 if bare else 12
            if bare:
                self.here = self.root
                self.last = {}
            return True
        if (
            self.attachments
            and label is not None
            and label.style is Style.NUMBER
            and label.number == 13 - self.attachments + 1
        ):
            self.attachments -= 1
            return True
        self.attachments = 0
        return False

    def _counts(self, label: Label, line: Line) -> bool:
        """Whether a label at the beginning of a line is one: some forms are words too."""
        style = label.style
        if label.end >= line.end:
            return False
        if style in {Style.POINT, Style.ORDINAL}:
            return label.number == 1 or label.number == self.last.get(style, 0) + 1
        if style is Style.HAN and label.number > 60:
            return False
        if style is Style.DASH and self.text[label.start] in "-*+·" and self.text[label.end - 1] != " ":
            return self.text[label.start] == "·" or self.text[label.start : label.end] in {"-", "--"}
        return True

    def _open(self, label: Label, until: int | None, *, within_line: bool = False, heading: bool = False) -> None:
        if label.glued:
            self.glued.append(label)
        node = self.here
        ancestors: list[Node] = []
        while node is not self.root and node.parent is not None:
            ancestors.append(node)
            node = node.parent
        parent = self._parent(label, ancestors)
        made = Node(label, parent, within_line=within_line, depth=parent.depth + 1, heading=heading)
        parent.children.append(made)
        self.last[label.style] = label.number
        for style in [one for one in self.last if self._below(one, label.style)]:
            if label.style not in {Style.HAN, Style.CHAPTER, Style.SECTION} or style is not Style.HAN_PAREN:
                self.last.pop(style)
        self.here = made
        if until is not None:
            self._say(label.end, until)

    def _below(self, style: Style, than: Style) -> bool:
        return style is not than and _RANK.get(style, 9) > _RANK.get(than, 9)

    def _parent(self, label: Label, ancestors: list[Node]) -> Node:
        for node in ancestors:
            if node.label is not None and node.label.style is label.style and node.parent is not None:
                return node.parent
        rank = _RANK.get(label.style)
        if rank is not None:
            for node in ancestors:
                mine = _RANK.get(node.label.style, 9) if node.label is not None else 0
                if mine < rank or (node.label is not None and node.label.style in {Style.MARKUP, Style.NAMED}):
                    return node
            return self.root
        deepest = ancestors[0] if ancestors else self.root
        return deepest if deepest.depth < DEEPEST else self.root

    def _say(self, start: int, end: int) -> None:
        text = self.text
        while start < end and text[start].isspace():
            start += 1
        while start < end and text[end - 1].isspace():
            end -= 1
        if start < end:
            self.here.paragraphs.append((start, end))
