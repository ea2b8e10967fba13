"""Targets（量化目标）: measured results an item commits to, with indicator, comparator, value and measuring unit."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from luoshi.rules.documents.reader.findings import Comparator

_UOM: Final = (
    r"个百分点|百分点|%|‰|平方公里|平方千米|立方米|平方米|万千瓦时|千瓦时|兆瓦时|千瓦|兆瓦|千伏安|千伏|公里|千米|公顷|公斤|毫米|厘米|微克/立方米|毫克/升|微克|毫克"
    r"|标准箱|标箱|个工作日|工作日|个小时|小时|分钟|个月|台\(套\)|件\(套\)|台套|人次|人日|人/次|亩次|户次|车次|车位|床位|学位|班次|个次|件次|套次|美元|亿元|元|亩|吨|斤|米|辆|人|户|个|家|座|所|处|条|台|套|名|村|例|批|场"
    r"|期|张|份|间|栋|幢|棵|株|只|头|羽|口|眼|床|支|种|类|对|篇|本|册|倍|组|艘|架|枚|块|片|根|孔|盏|点|位|款|门|起|项|件|次|周|天|日|年|岁|周年|度|成|级|克|升|瓦|ms|MW|GW|kW|MWh|GWh|km|EFLOPS|PFLOPS|P|TB|PB"
)
_QUANTITY: Final = re.compile(
    rf"(?P<value>\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|\d{{1,12}}(?:\.\d{{1,6}})?) {{0,2}}(?:余|多)?(?P<scale>(?:[十百千]?万亿|[十百千]?[万亿]|[百千](?![瓦米克伏万]))?) {{0,2}}(?P<uom>(?:{_UOM})(?:/(?:日|年|天|小时|人|亩|公里|立方米|万人))?)(?P<over>以上|以下|以内|之内|左右|及以上)?"
)
_FIGURE: Final = re.compile(r"\d|减半|一半")
_HALVED: Final = re.compile(r"减半(?!征)|压减一半|减少一半")
_AT_LEAST: Final = re.compile(
    r"(?:不低于|不少于|不小于|不得低于|不得少于|至少|最低|达到?|力争达到?|超过|突破|高于|大于|稳定在|保持在|(?:提高|提升|增加|增长|上升|扩大|扩大|增至|升至|延长|回升|恢复)(?:到|至)|增至|升至|≥|>=|>)(?:了)?$"
)
_AT_MOST: Final = re.compile(
    r"(?:控制在|控制到|压缩(?:到|至|在)?|压减(?:到|至)|缩短(?:到|至)|降(?:低)?(?:到|至)|下降(?:到|至)|减少(?:到|至)|减(?:到|至)|不超过|不得超过|不高于|不多于|不大于|低于|少于|小于|最多|最长|至多|≤|<=|<)$"
)
_UP: Final = re.compile(
    r"(?:增长|增加|提高|提升|上升|增速|增幅|涨幅|上涨|增收|扩大|新增长|同比增长|年均增长|增长率)(?:率)?(?:为|达|达到|在|约|保持在?|目标)?(?:约)?$"
)
_DOWN: Final = re.compile(
    r"(?:下降|降低|减少|压减|压缩|缩减|削减|减排|下调|降幅|缩短|精简)(?:率)?(?:为|达|达到|约)?(?:约)?$"
)
_FROM: Final = re.compile(r"(?:由|从|原来的?|原有|现有|目前|现行)[^,。;\d]{0,8}$")
_THEN: Final = re.compile(
    r"^(?:左右|以上)?(?:以内)?(?:逐步)?(?:延长|提高|提升|降低|下降|增加|压缩|压减|缩短|扩大|减少|调整|缩减|增长|上升|降|增|提|上浮)(?:到|至|为)"
)
_PAST: Final = re.compile(r"(?:已|已经|累计|截至|去年|上年|同期|先后|共有|现有|原有|涉及|其中已|了)[^,。;\d]{0,16}$")
_AGAINST: Final = re.compile(r"(?:比|较|与)(?:上年|去年|前年|20\d\d年)(?:同期|年底|末)?(?:相比)?")
_RATE: Final = re.compile(
    r"补助|补贴|奖励|资助|奖补|贴息|给予|罚款|处罚|发放|减免|免征|征收|缴纳|收费|租金|标准为|上限|最高|每人|每户|每亩|每月|每生|按.{0,8}比例|贷款额度|额度"
)
_WORK: Final = re.compile(
    r"^(?:方面|环节|阶段|专项|领域|层面|维度|重点(?:任务|领域|工作|方面|环节)|具体(?:措施|问题|任务)|(?:主要|重点|具体|专项|反馈|突出|共性|个性)?(?:任务|措施|举措|问题|工作|行动|机制|制度|内容|要求|原则|事项|改革|职责|成员单位|牵头部门|部门|单位|方向)(?!室|点|站|覆盖)|(?:州|市|县|区|乡|镇|街道)(?![级属直立辖内村])|大|年|会议|五年|省级督察)"
)
_SERVED: Final = re.compile(
    r"(?:^|[,。;:要])(?:对|针对|面向|围绕|聚焦)[^,。;]{0,10}$|对全[省市县区国镇乡][^,。;]{0,6}$"
)
_SCOPE: Final = re.compile(r"(?:按照|根据|依托|在)(?:全[省市县区国])?[^,。;]{0,10}$")
_SIZED: Final = re.compile(r"^(?:以上|级)?(?:的)?[^,。;、\d]{0,10}(?:项目|工程|电站|生产线|基地|机组|线路)")
_SIZES: Final = frozenset("千伏 千伏安 千瓦 兆瓦 吨 MW GW kW".split())
_TIMES: Final = frozenset("年 周 天 日 小时 个小时 分钟 个月 工作日 个工作日 周年".split())
_NEVER: Final = frozenset("岁 级 度 成 点 位 期 周年 日".split())
_QUOTED: Final = re.compile(r"[“\"‘「][^”\"’」]{0,12}$")
_PRODUCES: Final = re.compile(
    r"新增|新建|建成|建设|改造|完成|实现|培育|打造|创建|新改建|改扩建|开工|建立|设立|引进|招引|培训|遴选|选树|推广|发展|组建|设置|安装|创成|认定|开展|举办|开放|投放|配备|升级|帮助|接收|提供|增加|治理|整治|修复|新设|布局|落地|实施|制定|修订|发布|办理|救助|覆盖|服务|命名|评选|推出|入库|达产|投产|投用|签约|转化|建|增|修|种植|栽植|造林|绿化|销售|产量|总量|规模|总产|投资|营收|收入|产值|总额|拆除|关停|淘汰|清退|排查|检查|抽查|督查|走访|解决|化解|更新|清理|回收|减少|压减|获得|争取|储备|谋划|推进|招聘|招录|选派|聘|支持|扶持"
)
_MEETING: Final = re.compile(r"(?:召开|开会|每[年月周季][^,。;]{0,6}|至少|会议)[^,。;]{0,4}$")


class Measured(NamedTuple):
    """A measured result at ``start`` up to ``end``; the indicator's place, empty when the clause names none."""

    start: int
    end: int
    value: float
    uom: str
    comparator: Comparator
    indicator: tuple[int, int]


