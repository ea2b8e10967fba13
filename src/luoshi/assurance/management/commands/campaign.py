"""``luoshi campaign ACT REF --as USERNAME``: campaigns from the command line, by the same rules as on the page."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from luoshi.assurance import services
from luoshi.assurance.queries import campaigns as reads
from luoshi.assurance.schemas.campaigns import CAMPAIGN_ACTS, ExceptCommitment, GiveReason, propose
from luoshi.delivery.management.acting import ActingCommand
from luoshi.delivery.schemas.performing import fit
from luoshi.office.models import Job
from luoshi.rules.campaigns import STAGE_NAMES, CampaignAct
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused

LIST, PROPOSE, FRAME, ORDER, EXCEPT, WITHDRAW = "list", "propose", "frame", "order", "except", "withdraw"


class Command(ActingCommand):
    """抽查: exit code 0 done, 1 refused with one sentence on standard error, 2 wrong use."""

    help = "List campaigns, print a frame or an order, or do an act on a campaign or its certificate as a person."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which act on which campaign, by whom, on which version, with which words."""
        acts = [LIST, PROPOSE, FRAME, ORDER, *(act.value for act in CampaignAct), EXCEPT, WITHDRAW]
        parser.add_argument("act", choices=acts, metavar="ACT", help=", ".join(acts))
        parser.add_argument("ref", nargs="?", metavar="REF", help="the campaign's or certificate's number")
        super().add_arguments(parser)

    def act(self, actor: Actor, options: dict[str, Any], data: dict[str, Any], at: datetime) -> None:
        """List, print, or do the act."""
        act = options["act"]
        if act == LIST:
            for row in reads.campaigns_seen(actor).order_by("-id")[:200]:
                self.stdout.write(f"{row.ref}\t{row.version}\t{_(STAGE_NAMES[row.stage])}\t{row.title}")
            return
        if act == PROPOSE:
            done = propose(actor=actor, data=data, at=at)
            self.say(done.campaign.ref, STAGE_NAMES[done.campaign.stage], done.campaign.version, done.entry)
            return
        if options["ref"] is None:
            raise CommandError(_("Say which campaign; “luoshi campaign list” shows their numbers."), returncode=2)
        if act in (FRAME, ORDER):
            self.stdout.write(self._text(act, actor, options["ref"]), ending="")
        elif act in (EXCEPT, WITHDRAW):
            self._withdraw(act, actor, options["ref"], data, at)
        else:
            self._on_campaign(CampaignAct(act), actor, options, data, at)

    def _text(self, act: str, actor: Actor, ref: str) -> str:
        found = reads.campaign_for(actor, ref)
        if act == FRAME:
            return reads.frame_file(found)
        if not reads.sees_order(actor, found):
            raise Refused("campaign_not_yours")
        return reads.order_file(found)

    def _withdraw(self, act: str, actor: Actor, ref: str, data: dict[str, Any], at: datetime) -> None:
        if act == EXCEPT:
            told = fit(ExceptCommitment, data)
            done = services.except_commitment(actor=actor, certificate=ref, ref=told.ref, reason=told.reason, at=at)
        else:
            done = services.withdraw_certificate(
                actor=actor, certificate=ref, reason=fit(GiveReason, data).reason, at=at
            )
        self.say(done.certificate.ref, _("withdrawn"), 1, done.entry)

    def _on_campaign(
        self, act: CampaignAct, actor: Actor, options: dict[str, Any], data: dict[str, Any], at: datetime
    ) -> None:
        ref = options["ref"]
        done = CAMPAIGN_ACTS.perform(act, ref, actor=actor, version=options["seen"], data=data, at=at)
        if isinstance(done, Job):
            self.stdout.write(_("%(job)s begins as job %(number)s.") % {"job": done.title_text, "number": done.pk})
            return
        found = reads.campaign_for(actor, ref)
        self.say(ref, STAGE_NAMES[found.stage], found.version, done.entry)
        for left, refused in getattr(done, "left_out", {}).items():
            self.stderr.write(f"{left}\t{refused.code}")
