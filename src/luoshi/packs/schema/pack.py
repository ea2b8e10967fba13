"""A pack as a whole（方案包）, and what is wrong with one that cannot be used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from luoshi.packs.schema.programme import Department, Ladder, Matter, Programme, Source
from luoshi.packs.schema.story import Story


@dataclass(frozen=True, slots=True)
class Pack:
    """方案包: everything a pack says, checked as a whole."""

    programme: Programme
    matters: tuple[Matter, ...]
    ladders: tuple[Ladder, ...]
    departments: tuple[Department, ...]
    sources: tuple[Source, ...]
    story: Story | None = None

    def source(self, key: str) -> Source:
        """The source of that key (``KeyError`` if there is none)."""
        return {source.key: source for source in self.sources}[key]

    def ladder(self, key: str) -> Ladder:
        """The ladder of that key (``KeyError`` if there is none)."""
        return {ladder.key: ladder for ladder in self.ladders}[key]

    def matter(self, number: int) -> Matter:
        """The matter of that number (``KeyError`` if there is none)."""
        return {matter.number: matter for matter in self.matters}[number]


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, where, and an untranslated sentence with its places."""

    file: str
    place: str
    template: str
    params: Mapping[str, object]

    def __str__(self) -> str:
        where = f"{self.file}: {self.place}" if self.place else self.file
        return f"{where}: {self.template % self.params}"


class PackInvalid(Exception):  # noqa: N818 - reads as what it says
    """A pack cannot be used（方案包有误）; ``problems`` holds every reason, in order of the files."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))
