"""组织: the tree of units, the posts in them, who holds a post when, and who stands in for whom.

Dates are half-open: a period holds from ``*_from``/``from_on`` up to, but not including, ``*_until``/``until_on``, so
that two holders meet on one day without a gap and without an overlap. An empty end means "until further notice".
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.translation import gettext_lazy as _

from luoshi.rules.paths import span
from luoshi.rules.permissions import Role, Seat

if TYPE_CHECKING:
    from django.db.models.fields import _DbParameters  # type: ignore[attr-defined]


class PathField(models.CharField[str, str]):
    """A path of a unit（路径）: plain characters compared byte by byte.

    PostgreSQL gets collation ``C`` so that the plain B-tree serves ranges; SQLite compares bytes already and has no
    collation of that name, so the collation belongs to the column's parameters and not to the field's options.
    """

    def db_parameters(self, connection: BaseDatabaseWrapper) -> _DbParameters:
        """The column's parameters, with the collation the database knows."""
        parameters = super().db_parameters(connection)
        parameters["collation"] = "C" if connection.vendor == "postgresql" else None
        return parameters


class Kind(models.TextChoices):
    """What a unit is（单位类别）."""

    AREA = "area", _("Area")
    DEPARTMENT = "department", _("Department")
    BODY = "body", _("Body")
    STATISTICAL = "statistical", _("Statistical area")


class Level(models.TextChoices):
    """The level of government（层级）."""

    PROVINCE = "province", _("Province")
    PREFECTURE = "prefecture", _("Prefecture")
    COUNTY = "county", _("County")
    TOWNSHIP = "township", _("Township")
    VILLAGE = "village", _("Village")


LEVELS: tuple[str, ...] = tuple(Level.values)
"""Levels from the top down."""


class RoleChoice(models.TextChoices):
    """The roles a post may have（岗位职责）; the clock's role is no post."""

    HEAD = Role.HEAD.value, _("Head of the unit")
    OFFICE = Role.OFFICE.value, _("Supervision office")
    HANDLER = Role.HANDLER.value, _("Handler")
    VERIFIER = Role.VERIFIER.value, _("Verifier")
    DUTY = Role.DUTY.value, _("Duty officer")
    AUDITOR = Role.AUDITOR.value, _("Auditor")
    ADMINISTRATOR = Role.ADMINISTRATOR.value, _("Administrator")


