"""The gallery of components（构件样张）: a developer's page, served only when debugging."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

UNITS = [
    "玉溪市",
    "西双版纳傣族自治州",
    "双江拉祜族佤族布朗族傣族自治县",
    "Dehong Dai and Jingpo Autonomous Prefecture",
]
MATTERS = [
    "1 农民增收",
    "2 耕地粮食",
    "3 生态保护",
    "4 防灾减灾",
    "5 安全生产",
    "6 一老一小",
    "7 民族宗教",
    "8 强边固防",
    "9 党风廉政",
    "10 巡视整改",
]
COLOURS = ["green", "yellow", "red", "blue", "grey"]


class SampleForm(forms.Form):
    """A form with every kind of field, for looking at."""

    percent = forms.IntegerField(
        label="How much is done", widget=forms.NumberInput(attrs={"type": "range", "min": 0, "max": 100}), initial=78
    )
    words = forms.CharField(
        label="What was done", widget=forms.Textarea(attrs={"rows": 3}), help_text="One or two sentences are enough."
    )
    problems = forms.CharField(label="What is in the way", widget=forms.Textarea(attrs={"rows": 1}), required=False)
    due = forms.DateField(label="New date", widget=forms.DateInput(attrs={"type": "date"}))
    result = forms.ChoiceField(label="Finding", choices=[("a", "Passed"), ("b", "Failed")], widget=forms.RadioSelect)
    sure = forms.BooleanField(label="I have been there myself", required=False)


def sample_board() -> tuple[list[tuple[str, str]], list[tuple[str, str, list[Any]]]]:
    """Columns and rows of a made-up board."""
    columns = [(matter, "#") for matter in MATTERS]
    rows: list[tuple[str, str, list[Any]]] = []
    for index, unit in enumerate(UNITS * 4):
        cells: list[Any] = []
        for place in range(10):
            said = (index * 17 + place * 29) % 61 + 40
            colour = COLOURS[(index + place * 3) % 5]
            cells.append((colour, "", said, max(0, said - (index * place) % 37), "#") if colour != "grey" else None)
        rows.append((unit, "#", cells))
    return columns, rows


def gallery(request: HttpRequest) -> HttpResponse:
    """Show every component once; not found outside debugging."""
    if not settings.DEBUG:
        raise Http404
    columns, rows = sample_board()
    days = [(1, 0, 0), (60, 20, None), (95, 40, 31), (150, 45, None), (200, 70, 55), (260, 78, None), (318, 100, 62)]
    start = dt.date(2024, 1, 4)
    bound = SampleForm({"percent": "78", "words": "", "due": "soon"}, auto_id="wrong_%s")
    return render(
        request,
        "ui/gallery.html",
        {
            "columns": columns,
            "rows": rows,
            "points": [(start + dt.timedelta(days=offset), said, verified) for offset, said, verified in days],
            "marks": [(dt.date(2024, 9, 30), _("first due"))],
            "form": bound,
            "fresh": SampleForm(),
            "counties": [
                ("红塔区", 100, 100, "blue"),
                ("江川区", 100, 38, "red"),
                ("澄江市", 92, 80, "green"),
                ("通海县", 74, 60, "yellow"),
                (UNITS[2], None, None, "grey"),
            ],
            "now": dt.datetime(2024, 11, 18, 8, 2, tzinfo=dt.UTC),
            "refusal": {
                "sentence": "江川区 is not closed yet; the latest verification did not pass.",
                "todo": "Close what lies below first.",
                "url": "#",
                "link": "江川区",
                "code": "children_open",
            },
            "pager": {"next": "after=x", "previous": "before=y", "text": "50"},
        },
    )
