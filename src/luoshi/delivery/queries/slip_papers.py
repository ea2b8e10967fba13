"""A slip as it is written（督办单公文）: the facts of the day it was issued, whatever was done since."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import get_language, gettext, pgettext

from luoshi.delivery.models import Report, Slip, SlipItem, Verification
from luoshi.rules.calendar import local_day
from luoshi.rules.escalation import Rung
from luoshi.rules.papers import Paper
from luoshi.rules.papers.writing.ground import Owed, Style
from luoshi.rules.papers.writing.slips import Call, Order, Urge, order_paper, urge_paper
from luoshi.rules.refusals import Refused, declare, gettext_noop
from luoshi.rules.slips import SlipState, Tone

if TYPE_CHECKING:
    from luoshi.delivery.models import Commitment

_ = gettext_noop
declare(
    409,
    paper_not_issued=_("There is a paper once the slip is approved and has its number."),
    paper_not_late=_("An urge slip is written when the day for the answer has passed and none has come."),
)
CALLS = {Rung.SUPERVISE: Call.SUPERVISE, Rung.INTERVIEW: Call.INTERVIEW}
WITHOUT = (SlipState.PROPOSED, SlipState.DROPPED)


def has_paper(slip: Slip) -> bool:
    """Whether a slip was issued, so that there is a paper of it."""
    return slip.state not in WITHOUT


def may_urge(slip: Slip, at: datetime) -> bool:
    """Whether its answer is late, so that an urge slip（催办单）may be written."""
    late = slip.answer_by_on is not None and slip.answer_by_on < local_day(at)
    return slip.state == SlipState.ISSUED and late


def paper_of_slip(slip: Slip) -> Paper:
    """督办函、约谈通知、通报, in the reader's language.

    Raises:
        Refused: ``paper_not_issued``.
    """
    if not has_paper(slip) or slip.issued_at is None:
        raise Refused("paper_not_issued")
    items, demo = _items(slip, slip.issued_at)
    rung, tone = Rung(slip.rung), Tone(slip.tone)
    call = CALLS.get(rung) or (Call.PRAISE if tone is Tone.PRAISE else Call.BLAME)
    basis = gettext("%(title)s (%(document)s)") % _told(slip) if slip.plan else ""
    order = Order(
        call=call,
        number=slip.number,
        issuer=slip.issuer.name,
        to=slip.unit.name,
        on=local_day(slip.issued_at),
        items=items,
        words=slip.words,
        basis=basis,
        answer_by=slip.answer_by_on,
    )
    return order_paper(order, _style(slip, demo))


def urge_of_slip(slip: Slip, at: datetime) -> Paper:
    """催办单 for the answer to a slip, on the day it is asked for.

    Raises:
        Refused: ``paper_not_late``.
    """
    if not may_urge(slip, at) or slip.answer_by_on is None:
        raise Refused("paper_not_late")
    items, demo = _items(slip, at)
    urge = Urge(
        of=slip.number,
        issuer=slip.issuer.name,
        to=slip.unit.name,
        on=local_day(at),
        answer_was_by=slip.answer_by_on,
        items=items,
    )
    return urge_paper(urge, _style(slip, demo))


def _told(slip: Slip) -> dict[str, str]:
    return {"title": slip.plan.title, "document": slip.plan.document} if slip.plan else {}


def _style(slip: Slip, demo: bool) -> Style:
    marks = []
    if demo:
        marks.append(gettext("Demonstration"))
    if slip.state == SlipState.WITHDRAWN:
        marks.append(pgettext("mark on a paper", "Taken back"))
    return Style(get_language() or "zh-hans", gettext, " · ".join(marks))


def _items(slip: Slip, at: datetime) -> tuple[tuple[Owed, ...], bool]:
    """What it is about as it stood at a moment, and whether any of it is a demonstration; three statements."""
    found = list(slip.items.select_related("commitment__programme", "request__commitment__programme"))
    about = [(item, _about(item)) for item in found]
    keys = {one.pk for _item, one in about if one is not None}
    said: dict[int, int] = {}
    verified: dict[int, int] = {}
    reports = Report.objects.filter(commitment__in=keys, recorded_at__lte=at, returned_at__isnull=True)
    said.update(reports.order_by("recorded_at", "pk").values_list("commitment", "percent"))
    verdicts = Verification.objects.filter(commitment__in=keys, at__lte=at)
    verified.update(verdicts.order_by("at", "pk").values_list("commitment", "percent"))
    items = tuple(
        Owed(
            ref=one.ref if one else "",
            title=one.title if one else "",
            due_on=item.due_on,
            days_late=item.days_late(local_day(at)),
            said=said.get(one.pk) if one else None,
            verified=verified.get(one.pk) if one else None,
        )
        for item, one in about
    )
    return items, any(one is not None and one.programme.is_demo for _item, one in about)


def _about(item: SlipItem) -> Commitment | None:
    return item.commitment or (item.request.commitment if item.request else None)