def measured(text: str, start: int, end: int, *, column: bool = False) -> list[Measured]:
    """The targets of a passage in its order; ``column`` reads a column of targets, where every quantity counts."""
    out: list[Measured] = []
    if _FIGURE.search(text, start, end) is None:
        return out
    for found in _QUANTITY.finditer(text, start, end):
        if found.start() > start and (
            text[found.start() - 1] in ".第"
            or (text[found.start() - 1].isalnum() and text[found.start() - 1].isascii())
        ):
            continue
        first, last = found.span()
        clause = _clause_start(text, start, first)
        said = text[clause:first]
        before = _AGAINST.sub("", said) if "年" in said else said
        after = text[last : min(end, last + 30)]
        comparator, reach = _compared(before, found["over"] or "")
        if not _commits(before, after, found, comparator, text, clause, column=column):
            continue
        if found["uom"] == "ms" and comparator is Comparator.EXACTLY:
            comparator = Comparator.AT_MOST
        value = float(found["value"].replace(",", ""))
        uom = found["scale"] + found["uom"]
        cut = first - (reach if before is said else _compared(said, "")[1])
        out.append(Measured(first - reach, last, value, uom, comparator, _indicator(text, clause, cut)))
    for found in _HALVED.finditer(text, start, end) if text.find("半", start, end) >= 0 else ():
        clause = _clause_start(text, start, found.start())
        out.append(Measured(found.start(), found.end(), 50.0, "%", Comparator.DECREASE, (clause, found.start())))
    return out


_LONGEST_CLAUSE: Final = 60


