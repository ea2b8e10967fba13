"""Nothing classified, nobody's numbers (principle 10)."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luoshi.rules.documents import screening
from luoshi.rules.documents.screening import mask_mobiles, personal_numbers, screen, secrecy_mark
from luoshi.rules.refusals import Refused

pytestmark = pytest.mark.principle(10)


def identity(body: str) -> str:
    """A made-up number with a right check character."""
    total = sum(int(d) * w for d, w in zip(body, (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2), strict=True))
    return body + "10X98765432"[total % 11]


def card(body: str) -> str:
    """A made-up number with a right Luhn digit."""
    return next(body + str(d) for d in range(10) if screening.is_bank_card(body + str(d)))


ID = identity("53040219000101001")
ID_X = next(i for i in (identity(f"5304021900010100{n}") for n in range(10)) if i.endswith("X"))
CARD = card("621700000000000000"[:15])
CARD19 = card("622848000000000000")


@pytest.mark.parametrize(
    ("text", "level", "form"),
    [
        ("机密★1年\n关于……的通知", "机密", "star"),
        ("000012\n绝 密 ★ 启用前\n", "绝密", "star"),
        ("机密*10年\n", "机密", "star"),
        ("秘密☆", "秘密", "star"),
        ("正文\n\n密级：秘密\n", "秘密", "label"),
        ("文件密级 : 【絕密】", "绝密", "label"),
        ("机密 10年", "机密", "term"),
        ("000001  秘密（5年）  特急", "秘密", "term"),
        ("秘密１０年", "秘密", "term"),
        ("绝　密\n某某文件", "绝密", "head"),
        ("\n\n000003\n特急 机密\n某某文件", "机密", "head"),
        ("首页正文\f机\u200b密\n次页", "机密", "head"),
    ],
)
def test_marks(text, level, form):
    mark = secrecy_mark(text)
    assert mark is not None
    assert (mark.level, mark.form) == (level, form)
    with pytest.raises(Refused) as refused:
        screen(text)
    assert refused.value.code == "secrecy_mark"


@pytest.mark.parametrize(
    "text",
    [
        "各单位要做好保密工作，涉及秘密、机密、绝密事项的，按规定办理。",
        "机密文件保存10年。",
        "密级：公开",
        "密级：无",
        "一行\n二行\n三行\n四行\n五行\n六行\n七行\n秘密\n八行",
        "保守国家秘密法第二十九条",
        "商业秘密",
        "秘密花园",
        "",
    ],
)
def test_words_in_prose_are_no_mark(text):
    assert secrecy_mark(text) is None
    assert screen(text).text == text


def test_a_mark_keeps_nothing_of_the_text():
    text = "机密★1年\n某项目的内容"
    with pytest.raises(Refused) as refused:
        screen(text)
    assert "内容" not in repr((refused.value, refused.value.params, secrecy_mark(text)))


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        (f"身份证{ID}。", ["identity_card"]),
        (f"({ID_X.lower()})", ["identity_card"]),
        (f"{ID[:6]} {ID[6:14]} {ID[14:]}", ["identity_card"]),
        (f"{ID[:6]}-{ID[6:14]}-{ID[14:]}", ["identity_card"]),
        ("".join(chr(ord(c) + 0xFEE0) if c.isdigit() else c for c in ID), ["identity_card"]),
        ("身份证号码：530402900101001", ["identity_card"]),
        ("项目编号 530402900101001", []),
        (f"账号{CARD}", ["bank_card"]),
        (" ".join(CARD[n : n + 4] for n in range(0, 16, 4)), ["bank_card"]),
        (f"{CARD19} {ID}", ["bank_card", "identity_card"]),
        (ID[:-1] + str((int(ID[-1]) + 1) % 10 if ID[-1].isdigit() else 1), []),
        ("530402199913450012", []),
        ("YN-2024-03-0231", []),
        ("530402001001 与 530402001002", []),
        (f"a{CARD}b", []),
        (f"0.{CARD}", []),
        ("0000000000000000", []),
        ("2026-11-22 10:00 2026-11-23", []),
    ],
)
def test_numbers(text, kinds):
    found = personal_numbers(text)
    assert [f.kind for f in found] == kinds
    for finding in found:
        assert text[finding.start].isdigit()
    if kinds:
        with pytest.raises(Refused) as refused:
            screen("第一行\n" + text)
        assert refused.value.code in {"identity_number", "bank_number"}
        assert refused.value.params["line"] == 2
        assert ID not in str(refused.value)
    else:
        screen(text)


def test_a_credit_code_of_an_organisation_is_no_bank_card():
    digits = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    for n in range(5000):
        body = f"9153040000000{n:04d}"
        total = sum(int(d) * pow(3, i, 31) for i, d in enumerate(body))
        code = body + digits[-total % 31]
        if code.isdigit():
            assert personal_numbers(code) == []


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("联系13812345678。", "联系138****5678。"),
        ("+86 138-1234-5678", "+86 138-****-5678"),
        ("0086 138 1234 5678", "0086 138 **** 5678"),
        ("8613812345678", "86138****5678"),
        ("１３８１２３４５６７８", "１３８****５６７８"),
        ("tel13812345678", "tel138****5678"),
        ("13812345678、13987654321", "138****5678、139****4321"),
        ("138123456789", "138123456789"),
        ("913812345678", "913812345678"),
        ("12012345678", "12012345678"),
        ("0.13812345678", "0.13812345678"),
        ("0877-12345678", "0877-12345678"),
        ("deadbeef13812345678deadbeef", "deadbeef13812345678deadbeef"),
    ],
)
def test_mobiles(text, masked):
    found, spans = mask_mobiles(text)
    assert found == masked
    assert bool(spans) == (found != text)


near = st.text(alphabet="0123456789 -+Xx密机绝秘★：年\n\f１２３abc.", max_size=80)


@given(st.text(max_size=200) | near)
def test_masking_is_stable_and_keeps_the_length(text):
    masked, spans = mask_mobiles(text)
    assert len(masked) == len(text)
    assert mask_mobiles(masked)[0] == masked
    assert all(text[a:b] != masked[a:b] for a, b in spans)


@given(st.text(max_size=200) | near)
def test_every_text_is_stored_or_refused(text):
    try:
        kept = screen(text)
    except Refused as refused:
        assert refused.code in {"secrecy_mark", "identity_number", "bank_number"}  # noqa: PT017
        return
    assert secrecy_mark(kept.text) is None
    assert personal_numbers(kept.text) == []


@given(st.text(alphabet="甲乙丙，。 \n", max_size=40), st.text(alphabet="甲乙丙，。 \n", max_size=40))
def test_found_wherever_it_stands(before, after):
    found = personal_numbers(before + ID + after)
    assert [(f.start, f.end) for f in found] == [(len(before), len(before) + 18)]


@pytest.mark.parametrize(
    "unit",
    ["1", "1 ", "13812345678 ", "1234 ", "机", "密", "机密", "机 密 ", "密级：", "密级 ", "86", "+86 ", "138 1234 ",
     "1-", "a13812345678", "12345678901234567", "绝密 1", "(", "1.", "秘密\n", " ", "\n", "\f", "身份证"],
)  # fmt: skip
def test_time_is_linear(unit):
    def seconds(size: int) -> float:
        text = (unit * (size // len(unit) + 1))[:size]
        best = 10.0
        for _round in range(2):
            start = time.perf_counter()
            secrecy_mark(text.replace("★", ""))
            personal_numbers(text)
            mask_mobiles(text)
            best = min(best, time.perf_counter() - start)
        return best

    small, large = seconds(5_000), seconds(40_000)
    assert large < 8 * 4 * small + 0.25
