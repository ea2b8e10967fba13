"""What the desk itself does: carry a complaint to the level above the one who asks（减负投诉）."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from luoshi.office import services as office
from luoshi.rules.documents import screening
from luoshi.rules.paths import within
from luoshi.rules.permissions import Actor, Role
from luoshi.rules.refusals import Refused, declare, gettext_noop
from luoshi.units.models import Post, Unit

_ = gettext_noop

declare(
    409,
    nobody_hears=_("No head and no supervision office is on record above %(unit)s; an administrator can add a post."),
)
SUBJECT = _("Complaint about %(unit)s")
BODY = _("About %(unit)s:\n\n%(words)s")
SIGNED = _("About %(unit)s:\n\n%(words)s\n\nWritten by %(post)s.")
WITH_REF = _("About %(unit)s, %(ref)s:\n\n%(words)s")
SIGNED_WITH_REF = _("About %(unit)s, %(ref)s:\n\n%(words)s\n\nWritten by %(post)s.")


def hearers(about: Unit) -> list[Post]:
    """The heads and supervision offices of the level above ``about``; of the root, its own."""
    above = Unit.objects.filter(pk=about.parent_id).first() if about.parent_id else about
    if above is None:
        return []
    posts = Post.objects.filter(
        role__in=[Role.HEAD.value, Role.OFFICE.value], active=True, unit__area=above, unit__valid_until__isnull=True
    ).select_related("unit__area")
    return [post for post in posts if post.role == Role.OFFICE.value or post.unit_id == above.pk]


def complain(
    *, actor: Actor, about: Unit, words: str, ref: str = "", signed: bool = False, key: str, at: datetime
) -> list[Post]:
    """Send a complaint（投诉）about who asks for something to the level above; returns who hears it.

    Nothing is recorded of the sender unless he signs.

    Args:
        actor: who complains; only areas on his own line can be complained about here.
        about: the area whose demand it is about.
        words: what is too much; screened like every text.
        ref: the commitment it is about, if any.
        signed: whether the message names the post that writes.
        key: the key of this sending; the same key reaches nobody twice.
        at: now.

    Raises:
        Refused: ``not_found`` for an area not on the line, ``nobody_hears``, ``secrecy_mark``, ``identity_number``,
            ``bank_number``.
    """
    if not within(actor.effective.area_path, about.path):
        raise Refused("not_found")
    text, number = screening.screen(words.strip()).text, screening.screen(ref.strip()).text
    posts = hearers(about)
    if not posts:
        raise Refused("nobody_hears", unit=about.name)
    body = (SIGNED_WITH_REF if number else SIGNED) if signed else (WITH_REF if number else BODY)
    params = {"unit": about.name, "words": text, "ref": number}
    if signed:
        params["post"] = actor.effective.title
    with transaction.atomic():
        office.notify(
            posts, kind="desk.complaint", key=f"complaint:{key}"[:160], subject=SUBJECT, body=body, params=params, at=at
        )
    return posts
