"""同一与否: what makes two asks one, and what makes two of what sounds alike; tried with anything."""

from __future__ import annotations

import unicodedata
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from luoshi.office.queries.terms import cut
from luoshi.rules import alike, burden
from luoshi.rules.burden import Measure

list(cut("词典"))  # the dictionary is read before anything is timed
CHINESE = "零一二三四五六七八九"
COUNTER = st.sampled_from(["期", "批", "季度", "标段", "阶段", "轮"])
STEM = st.sampled_from(
    ["星云湖流域治污管网工程建设", "洱海截污干渠提升改造工程", "高标准农田建设项目验收", "乡镇卫生院标准化建设"]
)
NUMBER = st.integers(1, 99)
WORDS = st.text(alphabet="星云湖治污管网期批季度标段第一二三十两12３Ⅱabｑ年上下半东西、（） ", max_size=20)


def chinese(number: int) -> str:
    """A number from 1 to 99 in words."""
    tens, ones = divmod(number, 10)
    head = "" if not tens else "十" if tens == 1 else f"{CHINESE[tens]}十"
    return head + (CHINESE[ones] if ones else "")


def wide(number: int) -> str:
    return "".join(chr(ord(sign) + 0xFEE0) for sign in str(number))


@given(NUMBER)
def test_a_numeral_is_its_number(number: int) -> None:
    assert alike.number_of(chinese(number)) == alike.number_of(str(number)) == number


@given(STEM, NUMBER, COUNTER)
def test_an_ordinal_written_otherwise_is_the_same_one(stem: str, number: int, counter: str) -> None:
    ways = [f"第{chinese(number)}{counter}", f"{chinese(number)}{counter}", f"{number}{counter}"]
    ways += [f"第 {wide(number)} {counter}", f"（{chinese(number)}{counter}）"]
    forms = {alike.normal(stem + way) for way in ways}
    assert len(forms) == 1
    assert all(burden.says_the_same(stem + one, stem + ways[0], cut) for one in ways)


@given(STEM, NUMBER, NUMBER, COUNTER, st.booleans())
def test_where_only_an_ordinal_differs_nothing_is_called_a_duplicate(
    stem: str, one: int, other: int, counter: str, first: bool
) -> None:
    assume(one != other)
    ask, live = (f"第{chinese(n)}{counter}{stem}" if first else f"{stem}{n}{counter}" for n in (one, other))
    assert not burden.says_the_same(ask, live, cut)
    assert alike.other_part([ask], [live])
    assert alike.other_part([stem, ask], [live])


@given(WORDS)
def test_the_plain_form_is_plain_and_settled(text: str) -> None:
    plain = alike.normal(text)
    assert alike.normal(plain) == plain
    assert alike.normal(f" {text}！".upper()) == plain
    assert alike.canonical(alike.canonical(text)) == alike.canonical(text)
    assert alike.normal(unicodedata.normalize("NFKC", text)) == plain


@given(WORDS, WORDS)
def test_being_about_something_else_is_mutual_and_never_of_oneself(one: str, other: str) -> None:
    assert alike.other_part([one], [other]) == alike.other_part([other], [one])
    assert not alike.other_part([one], [one])
    assert burden.says_the_same(one, other, cut) == burden.says_the_same(other, one, cut)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("星云湖治污管网工程一期建设", "星云湖治污管网工程二期建设", False),
        ("星云湖治污管网工程Ⅱ期建设", "星云湖治污管网工程第二期建设", True),
        ("星云湖治污管网工程Ⅰ期建设", "星云湖治污管网工程Ⅱ期建设", False),
        ("第一季度农村公路养护资金拨付", "第二季度农村公路养护资金拨付", False),
        ("1季度农村公路养护资金拨付", "第一季度农村公路养护资金拨付", True),
        ("Q1农村公路养护资金拨付", "一季度农村公路养护资金拨付", True),
        ("2025年农村公路养护资金拨付", "2026年农村公路养护资金拨付", False),
        ("二〇二六年农村公路养护资金拨付", "2026年农村公路养护资金拨付", True),
        ("上半年农村公路养护资金拨付情况", "下半年农村公路养护资金拨付情况", False),
        ("环湖截污干渠A标段施工", "环湖截污干渠B标段施工", False),
        ("环湖截污干渠东段工程施工建设", "环湖截污干渠西段工程施工建设", False),
        ("首批老旧小区改造项目开工建设", "第一批老旧小区改造项目开工建设", True),
        ("首批老旧小区改造项目开工建设", "第二批老旧小区改造项目开工建设", False),
        ("１００公里农村公路建设", "100公里农村公路建设", True),
        ("统一期限内完成管网建设", "统一期限内完成管网建设。", True),
    ],
)
def test_by_name(one: str, other: str, same: bool) -> None:
    assert burden.says_the_same(one, other, cut) is same
    assert burden.says_the_same(other, one, cut) is same


