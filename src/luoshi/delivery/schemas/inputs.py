"""One input model for each act. Titles and descriptions are message ids: the form and the API read the same words."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from luoshi.rules import burden
from luoshi.rules.lifecycle import Act
from luoshi.rules.refusals import gettext_noop as _

Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
Percent = Annotated[int, Field(ge=0, le=100)]
Ident = Annotated[int, Field(ge=1, le=2**53)]


def _not_daily(value: Any) -> Any:
    if isinstance(value, str):
        burden.require_rhythm(value)
    return value


Rhythm = Annotated[
    Literal["on_change", "weekly", "monthly", "quarterly", "half_yearly", "yearly"], BeforeValidator(_not_daily)
]
"""How often a report is asked: when something changes unless somebody chooses; never every day."""


def told(title: str, help_text: str = "", *, widget: str = "", **kwargs: Any) -> Any:
    """A field with its label, its help and how a page asks for it; required unless ``default`` is given."""
    return Field(title=title, description=help_text or None, json_schema_extra={"widget": widget}, **kwargs)


class ActInput(BaseModel):
    """The common ground of inputs: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    def values(self) -> dict[str, Any]:
        """What the service of the act is told, by the names of its arguments."""
        return {name: getattr(self, name) for name in type(self).model_fields}


class Nothing(ActInput):
    """An act that needs no words."""


class Reasoned(ActInput):
    """An act with a reason."""

    reason: Text = told(
        _("Reason"), _("One or two sentences; it is shown to the other side."), widget="textarea", default=""
    )


class Opinion(ActInput):
    """An act with an opinion."""

    opinion: Text = told(_("Opinion"), _("Why this is approved."), widget="textarea", default="")


def asked_evidence(label: str, most: int, default: Any) -> Any:
    """How many files or photos each report is asked for; they are never required and never enough to close."""
    return told(
        label, _("None unless you choose; never required of a report, and never enough to close."), default=default,
        ge=0, le=most,
    )  # fmt: skip


class Edit(ActInput):
    """Edit a draft."""

    title: Line = told(_("Title"))
    requirement: Text = told(_("What is asked"), widget="textarea")
    criteria: list[Line] = told(_("Criteria, one a line"), widget="lines", default_factory=list, max_length=20)
    lead: Ident | None = told(_("Lead unit"), widget="unit", default=None)
    due_on: dt.date | None = told(_("Due on"), default=None)
    due_days: Annotated[int, Field(ge=1, le=3660)] | None = told(_("Or: days from the day of issue"), default=None)
    due_kind: Literal["", "calendar", "working"] = told(
        _("Which days are counted"),
        _("As the programme counts them when nothing is chosen."),
        widget="counted",
        default="",
    )
    asks_files: int | None = asked_evidence(_("Files asked with each report"), burden.MOST_FILES, None)
    asks_photos: int | None = asked_evidence(_("Photos asked with each report"), burden.MOST_PHOTOS, None)


class Draft(Edit):
    """Draft a commitment."""

    title: Line = told(_("Title"), default="")
    requirement: Text = told(_("What is asked"), widget="textarea", default="")
    off_system: bool | None = told(
        _("Handled off the system"),
        _("Only number, post, date and state are kept; leave title and words empty."),
        default=None,
    )
    matter: Ident = told(_("Matter"), widget="matter")
    lead: Ident = told(_("Lead unit"), widget="unit")
    sub_matter: Ident | None = told(_("Part of the matter"), widget="sub_matter", default=None)
    supporting: list[Ident] = told(_("Supporting units"), widget="units", default_factory=list, max_length=50)
    post: Line = told(_("Post in charge"), widget="hidden", default="")
    kind: Literal["task", "duty"] = told(_("Kind"), widget="kind", default="task")
    frequency: Annotated[
        Literal["", "weekly", "monthly", "quarterly", "half_yearly", "yearly"], BeforeValidator(_not_daily)
    ] = told(_("Period of a standing duty"), widget="frequency", default="")
    accept_days: Annotated[int, Field(ge=1, le=60)] = told(_("Days to accept"), default=5)
    cadence: Rhythm = told(_("How often a report is asked"), widget="cadence", default="on_change")
    asks_files: int = asked_evidence(_("Files asked with each report"), burden.MOST_FILES, 0)
    asks_photos: int = asked_evidence(_("Photos asked with each report"), burden.MOST_PHOTOS, 0)


Different = Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000)]


def different() -> Any:
    """Why an ask is not the one that a unit has already; recorded."""
    return told(
        _("Why it is different from what is asked already"),
        _("Only when the same words are asked of the unit already; the reason is recorded."),
        widget="textarea",
        default="",
    )


class Issue(ActInput):
    """Issue a draft."""

    different: Different = different()


