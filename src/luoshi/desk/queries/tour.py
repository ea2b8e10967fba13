"""The guided tour（导览）: the steps a demonstration programme keeps in its settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from luoshi.delivery.models import Commitment, Programme
from luoshi.delivery.models.programmes import in_language
from luoshi.delivery.queries import programmes, visible
from luoshi.rules.permissions import Actor


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what to look at, and the commitment it is about when it lies within sight."""

    number: int
    ref: str
    title: str
    text: str
    url: str
    person: str
    anchor: str
    commitment: Commitment | None


@dataclass(frozen=True, slots=True)
class Tour:
    """A step and how many there are."""

    programme: Programme
    step: Step
    count: int


def tour(actor: Actor, number: int) -> Tour | None:
    """Step ``number`` (from 1; beyond the ends: the nearest); ``None`` without a demonstration. Two statements."""
    told: list[dict[str, Any]]
    for programme in programmes(actor).filter(is_demo=True):
        told = programme.settings.get("tour") or []
        if told:
            break
    else:
        return None
    number = max(1, min(number, len(told)))
    one = told[number - 1]
    ref = str(one.get("ref") or "")
    url = str(one.get("url") or "")
    step = Step(
        number=number,
        ref=ref,
        title=in_language(str(one.get("title_zh") or ""), str(one.get("title_en") or "")),
        text=in_language(str(one.get("text_zh") or ""), str(one.get("text_en") or "")),
        url=url if url.startswith("/") and not url.startswith("//") else "",
        person=str(one.get("person") or ""),
        anchor=str(one.get("anchor") or ""),
        commitment=visible(actor).filter(ref=ref).first() if ref else None,
    )
    return Tour(programme, step, len(told))
