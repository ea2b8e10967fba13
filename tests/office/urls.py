"""Addresses for the tests of the office."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from ninja import NinjaAPI

from luoshi.accounts.api import AUTH
from luoshi.office.api import router
from luoshi.rules.refusals import Refused

api = NinjaAPI(auth=AUTH, urls_namespace="office-tests")
api.add_router("", router)


@api.exception_handler(Refused)
def refused(request: HttpRequest, error: Refused) -> HttpResponse:
    return api.create_response(request, {"code": error.code, "detail": str(error)}, status=error.status)


urlpatterns = [
    path("office/", include("luoshi.office.urls")),
    path("api/", api.urls),
    path("login/", lambda request: HttpResponse(), name="account_login"),
]
