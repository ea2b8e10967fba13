"""The compiled renderer for wide tables（宽表）: Jinja2 with the same components as the page templates."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.template import engines
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils import translation
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from luoshi.ui import components, hidden, mapping


def url(name: str, *args: object, **kwargs: object) -> str:
    """The address of a named page; raises ``NoReverseMatch``."""
    return reverse(name, args=args or None, kwargs=kwargs or None)


def safe_url(name: str, *args: object, **kwargs: object) -> str:
    """The address of a named page, or nothing when there is no such page."""
    try:
        return url(name, *args, **kwargs)
    except NoReverseMatch:
        return ""


def drawn(name: str, values: Mapping[str, Any]) -> Markup:
    """A template of the compiled engine, filled in."""
    made = engines["jinja2"].get_template(name).render(dict(values))
    return Markup(made)  # noqa: S704 - the compiled engine escapes


def said(message: str, **values: object) -> Markup:
    """``_("…")`` of the compiled templates: a text in the language in use, its values escaped."""
    text = _said(translation.get_language() or "", message)
    return text % values if values or "%" in text else text


@lru_cache(maxsize=4096)
def _said(_language: str, message: str) -> Markup:
    return Markup(translation.gettext(message))  # noqa: S704 - our own words, as the templates hold them


def environment(**options: Any) -> Environment:
    """The environment of Django's Jinja2 backend: autoescaping, strict about names, bilingual."""
    options.setdefault("undefined", StrictUndefined)
    made = Environment(  # noqa: S701 - autoescape is set below, whatever the caller says
        extensions=["jinja2.ext.i18n"], trim_blocks=True, lstrip_blocks=True, **{**options, "autoescape": True}
    )
    made.install_gettext_callables(  # type: ignore[attr-defined]
        gettext=translation.gettext,
        ngettext=translation.ngettext,
        pgettext=translation.pgettext,
        npgettext=translation.npgettext,
        newstyle=True,
    )
    made.globals.update(
        _=said,  # the usual one asks the catalogue and wraps the text anew each time
        url=url,
        safe_url=safe_url,
        static=static,
        board_cell=components.board_cell,
        board_cells=components.board_cells,
        chart=components.said_verified_chart,
        crumbs=components.crumbs,
        day=components.day,
        icon=components.icon,
        idempotency_key=hidden.idempotency_key,
        legend=components.legend,
        light=components.light,
        light_symbols=components.light_symbols,
        map_legend=mapping.map_legend,
        moment=components.moment,
        percent=components.percent,
        qr=components.qr,
        said_verified=components.said_verified,
        sv_number=components.sv_number,
        whole=components.whole,
    )
    return made
