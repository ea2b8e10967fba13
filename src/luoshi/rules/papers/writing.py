"""拟文: plain data of what happened → a paper of each kind, in the words of whoever reads it.

Sentences are message ids; ``say`` translates them. Nothing is written that the data does not hold.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from luoshi.rules.papers.lettering import date_text, width
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
from luoshi.rules.refusals import gettext_noop as _

Say = Callable[[str], str]
"""Translates a message id into the language of the paper."""
LONGEST_IN_TITLE = 26
"""Characters of a commitment's words that a paper's title can hold; a longer one is called by its number."""
ROWS_IN_TEXT = 8
"""A longer list becomes an attachment."""


@dataclass(frozen=True, slots=True)
class Style:
    """What the papers of one door have in common: language, translator, and what every page says of itself."""

    language: str
    say: Say
    stamp: str = ""

    def day(self, day: date | None) -> str:
        """A day in full; a dash where there is none."""
        return date_text(day, self.language) if day else "—"

    def named(self, text: str) -> str:
        """A title in the marks of its language."""
        return f"“{text}”"


@dataclass(frozen=True, slots=True)
class Owed:
    """A commitment a paper is about: its words, when it was due, what is said of it and what was verified, in %."""

    ref: str
    title: str
    due_on: date | None
    days_late: int = 0
    said: int | None = None
    verified: int | None = None


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


def paragraphs(text: str) -> tuple[Paragraph, ...]:
    """Words somebody typed, a paragraph a line."""
    return tuple(Paragraph(line.strip()) for line in text.splitlines() if line.strip())


def _percent(value: int | None) -> str:
    return "—" if value is None else f"{value}%"


def owed_table(items: tuple[Owed, ...], style: Style) -> Table:
    """What is owed, a row each; said beside verified."""
    say = style.say
    return Table(
        (
            Column(say(_("Row no.")), 0.8, Align.CENTRE),
            Column(say(_("Commitment")), 4.6),
            Column(say(_("Due on")), 2.2, Align.CENTRE),
            Column(say(_("Days late")), 1.3, Align.RIGHT),
            Column(say(_("said / verified")), 1.5, Align.CENTRE),
        ),
        tuple(
            (
                str(at),
                one.title if not one.ref else say(_("%(title)s (%(ref)s)")) % {"title": one.title, "ref": one.ref},
                style.day(one.due_on),
                str(one.days_late),
                f"{_percent(one.said)} / {_percent(one.verified)}",
            )
            for at, one in enumerate(items, start=1)
        ),
    )


def _listed(items: tuple[Owed, ...], style: Style) -> tuple[tuple[Block, ...], tuple[Annex, ...]]:
    """The list in the text, or as an attachment when it is long."""
    table = owed_table(items, style)
    if len(items) <= ROWS_IN_TEXT:
        return (table,), ()
    return (), (Annex(style.say(_("List of commitments")), (table,)),)


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
    table, annexes = _listed(order.items, style)
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
    table, annexes = _listed(urge.items, style)
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
        blocks += [Heading(1, say(_("Who attends"))), Paragraph(f"{between.join(notice.attend)}{_stop(style)}")]
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


def _stop(style: Style) -> str:
    return "。" if style.language.startswith("zh") else "."


def _point(point: Point, style: Style) -> str:
    say = style.say
    if point.by and point.minutes:
        told = {"title": point.title, "by": point.by, "minutes": point.minutes}
        return say(_("%(title)s (%(by)s, %(minutes)s minutes).")) % told
    if point.by:
        return say(_("%(title)s (%(by)s).")) % {"title": point.title, "by": point.by}
    return f"{point.title}{_stop(style)}"


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
        names=tuple(Named(say(name), f"{between.join(some)}{_stop(style)}") for name, some in names if some),
        signature=None if style.language.startswith("zh") else Signature(minutes.issuer, minutes.on, sealed=False),
        imprint=Imprint(minutes.copies, minutes.issuer, minutes.on),
        stamp=style.stamp,
    )


def _resolution(one: Resolved, style: Style) -> str:
    told = {"text": one.text.rstrip("。."), "who": one.who, "on": style.day(one.by)}
    if one.by:
        return style.say(_("Resolved: %(text)s. It lies with %(who)s and is done by %(on)s.")) % told
    return style.say(_("Resolved: %(text)s. It lies with %(who)s.")) % told


@dataclass(frozen=True, slots=True)
class Looked:
    """One look-back（回头看）: what was struck off, when it was looked at, whether it held, why not, how it stands."""

    ref: str
    title: str
    unit: str
    on: date
    held: bool
    reason: str = ""
    now: str = ""


@dataclass(frozen=True, slots=True)
class LookedMatter:
    """What the look-backs of one matter showed, in numbers of strike-offs."""

    matter: str
    held: int
    failed: int
    unknown: int = 0
    over: int = 0

    @property
    def drawn(self) -> int:
        """On how many the lot fell."""
        return self.held + self.failed + self.unknown + self.over


@dataclass(frozen=True, slots=True)
class LookedBack:
    """What the look-backs of a period showed within an area: by matter, what no longer held, and what was looked at.

    ``struck_off``: struck off in the period and closed still. ``failed`` and ``looked`` may hold the first ones only.
    """

    programme: str
    area: str
    issuer: str
    from_on: date
    until_on: date
    on: date
    struck_off: int
    matters: tuple[LookedMatter, ...]
    failed: tuple[Looked, ...]
    looked: tuple[Looked, ...]


def look_back_paper(report: LookedBack, style: Style) -> Paper:
    """回头看报告: on what the lot fell, what it showed by matter, and what did not hold, one by one."""
    say = style.say
    held, failed, unknown, over = (
        sum(getattr(one, name) for one in report.matters) for name in ("held", "failed", "unknown", "over")
    )
    told = {
        "programme": report.programme,
        "area": report.area,
        "from": style.day(report.from_on),
        "until": style.day(report.until_on),
        "struck": report.struck_off,
        "drawn": held + failed + unknown + over,
        "held": held,
        "failed": failed,
        "unknown": unknown,
        "over": over,
    }
    blocks: list[Block] = [
        Heading(1, say(_("What was looked at"))),
        Paragraph(
            say(
                _(
                    "From %(from)s to %(until)s, the lot fell on %(drawn)s commitments of “%(programme)s” in %(area)s "
                    "that had been struck off: %(held)s hold, %(failed)s do not; at %(unknown)s nobody could be "
                    "reached, %(over)s were opened again before anybody went. What is still to be visited is not "
                    "counted."
                )
            )
            % told
        ),
        Paragraph(say(_("%(struck)s commitments struck off in this time are closed today.")) % told),
    ]
    if report.matters:
        blocks += [Heading(1, say(_("Results by matter"))), _by_matter(report.matters, style)]
    blocks.append(Heading(1, say(_("What did not hold"))))
    if report.failed:
        blocks.append(
            Paragraph(
                say(_("What no longer holds is opened again under its old number; how it stands is said beside it."))
            )
        )
        columns = (
            Column(say(_("Commitment")), 3.8),
            Column(say(_("Unit")), 2),
            Column(say(_("Looked at on")), 2.6, Align.CENTRE),
            Column(say(_("Why it does not hold")), 3.2),
            Column(say(_("Now")), 1.5, Align.CENTRE),
        )
        named = say(_("%(title)s (%(ref)s)"))
        rows = tuple(
            (
                named % {"title": one.title, "ref": one.ref},
                one.unit,
                style.day(one.on),
                one.reason or "—",
                one.now or "—",
            )
            for one in report.failed
        )
        blocks.append(Table(columns, rows))
        blocks += _left_out(failed - len(report.failed), style)
    else:
        blocks.append(Paragraph(say(_("Nothing that was looked at failed to hold."))))
    annexes: tuple[Annex, ...] = ()
    if report.looked:
        columns = (
            Column(say(_("Number")), 3.2, Align.CENTRE),
            Column(say(_("Commitment")), 3.2),
            Column(say(_("Unit")), 2.4),
            Column(say(_("Looked at on")), 2.9, Align.CENTRE),
            Column(say(_("Result")), 2, Align.CENTRE),
        )
        results = {True: say(_("holds")), False: say(_("does not hold"))}
        rows = tuple((one.ref, one.title, one.unit, style.day(one.on), results[one.held]) for one in report.looked)
        rest = _left_out(held + failed - len(report.looked), style)
        annexes = (Annex(say(_("Everything that was looked at again")), (Table(columns, rows), *rest)),)
    return Paper(
        kind=Kind.LOOK_BACK,
        language=style.language,
        title=say(_("Report on the look-backs of “%(programme)s”")) % told,
        blocks=tuple(blocks),
        annexes=annexes,
        signature=Signature(report.issuer, report.on, sealed=False),
        stamp=style.stamp,
    )


def _by_matter(matters: tuple[LookedMatter, ...], style: Style) -> Table:
    say = style.say
    columns = (
        Column(say(_("Matter")), 4),
        *(
            Column(say(name), 1.7, Align.CENTRE)
            for name in (_("Drawn"), _("holds"), _("does not hold"), _("Nobody reached"), _("Opened before"))
        ),
    )
    return Table(
        columns,
        tuple(
            (one.matter, str(one.drawn), str(one.held), str(one.failed), str(one.unknown), str(one.over))
            for one in matters
        ),
    )


def _left_out(count: int, style: Style) -> tuple[Paragraph, ...]:
    """That a list goes on in the system, when it does."""
    if count <= 0:
        return ()
    said = style.say(_("%(count)s more stand on the page of look-backs and are not printed here."))
    return (Paragraph(said % {"count": count}),)


@dataclass(frozen=True, slots=True)
class Acted:
    """One act of a decision log: its day, what was done, and what it was about."""

    on: date
    act: str
    about: str


@dataclass(frozen=True, slots=True)
class LogOf:
    """A decision log by one matter: the acts under each of its words, and what the holder wrote beside it."""

    matter: str
    words: tuple[tuple[str, tuple[Acted, ...]], ...]
    comments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A seat that changes hands（工作移交）: the post, the day, its decision log, and what lies with it.

    ``log`` is None for a post that keeps none; ``log_more`` says that earlier acts stand in the system only.
    """

    unit: str
    post: str
    on: date
    open_items: tuple[Owed, ...]
    waiting: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    words: str = ""
    log: tuple[LogOf, ...] | None = None
    log_comments: tuple[str, ...] = ()
    log_more: bool = False


