"""方案包的装入: find a pack, say what loading it would change, and load it; twice changes nothing.

A pack prepares a programme, it never orders one: the authority（依据）is recorded by a person, and nothing is issued
here. What an office has issued may no longer be rewritten by a file, so a changed pack updates the settings of the
programme and names everything else that it cannot change.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from luoshi.delivery import services as delivery
from luoshi.delivery.models import Matter, Programme, SubMatter
from luoshi.packs.schema import programme as written
from luoshi.packs.schema.pack import Pack
from luoshi.packs.schema.programme import Signs
from luoshi.packs.schema.reading import read_pack
from luoshi.rules import escalation
from luoshi.rules.permissions import Actor, Role
from luoshi.rules.refusals import Refused, declare, gettext_noop
from luoshi.units import services as units
from luoshi.units.models import Unit

_ = gettext_noop
declare(404, pack_unknown=_("There is no pack called “%(pack)s”; give the name of a pack or the path of its folder."))
declare(
    409,
    pack_needs_units=_("There are no units yet. Import the tree first: luoshi units import FILE."),
    pack_needs_owner=_("Several units stand at the top; say which one owns the programme with --owner."),
    pack_prefix_taken=_("The prefix %(prefix)s belongs to the programme %(key)s already; numbers must not mix."),
)

HOME = Path(__file__).resolve().parent
DEFAULT = "ten_matters"
SETTINGS = ("visibility", "warning_days", "extension_limit")
"""Fields of a programme that loading a changed pack may update."""


class What(StrEnum):
    """What loading does about a difference."""

    ADD = "add"
    CHANGE = "change"
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between a pack and the database: what loading does about it, where, and both values."""

    what: What
    place: str
    field: str = ""
    old: str = ""
    new: str = ""


@dataclass(frozen=True, slots=True)
class Loaded:
    """The outcome of a load: the programme, and what was or could not be changed."""

    programme: Programme
    changes: tuple[Change, ...]

    @property
    def changed(self) -> bool:
        """Whether anything was written."""
        return any(change.what is not What.KEEP for change in self.changes)


def find_pack(name: str) -> Path:
    """The folder of a pack, by its name under ``luoshi.packs`` or by its path.

    Raises:
        Refused: ``pack_unknown``.
    """
    for folder in (Path(name), HOME / name):
        if name and (folder / "programme.yaml").is_file():
            return folder.resolve()
    folder = Path(name)
    if name and folder.is_dir() and any(folder.glob("*.yaml")):
        return folder.resolve()
    raise Refused("pack_unknown", pack=name[:200])


def read(name: str = DEFAULT) -> Pack:
    """Find, read and check a pack.

    Raises:
        Refused: ``pack_unknown``.
        PackInvalid: with every problem found.
    """
    return read_pack(find_pack(name))


def place_of(pack: Pack, matter: written.Matter) -> str:
    """Where the matter's sentence stands: document, day, paragraph and its heading; in the words of the source."""
    source = pack.source(matter.quote.source)
    heading = next(one.heading for one in source.paragraphs if one.number == matter.quote.paragraph)
    return f"{source.document.zh}（{source.on.isoformat()}）{source.place.zh}：{heading}"[:200]


def _matter_fields(pack: Pack, matter: written.Matter) -> dict[str, Any]:
    return {
        "name_zh": matter.name.zh,
        "name_en": matter.name.en,
        "short_zh": matter.short.zh,
        "short_en": matter.short.en,
        "source_quote": matter.quote.text,
        "source_place": place_of(pack, matter),
        "institutions_only": matter.institutions_only,
        "off_system": matter.off_system_default,
    }


def _part_fields(part: written.SubMatter) -> dict[str, Any]:
    notes = [note for note in (part.note, part.probable_reading) if note is not None]
    return {
        "name_zh": part.name.zh,
        "name_en": part.name.en,
        "garbled": part.garbled,
        "note_zh": " ".join(note.zh for note in notes),
        "note_en": " ".join(note.en for note in notes),
    }


def _ladder(pack: Pack) -> escalation.Ladder:
    return pack.ladder(pack.programme.ladder).rule()


