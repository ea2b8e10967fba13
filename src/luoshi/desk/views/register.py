"""The register（台账）: the list people live in; its address holds everything, so that “back” and a bookmark work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import get_urlconf, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe
from markupsafe import Markup

from luoshi.delivery import queries as delivery
from luoshi.delivery.models import Commitment, Matter, Programme, SubMatter
from luoshi.delivery.models.commitments import URGENCY
from luoshi.delivery.models.timings import palette_of
from luoshi.desk.forms import acts_for
from luoshi.desk.queries import columns as catalogue
from luoshi.desk.queries import filters as asking
from luoshi.desk.queries import posts
from luoshi.desk.queries import register as queries
from luoshi.desk.queries.filters import Filters
from luoshi.desk.views import register_words as told
from luoshi.desk.views import words
from luoshi.office.models import SavedView
from luoshi.office.queries.saved import views_and_unread
from luoshi.rules import rollup
from luoshi.rules.lifecycle import Kind, State
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused
from luoshi.ui import hidden, pages
from luoshi.ui.components import SHAPES, light_word
from luoshi.ui.jinja import drawn
from luoshi.ui.sentences import refusal_context
from luoshi.units import queries as units
from luoshi.units.models import Post, Unit

PAGE = "register"
"""The page's name among saved views."""
UNITS = ("unit", "lead", "issuer")
"""Filters that are units: typed by name or code, kept by id."""
TYPED = (*UNITS, "post")
"""Filters that are typed by what a person calls them."""
NOT_ASKED = frozenset({"form", "view", "pick", "panel", *(f"{name}_name" for name in TYPED)})
"""Names of the page's own form, which are no filters."""


