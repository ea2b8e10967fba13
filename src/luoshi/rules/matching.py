"""比对: which matters a short text bears on, by BM25, and which titles tell the same story. Pure.

Words come in already cut; a text is asked with each of its words once. The score of a matter is the sum over the words
it shares with the text, so one more shared word never lowers it, and the order of words and matters decides nothing.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)

K1: Final = 1.2
B: Final = 0.75
"""The usual constants of BM25: how fast a repeated word counts less, and how much a long text is held against it."""
ENOUGH_WORDS: Final = 2
"""A text bears on a matter when they share so many words …"""
LONG_WORD: Final = 4
"""… or one word of so many characters, which is a name rather than a turn of phrase, or see :data:`ABOUT`."""
COMMON: Final = 0.34
"""A word that more than this share of the matters hold says nothing of any one of them."""
NEAR: Final = 0.8
"""Two titles tell the same story when they share this part of their pairs of characters."""
FEW: Final = 5
"""Below so many matters no word counts as common: there is nothing to be common to."""
ABOUT: Final = 3
"""A word that one matter alone holds and so often repeats is what it is about: it is enough by itself."""
_SAID_OF_EVERYTHING: Final = (
    "加强 推进 推动 进一步 责任 重点 领域 工作 全面 到位 抓好 抓实 落实 进行 持续 强化 切实 扎实 各类 各项 "
    "坚持 始终 作为 通过 不断 促进 发展 建设 机制 体系 方面 统筹 意识 方式 方向 重大 现代 开展 提升 提高 实施 "
    "一项 一次 事情 大事 小事 成效 行业 利用 我国 全国 全省 我省 会议 召开 要求 强调 部署 组织 深入 积极 着力 "
    "有效 做好 完善 健全 确保 保障 服务 管理 情况 问题 目标 任务 项目 补齐 短板 活动 启动 印发 举行 贯彻 关于 以及 "
    "有关 相关 今年 近日 工程 行动 措施 政策 水平 the and for with from into that this are was its our all"
)
TURNS: Final = frozenset(_SAID_OF_EVERYTHING.split())
"""Turns of phrase（套话）: what official language says of everything brings no matter, however rare it is among ten."""


@dataclass(frozen=True, slots=True)
class Match(Generic[Key]):
    """A text bears on something（关联）: the score, and the words that brought it, the weightiest first."""

    key: Key
    score: float
    words: tuple[str, ...]


class Matcher(Generic[Key]):
    """What texts are held against: each thing with its words."""

    def __init__(self, things: Mapping[Key, Iterable[str]], names: Mapping[Key, Collection[str]] | None = None) -> None:
        """``things`` are keys with their words, a word as often as it stands there; ``names`` their names of one word.

        A name is enough by itself, as is what :data:`ABOUT` says.
        """
        self._names = {key: frozenset(told) for key, told in (names or {}).items()}
        self._counts = {key: Counter(words) for key, words in things.items()}
        self._sizes = {key: counts.total() for key, counts in self._counts.items()}
        self._mean = (sum(self._sizes.values()) / len(self._sizes)) if self._sizes else 0.0
        self._holders: dict[str, list[Key]] = defaultdict(list)
        for key, counts in self._counts.items():
            for word in counts:
                self._holders[word].append(key)
        self._rarity = {word: self._rare(word) for word in self._holders}

    def holders(self, word: str) -> int:
        """How many things hold a word."""
        return len(self._holders.get(word, ()))

    def rarity(self, word: str) -> float:
        """How much a word tells（逆文档频率）: never negative, 0 for a turn of phrase, one nothing or too many hold."""
        return self._rarity.get(word, 0.0)

    def _rare(self, word: str) -> float:
        held, every = len(self._holders[word]), len(self._counts)
        if word in TURNS or (every >= FEW and held > every * COMMON):
            return 0.0
        return math.log(1 + (every - held + 0.5) / (held + 0.5))

    def weigh(self, key: Key, word: str) -> float:
        """What one shared word adds to the score of ``key``."""
        times = self._counts[key][word]
        if not times:
            return 0.0
        size = self._sizes[key] / self._mean
        return self.rarity(word) * times * (K1 + 1) / (times + K1 * (1 - B + B * size))

    def sharing(self, words: Iterable[str]) -> set[Key]:
        """What shares a telling word with a text."""
        return {key for word in words if self.rarity(word) > 0 for key in self._holders[word]}

    def _enough(self, key: Key, word: str) -> bool:
        """Whether one shared word is enough: a long one, a name, what the matter is about."""
        own = self._counts[key][word] >= ABOUT and self.holders(word) == 1
        return len(word) >= LONG_WORD or word in self._names.get(key, ()) or own

    def score(self, key: Key, words: Collection[str]) -> float:
        """The score of ``key`` for a text of ``words``."""
        return math.fsum(self.weigh(key, word) for word in set(words))

    def matches(self, words: Collection[str], limit: int = 3) -> list[Match[Key]]:
        """What a text of ``words`` bears on, the best first, at most ``limit``.

        A longer word of the text holds the shorter ones inside it: 救灾物资 is about 救灾.
        """
        asked = {part for word in words for part in _parts(word) if self.rarity(part) > 0}
        keys = {key for word in asked for key in self._holders[word]}
        found: list[Match[Key]] = []
        for key in keys:
            weighed = sorted(
                ((self.weigh(key, word), word) for word in asked if self._counts[key][word]),
                key=lambda pair: (-pair[0], pair[1]),
            )
            if len(weighed) >= ENOUGH_WORDS or any(self._enough(key, word) for _weight, word in weighed):
                score = math.fsum(weight for weight, _word in weighed)
                found.append(Match(key, score, tuple(word for _weight, word in weighed)))
        return sorted(found, key=lambda match: (-match.score, str(match.key)))[:limit]


def parts_of(words: Iterable[str]) -> list[str]:
    """The words of a text and the shorter ones inside them, each once, turns of phrase left out."""
    return sorted({part for word in words for part in _parts(word)} - TURNS)


def _parts(word: str) -> Iterable[str]:
    """A word and the shorter ones of two characters and more inside it; of other scripts the word alone."""
    if word.isascii() or len(word) > 12:
        return (word,)
    return {word[start:end] for start in range(len(word) - 1) for end in range(start + 2, len(word) + 1)}


_LETTERS: Final = re.compile(r"\w+")
_DIGITS: Final = re.compile(r"\d+")


def plain_title(title: str) -> str:
    """A title as it is compared: width folded, lower case, letters and digits only."""
    return "".join(_LETTERS.findall(unicodedata.normalize("NFKC", title).casefold()))


def _pairs(text: str) -> frozenset[str]:
    return frozenset(text[at : at + 2] for at in range(len(text) - 1)) or frozenset({text})


def same_story(one: str, other: str) -> bool:
    """Whether two titles tell the same story（同题）: nearly the same words and exactly the same numbers."""
    one, other = plain_title(one), plain_title(other)
    if not one or not other or set(_DIGITS.findall(one)) != set(_DIGITS.findall(other)):
        return False
    mine, theirs = _pairs(one), _pairs(other)
    return len(mine & theirs) >= NEAR * len(mine | theirs)


class Stories(Generic[Key]):
    """Titles already told, to find whether a new one tells one of them again."""

    def __init__(self, told: Iterable[tuple[Key, str]] = ()) -> None:
        """``told`` are stories with their titles, the oldest first."""
        self._titles: list[tuple[Key, str]] = []
        self._holders: dict[str, list[int]] = defaultdict(list)
        for key, title in told:
            self.add(key, title)

    def add(self, key: Key, title: str) -> None:
        """Remember a title."""
        number = len(self._titles)
        self._titles.append((key, title))
        for pair in _pairs(plain_title(title)):
            self._holders[pair].append(number)

    def find(self, title: str) -> Key | None:
        """The story a title tells again: the oldest that does, or nothing."""
        mine = _pairs(plain_title(title))
        shared = Counter(number for pair in mine for number in self._holders.get(pair, ()))
        for number in sorted(number for number, count in shared.items() if count >= NEAR * len(mine)):
            key, other = self._titles[number]
            if same_story(title, other):
                return key
        return None


def names_in(text: str, names: Mapping[str, Collection[Key]], longest: int = 16) -> dict[Key, str]:
    """Which of ``names`` a text holds（点名）, longest names first: 大理市 does not also name 大理."""
    found: dict[Key, str] = {}
    at = 0
    while at < len(text):
        for size in range(min(longest, len(text) - at), 1, -1):
            name = text[at : at + size]
            if name in names:
                for key in names[name]:
                    found.setdefault(key, name)
                at += size
                break
        else:
            at += 1
    return found
