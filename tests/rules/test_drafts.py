"""Growing a draft: words without what copying added, and two readings compared."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luoshi.rules.documents.drafts import Known, compare, readable


@pytest.mark.parametrize(
    ("found", "told"),
    [
        ("生態(tài)環(huán)境保護", "生态环境保护"),
        ("补齐“两污”治理短板,,不折不扣,、落实。,", "补齐“两污”治理短板，不折不扣、落实。"),
        ("压实责任,层层落实;逐项销号", "压实责任，层层落实；逐项销号"),
        ("比例1:2，共3,000元", "比例1:2，共3,000元"),
        ("（一）建管网（含提升泵站）；治湖。", "（一）建管网（含提升泵站）；治湖。"),
        ("Publish the plan,, by 2024", "Publish the plan,, by 2024"),
        ("", ""),
    ],
)
def test_what_copying_added_is_taken_out(found: str, told: str) -> None:
    assert readable(found, simplify=True) == told


def test_the_script_stays_unless_asked() -> None:
    """A name such as 乾安县 in a Simplified text is not touched."""
    assert readable("乾安县人民政府") == "乾安县人民政府"


@pytest.mark.principle(10)
@given(st.text(alphabet="落实责任,，、;；。:!（）(tài)一二3年\u200b ab", max_size=60))
def test_nothing_is_made_up(words: str) -> None:
    """Doing it twice changes nothing; apart from stops, every sign was there, in its order."""
    told = readable(words)
    assert readable(told) == told
    stops = ",，、:：;；!！。"
    signs = iter(words)
    assert all(sign in signs for sign in told if sign not in stops)


def _branches(*told: tuple[str, str]) -> list[dict[str, object]]:
    return [{"path": [path], "requirement": words, "title": ""} for path, words in told]


def test_readings_are_compared_by_words_then_by_place() -> None:
    known = [Known(1, ("一",), "建设泵站三座"), Known(2, ("二",), "清淤河道五公里"), Known(3, ("三",), "公开结果")]
    moved = _branches(("一", "公开结果"), ("二", "清淤河道八公里"), ("三", "修订管理办法"))
    told = compare(known, moved)
    assert told.changed == ((2, 1),)
    assert told.gone == (1,)
    assert told.added == (2,)
    same = compare(known, _branches(*((one.path[0], one.words) for one in known)))
    assert (same.added, same.gone, same.changed) == ((), (), ())
