"""Deadlines and frequencies（时限、频次）: which dates of a passage close it, and what the calendar makes of them.

A date without its year takes the year of the document, or a year the passage or its heading named before. Dates that
tell of the past, name a paper or say how long something is valid are none.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final, NamedTuple

from luoshi.rules.documents.reader.findings import Frequency

_Q: Final = {"一": 1, "二": 2, "三": 3, "四": 4, "1": 1, "2": 2, "3": 3, "4": 4}
_WHEN: Final = re.compile(
    r"(?=[\d今明次本当第上下一二三四年自从通方意文办计清决印发公])(?:(?P<range>(?:(?P<ry1>\d{4}) ?年)?(?P<rm1>\d{1,2}) ?月(?:(?P<rd1>\d{1,2}) ?日)? ?(?:-{1,2}|—{1,2}|~|～|至|到) ?(?:(?P<ry2>\d{4}) ?年)?(?P<rm2>\d{1,2}) ?月(?:(?P<rd2>\d{1,2}) ?[日号])?(?:底|末|上旬|中旬|下旬)?)"
    r"|(?P<issued>(?:自|从)?(?:本?(?:通知|方案|意见|文件|办法|计划|清单|决定))?(?:印发|发布|公布|下发)之日起,? ?(?P<in>\d{1,3}) ?(?P<inunit>个工作日|个月|日|天|年)(?:之?内|以内))"
    r"|(?P<within>\d{1,3} ?(?:个工作日|工作日|个自然日|日|天|小时)(?:之?内|以内)(?=[^的]))"
    r"|(?P<full>(?P<fy>\d{4}) ?年 ?(?P<fm>\d{1,2}) ?月(?: ?(?P<fd>\d{1,2}) ?[日号])?)"
    r"|(?P<num>(?<!\d)(?P<ny>20\d\d)[-./](?P<nm>\d{1,2})(?:[-./](?P<nd>\d{1,2}))?(?!\d))"
    r"|(?P<quarter>(?:(?P<qy>\d{4}) ?年|(?P<qw>今年|明年|本年度?))?第?(?P<q>[一二三四1-4])季度)"
    r"|(?P<half>(?:(?P<hy>\d{4}) ?年|(?P<hw>今年|明年|本年度?))?(?P<h>[上下])半年)"
    r"|(?P<mid>(?:(?P<my>\d{4}) ?年|(?P<mw>今年|明年))?年中(?!央|国))"
    r"|(?P<yearend>(?:(?<!\d)(?P<ey>20\d\d) ?年?|(?P<ew>[今明次本当])|(?<![\d一二三四五六七八九十两几多近常历成]))年度?(?P<ee>底|末|内))"
    r"|(?P<year>(?<!\d)(?P<yy>20\d\d) ?年度?(?!度?[底末内至\-—~]))"
    r"|(?P<thismonth>本月(?:底|内|末)?)"
    r"|(?P<thisyear>今年|本年度)"
    r"|(?P<monthday>(?:(?P<dw>今年|明年|次年|当年))?(?<!\d)(?P<dm>\d{1,2}) ?月 ?(?P<dd>\d{1,2}) ?[日号])"
    r"|(?P<month>(?:(?P<mow>今年|明年|次年|当年))?(?<!\d)(?P<mo>1[0-2]|0?[1-9]) ?月(?:份)?(?!\d)))"
)
_TAIL: Final = re.compile(r" ?(?P<part>底|末|上旬|中旬|下旬)? ?(?P<before>(?:之|以)?前|止|为止|内|之内|以内)?")
_FROM: Final = re.compile(r"(?:自|从|比|较|截至|截止)$")
_AFTER_PAST: Final = re.compile(
    r"^(?:以来|起|开始|后|版|召开|印发|发布|《|同期|的?水平|制定的|召开的|以后|之后|年?第|期间的|发生|至今)"
)
_SINCE: Final = re.compile(r"^(?:以来|起|后|版|的?水平|已|曾)")
_PAPER: Final = re.compile(r"^[^,。;]{0,12}》")
_EACH: Final = re.compile(r"每(?:年|月|季|半年|周)[^,。;]*$")
_YEARLESS: Final = frozenset("month monthday yearend quarter half".split())
_LEADS: Final = re.compile(r"(?:到|至|在|于|力争|确保|争取|预计|计划|原则上|务必|限|截至|截止|截止到)$")
_DONE: Final = re.compile(
    r"^(?:,)?(?:全部|全面|基本|力争|确保|争取|实现|完成|建成|竣工|投用|投入|投产|交付|完工|开工|启动|报送|报告|提交|上报|出台|印发|制定|整改|通车|上线|达到|达|前|取得|形成|报|将|正式|投运|具备|初步|总体|销号|验收|公开|公布|发布|编制|组织|开展|推出|召开|要)"
)


class When(NamedTuple):
    """A deadline found at ``start`` up to ``end``: its day, or ``None`` where it hangs on something undated."""

    start: int
    end: int
    day: date | None
    wrong: bool = False


class Frame(NamedTuple):
    """What dates are read against: the document's day, and the year a title or heading set."""

    day: date
    year: int


