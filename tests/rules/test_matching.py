"""Matching: the order of words and matters decides nothing, one more shared word never lowers a score."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from luoshi.rules.matching import Matcher, Stories, names_in, same_story

KNOWN = ("湖泊", "治污", "高原", "旅游", "教育", "医疗", "乡村", "振兴", "口岸", "开放", "数字", "能源")
WORDS = st.lists(st.sampled_from(KNOWN), max_size=12)
THINGS = st.dictionaries(st.integers(1, 30), WORDS, min_size=1, max_size=8)


@given(THINGS, WORDS, st.randoms())
def test_order_decides_nothing(things: dict[int, list[str]], asked: list[str], rand: random.Random) -> None:
    turned = list(things.items())
    rand.shuffle(turned)
    mixed = {key: rand.sample(words, len(words)) for key, words in turned}
    again = rand.sample(asked, len(asked))
    assert Matcher(things).matches(asked) == Matcher(mixed).matches(again)


@given(THINGS, WORDS, st.sampled_from(["湖泊", "治污", "高原", "旅游", "陌生"]))
def test_one_more_word_never_lowers_a_score(things: dict[int, list[str]], asked: list[str], more: str) -> None:
    matcher = Matcher(things)
    for key in things:
        assert matcher.score(key, [*asked, more]) >= matcher.score(key, asked) >= 0
    before = {match.key for match in matcher.matches(asked, 99)}
    assert before <= {match.key for match in matcher.matches([*asked, more], 99)}


@given(THINGS, WORDS)
def test_words_told_are_words_shared(things: dict[int, list[str]], asked: list[str]) -> None:
    for match in Matcher(things).matches(asked, 99):
        assert set(match.words) <= set(asked) & set(things[match.key])
        assert match.words


def test_a_word_everything_holds_says_nothing() -> None:
    things = {number: ["推进", "工作", f"事{number}"] for number in range(10)}
    things[3] += ["高原", "湖泊"]
    [match] = Matcher(things).matches(["推进", "工作", "湖泊", "高原"])
    assert (match.key, set(match.words)) == (3, {"高原", "湖泊"})


def test_nearly_the_same_title_is_one_story_unless_a_number_differs() -> None:
    assert same_story("全省高原湖泊保护治理现场会在某地召开", "全省高原湖泊保护治理现场会 在某地召开！")
    assert not same_story("第3批督察组进驻十二个州市开展工作", "第4批督察组进驻十二个州市开展工作")
    assert not same_story("", "")
    stories = Stories([("a", "全省高原湖泊保护治理现场会在某地召开"), ("b", "另一件事情")])
    assert stories.find("全省高原湖泊保护治理现场会在某地召开（图）") == "a"
    assert stories.find("毫无关系的标题") is None


def test_the_longest_name_is_meant() -> None:
    names = {"大理": [1], "大理市": [2], "玉溪": [3]}
    assert names_in("大理市与玉溪签约", names) == {2: "大理市", 3: "玉溪"}
    assert names_in("", names) == {}