def _ladder_change(programme: Programme, pack: Pack) -> list[Change]:
    """The ladder that will hold for what is issued from now on, where the pack says another one."""
    now = programme.ladder_now
    if now is not None and now.rule() == _ladder(pack):
        return []
    old = str(now.number) if now is not None else ""
    return [Change(What.CHANGE, pack.programme.key, "ladder", old, pack.programme.ladder)]


def timings_of(pack: Pack) -> dict[str, object]:
    """The thresholds and ways of counting a pack sets."""
    wanted = pack.programme
    return {**wanted.timing.model_dump(mode="json"), "accept_kind": wanted.acceptance.kind}


def _timing_changes(programme: Programme, wanted: dict[str, object]) -> tuple[str, str] | None:
    """What differs from the pack's timing, before and after; nothing when all is alike."""
    kept = programme.timing_now
    return _differing({name: getattr(kept, name) for name in wanted} if kept else {}, wanted)


def _differing(now: dict[str, Any], wanted: dict[str, Any]) -> tuple[str, str] | None:
    """What differs of some settings, before and after; nothing when all is alike."""
    differing = [name for name, value in wanted.items() if now.get(name) != value]
    if not differing:
        return None
    before, after = ({name: told.get(name, "–") for name in differing} for told in (now, wanted))
    return tuple(", ".join(f"{name} {value}" for name, value in told.items()) for told in (before, after))  # type: ignore[return-value]


def diff(pack: Pack) -> list[Change]:
    """What loading the pack would add or change, and what differs but is kept（比较）; nothing is written."""
    return [*_calendars(), *_programme_changes(pack)]


def _calendars() -> Iterator[Change]:
    """The working calendars by which the terms of a programme are counted."""
    for notice in units.missing_notices():
        yield Change(What.ADD, "calendar", str(notice.year), "", notice.title)


def _programme_changes(pack: Pack) -> list[Change]:
    wanted = pack.programme
    programme = Programme.objects.filter(key=wanted.key).first()
    if programme is None:
        return list(_additions(pack))
    changes = [
        Change(What.CHANGE, wanted.key, field, str(getattr(programme, field)), str(getattr(wanted, field)))
        for field in SETTINGS
        if getattr(programme, field) != getattr(wanted, field)
    ]
    if told := _timing_changes(programme, timings_of(pack)):
        changes.append(Change(What.CHANGE, wanted.key, "timing", told[0], told[1]))
    if told := _differing(asdict(programme.signs), wanted.signs.model_dump()):
        changes.append(Change(What.CHANGE, wanted.key, "signs", told[0], told[1]))
    fixed = {"prefix": wanted.prefix, "name_zh": wanted.name.zh, "name_en": wanted.name.en}
    changes += _ladder_change(programme, pack)
    changes += _kept(programme, wanted.key, fixed)
    matters = {row.number: row for row in Matter.objects.filter(programme=programme)}
    parts = {(part.matter_id, part.number): part for part in SubMatter.objects.filter(matter__programme=programme)}
    for matter in pack.matters:
        row = matters.pop(matter.number, None)
        place = f"{wanted.key} › {matter.number}"
        if row is None:
            changes.append(Change(What.KEEP, place, "matter", "", matter.name.zh))
            continue
        changes += _kept(row, place, _matter_fields(pack, matter))
        for part in matter.sub_matters:
            below = parts.pop((row.pk, part.number), None)
            where = f"{place}.{part.number}"
            if below is None:
                changes.append(Change(What.KEEP, where, "sub_matter", "", part.name.zh))
            else:
                changes += _kept(below, where, _part_fields(part))
    changes += [Change(What.KEEP, f"{wanted.key} › {row.number}", "matter", row.name_zh) for row in matters.values()]
    changes += [Change(What.KEEP, wanted.key, "sub_matter", row.name_zh) for row in parts.values()]
    return changes


def _additions(pack: Pack) -> Iterator[Change]:
    yield Change(What.ADD, pack.programme.key, "programme", "", pack.programme.name.zh)
    for matter in pack.matters:
        place = f"{pack.programme.key} › {matter.number}"
        yield Change(What.ADD, place, "matter", "", matter.name.zh)
        for part in matter.sub_matters:
            yield Change(What.ADD, f"{place}.{part.number}", "sub_matter", "", part.name.zh)


