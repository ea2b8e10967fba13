"""Template tags of the product's face; a builtin library, so pages need no ``{% load %}``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from django import forms, template
from django.apps import apps
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.forms import BoundField
from django.templatetags.static import static
from django.urls import get_urlconf
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from markupsafe import Markup

from luoshi.ui import components, frame, hidden, jinja, mapping
from luoshi.ui.components import Number, Point

register = template.Library()


@register.simple_tag
def light(colour: str, reason: object = "", word: object = "", bare: bool = False, full: bool = False) -> Markup:
    """灯: shape and word; see :func:`luoshi.ui.components.light`."""
    return components.light(colour, reason, word=word, bare=bare, full=full)


@register.simple_tag
def said_verified(said: Number, verified: Number, label: object = "") -> Markup:
    """报与核: the bar."""
    return components.said_verified(said, verified, label)


@register.simple_tag
def sv_number(said: Number, verified: Number) -> Markup:
    """报与核: the figures."""
    return components.sv_number(said, verified)


@register.simple_tag
def percent(value: Number) -> Markup:
    """百分比."""
    return components.percent(value)


@register.simple_tag
def moment(value: dt.datetime | None, short: bool = False) -> Markup:
    """时刻, in Asia/Shanghai."""
    return components.moment(value, short)


@register.simple_tag
def day(value: dt.date | dt.datetime | None, short: bool = False) -> Markup:
    """日期, in Asia/Shanghai."""
    return components.day(value, short)


@register.simple_tag
def icon(name: str, label: object = "") -> Markup:
    """图标."""
    return components.icon(name, label)


@register.simple_tag
def qr(text: str, label: object = "") -> Markup:
    """二维码."""
    return components.qr(text, label)


@register.simple_tag
def legend() -> Markup:
    """图例."""
    return components.legend()


@register.simple_tag
def map_legend(figures: bool = True) -> Markup:
    """图例 of the map."""
    return mapping.map_legend(figures)


@register.simple_tag
def chart(points: Sequence[Point], marks: Sequence[tuple[dt.date, object]] = ()) -> Markup:
    """报与核的过程: line and table."""
    return components.said_verified_chart(points, marks)


@register.simple_tag
def crumbs(*items: Any) -> Markup:
    """路径: either one list of (label, url) pairs, or ``label url label url … label``."""
    if len(items) == 1 and not isinstance(items[0], str):
        return components.crumbs(items[0])
    padded = [*items, ""] if len(items) % 2 else list(items)
    return components.crumbs(zip(padded[::2], padded[1::2], strict=True))


@register.simple_tag
def safe_url(name: str, *args: object, **kwargs: object) -> str:
    """The address of a named page, or an empty string when there is no such page."""
    return jinja.safe_url(name, *args, **kwargs)


@register.simple_tag(takes_context=True)
def frame_head(context: template.Context) -> Markup:
    """页框之首: what stands above the content of every page."""
    request = context.get("request")
    return frame.head(
        {
            "actor": context.get("actor"),
            "seats": context.get("seats") or (),
            "demo": context.get("demo"),
            "demo_people": context.get("demo_people") or (),
            "nav": context.get("nav") or (),
            "unread": context.get("unread"),
            "html_lang": context.get("html_lang"),
            "user": getattr(request, "user", None),
        },
        here=request.get_full_path() if request is not None else "/",
        csrf=str(context.get("csrf_token") or ""),
        urlconf=getattr(request, "urlconf", None),
    )


@register.simple_tag
def frame_foot() -> Markup:
    """页框之尾."""
    return frame.foot(get_language() or "", get_urlconf())


@register.simple_tag
def idempotency_key() -> Markup:
    """A hidden input with a fresh key, so that sending twice acts once."""
    return hidden.idempotency_key()


@register.simple_tag
def board_table(
    columns: Iterable[tuple[str, str]],
    rows: Iterable[tuple[str, str, Sequence[Any]]],
    caption: str,
    corner: str = "",
    chosen: int | None = None,
) -> Markup:
    """总览表: the wide table, rendered by the compiled engine; ``chosen`` counts columns from 0."""
    told = {"columns": columns, "rows": rows, "caption": caption, "corner": corner, "chosen": chosen}
    return jinja.drawn("ui/board_table.html", told)


@cache
def kept(path: str) -> str:
    """The address of a static file if this installation has it, else an empty string."""
    if finders.find(path) is None and not staticfiles_storage.exists(path):
        return ""
    return static(path)


@register.simple_tag
@cache
def frame_links() -> Markup:
    """Style and behaviour of every page（样式与脚本）: what installed wheels carry, and the product's own."""
    base = Markup("")
    if apps.is_installed("js_lib_bootstrap5"):
        base = _style(kept("js-lib-bootstrap5/css/bootstrap-reboot.min.css"))
    icon_ = Markup('<link rel="icon" href="{}" type="image/svg+xml">').format(static("ui/icon.svg"))
    styles = [_style(static(f"ui/{name}.css")) for name in ("tokens", "components", "print")]
    script = Markup('<script src="{}" defer></script>')
    scripts = [script.format(static(name)) for name in ("django_htmx/htmx-2.min.js", "ui/luoshi.js")]
    return Markup("\n    ").join([icon_, base, *styles, *scripts])