@pytest.mark.parametrize(
    ("one", "other", "rate"),
    [
        ("亩", "公顷", "1 公顷 = 15 亩"),
        ("万元", "元", "1 万元 = 10000 元"),
        ("亿元", "万元", "1 亿元 = 10000 万元"),
        ("公里", "千米", ""),
        ("㎡", "平方米", ""),
        ("km", "米", "1 km = 1000 米"),
        ("万亩", "公顷", "1 万亩 = 666.6667 公顷"),
        ("ＭＷ", "千瓦", "1 ＭＷ = 1000 千瓦"),
        ("元/亩", "万元/公顷", "1 万元/公顷 = 666.6667 元/亩"),
    ],
)
def test_measuring_units_of_one_kind(one: str, other: str, rate: str) -> None:
    assert alike.quantity(one)[0] == alike.quantity(other)[0]
    assert alike.rate(one, other) == alike.rate(other, one) == rate


PAIRS = st.sampled_from([(one, other) for units in alike.KINDS.values() for one in units for other in units])


@given(PAIRS, st.integers(1, 10**6))
def test_turning_a_quantity_and_back_changes_nothing(pair: tuple[str, str], amount: int) -> None:
    one, other = pair
    (kind, size), (kind_, size_) = alike.quantity(one), alike.quantity(other)
    assert kind == kind_
    there = Fraction(amount) * size / size_
    assert there * size_ / size == amount
    assert alike.rate(one, other) == alike.rate(other, one)


@pytest.mark.parametrize(
    ("one", "other"), [("亩", "元"), ("户", "人"), ("个", "座"), ("千米", "千瓦"), ("吨", "元/吨")]
)
def test_measuring_units_of_different_kinds(one: str, other: str) -> None:
    assert alike.quantity(one)[0] != alike.quantity(other)[0]
    assert alike.rate(one, other) == ""


def figure(text: str) -> frozenset[Measure]:
    return burden.measures([text])


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        ("恢复湿地面积达到3000亩以上", "恢复湿地面积不低于200公顷", True),
        ("一般公共预算收入达到5亿元", "一般公共预算收入达到50000万元", True),
        ("城镇生活污水处理率达到95%", "城镇生活污水处理率不低于98%", True),
        ("城镇生活污水处理率达到95%", "农村生活污水处理率不低于98%", False),
        ("污水厂一期处理能力达到5万吨", "污水厂二期处理能力达到5万吨", False),
        ("污水厂一期处理能力达到5万吨", "污水厂第1期处理能力达到6万吨", True),
    ],
)
def test_one_figure_in_whatever_measuring_unit(one: str, other: str, found: bool) -> None:
    assert figure(one), one
    assert figure(other), other
    assert (burden.same_figure(figure(one), figure(other)) is not None) is found
    assert (burden.same_figure(figure(other), figure(one)) is not None) is found


def test_the_same_measuring_unit_comes_first() -> None:
    asked = {Measure("湿地面积", "亩"), Measure("收入总额", "元")}
    there = {Measure("湿地面积", "公顷"), Measure("收入总额", "元")}
    assert burden.same_figure(asked, there) == (Measure("收入总额", "元"), Measure("收入总额", "元"))
    both = burden.same_figure({Measure("湿地面积", "亩")}, there)
    assert both == (Measure("湿地面积", "亩"), Measure("湿地面积", "公顷"))
    assert burden.same_figure(asked, set()) is None


MEASURES = st.sets(
    st.builds(Measure, st.sampled_from(["湿地面积", "道路里程"]), st.sampled_from(["亩", "公顷", "公里", "米"]))
)


@given(MEASURES, MEASURES)
def test_sharing_a_figure_is_mutual(one: set[Measure], other: set[Measure]) -> None:
    mine, theirs = burden.same_figure(one, other), burden.same_figure(other, one)
    assert (mine is None) == (theirs is None) == (not {m.figure for m in one} & {m.figure for m in other})
    if mine is not None:
        assert mine[0] in one
        assert mine[1] in other
        assert mine[0].figure == mine[1].figure