def _iso(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None


class Period(models.QuerySet[Any]):
    """Rows that are in force for a time (``from_on`` ≤ day < ``until_on``)."""

    def on(self, day: dt.date) -> Period:
        """Those in force on ``day``."""
        return self.filter(models.Q(until_on__isnull=True) | models.Q(until_on__gt=day), from_on__lte=day)


class Unit(models.Model):
    """A node of the tree（单位）: an area, a department or body of an area, or a statistical area.

    ``path`` carries scope; the code is an attribute with dates. ``area`` is the area a department or body belongs to
    (for areas: itself); ``superior`` the department of the same trade one level up（业务上级，条）.
    """

    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices, default=Kind.AREA)
    level = models.CharField(_("level"), max_length=12, choices=Level.choices)
    name = models.CharField(_("name"), max_length=120, db_index=True)
    short_name = models.CharField(_("short name"), max_length=64, blank=True, db_index=True)
    aliases = models.JSONField(_("other names"), default=list, blank=True)
    standard_key = models.CharField(_("standard department"), max_length=40, blank=True)
    code = models.CharField(_("code"), max_length=32, blank=True, db_index=True)
    code_from = models.DateField(_("code valid from"), null=True, blank=True)
    code_until = models.DateField(_("code valid until"), null=True, blank=True)
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("unit above")
    )
    path = PathField(_("path"), max_length=240, editable=False)
    area = models.ForeignKey("self", on_delete=models.PROTECT, related_name="+", verbose_name=_("area"))
    superior = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="professionals",
        verbose_name=_("professional superior"),
    )
    receives = models.BooleanField(_("receives tasks"), default=True)
    valid_from = models.DateField(_("valid from"))
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    class Meta:
        verbose_name = _("unit")
        verbose_name_plural = _("units")
        ordering: ClassVar[list[str]] = ["path"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["path"], name="unit_path_once"),
            models.UniqueConstraint(
                fields=["code"],
                condition=~models.Q(code="") & models.Q(valid_until__isnull=True),
                name="unit_code_once",
            ),
            models.UniqueConstraint(
                fields=["area", "standard_key"],
                condition=~models.Q(standard_key="") & models.Q(valid_until__isnull=True),
                name="unit_standard_department_once",
            ),
            models.CheckConstraint(
                condition=models.Q(valid_until__isnull=True) | models.Q(valid_until__gte=models.F("valid_from")),
                name="unit_dates_in_order",
            ),
            models.CheckConstraint(
                condition=models.Q(parent__isnull=True) | ~models.Q(parent=models.F("id")), name="unit_not_own_parent"
            ),
            models.CheckConstraint(
                condition=~models.Q(kind=Kind.STATISTICAL) | models.Q(receives=False), name="unit_statistical_is_spared"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def ledger_key(self) -> str:
        """The key of this row in the ledger's folded state."""
        return f"units.unit:{self.pk}"

    def ledger_state(self) -> dict[str, Any]:
        """The governed fields, as the ledger keeps them."""
        return {
            "kind": self.kind,
            "level": self.level,
            "name": self.name,
            "short": self.short_name,
            "aliases": list(self.aliases),
            "key": self.standard_key,
            "code": self.code,
            "code_dates": [_iso(self.code_from), _iso(self.code_until)],
            "parent": self.parent_id,
            "path": self.path,
            "area": self.area_id,
            "superior": self.superior_id,
            "receives": self.receives,
            "dates": [_iso(self.valid_from), _iso(self.valid_until)],
            "version": self.version,
        }

    @property
    def range(self) -> tuple[str, str]:
        """The half-open range of paths of this unit and everything below it."""
        return span(self.path)

    @property
    def is_area(self) -> bool:
        """Whether it is a node of territory rather than an office in one."""
        return self.kind in {Kind.AREA, Kind.STATISTICAL}

    def stands_on(self, day: dt.date) -> bool:
        """Whether the unit exists on ``day``."""
        return self.valid_from <= day and (self.valid_until is None or day < self.valid_until)


class UnitChange(models.Model):
    """What happened to a unit and from which day（单位沿革）; rows are only ever added."""

    class What(models.TextChoices):
        """The act that changed the unit."""

        RENAMED = "renamed", _("Renamed")
        MOVED = "moved", _("Moved")
        MERGED = "merged", _("Merged into another unit")
        RECEIVED = "received", _("Took in another unit")
        SPLIT = "split", _("Split")
        CLOSED = "closed", _("Closed")

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="changes", verbose_name=_("unit"))
    what = models.CharField(_("what"), max_length=12, choices=What.choices)
    on = models.DateField(_("from"))
    old_name = models.CharField(_("name before"), max_length=120)
    new_name = models.CharField(_("name after"), max_length=120)
    old_path = PathField(_("path before"), max_length=240)
    new_path = PathField(_("path after"), max_length=240)
    other = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("other unit"))
    reason = models.TextField(_("reason"), blank=True)
    recorded_at = models.DateTimeField(_("recorded at"))

    class Meta:
        verbose_name = _("change of a unit")
        verbose_name_plural = _("changes of units")
        ordering: ClassVar[list[str]] = ["on", "id"]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["unit", "on"], name="unitchange_unit_on")]

    def __str__(self) -> str:
        return f"{self.get_what_display()} {self.on}"

    @property
    def ledger_key(self) -> str:
        """The key of this row in the ledger's folded state."""
        return f"units.change:{self.pk}"

    def ledger_state(self) -> dict[str, Any]:
        """The governed fields, as the ledger keeps them."""
        return {
            "unit": self.unit_id,
            "what": self.what,
            "on": _iso(self.on),
            "names": [self.old_name, self.new_name],
            "paths": [self.old_path, self.new_path],
            "other": self.other_id,
            "reason": self.reason,
        }


class Post(models.Model):
    """A seat of accountability（岗位）; held by one person at a time.

    ``contact`` is the only place for official telephone numbers; the ledger keeps its digest, not the number.
    """

    ref = models.CharField(_("number"), max_length=64, unique=True)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="posts", verbose_name=_("unit"))
    title = models.CharField(_("title"), max_length=80)
    role = models.CharField(_("role"), max_length=16, choices=RoleChoice.choices)
    contact = models.CharField(_("official contact"), max_length=120, blank=True)
    active = models.BooleanField(_("in use"), default=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    class Meta:
        verbose_name = _("post")
        verbose_name_plural = _("posts")
        ordering: ClassVar[list[str]] = ["ref"]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["role", "unit"], name="post_role_unit")]

    def __str__(self) -> str:
        return self.title

    @property
    def ledger_key(self) -> str:
        """The key of this row in the ledger's folded state."""
        return f"units.post:{self.ref}"

    def ledger_state(self) -> dict[str, Any]:
        """The governed fields, as the ledger keeps them."""
        return {
            "unit": self.unit_id,
            "title": self.title,
            "role": self.role,
            "contact": hashlib.sha256(self.contact.encode()).hexdigest()[:16] if self.contact else "",
            "active": self.active,
            "version": self.version,
        }

    def seat(self) -> Seat:
        """The post as the rules see it; needs ``unit`` and ``unit.area`` loaded."""
        return Seat(
            post_id=self.pk,
            post_ref=self.ref,
            title=self.title,
            role=Role(self.role),
            unit_id=self.unit_id,
            unit_path=self.unit.path,
            area_path=self.unit.area.path,
        )


