"""Layout（版面）: the lines and tables of a cleaned text, whatever they were written with.

A table may be drawn in HTML, in Markdown, with tabs, with wide gaps, or one cell a line as pages copied from a browser
leave it; all become a :class:`Grid` of cells with the columns its headings name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from luoshi.rules.documents.reader.cleaning import Clean
from luoshi.rules.documents.reader.columns import Column, column_of, columns_of
from luoshi.rules.documents.reader.markup import BULLET, CELL, HEADING, ROW, TABLE, TABLE_END


class Line(NamedTuple):
    """One line with words on it: where it stands in the cleaned text, and what markup says of it."""

    start: int
    end: int
    heading: bool = False
    bullet: bool = False


Cell = tuple[int, int]
"""Where a cell's words stand in the cleaned text; equal ends where it is empty."""


class Row(NamedTuple):
    """A record of a table; ``section`` when one cell's words go over its whole width."""

    cells: tuple[Cell, ...]
    section: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """A table with headings: what its columns hold, and its records."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


Block = Line | Grid
HEADINGS_WITHIN: Final = 6
LONGEST_SECTION: Final = 60
COLUMNS: Final = 60
_CONTROL: Final = re.compile(f"[{TABLE}{TABLE_END}{ROW}{CELL}\n]")
_MARKED: Final = HEADING + BULLET
_TRIM: Final = " \t\u3000"


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start] in _TRIM:
        start += 1
    while start < end and text[end - 1] in _TRIM:
        end -= 1
    return start, end


def _line(text: str, start: int, end: int) -> Line | None:
    start, end = _trimmed(text, start, end)
    heading = start < end and text[start] == HEADING
    bullet = start < end and text[start] == BULLET
    if heading or bullet:
        start, end = _trimmed(text, start + 1, end)
    return Line(start, end, heading, bullet) if start < end else None


def lay_out(cleaned: Clean, spans: Mapping[int, tuple[int, int]]) -> list[Block]:
    """The blocks of a text in their order; ``spans`` are the cells of HTML tables that cover more than one place."""
    text = cleaned.text
    blocks: list[Block] = []
    lines: list[Line] = []
    waiting: list[tuple[int, int]] = []
    tables = list(_tables(text)) if TABLE in text else []
    place = 0
    for start, end in [*tables, (len(text), len(text))]:
        waiting.append((place, start))
        made = _html_grid(cleaned, start, end, spans) if end > start else None
        if made is None and end > start:
            waiting.append((start, end))
        if made is not None or end == start:
            for a, b in waiting:
                lines += _lines(text, a, b)
            blocks += _grouped(text, lines)
            lines, waiting = [], []
            if made is not None:
                blocks.append(made)
        place = end
    return blocks


def _lines(text: str, start: int, end: int) -> Iterator[Line]:
    place = start
    for found in _CONTROL.finditer(text, start, end):
        line = _line(text, place, found.start())
        if line is not None:
            yield line
        place = found.end()
    line = _line(text, place, end)
    if line is not None:
        yield line


def _tables(text: str) -> Iterator[tuple[int, int]]:
    """The innermost tables: a table that holds a table is there for the looks of the page."""
    opened = -1
    for found in re.finditer(f"[{TABLE}{TABLE_END}]", text):
        if found[0] == TABLE:
            opened = found.start()
        elif opened >= 0:
            yield opened, found.end()
            opened = -1


def _html_grid(cleaned: Clean, start: int, end: int, spans: Mapping[int, tuple[int, int]]) -> Grid | None:
    text = cleaned.text
    grid: list[list[Cell]] = []
    held: dict[int, tuple[int, Cell]] = {}
    row_ends = [found.start() for found in re.finditer(ROW, text[start:end])]
    for at, offset in enumerate(row_ends):
        first = start + offset + 1
        last = start + row_ends[at + 1] if at + 1 < len(row_ends) else end - 1
        places = [found.start() for found in re.finditer(CELL, text[first:last])]
        row: list[Cell] = []
        for number, cell_at in enumerate(places):
            while len(row) in held and len(row) < COLUMNS:
                row.append(_held(held, len(row)))
            here = first + cell_at
            until = first + places[number + 1] if number + 1 < len(places) else last
            cell = _cell(text, here + 1, until)
            rows, columns = spans.get(cleaned.span(here, here + 1).start, (1, 1)) if spans else (1, 1)
            for _repeat in range(min(columns, COLUMNS - len(row))):
                if rows > 1:
                    held[len(row)] = (rows - 1, cell)
                row.append(cell)
        while len(row) in held and len(row) < COLUMNS:
            row.append(_held(held, len(row)))
        if row:
            grid.append(row)
    return _headed(text, grid)


def _held(held: dict[int, tuple[int, Cell]], column: int) -> Cell:
    left, cell = held.pop(column)
    if left > 1:
        held[column] = (left - 1, cell)
    return cell


def _cell(text: str, start: int, end: int) -> Cell:
    words = text[start:end].lstrip()
    while words and words[0] in _MARKED:
        words = words[1:].lstrip()
    start = end - len(words)
    return start, start + len(words.rstrip())


def _headed(text: str, grid: list[list[Cell]]) -> Grid | None:
    """The grid below its line of headings; a second line of headings under a joined first is taken in."""
    for at, row in enumerate(grid[:HEADINGS_WITHIN]):
        columns = columns_of([text[a:b] for a, b in row])
        if columns is None:
            continue
        body = grid[at + 1 :]
        if body:
            below = [column_of(text[a:b]) for a, b in body[0]]
            joined = len(set(row)) < len(row) and sum(kind is not None for kind in below) * 2 >= len(below)
            if joined:
                columns = [low or high for low, high in zip([*below, *columns[len(below) :]], columns, strict=False)]
                body = body[1:]
        rows = [_row(text, cells, len(columns)) for cells in body]
        heads = {text[a:b] for a, b in row if b > a}
        kept = [one for one in rows if one is not None and {text[a:b] for a, b in one.cells if b > a} != heads]
        return Grid(tuple(columns), tuple(kept)) if kept else None
    return None


def _row(text: str, cells: list[Cell], width: int) -> Row | None:
    told = {cell for cell in cells if cell[1] > cell[0]}
    if not told:
        return None
    if len(told) > 1 and len(cells) == width:
        return Row(tuple(cells))
    if len(told) == 1 and width > 2:
        a, b = next(iter(told))
        if b - a <= LONGEST_SECTION and len({text[x:y] for x, y in cells}) <= 2:
            return Row((((a, b)),), section=True)
    return Row(tuple([*cells, *[(0, 0)] * (width - len(cells))][:width]))


_PIPE: Final = re.compile(r"(?<!\\)\|")
_RULE: Final = re.compile(r"[\s|:\-+=]+")
_TAB: Final = re.compile(r"\t")
_GAP: Final = re.compile(r" {2,}|\t")


def _split(text: str, line: Line, by: re.Pattern[str]) -> list[Cell]:
    start, end = line.start, line.end
    if by is _PIPE:
        start += text[start] == "|"
        end -= end > start and text[end - 1] == "|"
    cells, place = [], start
    for found in by.finditer(text, start, end):
        cells.append(_cell(text, place, found.start()))
        place = found.end()
    cells.append(_cell(text, place, end))
    return cells[:COLUMNS]


def _grouped(text: str, lines: list[Line]) -> Iterator[Block]:
    """Lines with the tables among them made into grids."""
    at = 0
    while at < len(lines):
        made = _pipes(text, lines, at) or _gaps(text, lines, at) or _one_a_line(text, lines, at)
        if made is None:
            yield lines[at]
            at += 1
        else:
            grid, at = made
            yield grid


def _pipes(text: str, lines: list[Line], at: int) -> tuple[Grid, int] | None:
    if text.find("|", lines[at].start, lines[at].end) < 0:
        return None
    columns = columns_of([text[a:b] for a, b in _split(text, lines[at], _PIPE)])
    if columns is None:
        return None
    rows: list[Row] = []
    until = at + 1
    while until < len(lines) and text.find("|", lines[until].start, lines[until].end) >= 0:
        line = lines[until]
        until += 1
        if _RULE.fullmatch(text, line.start, line.end):
            continue
        row = _row(text, _split(text, line, _PIPE), len(columns))
        if row is not None:
            rows.append(row)
    return (Grid(tuple(columns), tuple(rows)), until) if rows else None


def _gaps(text: str, lines: list[Line], at: int) -> tuple[Grid, int] | None:
    """A table with tabs or wide gaps under a line of at least two known headings."""
    head = lines[at]
    if head.end - head.start > 300:
        return None
    by = _TAB if text.find("\t", head.start, head.end) >= 0 else _GAP
    if by is _GAP and text.find("  ", head.start, head.end) < 0:
        return None
    heads = _split(text, head, by)
    columns = columns_of([text[a:b] for a, b in heads])
    if columns is None:
        return None
    rows: list[Row] = []
    until = at + 1
    while until < len(lines):
        cells = _split(text, lines[until], by)
        if len(cells) == 1:
            a, b = cells[0]
            more = until + 1 < len(lines) and len(_split(text, lines[until + 1], by)) > 1
            if b - a > LONGEST_SECTION or not more or text[b - 1] in "。;":
                break
            rows.append(Row(((a, b),), section=True))
        else:
            row = _row(text, cells, len(columns))
            if row is not None:
                rows.append(row)
        until += 1
    return (Grid(tuple(columns), tuple(rows)), until) if any(not row.section for row in rows) else None


_COUNT: Final = re.compile(r"\d{1,4}")
_DATED: Final = re.compile(r"(?:\d{4}年)?\d{1,2}月|\d{4}年|年底|持续|长期|季度|每[年月周季]|常年|20\d\d[-./]\d|^\d{4}$")


def _one_a_line(text: str, lines: list[Line], at: int) -> tuple[Grid, int] | None:
    """A table one cell a line: a run of headings, then records of so many lines."""
    first = lines[at]
    if first.end - first.start > 24 or column_of(text[first.start : first.end]) in {None, Column.OTHER}:
        return None
    until = at
    if text.find("20", first.start, first.end) >= 0:
        return None
    heads: list[Column] = []
    while until < len(lines) and len(heads) < 12:
        line = lines[until]
        kind = column_of(text[line.start : line.end]) if line.end - line.start <= 24 else None
        if kind is None:
            break
        heads.append(kind)
        until += 1
    columns = columns_of([text[line.start : line.end] for line in lines[at:until]])
    if len(heads) < 3 or columns is None:
        return None
    rows, until = (
        _counted(text, lines, until, columns) if columns[0] is Column.NUMBER else _chunked(text, lines, until, columns)
    )
    return (Grid(tuple(columns), tuple(rows)), until) if rows else None


def _counted(text: str, lines: list[Line], at: int, columns: list[Column]) -> tuple[list[Row], int]:
    """Records that begin with their running number."""
    rows: list[Row] = []
    number = 0
    width = len(columns)
    while at < len(lines):
        line = lines[at]
        words = text[line.start : line.end]
        if not _COUNT.fullmatch(words):
            following = lines[at + 1] if at + 1 < len(lines) else None
            if following is None or len(words) > LONGEST_SECTION:
                break
            if not (_COUNT.fullmatch(text, following.start, following.end)):
                break
            rows.append(Row(((line.start, line.end),), section=True))
            at += 1
            continue
        number = int(words)
        cells: list[Cell] = [(line.start, line.end)]
        at += 1
        while at < len(lines) and len(cells) < width * 3:
            line = lines[at]
            words = text[line.start : line.end]
            if _COUNT.fullmatch(words) and int(words) == number + 1 and len(cells) > 1:
                break
            if len(cells) >= width and _is_section(text, lines, at, number):
                break
            cells.append((line.start, line.end))
            at += 1
            if len(cells) == width and (at >= len(lines) or not _continues(text, lines, at, number)):
                break
        if len(cells) < 2:
            break
        rows.append(Row(tuple(_aligned(text, cells, columns))))
    return rows, at


def _is_section(text: str, lines: list[Line], at: int, number: int) -> bool:
    following = lines[at + 1] if at + 1 < len(lines) else None
    return following is not None and text[following.start : following.end] == str(number + 1)


def _continues(text: str, lines: list[Line], at: int, number: int) -> bool:
    """Whether a record goes on beyond its width: its next number comes within a few lines, but not at once."""
    for ahead in range(at, min(at + 4, len(lines))):
        if text[lines[ahead].start : lines[ahead].end] == str(number + 1):
            return ahead - at >= 2
    return False


def _aligned(text: str, cells: list[Cell], columns: list[Column]) -> list[Cell]:
    """The cells under their columns: what is too many belongs to the words, what is missing is found by its kind."""
    width = len(columns)
    words = next((at for at, kind in enumerate(columns) if kind in {Column.TASK, Column.MEASURE}), min(1, width - 1))
    if len(cells) > width:
        more = len(cells) - width
        return [*cells[:words], (cells[words][0], cells[words + more][1]), *cells[words + more + 1 :]]
    if len(cells) == width:
        return cells
    out: list[Cell] = [(0, 0)] * width
    rest = list(cells)
    dues = [at for at, kind in enumerate(columns) if kind is Column.DUE]
    if dues and _DATED.search(text[rest[-1][0] : rest[-1][1]]):
        out[dues[-1]] = rest.pop()
    for at in range(width):
        if out[at] == (0, 0) and rest and not (dues and at == dues[-1]):
            out[at] = rest.pop(0)
    return out


def _chunked(text: str, lines: list[Line], at: int, columns: list[Column]) -> tuple[list[Row], int]:
    """Records of exactly so many lines, as long as dates stand where dates should."""
    rows: list[Row] = []
    width = len(columns)
    dues = [place for place, kind in enumerate(columns) if kind is Column.DUE]
    while at + width <= len(lines):
        cells = [(line.start, line.end) for line in lines[at : at + width]]
        if dues and not _DATED.search(text[cells[dues[0]][0] : cells[dues[0]][1]]):
            break
        if not dues and any(b - a > 40 for (a, b), kind in zip(cells, columns, strict=True) if kind is Column.LEAD):
            break
        rows.append(Row(tuple(cells)))
        at += width
    return rows, at
