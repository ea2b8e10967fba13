"""方案包的格式: what a pack and its demonstration story may say, and in which words a bad one is refused.

Pure: no Django, no database. A pack is a folder of YAML files, content and no code:

=================  ======================================================================================
``programme.yaml``  the programme: key, prefix, names, authority template, settings, indicators
``matters.yaml``    matters and sub-matters, each with the sentence it stands on; default commitments
``departments.yaml`` the standard departments of an area
``ladders.yaml``    what happens as time runs out
``sources.yaml``    the documents, by paragraph; only what is quoted
``story.yaml``      optional: the demonstration
=================  ======================================================================================

Principle 10 (never invent): a quote is an exact part of its paragraph, a default commitment carries no date and no
figure its source lacks, an illegible word stays illegible. Principle 1 (promises, not people): what an indicator is
about comes from a closed list, and names of columns that hold persons are refused wherever a pack may name something.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from string import Formatter
from typing import Annotated, Any, Final, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from luoshi.rules import escalation
from luoshi.rules.calendar import Frequency
from luoshi.rules.numbering import check_prefix
from luoshi.rules.refusals import Refused
from luoshi.rules.refusals import gettext_noop as _

MAX_BYTES: Final = 2 * 1024 * 1024
"""The largest file of a pack, in bytes."""

Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
Line = Annotated[str, StringConstraints(min_length=1, max_length=400, strip_whitespace=True)]
Level = Literal["province", "prefecture", "county", "township", "village"]
Code = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}(?:[0-9]{3}(?:[0-9]{3})?)?$")]


class Part(BaseModel):
    """Any part of a pack: unknown fields are refused, nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


class Text(Part):
    """A label in both languages, side by side."""

    zh: Line
    en: Line


class Paragraph(Part):
    """A paragraph of a source: its number, heading and its words, only as far as they are quoted."""

    number: int = Field(ge=1, le=999)
    heading: Line
    text: str = Field(min_length=1, max_length=600)


class Source(Part):
    """依据的原文: a document by name and date, with the paragraphs that are quoted."""

    key: Key
    document: Text
    issuer: Text
    on: date
    place: Text
    note: Text | None = None
    paragraphs: tuple[Paragraph, ...] = Field(min_length=1)


class Quote(Part):
    """An exact part of a source's paragraph."""

    source: Key
    paragraph: int
    text: Line


class SubMatter(Part):
    """子项: named exactly as the source names it.

    ``garbled``: the name is illegible in the source and kept as found; ``probable_reading`` is then ours, not the
    source's, and is shown as such.
    """

    number: int = Field(ge=1, le=99)
    key: Key
    name: Text
    quote: Line
    garbled: bool = False
    note: Text | None = None
    probable_reading: Text | None = None


class DefaultCommitment(Part):
    """默认任务: a draft that a programme starts with; no date, no figure, no department that the source lacks."""

    key: Key
    title: Text
    requirement: Line
    sub_matter: Key | None = None
    kind: Literal["task", "duty"] = "task"
    frequency: Frequency | None = None


class Matter(Part):
    """事项: one item of the programme, with the sentence it stands on."""

    number: int = Field(ge=1, le=99)
    key: Key
    name: Text
    short: Text
    quote: Quote
    institutions_only: bool = False
    off_system_default: bool = False
    sub_matters: tuple[SubMatter, ...] = ()
    commitments: tuple[DefaultCommitment, ...] = ()


class AuthorityTemplate(Part):
    """依据: who ordered it and in which document; the period is for the office to fill in."""

    who: Text
    source: Key
    document_no: str = ""
    scope: Text


class Acceptance(Part):
    """The time within which an issued commitment is accepted or declined."""

    days: int = Field(ge=1, le=60)
    kind: Literal["calendar", "working"]


class Indicator(Part):
    """指标: what it is about and how it may be split come from closed lists (principle 1)."""

    key: Key
    name: Text
    about: Literal["institution", "facility", "project", "service", "area", "environment", "money"]
    uom: Line
    split_by: tuple[Literal["period", "urban_rural", "facility_kind", "grade", "age_band_of_places"], ...] = ()


