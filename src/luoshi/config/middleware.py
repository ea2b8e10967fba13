"""What every request carries and how every refusal of a page is shown（页面中间件）.

Nothing here asks the database for a request that needs nothing: the seat, the seats, the demonstration's persons and
the count of unread messages are read when a page first looks at them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, cached_property
from typing import Any, cast

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.core.cache import cache as memory
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext

from luoshi.accounts.models import User
from luoshi.delivery.models import Programme
from luoshi.office.queries.messages import unread_count
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused, declare, gettext_noop
from luoshi.ui.sentences import refusal_context
from luoshi.units.queries import SeatChoice, actor_for_request, seats_of

_ = gettext_noop
declare(401, signed_out=_("You are not signed in any more. Sign in in another tab and send again; nothing is lost."))

GetResponse = Callable[[HttpRequest], HttpResponseBase]

OPEN_NAMES = frozenset({"healthz", "accounts:language", "accounts:switch"})
"""Pages for everybody; views that are open by themselves say so with ``login_not_required``."""
DEMO_SECONDS = 10
"""How long an answer to “is there a demonstration?” is believed."""
TEMPLATES = {403: "ui/no_permission.html", 404: "404.html"}


class Known:
    """What a request knows about who asks（请求所知）; each part is read at most once, when first looked at."""

    user: Any

    @cached_property
    def seat_choices(self) -> list[SeatChoice]:
        """Every seat the person may act from now."""
        return seats_of(self.user, timezone.now()) if self.user.is_authenticated else []

    @cached_property
    def actor(self) -> Actor | None:
        """The person in a seat, or None when nobody is signed in or he holds no post."""
        if not self.user.is_authenticated:
            return None
        try:
            return actor_for_request(cast("HttpRequest", self), timezone.now())
        except Refused:
            return None

    @cached_property
    def seats(self) -> list[dict[str, Any]]:
        """The seats the person may choose, with the one he acts from marked."""
        actor = self.actor
        if actor is None:
            return []
        found = []
        for choice in self.seat_choices:
            if choice.principal is None:
                label = gettext("%(post)s, %(unit)s") % {"post": choice.seat.title, "unit": choice.unit_name}
            else:
                label = gettext("for %(post)s, %(unit)s") % {
                    "post": choice.principal.title,
                    "unit": choice.principal_unit_name,
                }
            found.append({"key": choice.key, "label": label, "current": choice.held_by(actor)})
        return found

    @cached_property
    def unread(self) -> int:
        """Unread messages of the post."""
        actor = self.actor
        return unread_count(actor) if actor else 0

    @cached_property
    def demo(self) -> bool:
        """Whether demonstration data is here, so that every page says 演示."""
        known = memory.get("luoshi.demo")
        if known is None:
            known = Programme.objects.filter(is_demo=True).exists()
            memory.set("luoshi.demo", known, DEMO_SECONDS)
        return bool(known)

    @cached_property
    def demo_people(self) -> list[dict[str, str]]:
        """Persons of the demonstration one may become without signing out; none unless ``LUOSHI_DEMO`` allows it."""
        if not settings.DEMO or not self.demo:
            return []
        people = User.objects.filter(is_demo=True, is_active=True, is_superuser=False).order_by("pk")[:30]
        return [{"username": person.username, "label": person.shown_name} for person in people]


@cache
def knowing(kind: Any) -> Any:
    """The request class ``kind`` with what is known added; one a kind of server."""
    return type(f"Known{kind.__name__}", (Known, kind), {})


def know(get_response: GetResponse) -> GetResponse:
    """Middleware: requests know who asks."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        kind: Any = type(request)
        request.__class__ = knowing(kind)
        return get_response(request)

    return middleware


class SignedIn(LoginRequiredMiddleware):
    """Every page asks for a sign-in unless it says otherwise（登录要求）; the API has its own."""

    def process_view(
        self, request: HttpRequest, view_func: Callable[..., Any], view_args: Any, view_kwargs: Any
    ) -> HttpResponseBase | None:
        """Let open pages and the API pass; ask the rest to sign in."""
        match = request.resolver_match
        if match is not None and (match.view_name in OPEN_NAMES or match.namespaces[:1] == ["api-v1"]):
            return None
        answer: HttpResponseBase | None = super().process_view(request, view_func, view_args, view_kwargs)
        return answer

    def handle_no_permission(self, request: HttpRequest, view_func: Callable[..., Any]) -> Any:
        """Send to the sign-in; a form sent by script is told to keep what was written."""
        if request.headers.get("X-Requested-With") == "luoshi" or request.headers.get("HX-Request"):
            return refused_page(request, Refused("signed_out"))
        return super().handle_no_permission(request, view_func)


class Refusals:
    """A refusal that no view caught becomes the fitting page, with its code and status（不予办理页）."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The page of a refusal; anything else stays an error."""
        return refused_page(request, exception) if isinstance(exception, Refused) else None


def refused_page(request: HttpRequest, refused: Refused) -> HttpResponse:
    """The page that says why something was refused."""
    template = TEMPLATES.get(refused.status, "config/refused.html")
    response = render(request, template, {"refusal": refusal_context(refused)}, status=refused.status)
    response["Cache-Control"] = "no-store"
    return response
