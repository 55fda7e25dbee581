"""The one app."""

from django.apps import AppConfig


class GenerationConfig(AppConfig):
    name = "generation"

    def ready(self) -> None:
        from generation import checks  # noqa: F401  registers the system checks
        from generation.web import account_acts  # noqa: F401  listens to allauth's signals
