"""Fuzz the reader: broken and recombined pieces of documents; atheris guides where it is installed, chance where not.

``python -m bench.reader_fuzz [SECONDS]``. What must hold: no exception, spans inside the text that read back, the same
answer twice.
"""

from __future__ import annotations

import random
import sys
import time
from datetime import date

from luoshi.rules.documents.reader import Reading, as_form, read

DAY = date(2026, 3, 2)
PIECES = [
    "一、",
    "（一）",
    "1.",
    "1．2020年",
    "①",
    "第一件事：",
    "一是",
    "第一，",
    "——",
    "-",
    "#",
    "\t",
    "\n",
    "\r\n",
    "；",
    "。",
    "，,",
    "、,",
    "要求：",
    "会议强调，",
    "要",
    "由市教育局牵头",
    "（省财政厅负责）",
    "牵头单位：",
    "责任单位：市水务局",
    "完成时限：",
    "2025年6月底前",
    "13月",
    "2月30日",
    "每季度",
    "第三季度",
    "印发之日起30日内",
    "增长6%",
    "达到",
    "90%",
    "以内",
    "12万户",
    "减半",
    "<table>",
    "<tr>",
    "<td rowspan=9>",
    "</td>",
    "<p>",
    "<script>",
    "</script>",
    "&nbsp;",
    "&#0;",
    "序号",
    "任务",
    "发(fā)展",
    "?;?",
    "�",
    "\u200b",
    "\x00",
    "**",
    "[a](b)",
    "[^1]",
    "Lead: ",
    "GSA",
    "by June 2021",
    "Q3 2021",
    "20% ",
    "quarterly ",
    "等8件大事",
    "附件",
    "方面",
    "各州、市人民政府",
    "㈠",
    "➀",
    "𠀀",
]
PIECES += ["|", "|---|---|\n", "\x01"]


def check(text: str) -> None:
    """Raise when a reading breaks a promise."""
    first, second = read(text, date=DAY), read(text, date=DAY)
    if first != second:
        raise AssertionError("read twice, read differently")
    for start, end in _spans(first):
        if not 0 <= start < end <= len(text):
            raise AssertionError((start, end, len(text)))
    as_form(first, "fuzz", text=text, date=DAY)


def _spans(reading: Reading) -> list[tuple[int, int]]:
    fields = [doubt.words for doubt in reading.doubts]
    for item in reading.items:
        fields += [item.requirement, *([item.title] if item.title else [])]
        fields += [unit.name for unit in item.units] + [due.words for due in item.dues]
        fields += [one.words for one in item.recurring] + [one.words for one in item.targets]
    return [(one.span.start, one.span.end) for one in fields]


def by_chance(seconds: float, seed: int = 7) -> int:
    """Check random texts for so many seconds; returns how many."""
    chance = random.Random(seed)
    until, count = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        words = chance.choices(PIECES, k=chance.randint(1, 60))
        if chance.random() < 0.3:
            words = [word[: chance.randint(0, len(word))] for word in words]
        check("".join(words))
        count += 1
    return count


def main() -> int:
    """Run under atheris, or by chance for the seconds named (60)."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    try:
        import atheris
    except ImportError:
        print(f"{by_chance(seconds)} texts by chance, nothing broke.")
        return 0

    def one(data: bytes) -> None:
        provider = atheris.FuzzedDataProvider(data)
        picked = [
            PIECES[provider.ConsumeIntInRange(0, len(PIECES) - 1)] for _ in range(provider.ConsumeIntInRange(0, 40))
        ]
        check("".join(picked) + provider.ConsumeUnicodeNoSurrogates(64))

    atheris.instrument_all()
    atheris.Setup([sys.argv[0], f"-max_total_time={int(seconds)}"], one)
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
