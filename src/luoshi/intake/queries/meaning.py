"""What the words of a document mean（认单位）: which unit of the tree, all below, several, or none; never a guess."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

from django.db.models import Q

from luoshi.delivery.queries import possible_leads
from luoshi.intake.models import DraftItem
from luoshi.rules.documents import drafts
from luoshi.rules.paths import within
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused
from luoshi.units.models import Kind, Level, Unit
from luoshi.units.queries import areas_below, find_unit

_BELOW: Final = {
    Level.PROVINCE.value: re.compile(r"(?:全省)?(?:各|16个|十六个)(?:州|市)"),
    Level.PREFECTURE.value: re.compile(r"(?:全[市州])?各(?:县|区|市)"),
    Level.COUNTY.value: re.compile(r"(?:全[县区市])?各(?:乡|镇|街道)"),
    Level.TOWNSHIP.value: re.compile(r"(?:全[乡镇])?各(?:村|社区)"),
}
_PREFIX: Final = {
    Level.PROVINCE.value: "省",
    Level.PREFECTURE.value: "市州",
    Level.COUNTY.value: "县区市",
    Level.TOWNSHIP.value: "乡镇",
}
_NOISE: Final = re.compile(r"[\s和与及、（）()]|人民政府|办公室$")


def _short(words: str) -> str:
    return _NOISE.sub("", words)


def _inside(short: str, full: str) -> bool:
    """Whether ``short`` abbreviates ``full``: the same signs in the same order, beginning alike."""
    if len(short) < 2 or not full or short[0] != full[0]:
        return False
    signs = iter(full)
    return all(sign in signs for sign in short)


class Meaning:
    """Reads names of units within one area（认单位）; every wording is looked up once."""

    def __init__(self, actor: Actor, area: Unit) -> None:
        """Fetch the area's departments that may lead: one statement."""
        self.actor = actor
        self.area = area
        self.departments = list(
            possible_leads(self.actor).filter(area=self.area).exclude(kind__in=[Kind.AREA, Kind.STATISTICAL])
        )
        self.kept: dict[str, dict[str, Any]] = {}

    def of(self, words: str) -> dict[str, Any]:
        """``state`` found, below, unclear or unknown, with ``unit``, ``below`` or ``candidates``; never a guess."""
        plain = re.sub(r"\s+", "", drafts.readable(words, simplify=True))
        if plain not in self.kept:
            self.kept[plain] = self._look(plain)
        return dict(self.kept[plain])

    def _look(self, words: str) -> dict[str, Any]:
        below = _BELOW.get(self.area.level)
        if below is not None and below.match(words):
            return {"state": "below", "unit": None, "below": True, "candidates": []}
        try:
            unit = find_unit(words, self.area)
        except Refused as refused:
            if refused.code == "unit_ambiguous":
                return self._several(Q(name=words) | Q(short_name=words) | Q(aliases__icontains=words), words)
        else:
            if within(unit.path, self.area.path) and unit.receives:
                return {"state": "found", "unit": unit.pk, "below": False, "candidates": []}
        return self._abbreviated(words)

    def _several(self, match: Q, words: str) -> dict[str, Any]:
        inside = list(possible_leads(self.actor).filter(match).order_by("path").values_list("pk", flat=True)[:12])
        return {"state": "unclear", "unit": None, "below": False, "candidates": inside}

    def _abbreviated(self, words: str) -> dict[str, Any]:
        tries = [words]
        if words[:1] in _PREFIX.get(self.area.level, ""):
            tries.append(words[1:])
        if words.startswith(self.area.name):
            tries.append(words.removeprefix(self.area.name))
        fits = {
            unit.pk
            for unit in self.departments
            for told in tries
            for name in (unit.name.removeprefix(self.area.name), unit.short_name, *map(str, unit.aliases))
            for full in (_short(name), _short(name)[1:] if name[:1] in _PREFIX.get(self.area.level, "") else "")
            if _inside(_short(told), full)
        }
        if len(fits) == 1:
            return {"state": "found", "unit": fits.pop(), "below": False, "candidates": []}
        return {
            "state": "unclear" if fits else "unknown",
            "unit": None,
            "below": False,
            "candidates": sorted(fits)[:12],
        }

    def fill(self, units: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
        """The units of an item with what their words mean."""
        return [{**one, **self.of(str(one["words"]))} for one in units]


def units_named(items: Iterable[DraftItem]) -> dict[int, Unit]:
    """Every unit that items name or might mean; one statement."""
    wanted = {pk for item in items for one in item.units for pk in [one.get("unit"), *one.get("candidates", [])] if pk}
    return Unit.objects.in_bulk(wanted)


def receivers_below(area: Unit) -> list[Unit]:
    """The areas one level below, all of which lead an item for 各州（市）."""
    return list(areas_below(area))


def leads_named(actor: Actor, area: Unit, limit: int = 400) -> list[str]:
    """Names to choose a lead from: the area's departments and the areas one level below; one statement."""
    near = Q(area=area, kind__in=[Kind.DEPARTMENT, Kind.BODY]) | Q(parent=area, kind=Kind.AREA)
    return list(
        possible_leads(actor).filter(near).order_by("kind", "code", "pk").values_list("name", flat=True)[:limit]
    )