Counted = Literal["calendar", "working"]


class Timing(Part):
    """计时规则: when lights turn and how terms are counted; frozen for a commitment when it is issued."""

    warning_kind: Counted = "calendar"
    warning_percent: int = Field(default=20, ge=1, le=100)
    grace_days: int = Field(default=3, ge=0, le=60)
    grace_kind: Counted = "calendar"
    due_kind: Counted = "calendar"
    reply_days: int = Field(default=10, ge=1, le=90)
    reply_kind: Counted = "working"
    decide_days: int = Field(default=5, ge=1, le=90)
    decide_kind: Counted = "working"
    palette: Literal["standard", "clear", "plain"] = "standard"


class Signs(Part):
    """信号阈值: from where on something in a record is a sign to go and look; it certifies nothing."""

    jump_percent: int = Field(default=50, ge=1, le=100)
    late_bp: int = Field(default=500, ge=100, le=5000)
    late_least_days: int = Field(default=3, ge=1, le=30)
    near_days: int = Field(default=30, ge=1, le=90)
    silent_days: int = Field(default=60, ge=7, le=365)


class Programme(Part):
    """方案: a bounded set of priorities, with the settings that hold for all of it."""

    key: Key
    prefix: str
    name: Text
    authority: AuthorityTemplate
    visibility: Literal["own", "siblings", "all"] = "siblings"
    warning_days: int = Field(default=5, ge=0, le=90)
    extension_limit: int = Field(default=2, ge=0, le=9)
    acceptance: Acceptance
    timing: Timing = Timing()
    signs: Signs = Signs()
    ladder: Key
    indicators: tuple[Indicator, ...] = ()


class Rung(Part):
    """档: an act, so many working days before (negative) or after the due date, and whom it reaches."""

    act: Literal["remind", "urge", "supervise", "interview", "circulate"]
    days: int = Field(ge=-30, le=365)
    to: Literal["handler", "head", "above", "above_head"]
    by_person: bool = False


class Ladder(Part):
    """阶梯: rungs in the order of time; silence climbs and never stops because it is too late."""

    key: Key
    name: Text
    rungs: tuple[Rung, ...] = Field(min_length=1, max_length=escalation.MOST_STEPS)
    repeat_days: int = Field(ge=1, le=90)
    approve_days: int = Field(default=escalation.APPROVE_DAYS, ge=1, le=escalation.MOST_APPROVE_DAYS)
    above_days: int = Field(default=escalation.ABOVE_DAYS, ge=1, le=escalation.MOST_APPROVE_DAYS)

    def rule(self) -> escalation.Ladder:
        """The ladder as the rules climb it.

        Raises:
            Refused: it skips a rung, goes down the line, or is not in the order of time.
        """
        steps = tuple(
            escalation.Step(escalation.Rung(one.act), escalation.Level(one.to), one.days, one.by_person)
            for one in self.rungs
        )
        return escalation.Ladder(steps, self.repeat_days, self.approve_days, self.above_days)


class Department(Part):
    """A standard department（标准部门）; a level without a name has none."""

    key: Key
    names: Mapping[Literal["province", "prefecture", "county"], Line]
    en: Mapping[Literal["province", "prefecture", "county"], Line]
    aliases: tuple[Line, ...] = ()
    superior_key: bool = True
    with_area_name: bool = True


# --- the demonstration story ---------------------------------------------------------------------------------------

Role = Literal["head", "office", "handler", "verifier", "duty", "auditor", "administrator"]


class Seat(Part):
    """A unit of the story: an area by code, or one of its standard departments."""

    area: Code
    department: Key | None = None


class Person(Part):
    """A person of the demonstration, invented and named like a role; ``acts_for`` makes a deputy."""

    username: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,29}$")]
    name: Text
    post: Text
    role: Role
    unit: Seat
    acts_for: str | None = None
    on_bar: bool = False
    what: Text | None = None


class TourStep(Part):
    """One of the steps of the guided tour."""

    number: int = Field(ge=1, le=9)
    key: Key
    title: Text
    caption: Text
    commitment: Key
    person: str
    anchor: Key


