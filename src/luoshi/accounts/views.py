"""Pages of accounts（账户页面）: language, the demonstration's change of person."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from luoshi.accounts import services
from luoshi.accounts.models import User
from luoshi.rules.refusals import Refused


def back(request: HttpRequest) -> str:
    """The page to return to: ``next`` or the referring page, never another site."""
    for target in (request.POST.get("next", ""), request.headers.get("referer", "")):
        if target and url_has_allowed_host_and_scheme(
            target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
        ):
            return target
    return "/"


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Choose the language（选择语言）: kept in a cookie, and with the person when signed in."""
    user = request.user if isinstance(request.user, User) else None
    response = HttpResponseRedirect(back(request))
    try:
        chosen = services.choose_language(user=user, language=request.POST.get("language", ""))
    except Refused as refusal:
        messages.error(request, gettext(refusal.template) % refusal.params)
        return response
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        chosen,
        max_age=365 * 24 * 3600,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
    )
    return response


@require_POST
def switch(request: HttpRequest) -> HttpResponse:
    """Become another person of the demonstration（切换演示人物）without signing out."""
    try:
        person = services.demo_person(request.POST.get("username", ""))
    except Refused as refusal:
        return HttpResponse(
            gettext(refusal.template) % refusal.params, status=refusal.status, content_type="text/plain"
        )
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
    login(request, person, backend="luoshi.accounts.adapters.sign_in.Passwords")
    for name in ("post_ref", "principal_ref"):
        request.session.pop(name, None)
    response = HttpResponseRedirect((request.POST.get("next") and back(request)) or "/")
    if not chosen and person.language:
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, person.language, samesite="Lax", httponly=True)
    return response


@login_required
@require_POST
def seat(request: HttpRequest) -> HttpResponse:
    """Choose the seat one acts from（选择岗位）: ``post`` or ``post|principal``; it is checked anew at every act."""
    post_ref, _bar, principal_ref = request.POST.get("seat", "")[:140].partition("|")
    for name, value in (("post_ref", post_ref), ("principal_ref", principal_ref)):
        if value:
            request.session[name] = value
        else:
            request.session.pop(name, None)
    return HttpResponseRedirect(back(request))
