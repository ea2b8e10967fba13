"""What can be done to a commitment（动作）."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from luoshi.rules.refusals import gettext_noop

_ = gettext_noop


class Act(StrEnum):
    """What can be done to a commitment（动作）. The value is the word used in addresses and in the API."""

    EDIT = "edit"
    ISSUE = "issue"
    ACCEPT = "accept"
    DECLINE = "decline"
    INSIST = "insist"
    REISSUE = "reissue"
    ASSIGN = "assign"
    APPROVE_BREAKDOWN = "approve-breakdown"
    BREAK_DOWN = "break-down"
    REPORT = "report"
    SHARE = "share"
    DISPUTE = "dispute"
    RETURN = "return"
    APPLY = "apply"
    RECALL = "recall"
    VERIFY = "verify"
    CLOSE = "close"
    CERTIFY = "certify"
    REOPEN = "reopen"
    UPHOLD = "uphold"
    LOOK_BACK = "look-back"
    SUSPEND = "suspend"
    RESUME = "resume"
    WITHDRAW = "withdraw"
    CHANGE_LEAD = "change-lead"
    ASK_EXTENSION = "ask-extension"
    DECIDE_EXTENSION = "decide-extension"
    RE_DATE = "re-date"
    REQUEST = "request"
    REPLY = "reply"
    FORWARD = "forward-request"
    TAKE_BACK = "take-back-request"
    INSTRUCT = "instruct"
    REMIND = "remind"
    PROPOSE_SLIP = "propose-slip"
    FIND = "find"
    ANSWER = "answer"
    CONCLUDE = "conclude"
    OBJECT = "object"
    DECIDE_OBJECTION = "decide-objection"
    ISSUE_LINK = "issue-link"
    REVOKE_LINK = "revoke-link"
    OPEN_PERIOD = "open-period"
    FINISH_PERIOD = "finish-period"
    MISS_PERIOD = "miss-period"
    REVIEW_DUTY = "review-duty"
    END_DUTY = "end-duty"


ACT_NAMES: Mapping[Act, str] = MappingProxyType(
    {
        Act.EDIT: _("Edit the draft"),
        Act.ISSUE: _("Issue"),
        Act.ACCEPT: _("Accept"),
        Act.DECLINE: _("Decline"),
        Act.INSIST: _("Insist"),
        Act.REISSUE: _("Issue to another unit"),
        Act.ASSIGN: _("Name who does it"),
        Act.APPROVE_BREAKDOWN: _("Approve a deeper breakdown"),
        Act.BREAK_DOWN: _("Break down"),
        Act.REPORT: _("Report"),
        Act.SHARE: _("Report our share"),
        Act.DISPUTE: _("Dispute a report made for us"),
        Act.RETURN: _("Return"),
        Act.APPLY: _("Apply for closure"),
        Act.RECALL: _("Take the application back"),
        Act.VERIFY: _("Verify"),
        Act.CLOSE: _("Close"),
        Act.CERTIFY: _("Close by a certificate"),
        Act.REOPEN: _("Reopen"),
        Act.UPHOLD: _("Let the closing stand"),
        Act.LOOK_BACK: _("Look back"),
        Act.SUSPEND: _("Suspend"),
        Act.RESUME: _("Resume"),
        Act.WITHDRAW: _("Withdraw"),
        Act.CHANGE_LEAD: _("Change the lead"),
        Act.ASK_EXTENSION: _("Ask for an extension"),
        Act.DECIDE_EXTENSION: _("Decide the extension"),
        Act.RE_DATE: _("Move the date"),
        Act.REQUEST: _("Ask the superior"),
        Act.REPLY: _("Reply to a request"),
        Act.FORWARD: _("Forward the question upward"),
        Act.TAKE_BACK: _("Take the question back"),
        Act.INSTRUCT: _("Write an instruction"),
        Act.REMIND: _("Remind"),
        Act.PROPOSE_SLIP: _("Propose a slip"),
        Act.FIND: _("Record a finding"),
        Act.ANSWER: _("Answer a finding"),
        Act.CONCLUDE: _("Conclude a finding"),
        Act.OBJECT: _("Object"),
        Act.DECIDE_OBJECTION: _("Decide an objection"),
        Act.ISSUE_LINK: _("Make a short link"),
        Act.REVOKE_LINK: _("Cancel a short link"),
        Act.OPEN_PERIOD: _("Open the next period"),
        Act.FINISH_PERIOD: _("Finish the period"),
        Act.MISS_PERIOD: _("Mark the period as missed"),
        Act.REVIEW_DUTY: _("Review the duty"),
        Act.END_DUTY: _("End the duty"),
    }
)

REPLY_ACTS: Mapping[str, str] = MappingProxyType(
    {
        "": _("Nothing: the words are the reply"),
        "extend": _("The date is moved"),
        "change-lead": _("Another unit takes the lead"),
        "suspend": _("The task is suspended"),
        "withdraw": _("The task is withdrawn"),
    }
)
"""What a reply（批复）may change in the same act; the table decides whether it may."""

BY_LIST = frozenset({Act.CERTIFY})
"""Acts done to a list only, by the application that answers for the list; no page of one commitment offers them."""

WORDLESS = frozenset(
    {
        Act.ISSUE,
        Act.ACCEPT,
        Act.DECLINE,
        Act.INSIST,
        Act.REISSUE,
        Act.ASSIGN,
        Act.BREAK_DOWN,
        Act.REMIND,
        Act.RETURN,
        Act.APPLY,
        Act.RECALL,
        Act.VERIFY,
        Act.CLOSE,
        Act.REOPEN,
        Act.UPHOLD,
        Act.LOOK_BACK,
        Act.SUSPEND,
        Act.RESUME,
        Act.WITHDRAW,
        Act.CHANGE_LEAD,
        Act.RE_DATE,
    }
)
"""Acts open to an off-system item（离线办理）: they change its state and need no words; what is said stays on paper."""
