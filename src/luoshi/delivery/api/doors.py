"""What every operation reads: references, pages, the version looked at（接口公用）; and the router they hang on."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Path, Query, Router

from luoshi.rules.refusals import Refused, gettext_noop

_ = gettext_noop
router = Router(tags=["commitments"])

RefPath = Annotated[str, Path(min_length=1, max_length=40, pattern=r"^[^\x00]+$")]
KeyPath = Annotated[str, Path(min_length=1, max_length=60, pattern=r"^[-0-9A-Za-z_]+$")]
Ref = Annotated[str, Query(max_length=40, pattern=r"^[^\x00]*$")]
Key = Annotated[str, Query(max_length=60, pattern=r"^[-0-9A-Za-z_]*$")]
Number = Annotated[int | None, Query(ge=1, le=2**53)]
Start = Annotated[int, Query(ge=0, le=1_000_000)]
Limit = Annotated[int, Query(ge=1, le=200)]
PieceId = Annotated[int, Path(ge=1, le=2**53)]
Digest = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]
Step = Literal["accept", "break-down", "assign", "report"]
LevelName = Literal["", "province", "prefecture", "county", "township", "village"]
Light = Literal["", "grey", "green", "yellow", "red", "blue"]

VERSION = re.compile(r'(?:W/)?"?(\d{1,15})"?')
NEEDS_VERSION = {"x-if-match": True}
"""Marks operations that read ``If-Match``, for the description of the API."""


def version_of(request: HttpRequest) -> int | None:
    """The version in ``If-Match``, or None without the header.

    Raises:
        Refused: ``bad_input`` when it is no version.
    """
    told = request.headers.get("If-Match", "").strip()
    if not told:
        return None
    match = VERSION.fullmatch(told)
    if match is None:
        raise Refused("bad_input", field="If-Match", problem=_('a version is a whole number, such as "3"'))
    return int(match[1])


def needed_version(request: HttpRequest) -> int:
    """The version in ``If-Match``.

    Raises:
        Refused: ``bad_input`` when it is no version, ``version_missing`` without the header.
    """
    version = version_of(request)
    if version is None:
        raise Refused("version_missing")
    return version


def tagged(response: HttpResponse, version: int) -> None:
    """Tell the version that stands now, for the next act's ``If-Match``."""
    response["ETag"] = f'"{version}"'