class StorySheet(Part):
    """A table handed in with a report, as the lines of a CSV file."""

    name: Line
    lines: tuple[Line, ...] = Field(min_length=2)


class StoryAct(Part):
    """One act of the story, ``day`` days from today (negative: before), as delivery's acts are called."""

    day: int = Field(ge=-1500, le=0)
    act: Literal[
        "accept", "report", "apply", "verify", "close", "return", "ask-extension", "decide-extension", "look-back",
        "request", "reply", "instruct", "refused-apply",
    ]  # fmt: skip
    by: str
    percent: int | None = Field(default=None, ge=0, le=100)
    how: Literal["desk", "visited", "sampled"] | None = None
    passed: bool | None = None
    granted: bool | None = None
    new_due: int | None = Field(default=None, ge=-1500, le=1500)
    text: Line
    problem: str = ""
    next_step: str = ""
    sheet: StorySheet | None = None


class StoryCommitment(Part):
    """A commitment that is told act by act."""

    key: Key
    matter: int
    sub_matter: Key | None = None
    title: Line
    requirement: Line
    criteria: tuple[Line, ...] = ()
    issuer: Seat
    lead: Seat
    supporting: tuple[Seat, ...] = ()
    parent: Key | None = None
    issued: int = Field(ge=-1500, le=0)
    due: int = Field(ge=-1500, le=1500)
    acts: tuple[StoryAct, ...] = ()


class StoryPeriod(Part):
    """One past period of a standing duty, counted back from the current one (−1 is the last)."""

    index: int = Field(ge=-12, le=0)
    state: Literal["finished", "missed", "open"]
    text: str = ""


class StoryDuty(Part):
    """长期任务: a standing duty of the story with some of its periods."""

    key: Key
    matter: int
    sub_matter: Key | None = None
    title: Line
    requirement: Line
    criteria: tuple[Line, ...] = ()
    issuer: Seat
    lead: Seat
    frequency: Frequency
    issued: int = Field(ge=-1500, le=0)
    periods: tuple[StoryPeriod, ...] = Field(min_length=1)


class StoryLate(Part):
    """逾期: a task of a county of the story's prefecture that fell silent, and how far the clock's ladder has come.

    ``overdue`` are working days since its date, negative before it. ``told``: urged and no more; a slip ``waits`` for
    its approval; a slip was ``answered``; the ladder has come to the ``interview``; or the county ``asks`` a question
    whose reply is overdue above.
    """

    key: Key
    matter: int
    sub_matter: Key | None = None
    title: Line
    requirement: Line
    criteria: tuple[Line, ...] = ()
    lead: Code
    overdue: int = Field(ge=-250, le=40)
    told: Literal["urged", "waits", "answered", "interview", "asks"]
    text: Line


class StoryLocalDay(Part):
    """地方节日: an invented local holiday: the first working day ``day`` days from today or later."""

    area: Code
    day: int = Field(ge=-300, le=300)
    name: Text
    reason: Line


class WorkLine(Part):
    """A line of generated work at several levels; ``{area}`` and ``{upper}`` are units' names."""

    key: Key
    matter: int
    sub_matter: Key | None = None
    department: Key
    titles: Mapping[Level, Line]
    requirement: Line
    criteria: tuple[Line, ...] = Field(min_length=1)
    works: tuple[Line, ...] = Field(min_length=3)
    weight: int = Field(default=1, ge=1, le=100)


class Phrases(Part):
    """Sentences from which reports are put together; slots ``{area}``, ``{work}`` and ``{other}``."""

    early: tuple[Line, ...] = Field(min_length=3)
    middle: tuple[Line, ...] = Field(min_length=3)
    late: tuple[Line, ...] = Field(min_length=3)
    complete: tuple[Line, ...] = Field(min_length=3)
    problems: tuple[Line, ...] = Field(min_length=3)
    next_steps: tuple[Line, ...] = Field(min_length=3)
    returns: tuple[Line, ...] = Field(min_length=2)
    declines: tuple[Line, ...] = Field(min_length=2)
    extensions: tuple[Line, ...] = Field(min_length=2)
    verified_passed: tuple[Line, ...] = Field(min_length=2)
    verified_failed: tuple[Line, ...] = Field(min_length=2)
    closings: tuple[Line, ...] = Field(min_length=2)


