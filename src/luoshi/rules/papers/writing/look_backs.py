"""Look-backs as a paper（回头看报告）: what still holds, matter by matter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from luoshi.rules.papers.shapes import Align, Annex, Block, Column, Heading, Kind, Paper, Paragraph, Signature, Table
from luoshi.rules.papers.writing.ground import Style
from luoshi.rules.refusals import gettext_noop as _


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
