"""Everything that goes wrong in the API is a problem（RFC 9457）with a code, a title and one sentence."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.http.request import UnreadablePostError
from django.utils.translation import gettext
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.responses import NinjaJSONEncoder
from pydantic import BaseModel

from luoshi.delivery.schemas.performing import NO_FIT, PROBLEMS
from luoshi.rules.refusals import Refused, declare, gettext_noop
from luoshi.ui.sentences import sentence, told

_ = gettext_noop
log = logging.getLogger("luoshi.api")

TYPE = "application/problem+json"

declare(400, unreadable=_("The request could not be read: send valid JSON in UTF-8, or a form for files."))
declare(401, not_signed_in=_("Sign in, or send a valid token: Authorization: Bearer …"))
declare(403, page_too_old=_("The page was open too long or the request came from elsewhere: load the page again."))
declare(404, no_such_address=_("There is no such address; the list is at %(docs)s."))
declare(405, wrong_method=_("This address does not take %(method)s."))
declare(413, too_large=_("The request is too large; files may have up to %(limit)s MB."))
TAKE_FILES = frozenset({"/api/v1/intake/documents", "/api/v1/files", "/api/v1/imports", "/api/v1/visits/results"})
"""What is sent as a form with a file; everything else is JSON."""

declare(415, wrong_type=_("Send %(wanted)s."))
declare(429, too_many=_("Too many requests; wait %(seconds)s seconds."))
declare(500, broke=_("Something broke on our side. It has been recorded; try again with the same key."))

TITLES = {
    400: _("The request could not be read"),
    401: _("Not signed in"),
    403: _("Not yours to do"),
    404: _("Not found"),
    405: _("Not possible here"),
    409: _("The state of things forbids it"),
    412: _("Changed meanwhile"),
    413: _("Too large"),
    415: _("A form that is not understood"),
    422: _("Something does not fit"),
    428: _("The version is missing"),
    429: _("Too many requests"),
    500: _("Something broke"),
}
DOCS = "/api/v1/docs"


class FieldProblem(BaseModel):
    """One field that does not fit."""

    field: str
    problem: str


class Problem(BaseModel):
    """Why a request was not done; nothing was changed."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    params: dict[str, Any] = {}
    errors: list[FieldProblem] = []


def problem(refused: Refused, *, status: int | None = None, errors: list[FieldProblem] | None = None) -> HttpResponse:
    """The answer for a refusal, in the reader's language.

    Args:
        refused: the refusal.
        status: the HTTP status when the API has a more exact one than pages.
        errors: every field that does not fit, for wrong input.
    """
    code = status or refused.status
    body = Problem(
        type=f"urn:luoshi:refusal:{refused.code}",
        title=gettext(TITLES.get(code, TITLES[409])),
        status=code,
        detail=sentence(refused),
        code=refused.code,
        params={name: told(value) for name, value in refused.params.items()},
        errors=errors or [],
    )
    text = json.dumps(body.model_dump(), cls=NinjaJSONEncoder, ensure_ascii=False, default=str)
    response = HttpResponse(text, status=code, content_type=TYPE)
    response["Cache-Control"] = "no-store"
    return response


def for_status(request: HttpRequest, status: int) -> Refused:
    """The refusal that says what a bare HTTP status means here."""
    if status == 403 and not request.user.is_authenticated:
        return Refused("not_signed_in")
    return {
        400: lambda: Refused("unreadable"),
        401: lambda: Refused("not_signed_in"),
        403: lambda: Refused("page_too_old"),
        404: lambda: Refused("no_such_address", docs=DOCS),
        405: lambda: Refused("wrong_method", method=request.method),
        413: lambda: Refused("too_large", limit=settings.EVIDENCE_MAX_BYTES // (1024 * 1024)),
        415: lambda: Refused("wrong_type", wanted="application/json"),
    }.get(status, lambda: Refused("broke"))()


def wrong_input(error: ValidationError) -> HttpResponse:
    """Every field that does not fit; the first one is the sentence, as at the other doors."""
    found = []
    for one in error.errors:
        place = [str(step) for step in one["loc"] if step not in {"body", "query", "path", "header", "form", "file"}]
        # One body parameter is called after itself: ("body", "body", "percent").
        if len(one["loc"]) > 1 and one["loc"][0] == "body":
            place = [str(step) for step in one["loc"][2:]]
        found.append(FieldProblem(field=".".join(place) or "body", problem=gettext(PROBLEMS.get(one["type"], NO_FIT))))
    first = found[0] if found else FieldProblem(field="body", problem=gettext(NO_FIT))
    return problem(Refused("bad_input", field=first.field, problem=first.problem), errors=found)


def attach(api: NinjaAPI) -> None:
    """Teach the one API object to answer with problems."""

    @api.exception_handler(Refused)
    def refused(request: HttpRequest, error: Refused) -> HttpResponse:
        stale = error.code == "stale_version" and "If-Match" in request.headers
        return problem(error, status=412 if stale else None)

    @api.exception_handler(ValidationError)
    def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
        return wrong_input(error)

    @api.exception_handler(HttpError)
    def http(request: HttpRequest, error: HttpError) -> HttpResponse:
        if error.status_code == 429:
            return problem(Refused("too_many", seconds=getattr(error, "wait", None) or 1))
        return problem(for_status(request, error.status_code))

    @api.exception_handler(Http404)
    def missing(request: HttpRequest, error: Http404) -> HttpResponse:
        return problem(Refused("not_found"))

    @api.exception_handler(SuspiciousOperation)
    def suspicious(request: HttpRequest, error: SuspiciousOperation) -> HttpResponse:
        return problem(for_status(request, 413 if isinstance(error, RequestDataTooBig) else 400))

    @api.exception_handler(UnreadablePostError)
    def unreadable(request: HttpRequest, error: UnreadablePostError) -> HttpResponse:
        return problem(for_status(request, 400))

    @api.exception_handler(Exception)
    def broke(request: HttpRequest, error: Exception) -> HttpResponse:
        log.exception("%s %s", request.method, request.path)
        return problem(Refused("broke"))


class ApiProblems:
    """Middleware: what fails before or beside an operation of the API is a problem, too (404, 405, 415 …)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Refuse bodies of a wrong type; turn other errors into problems."""
        if not request.path_info.startswith("/api/v1/"):
            return self.get_response(request)
        if request.method in {"POST", "PUT", "PATCH"} and request.META.get("CONTENT_LENGTH") not in {None, "", "0"}:
            wanted = "multipart/form-data" if request.path_info in TAKE_FILES else "application/json"
            if request.content_type != wanted:
                return problem(Refused("wrong_type", wanted=wanted))
        response = self.get_response(request)
        if response.status_code >= 400 and not response.get("Content-Type", "").startswith(TYPE):
            fresh = problem(for_status(request, response.status_code), status=response.status_code)
            if response.has_header("Allow"):
                fresh["Allow"] = response["Allow"]
            return fresh
        return response
