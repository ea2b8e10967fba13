"""Every act of the heart: one function, one transaction, one ledger entry. The only writers of this application."""

from luoshi.delivery.services.acting import Done
from luoshi.delivery.services.asking import (
    forward_request,
    instruct_commitment,
    raise_request,
    reply_to_request,
    take_back_request,
)
from luoshi.delivery.services.breaking_down import (
    Proposal,
    approve_breakdown,
    break_down_commitment,
    propose_breakdown,
)
from luoshi.delivery.services.briefing import brief_superior, read_brief
from luoshi.delivery.services.certifying import (
    Certified,
    close_by_certificate,
    judge_certified,
    tell_certified,
    write_certified,
)
from luoshi.delivery.services.changing import (
    ask_extension,
    decide_extension,
    re_date_commitment,
    resume_commitment,
    suspend_commitment,
    withdraw_commitment,
)
from luoshi.delivery.services.chasing_waiting import chase_answers, chase_approvals, chase_extensions
from luoshi.delivery.services.clock import pass_dates
from luoshi.delivery.services.closing import (
    apply_for_closure,
    close_commitment,
    look_back_commitment,
    recall_application,
    reopen_commitment,
    uphold_closure,
    verify_commitment,
)
from luoshi.delivery.services.drafting import (
    change_ladder,
    change_programme_settings,
    create_programme,
    draft_commitment,
    edit_commitment,
    issue_commitment,
    issue_programme,
    record_authority,
)
from luoshi.delivery.services.duties import end_duty, finish_period, miss_period, open_period, review_duty
from luoshi.delivery.services.escalating import forget_sweeps, take_steps
from luoshi.delivery.services.finding import (
    answer_finding,
    conclude_finding,
    decide_objection,
    raise_objection,
    record_finding,
)
from luoshi.delivery.services.linking import issue_link, revoke_link
from luoshi.delivery.services.moving import AT_ONCE, confirm_moves, move_some, require_mover
from luoshi.delivery.services.noting import act_on_note
from luoshi.delivery.services.objecting import chase_objections
from luoshi.delivery.services.reminding import (
    Reminding,
    propose_reminder,
    propose_reminder_of_units,
    remind_commitment,
    remind_units,
)
from luoshi.delivery.services.reporting import (
    dispute_report,
    report_on_commitment,
    return_commitment,
    share_in_commitment,
)
from luoshi.delivery.services.slips import (
    SlipDone,
    answer_slip,
    approve_slip,
    drop_slip,
    propose_slip,
    record_plan,
    send_back_slip,
    settle_slip,
    withdraw_slip,
)
from luoshi.delivery.services.taking_on import (
    accept_commitment,
    assign_commitment,
    change_lead,
    decline_commitment,
    insist_on_commitment,
    reissue_commitment,
)
from luoshi.delivery.services.together import (
    DoneTogether,
    Said,
    Wanted,
    accept_commitments,
    report_on_commitments,
)

__all__ = [
    "AT_ONCE",
    "Certified",
    "Done",
    "DoneTogether",
    "Proposal",
    "Reminding",
    "Said",
    "SlipDone",
    "Wanted",
    "accept_commitment",
    "accept_commitments",
    "act_on_note",
    "answer_finding",
    "answer_slip",
    "apply_for_closure",
    "approve_breakdown",
    "approve_slip",
    "ask_extension",
    "assign_commitment",
    "break_down_commitment",
    "brief_superior",
    "change_ladder",
    "change_lead",
    "change_programme_settings",
    "chase_answers",
    "chase_approvals",
    "chase_extensions",
    "chase_objections",
    "close_by_certificate",
    "close_commitment",
    "conclude_finding",
    "confirm_moves",
    "create_programme",
    "decide_extension",
    "decide_objection",
    "decline_commitment",
    "dispute_report",
    "draft_commitment",
    "drop_slip",
    "edit_commitment",
    "end_duty",
    "finish_period",
    "forget_sweeps",
    "forward_request",
    "insist_on_commitment",
    "instruct_commitment",
    "issue_commitment",
    "issue_link",
    "issue_programme",
    "judge_certified",
    "look_back_commitment",
    "miss_period",
    "move_some",
    "open_period",
    "pass_dates",
    "propose_breakdown",
    "propose_reminder",
    "propose_reminder_of_units",
    "propose_slip",
    "raise_objection",
    "raise_request",
    "re_date_commitment",
    "read_brief",
    "recall_application",
    "record_authority",
    "record_finding",
    "record_plan",
    "reissue_commitment",
    "remind_commitment",
    "remind_units",
    "reopen_commitment",
    "reply_to_request",
    "report_on_commitment",
    "report_on_commitments",
    "require_mover",
    "resume_commitment",
    "return_commitment",
    "review_duty",
    "revoke_link",
    "send_back_slip",
    "settle_slip",
    "share_in_commitment",
    "suspend_commitment",
    "take_back_request",
    "take_steps",
    "tell_certified",
    "uphold_closure",
    "verify_commitment",
    "withdraw_commitment",
    "withdraw_slip",
    "write_certified",
]
