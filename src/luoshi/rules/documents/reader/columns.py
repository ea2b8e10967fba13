"""What the heading of a column means（表头）, in the words offices use."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache
from typing import Final


class Column(StrEnum):
    """What a column holds."""

    NUMBER = "number"
    GROUP = "group"
    TASK = "task"
    MEASURE = "measure"
    PROBLEM = "problem"
    TARGET = "target"
    LEAD = "lead"
    RESPONSIBLE = "responsible"
    SUPPORT = "support"
    PERSON = "person"
    DUE = "due"
    FREQUENCY = "frequency"
    OTHER = "other"


_KINDS: Final[tuple[tuple[Column, str], ...]] = (
    (Column.NUMBER, r"序号|编号|项号|顺序|no\.?|#|id|ref\.?|s/n|number|item no\.?"),
    (
        Column.PERSON,
        r".*(?:领导|责任人|负责人|联系人|包抓人?|包保人|挂帅|挂钩人|经办人|责任人员|电话|联系方式)|contact.*|.*person|.*telephone",
    ),
    (
        Column.DUE,
        r".*(?:时限|期限|截止|完成时间|办结时间|整改时间|时间节点|时间安排|时间要求|完成日期|时间进度)|时间|节点|进度安排|日期"
        r"|(?:.* )?(?:due|due date|deadline|target date|completion date|date|timeline|timeframe|time frame|timing|by when|when)(?: .*)?",
    ),
    (Column.FREQUENCY, r".*(?:频次|频率)|报送周期|调度周期|frequency"),
    (
        Column.LEAD,
        r".*(?:牵头|主责|主办|承办|主责任)(?:单位|部门|处室|科室|机构|市直部门|省级部门)?(?:\(.*\))?|(?:.* )?lead(?: .*)?|(?:action )?owner|accountable.*",
    ),
    (
        Column.SUPPORT,
        r".*(?:配合|协办|协同|协作|参与|参加|协助)(?:单位|部门|处室|科室|机构)?|(?:.* )?(?:support(?:ing)?|partners?|contribut\w+|consulted)(?: .*)?",
    ),
    (
        Column.RESPONSIBLE,
        r".*(?:责任|落实|实施|完成|承担|负责|整改|指导|督导|督办|监管|主管)(?:单位|部门|主体|处室|科室|机构|地区)(?:\(.*\))?|责任|单位|部门|分工|责任分工|部门分工|职责分工|任务分工"
        r"|(?:.* )?(?:responsib\w+|agency|agencies|office|department|who)(?: .*)?",
    ),
    (Column.PROBLEM, r".*(?:问题|短板|不足|情形|反馈意见)(?:描述|清单|内容|事项)?|issue|finding|problem"),
    (
        Column.MEASURE,
        r".*(?:措施|举措|做法|工作内容|任务内容|主要内容|建设内容|具体内容|工作要求|具体要求|任务要求|具体任务|具体事项|内容|要求|安排)|description|details?|(?:key )?(?:steps|activities)",
    ),
    (
        Column.TARGET,
        r".*(?:目标|指标|目标值|预期成效|预期成果|成果形式|完成标准|验收标准|销号标准|工作标准)|(?:.* )?(?:targets?|kpis?|success measures?|outcomes?|outputs?)(?: .*)?",
    ),
    (
        Column.GROUP,
        r".*(?:类别|类型|分类|板块|领域|专项|大项|一级任务|所属事项)|category|theme|pillar|area|goal|objective|strategy",
    ),
    (
        Column.TASK,
        r".*(?:任务|事项|项目|工作|名称|条目|实事|事项名称)(?:名称|清单|分解)?|(?:.* )?(?:actions?|milestones?|tasks?|activity|deliverables?|commitments?|requirements?|initiatives?|recommendations?|measures?)(?: items?)?",
    ),
    (
        Column.OTHER,
        r".*(?:备注|进展|状态|完成情况|整改情况|依据|来源|附件|资金|投资|资金来源|说明|层级)|status|notes?|remarks?|comments?|measurement|reporting.*|progress|funding|resources?|evidence|cost|budget",
    ),
)
_COLUMNS: Final = tuple((kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _KINDS)
_LONGEST: Final = 32
_LONGEST_HAN: Final = 18
_BARE: Final = re.compile(r"[*_`]+")
_BETWEEN: Final = re.compile(r"(?<=[^\x00-\x7f])\s+|\s+(?=[^\x00-\x7f])")


@lru_cache(maxsize=2048)
def column_of(heading: str) -> Column | None:
    """What a heading names, or ``None`` when it is no heading known here; ``heading`` is folded."""
    words = _BETWEEN.sub("", _BARE.sub("", heading.strip())).strip(" \n:。")
    if not words or len(words) > _LONGEST or any(sign in heading for sign in ",;。\t"):
        return None
    if not words.isascii() and len(words) > _LONGEST_HAN:
        return None
    return next((kind for kind, pattern in _COLUMNS if pattern.fullmatch(words)), None)


def columns_of(headings: list[str]) -> list[Column] | None:
    """The columns of a line of headings, or ``None`` when it is none: a task, and one thing more about it."""
    kinds = [column_of(heading) for heading in headings]
    known = {kind for kind in kinds if kind is not None}
    tasks = known & {Column.TASK, Column.MEASURE, Column.PROBLEM, Column.TARGET}
    more = known & {Column.LEAD, Column.RESPONSIBLE, Column.SUPPORT, Column.DUE, Column.NUMBER, Column.PERSON}
    told = sum(bool(heading.strip()) for heading in headings)
    if not tasks or not more or sum(kind is not None for kind in kinds) * 2 < told or told < 2:
        return None
    return [kind or Column.OTHER for kind in kinds]
