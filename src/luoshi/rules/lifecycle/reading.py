"""What an actor is to a commitment, read from seats and paths（身份判定）."""

from __future__ import annotations

from luoshi.rules.lifecycle.facts import Asked, Facts
from luoshi.rules.lifecycle.standing import Standing
from luoshi.rules.paths import directly_above, within
from luoshi.rules.permissions import Actor, Role, Seat


def independent(facts: Facts, seat: Seat) -> bool:
    """Whether a verifier's seat is outside the claiming unit and its line（第三方）.

    Outside means: not within the lead's area (which covers the lead, its departments, sister departments of the same
    area and everything below), not one of the units that ordered this commitment or one above it in the chain, and not
    an area that contains the lead.
    """
    return not (
        within(seat.unit_path, facts.lead_area_path)
        or seat.unit_id in facts.line_units
        or seat.unit_id in {facts.lead_id, facts.issuer_id}
        or within(facts.lead_path, seat.unit_path)
    )


def speaks_for(seat: Seat, unit_path: str, area_path: str) -> bool:
    """Whether a post acts for a unit: it is the post's own, or the post is the office of the area that the unit is."""
    return seat.unit_path == unit_path or (
        seat.role is Role.OFFICE and unit_path == area_path and seat.area_path == area_path
    )


def answers_for(asked: Asked, actor: Actor) -> bool:
    """Whether a question that lies with this unit is the actor's to reply to or to forward: its head or its office."""
    seat, role = actor.effective, actor.role
    if role not in (Role.HEAD, Role.OFFICE):
        return False
    heads = role is Role.HEAD and seat.unit_path == asked.area_path
    return heads or speaks_for(seat, asked.unit_path, asked.area_path)


def lies_with(facts: Facts) -> tuple[Asked, ...]:
    """With whom the open questions lie; with the issuing side where nothing else is known."""
    return facts.asked or (Asked(facts.issuer_path, facts.issuer_area_path),)


def standings(facts: Facts, actor: Actor) -> frozenset[Standing]:
    """Everything ``actor`` is to this commitment; never empty."""
    seat, role = actor.effective, actor.role
    if role is Role.SYSTEM:
        return frozenset({Standing.SYSTEM})
    found: set[Standing] = set()
    if role is Role.VERIFIER:
        seats = [actor.seat] + ([actor.principal] if actor.principal else [])
        found.add(Standing.VERIFIER if all(independent(facts, one) for one in seats) else Standing.LINE_VERIFIER)
    if role in (Role.HEAD, Role.OFFICE):
        heads_issuer = role is Role.HEAD and seat.unit_path == facts.issuer_area_path
        if speaks_for(seat, facts.issuer_path, facts.issuer_area_path) or heads_issuer:
            found.add(Standing.ISSUER)
        presides = role is Role.OFFICE or seat.unit_path == seat.area_path
        if (
            presides
            and within(facts.lead_path, seat.area_path)
            and not speaks_for(seat, facts.lead_path, facts.lead_area_path)
        ):
            found.add(Standing.SUPERIOR)
    if role in (Role.HEAD, Role.OFFICE, Role.HANDLER):
        if speaks_for(seat, facts.lead_path, facts.lead_area_path):
            found.add(Standing.LEAD_HEAD if role is Role.HEAD else Standing.LEAD_HANDLER)
        elif role is not Role.HEAD and directly_above(seat.area_path, facts.lead_area_path):
            found.add(Standing.PROXY)
        if seat.unit_id in facts.supporting_units:
            found.add(Standing.SUPPORTING)
    return frozenset(found) or frozenset({Standing.READER})
