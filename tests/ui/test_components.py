"""The marks of the face: words and shapes, escaping, lengths, moments, and what the policy forbids."""

from __future__ import annotations

import datetime as dt
import gzip
import re
import time
from decimal import Decimal
from pathlib import Path

import django_htmx
import pytest
from django import forms
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template import Context, engines
from django.test import override_settings
from django.utils import translation
from markupsafe import Markup

from luoshi.ui import components, context, gallery, jinja
from luoshi.ui.templatetags.luoshi import frame_links

UI = Path(components.__file__).parent
EVIL = "<script>alert('x')</script>\"&"


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def render(source: str, **values: object) -> str:
    return engines["django"].from_string(source).render(values)


@pytest.mark.parametrize("colour", ["grey", "green", "yellow", "red", "blue"])
@pytest.mark.parametrize("bare", [False, True])
def test_every_light_has_a_word_and_a_shape_of_its_own(colour: str, bare: bool) -> None:
    shown = components.light(colour, "late by 3 days", bare=bare)
    assert components.light_word(colour) in shown
    assert components.SHAPES[colour] in shown
    assert "late by 3 days" in shown
    assert len(set(components.SHAPES.values())) == 5
    assert len({components.light_word(other) for other in components.SHAPES}) == 5


def test_a_colour_outside_the_five_is_an_error() -> None:
    with pytest.raises(KeyError):
        components.light("pink")


@pytest.mark.parametrize(
    "made",
    [
        lambda: components.light("red", EVIL, word=EVIL),
        lambda: components.light("red", EVIL, full=True),
        lambda: components.said_verified(1, 2, EVIL),
        lambda: components.board_cell("red", EVIL, 1, 2, EVIL),
        lambda: components.crumbs([(EVIL, EVIL), (EVIL, None)]),
        lambda: components.icon("add", EVIL),
        lambda: components.qr("https://example.org/" + EVIL, EVIL),
        lambda: components.said_verified_chart([(dt.date(2024, 1, 1), 1, 2)], [(dt.date(2024, 2, 1), EVIL)]),
    ],
)
def test_everything_given_is_escaped(made) -> None:
    shown = made()
    assert isinstance(shown, Markup)
    assert "<script" not in shown
    assert not re.search(r"=\"[^\"]*<", shown)


@pytest.mark.parametrize(
    ("given", "shown"),
    [(None, 0), (0, 0), (99.6, 99), (Decimal("99.99"), 99), (100, 100), (140, 100), (-3, 0), (62, 62)],
)
def test_percentages_are_rounded_down_and_never_look_done_early(given, shown: int) -> None:
    assert components.whole(given) == shown
    if given is not None:
        assert f"{shown}%" in components.percent(given)


def test_said_and_verified_keep_apart() -> None:
    bar = components.said_verified(100, 62)
    assert 'class="said w-100"' in bar
    assert 'class="ver w-62"' in bar
    assert "Said 100%, verified 62%" in bar
    assert "nothing verified yet" in components.said_verified(40, None)
    assert components.sv_number(100, None).endswith("<em>/</em><b>–</b></span>")


def test_a_board_cell_says_what_the_single_marks_say() -> None:
    cell = components.board_cell("yellow", "a & b", 57, 51, "/x?a=1&b=2")
    assert 'title="At risk: a &amp; b · Said 57%, verified 51%"' in cell
    assert 'class="said w-57"' in cell
    assert 'class="ver w-51"' in cell
    assert "57<em>/</em><b>51</b>" in cell
    assert 'href="/x?a=1&amp;b=2"' in cell
    assert all(f'id="l-{colour}"' in components.light_symbols() for colour in components.SHAPES)
    assert '<use href="#l-yellow"/>' in cell
    with translation.override("zh-hans"):
        assert components.board_cell("grey", "", None, None).count("–") == 2
    assert 'class="c none"' in components.board_cells([None])
    with pytest.raises(KeyError):
        components.board_cell("pink", "", 1, 1)


