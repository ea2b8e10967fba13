"""Addresses for the tests of units and accounts."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from ninja import NinjaAPI

from luoshi.accounts.api import AUTH
from luoshi.accounts.urls import account_urlpatterns
from luoshi.rules.refusals import Refused
from luoshi.units.api import router

api = NinjaAPI(auth=AUTH, urls_namespace="units-test-api")
api.add_router("", router)


@api.exception_handler(Refused)
def refused(request: HttpRequest, refusal: Refused) -> HttpResponse:
    return api.create_response(request, {"code": refusal.code}, status=refusal.status)


urlpatterns = [
    path("units/", include("luoshi.units.urls")),
    path("accounts/", include("luoshi.accounts.urls")),
    path("account/", include(account_urlpatterns)),
    path("api/", api.urls),
]
