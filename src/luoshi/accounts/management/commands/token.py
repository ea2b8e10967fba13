"""``luoshi token USERNAME``: make an API token and print it once."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext

from luoshi.accounts import services
from luoshi.accounts.models import User
from luoshi.rules.permissions import SYSTEM
from luoshi.rules.refusals import Refused


class Command(BaseCommand):
    """Make an API token（签发令牌）."""

    help = "Make an API token for a person and print it once; only its digest is kept."

    def add_arguments(self, parser: CommandParser) -> None:
        """Who, from which post, for how long."""
        parser.add_argument("username")
        parser.add_argument("--post", default="", metavar="REF", help="the post the token acts from")
        parser.add_argument("--days", type=int, default=90, help="how many days it is valid (1-366)")
        parser.add_argument("--name", default="command line", help="what the token is for")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the token on standard output, or a sentence on standard error with exit code 1."""
        user = User.objects.filter(username=options["username"], is_active=True).first()
        if user is None:
            raise CommandError(gettext("There is no person “%(name)s”.") % {"name": options["username"]}, returncode=1)
        try:
            _token, plain = services.create_token(
                user=user,
                name=options["name"],
                actor=SYSTEM,
                at=timezone.now(),
                post_ref=options["post"],
                days=options["days"],
            )
        except Refused as refusal:
            raise CommandError(gettext(refusal.template) % refusal.params, returncode=1) from refusal
        self.stdout.write(plain)