def test_a_moment_is_shown_in_shanghai_in_both_languages() -> None:
    at = dt.datetime(2024, 11, 18, 17, 2, tzinfo=dt.UTC)
    assert ">19 Nov 2024, 01:02<" in components.moment(at)
    with translation.override("zh-hans"):
        assert ">2024-11-19 01:02<" in components.moment(at)
        assert ">11-19<" in components.day(at, short=True)
    assert 'datetime="2024-11-19T01:02:00+08:00"' in components.moment(at)
    assert components.moment(None) == "–"
    with pytest.raises(ValueError, match="zone"):
        components.moment(dt.datetime(2024, 1, 1))  # noqa: DTZ001


def test_the_chart_has_a_table_with_the_same_figures() -> None:
    shown = components.said_verified_chart(
        [(dt.date(2024, 1, 1), 0, 0), (dt.date(2024, 6, 1), 70, None), (dt.date(2024, 11, 1), 100, 62)]
    )
    assert shown.count("<tr>") == 4
    assert "62%" in shown
    assert 'class="said" points=' in shown
    assert "Nothing has been said" in components.said_verified_chart([])


def test_the_qr_code_reads_back_the_same_modules() -> None:
    shown = components.qr("https://example.org/s/abc")
    cells = sum(int(length) for length in re.findall(r"h(\d+)v1", shown))
    import segno

    assert cells == sum(sum(row) for row in segno.make("https://example.org/s/abc", error="m", micro=False).matrix)


def test_tags_and_compiled_templates_share_the_components() -> None:
    assert render('{% light "red" "why" %}') == components.light("red", "why")
    assert render("{% said_verified 3 2 %}") == components.said_verified(3, 2)
    made = jinja.environment().from_string("{{ light('red', 'why') }}{{ said_verified(3, 2) }}{{ x }}")
    assert made.render(x="<b>") == components.light("red", "why") + components.said_verified(3, 2) + Markup("&lt;b&gt;")


def test_crumbs_take_pairs_or_a_list() -> None:
    flat = render('{% crumbs "A" "/a" "B" %}')
    assert flat == render("{% crumbs items %}", items=[("A", "/a"), ("B", None)])
    assert '<a href="/a">A</a>' in flat
    assert "<span>B</span>" in flat


def test_an_absent_page_is_no_link() -> None:
    assert render('{% safe_url "no:where" as u %}[{{ u }}]') == "[]"


class Sample(forms.Form):
    words = forms.CharField(label=EVIL, help_text="Briefly.")
    share = forms.IntegerField(widget=forms.NumberInput(attrs={"type": "range"}))
    sure = forms.BooleanField()
    pick = forms.ChoiceField(choices=[("a", EVIL)], widget=forms.RadioSelect)


def test_a_field_stands_with_its_label_help_and_errors() -> None:
    shown = render("{% for b in form %}{% field b %}{% endfor %}", form=Sample({"share": "7"}))
    assert "<script" not in shown
    assert 'aria-describedby="id_words_error id_words_helptext"' in shown
    assert 'id="id_words_error"' in shown
    assert 'id="id_words_helptext"' in shown
    assert 'for="id_words"' in shown
    assert 'aria-invalid="true"' in shown
    assert '<output class="num" for="id_share">7</output>' in shown
    assert "<legend>" in shown


def test_the_wide_table_is_fast_and_linked() -> None:
    columns, sample = gallery.sample_board()
    rows = [(f"unit {n} <b>", "/u", sample[n % len(sample)][2]) for n in range(129)]
    source = "{% board_table columns rows 'Board' %}"
    shown = render(source, columns=columns, rows=rows)
    assert "<b>" not in re.sub(r"<b>(\d+|–)</b>", "", shown)
    assert shown.count("<tr>") == 130
    best = min(_timed(columns, rows) for _ in range(5))
    assert best < 0.030, f"{best * 1000:.1f} ms"


def _timed(columns: object, rows: object) -> float:
    start = time.perf_counter()
    engines["jinja2"].get_template("ui/board_table.html").render(
        {"columns": columns, "rows": rows, "caption": "", "corner": ""}
    )
    return time.perf_counter() - start