class StoryArticle(Part):
    """An invented article of the story, ``day`` days from today; nothing happened that it tells."""

    day: int = Field(ge=-25, le=0)
    title: Line
    text: str = Field(default="", max_length=200)


class StorySource(Part):
    """要闻来源: an invented source of the story and what it published; kept by the office of an area."""

    name: Line
    by: str
    articles: tuple[StoryArticle, ...] = Field(min_length=1)


class StoryTold(Part):
    """What was reported on a decision, ``day`` days from today."""

    day: int = Field(ge=-300, le=-1)
    percent: int = Field(ge=0, le=100)
    words: Line


class StoryDecision(Part):
    """A decision of a meeting of the story, and what its unit reported since."""

    text: Line
    matter: int
    lead: Code
    due: int = Field(ge=-300, le=300)
    reports: tuple[StoryTold, ...] = ()


class StoryCircular(Part):
    """What the office wrote to the units after a meeting."""

    title: Line
    words: Line


class StoryMeeting(Part):
    """会议: an invented meeting, ``day`` days from today; one that has passed was held and ended."""

    kind: Literal["review", "dispatch", "special"]
    title: Line
    place: Line
    called: int = Field(ge=-320, le=0)
    papers: int | None = Field(default=None, ge=-320, le=0)
    day: int = Field(ge=-300, le=60)
    outcomes: tuple[Line, ...] = ()
    decisions: tuple[StoryDecision, ...] = ()
    minutes: str = Field(default="", max_length=2000)
    circular: StoryCircular | None = None


class Story(Part):
    """演示: a deterministic story; every day is an offset from today."""

    name: Text
    prefecture: Code
    village_lines: tuple[Key, ...]
    persons: tuple[Person, ...]
    tour: tuple[TourStep, ...]
    commitments: tuple[StoryCommitment, ...]
    duties: tuple[StoryDuty, ...]
    lines: tuple[WorkLine, ...]
    phrases: Phrases
    news: tuple[StorySource, ...] = ()
    late: tuple[StoryLate, ...] = ()
    local_days: tuple[StoryLocalDay, ...] = ()
    meetings: tuple[StoryMeeting, ...] = ()


@dataclass(frozen=True, slots=True)
class Pack:
    """方案包: everything a pack says, checked as a whole."""

    programme: Programme
    matters: tuple[Matter, ...]
    ladders: tuple[Ladder, ...]
    departments: tuple[Department, ...]
    sources: tuple[Source, ...]
    story: Story | None = None

    def source(self, key: str) -> Source:
        """The source of that key (``KeyError`` if there is none)."""
        return {source.key: source for source in self.sources}[key]

    def ladder(self, key: str) -> Ladder:
        """The ladder of that key (``KeyError`` if there is none)."""
        return {ladder.key: ladder for ladder in self.ladders}[key]

    def matter(self, number: int) -> Matter:
        """The matter of that number (``KeyError`` if there is none)."""
        return {matter.number: matter for matter in self.matters}[number]


# --- reading ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, where, and an untranslated sentence with its places."""

    file: str
    place: str
    template: str
    params: Mapping[str, object]

    def __str__(self) -> str:
        where = f"{self.file}: {self.place}" if self.place else self.file
        return f"{where}: {self.template % self.params}"