class NoteInput(ActInput):
    """A leader's note and what becomes of it."""

    words: Text = told(_("Words of the note"), _("As they stand, nothing added."), widget="textarea", min_length=1)
    leader: Line = told(_("Whose note"), _("The post, such as: governor of the province."), min_length=1)
    noted_on: dt.date | None = told(_("Written on"), default=None)
    on: Line = told(
        _("On a task that exists: its number"),
        _("Then it is an instruction on that task. Leave it empty to make a new one, and fill in the rest."),
        default="",
    )
    version: Annotated[int, Field(ge=1)] | None = told(_("Version"), widget="hidden", default=None)
    matter: Ident | None = told(_("Matter"), widget="matter", default=None)
    lead: Ident | None = told(_("Lead unit"), widget="unit", default=None)
    title: Line = told(_("Title"), default="")
    due_on: dt.date | None = told(_("Due on"), default=None)
    due_days: Annotated[int, Field(ge=1, le=3660)] | None = told(_("Or: days from the day of issue"), default=None)
    issue: bool = told(_("Issue it at once"), _("Otherwise it is a draft, sent to nobody."), default=False)
    different: Different = different()


class ToLead(Reasoned):
    """Give it to another lead."""

    lead: Ident = told(_("New lead unit"), widget="unit")


class Assign(ActInput):
    """Name a post."""

    post: Line = told(_("Post in charge"), widget="post")


class BreakDown(ActInput):
    """Break down to the units below."""

    units: list[Ident] = told(
        _("Units"),
        _("All units one level below when none is chosen."),
        widget="below",
        default_factory=list,
        max_length=2000,
    )
    levels: Annotated[int, Field(ge=1, le=4)] = told(
        _("Levels"), _("More than one level needs a recorded approval first."), default=1
    )
    cadence: Rhythm = told(_("How often a report is asked"), widget="cadence", default="on_change")
    due_on: dt.date | None = told(_("Due on"), _("Not after the whole."), default=None)
    due_days: Annotated[int, Field(ge=1, le=3660)] | None = told(_("Or: days from the day of issue"), default=None)
    due_kind: Literal["", "calendar", "working"] = told(
        _("Which days are counted"),
        _("As the programme counts them when nothing is chosen."),
        widget="counted",
        default="",
    )


class DoBreakDown(BreakDown):
    """Break down, with the words of the parts."""

    title: Line = told(_("Title of the parts"), _("As the whole when empty."), default="")
    requirement: Text = told(_("What is asked of them"), _("As the whole when empty."), widget="textarea", default="")
    counted_with_parent: bool = told(_("Counted with the whole when it is verified"), default=False)
    accept_days: Annotated[int, Field(ge=1, le=60)] = told(_("Days to accept"), default=5)
    duplicates: Literal["", "merge", "different"] = told(
        _("Units that are asked the same already"), widget="duplicates", default=""
    )
    different: Different = different()


class ApproveBreakDown(BreakDown):
    """Approve a deeper breakdown."""

    opinion: Text = told(_("Opinion"), _("Why this is approved."), widget="textarea")
    levels: Annotated[int, Field(ge=2, le=4)] = told(_("Levels"), default=2)


class FileRef(BaseModel):
    """A stored file by its digest, under the name it is shown with."""

    model_config = ConfigDict(extra="forbid")
    digest: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    name: Annotated[str, StringConstraints(min_length=1, max_length=255)]


class ReportInput(ActInput):
    """Report."""

    percent: Percent = told(_("How much is done"), widget="percent")
    words: Text = told(_("What was done (a sentence or two)"), widget="textarea", min_length=1)
    problems: Text = told(_("What is stuck (leave empty if nothing)"), widget="textarea", default="")
    next_step: Text = told(_("What comes next"), widget="textarea", default="")
    files: list[FileRef] = told(
        _("Evidence"),
        _(
            "Not required; photos are never asked for. Scans, pictures and PDF cannot be checked for secrecy marks or"
            " personal numbers: look yourself before you send."
        ),
        widget="files",
        default_factory=list,
        max_length=10,
    )
    links: list[Annotated[str, StringConstraints(max_length=500, pattern=r"^https?://\S+$")]] = told(
        _("Links"), widget="lines", default_factory=list, max_length=10
    )
    reuse: list[Ident] = told(
        _("Use again what this unit has handed in before"),
        _("Chosen files need not be sent again; each is kept once."),
        widget="reuse",
        default_factory=list,
        max_length=10,
    )
    corrects: Ident | None = told(
        _("The file sent now corrects"),
        _("Leave it as it is unless the file takes the place of an earlier one; both stay, and the chain is shown."),
        widget="corrects",
        default=None,
    )
    occurred_at: dt.datetime | None = told(_("Told at, if earlier"), widget="hidden", default=None)


