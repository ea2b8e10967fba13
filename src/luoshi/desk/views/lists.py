"""Lists that can be taken away（可导出的清单）: what each holds, for whom, and the filters in words.

Each builder asks the query of its own page, so that nothing is in a file that is not on a screen. Rows come through
server-side cursors, a few thousand at a time, with what they need beside them: no statement more for more rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from luoshi.delivery import queries as delivery
from luoshi.delivery.models import Programme
from luoshi.delivery.queries import coverage
from luoshi.delivery.views.doors import named
from luoshi.desk.queries import board as boards
from luoshi.desk.queries import records, register
from luoshi.desk.queries.columns import chosen, state_name
from luoshi.desk.queries.filters import Filters, parse
from luoshi.desk.views.records import event_name
from luoshi.desk.views.register import NOT_ASKED, known_to
from luoshi.desk.views.register_words import filter_words, orders
from luoshi.ledger.models import Entry
from luoshi.ledger.queries import said
from luoshi.office.adapters.exports import Column, Export, Kind
from luoshi.rules import rollup
from luoshi.rules.coverage import MISSING, STEPS
from luoshi.rules.lifecycle import Act
from luoshi.rules.paths import subtree
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused
from luoshi.units import queries as units
from luoshi.units.models import Post, Unit

CHUNK = 2_000
SAID_BY = ("title", "words", "reason", "opinion", "statement", "question")
"""Fields of events that hold a person's words."""


def number(text: str) -> int | None:
    """A number from an address, or None when it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def shows_demo() -> bool:
    """Whether this installation holds a demonstration, which every paper must say."""
    return Programme.objects.filter(is_demo=True).exists()


def _asked_unit(actor: Actor, asked: QueryDict) -> Unit | None:
    told = number(asked.get("unit", ""))
    return units.unit_in_scope(actor, told) if told else None


# --- The register -----------------------------------------------------------------------------------------------------

USUAL = (
    "light",
    "title",
    "lead",
    "post",
    "matter",
    "state",
    "said",
    "verified",
    "gap",
    "due",
    "heard",
    "open",
    "issuer",
)
"""Columns of a register that is taken away when none were chosen; number and version always stand in it."""
WIDE = {"title": 36, "requirement": 50, "lead": 22, "matter": 20, "sub": 20, "issuer": 22, "verifier": 22, "light": 8}
KINDS = {"number": Kind.NUMBER, "percent": Kind.PERCENT, "day": Kind.DAY, "moment": Kind.MOMENT}


def asked_filters(actor: Actor, asked: QueryDict) -> tuple[Filters, list[tuple[str, str]]]:
    """The filters of an address, and the same in the words of the register's page."""
    found, odd = parse({name: values for name, values in asked.lists() if name not in {*NOT_ASKED, "format"}})
    names = known_to(actor, found).names
    told = "；".join(filter_words(name, value, names) for name, value in found.active) or _("none")
    facts = [(_("Filters"), told), (_("Order"), dict(orders())[found.sort])]
    if odd:
        facts.append((_("Not understood and left out"), "、".join(odd)))
    return found, facts


def register_list(actor: Actor, asked: QueryDict, at: datetime) -> Export:
    """The register as asked for（台账）: the filters, order and columns of its page; number and version in every row.

    Raises:
        Refused: ``not_found`` for a unit that does not exist.
    """
    filters, told = asked_filters(actor, asked)
    shown = [one for one in chosen(filters.cols or USUAL) if one.key != "ref"]
    rows = register.every(actor, filters, at, columns=shown)
    columns = [
        Column("ref", _("Number"), width=22),
        Column("version", _("Version"), Kind.NUMBER, 7),
        *(Column(one.key, str(one.title), KINDS.get(one.kind, Kind.TEXT), WIDE.get(one.key, 0)) for one in shown),
    ]
    return Export(
        name="register",
        title=_("Register"),
        columns=columns,
        rows=((c.ref, c.version, *(one.value(c) for one in shown)) for c in rows),
        count=register.number(actor, filters, at),
        at=at,
        facts=told,
        demo=shows_demo(),
    )


# --- The board --------------------------------------------------------------------------------------------------------