class PackInvalid(Exception):  # noqa: N818 - reads as what it says
    """A pack cannot be used（方案包有误）; ``problems`` holds every reason, in order of the files."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


_MISSING: Final = _("the file is missing")
_NOT_YAML: Final = _("this is not YAML that a pack may hold: %(problem)s")
_TOO_BIG: Final = _("the file is larger than %(most)s bytes")
_ABSENT: Final = _("this field is missing")
_UNKNOWN: Final = _("a pack has no such field")
_WRONG: Final = _("%(problem)s")
_TWICE: Final = _("“%(key)s” stands here more than once")
_NO_SUCH: Final = _("“%(key)s” is not defined in this pack")
_NO_QUOTE: Final = _("the quote “%(quote)s” does not stand word for word in paragraph %(paragraph)s of its source")
_FIGURE: Final = _("“%(figure)s” is a figure or a date that the quoted sentence does not hold")
_GARBLED: Final = _("a garbled name needs a note, and its name must be what the source shows")
_GUESS: Final = _("a probable reading belongs only to a garbled name")
_PEOPLE: Final = _("“%(word)s” points to data about persons, which a pack may not ask for")
_PREFIX: Final = _("“%(prefix)s” cannot be the prefix of numbers")
_FREQUENCY: Final = _("a standing duty needs a frequency, and only a standing duty has one")
_NUMBERS: Final = _("numbers must run from 1 without a gap")
_LEVELS: Final = _("names and English names must be given for the same levels")
_SLOT: Final = _("“{%(slot)s}” is no slot that can be filled here")
_DIGITS: Final = _("the demonstration may hold no figure but percents of progress: “%(figure)s”")
_SENSITIVE: Final = _("“%(word)s”: unity, border and integrity matters name no group, belief or place of worship")
_AFTER: Final = _("the acts must follow each other in time, none before the day of issue")
_HANDS: Final = _("who applies, who verifies and who closes must be three different persons")
_COUNT: Final = _("the guided tour has five steps, numbered from 1 to 5")

PEOPLE_WORDS: Final = (
    "身份证", "姓名", "名单", "花名册", "民族", "宗教", "信仰", "户主", "户口", "出入境", "手机号", "住址", "排名",
    "积分", "打卡", "轨迹", "在线时长", "name_list", "ethnic", "religio", "belief", "household", "id_card",
    "idcard", "person_name",
)  # fmt: skip
"""Words that show an indicator or a column to hold persons（principle 1）."""

SENSITIVE_WORDS: Final = (
    "彝", "白族", "哈尼", "傣", "壮族", "苗", "回族", "傈僳", "拉祜", "佤", "纳西", "瑶", "景颇", "藏", "布朗", "普米",
    "阿昌", "怒族", "基诺", "德昂", "蒙古", "独龙", "佛", "道教", "伊斯兰", "基督", "天主", "清真",
    "寺", "庙", "教堂", "僧", "信徒", "信众", "教徒", "偷渡", "难民", "信教",
)  # fmt: skip
"""Words of groups, beliefs and places of worship that the demonstration's matters 7 to 9 may not hold."""

_FILES: Final = ("programme", "matters", "ladders", "departments", "sources")
_DIGIT: Final = re.compile(
    r"[0-9０-９]+|[二两三四五六七八九十百千万]+(?=[个处项次条座家户亩吨年月日天所人名件万亿千米])"
)
_ASCII_FIGURE: Final = re.compile(r"[0-9０-９]+")


