"""``luoshi note --as USERNAME --data JSON``: what a leader's note asks for, by the same rules as on the page."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from luoshi.delivery import services
from luoshi.delivery.management.acting import ActingCommand
from luoshi.delivery.schemas.inputs import NoteInput
from luoshi.delivery.schemas.performing import fit
from luoshi.rules.lifecycle import STATE_NAMES, State
from luoshi.rules.permissions import Actor


class Command(ActingCommand):
    """批示办理: exit code 0 done, 1 refused with one sentence on standard error, 2 wrong use."""

    help = "Make of a leader's note what it asks for: an instruction on a task (field 'on'), or a new task."

    def act(self, actor: Actor, options: dict[str, Any], data: dict[str, Any], at: datetime) -> None:
        """Do it and say which task it became or stands on; ``--version`` is that of the task named by ``on``."""
        if options["seen"] is not None:
            data = {**data, "version": options["seen"]}
        done = services.act_on_note(actor=actor, at=at, **fit(NoteInput, data).values())
        found = done.commitment
        self.say(found.ref, STATE_NAMES[State(found.state)], found.version, done.entry)
