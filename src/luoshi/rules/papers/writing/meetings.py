"""Meetings as papers（会议通知、会议纪要）: who comes and what is on, and afterwards what was decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from luoshi.rules.papers.shapes import (
    Align,
    Annex,
    Block,
    Column,
    Heading,
    Imprint,
    Kind,
    Named,
    Paper,
    Paragraph,
    Signature,
    Table,
)
from luoshi.rules.papers.writing.ground import Style, full_stop, paragraphs
from luoshi.rules.refusals import gettext_noop as _


@dataclass(frozen=True, slots=True)
class Point:
    """A point of an agenda: what it is about, which unit or post reports, how long it may take in minutes."""

    title: str
    by: str = ""
    minutes: int = 0


@dataclass(frozen=True, slots=True)
class Notice:
    """A meeting that is called（会议通知）. ``when`` and ``where`` are words as they are to be read."""

    meeting: str
    issuer: str
    to: tuple[str, ...]
    on: date
    when: str
    where: str
    points: tuple[Point, ...]
    number: str = ""
    attend: tuple[str, ...] = ()
    papers_by: date | None = None
    words: str = ""
    copies: tuple[str, ...] = ()


def notice_paper(notice: Notice, style: Style) -> Paper:
    """会议通知: when, where, what about, who comes, and by when papers are in."""
    say = style.say
    between = "、" if style.language.startswith("zh") else ", "
    called = {"meeting": _meeting_called(notice.meeting, style)}
    blocks: list[Block] = [
        Paragraph(say(_("The meeting “%(meeting)s” is called as follows.")) % called),
        Heading(1, say(_("Time and place"))),
        Paragraph(say(_("Time: %(when)s.")) % {"when": notice.when}),
    ]
    if notice.where:
        blocks.append(Paragraph(say(_("Place: %(where)s.")) % {"where": notice.where}))
    if notice.points:
        blocks.append(Heading(1, say(_("Agenda"))))
        blocks += [Paragraph(f"{at}. {_point(point, style)}") for at, point in enumerate(notice.points, start=1)]
    if notice.attend:
        blocks += [Heading(1, say(_("Who attends"))), Paragraph(f"{between.join(notice.attend)}{full_stop(style)}")]
    if notice.papers_by or notice.words.strip():
        blocks.append(Heading(1, say(_("Preparation"))))
        if notice.papers_by:
            blocks.append(
                Paragraph(
                    say(_("Papers for the meeting are handed in by %(on)s.")) % {"on": style.day(notice.papers_by)}
                )
            )
        blocks += paragraphs(notice.words)
    return Paper(
        kind=Kind.NOTICE,
        language=style.language,
        title=say(_("Notice of the meeting “%(meeting)s”")) % called,
        blocks=tuple(blocks),
        mark=say(_("Papers of %(body)s")) % {"body": notice.issuer},
        number=notice.number,
        to=notice.to,
        signature=Signature(notice.issuer, notice.on),
        imprint=Imprint(notice.copies, notice.issuer, notice.on),
        stamp=style.stamp,
    )


def _point(point: Point, style: Style) -> str:
    say = style.say
    if point.by and point.minutes:
        told = {"title": point.title, "by": point.by, "minutes": point.minutes}
        return say(_("%(title)s (%(by)s, %(minutes)s minutes).")) % told
    if point.by:
        return say(_("%(title)s (%(by)s).")) % {"title": point.title, "by": point.by}
    return f"{point.title}{full_stop(style)}"


@dataclass(frozen=True, slots=True)
class Resolved:
    """A resolution（议定事项）: what, who, by when, and the commitment it became."""

    text: str
    who: str
    by: date | None = None
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Discussed:
    """A point as it went: what was said, and what was resolved on it."""

    title: str
    words: str = ""
    resolved: tuple[Resolved, ...] = ()


@dataclass(frozen=True, slots=True)
class Minutes:
    """A meeting that was held（会议纪要）; those present are posts or units, never names.

    ``words`` are those of its record; without ``chair`` nothing is said of who was in the chair.
    """

    meeting: str
    issuer: str
    on: date
    held_on: date
    where: str
    chair: str
    points: tuple[Discussed, ...]
    number: str = ""
    words: str = ""
    present: tuple[str, ...] = ()
    excused: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    sitting_in: tuple[str, ...] = ()
    copies: tuple[str, ...] = ()


_OPENED = {
    (True, True): _(
        "On %(on)s %(chair)s chaired the meeting “%(meeting)s” at %(where)s. What was resolved is recorded as follows."
    ),
    (True, False): _(
        "On %(on)s %(chair)s chaired the meeting “%(meeting)s”. What was resolved is recorded as follows."
    ),
    (False, True): _(
        "On %(on)s %(body)s held the meeting “%(meeting)s” at %(where)s. What was resolved is recorded as follows."
    ),
    (False, False): _("On %(on)s %(body)s held the meeting “%(meeting)s”. What was resolved is recorded as follows."),
}
"""How the minutes begin, by whether a chair and a place are known."""


def _meeting_called(title: str, style: Style) -> str:
    """A meeting's title; English sets it in quotation marks, so that those inside it become single ones."""
    return title if style.language.startswith("zh") else title.translate(str.maketrans("“”", "‘’"))


