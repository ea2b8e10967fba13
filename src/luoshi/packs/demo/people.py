"""人物: the posts and the invented persons of the demonstration, named like roles; one person a post."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from luoshi.accounts import services as accounts
from luoshi.packs.demo.stage import Stage
from luoshi.packs.schema.story import Story, StoryCommitment, StoryDuty
from luoshi.rules.permissions import SYSTEM
from luoshi.units import services as units
from luoshi.units.models import Unit

PASSWORD = "luoshi-demo"  # noqa: S105 - the documented password of a demonstration on a developer's machine
BODY = "第三方评估组"
"""The independent body that verifies what provincial units claim."""
SUCCESSOR = "handed-over"
"""The sign-in name of the person who takes a post over half-way."""

TITLES = {"head": "负责人", "handler": "经办", "office": "督查专员", "verifier": "核查岗"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A post to be set up and its holder."""

    unit: Unit
    role: str
    title: str
    username: str
    name: str


def wanted(stage: Stage, story: Story, body: Unit) -> list[Wanted]:
    """Every post with its holder: those of the story first, those on the demo bar before all others."""
    found: dict[tuple[int, str, str], Wanted] = {}
    taken: set[tuple[int, str]] = set()
    for person in sorted(story.persons, key=lambda one: not one.on_bar):
        if person.unit.area not in stage.areas:
            continue
        unit = stage.unit(person.unit)
        taken.add((unit.pk, person.role))
        found[unit.pk, person.role, person.username] = Wanted(
            unit, person.role, person.post.zh, person.username, person.name.zh
        )
    for unit, role in _seats(stage, story, body):
        if (unit.pk, role) in taken:
            continue
        taken.add((unit.pk, role))
        area = next((one for one in stage.areas.values() if one.pk == unit.area_id), None)
        place = "-".join(part for part in (area.code if area else "body", unit.standard_key) if part)
        name = f"演示·{unit.name}{TITLES[role]}"
        found[unit.pk, role, ""] = Wanted(unit, role, f"{unit.name}{TITLES[role]}"[:80], f"{place}-{role}", name[:64])
    return list(found.values())


def _seats(stage: Stage, story: Story, body: Unit) -> Iterator[tuple[Unit, str]]:
    """Which posts are needed to act: heads and handlers everywhere, somebody independent at every level."""
    yield body, "verifier"
    province = stage.province
    yield stage.departments[province.code, "audit"], "verifier"
    for key in dict.fromkeys(line.department for line in story.lines):
        yield stage.departments[province.code, key], "head"
    told: list[StoryCommitment | StoryDuty] = [*story.commitments, *story.duties]
    for one in told:
        lead, issuer = stage.unit(one.lead), stage.unit(one.issuer)
        yield lead, "handler"
        yield issuer, "office" if one.issuer.department == "supervision" else "head"
    for commitment in story.commitments:
        for seat in commitment.supporting:
            yield stage.unit(seat), "handler"
    for prefecture in stage.below[province.pk]:
        yield prefecture, "head"
        yield prefecture, "handler"
        yield stage.departments[prefecture.code, "audit"], "verifier"
        for county in stage.below.get(prefecture.pk, ()):
            yield county, "head"
            yield county, "handler"
            if prefecture.code == story.prefecture:
                for township in stage.below.get(county.pk, ()):
                    yield township, "handler"


def settle(stage: Stage, story: Story, body: Unit, *, from_on: date, at: datetime, password: str) -> None:
    """Set the posts up, add the persons and seat them; three acts, whatever their number."""
    needed = wanted(stage, story, body)
    specs = [units.PostSpec(one.unit.pk, one.title, one.role) for one in needed]
    posts = units.create_posts(actor=SYSTEM, at=at, specs=specs)
    persons = [(one.username, one.name) for one in needed] + [(SUCCESSOR, "演示·接任经办")]
    users = accounts.create_demo_persons(persons=persons, actor=SYSTEM, at=at, password=password)
    seatings = [
        units.Seating(post.ref, users[one.username].pk, from_on) for post, one in zip(posts, needed, strict=True)
    ]
    units.seat_holders(actor=SYSTEM, at=at, seatings=seatings)
    for post, one in zip(posts, needed, strict=True):
        stage.posts.setdefault((one.unit.pk, one.role), post.ref)
        stage.persons[one.username] = post.ref
        stage.holders[post.ref] = users[one.username]
    stage.holders[SUCCESSOR] = users[SUCCESSOR]


def stand_in(stage: Stage, story: Story, *, from_on: date, at: datetime) -> None:
    """Appoint the deputies of the story（代理）, by its administrator."""
    administrator = stage.actor(stage.persons["administrator"], at)
    for person in story.persons:
        if person.acts_for is None:
            continue
        units.appoint_deputy(
            actor=administrator,
            at=at,
            principal_ref=stage.persons[person.acts_for],
            deputy_ref=stage.persons[person.username],
            from_on=from_on,
            until_on=from_on + timedelta(days=365),
            reason="演示：外出期间代理",
        )
        for username in (person.username, person.acts_for):
            stage.actors.pop(stage.persons[username], None)


def hand_over(stage: Stage, post_ref: str, lines: list[str], *, at: datetime, on: date) -> None:
    """Hand one post to its next holder with the list of open commitments（交接）."""
    units.hand_over_post(
        actor=stage.actor(stage.persons["administrator"], at),
        at=at,
        post_ref=post_ref,
        to_user_id=stage.holders[SUCCESSOR].pk,
        on=on,
        items=lines,
        note="演示：岗位调整，在办事项逐项交接",
    )
    stage.holders[post_ref] = stage.holders[SUCCESSOR]
    stage.actors.pop(post_ref, None)
