"""Units and posts over the API（组织接口）: every read and act of the pages; thin."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Annotated

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from ninja import Path, Query, Router

from luoshi.rules.calendar import Deadline, Kind, account
from luoshi.rules.notices import SpecialDay
from luoshi.units import queries, schemas, services
from luoshi.units.queries.calendars import calendar_for, versions_above

router = Router(tags=["units"])

Limit = Annotated[int, Query(ge=1, le=200)]
Cursor = Annotated[str, Query(max_length=240, pattern=r"^[^\x00]*$")]
Text = Annotated[str, Query(max_length=60, pattern=r"^[^\x00]*$")]
UnitId = Annotated[int, Path(ge=1, le=2**31)]
RefPath = Annotated[str, Path(min_length=1, max_length=64, pattern=r"^[^\x00]+$")]
Optional = Annotated[int | None, Query(ge=1, le=2**31)]


@router.get("/units", response=schemas.UnitPage)
def list_units(
    request: HttpRequest, parent: Optional = None, q: Text = "", after: Cursor = "", limit: Limit = 50
) -> schemas.UnitPage:
    """Units in scope: the children of ``parent``, or those whose name or code holds ``q``."""
    actor = queries.actor_for_request(request, timezone.now())
    units, following = queries.page_of_units(actor, parent_id=parent, text=q, after=after, limit=limit)
    return schemas.UnitPage(items=[schemas.UnitOut.of(unit) for unit in units], next=following)


@router.get("/units/{unit_id}", response=schemas.UnitOut)
def get_unit(request: HttpRequest, unit_id: UnitId) -> schemas.UnitOut:
    """One unit in scope."""
    actor = queries.actor_for_request(request, timezone.now())
    return schemas.UnitOut.of(queries.unit_in_scope(actor, unit_id))


@router.post("/units", response=schemas.UnitOut)
def create_unit(request: HttpRequest, body: schemas.UnitIn) -> schemas.UnitOut:
    """Set up a unit."""
    at = timezone.now()
    actor = queries.actor_for_request(request, at)
    return schemas.UnitOut.of(services.create_unit(actor=actor, at=at, **body.model_dump()))


@router.post("/units/{unit_id}/rename", response=schemas.UnitOut)
def rename_unit(request: HttpRequest, unit_id: UnitId, body: schemas.RenameIn) -> schemas.UnitOut:
    """Give a unit another name from a day."""
    at = timezone.now()
    actor = queries.actor_for_request(request, at)
    return schemas.UnitOut.of(services.rename_unit(actor=actor, at=at, unit_id=unit_id, **body.model_dump()))


@router.post("/units/{unit_id}/move", response=schemas.UnitOut)
def move_unit(request: HttpRequest, unit_id: UnitId, body: schemas.MoveIn) -> schemas.UnitOut:
    """Move a unit with everything below it."""
    at = timezone.now()
    actor = queries.actor_for_request(request, at)
    return schemas.UnitOut.of(services.move_unit(actor=actor, at=at, unit_id=unit_id, **body.model_dump()))


@router.post("/units/{unit_id}/merge", response=schemas.UnitOut)
def merge_units(request: HttpRequest, unit_id: UnitId, body: schemas.MergeIn) -> schemas.UnitOut:
    """Merge other units into this one."""
    at = timezone.now()
    actor = queries.actor_for_request(request, at)
    return schemas.UnitOut.of(services.merge_units(actor=actor, at=at, into_id=unit_id, **body.model_dump()))


@router.post("/units/{unit_id}/split", response=list[schemas.UnitOut])
def split_unit(request: HttpRequest, unit_id: UnitId, body: schemas.SplitIn) -> list[schemas.UnitOut]:
    """Divide a unit; answers with the new units."""
    at = timezone.now()
    actor = queries.actor_for_request(request, at)
    parts = [services.Part(part.name, part.code, tuple(part.children), tuple(part.posts)) for part in body.parts]
    made = services.split_unit(
        actor=actor,
        at=at,
        unit_id=unit_id,
        parts=parts,
        keep=body.keep,
        reason=body.reason,
        on=body.on,
        version=body.version,
    )
    return [schemas.UnitOut.of(unit) for unit in made]


@router.post("/units/{unit_id}/close", response=schemas.UnitOut)
def close_unit(request: HttpRequest, unit_id: UnitId, body: schemas.CloseIn) -> schemas.UnitOut:
    """End a unit."""
    at = timezone.now()
    actor = queries.actor_for_request(request, at)
    return schemas.UnitOut.of(services.close_unit(actor=actor, at=at, unit_id=unit_id, **body.model_dump()))


@router.post("/units/{unit_id}/superior", response=schemas.UnitOut)
def set_professional_superior(request: HttpRequest, unit_id: UnitId, body: schemas.SuperiorIn) -> schemas.UnitOut:
    """Name the professional superior of a department."""
    at = timezone.now()
    actor = queries.actor_for_request(request, at)
    unit = services.set_professional_superior(actor=actor, at=at, unit_id=unit_id, **body.model_dump())
    return schemas.UnitOut.of(unit)


@router.get("/posts", response=schemas.PostPage)
def list_posts(
    request: HttpRequest, unit: Optional = None, role: Text = "", after: Cursor = "", limit: Limit = 50
) -> schemas.PostPage:
    """Posts in use in scope, perhaps of one unit or one role."""
    actor = queries.actor_for_request(request, timezone.now())
    posts, following = queries.page_of_posts(actor, unit_id=unit, role=role, after=after, limit=limit)
    return schemas.PostPage(items=[schemas.PostOut.of(post) for post in posts], next=following)


@router.get("/posts/{ref}", response=schemas.PostOut)
def get_post(request: HttpRequest, ref: RefPath) -> schemas.PostOut:
    """One post in scope."""
    actor = queries.actor_for_request(request, timezone.now())
    return schemas.PostOut.of(queries.post_in_scope(actor, ref))


@router.post("/posts", response=schemas.PostOut)
def create_post(request: HttpRequest, body: schemas.PostIn) -> schemas.PostOut:
    """Set up a post."""
    at = timezone.now()
    actor = queries.actor_for_request(request, at)
    return schemas.PostOut.of(services.create_post(actor=actor, at=at, **body.model_dump()))


@router.post("/posts/{ref}/contact", response=schemas.PostOut)
def edit_contact(request: HttpRequest, ref: RefPath, body: schemas.ContactIn) -> schemas.PostOut:
    """Change the official contact of a post."""
    at = timezone.now()
    actor = queries.actor_for_request(request, at)
    return schemas.PostOut.of(services.edit_contact(actor=actor, at=at, post_ref=ref, **body.model_dump()))


@router.post("/posts/{ref}/close", response=schemas.PostOut)
def close_post(request: HttpRequest, ref: RefPath, body: schemas.CloseIn) -> schemas.PostOut:
    """Take a vacant post out of use."""
    at = timezone.now()
    actor = queries.actor_for_request(request, at)
    post = services.close_post(actor=actor, at=at, post_ref=ref, reason=body.reason, version=body.version)
    return schemas.PostOut.of(post)


@router.post("/posts/{ref}/seat", response=schemas.Done)
def seat_holder(request: HttpRequest, ref: RefPath, body: schemas.SeatIn) -> schemas.Done:
    """Seat a person in a post."""
    at = timezone.now()
    actor = queries.actor_for_request(request, at)
    holding = services.seat_holder(
        actor=actor,
        at=at,
        post_ref=ref,
        user_id=queries.user_named(body.username).pk,
        from_on=body.from_on,
        until_on=body.until_on,
    )
    return schemas.Done(id=holding.pk)


@router.post("/posts/{ref}/unseat", response=schemas.Done)
def unseat_holder(request: HttpRequest, ref: RefPath, body: schemas.UnseatIn) -> schemas.Done:
    """End the holding of a post."""
    at = timezone.now()
    actor = queries.actor_for_request(request, at)
    holding = services.unseat_holder(actor=actor, at=at, post_ref=ref, **body.model_dump())
    return schemas.Done(id=holding.pk)


@router.post("/posts/{ref}/hand-over", response=schemas.Done)
def hand_over_post(request: HttpRequest, ref: RefPath, body: schemas.HandOverIn) -> schemas.Done:
    """Hand a post to its next holder."""
    at = timezone.now()
    actor = queries.actor_for_request(request, at)
    done = services.hand_over_post(
        actor=actor,
        at=at,
        post_ref=ref,
        to_user_id=queries.user_named(body.username).pk,
        on=body.on,
        items=body.items,
        note=body.note,
    )
    return schemas.Done(id=done.pk)


@router.post("/posts/{ref}/deputies", response=schemas.Done)
def appoint_deputy(request: HttpRequest, ref: RefPath, body: schemas.DeputyIn) -> schemas.Done:
    """Let another post stand in for this one."""
    at = timezone.now()
    actor = queries.actor_for_request(request, at)
    row = services.appoint_deputy(actor=actor, at=at, principal_ref=ref, **body.model_dump())
    return schemas.Done(id=row.pk)


@router.post("/deputyships/{deputyship_id}/end", response=schemas.Done)
def end_deputyship(request: HttpRequest, deputyship_id: UnitId, body: schemas.EndIn) -> schemas.Done:
    """End a stand-in."""
    at = timezone.now()
    actor = queries.actor_for_request(request, at)
    row = services.end_deputyship(actor=actor, at=at, deputyship_id=deputyship_id, on=body.on)
    return schemas.Done(id=row.pk)


Year = Annotated[int, Query(ge=2000, le=2100)]
Days = Annotated[int, Query(ge=0, le=3660)]


@router.get("/calendar", response=schemas.CalendarOut, operation_id="get_calendar", tags=["calendar"])
def get_calendar(request: HttpRequest, year: Year, unit: Optional = None) -> schemas.CalendarOut:
    """The working calendar of a unit in one year: days off, make-up days, and the notices they come from."""
    actor = queries.actor_for_request(request, timezone.now())
    found = queries.unit_in_scope(actor, unit or queries.home_id(actor))
    return schemas.CalendarOut.of(found, year, calendar_for(found.path), versions_above(found.path, year))


@router.get("/calendar/term", response=schemas.TermOut, operation_id="count_term", tags=["calendar"])
def count_term(
    request: HttpRequest, start: dt.date, n: Days, kind: Kind = "working", unit: Optional = None
) -> schemas.TermOut:
    """When a term from a day ends by a unit's calendar, and how it comes to that day."""
    actor = queries.actor_for_request(request, timezone.now())
    found = queries.unit_in_scope(actor, unit or queries.home_id(actor))
    return schemas.TermOut.of(account(Deadline(n, kind, "counted"), start, calendar_for(found.path)))