class Share(ActInput):
    """Report a share."""

    percent: Percent = told(_("How much of our share is done"), widget="percent")
    words: Text = told(_("What was done (a sentence or two)"), widget="textarea", min_length=1)


class Return(Reasoned):
    """Send back."""

    by_on: dt.date | None = told(_("Again by"), default=None)


class Apply(ActInput):
    """Apply for closure."""

    statement: Text = told(_("What the application rests on"), widget="textarea", default="")


class Verdict(BaseModel):
    """One criterion's verdict."""

    model_config = ConfigDict(extra="forbid")
    met: bool
    words: Text = ""


class Verify(ActInput):
    """Verify."""

    method: Literal["desk", "visited"] = told(_("How it was looked at"), widget="method")
    passed: bool = told(_("Everything asked was found"), widget="passed", default=False)
    percent: Percent = told(_("How much was found done"), widget="percent")
    words: Text = told(_("What was seen"), widget="textarea", default="")
    verdicts: list[Verdict] = told(_("Criterion by criterion"), widget="verdicts", default_factory=list, max_length=20)
    fix_by_on: dt.date | None = told(_("To be mended by"), default=None)
    documents: list[Line] = told(
        _("Documents looked at"),
        _("At the desk, name at least one document, reading or second source; one a line."),
        widget="lines",
        default_factory=list,
        max_length=20,
    )
    readings: list[Line] = told(_("Readings looked at"), widget="lines", default_factory=list, max_length=20)
    second_sources: list[Line] = told(
        _("Second sources"),
        _("What does not come from the unit itself; one a line."),
        widget="lines",
        default_factory=list,
        max_length=20,
    )


class LookBackInput(ActInput):
    """Look back."""

    passed: bool = told(_("It still holds"), widget="passed", default=False)
    percent: Percent = told(_("How much still holds"), widget="percent")
    words: Text = told(_("What was seen"), widget="textarea", default="")


class AskExtension(Reasoned):
    """Ask for a later date."""

    new_due_on: dt.date = told(_("New date"))


class ReDate(Reasoned):
    """Move the date."""

    new_due_on: dt.date = told(_("New date"))


class DecideExtension(ActInput):
    """Decide a later date."""

    granted: bool = told(_("Granted"), widget="decision")
    reason: Text = told(_("Reason"), widget="textarea")


class RequestInput(ActInput):
    """Ask the superior."""

    question: Text = told(_("Question"), widget="textarea", min_length=1)
    reply_by_on: dt.date | None = told(
        _("An answer is needed by"), _("The programme's own term for replies when it is empty."), default=None
    )


class TakeBack(Reasoned):
    """Take a question back."""

    request: Ident | None = told(_("Which question"), widget="hidden", default=None)


class BriefInput(ActInput):
    """Send a brief upward."""

    words: Text = told(
        _("What the superior should know"),
        _("It needs no reply and no clock runs. What needs a decision is asked as a question instead."),
        widget="textarea",
        min_length=1,
    )


class ReadBrief(ActInput):
    """Mark a brief as read."""

    brief: Ident | None = told(_("Which brief"), widget="hidden", default=None)


class Reply(ActInput):
    """Reply."""

    request: Ident | None = told(_("Which question"), widget="hidden", default=None)
    reply: Text = told(_("Reply"), widget="textarea", min_length=1)
    then: Literal["", "extend", "change-lead", "suspend", "withdraw"] = told(
        _("What the reply changes"),
        _("It is done at once, by the same rules as on its own page, and has an entry of its own."),
        widget="then",
        default="",
    )
    new_due_on: dt.date | None = told(_("New date, when the date is moved"), default=None)
    lead: Ident | None = told(_("New lead unit, when the lead changes"), widget="unit", default=None)


class Forward(Reasoned):
    """Hand a question up."""

    request: Ident | None = told(_("Which question"), widget="hidden", default=None)


class Words(ActInput):
    """Free words."""

    words: Text = told(_("Words"), widget="textarea", min_length=1)


class Remind(ActInput):
    """Remind just those who have not moved."""

    step: Literal["accept", "break-down", "assign", "report"] = told(_("What has not been done"), widget="step")
    unit: Ident | None = told(
        _("Only within this unit"), _("All units below when it is empty."), widget="carried", default=None
    )
    reach: Literal["", "below", "itself"] = told(
        _("Who is reminded"),
        _("The units its parts were handed down to, or its own lead; its own lead when there are no parts."),
        widget="reach",
        default="",
    )


