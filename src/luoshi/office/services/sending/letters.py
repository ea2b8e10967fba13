"""Mail（邮件）: what may leave now, what is kept for a digest, and what the letter says."""

from __future__ import annotations

import secrets
import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext, ngettext

from luoshi.office.adapters import mail
from luoshi.office.adapters.mail import NotSent
from luoshi.office.models import OPEN_STATES, Channel, Delivery, DeliveryState, Mode, Outlet, Wish
from luoshi.office.queries.wishes import hours_of, house_hours, wishes_of
from luoshi.office.services import channels
from luoshi.office.services.messages import holders_of
from luoshi.office.services.sending.claiming import (
    Ended,
    claim_rows,
    complete,
    due_at,
    locked,
    mark,
    put_off,
    stamp,
    went,
)
from luoshi.rules import telling
from luoshi.rules.calendar import WorkCalendar
from luoshi.rules.refusals import gettext_noop as _
from luoshi.units.queries import calendar_for

DIGEST_LINES = 100
"""Lines of a digest; the rest is counted, and stands in the message centre."""

FOOT = _("This message was written by the system. Open the page it is about: %(link)s")
MAIL_FOOT = _("How you are told, and when: %(link)s")
MORE = _("… and %(count)s more in the message centre: %(link)s")


def mail_due(at: datetime, limit: int, only: QuerySet[Delivery] | None = None) -> tuple[int, int]:
    """Send mail that is due; how many rows were looked at, and how many deliveries were sent."""
    due = (due_at(at) if only is None else only).filter(channel=Channel.EMAIL)
    if not mail.configured() or not due.exists():
        return 0, 0
    server = Outlet.objects.filter(kind=Channel.EMAIL).first()
    if server is not None and not server.enabled and only is None:
        return 0, 0
    claim = secrets.token_hex(16)
    with transaction.atomic():
        found = locked(due, limit)
        rows = found if only is not None else _sort_out(found, at)
        attempts = claim_rows(rows, at, claim) if rows else {}
    if not rows:
        return len(found), 0
    batches = _batches(rows)
    messages = {one.message_id: one.message for row in rows for one in batches[row.pk]}
    holders = holders_of([message.post_id for message in messages.values()], at)
    broken: NotSent | None = None
    ended = Ended(claim, at)
    try:
        with ended, mail.connection() as link:
            for number, row in enumerate(rows):
                parts = [one for one in batches[row.pk] if holders.get(one.message.post_id, {}).get(one.user_id or 0)]
                if not parts:
                    mark(row, claim, state=DeliveryState.DEAD, last_error="no longer holds the post", next_at=None)
                    continue
                address = holders[parts[0].message.post_id][parts[0].user_id or 0]
                began = time.perf_counter()
                try:
                    provider = mail.send(link, address=address, stamp=stamp(row), **_letter(row, parts))
                except NotSent as error:
                    went(attempts[row.pk], began, error)
                    if error.server:
                        put_off(rows[number:], claim, error, at)
                        broken = error
                        break
                    put_off([row], claim, error, at)
                    continue
                went(attempts[row.pk], began)
                ended.add(row, provider, address)
    except NotSent as error:
        for attempt in attempts.values():
            went(attempt, time.perf_counter(), error)
        put_off(rows, claim, error, at)
        broken = error
    complete(attempts.values())
    sent = ended.written
    if broken is not None and not sent:
        channels.note_failure(channels.mail_server(at), broken, at=at)
    elif sent:
        channels.note_success(server or channels.mail_server(at), at=at)
    return len(found), sent


