"""The one API of the installation（接口）at ``/api/v1``: the applications' routers under one roof.

Every POST takes an ``Idempotency-Key``; acts take the version looked at in ``If-Match``; whatever is refused is a
problem with the code that pages and commands give, too. The description is at ``/api/v1/docs``.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import NinjaAPI
from ninja.errors import HttpError
from ninja.openapi.schema import OpenAPISchema
from ninja.parser import Parser
from ninja.renderers import JSONRenderer
from ninja.responses import NinjaJSONEncoder
from pydantic import BaseModel

from luoshi import __version__
from luoshi.accounts import services as accounts
from luoshi.accounts.api import AUTH
from luoshi.assurance.api import routers as assurance_routers
from luoshi.config import problems
from luoshi.config.ledger_api import router as ledger_router
from luoshi.delivery.api import router as delivery_router
from luoshi.desk.api import routers as desk_routers
from luoshi.intake.api import router as intake_router
from luoshi.intake.api.news import router as news_router
from luoshi.meetings.api import routers as meeting_routers
from luoshi.office.api import router as office_router
from luoshi.rules.refusals import Refused
from luoshi.units.api import router as units_router

SURROGATE_OR_NUL = re.compile(r"[\x00\ud800-\udfff]")


class StrictParser(Parser):
    """JSON bodies that a database can hold: no NUL, no half of a character, no NaN."""

    def parse_body(self, request: HttpRequest) -> Any:
        """The body as data; anything unreadable is refused with 400."""
        body = request.body
        if not body.strip():
            return {}
        try:
            data = json.loads(body.decode("utf-8"), parse_constant=_no_constant)
            if b"\\u" in body and SURROGATE_OR_NUL.search(json.dumps(data, ensure_ascii=False)):
                raise ValueError("a half of a character")
            if b"\\u0000" in body and "\\u0000" in json.dumps(data).replace("\\\\", ""):
                raise ValueError("a NUL")
        except (ValueError, RecursionError) as error:
            raise HttpError(400, "unreadable") from error
        return data


def _no_constant(name: str) -> Any:
    raise ValueError(name)


class Replay(Exception):  # noqa: N818 - not an error: this was answered before
    """This key was answered before; the answer is given again and nothing is done."""

    def __init__(self, answer: accounts.Answer) -> None:
        self.answer = answer


class KeyReused(Exception):  # noqa: N818 - carries a refusal
    """This key was sent before with another request."""

    def __init__(self, refused: Refused) -> None:
        self.refused = refused


def once(view: Callable[..., Any]) -> Callable[..., Any]:
    """One act for one key（幂等）: the answer is kept in the transaction of the act and given again on a repeat."""

    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        key = request.headers.get("Idempotency-Key", "")
        if request.method != "POST" or not key:
            return view(request, *args, **kwargs)
        user = request.user
        digest = accounts.request_digest("POST", request.get_full_path(), _said(request))
        with transaction.atomic():
            try:
                known = accounts.replay(user=user, key=key, digest=digest)  # type: ignore[arg-type]
            except Refused as refused:
                raise KeyReused(refused) from refused
            if known is not None:
                raise Replay(known)
            result = view(request, *args, **kwargs)
            body = _plain(result)
            accounts.remember(
                user=user,  # type: ignore[arg-type]
                key=key,
                digest=digest,
                status=200,
                body=_without_secret(body),
                at=timezone.now(),
            )
        return result

    return inner


def _said(request: HttpRequest) -> bytes:
    """What the request says: body and version; for a file, the digest of its content and its name."""
    if request.content_type == "multipart/form-data":
        whole = hashlib.sha256()
        for name, upload in sorted(request.FILES.items()):
            whole.update(f"{name}\n{upload.name}\n".encode())  # type: ignore[union-attr]
            for piece in upload.chunks():  # type: ignore[union-attr]
                whole.update(piece)
            upload.seek(0)  # type: ignore[union-attr]
        said = whole.digest()
    else:
        said = request.body
    return said + b"\n" + request.headers.get("If-Match", "").encode()


def _plain(result: Any) -> Any:
    """The answer as JSON data, exactly as it is sent."""
    if isinstance(result, list):
        return [_plain(item) for item in result]
    if isinstance(result, BaseModel):
        return json.loads(json.dumps(result.model_dump(), cls=NinjaJSONEncoder))
    return result


def _without_secret(body: Any) -> Any:
    """What is secret is told once and kept nowhere, not even in an answer to be given again."""
    if isinstance(body, dict) and body.get("secret"):
        body = {**body, "secret": None}
    if isinstance(body, dict) and isinstance(body.get("link"), dict):
        return {**body, "link": {**body["link"], "secret": None}}
    return body


class Readable(JSONRenderer):
    """JSON that people can read, too: Chinese as it is, not escaped."""

    json_dumps_params = {"ensure_ascii": False}


KEY_PARAMETER = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "schema": {"type": "string", "minLength": 8, "maxLength": 128, "pattern": "^[!-~]+$"},
    "description": "The same key with the same request gives the same answer and does nothing twice.",
}
VERSION_PARAMETER = {
    "in": "header",
    "name": "If-Match",
    "required": False,
    "schema": {"type": "string", "pattern": '^"[0-9]{1,15}"$', "examples": ['"3"']},
    "description": "The version looked at, from ETag. Without it 428; when somebody acted meanwhile 412.",
}


class Api(NinjaAPI):
    """NinjaAPI whose description tells of keys, versions and problems."""

    def get_openapi_schema(self, *args: Any, **kwargs: Any) -> OpenAPISchema:
        """The description, with what every operation has in common."""
        schema: OpenAPISchema = super().get_openapi_schema(*args, **kwargs)
        parts = schema["components"]["schemas"]
        whole = problems.Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        parts.update(whole.pop("$defs", {}))
        parts["Problem"] = whole
        refusal = {
            "description": "Refused: a problem with its code; nothing was changed.",
            "content": {problems.TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for operations in schema["paths"].values():
            for method, operation in operations.items():
                done = {str(status): told for status, told in operation["responses"].items()}
                done = {status: told for status, told in done.items() if not status.startswith("4")}
                operation["responses"] = {**done, "4XX": refusal}
                if method == "post":
                    operation.setdefault("parameters", []).append(KEY_PARAMETER)
                if operation.pop("x-if-match", False):
                    operation["parameters"].append(VERSION_PARAMETER)
        return schema


api = Api(
    title="Luoshi（落实）",
    version=__version__,
    description=__doc__ or "",
    auth=AUTH,
    urls_namespace="api-v1",
    parser=StrictParser(),
    renderer=Readable(),
)
api.add_decorator(once, mode="operation")
problems.attach(api)


@api.exception_handler(Replay)
def replayed(request: HttpRequest, known: Replay) -> HttpResponse:
    """Give the answer again; ``Idempotent-Replayed`` says so."""
    response: HttpResponse = api.create_response(request, known.answer.body, status=known.answer.status)
    response["Idempotent-Replayed"] = "true"
    if isinstance(known.answer.body, dict) and "version" in known.answer.body:
        response["ETag"] = f'"{known.answer.body["version"]}"'
    return response


@api.exception_handler(KeyReused)
def reused(request: HttpRequest, error: KeyReused) -> HttpResponse:
    """Another request under a known key is wrong input."""
    return problems.problem(error.refused, status=422)


for router in (
    delivery_router,
    intake_router,
    news_router,
    *assurance_routers,
    *meeting_routers,
    *desk_routers,
    units_router,
    office_router,
    ledger_router,
):
    api.add_router("", router)
