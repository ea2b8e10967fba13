"""The reader's speed: megabytes a second for texts of 1 KB to 10 MB, and for texts made to be hard.

Times are processor time on paragraphs and rows as long as official ones are; what costs time is the number of items,
so a table of very short rows is slower by the byte. A text is met when it is read at 1 MB a second or faster; a hard
text when eight times its length takes no more than sixteen times its time, the slack being for caches and neighbours.
"""

from __future__ import annotations

import time
from datetime import date

from bench.harness import Outcome, bound
from luoshi.rules.documents.reader import read

DAY = date(2026, 3, 2)
PLAIN = (
    "（一）推进城镇排水管网改造。坚持问题导向，摸清管网底数，建立问题台账和整改清单，统筹推进老旧管网更新、雨污分流改造和"
    "泵站提标，优先解决群众反映强烈的积水点位。新建改造雨污分流管网26公里，污水集中收集率达到70%以上，2026年12月底前完成"
    "年度任务。健全建管养一体的长效机制，落实管护主体、管护经费和管护人员，加强日常巡查，发现问题及时处置，并向社会公开。"
    "（市住房城乡建设局牵头，市财政局、市水务局及各县（区）人民政府按职责分工负责）\n"
    "（二）加强河湖日常管护。压实各级河湖长责任，完善巡河履职、信息共享、联合执法等制度，推动问题发现在早、处置在小。结合"
    "实际制定管护标准，明确巡查频次和处置时限，每季度开展一次检查，检查情况纳入年度考核，并作为资金分配的重要参考。\n"
)
TABLE = (
    "| 1 | 城乡社区 | 推进综合服务设施提档升级，统筹党群服务、养老托育、文化体育等功能，"
    "健全开放共享机制，建成示范中心10个，"
    "带动基层服务能力整体提升。 | 市民政局 | 市财政局、各县（区）政府 | 2026年9月 |\n"
)
HEAD = "| 序号 | 类别 | 工作任务 | 牵头单位 | 配合单位 | 完成时限 |\n| --- | --- | --- | --- | --- | --- |\n"
HARD = {
    "nested brackets": "（",
    "pairs of brackets": "（一）",
    "numerals": "1、",
    "Han numerals": "一、",
    "no punctuation": "推进落实",
    "opening tags": "<p>",
    "opening tables": "<table><tr><td>",
    "scripts never closed": "<script>",
    "digits": "9",
    "pipes": "|",
    "circled": "①②",
    "headings": "# a\n",
    "labels": "牵头单位：\n",
    "dates": "2020年12月",
    "quantities": "达到90%",
    "announced clauses": "要求：要推进；",
    "line ends": "\n",
    "Markdown links": "[a](",
}


def seconds(text: str) -> float:
    """Processor seconds one reading takes."""
    start = time.process_time()
    read(text, date=DAY)
    return time.process_time() - start


def measure(url: str, small_url: str) -> list[Outcome]:
    """Every text; no database is asked."""
    read(PLAIN, date=DAY)
    found = []
    for size in (1_000, 10_000, 100_000, 1_000_000, 10_000_000):
        for name, head, unit in (("paragraphs", "", PLAIN), ("table", HEAD, TABLE)):
            text = head + unit * max(1, size // len(unit.encode()))
            took = min(seconds(text) for _ in range(3 if size < 10_000_000 else 1))
            megabytes = len(text.encode()) / 1e6
            notes = {"bytes": len(text.encode()), "megabytes_a_second": round(megabytes / max(took, 1e-6), 2)}
            allowed = max(megabytes, 0.01)
            what = "seconds to read it, against one second a megabyte (and 10 ms at least)"
            found.append(bound(f"reader_{name}_{size}", what, took, allowed, unit="s", notes=notes))
    for name, unit in HARD.items():
        short, long = (unit * (size // len(unit)) for size in (100_000, 800_000))
        first, second = seconds(short), seconds(long)
        what = "seconds for 800,000 characters, against sixteen times those for 100,000"
        allowed = 16 * max(first, 0.02)
        found.append(bound(f"reader_{name.replace(' ', '_')}", what, second, allowed, unit="s"))
    return found
