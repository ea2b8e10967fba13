"""通知: who is told of an act. Outbox rows are written in the act's own transaction and leave after it.

A report tells nobody: who wants to know, looks; nobody is flooded（减负）.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime

from luoshi.delivery.models import Commitment
from luoshi.office import services as office
from luoshi.rules.lifecycle import Act, State
from luoshi.rules.permissions import Actor, Role
from luoshi.rules.refusals import gettext_noop
from luoshi.units.models import Post, Unit

_ = gettext_noop

LEAD = "lead"
ISSUER = "issuer"
VERIFIER = "verifier"

TOLD: dict[Act, tuple[str, str]] = {
    Act.ISSUE: (LEAD, _("Issued to you, to accept by %(accept_by)s: %(title)s")),
    Act.REISSUE: (LEAD, _("Issued to you, to accept by %(accept_by)s: %(title)s")),
    Act.CHANGE_LEAD: (LEAD, _("You lead this now, to accept by %(accept_by)s: %(title)s")),
    Act.INSIST: (LEAD, _("The issuer insists: %(title)s")),
    Act.DECLINE: (ISSUER, _("Declined by %(lead)s: %(title)s")),
    Act.RETURN: (LEAD, _("Returned to you: %(title)s")),
    Act.DISPUTE: (ISSUER, _("%(lead)s disputes a report made for it: %(title)s")),
    Act.APPLY: (VERIFIER, _("To verify: %(title)s (%(lead)s)")),
    Act.VERIFY: (LEAD, _("Verified; you may object until %(object_by)s: %(title)s")),
    Act.CLOSE: (LEAD, _("Closed: %(title)s")),
    Act.CERTIFY: (LEAD, _("Closed by a certificate: %(title)s")),
    Act.REOPEN: (LEAD, _("Reopened: %(title)s")),
    Act.LOOK_BACK: (LEAD, _("Looked back; you may object until %(object_by)s: %(title)s")),
    Act.SUSPEND: (LEAD, _("Suspended: %(title)s")),
    Act.RESUME: (LEAD, _("Resumed: %(title)s")),
    Act.WITHDRAW: (LEAD, _("Withdrawn: %(title)s")),
    Act.ASK_EXTENSION: (ISSUER, _("%(lead)s asks for an extension: %(title)s")),
    Act.DECIDE_EXTENSION: (LEAD, _("Your extension is decided: %(title)s")),
    Act.RE_DATE: (LEAD, _("Your date was moved to %(due_on)s: %(title)s")),
    Act.REQUEST: (ISSUER, _("%(lead)s asks you: %(title)s")),
    Act.TAKE_BACK: (ISSUER, _("%(lead)s takes a question back: %(title)s")),
    Act.BRIEF: (ISSUER, _("%(lead)s tells you, no reply is needed: %(title)s")),
    Act.REPLY: (LEAD, _("Replied to your request: %(title)s")),
    Act.INSTRUCT: (LEAD, _("An instruction was written on: %(title)s")),
    Act.FIND: (LEAD, _("A finding waits for your answer: %(title)s")),
    Act.ANSWER: (ISSUER, _("%(lead)s answered a finding: %(title)s")),
    Act.CONCLUDE: (LEAD, _("A finding is concluded; you may object until %(object_by)s: %(title)s")),
    Act.OBJECT: (ISSUER, _("%(lead)s objects: %(title)s")),
    Act.DECIDE_OBJECTION: (LEAD, _("Your objection is decided: %(title)s")),
}
"""Act → who is told, and in which words."""
FED_BACK = frozenset({Act.CONCLUDE, Act.VERIFY, Act.LOOK_BACK})
"""Acts whose conclusion is fed back to the unit with the day until which it may object."""
MANY = _("Issued to %(units)s units you answer for, to accept by %(accept_by)s: %(title)s")

PART_REOPENED = _("A part was reopened of what you closed: %(title)s")

TO_LEAD = (Role.HEAD, Role.HANDLER)
"""Posts of a lead that are told."""
FOR_LEAD = (Role.HANDLER, Role.OFFICE)
"""Posts of the area above that are told for a unit without posts（代填）."""
_ROLES = {LEAD: TO_LEAD, ISSUER: (Role.HEAD, Role.OFFICE), VERIFIER: (Role.VERIFIER,)}


def posts_of(unit_ids: Iterable[int], roles: Sequence[Role]) -> dict[int, list[Post]]:
    """Unit → its posts of those roles; a unit without posts is answered for by the area directly above."""
    found: dict[int, list[Post]] = defaultdict(list)
    wanted = set(unit_ids)
    for post in Post.objects.filter(unit__in=wanted, active=True, role__in=roles):
        found[post.unit_id].append(post)
    return found


def _addressees(commitment: Commitment, to: str) -> list[Post]:
    unit = {LEAD: commitment.lead, ISSUER: commitment.issuer, VERIFIER: commitment.verifying_unit}[to]
    if unit is None:
        return []
    posts = posts_of([unit.pk], _ROLES[to]).get(unit.pk, [])
    if not posts and to == LEAD and unit.parent_id is not None:
        posts = posts_of([unit.parent_id], (Role.HANDLER, Role.OFFICE)).get(unit.parent_id, [])
    return posts


def tell(act: Act, commitment: Commitment, *, actor: Actor, at: datetime) -> None:
    """Write the messages of an act, if it tells anybody; the actor's own post is not told what it did."""
    if act not in TOLD:
        return
    to, subject = TOLD[act]
    posts = [post for post in _addressees(commitment, to) if post.pk != actor.seat.post_id]
    if posts:
        note, sender = _note(posts, act, commitment), actor.effective.post_id
        office.notify_each([note], kind=f"delivery.{act.value}", subject=subject, at=at, sender=sender)