@dataclass(slots=True)
class Known:
    """What the page knows by name: programmes, matters and whatever a filter mentions."""

    programmes: list[Programme]
    matters: list[Matter]
    names: dict[tuple[str, Any], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.names |= {("programme", one.key): str(one) for one in self.programmes}
        self.names |= {("matter", one.pk): f"{one.number} {one.short}" for one in self.matters}


def known_to(actor: Actor, filters: Filters) -> Known:
    """Everything that is called by a name on the page; at most five statements."""
    programmes = list(delivery.programmes(actor).order_by("key").distinct())
    chosen = [one for one in programmes if not filters.programme or one.key == filters.programme]
    matters = list(Matter.objects.filter(programme__in=chosen).order_by("programme__key", "number")) if chosen else []
    known = Known(programmes, matters)
    known.names |= names_of(filters)
    if filters.sub:
        part = SubMatter.objects.filter(pk=filters.sub).first()
        known.names["sub", filters.sub] = str(part) if part else "?"
    return known


def names_of(filters: Filters) -> dict[tuple[str, Any], str]:
    """What the units and the post that filters mention are called; at most two statements."""
    mentioned = {name: getattr(filters, name) for name in UNITS if getattr(filters, name)}
    names: dict[tuple[str, Any], str] = {}
    if mentioned:
        called = dict(Unit.objects.filter(pk__in=mentioned.values()).values_list("pk", "name"))
        names |= {(name, pk): called.get(pk, "?") for name, pk in mentioned.items()}
    if filters.post:
        post = Post.objects.filter(ref=filters.post).select_related("unit").first()
        names["post", filters.post] = posts.called(post) if post else filters.post
    return names


@login_required
@require_safe
def register(request: HttpRequest) -> HttpResponse:
    """Commitments within sight（台账）: filtered, ordered, page by page, with what can be done to many at once."""
    at = timezone.now()
    actor = words.who(request, at)
    kept, unread = views_and_unread(actor, PAGE)
    vars(request)["unread"] = unread  # what the frame shows is known now
    if not request.GET:
        opening = next((view for view in kept if view.opens and view.user_id == actor.user_id), None)
        if opening is not None:
            return redirect(f"{reverse('desk:register')}?{_address(opening)}")
    given = {name: values for name, values in request.GET.lists() if name not in NOT_ASKED}
    filters, odd = asking.parse(given)
    refusal: dict[str, Any] | None = None
    status = 200
    typed = {name: request.GET[f"{name}_name"] for name in TYPED if f"{name}_name" in request.GET}
    if "form" in request.GET:
        try:
            filters = _with_typed(actor, filters, typed)
            if {*filters.cols} == {*catalogue.SHOWN}:
                filters = filters.with_(cols=())
            return redirect(f"{reverse('desk:register')}?{filters.encode() or 'view=0'}")
        except Refused as refused:
            refusal = refusal_context(refused)
            status = refused.status
    open_panel = "form" in request.GET or request.GET.get("panel") == "1"
    known = known_to(actor, filters) if open_panel or filters.active else Known([], [])
    columns = catalogue.chosen(filters.cols)
    page = queries.page(
        actor,
        filters,
        at,
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
        columns=columns,
    )
    counts = queries.counts(actor, filters, at)
    view = next((one for one in kept if str(one.pk) == request.GET.get("view")), None)
    acts = acts_for(actor)
    query = filters.encode()
    content = {
        "to": _addresses(get_urlconf()),
        "at": at,
        "unit_name": actor.effective.title,
        "user_id": actor.user_id,
        "csrf": hidden.csrf(request),
        "panel": _panel(actor, filters, known, typed) if open_panel else "",
        "panel_url": _link(filters, panel="1"),
        "active": [
            (told.filter_words(name, value, known.names), _link(filters.without(name, value)))
            for name, value in filters.active
        ],
        "order": told.order_words(filters.sort),
        "count": told.count_words(counts.total, counts.exact),
        "lights": _light_chips(filters, counts),
        "states": _state_chips(filters, counts),
        "views": [(one, f"?{_address(one)}", one is view) for one in kept],
        "view": view,
        "query": query,
        "more": f"&{query}" if query else "",
        "odd": odd,
        "acts": acts,
        "heads": told.headings(filters, columns),
        "lines": told.lines(page.rows, columns, at, picking=bool(acts), picked=request.GET.get("pick") == "all"),
        "all_url": _link(filters, **_place(request), pick="all"),
        "previous": filters.encode(before=page.previous) if page.previous else "",
        "following": filters.encode(after=page.following) if page.following else "",
    }
    timings = counts.timings if counts.timings is not None else delivery.timings_of(actor, filters.programme)
    return pages.page(
        request,
        pgettext("nav", "Register"),
        drawn("desk/register.html", content),
        main_class=f"wide-page register palette-{palette_of(timings)}",
        refusal=refusal,
        status=status,
    )


@lru_cache(maxsize=8)
def _addresses(_urlconf: str | None) -> Mapping[str, str]:
    """Where the page leads."""
    return {
        "views": reverse("desk:saved-views"),
        "save": reverse("desk:save-view"),
        "grid": reverse("desk:grid"),
        "list": reverse("office:export", args=["register"]),
        "fill_in": reverse("office:export", args=["fill-in"]),
        "imports": reverse("delivery:imports"),
    }


@lru_cache(maxsize=2048)
def _link(filters: Filters, **places: str) -> str:
    """The address of a register with these filters; without any it says so, or one's own view would open."""
    return f"?{filters.encode(**places) or 'view=0'}"


def _panel(actor: Actor, filters: Filters, known: Known, typed: Mapping[str, str]) -> Markup:
    """The form of filters, order and columns."""
    return drawn(
        "desk/register_filters.html",
        {
            "f": filters,
            "offered": _offered(filters, known),
            "texts": {name: typed.get(name, known.names.get((name, getattr(filters, name)), "")) for name in TYPED},
            "kept": [(name, getattr(filters, name)) for name in TYPED if getattr(filters, name)],
            "posts": _posts(actor, filters),
        },
    )


def _address(view: SavedView) -> str:
    query = QueryDict(view.query, mutable=True)
    query["view"] = str(view.pk)
    return query.urlencode()


def _place(request: HttpRequest) -> dict[str, str]:
    return {name: request.GET.get(name, "") for name in sorted(asking.PLACES)}


def _with_typed(actor: Actor, filters: Filters, typed: Mapping[str, str]) -> Filters:
    """The filters with the units and the post that were typed as they are called.

    Raises:
        Refused: ``unit_unknown``, ``unit_ambiguous``, ``post_unknown``, ``post_ambiguous``.
    """
    present = {name: getattr(filters, name) for name in typed if getattr(filters, name)}
    known = names_of(filters) if present else {}
    home: Unit | None = None
    for name, text in typed.items():
        text = text.strip()
        if not text:
            filters = filters.with_(**{name: "" if name == "post" else None})
        elif text == known.get((name, present.get(name))):
            continue
        elif name == "post":
            filters = filters.with_(post=posts.find(actor, text).ref)
        else:
            home = home or Unit.objects.filter(path=actor.effective.area_path).first()
            filters = filters.with_(**{name: units.find_unit(text, home).pk})
    return filters


def _posts(actor: Actor, filters: Filters) -> list[str]:
    """Posts offered beside the field: those of the unit asked for or of one's area."""
    asked = filters.lead or filters.unit
    return posts.offered(actor, Unit.objects.filter(pk=asked).first() if asked is not None else None)


Chip = dict[str, Any]


@lru_cache(maxsize=2048)
def _turned(filters: Filters, name: str, value: str) -> str:
    """The address with a value chosen that was not, or taken back."""
    chosen = getattr(filters, name)
    return _link(filters.without(name, value) if value in chosen else filters.with_(**{name: (*chosen, value)}))


def _light_chips(filters: Filters, counts: queries.Counts) -> list[Chip]:
    """Lights that are there, with how many, the most urgent first; a second click takes the choice back."""
    found = []
    for light in URGENCY:
        on, n = light in filters.light, counts.by_light.get(light)
        if n or on or not counts.by_light:
            found.append({"light": light, "n": n, "on": on, "url": _turned(filters, "light", light)})
    return found


def _state_chips(filters: Filters, counts: queries.Counts) -> list[Chip]:
    found = []
    for state in rollup.STATES:
        on, n = state in filters.state, counts.by_state.get(state)
        if n or on:
            url = _turned(filters, "state", state)
            found.append({"name": told.state_name(state), "n": n, "on": on, "url": url})
    return found


def _offered(filters: Filters, known: Known) -> dict[str, Sequence[tuple[Any, str, bool]]]:
    """What the form offers, with what is chosen."""
    parts: list[tuple[Any, str, bool]] = []
    if len(filters.matter) == 1:
        of_matter = SubMatter.objects.filter(matter__in=filters.matter).order_by("number")
        parts = [("", _("any"), not filters.sub), *((one.pk, str(one), one.pk == filters.sub) for one in of_matter)]
    chosen = {column.key for column in catalogue.chosen(filters.cols)}
    return {
        "programme": [
            ("", _("any"), not filters.programme),
            *((one.key, str(one), one.key == filters.programme) for one in known.programmes),
        ],
        "sub": parts,
        "state": [(one.value, told.state_name(one), one.value in filters.state) for one in State],
        "light": [(one, light_word(one), one in filters.light) for one in SHAPES],
        "matter": [(one.pk, known.names["matter", one.pk], one.pk in filters.matter) for one in known.matters],
        "open": [(one, told.open_name(one), one in filters.open) for one in asking.OPEN],
        "how": [(one, told.how_name(one), one in filters.how) for one in asking.HOWS],
        "kind": [(one.value, told.kind_name(one), one.value in filters.kind) for one in Kind],
        "cadence": [(one, told.cadence_name(one), one in filters.cadence) for one in Commitment.Cadence.values],
        "sort": [(one, label, one == filters.sort) for one, label in told.orders()],
        "size": [(one, str(one), one == filters.size) for one in asking.SIZES],
        "cols": [(key, str(column.title), key in chosen) for key, column in catalogue.COLUMNS.items()],
    }