class ProposeSlip(ActInput):
    """Propose a call to order, or a circular of praise; a person approves it."""

    rung: Literal["supervise", "interview", "circulate"] = told(_("What kind of slip"), widget="rung")
    tone: Literal["", "praise", "blame"] = told(
        _("Praise or criticism"), _("Only a circular says one of them."), widget="tone", default=""
    )
    words: Text = told(
        _("What the slip says"),
        _("The facts are put in by the system: what, due when, by whom. Write what is asked or recognised."),
        widget="textarea",
        min_length=1,
    )


class RemindUnits(ActInput):
    """Remind just those who have not moved, across a programme or one of its matters."""

    step: Literal["accept", "break-down", "assign", "report"] = told(_("What has not been done"), widget="step")
    matter: Ident | None = told(_("Only this matter"), widget="carried", default=None)
    unit: Ident | None = told(
        _("Only within this unit"), _("All units below when it is empty."), widget="carried", default=None
    )


class FindingInput(ActInput):
    """Record a finding."""

    words: Text = told(_("What gives reason to look"), widget="textarea", min_length=1)
    evidence: Text = told(_("What it rests on"), widget="textarea", default="")
    files: list[FileRef] = told(
        _("Files it rests on"),
        _("The unit sees them and answers. Show what is needed and nothing about persons."),
        widget="files",
        default_factory=list,
        max_length=10,
    )
    links: list[Annotated[str, StringConstraints(max_length=500, pattern=r"^(https?://|/[^/\s])\S*$")]] = told(
        _("Addresses it rests on"),
        _("One a line; a page of this site, such as a visit, begins with /."),
        widget="lines",
        default_factory=list,
        max_length=10,
    )
    shows: list[Ident] = told(
        _("Evidence of the unit that it is about"), widget="reuse", default_factory=list, max_length=10
    )


class Answer(ActInput):
    """Answer a finding."""

    answer: Text = told(_("Answer"), widget="textarea", min_length=1)


class Conclude(ActInput):
    """Conclude a finding."""

    upheld: bool = told(_("Upheld"), widget="decision")
    reason: Text = told(_("Reason"), widget="textarea")


class DecideObjection(ActInput):
    """Decide an objection."""

    upheld: bool = told(_("Upheld"), widget="decision")
    decision: Text = told(_("Decision and reason"), widget="textarea")


class IssueLink(ActInput):
    """Make a short link."""

    post: Line = told(_("For which post of the lead unit"), widget="lead_post")
    days: Annotated[int, Field(ge=1, le=30)] = told(_("Valid for how many days"), default=7)


class RevokeLink(ActInput):
    """Cancel a short link."""

    link: Ident = told(_("Link"), widget="link")


INPUTS: dict[Act, type[ActInput]] = {
    Act.EDIT: Edit,
    Act.ISSUE: Issue,
    Act.ACCEPT: Nothing,
    Act.DECLINE: Reasoned,
    Act.INSIST: Reasoned,
    Act.REISSUE: ToLead,
    Act.ASSIGN: Assign,
    Act.APPROVE_BREAKDOWN: ApproveBreakDown,
    Act.BREAK_DOWN: DoBreakDown,
    Act.REPORT: ReportInput,
    Act.SHARE: Share,
    Act.DISPUTE: Reasoned,
    Act.RETURN: Return,
    Act.APPLY: Apply,
    Act.RECALL: Nothing,
    Act.VERIFY: Verify,
    Act.CLOSE: Opinion,
    Act.REOPEN: Reasoned,
    Act.UPHOLD: Opinion,
    Act.LOOK_BACK: LookBackInput,
    Act.SUSPEND: Reasoned,
    Act.RESUME: Reasoned,
    Act.WITHDRAW: Reasoned,
    Act.CHANGE_LEAD: ToLead,
    Act.ASK_EXTENSION: AskExtension,
    Act.DECIDE_EXTENSION: DecideExtension,
    Act.RE_DATE: ReDate,
    Act.REQUEST: RequestInput,
    Act.REPLY: Reply,
    Act.FORWARD: Forward,
    Act.TAKE_BACK: TakeBack,
    Act.BRIEF: BriefInput,
    Act.READ_BRIEF: ReadBrief,
    Act.INSTRUCT: Words,
    Act.REMIND: Remind,
    Act.PROPOSE_SLIP: ProposeSlip,
    Act.FIND: FindingInput,
    Act.ANSWER: Answer,
    Act.CONCLUDE: Conclude,
    Act.OBJECT: Words,
    Act.DECIDE_OBJECTION: DecideObjection,
    Act.ISSUE_LINK: IssueLink,
    Act.REVOKE_LINK: RevokeLink,
    Act.OPEN_PERIOD: Nothing,
    Act.FINISH_PERIOD: Nothing,
    Act.REVIEW_DUTY: Opinion,
    Act.END_DUTY: Opinion,
}
"""Every act a person can do, with what it needs to be told; ``miss-period`` is the clock's alone."""