def tell_of_reopened_part(part: Commitment, *, at: datetime) -> None:
    """Tell the approver of a closed whole that a part of it is open again; it waits for a decision there."""
    if part.parent_id is None:
        return
    closed = Commitment.objects.select_related("lead", "issuer").filter(pk=part.parent_id, state=State.CLOSED)
    whole = closed.first()
    if whole is None:
        return
    note = replace(_note(_addressees(whole, ISSUER), Act.UPHOLD, whole), key=f"{part.ref}:{part.version}:uphold")
    office.notify_each([note], kind=f"delivery.{Act.UPHOLD.value}", subject=PART_REOPENED, at=at)


def tell_parts(parts: Sequence[Commitment], *, at: datetime) -> None:
    """Tell the leads of new parts; units without posts are told through the area above（代填）.

    Who answers for many units is told once of all of them, with their number, and finds them under the part they
    belong to: a township with twelve villages gets one message, not twelve（减负）.
    """
    direct = posts_of((part.lead_id for part in parts), _ROLES[LEAD])
    silent: dict[int, list[Commitment]] = defaultdict(list)
    notes = []
    for part in parts:
        if part.lead_id in direct:
            notes.append(_note(direct[part.lead_id], Act.ISSUE, part))
        elif part.lead.parent_id is not None:
            silent[part.lead.parent_id].append(part)
    above = posts_of(silent, (Role.HANDLER, Role.OFFICE))
    many = []
    for area, below in silent.items():
        note = _note(above.get(area, []), Act.ISSUE, below[0])
        if len(below) == 1:
            notes.append(note)
        else:
            whole = below[0].parent or below[0]
            many.append(replace(note, link=f"/c/{whole.ref}/", params={**note.params, "units": len(below)}))
    kind = f"delivery.{Act.ISSUE.value}"
    office.notify_each(notes, kind=kind, subject=TOLD[Act.ISSUE][1], at=at)
    office.notify_each(many, kind=kind, subject=MANY, at=at)


def tell_leads(act: Act, commitments: Sequence[Commitment], *, key: str, actor: Actor, at: datetime) -> None:
    """Tell the leads of many commitments of one bulk act; two statements to find them, whatever their number.

    ``key`` names the act: told again after a crash, nobody gets a message twice.
    """
    direct = posts_of([one.lead_id for one in commitments], _ROLES[LEAD])
    silent = {one.lead.parent_id for one in commitments if one.lead_id not in direct and one.lead.parent_id}
    above = posts_of(silent, (Role.HANDLER, Role.OFFICE))
    notes = []
    for one in commitments:
        posts = direct.get(one.lead_id) or above.get(one.lead.parent_id or 0, [])
        note = _note([post for post in posts if post.pk != actor.seat.post_id], act, one)
        notes.append(replace(note, key=f"{one.ref}:{key}"))
    sender = actor.effective.post_id
    office.notify_each(notes, kind=f"delivery.{act.value}", subject=TOLD[act][1], at=at, sender=sender)


FORWARDED = _("A question was handed up to you, to reply by %(due_on)s: %(title)s")


def tell_forwarded(commitment: Commitment, unit: Unit, reply_by_on: date | None, *, actor: Actor, at: datetime) -> None:
    """Tell the unit a question lies with now（转报）; its office too, when it is an area."""
    found = Post.objects.filter(unit=unit, active=True, role__in=_ROLES[ISSUER])
    offices = Post.objects.filter(unit__area=unit, active=True, role=Role.OFFICE)
    posts = {post.pk: post for post in [*found, *offices] if post.pk != actor.seat.post_id}
    note = _note(list(posts.values()), Act.FORWARD, commitment)
    told = {**note.params, "due_on": reply_by_on.isoformat() if reply_by_on else ""}
    if posts:
        notes = [replace(note, params=told)]
        office.notify_each(notes, kind=f"delivery.{Act.FORWARD.value}", subject=FORWARDED, at=at)


MOVED = _("The calendar changed; it is due on %(due_on)s now: %(title)s")


def tell_moved(commitments: Sequence[Commitment], entry: int, *, at: datetime) -> None:
    """Tell the leads that a date of theirs moved with the calendar; two statements, whatever their number."""
    direct = posts_of([one.lead_id for one in commitments], _ROLES[LEAD])
    silent = {one.lead.parent_id for one in commitments if one.lead_id not in direct and one.lead.parent_id}
    above = posts_of(silent, (Role.HANDLER, Role.OFFICE))
    notes = [
        replace(
            _note(direct.get(one.lead_id) or above.get(one.lead.parent_id or 0, []), Act.RE_DATE, one),
            key=f"{one.ref}:calendar:{entry}",
        )
        for one in commitments
        if one.due_on
    ]
    office.notify_each(notes, kind="delivery.calendar", subject=MOVED, at=at)


def _note(posts: Sequence[Post], act: Act, commitment: Commitment) -> office.Note:
    return office.Note(
        posts=tuple(posts),
        key=f"{commitment.ref}:{commitment.version}:{act.value}",
        link=f"/c/{commitment.ref}/",
        params={
            "title": commitment.title,
            "lead": commitment.lead.name,
            "due_on": commitment.due_on.isoformat() if commitment.due_on else "",
            "accept_by": commitment.accept_by.isoformat() if commitment.accept_by else "",
        }
        | _object_by(act, commitment),
    )


def _object_by(act: Act, commitment: Commitment) -> dict[str, str]:
    """Until when the unit may object to what is fed back to it（结论反馈，条例 Art 18）."""
    until = commitment.object_until() if act in FED_BACK else None
    return {"object_by": until.isoformat()} if until else {}
