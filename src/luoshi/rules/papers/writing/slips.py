"""Calls to order as papers（督办、约谈、通报批评、通报表扬、催办）: what is owed, what is asked, by when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from luoshi.rules.papers.lettering import width
from luoshi.rules.papers.shapes import Block, Imprint, Kind, Paper, Paragraph, Signature
from luoshi.rules.papers.writing.ground import Owed, Style, listed, paragraphs
from luoshi.rules.refusals import gettext_noop as _

LONGEST_IN_TITLE = 26
"""Characters of a commitment's words that a paper's title can hold; a longer one is called by its number."""


class Call(StrEnum):
    """What a call to order does（督办、约谈、通报批评、通报表扬）."""

    SUPERVISE = "supervise"
    INTERVIEW = "interview"
    BLAME = "blame"
    PRAISE = "praise"


@dataclass(frozen=True, slots=True)
class Order:
    """A call to order as it was issued（督办单）; ``basis`` is the plan or approval it stands under."""

    call: Call
    number: str
    issuer: str
    to: str
    on: date
    items: tuple[Owed, ...]
    words: str = ""
    basis: str = ""
    answer_by: date | None = None
    copies: tuple[str, ...] = ()


_TITLES = {
    Call.SUPERVISE: (
        _("Supervision letter on %(title)s"),
        _("Supervision letter on %(title)s and other commitments, %(count)s in all"),
    ),
    Call.INTERVIEW: (
        _("Invitation to an interview about %(title)s"),
        _("Invitation to an interview about %(title)s and other commitments, %(count)s in all"),
    ),
    Call.BLAME: (
        _("Circular on %(title)s not being done on time"),
        _("Circular on %(title)s and other commitments, %(count)s in all, not being done on time"),
    ),
    Call.PRAISE: (
        _("Circular of recognition for %(title)s"),
        _("Circular of recognition for %(title)s and other commitments, %(count)s in all"),
    ),
}
_OPENINGS = {
    Call.SUPERVISE: _(
        "On checking it was found that the following, for which your unit answers, was due and on %(on)s not done: "
        "%(count)s in all. It is hereby put under supervision."
    ),
    Call.INTERVIEW: _(
        "On checking it was found that the following, for which your unit answers, was due and on "
        "%(on)s still not done "
        "after supervision: %(count)s in all. The head of your unit is invited to an interview about it."
    ),
    Call.BLAME: _(
        "On checking it was found that the following, for which %(unit)s answers, was due and on %(on)s not done after "
        "reminding and supervising: %(count)s in all. This is hereby made known."
    ),
    Call.PRAISE: _(
        "The following was done by %(unit)s and stands so on %(on)s: %(count)s in all. This is hereby made known with "
        "recognition."
    ),
}
_DEMANDS = {
    Call.SUPERVISE: (
        _("What has been done, and what has not."),
        _("Why it was not done in time."),
        _("What will be done next, and by when, to the day."),
    ),
    Call.INTERVIEW: (
        _("Where each of them stands, and why it was not done in time."),
        _("What was done after the earlier letters."),
        _("What will be done next, and by when, to the day."),
    ),
}


def _called(items: tuple[Owed, ...], style: Style) -> str:
    """The first of them as it stands in a title: its words where they are short, else its number."""
    first = items[0]
    return style.named(first.title if width(first.title) <= LONGEST_IN_TITLE or not first.ref else first.ref)


def order_paper(order: Order, style: Style) -> Paper:
    """督办函、约谈通知、通报: a call to order as a letter or a circular."""
    say = style.say
    count = len(order.items)
    circular = order.call in (Call.BLAME, Call.PRAISE)
    title = say(_TITLES[order.call][count > 1]) % {"title": _called(order.items, style), "count": count}
    places = {"unit": order.to, "on": style.day(order.on), "count": count}
    table, annexes = listed(order.items, style)
    blocks: list[Block] = [Paragraph(say(_OPENINGS[order.call]) % places)]
    if annexes:
        blocks.append(Paragraph(say(_("The commitments are listed in the attachment."))))
    blocks += [*table, *paragraphs(order.words)]
    demands = _DEMANDS.get(order.call)
    if demands:
        if order.answer_by:
            blocks.append(
                Paragraph(say(_("Please answer in writing by %(on)s and say:")) % {"on": style.day(order.answer_by)})
            )
        else:
            blocks.append(Paragraph(say(_("Please answer in writing and say:"))))
        blocks += _numbered_demands(demands, style)
    elif order.answer_by and order.call is Call.BLAME:
        blocks.append(
            Paragraph(
                say(_("Please set this right and answer in writing by %(on)s.")) % {"on": style.day(order.answer_by)}
            )
        )
    if order.basis:
        blocks.append(Paragraph(say(_("Basis: %(basis)s.")) % {"basis": order.basis.rstrip("。.")}))
    return Paper(
        kind=Kind.CIRCULAR if circular else Kind.LETTER,
        language=style.language,
        title=title,
        blocks=tuple(blocks),
        mark=say(_("Papers of %(body)s")) % {"body": order.issuer} if circular else order.issuer,
        number=order.number,
        to=(order.to,),
        annexes=annexes,
        signature=Signature(order.issuer, order.on),
        imprint=Imprint(order.copies, order.issuer, order.on) if circular else Imprint(order.copies),
        stamp=style.stamp,
    )


def _numbered_demands(demands: tuple[str, ...], style: Style) -> list[Block]:
    """Demands a paragraph each, numbered within the sentence they end."""
    zh = style.language.startswith("zh")
    marks = "一二三四五六七八九"
    found: list[Block] = []
    for at, demand in enumerate(demands):
        found.append(Paragraph(f"{marks[at]}是{style.say(demand)}" if zh else f"({at + 1}) {style.say(demand)}"))
    return found


@dataclass(frozen=True, slots=True)
class Urge:
    """An answer that is overdue（催办单）: to which paper, since when, and about what."""

    of: str
    issuer: str
    to: str
    on: date
    answer_was_by: date
    items: tuple[Owed, ...]


def urge_paper(urge: Urge, style: Style) -> Paper:
    """催办单: asks for the answer to an earlier paper; it has no number of its own."""
    say = style.say
    late = (urge.on - urge.answer_was_by).days
    table, annexes = listed(urge.items, style)
    told = {"number": urge.of, "on": style.day(urge.answer_was_by), "days": late, "today": style.day(urge.on)}
    blocks: list[Block] = [
        Paragraph(
            say(
                _(
                    "The answer to our paper %(number)s was due on %(on)s. Until %(today)s none has "
                    "come; it is %(days)s "
                    "days late."
                )
            )
            % told
        ),
        *table,
        Paragraph(
            say(
                _(
                    "Please look into it at once and answer in writing: what has been done, why it "
                    "was not done in time, "
                    "what will be done next and by when."
                )
            )
        ),
    ]
    return Paper(
        kind=Kind.URGE,
        language=style.language,
        title=say(_("Urge slip for the answer to %(number)s")) % {"number": urge.of},
        blocks=tuple(blocks),
        mark=urge.issuer,
        to=(urge.to,),
        annexes=annexes,
        signature=Signature(urge.issuer, urge.on),
        imprint=Imprint(),
        stamp=style.stamp,
    )
