"""The one app."""

from typing import Any

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.db import connections
from django.db.models.signals import post_migrate


class GenerationConfig(AppConfig):
    name = "generation"

    def ready(self) -> None:
        from allauth.account.signals import password_changed, password_reset, password_set

        from generation import checks  # noqa: F401  registers the system checks
        from generation.engine import notices  # noqa: F401  hears of the moves of tasks
        from generation.forms.known_device import note_own_device
        from generation.web import account_acts  # noqa: F401  listens to allauth's signals
        from generation.web.recent_login import count_login
        from generation.web.sessions import note_log_in

        post_migrate.connect(mend_search, sender=self)
        for begin in (note_log_in, count_login, choose_team):
            user_logged_in.connect(begin)
        for changed in (password_changed, password_reset, password_set):
            changed.connect(note_own_device)


def mend_search(*, using: str, **_more: Any) -> None:
    from generation.models.search import keep_index  # after the models

    keep_index(connections[using])


def choose_team(*, request: Any, user: Any, **_more: Any) -> None:
    """Each session works in one team from its log-in on."""
    from generation.web.shortcuts import begin_in_team  # after the models

    begin_in_team(request, user)