def month_end(year: int, month: int) -> date:
    """The last day of a month; ``ValueError`` where the calendar has none."""
    if not 1 <= month <= 12:
        raise ValueError(month)
    return date(year, month, calendar.monthrange(year, month)[1])


def deadlines(
    text: str, start: int, end: int, frame: Frame, *, bare: bool = False, heading: bool = False
) -> list[When]:
    """The deadlines of a passage in its order.

    ``bare`` reads a passage that is about time (a column, after 完成时限：): every date counts. ``heading`` reads the
    heading of a phase, whose period ends with its last day.
    """
    out: list[When] = []
    year = frame.year
    for found in _found(text, start, end):
        try:
            made, year = _one(text, start, end, found, found.lastgroup or "", year, frame, bare=bare, heading=heading)
        except (ValueError, OverflowError):
            out.append(When(found.start(), found.end(), None, wrong=True))
            continue
        if made is not None:
            out.append(made)
    return out


_ANCHOR: Final = re.compile(
    r"[年月季之\d](?:(?<=[年月])|(?<=季)度|(?<=2)0\d\d[-./]|(?<=之)日起|(?<=\d) ?(?:日|天|个工作|工作日|小时))"
)
"""年, 月, 季度, 20xx-, 之日起, 3个工作日; written from its first signs, which is the quickest to look for."""
_AROUND: Final = 40
_AHEAD: Final = 20


def _found(text: str, start: int, end: int) -> Iterator[re.Match[str]]:
    """The dates of a passage, looked for around the few signs that every date has."""
    place = start
    for anchor in _ANCHOR.finditer(text, start, end):
        if anchor.end() <= place:
            continue
        found = _WHEN.search(text, max(place, anchor.start() - _AHEAD), min(end, anchor.end() + _AROUND))
        if found is not None:
            yield found
            place = found.end()


