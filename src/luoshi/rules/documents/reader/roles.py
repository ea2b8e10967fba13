"""Roles（分工）: who leads, is responsible, supports; in brackets, after labels, in cells, in the sentence itself.

Names stay as written: nothing is expanded, nothing is looked up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from luoshi.rules.documents.reader.cleaning import HAN, Clean
from luoshi.rules.documents.reader.findings import LIKELY, PERHAPS, SURE, Role, UnitRole

_AREA: Final = r"省|自治区|直辖市|地区|自治州|州|设区市|市|县|区|旗|盟|乡|镇|街道|村|社区|地"
_SUFFIX: Final = (
    r"部门|部|委员会|委|总局|局|办公室|办|厅|署|院|总行|银行|行|中心|政府|专班|单位|公司|集团|党组|党委|党工委|支部|处|科|股|室|所|站|队|总队|支队|大队"
    r"|社|校|学院|大学|中学|小学|幼儿园|医院|街道|乡镇|开发区|园区|新区|高新区|经开区|管委会|指挥部|领导小组|工作组|小组|联合会|协会|商会|学会|联社|企业"
    r"|基金会|工会|妇联|团委|残联|工商联|文联|科协|侨联|红十字会|法院|检察院|人大|政协|武装部|军分区|实验室|研究院|分局|税务局|海关|基地|联盟|总站|机构|报社|电视台|融媒体中心|台"
    r"|会|各地|各方|各级|地方|属地|委办|指办|政数局|府办|社保"
)
_ENDS: Final = re.compile(rf"(?:{_SUFFIX}|(?:{_AREA}))(?:\([^()]{{1,40}}\))?$")
_EACH: Final = re.compile(rf"^(?:各|有关|相关|其他|所在|辖区)[{HAN}、()A-Za-z]{{1,24}}$")
_LIST: Final = re.compile(r"[、,;/\n]| {1,}(?=[^\x00-\x7f])|\t")
_JOINED: Final = re.compile(r"以及|及其|及|和|与|暨|并")
_BARE: Final = frozenset("单位 部门 部门和单位 单位和部门 部门单位 部门、单位 机构 成员 地方".split())
_NOT_A_NAME: Final = re.compile(
    r"^(?:无|/|-+|—+|\\|暂无|同上|待定|按职责分工|按职责|分工|负责|n/?a|none|tbd|-)?$", re.IGNORECASE
)
_VERB: Final = re.compile(
    r"(?:牵头负责|牵头组织实施|牵头落实|牵头抓总|牵头|主责|主办|承办|负责(?:实施|落实|组织实施|推进)?|落实|组织实施|具体实施|实施|推进落实"
    r"|配合(?:落实|实施|做好)?|协助(?:落实|配合)?|协办|参与(?:配合|落实)?|参加|支持|指导|督导)$"
)
_FILLING: Final = tuple(
    "按各自职责分工 按照各自职责分工 按照职责分工 按职责分工 按职能分工 按职责 按职能 按照职责 按照职能 依职责 依职责分工 根据职责分工 根据职责 根据各自职责 "
    "按各自职责 按照各自职责 依据职责 在职责范围内 按职责范围 按权限 按分工 根据分工 依职能 职责分工 分工 分别 共同 具体 统筹 组织 会商 依法 按要求 按规定 "
    "协同 积极 各负其责 分头 抓好 做好 加强 全力 密切".split()
)
_FILLED: Final = re.compile(rf"(?:{'|'.join(sorted(_FILLING, key=len, reverse=True))})$")
_LONGEST_ENDING: Final = 60
_ROLE_OF_VERB: Final = (
    ("牵头", Role.LEAD),
    ("主责", Role.LEAD),
    ("主办", Role.LEAD),
    ("承办", Role.LEAD),
    ("配合", Role.SUPPORT),
    ("协", Role.SUPPORT),
    ("参", Role.SUPPORT),
    ("支持", Role.SUPPORT),
)
_LABELS: Final = (
    r"(?P<person>(?:牵头|责任|分管|包抓|联系|主管|挂钩|包保|督办)(?:县|市|区|省|局|院)?(?:级)?(?:领导|同志)|(?:直接|具体|第一)?责任人员?|负责人|联系人)"
    r"|(?P<due>(?:完成|整改|办理|办结|工作|推进|实施)?(?:时限|期限|时间|截止时间|截止日期|时间节点)(?:要求)?|完成日期|时限要求|整改完成时限)"
    r"|(?P<lead>(?:牵头|主责|主办|承办)(?:责任)?(?:单位|部门|处室|科室)?|总?牵头)"
    r"|(?P<support>(?:配合|协办|协同|参与|参加|协作|协助)(?:责任)?(?:单位|部门|处室|科室)?)"
    r"|(?P<responsible>(?:整改)?(?:责任|落实|实施|完成|承担|负责|整改|指导|督导|督办|整改责任)(?:单位|部门|主体|处室|科室))"
)
_LABEL: Final = re.compile(rf"(?:(?<=^)|(?<=[\s(【\[,;。、:)]))(?:{_LABELS}) ?(?:[】\]] ?:?|:) ?")
_LABELS_HERE: Final = re.compile(r"[:】\]]")
LABELLED: Final = re.compile(rf"[(【\[·]? ?(?:{_LABELS}) ?(?:[】\]] ?:?|:) ?")
"""A line that says who or by when, not what."""
_BRACKET: Final = re.compile(r"[(\[【](?=[^()\[\]【】]{1,6}|.)")
_ROLE_WORD: Final = re.compile(
    r"牵头|负责|配合|协办|主办|承办|责任单位|责任部门|落实单位|实施单位|按职责|完成时限|整改时限|责任人|参与单位|参加单位|组织实施|会同|指导单位|等按|责任领导"
)
FIRST_LEADS: Final = re.compile(
    r"(?:排名?|列|居|名列)(?:在)?(?:第一|首)(?:位|个|名)?(?:的|者|单位|部门)?[^。;]{0,16}?(?:为|是|系)[^。;]{0,6}牵头|第一个(?:单位|部门)为牵头|首位(?:的)?(?:单位|部门)?为牵头"
    r"|first[- ](?:named|listed)[^.\n]{0,60}(?:is|as) (?:the )?lead",
    re.IGNORECASE,
)


class Named(NamedTuple):
    """A name at ``start`` up to ``end`` of the cleaned text."""

    start: int
    end: int


class Found(NamedTuple):
    """What a passage says of roles: names by role, in order; and the passages that are about deadlines."""

    units: tuple[tuple[Role, Named, str], ...] = ()
    dues: tuple[tuple[int, int], ...] = ()

    def told_by(self, rule: str) -> Found:
        """The same, as another rule gives it to somebody else."""
        return Found(tuple([(role, name, rule) for role, name, _rule in self.units]), self.dues)


def ending(words: str) -> tuple[str, int] | None:
    """The verb a clause about duties ends with, and where the names before it end; ``None`` when it ends otherwise."""
    found = _VERB.search(words, max(0, len(words) - _LONGEST_ENDING))
    if found is None:
        return None
    cut = found.start()
    floor = max(0, len(words) - _LONGEST_ENDING)
    while cut > floor:
        filling = _FILLED.search(words, floor, cut)
        if filling is None:
            break
        cut = filling.start()
    return found[0], cut


def looks_like_unit(name: str) -> bool:
    """Whether words may be the name of a unit: they end as units end, or begin with 各, 有关, 相关."""
    return bool(_ENDS.search(name[-48:]) or _EACH.match(name)) and len(name) <= 48


_PLAIN_NAME: Final = re.compile(r"[^\x00-\u4dff\ua000-\U0010ffff各等以及和与暨并无同待按分负]{1,120}")
"""A name in Han signs alone, with no word in it that joins or stands for no name: nothing of it is to be parted."""
_PARTS: Final = re.compile(r"[(\[)\]、,;/\n\t| ]")


def split_names(text: str, start: int, end: int) -> Iterator[Named]:
    """The names in a list of units, separators and joining words understood; brackets of a name stay."""
    if _PLAIN_NAME.fullmatch(text, start, end) is not None:
        yield Named(start, end)
        return
    depth = 0
    place = start
    parts: list[tuple[int, int]] = []
    for found in _PARTS.finditer(text, start, end):
        at = found.start()
        sign = text[at]
        if sign in "([":
            depth += 1
        elif sign in ")]":
            depth = max(0, depth - 1)
        elif depth == 0 and (sign != " " or _gap(text, at, start, end)):
            parts.append((place, at))
            place = at + 1
    parts.append((place, end))
    whole = _KEPT_WHOLE.search(text, start, end) is not None
    for a, b in _kept_whole(text, parts) if whole else parts:
        yield from _unjoined(text, a, b)


def _gap(text: str, at: int, start: int, end: int) -> bool:
    """Whether a space parts two names: Chinese on both sides and a whole name before it."""
    before = text[max(start, at - 12) : at]
    return (
        at + 1 < end
        and bool(before)
        and not before[-1].isascii()
        and _ENDS.search(before) is not None
        and not text[at + 1].isascii()
    )


_AREA_ONLY: Final = re.compile(rf"^(?:{_AREA})(?:\([^()]*\))?$")
_AREA_GOVERNMENT: Final = re.compile(rf"^(?:{_AREA})(?:\([^()]*\))?(?:人民政府|政府|党委|党委政府|党工委|管委会|委)")
_EACH_AREA: Final = re.compile(rf"(?:^|及|和|等|与)各(?:{_AREA}|有关)(?:\([^()]*\))?$")


_WITH_PARTY: Final = frozenset({"政府", "人民政府"})
_KEPT_WHOLE: Final = re.compile("[各党]")
"""Without either sign no part of a list belongs to the next."""


def _kept_whole(text: str, parts: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """各州、市人民政府 is one name: an area word alone after 各 joins what follows."""
    at = 0
    while at < len(parts):
        a, b = parts[at]
        if _EACH_AREA.search(text[a:b].strip()):
            ahead = at + 1
            while ahead < len(parts) and _AREA_ONLY.match(text[parts[ahead][0] : parts[ahead][1]].strip()):
                ahead += 1
            if ahead < len(parts) and _AREA_GOVERNMENT.match(text[parts[ahead][0] : parts[ahead][1]].strip()):
                yield a, parts[ahead][1]
                at = ahead + 1
                continue
            if ahead > at + 1:
                yield a, parts[ahead - 1][1]
                at = ahead
                continue
        following = text[parts[at + 1][0] : parts[at + 1][1]].strip() if at + 1 < len(parts) else ""
        if following in _WITH_PARTY and text[a:b].rstrip().endswith(("党委", "党工委")):
            yield a, parts[at + 1][1]
            at += 2
            continue
        yield a, b
        at += 1


_ASIDE: Final = re.compile(r"\([^()]*(?:下同|牵头|为主|排名|第一位|首位)[^()]*\)?$")
_EACH_AGAIN: Final = re.compile(r"(?<=[部门位地区县市乡镇])各(?=[\u4e00-\u9fff])")


def _unjoined(text: str, start: int, end: int) -> Iterator[Named]:
    """One part of a list, divided at 等, 及, 和 where whole names stand on both sides."""
    while start < end and (text[start].isspace() or text[start] in "由请:."):
        start += 1
    while start < end and (text[end - 1].isspace() or text[end - 1] in ".:。;"):
        end -= 1
    if _PLAIN_NAME.fullmatch(text, start, end) is not None:
        yield Named(start, end)
        return
    aside = _ASIDE.search(text, start, end) if text[end - 1 : end] == ")" else None
    if aside is not None and aside.start() > start:
        end = aside.start()
    words = text[start:end]
    while (words.endswith((")", "】", "]")) and words.count(")") > words.count("(")) or words.endswith(("】", "]")):
        words, end = words[:-1], end - 1
    if not words or len(words) > 120:
        return
    twice = _EACH_AGAIN.search(words) if words.find("各", 1) > 0 else None
    if twice is not None:
        yield from _unjoined(text, start, start + twice.start())
        yield from _unjoined(text, start + twice.start(), end)
        return
    etc = _etc(words)
    if etc is not None:
        yield from _unjoined(text, start, start + etc)
        rest = words[etc + 1 :].strip()
        while rest[:1] == "和" or rest[:1] == "及":
            rest = rest[1:]
        if rest and rest not in _BARE:
            yield from _unjoined(text, end - len(rest), end)
        return
    for found in _JOINED.finditer(words):
        left, right = words[: found.start()], words[found.end() :]
        if left.count("(") != left.count(")") or not right or _JOINED.split(right, maxsplit=1)[0] in _BARE:
            continue
        ends = _ENDS.search(left[-24:]) is not None or _EACH.match(left) is not None
        whole = looks_like_unit(right) and (right[0] in "各有相其" or len(right) > 2)
        if ends and whole and not (found[0] in "和与" and _AREA_ONLY.match(left)):
            yield from _unjoined(text, start, start + found.start())
            yield from _unjoined(text, start + found.end(), end)
            return
    if _NOT_A_NAME.match(words):
        return
    yield Named(start, end)


def _etc(words: str) -> int | None:
    """Where 等 ends a list: after a whole name, not inside one such as 高等学校."""
    at = words.find("等")
    while at > 0:
        before, rest = words[:at], words[at + 1 :]
        if before.count("(") == before.count(")") and (
            rest in {"", *_BARE} or (_ENDS.search(before[-24:]) is not None and looks_like_unit(rest))
        ):
            return at
        at = words.find("等", at + 1)
    return None


def read_roles(text: str, start: int, end: int, default: Role | None = None) -> Found:
    """The roles a passage tells: by label（牵头单位：）, by verb（X牵头，Y配合）, else ``default`` for bare names."""
    labels = list(_LABEL.finditer(text, start, end)) if _LABELS_HERE.search(text, start, end) else []
    if not labels:
        return Found(tuple(_by_verb(text, start, end, default)))
    units: list[tuple[Role, Named, str]] = []
    dues: list[tuple[int, int]] = []
    if labels[0].start() > start:
        units += _by_verb(text, start, labels[0].start(), None)
    for at, label in enumerate(labels):
        until = labels[at + 1].start() if at + 1 < len(labels) else end
        kind = next(name for name in ("person", "due", "lead", "support", "responsible") if label[name])
        if kind == "due":
            dues.append((label.end(), until))
        elif kind != "person":
            role = {"lead": Role.LEAD, "support": Role.SUPPORT}.get(kind, Role.RESPONSIBLE)
            units += _by_verb(text, label.end(), until, role)
    return Found(tuple(units), tuple(dues))


_PAUSES: Final = re.compile(r"[(),;。\n]")
_WITH: Final = re.compile(r"会同|联合|会商")


def _by_verb(text: str, start: int, end: int, default: Role | None) -> Iterator[tuple[Role, Named, str]]:
    waiting: list[Named] = []
    rule = "label" if default is not None else "verb"
    for a, b in _clauses(text, start, end):
        words = text[a:b]
        found = ending(words)
        if found is not None:
            verb, cut = found
            role = next((role for key, role in _ROLE_OF_VERB if key in verb), Role.RESPONSIBLE)
            if role is Role.RESPONSIBLE and default is Role.LEAD:
                role = Role.LEAD
            until = a + cut
            helped = _WITH.search(text, a, until)
            if helped is not None and (helped.start() == a or looks_like_unit(text[a : helped.start()])):
                main = [*waiting, *split_names(text, a, helped.start())]
                others = list(split_names(text, helped.end(), until))
                yield from ((role if role is not Role.SUPPORT else Role.RESPONSIBLE, name, "verb") for name in main)
                yield from ((Role.SUPPORT, name, "verb") for name in others)
            else:
                yield from ((role, name, "verb") for name in [*waiting, *split_names(text, a, until)])
            waiting = []
        else:
            waiting += split_names(text, a, b)
    if default is not None:
        yield from ((default, name, rule) for name in waiting)


def _clauses(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The passage at its commas and semicolons outside brackets."""
    depth, place = 0, start
    for found in _PAUSES.finditer(text, start, end):
        sign = found[0]
        if sign == "(":
            depth += 1
        elif sign == ")":
            depth = max(0, depth - 1)
        elif depth == 0:
            yield place, found.start()
            place = found.end()
    yield place, end


