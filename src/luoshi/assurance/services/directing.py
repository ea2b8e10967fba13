"""按风险走访: a person sends somebody to look, for a reason; what is found there never certifies anything."""

from __future__ import annotations

from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.utils import translation

from luoshi.assurance.models import Visit
from luoshi.assurance.queries import directing as reads
from luoshi.assurance.queries.handing import known_to
from luoshi.assurance.services.handing import assign_visit
from luoshi.delivery.models import Commitment
from luoshi.delivery.queries import commitment_for
from luoshi.delivery.services import acting
from luoshi.ledger.models import Entry
from luoshi.rules.calendar import local_day
from luoshi.rules.directing import Sign
from luoshi.rules.lifecycle import State
from luoshi.rules.paths import within
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused, declare, gettext_noop
from luoshi.ui.components import day as day_words

_ = gettext_noop
declare(
    409,
    directed_already=_("Somebody is on the way there already, for %(day)s."),
    nothing_to_visit=_("There is nothing to look at yet: it has not been taken on, or it is over."),
)
declare(422, direct_without_reason=_("Nothing in its record is a sign; write why somebody should go and look."))
LOOKED_AT = frozenset({State.ACCEPTED, State.APPLIED, State.VERIFIED, State.CLOSED})
"""States in which there is something to look at."""


@transaction.atomic
def direct_visit(*, actor: Actor, ref: str, reason: str, day: date, at: datetime) -> tuple[Visit, Entry]:
    """Have a unit visited because something in the record, or a person, gives reason to（按风险走访）.

    The signs are read anew from the record; a person's words stand beside them. Who goes is drawn by lot.

    Args:
        actor: the head or the office of an area above the lead.
        ref: the commitment's number.
        reason: why, in a person's words; may be empty when the record holds a sign.
        day: on which day; the verifier learns of it then.
        at: now.

    Raises:
        Refused: ``not_found``, ``nothing_to_visit``, ``directed_already``, ``direct_without_reason`` and those of
            :func:`luoshi.assurance.services.handing.assign_visit`.
    """
    words = acting.said(reason)
    commitment = commitment_for(actor, ref)
    if not within(commitment.lead.path, actor.effective.area_path):
        raise Refused("not_found")
    Commitment.objects.select_for_update(of=("self",)).get(pk=commitment.pk)  # two who send at once meet here
    if State(commitment.state) not in LOOKED_AT:
        raise Refused("nothing_to_visit")
    known = known_to(actor, local_day(at))
    waiting = commitment.visits.filter(known, kind=Visit.Kind.DIRECTED, state=Visit.State.ASSIGNED).first()
    if waiting is not None:
        raise Refused("directed_already", day=waiting.day.isoformat())
    seen = reads.signs_of(commitment, local_day(at))
    told = [*map(sentence_of, seen), *([words] if words else [])]
    if not told:
        raise Refused("direct_without_reason")
    return assign_visit(
        actor=actor, kind=Visit.Kind.DIRECTED, commitment=commitment, day=day, reason="\n".join(told), at=at
    )


def sentence_of(sign: Sign) -> str:
    """A sign in the language of the house, as it is recorded."""
    with translation.override(settings.LANGUAGE_CODE):
        return shown(sign)


def shown(sign: Sign) -> str:
    """A sign in the reader's language."""
    told = {
        name: str(day_words(value).striptags()) if isinstance(value, date) else value
        for name, value in sign.params.items()
    }
    return translation.gettext(sign.template) % told
