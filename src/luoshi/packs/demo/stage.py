"""舞台: units, posts and persons of the demonstration, looked up by place and role while the acts run."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from luoshi.accounts.models import User
from luoshi.packs.schema.story import Seat
from luoshi.rules.permissions import Actor
from luoshi.units import queries
from luoshi.units.models import Unit


@dataclass(slots=True)
class Stage:
    """Who stands where: areas by code, departments by area and key, posts by unit and role, holders by post."""

    areas: dict[str, Unit] = field(default_factory=dict)
    below: dict[int, list[Unit]] = field(default_factory=dict)
    departments: dict[tuple[str, str], Unit] = field(default_factory=dict)
    posts: dict[tuple[int, str], str] = field(default_factory=dict)
    persons: dict[str, str] = field(default_factory=dict)
    holders: dict[str, User] = field(default_factory=dict)
    actors: dict[str, Actor] = field(default_factory=dict)

    def unit(self, seat: Seat) -> Unit:
        """The unit a seat of the story names."""
        return self.departments[seat.area, seat.department] if seat.department else self.areas[seat.area]

    @property
    def province(self) -> Unit:
        """The area at the top."""
        return next(unit for unit in self.areas.values() if unit.parent_id is None)

    def set_units(self, units: list[Unit]) -> None:
        """Take the standing units in, ordered by code."""
        self.areas = {unit.code: unit for unit in units if unit.is_area}
        codes = {unit.pk: unit.code for unit in units if unit.is_area}
        self.departments = {(codes[u.area_id], u.standard_key): u for u in units if u.standard_key}
        self.below = {}
        for unit in sorted(units, key=lambda one: one.code):
            if unit.kind == "area" and unit.receives and unit.parent_id is not None:
                self.below.setdefault(unit.parent_id, []).append(unit)

    def post(self, unit: Unit, *roles: str) -> str:
        """The first post of the unit that has one of the roles, in the order of the roles (``KeyError``: none)."""
        for role in roles:
            if (unit.pk, role) in self.posts:
                return self.posts[unit.pk, role]
        raise KeyError(f"{unit.name}: {roles}")

    def actor(self, post_ref: str, at: datetime) -> Actor:
        """The holder of a post as an actor; remembered until somebody takes over."""
        if post_ref not in self.actors:
            self.actors[post_ref] = queries.actor_for(self.holders[post_ref], post_ref=post_ref, at=at)
        return self.actors[post_ref]
