"""同一与否: plain forms in which one ask is compared with another: words, ordinals, measuring units.

Width, case, spaces and the way a number is written make no difference; the number itself does. A first and a second
phase, quarter, lot or section are two works, however alike their words are. One figure is one figure whether it is
counted in 亩 or in 公顷, in 万元 or in 元.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Final

# --- Words and ordinals ----------------------------------------------------------------------------------------------

COUNTERS: Final = (
    "期", "季度", "批次", "批", "阶段", "标段", "标", "轮次", "轮", "届", "步", "组", "片区", "分册", "部分", "单元",
    "号线", "号机组", "号路", "号楼", "号", "学期", "集", "册", "段",
)  # fmt: skip
"""What is counted by an ordinal: 一期, 第二季度, 3标段."""
_ALIAS: Mapping[str, str] = MappingProxyType({"批次": "批", "标": "标段", "轮次": "轮"})
_COUNTER: Final = "|".join(COUNTERS)
_DIGITS: Mapping[str, int] = MappingProxyType(
    {sign: number for row in ("〇一二三四五六七八九", "零壹贰叁肆伍陆柒捌玖") for number, sign in enumerate(row)}
    | {"○": 0, "两": 2}
)
_TENS: Mapping[str, int] = MappingProxyType({"十": 10, "拾": 10, "百": 100})
_NUMERAL: Final = f"[{''.join(_DIGITS)}{''.join(_TENS)}]"
_SAID: Final = re.compile(rf"第({_NUMERAL}{{1,6}})|(?<![统唯同单划])({_NUMERAL}{{1,6}})(?={_COUNTER})")
_YEAR_SAID: Final = re.compile(rf"([二两][{''.join(_DIGITS)}]{{3}})(?=年)")
_ROMAN: Mapping[str, int] = MappingProxyType(
    {word: number for number, word in enumerate(["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x"], start=1)}
)
_ROMAN_SAID: Final = re.compile(rf"(?<![a-z])([ivx]{{1,4}})(?={_COUNTER})")
_FIRST: Final = re.compile("首(?=期|批|轮|届)")
_QUARTER: Final = re.compile(r"(?<![a-z0-9])(?:q([1-4])|([1-4])q)(?![a-z0-9])")
_NEEDLESS: Final = re.compile(rf"第(?=\d+(?:{_COUNTER}))")
_GAP: Final = re.compile(r"(?<=[^\x00-\x7f])\s+|\s+(?=[^\x00-\x7f])")


def number_of(said: str) -> int | None:
    """A Chinese numeral below a thousand, or digits one by one（二〇二六）; ``None`` when it is neither."""
    if said.isdigit() and said.isascii():
        return int(said)
    if all(sign in _DIGITS for sign in said):
        return int("".join(str(_DIGITS[sign]) for sign in said)) if said else None
    total, digit = 0, 0
    for sign in said:
        if sign in _DIGITS:
            digit = _DIGITS[sign]
        elif sign in _TENS:
            total += (digit or 1) * _TENS[sign]
            digit = 0
        else:
            return None
    return total + digit


def canonical(text: str) -> str:
    """The text with every ordinal written one way（规范写法）: 第二期, Ⅱ期, ２期 and 二期 are ``2期``.

    Width and case are made plain; spaces and punctuation stay.
    """
    plain = _GAP.sub("", unicodedata.normalize("NFKC", text).casefold())
    plain = _QUARTER.sub(lambda found: f"{found[1] or found[2]}季度", plain)
    plain = _YEAR_SAID.sub(_in_digits, plain)
    plain = _FIRST.sub("1", plain)
    plain = _ROMAN_SAID.sub(lambda found: str(_ROMAN.get(found[1], found[1])), plain)
    plain = _SAID.sub(_in_digits, plain)
    return _GAP.sub("", _NEEDLESS.sub("", plain))


def _in_digits(found: re.Match[str]) -> str:
    said = next(group for group in found.groups() if group)
    number = number_of(said)
    before = "第" if found[0].startswith("第") else ""
    return found[0] if number is None else f"{before}{number}"


def normal(text: str) -> str:
    """The plain form of an ask（规范形式）: width, case, spaces and punctuation make no difference, figures do."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return canonical("".join(sign for sign in plain if sign.isalnum()))


def figures(text: str) -> tuple[str, ...]:
    """The figures of a text in order, ordinals among them: asks for different years, roads or phases differ."""
    return tuple("".join(sign if sign.isdigit() else " " for sign in canonical(text)).split())


_ORDINAL: Final = re.compile(rf"(?<![\d月])(\d+)({_COUNTER})|第(\d+)")
_YEAR: Final = re.compile(r"(?<!\d)(20\d\d)(?=年|[-—~至到/]20\d\d年)")
_SIDE: Final = re.compile(
    r"(?P<half>[上下])半年|(?P<flow>[上中下])游|(?P<side>[东西南北中])(?P<of>标段|段|线|区|片区|岸|侧)"
    r"|(?<![a-z])(?P<letter>[a-h])(?P<lot>标段|标|段|区|线|栋|座|楼)|(?P<stem>[甲乙丙丁])(?P<by>标段|标|段|区|线)"
)