def minutes_paper(minutes: Minutes, style: Style) -> Paper:
    """会议纪要 (10.3): what was resolved, point by point, then the list, then who was there."""
    say = style.say
    between = "、" if style.language.startswith("zh") else ", "
    told = {
        "on": style.day(minutes.held_on),
        "chair": minutes.chair,
        "body": minutes.issuer,
        "where": minutes.where,
        "meeting": _meeting_called(minutes.meeting, style),
    }
    opening = say(_OPENED[bool(minutes.chair), bool(minutes.where)]) % told
    blocks: list[Block] = [Paragraph(opening), *paragraphs(minutes.words)]
    rows: list[tuple[str, ...]] = []
    for point in minutes.points:
        blocks += [Heading(1, point.title), *paragraphs(point.words)]
        for one in point.resolved:
            blocks.append(Paragraph(_resolution(one, style)))
            rows.append((str(len(rows) + 1), one.text, one.who, style.day(one.by), one.ref or "—"))
        if not point.words.strip() and not point.resolved:
            blocks.append(Paragraph(say(_("Nothing was resolved on this point."))))
    annexes: tuple[Annex, ...] = ()
    if rows:
        columns = (
            Column(say(_("Row no.")), 0.8, Align.CENTRE),
            Column(say(_("Resolution")), 3.4),
            Column(say(_("Who does it")), 2),
            Column(say(_("By when")), 2.3, Align.CENTRE),
            Column(say(_("Number")), 2.5, Align.CENTRE),
        )
        annexes = (Annex(say(_("List of resolutions")), (Table(columns, tuple(rows)),)),)
    names = (
        (_("Present"), minutes.present),
        (_("Excused"), minutes.excused),
        (_("Absent"), minutes.absent),
        (_("Sitting in"), minutes.sitting_in),
    )
    return Paper(
        kind=Kind.MINUTES,
        language=style.language,
        title=say(_("Minutes of the meeting “%(meeting)s”")) % {"meeting": _meeting_called(minutes.meeting, style)},
        blocks=tuple(blocks),
        mark=say(_("Minutes of %(body)s")) % {"body": minutes.issuer},
        number=minutes.number,
        annexes=annexes,
        names=tuple(Named(say(name), f"{between.join(some)}{full_stop(style)}") for name, some in names if some),
        signature=None if style.language.startswith("zh") else Signature(minutes.issuer, minutes.on, sealed=False),
        imprint=Imprint(minutes.copies, minutes.issuer, minutes.on),
        stamp=style.stamp,
    )


def _resolution(one: Resolved, style: Style) -> str:
    told = {"text": one.text.rstrip("。."), "who": one.who, "on": style.day(one.by)}
    if one.by:
        return style.say(_("Resolved: %(text)s. It lies with %(who)s and is done by %(on)s.")) % told
    return style.say(_("Resolved: %(text)s. It lies with %(who)s.")) % told