def _sort_out(found: Sequence[Delivery], at: datetime) -> list[Delivery]:
    """What may leave now; the rest is put to the next allowed moment, kept for the digest, or not needed.

    In the transaction that holds the rows' locks.
    """
    wishes = wishes_of(row.user_id for row in found if row.user_id)
    house = house_hours()
    usual = Wish()
    go: list[Delivery] = []
    moves: dict[tuple[str, datetime], list[int]] = defaultdict(list)
    spared: list[int] = []
    digests: dict[int, tuple[Wish, WorkCalendar]] = {}
    for row in found:
        wish = wishes.get(row.user_id or 0, usual)
        if not wish.email or (wish.mode == Mode.URGENT and not row.message.urgent):
            spared.append(row.pk)
            continue
        if row.message.urgent:
            go.append(row)
            continue
        hours, calendar = hours_of(wish, house), calendar_for(row.message.post.unit.path)
        if wish.mode == Mode.DAILY and not row.batch and not row.message.prompt:
            if row.state == DeliveryState.HELD and telling.may_send(at, hours, calendar):
                digests[row.user_id or 0] = (wish, calendar)
            else:
                moves["held", telling.digest_at(at, wish.digest_hour, hours, calendar)].append(row.pk)
        elif telling.may_send(at, hours, calendar):
            go.append(row)
        else:
            moves["", telling.next_allowed(at, hours, calendar)].append(row.pk)
    for (state, moment), ids in moves.items():
        Delivery.objects.filter(pk__in=ids).update(next_at=moment, **({"state": state} if state else {}))
    if spared:
        _spare(Delivery.objects.filter(pk__in=spared), "as the person has set it")
    for user_id in digests:
        first = _gather(user_id, at)
        if first is not None:
            go.append(first)
    return go


def _spare(rows: QuerySet[Delivery], why: str) -> None:
    rows.update(state=DeliveryState.SPARED, next_at=None, last_error=why)


def _gather(user_id: int, at: datetime) -> Delivery | None:
    """Make one digest of all that is held for a person; what the post has read meanwhile is not told again."""
    held = Delivery.objects.filter(user_id=user_id, state=DeliveryState.HELD, channel=Channel.EMAIL)
    rows = list(held.select_for_update(of=("self",)).select_related("message__post__unit", "user").order_by("pk"))
    read = [row.pk for row in rows if row.message.read_at is not None]
    if read:
        _spare(Delivery.objects.filter(pk__in=read, state=DeliveryState.HELD), "read before the digest")
    holders = holders_of([row.message.post_id for row in rows], at)
    left = [row.pk for row in rows if user_id not in holders.get(row.message.post_id, {})]
    if left:
        gone = Delivery.objects.filter(pk__in=left, state=DeliveryState.HELD)
        gone.update(state=DeliveryState.DEAD, next_at=None, last_error="no longer holds the post")
    rows = [row for row in rows if row.message.read_at is None and row.pk not in set(left)]
    if not rows:
        return None
    batch = secrets.token_hex(16)
    Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(
        batch=batch, state=DeliveryState.PENDING, next_at=None
    )
    rows[0].batch, rows[0].state = batch, DeliveryState.PENDING
    return rows[0]


def _batches(rows: Sequence[Delivery]) -> dict[int, list[Delivery]]:
    """Row → the deliveries that travel with it, itself among them; one statement."""
    wanted = [row.batch for row in rows if row.batch]
    together: dict[str, list[Delivery]] = defaultdict(list)
    if wanted:
        for one in Delivery.objects.filter(batch__in=wanted).select_related("message", "user").order_by("pk"):
            if one.state in OPEN_STATES:
                together[one.batch].append(one)
    return {row.pk: together[row.batch] if row.batch else [row] for row in rows}


def absolute(path: str) -> str:
    """The whole address of a page of this installation, for those who read it elsewhere."""
    return settings.BASE_URL.rstrip("/") + path


def _letter(row: Delivery, parts: Sequence[Delivery]) -> dict[str, str]:
    language = (row.user.language if row.user else "") or settings.LANGUAGE_CODE
    with translation.override(language):
        foot = gettext(MAIL_FOOT) % {"link": absolute("/office/settings/")}
        if len(parts) == 1:
            message = parts[0].message
            body = message.body_text or message.subject_text
            if message.link:
                body = f"{body}\n\n{gettext(FOOT) % {'link': absolute(message.link)}}"
            return {"subject": message.subject_text, "body": f"{body}\n\n{foot}\n"}
        title = ngettext("%(count)s thing waits for you", "%(count)s things wait for you", len(parts)) % {
            "count": len(parts)
        }
        lines = [f"{title}\n"]
        for one in parts[:DIGEST_LINES]:
            when = timezone.localtime(one.message.created_at).strftime("%m-%d %H:%M")
            lines.append(
                f"· {one.message.subject_text}（{when}）\n  {absolute(one.message.link or '/office/messages/')}"
            )
        if len(parts) > DIGEST_LINES:
            more = {"count": len(parts) - DIGEST_LINES, "link": absolute("/office/messages/")}
            lines.append(gettext(MORE) % more)
        return {"subject": title, "body": "\n".join([*lines, "", foot, ""])}