def _style(address: str) -> Markup:
    return Markup('<link rel="stylesheet" href="{}">').format(address)


@register.simple_tag
def chart_scripts() -> Markup:
    """The chart library, when ``make assets`` has put it there; without it the tables stay."""
    library = kept("vendor/echarts.min.js")
    if not library:
        return Markup("")
    return Markup('<script src="{}" defer></script><script src="{}" defer></script>').format(
        library, static("ui/charts.js")
    )


@register.simple_tag
def field(bound: BoundField, help: bool = True) -> Markup:  # noqa: A002 - the word templates use
    """栏: label, help, control and what is wrong with it, tied together for screen readers.

    ``help=False`` leaves the help text out.
    """
    widget = bound.field.widget
    name = bound.auto_id or bound.html_name
    if bound.is_hidden:
        return Markup(bound.as_widget())  # noqa: S704 - rendered and escaped by Django
    optional = "" if bound.field.required else Markup(' <span class="opt">{}</span>').format(_("optional"))
    help_text = (
        Markup('<p class="hint" id="{}_helptext">{}</p>').format(name, str(bound.help_text))
        if help and bound.help_text
        else ""
    )
    errors = (
        Markup('<div class="err" id="{}_error">{}</div>').format(
            name,
            Markup("").join(Markup("<p>{}{}</p>").format(components.icon("alert"), error) for error in bound.errors),
        )
        if bound.errors
        else ""
    )
    control = Markup(bound.as_widget(attrs=_attributes(bound, help)))  # noqa: S704 - rendered and escaped by Django
    wrong = " wrong" if bound.errors else ""
    if isinstance(widget, forms.CheckboxInput):
        return Markup('<div class="f check{}"><label for="{}">{} {}</label>{}{}</div>').format(
            wrong, bound.id_for_label, control, bound.label, help_text, errors
        )
    if widget.use_fieldset:
        return Markup('<fieldset class="f choice{}"><legend>{}{}</legend>{}{}{}</fieldset>').format(
            wrong, bound.label, optional, help_text, control, errors
        )
    if getattr(widget, "input_type", "") == "range":
        control = Markup('<span class="range">{}<output class="num" for="{}">{}</output></span>').format(
            control, name, bound.value() if bound.value() is not None else ""
        )
    return Markup('<div class="f{}"><label for="{}">{}{}</label>{}{}{}</div>').format(
        wrong, bound.id_for_label, bound.label, optional, control, errors, help_text
    )


def _attributes(bound: BoundField, with_help: bool) -> dict[str, str | bool]:
    """The describing ids of a control, in the order they are read."""
    name = bound.auto_id or bound.html_name
    described = [f"{name}_error"] if bound.errors else []
    described += [f"{name}_helptext"] if with_help and bound.help_text else []
    attributes: dict[str, str | bool] = {"aria-describedby": " ".join(described)} if described else {}
    if bound.errors:
        attributes["aria-invalid"] = "true"
    return attributes