def board(actor: Actor, asked: QueryDict, at: datetime) -> Export:
    """The board as a table（总览）: one line for each unit and matter, said beside verified.

    Raises:
        Refused: ``not_found`` without a programme or for an area out of sight.
    """
    programme = boards.choose_programme(actor, asked.get("programme", ""))
    if programme is None:
        raise Refused("not_found")
    unit = boards.area_for(actor, programme, number(asked.get("unit", "")))
    view = boards.COUNTIES if asked.get("view") == boards.COUNTIES else boards.UNITS
    made = boards.board(actor, programme, unit, view)
    rows = list(_board_rows(made))
    return Export(
        name="board",
        title=_("Board of %(unit)s") % {"unit": unit.name},
        columns=[
            Column("unit", _("Unit"), width=22),
            Column("code", _("Code"), width=12),
            Column("number", _("No."), Kind.NUMBER, 6),
            Column("matter", _("Matter"), width=24),
            Column("items", _("Commitments"), Kind.NUMBER),
            Column("said", _("Said"), Kind.PERCENT),
            Column("verified", _("Verified"), Kind.PERCENT),
            Column("gap", _("Gap in points"), Kind.NUMBER),
            Column("overdue", _("Overdue"), Kind.NUMBER),
            Column("findings", _("Open findings"), Kind.NUMBER),
            Column("closed", _("Closed"), Kind.NUMBER),
            Column("grey", _("Grey"), Kind.NUMBER),
            Column("green", _("Green"), Kind.NUMBER),
            Column("yellow", _("Yellow"), Kind.NUMBER),
            Column("red", _("Red"), Kind.NUMBER),
            Column("blue", _("Blue"), Kind.NUMBER),
        ],
        rows=rows,
        count=len(rows),
        at=at,
        facts=[(_("Programme"), str(programme)), (_("Area"), unit.name)],
        demo=programme.is_demo,
    )


def _board_rows(made: boards.Board) -> Iterator[tuple[Any, ...]]:
    for row in made.rows:
        name = row.unit.name if row.unit else _("Led at this level")
        code = row.unit.code if row.unit else ""
        for matter in made.matters:
            yield (name, code, matter.number, matter.short, *_figures(row.summary(matter.pk)))


def _figures(one: rollup.Summary) -> tuple[Any, ...]:
    verified = one.verified_percent if one.verified else None
    return (
        one.items,
        one.said_percent,
        verified,
        one.gap if verified is not None else None,
        one.overdue,
        one.open_findings,
        one.state_closed,
        one.light_grey,
        one.light_green,
        one.light_yellow,
        one.light_red,
        one.light_blue,
    )


# --- Who is missing ---------------------------------------------------------------------------------------------------


def coverage_list(actor: Actor, asked: QueryDict, at: datetime) -> Export:
    """The units that owe a step of what was handed down and have not taken it（覆盖缺口）.

    Raises:
        Refused: ``not_found`` for a step, commitment, programme or unit out of sight.
    """
    step = named(STEPS, asked.get("step", STEPS[0].value))
    unit = number(asked.get("unit", ""))
    if ref := asked.get("ref", ""):
        handed = coverage.parts_handed(actor, delivery.commitment_for(actor, ref), unit)
        about = ref
    else:
        programme = boards.choose_programme(actor, asked.get("programme", ""))
        if programme is None:
            raise Refused("not_found")
        handed = coverage.programme_handed(actor, programme, number(asked.get("matter", "")), unit)
        about = str(handed.matter or programme)
    found = coverage.hole_rows(handed, step, level=asked.get("level", ""))
    return Export(
        name="coverage",
        title=_(MISSING[step]),
        columns=[
            Column("unit", _("Unit"), width=22),
            Column("above", _("Unit above"), width=22),
            Column("title", _("Commitment"), width=36),
            Column("ref", _("Number"), width=22),
            Column("since", _("Since"), Kind.MOMENT),
            Column("due", _("Asked by") if step is Act.ACCEPT else _("Due on"), Kind.DAY),
            Column("state", _("State"), width=10),
            Column("reminded", _("Reminded"), Kind.MOMENT),
        ],
        rows=(_hole(one, step) for one in found.iterator(chunk_size=CHUNK)),
        count=found.order_by().count(),
        at=at,
        facts=[(_("About"), about), (_("Area"), handed.top.name)],
        demo=shows_demo(),
    )


def _hole(one: Any, step: Act) -> tuple[Any, ...]:
    early = step is Act.ACCEPT
    return (
        one.lead.name,
        one.lead.parent.name if one.lead.parent else "",
        one.title,
        one.ref,
        one.issued_at if early else one.accepted_at or one.issued_at,
        one.accept_by if early else one.due_on,
        state_name(one.state),
        one.reminded_at,
    )


# --- The ledger -------------------------------------------------------------------------------------------------------