TEMPLATES = sorted({*UI.rglob("templates/**/*.html"), *UI.rglob("jinja2/**/*.html")})


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_templates_obey_the_security_policy(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"<[^>]*\son[a-z]+\s*=", text), "inline handler"
    assert not re.search(r"<[^>{]*\sstyle\s*=", text), "style attribute"
    assert "<style" not in text
    assert "hx-on" not in text
    assert "http://" not in text.replace("http://www.w3.org", "")
    assert not re.search(r"<script(?![^>]*(src=|application/json))", text), "inline script"


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_templates_compile(path: Path) -> None:
    engine = "jinja2" if "jinja2" in path.parts else "django"
    engines[engine].from_string(path.read_text())


def test_components_make_no_style_attribute_or_handler() -> None:
    shown = (
        components.light("red", "x")
        + components.said_verified(1, 1)
        + components.qr("x")
        + components.board_cell("red", "", 1, 1, "/")
    )
    shown += components.said_verified_chart([(dt.date(2024, 1, 1), 1, 1)]) + components.legend()
    assert "style=" not in shown
    assert not re.search(r"\son[a-z]+=", shown)


def test_first_load_fits_its_budget() -> None:
    sheets = [
        UI / "static/ui" / name for name in ("tokens.css", "components.css", "print.css", "luoshi.js", "icon.svg")
    ]
    sheets.append(Path(django_htmx.__file__).parent / "static/django_htmx/htmx-2.min.js")
    base = finders.find("js-lib-bootstrap5/css/bootstrap-reboot.min.css")
    sheets += [Path(base)] if isinstance(base, str) else []
    compressed = sum(len(gzip.compress(sheet.read_bytes(), 6)) for sheet in sheets)
    columns, rows = gallery.sample_board()
    page = render("{% board_table columns rows 'Board' %}", columns=columns, rows=rows)
    compressed += len(gzip.compress(page.encode(), 6))
    assert compressed < 60_000, f"{compressed} bytes of the 150 kB that a first load may take"


def test_every_length_has_a_class_and_paper_has_a_sheet() -> None:
    css = (UI / "static/ui/components.css").read_text()
    assert all(f".w-{n} {{ width: {n}% }}" in css for n in range(101))
    paper = (UI / "static/ui/print.css").read_text()
    assert "size: A4" in paper
    assert "table-header-group" in paper
    assert 'counter(page) " / " counter(pages)' in paper
    assert "base.html" not in css
    assert "{% frame_links %}" in (UI / "templates/ui/base.html").read_text()
    assert "ui/print.css" in frame_links()


def test_no_static_file_asks_another_host() -> None:
    for path in (UI / "static" / "ui").rglob("*.*"):
        assert not re.search(r"(?:https?:)?//(?!www\.w3\.org)[a-z0-9-]+\.[a-z]", path.read_text()), path.name


def test_navigation_marks_only_the_nearest_page(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {"desk:today": "/", "desk:board": "/board/", "units:tree": "/units/"}
    monkeypatch.setattr(context, "safe_url", lambda name: known.get(name, ""))
    monkeypatch.setattr(context, "_destinations", context._destinations.__wrapped__)  # kept from a test before
    items = context.navigation("/board/2024/")
    assert [item.label for item in items] == ["Today", "Board", "Units"]
    assert [item.on for item in items] == [False, True, False]
    assert [item.on for item in context.navigation("/")] == [True, False, False]


def test_a_whole_page_stands_without_a_session_or_a_person(rf) -> None:
    request = rf.get("/somewhere/")
    template = engines["django"].get_template("ui/message_page.html")
    with override_settings(ROOT_URLCONF="luoshi.ui.urls"):
        shown = template.template.render(Context({**context.page(request), "request": request, "demo": True}))
    assert 'lang="en"' in shown
    assert "Skip to the content" in shown
    assert "Demonstration" in shown
    assert settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]["style-src"]


def test_texts_of_compiled_templates_are_escaped_and_follow_the_language() -> None:
    """``_("…")`` of theirs: our words as they are, values escaped, a doubled percent sign shown as one."""
    from django.utils import translation

    from luoshi.ui.jinja import said

    with translation.override("zh-hans"):
        assert said("Board: %(unit)s", unit="<b>") == "总览：&lt;b&gt;"
        assert said("Luoshi") == "落实"
    with translation.override("en"):
        assert said("Board: %(unit)s", unit="<b>") == "Board: &lt;b&gt;"
        assert said("100%% of it") == "100% of it"
