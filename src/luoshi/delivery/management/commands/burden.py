"""``luoshi burden --as USERNAME [--unit NAME]``: what is asked within an area, and what it costs a week."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from luoshi.delivery.queries.asked import burden_of
from luoshi.rules import paths
from luoshi.rules.calendar import local_day
from luoshi.rules.refusals import Refused
from luoshi.ui.sentences import sentence
from luoshi.units.queries import actor_for, find_unit, unit_in_scope, user_named


class Command(BaseCommand):
    """负担: exit code 0, or 1 with one sentence on standard error."""

    help = "List what is asked within an area, by what it costs a week, and the areas below in the order of the tree."

    def add_arguments(self, parser: CommandParser) -> None:
        """For whom, and where."""
        parser.add_argument("--as", dest="username", required=True, metavar="USERNAME", help="who looks")
        parser.add_argument("--post", metavar="REF", help="the post looked from, when the person holds several")
        parser.add_argument("--unit", default="", metavar="NAME", help="name or code of the area; one's own without")

    def handle(self, *args: Any, **options: Any) -> None:
        """One line an ask, then one an area: minutes a week, tab-separated."""
        at = timezone.now()
        try:
            actor = actor_for(user_named(options["username"]), post_ref=options["post"], at=at)
            wanted = find_unit(options["unit"]).pk if options["unit"] else paths.own_id(actor.effective.area_path)
            found = burden_of(actor, unit_in_scope(actor, wanted), today=local_day(at))
        except Refused as refused:
            raise CommandError(f"{sentence(refused)} [{refused.code}]", returncode=1) from refused
        for ask in found.asks:
            told = [f"{ask.weekly:.0f}", f"{ask.weekly_each:.1f}", str(ask.units), ask.cadence, ask.ref, ask.title]
            self.stdout.write("\t".join(told))
        for place in (found.own, *found.below):
            told = [f"{place.weekly:.0f}", f"{place.weekly_each:.1f}", str(place.units), str(place.asks)]
            self.stdout.write("\t".join([*told, place.unit.name]))
        told_all = {"unit": found.unit.name, "n": round(found.weekly)}
        self.stdout.write(_("%(unit)s: about %(n)s minutes a week in all.") % told_all)
