"""English plans（英文计划）: dates, owners, frequencies and measured results as action plans in English write them."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from luoshi.rules.documents.reader.dates import Frame, Often, When, month_end
from luoshi.rules.documents.reader.findings import Comparator, Frequency, Role
from luoshi.rules.documents.reader.roles import Found, Named
from luoshi.rules.documents.reader.targets import Measured

_MONTHS: Final = {
    name.lower(): at for names in (calendar.month_name, calendar.month_abbr) for at, name in enumerate(names) if name
} | {"sept": 9}
_MONTH: Final = "January|February|March|April|May|June|July|August|September|October|November|December|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec"
_BY: Final = r"(?P<by>\b(?:by|before|until|not? later than|no later than|on or before|due(?: by| on)?|deadline(?: is)?|completed? in|finish(?:ed)? in)(?: the)?:? {1,3})?"
_WHEN: Final = re.compile(
    rf"{_BY}(?:"
    rf"(?P<mdy>(?P<m1>{_MONTH})\.? {{1,2}}(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?(?:, ?| )(?P<y1>20\d\d))"
    rf"|(?P<dmy>(?P<d2>\d{{1,2}})(?:st|nd|rd|th)? {{1,2}}(?:of )?(?P<m2>{_MONTH})\.?,? {{1,2}}(?P<y2>20\d\d))"
    rf"|(?P<endmy>(?:end of |end-|late )(?P<m7>{_MONTH})\.?,? ?(?P<y7>20\d\d)?)"
    rf"|(?P<my>(?P<m3>{_MONTH})\.?,? {{1,2}}(?P<y3>20\d\d))"
    rf"|(?P<md>(?P<m4>{_MONTH})\.? {{1,2}}(?P<d4>\d{{1,2}})(?:st|nd|rd|th)?\b)"
    r"|(?P<iso>(?P<y5>20\d\d)-(?P<m5>\d{2})-(?P<d5>\d{2}))"
    r"|(?P<quarter>(?P<fy>FY ?(?:20)?\d\d,? )?Q(?P<q>[1-4]),? {0,2}(?:of )?(?P<fy2>FY ?)?(?P<y6>20\d\d)?)"
    r"|(?P<nthq>(?:the )?(?:end of )?(?:the )?(?P<nth>first|second|third|fourth|last) quarter(?: of)? ?(?P<fy3>FY ?|fiscal year )?(?P<y8>20\d\d)?)"
    r"|(?P<half>(?:mid-|middle of )(?P<y9>20\d\d))"
    r"|(?P<fiscal>(?:end of )?(?:FY ?|fiscal year )(?:20)?\d\d)"
    r"|(?P<yend>(?:(?:the )?end of (?:the )?(?:calendar )?(?:year )?|year-?end |late )(?P<y10>20\d\d)|(?:the )?end of the (?:calendar )?year|year-?end)"
    r"|(?P<within>within (?P<n>\d{1,3}) (?P<nu>calendar days|business days|working days|days|weeks|months) (?:of|after|from) (?P<event>[^.;|\n]{1,80}))"
    r"|(?P<year>(?<![\d-])(?P<y11>20\d\d)(?![\d-]))"
    r")",
    re.IGNORECASE,
)
_ANCHOR: Final = re.compile(r"\d+|[Yy]ear|[Qq]uarter")
_AROUND: Final = 48
_BEYOND: Final = 110


def _found(text: str, start: int, end: int) -> Iterator[re.Match[str]]:
    """The dates of a passage, looked for around figures and the words year and quarter."""
    place = start
    for anchor in _ANCHOR.finditer(text, start, end):
        if anchor.end() <= place:
            continue
        found = _WHEN.search(text, max(place, anchor.start() - _AROUND), min(end, anchor.end() + _BEYOND))
        if found is not None:
            yield found
            place = found.end()


_KINDS: Final = "mdy dmy endmy my md iso quarter nthq half fiscal yend within year".split()
_NTH: Final = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": 4}
_THIS: Final = re.compile(
    r"^(?:the )?(?:date of (?:this|the issuance of this)|issuance of this|publication of this|this) (?:memorandum|order|plan|notice|directive|letter|policy|document)",
    re.IGNORECASE,
)


def deadlines(text: str, start: int, end: int, frame: Frame, *, bare: bool = False) -> list[When]:
    """The deadlines of an English passage; ``bare`` reads a date column, where every date counts."""
    out = []
    for found in _found(text, start, end):
        kind = next(one for one in _KINDS if found[one] is not None)
        if not (bare or found["by"] or kind == "within"):
            continue
        if kind == "year" and not (
            bare or (found["by"] or "").lower().startswith(("by", "before", "no", "not", "until", "complete"))
        ):
            continue
        try:
            day = _day(found, kind, frame)
        except ValueError:
            out.append(When(found.start(kind), found.end(), None, wrong=True))
            continue
        until = found.end()
        if kind == "within" and day is not None:
            this = _THIS.match(found["event"])
            until = found.start("event") + this.end() if this is not None else until
        out.append(When(found.start(kind), until, day))
    return out


def _day(found: re.Match[str], kind: str, frame: Frame) -> date | None:
    def month(name: str) -> int:
        return _MONTHS[found[name].lower()]

    match kind:
        case "mdy":
            return date(int(found["y1"]), month("m1"), int(found["d1"]))
        case "dmy":
            return date(int(found["y2"]), month("m2"), int(found["d2"]))
        case "endmy":
            return month_end(int(found["y7"] or frame.year), month("m7"))
        case "my":
            return month_end(int(found["y3"]), month("m3"))
        case "md":
            return date(frame.year, month("m4"), int(found["d4"]))
        case "iso":
            return date(int(found["y5"]), int(found["m5"]), int(found["d5"]))
        case "quarter":
            return (
                None if found["fy"] or found["fy2"] else month_end(int(found["y6"] or frame.year), int(found["q"]) * 3)
            )
        case "nthq":
            return None if found["fy3"] else month_end(int(found["y8"] or frame.year), _NTH[found["nth"].lower()] * 3)
        case "half":
            return date(int(found["y9"]), 6, 30)
        case "fiscal":
            return None
        case "yend":
            return date(int(found["y10"] or frame.year), 12, 31)
        case "within":
            if not _THIS.match(found["event"]) or found["nu"].lower() in {"business days", "working days", "months"}:
                return None
            return frame.day + timedelta(days=int(found["n"]) * (7 if found["nu"].lower() == "weeks" else 1))
        case _:
            return date(int(found["y11"]), 12, 31)


_OFTEN: Final = re.compile(
    r"\b(?:(?P<daily>daily|every day|each day)|(?P<weekly>weekly|every week|each week)|(?P<half_yearly>semi-?annual(?:ly)?|twice a year|half-?yearly|every six months|biannual(?:ly)?)"
    r"|(?P<monthly>monthly|every month|each month|per month)|(?P<quarterly>quarterly|every quarter|each quarter|per quarter|every (?:3|three) months)|(?P<yearly>annually|yearly|every year|each year|once a year|annual(?= report| update| review))"
    r"|(?P<continuous>ongoing|on-going|continuous(?:ly)?|continual(?:ly)?))\b",
    re.IGNORECASE,
)


def frequencies(text: str, start: int, end: int, *, bare: bool = False) -> Iterator[Often]:
    """The frequencies of an English passage; a standing duty only where ``bare`` says the passage is about time."""
    for found in _OFTEN.finditer(text, start, end):
        if found.lastgroup != "continuous" or bare:
            yield Often(found.start(), found.end(), Frequency(found.lastgroup or ""))


_LABEL: Final = re.compile(
    r"(?:^|(?<=[\s(\[;,.—–-]))(?:"
    r"(?P<lead>(?:lead|owner|action owner|accountable)(?: (?:agency|office|department|unit|bureau|officer|party|organi[sz]ation))?)"
    r"|(?P<support>(?:support(?:ing|ed by)?|partners?|partner(?:ing)?|contributing|co-?lead|in (?:partnership|coordination) with|with support from)(?: (?:agenc(?:y|ies)|offices?|departments?|units?|bureaus?|parties|organi[sz]ations?))?)"
    r"|(?P<responsible>responsib(?:le|ility)(?: (?:agenc(?:y|ies)|offices?|departments?|units?|party|parties|bureaus?|officials?))?|assigned to|agenc(?:y|ies)|departments?)"
    r"|(?P<due>(?:due(?: date)?|deadline|target(?: completion)? date|completion date|timeline|time ?frame|by when|target completion|date))"
    r") ?: ?",
    re.IGNORECASE,
)
_AND: Final = re.compile(
    r",? (?:and|&) (?:the )?(?=(?:Department|Ministry|Office|Agency|Bureau|City|Board|Council|Commission|Center|Division|[A-Z]{2,6}\b))"
)
_SPLIT: Final = re.compile(r"[;,/\n]")
_NO_NAME: Final = re.compile(
    r"^(?:n/?a|none|tbd|all|-+|other.*|as well as.*|required.*|see .*|various|etc\.?)?$", re.IGNORECASE
)


def split_names(text: str, start: int, end: int) -> Iterator[Named]:
    """The names in a list of English units; “and” parts two only where a whole name follows."""
    cuts = [(found.start(), found.end()) for found in _SPLIT.finditer(text, start, end)]
    cuts += [
        (found.start(), found.end())
        for found in _AND.finditer(text, start, end)
        if text[start : found.start()].rstrip().count(" of ") == 0 or text[found.end() : found.end() + 3].isalpha()
    ]
    place = start
    for a, b in [*sorted(cuts), (end, end)]:
        if a < place:
            continue
        first, last = place, a
        while first < last and text[first] in " .—–-":
            first += 1
        while first < last and text[last - 1] in " .)]—–-":
            last -= 1
        for opening in ("the ", "The ", "and ", "& "):
            if text.startswith(opening, first, last):
                first += len(opening)
        if last - first >= 2 and not _NO_NAME.match(text[first:last]) and last - first <= 90:
            yield Named(first, last)
        place = b


def read_roles(text: str, start: int, end: int, default: Role | None = None) -> Found:
    """The roles an English passage tells after its labels（Lead:, Owner:, Support:, Due:）, else ``default``."""
    labels = list(_LABEL.finditer(text, start, end))
    units: list[tuple[Role, Named, str]] = []
    dues: list[tuple[int, int]] = []
    if not labels and default is not None:
        units = [(default, name, "column") for name in split_names(text, start, end)]
    for at, label in enumerate(labels):
        until = labels[at + 1].start() if at + 1 < len(labels) else end
        kind = next(name for name in ("lead", "support", "responsible", "due") if label[name])
        if kind == "due":
            dues.append((label.end(), until))
            continue
        role = {"lead": Role.LEAD, "support": Role.SUPPORT}.get(kind, Role.RESPONSIBLE)
        stop = re.compile(r"[.)\]](?: |$)|[—–|]").search(text, label.end(), until)
        units += [(role, name, "label") for name in split_names(text, label.end(), stop.start() if stop else until)]
    return Found(tuple(units), tuple(dues))


def first_label(text: str, start: int, end: int) -> int:
    """Where the labelled tail of an English line begins, or ``end``."""
    found = _LABEL.search(text, start, end)
    return found.start() if found is not None else end


_FIGURE: Final = re.compile(
    r"(?<![\w.$#])(?P<money>\$)?(?P<value>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,9}(?:\.\d{1,4})?) ?(?P<uom>%|percentage points|percent|per cent|million|billion|[a-z][a-z-]{2,24})(?![\w])"
)
_LEAST: Final = re.compile(
    r"(?:at least|no (?:less|fewer) than|more than|over|a minimum of|reach(?:ing)?|exceed(?:ing)?|(?:increase|raise|grow|expand)\w*[^.;]{0,40} to|up to at least) $",
    re.IGNORECASE,
)
_MOST: Final = re.compile(
    r"(?:at most|no more than|less than|fewer than|under|within|below|(?:reduce|cut|lower|decrease|shorten|bring)\w*[^.;]{0,40} to|not exceed(?:ing)?) $",
    re.IGNORECASE,
)
_RISE: Final = re.compile(
    r"(?:increase|grow|raise|improve|expand|rise)\w*\b[^.;]{0,60} by (?:at least |about |approximately )?$",
    re.IGNORECASE,
)
_FALL: Final = re.compile(
    r"(?:reduce|decrease|cut|lower|reduction|decline|shrink)\w*\b[^.;]{0,60} by (?:at least |about |approximately )?$",
    re.IGNORECASE,
)
_DELIVERS: Final = re.compile(
    r"\b(?:train|hire|build|open|install|plant|publish|create|launch|deliver|establish|complete|construct|recruit|provide|add|conduct|hold|repair|replace|upgrade|restore|inspect|award|release|develop|certify|enroll|connect|retrofit)\w*(?: (?:an additional|additional|a total of|another|about|up to|some))? $",
    re.IGNORECASE,
)
_NO_UOM: Final = frozenset(
    "and or of the to in for by on at with from as is are was day days week weeks month months year years fiscal january february march april may june july august september october november december st nd rd th am pm".split()
)


def measured(text: str, start: int, end: int, *, column: bool = False) -> list[Measured]:
    """The targets of an English passage in its order."""
    out = []
    for found in _FIGURE.finditer(text, start, end):
        before = text[max(start, found.start() - 90) : found.start()]
        uom = found["uom"]
        time = uom in {"days", "months", "weeks", "hours", "years"}
        if 1990 <= float(found["value"].replace(",", "")) <= 2100 and "," not in found["value"]:
            continue
        percent = uom in {"%", "percent", "per cent", "percentage points"}
        comparator = Comparator.EXACTLY
        for pattern, said in (
            (_RISE, Comparator.INCREASE),
            (_FALL, Comparator.DECREASE),
            (_LEAST, Comparator.AT_LEAST),
            (_MOST, Comparator.AT_MOST),
        ):
            if pattern.search(before):
                comparator = said
                break
        told = comparator is not Comparator.EXACTLY
        if (uom in _NO_UOM and not (time and told and not before.lower().endswith("within "))) or (
            not percent and not told and not column and not _DELIVERS.search(before)
        ):
            continue
        if percent and not told and not column and re.search(r"(?:was|were|is|are|currently|from) $", before):
            continue
        value = float(found["value"].replace(",", ""))
        scale = {"million": 1e6, "billion": 1e9}.get(uom)
        if scale:
            value, uom = (
                value * scale,
                "dollars"
                if found["money"]
                else text[found.end() : found.end() + 20].split(" ")[1]
                if text[found.end() : found.end() + 1] == " "
                else "",
            )
        clause = max(text.rfind(sign, max(start, found.start() - 120), found.start()) + 1 for sign in ".;,")
        out.append(Measured(found.start(), found.end(), value, uom, comparator, (max(start, clause), found.start())))
    return out


_IMPERATIVE: Final = re.compile(
    r"^(?:\W{0,3})(?:[A-Z][a-z]+(?:ly)?,? )?[A-Z]?[a-z]+\b|(?:\b(?:will|shall|must|should|to be)\b)"
)


def asks(words: str) -> bool:
    """Whether an English line of a list asks for something: at least three words."""
    return len(words.split()) >= 3
