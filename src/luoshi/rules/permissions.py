"""Who acts: seats, actors, roles and standings（岗位、身份）.

A *seat* is a post at the moment of the act; an *actor* is a person in a seat, perhaps for another seat
（X for Y, a deputy）. Principle 1: accountability hangs on a post; principle 3: three different hands.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    """What a post is for（岗位职责）."""

    HEAD = "head"  # 主要负责人
    OFFICE = "office"  # 督查室
    HANDLER = "handler"  # 经办
    VERIFIER = "verifier"  # 核查
    DUTY = "duty"  # 值班
    AUDITOR = "auditor"  # 审计
    ADMINISTRATOR = "administrator"  # 管理员
    SYSTEM = "system"  # the clock, acting by itself


@dataclass(frozen=True, slots=True)
class Seat:
    """A post as it stood when the act was done.

    ``unit_path`` is the stored path of the post's unit; ``area_path`` the path of the area that unit is or belongs to.
    """

    post_id: int
    post_ref: str
    title: str
    role: Role
    unit_id: int
    unit_path: str
    area_path: str


@dataclass(frozen=True, slots=True)
class Actor:
    """A person in a seat, perhaps acting for a principal's seat（“X for Y”）.

    ``kin`` holds the ids of users who are, at this moment, deputies of this person's posts, principals whose posts
    this person deputises, or co-holders of either: nobody of that set may be another of the three hands.
    """

    user_id: int
    username: str
    name: str
    seat: Seat
    principal: Seat | None = None
    kin: Set[int] = field(default_factory=frozenset)

    @property
    def effective(self) -> Seat:
        """The seat whose powers are used: the principal's when deputising, else the person's own."""
        return self.principal or self.seat

    @property
    def role(self) -> Role:
        """The role of the effective seat."""
        return self.effective.role


def receives_documents(actor: Actor) -> bool:
    """Whether the post works at the desk of intake（收文）: the office of an area, or the head of the area itself."""
    seat = actor.effective
    return actor.role is Role.OFFICE or (actor.role is Role.HEAD and seat.unit_path == seat.area_path)


SYSTEM = Actor(
    user_id=0,
    username="system",
    name="system",
    seat=Seat(post_id=0, post_ref="system", title="system", role=Role.SYSTEM, unit_id=0, unit_path="", area_path=""),
)
"""The clock（系统）: the actor of the tick and of period items it opens."""