def _kept(row: object, place: str, fields: dict[str, Any]) -> list[Change]:
    return [
        Change(What.KEEP, place, name, str(getattr(row, name)), str(value))
        for name, value in fields.items()
        if getattr(row, name) != value
    ]


def owner_of(code: str = "") -> Unit:
    """The unit that owns the programme: the one with this code, else the only area at the very top.

    Raises:
        Refused: ``unit_unknown``, ``pack_needs_units``, ``pack_needs_owner``.
    """
    standing = Unit.objects.filter(valid_until__isnull=True).select_related("area")
    if code:
        found = standing.filter(code=code).first()
        if found is None:
            raise Refused("unit_unknown", text=code[:60])
        return found
    roots = list(standing.filter(parent__isnull=True, kind="area")[:2])
    if not roots:
        raise Refused("pack_needs_units")
    if len(roots) > 1:
        raise Refused("pack_needs_owner")
    return roots[0]


def load(pack: Pack, *, actor: Actor, at: datetime, owner: Unit | None = None, is_demo: bool = False) -> Loaded:
    """Load a pack（装入）: set the programme up in draft, or bring its settings to what the pack says.

    The clock on the command line also puts the holiday notices kept with the program in force where a year has none;
    an office does not keep the country's calendar, so they are not loaded for it.

    Args:
        pack: the pack, checked.
        actor: the clock on the command line, or the owner's head or supervision office.
        at: now.
        owner: whose programme it is; the only area at the top by default. Ignored when the programme exists.
        is_demo: whether every page and paper is to say 演示.

    Raises:
        Refused: ``pack_needs_units``, ``pack_needs_owner``, ``pack_prefix_taken``, ``not_programme_owner``.
    """
    if actor.role is Role.SYSTEM:
        changes = tuple(diff(pack))
        units.load_kept_calendars(actor=actor, at=at)
    else:
        changes = tuple(_programme_changes(pack))
    wanted = pack.programme
    programme = Programme.objects.filter(key=wanted.key).first()
    if programme is not None:
        if any(change.field == "ladder" for change in changes):
            programme, _entry = delivery.change_ladder(
                actor=actor, key=wanted.key, version=programme.version, ladder=_ladder(pack), at=at
            )
        if any(change.what is What.CHANGE and change.field != "ladder" for change in changes):
            programme, _entry = delivery.change_programme_settings(
                actor=actor,
                key=wanted.key,
                version=programme.version,
                visibility=wanted.visibility,
                warning_days=wanted.warning_days,
                extension_limit=wanted.extension_limit,
                timings=timings_of(pack),
                signs=wanted.signs.model_dump(),
                at=at,
            )
        return Loaded(programme, changes)
    other = Programme.objects.filter(prefix=wanted.prefix).first()
    if other is not None:
        raise Refused("pack_prefix_taken", prefix=wanted.prefix, key=other.key)
    matters: list[Matter] = []
    parts: list[SubMatter] = []
    for matter in pack.matters:
        row = Matter(number=matter.number, **_matter_fields(pack, matter))
        matters.append(row)
        parts += [SubMatter(matter=row, number=part.number, **_part_fields(part)) for part in matter.sub_matters]
    programme, _entry = delivery.create_programme(
        actor=actor,
        key=wanted.key,
        prefix=wanted.prefix,
        name_zh=wanted.name.zh,
        name_en=wanted.name.en,
        owner=owner or owner_of(),
        matters=matters,
        sub_matters=parts,
        settings={
            "pack": wanted.key,
            "acceptance": wanted.acceptance.model_dump(mode="json"),
            **({"signs": wanted.signs.model_dump()} if wanted.signs != Signs() else {}),
        },
        visibility=wanted.visibility,
        warning_days=wanted.warning_days,
        extension_limit=wanted.extension_limit,
        ladder=_ladder(pack),
        timings=timings_of(pack),
        is_demo=is_demo,
        at=at,
    )
    return Loaded(programme, changes)
