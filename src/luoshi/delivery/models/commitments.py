"""任务: who delivers what by when; its parts, its supporting units and what the rules need to know of it."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from typing import Any

from django.db import models
from django.db.models import Case, F, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from luoshi.delivery.models.ladders import Climbing
from luoshi.delivery.models.programmes import Matter, Programme, SubMatter
from luoshi.delivery.models.timings import Timing, calendar_if, timing_of
from luoshi.rules import escalation, lifecycle, lights, objecting, rollup
from luoshi.rules.calendar import local_day
from luoshi.units.models import PathField
from luoshi.units.queries import calendar_for

URGENCY = {"red": 0, "yellow": 1, "green": 2, "grey": 3, "blue": 4}
"""Light → place in the order of urgency, the most urgent first."""
NO_DATE = date(9999, 12, 31)
"""Where what has no date stands among dates: after all of them."""


class LeadPathField(PathField):
    """The path of the lead unit beside the commitment, so that one index answers scope and order; filled on saving."""

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        """Whatever was set, the lead's present path is kept."""
        path: str = model_instance.lead.path  # type: ignore[attr-defined]
        setattr(model_instance, self.attname, path)
        return path


class Commitment(Climbing):
    """任务: one promise with one lead, a date, a source and a place in the chain."""

    class How(models.TextChoices):
        """How the verified figure was reached; never added together."""

        NOT = "", _("not verified")
        DESK = "desk", _("desk")
        VISITED = "visited", _("visited")
        SAMPLED = "sampled", _("sampled")

    class Cadence(models.TextChoices):
        """How often a report is asked; the default asks nothing by the calendar（减负）."""

        ON_CHANGE = "on_change", _("when something changes")
        WEEKLY = "weekly", _("weekly")
        MONTHLY = "monthly", _("monthly")
        QUARTERLY = "quarterly", _("quarterly")
        HALF_YEARLY = "half_yearly", _("half-yearly")
        YEARLY = "yearly", _("yearly")

    ref = models.CharField(max_length=40, unique=True)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="commitments")
    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="commitments", db_index=False)
    sub_matter = models.ForeignKey(
        SubMatter, on_delete=models.PROTECT, null=True, blank=True, related_name="commitments"
    )
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    kind = models.CharField(
        max_length=10, choices=[(kind.value, kind.value) for kind in lifecycle.Kind], default="task"
    )
    state = models.CharField(max_length=12, choices=[(s.value, name) for s, name in lifecycle.STATE_NAMES.items()])
    version = models.PositiveIntegerField(default=1)

    title = models.CharField(max_length=200)
    requirement = models.TextField()
    criteria = models.JSONField(default=list, blank=True)
    source_quote = models.TextField(blank=True)
    source_place = models.CharField(max_length=200, blank=True)

    issuer = models.ForeignKey(
        "units.Unit", on_delete=models.PROTECT, related_name="issued_commitments", db_index=False
    )
    lead = models.ForeignKey("units.Unit", on_delete=models.PROTECT, related_name="led_commitments", db_index=False)
    lead_post = models.ForeignKey(
        "units.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="commitments"
    )
    line_units = models.JSONField(default=list)
    verifying_unit = models.ForeignKey(
        "units.Unit",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="verifying_commitments",
        db_index=False,
    )

    deadline_n = models.PositiveSmallIntegerField(null=True, blank=True)
    deadline_kind = models.CharField(max_length=10, default="calendar")
    deadline_event = models.CharField(max_length=20, default="issued")
    due_on = models.DateField(null=True, blank=True)
    first_due_on = models.DateField(null=True, blank=True)
    accept_days = models.PositiveSmallIntegerField(default=5)
    accept_by = models.DateField(null=True, blank=True)
    timing = models.ForeignKey(
        Timing,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        help_text="thresholds and ways of counting as they were when it was issued",
    )
    counted_by = models.IntegerField(
        null=True, blank=True, help_text="edition of the calendar by which its working days were counted"
    )
    cadence = models.CharField(max_length=12, choices=Cadence, default=Cadence.ON_CHANGE)
    asks_files = models.PositiveSmallIntegerField(default=0, help_text="files asked with each report, never required")
    asks_photos = models.PositiveSmallIntegerField(default=0, help_text="photos asked with each report, never required")
    frequency = models.CharField(max_length=12, blank=True)
    period_from_on = models.DateField(null=True, blank=True)
    period_until_on = models.DateField(null=True, blank=True)

    issued_at = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    insisted = models.BooleanField(default=False)
    reopened = models.PositiveSmallIntegerField(default=0)
    counted_with_parent = models.BooleanField(default=False)
    carries_parts = models.BooleanField(default=False, help_text="its parts are counted with it, not for themselves")
    off_system = models.BooleanField(default=False, help_text="holds number, post, date and state only")
    weight = models.PositiveSmallIntegerField(default=1)
    said = models.PositiveSmallIntegerField(default=0)
    verified = models.PositiveSmallIntegerField(default=0)
    verified_how = models.CharField(max_length=8, choices=How, blank=True, default=How.NOT)
    missed = models.BooleanField(default=False)
    extensions_granted = models.PositiveSmallIntegerField(default=0)
    resume_state = models.CharField(max_length=12, blank=True)
    waiting_since = models.DateField(null=True, blank=True, help_text="the day its clock stopped")
    waited_days = models.PositiveSmallIntegerField(default=0, help_text="working days its clock has stood still")

    # Derived from acts, so that one row answers; remade by ``luoshi rebuild``, not part of the ledger's folding.
    reports_count = models.PositiveIntegerField(default=0)
    last_report_returned = models.BooleanField(default=False)
    last_report_on_behalf = models.BooleanField(default=False)
    pending_extension = models.BooleanField(default=False)
    open_requests = models.PositiveSmallIntegerField(default=0)
    unread_briefs = models.PositiveSmallIntegerField(default=0)
    open_findings = models.PositiveSmallIntegerField(default=0)
    open_objections = models.PositiveSmallIntegerField(default=0)
    last_conclusion_on = models.DateField(null=True, blank=True)
    children_count = models.PositiveIntegerField(default=0)
    open_children = models.PositiveIntegerField(default=0)
    reopened_parts = models.PositiveIntegerField(
        default=0, help_text="parts reopened since this was closed and not weighed yet"
    )
    light = models.CharField(max_length=6, default="grey")
    next_due_at = models.DateTimeField(null=True, blank=True)
    lead_path = LeadPathField(max_length=240, editable=False, default="")
    last_reported_at = models.DateTimeField(null=True, blank=True)

    # What lists are ordered by: never empty, so that one index walks either way and a page begins where the last ended.
    urgency = models.GeneratedField(
        expression=Case(*(When(light=light, then=Value(place)) for light, place in URGENCY.items()), default=Value(9)),
        output_field=models.SmallIntegerField(),
        db_persist=True,
    )
    due_key = models.GeneratedField(
        expression=Coalesce("due_on", Value(NO_DATE)), output_field=models.DateField(), db_persist=True
    )
    gap = models.GeneratedField(
        expression=F("said") - F("verified"), output_field=models.SmallIntegerField(), db_persist=True
    )
    heard_at = models.GeneratedField(
        expression=Coalesce("last_reported_at", "issued_at", "created_at"),
        output_field=models.DateTimeField(),
        db_persist=True,
    )

    class Meta:
        ordering = ["ref"]
        indexes = [
            models.Index(fields=["lead", "matter"], name="commitment_lead_matter"),
            models.Index(fields=["matter", "state"], name="commitment_matter_state"),
            models.Index(fields=["next_due_at"], name="commitment_next_due"),
            models.Index(
                fields=["next_step_at"], name="commitment_next_step", condition=models.Q(next_step_at__isnull=False)
            ),
            models.Index(fields=["light", "due_on"], name="commitment_light_due"),
            # scope: each way of seeing a commitment is a range of one of these
            models.Index(fields=["lead_path", "id"], name="commitment_lead_path"),
            models.Index(fields=["issuer", "lead_path"], name="commitment_issuer_path"),
            models.Index(fields=["verifying_unit", "lead_path"], name="commitment_verifier_path"),
            # order: each way of sorting the register walks one of these, forwards or backwards
            models.Index(fields=["urgency", "due_key", "id"], name="commitment_by_urgency"),
            models.Index(fields=["due_key", "id"], name="commitment_by_due"),
            models.Index(fields=["said", "id"], name="commitment_by_said"),
            models.Index(fields=["verified", "id"], name="commitment_by_verified"),
            models.Index(fields=["gap", "id"], name="commitment_by_gap"),
            models.Index(fields=["heard_at", "id"], name="commitment_by_heard"),
            models.Index(fields=["due_on"], name="commitment_open_due", condition=models.Q(state="accepted")),
            models.Index(
                fields=["counted_by"], name="commitment_counted", condition=models.Q(counted_by__isnull=False)
            ),
            models.Index(fields=["due_on"], name="commitment_asked", condition=models.Q(open_requests__gt=0)),
            models.Index(fields=["issuer"], name="commitment_to_read", condition=models.Q(unread_briefs__gt=0)),
            models.Index(
                fields=["issuer"],
                name="commitment_to_decide",
                condition=models.Q(state__in=["verified", "declined"])
                | models.Q(pending_extension=True)
                | models.Q(open_requests__gt=0)
                | models.Q(open_objections__gt=0),
            ),
            models.Index(
                models.F("verified") - models.F("said"),
                name="commitment_gap",
                condition=~models.Q(verified_how="") & ~models.Q(state="closed"),
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(said__lte=100, verified__lte=100), name="commitment_percents"),
            models.CheckConstraint(
                condition=models.Q(state="draft") | models.Q(issued_at__isnull=False) | models.Q(state="withdrawn"),
                name="commitment_issued_when_live",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ref} {self.title}"

    # --- what the rules are told ---------------------------------------------------------------------------------

    def facts(self, act: lifecycle.Act | None = None) -> lifecycle.Facts:
        """What the rule book needs to decide ``act``, or any act when none is named (the page).

        The hands and the material are read only for the acts of closing, the authority only for handing over, the
        approval only for breaking down: a report, the commonest act, pays for none of them.
        """
        state = lifecycle.State(self.state)
        near_closing = state in _NEAR_CLOSING and (act is None or act in _CLOSING_ACTS)
        authority = self.programme.authorities.first() if act is None or act in _ORDERING_ACTS else None
        shared = act in (None, lifecycle.Act.SHARE)
        application = self.applications.order_by("-id").first() if near_closing else None
        verification = self.verifications.filter(final=True).order_by("-id").first() if near_closing else None
        parties = self._took_part() if self.open_objections and act in _DECIDING else _NOBODY
        standing = (
            verification if verification and application and verification.application_id == application.pk else None
        )
        return lifecycle.Facts(
            ref=self.ref,
            kind=lifecycle.Kind(self.kind),
            state=state,
            lead_id=self.lead_id,
            lead_path=self.lead.path,
            lead_area_path=self.lead.area.path,
            issuer_id=self.issuer_id,
            issuer_path=self.issuer.path,
            issuer_area_path=self.issuer.area.path,
            line_units=frozenset(self.line_units),
            supporting_units=frozenset(support.unit_id for support in self.supports.all()) if shared else frozenset(),
            lead_receives=self.lead.receives,
            has_authority=authority is not None,
            programme_in_force=self.programme.state == Programme.State.ISSUED,
            authority_from=authority.from_on if authority else None,
            authority_until=authority.until_on if authority else None,
            due_on=self.due_on,
            has_term=self.deadline_n is not None,
            frequency=self.frequency,
            insisted=self.insisted,
            reported=self.reports_count > 0,
            report_returned=self.last_report_returned,
            report_on_behalf=self.last_report_on_behalf,
            said=self.said,
            reported_at=self.last_reported_at,
            verified=self.verified,
            verified_how=self.verified_how,
            open_children=self.open_children,
            children=self.children_count,
            reopened_parts=self.reopened_parts,
            pending_extension=self.pending_extension,
            extensions_granted=self.extensions_granted,
            extension_limit=self.programme.extension_limit,
            open_requests=self.open_requests,
            asked=self._asked() if self.open_requests and act in _ASKING else (),
            unread_briefs=self.unread_briefs,
            waiting_since=self.waiting_since,
            open_findings=self.open_findings,
            open_objections=self.open_objections,
            breakdown_approved=self._approved_breakdown() if act in (None, lifecycle.Act.BREAK_DOWN) else "",
            application=application.hand() if application else None,
            application_digest=application.material_digest if application else "",
            verification=standing.hand() if standing else None,
            verification_passed=bool(standing and standing.passed),
            verification_digest=standing.material_digest if standing else "",
            material_digest=self.material_digest() if near_closing else "",
            took_part=parties[0],
            took_part_kin=parties[1],
            resume_state=lifecycle.State(self.resume_state) if self.resume_state else None,
            period_ends_on=self.period_until_on,
            reviewed=self.kind == "duty" and self.reviews.exists(),
            last_conclusion_on=self.last_conclusion_on,
            object_until=self.object_until() if act in _OBJECTING else None,
            objected=act in (None, lifecycle.Act.OBJECT) and self._objected(),
            off_system=self.off_system,
        )

    def _approved_breakdown(self) -> str:
        approval = self.breakdown_approvals.filter(used=False).order_by("-id").first()
        return approval.proposal_digest if approval else ""

    def _asked(self) -> tuple[lifecycle.Asked, ...]:
        """With whom the open questions lie, the oldest first."""
        waiting = self.requests.filter(replied_at__isnull=True).order_by("id")
        return tuple(one.asked() for one in waiting.select_related("lies_with__area", "commitment__issuer__area"))

    def _objected(self) -> bool:
        """Whether the newest conclusion, verdict or look back has been objected to, decided or not."""
        last = self.objections.order_by("-id").first() if self.last_conclusion_on else None
        if last is None:
            return False
        newer = (
            self.verifications.filter(at__gt=last.at),
            self.look_backs.filter(at__gt=last.at),
            self.findings.filter(concluded_at__gt=last.at),
        )
        return not any(rows.exists() for rows in newer)

    def object_until(self) -> date | None:
        """The last day on which the newest conclusion is objected to, by the calendar of the lead."""
        if self.last_conclusion_on is None:
            return None
        return objecting.last_day(self.last_conclusion_on, objecting.OBJECTION_DAYS, calendar_for(self.lead.path))

    def _took_part(self) -> tuple[frozenset[int], frozenset[int]]:
        """Users who verified, looked back, found or concluded, and who was near them at that moment; they recuse."""
        found = list(self.findings.values_list("by_user", "kin", "concluded_by_user", "concluded_kin"))
        acted = [pair for by, kin, concluded, near in found for pair in ((by, kin), (concluded, near))]
        acted += self.verifications.values_list("by_user", "kin")
        acted += self.look_backs.values_list("by_user", "kin")
        return (
            frozenset(user for user, _near in acted if user),
            frozenset(one for _user, near in acted for one in near),
        )

    def material_digest(self) -> str:
        """SHA-256 (hex) of everything an application, a verification and an approval are about.

        What is bound: the words, the criteria, the lead, the dates, every report that stands with the digests of its
        evidence, and the state of every part. When any of it changes, what was approved lapses.
        """
        reports = [
            [report.pk, report.percent, report.words, sorted(item.digest or item.url for item in report.evidence.all())]
            for report in self.reports.filter(returned_at__isnull=True).order_by("id").prefetch_related("evidence")
        ]
        material = {
            "ref": self.ref,
            "title": self.title,
            "requirement": self.requirement,
            "criteria": self.criteria,
            "lead": self.lead_id,
            "due_on": iso(self.due_on),
            "said": self.said,
            "reports": reports,
            "children": sorted(self.children.values_list("ref", "state", "reopened")),
        }
        text = json.dumps(material, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def is_leaf(self) -> bool:
        """Whether said and verified count here: nothing live stands below, or what does is counted with this."""
        return (self.children_count == 0 or self.carries_parts) and not self.counted_with_parent

    def summary(self) -> rollup.Summary:
        """What this commitment adds to the cells of its units; a period speaks through its duty and adds nothing."""
        if self.kind == lifecycle.Kind.PERIOD:
            return rollup.ZERO
        return rollup.contribution(
            rollup.CommitmentFacts(
                state=self.state,
                light=self.light,
                leaf=self.is_leaf,
                weight=self.weight,
                said=self.said,
                verified=self.verified,
                verified_how=self.verified_how,
                overdue=self.light == "red",
                open_findings=self.open_findings,
                missed=self.missed,
            )
        )

    def light_facts(self) -> lights.Facts:
        """What the lights are computed from（亮灯）."""
        thresholds = self.timing_now().thresholds
        return lights.Facts(
            state=self.state,
            issued_on=local(self.issued_at),
            accept_by=self.accept_by,
            accepted_on=local(self.accepted_at),
            due_on=self.due_on,
            first_due_on=self.first_due_on,
            said=self.said,
            completed_on=local(self.completed_at),
            missed=self.missed,
            closed_on=local(self.closed_at),
            part_reopened=bool(self.reopened_parts and self.open_children),
            waiting_since=self.waiting_since,
            thresholds=thresholds,
            calendar=calendar_if(thresholds, self.lead.path),
        )

    def owed(self) -> tuple[date | None, bool]:
        """Until when something is owed here, and whether it is owed now: taking it on, then doing it."""
        if self.open_requests:  # its clock stands still until the superior has replied
            return self.climbs_for, False
        if self.state == "issued":
            return self.accept_by, True
        done = self.said >= 100 and self.completed_at is not None
        return self.due_on, self.state == "accepted" and not done

    @property
    def skips_level(self) -> bool:
        """Whether it was asked over the head of a level（越级交办）; a part goes down by its line."""
        return self.parent_id is None and escalation.skips_level(self.issuer.area.path, self.lead.area.path)

    def timing_now(self) -> Timing:
        """The thresholds and ways of counting that hold for it: frozen when issued, the programme's before."""
        key = self.timing_id if self.issued_at is not None else self.programme.timing_now_id
        return timing_of(key, self.programme.warning_days)

    # --- the ledger ------------------------------------------------------------------------------------------------

    @property
    def ledger_key(self) -> str:
        """The key of this row in the ledger's ``after`` maps."""
        return f"delivery.commitment:{self.ref}"

    def ledger_state(self) -> dict[str, Any]:
        """The governed fields as the ledger records them."""
        asks = {"asks": [self.asks_files, self.asks_photos]} if self.asks_files or self.asks_photos else {}
        return asks | {
            "kind": self.kind,
            "off_system": self.off_system,
            "state": self.state,
            "version": self.version,
            "title": self.title,
            "requirement": self.requirement,
            "criteria": self.criteria,
            "parent": self.parent_id,
            "issuer": self.issuer_id,
            "lead": self.lead_id,
            "lead_post": self.lead_post_id,
            "due_on": iso(self.due_on),
            "first_due_on": iso(self.first_due_on),
            "said": self.said,
            "verified": self.verified,
            "verified_how": self.verified_how,
            "missed": self.missed,
            "extensions_granted": self.extensions_granted,
            "reopened": self.reopened,
            "insisted": self.insisted,
        }


_NEAR_CLOSING = frozenset(
    {lifecycle.State.ACCEPTED, lifecycle.State.APPLIED, lifecycle.State.VERIFIED, lifecycle.State.CLOSED}
)
_ASKING = frozenset({None, lifecycle.Act.REPLY, lifecycle.Act.FORWARD})
"""Acts for which it matters with whom an open question lies; none is the page."""
_OBJECTING = frozenset({None, lifecycle.Act.OBJECT})
_DECIDING = frozenset({None, lifecycle.Act.DECIDE_OBJECTION})
_NOBODY: tuple[frozenset[int], frozenset[int]] = (frozenset(), frozenset())
_ORDERING_ACTS = frozenset({lifecycle.Act.ISSUE, lifecycle.Act.REISSUE, lifecycle.Act.BREAK_DOWN})
_CLOSING_ACTS = frozenset(
    {
        lifecycle.Act.APPLY,
        lifecycle.Act.RECALL,
        lifecycle.Act.VERIFY,
        lifecycle.Act.CLOSE,
        lifecycle.Act.RETURN,
        lifecycle.Act.LOOK_BACK,
        lifecycle.Act.UPHOLD,
    }
)


def iso(day: date | None) -> str | None:
    """ISO text of a date, or nothing."""
    return day.isoformat() if day else None


def local(moment: Any) -> date | None:
    """The Shanghai date of a stored moment, or nothing."""
    return local_day(moment) if moment else None


class Support(models.Model):
    """配合: a supporting unit and the share it reports; it is not chased for the lead's silence."""

    commitment = models.ForeignKey(Commitment, on_delete=models.CASCADE, related_name="supports")
    unit = models.ForeignKey("units.Unit", on_delete=models.PROTECT, related_name="supported_commitments")
    share = models.CharField(max_length=300, blank=True)
    said = models.PositiveSmallIntegerField(default=0)
    words = models.TextField(blank=True)
    reported_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["commitment", "unit"], name="support_once")]

    def __str__(self) -> str:
        return f"{self.commitment_id}: {self.unit_id}"


class DutyReview(models.Model):
    """A review of a standing duty: how its periods went, and whether it goes on."""

    commitment = models.ForeignKey(Commitment, on_delete=models.PROTECT, related_name="reviews")
    opinion = models.TextField()
    by_post = models.ForeignKey("units.Post", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.commitment_id} {self.at:%Y-%m-%d}"
