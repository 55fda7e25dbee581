"""Sessions that end after 14 days without use, and 30 days after the log-in in any case."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db
from django.http import HttpRequest
from django.utils import timezone

LONGEST = timedelta(days=30)
RENEWED = timedelta(days=1)  # a request writes it down at most once in so long
BEGAN = "began"


class SessionStore(db.SessionStore):
    """Django's, under the same name, so that sessions of before stay readable."""

    def load(self) -> dict[str, Any]:
        row: Any = self._get_session_from_db()  # type: ignore[attr-defined]
        if row is None:
            return {}
        data: dict[str, Any] = self.decode(row.session_data)
        if SESSION_KEY in data and BEGAN not in data:  # of a version that did not note it
            data[BEGAN] = timezone.now().timestamp()
            self.modified = True
        self._session_cache = data  # what is asked next looks there
        if SESSION_KEY in data and self.get_expiry_date() - row.expire_date > RENEWED:
            self.modified = True
        return data

    def get_expiry_date(self, **given: Any) -> datetime:
        idle = super().get_expiry_date(**given)
        began = self.get(BEGAN)
        if not began:
            return idle
        return min(idle, datetime.fromtimestamp(began, timezone.get_default_timezone()) + LONGEST)

    def get_expiry_age(self, **given: Any) -> int:
        """For the cookie."""
        left = self.get_expiry_date() - timezone.now()
        return min(super().get_expiry_age(**given), int(left.total_seconds()))


def note_log_in(request: HttpRequest, **_facts: Any) -> None:
    request.session[BEGAN] = timezone.now().timestamp()
