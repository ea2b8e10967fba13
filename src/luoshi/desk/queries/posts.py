"""Posts one may ask the register for（责任岗位）: those of one's area are offered, any is found by its name."""

from __future__ import annotations

from luoshi.rules import paths
from luoshi.rules.permissions import Actor, Role
from luoshi.units import queries as units
from luoshi.units.models import Post, Unit

OFFERED = 200
"""Posts offered at most; the others are typed."""
IN_CHARGE = (Role.HEAD, Role.OFFICE, Role.HANDLER)
"""Roles of posts that can be in charge of a commitment."""
BETWEEN = " · "


def called(post: Post) -> str:
    """A post with its unit."""
    return f"{post.unit.name}{BETWEEN}{post.title}"


def offered(actor: Actor, unit: Unit | None = None) -> list[str]:
    """What posts are called, from the top down, in a unit or, without one, in the actor's whole area.

    A unit outside the area counts as none.
    """
    area = actor.effective.area_path
    top = unit.path if unit is not None and paths.within(unit.path, area) else area
    posts = Post.objects.filter(**paths.subtree("unit__path", top), active=True, role__in=IN_CHARGE)
    return [called(post) for post in posts.select_related("unit").order_by("unit__path", "ref")[:OFFERED]]


def find(actor: Actor, text: str) -> Post:
    """The post meant by its number, by “unit · title”, or by a title in the actor's area.

    Raises:
        Refused: ``post_unknown``, ``post_ambiguous``, ``unit_unknown``, ``unit_ambiguous``.
    """
    text = text.strip()
    numbered = Post.objects.select_related("unit").filter(ref=text).first()
    if numbered is not None:
        return numbered
    home = Unit.objects.get(path=actor.effective.area_path)
    name, between, title = text.rpartition(BETWEEN.strip())
    return units.find_post(title, units.find_unit(name, home) if between and name.strip() else home)
