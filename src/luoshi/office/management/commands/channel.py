"""``luoshi channel``: list, add, try, disable, enable, give a new key, look at deliveries, send again."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext

from luoshi.office import services
from luoshi.office.models import DeliveryState, Outlet
from luoshi.office.queries import channels as queries
from luoshi.office.services.channels import KINDS
from luoshi.rules.permissions import SYSTEM
from luoshi.units.queries import find_unit

NUMBER = "its number in the list"


class Command(BaseCommand):
    """渠道: the ways by which messages leave the house."""

    help = "List the channels, or add, try, disable, enable one, give it a new key, send again what was given up."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to do, and with which channel."""
        acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
        acts.add_parser("list", help="every channel, its state and its last error")
        add = acts.add_parser("add", help="add a channel; the key made for it is printed once")
        add.add_argument(
            "kind", choices=[kind.value for kind in KINDS], help="webhook, wecom, dingtalk, feishu, sms, voice"
        )
        add.add_argument("name", help="as people call it")
        add.add_argument("address", help="begins with https://; “-” reads it from standard input")
        add.add_argument("--unit", default="", help="name or code; without it the unit at the top")
        add.add_argument("--below", action="store_true", help="also messages to units below it")
        add.add_argument("--urgent-only", action="store_true", help="alarms only")
        add.add_argument("--titles", action="store_true", help="titles, too; without it only that something waits")
        add.add_argument("--secret", default="", help="what a DingTalk or Feishu bot signs with")
        for name, told in (
            ("test", "send a test message at once"),
            ("enable", "enable it again; what has waited at most seven days goes out"),
            ("key", "give a webhook or gateway a new key and print it once"),
        ):
            acts.add_parser(name, help=told).add_argument("channel", type=int, help=NUMBER)
        disable = acts.add_parser("disable", help="disable it; what waits for it is given up")
        disable.add_argument("channel", type=int, help=NUMBER)
        disable.add_argument("--why", default="", help="the reason, kept with the channel")
        look = acts.add_parser("deliveries", help="what was sent by it, newest first")
        look.add_argument("channel", type=int, help=NUMBER)
        look.add_argument("--state", default="", choices=["", *DeliveryState.values], help="only those of a state")
        repeat = acts.add_parser("repeat", help="send again what was given up, under the key it has always had")
        repeat.add_argument("channel", type=int, help=NUMBER)
        repeat.add_argument("--delivery", type=int, default=None, help="only this one")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it; what is refused is one line on standard error and exit code 1."""
        getattr(self, f"_{options['act']}")(options)

    def _list(self, options: dict[str, Any]) -> None:
        for row in queries.listed(SYSTEM):
            self.stdout.write(self._line(row))

    def _line(self, row: Outlet) -> str:
        state = gettext("dead, disabled") if row.died else gettext("enabled") if row.enabled else gettext("disabled")
        told = [str(row.pk), row.get_kind_display(), row.name, row.unit.name, row.host or "—", state]
        return "  ".join([*told, row.error_text]).rstrip()

    def _add(self, options: dict[str, Any]) -> None:
        address = input() if options["address"] == "-" else options["address"]
        unit = find_unit(options["unit"]).pk if options["unit"] else None
        made, key = services.add_channel(
            actor=SYSTEM,
            kind=options["kind"],
            name=options["name"],
            address=address,
            unit_id=unit,
            below=options["below"],
            urgent_only=options["urgent_only"],
            discreet=not options["titles"],
            secret=options["secret"],
            at=timezone.now(),
        )
        self.stdout.write(self._line(made))
        self._key_line(made, key)

    def _key_line(self, row: Outlet, key: str) -> None:
        if key:
            self.stdout.write(f"{row.key_id} {key}")

    def _test(self, options: dict[str, Any]) -> None:
        row = services.try_channel(options["channel"], actor=SYSTEM, at=timezone.now())
        if row.state != DeliveryState.SENT:
            tries = list(row.tries.all())
            error = tries[-1].error_text if tries else row.error_text
            told = gettext("The test message was not taken: %(error)s") % {"error": error}
            raise CommandError(told, returncode=1)
        self.stdout.write(gettext("The test message was taken."))

    def _disable(self, options: dict[str, Any]) -> None:
        at = timezone.now()
        self.stdout.write(
            self._line(services.disable_channel(options["channel"], actor=SYSTEM, why=options["why"], at=at))
        )

    def _enable(self, options: dict[str, Any]) -> None:
        self.stdout.write(self._line(services.enable_channel(options["channel"], actor=SYSTEM, at=timezone.now())))

    def _key(self, options: dict[str, Any]) -> None:
        self._key_line(*services.change_channel_key(options["channel"], actor=SYSTEM, at=timezone.now()))

    def _deliveries(self, options: dict[str, Any]) -> None:
        found = queries.outlet(SYSTEM, options["channel"])
        rows, _following = queries.deliveries_of_outlet(found, state=options["state"], limit=200)
        for row in rows:
            when = timezone.localtime(row.message.created_at).strftime("%Y-%m-%d %H:%M")
            told = [str(row.pk), when, row.message.post.ref, row.get_state_display(), str(row.attempts)]
            self.stdout.write("  ".join([*told, row.error_text]).rstrip())

    def _repeat(self, options: dict[str, Any]) -> None:
        at = timezone.now()
        count = services.repeat_deliveries(options["channel"], actor=SYSTEM, at=at, delivery_id=options["delivery"])
        self.stdout.write(str(count))