def handover_paper(sheet: HandedOver, style: Style) -> Paper:
    """移交清单: the decision log first, then what lies with a post on a day, with room for three signatures.

    It names no person.
    """
    say = style.say
    told = {"unit": sheet.unit, "post": sheet.post, "on": style.day(sheet.on)}
    blocks: list[Block] = [
        Paragraph(say(_("On %(on)s the post “%(post)s” of %(unit)s is handed over with what lies with it.")) % told),
        *_log_blocks(sheet, style),
        Heading(1, say(_("Commitments that are open"))),
    ]
    if sheet.open_items:
        blocks.append(_handed_table(sheet.open_items, style))
    else:
        blocks.append(Paragraph(say(_("There are none."))))
    blocks.append(Heading(1, say(_("What waits for the post"))))
    if sheet.waiting:
        blocks += [Paragraph(f"{at}. {text}") for at, text in enumerate(sheet.waiting, start=1)]
    else:
        blocks.append(Paragraph(say(_("Nothing waits."))))
    if sheet.also:
        blocks.append(Heading(1, say(_("Also handed over"))))
        blocks += [Paragraph(f"{at}. {text}") for at, text in enumerate(sheet.also, start=1)]
    if sheet.words.strip():
        blocks += [Heading(1, say(_("Words of the one who leaves"))), *paragraphs(sheet.words)]
    blocks.append(Heading(1, say(_("Signatures"))))
    blocks.append(
        Table(
            (Column(say(_("Hands over"))), Column(say(_("Takes over"))), Column(say(_("Witness")))),
            (("\n\n", "", ""),),
        )
    )
    return Paper(
        kind=Kind.HANDOVER,
        language=style.language,
        title=say(_("Hand-over sheet of the post “%(post)s” of %(unit)s")) % told,
        blocks=tuple(blocks),
        stamp=style.stamp,
    )