def role_brackets(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """The brackets of a passage that say who or by when, from sign to sign, outermost first."""
    out: list[tuple[int, int]] = []
    opened: list[int] = []
    if text.find("(", start, end) < 0 and text.find("[", start, end) < 0 and text.find("【", start, end) < 0:
        return out
    for found in _SIGNS.finditer(text, start, end):
        if found[0] in "([【":
            opened.append(found.start())
        elif opened:
            first = opened.pop()
            if not opened and found.end() - first <= LONGEST_BRACKET:
                out.append((first, found.end()))
    return [(a, b) for a, b in out if _says_roles(text, a, b)]


LONGEST_BRACKET: Final = 600
_SIGNS: Final = re.compile(r"[()\[\]【】]")


def _says_roles(text: str, start: int, end: int) -> bool:
    inner = text[start + 1 : end - 1].strip()
    if not inner:
        return False
    if _LABEL.search(inner) is not None:
        return True
    if _ROLE_WORD.search(inner) is not None:
        return any(ending(inner[a:b]) is not None for a, b in _clauses(inner, 0, len(inner)))
    closes = end >= len(text) or text[end : end + 1] in "\n。" or text[end : end + 1].isspace()
    names = list(split_names(inner, 0, len(inner)))
    return (
        closes and bool(names) and all(looks_like_unit(inner[n.start : n.end]) and n.end - n.start >= 3 for n in names)
    )


def duty_tail(text: str, start: int, end: int) -> int:
    """Where a last sentence begins that only gives the duty（由市财政局、各县人民政府负责落实。）, or ``end``."""
    if text.find("由", start, end) < 0:
        return end
    floor = max(text.rfind("。", start, max(start, end - 1)), text.rfind(";", start, max(start, end - 1))) + 1
    first = max(start, floor)
    while first < end and text[first].isspace():
        first += 1
    if not text.startswith("由", first, end) or end - first > LONGEST_BRACKET:
        return end
    clauses = [(a, b) for a, b in _clauses(text, first + 1, end) if b > a]
    if not clauses or ending(text[clauses[-1][0] : clauses[-1][1]]) is None:
        return end
    found = list(_by_verb(text, first + 1, end, None))
    names = [text[name.start : name.end] for _role, name, _rule in found]
    return first if names and all(looks_like_unit(name) for name in names) else end


_BY: Final = re.compile(
    r"(?:^|[,;:。])(?:要)?由(?P<names>[^,;。:由]{2,80}?)(?P<verb>牵头(?:负责)?|负责)(?=[,;。、]|$|会同|组织|制定|抓|落实|推进|实施)"
)
_HELPED: Final = re.compile(r"[,;、](?:会同)?(?P<names>[^,;。:]{2,80}?)(?:积极|协同)?(?:配合|协助|参与)(?=[,;。]|$)")
_LED: Final = re.compile(r"(?:^|[,;。:])(?P<names>[^,;。:]{2,80}?)牵头(?=[,;。、]|负责|组织|落实|推进|实施|$)")


def roles_in_sentence(text: str, start: int, end: int) -> Iterator[tuple[Role, Named, str]]:
    """Duties a sentence gives in passing: 由市发展改革委牵头，市财政局配合，…; only where every name is a unit's."""
    words = text[start:end]
    if "牵头" not in words and "由" not in words:
        return
    first = _BY.search(words) or _LED.search(words)
    if first is None:
        return
    names = list(split_names(text, start + first.start("names"), start + first.end("names")))
    if not names or not all(looks_like_unit(text[n.start : n.end]) for n in names):
        return
    lead = "牵头" in first[0]
    yield from ((Role.LEAD if lead else Role.RESPONSIBLE, name, "sentence") for name in names)
    helped = _HELPED.search(words, first.end())
    if helped is not None:
        others = list(split_names(text, start + helped.start("names"), start + helped.end("names")))
        if all(looks_like_unit(text[n.start : n.end]) for n in others):
            yield from ((Role.SUPPORT, name, "sentence") for name in others)


_SUBJECT: Final = re.compile(
    rf"^(?:请|责成|督促)?(?P<names>各[{HAN}()、]{{1,30}}?|[{HAN}()、]{{2,40}}?(?:部门|局|委|厅|办|政府|公司|集团|单位|中心|街道|管委会|领导小组))"
    r"(?=要|应|须|必须|务必|负责|于|在\d|将|结合|对照|按|以[县市区])"
)


def subject_of(text: str, start: int, end: int) -> list[Named]:
    """The units a sentence is said to by its grammar alone（各单位要…）."""
    found = _SUBJECT.match(text[start : min(end, start + 80)])
    if found is None or text[start : start + found.end()].startswith(
        ("各项", "各类", "各种", "各方面", "各个环节", "各环节")
    ):
        return []
    names = list(split_names(text, start + found.start("names"), start + found.end("names")))
    return names if all(looks_like_unit(text[n.start : n.end]) for n in names) else []


_SURE: Final = {
    "label": SURE,
    "verb": SURE,
    "column": SURE,
    "first named": LIKELY,
    "only one": LIKELY,
    "sentence": LIKELY,
    "heading": LIKELY,
}


def settle(cleaned: Clean, found: list[tuple[Role, Named, str]], *, first_leads: bool) -> tuple[UnitRole, ...]:
    """The roles of an item: each unit once, by the document's own rule and the rule of the one accountable owner.

    A document that says the first named leads makes it so everywhere; else a unit alone, with nobody leading, leads.
    """
    if not found:
        return ()
    seen: set[str] = set()
    units: list[tuple[Role, Named, str]] = []
    owners: list[int] = []
    leading = False
    text = cleaned.text
    for one in found:
        role, name, rule = one
        words = text[name[0] : name[1]]
        if words not in seen:
            seen.add(words)
            if role is Role.LEAD:
                leading = True
            elif role is Role.RESPONSIBLE and rule != "grammar":
                owners.append(len(units))
            units.append(one)
    if not leading and owners and (first_leads or (len(owners) == 1 and len(units) == 1)):
        _role, name, _rule = units[owners[0]]
        units[owners[0]] = (Role.LEAD, name, "first named" if first_leads and len(units) > 1 else "only one")
    field, sure = cleaned.field, _SURE.get
    return tuple([UnitRole(field(name[0], name[1], sure(rule, PERHAPS)), role, rule) for role, name, rule in units])