def entries(actor: Actor, asked: QueryDict, at: datetime) -> Export:
    """The entries of the ledger within sight（留痕册）, newest first, each with its number and digest."""
    found = records.entries(actor)
    return Export(
        name="ledger",
        title=_("Ledger"),
        columns=[
            Column("number", _("No."), Kind.NUMBER),
            Column("at", _("At"), Kind.MOMENT),
            Column("act", _("Act"), width=16),
            Column("ref", _("Number"), width=20),
            Column("words", _("Words"), width=50),
            Column("post", _("Post"), width=20),
            Column("for", _("On behalf of"), width=20),
            Column("leaf", _("Digest"), width=30),
        ],
        rows=_entry_rows(found.order_by("-pk")),
        count=found.count(),
        at=at,
        facts=[(_("Sight"), _("the whole ledger") if records.sees_all(actor) else _("what lies within your sight"))],
        demo=shows_demo(),
    )


def _entry_rows(found: QuerySet[Entry]) -> Iterator[tuple[Any, ...]]:
    for entry in found.iterator(chunk_size=CHUNK):
        data = said(entry)
        sequence = getattr(entry, "sequence", None)
        words = next((str(data[name]) for name in SAID_BY if data.get(name)), "")
        yield (
            sequence.number if sequence else None,
            entry.ts,
            event_name(entry.type),
            str(data.get("ref") or ""),
            words,
            entry.actor_post,
            entry.on_behalf_of or "",
            sequence.leaf if sequence else "",
        )


# --- Units and posts --------------------------------------------------------------------------------------------------


def unit_list(actor: Actor, asked: QueryDict, at: datetime) -> Export:
    """The units within scope（单位）, or those of one unit and below, in the order of the tree."""
    chosen = _asked_unit(actor, asked)
    found: QuerySet[Unit] = units.in_scope(units.standing().select_related("area", "parent"), "path", actor)
    if chosen is not None:
        found = found.filter(**subtree("path", chosen.path))
    return Export(
        name="units",
        title=_("Units"),
        columns=[
            Column("code", _("Code"), width=14),
            Column("name", _("Name"), width=28),
            Column("short", _("Short name"), width=14),
            Column("aliases", _("Other names"), width=24),
            Column("kind", _("Kind"), width=10),
            Column("level", _("Level"), width=10),
            Column("parent", _("Unit above"), width=24),
            Column("receives", _("Receives tasks"), width=10),
            Column("from", _("Valid from"), Kind.DAY),
        ],
        rows=(
            (
                unit.code,
                unit.name,
                unit.short_name,
                "、".join(unit.aliases),
                unit.get_kind_display(),
                unit.get_level_display(),
                unit.parent.name if unit.parent else "",
                unit.receives,
                unit.valid_from,
            )
            for unit in found.order_by("path").iterator(chunk_size=CHUNK)
        ),
        count=found.count(),
        at=at,
        facts=[(_("Area"), chosen.name if chosen else _("your whole area"))],
        demo=shows_demo(),
    )


def posts(actor: Actor, asked: QueryDict, at: datetime) -> Export:
    """The posts within scope（岗位）: seats of accountability, without the persons who sit in them."""
    chosen = _asked_unit(actor, asked)
    rows: QuerySet[Post] = Post.objects.filter(active=True).select_related("unit__area")
    found: QuerySet[Post] = units.in_scope(rows, "unit__path", actor)
    if chosen is not None:
        found = found.filter(**subtree("unit__path", chosen.path))
    return Export(
        name="posts",
        title=_("Posts"),
        columns=[
            Column("ref", _("Number"), width=22),
            Column("title", _("Title"), width=24),
            Column("role", _("Role"), width=16),
            Column("unit", _("Unit"), width=28),
            Column("area", _("Area"), width=20),
        ],
        rows=(
            (post.ref, post.title, post.get_role_display(), post.unit.name, post.unit.area.name)
            for post in found.order_by("unit__path", "ref").iterator(chunk_size=CHUNK)
        ),
        count=found.count(),
        at=at,
        facts=[(_("Area"), chosen.name if chosen else _("your whole area"))],
        demo=shows_demo(),
    )


# --- What an import refused -------------------------------------------------------------------------------------------


def refused(actor: Actor, asked: QueryDict, at: datetime) -> Export:
    """The rows an import refused, each with its sentence（未办理的行）.

    Raises:
        Refused: ``not_found`` for an import out of sight.
    """
    job = delivery.import_for(actor, number(asked.get("job", "")) or 0)
    told: Iterable[tuple[Any, ...]] = [
        (one.get("where", ""), text, one.get("code", ""))
        for one, text in zip(job.refusals, job.all_refusal_texts, strict=True)
    ]
    rows = list(told)
    return Export(
        name="refused",
        title=_("Rows refused"),
        columns=[
            Column("where", _("Where"), width=32),
            Column("why", _("Why, and what to do"), width=80),
            Column("code", _("Code"), width=20),
        ],
        rows=rows,
        count=len(rows),
        at=at,
        facts=[(_("File"), str(job.args.get("name", "")))],
        demo=shows_demo(),
    )