class _Loader(yaml.SafeLoader):
    """Plain YAML: no tags beyond the safe ones, no aliases, no key twice."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        """Refuse aliases (they can blow up a small file)."""
        if self.check_event(yaml.AliasEvent):
            raise yaml.constructor.ConstructorError(None, None, "aliases (*) are not allowed")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:
        """Refuse a key that stands twice."""
        seen: set[str] = set()
        for key, _value in node.value:
            if not isinstance(key.value, str):
                raise yaml.constructor.ConstructorError(None, None, "a key must be a word", key.start_mark)
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key.value!r} stands twice", key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep)


class _Lists(Part):
    """The shape of the files that are a list under their own name."""

    matters: tuple[Matter, ...] = ()
    ladders: tuple[Ladder, ...] = ()
    departments: tuple[Department, ...] = ()
    sources: tuple[Source, ...] = ()
    programme: Programme | None = None
    story: Story | None = None


def read_pack(folder: Path) -> Pack:
    """Read and check the pack in ``folder``.

    Raises:
        PackInvalid: with every problem found.
    """
    texts: dict[str, str] = {}
    problems: list[Problem] = []
    for name in (*_FILES, "story"):
        path = folder / f"{name}.yaml"
        if not path.is_file():
            continue
        if path.stat().st_size > MAX_BYTES:
            problems.append(Problem(path.name, "", _TOO_BIG, {"most": MAX_BYTES}))
            continue
        try:
            texts[name] = path.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            problems.append(Problem(path.name, "", _NOT_YAML, {"problem": str(error.reason)}))
    if problems:
        raise PackInvalid(problems)
    return parse_pack(texts)


def parse_pack(texts: Mapping[str, str]) -> Pack:
    """Check a pack given as YAML texts by the file's name without its ending; ``story`` may be left out.

    Raises:
        PackInvalid: with every problem found.
    """
    problems: list[Problem] = []
    parts: dict[str, _Lists] = {}
    for name in (*_FILES, "story"):
        if name not in texts:
            if name != "story":
                problems.append(Problem(f"{name}.yaml", "", _MISSING, {}))
            continue
        try:
            data = yaml.load(texts[name], Loader=_Loader)  # noqa: S506 - a SafeLoader, narrowed
            if not isinstance(data, dict) or set(data) != {name}:
                problems.append(Problem(f"{name}.yaml", name, _ABSENT, {}))
                continue
            parts[name] = _Lists.model_validate(data)
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            problems.extend(_read_problems(f"{name}.yaml", error))
    if problems:
        raise PackInvalid(problems)
    programme = parts["programme"].programme
    if programme is None:
        raise PackInvalid([Problem("programme.yaml", "programme", _ABSENT, {})])
    pack = Pack(
        programme=programme,
        matters=parts["matters"].matters,
        ladders=parts["ladders"].ladders,
        departments=parts["departments"].departments,
        sources=parts["sources"].sources,
        story=parts["story"].story if "story" in parts else None,
    )
    problems = [*_check(pack), *(_check_story(pack, pack.story) if pack.story else ())]
    if problems:
        raise PackInvalid(problems)
    return pack


def _read_problems(file: str, error: Exception) -> Iterator[Problem]:
    if not isinstance(error, ValidationError):
        text = " ".join(str(error).split()) or type(error).__name__
        yield Problem(file, "", _NOT_YAML, {"problem": text[:300]})
        return
    for detail in error.errors(include_url=False, include_input=False):
        place = " › ".join(str(step + 1) if isinstance(step, int) else step for step in detail["loc"])
        template = {"missing": _ABSENT, "extra_forbidden": _UNKNOWN}.get(detail["type"], _WRONG)
        yield Problem(file, place, template, {"problem": detail["msg"]})


def _twice(file: str, place: str, keys: Iterable[object]) -> Iterator[Problem]:
    for key, count in Counter(keys).items():
        if count > 1:
            yield Problem(file, place, _TWICE, {"key": key})


def _check(pack: Pack) -> Iterator[Problem]:
    """Everything that no single field can tell."""
    programme = pack.programme
    try:
        check_prefix(programme.prefix)
    except Refused:
        yield Problem("programme.yaml", "programme › prefix", _PREFIX, {"prefix": programme.prefix})
    sources = {source.key: source for source in pack.sources}
    if programme.authority.source not in sources:
        place = "programme › authority › source"
        yield Problem("programme.yaml", place, _NO_SUCH, {"key": programme.authority.source})
    if programme.ladder not in {ladder.key for ladder in pack.ladders}:
        yield Problem("programme.yaml", "programme › ladder", _NO_SUCH, {"key": programme.ladder})
    yield from _twice("programme.yaml", "indicators", (indicator.key for indicator in programme.indicators))
    for indicator in programme.indicators:
        for word in _people(f"{indicator.key} {indicator.name.zh} {indicator.name.en} {indicator.uom}"):
            yield Problem("programme.yaml", f"indicators › {indicator.key}", _PEOPLE, {"word": word})
    yield from _twice("sources.yaml", "sources", (source.key for source in pack.sources))
    for source in pack.sources:
        yield from _twice("sources.yaml", source.key, (paragraph.number for paragraph in source.paragraphs))
    yield from _twice("ladders.yaml", "ladders", (ladder.key for ladder in pack.ladders))
    for ladder in pack.ladders:
        try:
            ladder.rule()
        except Refused as refused:
            yield Problem("ladders.yaml", ladder.key, refused.template, dict(refused.params))
    yield from _twice("departments.yaml", "departments", (department.key for department in pack.departments))
    for level in ("province", "prefecture", "county"):
        named = (department.names.get(level) for department in pack.departments)
        yield from _twice("departments.yaml", level, (name for name in named if name))
    for department in pack.departments:
        if set(department.names) != set(department.en):
            yield Problem("departments.yaml", department.key, _LEVELS, {})
    yield from _check_matters(pack, sources)


def _check_matters(pack: Pack, sources: Mapping[str, Source]) -> Iterator[Problem]:
    file = "matters.yaml"
    yield from _twice(file, "matters", (matter.key for matter in pack.matters))
    if [matter.number for matter in pack.matters] != list(range(1, len(pack.matters) + 1)):
        yield Problem(file, "matters", _NUMBERS, {})
    yield from _twice(file, "commitments", (item.key for matter in pack.matters for item in matter.commitments))
    for matter in pack.matters:
        yield from _check_quote(sources, matter)
        yield from _twice(file, matter.key, (sub.key for sub in matter.sub_matters))
        if [sub.number for sub in matter.sub_matters] != list(range(1, len(matter.sub_matters) + 1)):
            yield Problem(file, f"{matter.key} › sub_matters", _NUMBERS, {})
        for sub in matter.sub_matters:
            place = f"{matter.key} › {sub.key}"
            if sub.quote not in matter.quote.text:
                yield Problem(file, place, _NO_QUOTE, {"quote": sub.quote, "paragraph": matter.quote.paragraph})
            if sub.garbled and (sub.note is None or sub.name.zh != sub.quote):
                yield Problem(file, place, _GARBLED, {})
            if sub.probable_reading is not None and not sub.garbled:
                yield Problem(file, place, _GUESS, {})
        subs = {sub.key for sub in matter.sub_matters}
        for item in matter.commitments:
            place = f"{matter.key} › {item.key}"
            if item.sub_matter is not None and item.sub_matter not in subs:
                yield Problem(file, place, _NO_SUCH, {"key": item.sub_matter})
            if (item.kind == "duty") != (item.frequency is not None):
                yield Problem(file, place, _FREQUENCY, {})
            for text in (item.title.zh, item.title.en, item.requirement):
                for figure in _ASCII_FIGURE.findall(text):
                    if figure not in matter.quote.text:
                        yield Problem(file, place, _FIGURE, {"figure": figure})


def _check_quote(sources: Mapping[str, Source], matter: Matter) -> Iterator[Problem]:
    quote, place = matter.quote, f"{matter.key} › quote"
    if quote.source not in sources:
        yield Problem("matters.yaml", place, _NO_SUCH, {"key": quote.source})
        return
    paragraphs = {paragraph.number: paragraph.text for paragraph in sources[quote.source].paragraphs}
    if quote.text not in paragraphs.get(quote.paragraph, ""):
        yield Problem("matters.yaml", place, _NO_QUOTE, {"quote": quote.text, "paragraph": quote.paragraph})


def _people(text: str) -> Iterator[str]:
    low = text.lower()
    return (word for word in PEOPLE_WORDS if word in low)


def _check_story(pack: Pack, story: Story) -> Iterator[Problem]:
    file = "story.yaml"
    departments = {department.key: department for department in pack.departments}
    persons = {person.username: person for person in story.persons}
    commitments = {item.key: item for item in story.commitments}
    subs = {(matter.number, sub.key) for matter in pack.matters for sub in matter.sub_matters}
    numbers = {matter.number for matter in pack.matters}
    strict = {matter.number for matter in pack.matters if matter.institutions_only}
    yield from _twice(file, "persons", (person.username for person in story.persons))
    yield from _twice(file, "commitments", [*commitments, *(duty.key for duty in story.duties)])
    yield from _twice(file, "late", (one.key for one in story.late))
    yield from _twice(file, "commitments", (item.key for item in story.commitments))
    yield from _twice(file, "lines", (line.key for line in story.lines))
    if [step.number for step in story.tour] != [1, 2, 3, 4, 5]:
        yield Problem(file, "tour", _COUNT, {})
    needed: list[tuple[str, object, Iterable[object]]] = [
        *((f"persons › {p.username}", p.acts_for, persons) for p in story.persons if p.acts_for),
        *((f"persons › {p.username}", p.unit.department, departments) for p in story.persons if p.unit.department),
        *((f"tour › {step.number}", step.commitment, commitments) for step in story.tour),
        *((f"tour › {step.number}", step.person, persons) for step in story.tour),
        *(("village_lines", key, {line.key for line in story.lines}) for key in story.village_lines),
        *((f"lines › {line.key}", line.department, departments) for line in story.lines),
    ]
    told: list[StoryCommitment | StoryDuty] = [*story.commitments, *story.duties]
    for one in (*told, *story.lines, *story.late):
        needed.append((one.key, one.matter, numbers))
        if one.sub_matter is not None:
            needed.append((one.key, (one.matter, one.sub_matter), subs))
    for item in told:
        needed += [(item.key, seat.department, departments) for seat in (item.issuer, item.lead) if seat.department]
    for item in story.commitments:
        needed += [(item.key, item.parent, commitments)] if item.parent else []
        needed += [(item.key, act.by, persons) for act in item.acts]
    for place, key, known in needed:
        if key not in known:
            yield Problem(file, place, _NO_SUCH, {"key": key})
    for item in story.commitments:
        yield from _check_acts(item)
    for line in story.lines:
        yield from _check_texts(line.key, _texts(line), line.matter in strict, {"area", "upper"})
    for item in told:
        yield from _check_texts(item.key, _texts(item), item.matter in strict, set())
    for late in story.late:
        yield from _check_texts(late.key, _texts(late), late.matter in strict, set())
    yield from _check_texts("phrases", _texts(story.phrases), True, {"area", "work", "other"})


def _check_acts(item: StoryCommitment) -> Iterator[Problem]:
    days = [item.issued, *(act.day for act in item.acts)]
    if days != sorted(days):
        yield Problem("story.yaml", item.key, _AFTER, {})
    hands: dict[str, str] = {}
    for act in item.acts:
        if act.act in {"apply", "verify", "close"}:
            hands[act.act] = act.by
        if act.act == "close" and len(set(hands.values())) != 3:
            yield Problem("story.yaml", item.key, _HANDS, {})


_NO_SENTENCE = frozenset(
    ["key", "by", "act", "area", "department", "sub_matter", "parent", "frequency", "how", "username", "lead", "told"]
)  # fmt: skip
"""Fields of a story's parts that are no sentences."""


def _texts(part: Part) -> Iterator[str]:
    """Every Chinese sentence of a part of the story, however deep; no keys, codes, days or percents."""
    for name, value in part:
        if name in _NO_SENTENCE:
            continue
        for text in value if isinstance(value, tuple) else value.values() if isinstance(value, Mapping) else (value,):
            if isinstance(text, Part):
                yield from _texts(text)
            elif isinstance(text, str):
                yield text


def _check_texts(place: str, texts: Iterable[str], strict: bool, slots: set[str]) -> Iterator[Problem]:
    for text in texts:
        try:
            used = {field for _literal, field, _spec, _conversion in Formatter().parse(text) if field is not None}
        except ValueError:
            used = {text[:40]}
        for slot in sorted(used - slots):
            yield Problem("story.yaml", place, _SLOT, {"slot": slot})
        for figure in _DIGIT.findall(re.sub(r"[0-9]{1,3}%", "", text)):
            yield Problem("story.yaml", place, _DIGITS, {"figure": figure})
        if strict:
            for word in SENSITIVE_WORDS:
                if word in text:
                    yield Problem("story.yaml", place, _SENSITIVE, {"word": word})
