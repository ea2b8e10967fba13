"""The audit（审计）: recompute the ledger, fold it, and compare it with the rows; name the first difference."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import reduce
from itertools import islice
from operator import or_
from typing import Any

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from luoshi.ledger import models, registry
from luoshi.ledger.queries.snapshots import snapshot
from luoshi.rules import chain

WINDOW = timedelta(seconds=2)
"""How long an entry may wait for its number."""
_CHUNK = 100


class _Different(Exception):  # noqa: N818 - not an error: what the audit looks for
    def __init__(self, template: str, **params: object) -> None:
        self.template = template
        self.params = params
        super().__init__(template)


@dataclass(frozen=True, slots=True)
class Difference:
    """The first thing found that is not as the ledger says（差异）."""

    template: str
    params: Mapping[str, object]

    def __str__(self) -> str:
        return gettext(self.template) % self.params


@dataclass(slots=True)
class Report:
    """What an audit saw（审计结果）: how far it came, and the first difference if there is one.

    ``unchecked`` are labels that the ledger has states of but nothing installed answers for.
    """

    entries: int = 0
    pending: int = 0
    checkpoints: int = 0
    rows: int = 0
    root: str = ""
    chain: str = ""
    unchecked: list[str] = field(default_factory=list)
    difference: Difference | None = None

    @property
    def clean(self) -> bool:
        """Whether nothing differs."""
        return self.difference is None


class _Fold:
    """The state of every governed row as the ledger tells it: key → (number of the last entry, JSON bytes)."""

    def __init__(self) -> None:
        self.states: dict[str, tuple[int | None, bytes]] = {}

    def add(self, number: int | None, after: Mapping[str, Mapping[str, Any] | None]) -> None:
        for key, change in after.items():
            if change is None:
                self.states.pop(key, None)
                continue
            before = self.states.get(key)
            state = json.loads(before[1]) if before else {}
            state.update(change)
            self.states[key] = (number, chain.canonical(state))


def audit(*, at: datetime) -> Report:
    """Recompute digests, leaves, chain, tree and checkpoints, fold the entries and compare them with the rows.

    Reads one snapshot and keeps nobody from writing. Memory: one small record per governed row.

    Args:
        at: now; an entry that was written more than two seconds before and has no number is a difference.
    """
    report = Report()
    with snapshot():
        try:
            _audit(report, at)
        except _Different as found:
            report.difference = Difference(found.template, found.params)
    return report


def _audit(report: Report, at: datetime) -> None:
    fold = _Fold()
    frontier, link = chain.Frontier(), chain.GENESIS
    checkpoints = models.Checkpoint.objects.order_by("size", "pk").iterator(chunk_size=_CHUNK)
    mark = next(checkpoints, None)
    for group in _groups(_numbered()):
        stored = _stored_nodes(frontier.size, frontier.size + len(group))
        indexed = _indexed([place.entry_id for place in group])
        links = [_digest(place.chain) for place in group]
        broken = chain.first_broken([_leaf(place.entry) for place in group], links, link)
        for index, place in enumerate(group):
            number = frontier.size + 1
            if place.number != number:
                _missing(number)
            entry = place.entry
            leaf, content = _check_entry(entry, number, indexed.get(entry.pk, set()))
            if place.leaf != leaf.hex():
                raise _Different(
                    _("Entry %(number)s: its numbered leaf digest is %(stored)s, recomputed it is %(computed)s."),
                    **_params(number, place.leaf, leaf.hex()),
                )
            if index == broken:
                raise _Different(
                    _("Entry %(number)s: the stored chain is %(stored)s, recomputed it is %(computed)s."),
                    **_params(number, place.chain, chain.chain_digest(link, leaf).hex()),
                )
            link = links[index]
            for level, index, digest in frontier.append(leaf):
                found = stored.pop((level, index), None)
                if found != digest.hex():
                    raise _Different(
                        _("Entry %(number)s: tree node %(node)s is %(stored)s, recomputed it is %(computed)s."),
                        **_params(number, found, digest.hex()),
                        node=f"{level}/{index}",
                    )
            while mark is not None and mark.size == number:
                _check_checkpoint(mark, frontier, link)
                report.checkpoints += 1
                mark = next(checkpoints, None)
            fold.add(number, content["after"])
            report.entries = number
    report.root, report.chain = frontier.root().hex(), link.hex()
    if mark is not None:
        raise _Different(
            _("A checkpoint was set at %(size)s entries, but the ledger holds %(entries)s: entries are gone."),
            size=mark.size,
            entries=frontier.size,
        )
    expected = sum(frontier.size >> level for level in range(1, frontier.size.bit_length()))
    if models.Node.objects.count() != expected:
        raise _Different(
            _("The tree holds %(stored)s nodes; %(entries)s entries make %(expected)s."),
            stored=models.Node.objects.count(),
            entries=frontier.size,
            expected=expected,
        )
    _check_pending(report, fold, at)
    _check_strays()
    _check_rows(report, fold)
    _check_guards()


def _check_strays() -> None:
    """Contents, briefs and places in the index that belong to no entry: PostgreSQL is not asked to refuse them."""
    for model in (models.EntryPayload, models.EntryBrief, models.EntrySubject):
        strays = model.objects.filter(~Exists(models.Entry.objects.filter(pk=OuterRef("entry_id"))))
        stray = strays.order_by("entry_id").values_list("entry_id", flat=True).first()
        if stray is not None:
            raise _Different(
                _("%(table)s holds a row of an entry (id %(id)s) that is not there."),
                table=model._meta.db_table,
                id=stray,
            )


def _params(number: int | None, stored: object, computed: object) -> dict[str, object]:
    return {"number": number, "stored": stored, "computed": computed}


def _numbered() -> Iterator[models.Sequence]:
    return (
        models.Sequence.objects.select_related("entry__payload", "entry__brief")
        .order_by("number")
        .iterator(chunk_size=_CHUNK)
    )


def _groups(places: Iterator[models.Sequence]) -> Iterator[list[models.Sequence]]:
    while group := list(islice(places, _CHUNK)):
        yield group


def _missing(number: int) -> None:
    place = models.Sequence.objects.filter(number=number).values_list("entry_id", flat=True).first()
    if place is None:
        raise _Different(_("Entry %(number)s is missing: no entry holds that number."), number=number)
    raise _Different(
        _("Entry %(number)s is missing: its number is there, the entry (id %(id)s) is not."), number=number, id=place
    )


def _stored_nodes(start: int, stop: int) -> dict[chain.Coordinate, str]:
    """The stored nodes that the leaves ``start … stop − 1`` complete, in one statement."""
    spans = [
        Q(level=level, index__gte=start >> level, index__lt=stop >> level)
        for level in range(1, stop.bit_length())
        if stop >> level > start >> level
    ]
    if not spans:
        return {}
    rows = models.Node.objects.filter(reduce(or_, spans)).values_list("level", "index", "hash")
    return {(level, index): digest for level, index, digest in rows}


def _indexed(ids: list[int]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    for entry_id, ref in models.EntrySubject.objects.filter(entry_id__in=ids).values_list("entry_id", "ref"):
        found.setdefault(entry_id, set()).add(ref)
    return found


def _leaf(entry: models.Entry) -> bytes:
    return entry.leaf.encode(errors="surrogatepass")


def _digest(text: str) -> bytes:
    """The digest written as ``text``; nothing when that is not how one is written."""
    try:
        found = bytes.fromhex(text)
    except ValueError:
        return b""
    return found if found.hex() == text else b""


def _name(entry: models.Entry, number: int | None) -> str:
    return str(number) if number is not None else gettext("without a number (id %(id)s)") % {"id": entry.pk}


def _check_entry(entry: models.Entry, number: int | None, indexed: set[str]) -> tuple[bytes, dict[str, Any]]:
    """Everything an entry says of itself; returns its leaf digest and its content."""
    name = _name(entry, number)
    try:
        text = entry.payload.text
    except models.EntryPayload.DoesNotExist:
        raise _Different(_("Entry %(number)s: its content is missing."), number=name) from None
    payload_digest = chain.digest(text.encode(errors="surrogatepass")).hex()
    if payload_digest != entry.payload_sha256:
        raise _Different(
            _("Entry %(number)s: its content was changed; its digest is %(computed)s, the entry says %(stored)s."),
            number=name,
            stored=entry.payload_sha256,
            computed=payload_digest,
        )
    content: dict[str, Any] = json.loads(text)
    brief = entry.brief.data if hasattr(entry, "brief") else None
    if brief != (chain.canonical(content["data"]).decode() if len(text) > models.LONG else None):
        raise _Different(_("Entry %(number)s: its brief does not say what its content says."), number=name)
    told = {
        "type": entry.type,
        "v": entry.v,
        "actor_post": entry.actor_post,
        "on_behalf_of": entry.on_behalf_of,
        "subjects_digest": entry.subjects_digest,
    }
    meant = {
        "type": content["type"],
        "v": content["v"],
        "actor_post": content["actor"]["post"],
        "on_behalf_of": content["actor"]["on_behalf_of"],
        "subjects_digest": chain.subjects_digest(content["subjects"]).hex(),
    }
    _same_fields(name, _("Entry %(number)s: %(field)s is %(stored)s, its content says %(computed)s."), told, meant)
    rebuilt = {
        "v": chain.LEAF_VERSION,
        "alg": chain.SHA256,
        "ts": chain.moment(entry.ts),
        "occurred_at": chain.moment(entry.occurred_at) if entry.occurred_at else None,
        "actor_post": entry.actor_post,
        "on_behalf_of": entry.on_behalf_of,
        "type": entry.type,
        "subjects_digest": entry.subjects_digest,
        "payload_sha256": entry.payload_sha256,
        "salt": entry.salt,
    }
    try:
        leaf = json.loads(entry.leaf)
    except ValueError:
        leaf = None
    if not isinstance(leaf, dict):
        raise _Different(_("Entry %(number)s: its leaf cannot be read."), number=name)
    _same_fields(name, _("Entry %(number)s: %(field)s is %(stored)s, its leaf says %(computed)s."), rebuilt, leaf)
    data = chain.canonical(leaf)
    digest = chain.leaf_digest(data)
    if data.decode() != entry.leaf or digest.hex() != entry.leaf_digest:
        raise _Different(
            _("Entry %(number)s: its leaf digest is %(stored)s, recomputed it is %(computed)s."),
            **{**_params(number, entry.leaf_digest, digest.hex()), "number": name},
        )
    refs = set(registry.indexed(content["subjects"], content["after"]))
    indexed -= content["after"].keys() - refs  # once every key stood in the index
    if refs != indexed:
        raise _Different(
            _("Entry %(number)s: the index of subjects differs from its content at %(ref)s."),
            number=name,
            ref=min(refs ^ indexed),
        )
    return digest, content


def _same_fields(name: str, template: str, stored: Mapping[str, Any], computed: Mapping[str, Any]) -> None:
    for place in (*stored, *(key for key in computed if key not in stored)):
        if stored.get(place) != computed.get(place):
            raise _Different(
                template, number=name, field=place, stored=repr(stored.get(place)), computed=repr(computed.get(place))
            )


def _check_checkpoint(mark: models.Checkpoint, frontier: chain.Frontier, link: bytes) -> None:
    for name, stored, computed in (("root", mark.root, frontier.root().hex()), ("chain", mark.chain, link.hex())):
        if stored != computed:
            raise _Different(
                _("Checkpoint at %(size)s entries: its %(field)s is %(stored)s, recomputed it is %(computed)s."),
                size=mark.size,
                field=name,
                stored=stored,
                computed=computed,
            )


def _check_pending(report: Report, fold: _Fold, at: datetime) -> None:
    waiting = (
        models.Entry.objects.filter(sequence__isnull=True)
        .select_related("payload", "brief")
        .annotate(queued=F("pending__entry_id"))
        .order_by("pk")
    )
    for entry in waiting.iterator(chunk_size=_CHUNK):
        _digest, content = _check_entry(entry, None, _indexed([entry.pk]).get(entry.pk, set()))
        if at - entry.recorded_at > WINDOW:
            raise _Different(
                _("The entry with id %(id)s has waited for its number for %(seconds)s seconds; 2 are allowed."),
                id=entry.pk,
                seconds=int((at - entry.recorded_at).total_seconds()),
            )
        if entry.queued is None:
            raise _Different(_("The entry with id %(id)s has no number and does not wait for one either."), id=entry.pk)
        fold.add(None, content["after"])
        report.pending += 1


def _check_rows(report: Report, fold: _Fold) -> None:
    governed = registry.governed()
    for label, rows in governed.items():
        for key, state in rows():
            report.rows += 1
            number, text = fold.states.pop(key, (None, b""))
            if not text:
                raise _Different(_("%(key)s: there is such a row, but the ledger knows of none."), key=key)
            # By way of canonical bytes, so that tuples and lists, enumerations and their values are the same.
            actual = json.loads(chain.canonical(dict(state)))
            told = json.loads(text)
            for name in (*told, *(name for name in actual if name not in told)):
                if name not in told or name not in actual or told[name] != actual[name]:
                    nothing = gettext("nothing")
                    raise _Different(
                        _("%(key)s, %(field)s: the ledger says %(ledger)s (entry %(number)s), the row says %(row)s."),
                        key=key,
                        field=name,
                        ledger=json.dumps(told[name], ensure_ascii=False) if name in told else nothing,
                        row=json.dumps(actual[name], ensure_ascii=False) if name in actual else nothing,
                        number=number if number is not None else gettext("not numbered yet"),
                    )
        left = min((key for key in fold.states if key.startswith(f"{label}:")), default=None)
        if left is not None:
            raise _Different(
                _("%(key)s: the ledger tells of this row (entry %(number)s), but it is gone."),
                key=left,
                number=fold.states[left][0] or gettext("not numbered yet"),
            )
    report.unchecked = sorted({registry.label_of(key) for key in fold.states})


def _check_guards() -> None:
    """Whether the triggers that keep the tables growing only are in place and on."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
                "WHERE t.tgname = c.relname || '_only_grows' AND t.tgenabled = 'A' AND pg_table_is_visible(c.oid)"
            )
            on = {name for (name,) in cursor.fetchall()}
            missing = [table for table in models.GUARDED if table not in on]
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            on = {name for (name,) in cursor.fetchall()}
            missing = [
                table
                for table in models.GUARDED
                if not {f"{table}_no_{act}" for act in ("update", "delete", "replace")} <= on
            ]
    if missing:
        raise _Different(
            _("The triggers that refuse changes of %(table)s are missing or switched off."), table=missing[0]
        )
