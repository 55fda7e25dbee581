"""The one app."""

from typing import Any

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in


class GenerationConfig(AppConfig):
    name = "generation"

    def ready(self) -> None:
        from generation import checks  # noqa: F401  registers the system checks
        from generation.web import account_acts  # noqa: F401  listens to allauth's signals

        user_logged_in.connect(choose_team)


def choose_team(*, request: Any, user: Any, **_more: Any) -> None:
    """Each session works in one team from its log-in on."""
    from generation.web.shortcuts import begin_in_team  # after the models

    begin_in_team(request, user)
