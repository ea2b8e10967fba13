"""From a door's data to the one service of an act; every door goes through here, so none can be laxer than another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from luoshi.delivery import services
from luoshi.delivery.schemas.inputs import INPUTS, ActInput
from luoshi.delivery.services import Done
from luoshi.rules.lifecycle import Act
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused, gettext_noop

_ = gettext_noop

Input = TypeVar("Input", bound=ActInput)
AnyAct = TypeVar("AnyAct", bound=Enum)
Outcome = TypeVar("Outcome")

SERVICES: dict[Act, Callable[..., Done]] = {
    Act.EDIT: services.edit_commitment,
    Act.ISSUE: services.issue_commitment,
    Act.ACCEPT: services.accept_commitment,
    Act.DECLINE: services.decline_commitment,
    Act.INSIST: services.insist_on_commitment,
    Act.REISSUE: services.reissue_commitment,
    Act.ASSIGN: services.assign_commitment,
    Act.APPROVE_BREAKDOWN: services.approve_breakdown,
    Act.BREAK_DOWN: services.break_down_commitment,
    Act.REPORT: services.report_on_commitment,
    Act.SHARE: services.share_in_commitment,
    Act.DISPUTE: services.dispute_report,
    Act.RETURN: services.return_commitment,
    Act.APPLY: services.apply_for_closure,
    Act.RECALL: services.recall_application,
    Act.VERIFY: services.verify_commitment,
    Act.CLOSE: services.close_commitment,
    Act.REOPEN: services.reopen_commitment,
    Act.UPHOLD: services.uphold_closure,
    Act.LOOK_BACK: services.look_back_commitment,
    Act.SUSPEND: services.suspend_commitment,
    Act.RESUME: services.resume_commitment,
    Act.WITHDRAW: services.withdraw_commitment,
    Act.CHANGE_LEAD: services.change_lead,
    Act.ASK_EXTENSION: services.ask_extension,
    Act.DECIDE_EXTENSION: services.decide_extension,
    Act.RE_DATE: services.re_date_commitment,
    Act.REQUEST: services.raise_request,
    Act.REPLY: services.reply_to_request,
    Act.FORWARD: services.forward_request,
    Act.TAKE_BACK: services.take_back_request,
    Act.BRIEF: services.brief_superior,
    Act.READ_BRIEF: services.read_brief,
    Act.INSTRUCT: services.instruct_commitment,
    Act.REMIND: services.remind_commitment,
    Act.PROPOSE_SLIP: services.propose_slip,
    Act.FIND: services.record_finding,
    Act.ANSWER: services.answer_finding,
    Act.CONCLUDE: services.conclude_finding,
    Act.OBJECT: services.raise_objection,
    Act.DECIDE_OBJECTION: services.decide_objection,
    Act.ISSUE_LINK: services.issue_link,
    Act.REVOKE_LINK: services.revoke_link,
    Act.OPEN_PERIOD: services.open_period,
    Act.FINISH_PERIOD: services.finish_period,
    Act.REVIEW_DUTY: services.review_duty,
    Act.END_DUTY: services.end_duty,
}

#: pydantic's error type → our sentence; everything else says that the value does not fit.
PROBLEMS = {
    "missing": _("this is needed"),
    "string_too_short": _("this is needed"),
    "string_too_long": _("this is too long"),
    "too_long": _("these are too many"),
    "int_parsing": _("a whole number is needed"),
    "int_type": _("a whole number is needed"),
    "greater_than_equal": _("this is too small"),
    "less_than_equal": _("this is too large"),
    "date_parsing": _("a date is needed, such as 2026-03-31"),
    "date_from_datetime_parsing": _("a date is needed, such as 2026-03-31"),
    "bool_parsing": _("choose yes or no"),
    "extra_forbidden": _("this is not asked here"),
    "literal_error": _("this is not one of the choices"),
}
NO_FIT = _("this does not fit")


def read_input(act: Act, data: Mapping[str, Any]) -> ActInput:
    """The act's input from a door's data.

    Raises:
        Refused: ``bad_input`` with the first field that does not fit and what to do.
    """
    model = INPUTS.get(act)
    if model is None:
        raise Refused("not_found")
    return fit(model, data)


def fit(model: type[Input], data: Mapping[str, Any]) -> Input:
    """``data`` as one kind of input.

    Raises:
        Refused: ``bad_input`` with the first field that does not fit and what to do.
    """
    try:
        return model.model_validate(dict(data))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        name = str(first["loc"][0]) if first["loc"] else ""
        field = model.model_fields.get(name)
        label = (field.title if field else None) or name
        raise Refused("bad_input", field=label, problem=PROBLEMS.get(first["type"], NO_FIT), name=name) from error


def perform(
    act: Act,
    *,
    actor: Actor,
    ref: str,
    version: int | None,
    data: Mapping[str, Any],
    at: datetime,
    via: str | None = None,
) -> Done:
    """Do an act（办理）: validate what was said, call the one service.

    Args:
        act: which act.
        actor: who, in which seat.
        ref: the commitment's number.
        version: the version the person looked at; only a report may come without.
        data: the fields of the act's input.
        at: now, read at the door.
        via: by which door a report came; other acts do not record it.

    Raises:
        Refused: ``bad_input``, ``version_missing``, or whatever the service refuses.
    """
    told = read_input(act, data)
    values = told.values()
    if act in (Act.REPORT, Act.FIND):
        values["files"] = [(file.digest, file.name) for file in values["files"]]
    if act is Act.REPORT and via:
        values["via"] = via
    if act is Act.VERIFY:
        values["verdicts"] = [verdict.model_dump() for verdict in values["verdicts"]]
    if version is None and act is not Act.REPORT:
        raise Refused("version_missing")
    return SERVICES[act](actor=actor, ref=ref, version=version, at=at, **values)


@dataclass(frozen=True, slots=True)
class Acts(Generic[AnyAct, Outcome]):
    """The acts on another kind of record than commitments: what each asks, and the one service it calls."""

    noun: str
    """What the record is called in code: its services take it by this name."""
    table: Mapping[AnyAct, tuple[type[ActInput], Callable[..., Outcome]]]
    unversioned: frozenset[AnyAct] = frozenset()
    """Acts that ask no version, because they change nothing that somebody may have looked at."""

    def perform(
        self,
        act: AnyAct,
        key: str | int,
        *,
        actor: Actor,
        version: int | None,
        data: Mapping[str, Any],
        at: datetime,
    ) -> Outcome:
        """Do an act: validate what was said, call the one service.

        Args:
            act: which act.
            key: the record's number or id.
            actor: who, in which seat.
            version: the version the person looked at; not asked of the ``unversioned``.
            data: the fields of the act's input.
            at: now, read at the door.

        Raises:
            Refused: ``version_missing``, ``bad_input``, or whatever the service refuses.
        """
        model, service = self.table[act]
        seen: dict[str, int] = {}
        if act not in self.unversioned:
            if version is None:
                raise Refused("version_missing")
            seen["version"] = version
        return service(actor=actor, at=at, **{self.noun: key}, **seen, **fit(model, data).values())