def _clause_start(text: str, start: int, at: int) -> int:
    floor = max(start, at - _LONGEST_CLAUSE)
    back = text.rfind
    return max(
        floor,
        back(",", floor, at) + 1,
        back("。", floor, at) + 1,
        back(";", floor, at) + 1,
        back(":", floor, at) + 1,
        back("\n", floor, at) + 1,
    )


_COMPARING: Final = (
    (_AT_LEAST, Comparator.AT_LEAST),
    (_AT_MOST, Comparator.AT_MOST),
    (_UP, Comparator.INCREASE),
    (_DOWN, Comparator.DECREASE),
)
_LONGEST_COMPARING: Final = 24
_AT_MOST_OVER: Final = frozenset({"以下", "以内", "之内"})


def _compared(before: str, over: str) -> tuple[Comparator, int]:
    """How a figure is compared, and how many characters of the comparing words stand right before it."""
    words = before.rstrip(" 约")
    floor = max(0, len(words) - _LONGEST_COMPARING)
    for pattern, comparator in _COMPARING:
        found = pattern.search(words, floor)
        if found is not None:
            if over in _AT_MOST_OVER and comparator in {Comparator.INCREASE, Comparator.DECREASE}:
                comparator = Comparator.AT_MOST
            return comparator, len(before) - found.start()
    if over in _AT_MOST_OVER:
        return Comparator.AT_MOST, 0
    return (Comparator.AT_LEAST if over in {"以上", "及以上"} else Comparator.EXACTLY), 0


def _commits(
    before: str, after: str, found: re.Match[str], comparator: Comparator, text: str, clause: int, *, column: bool
) -> bool:
    uom = found["uom"]
    if after[:1] == "/" or (uom in {"年", "日"} and not found["scale"] and comparator is Comparator.EXACTLY):
        return False
    if column:
        return uom not in {"年", "日"} or comparator is not Comparator.EXACTLY
    if uom == "级" or uom in _NEVER or (uom == "年" and len(found["value"]) == 4):
        return False
    if uom in _TIMES:
        return (
            comparator in {Comparator.AT_MOST, Comparator.DECREASE}
            and not after.startswith(("内", "之内", "起"))
            and (_AT_MOST.search(before.rstrip(" 约")) is not None or _DOWN.search(before) is not None)
        ) or (comparator is Comparator.AT_LEAST and _AT_LEAST.search(before) is not None and "达到" not in before)
    if (
        _THEN.match(after)
        or _FROM.search(before)
        or _PAST.search(before)
        or (_QUOTED.search(before) and after[:1] in '”"’」+')
    ):
        return False
    if after.startswith(("人民币以下", "以下罚款")):
        return False
    if uom.endswith("元") and (
        _RATE.search(before) or re.match(r"^[^,。;]{0,8}(?:补助|补贴|奖励|资助|奖补|罚款|标准)", after)
    ):
        return False
    if uom in {"%", "倍"} and comparator is Comparator.EXACTLY and _RATE.search(before[-24:]):
        return False
    if (
        uom in {"项", "个", "类", "种", "件", "条", "批", "大"}
        and comparator in {Comparator.EXACTLY}
        and _WORK.match(after)
    ):
        return False
    if uom in {"次", "场"} and (_MEETING.search(before) or "会" in after[:6]):
        return False
    if uom.split("/")[0] in _SIZES and _SIZED.match(after):
        return False
    if comparator is Comparator.EXACTLY and (
        _SERVED.search(before) or (_SCOPE.search(before) and not _PRODUCES.search(after[:16]))
    ):
        return False
    if uom in {"种", "类"} and comparator is Comparator.EXACTLY and not _PRODUCES.search(before):
        return False
    return not (
        uom in {"人", "户", "名"}
        and found["over"] in {"以上", "以下"}
        and re.match(r"^(?:的)(?:行政村|自然村|村|企业|单位|小区|城市|县)", after)
    )


_VERBED: Final = re.compile(
    r"^(?:要|一季度|上半年|年内|全年|力争|确保|努力|实现|推动|使|全省|全市|全县|全区|到\d{4}年底?|\d{4}年底?前?|今年|年底前?|\d{1,2}月底?前?|预期|争取|完成|新增|其中)+"
)


def _indicator(text: str, clause: int, cut: int) -> tuple[int, int]:
    """The words from the clause's beginning up to the comparing words at ``cut``."""
    lead = _VERBED.match(text[clause:cut])
    first = clause + (lead.end() if lead else 0)
    pause = text.rfind("、", first, cut) + 1
    return (pause or first, cut)