def marks(texts: Iterable[str]) -> dict[str, frozenset[str]]:
    """What tells works apart that are called alike（区别标记）: by what is counted, the numbers that are named.

    Years, ordinals（2期, 1季度, 3标段）, halves of a year, letters and sides（A标段, 东段）.
    """
    found: dict[str, set[str]] = {}
    for text in texts:
        plain = canonical(text)
        for year in _YEAR.findall(plain):
            found.setdefault("年", set()).add(year)
        for number, counter, bare in _ORDINAL.findall(plain):
            what = _ALIAS.get(counter, counter) if counter else "第"
            found.setdefault(what, set()).add(str(int(number or bare)))
        for one in _SIDE.finditer(plain):
            told = {name: value for name, value in one.groupdict().items() if value}
            what = "·".join([next(iter(told)), *list(told.values())[1:]])
            found.setdefault(what, set()).add(next(iter(told.values())))
    return {what: frozenset(numbers) for what, numbers in found.items()}


def other_part(one: Iterable[str], other: Iterable[str]) -> bool:
    """Whether both name a year, phase, lot or side, and none in common: then they are about different things."""
    first, second = marks(one), marks(other)
    return any(not numbers & second[what] for what, numbers in first.items() if what in second)


_ARABIC: Final = re.compile(rf"\d+(?!\d|{_COUNTER})")


def indicator(words: str) -> str:
    """The plain words of an indicator: figures fall out, ordinals stay（2期处理能力）, and so do the words."""
    plain = re.sub(r"(?<!\d)20\d\d年度?|\d季度|[上下]半年", "", normal(words))
    return _ARABIC.sub("", plain)


# --- Measuring units -------------------------------------------------------------------------------------------------

KINDS: Mapping[str, Mapping[str, Fraction | int]] = MappingProxyType(
    {
        "money": {"元": 1, "人民币": 1, "块": 1, "千元": 1000, "万元": 10**4, "亿元": 10**8},
        "length": {
            "毫米": Fraction(1, 1000), "mm": Fraction(1, 1000), "厘米": Fraction(1, 100), "cm": Fraction(1, 100),
            "米": 1, "m": 1, "里": 500, "公里": 1000, "千米": 1000, "km": 1000,
        },
        "area": {
            "平方米": 1, "平米": 1, "m2": 1, "亩": Fraction(2000, 3), "公顷": 10**4, "ha": 10**4, "hm2": 10**4,
            "平方公里": 10**6, "平方千米": 10**6, "km2": 10**6,
        },
        "mass": {
            "毫克": Fraction(1, 10**6), "微克": Fraction(1, 10**9), "克": Fraction(1, 1000), "g": Fraction(1, 1000),
            "斤": Fraction(1, 2), "公斤": 1, "千克": 1, "kg": 1, "吨": 1000, "t": 1000,
        },
        "volume": {"升": Fraction(1, 1000), "l": Fraction(1, 1000), "方": 1, "立方米": 1, "立方": 1, "m3": 1},
        "energy": {
            "度": 1, "千瓦时": 1, "kwh": 1, "兆瓦时": 1000, "mwh": 1000, "万千瓦时": 10**4, "gwh": 10**6,
        },
        "power": {"瓦": Fraction(1, 1000), "千瓦": 1, "kw": 1, "兆瓦": 1000, "mw": 1000, "gw": 10**6},
        "share": {"%": 1, "‰": Fraction(1, 10)},
        "containers": {"标箱": 1, "标准箱": 1, "teu": 1},
    }
)  # fmt: skip
"""Kinds of quantities: measuring units that say the same, each in the smallest of its kind here.

亩: one fifteenth of a 公顷 (国务院关于在我国统一实行法定计量单位的命令, 1984; 非国家法定计量单位改革方案)."""
_UNITS: Mapping[str, tuple[str, Fraction]] = MappingProxyType(
    {uom: (kind, Fraction(size)) for kind, units in KINDS.items() for uom, size in units.items()}
)
_SCALE: Final = re.compile("^([十百千]?[万亿]+|[十百千](?!瓦|米|克|伏|元))")
_SCALES: Mapping[str, int] = MappingProxyType({"十": 10, "百": 100, "千": 1000, "万": 10**4, "亿": 10**8})


def quantity(uom: str) -> tuple[str, Fraction]:
    """The kind of quantity a measuring unit measures, and how much of its smallest one it is（量纲）.

    亩 and 公顷 are areas, 万元 is ten thousand 元. What no table knows is its own kind, a scale before it apart.
    """
    plain = unicodedata.normalize("NFKC", uom).casefold().strip()
    if "/" in plain:
        above, below = (quantity(part) for part in plain.split("/", 1))
        return f"{above[0]}/{below[0]}", above[1] / below[1]
    if plain in _UNITS:
        return _UNITS[plain]
    scale = Fraction(1)
    if found := _SCALE.match(plain):
        for sign in found[0]:
            scale *= _SCALES[sign]
        plain = plain[found.end() :] or plain
    kind, size = _UNITS.get(plain, (plain, Fraction(1)))
    return kind, scale * size


def unscaled(uom: str) -> str:
    """The measuring unit without a scale of numbers before it: 万元 is 元, 千瓦 stays 千瓦."""
    return _SCALE.sub("", uom) or uom


def rate(one: str, other: str) -> str:
    """How two measuring units of one kind are turned into each other, the larger first: ``1 公顷 = 15 亩``.

    Empty when they are of different kinds or the same size.
    """
    (kind, size), (kind_, size_) = quantity(one), quantity(other)
    if kind != kind_ or size == size_:
        return ""
    large, small = (one, other) if size > size_ else (other, one)
    times = max(size, size_) / min(size, size_)
    told = str(times) if times.denominator == 1 else f"{float(times):.4f}".rstrip("0").rstrip(".")
    return f"1 {large} = {told} {small}"