def _handed_table(items: tuple[Owed, ...], style: Style) -> Table:
    """What is open, as the list of the hand-over kept it."""
    say = style.say
    columns = (
        Column(say(_("Number")), 2.4, Align.CENTRE),
        Column(say(_("Commitment")), 5),
        Column(say(_("Due on")), 2.2, Align.CENTRE),
    )
    return Table(columns, tuple((one.ref, one.title, style.day(one.due_on)) for one in items))


def _log_blocks(sheet: HandedOver, style: Style) -> list[Block]:
    """决策记录 as page one of a hand-over: by matter, under three words; a word without an act is left out."""
    say = style.say
    if sheet.log is None:
        return []
    blocks: list[Block] = [
        Heading(1, say(_("Decision log of the post"))),
        Paragraph(
            say(
                _(
                    "What the ledger knows of the holder's own acts from this post, by matter. Nobody filled in a form"
                    " for it; nothing is counted or compared."
                )
            )
        ),
        *(Paragraph(say(_("The holder adds: %(words)s")) % {"words": words}) for words in sheet.log_comments),
    ]
    columns = (
        Column(say(_("Under which word")), 1.9, Align.CENTRE),
        Column(say(_("Day")), 2.4, Align.CENTRE),
        Column(say(_("What was done")), 2.1),
        Column(say(_("What it was about")), 4.6),
    )
    for part in sheet.log:
        blocks.append(Heading(2, part.matter))
        rows = tuple((name, style.day(one.on), one.act, one.about) for name, acts in part.words for one in acts)
        if rows:
            blocks.append(Table(columns, rows))
        blocks += [Paragraph(say(_("The holder adds: %(words)s")) % {"words": words}) for words in part.comments]
    if not sheet.log:
        blocks.append(Paragraph(say(_("The ledger holds no such act."))))
    if sheet.log_more:
        blocks.append(Paragraph(say(_("Earlier acts stand in the log in the system."))))
    return blocks


@dataclass(frozen=True, slots=True)
class Sent:
    """A circular or letter as somebody wrote it（通报、督办函）: its words stand as they are, nothing is added.

    ``circular`` chooses the head of a document（文件式）, else that of a letter（信函式）.
    """

    title: str
    words: str
    issuer: str
    to: tuple[str, ...]
    on: date
    number: str = ""
    circular: bool = True


def sent_paper(sent: Sent, style: Style) -> Paper:
    """通报、督办函: what was written, to the units it goes to, under its number."""
    return Paper(
        kind=Kind.CIRCULAR if sent.circular else Kind.LETTER,
        language=style.language,
        title=sent.title,
        blocks=paragraphs(sent.words),
        mark=style.say(_("Papers of %(body)s")) % {"body": sent.issuer} if sent.circular else sent.issuer,
        number=sent.number,
        to=sent.to,
        signature=Signature(sent.issuer, sent.on),
        imprint=Imprint((), sent.issuer, sent.on) if sent.circular else Imprint(),
        stamp=style.stamp,
    )