def _one(
    text: str,
    start: int,
    end: int,
    found: re.Match[str],
    kind: str,
    year: int,
    frame: Frame,
    *,
    bare: bool,
    heading: bool,
) -> tuple[When | None, int]:
    a, b = found.span()
    tail = _TAIL.match(text, b, end)
    until = tail.end() if tail is not None else b
    part = (tail["part"] if tail else "") or ""
    before = (tail["before"] if tail else "") or ""
    ahead = text[max(start, a - 14) : a]
    behind = text[until : min(end, until + 24)]
    day: date | None
    match kind:
        case "issued":
            count = int(found["in"])
            unit = found["inunit"]
            if unit == "个工作日":
                return When(a, b, None), year
            if unit in {"日", "天"}:
                return When(a, b, frame.day + timedelta(days=count)), year
            months = frame.day.year * 12 + frame.day.month - 1 + count * (12 if unit == "年" else 1)
            last = month_end(months // 12, months % 12 + 1)
            return When(a, b, min(last, date(months // 12, months % 12 + 1, min(frame.day.day, last.day)))), year
        case "within":
            return (When(a, b, None), year) if bare else (None, year)
        case "range":
            first = int(found["ry1"]) if found["ry1"] else year
            last_year = int(found["ry2"]) if found["ry2"] else first
            if not found["ry2"] and int(found["rm2"]) < int(found["rm1"]):
                last_year += 1
            day = _day(last_year, int(found["rm2"]), found["rd2"], "")
            return (When(a, b, day) if bare or heading else None), last_year
        case "full":
            year = int(found["fy"])
            day = _day(year, int(found["fm"]), found["fd"], part)
        case "num":
            year = int(found["ny"])
            day = _day(year, int(found["nm"]), found["nd"], part)
        case "quarter":
            year = _year(found["qy"], found["qw"], year)
            day = month_end(year, _Q[found["q"]] * 3)
        case "half":
            year = _year(found["hy"], found["hw"], year)
            day = date(year, 6, 30) if found["h"] == "上" else date(year, 12, 31)
        case "mid":
            year = _year(found["my"], found["mw"], year)
            day = date(year, 6, 30)
        case "yearend":
            year = int(found["ey"]) if found["ey"] else year + (found["ew"] in {"明", "次"})
            if not 1900 < year < 2200:
                return None, frame.year
            day = date(year, 12, 31)
            before = before or found["ee"]
        case "year":
            year = int(found["yy"])
            day = date(year, 12, 31)
        case "thisyear":
            day = date(frame.day.year, 12, 31)
        case "thismonth":
            day = month_end(frame.day.year, frame.day.month)
            before = before or "内"
        case "monthday":
            year += found["dw"] in {"明年", "次年"} if found["dw"] else 0
            day = _day(year, int(found["dm"]), found["dd"], "")
        case _:
            year += found["mow"] in {"明年", "次年"} if found["mow"] else 0
            day = _day(year, int(found["mo"]), None, part)
    if bare:
        return When(a, until, day), year
    if not _closes(kind, text, start, a, until, ahead, behind, part, before, day, frame, heading=heading):
        # A year told of the past does not carry over to the dates after it.
        return None, (year if kind not in {"full", "year"} or year >= frame.day.year else frame.year)
    return When(a, until, day), year


def _closes(
    kind: str,
    text: str,
    start: int,
    a: int,
    until: int,
    ahead: str,
    behind: str,
    part: str,
    before: str,
    day: date,
    frame: Frame,
    *,
    heading: bool,
) -> bool:
    """Whether a date in running words is a deadline."""
    if _FROM.search(ahead) and not before.endswith("前"):
        return False
    if (
        "每" in ahead[-4:]
        or (_EACH.search(ahead) and kind in _YEARLESS)
        or ("《" in ahead and "》" not in ahead)
        or _PAPER.match(behind)
    ):
        return False
    if before:
        return day >= frame.day.replace(day=1) - timedelta(days=400) and not _SINCE.match(behind)
    if _AFTER_PAST.match(behind) or day < frame.day - timedelta(days=62):
        return False
    if heading:
        return kind in {"full", "monthday", "month", "quarter", "num"}
    if part in {"底", "末"} or kind in {"mid"}:
        return True
    opening = a == start or text[a - 1] in "。;,:\n" or text[max(start, a - 2) : a] in {"力争", "确保"}
    led = _LEADS.search(ahead) is not None
    if kind == "year" and opening and a > start and _DONE.match(behind):
        return day.year >= frame.day.year
    if kind == "year":
        return day.year >= frame.day.year and (
            (led and ahead.endswith(("到", "至", "力争", "截至")))
            or (a == start and not behind.startswith(("版", "的", "第", "是", "、", "《", "中央", "省", "全国")))
        )
    if kind == "thisyear":
        return a == start and not behind.startswith(("以来", "初", "的"))
    if kind in {"quarter", "half"}:
        return led or opening or _DONE.match(behind) is not None
    return (led and not ahead.endswith("在")) or _DONE.match(behind) is not None


def _year(said: str | None, word: str | None, year: int) -> int:
    return int(said) if said else year + (word == "明年")


def _day(year: int, month: int, day: str | None, part: str) -> date:
    if day:
        return date(year, month, int(day))
    if part in {"上旬", "中旬"}:
        return date(year, month, 10 if part == "上旬" else 20)
    return month_end(year, month)


_TITLE_YEAR: Final = re.compile(r"(20\d\d) ?年度?")
_PLANS: Final = re.compile(
    r"工作要点|工作计划|重点工作|重点任务|任务分解|民生实事|工作方案|行动计划|实施方案|工作安排|目标任务|政府工作报告"
)


def frame_of(title: str, day: date) -> Frame:
    """The year that dates without one belong to: the year a plan's title names, if it is this one or the next."""
    years = {int(found[1]) for found in _TITLE_YEAR.finditer(title)}
    planned = [year for year in years if year in {day.year, day.year + 1}]
    return Frame(day, max(planned) if planned and _PLANS.search(title) else day.year)


class Often(NamedTuple):
    """A frequency found at ``start`` up to ``end``."""

    start: int
    end: int
    frequency: Frequency


_OFTEN: Final = re.compile(
    r"(?P<daily>每日|每天|每个工作日|日调度|逐日|天天|日报告)"
    r"|(?P<weekly>每周|每星期|按周|周调度|逐周|周报制)"
    r"|(?P<half_yearly>每半年|半年(?:一次|1次|通报|调度)|按半年)"
    r"|(?P<quarterly>每(?:个|一)?季度?|按季度?|季调度|季度(?:通报|调度|会商|报告|例会)|逐季)"
    r"|(?P<monthly>每(?:个|一)?月|按月|逐月|(?<!半)月调度|(?<!半)月通报|月报告|月例会)"
    r"|(?P<yearly>每(?:个|一)?年(?!龄)|按年度|逐年|每年度|一年一次)"
)
_RATE: Final = re.compile(r"每(?:人|户|亩|吨|生|村|个|名|家|床|台|辆|孩|头)")
_MONEY: Final = re.compile(r"^[^,。;]{0,14}(?:元|补助|补贴|标准)")
_STANDING: Final = re.compile(
    r"持续(?:推进|实施|开展|落实|坚持|整改|加强|用力|抓好)?|长期(?:坚持|推进|整改|任务|实施|开展|落实)?|常年(?:坚持|开展)?|常态化(?:推进|开展|坚持)?|立行立改并长期坚持|全年(?:持续推进|推进)?"
)
_STANDS_ALONE: Final = re.compile(r"(?:长期坚持|持续推进|长期推进|常年坚持|持续坚持|长期抓好)(?=[。;)]|$)")


_TURN: Final = re.compile(
    r"[每逐按调通报半例天一会](?:(?<=[每逐])|(?<=按)[周月季年半]|(?<=调)度|(?<=通)报|(?<=报)[告制]|(?<=半)年"
    r"|(?<=例)会|(?<=天)天|(?<=一)年一次|(?<=会)商)"
)
"""Signs that every frequency has, quick to look for; written from its first sign."""


def frequencies(text: str, start: int, end: int, *, bare: bool = False) -> Iterator[Often]:
    """The frequencies of a passage; ``bare`` reads a passage that is about time, where 持续推进 says a standing duty."""
    told = False
    for found in _OFTEN.finditer(text, start, end) if _TURN.search(text, start, end) is not None else ():
        before, after = (
            text[max(start, found.start() - 6) : found.start()],
            text[found.end() : min(end, found.end() + 20)],
        )
        if (
            _RATE.search(before)
            or after.startswith(("每人", "每户", "每亩"))
            or (_MONEY.match(after) and "元" in after)
        ):
            continue
        told = True
        yield Often(found.start(), found.end(), Frequency(found.lastgroup or ""))
    if bare and not told:
        standing = _STANDING.search(text, start, end)
        if standing is not None:
            yield Often(standing.start(), standing.end(), Frequency.CONTINUOUS)
    elif not bare:
        for found in _STANDS_ALONE.finditer(text, start, end):
            yield Often(found.start(), found.end(), Frequency.CONTINUOUS)