@router.post(
    "/calendar/load", response=list[schemas.CalendarVersionOut], operation_id="load_calendars", tags=["calendar"]
)
def load_calendars(request: HttpRequest) -> list[schemas.CalendarVersionOut]:
    """Put the notices kept with the program in force where a year has none."""
    at = timezone.now()
    made = services.load_kept_calendars(actor=queries.actor_for_request(request, at), at=at)
    return [schemas.CalendarVersionOut.of(version) for version in made]


@router.post("/calendar/import", response=schemas.NoticeOut, operation_id="import_calendar", tags=["calendar"])
def import_calendar(request: HttpRequest, body: schemas.NoticeIn) -> schemas.NoticeOut:
    """Read a notice in, or only say what it would change; wrong rows are listed and nothing is changed then."""
    at = timezone.now()
    told = body.model_dump(mode="json", include={"year", "title", "number", "issued_on", "source", "unit"})
    report = services.import_calendar(
        actor=queries.actor_for_request(request, at),
        at=at,
        content=body.text.encode(),
        name=f"notice.{body.format}",
        defaults={name: str(value) for name, value in told.items() if value},
        dry_run=body.dry_run,
    )
    return schemas.NoticeOut(
        dry_run=report.dry_run,
        year=report.notice.year,
        added=_days(report.added),
        removed=_days(report.removed),
        errors=[
            schemas.NoticeRowError(row=one.row, problem=gettext(one.template) % dict(one.params))
            for one in report.errors
        ],
        version=report.version.pk if report.version else None,
    )


@router.post(
    "/calendar/days", response=schemas.CalendarVersionOut, operation_id="change_calendar_day", tags=["calendar"]
)
def change_calendar_day(request: HttpRequest, body: schemas.ChangeDayIn) -> schemas.CalendarVersionOut:
    """Change one day of a calendar with a reason."""
    at = timezone.now()
    actor = queries.actor_for_request(request, at)
    return schemas.CalendarVersionOut.of(services.change_day(actor=actor, at=at, **body.model_dump()))


def _days(found: Iterable[SpecialDay]) -> list[schemas.SpecialDayOut]:
    return [schemas.SpecialDayOut(day=one.day, working=one.working, name_zh=one.zh, name_en=one.en) for one in found]
