"""What a form says when a field is wrong is worded for clerks, not for programmers."""

from __future__ import annotations

import pytest
from django import forms
from django.utils import translation

from luoshi.ui import validation


class Letter(forms.Form):
    """One field of each sort that is refused."""

    title = forms.CharField(max_length=5)
    link = forms.URLField(assume_scheme="https")
    day = forms.DateField()
    number = forms.IntegerField(min_value=1)
    choice = forms.ChoiceField(choices=[("a", "A")])


def test_refused_fields_are_told_in_plain_chinese() -> None:
    with translation.override("zh-hans"):
        form = Letter({"title": "一二三四五六", "link": "https://", "day": "明天", "number": "0", "choice": "z"})
        assert not form.is_valid()
        told = {name: list(map(str, errors)) for name, errors in form.errors.items()}
        assert told == {
            "title": ["最多 5 字，现在是 6 字。"],
            "link": ["网址有误：应以 https:// 或 http:// 开头，写全主机名。"],
            "day": ["请写成 2026-06-30 这样的日期。"],
            "number": ["最小为 1。"],
            "choice": ["“z”不在可选之列，请重新选择。"],
        }
        assert set(map(str, Letter({}).errors["title"])) == {"请填写或选择这一项。"}


@pytest.mark.parametrize("sentence", validation.PLAIN)
def test_the_catalogue_words_each_sentence_anew(sentence: str) -> None:
    with translation.override("zh-hans"):
        assert translation.gettext(sentence) != sentence
    with translation.override("en"):
        assert translation.gettext(sentence) == sentence