class Holding(models.Model):
    """Who holds a post from when until when（任职）."""

    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="holdings", verbose_name=_("post"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="holdings", verbose_name=_("holder")
    )
    from_on = models.DateField(_("from"))
    until_on = models.DateField(_("until (not included)"), null=True, blank=True)

    objects = Period.as_manager()

    class Meta:
        verbose_name = _("holding")
        verbose_name_plural = _("holdings")
        ordering: ClassVar[list[str]] = ["-from_on", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(until_on__isnull=True) | models.Q(until_on__gte=models.F("from_on")),
                name="holding_dates_in_order",
            ),
            models.UniqueConstraint(
                fields=["post"], condition=models.Q(until_on__isnull=True), name="holding_one_open_per_post"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.post_id} {self.from_on}"

    @property
    def ledger_key(self) -> str:
        """The key of this row in the ledger's folded state."""
        return f"units.holding:{self.pk}"

    def ledger_state(self) -> dict[str, Any]:
        """The governed fields, as the ledger keeps them."""
        return {"post": self.post_id, "user": self.user_id, "dates": [_iso(self.from_on), _iso(self.until_on)]}


class Deputyship(models.Model):
    """One post stands in for another for a time（代理）: "X for Y", resolved when the act is done."""

    principal = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="deputies", verbose_name=_("principal"))
    deputy = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="principals", verbose_name=_("deputy"))
    from_on = models.DateField(_("from"))
    until_on = models.DateField(_("until (not included)"), null=True, blank=True)
    reason = models.TextField(_("reason"))

    objects = Period.as_manager()

    class Meta:
        verbose_name = _("deputyship")
        verbose_name_plural = _("deputyships")
        ordering: ClassVar[list[str]] = ["-from_on", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(until_on__isnull=True) | models.Q(until_on__gte=models.F("from_on")),
                name="deputyship_dates_in_order",
            ),
            models.CheckConstraint(condition=~models.Q(principal=models.F("deputy")), name="deputyship_not_of_oneself"),
        ]

    def __str__(self) -> str:
        return f"{self.deputy_id} for {self.principal_id}"

    @property
    def ledger_key(self) -> str:
        """The key of this row in the ledger's folded state."""
        return f"units.deputyship:{self.pk}"

    def ledger_state(self) -> dict[str, Any]:
        """The governed fields, as the ledger keeps them."""
        return {
            "principal": self.principal_id,
            "deputy": self.deputy_id,
            "dates": [_iso(self.from_on), _iso(self.until_on)],
            "reason": self.reason,
        }


class HandOver(models.Model):
    """A post went from one holder to the next, with the list of what was handed over（交接）."""

    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="handovers", verbose_name=_("post"))
    from_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("from")
    )
    to_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("to")
    )
    on = models.DateField(_("on"))
    items = models.JSONField(_("hand-over list"), default=list)
    note = models.TextField(_("note"), blank=True)

    class Meta:
        verbose_name = _("hand-over")
        verbose_name_plural = _("hand-overs")
        ordering: ClassVar[list[str]] = ["-on", "-id"]

    def __str__(self) -> str:
        return f"{self.post_id} {self.on}"

    @property
    def ledger_key(self) -> str:
        """The key of this row in the ledger's folded state."""
        return f"units.handover:{self.pk}"

    def ledger_state(self) -> dict[str, Any]:
        """The governed fields, as the ledger keeps them."""
        return {
            "post": self.post_id,
            "users": [self.from_user_id, self.to_user_id],
            "on": _iso(self.on),
            "items": list(self.items),
            "note": self.note,
        }


