"""Sessions as the database keeps them（会话）: every page asks for one, so the statement is composed once."""

from __future__ import annotations

from django.contrib.sessions.backends.db import SessionStore as Stored
from django.contrib.sessions.models import Session
from django.utils import timezone

from luoshi.accounts.adapters import Kept

_SESSION: Kept[Session] = Kept(1, lambda key: Session.objects.filter(session_key=key))
"""When it ends is compared here, by the clock of the door, not by the database's."""


class SessionStore(Stored):
    """Django's own in all but the finding."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """The table is Django's."""
        return Session

    def _get_session_from_db(self) -> Session | None:
        key = self.session_key
        found = next(iter(_SESSION.ask(key)), None) if key is not None else None
        if found is not None and found.expire_date > timezone.now():
            return found
        self._session_key = None  # an unknown one is never taken over from a browser
        return None