class AreaMap(models.Model):
    """An approved map of areas（审定地图）: where it comes from, its licence and its approval number（审图号）.

    A map that is taken away keeps this row and loses its shapes, so that the ledger's fold and the table agree.
    """

    name = models.CharField(_("name of the file"), max_length=200)
    source = models.CharField(_("source"), max_length=200)
    licence = models.CharField(_("licence"), max_length=200)
    approval_no = models.CharField(_("map approval number"), max_length=60)
    digest = models.CharField(_("digest of the file"), max_length=64)
    areas = models.PositiveIntegerField(_("areas"))
    imported_at = models.DateTimeField(_("imported"))
    removed_at = models.DateTimeField(_("taken away"), null=True, blank=True)

    class Meta:
        verbose_name = _("map")
        verbose_name_plural = _("maps")
        ordering: ClassVar[list[str]] = ["-id"]

    def __str__(self) -> str:
        return f"{self.name} ({self.approval_no})"

    @property
    def ledger_key(self) -> str:
        """The key of this row in the ledger's folded state."""
        return f"units.map:{self.pk}"

    def ledger_state(self) -> dict[str, Any]:
        """The governed fields, as the ledger keeps them."""
        return {
            "source": self.source,
            "licence": self.licence,
            "approval_no": self.approval_no,
            "digest": self.digest,
            "areas": self.areas,
            "removed": self.removed_at is not None,
        }


class MapShape(models.Model):
    """The outline of one unit on a map（图形）: as it is drawn, and in degrees for other programs."""

    area_map = models.ForeignKey(AreaMap, on_delete=models.CASCADE, related_name="shapes", verbose_name=_("map"))
    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="+", verbose_name=_("unit"))
    path = models.TextField(_("path"))
    box = models.JSONField(_("box"))
    label_at = models.JSONField(_("place of the name"))
    geometry = models.JSONField(_("geometry"))

    class Meta:
        verbose_name = _("shape")
        verbose_name_plural = _("shapes")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["area_map", "unit"], name="map_shape_once"),
        ]

    def __str__(self) -> str:
        return f"{self.unit_id} on {self.area_map_id}"


class CalendarVersion(models.Model):
    """What one notice says about the days of one year（日历版本）: for the whole country, or for one area alone.

    Rows are only ever added: the newest of an area and a year is in force, and what was in force before stays readable.
    Local days(放假办法 Art 4) belong to an area and hold for everything below it, on top of the country's.
    """

    class Origin(models.TextChoices):
        """How a version came about."""

        PACKAGE = "package", _("kept with the program")
        IMPORT = "import", _("read in from a file")
        OVERRIDE = "override", _("changed by an administrator")

    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="calendar_versions", verbose_name=_("area")
    )
    year = models.PositiveSmallIntegerField(_("year"))
    origin = models.CharField(_("origin"), max_length=10, choices=Origin.choices)
    title = models.CharField(_("notice"), max_length=200)
    number = models.CharField(_("number of the notice"), max_length=80, blank=True)
    notice_on = models.DateField(_("date of the notice"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=300, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    digest = models.CharField(_("digest of its days"), max_length=64)
    recorded_at = models.DateTimeField(_("recorded"))

    class Meta:
        verbose_name = _("calendar version")
        verbose_name_plural = _("calendar versions")
        ordering: ClassVar[list[str]] = ["-id"]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["unit", "year"], name="calendar_unit_year")]

    def __str__(self) -> str:
        return f"{self.year} {self.title}"

    @property
    def ledger_key(self) -> str:
        """The key of this row in the ledger's folded state."""
        return f"units.calendar:{self.pk}"

    def ledger_state(self) -> dict[str, Any]:
        """The governed fields, as the ledger keeps them."""
        return {
            "unit": self.unit_id,
            "year": self.year,
            "origin": self.origin,
            "title": self.title,
            "number": self.number,
            "notice_on": _iso(self.notice_on),
            "source": self.source,
            "reason": self.reason,
            "digest": self.digest,
        }


class CalendarDay(models.Model):
    """One day that a notice takes out of the plain week（放假、调休）: off, or worked although it is a weekend."""

    calendar = models.ForeignKey(
        CalendarVersion, on_delete=models.CASCADE, related_name="days", verbose_name=_("calendar version")
    )
    day = models.DateField(_("day"))
    working = models.BooleanField(_("worked"))
    name_zh = models.CharField(_("name in Chinese"), max_length=40)
    name_en = models.CharField(_("name in English"), max_length=60, blank=True)

    class Meta:
        verbose_name = _("special day")
        verbose_name_plural = _("special days")
        ordering: ClassVar[list[str]] = ["day"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["calendar", "day"], name="calendar_day_once"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.name_zh}"


Governed = Unit | UnitChange | Post | Holding | Deputyship | HandOver | AreaMap | CalendarVersion
"""Rows whose every change is an entry of the ledger."""


def governed_rows(model: type[models.Model]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Key and state of every row of ``model``, streamed, for the audit."""
    for row in model._default_manager.order_by("pk").iterator(chunk_size=2000):
        assert isinstance(row, Governed)  # noqa: S101 - narrows the type
        yield row.ledger_key, row.ledger_state()
